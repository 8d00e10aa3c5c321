"""What a page is about in the words of schema.org, for search engines. It says no more than the graph does."""

from __future__ import annotations

import json
from typing import Any, Final

import pyoxigraph as ox
from markupsafe import Markup

from rrm_kg.publish import compact
from rrm_kg.publish.kinds import ancestors
from rrm_kg.publish.proofs import words
from rrm_kg.publish.site import SUFFIX, Site
from rrm_kg.terms import BASE, DCTERMS, PREFIXES, RDFS, RRM, SKOS

SCHEMA: Final = "https://schema.org/"
# Where the ontology names no class of schema.org for a class of its own (ontology/alignments.ttl).
_CLASSES: Final = {
    RRM + "Organization": "Organization",
    RRM + "Person": "Person",
    RRM + "Place": "Place",
    RRM + "Facility": "Place",
    RRM + "LegalResource": "Legislation",
    RRM + "Document": "CreativeWork",
    RRM + "Evidence": "Quotation",
    RRM + "Dispute": "Dataset",
    RRM + "Release": "Dataset",
    SKOS + "Concept": "DefinedTerm",
    SKOS + "ConceptScheme": "DefinedTermSet",
}
_PROPERTIES: Final = {
    SKOS + "altLabel": "alternateName",
    SKOS + "notation": "termCode",
    SKOS + "inScheme": "inDefinedTermSet",
    DCTERMS + "publisher": "publisher",
    DCTERMS + "issued": "datePublished",
    DCTERMS + "language": "inLanguage",
    PREFIXES["org"] + "subOrganizationOf": "parentOrganization",
    RRM + "within": "containedInPlace",
    RRM + "locatedIn": "containedInPlace",
    RRM + "partOf": "isPartOf",
    RRM + "document": "isPartOf",
    RRM + "place": "location",
    RRM + "quote": "text",
    RRM + "url": "sameAs",
}
_DESCRIPTIONS: Final = (RRM + "summary", SKOS + "definition", RDFS + "comment")


def schema_org(site: Site, iri: str, lang: str = "en") -> Markup:
    """A thing as JSON-LD of schema.org, in a language; nothing for a class that has no fitting one there."""
    kind = _kind(site, iri)
    if kind is None:
        return Markup()
    said: dict[str, Any] = {
        "@context": SCHEMA.rstrip("/"),
        "@id": iri,
        "@type": kind,
        "name": site.name(iri, lang),
        "url": BASE + iri.removeprefix(BASE) + SUFFIX[lang],
    }
    description = next((found for one in _DESCRIPTIONS if (found := words(site, iri, one, lang)) is not None), None)
    if description is not None:
        said["description"] = description.text
    for triple in site.written.get(iri, ()):
        name = _PROPERTIES.get(triple.predicate.value)
        if name is not None:
            said.setdefault(name, []).append(_value(site, triple.object, lang))
    if kind == "Event":
        said |= _days(site, iri, lang)
    if kind == "Dataset":
        said |= _data(site, iri)
    shortened = {key: one[0] if isinstance(one, list) and len(one) == 1 else one for key, one in said.items()}
    return compact.script(json.dumps(shortened, ensure_ascii=False, separators=(",", ":")), "schema")


def _kind(site: Site, iri: str) -> str | None:
    """The class of schema.org for a thing: the nearest that the ontology or this module names."""
    for one in (found for type_ in site.types(iri) for found in ancestors(site, type_)):
        aligned = (*site.objects(one, SKOS + "closeMatch"), *site.objects(one, RDFS + "subClassOf"))
        named = next((other.removeprefix(SCHEMA) for other in aligned if other.startswith(SCHEMA)), _CLASSES.get(one))
        if named is not None:
            return named
    return None


def _value(site: Site, term: Any, lang: str) -> Any:
    return term.value if isinstance(term, ox.Literal) else {"@id": term.value, "name": site.name(term.value, lang)}


def _days(site: Site, iri: str, lang: str) -> dict[str, str]:
    last, first = words(site, iri, RRM + "date", lang), words(site, iri, RRM + "beganOn", lang)
    if last is None:
        return {}
    return {"startDate": first.text, "endDate": last.text} if first is not None else {"startDate": last.text}


def _data(site: Site, iri: str) -> dict[str, Any]:
    address = BASE + iri.removeprefix(BASE)
    return {
        "inLanguage": list(SUFFIX),
        "version": site.release,
        "license": list(site.objects(BASE + "dataset", DCTERMS + "license")),
        "creator": [
            _value(site, ox.NamedNode(one), "en") for one in site.objects(BASE + "dataset", DCTERMS + "creator")
        ],
        "distribution": [
            {"@type": "DataDownload", "contentUrl": f"{address}.{ending}", "encodingFormat": type_}
            for ending, type_ in (
                ("ttl", "text/turtle"),
                ("jsonld", "application/ld+json"),
                ("nt", "application/n-triples"),
            )
        ],
    }
