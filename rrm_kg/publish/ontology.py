"""The ontology on one page: every class and property by its name, the class diagram, what it reuses and aligns with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from rrm_kg.publish.pictures.classes import Box, diagram
from rrm_kg.publish.sheet import sheet
from rrm_kg.publish.site import SUFFIX, File, Site
from rrm_kg.publish.words import say
from rrm_kg.terms import BASE, DCTERMS, OWL, RDF, RDFS, RRM, SKOS, shorten

ONTOLOGY: Final = BASE + "ontology"
_CLASS: Final = OWL + "Class"
_PROPERTIES: Final = frozenset(
    (RDF + "Property", *(OWL + name for name in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")))
)
_TRAITS: Final = ("SymmetricProperty", "TransitiveProperty", "FunctionalProperty", "InverseFunctionalProperty")
_ALIGNED: Final = (SKOS + "exactMatch", SKOS + "closeMatch", SKOS + "broadMatch", SKOS + "relatedMatch")
_PREFIXES: Final = {
    "bibo": "http://purl.org/ontology/bibo/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "oa": "http://www.w3.org/ns/oa#",
    "prov": "http://www.w3.org/ns/prov#",
    "schema": "https://schema.org/",
    "time": "http://www.w3.org/2006/time#",
    "vann": "http://purl.org/vocab/vann/",
    "void": "http://rdfs.org/ns/void#",
}


@dataclass(frozen=True)
class Term:
    """A class or property of the ontology with what the files say of it; other terms by their IRIs."""

    iri: str
    label: dict[str, str]
    comment: dict[str, str]
    note: dict[str, str]
    above: tuple[str, ...]
    below: tuple[str, ...]
    domain: tuple[str, ...]
    range: tuple[str, ...]
    schemes: tuple[str, ...]
    traits: tuple[str, ...]
    aligned: tuple[tuple[str, str], ...]
    properties: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its local name, which is its anchor on the page."""
        return self.iri.removeprefix(RRM)


def files(site: Site) -> Iterator[File]:
    """The page of the ontology in both languages."""
    classes, properties = terms(site)
    for lang in sorted(SUFFIX, key=lambda lang: f"ontology{SUFFIX[lang]}"):
        yield sheet(
            site,
            "ontology.html.jinja",
            "ontology",
            lang,
            "ontology",
            title=_said(site, ONTOLOGY, DCTERMS + "title")[lang],
            description=_said(site, ONTOLOGY, DCTERMS + "description")[lang],
            classes=classes,
            properties=properties,
            version=_first(site, OWL + "versionInfo"),
            version_iri=_first(site, OWL + "versionIRI"),
            cite=_first(site, DCTERMS + "bibliographicCitation"),
            license=_first(site, DCTERMS + "license"),
            issued=_first(site, DCTERMS + "issued"),
            reused=reused(site),
            ontology=ONTOLOGY,
            picture=diagram(_boxes(classes, properties), say("ontology-diagram", lang)),
            short=short,
        )


def terms(site: Site) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """The classes and the properties of the ontology, by name."""
    own = [iri for iri in site.written if iri.startswith(RRM)]
    classes = [iri for iri in own if _CLASS in site.types(iri)]
    properties = [iri for iri in own if _PROPERTIES & set(site.types(iri))]
    return tuple(_term(site, iri, properties) for iri in classes), tuple(_term(site, iri, []) for iri in properties)


def _term(site: Site, iri: str, properties: list[str]) -> Term:
    is_class = _CLASS in site.types(iri)
    sub = RDFS + ("subClassOf" if is_class else "subPropertyOf")
    derived = any(triple.predicate.value == RRM + "derivedOnly" for triple in site.written.get(iri, ()))
    aligned = [(shorten(match), other) for match in _ALIGNED for other in _written(site, iri, match)]
    return Term(
        iri,
        _said(site, iri, RDFS + "label"),
        _said(site, iri, RDFS + "comment"),
        _said(site, iri, SKOS + "scopeNote"),
        _written(site, iri, sub),
        tuple(one for one, prop in site.incoming.get(iri, ()) if prop == sub and one.startswith(RRM)),
        _written(site, iri, RDFS + "domain"),
        _written(site, iri, RDFS + "range"),
        _written(site, iri, RRM + "valueScheme"),
        (*(name for name in _TRAITS if OWL + name in site.types(iri)), *(("derivedOnly",) if derived else ())),
        tuple(aligned),
        tuple(one for one in properties if iri in _written(site, one, RDFS + "domain")),
    )


def _written(site: Site, iri: str, predicate: str) -> tuple[str, ...]:
    found = (triple.object for triple in site.written.get(iri, ()) if triple.predicate.value == predicate)
    return tuple(term.value for term in found if isinstance(term, ox.NamedNode))


def _said(site: Site, iri: str, predicate: str) -> dict[str, str]:
    found = (triple.object for triple in site.written.get(iri, ()) if triple.predicate.value == predicate)
    return {term.language: term.value for term in found if isinstance(term, ox.Literal) and term.language}


def _first(site: Site, predicate: str) -> str:
    found = (triple.object for triple in site.written[ONTOLOGY] if triple.predicate.value == predicate)
    return next((term.value for term in found if isinstance(term, ox.Literal | ox.NamedNode)), "")


def reused(site: Site) -> tuple[str, ...]:
    """The terms of other vocabularies that the files name in both languages, in order."""
    return tuple(
        iri for iri in site.written if not iri.startswith(BASE) and set(SUFFIX) <= set(_said(site, iri, RDFS + "label"))
    )


def short(iri: str) -> str:
    """An IRI with its usual prefix."""
    for prefix, namespace in _PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return shorten(iri)


def _boxes(classes: tuple[Term, ...], properties: tuple[Term, ...]) -> tuple[Box, ...]:
    own = {term.iri for term in classes}
    return tuple(
        Box(
            term.name,
            next((one.removeprefix(RRM) for one in term.above if one in own), None),
            tuple(
                (prop.name, target.removeprefix(RRM))
                for prop in properties
                if term.iri in prop.domain
                for target in prop.range
                if target in own
            ),
        )
        for term in classes
    )
