"""The cases say what the facts on file say: dates, places, unions, outcomes, and every conflicting value."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from rapidfuzz import fuzz, utils

from rrm_kg import KnowledgeGraph
from rrm_kg.questions import read
from rrm_kg.terms import ID

ROOT = Path(__file__).parent.parent
FACTS = ROOT.parent / "shared" / "facts"
pytestmark = pytest.mark.skipif(not FACTS.is_dir(), reason="the facts on file are not at hand")

DAY = re.compile(r"\d{4}-\d{2}(?:-\d{2})?(?!\d)")
# Which steps, records or gaps may carry the date of a field.
STEPS: dict[str, tuple[str, ...]] = {
    "date_petition_received": ("submitted",),
    "date_request_for_review": ("review-requested",),
    "date_mexico_accepted": ("under-review", "acceptance-announced"),
    "date_mexico_finding": ("review-reported", "review-result-announced", "party-disagreed"),
    "date_mexico_conclusion_announced": ("review-result-announced", "review-reported"),
    "date_panel_requested": ("panel-requested",),
    "date_panel_established": ("panel-constituted",),
    "date_verification": ("verified",),
    "date_hearing": ("hearing-held",),
    "date_determination_issued": ("determined",),
    "date_determination_published": ("published",),
    "date_course_of_remediation_announced": ("course-announced", "course-agreed"),
    "date_resolution_announced": (
        "resolution-announced",
        "remediated",
        "consultations-closed",
        "settled-without-request",
    ),
    "date_remediation_period_end": ("remediation-period-ended", "course-agreed"),
}
# Days that a reader of the record inferred and no source gives: the announcement or a bound stands in the graph.
INFERRED = {("asiaway", "date_mexico_accepted"), ("manufacturas-vu-1", "date_mexico_accepted")}
# What a reader of the record called the outcome, and the coded outcomes that say so.
OUTCOMES: dict[str, set[str]] = {
    "remediated_course_of_remediation": {"course-completed"},
    "resolved_company_action_plan": {"company-plan"},
    "resolved_in_review_period": {"resolved-in-review"},
    "remediation_not_fulfilled_facility_closed": {"course-not-fulfilled", "facility-closed"},
    "panel_outside_scope": {"panel-no-jurisdiction"},
    "panel_denial_of_rights": {"panel-denial"},
    "panel_requested_pending": {"panel-pending"},
    "course_of_remediation_in_progress": {"course-in-progress"},
    "review_concluded_no_finding_consultations_open": {"no-finding-consultations"},
    "resolved_without_formal_request": {"settled-without-request"},
    "unknown_or_pending_in_sources": set(),
}


@cache
def records() -> dict[str, dict[str, Any]]:
    """The records on file by case."""
    if not FACTS.is_dir():
        return {}
    listed = json.loads((FACTS / "cases.json").read_text(encoding="utf-8"))
    return {record["case_id"]: record for record in listed}


each_case = pytest.mark.parametrize("case", sorted(records()))


def values(field: Any) -> list[str]:
    """The values of a field, with those that other sources give."""
    given = field if isinstance(field, list) else [field] if field else []
    return [str(v["value"]) for one in given for v in (one, *(one.get("alternatives") or []))]


def test_every_record_is_a_case(graph: KnowledgeGraph) -> None:
    rows = graph.query("SELECT ?case WHERE { ?case a rrm:Dispute }")
    have = {str(row.case).removeprefix(ID + "case/") for row in rows}
    assert set(records()) <= have
    comparators = json.loads((FACTS / "comparators.json").read_text(encoding="utf-8"))
    # The overview of the NAALC is a record about a mechanism, not a dispute.
    assert {record["case_id"] for record in comparators} - {"naalc-overview"} <= have


@each_case
def test_the_dates_are_those_on_file(graph: KnowledgeGraph, case: str) -> None:
    """Each date of a field is the date, a bound or a reported date of a fitting act; a month is met by a day in it."""
    rows = graph.query(
        """SELECT ?step ?date WHERE {
             {
               ?event a rrm:ProcedureEvent ; rrm:inDispute ?case ; rrm:step ?step .
               { ?event rrm:date|rrm:beganOn|rrm:onOrBefore|rrm:onOrAfter ?date }
               UNION { ?a rrm:about ?event ; rrm:value ?date }
             } UNION {
               # A plan of the company has a date and no act of the Parties.
               ?plan a rrm:RemediationPlan ; rrm:inDispute ?case ; rrm:date ?date .
               BIND(<https://w3id.org/rrm-kg/code/step-31a/course-announced> AS ?step)
             }
           }""",
        case=_case(case),
    )
    have: dict[str, set[str]] = {}
    for row in rows:
        have.setdefault(str(row.step).rsplit("/", 1)[-1], set()).add(str(row.date))
    missing = {}
    for field, steps in STEPS.items():
        known = set().union(*(have.get(step, set()) for step in steps))
        wanted = {day for value in values(records()[case].get(field)) for day in DAY.findall(value)}
        lost = {day for day in wanted if not any(date.startswith(day) for date in known)}
        if lost and (case, field) not in INFERRED:
            missing[field] = lost
    assert missing == {}


@each_case
def test_the_places_are_those_on_file(graph: KnowledgeGraph, case: str) -> None:
    rows = graph.query(
        """SELECT DISTINCT ?name WHERE {
             ?case rrm:subject/rrm:locatedIn/rrm:within? ?place . ?place rdfs:label|skos:altLabel ?name }""",
        case=_case(case),
    )
    have = {str(row.name) for row in rows}
    for field in ("state", "municipality"):
        for value in values(records()[case].get(field)):
            for part in re.split(r"; | / ", re.sub(r"\s*\(.*?\)", "", value)):
                best = max(
                    (fuzz.token_set_ratio(part, name, processor=utils.default_process) for name in have), default=0
                )
                assert best >= 80, (field, part, have)


# Petitioners whom the source describes without a name, or whose name belongs to a private person.
UNNAMED = {
    ("manufacturas-vu-2", "two Mexican labor organizations"),
    (
        "bader-leon",
        "dismissed worker associated with Sindicato Industrial de Trabajadores y Empleados del Calzado y Comercio "
        "del Estado de Guanajuato (SITECCC-CAT)",
    ),
}


@each_case
def test_the_petitioners_are_those_on_file(graph: KnowledgeGraph, case: str) -> None:
    rows = graph.query(
        """PREFIX role: <https://w3id.org/rrm-kg/code/role/>
           SELECT DISTINCT ?name WHERE {
             ?part rrm:inDispute ?case ; rrm:role role:petitioner .
             ?part rrm:agent/rdfs:label|rrm:agent/skos:altLabel ?name }""",
        case=_case(case),
    )
    have = {str(row.name) for row in rows}
    for value in values(records()[case].get("petitioners")):
        best = max((fuzz.token_set_ratio(value, name, processor=utils.default_process) for name in have), default=0)
        assert best >= 70 or (case, value) in UNNAMED, (value, have)


@each_case
def test_the_outcome_is_the_one_on_file(graph: KnowledgeGraph, case: str) -> None:
    rows = graph.query(
        "SELECT ?kind WHERE { ?o a rrm:Outcome ; rrm:inDispute ?case ; rrm:outcomeKind ?kind }", case=_case(case)
    )
    have = {str(row.kind).rsplit("/", 1)[-1] for row in rows}
    assert OUTCOMES[records()[case]["derived"]["outcome_class"]] <= have


ALTERNATIVES = [
    (record["case_id"], name, str(other["value"]))
    for source in ("cases.json", "comparators.json")
    for record in (json.loads((FACTS / source).read_text(encoding="utf-8")) if FACTS.is_dir() else [])
    for name, field in record.items()
    for one in (field if isinstance(field, list) else [field])
    if isinstance(one, dict)
    for other in one.get("alternatives") or []
]
# Said in words only; where in the graph the words are.
WORDS: dict[tuple[str, str], str] = {
    ("gm-silao", "mexico_finding"): "irregularities",
    ("manufacturas-vu-2", "mexico_finding"): "serious irregularities",
    ("grupo-yazaki-leon", "mexico_finding"): "not to open a formal investigation",
    ("draxton-irapuato", "mexico_finding"): "may constitute",
    ("aludyne", "mexico_finding"): "denial of rights found",
    ("rv-fresh-foods", "mexico_finding"): "protection collective bargaining agreement",
    ("minera-camino-rojo", "mexico_finding"): "not been able to confirm",
    ("industrias-tecnos", "company_legal_name"): "^Industrias Tecnos, S[.]A[.] de C[.]V[.]$",
    ("industrias-tecnos", "mexico_finding"): "no evidence of a denial of rights",
    ("odisa", "municipality"): "^Tula$",
    ("atento", "parent_company"): "Spanish capital",
    ("atento", "mexico_reaction"): "stated that it would comply",
    ("atento", "panel_legal_holding"): "not covered facilities",
    ("alimentos-grole", "sector"): "pork",
    ("eu-korea", "outcome"): "not acted consistently",
}


@pytest.mark.parametrize(("case", "name", "value"), ALTERNATIVES)
def test_a_value_that_other_sources_contradict_keeps_its_rival(
    graph: KnowledgeGraph, case: str, name: str, value: str
) -> None:
    rows = [
        row
        for pattern in (
            "?record rrm:inDispute ?case . ?record ?p ?value",
            "?record rrm:inDispute ?case . ?record rrm:agent|rrm:conclusion|rrm:outcomeKind ?thing . ?thing ?p ?value",
            "?about rrm:inDispute ?case . ?record rrm:about ?about . ?record ?p ?value",
            "?case rrm:subject ?place . ?record rrm:about ?place . ?record rrm:value ?thing . ?thing ?p ?value",
        )
        for row in graph.query(
            f"SELECT DISTINCT ?value WHERE {{ {pattern} . FILTER(ISLITERAL(?value)) }}", case=_case(case)
        )
    ]
    have = {str(row.value) for row in rows}
    days = DAY.findall(value)
    numbers = [n.replace(",", "") for n in re.findall(r"(?<![\d-])\d[\d,]*(?![\d-])", value)]
    if (case, name) in WORDS:
        assert any(re.search(WORDS[case, name], text, re.IGNORECASE) for text in have)
    elif days:
        assert all(any(text.startswith(day) for text in have) for day in days), days
    else:
        assert numbers, "a value in words needs its words in WORDS"
        number = numbers[0] if "million" not in value else f"{numbers[0]}000000"
        assert number in have


def test_the_conflicts_that_are_known_can_be_asked(graph: KnowledgeGraph) -> None:
    """The conflicts of the process model, each by the words that only both sides together have."""
    view = read(ROOT / "queries" / "views" / "conflicts.rq")
    said: dict[str, str] = {}
    for row in graph.query(view.query, **view.bind({}, "en", graph.store)):
        said[str(row.dispute)] = said.get(str(row.dispute), "") + f" | {row.about}: {row.said} ({row.by})"
    atento = said["Atento Servicios, Pachuca call centers"]
    for both in (
        ("acts that may amount to a denial of rights", "denial of rights found"),
        ("2025-07-04", "2025-08-21"),
        ("petition submitted, date: 2023-11-28", "petition submitted, date: 2023-12"),
        ("review accepted, date: 2024-01-30", "review accepted, date: 2024-01-19"),
        ("facilities: 2, value: 2", "facilities: 2, value: 1"),
    ):
        for words in both:
            assert words in atento, words
    # What nobody contradicts in a value of its own is a claim: a Spanish company, a review of 45 days by the panel.
    claims = " | ".join(str(r.text) for r in graph.query("SELECT ?text WHERE { ?c a rrm:Claim ; rrm:summary ?text }"))
    for words in ("Spanish", "45-day"):
        assert words in claims, words
    for name in ("Fujikura", "Impro", "Servicios Industriales González", "Aludyne"):
        told = next(text for dispute, text in said.items() if name in dispute)
        assert "no denial" in told
        assert "resolved during the review" in told or "denial of rights found" in told, name
    assert "4200000" in said["Goodyear SLP, San Luis Potosí"]
    assert "4000000" in said["Goodyear SLP, San Luis Potosí"]


def _case(case: str) -> Any:
    import pyoxigraph as ox

    return ox.NamedNode(f"{ID}case/{case}")
