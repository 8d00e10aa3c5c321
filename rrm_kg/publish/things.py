"""The page of each thing that is not a dispute: what is known of it, what proves it, what points at it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from rrm_kg.publish import twins
from rrm_kg.publish.facts import LEADS, NAMES, Index, facts, pointing
from rrm_kg.publish.kinds import ancestors
from rrm_kg.publish.pages import page
from rrm_kg.publish.proofs import Words, words
from rrm_kg.publish.site import SUFFIX, File, Site
from rrm_kg.publish.views import view
from rrm_kg.terms import BASE, DCTERMS, RRM, SKOS

_PROVED: Final = tuple(
    RRM + name for name in ("Agent", "Facility", "LegalResource", "Ownership", "Record", "TimeLimit")
)
_OWN: Final = tuple(RRM + name for name in ("Change", "ElapsedTime", "GapMarker", "Judgement"))
_DISPUTE: Final = RRM + "Dispute"
_WITHDRAWN: Final = BASE + "code/change-kind/withdrawn"
_REASONS: Final = (RRM + "reason", SKOS + "changeNote", *LEADS)


@dataclass(frozen=True)
class Disputed:
    """The values that sources report for one property of a thing."""

    property: str
    assertions: tuple[str, ...]


def files(site: Site) -> Iterator[File]:
    """The pages of all things but the disputes, in both languages, in the order of their paths."""
    index = Index(site)
    paths = sorted(
        (iri.removeprefix(BASE) + suffix, iri, lang)
        for iri in site.things
        if _DISPUTE not in site.types(iri)
        for lang, suffix in SUFFIX.items()
    )
    yield from (thing(index, iri, lang) for _, iri, lang in paths)


def thing(index: Index, iri: str, lang: str) -> File:
    """The page of one thing in a language; what is left of it where it was withdrawn."""
    site = index.site
    stem = iri.removeprefix(BASE)
    here = stem + SUFFIX[lang]
    name = site.name(iri, lang)
    lead = next((found for one in LEADS if (found := words(site, iri, one, lang)) is not None), None)
    dispute = next(iter(site.objects(iri, RRM + "inDispute")), None)
    title = name if dispute is None else f"{name} – {site.name(dispute, lang)}"
    kinds = ", ".join(site.name(one, lang) for one in site.types(iri))
    description = lead.text if lead is not None else f"{kinds}: {name}"
    shown = {
        "iri": iri,
        "name": _name(site, iri, lang),
        "kinds": site.types(iri),
        "others": _other_names(site, iri, lang),
        "lead": lead,
        "links": twins.head(site, iri, here),
    }
    if site.withdrawn(iri):
        replaced = site.objects(iri, DCTERMS + "isReplacedBy")
        return page(
            site,
            "thing-gone.html.jinja",
            stem,
            lang,
            title,
            description,
            reason=_reason(index, iri, lang),
            replaced=replaced,
            **shown,
        )
    special = view(index, iri)
    hidden = (*LEADS, *(special.hidden if special is not None else ()))
    return page(
        site,
        "thing.html.jinja",
        stem,
        lang,
        title,
        description,
        index=index,
        special=special,
        facts=facts(site, iri, lang, hidden),
        proofless=proofless(site, iri),
        disputed=disputed(index, iri),
        contested=index.subjects(iri, RRM + "disputes"),
        gaps=gaps(index, iri),
        pointing=pointing(
            index, iri, lang, _shown(index, iri) | (special.shown if special is not None else frozenset())
        ),
        follows=index.follows.get(iri, ()),
        statements=twins.turtle(site.slice(iri)).decode(),
        data=Markup("\n").join((twins.embedded(site, iri), twins.schema_org(site, iri, lang))),
        **shown,
    )


def proofless(site: Site, iri: str) -> bool:
    """Whether a thing without a passage should say so: one that sources speak of, not one of our own bookkeeping."""
    classes = {wider for one in site.types(iri) for wider in ancestors(site, one)}
    return not classes.isdisjoint(_PROVED) and classes.isdisjoint(_OWN)


def disputed(index: Index, iri: str) -> tuple[Disputed, ...]:
    """The values that sources report for a thing, by property."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in index.subjects(iri, RRM + "about"):
        for name in index.site.objects(one, RRM + "property"):
            found[name].append(one)
    standing = RRM + "standing"
    return tuple(
        Disputed(name, tuple(sorted(found[name], key=lambda one: (index.site.objects(one, standing), one))))
        for name in sorted(found)
    )


def gaps(index: Index, iri: str) -> tuple[str, ...]:
    """What is known to be missing of a thing."""
    return tuple(one for one in index.subjects(iri, RRM + "about") if index.site.objects(one, RRM + "gapReason"))


def _shown(index: Index, iri: str) -> frozenset[tuple[str, str]]:
    """What points at a thing and is drawn above the list of it all."""
    about = (*gaps(index, iri), *(one for group in disputed(index, iri) for one in group.assertions))
    contested = index.subjects(iri, RRM + "disputes")
    return frozenset((*((one, RRM + "about") for one in about), *((one, RRM + "disputes") for one in contested)))


def _name(site: Site, iri: str, lang: str) -> Words:
    """What a thing is called, and in which language: a name may be known in one alone."""
    name = site.name(iri, lang)
    written = next((found for one in NAMES if (found := words(site, iri, one, lang)) is not None), None)
    return Words(name, written.lang if written is not None and written.text == name else lang)


def _other_names(site: Site, iri: str, lang: str) -> tuple[Words, ...]:
    """The names of a thing in the other languages, where they differ."""
    if site.objects(iri, RRM + "document"):
        return ()  # a passage is called after its document, in words of its own language
    names = (_name(site, iri, other) for other in SUFFIX if other != lang)
    return tuple(name for name in names if name.text != site.name(iri, lang))


def _reason(index: Index, iri: str, lang: str) -> Words | None:
    """Why a thing was withdrawn: as a change says it, else as the thing says it."""
    site = index.site
    changes = (one for one in index.subjects(iri, RRM + "about") if _WITHDRAWN in site.objects(one, RRM + "changeKind"))
    said = (words(site, one, name, lang) for one in (*changes, iri) for name in _REASONS)
    return next((one for one in said if one is not None), None)
