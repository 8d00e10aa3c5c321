"""Queries that were right and were damaged, put to a server of our own: none may end it, hang it or come as 5xx."""

from __future__ import annotations

import http.client
import json
import random
import time
from pathlib import Path
from typing import Final

import pytest
from serving import graph_loader, serving

from rrm_kg import questions
from rrm_kg.pipeline import KnowledgeGraph

ROOT: Final = Path(__file__).parents[1]
SEED: Final = 20261122
SECONDS: Final = 20
_PARTS: Final = (
    *("{", "}", "(", ")", "[", "]", "<", ">", '"', "'", '"""', "\\", "\\u0000", "\\uD800", "\0", "\ufeff", "\n", "#"),
    *("?x", "$", "_:b", "a", "^", "/", "*", "+", "!", "|", "^^", "@en", "@", "1e999", "-", ".", ";", ",", "&&", "||"),
    *(
        "SELECT",
        "ASK",
        "CONSTRUCT",
        "DESCRIBE",
        "WHERE",
        "OPTIONAL",
        "UNION",
        "MINUS",
        "FILTER",
        "EXISTS",
        "NOT",
        "BIND",
    ),
    *(
        "VALUES",
        "GRAPH",
        "SERVICE",
        "FROM",
        "NAMED",
        "GROUP BY",
        "HAVING",
        "ORDER BY",
        "LIMIT",
        "OFFSET",
        "BASE",
        "PREFIX",
    ),
    *(
        "INSERT",
        "LOAD",
        "COUNT(*)",
        "GROUP_CONCAT",
        "REGEX",
        "REPLACE",
        "IRI(",
        "STRDT(",
        "<file:///etc/passwd>",
        "<a b>",
    ),
)
ANSWERS: Final = frozenset({200, 400, 403, 413, 504})


def damaged(query: str, others: list[str], chance: random.Random) -> bytes:
    """A query with one to four kinds of damage."""
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(query) + 1)
        length = min(chance.choice((1, 2, 5, 20)), len(query) - place)
        kind = chance.randrange(5)
        if kind == 0:
            query = query[:place] + chance.choice(_PARTS) + query[place:]
        elif kind == 1:
            query = query[:place] + query[place + length :]
        elif kind == 2:
            query = query[:place] + chance.choice(_PARTS) * chance.choice((2, 40, 70)) + query[place:]
        elif kind == 3:
            other = chance.choice(others)
            start = chance.randrange(len(other))
            query = query[:place] + other[start : start + chance.choice((5, 50, 500))] + query[place + length :]
        else:
            query = query[:place] + query[place : place + length][::-1] + query[place + length :]
    data = query.encode("utf-8", "replace")
    if chance.random() < 0.05:
        data = (
            data[: chance.randrange(len(data) + 1)]
            + bytes([chance.randrange(256)])
            + data[chance.randrange(len(data) + 1) :]
        )
    return data


def test_damaged_queries_neither_end_nor_hang_the_server(
    graph: KnowledgeGraph, tmp_path: Path, figures: dict[str, int]
) -> None:
    seeds = [one.query for one in questions.catalogue(ROOT)]
    seeds += [
        "SELECT * { ?s ?p ?o } LIMIT 3",
        "ASK { ?s a rrm:Dispute }",
        "DESCRIBE <a:b>",
        "CONSTRUCT { ?s ?p 1 } { ?s ?p 2 }",
    ]
    chance = random.Random(SEED)
    count = 0
    strange: list[tuple[int, bytes]] = []
    with serving(graph_loader(graph), tmp_path, seconds=2) as client:
        connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=30)
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            query = damaged(chance.choice(seeds), seeds, chance)
            headers = {"Content-Type": "application/sparql-query", "Accept": "*/*"}
            connection.request("POST", "/sparql", query, headers)
            answer = connection.getresponse()
            body = answer.read()
            count += 1
            if answer.status not in ANSWERS or (answer.status >= 400 and json.loads(body)["code"] in ("E404", "E408")):
                strange.append((answer.status, query))
        connection.close()
        assert client.get("/health").json()["cases"] == 49
        broken = next(line for line in client.get("/metrics").text.splitlines() if line.startswith("rrm_kg_broken"))
    figures["damaged queries put to the server"] = count
    assert strange == []
    assert float(broken.split()[-1]) == 0
    assert count > 50


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_seed_gives_the_same_damage(seed: int) -> None:
    one, two = (damaged("SELECT * { ?s ?p ?o }", ["ASK {}"], random.Random(seed)) for _ in range(2))
    assert one == two
