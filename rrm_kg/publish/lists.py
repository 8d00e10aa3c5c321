"""Unions, companies, remedies, documents, gaps and disputed values: each a page."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from rrm_kg import show
from rrm_kg.publish.pictures.bars import bar
from rrm_kg.publish.sheet import by_name, sheet
from rrm_kg.publish.site import SUFFIX, File, Site
from rrm_kg.terms import CODE, DCTERMS, PREFIXES, RRM

_PART_OF: Final = PREFIXES["org"] + "subOrganizationOf"
_MEASURES: Final = (
    ("measures", "Measure", "measureKind"),
    ("commitments", "Commitment", "action"),
    ("outcomes", "Outcome", "outcomeKind"),
)


@dataclass(frozen=True)
class Party:
    """A union or company: what it is part of, its roles in cases, and what came of these cases."""

    iri: str
    above: tuple[str, ...]
    roles: tuple[tuple[str, tuple[str, ...]], ...]
    cases: tuple[str, ...]
    outcomes: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Kind:
    """A kind of measure, commitment or outcome: its records, the cases they are in, and their states."""

    iri: str
    records: tuple[str, ...]
    cases: tuple[str, ...]
    states: tuple[tuple[str, int], ...]


def files(site: Site) -> Iterator[File]:
    """The pages in both languages, in the order of their paths."""
    found = [page for lang in SUFFIX for page in _pages(site, lang)]
    return iter(sorted(found, key=lambda file: file.path))


def _pages(site: Site, lang: str) -> Iterator[File]:
    for name, kind in (("unions", "Union"), ("companies", "Company")):
        yield sheet(site, "parties.html.jinja", name, lang, name, parties=parties(site, kind, lang))
    measured = {key: kinds(site, kind, prop) for key, kind, prop in _MEASURES}
    yield sheet(site, "remedies.html.jinja", "remedies", lang, "remedies", groups=measured, bar=bar)
    publishers = documents(site, lang)
    number = sum(len(found) for _, found in publishers)
    yield sheet(
        site,
        "documents.html.jinja",
        "documents",
        lang,
        "documents",
        publishers=publishers,
        number=number,
        kind=RRM + "documentKind",
    )
    gaps = in_cases(site, _of_class(site, "GapMarker"), lang)
    yield sheet(
        site, "gaps.html.jinja", "gaps", lang, "gaps", cases=gaps, summary=RRM + "summary", reason=RRM + "gapReason",
        number=sum(len(found) for _, found in gaps),
    )  # fmt: skip
    rows = show.view(site.graph, "conflicts", lang).rows
    disputed = [
        (name, [(topic, list(said)) for topic, said in groupby(found, key=lambda row: str(row.about))])
        for name, found in groupby(rows, key=lambda row: str(row.dispute))
    ]
    yield sheet(
        site, "conflicts.html.jinja", "conflicts", lang, "conflicts",
        disputes=disputed, number=len(rows), linked=by_name(site, lang), accepted=site.name(_ACCEPTED, lang),
    )  # fmt: skip


_ACCEPTED: Final = CODE + "standing/accepted"


def _of_class(site: Site, name: str) -> tuple[str, ...]:
    return tuple(iri for iri in site.things if RRM + name in site.types(iri))


def parties(site: Site, kind: str, lang: str) -> tuple[Party, ...]:
    """The unions or companies that have a part in a case, own a facility in one, or have such below them; by name."""
    found = [_party(site, iri) for iri in _of_class(site, kind)]
    return tuple(sorted(found, key=lambda one: (site.name(one.iri, lang).casefold(), one.iri)))


def _party(site: Site, iri: str) -> Party:
    roles: dict[str, set[str]] = defaultdict(set)
    for one, prop in site.incoming.get(iri, ()):
        if prop == RRM + "agent":
            for role in site.objects(one, RRM + "role"):
                roles[role].update(site.objects(one, RRM + "inDispute"))
    cases = sorted(set().union(*roles.values()))
    ends: Counter[str] = Counter()
    for case in cases:
        ends.update(
            {kind for end in _records(site, case, "Outcome") for kind in site.objects(end, RRM + "outcomeKind")}
        )
    return Party(
        iri,
        site.objects(iri, _PART_OF),
        tuple((role, tuple(sorted(roles[role]))) for role in sorted(roles)),
        tuple(cases),
        tuple(sorted(ends.items(), key=lambda one: (-one[1], one[0]))),
    )


def _records(site: Site, case: str, kind: str) -> Iterator[str]:
    for one, prop in site.incoming.get(case, ()):
        if prop == RRM + "inDispute" and RRM + kind in site.types(one):
            yield one


def kinds(site: Site, kind: str, prop: str) -> tuple[Kind, ...]:
    """What measures, commitments or outcomes there are, the most frequent first; a record can be of several kinds."""
    found: dict[str, list[str]] = defaultdict(list)
    for record in _of_class(site, kind):
        for value in site.objects(record, RRM + prop):
            found[value].append(record)
    made = []
    for value, records in found.items():
        cases = sorted({case for one in records for case in site.objects(one, RRM + "inDispute")})
        states = Counter(state for one in records for state in site.objects(one, RRM + "commitmentStatus"))
        made.append(Kind(value, tuple(records), tuple(cases), tuple(sorted(states.items()))))
    return tuple(sorted(made, key=lambda one: (-len(one.records), one.iri)))


def documents(site: Site, lang: str) -> list[tuple[str, list[str]]]:
    """Publishers by name, each with its documents by day; documents without a publisher last."""
    found: dict[str, list[str]] = defaultdict(list)
    for iri in _of_class(site, "Document"):
        for publisher in site.objects(iri, DCTERMS + "publisher") or ("",):
            found[publisher].append(iri)

    def issued(iri: str) -> str:
        return min(
            (value.value for value in site.values(iri, DCTERMS + "issued") if hasattr(value, "value")), default=""
        )

    for documents_ in found.values():
        documents_.sort(key=lambda iri: (issued(iri), iri))
    return sorted(found.items(), key=lambda one: (not one[0], site.name(one[0], lang).casefold(), one[0]))


def in_cases(site: Site, things: Iterable[str], lang: str) -> list[tuple[str, list[str]]]:
    """Records by their case, cases by name; records of no case first."""
    found: dict[str, list[str]] = defaultdict(list)
    for iri in things:
        for case in site.objects(iri, RRM + "inDispute") or ("",):
            found[case].append(iri)
    return sorted(found.items(), key=lambda one: (one[0] != "", site.name(one[0], lang).casefold(), one[0]))
