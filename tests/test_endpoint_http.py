"""The SPARQL endpoint over the real graph: forms, what is kept, what is refused, limits, and who must not suffer."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterator
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from serving import Answer, Client, graph_loader, serving

from rrm_kg.pipeline import KnowledgeGraph
from rrm_kg.serve import evaluate

CASES = "SELECT ?case { ?case a rrm:Dispute }"
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@pytest.fixture(scope="module")
def client(graph: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    release = tmp_path_factory.mktemp("release")
    (release / "catalog.ttl").write_text("<a:a> <a:b> <a:c> .")
    with serving(graph_loader(graph), release, seconds=3) as client:
        yield client


def ask(client: Client, query: str, accept: str = "application/sparql-results+json", extra: str = "") -> Answer:
    return client.get(f"/sparql?query={quote(query)}{extra}", Accept=accept)


def test_select_comes_in_each_form_with_all_rows(client: Client) -> None:
    rows = ask(client, CASES).json()["results"]["bindings"]
    assert len(rows) == 49
    assert len(list(csv.reader(io.StringIO(ask(client, CASES, "text/csv").text)))) == 50
    assert ask(client, CASES, "text/tab-separated-values").text.count("\n") == 50
    assert ask(client, CASES, "application/sparql-results+xml").text.count("<result>") == 49
    assert ask(client, CASES, "image/png").status == 406
    assert ask(client, CASES, "image/png", "&format=csv").kind == "text/csv"


def test_the_best_of_several_forms_is_chosen(client: Client) -> None:
    accept = "text/csv;q=0.5, application/sparql-results+xml;q=0.9, */*;q=0.1"
    assert ask(client, CASES, accept).kind == "application/sparql-results+xml"


def test_construct_comes_as_triples(client: Client) -> None:
    query = "CONSTRUCT { ?case a rrm:Dispute } { ?case a rrm:Dispute }"
    for kind in ("text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"):
        answer = ask(client, query, kind)
        form = ox.RdfFormat.from_media_type(kind)
        assert form is not None
        assert len(list(ox.parse(answer.body, format=form))) == 49


def test_an_answer_is_kept_and_not_sent_twice(client: Client) -> None:
    first = ask(client, CASES)
    again = client.get(
        f"/sparql?query={quote(CASES)}", Accept="application/sparql-results+json", If_None_Match=first.headers["etag"]
    )
    assert (again.status, again.body) == (304, b"")
    hits = next(line for line in client.get("/metrics").text.splitlines() if line.startswith("rrm_kg_kept_hits"))
    ask(client, CASES)
    after = next(line for line in client.get("/metrics").text.splitlines() if line.startswith("rrm_kg_kept_hits"))
    assert float(after.split()[-1]) == float(hits.split()[-1]) + 1


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "LOAD <http://127.0.0.1:1/>",
        "LOAD <file:///etc/passwd>",
        "DROP ALL",
        "INSERT DATA { <a:a> <a:b> <a:c> }",
    ],
)
def test_what_reaches_out_or_changes_is_refused(client: Client, query: str) -> None:
    answer = ask(client, query)
    assert (answer.status, answer.json()["code"], answer.kind) == (403, "E311", "application/problem+json")


def test_from_names_only_our_graphs(client: Client) -> None:
    for name in ("file:///etc/passwd", "http://127.0.0.1:1/data.ttl"):
        assert ask(client, f"SELECT * FROM <{name}> {{ ?s ?p ?o }}").json()["code"] == "E213"
    ours = "SELECT * FROM <https://w3id.org/rrm-kg/graph/cases/atento> { ?case a rrm:Dispute }"
    assert len(ask(client, ours).json()["results"]["bindings"]) == 1


def test_a_fault_is_told_with_its_place_in_the_language_of_the_client(client: Client) -> None:
    answer = client.get(f"/sparql?query={quote('SELECT * {' + chr(10) + ' ?s ?p }')}", Accept_Language="es")
    assert answer.status == 400
    assert answer.json()["where"].startswith("line 2")
    assert answer.headers["content-language"] == "es"


def test_nesting_that_would_end_the_engine_does_not_reach_it(client: Client) -> None:
    answer = client.request("POST", "/sparql", {"Content-Type": "application/sparql-query"}, b"SELECT * " + b"{" * 3000)
    assert (answer.status, answer.json()["code"]) == (413, "E312")
    long = b"SELECT * { ?s ?p '" + b"a" * 400_000
    assert client.request("POST", "/sparql", {"Content-Type": "application/sparql-query"}, long).status == 413


def test_a_query_that_takes_too_long_is_ended_and_others_are_answered_meanwhile(client: Client) -> None:
    late: list[Answer] = []
    threads = [
        threading.Thread(
            target=lambda n=n: late.append(  # type: ignore[misc]
                client.get(f"/sparql?query={quote(CROSS + ' #' + str(n))}", X_Forwarded_For=f"10.0.0.{n}")
            )
        )
        for n in range(3)
    ]
    for thread in threads:
        thread.start()
    for n in range(20):
        assert len(ask(client, CASES + f" # {n}").json()["results"]["bindings"]) == 49
    for thread in threads:
        thread.join()
    assert [(answer.status, answer.json()["code"]) for answer in late] == [(504, "E383")] * 3
    assert client.get("/health").json()["cases"] == 49


def test_memory_is_bounded(client: Client) -> None:
    doubled = 'SELECT (STRLEN(?z) AS ?n) { BIND("' + "x" * 1000 + '" AS ?a0) '
    doubled += (
        "".join(f"BIND(CONCAT(?a{n}, ?a{n}, ?a{n}, ?a{n}) AS ?a{n + 1}) " for n in range(12)) + "BIND(?a12 AS ?z) }"
    )
    assert ask(client, doubled).status in (503, 504)
    assert len(ask(client, CASES).json()["results"]["bindings"]) == 49


def test_an_answer_that_is_too_long_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch, graph: KnowledgeGraph) -> None:
    monkeypatch.setattr("rrm_kg.safety.MAX_RESULT_BYTES", 2000)
    for form, mark in (("json", b"truncated"), ("xml", b"truncated"), ("csv", b""), ("tsv", b"")):
        head = {"default": [], "named": [], "accept": None, "form": form}
        said, body = evaluate.query(graph, head, CASES.encode())
        assert said["truncated"]
        assert 0 < said["rows"] < 49
        assert mark in body
        assert len(body) < 2000


def test_a_spreadsheet_is_given_no_formula(client: Client) -> None:
    query = """SELECT ?a { VALUES ?a { "=1+1" "@SUM(A1)" "-5" "-x" "safe" } }"""
    plain = ask(client, query, extra="&format=csv").text.split()
    safe = ask(client, query, extra="&format=csv-excel").text.split()
    assert "=1+1" in plain
    assert sorted(safe) == sorted(["a", "'=1+1", "'@SUM(A1)", "-5", "'-x", "safe"])


def test_without_a_query_the_service_describes_itself(client: Client) -> None:
    assert client.get("/sparql", Accept="text/turtle").body == b"<a:a> <a:b> <a:c> ."
    assert client.get("/sparql", Accept="text/html").headers["location"] == "/query"
    assert client.get("/sparql", Accept="image/png").status == 406


def test_browsers_of_other_sites_may_ask(client: Client) -> None:
    answer = client.request("OPTIONS", "/sparql", {"Origin": "https://example.org"})
    assert answer.status == 204
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert ask(client, CASES).headers["access-control-allow-origin"] == "*"
    assert client.request("HEAD", f"/sparql?query={quote(CASES)}").body == b""


def test_data_cannot_run_in_a_browser(client: Client) -> None:
    headers = ask(client, CASES).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]
