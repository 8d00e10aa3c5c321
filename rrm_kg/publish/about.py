"""What the project says of itself: the page about it, and the page for an address that leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from rrm_kg.publish import contact, pages
from rrm_kg.publish.sheet import sheet
from rrm_kg.publish.site import SUFFIX, File, Site
from rrm_kg.publish.words import say
from rrm_kg.terms import BASE

LIMITS: Final = 9


def files(site: Site) -> Iterator[File]:
    """The page about the project in both languages; the page for a wrong address has both on it."""
    yield File("404.html", lost(site))
    for lang in sorted(SUFFIX, key=SUFFIX.__getitem__):
        yield sheet(
            site,
            "about.html.jinja",
            "about",
            lang,
            "about",
            limits=range(1, LIMITS + 1),
            base=BASE,
            contact=contact.name(site.contact) if site.contact else None,
        )


def lost(site: Site) -> bytes:
    """The page for an address that leads nowhere. Its links begin at the root of the base address."""
    root = urlsplit(site.base).path or "/"
    return pages.fill("404.html.jinja", say=say, languages=SUFFIX, root=root if root.endswith("/") else f"{root}/")
