"""What the project says of itself and its data: about, data, and the page for an address that leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from rrm_kg.publish import contact, pages
from rrm_kg.publish.sheet import sheet
from rrm_kg.publish.site import SUFFIX, File, Site
from rrm_kg.publish.words import say
from rrm_kg.terms import BASE

DUMPS: Final = (
    *("dumps/kg.nq.gz", "dumps/kg.ttl.gz", "dumps/kg.jsonld.gz", "dumps/cases.csv"),
    *("catalog.ttl", "ontology.ttl", "shapes.ttl", "MANIFEST.json", "SHA256SUMS"),
)
LIMITS: Final = 9


def files(site: Site) -> Iterator[File]:
    """The pages in both languages; the page for a wrong address has both on it."""
    graphs = [source.graph.removeprefix(BASE) + ".ttl" for source in site.graph.sources.content]
    reached = contact.name(site.contact) if site.contact else None
    found = [File("404.html", lost(site))]
    for lang in SUFFIX:
        found.append(
            sheet(
                site,
                "about.html.jinja",
                "about",
                lang,
                "about",
                limits=range(1, LIMITS + 1),
                base=BASE,
                contact=reached,
            )
        )
        found.append(
            sheet(
                site,
                "data.html.jinja",
                "data",
                lang,
                "data",
                dumps=DUMPS,
                graphs=graphs,
                base=BASE,
                contact=reached,
                triples=_written(site),
            )
        )
    return iter(sorted(found, key=lambda file: file.path))


def _written(site: Site) -> int:
    return sum(len(triples) for triples in site.written.values())


def lost(site: Site) -> bytes:
    """The page for an address that leads nowhere. Its links begin at the root of the base address."""
    root = urlsplit(site.base).path or "/"
    return pages.fill("404.html.jinja", say=say, languages=SUFFIX, root=root if root.endswith("/") else f"{root}/")
