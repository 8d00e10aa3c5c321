"""The graph as tables, one for each class, and as FollowTheMoney entities.

A row of a table is one thing: its identifier and name, its properties, and the passage that proves it first. A
property has two columns where its values are things: their names, and their identifiers under ``…_id``. Several
values of one cell stand in order, separated by `` | ``. Derived and inferred triples are left out.
"""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from hashlib import sha1
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
import yaml

from rrm_kg import questions, show
from rrm_kg.errors import RrmError, reason, text
from rrm_kg.pipeline import KnowledgeGraph
from rrm_kg.query import Row
from rrm_kg.terms import BASE, CODE, ID, RRM

SOURCE: Final = ("source_document", "source_passage", "source_quote", "source_url")
BETWEEN: Final = " | "
_HEADINGS: Final = {
    "name": "export-name",
    "source_document": "export-source-document",
    "source_passage": "export-source-passage",
    "source_quote": "export-source-quote",
    "source_url": "export-source-url",
}


@dataclass
class Table:
    """The things of one class: ``columns`` in order, and for each thing its cells by column."""

    name: str
    columns: list[str] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)


def tables(graph: KnowledgeGraph, lang: str) -> tuple[Table, ...]:
    """A table "cases" with a case in each row, then one for each class that has things, in the order of their names.

    Texts are in one language where there are.
    """
    sources = {str(row.thing): row for row in show.view(graph, "sources", lang)}
    things: dict[str, dict[str, dict[str, list[str]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for row in show.view(graph, "export", lang):
        cells = things[_local(row["class"])][str(row.thing)]
        column, value = _local(row.property), str(row.value)
        if value.startswith(BASE) and not isinstance(row.value, int):
            cells[f"{column}_id"].append(_short(value))
            value = str(row.name or _short(value))
        cells[column].append(value)
    return (_cases(graph, lang), *(_table(name, found, sources) for name, found in sorted(things.items())))


def _cases(graph: KnowledgeGraph, lang: str) -> Table:
    """The cases as ``rrm-kg cases`` lists them."""
    rows = show.view(graph, "cases", lang).rows
    table = Table("cases", [name for name in (rows[0] if rows else ()) if name != "case"])
    table.columns.insert(0, "id")
    for row in rows:
        cells = {name: str(value) for name, value in row.items() if name != "case" and value is not None}
        table.rows.append({"id": _short(str(row.case)), **cells})
    return table


def _table(name: str, things: dict[str, dict[str, list[str]]], sources: dict[str, Row]) -> Table:
    used = sorted({column for cells in things.values() for column in cells})
    table = Table(name, ["id", "name", *used, *SOURCE])
    for thing, cells in sorted(things.items()):
        shown = sources.get(thing)
        row = {"id": _short(thing), "name": str(shown.name) if shown else ""}
        row |= {column: BETWEEN.join(dict.fromkeys(values)) for column, values in cells.items()}
        if shown is not None:
            proof = (shown.document, shown.locator, shown.quote, shown.url)
            row |= {column: str(value) for column, value in zip(SOURCE, proof, strict=True) if value is not None}
        table.rows.append(row)
    return table


def _local(iri: object) -> str:
    return str(iri).rsplit("#", 1)[-1].rsplit("/", 1)[-1]


def _short(iri: str) -> str:
    return iri.removeprefix(ID).removeprefix(BASE)


# The formats


def to_csv(graph: KnowledgeGraph, folder: Path, lang: str) -> list[Path]:
    """One CSV file (RFC 4180, UTF-8) for each class."""
    return [_write(folder / f"{table.name}.csv", as_csv(table).encode()) for table in tables(graph, lang)]


def to_csv_excel(graph: KnowledgeGraph, folder: Path, lang: str) -> list[Path]:
    """The same for a spreadsheet: a byte order mark, without which Excel misreads accents, and headings in words."""
    said = headings(graph, lang)
    return [
        _write(folder / f"{table.name}.csv", as_csv(table, said).encode("utf-8-sig")) for table in tables(graph, lang)
    ]


def headings(graph: KnowledgeGraph, lang: str) -> dict[str, str]:
    """What a reader calls each column; a column that has no words for it is not there."""
    label = ox.NamedNode(RRM + "displayLabel")
    named = {
        quad.subject.value: quad.object.value
        for quad in graph.store.quads_for_pattern(None, label, None)
        if isinstance(quad.subject, ox.NamedNode)
        and isinstance(quad.object, ox.Literal)
        and quad.object.language == lang
        and not quad.subject.value.startswith((ID, CODE))
    }
    # A property of the project goes before one of the same local name in another vocabulary.
    said = {_local(iri): named[iri] for iri in sorted(named, key=lambda iri: (iri.startswith(RRM), iri))}
    said |= {f"{name}_id": f"{words} (id)" for name, words in said.items()}
    said |= {column.name: column.label[lang] for column in questions.read(show.view_path(graph, "cases")).columns}
    return said | {name: text(key, lang) for name, key in _HEADINGS.items()}


def to_xlsx(graph: KnowledgeGraph, folder: Path, lang: str) -> list[Path]:
    """One workbook with a sheet for each class. Cells are texts: none is read as a formula. Raises RrmError E216."""
    xlsxwriter = _optional("xlsxwriter")
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    # Not the hour of the export: same graph, same bytes.
    book.set_properties({"created": datetime.combine(graph.as_of or date(2020, 7, 1), time())})
    bold = book.add_format({"bold": True})
    said = headings(graph, lang)
    for table in tables(graph, lang):
        sheet = book.add_worksheet(table.name[:31])
        sheet.freeze_panes(1, 2)
        for number, column in enumerate(table.columns):
            sheet.write_string(0, number, said.get(column, column), bold)
        for line, row in enumerate(table.rows, start=1):
            for number, column in enumerate(table.columns):
                if column in row:
                    sheet.write_string(line, number, row[column])
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    book.close()
    return [_write(folder / "rrm-kg.xlsx", written.getvalue())]


def to_parquet(graph: KnowledgeGraph, folder: Path, lang: str) -> list[Path]:
    """One Parquet file for each class, all columns texts. Raises RrmError E216."""
    duckdb = _optional("duckdb")
    written = []
    with duckdb.connect(config={"threads": 1}) as engine:
        for table in tables(graph, lang):
            names = ", ".join(f'"{column}" VARCHAR' for column in table.columns)
            engine.execute(f'CREATE TABLE "{table.name}" ({names})')
            marks = ", ".join("?" for _ in table.columns)
            engine.executemany(
                f'INSERT INTO "{table.name}" VALUES ({marks})',
                [[row.get(column) for column in table.columns] for row in table.rows],
            )
            path = _target(folder / f"{table.name}.parquet")
            engine.execute(f"COPY \"{table.name}\" TO '{str(path).replace(chr(39), chr(39) * 2)}' (FORMAT parquet)")
            written.append(path)
    return written


def to_ftm(graph: KnowledgeGraph, folder: Path, lang: str) -> list[Path]:
    """FollowTheMoney entities, one JSON object a line, in entities.ftm.json.

    Disputes become court cases, those who took part parties to them, procedural acts events, documents documents.
    Every entity names the address of the page that proves it where there is one.
    """
    lines = [json.dumps(entity, ensure_ascii=False, sort_keys=True) for entity in _entities(tables(graph, lang))]
    return [_write(folder / "entities.ftm.json", "".join(line + "\n" for line in lines).encode())]


FORMATS: Final[dict[str, Callable[[KnowledgeGraph, Path, str], list[Path]]]] = {
    "csv": to_csv,
    "csv-excel": to_csv_excel,
    "xlsx": to_xlsx,
    "parquet": to_parquet,
    "ftm": to_ftm,
}


def as_csv(table: Table, said: Mapping[str, str] | None = None) -> str:
    """A table as CSV (RFC 4180); ``said`` has headings for its columns."""
    written = io.StringIO()
    writer = csv.DictWriter(written, table.columns, restval="", lineterminator="\r\n")
    writer.writerow({column: (said or {}).get(column, column) for column in table.columns})
    writer.writerows(table.rows)
    return written.getvalue()


def _entities(found: Iterable[Table]) -> list[dict[str, Any]]:
    schemata = yaml.safe_load(Path(__file__).with_name("followthemoney.yaml").read_text(encoding="utf-8"))
    entities = []
    for table in found:
        if table.name not in schemata:
            continue
        schema, mapping = schemata[table.name]["schema"], schemata[table.name]["properties"]
        for row in table.rows:
            properties: dict[str, list[str]] = {}
            for column, name in mapping.items():
                if row.get(column):
                    values = row[column].split(BETWEEN)
                    properties.setdefault(name, []).extend(_key(v) if column.endswith("_id") else v for v in values)
            if row.get("source_url"):
                properties.setdefault("sourceUrl", []).append(row["source_url"])
            entities.append({"id": _key(row["id"]), "schema": schema, "properties": properties})
    return sorted(entities, key=lambda entity: str(entity["id"]))


def _key(thing: str) -> str:
    """A FollowTheMoney identifier: the kind of thing, and a hash of its name under this graph's address."""
    kind, _, slug = thing.partition("/")
    return f"rrm-{kind}-{sha1((ID + thing).encode(), usedforsecurity=False).hexdigest()[:16]}" if slug else thing


def _optional(module: str) -> Any:
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError:
        raise RrmError("E216", module=module) from None


def _target(path: Path) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RrmError("E313", where=str(path.parent), detail=reason(error)) from None
    return path


def _write(path: Path, data: bytes) -> Path:
    try:
        _target(path).write_bytes(data)
    except OSError as error:
        raise RrmError("E313", where=str(path), detail=reason(error)) from None
    return path
