"""The first page: what this is, what is new in it, a few numbers, and the ways in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from rrm_kg.publish.docket import RAPID, Case, docket
from rrm_kg.publish.pictures.bars import columns
from rrm_kg.publish.sheet import sheet
from rrm_kg.publish.site import SUFFIX, File, Site
from rrm_kg.publish.words import say
from rrm_kg.terms import ID, RRM

_NEWEST: Final = 5


@dataclass(frozen=True)
class Event:
    """A step that was taken in a case on a known day."""

    iri: str
    day: str
    step: str
    case: str


def files(site: Site) -> Iterator[File]:
    """The first page in both languages."""
    events = newest_events(site)
    for lang in sorted(SUFFIX, key=lambda lang: f"index{SUFFIX[lang]}"):
        cases = docket(site, lang)
        yield sheet(
            site,
            "home.html.jinja",
            "index",
            lang,
            "home",
            cases=cases[:_NEWEST],
            events=events,
            numbers=numbers(site, cases),
            picture=columns("cases-by-year", say("home-chart", lang), by_year(cases), width=64),
            years=by_year(cases),
        )


def by_year(cases: Iterable[Case]) -> list[tuple[str, int]]:
    """The number of cases of the rapid response mechanism for each year from the first to the last."""
    found = Counter(case.year for case in cases if case.mechanism == RAPID and case.year)
    return [(str(year), found[str(year)]) for year in range(int(min(found)), int(max(found)) + 1)]


def numbers(site: Site, cases: Iterable[Case]) -> dict[str, int]:
    """The numbers that say how much there is, by the key of their words."""
    kinds = Counter(kind.removeprefix(RRM) for iri in site.things if iri.startswith(ID) for kind in site.types(iri))
    rapid = [case.mechanism == RAPID for case in cases]
    return {
        "rapid": sum(rapid),
        "others": len(rapid) - sum(rapid),
        "mechanisms": kinds["Mechanism"],
        "events": kinds["ProcedureEvent"],
        "documents": kinds["Document"],
        "passages": kinds["Evidence"],
    }


def newest_events(site: Site, most: int = 8) -> tuple[Event, ...]:
    """The last steps whose day is known, the newest first."""
    found = []
    for iri in site.things:
        if RRM + "ProcedureEvent" in site.types(iri):
            days = [getattr(value, "value", "") for value in site.values(iri, RRM + "date")]
            cases = site.objects(iri, RRM + "inDispute")
            steps = site.objects(iri, RRM + "step")
            if days and len(days[0]) == 10 and cases and steps:
                found.append(Event(iri, days[0], steps[0], cases[0]))
    return tuple(sorted(sorted(found, key=lambda one: one.iri), key=lambda one: one.day, reverse=True)[:most])
