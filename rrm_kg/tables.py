"""Workbooks and CSV files as triples, and the cell in which each triple stands.

A sheet holds the things of one class, a row one thing, a column one property. A row of names, hidden in the templates,
says the class and the properties; without it the titles do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath
from typing import Final

import pyoxigraph as ox

from rrm_kg.errors import LANGUAGES, RrmError, gathered
from rrm_kg.findings import Where
from rrm_kg.tabular.cells import Names
from rrm_kg.tabular.pages import Page, bare, page_of, titles_of
from rrm_kg.tabular.sheets import Column, sheet
from rrm_kg.tabular.workbook import cell_name, grids
from rrm_kg.terms import RDF_TYPE, RRM
from rrm_kg.vocabulary import NAMES, Vocabulary, folded, slug, vocabulary

_MOST: Final = 200  # faults of a table that are told one by one
_TRIPLE = tuple[str, str, str]


def triples(data: bytes, name: str) -> list[ox.Triple]:
    """The triples of a workbook (``.xlsx``) or of a CSV file, in the order of its sheets and rows.

    Raises RrmError as workbook.grids does, E358 for a sheet that is none of the template's, E359 for such a column,
    E319 for two rows with one key; one error carries all that is wrong (RrmError.others).
    """
    found: dict[ox.Triple, None] = {}
    for cell in _cells(data, name):
        found.setdefault(cell.triple)
    return list(found)


def positions(data: bytes, name: str) -> Positions:
    """Where the triples of a workbook or a CSV file stand, that was accepted under this name."""
    return Positions(data, name)


class Positions:
    """The cell in which each triple of a workbook or a CSV file stands."""

    def __init__(self, data: bytes, name: str) -> None:
        self.triples: dict[_TRIPLE, Where] = {}
        self.properties: dict[tuple[str, str], Where] = {}
        self.subjects: dict[str, Where] = {}
        for cell in _cells(data, name):
            subject, predicate, value = cell.spo
            self.subjects.setdefault(
                subject, cell.where(name, "subject") if predicate == RDF_TYPE else cell.of_row(name)
            )
            self.triples.setdefault((subject, predicate, value), cell.where(name, "triple"))
            self.properties.setdefault((subject, predicate), cell.where(name, "property"))
            for column, place in cell.open:
                empty = Where(
                    name, cell.row, "property", place, cell.row, place + 1, "", cell.sheet, cell_name(cell.row, place)
                )
                self.properties.setdefault((subject, column.predicate), empty)

    def find(self, subject: str, predicate: str | None, value: str | None) -> Where | None:
        """The cell of a triple, else that of its property, even an empty one, else that of the identifier of its row.

        None when the file says nothing about the subject.
        """
        if predicate is not None:
            if value is not None and (subject, predicate, value) in self.triples:
                return self.triples[subject, predicate, value]
            if (subject, predicate) in self.properties:
                return self.properties[subject, predicate]
        return self.subjects.get(subject)


@dataclass(frozen=True)
class _Cell:
    """A triple, and the cell in which it was written. ``open`` are the columns that the row leaves empty."""

    triple: ox.Triple
    sheet: str | None
    row: int
    column: int
    text: str
    first: tuple[int, str]
    open: tuple[tuple[Column, int], ...] = ()

    @property
    def spo(self) -> _TRIPLE:
        """The texts of subject, predicate and object."""
        subject, value = self.triple.subject, self.triple.object
        assert not isinstance(subject, ox.Triple | ox.BlankNode)
        assert not isinstance(value, ox.Triple)
        return subject.value, self.triple.predicate.value, value.value

    def where(self, name: str, located_by: str) -> Where:
        place = cell_name(self.row, self.column)
        return Where(name, self.row, located_by, self.column, self.row, self.column + 1, self.text, self.sheet, place)

    def of_row(self, name: str) -> Where:
        column, written = self.first
        place = cell_name(self.row, column)
        return Where(name, self.row, "subject", column, self.row, column + 1, written, self.sheet, place)


class Table:
    """A table that was understood: its sheets, and what is meant by its cells. Raises RrmError as triples does.

    ``rows`` are the sheet and the row of each thing; ``coined`` what was written, by the IRI that it got because
    nothing goes by that name.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self.words = vocabulary()
        faults: list[RrmError] = []
        found = (page_of(grid, name, self.words, faults) for grid in grids(data, name, faults))
        self.pages = [page for page in found if page is not None]
        self.names = Names(self.words)
        self.subjects = _subjects(self.pages, name, self.names, faults)
        if faults:
            rest = len(faults) - _MOST
            more = [RrmError("E364", where=name, count=rest)] if rest > 0 else []
            raise gathered([*faults[:_MOST], *more])
        self.cases = sorted({iri for iri, kinds in self.names.kinds.items() if RRM + "Dispute" in kinds})
        self._choices: dict[tuple[str, tuple[str, ...]], dict[str, str]] = {}
        self.mechanisms = _mechanisms(self.pages, self.subjects, self.names)

    def cells(self) -> Iterator[_Cell]:
        """The triples with their cells, in the order of sheets and rows."""
        for page in self.pages:
            for row, cells in page.rows:
                subject = ox.NamedNode(self.subjects[id(page), row])
                self._take_steps(page, cells)
                yield from _row(page, row, cells, subject, self.names, self.cases)

    def _take_steps(self, page: Page, cells: dict[int, str]) -> None:
        """Let a step be that of the mechanism of the row."""
        only = self.cases[0] if len(self.cases) == 1 else ""
        case = _value(page, cells, RRM + "inDispute", self.names) or only
        self.names.steps = self.words.step_lists(self.mechanisms.get(case) or self.words.mechanism(case) or "")

    @cached_property
    def rows(self) -> dict[str, tuple[str | None, int]]:
        found: dict[str, tuple[str | None, int]] = {}
        for page in self.pages:
            for row, _ in page.rows:
                found.setdefault(self.subjects[id(page), row], (page.grid.title, row))
        return found

    @cached_property
    def coined(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for cell in self.cells():
            value = cell.triple.object
            iri = value.value if isinstance(value, ox.NamedNode) else cell.text
            if cell.text != iri and not any(iri in known for known in (self.names.kinds, self.words.types)):
                found.setdefault(iri, cell.text)
        return found

    def column(self, where: Where) -> Column | None:
        """The column of a cell; None for that of the identifiers."""
        page = self._page(where)
        return page.columns.get(where.column) if page else None

    def language(self, where: Where) -> str:
        """The language in which the titles of a cell's sheet are written."""
        page = self._page(where)
        if page is None:
            return LANGUAGES[0]
        written = {bare(title) for title in page.titles}
        shown = {lang: {bare(title) for title in titles_of(page.cls, self.words)[lang]} for lang in LANGUAGES}
        return max(LANGUAGES, key=lambda lang: len(written & shown[lang]))

    def choices(self, where: Where, column: Column) -> dict[str, str]:
        """The things that a cell may name, by each of their names in small letters; steps are those of the case."""
        self._stand_in(where)
        key = column.predicate, self.names.steps
        if key not in self._choices:
            self._choices[key] = self._choose(column)
        return self._choices[key]

    def _choose(self, column: Column) -> dict[str, str]:
        of = self.words.property(column.predicate)
        own = [iri for iri, kinds in self.names.kinds.items() if self.words.fits(iri, of, kinds)]
        offered = self.words.choices(of)
        if self.names.steps:
            meant = [one for one in offered if self.words.schemes.get(one, set()) & set(self.names.steps)]
            offered = meant or offered
        found: dict[str, str] = {}
        for iri in (*own, *offered):
            for name in self.words.names(iri) or [iri.rsplit("/", 1)[-1]]:
                found.setdefault(folded(name), iri)
        own_names = ((name, iri) for name, things in self.names.by_name.items() for iri in things & set(own))
        return found | dict(own_names)

    def typed(self, iri: str, where: Where, column: Column, lang: str) -> str | None:
        """What can be written into a cell for a thing."""
        self._stand_in(where)
        return self.names.written(ox.NamedNode(iri), column, lang)

    def _stand_in(self, where: Where) -> None:
        """Let a step be that of the mechanism of a cell's row."""
        page = self._page(where)
        if page is not None:
            self._take_steps(page, next((cells for row, cells in page.rows if row == where.line), {}))

    def _page(self, where: Where) -> Page | None:
        return next((page for page in self.pages if page.grid.title == where.sheet), None)


def _cells(data: bytes, name: str) -> Iterator[_Cell]:
    return Table(data, name).cells()


def _row(
    page: Page, row: int, cells: dict[int, str], subject: ox.NamedNode, names: Names, cases: list[str]
) -> Iterator[_Cell]:
    first = page.identifier if page.identifier in cells else min(cells)
    assert first is not None
    start = first, cells[first]
    reported = _value(page, cells, RRM + "property", names)
    empty = tuple((column, place) for place, column in page.columns.items() if place not in cells)
    yield _Cell(
        ox.Triple(subject, ox.NamedNode(RDF_TYPE), ox.NamedNode(page.cls)), page.grid.title, row, *start, start, empty
    )
    for place, column in page.columns.items():
        predicate = ox.NamedNode(column.predicate)
        if place in cells:
            for value, part in names.terms(cells[place], column, reported):
                yield _Cell(ox.Triple(subject, predicate, value), page.grid.title, row, place, part, start)
    given = {column.predicate for place, column in page.columns.items() if place in cells}
    if len(cases) == 1 and RRM + "inDispute" not in given and _in_dispute(page.cls, names.words):
        place = next((place for place, one in page.columns.items() if one.predicate == RRM + "inDispute"), first)
        case = ox.NamedNode(cases[0])  # a workbook about one case need not name it in every row
        yield _Cell(ox.Triple(subject, ox.NamedNode(RRM + "inDispute"), case), page.grid.title, row, place, "", start)


def _value(page: Page, cells: dict[int, str], predicate: str, names: Names) -> str | None:
    """The first value that a row has for a property."""
    for place, column in page.columns.items():
        if column.predicate == predicate and place in cells:
            return next((str(value.value) for value, _ in names.terms(cells[place], column)), None)
    return None


def _mechanisms(pages: list[Page], subjects: dict[tuple[int, int], str], names: Names) -> dict[str, str | None]:
    """The mechanism of each dispute of the file."""
    return {
        subjects[id(page), row]: _value(page, cells, RRM + "mechanism", names)
        for page in pages
        if page.cls == RRM + "Dispute"
        for row, cells in page.rows
    }


def _in_dispute(cls: str, words: Vocabulary) -> bool:
    """Whether the things of a class are records of a dispute."""
    return any(column.predicate == RRM + "inDispute" for column in sheet(words, cls, LANGUAGES[0]).columns)


def _subjects(pages: list[Page], name: str, names: Names, faults: list[RrmError]) -> dict[tuple[int, int], str]:
    """The thing that each row is about, by page and row; all of them and their names become known. Adds E319."""
    found: dict[tuple[int, int], str] = {}
    disputes = [page for page in pages if page.cls == RRM + "Dispute"]
    own = slug(PurePath(name).stem).replace("_", "-")
    rows: dict[tuple[str, str], int] = {}
    for page in [*disputes, *(page for page in pages if page not in disputes)]:
        for row, cells in page.rows:
            written = cells.get(page.identifier or 0)
            if written is None:
                title = page.grid.title or re.split("[#/]", page.cls)[-1]
                minted = slug(own) if page in disputes else f"{slug(own)}-{slug(title)}-{row}"
                iri = names.words.kind(page.cls) + minted
            else:
                iri = names.subject(written, page.cls)
                if (page.cls, iri) in rows:
                    sheet_name = f"{page.grid.title}!" if page.grid.title else ""
                    where = f"{name}: {sheet_name}{cell_name(row, page.identifier or 1)}"
                    faults.append(RrmError("E319", where=where, name=written[:80], row=rows[page.cls, iri]))
                rows.setdefault((page.cls, iri), row)
                names.add(iri, page.cls, written)
            names.add(iri, page.cls, iri.rsplit("/", 1)[-1])
            for place, column in page.columns.items():
                if column.predicate in NAMES and place in cells:
                    names.add(iri, page.cls, cells[place])
            found[id(page), row] = iri
        if page in disputes and len(page.rows) == 1:
            own = found[id(page), page.rows[0][0]].rsplit("/", 1)[-1]
    return found
