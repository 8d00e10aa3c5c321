"""Clients that others wrote, and our own, find the same in our server as the graph in this process does."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from serving import Client, graph_loader, serving
from SPARQLWrapper import CSV, JSON, POST, TURTLE, XML, SPARQLWrapper

from rrm_kg.pipeline import KnowledgeGraph
from rrm_kg.terms import RDF_TYPE, RRM

COMUNICA = Path(__file__).parent / "clients"
SELECT = f"SELECT ?case {{ ?case a <{RRM}Dispute> }} # 100%25 + ñ"
CONSTRUCT = f"CONSTRUCT {{ ?case a <{RRM}Dispute> }} WHERE {{ ?case a <{RRM}Dispute> }}"
KINDS = {"json": "application/sparql-results+json", "xml": "application/sparql-results+xml", "csv": "text/csv"}
FORM = ("--data-urlencode", f"query={SELECT}")
CURL = {
    "get": ("--get", *FORM),
    "form": FORM,
    "direct": ("--header", "Content-Type: application/sparql-query", "--data-binary", SELECT),
}


@pytest.fixture(scope="module")
def client(graph: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with serving(graph_loader(graph), tmp_path_factory.mktemp("release")) as client:
        yield client


@pytest.fixture(scope="module")
def cases(graph: KnowledgeGraph) -> set[str]:
    kind, dispute = ox.NamedNode(RDF_TYPE), ox.NamedNode(RRM + "Dispute")
    found = {str(quad.subject)[1:-1] for quad in graph.store.quads_for_pattern(None, kind, dispute)}
    assert len(found) == 49
    return found


def read(kind: str, text: str) -> set[str]:
    if kind == "json":
        return {row["case"]["value"] for row in json.loads(text)["results"]["bindings"]}
    if kind == "xml":
        return {
            one.text or "" for one in ElementTree.fromstring(text).iter("{http://www.w3.org/2005/sparql-results#}uri")
        }
    return {row["case"] for row in csv.DictReader(io.StringIO(text))}


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", CURL)
def test_curl(client: Client, cases: set[str], way: str, kind: str) -> None:
    command = [
        "curl",
        "--silent",
        "--fail",
        "--header",
        f"Accept: {KINDS[kind]}",
        *CURL[way],
        f"{client.address}/sparql",
    ]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60)
    assert done.returncode == 0, done.stderr
    assert read(kind, done.stdout) == cases


@pytest.mark.parametrize("method", ["GET", POST])
@pytest.mark.parametrize("kind", [JSON, XML, CSV])
def test_sparqlwrapper(client: Client, cases: set[str], method: str, kind: str) -> None:
    asked = SPARQLWrapper(f"{client.address}/sparql", returnFormat=kind)
    asked.setMethod(method)
    asked.setQuery(SELECT)
    answer = asked.query()
    try:
        assert read(kind, answer.response.read().decode()) == cases
    finally:
        answer.response.close()


def test_sparqlwrapper_construct(client: Client, cases: set[str]) -> None:
    asked = SPARQLWrapper(f"{client.address}/sparql", returnFormat=TURTLE)
    asked.setQuery(CONSTRUCT)
    answer = asked.query()
    try:
        assert answer.info()["content-type"].startswith("text/turtle")
        found = ox.parse(answer.response.read(), format=ox.RdfFormat.TURTLE)
        assert {str(triple.subject)[1:-1] for triple in found} == cases
    finally:
        answer.response.close()


# In a process of its own: the package locks the network of rdflib in the processes that it runs in.
RDFLIB = """
import json, sys
from rdflib import URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
address, method, query, kind, name = sys.argv[1:]
store = SPARQLStore(address, method=method)
rows = [str(row[0]) for row in store.query(query)]
triples = [str(triple[0]) for triple, _ in store.triples((None, URIRef(kind), URIRef(name)))]
print(json.dumps([rows, triples]))
"""


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib(client: Client, cases: set[str], method: str) -> None:
    asked = (f"{client.address}/sparql", method, SELECT, RDF_TYPE, RRM + "Dispute")
    done = subprocess.run([sys.executable, "-c", RDFLIB, *asked], capture_output=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, done.stderr
    rows, triples = json.loads(done.stdout)
    assert set(rows) == set(triples) == cases


@pytest.mark.skipif(
    shutil.which("node") is None or not (COMUNICA / "node_modules" / "@comunica").is_dir(),
    reason="needs node and Comunica, which 'make clients-tools' installs",
)
@pytest.mark.parametrize("quads", [False, True], ids=["select", "construct"])
def test_comunica(client: Client, cases: set[str], quads: bool) -> None:
    orders = {"endpoint": f"{client.address}/sparql", "query": CONSTRUCT if quads else SELECT, "quads": quads}
    done = subprocess.run(
        ["node", "comunica.mjs"],
        input=json.dumps(orders),
        capture_output=True,
        encoding="utf-8",
        cwd=COMUNICA,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert {row[0] for row in json.loads(done.stdout)} == cases


@pytest.mark.parametrize("question", ["cq01", "cq14", "cq37"])
def test_our_own(client: Client, graph: KnowledgeGraph, question: str) -> None:
    command = [sys.executable, "-m", "rrm_kg", "ask", question, "--format", "csv"]
    far = [*command, "--endpoint", f"{client.address}/sparql"]
    done = subprocess.run(far, capture_output=True, encoding="utf-8", timeout=120, env=dict(os.environ))
    assert done.returncode == 0, done.stderr
    # Rows that ORDER BY does not tell apart have no order, not even from one call to the next in one process.
    near = graph.ask(question).serialize("csv")
    assert sorted(csv.reader(io.StringIO(done.stdout))) == sorted(csv.reader(io.StringIO(near)))
