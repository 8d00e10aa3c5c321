"""Prefixes, and how IRIs are minted and shortened."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

BASE: Final = "https://w3id.org/rrm-kg/"
RRM: Final = BASE + "ontology#"
RRMSH: Final = BASE + "shapes#"
ID: Final = BASE + "id/"
CODE: Final = BASE + "code/"
GRAPH: Final = BASE + "graph/"
DERIVED: Final = GRAPH + "derived"
INFERRED: Final = GRAPH + "inferred"

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
SH: Final = "http://www.w3.org/ns/shacl#"
DCTERMS: Final = "http://purl.org/dc/terms/"

PREFIXES: Final[dict[str, str]] = {
    "rrm": RRM,
    "rrmsh": RRMSH,
    "id": ID,
    "code": CODE,
    "graph": GRAPH,
    "dcterms": DCTERMS,
    "org": "http://www.w3.org/ns/org#",
    "owl": OWL,
    "rdf": RDF,
    "rdfs": RDFS,
    "sh": SH,
    "skos": SKOS,
    "xsd": XSD,
}

RDF_TYPE: Final = RDF + "type"


def mint(kind: str, slug: str) -> str:
    """The IRI of a thing: ``mint("case", "atento")``.

    >>> mint("case", "atento")
    'https://w3id.org/rrm-kg/id/case/atento'
    """
    return f"{ID}{kind}/{slug}"


def graph_iri(path: str) -> str:
    """The IRI of the named graph that holds a source file, from its path below the project's root.

    The first folder (``ontology`` or ``data``) and the ending are not part of it. Any other file stands apart.

    >>> graph_iri("data/cases/atento.ttl")
    'https://w3id.org/rrm-kg/graph/cases/atento'
    >>> graph_iri("my case.ttl")
    'https://w3id.org/rrm-kg/graph/submission/my%20case.ttl'
    """
    folder, _, rest = path.partition("/")
    if folder in ("ontology", "data"):
        return GRAPH + quote(rest.removesuffix(".ttl"))
    return f"{GRAPH}submission/{quote(path)}"


def shorten(iri: str) -> str:
    """An IRI as a prefixed name where one of our prefixes fits, else in angle brackets.

    >>> shorten("https://w3id.org/rrm-kg/ontology#Dispute")
    'rrm:Dispute'
    >>> shorten("https://w3id.org/rrm-kg/id/case/atento")
    'id:case/atento'
    >>> shorten("https://example.org/x")
    '<https://example.org/x>'
    """
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and len(iri) > len(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return f"<{iri}>"


def expand(name: str) -> str | None:
    """The IRI behind a full IRI, an IRI in angle brackets or a prefixed name; None for anything else.

    >>> expand("rrm:step")
    'https://w3id.org/rrm-kg/ontology#step'
    >>> expand("atento") is None
    True
    """
    if name.startswith("<") and name.endswith(">"):
        return name[1:-1]
    if name == "a":
        return RDF_TYPE
    prefix, colon, local = name.partition(":")
    if colon and prefix in PREFIXES:
        return PREFIXES[prefix] + local
    if colon and local.startswith("//"):
        return name
    return None
