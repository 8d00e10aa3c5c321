"""What the sheets of a table are: of which class, with which columns, and which rows hold things."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from rrm_kg.errors import LANGUAGES, RrmError, Texts, text
from rrm_kg.nearest import nearest
from rrm_kg.tabular.sheets import Column, heading, sheet, sheet_title, sheets
from rrm_kg.tabular.workbook import Grid, cell_name
from rrm_kg.terms import RDF_TYPE, expand
from rrm_kg.vocabulary import Vocabulary, folded

_HEAD: Final = 5  # rows among which the row of names is looked for


@dataclass(frozen=True)
class Page:
    """A sheet that was understood: its class, the column of identifiers, all columns, and the rows below the head."""

    grid: Grid
    cls: str
    identifier: int | None
    columns: dict[int, Column]
    rows: tuple[tuple[int, dict[int, str]], ...]
    titles: tuple[str, ...]


def page_of(grid: Grid, name: str, words: Vocabulary, faults: list[RrmError]) -> Page | None:
    """The sheet of a class; None for one that is empty, only explains or is not known. Adds E358, E359."""
    rows = dict(grid.rows())
    if not rows or folded(grid.title or "") in _asides():
        return None
    where = f"{name}: {grid.title}!" if grid.title else f"{name}: "
    head = next((row for row in list(rows)[:_HEAD] if _class(rows[row], words) is not None), None)
    if head is not None:
        first = min(rows[head])
        cls = _class(rows[head], words)
        titles = rows.get(head - 1, {})
        given = {
            place: rows[head].get(place) or titles.get(place, "") for place in {*rows[head], *titles} if place > first
        }
        identifier: int | None = first
    else:
        head = min(rows)
        cls = _titled(grid.title or PurePath(name).stem, words)
        given = dict(rows[head])
        identifier = next((place for place, title in given.items() if folded(title) in _identifiers()), None)
        given.pop(identifier or 0, None)
    if cls is None:
        known = {lang: [sheet_title(one, lang, words) for one in sheets(words, lang)] for lang in LANGUAGES}
        nearest = _nearest(grid.title or PurePath(name).stem, known)
        faults.append(RrmError("E358", where=where.rstrip("!: "), nearest=nearest))
        return None
    below = tuple((row, cells) for row, cells in rows.items() if row > head and not _is_example(cells))
    columns: dict[int, Column] = {}
    for place, title in given.items():
        column = _column(title, cls, words)
        if column is None:
            nearest = _nearest(title, titles_of(cls, words))
            faults.append(RrmError("E359", where=f"{where}{cell_name(head, place)}", title=title, nearest=nearest))
        else:
            columns[place] = column
    told = {*given, identifier}
    for row, cells in below:
        for place in cells:
            if place not in told:  # the column is told once
                told.add(place)
                nearest = _nearest("", titles_of(cls, words))
                faults.append(RrmError("E359", where=f"{where}{cell_name(row, place)}", title="", nearest=nearest))
    above = rows.get(head - 1, rows[head])
    return Page(grid, cls, identifier, columns, below, tuple(above.values()))


def _class(cells: dict[int, str], words: Vocabulary) -> str | None:
    """The class that the first cell of a row of names says."""
    iri = expand(cells[min(cells)])
    return iri if iri is not None and words.is_class(iri) else None


def _titled(title: str, words: Vocabulary) -> str | None:
    """The class that the title of a sheet or the name of a file says, in either language; a number may go before."""
    wanted = folded(re.sub(r"^[\d\s._-]+", "", title))
    for one in sheets(words, LANGUAGES[0]):
        if wanted in {folded(one.local), *(folded(sheet_title(one, lang, words)) for lang in LANGUAGES)}:
            return one.cls
    return None


def _column(title: str, cls: str, words: Vocabulary) -> Column | None:
    """The column with a name or a title; None for one that is not known."""
    named = Column.named(title)
    if named is not None and (words.is_property(named.predicate) or named.predicate == RDF_TYPE):
        return named
    return _titles(cls, words).get(bare(title))


def titles_of(cls: str, words: Vocabulary) -> dict[str, list[str]]:
    """The titles of the columns of a class in each language, as the template has them."""
    return {lang: [heading(column, lang, words) for column in sheet(words, cls, lang).columns] for lang in LANGUAGES}


def _titles(cls: str, words: Vocabulary) -> dict[str, Column]:
    """The columns of a class by their titles, in either language."""
    known: dict[str, Column] = {}
    for lang in LANGUAGES:
        for column in sheet(words, cls, lang).columns:
            known.setdefault(bare(heading(column, lang, words)), column)
            if column.language in (None, lang):
                known.setdefault(bare(words.label(column.predicate, lang)), column)
    return known


def bare(title: str) -> str:
    return folded(re.sub(r"\(\*\)|\*", " ", title))


def _is_example(cells: dict[int, str]) -> bool:
    """Whether a row is the example of a template: its first cell says so."""
    return folded(cells[min(cells)]).startswith(tuple(folded(text("template-example", lang)) for lang in LANGUAGES))


def _asides() -> set[str]:
    return {folded(text(key, lang)) for key in ("template-readme-title", "template-lists-title") for lang in LANGUAGES}


def _identifiers() -> set[str]:
    return {"id", *(bare(text("template-identifier", lang)) for lang in LANGUAGES)}


def _nearest(title: str, known: dict[str, list[str]]) -> Texts:
    """The titles of each language that are nearest to one; else those of another, and where none is near, all."""

    def near(titles: list[str]) -> list[str]:
        by_name = {bare(one): one for one in titles}
        return [by_name[one] for one in nearest(bare(title), by_name, least=0.5)]

    others = near([one for titles in known.values() for one in titles])
    return Texts({lang: "; ".join(near(titles) or others or titles) for lang, titles in known.items()})
