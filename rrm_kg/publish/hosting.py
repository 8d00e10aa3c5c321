"""What a host needs to answer for the IRIs: rules for w3id.org, nginx and Caddy, a sitemap and robots.txt.

The rules lead an IRI to the form that the client asks for, as ``rrm-kg serve`` does; they know the kinds of paths and
no thing by name. Versions of the ontology lead to the release that holds them, at ``/versions/<version>/``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

from rrm_kg import templating
from rrm_kg.publish.site import SUFFIX, File, Site
from rrm_kg.terms import BASE

_TEMPLATES: Final = Path(__file__).with_name("templates") / "hosting"
_NAMES: Final = ("Caddyfile", "htaccess", "nginx.conf")
PAGES: Final = ("ontology", "shapes")  # of many terms each, beside the things


def files(site: Site) -> Iterator[File]:
    """The rules for hosts, robots.txt and the sitemap."""
    environment = templating.environment(_TEMPLATES, autoescape=False)
    shown = {"host": urlsplit(site.base).netloc, "path": urlsplit(site.base).path.rstrip("/"), "release": site.release}
    for name in _NAMES:
        text = environment.get_template(f"{name}.jinja").render(shown)
        yield File(f"hosting/{name}", text.encode())
    yield File("robots.txt", f"User-agent: *\nAllow: /\nDisallow: /sparql\n\nSitemap: {BASE}sitemap.xml\n".encode())
    yield File("sitemap.xml", _sitemap(site).encode())


def _sitemap(site: Site) -> str:
    """The pages in each language, each with the others (sitemaps.org 0.9, and hreflang as its extension has it)."""
    stems = sorted({*PAGES, *(stem for iri in site.things if not site.withdrawn(iri) and (stem := site.stem(iri)))})
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">',
    ]
    for stem in stems:
        places = {lang: BASE + quote(stem) + ending for lang, ending in SUFFIX.items()}
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{lang}" href="{place}"/>' for lang, place in places.items()
        )
        lines += [f"<url><loc>{place}</loc>{others}</url>" for place in places.values()]
    return "\n".join([*lines, "</urlset>", ""])
