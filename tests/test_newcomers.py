"""What only new things say concerns others only where some predicate leads there."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from rrm_kg.context import reads
from rrm_kg.context.search import Context
from rrm_kg.context.sights import Sight, sight
from rrm_kg.context.view import Neighbours, Stages, View, statement

OLD = "<urn:a> a <urn:C> ; <urn:p> <urn:x> ; <urn:name> 'one' . <urn:x> <urn:q> <urn:y> . <urn:b> <urn:p> <urn:lost> ."
NEW = "<urn:n> a <urn:C> ; <urn:p> <urn:m> . <urn:m> <urn:q> <urn:y> ."


def sights(where: str) -> list[Sight]:
    return [sight(group, "?this") for group in reads.groups(f"SELECT * WHERE {{ {where} }}", "?this")]


def context(added: str = NEW, removed: str = "") -> Context:
    store = ox.Store()
    store.load(OLD.encode(), format=ox.RdfFormat.TURTLE)
    view = View(Neighbours(store, Stages(())))
    parts = (ox.parse(text.encode(), format=ox.RdfFormat.TURTLE) for text in (added, removed))
    view.advance(*(set(map(statement, part)) for part in parts))
    view.finish()
    return Context(view)


@pytest.mark.parametrize(
    ("added", "removed", "all_new"),
    [
        pytest.param(NEW, "", True, id="new things"),
        pytest.param(NEW + "<urn:a> <urn:p> <urn:n> .", "", False, id="more about one that was there"),
        pytest.param("<urn:lost> a <urn:C> .", "", False, id="one that others lead to"),
        pytest.param("<urn:p> a <urn:C> .", "", False, id="a predicate in use"),
        pytest.param(NEW, "<urn:x> <urn:q> <urn:y> .", False, id="something goes"),
    ],
)
def test_a_change_is_all_new_or_not(added: str, removed: str, all_new: bool) -> None:
    assert context(added, removed).view.all_new is all_new


@pytest.mark.parametrize(
    ("where", "apart"),
    [
        ("?this <urn:p> ?x . ?x <urn:q> ?y", True),
        ("?x <urn:p> ?this", True),
        ("?this <urn:p> ?x . ?other <urn:p> ?x", True),  # no new thing leads to an old one by it
        ("?this <urn:q> ?y", True),
        ("?x <urn:q> ?this", False),  # <urn:m> leads to <urn:y> by it
        ("?this <urn:p> ?x . ?x <urn:q> ?y . ?other <urn:q> ?y", False),
        ("?this <urn:p> ?x FILTER NOT EXISTS { ?other <urn:q> ?this }", False),
        ("?this <urn:p> ?x FILTER NOT EXISTS { ?x <urn:q> ?y }", True),
        ("?this <urn:p>/<urn:q> ?y", True),
        ("?this ^<urn:p> ?x", True),
        ("?this ^<urn:q> ?x", False),
        ("?this <urn:p>/<urn:q>/^<urn:q> ?x", False),
        ("?this ?property ?value", True),
        ("?x ?property ?this", False),
        ("?this <urn:p> ?x . ?unrelated <urn:p> ?y", False),
        ("?this <urn:p> ?x . ?unrelated a ?c", False),
        ("VALUES ?z { <urn:z> } ?z <urn:q> ?y . ?this <urn:p> ?x", True),
        ("VALUES ?z { <urn:n> } ?z <urn:q> ?y . ?this <urn:p> ?x", False),
        ("<urn:n> <urn:p> ?y . ?this <urn:p> ?x", False),
    ],
)
def test_a_check_is_apart_or_not(where: str, apart: bool) -> None:
    new = context()._newcomers
    assert new is not None
    assert all(one.is_apart(new) for one in sights(where)) is apart


def test_of_the_new_those_are_concerned_that_can_match() -> None:
    assert {one.value for one in context().concerned(sights("?this a <urn:C> ; <urn:p> ?x"), {})} == {"urn:n"}
    assert {one.value for one in context().concerned(sights("?x <urn:p> ?this"), {})} == {"urn:m"}


def test_one_that_was_there_is_concerned_by_the_name_of_a_new_one() -> None:
    added = NEW + "<urn:n> <urn:name> 'one' ."
    found = context(added).concerned(sights("?this <urn:name> ?name . ?other <urn:name> ?name"), {})
    assert {one.value for one in found} == {"urn:a", "urn:n"}
