"""What was answered is given again byte for byte, and only to who asks the same."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import pytest
from serving import Answer, Client, graph_loader, serving

from rrm_kg.pipeline import KnowledgeGraph

ASKED = "/sparql?query=SELECT+?case+{?case+a+rrm:Dispute}+ORDER+BY+?case"


@pytest.fixture(scope="module")
def client(graph: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with serving(graph_loader(graph), tmp_path_factory.mktemp("release")) as client:
        yield client


def lasting(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "date"}


def hits(client: Client) -> float:
    lines = client.get("/metrics").text.splitlines()
    return float(next(line for line in lines if line.startswith("rrm_kg_kept_hits ")).split()[1])


@pytest.mark.parametrize("target", [ASKED, "/api/questions/cq20", "/ask/cq20.html"])
def test_the_same_is_answered_the_same_and_counted(client: Client, target: str) -> None:
    first = client.get(target)
    before = hits(client)
    again = client.get(target)
    assert first.status == again.status == 200
    assert first.body == again.body
    assert lasting(first) == lasting(again)
    assert hits(client) == before + 1


def test_another_form_or_language_is_another_answer(client: Client) -> None:
    assert client.get(ASKED, Accept="text/csv").kind == "text/csv"
    assert client.get(ASKED, Accept="application/sparql-results+json").kind == "application/sparql-results+json"
    assert client.get(ASKED, Accept="text/csv").kind == "text/csv"
    names = [client.get("/api/questions/cq20", Accept_Language=lang).json()["question"] for lang in ("es", "en", "es")]
    assert names[0] == names[2] != names[1]


def test_who_has_it_already_is_told_so(client: Client) -> None:
    etag = client.get(ASKED).headers["etag"]
    for _ in range(2):
        answer = client.get(ASKED, If_None_Match=etag)
        assert answer.status == 304
        assert answer.body == b""
        assert answer.headers["etag"] == etag
        assert "content-type" not in answer.headers
    assert client.get(ASKED, If_None_Match='"other"').status == 200


def test_a_refusal_is_not_kept(client: Client) -> None:
    for _ in range(2):
        before = hits(client)
        assert client.get("/sparql?query=SELECT").status == 400
        assert hits(client) == before


def test_a_header_that_is_there_twice_does_not_change_what_others_get(client: Client) -> None:
    query = f"{ASKED}+%23+twice"
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=60)
    try:
        connection.putrequest("GET", query)
        for kind in ("text/csv", "application/sparql-results+xml"):
            connection.putheader("Accept", kind)
        connection.endheaders()
        connection.getresponse().read()
    finally:
        connection.close()
    assert client.get(query, Accept="application/sparql-results+xml").kind == "application/sparql-results+xml"
    assert client.get(query, Accept="text/csv").kind == "text/csv"
