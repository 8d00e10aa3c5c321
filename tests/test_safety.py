"""No network and no local file, whatever data or a query asks for; nothing that crashes the engine reaches it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rrm_kg import KnowledgeGraph, safety
from rrm_kg.errors import RrmError


@pytest.fixture(autouse=True)
def _locked(no_network: list[object]) -> None:
    safety.lock_rdflib()


def refused(call: object, *arguments: object, **named: object) -> str:
    with pytest.raises(RrmError) as caught:
        call(*arguments, **named)  # type: ignore[operator]
    return caught.value.code


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x.ttl", "https://example.org/x.ttl", "file:///etc/passwd"])
def test_rdflib_opens_no_address(address: str, no_network: list[object]) -> None:
    import rdflib

    assert refused(rdflib.Graph().parse, address) == "E306"
    assert no_network == []


def test_rdflib_opens_no_local_file_by_name(tmp_path: Path) -> None:
    import rdflib

    path = tmp_path / "secret.ttl"
    path.write_text("<urn:secret> <urn:p> 1 .")
    assert refused(rdflib.Graph().parse, str(path)) == "E306"


@pytest.mark.parametrize("context", ["http://127.0.0.1:9/c.jsonld", "file:///etc/passwd"])
def test_json_ld_contexts_are_not_retrieved(context: str, no_network: list[object]) -> None:
    import rdflib

    data = f'{{"@context": "{context}", "@id": "urn:a", "urn:p": 1}}'
    assert refused(rdflib.Graph().parse, data=data, format="json-ld") == "E306"
    assert no_network == []


def test_from_and_service_reach_nothing_in_rdflib(tmp_path: Path, no_network: list[object]) -> None:
    import rdflib

    path = tmp_path / "secret.ttl"
    path.write_text("<urn:secret> <urn:p> 1 .")
    graph = rdflib.Dataset()
    assert list(graph.query(f"SELECT * FROM <{path.as_uri()}> WHERE {{ ?s ?p ?o }}")) == []
    service = "SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"
    assert refused(lambda: list(graph.query(service))) == "E306"
    assert no_network == []


def test_literals_are_not_rewritten(small_root: Path, tmp_path: Path) -> None:
    import rdflib

    from rrm_kg import open_graph

    open_graph(small_root, cache_folder=tmp_path)  # pySHACL sets the switch back after its work

    assert str(rdflib.Literal("007", datatype=rdflib.XSD.integer)) == "007"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "select * where { service silent ?x { ?s ?p ?o } }",
        "LOAD <http://127.0.0.1:9/>",
        "INSERT DATA { <urn:a> <urn:b> 1 }",
        "DROP ALL",
    ],
)
def test_queries_that_leave_or_change_the_graph_are_refused(
    query: str, graph: KnowledgeGraph, no_network: list[object]
) -> None:
    assert refused(graph.query, query) == "E311"
    assert no_network == []


@pytest.mark.parametrize(
    "query",
    [
        'SELECT * WHERE { ?s ?p "SERVICE" }',
        "SELECT * WHERE { ?s <urn:x-service:LOAD> ?service }",
        "# DROP ALL\nSELECT * WHERE { ?s ?p '''INSERT''' }",
        "PREFIX service: <urn:s:> SELECT * WHERE { ?s service:x ?load }",
    ],
)
def test_words_in_strings_names_and_comments_are_only_words(query: str, graph: KnowledgeGraph) -> None:
    assert len(graph.query(query)) == 0


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * WHERE " + "{" * 3000 + "}" * 3000,
        "SELECT * WHERE { FILTER(" + "(" * 5000 + "1" + ")" * 5000 + ") }",
        "SELECT * WHERE { FILTER(" + "!" * 10_000 + "true) }",
        "SELECT * WHERE { " + "OPTIONAL { ?s ?p ?o } " * 3000 + "}",
        "SELECT * WHERE { ?s ?p " + "[ <urn:p> " * 500 + "1" + "]" * 500 + " }",
        "SELECT * WHERE { ?s ?p '" + "x" * 70_000 + "' }",
    ],
)
def test_queries_that_would_crash_the_engine_do_not_reach_it(query: str, graph: KnowledgeGraph) -> None:
    assert refused(graph.query, query) == "E312"


@pytest.mark.parametrize(
    ("query", "bound"),
    [
        ("SELECT ?x { ?x ?p ?name }", 'SELECT ?x { ?x ?p "a\\"b" }'),
        ("SELECT ?x { ?x ?p '?name' } # ?name", "SELECT ?x { ?x ?p '?name' } # ?name"),
        ("SELECT ?x { ?x ?p <urn:?name> . ?name2 ?p $name }", 'SELECT ?x { ?x ?p <urn:?name> . ?name2 ?p "a\\"b" }'),
    ],
)
def test_terms_take_the_place_of_variables_and_of_nothing_else(query: str, bound: str) -> None:
    assert safety.bind(query, {"name": '"a\\"b"'}) == bound


def test_a_value_never_becomes_syntax(graph: KnowledgeGraph) -> None:
    import pyoxigraph as ox

    hostile = '" } ; DROP ALL # '
    assert len(graph.query("SELECT ?s WHERE { ?s ?p ?value }", value=ox.Literal(hostile))) == 0


def test_a_library_without_the_doors_that_are_locked_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import rdflib.parser

    monkeypatch.setattr(safety, "_locked", False)
    monkeypatch.delattr(rdflib.parser, "_urlopen")
    with pytest.raises(RrmError) as caught:
        safety.lock_rdflib()
    assert (caught.value.code, caught.value.exit_code) == ("E402", 4)
    assert "rdflib.parser._urlopen" in caught.value.message("en")
