"""The entailment rules of OWL 2 RL as triple patterns, named as in the W3C profile specification, tables 4 to 9.

https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules

One table serves the closure, which compiles it against the axioms of an ontology, and the explanations, which read it
backwards. A member of an RDF list is written as the property path ``rdf:rest*/rdf:first``.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg.terms import OWL, RDF, RDFS, SKOS, XSD, expand

Rule = tuple[str, tuple[str, ...], str]
"""Name, premises, conclusion."""

MEMBER: Final = "rdf:rest*/rdf:first"
FALSE: Final = ""
"""The conclusion of a rule whose premises contradict each other."""

RULES: Final[tuple[Rule, ...]] = (
    ("cax-sco", ("?c rdfs:subClassOf ?o", "?s rdf:type ?c"), "?s rdf:type ?o"),
    ("prp-spo1", ("?q rdfs:subPropertyOf ?p", "?s ?q ?o"), "?s ?p ?o"),
    ("prp-symp", ("?p rdf:type owl:SymmetricProperty", "?o ?p ?s"), "?s ?p ?o"),
    ("prp-inv1", ("?q owl:inverseOf ?p", "?o ?q ?s"), "?s ?p ?o"),
    ("prp-inv2", ("?p owl:inverseOf ?q", "?o ?q ?s"), "?s ?p ?o"),
    ("prp-trp", ("?p rdf:type owl:TransitiveProperty", "?s ?p ?m", "?m ?p ?o"), "?s ?p ?o"),
    ("cax-eqc1", ("?c owl:equivalentClass ?o", "?s rdf:type ?c"), "?s rdf:type ?o"),
    ("cax-eqc2", ("?o owl:equivalentClass ?c", "?s rdf:type ?c"), "?s rdf:type ?o"),
    ("prp-eqp1", ("?q owl:equivalentProperty ?p", "?s ?q ?o"), "?s ?p ?o"),
    ("prp-eqp2", ("?p owl:equivalentProperty ?q", "?s ?q ?o"), "?s ?p ?o"),
    ("prp-dom", ("?p rdfs:domain ?o", "?s ?p ?x"), "?s rdf:type ?o"),
    ("prp-rng", ("?p rdfs:range ?o", "?x ?p ?s"), "?s rdf:type ?o"),
    ("cls-hv1", ("?c owl:hasValue ?o", "?c owl:onProperty ?p", "?s rdf:type ?c"), "?s ?p ?o"),
    ("cls-hv2", ("?o owl:hasValue ?v", "?o owl:onProperty ?p", "?s ?p ?v"), "?s rdf:type ?o"),
    (
        "cls-svf1",
        ("?o owl:someValuesFrom ?c", "?o owl:onProperty ?p", "?s ?p ?v", "?v rdf:type ?c"),
        "?s rdf:type ?o",
    ),
    ("cls-svf2", ("?o owl:someValuesFrom owl:Thing", "?o owl:onProperty ?p", "?s ?p ?v"), "?s rdf:type ?o"),
    (
        "cls-avf",
        ("?c owl:allValuesFrom ?o", "?c owl:onProperty ?p", "?u rdf:type ?c", "?u ?p ?s"),
        "?s rdf:type ?o",
    ),
    ("cls-int2", ("?c owl:intersectionOf ?l", f"?l {MEMBER} ?o", "?s rdf:type ?c"), "?s rdf:type ?o"),
    ("cls-uni", ("?o owl:unionOf ?l", f"?l {MEMBER} ?c", "?s rdf:type ?c"), "?s rdf:type ?o"),
    ("prp-fp", ("?p rdf:type owl:FunctionalProperty", "?x ?p ?s", "?x ?p ?o"), "?s owl:sameAs ?o"),
    ("prp-ifp", ("?p rdf:type owl:InverseFunctionalProperty", "?s ?p ?x", "?o ?p ?x"), "?s owl:sameAs ?o"),
    ("scm-sco", ("?s rdfs:subClassOf ?m", "?m rdfs:subClassOf ?o"), "?s rdfs:subClassOf ?o"),
    ("scm-spo", ("?s rdfs:subPropertyOf ?m", "?m rdfs:subPropertyOf ?o"), "?s rdfs:subPropertyOf ?o"),
    ("scm-dom1", ("?s rdfs:domain ?c", "?c rdfs:subClassOf ?o"), "?s rdfs:domain ?o"),
    ("scm-dom2", ("?q rdfs:domain ?o", "?s rdfs:subPropertyOf ?q"), "?s rdfs:domain ?o"),
    ("scm-rng1", ("?s rdfs:range ?c", "?c rdfs:subClassOf ?o"), "?s rdfs:range ?o"),
    ("scm-rng2", ("?q rdfs:range ?o", "?s rdfs:subPropertyOf ?q"), "?s rdfs:range ?o"),
    ("scm-cls", ("?s rdf:type owl:Class",), "?s rdfs:subClassOf ?s"),
    ("scm-cls", ("?s rdf:type owl:Class",), "?s rdfs:subClassOf owl:Thing"),
    ("scm-op", ("?s rdf:type owl:ObjectProperty",), "?s rdfs:subPropertyOf ?s"),
    ("scm-dp", ("?s rdf:type owl:DatatypeProperty",), "?s rdfs:subPropertyOf ?s"),
    ("scm-eqc1", ("?s owl:equivalentClass ?o",), "?s rdfs:subClassOf ?o"),
    ("scm-eqc1", ("?o owl:equivalentClass ?s",), "?s rdfs:subClassOf ?o"),
    ("scm-eqc2", ("?s rdfs:subClassOf ?o", "?o rdfs:subClassOf ?s"), "?s owl:equivalentClass ?o"),
    ("scm-eqp1", ("?s owl:equivalentProperty ?o",), "?s rdfs:subPropertyOf ?o"),
    ("scm-eqp1", ("?o owl:equivalentProperty ?s",), "?s rdfs:subPropertyOf ?o"),
    ("scm-eqp2", ("?s rdfs:subPropertyOf ?o", "?o rdfs:subPropertyOf ?s"), "?s owl:equivalentProperty ?o"),
    (
        "scm-hv",
        (
            *("?s owl:hasValue ?v", "?s owl:onProperty ?p", "?o owl:hasValue ?v", "?o owl:onProperty ?q"),
            "?p rdfs:subPropertyOf ?q",
        ),
        "?s rdfs:subClassOf ?o",
    ),
    (
        "scm-svf1",
        (
            *("?s owl:someValuesFrom ?c", "?s owl:onProperty ?p", "?o owl:onProperty ?p", "?o owl:someValuesFrom ?d"),
            "?c rdfs:subClassOf ?d",
        ),
        "?s rdfs:subClassOf ?o",
    ),
    (
        "scm-svf2",
        (
            *("?s owl:someValuesFrom ?c", "?s owl:onProperty ?p", "?o owl:someValuesFrom ?c", "?o owl:onProperty ?q"),
            "?p rdfs:subPropertyOf ?q",
        ),
        "?s rdfs:subClassOf ?o",
    ),
    (
        "scm-avf1",
        (
            *("?s owl:allValuesFrom ?c", "?s owl:onProperty ?p", "?o owl:onProperty ?p", "?o owl:allValuesFrom ?d"),
            "?c rdfs:subClassOf ?d",
        ),
        "?s rdfs:subClassOf ?o",
    ),
    (
        "scm-avf2",
        (
            *("?o owl:allValuesFrom ?c", "?o owl:onProperty ?p", "?s owl:allValuesFrom ?c", "?s owl:onProperty ?q"),
            "?p rdfs:subPropertyOf ?q",
        ),
        "?s rdfs:subClassOf ?o",
    ),
    ("scm-int", ("?s owl:intersectionOf ?l", f"?l {MEMBER} ?o"), "?s rdfs:subClassOf ?o"),
    ("scm-uni", ("?o owl:unionOf ?l", f"?l {MEMBER} ?s"), "?s rdfs:subClassOf ?o"),
    ("eq-sym", ("?o owl:sameAs ?s",), "?s owl:sameAs ?o"),
    ("eq-trans", ("?s owl:sameAs ?m", "?m owl:sameAs ?o"), "?s owl:sameAs ?o"),
    ("eq-rep-s", ("?x owl:sameAs ?s", "?x ?p ?o"), "?s ?p ?o"),
    ("eq-rep-p", ("?q owl:sameAs ?p", "?s ?q ?o"), "?s ?p ?o"),
    ("eq-rep-o", ("?x owl:sameAs ?o", "?s ?p ?x"), "?s ?p ?o"),
    ("cax-dw", ("?a owl:disjointWith ?b", "?x rdf:type ?a", "?x rdf:type ?b"), FALSE),
    ("prp-pdw", ("?p owl:propertyDisjointWith ?q", "?x ?p ?y", "?x ?q ?y"), FALSE),
    (
        "cax-adc",
        (
            *("?d rdf:type owl:AllDisjointClasses", "?d owl:members ?l", f"?l {MEMBER} ?a", f"?l {MEMBER} ?b"),
            *("?x rdf:type ?a", "?x rdf:type ?b"),
        ),
        FALSE,
    ),
    (
        "prp-adp",
        (
            *("?d rdf:type owl:AllDisjointProperties", "?d owl:members ?l", f"?l {MEMBER} ?p", f"?l {MEMBER} ?q"),
            *("?x ?p ?y", "?x ?q ?y"),
        ),
        FALSE,
    ),
)

# Heads of the lists whose length decides how many premises a rule has.
LISTED: Final = ("owl:propertyChainAxiom", "owl:intersectionOf", "owl:hasKey")


@cache
def rules(longest: int) -> tuple[Rule, ...]:
    """The table with the rules over lists written out, for lists of up to a number of items."""
    lengths = range(1, longest + 1)
    return (*RULES, *(rule for length in lengths for rule in _of_length(length)))


def _of_length(length: int) -> tuple[Rule, Rule, Rule]:
    items = range(1, length + 1)
    cells = ["?l", *(f"?l{i}" for i in items[:-1]), "rdf:nil"]
    listed = [
        premise for i in items for premise in (f"{cells[i - 1]} rdf:first ?p{i}", f"{cells[i - 1]} rdf:rest {cells[i]}")
    ]
    nodes = ["?s", *(f"?u{i}" for i in items[:-1]), "?o"]
    path = [f"{nodes[i - 1]} ?p{i} {nodes[i]}" for i in items]
    keys = [f"{thing} ?p{i} ?z{i}" for i in items for thing in ("?s", "?o")]
    return (
        ("prp-spo2", ("?p owl:propertyChainAxiom ?l", *listed, *path), "?s ?p ?o"),
        ("cls-int1", ("?o owl:intersectionOf ?l", *listed, *(f"?s rdf:type ?p{i}" for i in items)), "?s rdf:type ?o"),
        (
            "prp-key",
            ("?c owl:hasKey ?l", *listed, "?s rdf:type ?c", "?o rdf:type ?c", *keys),
            "?s owl:sameAs ?o",
        ),
    )


READ: Final = frozenset(
    iri
    for _, premises, _ in rules(1)
    for premise in premises
    for part in premise.split()
    if part != MEMBER and (iri := expand(part)) is not None
)
# The IRIs that the table names, and OWL terms that say nothing to it. Any other is an axiom that is not known.
_KNOWN: Final = READ | {
    OWL + name
    for name in (
        *("AnnotationProperty", "Ontology", "NamedIndividual", "Restriction", "imports", "versionIRI", "versionInfo"),
        *("deprecated", "priorVersion", "backwardCompatibleWith", "incompatibleWith"),
    )
}
# The rest of the OWL 2 vocabulary (OWL 2 RDF-Based Semantics, 3.2), which the table does not read.
UNREAD: Final = tuple(
    OWL + name
    for name in (
        *("AllDifferent", "AsymmetricProperty", "Axiom", "NegativePropertyAssertion", "IrreflexiveProperty"),
        *("ReflexiveProperty", "annotatedProperty", "annotatedSource", "annotatedTarget", "assertionProperty"),
        *("bottomDataProperty", "bottomObjectProperty", "topDataProperty", "topObjectProperty"),
        *("cardinality", "maxCardinality", "minCardinality", "qualifiedCardinality", "maxQualifiedCardinality"),
        *("minQualifiedCardinality", "complementOf", "datatypeComplementOf", "differentFrom", "disjointUnionOf"),
        *("distinctMembers", "hasSelf", "onClass", "onDataRange", "onDatatype", "onProperties", "oneOf"),
        *("sourceIndividual", "targetIndividual", "targetValue", "withRestrictions", "Annotation", "DataRange"),
    )
    if OWL + name not in _KNOWN
)
_EVERYWHERE: Final = frozenset({RDF + "type", OWL + "sameAs"})
_VALUES: Final = (OWL + "someValuesFrom", OWL + "allValuesFrom")


def unknown(terms: Iterable[Any], axioms: Iterable[tuple[Any, Any, Any]]) -> str | None:
    """The first OWL term among some terms that the table does not read, or None.

    Neither does it read axioms about ``rdf:type`` and ``owl:sameAs``, or values of a datatype: these are named too.
    """
    found = {t.value for t in terms if isinstance(t, ox.NamedNode) and t.value.startswith(OWL)} - _KNOWN
    for s, p, o in axioms:
        about, iri, value = (term.value if isinstance(term, ox.NamedNode) else "" for term in (s, p, o))
        found |= _EVERYWHERE & {about, value}
        if iri in _VALUES and value.startswith((XSD, RDFS)):
            found.add(value)
    return min(found, default=None)


_SAYS_NOTHING: Final = (OWL + "Thing", OWL + "Nothing", RDFS + "Resource")
_LANGUAGE_OF_LOGIC: Final = (RDF, RDFS, OWL, XSD)
_REFLEXIVE: Final = frozenset(
    {
        OWL + "sameAs",
        OWL + "equivalentClass",
        OWL + "equivalentProperty",
        RDFS + "subClassOf",
        RDFS + "subPropertyOf",
    }
)
_META: Final = frozenset({RDFS + "Class", RDF + "Property", RDFS + "Datatype", OWL + "Ontology"})


def publishable(s: Any, p: Any, o: Any) -> bool:
    """Whether a triple is RDF that somebody would want to read: no literal or blank subject, no truism."""
    if not isinstance(s, ox.NamedNode) or not isinstance(p, ox.NamedNode) or not isinstance(o, ox.NamedNode):
        return False
    if s.value.startswith(_LANGUAGE_OF_LOGIC) or p.value.startswith(XSD):
        return False
    if o.value in _SAYS_NOTHING:
        return False
    if s == o and p.value in _REFLEXIVE:
        return False
    return not (p.value == RDF + "type" and o.value.startswith((*_LANGUAGE_OF_LOGIC, SKOS)) and o.value in _META)
