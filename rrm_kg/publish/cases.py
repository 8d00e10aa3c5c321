"""The page of each dispute: its story, its acts and clocks, its parties, what each side says, and every source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import Final

import pyoxigraph as ox
from markupsafe import Markup

from rrm_kg import parse
from rrm_kg.publish import compact, dispute, stories, twins
from rrm_kg.publish.clocks import Clock, clocks
from rrm_kg.publish.dates import dated
from rrm_kg.publish.pages import page
from rrm_kg.publish.pictures import map as maps
from rrm_kg.publish.pictures.roles import Part, Side, roles
from rrm_kg.publish.pictures.timeline import Act, Legend, timeline
from rrm_kg.publish.pictures.timeline import Clock as Bar
from rrm_kg.publish.site import SUFFIX, File, Site
from rrm_kg.publish.words import say
from rrm_kg.terms import BASE, CODE, RDF_TYPE, RRM

_ASKING: Final = (
    "petitioner",
    "supporter",
    "complainant",
    "complainant-agent",
    "screening-body",
    "affected-union",
    "challenger-union",
)
_ABOVE: Final = ("panelist", "chair", "panel")
_BELOW: Final = ("mediator",)
# The sections of a page, and the records without which one is left out.
_SECTIONS: Final = {
    "course": (),
    "where": (),
    "parties": ("Participation",),
    "alleged": ("Allegation",),
    "said": dispute.STATEMENTS,
    "remedies": ("Measure", "RemediationPlan", "Count"),
    "open": ("Assertion", "GapMarker"),
    "sources": (),
    "reuse": (),
}


def files(site: Site) -> Iterator[File]:
    """A page for each dispute in both languages, and all that its own file says, in three forms.

    Of a dispute that was withdrawn the file stays; its page is that of any withdrawn thing.
    """
    for iri in site.things:
        if RRM + "Dispute" in site.types(iri):
            if not site.withdrawn(iri):
                case = dispute.gather(site, iri)
                yield from (_page(site, case, lang) for lang in SUFFIX)
            yield from _whole(site, iri)


def _graph(site: Site, iri: str) -> str:
    """The named graph that describes a dispute."""
    types = site.graph.store.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(RDF_TYPE), ox.NamedNode(RRM + "Dispute"))
    return min(quad.graph_name.value for quad in types if isinstance(quad.graph_name, ox.NamedNode))


def _whole(site: Site, iri: str) -> Iterator[File]:
    """The file of a dispute as it was written, and its triples in the other forms."""
    graph = _graph(site, iri)
    source = site.graph.sources.named(graph)
    if source is None:
        return
    triples = sorted(parse.triples(source.data, source.path), key=str)
    stem = graph.removeprefix(BASE)
    yield File(f"{stem}.jsonld", (compact.text(triples, indent=1) + "\n").encode())
    yield File(f"{stem}.nt", "".join(f"{triple} .\n" for triple in triples).encode())
    yield File(f"{stem}.ttl", source.data)


def _page(site: Site, case: dispute.Case, lang: str) -> File:
    events, outcomes = case["ProcedureEvent"], case["Outcome"]
    lead = stories.lead(site, case.iri, events, outcomes, lang)
    told = lead.striptags()
    here = (site.stem(case.iri) or "") + SUFFIX[lang]
    ran = clocks(site, case.iri, case.everything, lang)
    return page(
        site,
        "case.html.jinja",
        site.stem(case.iri) or "",
        lang,
        site.name(case.iri, lang),
        told if len(told) < 160 else told[:160].rsplit(" ", 1)[0] + " …",
        case=case,
        lead=lead,
        clocks=ran,
        timeline=_timeline(site, case, ran, lang),
        parties=_parties(site, case, lang),
        states=(states := dispute.states(site, case)),
        map=_map(site, case, states, lang),
        outlined=maps.outlined(),
        literal=lambda one, name: next(
            (t.value for t in site.values(one, RRM + name) if isinstance(t, ox.Literal)), ""
        ),
        term=lambda one, name: next(iter(site.values(one, RRM + name)), None),
        label=lambda name: site.name(RRM + name, lang),
        code=lambda one: one.rsplit("/", 1)[-1],
        is_code=lambda one: one.startswith(CODE),
        fresh=_Fresh(),
        kind=lambda one: site.name(site.types(one)[0], lang),
        anchor=stories.anchor,
        located=partial(stories.located, site),
        owners=dispute.owners(site, case),
        rights=dispute.grouped(site, [r for k in ("Allegation", "Position", "Finding") for r in case[k]], "right"),
        roles={role: dispute.held(site, case, role) for role in ("petitioner", "employer")},
        places=dispute.places(site, case),
        issues=dispute.issues(site, case),
        answers=dispute.answers(site, case),
        values=dispute.values(site, case),
        locators=partial(dispute.locators, site, lang),
        documents=(documents := dispute.documents(site, case)),
        consulted=sorted(
            {t.value for d in documents for t in site.values(d, RRM + "consultedOn") if isinstance(t, ox.Literal)}
        ),
        others=tuple(one for one in case["Claim"] if not site.objects(one, RRM + "issue")),
        commitments=dispute.grouped(site, case["Commitment"], "inPlan"),
        disputed=dispute.disputed(site, case),
        sections=tuple(key for key in _SECTIONS if _filled(case, key)),
        twins_head=twins.head(site, case.iri, here),
        embedded=twins.embedded(site, case.iri),
        schema_org=twins.schema_org(site, case.iri),
        whole=_graph(site, case.iri).removeprefix(BASE),
        endings={"ttl": "Turtle", "jsonld": "JSON-LD", "nt": "N-Triples"},
    )


class _Fresh:
    """Whether something is asked for the first time: the web address of a document stands beside its first passage."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def __call__(self, one: str) -> bool:
        known = one in self._seen
        self._seen.add(one)
        return not known


def _filled(case: dispute.Case, section: str) -> bool:
    wanted = _SECTIONS[section]
    return not wanted or any(case[kind] for kind in wanted)


def _map(site: Site, case: dispute.Case, states: dict[str, str], lang: str) -> Markup:
    if not states:
        return Markup("")
    names = {code: site.name(place, lang) for code, place in states.items()}
    said = say("case-map-desc", lang, states=", ".join(names.values()), case=site.name(case.iri, lang))
    return maps.mexico("map", say("case-map-title", lang), said, names=names, highlight=names)


def _timeline(site: Site, case: dispute.Case, ran: Sequence[Clock], lang: str) -> Markup:
    legend = Legend(
        *(say(f"case-legend-{key}", lang) for key in ("acts", "clocks", "used", "over", "allowed", "unsure"))
    )
    acts = [
        Act(
            f"{stories.adverb(site, one, lang, bare=True).striptags()}: {site.name(one, lang)}",
            _date(site, one, "beganOn") or _date(site, one, "earliest"),
            _date(site, one, "latest"),
            bool(site.values(one, RRM + "beganOn")),
        )
        for one in case["ProcedureEvent"]
        if site.values(one, RRM + "earliest") or site.values(one, RRM + "latest")
    ]
    bars = [
        Bar(one.name, _note(one, lang), *one.days, one.limit, one.code)
        for one in ran
        if one.days and not one.reported_by
    ]
    told = say("case-timeline-desc", lang, acts=len(acts), clocks=len(bars))
    return timeline("timeline", say("case-timeline-title", lang), told, acts, bars, legend, partial(dated, lang=lang))


def _note(clock: Clock, lang: str) -> str:
    """What a clock used and was allowed, in short."""
    if clock.used is None:
        return clock.status
    least, most = clock.used
    used = str(most) if least == most else f"{least}-{most}"
    if clock.limit is None:
        return say("case-note-days", lang, used=used)
    return say("case-note-of", lang, used=used, allowed=clock.allowed)


def _date(site: Site, record: str, name: str) -> date | None:
    for term in site.values(record, RRM + name):
        if isinstance(term, ox.Literal) and len(term.value) == 10:
            return date.fromisoformat(term.value)
    return None


def _parties(site: Site, case: dispute.Case, lang: str) -> Markup:
    """The picture of who took part: one box for each agent, with all its roles."""
    here = (site.stem(case.iri) or "") + SUFFIX[lang]
    found: dict[str, list[str]] = defaultdict(list)
    for one in case["Participation"]:
        for agent in site.objects(one, RRM + "agent"):
            found[agent] += [role for role in site.objects(one, RRM + "role") if role not in found[agent]]
    parts = []
    for agent, held in sorted(found.items(), key=lambda one: (_rank(one[1]), one[0])):
        link = site.link(agent, lang, here)
        side: Side = "answering"
        codes = {role.rsplit("/", 1)[-1] for role in held}
        if codes & set(_ABOVE):
            side = "above"
        elif codes & set(_BELOW):
            side = "below"
        elif codes & set(_ASKING):
            side = "asking"
        named = tuple(site.name(role, lang) for role in held)
        parts.append(Part(link.name, link.href, named, side, site.types(agent)[0].rsplit("#", 1)[-1].lower()))
    links = [site.link(one, lang, here) for one in site.objects(case.iri, RRM + "subject")]
    said = say("case-parties-desc", lang, number=len(parts))
    matter = [(one.name, one.href) for one in links]
    return roles("parties", say("case-parties-title", lang, case=site.name(case.iri, lang)), said, parts, matter)


def _rank(held: Sequence[str]) -> int:
    order = (*_ASKING, "respondent", "respondent-trade-authority", "respondent-investigator", "employer", *_ABOVE)
    codes = [role.rsplit("/", 1)[-1] for role in held]
    return min((order.index(code) for code in codes if code in order), default=len(order))
