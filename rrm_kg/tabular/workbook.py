"""Bytes of a workbook or a CSV file to grids of texts; what could hide something else is refused before it is read."""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from rrm_kg.errors import RrmError

MAX_BYTES: Final = 10_000_000
MAX_EXPANSION: Final = 100
MAX_UNPACKED: Final = 64_000_000
MAX_ENTRIES: Final = 1_000
MAX_SHEETS: Final = 100
MAX_CELLS: Final = 50_000
MAX_TEXT: Final = 262_144

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_SMALL: Final = 65_536  # bytes that no expansion makes dangerous: an empty sheet shrinks a hundred times and more
_ACTIVE: Final = re.compile(  # parts of a workbook that run, or that fetch
    r"vbaProject|vbaData|/externalLinks/|/macrosheets/|/dialogsheets/|/activeX/|/embeddings/|/ctrlProps/"
    r"|/connections\.xml|/queryTables/|/customUI/|/webextensions/",
    re.IGNORECASE,
)
_ACTIVE_TYPE: Final = re.compile(rb"macroEnabled|vbaProject|externalLink|oleObject", re.IGNORECASE)
_DOCTYPE: Final = tuple(
    word.encode(code) for word in ("<!DOCTYPE", "<!ENTITY") for code in ("utf-8", "utf-16-le", "utf-16-be")
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Grid:
    """The cells of a sheet that hold something, as texts, by row and column counted from one."""

    title: str | None
    cells: dict[tuple[int, int], str]

    def rows(self) -> Iterator[tuple[int, dict[int, str]]]:
        """The rows that hold something, from above, each with its cells by column."""
        rows: dict[int, dict[int, str]] = {}
        for (row, column), text in sorted(self.cells.items()):
            rows.setdefault(row, {})[column] = text
        yield from rows.items()


def cell_name(row: int, column: int) -> str:
    """The name of a cell, as its user knows it.

    >>> cell_name(7, 28)
    'AB7'
    """
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def grids(data: bytes, name: str, faults: list[RrmError]) -> list[Grid]:
    """The sheets of a workbook, or the one of a CSV file; the name of the file says which it is.

    What is wrong with a single cell, E353 and in a CSV file E357, is added to ``faults``, so that all can be told at
    once. Raises RrmError E350 for a workbook that is broken, E351 for one over a limit, E352 for macros, links to other
    files or embedded objects, E354 for a password, E355 for another format, E356 for a CSV file that is not UTF-8, E357
    for one that is no table.
    """
    if len(data) > MAX_BYTES:
        raise RrmError("E351", where=name, limit=f"{MAX_BYTES // 1_000_000} MB")
    csv_file = name.lower().endswith(".csv")
    found = [_from_csv(data, name, faults)] if csv_file else _from_workbook(data, name, faults)
    if sum(len(grid.cells) for grid in found) > MAX_CELLS:
        raise RrmError("E351", where=name, limit=f"{MAX_CELLS} cells")
    return found


# Workbooks


def _from_workbook(data: bytes, name: str, faults: list[RrmError]) -> list[Grid]:
    _check_archive(data, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of what it leaves out: styles, extensions
        try:
            return _sheets(data, name, faults)
        except RrmError:
            raise
        except Exception as error:  # a broken workbook makes openpyxl raise almost anything
            raise RrmError("E350", where=name, detail=f"{type(error).__name__}: {error}"[:200]) from None


def _check_archive(data: bytes, name: str) -> None:
    """Look at the directory of the archive, and at each part as bytes, before any part is read as XML."""
    if data.startswith(_OLE):
        raise RrmError("E354" if _ENCRYPTED in data else "E355", where=name)
    if not data.startswith(b"PK\x03\x04"):
        raise RrmError("E355", where=name)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_directory(archive.infolist(), len(data), name)
            for entry in archive.infolist():
                _check_part(entry.filename, archive.read(entry), name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError) as error:
        raise RrmError("E350", where=name, detail=str(error)[:200] or type(error).__name__) from None


def _check_directory(entries: list[zipfile.ZipInfo], size: int, name: str) -> None:
    names = [entry.filename for entry in entries]
    unpacked = sum(entry.file_size for entry in entries)
    if len(names) > MAX_ENTRIES:
        raise RrmError("E351", where=name, limit=f"{MAX_ENTRIES} parts")
    if unpacked > max(MAX_EXPANSION * size, _SMALL) or unpacked > MAX_UNPACKED:
        raise RrmError("E351", where=name, limit=f"{MAX_UNPACKED // 1_000_000} MB, {MAX_EXPANSION} : 1")
    for entry in entries:
        if entry.file_size > max(MAX_EXPANSION * entry.compress_size, _SMALL) and entry.file_size > MAX_UNPACKED // 16:
            raise RrmError("E351", where=f"{name}: {entry.filename}", limit=f"{MAX_EXPANSION} : 1")
        if entry.flag_bits & 1:
            raise RrmError("E354", where=name)
        if _ACTIVE.search("/" + entry.filename):
            raise RrmError("E352", where=name, part=entry.filename)
    if len(set(map(str.lower, names))) < len(names):
        raise RrmError("E350", where=name, detail="two parts of one name")
    if "xl/workbook.xml" not in names:
        raise RrmError("E355", where=name)


def _check_part(part: str, content: bytes, name: str) -> None:
    if any(word in content for word in _DOCTYPE):
        raise RrmError("E350", where=f"{name}: {part}", detail="DOCTYPE, ENTITY")
    if part == "[Content_Types].xml" and (found := _ACTIVE_TYPE.search(content)):
        raise RrmError("E352", where=name, part=found.group().decode())


def _sheets(data: bytes, name: str, faults: list[RrmError]) -> list[Grid]:
    import openpyxl
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet
    from openpyxl.worksheet._reader import WorkSheetParser

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    if len(book.sheetnames) > MAX_SHEETS:
        raise RrmError("E351", where=name, limit=f"{MAX_SHEETS} sheets")
    found = []
    count = 0
    for sheet in book.worksheets:
        if not isinstance(sheet, ReadOnlyWorksheet):
            continue
        cells: dict[tuple[int, int], str] = {}
        # The rows of openpyxl fill every gap: one cell in the last column makes 16,384. Its parser gives what is there.
        with sheet._get_source() as source:
            parser = WorkSheetParser(
                source,
                sheet._shared_strings,
                data_only=False,
                epoch=book.epoch,
                date_formats=book._date_formats,
                timedelta_formats=book._timedelta_formats,
            )
            for row, parsed in parser.parse():
                for cell in parsed:
                    place = row, int(cell["column"])
                    if cell["data_type"] == "f":
                        faults.append(RrmError("E353", where=f"{name}: {sheet.title}!{cell_name(*place)}"))
                        continue
                    text = _text(cell["value"])
                    if text:
                        count += 1
                        if count > MAX_CELLS:
                            raise RrmError("E351", where=name, limit=f"{MAX_CELLS} cells")
                        if len(text) > MAX_TEXT:
                            raise RrmError(
                                "E351",
                                where=f"{name}: {sheet.title}!{cell_name(*place)}",
                                limit=f"{MAX_TEXT} characters",
                            )
                        cells[place] = text
        found.append(Grid(sheet.title, cells))
    return found


def _text(value: Any) -> str:
    """What a cell says: dates in ISO form, whole numbers without a decimal point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()


# CSV: RFC 4180, with the separators that spreadsheets write


def _from_csv(data: bytes, name: str, faults: list[RrmError]) -> Grid:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise RrmError("E356", where=name, found="UTF-16")
    if data.startswith((b"PK\x03\x04", _OLE)):
        raise RrmError("E355", where=name)
    if b"\0" in data:
        raise RrmError("E357", where=f"{name}: {_row_of(data, data.index(0))}", detail="NUL")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RrmError("E356", where=f"{name}: {_row_of(data, error.start)}", found="Latin-1, Windows-1252") from None
    cells: dict[tuple[int, int], str] = {}
    width = 0
    number = 0
    try:
        for number, row in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True), 1
        ):
            while row and not row[-1].strip():
                row.pop()
            # The row of names, which may stand below the titles, can hold more columns than they do.
            if number == 1 or (number == 2 and row and ":" in row[0]):
                width = max(width, len(row))
            if len(row) > width:
                where = f"{name}: {cell_name(number, len(row))}"
                faults.append(RrmError("E357", where=where, detail=f"{len(row)} > {width}"))
            for column, value in enumerate(row, 1):
                if found := _CONTROL.search(value):
                    where = f"{name}: {cell_name(number, column)}"
                    faults.append(RrmError("E357", where=where, detail=f"U+{ord(found.group()):04X}"))
                if value.strip():
                    cells[number, column] = _unguarded(value.strip())
            if len(cells) > MAX_CELLS:
                raise RrmError("E351", where=name, limit=f"{MAX_CELLS} cells")
    except csv.Error as error:
        faults.append(RrmError("E357", where=f"{name}: {number + 1}", detail=str(error)))
    return Grid(None, cells)


def _row_of(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1


def _separator(text: str) -> str:
    """The separator of the first line: comma, semicolon or tab, whichever stands there most, outside of quotes."""
    line = re.sub(r'"[^"]*"', "", text.lstrip().split("\n", 1)[0])
    return max(",;\t", key=line.count)


_GUARDED: Final = re.compile(r"'+[=+\-@\t\r]")
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")


def guarded(text: str) -> str:
    """A text that a spreadsheet takes for a formula, behind an apostrophe; any other as it is.

    >>> guarded("=1+1"), guarded("1+1")
    ("'=1+1", '1+1')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def _unguarded(text: str) -> str:
    return text[1:] if _GUARDED.match(text) else text
