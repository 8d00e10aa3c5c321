"""The worklist reaches what owlrl reaches, and leaves to owlrl what it does not know."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rrm_kg import closure, infer
from rrm_kg import graph as graphs

PREFIXES = """@prefix : <http://example.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""


def quads(turtle: str) -> list[ox.Quad]:
    """The quads of some Turtle, in one graph."""
    graph = ox.NamedNode("http://example.org/graph")
    parsed = ox.parse((PREFIXES + turtle).encode(), format=ox.RdfFormat.TURTLE)
    return [ox.Quad(q.subject, q.predicate, q.object, graph) for q in parsed]


def both(given: list[ox.Quad]) -> tuple[infer.Closure, infer.Closure]:
    """The closure by either engine."""
    return infer.closure(given, engine="compiled"), infer.closure(given, engine="reference")


def test_the_graph_has_the_same_closure_by_both_engines(small_root: Path) -> None:
    sources = graphs.read_sources(small_root)
    written = list(graphs.load(sources.content))
    ours, theirs = both([*written, *infer.derive(written, sources.root)])
    assert len(ours.quads) > 1000
    assert ours == theirs


CLASSES = st.sampled_from([":A", ":B", ":C", ":D"])
PROPERTIES = st.sampled_from([":p", ":q", ":r"])
THINGS = st.sampled_from([":x", ":y", ":z", ":w"])
AXIOMS = st.one_of(
    st.tuples(CLASSES, st.sampled_from(["rdfs:subClassOf", "owl:equivalentClass"]), CLASSES),
    st.tuples(
        PROPERTIES, st.sampled_from(["rdfs:subPropertyOf", "owl:inverseOf", "owl:equivalentProperty"]), PROPERTIES
    ),
    st.tuples(PROPERTIES, st.sampled_from(["rdfs:domain", "rdfs:range"]), CLASSES),
    st.tuples(PROPERTIES, st.just("a"), st.sampled_from(["owl:SymmetricProperty", "owl:TransitiveProperty"])),
    st.tuples(
        PROPERTIES, st.just("owl:propertyChainAxiom"), st.tuples(PROPERTIES, PROPERTIES).map("( %s %s )".__mod__)
    ),
)
FACTS = st.one_of(st.tuples(THINGS, st.just("a"), CLASSES), st.tuples(THINGS, PROPERTIES, THINGS))
DECLARED = ":A a owl:Class . :B a owl:Class . :C a owl:Class . :D a owl:Class . " + " ".join(
    f"{p} a owl:ObjectProperty ." for p in (":p", ":q", ":r")
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(AXIOMS, max_size=6), st.lists(FACTS, min_size=1, max_size=7))
def test_random_ontologies_have_the_same_facts_by_both_engines(
    axioms: list[tuple[str, str, str]], facts: list[tuple[str, str, str]]
) -> None:
    turtle = DECLARED + " ".join(f"{s} {p} {o} ." for s, p, o in [*axioms, *facts])
    ours, theirs = both(quads(turtle))
    things = {f"http://example.org/{name}" for name in "xyzw"}

    def said(found: infer.Closure) -> set[str]:
        # What is said of things; what follows among the axioms alone depends on how much an engine spells out.
        return {str(q) for q in found.quads if isinstance(q.subject, ox.NamedNode) and q.subject.value in things}

    assert said(ours) == said(theirs), turtle


def test_things_of_disjoint_classes_are_a_contradiction_by_both_engines() -> None:
    for found in both(quads(":A owl:disjointWith :B . :x a :A , :B .")):
        assert len(found.contradictions) >= 1
        assert "http://example.org/x" in found.contradictions[0]


@pytest.mark.parametrize("axiom", ["FunctionalProperty", "Restriction", "unionOf", "hasKey", "differentFrom"])
def test_an_axiom_that_is_not_known_is_named(axiom: str) -> None:
    term = ox.NamedNode(f"http://www.w3.org/2002/07/owl#{axiom}")
    assert closure.unknown([(ox.NamedNode("http://example.org/p"), term, term)]) == term.value


def test_an_axiom_that_is_not_known_is_left_to_the_reference() -> None:
    found = infer.closure(quads(":p a owl:FunctionalProperty . :x :p :y , :z . :y a :A ."))
    same = {str(q.subject) + str(q.object) for q in found.quads if q.predicate.value.endswith("#sameAs")}
    assert "<http://example.org/y><http://example.org/z>" in same
