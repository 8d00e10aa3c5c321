"""What a page shows of a thing because of its class, beside what every page shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg.publish.facts import Index
from rrm_kg.publish.kinds import ancestors
from rrm_kg.terms import PREFIXES, RRM, SKOS

_SUB: Final = PREFIXES["org"] + "subOrganizationOf"


@dataclass(frozen=True)
class View:
    """The template that draws the special part of a page, and what it draws.

    ``hidden`` are properties of the thing, ``shown`` are pairs of subject and property that need not be drawn again.
    ``paths`` lead from what is nearest around the thing to what is widest, after a word.
    """

    template: str
    data: dict[str, Any]
    hidden: tuple[str, ...] = ()
    paths: tuple[tuple[str, ...], ...] = ()
    path_word: str = ""
    shown: frozenset[tuple[str, str]] = field(default=frozenset())


@dataclass(frozen=True)
class Case:
    """A row of a table of disputes: what links the thing to it, when it began, how its stages ended."""

    dispute: str
    links: tuple[str, ...]
    began: str
    outcomes: tuple[str, ...]


def view(index: Index, iri: str) -> View | None:
    """The special part of the page of a thing, by the nearest of its classes that has one."""
    for type_ in index.site.types(iri):
        for one in ancestors(index.site, type_):
            if one in _VIEWS:
                return _VIEWS[one](index, iri)
    return None


def cases(index: Index, linked: Iterable[tuple[str, str]]) -> tuple[Case, ...]:
    """Disputes and what links a thing to each, the newest first."""
    found: dict[str, list[str]] = defaultdict(list)
    for dispute, link in linked:
        found[dispute].append(link)
    rows = (
        Case(dispute, tuple(dict.fromkeys(links)), index.began.get(dispute, ""), index.outcomes.get(dispute, ()))
        for dispute, links in found.items()
    )
    return tuple(sorted(sorted(rows, key=lambda row: row.dispute), key=lambda row: row.began, reverse=True))


def _agent(index: Index, iri: str) -> View:
    site = index.site
    taken = index.subjects(iri, RRM + "agent")
    examined = index.subjects(iri, RRM + "subject")
    owned, parts = index.subjects(iri, RRM + "owner"), index.subjects(iri, _SUB)
    linked = [(dispute, one) for one in taken for dispute in site.objects(one, RRM + "inDispute")]
    linked += ((one, "") for one in examined)
    return View(
        "thing-agent.html.jinja",
        {
            "cases": cases(index, linked),
            "owned": owned,
            "parts": parts,
            "organs": index.subjects(iri, RRM + "organOf"),
        },
        hidden=(_SUB,),
        paths=_path(_chain(index, iri, _SUB)),
        path_word="things-part-of",
        shown=_pairs(taken, RRM + "agent")
        | _pairs(examined, RRM + "subject")
        | _pairs(owned, RRM + "owner")
        | _pairs(parts, _SUB)
        | _pairs(index.subjects(iri, RRM + "organOf"), RRM + "organOf"),
    )


def _facility(index: Index, iri: str) -> View:
    examined, owned = index.subjects(iri, RRM + "subject"), index.subjects(iri, RRM + "facility")
    near = tuple(
        t.object.value
        for t in index.site.written[iri]
        if t.predicate.value == RRM + "locatedIn" and isinstance(t.object, ox.NamedNode)
    )
    return View(
        "thing-facility.html.jinja",
        {
            "cases": cases(index, ((one, "") for one in examined)),
            "owners": owned,
        },
        hidden=(RRM + "locatedIn",),
        paths=tuple((place, *_chain(index, place, RRM + "within")) for place in near),
        shown=_pairs(examined, RRM + "subject") | _pairs(owned, RRM + "facility"),
    )


def _place(index: Index, iri: str) -> View:
    site = index.site
    within = {iri, *index.subjects(iri, RRM + "within")}
    while wider := {one for place in within for one in index.subjects(place, RRM + "within")} - within:
        within |= wider
    there = sorted({one for place in within for one in index.subjects(place, RRM + "locatedIn")})
    parts = index.subjects(iri, RRM + "within")
    return View(
        "thing-place.html.jinja",
        {
            "cases": cases(
                index, ((dispute, one) for one in there for dispute in index.subjects(one, RRM + "subject"))
            ),
            "parts": sorted(parts, key=lambda one: site.name(one, "es")),
        },
        hidden=(RRM + "within",),
        paths=_path(_chain(index, iri, RRM + "within")),
        path_word="things-within",
        shown=_pairs(parts, RRM + "within"),
    )


def _document(index: Index, iri: str) -> View:
    passages = index.subjects(iri, RRM + "document")
    return View(
        "thing-document.html.jinja",
        {"rows": tuple((one, index.subjects(one, RRM + "evidence")) for one in passages)},
        shown=_pairs(passages, RRM + "document"),
    )


def _evidence(index: Index, iri: str) -> View:
    proved = index.subjects(iri, RRM + "evidence")
    return View(
        "thing-evidence.html.jinja",
        {"proved": _by_case(index, proved)},
        hidden=(RRM + "quote", RRM + "locator", RRM + "document"),
        shown=_pairs(proved, RRM + "evidence"),
    )


def _record(index: Index, iri: str) -> View:
    around: list[tuple[str, str | None, str | None]] = []
    for dispute in index.site.objects(iri, RRM + "inDispute"):
        acts = index.events.get(dispute, ())
        if iri in acts:
            at = acts.index(iri)
            around.append((dispute, acts[at - 1] if at else None, acts[at + 1] if at + 1 < len(acts) else None))
    return View("thing-record.html.jinja", {"around": around})


def _plan(index: Index, iri: str) -> View:
    promised = sorted(index.subjects(iri, RRM + "inPlan"), key=lambda one: (index.days.get(one, ""), one))
    return View("thing-plan.html.jinja", {"promised": promised}, shown=_pairs(promised, RRM + "inPlan"))


def _counted(index: Index, iri: str) -> View:
    between = (RRM + "startedBy", RRM + "endedBy")
    acts = tuple((name, index.site.objects(iri, name)) for name in between)
    return View("thing-counted.html.jinja", {"acts": acts, "rule": index.site.derived.get(iri, "")}, hidden=between)


def _assertion(index: Index, iri: str) -> View:
    site = index.site
    said = set(site.objects(iri, RRM + "property"))
    others = tuple(
        one
        for thing in site.objects(iri, RRM + "about")
        for one in index.subjects(thing, RRM + "about")
        if one != iri and said & set(site.objects(one, RRM + "property"))
    )
    return View("thing-assertion.html.jinja", {"others": others})


def _mechanism(index: Index, iri: str) -> View:
    site = index.site
    clocks = index.subjects(iri, RRM + "ofMechanism")
    disputes = index.subjects(iri, RRM + "mechanism")
    steps = [step for scheme in site.objects(iri, RRM + "stepScheme") for step in ordered(index, scheme)]
    starting: dict[str, list[str]] = defaultdict(list)
    for clock in clocks:
        for step in site.objects(clock, RRM + "fromStep"):
            starting[step].append(clock)
    steps += sorted(step for step in starting if step not in steps)
    return View(
        "thing-mechanism.html.jinja",
        {
            "steps": [(step, tuple(starting.get(step, ()))) for step in steps],
            "cases": cases(index, ((one, "") for one in disputes)),
        },
        shown=_pairs(clocks, RRM + "ofMechanism") | _pairs(disputes, RRM + "mechanism"),
    )


def _law(index: Index, iri: str) -> View:
    parts = index.subjects(iri, RRM + "partOf")
    return View(
        "thing-law.html.jinja",
        {"parts": sorted(parts, key=_natural)},
        hidden=(RRM + "partOf",),
        paths=_path(_chain(index, iri, RRM + "partOf")),
        path_word="things-part-of",
        shown=_pairs(parts, RRM + "partOf"),
    )


def _list(index: Index, iri: str) -> View:
    concepts = ordered(index, iri)
    used = {one: sum(prop != SKOS + "inScheme" for _, prop in index.site.incoming.get(one, ())) for one in concepts}
    return View(
        "thing-list.html.jinja", {"concepts": concepts, "used": used}, shown=_pairs(concepts, SKOS + "inScheme")
    )


def _release(index: Index, iri: str) -> View:
    changes = index.subjects(iri, RRM + "inRelease")
    return View("thing-release.html.jinja", {"changes": changes}, shown=_pairs(changes, RRM + "inRelease"))


def ordered(index: Index, scheme: str) -> tuple[str, ...]:
    """The concepts of a code list: by their order where they have one, then by their number and name."""

    def key(iri: str) -> tuple[float, tuple[Any, ...], str]:
        order = next((float(t.value) for t in index.site.values(iri, RRM + "order") if isinstance(t, ox.Literal)), 0.0)
        number = next((t.value for t in index.site.values(iri, SKOS + "notation") if isinstance(t, ox.Literal)), "")
        return order, _natural(number), index.site.name(iri, "en")

    return tuple(sorted(index.subjects(scheme, SKOS + "inScheme"), key=key))


def _chain(index: Index, iri: str, property_: str) -> tuple[str, ...]:
    """What contains a thing, the nearest first, as the files say it."""
    found = [iri]
    for one in found:
        wider = (
            t.object.value
            for t in index.site.written.get(one, ())
            if t.predicate.value == property_ and isinstance(t.object, ox.NamedNode)
        )
        found += [name for name in wider if name not in found]
    return tuple(found[1:])


def _path(chain: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return (chain,) if chain else ()


def _by_case(index: Index, things: Iterable[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Things by the dispute that they are recorded in; those of none come first."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in things:
        found[next(iter(index.site.objects(one, RRM + "inDispute")), "")].append(one)
    return tuple((dispute, tuple(found[dispute])) for dispute in sorted(found))


def _pairs(subjects: Iterable[str], property_: str) -> frozenset[tuple[str, str]]:
    return frozenset((one, property_) for one in subjects)


def _natural(text: str) -> tuple[Any, ...]:
    """A key that puts 2 before 10."""
    parts = "".join(c if c.isdigit() else f" {c} " for c in text).split()
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)


_VIEWS: Final[dict[str, Callable[[Index, str], View]]] = {
    RRM + "Agent": _agent,
    RRM + "Facility": _facility,
    RRM + "Place": _place,
    RRM + "Document": _document,
    RRM + "Evidence": _evidence,
    RRM + "ProcedureEvent": _record,
    RRM + "ElapsedTime": _counted,
    RRM + "RemediationPlan": _plan,
    RRM + "Assertion": _assertion,
    RRM + "Mechanism": _mechanism,
    RRM + "LegalResource": _law,
    SKOS + "ConceptScheme": _list,
    RRM + "Release": _release,
}
