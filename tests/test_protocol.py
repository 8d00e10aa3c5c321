"""The W3C's tests of the SPARQL 1.1 Protocol, as requests to the application with real processes behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
import pytest
from rdflib import RDF, Graph, Namespace
from rdflib.collection import Collection
from rdflib.term import Node
from serving import Client, serving

from rrm_kg.serve import evaluate
from rrm_kg.serve.zygote import Work

SUITE: Final = Path(__file__).parents[2] / "shared" / "conformance" / "sparql11-protocol"
MF: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
UT: Final = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
HT: Final = Namespace("http://www.w3.org/2011/http#")
CNT: Final = Namespace("http://www.w3.org/2011/content#")

pytestmark = pytest.mark.skipif(not SUITE.is_dir(), reason="the W3C's tests are not here")


@dataclass(frozen=True)
class Exchange:
    """A request and what is expected of its answer."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    statuses: frozenset[str]
    form: str | None
    truth: bool | None


def _manifest() -> dict[str, list[Exchange]]:
    manifest = Graph().parse(data=(SUITE / "manifest.ttl").read_text(), format="turtle", publicID=SUITE.as_uri() + "/")
    tests = {}
    for test in sorted(manifest.subjects(RDF.type, MF.ProtocolTest)):
        action = manifest.value(test, MF.action)
        requests = manifest.value(action, HT.requests)
        tests[str(test).rsplit("#", 1)[-1]] = [_exchange(manifest, one) for one in Collection(manifest, requests)]
    return tests


def _exchange(manifest: Graph, request: Node) -> Exchange:
    listed = manifest.value(request, HT.headers)
    headers = {
        str(manifest.value(one, HT.fieldName)): str(manifest.value(one, HT.fieldValue))
        for one in (Collection(manifest, listed) if listed else ())
    }
    body = manifest.value(request, HT.body)
    encoding = str(manifest.value(body, CNT.characterEncoding) or "utf-8") if body else "utf-8"
    expected = manifest.value(request, HT.resp)
    truth = manifest.value(expected, MF.expectedBoolean)
    return Exchange(
        str(manifest.value(request, HT.methodName)),
        str(manifest.value(request, HT.absolutePath)).replace("/sparql/", "/sparql", 1),
        headers,
        str(manifest.value(body, CNT.chars)).encode(encoding) if body else b"",
        frozenset(str(one).rsplit("StatusCode", 1)[-1] for one in manifest.objects(expected, MF.expectedStatus)),
        str(manifest.value(expected, MF.expectedFormat) or "") or None,
        truth.toPython() if truth is not None else None,  # type: ignore[attr-defined]
    )


TESTS: Final = _manifest() if SUITE.is_dir() else {}
REFUSED: Final = {  # as the endpoint only answers questions
    "update_dataset_default_graph",
    "update_dataset_default_graphs",
    "update_dataset_full",
    "update_dataset_named_graphs",
    "update_base_uri",
    "update_post_direct",
    "update_post_form",
}


def _load() -> Work:
    store = ox.Store()
    for number in (1, 2, 3):
        name = ox.NamedNode(f"http://kasei.us/2009/09/sparql/data/data{number}.rdf")
        store.load((SUITE / f"data{number}.nt").read_bytes(), format=ox.RdfFormat.N_TRIPLES, to_graph=name)

    class Loaded:
        def __init__(self) -> None:
            self.store = store

    graph: Any = Loaded()

    def work(head: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        from rrm_kg.errors import RrmError
        from rrm_kg.serve.work import told

        try:
            return evaluate.query(graph, head, body)
        except RrmError as error:
            return {"error": told(error)}, b""

    return work


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with serving(_load, tmp_path_factory.mktemp("release")) as client:
        yield client


def test_all_tests_of_the_suite_are_read() -> None:
    assert len(TESTS) == 34
    assert set(TESTS) >= REFUSED


@pytest.mark.parametrize("name", list(TESTS))
def test_protocol(client: Client, name: str) -> None:
    for exchange in TESTS[name]:
        answer = client.request(exchange.method, exchange.target, exchange.headers, exchange.body)
        if name in REFUSED:
            if exchange.headers.get("Content-Type", exchange.headers.get("content-type", "")).endswith("update") or (
                b"update=" in exchange.body
            ):
                assert answer.status == 403
                assert answer.json()["code"] == "E311"
            continue
        assert f"{answer.status // 100}xx" in exchange.statuses, answer.text
        if exchange.truth is not None:
            assert answer.json()["boolean"] is exchange.truth
        if exchange.form == "RDF":
            form = ox.RdfFormat.from_media_type(answer.kind)
            assert form is not None
            list(ox.parse(answer.body, format=form))
        elif exchange.form in ("boolean", "tabular"):
            assert "results" in answer.kind or "csv" in answer.kind or "values" in answer.kind
