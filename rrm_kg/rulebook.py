"""The rules of the gate as a reader looks them up: what each wants, why, and an example of right and wrong."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rrm_kg import gate, prepared
from rrm_kg.errors import LANGUAGES, RrmError, documented_codes, raw, text
from rrm_kg.findings import Severity
from rrm_kg.graph import Sources
from rrm_kg.nearest import nearest
from rrm_kg.shapes import Shape

CONTRADICTION: Final = "owl-rl-contradiction"
_INSTALLED: Final = Path(__file__).parent / "share" / "examples"
_EXAMPLES: Final = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parent.parent / "tests"
CODE: Final = re.compile(r"E\d{3}\Z", re.IGNORECASE)
_FOLDERS: Final = ("shapes", "checks", "submission-rules")
_RANGE: Final = re.compile(r"\bR(\d+)-R(\d+)\b")
_DIRECTIVE: Final = re.compile(r"^(?:@prefix|@base|PREFIX|BASE)\b.*\n?", re.M)


@dataclass(frozen=True)
class Example:
    """Turtle that a rule accepts or finds fault with: a sentence about it, and its statements without the prefixes."""

    about: str
    turtle: str

    def beside(self, other: Example | None) -> str:
        """The statements that another example does not have; all of them where that leaves none."""
        statements = self.turtle.split("\n\n")
        shared = other.turtle.split("\n\n") if other else []
        own = [statement for statement in statements if statement not in shared]
        return "\n\n".join(own or statements)


@dataclass(frozen=True)
class Entry:
    """A shape or check query of a rule with its examples; None where there is none."""

    shape: Shape
    good: Example | None
    bad: Example | None


@dataclass(frozen=True)
class Failure:
    """An error by its code: when it occurs, what it says, and what to do about it, per language."""

    code: str
    when: dict[str, str]
    message: dict[str, str]
    remedy: dict[str, str]


def failure(code: str) -> Failure:
    """What is known of an error code (``E353``), in any case. Raises RrmError E224, which names the nearest ones."""
    wanted, known = code.upper(), documented_codes()
    if wanted not in known:
        raise RrmError("E224", name=code, nearest=", ".join(nearest(wanted, known, least=0)))
    roles = ("definition", "prefLabel", "comment")
    return Failure(wanted, *({lang: raw(wanted, role, lang) for lang in LANGUAGES} for role in roles))


def described(sources: Sources, kept: Path | None = None) -> dict[str, Shape]:
    """All that has a rule number, by the name that findings give it: shapes, check queries, the contradiction.

    In the order of rule and name. ``kept`` is the folder of the graph that is kept of these files (cache.entry).
    Raises RrmError E307 when the header of a check query is faulty.
    """
    queries = (_query(query) for query in gate.check_queries(sources.root))
    all_ = [*prepared.shapes(sources, kept).values(), *queries, _contradiction()]
    return {shape.iri: shape for shape in sorted(all_, key=lambda shape: (shape.rule, shape.iri))}


def _query(query: gate.CheckQuery) -> Shape:
    header = query.header
    name, description = (header.get(key, {}) for key in ("name", "description"))
    return Shape(
        f"queries/checks/{query.name}",
        header["id"],
        Severity.named(header["severity"]),
        name,
        description,
        header["message"],
    )


def _contradiction() -> Shape:
    return Shape(
        CONTRADICTION,
        "OWL",
        Severity.VIOLATION,
        {lang: text("rule-OWL", lang) for lang in LANGUAGES},
        {lang: raw("rule-OWL", "definition", lang) for lang in LANGUAGES},
        {lang: raw("contradiction", "prefLabel", lang).replace("{detail}", "…") for lang in LANGUAGES},
    )


def find(sources: Sources, name: str) -> tuple[Entry, ...]:
    """What stands under a rule number (``R19``) or the name of a shape or check query, in any case.

    A number that no shape bears leads to the shapes whose description says that they stand for it: ``R17-R22``.
    Raises RrmError E224, which names the nearest ones.
    """
    known = described(sources).values()
    wanted = name.strip().lower().removesuffix(".rq")
    found = [shape for shape in known if wanted in (shape.rule.lower(), _title(shape).lower())]
    found = found or [shape for shape in known if _stands_for(shape, wanted)]
    if not found:
        raise RrmError("E224", name=name, nearest=", ".join(_nearest(wanted, known)))
    return tuple(Entry(shape, *(_example(shape, which) for which in ("good", "bad"))) for shape in found)


def _title(shape: Shape) -> str:
    return re.split("[#/]", shape.iri)[-1].removesuffix(".rq")


def _stands_for(shape: Shape, wanted: str) -> bool:
    number = re.fullmatch(r"r(\d+)", wanted)
    return number is not None and int(number[1]) in stands_for(shape)


def stands_for(shape: Shape) -> frozenset[int]:
    """The numbers of rules that the description of a shape says it stands for: ``R17-R22``."""
    ranges = _RANGE.findall(shape.description.get("en", ""))
    return frozenset(number for first, last in ranges for number in range(int(first), int(last) + 1))


def _nearest(wanted: str, known: Collection[Shape]) -> list[str]:
    names = {name.lower(): name for shape in known for name in (shape.rule, _title(shape))}
    near = nearest(wanted, names, least=0.5)
    return [names[name] for name in near] or sorted({shape.rule for shape in known})[:3]


def _example(shape: Shape, which: str) -> Example | None:
    places = [_EXAMPLES / folder / _title(shape) / f"{which}.ttl" for folder in _FOLDERS]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        return None
    first, _, rest = path.read_text(encoding="utf-8").partition("\n")
    return Example(first.removeprefix("#").strip(), _DIRECTIVE.sub("", rest).strip("\n"))
