"""The page of what can be downloaded, with the size and the sum of each file: made last, when the others are there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rrm_kg.publish import contact
from rrm_kg.publish.sheet import sheet
from rrm_kg.publish.site import SUFFIX, File, Site
from rrm_kg.terms import BASE

DUMPS: Final = (
    *("dumps/kg.nq.gz", "dumps/kg.ttl.gz", "dumps/kg.jsonld.gz", "dumps/cases.csv"),
    *("catalog.ttl", "ontology.ttl", "shapes.ttl", "MANIFEST.json", "SHA256SUMS"),
)


@dataclass(frozen=True)
class Measure:
    """How many bytes a file has, and its SHA-256 in hexadecimal."""

    bytes: int
    sha256: str


def measure(file: File) -> Measure:
    """The measure of a file as it will be downloaded."""
    return Measure(len(file.data), hashlib.sha256(file.data).hexdigest())


def listed(site: Site) -> frozenset[str]:
    """The paths of the files that the page leads to."""
    return frozenset((*DUMPS, *_graphs(site)))


def page(site: Site, made: Mapping[str, Measure]) -> Iterator[File]:
    """The page in both languages, from the measures of the files that are there.

    It says none of MANIFEST.json and SHA256SUMS, which themselves say the sum of this page.
    """
    for lang in SUFFIX:
        yield sheet(
            site,
            "data.html.jinja",
            "data",
            lang,
            "data",
            dumps=DUMPS,
            graphs=_graphs(site),
            made=made,
            base=BASE,
            contact=contact.name(site.contact) if site.contact else None,
            triples=sum(len(triples) for iri, triples in site.written.items() if iri not in site.derived),
        )


def _graphs(site: Site) -> tuple[str, ...]:
    return tuple(source.graph.removeprefix(BASE) + ".ttl" for source in site.graph.sources.content)
