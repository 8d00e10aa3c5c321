"""The catalogue of a release: DCAT 3, VoID and the SPARQL service description in one graph, in three forms."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

import pyoxigraph as ox

from rrm_kg.errors import LANGUAGES
from rrm_kg.publish.site import File, Site
from rrm_kg.publish.words import say
from rrm_kg.terms import BASE, DCTERMS, OWL, PREFIXES, RDF_TYPE, RDFS, RRM, SKOS, XSD

DCAT: Final = "http://www.w3.org/ns/dcat#"
VOID: Final = "http://rdfs.org/ns/void#"
SD: Final = "http://www.w3.org/ns/sparql-service-description#"
FOAF: Final = "http://xmlns.com/foaf/0.1/"
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_MEDIA: Final = "https://www.iana.org/assignments/media-types/"
_EUROPE: Final = "http://publications.europa.eu/resource/authority/"
_LICENSE: Final = "https://creativecommons.org/licenses/by/4.0/"
_SPECIFICATION: Final = "https://www.w3.org/TR/sparql11-protocol/"
_GZIP: Final = _MEDIA + "application/gzip"
_THEME: Final = _EUROPE + "data-theme/SOCI"
_LANGUAGES: Final = {"en": "ENG", "es": "SPA"}
CATALOG: Final = BASE + "catalog"
DATASET: Final = BASE + "dataset"
SERVICE: Final = BASE + "sparql"
# File, media type, compressed form, file type of the European vocabulary.
DUMPS: Final = (
    ("nq", "kg.nq.gz", "application/n-quads", _GZIP, "RDF_N_QUADS"),
    ("ttl", "kg.ttl.gz", "text/turtle", _GZIP, "RDF_TURTLE"),
    ("jsonld", "kg.jsonld.gz", "application/ld+json", _GZIP, "JSON_LD"),
    ("csv", "cases.csv", "text/csv", None, "CSV"),
)
_KINDS: Final = {
    FOAF + "homepage": FOAF + "Document",
    DCAT + "landingPage": FOAF + "Document",
    DCAT + "theme": SKOS + "Concept",
    DCAT + "mediaType": DCTERMS + "MediaType",
    DCAT + "compressFormat": DCTERMS + "MediaType",
    DCTERMS + "conformsTo": DCTERMS + "Standard",
    DCTERMS + "format": DCTERMS + "MediaTypeOrExtent",
    DCTERMS + "language": DCTERMS + "LinguisticSystem",
    DCTERMS + "license": DCTERMS + "LicenseDocument",
    DCTERMS + "spatial": DCTERMS + "Location",
}
_PREFIXES: Final = {**PREFIXES, "dcat": DCAT, "void": VOID, "sd": SD, "foaf": FOAF}


def files(site: Site) -> Iterator[File]:
    """The catalogue as Turtle, JSON-LD and N-Triples, and the list of what was withdrawn."""
    graph = triples(site)
    for ending, form in (
        ("jsonld", ox.RdfFormat.JSON_LD),
        ("nt", ox.RdfFormat.N_TRIPLES),
        ("ttl", ox.RdfFormat.TURTLE),
    ):
        used = _PREFIXES if ending == "ttl" else {}
        yield File(f"catalog.{ending}", ox.serialize(graph, format=form, prefixes=used) or b"")
    gone = [stem for iri in site.things if site.withdrawn(iri) and (stem := site.stem(iri))]
    yield File("gone.json", (json.dumps(gone, indent=1) + "\n").encode())


def triples(site: Site) -> tuple[ox.Triple, ...]:
    """The catalogue as triples in their order. All that it says is of the graph, or about the files beside it."""
    found: set[ox.Triple] = set()

    def add(subject: str, predicate: str, value: ox.NamedNode | ox.Literal | str) -> None:
        node = ox.NamedNode(value) if isinstance(value, str) else value
        found.add(ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), node))

    def words(subject: str, predicate: str, key: str) -> None:
        for lang in LANGUAGES:
            add(subject, predicate, ox.Literal(say(key, lang), language=lang))

    day = ox.Literal(str(site.graph.as_of), datatype=ox.NamedNode(XSD + "date"))
    creator = next(iter(site.objects(DATASET, DCTERMS + "creator")))
    add(creator, RDF_TYPE, FOAF + "Agent")
    for lang in LANGUAGES:
        add(creator, FOAF + "name", ox.Literal(site.name(creator, lang), language=lang))

    add(CATALOG, RDF_TYPE, DCAT + "Catalog")
    words(CATALOG, DCTERMS + "title", "catalog-title")
    words(CATALOG, DCTERMS + "description", "catalog-about")
    add(CATALOG, DCAT + "dataset", DATASET)
    add(CATALOG, DCAT + "service", SERVICE)
    add(CATALOG, FOAF + "homepage", BASE)

    add(DATASET, RDF_TYPE, DCAT + "Dataset")
    add(DATASET, RDF_TYPE, VOID + "Dataset")
    add(DATASET, RDF_TYPE, SD + "Dataset")
    for term in site.values(DATASET, DCTERMS + "title"):
        if isinstance(term, ox.Literal):
            add(DATASET, DCTERMS + "title", term)
    words(DATASET, DCTERMS + "description", "catalog-dataset")
    for number in range(1, 5):
        words(DATASET, DCAT + "keyword", f"catalog-keyword-{number}")
    add(DATASET, DCAT + "theme", _THEME)
    words(_THEME, SKOS + "prefLabel", "catalog-theme")
    add(DATASET, DCAT + "landingPage", BASE)
    add(DATASET, DCAT + "version", ox.Literal(site.release))
    add(DATASET, OWL + "versionIRI", f"{BASE}id/release/{site.release}")
    add(DATASET, DCTERMS + "spatial", _EUROPE + "country/MEX")
    add(DATASET, DCTERMS + "conformsTo", BASE + "ontology")
    for resource in (CATALOG, DATASET):
        add(resource, DCTERMS + "modified", day)
        add(resource, DCTERMS + "publisher", creator)
        for lang in LANGUAGES:
            add(resource, DCTERMS + "language", f"{_EUROPE}language/{_LANGUAGES[lang]}")
    for resource in (CATALOG, DATASET, SERVICE):
        add(resource, DCTERMS + "license", _LICENSE)

    _statistics(site, add)
    for key, name, media, packed, kind in DUMPS:
        place = f"{BASE}dumps/{name}"
        add(DATASET, DCAT + "distribution", place)
        add(place, RDF_TYPE, DCAT + "Distribution")
        words(place, DCTERMS + "title", f"catalog-{key}")
        add(place, DCAT + "accessURL", place)
        add(place, DCAT + "downloadURL", place)
        add(place, DCAT + "mediaType", _MEDIA + media)
        add(place, DCTERMS + "format", f"{_EUROPE}file-type/{kind}")
        add(place, DCTERMS + "license", _LICENSE)
        if packed:
            add(place, DCAT + "compressFormat", packed)
            add(DATASET, VOID + "dataDump", place)

    add(SERVICE, RDF_TYPE, DCAT + "DataService")
    words(SERVICE, DCTERMS + "title", "catalog-service-title")
    found.update(service_description())
    add(SERVICE, SD + "defaultDataset", DATASET)
    add(SERVICE, DCAT + "servesDataset", DATASET)
    add(SERVICE, DCAT + "endpointURL", SERVICE)
    add(SERVICE, DCAT + "endpointDescription", CATALOG + ".ttl")
    add(SERVICE, DCTERMS + "conformsTo", _SPECIFICATION)
    # DCAT-AP wants the class of each thing of another vocabulary said where it is used.
    kinds = {ox.NamedNode(predicate): ox.NamedNode(kind) for predicate, kind in _KINDS.items()}
    found |= {
        ox.Triple(t.object, ox.NamedNode(RDF_TYPE), kinds[t.predicate])
        for t in found
        if t.predicate in kinds and isinstance(t.object, ox.NamedNode)
    }
    return tuple(sorted(found, key=str))


def service_description() -> tuple[ox.Triple, ...]:
    """What the SPARQL service can do, in the words of its vocabulary (SPARQL 1.1 Service Description)."""
    service = ox.NamedNode(SERVICE)
    said = [
        (RDF_TYPE, SD + "Service"),
        (SD + "endpoint", SERVICE),
        (SD + "supportedLanguage", SD + "SPARQL11Query"),
        (SD + "feature", SD + "UnionDefaultGraph"),
        *((SD + "resultFormat", _FORMATS + name) for name in _RESULTS),
    ]
    return (
        *(ox.Triple(service, ox.NamedNode(predicate), ox.NamedNode(value)) for predicate, value in said),
        *(
            ox.Triple(
                service,
                ox.NamedNode(DCTERMS + "description"),
                ox.Literal(say("catalog-service", lang), language=lang),
            )
            for lang in LANGUAGES
        ),
    )


_RESULTS: Final = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "N-Triples",
    "RDF_XML",
    "JSON-LD",
)


def _statistics(site: Site, add: Callable[[str, str, ox.NamedNode | ox.Literal | str], None]) -> None:
    """How much the graph holds, by VoID: triples, things, and how many of each class."""
    whole = {(q.subject, q.predicate, q.object) for q in site.graph.store}
    counted = {
        "triples": len(whole),
        "entities": len(site.things),
        "distinctSubjects": len({s for s, _, _ in whole}),
        "distinctObjects": len({o for _, _, o in whole}),
        "properties": len({p for _, p, _ in whole}),
    }
    for name, count in counted.items():
        add(DATASET, VOID + name, ox.Literal(count))
    add(DATASET, VOID + "uriSpace", ox.Literal(BASE))
    add(DATASET, VOID + "sparqlEndpoint", SERVICE)
    add(DATASET, VOID + "rootResource", CATALOG)
    add(DATASET, VOID + "exampleResource", next(iri for iri in site.things if RRM + "Dispute" in site.types(iri)))
    for vocabulary in (RRM, PREFIXES["org"], PREFIXES["skos"], DCTERMS):
        add(DATASET, VOID + "vocabulary", vocabulary)
    classes = Counter(kind for iri in site.things for kind in site.types(iri) if kind.startswith(RRM))
    for kind, count in sorted(classes.items()):
        part = f"{DATASET}#{kind.removeprefix(RRM)}"
        add(DATASET, VOID + "classPartition", part)
        add(part, RDF_TYPE, VOID + "Dataset")
        add(part, VOID + "class", kind)
        add(part, VOID + "entities", ox.Literal(count))
        for lang in LANGUAGES:
            add(part, RDFS + "label", ox.Literal(site.name(kind, lang), language=lang))
