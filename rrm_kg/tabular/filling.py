"""The rows of a template: those of a recorded case, or one that shows how a thing is written."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

import pyoxigraph as ox

from rrm_kg import parse
from rrm_kg.errors import RrmError
from rrm_kg.tabular.cells import BETWEEN, Names, Term
from rrm_kg.tabular.sheets import Column, Sheet, sheet, sheets
from rrm_kg.terms import RDF_TYPE, RRM
from rrm_kg.vocabulary import NAMES, Vocabulary, vocabulary


@dataclass(frozen=True)
class Filled:
    """A sheet with its rows: the identifier of each, and the texts of its cells by the column's place from zero."""

    sheet: Sheet
    rows: tuple[tuple[str, dict[int, str]], ...]


def filled(case: str | None, lang: str, *, apart: bool = False) -> tuple[Filled, ...]:
    """The sheets of a case in a language, in their order, with the rows of a recorded case where one is named.

    ``apart`` is for files that are read one by one: then only things of the same sheet go by their short names.
    Raises RrmError E226 for a case that is not recorded.
    """
    words = vocabulary()
    held = things(case, words)
    classes = [one.cls for one in sheets(words, lang)]
    classes += sorted({cls for cls, _ in held.values()} - set(classes))
    names = Names(words)
    for iri, (cls, said) in held.items():
        _make_known(names, iri, cls, said)
    found = []
    for cls in classes:
        own = {iri: said for iri, (kind, said) in held.items() if kind == cls}
        known = names
        if apart:
            known = Names(words)
            for iri, said in own.items():
                _make_known(known, iri, cls, said)
        found.append(_fill(sheet(words, cls, lang), own, known, lang))
    return tuple(found)


def things(case: str | None, words: Vocabulary) -> dict[str, tuple[str, list[ox.Triple]]]:
    """The things of a recorded case, each with its class and what is said of it."""
    if case is None:
        return {}
    if case not in words.files:
        raise RrmError("E226", given=case, known=", ".join(sorted(words.files)))
    source = words.files[case]
    said: dict[str, list[ox.Triple]] = defaultdict(list)
    for triple in parse.parse_turtle(source.data, source.path):
        said[_text(triple.subject)].append(triple)
    return {iri: (_class(triples), triples) for iri, triples in said.items()}


def _make_known(names: Names, iri: str, cls: str, said: list[ox.Triple]) -> None:
    """What a reader knows of a thing whose row it has seen: its identifier and its names."""
    names.add(iri, cls, iri.rsplit("/", 1)[-1])
    for triple in said:
        if triple.predicate.value in NAMES:
            names.add(iri, cls, _text(triple.object))


def _class(said: list[ox.Triple]) -> str:
    return str(next(_text(triple.object) for triple in said if triple.predicate.value == RDF_TYPE))


def _fill(page: Sheet, things: dict[str, list[ox.Triple]], names: Names, lang: str) -> Filled:
    """The sheet with a row for each thing, and with further columns for what its own cannot hold."""
    columns = list(page.columns)
    rows = []
    for iri, said in things.items():
        row: dict[int, str] = {}
        reported = next((_text(t.object) for t in said if t.predicate.value == RRM + "property"), None)
        for triple in said:
            if triple.predicate.value == RDF_TYPE and _text(triple.object) == page.cls:
                continue
            place, written = _place(triple.predicate.value, triple.object, columns, row, names, lang, reported)  # type: ignore[arg-type]
            row[place] = row[place] + BETWEEN + written if place in row else written
        rows.append((names.identifier(iri, page.cls), row))
    return Filled(replace(page, columns=tuple(columns)), tuple(rows))


def _place(
    iri: str, value: Term, columns: list[Column], row: dict[int, str], names: Names, lang: str, reported: str | None
) -> tuple[int, str]:
    """The column that holds a value, a new one where none does, and the text of its cell."""
    literal = isinstance(value, ox.Literal)
    language = value.language if isinstance(value, ox.Literal) else None
    for place, column in enumerate(columns):
        if column.predicate != iri or (literal and column.language != language):
            continue
        if place in row and names.words.property(iri).form != "reference":
            continue
        written = names.written(value, column, lang, reported)
        if written is not None:
            return place, written
    datatype = value.datatype.value if isinstance(value, ox.Literal) and not language else None
    for column in (Column(iri, language), Column(iri, None, datatype)):
        written = names.written(value, column, lang, reported)
        if written is not None:
            columns.append(column)
            return len(columns) - 1, written
    raise ValueError(f"no cell holds {value}")


def example(page: Sheet, lang: str) -> tuple[str, dict[int, str]] | None:
    """The row of a recorded thing that fills the most columns of a sheet; None where nothing is recorded."""
    words = vocabulary()
    things = {iri: said for iri, said in words.things.items() if page.cls in words.types.get(iri, ())}
    home = [iri for iri in things if iri.startswith(_largest(words), len(words.kind(page.cls)))] or list(things)
    if not home:
        return None
    held = {column.predicate for column in page.columns}
    best = min(home, key=lambda iri: (-len({t.predicate.value for t in things[iri]} & held), len(iri), iri))
    kept = [t for t in things[best] if t.predicate.value in held or t.predicate.value == RDF_TYPE]
    names = Names(words)
    for iri in words.in_cases:
        names.kinds[iri] = words.types[iri]
        names.by_name[iri.rsplit("/", 1)[-1]].add(iri)
    done = _fill(page, {best: kept}, names, lang)
    identifier, row = done.rows[0]
    return identifier, {place: written for place, written in row.items() if place < len(page.columns)}


def _largest(words: Vocabulary) -> str:
    """The recorded case about which most is said."""
    return max(sorted(words.files), key=lambda case: len(words.files[case].data))


def _text(term: Any) -> str:
    return str(term.value)
