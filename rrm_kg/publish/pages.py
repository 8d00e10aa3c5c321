"""A page in one language, from a template and what it is to show."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import Final

import jinja2

from rrm_kg import templating
from rrm_kg.publish.dates import DAYS, LENGTHS, NUMBERS, dated, lasting, numbered, sized, time, when
from rrm_kg.publish.proofs import passage, passages, words
from rrm_kg.publish.site import SUFFIX, File, Site, relative
from rrm_kg.publish.words import say
from rrm_kg.terms import BASE, RRM, SKOS

_HERE: Final = Path(__file__).parent
MENU: Final = ("cases", "map", "mechanisms", "unions", "questions", "data")


def page(site: Site, template: str, stem: str, lang: str, title: str, description: str, **shown: object) -> File:
    """The page at a path (without its ending) in a language. ``shown`` is what the template names.

    Templates extend ``layout.html.jinja`` and have: ``site``, ``lang``, ``here`` (the page's own path), ``stem``,
    ``say(key, **values)``, ``link(iri)`` (a Link in the page's language), ``to(path)`` (the relative address of a file
    of the release) and ``go(stem)`` (of a page in the page's language). For the macros of ``parts.html.jinja`` they
    have ``passage(iri)``, ``passages(iri)``, ``when(iri)``, ``of(iri, "role")`` (the things that a property of ours, or
    one named in full, leads to), ``said(iri, "quote")`` (its Words, in the page's language where there are such) and
    the filters ``dated``, ``numbered``, ``sized`` and ``lasting``.
    """
    here = stem + SUFFIX[lang]
    text = (
        _environment()
        .get_template(template)
        .render(
            site=site,
            lang=lang,
            here=here,
            stem=stem,
            title=title,
            description=description,
            menu=MENU,
            languages=tuple(SUFFIX),
            address=BASE + ("" if stem == "index" else stem),
            say=lambda key, **values: say(key, lang, **values),
            link=partial(site.link, lang=lang, here=here),
            to=partial(relative, here=here),
            go=lambda other, to=lang: relative(other + SUFFIX[to], here),
            time=partial(time, lang=lang),
            when=partial(when, site, lang=lang),
            said=lambda thing, name: words(site, thing, name if ":" in name else RRM + name, lang),
            of=lambda thing, name: site.objects(thing, name if ":" in name else RRM + name),
            passage=partial(passage, site, lang=lang),
            passages=partial(passages, site, lang=lang),
            **shown,
        )
    )
    return File(here, text.encode())


def fill(template: str, **shown: object) -> bytes:
    """A template that is no page in one language, such as a feed, with what it names."""
    return _environment().get_template(template).render(**shown).encode()


@cache
def _environment() -> jinja2.Environment:
    made = templating.environment(_HERE / "templates")
    made.filters |= {"dated": dated, "numbered": numbered, "lasting": lasting, "sized": sized}
    made.globals |= {
        "RRM": RRM,
        "SKOS": SKOS,
        "SUBJECT": RRM + "subject",
        "DAYS": DAYS,
        "LENGTHS": LENGTHS,
        "NUMBERS": NUMBERS,
    }
    return made


def static() -> tuple[File, ...]:
    """The files that all pages share: the style sheet and whatever lies beside it."""
    folder = _HERE / "static"
    return tuple(
        File(f"static/{path.relative_to(folder).as_posix()}", path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    )
