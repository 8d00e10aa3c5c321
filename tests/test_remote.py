"""A graph behind a SPARQL endpoint: loaded whole, loaded once, checked there with the same findings as here."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyoxigraph as ox
import pytest
from conftest import copy_root, seed_faults
from servers import VIRTUOSO, free_port, oxigraph, virtuoso

from rrm_kg import KnowledgeGraph, RrmError, endpoint, gate, infer, loading, open_graph, remote
from rrm_kg import graph as graphs
from rrm_kg.findings import Finding, Report
from rrm_kg.terms import GRAPH, INFERRED

SHAPES = "https://w3id.org/rrm-kg/shapes#"
EXAMPLES = Path(__file__).parent / "shapes"
Quads = set[str]


@pytest.fixture(scope="module", params=[True, False], ids=["union", "no-union"])
def base(request: pytest.FixtureRequest) -> Iterator[str]:
    """An Oxigraph whose default graph is the union of its named graphs, and one whose default graph is empty."""
    with oxigraph(union=request.param) as address:
        yield address


@pytest.fixture
def engine() -> Iterator[remote.Endpoint]:
    """An Oxigraph of the test's own."""
    with oxigraph(union=True) as address:
        yield at(address)


def at(base: str) -> remote.Endpoint:
    """An Oxigraph by its addresses for queries and updates."""
    return remote.endpoint(f"{base}/query", update=f"{base}/update")


def passed(root: Path) -> KnowledgeGraph:
    """The graph of a root, as if it had passed the gate; not inferred."""
    sources = graphs.read_sources(root)
    written = list(graphs.load(sources.content))
    store = ox.Store()
    store.extend([*written, *infer.derive(written, sources.root)])
    return KnowledgeGraph(sources, store, Report(()), False)


def local(graph: KnowledgeGraph) -> Report:
    """The report of the gate here on a graph of passed()."""
    return gate.check(graph.sources, graph.store, (), infer.Closure((), ()))


def placeless(report: Report) -> set[tuple[object, ...]]:
    """All that a report's findings say, but the place."""
    return {(*finding.sort_key, finding.message["es"], finding.component) for finding in report.findings}


@pytest.fixture(scope="module")
def small(small_root: Path) -> KnowledgeGraph:
    """The Atento case alone."""
    return passed(small_root)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeGraph:
    """The Atento case with faults of several kinds."""
    root = copy_root(tmp_path_factory.mktemp("seeded"))
    seed_faults(root)
    return passed(root)


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeGraph:
    """The Atento case and, for nearly each shape, the example that it rejects."""
    root = copy_root(tmp_path_factory.mktemp("failing"))
    lines = []
    for path in sorted(EXAMPLES.glob("*/bad.ttl")):
        triples = list(ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE))
        if not any(isinstance(term, ox.BlankNode) for t in triples for term in (t.subject, t.object)):
            lines += [f"{triple} .\n" for triple in triples]
    (root / "data" / "faults.ttl").write_text("".join(lines), encoding="utf-8")
    return passed(root)


def tiny(**named: str) -> KnowledgeGraph:
    """A graph of some triples in Turtle for each named graph, as if it had passed the gate."""
    store = ox.Store()
    for name, turtle in named.items():
        graph = ox.NamedNode(GRAPH + name)
        for t in ox.parse(f"@prefix : <https://example.org/> . {turtle}", format=ox.RdfFormat.TURTLE):
            store.add(ox.Quad(t.subject, t.predicate, t.object, graph))
    return KnowledgeGraph(graphs.Sources(Path(), ()), store, Report(()), False)


def content(engine: remote.Endpoint) -> Quads:
    """What an engine holds, without the record."""
    rows = remote.query(
        engine, f"SELECT ?g ?s ?p ?o {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(?g != <{loading.PUSHED}>) }}"
    ).terms
    return {" ".join("_:" if isinstance(term, ox.BlankNode) else str(term) for term in row) for row in rows}


def written(graph: KnowledgeGraph) -> Quads:
    """What an engine should hold of a graph, in the same form."""
    order = (lambda q: q.graph_name, lambda q: q.subject, lambda q: q.predicate, lambda q: q.object)
    return {
        " ".join("_:" if isinstance(part(quad), ox.BlankNode) else str(part(quad)) for part in order)
        for quad in graph.store
    }


# Checking there


def test_the_findings_there_are_those_here(engine: remote.Endpoint, small: KnowledgeGraph) -> None:
    remote.push(small, engine)
    report = remote.check(engine, root=small.sources.root)
    wanted = placeless(local(small))
    assert placeless(report) == wanted != set()
    assert report.validated["unanswered"] == ""
    assert all(finding.where is None for finding in report.findings)


def test_faults_are_found_there_as_here(base: str, seeded: KnowledgeGraph) -> None:
    remote.push(seeded, at(base))
    wanted = local(seeded)
    assert len({finding.rule for finding in wanted.findings}) > 5
    report = remote.check(at(base), root=seeded.sources.root)
    assert placeless(report) == placeless(wanted)
    assert not report.conforms


def test_neither_the_closure_nor_a_foreign_graph_is_checked(engine: remote.Endpoint, small_root: Path) -> None:
    graph = open_graph(small_root)
    remote.push(graph, engine, inferred=True)
    endpoint.update(engine, "INSERT DATA { GRAPH <https://example.org/theirs> { <urn:x> a <urn:Thing> } }")
    assert INFERRED in remote.loaded(engine)
    assert INFERRED not in remote.loaded(engine, inferred=False)
    assert graph.report is not None
    assert placeless(remote.check(engine, root=small_root)) == placeless(graph.report)


def test_each_check_is_reported_as_it_begins(engine: remote.Endpoint, small: KnowledgeGraph) -> None:
    seen: list[tuple[str, int, int]] = []
    remote.push(small, engine)
    remote.check(engine, root=small.sources.root, progress=lambda *step: seen.append(step))
    assert [done for _, done, _ in seen] == list(range(seen[0][2]))
    assert {"C01", "C02", "R01", "R40"} <= {rule for rule, _, _ in seen}


def test_an_engine_without_the_graph_is_not_checked(engine: remote.Endpoint, small_root: Path) -> None:
    with pytest.raises(RrmError) as caught:
        remote.check(engine, root=small_root)
    assert caught.value.code == "E339"


def test_a_graph_that_was_loaded_by_other_means_is_checked_too(engine: remote.Endpoint, seeded: KnowledgeGraph) -> None:
    remote.push(seeded, engine)
    endpoint.update(engine, f"DROP GRAPH <{loading.PUSHED}>")
    assert placeless(remote.check(engine, root=seeded.sources.root)) == placeless(local(seeded))


@pytest.mark.parametrize("fault", ["refused", "cut", "garbled"])
def test_a_check_that_is_not_answered_is_named_by_its_rule(
    engine: remote.Endpoint, small: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    remote.push(small, engine)
    ask = remote.query

    def failing(at: remote.Endpoint, sparql: str, *, graphs: tuple[str, ...] = ()) -> remote.Rows:
        if "rrm:missing" in sparql or "ontology#verification> ?value" in sparql:
            if fault == "refused":
                raise RrmError("E332", status=500, detail="no such function")
            if fault == "garbled":
                raise RrmError("E334", detail="text/html")
            answer = ask(at, sparql, graphs=graphs)
            return answer if "COUNT" in sparql else replace(answer, terms=answer.terms[1:])
        return ask(at, sparql, graphs=graphs)

    monkeypatch.setattr(remote, "query", failing)
    report = remote.check(engine, root=small.sources.root)
    assert "R23" in report.validated["unanswered"]
    assert not report.conforms
    (named,) = (f for f in report.findings if f.shape.endswith("TimeLimit-verified"))
    assert named.component == "InConstraintComponent"
    assert "could not answer" in named.message["en"]
    assert "no pudo responder" in named.message["es"]


def test_an_endpoint_that_goes_away_ends_the_check(
    engine: remote.Endpoint, small: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.push(small, engine)
    ask = remote.query

    def gone(at: remote.Endpoint, sparql: str, *, graphs: tuple[str, ...] = ()) -> remote.Rows:
        if "ontology#verification> ?value" in sparql:
            raise RrmError("E330", detail="reset")
        return ask(at, sparql, graphs=graphs)

    monkeypatch.setattr(remote, "query", gone)
    with pytest.raises(RrmError) as caught:
        remote.check(engine, root=small.sources.root)
    assert caught.value.code == "E330"


# Loading


ONE = tiny(
    a=':a :p "1" , "ñ \\" \\\\ \\n"@es , 1.50 , "2024-02-30"^^<urn:date> ; :list ( 1 [ :q "x" ] ) .',
    b=":b :p :c .",
    c=":c :p :d .",
)


@pytest.mark.parametrize("by", ["update", "store"])
def test_a_second_push_sends_nothing(base: str, by: str) -> None:
    engine = at(base) if by == "update" else remote.endpoint(f"{base}/query", store=f"{base}/store")
    endpoint.update(at(base), "DROP ALL")
    first = remote.push(ONE, engine)
    assert first == remote.Pushed((GRAPH + "a", GRAPH + "b", GRAPH + "c"), (), (), len(ONE.store), ())
    assert content(engine) == written(ONE)
    assert remote.push(ONE, engine) == remote.Pushed((), first.sent, (), 0, ())


@pytest.mark.parametrize("by", ["update", "store"])
def test_batches_are_bounded(base: str, by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint.update(at(base), "DROP ALL")
    engine = at(base) if by == "update" else remote.endpoint(f"{base}/query", store=f"{base}/store")
    monkeypatch.setattr(loading, "BATCH_TRIPLES", 7)
    steps: list[tuple[str, int, int]] = []
    many = tiny(a=" ".join(f':a :p "{n}" .' for n in range(20)), b=" ".join(f":b :p [ :q {n} ] ." for n in range(5)))
    remote.push(many, engine, progress=lambda *step: steps.append(step))
    assert steps == [(GRAPH + "a", 7, 30), (GRAPH + "a", 14, 30), (GRAPH + "a", 20, 30), (GRAPH + "b", 30, 30)]
    assert content(engine) == written(many)
    # Each blank node is still one: two triples hang on it.
    pairs = remote.query(engine, f"SELECT ?q {{ GRAPH <{GRAPH}b> {{ ?b ?p ?x . ?x <https://example.org/q> ?q }} }}")
    assert len(pairs.terms) == 5


def test_only_what_changed_is_sent_and_what_is_gone_is_removed(engine: remote.Endpoint) -> None:
    remote.push(ONE, engine)
    theirs = "<https://example.org/theirs> <urn:s> <urn:p> <urn:o>"
    beside = f"<{GRAPH}beside> <urn:s> <urn:p> <urn:o>"
    for quad in (theirs, beside):
        name, triple = quad.split(" ", 1)
        endpoint.update(engine, f"INSERT DATA {{ GRAPH {name} {{ {triple} }} }}")
    part = f"<{loading.PUSHED}> <http://purl.org/dc/terms/hasPart> <https://example.org/theirs>"  # not ours to remove
    endpoint.update(engine, f"INSERT DATA {{ GRAPH <{loading.PUSHED}> {{ {part} }} }}")
    later = tiny(b=":b :p :c .", c=":c :p :e .", d=":d :p :e .")
    done = remote.push(later, engine)
    assert done == remote.Pushed((GRAPH + "c", GRAPH + "d"), (GRAPH + "b",), (GRAPH + "a",), 2, ())
    assert content(engine) == written(later) | {theirs, beside}


def test_a_changed_case_file_replaces_only_its_graph(engine: remote.Endpoint, root_copy: Path) -> None:
    remote.push(passed(root_copy), engine)
    path = root_copy / "data" / "cases" / "atento.ttl"
    path.write_text(path.read_text(encoding="utf-8") + "\n<urn:x> <urn:p> <urn:y> .\n", encoding="utf-8")
    changed = passed(root_copy)
    assert remote.push(changed, engine).sent == (GRAPH + "cases/atento",)
    assert content(engine) == written(changed)


def test_the_closure_comes_and_goes_as_asked(engine: remote.Endpoint) -> None:
    graph = tiny(a=":a :p :b .", inferred=":b :q :a .")
    assert remote.push(graph, engine).sent == (GRAPH + "a",)
    assert remote.push(graph, engine, inferred=True).sent == (INFERRED,)
    assert remote.push(graph, engine).removed == (INFERRED,)


def killed_at(requests: int, graph: KnowledgeGraph, engine: remote.Endpoint) -> bool:
    """Whether a push was killed when so many requests that change something had arrived; else it is done."""
    left = iter(range(requests))

    def counted(request: Callable[..., None]) -> Callable[..., None]:
        def send(*arguments: object) -> None:
            if next(left, None) is None:
                raise KeyboardInterrupt
            request(*arguments)

        return send

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(endpoint, "update", counted(endpoint.update))
        patch.setattr(endpoint, "store", counted(endpoint.store))
        try:
            remote.push(graph, engine)
        except KeyboardInterrupt:
            return True
    return False


@pytest.mark.parametrize("by", ["update", "store"])
def test_a_push_killed_at_any_request_is_finished_by_the_next(base: str, by: str) -> None:
    engine = at(base) if by == "update" else remote.endpoint(f"{base}/query", store=f"{base}/store")
    before = tiny(a=":a :p :b .", gone=":g :p :h .", kept=":k :p :l .")
    after = tiny(a=":a :p :c ; :list ( 1 2 ) .", new=":n :p :m .", kept=":k :p :l .")
    for requests in range(50):
        endpoint.update(at(base), "DROP ALL")
        remote.push(before, engine)
        if not killed_at(requests, after, engine):
            assert requests > 5
            assert content(engine) == written(after)
            return
        if content(engine) not in (written(before), written(after)):  # nobody takes it for whole
            with pytest.raises(RrmError) as caught:
                remote.loaded(engine)
            assert caught.value.code == "E338"
        remote.push(after, engine)
        assert content(engine) == written(after)
        assert remote.loaded(engine) == (GRAPH + "a", GRAPH + "kept", GRAPH + "new")
    pytest.fail("the push has no end")


def test_triples_that_vanish_are_missed(engine: remote.Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_add", lambda *arguments: None)
    with pytest.raises(RrmError) as caught:
        remote.push(tiny(b=":b :p :c ."), engine)
    assert caught.value.code == "E337"
    assert (caught.value.values["sent"], caught.value.values["found"]) == (1, 0)


def test_a_literal_that_the_engine_refuses_is_told_and_doubted(
    engine: remote.Endpoint, small: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = endpoint.update

    def update(at: remote.Endpoint, sparql: str) -> None:
        if "#yearMonthDuration> ." in sparql and "INSERT DATA" in sparql and loading.PUSHED not in sparql:
            raise RrmError("E332", status=500, detail="no such literal")
        send(at, sparql)

    monkeypatch.setattr(endpoint, "update", update)
    done = remote.push(small, engine)
    lost = [q for q in small.store if "#yearMonthDuration>" in str(q.object)]
    assert sorted(done.altered) == sorted(f"{q.triple} ." for q in lost) != []
    assert len(content(engine)) == len(small.store) - len(lost)
    assert remote.push(small, engine).altered == done.altered  # it is on record
    report = remote.check(engine, root=small.sources.root)
    doubted = {f.shape.split("#")[-1] for f in report.findings if "rrm:duration" in f.message["en"] and not f.focus}
    assert {"TimeLimit-length-present", "Dispute-waiting-period-kept"} <= doubted


@pytest.mark.parametrize("code", ["E101", "E102"])
def test_only_a_checked_graph_is_pushed(engine: remote.Endpoint, code: str) -> None:
    failed = Finding("R01", "", "", max(gate.Severity), "", None, None, {"en": "", "es": ""})
    graph = replace(ONE, report=Report((failed,)) if code == "E101" else None)
    with pytest.raises(RrmError) as caught:
        remote.push(graph, engine)
    assert caught.value.code == code
    assert content(engine) == set()


# One request


@dataclass
class Server:
    """A server that gives one answer to all, and what it was asked."""

    address: str
    asked: list[tuple[str, dict[str, str], bytes]]


Answer = tuple[int, dict[str, str], bytes]


@contextmanager
def answering(answer: Callable[[dict[str, str]], Answer | None]) -> Iterator[Server]:
    """A server on loopback; where the answer is None it closes the connection without a word."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            server.asked.append((self.path, dict(self.headers), body))
            given = answer(dict(self.headers))
            if given is None:
                self.close_connection = True
                return
            status, headers, data = given
            self.send_response(status)
            for name, value in {"Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        server = Server(f"http://127.0.0.1:{http.server_port}/sparql", [])
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()


JSON = {"Content-Type": "application/sparql-results+json"}
EMPTY = b'{"head": {"vars": ["s"]}, "results": {"bindings": []}}'
ASK = "ASK { ?s ?p ?o }"


@pytest.mark.parametrize(
    ("status", "headers", "body", "code", "said"),
    [
        (401, {}, b"", "E333", "Unauthorized"),
        (403, {}, b"not for you", "E333", "not for you"),
        (401, {"WWW-Authenticate": "Negotiate"}, b"", "E333", ""),
        (404, {}, b"<html><title>404</title><h1>Not\nhere</h1></html>", "E332", "(HTTP 404): Not here"),
        (500, {}, b"Virtuoso 37000 Error <urn:x> " + b"x" * 900, "E332", "Virtuoso 37000 Error <urn:x> xxx"),
        (302, {"Location": "http://example.org/other"}, b"", "E335", "http://example.org/other"),
        (307, {"Location": "http://example.org/other"}, b"", "E335", "http://example.org/other"),
        (200, {"Content-Type": "text/html"}, b"<html>Welcome</html>", "E334", "text/html"),
        (200, JSON, b"<html>", "E334", ""),
        (200, JSON, b'{"head": {}}', "E334", ""),
        (200, JSON, b'{"head": {"vars": ["s"]}, "results": {"bindings": [{"s": {"type": "uri"}}]}}', "E334", ""),
        (200, JSON, b'{"head": {"vars": ["s"]}, "results": {"bindings": [{"s": {"type": "x"}}]}}', "E334", ""),
        (200, JSON | {"Content-Length": "999"}, EMPTY, "E330", ""),
        (200, JSON | {"X-SPARQL-MaxRows": "10"}, EMPTY, "E336", "left rows out"),
    ],
)
def test_a_bad_answer_is_an_error_in_plain_words(
    status: int, headers: dict[str, str], body: bytes, code: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "_PAUSES", ())
    with answering(lambda asked: (status, headers, body)) as server:
        engine = remote.endpoint(server.address, user="eva", password="s3cret", timeout=5)
        with pytest.raises(RrmError) as caught:
            remote.query(engine, ASK)
    assert caught.value.code == code
    assert said in caught.value.message("en")
    for lang in ("en", "es"):
        shown = f"{caught.value} {caught.value.message(lang)} {caught.value.hint(lang)}"
        assert "s3cret" not in shown
        assert len(caught.value.message(lang)) < 320


def test_a_slow_server_is_not_waited_for() -> None:
    end = threading.Event()

    def wait(asked: dict[str, str]) -> Answer | None:
        end.wait(60)
        return None

    with answering(wait) as server:
        with pytest.raises(RrmError) as caught:
            remote.query(remote.endpoint(server.address, timeout=1), ASK)
        end.set()
    assert caught.value.code == "E331"
    assert len(server.asked) == 1


def test_nobody_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "_PAUSES", (0, 0))
    with pytest.raises(RrmError) as caught:
        remote.query(f"http://127.0.0.1:{free_port()}/sparql", ASK)
    assert caught.value.code == "E330"


def test_only_reads_are_tried_again_and_only_without_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "_PAUSES", (0, 0))
    answers: list[Answer | None] = [None, None, (200, JSON, b'{"head": {}, "boolean": true}')]
    with answering(lambda asked: answers.pop(0)) as server:
        assert remote.query(server.address, ASK).truth is True
        assert len(server.asked) == 3
    with answering(lambda asked: None) as server, pytest.raises(RrmError):
        endpoint.update(remote.endpoint(server.address), "INSERT DATA {}")
    assert len(server.asked) == 1
    with answering(lambda asked: (500, {}, b"")) as server, pytest.raises(RrmError):
        remote.query(server.address, ASK)
    assert len(server.asked) == 1


def test_credentials_go_only_where_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RRM_KG_ENDPOINT_USER", "eva")
    monkeypatch.setenv("RRM_KG_ENDPOINT_PASSWORD", "s3cret")
    wanted = "Basic " + base64.b64encode(b"eva:s3cret").decode()

    def guarded(asked: dict[str, str]) -> Answer:
        if asked.get("Authorization") == wanted:
            return 200, JSON, EMPTY
        return 401, {"WWW-Authenticate": 'Basic realm="x"'}, b""

    with answering(guarded) as server:
        engine = remote.endpoint(server.address)
        assert remote.query(engine, "SELECT ?s {}").terms == ()
        assert "s3cret" not in repr(engine)
        with pytest.raises(RrmError) as caught:
            remote.query(remote.endpoint(server.address, password="wrong"), ASK)
        assert caught.value.code == "E333"
    with answering(lambda asked: (302, {"Location": server.address}, b"")) as other, pytest.raises(RrmError):
        remote.query(remote.endpoint(other.address), ASK)
    assert len(other.asked) == 1
    assert all("Authorization" not in headers for _, headers, _ in other.asked)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("ftp://example.org/x", "E220"),
        ("file:///etc/passwd", "E220"),
        ("example.org/sparql", "E220"),
        ("http:///sparql", "E220"),
        ("http://[::1/sparql", "E220"),
        ("http://example.org:99999/", "E220"),
        ("http://example.org/a b", "E220"),
        ("http://example.org/\r\nX: y", "E220"),
        ("", "E220"),
        ("http://eva:s3cret@example.org/", "E221"),
    ],
)
def test_an_address_that_will_not_do_is_refused(address: str, code: str, no_network: list[object]) -> None:
    for call in (
        lambda: remote.endpoint(address),
        lambda: remote.endpoint("http://example.org/", update=address or "x"),
        lambda: remote.endpoint("http://example.org/", store=address or "x"),
        lambda: remote.query(address, ASK),
    ):
        with pytest.raises(RrmError) as caught:
            call()
        assert caught.value.code == code
        assert "s3cret" not in str(caught.value)
    assert no_network == []


@pytest.mark.parametrize("sparql", ["DROP ALL", "SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }"])
def test_a_query_only_reads_and_reads_only_there(sparql: str, no_network: list[object]) -> None:
    with pytest.raises(RrmError) as caught:
        remote.query("http://example.org/sparql", sparql)
    assert caught.value.code == "E311"
    assert no_network == []


def test_the_terms_of_an_answer_are_typed() -> None:
    body = b"""{"head": {"vars": ["a", "b", "c", "d", "e", "f"]}, "results": {"bindings": [{
      "a": {"type": "uri", "value": "urn:x"}, "b": {"type": "bnode", "value": "nodeID://b10"},
      "c": {"type": "literal", "value": "\\u00f1", "xml:lang": "es"},
      "d": {"type": "typed-literal", "value": "1", "datatype": "http://www.w3.org/2001/XMLSchema#integer"},
      "e": {"type": "literal", "value": "t"}}]}}"""
    with answering(lambda asked: (200, JSON, body)) as server:
        answer = remote.query(server.address, "SELECT * { ?a rrm:step ?b }", graphs=["urn:g1", "urn:g2"])
    integer = ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")
    assert answer.columns == ("a", "b", "c", "d", "e", "f")
    assert answer.terms == (
        (
            ox.NamedNode("urn:x"),
            ox.BlankNode("nodeIDb10"),
            ox.Literal("ñ", language="es"),
            ox.Literal("1", datatype=integer),
            ox.Literal("t"),
            None,
        ),
    )
    ((_, headers, sent),) = server.asked
    assert b"default-graph-uri=urn%3Ag1&default-graph-uri=urn%3Ag2" in sent
    assert b"named-graph-uri" not in sent
    assert b"PREFIX+rrm" in sent
    assert "application/sparql-results+json" in headers["Accept"]


# Virtuoso


@pytest.mark.skipif(VIRTUOSO is None, reason="Virtuoso is not installed; `make virtuoso-test` installs it")
def test_virtuoso_finds_the_same_or_says_what_it_cannot(failing: KnowledgeGraph, tmp_path: Path) -> None:
    with virtuoso(tmp_path) as base:
        engine = remote.endpoint(f"{base}/sparql-auth", user="dba", password="dba")
        done = remote.push(failing, engine)
        assert remote.push(failing, engine).sent == ()
        report = remote.check(engine, root=failing.sources.root)
    assert {line.split(" ")[1].split("#")[-1].rstrip(">") for line in done.altered} == {
        *("duration", "calendarUpperBound"),  # it counts a duration in seconds or months and forgets how it was written
        *("date", "onOrAfter", "earliest", "value"),  # it mends or drops dates that are none
    }

    def key(finding: Finding) -> tuple[object, ...]:
        return finding.shape, finding.component, finding.focus, finding.path, finding.value

    silent = [f for f in report.findings if "could not answer" in f.message["en"]]
    unanswered = {(f.shape, f.component) for f in silent}
    here = {key(f) for f in local(failing).findings}
    there = {key(f) for f in report.findings if f not in silent}
    assert {found for found in here if found[:2] not in unanswered} <= there
    assert there <= here
    assert len({shape for shape, *_ in there}) > 100
    why = {f.shape.split("#")[-1]: f.message["en"] for f in silent}
    assert {shape for shape, reason in why.items() if "property path" in reason} <= {
        *("Thing-property-domain", "Thing-property-range", "Participation-role-fits-agent", "Agent-used"),
        *("ProcedureEvent-instrument-in-force", "Allegation-temporal-scope"),
    }
    assert {shape for shape, reason in why.items() if "SAMETERM" in reason} <= {"TimeLimit-verified"}
    assert all("it " in reason for reason in why.values()), [x for x in why.items() if "it " not in x[1]]


@pytest.mark.skipif(VIRTUOSO is None, reason="Virtuoso is not installed; `make virtuoso-test` installs it")
def test_rows_that_virtuoso_leaves_out_are_missed(tmp_path: Path) -> None:
    with virtuoso(tmp_path, rows=10) as base:
        engine = remote.endpoint(f"{base}/sparql-auth", user="dba", password="dba")
        with pytest.raises(RrmError) as caught:
            remote.push(tiny(a=" ".join(f':a :p "{n}" .' for n in range(20))), engine)
        assert caught.value.code == "E336"
        with pytest.raises(RrmError) as refused:
            remote.push(tiny(a=":a :p :b ."), replace(engine, password="wrong"))
        assert refused.value.code == "E333"


def test_the_commands_push_and_check(small_root: Path, base: str) -> None:
    def command(*words: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "rrm_kg", *words, "--root", str(small_root)]
        return subprocess.run(line, capture_output=True, encoding="utf-8", timeout=300)

    query, update = f"{base}/query", f"{base}/update"
    assert command("push", query, "--update", update).returncode == 0
    again = command("push", query, "--update", update, "--lang", "es")
    assert again.stdout.startswith("Se enviaron 0 tripletas")
    found = command("check", "--endpoint", query, "--format", "json")
    assert found.returncode == 0
    here = command("check", "--format", "json")
    assert json.loads(found.stdout)["counts"] == json.loads(here.stdout)["counts"]
    refused = command("check", "--endpoint", query, "--compare")
    assert (refused.returncode, refused.stderr[:11]) == (2, "Error E200:")
    assert command("push", "http://user:secret@127.0.0.1/query").returncode == 2
