"""Tables and FollowTheMoney entities hold what the graph holds, and come out the same every time."""

from __future__ import annotations

import csv
import importlib
import json
from pathlib import Path

import pytest

from rrm_kg import KnowledgeGraph, export
from rrm_kg.errors import RrmError


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_there_is_a_table_for_each_class_with_a_row_for_each_thing(graph: KnowledgeGraph, tmp_path: Path) -> None:
    written = {path.stem: path for path in export.to_csv(graph, tmp_path, "en")}
    for name in ("Dispute", "ProcedureEvent", "Participation", "Count", "Document", "Evidence"):
        counted = graph.query(f"SELECT (COUNT(DISTINCT ?x) AS ?n) WHERE {{ GRAPH ?g {{ ?x a rrm:{name} }} }}").rows[0].n
        assert len(read_csv(written[name])) == counted, name
    assert "ElapsedTime" not in written, "what is derived is left out"
    overview = {row["id"]: row for row in read_csv(written["cases"])}
    assert overview["case/atento"]["states"] == "Hidalgo"
    assert overview["case/atento"]["requested"] == "2024-01-18"


def test_a_row_has_names_identifiers_and_its_proof(graph: KnowledgeGraph, tmp_path: Path) -> None:
    export.to_csv(graph, tmp_path, "es")
    row = next(r for r in read_csv(tmp_path / "ProcedureEvent.csv") if r["id"] == "event/atento-panel-requested")
    assert row["date"] == "2024-04-16"
    assert row["step"] == "panel solicitado"
    assert row["step_id"] == "code/step-31a/panel-requested"
    assert row["inDispute_id"] == "case/atento"
    assert row["source_document"]
    assert row["source_passage"]
    assert row["source_url"].startswith("http")


def test_a_table_for_a_spreadsheet_has_a_mark_and_headings_in_words(graph: KnowledgeGraph, tmp_path: Path) -> None:
    export.to_csv_excel(graph, tmp_path, "es")
    said = (tmp_path / "ProcedureEvent.csv").read_bytes()
    assert said.startswith(b"\xef\xbb\xbf")
    with (tmp_path / "ProcedureEvent.csv").open(encoding="utf-8-sig", newline="") as file:
        row = next(r for r in csv.DictReader(file) if r["id"] == "event/atento-panel-requested")
    assert (row["nombre"] != "", row["fecha"], row["paso"]) == (True, "2024-04-16", "panel solicitado")
    assert row["fuente: documento"]


@pytest.mark.parametrize("form", sorted(export.FORMATS))
def test_the_same_graph_gives_the_same_bytes(graph: KnowledgeGraph, tmp_path: Path, form: str) -> None:
    once = export.FORMATS[form](graph, tmp_path / "a", "en")
    again = export.FORMATS[form](graph, tmp_path / "b", "en")
    assert once
    assert [p.name for p in once] == [p.name for p in again]
    assert [p.read_bytes() for p in once] == [p.read_bytes() for p in again]


def test_parquet_holds_what_csv_holds(graph: KnowledgeGraph, tmp_path: Path) -> None:
    import duckdb

    export.to_csv(graph, tmp_path, "en")
    export.to_parquet(graph, tmp_path, "en")
    rows = read_csv(tmp_path / "Outcome.csv")
    table = duckdb.read_parquet(str(tmp_path / "Outcome.parquet"))
    assert table.columns == list(rows[0])
    assert [[cell or "" for cell in row] for row in table.fetchall()] == [list(row.values()) for row in rows]


def test_a_workbook_holds_texts_and_no_formulas(graph: KnowledgeGraph, tmp_path: Path) -> None:
    import zipfile

    (path,) = export.to_xlsx(graph, tmp_path, "en")
    with zipfile.ZipFile(path) as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) == len(export.tables(graph, "en"))
        assert not any(b"<f>" in book.read(name) for name in sheets)


def test_entities_link_to_entities(graph: KnowledgeGraph, tmp_path: Path) -> None:
    (path,) = export.to_ftm(graph, tmp_path, "en")
    entities = {e["id"]: e for e in map(json.loads, path.read_text(encoding="utf-8").splitlines())}
    parties = [e for e in entities.values() if e["schema"] == "CourtCaseParty"]
    assert parties
    for party in parties:
        assert entities[party["properties"]["case"][0]]["schema"] == "CourtCase"
        assert party["properties"]["party"][0] in entities
    for ownership in (e for e in entities.values() if e["schema"] == "Ownership"):
        assert {*ownership["properties"]["owner"], *ownership["properties"]["asset"]} <= set(entities)


def test_entities_fit_the_model_of_followthemoney(graph: KnowledgeGraph, tmp_path: Path) -> None:
    model = pytest.importorskip("followthemoney", reason="FollowTheMoney is not installed").model
    (path,) = export.to_ftm(graph, tmp_path, "en")
    for entity in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        schema = model.get(entity["schema"])
        schema.validate(entity)
        assert set(entity["properties"]) <= set(schema.properties), entity["id"]


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch, graph: KnowledgeGraph, tmp_path: Path) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(RrmError) as caught:
        export.to_parquet(graph, tmp_path, "en")
    assert caught.value.code == "E216"
    assert "duckdb" in caught.value.message("en")


def test_a_folder_that_cannot_be_written_is_named(graph: KnowledgeGraph, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RrmError) as caught:
        export.to_csv(graph, tmp_path / "file" / "below", "en")
    assert caught.value.code == "E313"
