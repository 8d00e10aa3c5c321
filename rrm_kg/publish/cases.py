"""The page of each dispute: its story, its acts and clocks, its parties, what each side says, and every source."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

import pyoxigraph as ox
from markupsafe import Markup

from rrm_kg.publish import stories, twins
from rrm_kg.publish.clocks import Clock, clocks
from rrm_kg.publish.dates import dated
from rrm_kg.publish.pages import page
from rrm_kg.publish.pictures import map as maps
from rrm_kg.publish.pictures.roles import Part, Side, roles
from rrm_kg.publish.pictures.timeline import Act, Legend, timeline
from rrm_kg.publish.pictures.timeline import Clock as Bar
from rrm_kg.publish.proofs import Words, words
from rrm_kg.publish.site import SUFFIX, File, Site
from rrm_kg.publish.words import say
from rrm_kg.terms import CODE, RRM

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
_STATEMENTS: Final = ("Position", "Finding", "Claim")
# The sections of a page, and the records without which one is left out.
_SECTIONS: Final = {
    "course": (),
    "where": (),
    "parties": ("Participation",),
    "alleged": ("Allegation",),
    "said": _STATEMENTS,
    "remedies": ("Measure", "RemediationPlan", "Count"),
    "open": ("Assertion", "GapMarker"),
    "sources": (),
    "reuse": (),
}


@dataclass(frozen=True)
class Case:
    """A dispute with its records by class, each class in the order in which a reader wants it."""

    iri: str
    records: dict[str, tuple[str, ...]]

    def __getitem__(self, kind: str) -> tuple[str, ...]:
        return self.records.get(kind, ())

    @property
    def everything(self) -> tuple[str, ...]:
        """All records."""
        return tuple(record for kind in sorted(self.records) for record in self.records[kind])


def files(site: Site) -> Iterator[File]:
    """A page for each dispute in both languages."""
    for iri in site.things:
        if RRM + "Dispute" in site.types(iri) and not site.withdrawn(iri):
            case = gather(site, iri)
            for lang in SUFFIX:
                yield _page(site, case, lang)


def gather(site: Site, iri: str) -> Case:
    """A dispute with all that is recorded in it."""
    found: dict[str, list[str]] = defaultdict(list)
    for record, property_ in site.incoming.get(iri, ()):
        if property_ == RRM + "inDispute":
            for kind in site.types(record):
                if kind.startswith(RRM):
                    found[kind.removeprefix(RRM)].append(record)
    return Case(iri, {kind: tuple(sorted(found[kind], key=partial(_order, site))) for kind in found})


def _page(site: Site, case: Case, lang: str) -> File:
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
        states=(states := _states(site, case)),
        map=_map(site, case, states, lang),
        outlined=maps.outlined(),
        of=lambda one, name: site.objects(one, RRM + name),
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
        owners=_owners(site, case),
        rights=_grouped(site, [r for k in ("Allegation", "Position", "Finding") for r in case[k]], "right"),
        roles={role: _held(site, case, role) for role in ("petitioner", "employer")},
        places=_places(site, case),
        issues=_issues(site, case),
        answers=_answers(site, case),
        values=_values(site, case),
        locators=partial(_locators, site, lang),
        documents=(documents := _documents(site, case)),
        consulted=sorted(
            {t.value for d in documents for t in site.values(d, RRM + "consultedOn") if isinstance(t, ox.Literal)}
        ),
        others=tuple(one for one in case["Claim"] if not site.objects(one, RRM + "issue")),
        commitments=_grouped(site, case["Commitment"], "inPlan"),
        disputed=_disputed(site, case),
        sections=tuple(key for key in _SECTIONS if _filled(case, key)),
        twins_head=twins.head(site, case.iri, here),
        embedded=twins.embedded(site, case.iri),
        schema_org=twins.schema_org(site, case.iri),
        whole=f"graph/cases/{case.iri.rsplit('/', 1)[-1]}",
        endings={"ttl": "Turtle", "jsonld": "JSON-LD", "nt": "N-Triples"},
        RRM=RRM,
    )


class _Fresh:
    """Whether something is asked for the first time: the web address of a document stands beside its first passage."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def __call__(self, one: str) -> bool:
        known = one in self._seen
        self._seen.add(one)
        return not known


def _filled(case: Case, section: str) -> bool:
    wanted = _SECTIONS[section]
    return not wanted or any(case[kind] for kind in wanted)


def _disputed(site: Site, case: Case) -> dict[str, tuple[str, ...]]:
    """The records that other statements dispute, each with these."""
    return _grouped(site, case.everything, "disputes")


def _order(site: Site, record: str) -> tuple[str, str, int, str]:
    """Records by their last possible day, their first one, the order of their steps and their IRIs."""

    def day(name: str) -> str:
        return next((term.value for term in site.values(record, RRM + name) if isinstance(term, ox.Literal)), "")

    steps = site.objects(record, RRM + "step")
    order = site.values(steps[0], RRM + "order") if steps else ()
    number = next((int(term.value) for term in order if isinstance(term, ox.Literal)), 0)
    first = day("earliest")
    return day("latest") or f"9{first}", first, number, record


def _grouped(site: Site, records: Iterable[str], name: str) -> dict[str, tuple[str, ...]]:
    """The values of a property with the records that have each, by the names of the values."""
    found: dict[str, list[str]] = defaultdict(list)
    for record in records:
        for value in site.objects(record, RRM + name):
            found[value].append(record)
    return {value: tuple(found[value]) for value in sorted(found)}


def _held(site: Site, case: Case, role: str) -> tuple[str, ...]:
    """The participations in a role."""
    return tuple(one for one in case["Participation"] if f"{CODE}role/{role}" in site.objects(one, RRM + "role"))


def _places(site: Site, case: Case) -> dict[tuple[str, ...], tuple[str, ...]]:
    """What a case examines, those proved by the same passages together; by the case itself where there are none."""
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for one in site.objects(case.iri, RRM + "subject"):
        found[site.objects(one, RRM + "evidence")].append(one)
    return {passages: tuple(found[passages]) for passages in sorted(found)}


def _owners(site: Site, case: Case) -> dict[str, tuple[str, ...]]:
    """Who owns or operates the facilities of a case, with the ownerships that say so."""
    facilities = site.objects(case.iri, RRM + "subject")
    pointing = {one for facility in facilities for one, _ in site.incoming.get(facility, ())}
    return _grouped(site, sorted(one for one in pointing if RRM + "Ownership" in site.types(one)), "owner")


def _issues(site: Site, case: Case) -> dict[str, tuple[tuple[str, ...], ...]]:
    """What is said on each issue, by those who ask, by those who answer, by the panel, and by others."""
    found: dict[str, list[list[str]]] = {}
    sides = {role: _agents(site, case, role) for role in ("complainant", "respondent")}
    for kind in _STATEMENTS:
        for record in case[kind]:
            for issue in site.objects(record, RRM + "issue"):
                columns = found.setdefault(issue, [[], [], [], []])
                speakers = {
                    s for one in site.objects(record, RRM + "by") for s in (one, *site.objects(one, RRM + "organOf"))
                }
                panel = any(RRM + "Panel" in site.types(one) for one in speakers)
                column = (
                    2 if panel else 0 if speakers & sides["complainant"] else 1 if speakers & sides["respondent"] else 3
                )
                columns[column].append(record)
    return {issue: tuple(tuple(column) for column in found[issue]) for issue in sorted(found)}


def _agents(site: Site, case: Case, role: str) -> set[str]:
    return {agent for one in _held(site, case, role) for agent in site.objects(one, RRM + "agent")}


def _answers(site: Site, case: Case) -> dict[str, tuple[str, ...]]:
    """The statements that dispute another record, or speak about it, by that record."""
    found: dict[str, list[str]] = defaultdict(list)
    for record in case.everything:
        if not {RRM + "Assertion", RRM + "GapMarker"} & set(site.types(record)):
            for name in ("disputes", "about"):
                for other in site.objects(record, RRM + name):
                    if record not in found[other]:
                        found[other].append(record)
    return {record: tuple(found[record]) for record in sorted(found)}


def _values(site: Site, case: Case) -> dict[tuple[str, str], tuple[str, ...]]:
    """The values that sources report for a property of a record, the accepted one first."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in case["Assertion"]:
        for record in site.objects(one, RRM + "about"):
            for property_ in site.objects(one, RRM + "property"):
                found[record, property_].append(one)
    accepted = CODE + "standing/accepted"
    return {
        key: tuple(sorted(found[key], key=lambda one: (accepted not in site.objects(one, RRM + "standing"), one)))
        for key in sorted(found)
    }


def _documents(site: Site, case: Case) -> dict[str, tuple[str, ...]]:
    """The documents that prove something in a case, each with its passages."""
    held = (one for found in _owners(site, case).values() for one in found)
    proved = [case.iri, *case.everything, *site.objects(case.iri, RRM + "subject"), *held]
    passages = {evidence for one in proved for evidence in site.objects(one, RRM + "evidence")}
    found: dict[str, list[str]] = defaultdict(list)
    for evidence in sorted(passages):
        for document in site.objects(evidence, RRM + "document"):
            found[document].append(evidence)
    return {document: tuple(found[document]) for document in sorted(found)}


def _locators(site: Site, lang: str, evidence: Sequence[str]) -> tuple[tuple[Words, int], ...]:
    """Where passages lie in their document, each place once with the number of passages there."""
    places = (words(site, one, RRM + "locator", lang) for one in evidence)
    return tuple(Counter(place for place in places if place is not None).items())


def _states(site: Site, case: Case) -> dict[str, str]:
    """The states of Mexico in which the facilities of a case lie, by their codes."""
    return {
        term.value: place
        for facility in site.objects(case.iri, RRM + "subject")
        for place in site.objects(facility, RRM + "locatedIn")
        for term in site.values(place, RRM + "isoCode")
        if isinstance(term, ox.Literal) and term.value.startswith("MX-")
    }


def _map(site: Site, case: Case, states: dict[str, str], lang: str) -> Markup:
    if not states:
        return Markup("")
    names = {code: site.name(place, lang) for code, place in states.items()}
    said = say("case-map-desc", lang, states=", ".join(names.values()), case=site.name(case.iri, lang))
    return maps.mexico("map", say("case-map-title", lang), said, names=names, highlight=names)


def _timeline(site: Site, case: Case, ran: Sequence[Clock], lang: str) -> Markup:
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


def _parties(site: Site, case: Case, lang: str) -> Markup:
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
