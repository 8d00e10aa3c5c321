"""The twins of a page for machines: the same graph as Turtle, N-Triples and JSON-LD, and where they lie.

A page says where its twins are in its head (FAIR Signposting level 1, Link relations of RFC 8288), and a file beside
it says it for all of them (level 2, a link set of RFC 9264).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

import pyoxigraph as ox
from markupsafe import Markup

from rrm_kg import parse
from rrm_kg.publish import compact
from rrm_kg.publish.schemaorg import schema_org
from rrm_kg.publish.site import SUFFIX, File, Site, relative
from rrm_kg.terms import BASE, CODE, DCTERMS, GRAPH, ID, PREFIXES, RDF, RDF_TYPE, XSD

__all__ = ["embedded", "files", "head", "linkset", "schema_org", "terms"]

TYPES: Final = {"ttl": "text/turtle", "jsonld": "application/ld+json", "nt": "application/n-triples"}
_PLAIN: Final = frozenset((XSD + "string", XSD + "integer", XSD + "decimal", XSD + "boolean", RDF + "langString"))
_LINKSET: Final = "application/linkset+json"
_LANDING_PAGE: Final = "https://schema.org/AboutPage"
_FILES: Final = ("id", "code", "graph")  # prefixes of PREFIXES that no local name without a slash follows


def files(site: Site) -> Iterator[File]:
    """The twins of all things and those of the ontology and the shapes, in the order of their paths."""
    made = {
        file.path: file
        for iri in site.things
        for file in (
            *_twins(iri.removeprefix(BASE), site.slice(iri)),
            File(_stem(iri) + ".linkset.json", linkset(site, iri)),
        )
    }
    made |= {file.path: file for page in ("ontology", "shapes") for file in _twins(page, terms(site, page))}
    yield from (made[path] for path in sorted(made))


def terms(site: Site, page: str) -> tuple[ox.Triple, ...]:
    """All statements of the files of the ontology (not of code lists and mechanisms), or of those of the shapes.

    Blank nodes have the names that RDFC-1.0 gives them.
    """
    sources = site.graph.sources
    chosen = (
        sources.shapes
        if page == "shapes"
        else [file for file in sources.content if file.path.startswith("ontology/") and file.path.count("/") == 1]
    )
    dataset = ox.Dataset(
        ox.Quad(triple.subject, triple.predicate, triple.object)
        for file in chosen
        for triple in parse.triples(file.data, file.path)
    )
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return tuple(sorted((quad.triple for quad in dataset), key=_place))


def embedded(site: Site, iri: str) -> Markup:
    """The graph of a thing as JSON-LD inside a page, where no text in it can end the script element."""
    return compact.script(compact.text(_ordered(iri, site.slice(iri))), "graph")


def head(site: Site, iri: str, here: str) -> Markup:
    """The link elements that say what a page is about, and where its twins lie."""
    stem = _stem(iri)
    links = [f'<link rel="canonical" href="{BASE}{here}">', f'<link rel="cite-as" href="{iri}">']
    for ending, type_ in TYPES.items():
        address = relative(f"{stem}.{ending}", here)
        links += (f'<link rel="{rel}" type="{type_}" href="{address}">' for rel in ("alternate", "describedby"))
    links.append(f'<link rel="linkset" type="{_LINKSET}" href="{relative(f"{stem}.linkset.json", here)}">')
    links += (f'<link rel="license" href="{address}">' for address in _of_dataset(site, "license"))
    links += (f'<link rel="author" href="{address}">' for address in _of_dataset(site, "creator"))
    links += (f'<link rel="type" href="{address}">' for address in (_LANDING_PAGE, *site.types(iri)))
    return Markup("\n".join(links))


def linkset(site: Site, iri: str) -> bytes:
    """The links of a page and of its twins as a link set (RFC 9264)."""
    address = BASE + _stem(iri)
    common = {
        "license": [{"href": one} for one in _of_dataset(site, "license")],
        "author": [{"href": one} for one in _of_dataset(site, "creator")],
    }
    pages = [
        {
            "anchor": address + suffix,
            "cite-as": [{"href": iri}],
            "type": [{"href": one} for one in (_LANDING_PAGE, *site.types(iri))],
            "describedby": [{"href": f"{address}.{ending}", "type": type_} for ending, type_ in TYPES.items()],
            "alternate": [
                {"href": address + other, "type": "text/html", "hreflang": [lang]}
                for lang, other in SUFFIX.items()
                if other != suffix
            ],
            **common,
        }
        for suffix in SUFFIX.values()
    ]
    twins = [
        {
            "anchor": f"{address}.{ending}",
            "describes": [{"href": iri}, {"href": address + SUFFIX["en"], "type": "text/html"}],
            **common,
        }
        for ending in TYPES
    ]
    return (json.dumps({"linkset": [*pages, *twins]}, separators=(",", ":")) + "\n").encode()


def turtle(triples: Iterable[ox.Triple]) -> bytes:
    """Triples as Turtle with the prefixes that they use, one for each kind of thing and code list among them."""
    kept = tuple(triples)
    spaces = {space for triple in kept for iri in _written(triple) if (space := _namespace(iri)) is not None}
    text = ox.serialize(kept, format=ox.RdfFormat.TURTLE, prefixes={_prefix(space): space for space in spaces})
    assert text is not None  # nothing to write into was given
    lines = text.decode().splitlines(keepends=True)
    head = sorted(line for line in lines if line.startswith("@prefix "))  # the serializer has them in any order
    return "".join((*head, "\n", *lines[len(head) :])).encode()


def _written(triple: ox.Triple) -> Iterator[str]:
    """The IRIs that Turtle writes out for a triple: not ``a``, nor the kinds of plain texts."""
    for term in (triple.subject, triple.object):
        if isinstance(term, ox.NamedNode):
            yield term.value
    if triple.predicate.value != RDF_TYPE:
        yield triple.predicate.value
    if isinstance(triple.object, ox.Literal) and triple.object.datatype.value not in _PLAIN:
        yield triple.object.datatype.value


def _twins(stem: str, triples: tuple[ox.Triple, ...]) -> Iterator[File]:
    ordered = _ordered(BASE + stem, triples)
    yield File(f"{stem}.ttl", turtle(ordered))
    yield File(f"{stem}.nt", "".join(sorted(f"{triple} .\n" for triple in triples)).encode())
    yield File(f"{stem}.jsonld", (compact.text(ordered, indent=1) + "\n").encode())


def _ordered(iri: str, triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """Triples by subject, the thing itself before its records, its kind before what is said of it."""
    return sorted(triples, key=lambda triple: (triple.subject.value != iri, *_place(triple)))  # type: ignore[union-attr]


def _place(triple: ox.Triple) -> tuple[str, bool, str, str]:
    return str(triple.subject), triple.predicate.value != RDF_TYPE, triple.predicate.value, str(triple.object)


def _stem(iri: str) -> str:
    return iri.removeprefix(BASE)


def _of_dataset(site: Site, name: str) -> tuple[str, ...]:
    return site.objects(BASE + "dataset", DCTERMS + name)


@cache
def _namespace(iri: str) -> str | None:
    """The namespace of ours or of another vocabulary that an IRI lies in."""
    if iri.startswith((ID, CODE)):
        space = iri.rsplit("/", 1)[0] + "/"
        return space if space != CODE else None  # a code list itself
    if iri.startswith(GRAPH):
        return None
    known = compact.prefixes() | PREFIXES
    return next(
        (space for prefix, space in known.items() if prefix not in _FILES and prefix != "kg" and iri.startswith(space)),
        None,
    )


@cache
def _prefix(space: str) -> str:
    """The prefix of a namespace; that of a code list begins with ``c-``, so that it differs from that of a kind."""
    if space.startswith(ID):
        return space.removeprefix(ID).rstrip("/")
    if space.startswith(CODE):
        return "c-" + space.removeprefix(CODE).rstrip("/")
    return next(prefix for prefix, one in (compact.prefixes() | PREFIXES).items() if one == space)
