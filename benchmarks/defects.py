"""Known defects for synthetic cases, and what every engine must find for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Final

from benchmarks.case import Case, day, full
from rrm_kg.terms import RRMSH


@dataclass(frozen=True, order=True)
class Expected:
    """A finding that a defect must cause: rule, shape (or check query) and focus node."""

    rule: str
    shape: str
    focus: str


Defect = Callable[[Case], "list[Expected] | None"]


def _finding(rule: str, shape: str, focus: str) -> Expected:
    return Expected(rule, RRMSH + shape, full(focus))


def _first(case: Case, kind: str) -> str | None:
    return next(iter(case.of_class(kind)), None)


def evidence_missing(case: Case) -> list[Expected] | None:
    """An allegation without evidence."""
    record = _first(case, "Allegation")
    if record is None:
        return None
    del case.things[record]["rrm:evidence"]
    return [_finding("R31", "Record-evidence-present", record)]


def impossible_day(case: Case) -> list[Expected] | None:
    """An outcome of 30 February."""
    record = _first(case, "Outcome")
    if record is None:
        return None
    case.things[record]["rrm:date"] = ['"2024-02-30"^^xsd:date']
    return [_finding("R07", "Thing-date-calendar", record)]


def before_predecessor(case: Case) -> list[Expected] | None:
    """An event some days before the only step that it presupposes."""
    taken = [step.iri for step in case.steps.values()]
    for event, step in case.steps.items():
        before = [e for e, s in case.steps.items() if s.iri in step.before]
        if len(before) != 1 or taken.count(step.iri) != 1 or step.iri.endswith("/liquidation-suspended"):
            continue
        for moved, when in ((before[0], case.days[before[0]]), (event, case.days[before[0]] - timedelta(3))):
            for bound in ("rrm:onOrAfter", "rrm:onOrBefore"):
                case.things[moved].pop(bound, None)
            case.things[moved]["rrm:date"] = [day(when)]
        return [_finding("R09", "ProcedureEvent-after-predecessor", f"case:{case.slug}")]
    return None


def misfit_role(case: Case) -> list[Expected] | None:
    """A State as the employer."""
    for seat in case.of_class("Participation"):
        if case.things[seat]["rrm:role"] == ["c-role:employer"]:
            case.things[seat]["rrm:agent"] = ["state:mx"]
            return [_finding("R26", "Participation-role-fits-agent", f"case:{case.slug}")]
    return None


def languages_missing(case: Case) -> list[Expected] | None:
    """A gap marker with its text in neither language."""
    gap = _first(case, "GapMarker")
    if gap is None:
        return None
    del case.things[gap]["rrm:summary"]
    return [_finding("R10", "GapMarker-summary-present", gap)]


def code_of_other_list(case: Case) -> list[Expected] | None:
    """A conduct that is a kind of measure."""
    record = _first(case, "Allegation")
    if record is None:
        return None
    case.things[record]["rrm:conduct"] = ["c-measure-kind:penalty"]
    return [_finding("R37", "Thing-code-of-scheme", record)]


def nobody(case: Case) -> list[Expected] | None:
    """An event whose actor nothing describes."""
    event = next(iter(case.steps), None)
    if event is None:
        return None
    case.things[event]["rrm:actor"] = [f"union:nobody-{case.slug}"]
    return [_finding("R04", "Thing-reference-described", event)]


def unit_missing(case: Case) -> list[Expected] | None:
    """A count that does not say of what."""
    record = _first(case, "Count")
    if record is None:
        return None
    del case.things[record]["rrm:unit"]
    return [_finding("R34", "Count-unit-present", record)]


def number_taken(case: Case) -> list[Expected] | None:
    """A number twice: the case that follows is asked to take it too, see Plan.spoil."""
    return [] if _first(case, "Identifier") else None


KINDS: Final[tuple[Defect, ...]] = (
    evidence_missing,
    impossible_day,
    before_predecessor,
    misfit_role,
    languages_missing,
    number_taken,
    code_of_other_list,
    nobody,
    unit_missing,
)


class Plan:
    """Which cases get which defect: kinds in turn, spread over the cases."""

    def __init__(self, wanted: int, total: int) -> None:
        if wanted * 2 > total:
            raise ValueError(f"{total} cases have room for {total // 2} defects, not for {wanted}")
        self.every = total // wanted if wanted else 0
        self.waiting: list[Defect] = []
        self.wanted, self.seen, self.begun = wanted, 0, 0
        self.number: tuple[str, str] | None = None
        self.expected: list[Expected] = []
        self.seeded: list[tuple[str, str]] = []

    def spoil(self, case: Case) -> None:
        """Give the next case in turn its defect; one that does not fit waits for a case that it fits."""
        if self.every and self.seen % self.every == 0 and self.begun < self.wanted:
            self.waiting.append(KINDS[self.begun % len(KINDS)])
            self.begun += 1
        self.seen += 1
        if self.number is not None:
            self._take_number(case, *self.number)
            return
        for kind in self.waiting:
            found = kind(case)
            if found is not None:
                self.waiting.remove(kind)
                self.expected += found
                self.seeded.append((kind.__name__, case.slug))
                if kind is number_taken:
                    self.number = (case.slug, case.things[case.of_class("Identifier")[0]]["skos:notation"][0])
                return

    def _take_number(self, case: Case, other: str, number: str) -> None:
        own = _first(case, "Identifier")
        if own is None:
            return
        case.things[own]["skos:notation"] = [number]
        self.number = None
        self.expected += [_finding("R03", "Identifier-unique", f"case:{slug}") for slug in (other, case.slug)]

    def expected_json(self) -> str:
        """What must be found, and which case got which defect. Raises ValueError when a defect found no case."""
        if self.waiting or self.number:
            raise ValueError("the cases ended before every defect had one")
        found = {"seeded": self.seeded, "expected": [asdict(one) for one in sorted(self.expected)]}
        return json.dumps(found, indent=1) + "\n"
