"""Typed rows, the W3C's result formats, and the same bytes every time."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyoxigraph as ox
import pytest

from rrm_kg import KnowledgeGraph, RrmError
from rrm_kg.query import run

ROOT = Path(__file__).parent.parent
PEOPLE = "SELECT ?agent ?role WHERE { ?p rrm:agent ?agent ; rrm:role ?role } LIMIT 50"


@pytest.fixture
def small() -> ox.Store:
    store = ox.Store()
    store.load(
        b"""@prefix : <urn:x:> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        :a :p 1 , 2.50 , true , "text"@es , "2024-02-29"^^xsd:date , "2024-02"^^xsd:gYearMonth ;
           :p :b , "say \\"x\\"\\n" .""",
        format=ox.RdfFormat.TURTLE,
    )
    return store


def test_rows_are_typed(small: ox.Store) -> None:
    values = {row.v for row in run(small, "SELECT ?v WHERE { ?s ?p ?v }", checked=True)}
    assert values == {1, Decimal("2.5"), "text", date(2024, 2, 29), "2024-02", "urn:x:b", 'say "x"\n'}


def test_a_row_reads_by_name_and_by_key(small: ox.Store) -> None:
    (row,) = run(small, "SELECT ?v ?none WHERE { ?s ?p ?v FILTER(ISIRI(?v)) }", checked=True)
    assert (row.v, row["v"], row.none, list(row)) == ("urn:x:b", "urn:x:b", None, ["v", "none"])
    with pytest.raises(AttributeError):
        _ = row.other


@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv"])
def test_each_format_says_the_same(small: ox.Store, form: str) -> None:
    answer = run(small, "SELECT ?v ?none WHERE { ?s ?p ?v }", checked=True)
    written = answer.serialize(form)
    if form == "json":
        tree = json.loads(written)
        assert tree["head"]["vars"] == ["v", "none"]
        found = {binding["v"]["value"] for binding in tree["results"]["bindings"]}
    elif form == "xml":
        namespace = "{http://www.w3.org/2005/sparql-results#}"
        found = {
            (leaf.text or "")
            for result in ElementTree.fromstring(written).iter(f"{namespace}binding")
            for leaf in result
        }
    elif form == "csv":
        found = {row["v"] for row in csv.DictReader(io.StringIO(written, newline=""))}
        found = {value.replace("\r\n", "\n") for value in found}
    else:
        assert written.splitlines()[0] == "?v\t?none"
        assert len(written.splitlines()) == 9
        return
    assert found == {"1", "2.5", "true", "text", "2024-02-29", "2024-02", "urn:x:b", 'say "x"\n'}


def test_ask_and_construct_have_their_formats(small: ox.Store) -> None:
    truth = run(small, "ASK { ?s ?p 1 }", checked=True)
    assert truth.truth is True
    assert json.loads(truth.serialize("json"))["boolean"] is True
    triples = run(small, "CONSTRUCT WHERE { ?s ?p ?o }", checked=True)
    assert len(triples.triples or ()) == 8
    assert len(list(ox.parse(triples.serialize("turtle").encode(), format=ox.RdfFormat.TURTLE))) == 8
    for answer, form in ((truth, "turtle"), (triples, "csv")):
        with pytest.raises(RrmError) as caught:
            answer.serialize(form)
        assert caught.value.code == "E208"


@pytest.mark.parametrize(
    ("query", "place", "detail"),
    [
        ("SELECT * WHERE { ?s ?p }", "line 1, column 24", "}"),
        ("SELECT *\nWHERE { ?s a foo:Bar }", "line 2, column 22", "foo: ?"),
        ("SELEC * {}", "line 1, column 1", ""),
    ],
)
def test_ill_formed_sparql_names_its_place(small: ox.Store, query: str, place: str, detail: str) -> None:
    with pytest.raises(RrmError) as caught:
        run(small, query, checked=True)
    assert (caught.value.code, caught.value.exit_code) == ("E310", 3)
    assert (caught.value.where or "").split(",")[0] == place.split(",")[0]
    assert detail in str(caught.value.values["detail"])


def test_terms_are_bound_inside_subqueries_too(graph: KnowledgeGraph) -> None:
    query = (
        """SELECT ?n WHERE { { SELECT (COUNT(?e) AS ?n) WHERE { ?e a rrm:ProcedureEvent ; rrm:inDispute ?case } } }"""
    )
    case = ox.NamedNode("https://w3id.org/rrm-kg/id/case/atento")
    other = ox.NamedNode("https://w3id.org/rrm-kg/id/case/none")
    assert [row.n for row in graph.query(query, case=case)] != [0]
    assert [row.n for row in graph.query(query, case=other)] == [0]


def test_the_same_bytes_under_any_hash_seed(cache_folder: Path) -> None:
    written = set()
    for seed in ("0", "1", "2"):
        command = [sys.executable, "-m", "rrm_kg", "query", "-", "--format", "json"]
        environment = os.environ | {"PYTHONHASHSEED": seed, "RRM_KG_CACHE": str(cache_folder)}
        query = "SELECT ?s ?o WHERE { ?s rrm:evidence ?o }"
        done = subprocess.run(command, input=query.encode(), capture_output=True, check=True, env=environment, cwd=ROOT)
        written.add(done.stdout)
    assert len(written) == 1


def test_a_name_means_one_thing_or_is_refused_with_the_nearest(graph: KnowledgeGraph) -> None:
    iri = "https://w3id.org/rrm-kg/id/case/atento"
    for name in ("atento", "case/atento", "id:case/atento", f"<{iri}>", iri, "Atento Servicios, Pachuca call centers"):
        assert graph.resolve(name) == iri, name
    with pytest.raises(RrmError) as caught:
        graph.resolve("atneto")
    assert caught.value.code == "E207"
    assert "atento" in str(caught.value)


def test_limits_of_ten_thousand_rows_do_not_matter(graph: KnowledgeGraph) -> None:
    assert len(graph.query("SELECT * WHERE { ?s ?p ?o }")) > 10_000


@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv"])
def test_blank_nodes_are_written_as_blank_nodes(form: str) -> None:
    store = ox.Store()
    store.load(b"_:one <urn:p> 1 .", format=ox.RdfFormat.TURTLE)
    written = run(store, "SELECT ?s WHERE { ?s ?p ?o }", checked=True).serialize(form)
    mark = {"json": '"bnode"', "xml": "<bnode>", "csv": "_:", "tsv": "_:"}[form]
    assert mark in written
    assert "w3id.org" not in written


def test_from_limits_a_query_to_its_graphs(graph: KnowledgeGraph) -> None:
    (one,) = graph.query("SELECT (COUNT(*) AS ?n) FROM graph:places WHERE { ?s ?p ?o }")
    (same,) = graph.query("SELECT (COUNT(*) AS ?n) WHERE { GRAPH graph:places { ?s ?p ?o } }")
    assert one.n == same.n != 0
