"""Templates of a case: a workbook, CSV files or Turtle to fill in, empty or with a recorded case."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from rrm_kg.errors import RrmError, reason, text
from rrm_kg.tabular.cells import Names
from rrm_kg.tabular.filling import Filled, example, filled, things
from rrm_kg.tabular.sheets import Column, Sheet, heading, sheet_title, sheets
from rrm_kg.tabular.workbook import cell_name, guarded
from rrm_kg.terms import PREFIXES, RRM, XSD, shorten
from rrm_kg.vocabulary import Property, Vocabulary, vocabulary

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_WRITTEN: Final = datetime(2020, 7, 1)  # not the hour of the run: same graph, same bytes
_MODIFIED: Final = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
_ROWS: Final = 1_000  # rows of a sheet with lists to choose from
_DARK, _NEEDED, _PALE, _GREY = "1F3864", "C55A11", "F2F2F2", "7F7F7F"


# Workbooks


def workbook(case: str | None, lang: str) -> bytes:
    """The template as a workbook (.xlsx): the same bytes in every run. Raises RrmError E226."""
    import openpyxl
    from openpyxl.styles import Alignment, Font

    words = vocabulary()
    pages = filled(case, lang)
    titles = {page.sheet.cls: sheet_title(page.sheet, lang, words) for page in pages}
    book = openpyxl.Workbook()
    book.properties.creator, book.properties.created = "rrm-kg", _WRITTEN
    book.properties.title = text("template-title", lang)
    readme = book.active
    readme.title = text("template-readme-title", lang)
    readme.column_dimensions["A"].width, readme.column_dimensions["B"].width = 34, 96
    for row, (left, right) in enumerate(_readme(pages, titles, lang), 1):
        for column, written in enumerate((left, right), 1):
            cell = readme.cell(row, column)
            _write(cell, written)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=column == 1 or row == 1, size=16 if row == 1 else 11)
    sheets = {page.sheet.cls: book.create_sheet(titles[page.sheet.cls]) for page in pages}
    lists = _Lists(book.create_sheet(text("template-lists-title", lang)), words, lang)
    for page in pages:
        _write_page(sheets[page.sheet.cls], page, lists, titles, words, lang, shown=case is None)
    written_book = io.BytesIO()
    book.save(written_book)
    return _steady(written_book.getvalue())


def _readme(pages: Iterable[Filled], titles: dict[str, str], lang: str) -> Iterator[tuple[str, str]]:
    words = vocabulary()
    for line in text("template-readme", lang).split("\n"):
        left, _, right = line.partition(" — ")
        yield left, right
    yield "", ""
    for page in pages:
        yield titles[page.sheet.cls], words.definitions.get(page.sheet.cls, {}).get(lang, "")


class _Lists:
    """The hidden sheet with the values to choose from: one column for each list."""

    def __init__(self, sheet: Worksheet, words: Vocabulary, lang: str) -> None:
        self.sheet, self.words, self.lang = sheet, words, lang
        self.known: dict[tuple[str, ...], str] = {}
        sheet.sheet_state = "hidden"

    def reference(self, of: Property, names: Names) -> str | None:
        """The range with the names that a property can have; None where it has none."""
        column = Column(of.iri)
        choices = (names.written(ox.NamedNode(iri), column, self.lang) for iri in self.words.choices(of))
        labels = tuple(sorted({name for name in choices if name}, key=lambda name: (name.casefold(), name)))
        if not labels:
            return None
        if labels not in self.known:
            place = len(self.known) + 1
            for row, label in enumerate(labels, 1):
                _write(self.sheet.cell(row, place), label)
            letter = cell_name(1, place)[:-1]
            self.known[labels] = f"'{self.sheet.title}'!${letter}$1:${letter}${len(labels)}"
        return self.known[labels]


def _write_page(
    sheet: Worksheet, page: Filled, lists: _Lists, titles: dict[str, str], words: Vocabulary, lang: str, *, shown: bool
) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill

    columns = page.sheet.columns
    top = Alignment(wrap_text=True, vertical="top")
    heads = [(text("template-identifier", lang), shorten(page.sheet.cls), text("template-identifier-note", lang))]
    heads += [(heading(column, lang, words), column.name, _note(column, lang, words)) for column in columns]
    for place, (title, name, note) in enumerate(heads, 1):
        cell = sheet.cell(1, place)
        _write(cell, title)
        needed = place > 1 and bool(columns[place - 2].mark)
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor=_NEEDED if needed else _DARK)
        cell.alignment = top
        cell.comment = Comment(note, "rrm-kg", width=320, height=40 + 18 * (len(note) // 42 + note.count("\n") + 1))
        _write(sheet.cell(2, place), name)
        dimension = sheet.column_dimensions[cell_name(1, place)[:-1]]
        form = "" if place == 1 else words.property(columns[place - 2].predicate).form
        dimension.width = {"": 30, "date": 14, "number": 12, "text": 44, "any": 22}.get(form, 32)
        if form in ("", "date", "reference"):
            dimension.number_format = "@"  # else a spreadsheet makes a day of "2024-03"
    sheet.row_dimensions[2].hidden = True
    sheet.freeze_panes = "B3"
    row = 3
    if shown and (model := example(page.sheet, lang)) is not None:
        identifier, cells = model
        _write_row(sheet, row, f"{text('template-example', lang)} {identifier}", cells)
        for cell in sheet[row]:
            cell.font = Font(italic=True, color=_GREY)
            cell.fill = PatternFill("solid", fgColor=_PALE)
            cell.alignment = top
        row += 1
    for identifier, cells in page.rows:
        _write_row(sheet, row, identifier, cells)
        for cell in sheet[row]:
            cell.alignment = top
        row += 1
    _offer(sheet, page.sheet, lists, titles, words, lang, first=4 if shown else 3)


def _write_row(sheet: Worksheet, row: int, identifier: str, cells: dict[int, str]) -> None:
    _write(sheet.cell(row, 1), identifier)
    for place, written in cells.items():
        _write(sheet.cell(row, place + 2), written)


def _write(cell: object, written: str) -> None:
    """Write a text that no spreadsheet takes for a formula."""
    cell.value = written  # type: ignore[attr-defined]
    cell.data_type = "s"  # type: ignore[attr-defined]
    cell.number_format = "@" if len(written) < 256 else "General"  # type: ignore[attr-defined]
    if guarded(written) != written:
        cell.quotePrefix = True  # type: ignore[attr-defined]


def _offer(
    sheet: Worksheet, of: Sheet, lists: _Lists, titles: dict[str, str], words: Vocabulary, lang: str, *, first: int
) -> None:
    """Lists to choose from. They help and do not hold: a cell may take several values, or a thing of the workbook."""
    from openpyxl.worksheet.datavalidation import DataValidation

    names = Names(words)
    for place, column in enumerate(of.columns, 2):
        kind = words.property(column.predicate)
        letter = cell_name(1, place)[:-1]
        source = None
        if kind.form == "reference":
            own = words.written_with(kind)
            source = f"'{titles[own]}'!$A${first}:$A${_ROWS}" if own in titles else lists.reference(kind, names)
        elif kind.datatype == XSD + "boolean":
            source = '"true,false"'
        if source is not None:
            offered = DataValidation("list", formula1=source, allow_blank=True, showErrorMessage=False)
            offered.add(f"{letter}3:{letter}{_ROWS}")
            sheet.add_data_validation(offered)
        elif kind.form == "date":
            prompt = DataValidation(showInputMessage=True, allow_blank=True, prompt=text("template-date-note", lang))
            prompt.add(f"{letter}3:{letter}{_ROWS}")
            sheet.add_data_validation(prompt)


def _note(column: Column, lang: str, words: Vocabulary) -> str:
    """What a column is for and how it is written."""
    kind = words.property(column.predicate)
    parts = [words.definitions.get(column.predicate, {}).get(lang, "")]
    if column.mark:
        parts.append(text("template-needed" if column.mark == "*" else "template-needed-either", lang))
    if kind.form == "date":
        parts.append(text("template-date-note", lang))
    if kind.form == "reference" and not column.single:
        parts.append(text("template-several-note", lang))
    if column.predicate == RRM + "inDispute":
        parts.append(text("template-dispute-note", lang))
    return "\n".join(filter(None, parts)) or words.label(column.predicate, lang)


def _steady(data: bytes) -> bytes:
    """The archive with fixed times, so that the same content is the same bytes."""
    steady = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(steady, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + _WRITTEN.strftime("%Y-%m-%dT%H:%M:%SZ").encode(), content)
            new.writestr(zipfile.ZipInfo(entry.filename), content, zipfile.ZIP_DEFLATED)
    return steady.getvalue()


# CSV


def csv_files(case: str | None, lang: str) -> dict[str, bytes]:
    """The template as CSV files by name, one for each class: titles, names, and an example or the rows of the case.

    In UTF-8 with a byte order mark, by which spreadsheets know it. Raises RrmError E226.
    """
    words = vocabulary()
    files = {}
    for number, page in enumerate(filled(case, lang, apart=True), 1):
        if case is not None and not page.rows:
            continue
        columns = page.sheet.columns
        rows = list(page.rows)
        if case is None and (model := example(page.sheet, lang)) is not None:
            rows = [(f"{text('template-example', lang)} {model[0]}", model[1])]
        written = io.StringIO()
        writer = csv.writer(written, lineterminator="\r\n")
        writer.writerow([text("template-identifier", lang), *(heading(column, lang, words) for column in columns)])
        writer.writerow([shorten(page.sheet.cls), *(column.name for column in columns)])
        for identifier, cells in rows:
            writer.writerow([guarded(identifier), *(guarded(cells.get(place, "")) for place in range(len(columns)))])
        files[f"{number:02}-{page.sheet.local}.csv"] = b"\xef\xbb\xbf" + written.getvalue().encode()
    return files


# Turtle


def turtle(case: str | None, lang: str) -> str:
    """The template as Turtle: a recorded case as it is written, or a thing of each class in comments. Raises E226."""
    words = vocabulary()
    if case is not None:
        things(case, words)
        return words.files[case].data.decode("utf-8")
    used = ("rrm", "id", "code", "rdfs", "skos", "dcterms", "org", "xsd")
    lines = [f"@prefix {prefix}: <{PREFIXES[prefix]}> ." for prefix in used]
    for page in sheets(words, lang):
        lines += ["", f"# {sheet_title(page, lang, words)}: {words.definitions.get(page.cls, {}).get(lang, '')}", ""]
        lines += [f"# {line}" for line in _skeleton(page, lang, words)]
    return "\n".join(lines) + "\n"


def _skeleton(sheet: Sheet, lang: str, words: Vocabulary) -> Iterator[str]:
    """The example of a class as Turtle, each property with its title; what is not in the example without a value."""
    model = example(sheet, lang)
    names = Names(words)
    identifier, cells = model if model is not None else ("", {})
    yield f"<{names.subject(identifier or 'x', sheet.cls)}> a {shorten(sheet.cls)} ;"
    for place, column in enumerate(sheet.columns):
        values = [term for term, _ in names.terms(cells[place], column)] if place in cells else []
        shown = " , ".join(map(str, values)) or "…"
        open_ = "" if values else "#"  # still a comment when the thing is not
        yield f"    {open_}{shorten(column.predicate)} {shown} ;  # {heading(column, lang, words)}"
    yield "."


# Files


def save(files: dict[Path, bytes]) -> list[Path]:
    """The files, written; none is replaced. Raises RrmError E227 for one that is there, E313 where it cannot write."""
    for path in files:
        if path.exists():
            raise RrmError("E227", given=path)
    for path, data in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            raise RrmError("E313", where=str(path), detail=reason(error)) from None
    return list(files)
