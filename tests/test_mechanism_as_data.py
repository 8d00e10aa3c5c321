"""A new mechanism with its steps and time limits is data: its clocks are computed without any change of code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from string import Template

import pytest

from rrm_kg import KnowledgeGraph, open_graph
from rrm_kg.findings import Severity

Write = Callable[[Path, str], Path]

# Everything here is invented: a mechanism of two steps with one deadline, and a case under it.
INVENTED = Template("""\
@prefix rrm: <https://w3id.org/rrm-kg/ontology#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix case: <https://w3id.org/rrm-kg/id/case/> .
@prefix document: <https://w3id.org/rrm-kg/id/document/> .
@prefix event: <https://w3id.org/rrm-kg/id/event/> .
@prefix evidence: <https://w3id.org/rrm-kg/id/evidence/> .
@prefix identifier: <https://w3id.org/rrm-kg/id/identifier/> .
@prefix instrument: <https://w3id.org/rrm-kg/id/instrument/> .
@prefix limit: <https://w3id.org/rrm-kg/id/limit/> .
@prefix mechanism: <https://w3id.org/rrm-kg/id/mechanism/> .
@prefix participation: <https://w3id.org/rrm-kg/id/participation/> .
@prefix provision: <https://w3id.org/rrm-kg/id/provision/> .
@prefix state: <https://w3id.org/rrm-kg/id/state/> .
@prefix bound-kind: <https://w3id.org/rrm-kg/code/bound-kind/> .
@prefix day-kind: <https://w3id.org/rrm-kg/code/day-kind/> .
@prefix document-kind: <https://w3id.org/rrm-kg/code/document-kind/> .
@prefix identifier-scheme: <https://w3id.org/rrm-kg/code/identifier-scheme/> .
@prefix instrument-kind: <https://w3id.org/rrm-kg/code/instrument-kind/> .
@prefix role: <https://w3id.org/rrm-kg/code/role/> .
@prefix stage: <https://w3id.org/rrm-kg/code/stage/> .
@prefix step-moon: <https://w3id.org/rrm-kg/code/step-moon/> .
@prefix subject-kind: <https://w3id.org/rrm-kg/code/subject-kind/> .
@prefix verification: <https://w3id.org/rrm-kg/code/verification/> .

<https://w3id.org/rrm-kg/graph/cases/moon> a owl:Ontology ;
    dcterms:title "An invented mechanism and a case under it"@en , "Un mecanismo inventado y un caso"@es ;
    dcterms:license <https://creativecommons.org/licenses/by/4.0/> .

instrument:moon-treaty a rrm:Instrument ;
    rdfs:label "Moon Treaty"@en , "Tratado de la Luna"@es ;
    rrm:instrumentKind instrument-kind:treaty ;
    rrm:inForceFrom "2020-01-01"^^xsd:date ;
    rrm:evidence evidence:moon-deadline .

provision:moon-7 a rrm:Provision ;
    rdfs:label "Article 7 of the Moon Treaty"@en , "Artículo 7 del Tratado de la Luna"@es ;
    rrm:partOf instrument:moon-treaty ;
    rrm:evidence evidence:moon-deadline .

mechanism:moon a rrm:Mechanism ;
    rdfs:label "Mechanism of the Moon Treaty"@en , "Mecanismo del Tratado de la Luna"@es ;
    rrm:establishedBy instrument:moon-treaty ;
    rrm:stepScheme <https://w3id.org/rrm-kg/code/step-moon> ;
    rrm:examines subject-kind:state ;
    rrm:party state:ca , state:mx ;
    rrm:evidence evidence:moon-deadline .

<https://w3id.org/rrm-kg/code/step-moon> a skos:ConceptScheme ;
    skos:prefLabel "Steps of the Moon Treaty"@en , "Pasos del Tratado de la Luna"@es ;
    skos:definition "Acts under the Moon Treaty."@en , "Actos conforme al Tratado de la Luna."@es .

step-moon:asked a rrm:StepType ;
    skos:inScheme <https://w3id.org/rrm-kg/code/step-moon> ;
    skos:prefLabel "question put"@en , "pregunta formulada"@es ;
    skos:definition "One Party puts a question to the other."@en , "Una Parte pregunta a la otra."@es ;
    rrm:order 1 ;
    rrm:entersStage stage:state-request .

step-moon:answered a rrm:StepType ;
    skos:inScheme <https://w3id.org/rrm-kg/code/step-moon> ;
    skos:prefLabel "question answered"@en , "pregunta respondida"@es ;
    skos:definition "The other Party answers."@en , "La otra Parte responde."@es ;
    rrm:order 2 ;
    rrm:entersStage stage:closed ;
    rrm:precededBy step-moon:asked .

limit:moon-1 a rrm:TimeLimit ;
    rdfs:label "From the question to the answer"@en , "De la pregunta a la respuesta"@es ;
    rrm:ofMechanism mechanism:moon ;
    rrm:fromStep step-moon:asked ;
    rrm:toStep step-moon:answered ;
    rrm:duration "P20D"^^xsd:dayTimeDuration ;
    rrm:boundKind bound-kind:maximum ;
    rrm:dayKind day-kind:calendar ;
    rrm:legalBasis provision:moon-7 ;
    rrm:verification verification:primary-text ;
    rrm:verifiedAgainst document:moon-treaty ;
    rrm:evidence evidence:moon-deadline .

identifier-scheme:moon a skos:Concept ;
    skos:inScheme <https://w3id.org/rrm-kg/code/identifier-scheme> ;
    skos:prefLabel "question of the Moon Treaty"@en , "pregunta del Tratado de la Luna"@es ;
    skos:definition "Number of a question of the Moon Treaty."@en , "Número de una pregunta del Tratado."@es .

case:moon a rrm:Dispute ;
    rdfs:label "The first question of the Moon Treaty"@en , "La primera pregunta del Tratado de la Luna"@es ;
    rrm:mechanism mechanism:moon ;
    rrm:subject state:mx ;
    rrm:evidence evidence:moon-asked .

identifier:moon a rrm:Identifier ;
    rrm:inDispute case:moon ;
    skos:notation "Moon 1" ;
    rrm:identifierScheme identifier-scheme:moon ;
    rrm:evidence evidence:moon-asked .

participation:moon-complainant a rrm:Participation ;
    rrm:inDispute case:moon ;
    rrm:agent state:ca ;
    rrm:role role:complainant ;
    rrm:evidence evidence:moon-asked .

participation:moon-respondent a rrm:Participation ;
    rrm:inDispute case:moon ;
    rrm:agent state:mx ;
    rrm:role role:respondent ;
    rrm:evidence evidence:moon-answered .

event:moon-asked a rrm:ProcedureEvent ;
    rrm:inDispute case:moon ;
    rrm:step step-moon:asked ;
    rrm:date "$asked"^^xsd:date ;
    rrm:actor state:ca ;
    rrm:evidence evidence:moon-asked .

event:moon-answered a rrm:ProcedureEvent ;
    rrm:inDispute case:moon ;
    rrm:step step-moon:answered ;
    rrm:date "$answered"^^xsd:date ;
    rrm:actor state:mx ;
    rrm:evidence evidence:moon-answered .

document:moon-treaty a rrm:Document ;
    rdfs:label "Text of the Moon Treaty"@en , "Texto del Tratado de la Luna"@es ;
    dcterms:publisher <https://w3id.org/rrm-kg/id/organization/rrm-kg> ;
    dcterms:language "en" ;
    rrm:documentKind document-kind:legal-text ;
    rrm:url "https://example.org/moon-treaty"^^xsd:anyURI ;
    rrm:consultedOn "2026-11-22"^^xsd:date .

document:moon-gazette a rrm:Document ;
    rdfs:label "Moon Gazette"@en , "Gaceta de la Luna"@es ;
    dcterms:publisher <https://w3id.org/rrm-kg/id/organization/rrm-kg> ;
    dcterms:language "en" ;
    rrm:documentKind document-kind:official-record ;
    rrm:url "https://example.org/moon-gazette"^^xsd:anyURI ;
    rrm:consultedOn "2026-11-22"^^xsd:date .

evidence:moon-deadline a rrm:Evidence ;
    rrm:document document:moon-treaty ;
    rrm:locator "Article 7"@en , "artículo 7"@es ;
    rrm:quote "The answer is given within twenty days of the question"@en .

evidence:moon-asked a rrm:Evidence ;
    rrm:document document:moon-gazette ;
    rrm:locator "page 1"@en , "página 1"@es ;
    rrm:quote "The question was put"@en .

evidence:moon-answered a rrm:Evidence ;
    rrm:document document:moon-gazette ;
    rrm:locator "page 2"@en , "página 2"@es ;
    rrm:quote "The question was answered"@en .
""")


@pytest.fixture
def opened(root_copy: Path, write: Write, cache_folder: Path) -> Callable[[str, str], KnowledgeGraph]:
    """Open a copy of the root with one more file: the invented case with these two dates."""

    def _opened(asked: str, answered: str) -> KnowledgeGraph:
        write(root_copy / "data" / "cases" / "moon.ttl", INVENTED.substitute(asked=asked, answered=answered))
        return open_graph(root_copy, cache_folder=cache_folder)

    return _opened


def late_clocks(graph: KnowledgeGraph) -> list[tuple[str, str]]:
    """The findings of the gate about deadlines of the invented case: severity and message."""
    assert graph.report is not None
    return [
        (finding.severity.label, finding.message["en"])
        for finding in graph.report.findings
        if finding.rule == "R17" and finding.focus.endswith("/case/moon")
    ]


@pytest.mark.parametrize(
    ("asked", "answered", "used", "status", "code"),
    [
        ("2023-03-01", "2023-03-25", 24, "exceeded", "exceeded"),  # the last day, 21 March, was a Tuesday
        ("2023-03-01", "2023-03-21", 20, "met", "met"),
    ],
)
def test_clock_of_a_new_mechanism_is_computed(
    opened: Callable[[str, str], KnowledgeGraph], asked: str, answered: str, used: int, status: str, code: str
) -> None:
    graph = opened(asked, answered)
    (row,) = graph.ask("cq14", case="moon")
    assert (row["id"], row["limit"]) == ("moon-1", "From the question to the answer")
    assert (row["allowed"], row["used"], row["usedAtMost"]) == ("20 calendar days", used, used)
    assert (row["status"], row["code"]) == (status, code)
    assert (row["fromDate"], row["toDate"]) == (asked, answered)
    assert (row["basis"], row["verification"]) == ("Article 7 of the Moon Treaty", "legal text or transcription read")
    assert (row["document"], row["locator"]) == ("Moon Gazette", "page 2")


def test_gate_passes_with_a_warning_about_the_late_clock(opened: Callable[[str, str], KnowledgeGraph]) -> None:
    graph = opened("2023-03-01", "2023-03-25")
    assert graph.checked
    assert graph.report is not None
    assert graph.report.count(Severity.VIOLATION) == 0
    ((severity, message),) = late_clocks(graph)
    assert severity == "Warning"
    assert "24 days after 'question put' (2023-03-01)" in message
    assert "'From the question to the answer' (legal text or transcription read) ended on 2023-03-21" in message


def test_gate_says_nothing_about_a_clock_that_is_met(opened: Callable[[str, str], KnowledgeGraph]) -> None:
    graph = opened("2023-03-01", "2023-03-21")
    assert graph.checked
    assert late_clocks(graph) == []


def test_last_day_on_a_weekend_is_an_info_and_a_partial_explanation(
    opened: Callable[[str, str], KnowledgeGraph],
) -> None:
    graph = opened("2023-03-05", "2023-03-27")  # the last day, 25 March, was a Saturday
    assert graph.checked
    ((severity, _),) = late_clocks(graph)
    assert severity == "Info"
    (row,) = graph.ask("cq16", case="moon")
    assert (row["weekday"], row["late"], row["weekendDays"]) == ("Saturday", 2, 2)
    assert row["explained"] == "explained by the weekend"


def test_other_questions_answer_for_the_new_case_too(opened: Callable[[str, str], KnowledgeGraph]) -> None:
    graph = opened("2023-03-01", "2023-03-25")
    (stage,) = {row["stage"] for row in graph.ask("cq18", case="moon", on="2023-03-10")}
    assert stage == "request to the other State"
    # The clocks of the other mechanisms do not run in it, and its own not in theirs.
    assert "moon-1" not in {row["id"] for row in graph.ask("cq14", case="atento")}
