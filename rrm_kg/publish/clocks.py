"""The legal clocks of a dispute: what the law allows between two acts, what was used, and by whose date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg.publish.site import Site
from rrm_kg.terms import CODE, RRM, XSD, mint

_KINDS: Final = ("limit", "interval")


@dataclass(frozen=True)
class Weekend:
    """How a delay lies to the weekend: last day allowed, its weekday, days late, and those that a weekend explains."""

    last_day: str
    weekday: str
    late: int
    weekend_days: int
    explained: str


@dataclass(frozen=True)
class Clock:
    """One clock. ``start`` and ``end`` are the records between which it ran, or the gaps in their place.

    ``used`` is the least and the most of days used, ``days`` the first and last possible day of both acts; either is
    None where the graph cannot tell. ``limit`` is the calendar days to draw, ``asserted`` the other date, if it runs by
    one that someone reports. ``doubt`` says why a limit that was exceeded may have been kept, if not by ``weekend``.
    """

    iri: str
    name: str
    code: str
    status: str
    allowed: str
    limit: int | None
    used: tuple[int, int] | None
    start: str | None
    end: str | None
    start_day: str
    end_day: str
    days: tuple[tuple[date, date], tuple[date, date]] | None
    reported_by: str
    asserted: str | None
    verification: str
    weekend: Weekend | None
    doubt: str


def clocks(site: Site, case: str, records: Sequence[str], lang: str) -> tuple[Clock, ...]:
    """The clocks of a case by their first days, those without days last; after each its runs by other dates."""
    weekends = {
        (row["limit"], row["reportedBy"], row["act"]): _weekend(row)
        for row in site.graph.ask("cq16", lang=lang, case=case).rows
    }
    ran = [_clock(site, row, records, weekends, lang) for row in site.graph.ask("cq14", lang=lang, case=case).rows]
    order = {one.iri: (one.days is None, place) for place, one in reversed(list(enumerate(ran))) if not one.reported_by}
    last = (True, len(ran))
    return tuple(sorted(ran, key=lambda one: (order.get(one.iri, last), one.iri, bool(one.reported_by))))


def _weekend(row: Any) -> Weekend:
    return Weekend(row["lastDay"], row["weekday"], row["late"], row["weekendDays"], row["explained"])


def _clock(site: Site, row: Any, records: Sequence[str], weekends: dict[tuple[Any, ...], Weekend], lang: str) -> Clock:
    iri = next(
        (one for kind in _KINDS if (one := mint(kind, row["id"])) in site.statements), mint(_KINDS[0], row["id"])
    )
    ends = [_record(site, records, iri, name) for name in ("fromStep", "toStep")]
    used = (row["used"], row["usedAtMost"]) if None not in (row["used"], row["usedAtMost"]) else None
    bounds = [_bounds(row["fromDate"]), _bounds(row["toDate"])]
    weekend = weekends.get((row["limit"], row["reportedBy"], row["toDate"]))
    return Clock(
        iri,
        row["limit"],
        row["code"],
        row["status"],
        row["allowed"] or "",
        _limit(site, iri),
        used,
        ends[0],
        ends[1],
        row["fromDate"] or "",
        row["toDate"] or "",
        (bounds[0], bounds[1]) if bounds[0] and bounds[1] else None,
        row["reportedBy"] or "",
        _asserted(site, records, iri, row, lang) if row["reportedBy"] else None,
        row["verification"] or "",
        weekend,
        "" if weekend is not None and row["doubt"] == weekend.explained else row["doubt"] or "",
    )


def _record(site: Site, records: Sequence[str], clock: str, name: str) -> str | None:
    """The event of the step at one end of a clock, else the gap where it is missing."""
    steps = set(site.objects(clock, RRM + name))
    for property_ in ("step", "expectedStep"):
        for record in records:
            if steps & set(site.objects(record, RRM + property_)):
                return record
    return None


def _asserted(site: Site, records: Sequence[str], clock: str, row: Any, lang: str) -> str | None:
    """The assertion of another date that a clock runs by."""
    steps = {step for name in ("fromStep", "toStep") for step in site.objects(clock, RRM + name)}
    for record in records:
        if RRM + "Assertion" in site.types(record) and steps & set(site.objects(record, RRM + "datesStep")):
            speakers = ", ".join(sorted(site.name(one, lang) for one in site.objects(record, RRM + "by")))
            days = {term.value for name in ("earliest", "latest") for term in _literals(site, record, name)}
            if speakers == row["reportedBy"] and days <= {
                *(row["fromDate"] or "").split("…"),
                *(row["toDate"] or "").split("…"),
            }:
                return record
    return None


def _limit(site: Site, clock: str) -> int | None:
    """The calendar days that a limit allows; for working days those that the graph bounds them with."""
    calendar = CODE + "day-kind/calendar" in site.objects(clock, RRM + "dayKind")
    for name in ("duration",) if calendar else ("calendarUpperBound", "duration"):
        for term in _literals(site, clock, name):
            number = term.value.removeprefix("P").rstrip("DMY")
            if term.datatype.value == XSD + "dayTimeDuration" and number.isdigit():
                return int(number)
    return None


def _literals(site: Site, iri: str, name: str) -> list[ox.Literal]:
    return [term for term in site.values(iri, RRM + name) if isinstance(term, ox.Literal)]


def _bounds(text: str | None) -> tuple[date, date] | None:
    """The two days of a text such as ``2024-01-18`` or ``2023-11-28…2024-01-18``; None for any other text."""
    first, _, last = (text or "").partition("…")
    try:
        return date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        return None
