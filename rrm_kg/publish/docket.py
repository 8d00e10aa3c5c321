"""The cases in one line each, all together and by state, sector, year and outcome; the map of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox
from markupsafe import Markup

from rrm_kg import show
from rrm_kg.publish.pictures import map as maps
from rrm_kg.publish.pictures.bars import bar
from rrm_kg.publish.sheet import sheet
from rrm_kg.publish.site import SUFFIX, File, Site
from rrm_kg.publish.words import say
from rrm_kg.query import Row
from rrm_kg.terms import CODE, RRM, mint

MEXICO: Final = mint("state", "mx")
RAPID: Final = mint("mechanism", "rrm-31a")


@dataclass(frozen=True)
class Case:
    """A dispute in one line. ``requested`` and ``petition`` are days, months or years; ``≤`` marks the last possible.

    ``proof`` is the event whose passage proves the day, or the dispute itself where no event has one.
    """

    iri: str
    name: str
    mechanism: str
    requested: str
    petition: str
    states: tuple[str, ...]
    respondents: tuple[str, ...]
    sectors: tuple[str, ...]
    petitioners: tuple[str, ...]
    stage: str
    outcomes: tuple[str, ...]
    proof: str

    @property
    def day(self) -> str:
        """The day by which the case is dated: that of the request to the other State, else of the petition."""
        return (self.requested or self.petition).removeprefix("≤ ")

    @property
    def year(self) -> str:
        """The year by which the case is counted."""
        return self.day[:4]

    @property
    def quarter(self) -> str:
        """The quarter by which the case is counted, such as ``2024-2``; empty where no month is known."""
        return f"{self.year}-{(int(self.day[5:7]) + 2) // 3}" if self.day[5:7] else ""


def docket(site: Site, lang: str) -> tuple[Case, ...]:
    """All cases, the newest first."""
    found = sorted((_case(site, row) for row in show.view(site.graph, "cases", lang).rows), key=lambda case: case.iri)
    return tuple(sorted(found, key=lambda case: case.day, reverse=True))


def records(site: Site, case: str, kind: str) -> tuple[str, ...]:
    """The records of a class in a dispute, in order."""
    return tuple(
        one for one, prop in site.incoming.get(case, ()) if prop == RRM + "inDispute" and RRM + kind in site.types(one)
    )


def _case(site: Site, row: Row) -> Case:
    iri = str(row.case)
    parts = records(site, iri, "Participation")
    requested, petition = (str(row[name] or "") for name in ("requested", "petition"))
    return Case(
        iri,
        str(row.name),
        _one(site.objects(iri, RRM + "mechanism")),
        requested,
        petition,
        tuple(place for place in _places(site, iri) if _of(site, place, "placeKind", "place-kind/state")),
        _agents(site, parts, "respondent"),
        _each(site, site.objects(iri, RRM + "subject"), "sector"),
        _agents(site, parts, "petitioner"),
        str(row.stage or ""),
        _each(site, records(site, iri, "Outcome"), "outcomeKind"),
        _dated_by(site, iri, requested or petition, "state-request" if requested else "complaint"),
    )


def _places(site: Site, case: str) -> tuple[str, ...]:
    return _each(site, site.objects(case, RRM + "subject"), "locatedIn")


def _agents(site: Site, parts: Iterable[str], role: str) -> tuple[str, ...]:
    return _each(site, (part for part in parts if _of(site, part, "role", f"role/{role}")), "agent")


def _each(site: Site, things: Iterable[str], name: str) -> tuple[str, ...]:
    return tuple(sorted({value for thing in things for value in site.objects(thing, RRM + name)}))


def _of(site: Site, thing: str, name: str, code: str) -> bool:
    return CODE + code in site.objects(thing, RRM + name)


def _one(found: Iterable[str]) -> str:
    return next(iter(found), "")


def _dated_by(site: Site, case: str, day: str, stage: str) -> str:
    """The event of a stage whose day is the one that is shown."""
    wanted = RRM + ("latest" if day.startswith("≤ ") else "date")
    for event in records(site, case, "ProcedureEvent"):
        steps = site.objects(event, RRM + "step")
        days = {getattr(value, "value", "") for value in site.values(event, wanted)}
        if any(_of(site, step, "entersStage", f"stage/{stage}") for step in steps) and day.removeprefix("≤ ") in days:
            return event
    return case


@dataclass(frozen=True)
class Group:
    """Cases that have a state, sector, year or outcome in common; ``anchor`` is where its list stands."""

    anchor: str
    name: str
    iri: str
    cases: tuple[Case, ...]


def grouped(site: Site, lang: str, cases: Iterable[Case], values: Callable[[Case], Iterable[str]]) -> tuple[Group, ...]:
    """Cases by things that they have, such as their states: the most frequent first."""
    found: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        for value in values(case):
            found[value].append(case)
    groups = (Group(iri.rsplit("/", 1)[-1], site.name(iri, lang), iri, tuple(found[iri])) for iri in found)
    return tuple(sorted(groups, key=lambda group: (-len(group.cases), group.name, group.iri)))


def by_year(cases: Iterable[Case]) -> tuple[Group, ...]:
    """Cases by the year of their request or petition, the last year first."""
    found: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        found[case.year].append(case)
    return tuple(Group(year, year, "", tuple(found[year])) for year in sorted(found, reverse=True))


def files(site: Site) -> Iterator[File]:
    """The list of cases and the map, in both languages."""
    for lang in sorted(SUFFIX, key=lambda lang: f"cases{SUFFIX[lang]}"):
        cases = docket(site, lang)
        groupings = {
            "state": grouped(site, lang, cases, lambda case: case.states),
            "sector": grouped(site, lang, cases, lambda case: case.sectors),
            "year": by_year(cases),
            "outcome": grouped(site, lang, cases, lambda case: case.outcomes),
        }
        choices = {
            "mechanism": _names(site, lang, (case.mechanism for case in cases)),
            "year": [group.name for group in groupings["year"]],
            "state": sorted({group.name for group in groupings["state"]}),
            "sector": sorted({group.name for group in groupings["sector"]}),
            "stage": sorted({case.stage for case in cases if case.stage}),
            "outcome": sorted({group.name for group in groupings["outcome"]}),
        }
        rapid = sum(case.mechanism == RAPID for case in cases)
        description = say("cases-lead", lang, rapid=rapid, others=len(cases) - rapid)
        yield sheet(
            site,
            "docket.html.jinja",
            "cases",
            lang,
            "cases",
            description=description,
            cases=cases,
            groupings=groupings,
            choices=choices,
        )
    for lang in sorted(SUFFIX, key=lambda lang: f"map{SUFFIX[lang]}"):
        cases = docket(site, lang)
        yield sheet(site, "map.html.jinja", "map", lang, "map", **_mapped(site, lang, cases))


def _mapped(site: Site, lang: str, cases: Iterable[Case]) -> dict[str, object]:
    within = [case for case in cases if case.states]
    states = grouped(site, lang, within, lambda case: case.states)
    elsewhere = grouped(site, lang, (case for case in cases if not case.states), lambda case: case.respondents or ("",))
    return {
        "states": states,
        "elsewhere": elsewhere,
        "within": len(within),
        "bar": bar,
        "picture": _picture(site, lang, states),
        "outlined": maps.outlined(),
    }


def _picture(site: Site, lang: str, states: Iterable[Group]) -> Markup:
    codes = {
        value.value: group
        for group in states
        for value in site.values(group.iri, RRM + "isoCode")
        if isinstance(value, ox.Literal)
    }
    return maps.mexico(
        "mexico",
        say("map-title", lang),
        say("map-caption", lang),
        counts={code: len(group.cases) for code, group in codes.items()},
        names={code: group.name for code, group in codes.items()},
        link=lambda code: f"#{codes[code].anchor}",
    )


def _names(site: Site, lang: str, things: Iterable[str]) -> list[str]:
    return sorted({site.name(thing, lang) for thing in things})
