"""A dispute with all that is recorded in it, in the orders and groups in which its page shows it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import pyoxigraph as ox

from rrm_kg.publish.proofs import Words, words
from rrm_kg.publish.site import Site
from rrm_kg.terms import CODE, RRM

STATEMENTS: Final = ("Position", "Finding", "Claim")


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


def gather(site: Site, iri: str) -> Case:
    """A dispute with all that is recorded in it."""
    found: dict[str, list[str]] = defaultdict(list)
    for record, property_ in site.incoming.get(iri, ()):
        if property_ == RRM + "inDispute":
            for kind in site.types(record):
                if kind.startswith(RRM):
                    found[kind.removeprefix(RRM)].append(record)
    return Case(iri, {kind: tuple(sorted(found[kind], key=partial(_order, site))) for kind in found})


def disputed(site: Site, case: Case) -> dict[str, tuple[str, ...]]:
    """The records that other statements dispute, each with these."""
    return grouped(site, case.everything, "disputes")


def _order(site: Site, record: str) -> tuple[str, str, int, str]:
    """Records by their last possible day, their first one, the order of their steps and their IRIs."""

    def day(name: str) -> str:
        return next((term.value for term in site.values(record, RRM + name) if isinstance(term, ox.Literal)), "")

    steps = site.objects(record, RRM + "step")
    order = site.values(steps[0], RRM + "order") if steps else ()
    number = next((int(term.value) for term in order if isinstance(term, ox.Literal)), 0)
    first = day("earliest")
    return day("latest") or f"9{first}", first, number, record


def grouped(site: Site, records: Iterable[str], name: str) -> dict[str, tuple[str, ...]]:
    """The values of a property with the records that have each, by the names of the values."""
    found: dict[str, list[str]] = defaultdict(list)
    for record in records:
        for value in site.objects(record, RRM + name):
            found[value].append(record)
    return {value: tuple(found[value]) for value in sorted(found)}


def held(site: Site, case: Case, role: str) -> tuple[str, ...]:
    """The participations in a role."""
    return tuple(one for one in case["Participation"] if f"{CODE}role/{role}" in site.objects(one, RRM + "role"))


def places(site: Site, case: Case) -> dict[tuple[str, ...], tuple[str, ...]]:
    """What a case examines, those proved by the same passages together; by the case itself where there are none."""
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for one in site.objects(case.iri, RRM + "subject"):
        found[site.objects(one, RRM + "evidence")].append(one)
    return {passages: tuple(found[passages]) for passages in sorted(found)}


def owners(site: Site, case: Case) -> dict[str, tuple[str, ...]]:
    """Who owns or operates the facilities of a case, with the ownerships that say so."""
    facilities = site.objects(case.iri, RRM + "subject")
    pointing = {one for facility in facilities for one, _ in site.incoming.get(facility, ())}
    return grouped(site, sorted(one for one in pointing if RRM + "Ownership" in site.types(one)), "owner")


def issues(site: Site, case: Case) -> dict[str, tuple[tuple[str, ...], ...]]:
    """What is said on each issue, by those who ask, by those who answer, by the panel, and by others."""
    found: dict[str, list[list[str]]] = {}
    sides = {role: agents(site, case, role) for role in ("complainant", "respondent")}
    for kind in STATEMENTS:
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


def agents(site: Site, case: Case, role: str) -> set[str]:
    return {agent for one in held(site, case, role) for agent in site.objects(one, RRM + "agent")}


def answers(site: Site, case: Case) -> dict[str, tuple[str, ...]]:
    """The statements that dispute another record, or speak about it, by that record."""
    found: dict[str, list[str]] = defaultdict(list)
    for record in case.everything:
        if not {RRM + "Assertion", RRM + "GapMarker"} & set(site.types(record)):
            for name in ("disputes", "about"):
                for other in site.objects(record, RRM + name):
                    if record not in found[other]:
                        found[other].append(record)
    return {record: tuple(found[record]) for record in sorted(found)}


def values(site: Site, case: Case) -> dict[tuple[str, str], tuple[str, ...]]:
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


def documents(site: Site, case: Case) -> dict[str, tuple[str, ...]]:
    """The documents that prove something in a case, each with its passages."""
    held = (one for found in owners(site, case).values() for one in found)
    proved = [case.iri, *case.everything, *site.objects(case.iri, RRM + "subject"), *held]
    passages = {evidence for one in proved for evidence in site.objects(one, RRM + "evidence")}
    found: dict[str, list[str]] = defaultdict(list)
    for evidence in sorted(passages):
        for document in site.objects(evidence, RRM + "document"):
            found[document].append(evidence)
    return {document: tuple(found[document]) for document in sorted(found)}


def locators(site: Site, lang: str, evidence: Sequence[str]) -> tuple[tuple[Words, int], ...]:
    """Where passages lie in their document, each place once with the number of passages there."""
    places = (words(site, one, RRM + "locator", lang) for one in evidence)
    return tuple(Counter(place for place in places if place is not None).items())


def states(site: Site, case: Case) -> dict[str, str]:
    """The states of Mexico in which the facilities of a case lie, by their codes."""
    return {
        term.value: place
        for facility in site.objects(case.iri, RRM + "subject")
        for place in site.objects(facility, RRM + "locatedIn")
        for term in site.values(place, RRM + "isoCode")
        if isinstance(term, ox.Literal) and term.value.startswith("MX-")
    }
