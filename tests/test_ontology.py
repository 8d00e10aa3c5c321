"""The ontology: within OWL 2 RL, described in two languages, used, and with the metadata that others look for."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pyoxigraph as ox
import pytest

from rrm_kg import KnowledgeGraph, parse
from rrm_kg import graph as graphs
from rrm_kg.terms import DCTERMS, OWL, RDF, RDFS, RRM, SKOS

ROOT = Path(__file__).parent.parent
IRI = RRM.removesuffix("#")


@pytest.fixture(scope="module")
def triples() -> list[ox.Triple]:
    return parse.parse_turtle((ROOT / "ontology" / "rrm.ttl").read_bytes(), "ontology/rrm.ttl")


@pytest.fixture(scope="module")
def terms(triples: list[ox.Triple]) -> dict[str, str]:
    """Each term of the ontology with its kind."""
    kinds = {"Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "Property"}
    return {
        t.subject.value: t.object.value.rsplit("#", 1)[-1]  # type: ignore[union-attr]
        for t in triples
        if t.predicate.value == RDF + "type"
        and str(t.subject).startswith(f"<{RRM}")
        and t.object.value.rsplit("#", 1)[-1] in kinds  # type: ignore[union-attr]
    }


def values(triples: list[ox.Triple], subject: str, predicate: str) -> list[ox.Literal]:
    return [t.object for t in triples if t.subject == ox.NamedNode(subject) and t.predicate.value == predicate]  # type: ignore[misc]


def test_only_constructs_of_owl_2_rl_are_used() -> None:
    # https://www.w3.org/TR/owl2-profiles/#OWL_2_RL: none of these restricts where RL does not allow it.
    allowed = {
        "Ontology", "Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "TransitiveProperty",
        "SymmetricProperty", "propertyChainAxiom", "disjointWith", "versionIRI", "versionInfo", "equivalentClass",
        "equivalentProperty", "inverseOf",
    }  # fmt: skip
    used = set()
    for source in graphs.read_sources(ROOT).content:
        for triple in parse.parse_turtle(source.data, source.path):
            for term in (triple.predicate, triple.object):
                if isinstance(term, ox.NamedNode) and term.value.startswith(OWL):
                    used.add(term.value.removeprefix(OWL))
    assert used <= allowed


def test_every_term_has_one_label_and_one_definition_in_each_language(
    triples: list[ox.Triple], terms: dict[str, str]
) -> None:
    wrong = []
    for term in terms:
        for predicate in (RDFS + "label", RDFS + "comment"):
            languages = sorted(v.language or "" for v in values(triples, term, predicate))
            if languages != ["en", "es"]:
                wrong.append((term, predicate, languages))
    assert len(terms) > 100
    assert wrong == []


def test_every_term_is_used_by_data_a_rule_or_a_question(terms: dict[str, str]) -> None:
    used = set()
    for source in graphs.read_sources(ROOT).files:
        if source.path == "ontology/rrm.ttl":
            continue
        for triple in parse.parse_turtle(source.data, source.path):
            used |= {t.value for t in (triple.predicate, triple.object) if isinstance(t, ox.NamedNode)}
            if isinstance(triple.object, ox.Literal) and triple.predicate.value.endswith("#select"):
                used |= {RRM + name for name in re.findall(r"rrm:(\w+)", triple.object.value)}
    for path in (ROOT).glob("**/*.rq"):
        used |= {RRM + name for name in re.findall(r"rrm:(\w+)", path.read_text(encoding="utf-8"))}
    superclasses = {"LegalResource", "Agent", "Record", "Statement"}
    about_terms = {"derivedOnly"}
    assert {t.removeprefix(RRM) for t in set(terms) - used} - superclasses - about_terms == set()


def test_every_property_has_a_domain_or_says_why_not(triples: list[ox.Triple], terms: dict[str, str]) -> None:
    missing = [
        term
        for term, kind in terms.items()
        if kind in ("ObjectProperty", "DatatypeProperty", "Property")
        and not values(triples, term, RDFS + "domain")
        and not values(triples, term, SKOS + "scopeNote")
        and term != RRM + "sector"
    ]
    assert missing == []


def test_the_metadata_that_fair_checkers_ask_for(triples: list[ox.Triple]) -> None:
    wanted = [
        DCTERMS + name
        for name in (
            "title",
            "description",
            "creator",
            "publisher",
            "created",
            "issued",
            "modified",
            "license",
            "source",
        )
    ] + [
        DCTERMS + "bibliographicCitation",
        OWL + "versionIRI",
        OWL + "versionInfo",
        "http://purl.org/ontology/bibo/status",
        "http://purl.org/vocab/vann/preferredNamespacePrefix",
        "http://purl.org/vocab/vann/preferredNamespaceUri",
    ]
    assert [p for p in wanted if not values(triples, IRI, p)] == []
    (version,) = values(triples, IRI, OWL + "versionIRI")
    assert version.value != IRI
    assert {v.language for v in values(triples, IRI, DCTERMS + "title")} == {"en", "es"}


def test_no_file_imports_another() -> None:
    for source in graphs.read_sources(ROOT).files:
        assert b"owl:imports" not in source.data, source.path


def test_data_and_code_lists_have_no_blank_nodes() -> None:
    for source in graphs.read_sources(ROOT).content:
        if source.path == "ontology/rrm.ttl":
            continue  # the list of its property chain
        for triple in parse.parse_turtle(source.data, source.path):
            assert not isinstance(triple.subject, ox.BlankNode), source.path
            assert not isinstance(triple.object, ox.BlankNode), source.path


def test_every_iri_of_ours_is_described(graph: KnowledgeGraph) -> None:
    described, mentioned = set(), defaultdict(set)
    for quad in graph.store:
        described.add(getattr(quad.subject, "value", ""))
        if isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith("https://w3id.org/rrm-kg/"):
            mentioned[quad.object.value].add(str(quad.graph_name))
    loose = {iri: files for iri, files in mentioned.items() if iri not in described}
    known = {"https://w3id.org/rrm-kg/ontology#", "https://w3id.org/rrm-kg/ontology/0.2.0"}
    assert {iri for iri in loose if iri not in known} == set()


def test_every_code_list_and_concept_is_named_and_defined_in_both_languages(graph: KnowledgeGraph) -> None:
    rows = graph.query(
        """SELECT ?concept ?property (COUNT(?text) AS ?n) (COUNT(DISTINCT LANG(?text)) AS ?languages) WHERE {
             { ?concept a skos:Concept } UNION { ?concept a skos:ConceptScheme } UNION { ?concept a rrm:StepType }
             FILTER(STRSTARTS(STR(?concept), STR(code:)))
             VALUES ?property { skos:prefLabel skos:definition }
             ?concept ?property ?text . FILTER(LANG(?text) IN ("en", "es"))
           } GROUP BY ?concept ?property"""
    )
    assert len(rows) > 400
    assert [dict(row) for row in rows if row.languages != 2] == []


def test_the_iso_codes_are_those_of_the_standard(graph: KnowledgeGraph) -> None:
    codes = {row.code for row in graph.query("SELECT ?code WHERE { ?place rrm:isoCode ?code }")}
    assert {"MX", "US", "CA", "MX-HID"} <= codes


def test_the_context_names_every_property(terms: dict[str, str]) -> None:
    import json

    context = json.loads((ROOT / "ontology" / "context.jsonld").read_text(encoding="utf-8"))["@context"]
    names = set()
    for entry in context.values():
        iri = entry.get("@id") if isinstance(entry, dict) else entry
        if isinstance(iri, str):
            names.add(iri.replace("rrm:", RRM) if iri.startswith("rrm:") else iri)
    properties = {t for t, kind in terms.items() if kind != "Class"}
    assert sorted(properties - names) == []
