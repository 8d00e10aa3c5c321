"""The sheets on which a case is written: a class is a sheet and a property a column."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import pyoxigraph as ox

from rrm_kg.errors import LANGUAGES, text
from rrm_kg.terms import RDF, RDF_TYPE, SKOS, expand, shorten
from rrm_kg.vocabulary import SHEETS, Vocabulary

_ALL: Final = 1_000_000
_IN: Final = {"en": "template-in-en", "es": "template-in-es"}


@dataclass(frozen=True)
class Column:
    """A column of a sheet: a property, and a language or a datatype where its texts are of one.

    ``mark`` is ``*`` where every row needs it, ``(*)`` where one of the columns so marked is enough, else empty.
    """

    predicate: str
    language: str | None = None
    datatype: str | None = None
    mark: str = ""
    single: bool = False

    @property
    def name(self) -> str:
        """What the reader goes by: ``rrm:date``, ``rrm:summary@es``, ``rrm:value^^xsd:string``."""
        suffix = f"@{self.language}" if self.language else f"^^{shorten(self.datatype)}" if self.datatype else ""
        return shorten(self.predicate) + suffix

    @classmethod
    def named(cls, name: str) -> Column | None:
        """The column with a name; None where it is not one."""
        found = _COLUMN.match(name)
        iri = expand(found["property"]) if found else None
        datatype = expand(found["datatype"]) if found and found["datatype"] else None
        if found is None or iri is None or (found["datatype"] and datatype is None):
            return None
        try:
            ox.NamedNode(iri), ox.NamedNode(datatype or iri), ox.Literal("", language=found["language"] or "en")
        except ValueError:
            return None
        return cls(iri, found["language"], datatype)


_COLUMN: Final = re.compile(
    r"\s*(?P<property><[^<>\s]+>|[^\s@^]+)(?:@(?P<language>[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)|\^\^(?P<datatype>\S+))?\s*\Z"
)


@dataclass(frozen=True)
class Sheet:
    """The sheet of a class, with its columns from left to right; the identifier stands before them."""

    cls: str
    columns: tuple[Column, ...]

    @property
    def local(self) -> str:
        """The name of the class without its namespace."""
        return re.split("[#/]", self.cls)[-1]


def sheets(words: Vocabulary, lang: str) -> tuple[Sheet, ...]:
    """The sheets of a case, in the order in which they are filled; of two texts, that in the language is first."""
    return tuple(sheet(words, cls, lang) for cls in _order())


def sheet(words: Vocabulary, cls: str, lang: str) -> Sheet:
    """The sheet of a class: the columns that its shapes ask for, that recorded cases use, and that are its own."""
    above = words.above(cls)
    required: dict[str, set[str]] = defaultdict(set)
    for one in above:
        for path, languages in words.required[one].items():
            required[path] |= languages
    single = set().union(*(words.single[one] for one in above))
    used = words.used[cls]
    own = words.own(cls)
    wanted = sorted(required.keys() | used.keys() | own, key=lambda p: (_mean(used.get(p, [])), p))
    columns = [c for p in wanted if p != RDF_TYPE for c in _columns(words, p, lang, required.get(p), p in single)]
    return Sheet(cls, tuple(columns))


def _columns(words: Vocabulary, iri: str, lang: str, required: set[str] | None, single: bool) -> Iterator[Column]:
    if words.property(iri).form != "text":
        yield Column(iri, mark="*" if required is not None else "", single=single)
        return
    for language in sorted(LANGUAGES, key=lambda one: one != lang):
        mark = "" if required is None else "*" if language in required else "" if required - {""} else "(*)"
        yield Column(iri, language, mark=mark, single=single)


def heading(column: Column, lang: str, words: Vocabulary) -> str:
    """The title of a column for readers of a language: the name of the property, its language, the mark."""
    parts = [words.label(column.predicate, lang)]
    if column.language in _IN:
        parts.append(f"({text(_IN[column.language], lang)})")
    elif column.language or column.datatype:
        parts.append(f"({column.language or re.split('[#/]', column.datatype or '')[-1]})")
    joined = " ".join(parts)
    return f"{joined[0].upper()}{joined[1:]} {column.mark}".strip()


def sheet_title(sheet: Sheet, lang: str, words: Vocabulary) -> str:
    """The title of a sheet, in at most the 31 characters that spreadsheets allow."""
    label = re.sub(r"[\[\]:*?/\\']", " ", words.label(sheet.cls, lang))
    return f"{label[0].upper()}{label[1:]}"[:31].strip()


@cache
def _order() -> tuple[str, ...]:
    """The classes that have a sheet of their own, in order."""
    store = ox.Store()
    store.load(path=SHEETS, format=ox.RdfFormat.TURTLE)
    (head,) = (q.object for q in store.quads_for_pattern(None, ox.NamedNode(SKOS + "memberList"), None))
    found: list[str] = []
    while isinstance(head, ox.BlankNode):
        said = {q.predicate.value: q.object for q in store.quads_for_pattern(head, None, None)}
        found.append(said[RDF + "first"].value)  # type: ignore[union-attr]
        head = said[RDF + "rest"]
    return tuple(found)


def _mean(places: list[float]) -> float:
    return sum(places) / len(places) if places else _ALL
