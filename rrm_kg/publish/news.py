"""What is new: the releases and what each changed, as a page and as an Atom feed (RFC 4287)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from rrm_kg.publish import pages
from rrm_kg.publish.proofs import words
from rrm_kg.publish.sheet import sheet
from rrm_kg.publish.site import SUFFIX, File, Site
from rrm_kg.publish.words import say
from rrm_kg.terms import BASE, RRM


@dataclass(frozen=True)
class Change:
    """What a release changed: of which kind, about what."""

    iri: str
    kind: str
    about: str


@dataclass(frozen=True)
class Release:
    """A release of the data with its day and changes."""

    iri: str
    day: str
    changes: tuple[Change, ...]


def files(site: Site) -> Iterator[File]:
    """The feeds and the pages in both languages."""
    known = releases(site)
    found = []
    for lang, suffix in SUFFIX.items():
        name = "feed" + suffix.replace(".html", ".atom")
        feed = pages.fill(
            "feed.atom.jinja",
            lang=lang,
            say=lambda key, lang=lang, **values: say(key, lang, **values),
            releases=known,
            words=lambda iri, prop, lang=lang: said.text if (said := words(site, iri, RRM + prop, lang)) else "",
            name=lambda iri, lang=lang: site.name(iri, lang),
            base=BASE,
            feed=BASE + name,
            page=f"{BASE}news{suffix}",
            address=lambda iri, suffix=suffix: iri + suffix,
        )
        found.append(File(name, feed))
        found.append(
            sheet(site, "news.html.jinja", "news", lang, "news", releases=known, feed=name,
                  summary=RRM + "summary", reason=RRM + "reason")
        )  # fmt: skip
    return iter(sorted(found, key=lambda file: file.path))


def releases(site: Site) -> tuple[Release, ...]:
    """The releases, the newest first, with their changes in the order of their names."""
    found = []
    for iri in site.things:
        if RRM + "Release" in site.types(iri):
            day = next((value.value for value in site.values(iri, RRM + "date") if isinstance(value, ox.Literal)), "")
            changes = (one for one, prop in site.incoming.get(iri, ()) if prop == RRM + "inRelease")
            found.append(Release(iri, day, tuple(_change(site, one) for one in changes)))
    return tuple(sorted(found, key=lambda one: (one.day, _number(one.iri)), reverse=True))


def _number(iri: str) -> tuple[int, ...]:
    return tuple(int(part) for part in iri.rsplit("/", 1)[-1].split(".") if part.isdecimal())


def _change(site: Site, iri: str) -> Change:
    def one(name: str) -> str:
        return next(iter(site.objects(iri, RRM + name)), "")

    return Change(iri, one("changeKind"), one("about"))
