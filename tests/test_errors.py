"""Every error has a text, a hint and an explanation in both languages, and is used."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from rrm_kg import errors
from rrm_kg.commands import wording

CODE = Path(errors.__file__).parent
WORDED = (".py", ".jinja")
USED = sorted({c for path in CODE.rglob("*.py") for c in re.findall(r'"(E\d{3})"', path.read_text(encoding="utf-8"))})


def test_every_code_is_documented_and_used() -> None:
    assert list(errors.documented_codes()) == USED


@pytest.mark.parametrize("code", errors.documented_codes())
def test_the_texts_are_whole_in_both_languages(code: str) -> None:
    blanks = []
    for lang in errors.LANGUAGES:
        for role in ("prefLabel", "comment", "definition"):
            assert errors.raw(code, role, lang)
        both = errors.raw(code, "prefLabel", lang) + errors.raw(code, "comment", lang)
        blanks.append({name for _, name, _, _ in string.Formatter().parse(both) if name})
    assert blanks[0] == blanks[1]


def test_the_first_digit_is_the_exit_code() -> None:
    assert errors.RrmError("E301", where="here").exit_code == 3
    assert str(errors.RrmError("E301", where="here")).startswith("here: There is no ontology here")


def test_every_text_of_the_interface_is_in_both_languages_and_used() -> None:
    keys = {key for key, _, _ in errors._texts()}
    for key in keys:
        for lang in errors.LANGUAGES:
            assert (key, "prefLabel", lang) in errors._texts(), (key, lang)
    sources = "".join(path.read_text(encoding="utf-8") for path in CODE.rglob("*") if path.suffix in WORDED)
    quoted = set(re.findall(r"""["'][\w-]+["']""", sources))
    unused = [k for k in keys if not k.startswith(("E", "help", "click-")) and not {f'"{k}"', f"'{k}'"} & quoted]
    severities = {"Violation", "Warning", "Info"}
    assert [key for key in unused if key not in severities] == []


def test_the_words_of_the_command_line_library_are_its_own() -> None:
    sources = "".join(Path(module.__file__ or "").read_text(encoding="utf-8") for module in wording.MODULES)
    said = re.sub(r"\"\s*\n\s*\"", "", sources)  # a text over several lines
    ours = errors.translations("click-", "en")
    assert ours
    assert [words for words in ours if f'"{words}"' not in said and f"'{words}'" not in said] == []


@pytest.mark.parametrize("number", sorted(errors._REASONS))
def test_a_reason_of_the_system_is_said_in_the_language_of_the_reader(number: int) -> None:
    found = errors.reason(OSError(number, "in the words of the system"))
    error = errors.RrmError("E305", where="a.ttl", detail=found)
    assert isinstance(found, errors.Phrase)
    assert errors.text(found.key, "es") in error.message("es")
    assert errors.text(found.key, "en") in error.message("en")


def test_a_rare_reason_stays_in_the_words_of_the_system() -> None:
    assert errors.reason(OSError(5, "Input/output error")) == "Input/output error"
    assert errors.reason(OSError("something else")) == "something else"
