"""A page that lists many things: what its template needs beside what every page has."""

from __future__ import annotations

from functools import partial

from markupsafe import Markup, escape

from rrm_kg.publish import pages
from rrm_kg.publish.days import in_words
from rrm_kg.publish.passages import passage, text
from rrm_kg.publish.site import File, Site
from rrm_kg.publish.words import say


def sheet(site: Site, template: str, stem: str, lang: str, key: str, **shown: object) -> File:
    """The page of a list. Its title and description are the words ``KEY-title`` and ``KEY-lead``.

    Templates have beside what pages.page gives: ``day(text)``, ``until(text)`` for a bound, ``proof(iri)`` (a Passage),
    ``text(iri, property)``.
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
        proof=partial(passage, site, lang=lang),
        text=partial(text, site, lang=lang),
        **shown,  # type: ignore[arg-type]
    )


def dated(day: str, lang: str) -> Markup:
    """A day, month or year as a time element; ``≤`` before it becomes words."""
    bare = day.removeprefix("≤ ")
    if not bare:
        return Markup()
    shown = Markup('<time datetime="{}">{}</time>').format(bare, in_words(bare, lang))
    return shown if bare == day else Markup(escape(say("index-until", lang, day="\0"))).replace("\0", shown)
