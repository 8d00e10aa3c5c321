"""The server answers from the release that it serves, whatever the files beside it say by now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from serving import serving

from rrm_kg.errors import RrmError
from rrm_kg.graph import Source
from rrm_kg.pipeline import KnowledgeGraph
from rrm_kg.publish import about, dumps, twins
from rrm_kg.releases import release
from rrm_kg.serve import work
from rrm_kg.serve.held import held
from rrm_kg.serve.zygote import Work
from rrm_kg.terms import BASE, RRM

CONTACT = "mailto:desk@labor.example.org"
OTHER = "https://labor.example.org/kg/"
TAMSA = ox.NamedNode(f"{BASE}id/case/tamsa")
FILE = "data/cases/tamsa.ttl"
OLD = "TAMSA as it was named before"


def copied(graph: KnowledgeGraph) -> KnowledgeGraph:
    store = ox.Store()
    store.extend(graph.store)
    return replace(graph, store=store)


@pytest.fixture(scope="module")
def older(graph: KnowledgeGraph) -> KnowledgeGraph:
    """The graph with another name for a case, as from a file that said so."""
    changed = copied(graph)
    for predicate in (RRM + "displayLabel", "http://www.w3.org/2000/01/rdf-schema#label"):
        for quad in list(changed.store.quads_for_pattern(TAMSA, ox.NamedNode(predicate), None)):
            assert isinstance(quad.object, ox.Literal)
            named = ox.Literal(OLD, language=quad.object.language)
            changed.store.remove(quad)
            changed.store.add(ox.Quad(quad.subject, quad.predicate, named, quad.graph_name))
    files = [Source(FILE, b"# older\n" + file.data) if file.path == FILE else file for file in graph.sources.files]
    return replace(changed, sources=replace(graph.sources, files=tuple(files)))


@pytest.fixture(scope="module")
def folder(older: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = release.publish(
        older,
        tmp_path_factory.mktemp("old"),
        base=OTHER,
        contact=CONTACT,
        parts=(dumps.files, twins.files, about.files),
    )
    return made.folder / "releases" / made.name


def loading(folder: Path, graph: KnowledgeGraph) -> Callable[[], Work]:
    def load() -> Work:
        checkout = copied(graph)
        answering = held(folder, checkout)
        return lambda head, body: work.served(answering, checkout, head, body)

    return load


def test_pages_and_queries_say_what_the_release_says(folder: Path, graph: KnowledgeGraph) -> None:
    with serving(loading(folder, graph), folder) as client:
        sparql = f"SELECT ?name {{ <{OTHER}id/case/tamsa> rrm:displayLabel ?name }}"
        body = client.request("POST", "/sparql", {"Content-Type": "application/sparql-query"}, sparql.encode()).json()
        assert {row["name"]["value"] for row in body["results"]["bindings"]} == {OLD}
        assert OLD in client.get("/ask/cq14.html?case=tamsa").text
        assert OLD in client.get("/id/case/tamsa.ttl").text
        names = client.get("/api/questions/cq14?case=tamsa").json()["parameters"]
        assert names["case"] == f"{OTHER}id/case/tamsa"


def test_only_the_base_of_the_release_is_seen(folder: Path, graph: KnowledgeGraph) -> None:
    with serving(loading(folder, graph), folder) as client:
        everything = "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o ; rrm:inDispute <id/case/tamsa> }"
        for form in ("turtle", "ntriples", "jsonld", "rdfxml"):
            head = {"Content-Type": "application/sparql-query"}
            answer = client.request("POST", f"/sparql?format={form}", head, everything.encode())
            assert answer.status == 200
            assert OTHER in answer.text
            assert BASE not in answer.text
        graphs = client.get(f"/sparql?query=ASK{{?s?p?o}}&default-graph-uri={OTHER}graph/cases/tamsa")
        assert graphs.json()["boolean"] is True
        inside = client.get(f"/sparql?query=ASK{{?s?p?o}}&default-graph-uri={BASE}graph/cases/tamsa")
        assert (
            inside.json()["boolean"] is True
        )  # the base of the vocabulary's own names stays a name of the same things


def test_the_contact_of_the_release_is_shown(folder: Path, graph: KnowledgeGraph) -> None:
    with serving(loading(folder, graph), folder) as client:
        for page in ("about.html", "about.es.html", "data.html", "data.es.html"):
            assert f'<a href="{CONTACT}">desk@labor.example.org</a>' in client.get(f"/{page}").text
        assert client.get("/MANIFEST.json").json()["contact"] == CONTACT


def test_the_same_files_need_no_dump(graph: KnowledgeGraph, tmp_path: Path) -> None:
    made = release.publish(graph, tmp_path, base=OTHER, parts=())
    found = held(made.folder / "releases" / made.name, graph)
    assert found.graph is graph
    assert found.base == OTHER


def test_a_dump_that_was_changed_is_refused(folder: Path, graph: KnowledgeGraph, tmp_path: Path) -> None:
    for name in ("MANIFEST.json", "SHA256SUMS"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    with pytest.raises(RrmError) as missing:
        held(tmp_path, graph)
    assert missing.value.code == "E372"
    (tmp_path / "dumps").mkdir()
    packed = bytearray((folder / "dumps/kg.nq.gz").read_bytes())
    packed[-9] ^= 1
    (tmp_path / "dumps/kg.nq.gz").write_bytes(packed)
    with pytest.raises(RrmError) as changed:
        held(tmp_path, graph)
    assert changed.value.code == "E372"
