"""Date bounds, names, the closure, and explanations that rest on something written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from rrm_kg import KnowledgeGraph, explain, infer, parse
from rrm_kg.errors import RrmError
from rrm_kg.terms import INFERRED, RDF, RRM, XSD, mint

HEAD = """@prefix rrm: <https://w3id.org/rrm-kg/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix : <urn:x:> .
"""


def quads(text: str) -> list[ox.Quad]:
    graph = ox.NamedNode("urn:g")
    return [ox.Quad(t.subject, t.predicate, t.object, graph) for t in parse.parse_turtle((HEAD + text).encode(), "t")]


def bounds(text: str) -> dict[str, str]:
    found = infer.derive(quads(text))
    return {
        q.predicate.value.removeprefix(RRM): q.object.value
        for q in found
        if isinstance(q.object, ox.Literal) and q.predicate.value in (RRM + "earliest", RRM + "latest")
    }


@pytest.mark.parametrize(
    ("written", "earliest", "latest"),
    [
        ('rrm:date "2024-01-18"^^xsd:date', "2024-01-18", "2024-01-18"),
        ('rrm:date "2023-12"^^xsd:gYearMonth', "2023-12-01", "2023-12-31"),
        ('rrm:date "2024-02"^^xsd:gYearMonth', "2024-02-01", "2024-02-29"),
        ('rrm:date "2023-02"^^xsd:gYearMonth', "2023-02-01", "2023-02-28"),
        ('rrm:date "2024-04"^^xsd:gYearMonth', "2024-04-01", "2024-04-30"),
        ('rrm:date "2022"^^xsd:gYear', "2022-01-01", "2022-12-31"),
        ('a rrm:Assertion ; rrm:value "2023-12"^^xsd:gYearMonth', "2023-12-01", "2023-12-31"),
        ('rrm:onOrAfter "2024-01-01"^^xsd:date ; rrm:onOrBefore "2024-02-01"^^xsd:date', "2024-01-01", "2024-02-01"),
        ('rrm:date "2024-01-18"^^xsd:date ; rrm:onOrBefore "2024-02-01"^^xsd:date', "2024-01-18", "2024-01-18"),
    ],
)
def test_a_date_says_which_days_it_allows(written: str, earliest: str, latest: str) -> None:
    assert bounds(f":n {written} .") == {"earliest": earliest, "latest": latest}


def test_one_bound_alone_stays_one_bound() -> None:
    assert bounds(':n rrm:onOrBefore "2024-02-01"^^xsd:date .') == {"latest": "2024-02-01"}


@pytest.mark.parametrize("written", ['"2024-02-30"^^xsd:date', '"soon"', '"2024-13"^^xsd:gYearMonth', "5"])
def test_what_is_no_date_allows_no_day(written: str) -> None:
    assert bounds(f":n rrm:date {written} .") == {}


def names(graph: KnowledgeGraph, iri: str) -> dict[str, str]:
    found = graph.store.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(RRM + "displayLabel"), None)
    return {q.object.language or "": q.object.value for q in found if isinstance(q.object, ox.Literal)}


@pytest.mark.parametrize(
    ("written", "addresses"),
    [
        (':paper rrm:url "https://own.example/"^^xsd:anyURI .', {"https://own.example/"}),
        ("", {"https://a.example/"}),
        (':z rrm:copyOf :paper . :z rrm:url "https://0.example/"^^xsd:anyURI .', {"https://0.example/"}),
    ],
)
def test_a_document_is_read_at_its_own_address_or_the_first_of_its_copies(written: str, addresses: set[str]) -> None:
    copies = """
        :x rrm:copyOf :paper ; rrm:url "https://b.example/"^^xsd:anyURI , "https://a.example/"^^xsd:anyURI .
        :y rrm:copyOf :paper ; rrm:url "https://c.example/"^^xsd:anyURI .
        :other rrm:copyOf :elsewhere ; rrm:url "https://0.example/"^^xsd:anyURI .
    """
    derived = infer.derive(quads(copies + written))
    assert {str(q.object) for q in derived if _reads(q, "urn:x:paper")} == {f'"{a}"^^<{XSD}anyURI>' for a in addresses}


def _reads(quad: ox.Quad, thing: str) -> bool:
    return quad.predicate.value == RRM + "readAt" and str(quad.subject) == f"<{thing}>"


def test_everything_shown_has_one_name_in_each_language(graph: KnowledgeGraph) -> None:
    rows = graph.query(
        """SELECT ?thing WHERE {
             ?thing a ?class . FILTER(STRSTARTS(STR(?thing), "https://w3id.org/rrm-kg/id/"))
           } GROUP BY ?thing"""
    )
    assert len(rows) > 500
    wrong = {
        row.thing: names(graph, str(row.thing)) for row in rows if set(names(graph, str(row.thing))) != {"en", "es"}
    }
    assert wrong == {}


def test_a_name_in_one_language_serves_the_other(graph: KnowledgeGraph) -> None:
    strm = names(graph, mint("union", "strm"))
    assert strm["es"] == "Sindicato de Telefonistas de la República Mexicana"
    assert strm["en"]


def test_the_closure_reaches_what_the_axioms_say(graph: KnowledgeGraph) -> None:
    inferred = ox.NamedNode(INFERRED)

    def has(s: str, p: str, o: str) -> bool:
        return ox.Quad(ox.NamedNode(s), ox.NamedNode(p), ox.NamedNode(o), inferred) in graph.store

    facility = mint("facility", "atento-pachuca-i")
    assert has(facility, RRM + "locatedIn", mint("place", "mexico"))  # a property chain over a transitive property
    assert has(mint("mechanism", "us-domestic"), RRM + "interlocksWith", mint("mechanism", "rrm-31a"))  # symmetry
    assert has(mint("event", "atento-submitted"), RDF + "type", RRM + "Record")  # a superclass
    assert not has(facility, "http://www.w3.org/2002/07/owl#sameAs", facility)


def test_the_closure_is_rdf_that_can_be_published(graph: KnowledgeGraph) -> None:
    inferred = list(graph.store.quads_for_pattern(None, None, None, ox.NamedNode(INFERRED)))
    assert inferred
    for quad in inferred:
        assert isinstance(quad.subject, ox.NamedNode)
        assert isinstance(quad.object, ox.NamedNode)
        assert not quad.object.value.endswith(("owl#Thing", "rdf-schema#Resource"))


def test_a_contradiction_is_reported() -> None:
    found = infer.closure(quads("rrm:A owl:disjointWith rrm:B . :x a rrm:A , rrm:B ."))
    assert any("disjoint" in message.lower() for message in found.contradictions)


def test_the_closure_has_a_budget() -> None:
    chain = "rrm:p a owl:TransitiveProperty . " + " ".join(f":n{i} rrm:p :n{i + 1} ." for i in range(60))
    with pytest.raises(RrmError) as caught:
        infer.closure(quads(chain), triples=200)
    assert caught.value.code == "E309"
    with pytest.raises(RrmError) as caught:
        infer.closure(quads(chain), seconds=0.0)
    assert caught.value.code == "E309"


def leaves(step: explain.Step) -> Iterator[explain.Step]:
    if not step.premises:
        yield step
    for premise in step.premises:
        yield from leaves(premise)


@pytest.mark.parametrize(
    ("subject", "predicate", "value", "rule"),
    [
        ("facility/atento-pachuca-i", "rrm:locatedIn", "place/mexico", "prp-spo2"),
        ("mechanism/us-domestic", "rrm:interlocksWith", "mechanism/rrm-31a", "prp-symp"),
        ("event/atento-submitted", "a", "rrm:Record", "cax-sco"),
        ("event/atento-submitted", "rrm:earliest", "2023-11-28", "01-date-bounds"),
        ("event/atento-evidence-affirmed", "rrm:latest", "2024-01-18", "02-outer-bounds"),
    ],
)
def test_an_explanation_rests_on_what_was_written(
    graph: KnowledgeGraph, subject: str, predicate: str, value: str, rule: str
) -> None:
    step = graph.explain(subject, predicate, value)
    assert step.rule == rule
    assert all(leaf.rule is None and leaf.graph for leaf in leaves(step))


def test_what_was_written_needs_no_rule(graph: KnowledgeGraph) -> None:
    step = graph.explain("event/atento-submitted", "rrm:inDispute", "case/atento")
    assert (step.rule, step.premises) == (None, ())
    assert step.graph.endswith("graph/cases/atento")


def test_every_inferred_triple_can_be_explained(graph: KnowledgeGraph) -> None:
    unexplained = []
    names = [INFERRED, *(rule.graph for rule in infer.rules())]
    for name in names:
        found = sorted(graph.store.quads_for_pattern(None, None, None, ox.NamedNode(name)), key=str)
        for quad in found[:: max(1, len(found) // (60 if name == INFERRED else 12))]:
            step = explain.explain(
                graph.store, ox.Triple(quad.subject, quad.predicate, quad.object), graph.sources.root
            )
            if step is None or not all(leaf.rule is None for leaf in leaves(step)):
                unexplained.append(str(quad))
    assert unexplained == []


AXIOMS = {
    "cls-svf1": ":A owl:equivalentClass [ owl:onProperty :p ; owl:someValuesFrom :B ] . :x :p :y . :y a :B .",
    "cls-hv1": ":A rdfs:subClassOf [ owl:onProperty :p ; owl:hasValue :v ] . :x a :A .",
    "cls-avf": ":A rdfs:subClassOf [ owl:onProperty :p ; owl:allValuesFrom :B ] . :x a :A ; :p :y .",
    "cls-int1": ":A owl:intersectionOf ( :B :C :D ) . :x a :B , :C , :D .",
    "scm-int": ":A owl:equivalentClass [ owl:intersectionOf ( :B :C ) ] . :x a :A .",
    "cls-uni": ":A owl:unionOf ( :B :C ) . :x a :C .",
    "prp-spo2": ":p owl:propertyChainAxiom ( :q :q :q ) . :x :q :y . :y :q :z . :z :q :w .",
    "prp-key": ":A owl:hasKey ( :p :q ) . :x a :A ; :p 1 ; :q :z . :y a :A ; :p 1 ; :q :z .",
    "prp-ifp": ":p a owl:InverseFunctionalProperty . :x :p :z . :y :p :z .",
    "eq-rep-s": ":x owl:sameAs :y ; :p :z .",
    "scm-svf1": """:A owl:onProperty :p ; owl:someValuesFrom :C . :B owl:onProperty :p ; owl:someValuesFrom :D .
        :C rdfs:subClassOf :D . :x a :A .""",
}


@pytest.mark.parametrize("rule", AXIOMS)
def test_each_kind_of_axiom_explains_what_it_infers(rule: str) -> None:
    written = quads(AXIOMS[rule])
    inferred = infer.closure(written).quads
    store = ox.Store()
    store.extend([*written, *inferred])
    used = set()
    for quad in inferred:
        step = explain.explain(store, quad.triple, Path(__file__).parent.parent)
        assert step is not None, quad
        todo = [step]
        for one in todo:
            used.add(one.rule)
            assert one.premises or one.graph == "urn:g"
            todo += one.premises
    assert rule in used


def test_a_triple_that_is_not_there_has_no_explanation(graph: KnowledgeGraph) -> None:
    assert graph.explain("case/atento", "rrm:mechanism", "mechanism/rrm-31b") is None


def test_the_rules_are_described_in_both_languages() -> None:
    for rule in infer.rules(Path(__file__).parent.parent):
        assert set(rule.summary) == {"en", "es"}
        assert rule.premises


def test_overruns_of_atento_have_their_days_and_their_doubt(graph: KnowledgeGraph) -> None:
    rows = graph.query(
        """SELECT ?limit ?day ?days ?doubt WHERE {
             ?overrun a rrm:Overrun ; rrm:inDispute <https://w3id.org/rrm-kg/id/case/atento> ;
                      rrm:ofLimit ?limit ; rrm:lastDay ?day ; rrm:daysAtLeast ?days .
             OPTIONAL { ?overrun rrm:doubt ?doubt }
           }"""
    )
    found = {
        (str(r.limit).rsplit("/", 1)[1], str(r.day), int(r.days), str(r.doubt or "").rsplit("/", 1)[-1]) for r in rows
    }
    # Annex 31-A: accepted on 30 January for a request of 18 January 2024; determined on 4 July after 14 May 2025.
    assert {("tl-31a-01", "2024-01-28", 12, ""), ("tl-31a-11", "2025-06-13", 51, "")} <= found
    # The result was told 46 days after the request; day 45, 3 March 2024, was a Sunday.
    assert ("tl-31a-03", "2024-03-03", 46, "weekend") in found
    assert {doubt for *_, doubt in found} == {"", "weekend", "substitute-limit", "partial-date"}
