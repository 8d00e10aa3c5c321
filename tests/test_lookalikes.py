"""Look-alikes are proposed by a machine and judged by people."""

from __future__ import annotations

import pytest

from rrm_kg import KnowledgeGraph, lookalikes, show


def test_every_pair_that_looks_alike_was_judged(graph: KnowledgeGraph) -> None:
    assert lookalikes.propose(graph) == ()


def test_a_pair_that_was_not_judged_is_proposed(graph: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = show.view

    def without_judgements(g: KnowledgeGraph, name: str, lang: str, thing: str | None = None) -> object:
        return () if name == "judgements" else whole(g, name, lang, thing)

    monkeypatch.setattr(show, "view", without_judgements)
    pairs = {(pair.one, pair.other) for pair in lookalikes.propose(graph)}
    assert ("union/strm", "union/strm-section-187") in pairs
    assert all(one < other and one.split("/")[0] == other.split("/")[0] for one, other in pairs)


def test_things_judged_the_same_are_one_entry(graph: KnowledgeGraph) -> None:
    rows = graph.query(
        """PREFIX verdict: <https://w3id.org/rrm-kg/code/verdict/>
           SELECT ?judgement WHERE {
             ?judgement rrm:judges ?one , ?other ; rrm:verdict verdict:same . FILTER(?one != ?other) }"""
    )
    assert [row.judgement for row in rows] == []
