"""What goes wrong, with a code, a place and a hint.

The texts live in ``messages.ttl``, once, in English and Spanish; a code's first digit is the exit code.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("en", "es")
_CATALOGUE: Final = Path(__file__).with_name("messages.ttl")


@cache
def _texts() -> dict[tuple[str, str, str], str]:
    import pyoxigraph as ox

    texts: dict[tuple[str, str, str], str] = {}
    for triple in ox.parse(path=_CATALOGUE, format=ox.RdfFormat.TURTLE):
        if isinstance(triple.object, ox.Literal) and isinstance(triple.subject, ox.NamedNode):
            key = triple.subject.value.rsplit("/", 1)[-1]
            role = triple.predicate.value.rsplit("#", 1)[-1]
            texts[key, role, triple.object.language or ""] = triple.object.value
    return texts


def text(key: str, lang: str, **values: object) -> str:
    """The text of the interface behind a key, in a language, with its blanks filled."""
    return _texts()[key, "prefLabel", lang].format(**values)


def raw(key: str, role: str, lang: str) -> str:
    """A text of the catalogue with its blanks unfilled; ``role`` is prefLabel, comment or definition."""
    return _texts()[key, role, lang]


def translations(prefix: str, lang: str) -> dict[str, str]:
    """For each English text behind a key that begins so, the text in a language, both with their blanks unfilled."""
    found = [(key, words) for (key, role, one), words in _texts().items() if role == "prefLabel" and one == "en"]
    return {words: raw(key, "prefLabel", lang) for key, words in found if key.startswith(prefix)}


def has_text(key: str) -> bool:
    """Whether the interface has a text behind a key."""
    return (key, "prefLabel", LANGUAGES[0]) in _texts()


def documented_codes() -> tuple[str, ...]:
    """Every error code of the catalogue, in order."""
    return tuple(sorted({key for key, role, _ in _texts() if role == "comment"}))


@dataclass(frozen=True, init=False)
class Phrase:
    """A value of an error that is itself a text of the interface, said in the reader's language."""

    key: str
    values: dict[str, object]

    def __init__(self, key: str, **values: object) -> None:
        object.__setattr__(self, "key", key)
        object.__setattr__(self, "values", values)


@dataclass(frozen=True)
class Texts:
    """A value of an error that has a text of its own in each language."""

    by_language: Mapping[str, str]


def _said(values: dict[str, object], lang: str) -> dict[str, object]:
    return {name: _one(value, lang) for name, value in values.items()}


def _one(value: object, lang: str) -> object:
    if isinstance(value, Phrase):
        return text(value.key, lang, **_said(value.values, lang))
    return value.by_language[lang] if isinstance(value, Texts) else value


_REASONS: Final = {
    errno.EACCES: "reason-permission",
    errno.EADDRINUSE: "reason-in-use",
    errno.EADDRNOTAVAIL: "reason-not-ours",
    errno.EEXIST: "reason-there",
    errno.EISDIR: "reason-folder",
    errno.ELOOP: "reason-loop",
    errno.ENAMETOOLONG: "reason-long",
    errno.ENOENT: "reason-missing",
    errno.ENOSPC: "reason-full",
    errno.ENOTDIR: "reason-no-folder",
    errno.EPERM: "reason-permission",
    errno.EROFS: "reason-read-only",
}


def reason(error: BaseException) -> Phrase | str:
    """Why the system refused something, for a message in the reader's language; in the system's words where rare."""
    key = _REASONS.get(getattr(error, "errno", None) or 0)
    return Phrase(key) if key else str(getattr(error, "strerror", None) or error)


class RrmError(Exception):
    """An error that a user can understand: what is wrong, where, and what to do about it.

    ``code`` is a heading of docs/errors.md; ``exit_code`` is 1 for a graph that fails the gate, 2 for usage,
    3 for input that cannot be read, 4 for a failure of our own. ``others`` are what else is wrong with the same input,
    where all of it can be told at once (gathered).
    """

    others: tuple[RrmError, ...] = ()

    def __init__(self, code: str, *, where: str | None = None, **values: object) -> None:
        self.code = code
        self.where = where
        self.values = values
        super().__init__(code)

    @property
    def exit_code(self) -> int:
        return int(self.code[1])

    def message(self, lang: str = "en") -> str:
        """What is wrong, in one sentence."""
        return text(self.code, lang, **_said(self.values, lang))

    def hint(self, lang: str = "en") -> str:
        """What to do about it."""
        return raw(self.code, "comment", lang).format(**_said(self.values, lang))

    def explanation(self, lang: str = "en") -> str:
        """When the error occurs, for the documentation."""
        return raw(self.code, "definition", lang)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return "\n".join([f"{place}{self.message()} {self.hint()}", *map(str, self.others)])


def gathered(errors: Sequence[RrmError]) -> RrmError:
    """The first of some errors about one input, which carries the others."""
    first, *others = errors
    first.others = tuple(others)
    return first
