"""A page that lists many things: what its template needs beside what every page has."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from markupsafe import Markup

from rrm_kg.publish import pages
from rrm_kg.publish.dates import dated, time
from rrm_kg.publish.site import File, Site
from rrm_kg.publish.words import say
from rrm_kg.terms import RRM, mint

_NAMED: Final = tuple(
    mint(kind, "")
    for kind in (
        *("agency", "case", "company", "document", "facility", "instrument", "mechanism"),
        *("organization", "panel", "place", "provision", "state", "union"),
    )
)
_PLACE: Final = mint("place", "")


def sheet(site: Site, template: str, stem: str, lang: str, key: str, **shown: object) -> File:
    """The page of a list. Where none are given, its title and description are the words ``KEY-title`` and ``KEY-lead``.

    Templates have beside what pages.page gives: ``day(text)``, see below, and ``as_of``, the day of the data in words.
    """
    for name, word in (("title", "title"), ("description", "lead")):
        if name not in shown:
            shown[name] = say(f"{key}-{word}", lang)
    return pages.page(
        site,
        template,
        stem,
        lang,
        day=lambda text: days(text, lang),
        as_of=dated(str(site.graph.as_of), lang),
        **shown,  # type: ignore[arg-type]
    )


def by_name(site: Site, lang: str) -> dict[str, str]:
    """The things that a text of an answer names without doubt, by that text.

    A State is meant rather than the place of its name, and a document that can be read rather than what it copies.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for iri in site.things:
        if iri.startswith(_NAMED):
            found[site.name(iri, lang)].add(iri)
    certain = {}
    for name, iris in found.items():
        meant = [iri for iri in iris if not iri.startswith(_PLACE)] or iris
        meant = [iri for iri in meant if site.values(iri, RRM + "url")] if len(meant) > 1 else meant
        if len(meant) == 1:
            certain[name] = next(iter(meant))
    return certain


def days(text: str, lang: str) -> Markup:
    """A day as answers write it: exact, up to one (``≤ 2021-06-09``), or between two (``2008-01-01…2008-12-31``).

    Any other text as it is.
    """
    first, mark, last = text.removeprefix("≤ ").partition("…")
    if text.startswith("≤ "):
        return _filled("parts-before", lang, last=first)
    if mark:
        return _filled(
            "parts-between" if first and last else "parts-after" if first else "parts-before",
            lang,
            first=first,
            last=last,
        )
    return _day(text, lang)


def _filled(key: str, lang: str, **days: str) -> Markup:
    return Markup(say(key, lang, **{name: _day(day, lang) for name, day in days.items()}))


def _day(text: str, lang: str) -> Markup:
    # Four digits stay as they are: a year reads the same, and they may be a number.
    return time(text, lang) if dated(text, lang) != text else Markup("{}").format(text)
