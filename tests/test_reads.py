"""What a query reads follows from its text: the patterns that match together, and those tested beside them."""

from __future__ import annotations

import pytest

from rrm_kg import infer
from rrm_kg.context import reads
from rrm_kg.context.patterns import ANYTHING, Group, Pattern, from_list, steps, to_list
from rrm_kg.errors import RrmError

P, Q, R = "<urn:p>", "<urn:q>", "<urn:r>"


def groups(where: str) -> tuple[Group, ...]:
    """The groups of a query about ?this."""
    return reads.groups(f"SELECT * WHERE {{ {where} }}", "?this")


def test_patterns_that_are_joined_match_together() -> None:
    (group,) = groups(f"?this {P} ?a . {{ ?a {Q} ?b }} ?b {R} 1")
    assert set(group.patterns) == {
        Pattern("?this", P, "?a"),
        Pattern("?a", Q, "?b"),
        Pattern("?b", R, '"1"^^<http://www.w3.org/2001/XMLSchema#integer>'),
    }
    assert group.grows


def test_a_union_makes_alternatives() -> None:
    assert [g.patterns for g in groups(f"{{ ?this {P} 'a' }} UNION {{ ?this {Q} 'a' }}")] == [
        (Pattern("?this", P, '"a"'),),
        (Pattern("?this", Q, '"a"'),),
    ]


@pytest.mark.parametrize("absent", [f"FILTER NOT EXISTS {{ ?this {Q} ?x }}", f"MINUS {{ ?this {Q} ?x }}"])
def test_what_must_not_match_stands_apart(absent: str) -> None:
    (group,) = groups(f"?this {P} 'a' . {absent}")
    assert group.absent == (Group((Pattern("?this", Q, ANYTHING),)),)
    assert group.beside == ()


@pytest.mark.parametrize(
    "beside",
    [
        f"OPTIONAL {{ ?this {Q} ?x }}",
        f"FILTER(EXISTS {{ ?this {Q} ?x }} || ?this = <urn:a>)",
        f"BIND(EXISTS {{ ?this {Q} ?x }} AS ?y)",
        f"FILTER(!EXISTS {{ ?this {Q} ?x }})",
    ],
)
def test_what_may_match_stands_beside(beside: str) -> None:
    (group,) = groups(f"?this {P} 'a' . {beside}")
    assert [pattern.predicate for inner in group.beside for pattern in inner.patterns] == [Q]
    assert group.absent == ()


def test_terms_that_are_given_narrow_a_variable() -> None:
    (group,) = groups(f"VALUES ?x {{ <urn:a> <urn:b> }} ?this {P} ?x . BIND(<urn:c> AS ?y) FILTER(?z IN (<urn:d>))")
    assert dict(group.given) == {"?x": ("<urn:a>", "<urn:b>"), "?y": ("<urn:c>",), "?z": ("<urn:d>",)}


def test_a_subquery_hides_its_own_variables() -> None:
    (group,) = groups(f"?this {P} ?x . {{ SELECT ?this WHERE {{ ?this {Q} ?x . ?x {R} ?x }} }}")
    names = {pattern.predicate: pattern.object for pattern in group.patterns}
    assert names[P] == ANYTHING  # it is not the ?x inside
    assert names[Q] == names[R] != "?x"


def test_counting_can_give_more_or_fewer_results() -> None:
    (group,) = groups(f"{{ SELECT ?this WHERE {{ ?this {P} ?x }} GROUP BY ?this HAVING (COUNT(?x) > 1) }}")
    assert not group.grows


def test_paths_are_kept_with_their_steps() -> None:
    (group,) = groups(f"?this ({P}/^{Q})+|{R}? ?x . ?x {P} ?x")
    path = next(p.predicate for p in group.patterns if not isinstance(p.predicate, str))
    assert path == ("|", ("+", ("/", P, ("^", Q))), ("?", R))
    assert list(steps(path)) == [(P, False), (Q, True), (R, False)]


@pytest.mark.parametrize(
    ("where", "detail"),
    [
        (f"{{ SELECT ?this WHERE {{ ?this {P} ?x }} LIMIT 1 }}", "Slice"),
        (f"{{ SELECT ?x (COUNT(?this) AS ?n) WHERE {{ ?this {P} ?x }} GROUP BY ?x }}", "GROUP BY without ?this"),
        (f"GRAPH ?g {{ ?this {P} ?x }}", "Graph"),
        (f"?this !{P} ?x", "!path"),
    ],
)
def test_a_query_whose_results_rest_on_other_things_is_refused(where: str, detail: str) -> None:
    with pytest.raises(RrmError) as caught:
        groups(where)
    assert (caught.value.code, caught.value.values["detail"]) == ("E315", detail)


def test_what_is_kept_is_what_was_read() -> None:
    for rule in infer.rules():
        for group in reads.groups(rule.query, rule.about):
            assert from_list(to_list(group)) == group
