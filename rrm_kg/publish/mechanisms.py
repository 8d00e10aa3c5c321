"""The mechanisms side by side: their steps by stage, their time limits, what they examine and can end in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from rrm_kg.publish.docket import RAPID
from rrm_kg.publish.sheet import sheet
from rrm_kg.publish.site import SUFFIX, File, Site
from rrm_kg.terms import CODE, RDFS, RRM, SKOS

_STAGES: Final = (
    *("complaint", "closed-at-screening", "admitted", "state-request", "review", "review-reported"),
    *("remediation", "adjudication", "decided", "measures", "closed"),
)


@dataclass(frozen=True)
class Limit:
    """A legal time limit; ``length`` is a duration (ISO 8601), or empty where the law says it only in words."""

    iri: str
    begins: tuple[str, ...]
    ends: tuple[str, ...]
    length: str
    days: str
    bound: str
    basis: tuple[str, ...]
    verification: str


@dataclass(frozen=True)
class Mechanism:
    """A mechanism with its steps by the stage that they open, in order, its limits and its cases."""

    iri: str
    established: tuple[str, ...]
    examines: tuple[str, ...]
    sanctions: tuple[str, ...]
    parties: tuple[str, ...]
    steps: dict[str, tuple[str, ...]]
    limits: tuple[Limit, ...]
    cases: tuple[str, ...]

    @property
    def anchor(self) -> str:
        """Where it stands on the page."""
        return self.iri.rsplit("/", 1)[-1]


def files(site: Site) -> Iterator[File]:
    """The page in both languages."""
    known = mechanisms(site)
    opened = {stage for one in known for stage in one.steps}
    for lang in sorted(SUFFIX, key=lambda lang: f"mechanisms{SUFFIX[lang]}"):
        yield sheet(
            site,
            "mechanisms.html.jinja",
            "mechanisms",
            lang,
            "mechanisms",
            mechanisms=known,
            stages=stages(opened - {""}),
            comment=RDFS + "comment",
            wording=RRM + "wording",
        )


def stages(opened: set[str]) -> list[str]:
    """Stages in the order in which a dispute goes through them; those that nobody placed come last."""
    known = [f"{CODE}stage/{name}" for name in _STAGES]
    return [stage for stage in known if stage in opened] + sorted(opened - set(known))


def mechanisms(site: Site) -> tuple[Mechanism, ...]:
    """All mechanisms: that of Annex 31-A first, then those with the most cases."""
    found = [_mechanism(site, iri) for iri in site.things if RRM + "Mechanism" in site.types(iri)]
    return tuple(sorted(found, key=lambda one: (one.iri != RAPID, -len(one.cases), one.iri)))


def _mechanism(site: Site, iri: str) -> Mechanism:
    pointing = site.incoming.get(iri, ())
    steps: dict[str, list[str]] = defaultdict(list)
    for scheme in site.objects(iri, RRM + "stepScheme"):
        members = (one for one, prop in site.incoming.get(scheme, ()) if prop == SKOS + "inScheme")
        for step in sorted(members, key=lambda one: (_order(site, one), one)):
            for stage in site.objects(step, RRM + "entersStage") or ("",):
                steps[stage].append(step)
    return Mechanism(
        iri,
        site.objects(iri, RRM + "establishedBy"),
        site.objects(iri, RRM + "examines"),
        site.objects(iri, RRM + "sanction"),
        site.objects(iri, RRM + "party"),
        {stage: tuple(found) for stage, found in steps.items()},
        tuple(
            _limit(site, one)
            for one, prop in pointing
            if prop == RRM + "ofMechanism" and RRM + "TimeLimit" in site.types(one)
        ),
        tuple(one for one, prop in pointing if prop == RRM + "mechanism"),
    )


def _order(site: Site, step: str) -> int:
    return min((int(v.value) for v in site.values(step, RRM + "order") if isinstance(v, ox.Literal)), default=1000)


def _limit(site: Site, iri: str) -> Limit:
    def one(name: str) -> str:
        return next(iter(site.objects(iri, RRM + name)), "")

    length = next((v.value for v in site.values(iri, RRM + "duration") if isinstance(v, ox.Literal)), "")
    return Limit(
        iri,
        site.objects(iri, RRM + "fromStep"),
        site.objects(iri, RRM + "toStep"),
        length,
        one("dayKind"),
        one("boundKind"),
        site.objects(iri, RRM + "legalBasis"),
        one("verification"),
    )
