"""A page that lists many things: what its template needs beside what every page has."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import Final

from markupsafe import Markup, escape

from rrm_kg.publish import pages
from rrm_kg.publish.days import in_words
from rrm_kg.publish.passages import passage, text
from rrm_kg.publish.site import File, Site
from rrm_kg.publish.words import say
from rrm_kg.terms import mint

_NAMED: Final = tuple(
    mint(kind, "")
    for kind in (
        "agency", "case", "company", "document", "facility", "instrument", "mechanism", "organization", "panel",
        "place", "provision", "state", "union",
    )
)


def sheet(site: Site, template: str, stem: str, lang: str, key: str, **shown: object) -> File:
    """The page of a list. Its title and description are the words ``KEY-title`` and ``KEY-lead``.

    Templates have beside what pages.page gives: ``day(text)`` (a time element), ``written(text)`` (the words alone),
    ``proof(iri)`` (a Passage) and ``text(iri, property)``.
    """
    shown.setdefault("title", say(f"{key}-title", lang))
    if "description" not in shown:
        shown["description"] = say(f"{key}-lead", lang)
    return pages.page(
        site,
        template,
        stem,
        lang,
        key=key,
        day=lambda day: dated(day, lang),
        written=lambda day: in_words(str(day), lang),
        proof=partial(passage, site, lang=lang),
        text=partial(text, site, lang=lang),
        **shown,  # type: ignore[arg-type]
    )


def by_name(site: Site, lang: str) -> dict[str, str]:
    """The things that a text of an answer names without doubt, by that text."""
    found: dict[str, set[str]] = defaultdict(set)
    for iri in site.things:
        if iri.startswith(_NAMED):
            found[site.name(iri, lang)].add(iri)
    return {name: next(iter(iris)) for name, iris in found.items() if len(iris) == 1}


def dated(day: str, lang: str) -> Markup:
    """A day, month or year as a time element, between two of them or up to one as words say it; other texts as they are.

    ``≤ 2021-06-09`` is a day at the latest, ``2008-01-01…2008-12-31`` one between two.
    """
    first, _, last = day.partition("…")
    if first and last:
        return _filled("index-between", lang, first=first, last=last)
    if day.startswith(("≤ ", "…")):
        return _filled("index-until", lang, day=day.removeprefix("≤ ").removeprefix("…"))
    if day.endswith("…"):
        return _filled("index-since", lang, day=first)
    return _time(day, lang)


def _filled(key: str, lang: str, **days: str) -> Markup:
    words = Markup(escape(say(key, lang, **{name: f"\0{name}\0" for name in days})))
    for name, day in days.items():
        words = words.replace(f"\0{name}\0", _time(day, lang))
    return words


def _time(day: str, lang: str) -> Markup:
    words = in_words(day, lang)
    if words == day and not (day.isdecimal() and len(day) == 4):
        return Markup(escape(day))
    return Markup('<time datetime="{}">{}</time>').format(day, words)
