"""A question about several things: one answer, with a column that names the thing, through every door."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from click.testing import CliRunner
from serving import Client, graph_loader, serving

from rrm_kg import questions, several
from rrm_kg.commands import asking  # noqa: F401  registers the command
from rrm_kg.commands.frame import cli
from rrm_kg.errors import RrmError
from rrm_kg.pipeline import KnowledgeGraph
from rrm_kg.questions import Column
from rrm_kg.serve import evaluate, resultset
from rrm_kg.terms import mint

RS = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
ROOT = Path(__file__).parents[1]
ATENTO, TAMSA = mint("case", "atento"), mint("case", "tamsa")


@pytest.fixture(scope="module")
def client(graph: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with serving(graph_loader(graph), tmp_path_factory.mktemp("release")) as client:
        yield client


def test_the_rows_of_each_thing_stand_below_its_name(graph: KnowledgeGraph) -> None:
    both = graph.ask("cq14", case=["tamsa", "atento"])
    apart = {ATENTO: graph.ask("cq14", case="atento"), TAMSA: graph.ask("cq14", case="tamsa")}
    assert both.columns == ("case", *apart[ATENTO].columns)
    assert [row["case"] for row in both] == [TAMSA] * len(apart[TAMSA]) + [ATENTO] * len(apart[ATENTO])
    for iri, answer in apart.items():
        rows = [{name: value for name, value in row.items() if name != "case"} for row in both if row.case == iri]
        assert rows == [dict(row) for row in answer]
    assert [term[1:] for term in both.terms] == [*apart[TAMSA].terms, *apart[ATENTO].terms]


def test_a_thing_that_is_named_twice_is_asked_of_once(graph: KnowledgeGraph) -> None:
    found = graph.ask("cq14", case=["atento", ATENTO])
    assert len(found) == len(graph.ask("cq14", case="atento"))
    assert found.columns[0] == "case"


def test_several_lists_are_asked_in_every_combination(graph: KnowledgeGraph) -> None:
    found = graph.ask("cq26", mechanism=["rrm-31a", "rrm-31b"], other=["cafta-dr-16"])
    assert found.columns[:2] == ("mechanism", "other")
    pairs = {(row["mechanism"], row["other"]) for row in found}
    assert pairs <= {(mint("mechanism", one), mint("mechanism", "cafta-dr-16")) for one in ("rrm-31a", "rrm-31b")}
    assert len(found) == sum(len(graph.ask("cq26", mechanism=m, other="cafta-dr-16")) for m in ("rrm-31a", "rrm-31b"))


def test_a_column_of_the_same_name_stays() -> None:
    plain = questions.find(ROOT, "cq14")
    taken = replace(plain, columns=(Column("case", "string", {"en": "case"}), *plain.columns))
    assert several.named_by(plain, {"case": ["a", "b"]}) == {"case": "case"}
    assert several.named_by(taken, {"case": ["a", "b"]}) == {"about_case": "case"}
    assert several.named_by(taken, {"case": "a"}) == {}


@pytest.mark.parametrize(
    ("question", "given", "code"),
    [
        ("cq18", {"on": ["2024-05-01", "2024-06-01"]}, "E215"),
        ("cq14", {"case": []}, "E203"),
        ("cq14", {"case": ["atento", "nobody-at-all"]}, "E207"),
        ("cq14", {"nothing": ["a", "b"]}, "E202"),
    ],
)
def test_what_cannot_be_asked(graph: KnowledgeGraph, question: str, given: dict[str, list[str]], code: str) -> None:
    with pytest.raises(RrmError) as caught:
        graph.ask(question, **given)
    assert caught.value.code == code


@pytest.mark.parametrize("given", [["case=atento,tamsa"], ["case=atento", "case=tamsa"]])
def test_the_command_line_takes_several(graph: KnowledgeGraph, given: list[str]) -> None:
    ran = CliRunner().invoke(cli, ["ask", "cq14", *given, "--format", "csv"])
    assert ran.exit_code == 0, ran.output
    rows = list(csv.DictReader(io.StringIO(ran.stdout)))
    assert {row["case"] for row in rows} == {ATENTO, TAMSA}
    assert len(rows) == len(graph.ask("cq14", case=["atento", "tamsa"]))


def test_a_comma_before_a_space_belongs_to_a_name() -> None:
    ran = CliRunner().invoke(cli, ["ask", "cq36", "company=Atento Servicios, S.A. de C.V.", "--format", "csv"])
    assert ran.exit_code == 0, ran.output
    assert not ran.stdout.startswith("company")


def test_the_api_takes_several_and_says_so(client: Client, graph: KnowledgeGraph) -> None:
    expected = graph.ask("cq14", case=["atento", "tamsa"])
    found = client.get("/api/questions/cq14?case=atento&case=tamsa").json()
    assert found["parameters"]["case"] == [ATENTO, TAMSA]
    assert found["columns"][0] == {"name": "case", "type": "iri", "label": "case"}
    assert [row["case"] for row in found["rows"]] == [row["case"] for row in expected]
    for form in ("csv", "csv-excel", "tsv"):
        text = client.get(f"/api/questions/cq14?case=atento&case=tamsa&format={form}").text
        table = list(csv.reader(io.StringIO(text), delimiter="\t" if form == "tsv" else ","))
        assert len(table) == len(expected) + 1
    results = client.get("/api/questions/cq14?case=atento&case=tamsa&format=json").json()
    assert results["head"]["vars"][0] == "case"
    assert [one["case"]["value"] for one in results["results"]["bindings"]] == [row["case"] for row in expected]
    assert "link" not in results["head"]


@pytest.mark.parametrize("given", ["case=tamsa", "case=tamsa&case=atento", "case=tamsa&lang=es"])
def test_the_rows_come_as_a_result_set_in_turtle(client: Client, graph: KnowledgeGraph, given: str) -> None:
    answer = client.get(f"/api/questions/cq14?{given}&format=turtle")
    assert answer.headers["content-type"] == "text/turtle; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="cq14.ttl"'
    found = rdflib.Graph().parse(data=answer.text, format="turtle")
    cases = [part.removeprefix("case=") for part in given.split("&") if part.startswith("case=")]
    lang = "es" if "lang=es" in given else "en"
    expected = graph.ask("cq14", lang=lang, case=cases if len(cases) > 1 else cases[0])
    names = {str(name) for name in found.objects(None, RS.resultVariable)}
    assert names == set(expected.columns)
    assert [int(size) for size in found.objects(None, RS.size)] == [len(expected)]
    rows: dict[int, dict[str, str]] = {}
    for solution in found.objects(None, RS.solution):
        cells = [
            (found.value(one, RS.variable), found.value(one, RS.value)) for one in found.objects(solution, RS.binding)
        ]
        rows[int(found.value(solution, RS["index"]))] = {str(name): value.n3() for name, value in cells}
    written = [{name: term for name, term in zip(expected.columns, row, strict=True) if term} for row in expected.terms]
    assert [rows[number] for number in sorted(rows)] == [
        {name: _n3(term) for name, term in row.items()} for row in written
    ]


def _n3(term: object) -> str:
    if isinstance(term, ox.Literal):
        plain = term.language or term.datatype.value.endswith("#string")
        return rdflib.Literal(
            term.value, lang=term.language, datatype=None if plain else rdflib.URIRef(term.datatype.value)
        ).n3()
    return str(term)


def test_a_client_that_likes_turtle_best_gets_it(client: Client) -> None:
    answer = client.get("/api/questions/cq14?case=tamsa", Accept="text/turtle, application/json;q=0.5")
    assert answer.headers["content-type"].startswith("text/turtle")
    assert client.get("/api/questions/cq14?case=tamsa", Accept="application/pdf").status == 406


def test_a_long_result_set_is_cut_and_says_so(graph: KnowledgeGraph) -> None:
    answer = graph.ask("cq14", case="atento")
    whole, rows = resultset.turtle(answer, 10**6)
    part, fewer = resultset.turtle(answer, len(whole) // 2)
    assert rows == len(answer) > fewer > 0
    assert evaluate.TRUNCATED.encode() in part
    assert evaluate.TRUNCATED.encode() not in whole
    assert len(rdflib.Graph().parse(data=part, format="turtle")) < len(
        rdflib.Graph().parse(data=whole, format="turtle")
    )


def test_openapi_has_arrays_for_things_alone(client: Client) -> None:
    described = client.get("/api/openapi.json").json()["paths"]
    case = next(p for p in described["/api/questions/cq14"]["get"]["parameters"] if p["name"] == "case")
    assert case["explode"] is True
    assert case["schema"] == {
        "type": "array",
        "items": {"type": "string", "minLength": 1},
        "minItems": 1,
        "default": ["atento"],
    }
    day = next(p for p in described["/api/questions/cq18"]["get"]["parameters"] if p["name"] == "on")
    assert day["schema"]["type"] == "string"
    assert json.dumps(described)
