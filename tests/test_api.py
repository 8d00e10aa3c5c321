"""The API: every question with its rows in each form, its description, and the gate for files that are posted."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import Client, graph_loader, serving

from rrm_kg import questions
from rrm_kg.pipeline import KnowledgeGraph
from rrm_kg.serve import api

ROOT = Path(__file__).parents[1]
LISTED = questions.catalogue(ROOT)


@pytest.fixture(scope="module")
def client(graph: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with serving(graph_loader(graph), tmp_path_factory.mktemp("release")) as client:
        yield client


def test_the_catalogue_holds_each_question_in_the_language_of_the_client(client: Client) -> None:
    listed = client.get("/api/questions", Accept_Language="es").json()["questions"]
    assert [one["question"] for one in listed] == [one.question["es"] for one in LISTED]
    assert len(listed) == 40


@pytest.mark.parametrize("one", LISTED, ids=lambda one: one.id)
def test_a_question_gives_the_rows_that_it_gives_in_python(
    client: Client, graph: KnowledgeGraph, one: questions.Question
) -> None:
    expected = graph.ask(one.id)
    rows = client.get(f"/api/questions/{one.id}", Accept="application/json").json()["rows"]
    assert [list(row) for row in rows[:1]] == [list(expected.columns) for _ in expected.rows[:1]]
    assert sorted(str(row.get("url")) for row in rows) == sorted(str(row.get("url")) for row in expected)
    assert len(rows) == len(expected)
    table = list(csv.reader(io.StringIO(client.get(f"/api/questions/{one.id}?format=csv").text)))
    assert len(table) == len(expected) + 1


def test_parameters_are_taken_from_the_address_and_checked(client: Client) -> None:
    given = client.get("/api/questions/cq14?case=draxton-irapuato&lang=es").json()
    assert given["parameters"]["case"].endswith("/draxton-irapuato")
    for asked, status, code in (
        ("cq14?case=nobody", 400, "E207"),
        ("cq14?nothing=1", 400, "E202"),
        ("cq18?on=2024-05-01&on=2024-06-01", 400, "E215"),
        ("cq14?case=atento&lang=en&lang=es", 400, "E215"),
        ("cq14?format=pdf", 406, "E208"),
        ("cq99", 404, "E201"),
    ):
        answer = client.get(f"/api/questions/{asked}")
        assert (answer.status, answer.json()["code"]) == (status, code)


def test_the_description_has_a_typed_operation_for_each_question(client: Client) -> None:
    described = client.get("/api/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert {f"/api/questions/{one.id}" for one in LISTED} <= set(described["paths"])
    operation = described["paths"]["/api/questions/cq18"]["get"]
    kinds = {p["name"]: p["schema"].get("format") for p in operation["parameters"]}
    assert "date" in kinds.values()
    assert described == json.loads(json.dumps(api.openapi(ROOT)))


def test_a_file_that_passes_and_one_that_does_not(client: Client) -> None:
    atento = (ROOT / "data/cases/atento.ttl").read_bytes()
    bad = (ROOT / "tests/shapes").glob("*/bad.ttl")
    good = b"@prefix id: <https://w3id.org/rrm-kg/id/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> ."
    headers = {"Content-Type": "text/turtle", "Accept": "application/json"}
    assert client.request("POST", "/api/check", headers, good).status == 200
    again = client.request("POST", "/api/check", headers, atento)  # says what is recorded once more
    assert again.status == 422
    assert any(finding["rule"] == "R45" for finding in again.json()["findings"])
    assert client.request("POST", "/api/check", headers, next(bad).read_bytes()).status == 422


@pytest.mark.parametrize(
    ("accept", "start"),
    [("text/html", b"<!DOCTYPE html>"), ("application/sarif+json", b"{"), ("text/plain", b""), ("text/csv", b"")],
)
def test_reports_come_in_the_form_that_is_accepted(client: Client, accept: str, start: bytes) -> None:
    answer = client.request("POST", "/api/check", {"Content-Type": "text/turtle", "Accept": accept}, b"<a:b> <")
    assert answer.status == 422, answer.text
    assert answer.kind == accept
    assert answer.body.startswith(start)
    assert answer.headers["cache-control"] == "no-store"


def test_what_is_no_submission_is_refused(client: Client) -> None:
    assert client.request("POST", "/api/check", {"Content-Type": "image/png"}, b"x").status == 415
    large = client.request("POST", "/api/check", {"Content-Type": "text/turtle"}, b"#" * 10_000_001)
    assert (large.status, large.json()["code"]) == (413, "E388")
    told = client.request(
        "POST", "/api/check", {"Content-Type": "text/turtle", "Accept-Language": "es"}, b"#" * 6_000_000
    )
    assert told.status == 422
    assert "E340" in told.text or "E3" in told.text
