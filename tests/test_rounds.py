"""Derivation rules share a round as long as none reads what another one of it derives."""

from __future__ import annotations

import pytest

from rrm_kg import infer
from rrm_kg.context import reads
from rrm_kg.context.rounds import rounds
from rrm_kg.context.sights import sight

COPY = "CONSTRUCT {{ ?this <urn:{1}> ?o }} WHERE {{ ?this <urn:{0}> ?o }}"


def together(*queries: str) -> list[int]:
    """How many rules each round has."""
    rules = [infer.Rule(str(number), query, {}, (), "?this") for number, query in enumerate(queries)]
    sights = {rule.name: [sight(group, "?this") for group in reads.groups(rule.query, "?this")] for rule in rules}
    return [len(some) for some in rounds(rules, sights, {rule.name: reads.derived(rule.query) for rule in rules})]


def test_rules_that_do_not_rest_on_each_other_share_a_round() -> None:
    assert together(COPY.format("a", "b"), COPY.format("a", "b"), COPY.format("c", "a")) == [3]


def test_a_rule_waits_for_what_it_reads() -> None:
    assert together(COPY.format("a", "b"), COPY.format("c", "d"), COPY.format("b", "e"), COPY.format("d", "f")) == [
        2,
        2,
    ]


@pytest.mark.parametrize(
    ("reading", "waits"),
    [
        ("?this <urn:x>/<urn:b> ?o", True),
        ("?this <urn:x> ?o FILTER NOT EXISTS { ?o <urn:b> ?any }", True),
        ("?this <urn:x> ?o OPTIONAL { ?other <urn:b> ?o }", True),
        ("?this ?open ?o", True),
        ("VALUES ?open { <urn:x> <urn:b> } ?this ?open ?o", True),
        ("VALUES ?open { <urn:x> <urn:y> } ?this ?open ?o", False),
        ("?this <urn:x> ?o FILTER(?o = <urn:b>)", False),
    ],
)
def test_whatever_way_it_reads_it(reading: str, waits: bool) -> None:
    rule = f"CONSTRUCT {{ ?this <urn:e> ?o }} WHERE {{ {reading} }}"
    assert together(COPY.format("a", "b"), rule) == ([1, 1] if waits else [2])


@pytest.mark.parametrize(("values", "waits"), [("<urn:b> <urn:c>", True), ("<urn:x> <urn:y>", False)])
def test_a_derived_predicate_may_be_a_variable(values: str, waits: bool) -> None:
    rule = f"CONSTRUCT {{ ?this ?made ?o }} WHERE {{ VALUES ?made {{ {values} }} ?this <urn:a> ?o }}"
    assert together(rule, COPY.format("b", "e")) == ([1, 1] if waits else [2])


def test_one_that_may_derive_anything_is_waited_for() -> None:
    rule = "CONSTRUCT { ?this ?p ?o } WHERE { ?this <urn:a> ?p , ?o }"
    assert together(COPY.format("x", "y"), rule, COPY.format("b", "e")) == [2, 1]
