"""What findings say besides their message: what was expected, how to mend it, and where."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from rrm_kg import KnowledgeGraph, hints, open_graph
from rrm_kg import graph as graphs
from rrm_kg.finder import Finder
from rrm_kg.findings import Finding
from rrm_kg.shacl import compile as compiler

HEAD = """@prefix rrm: <https://w3id.org/rrm-kg/ontology#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix id: <https://w3id.org/rrm-kg/id/> .
@prefix code: <https://w3id.org/rrm-kg/code/> . @prefix dcterms: <http://purl.org/dc/terms/> .
"""
ID = "https://w3id.org/rrm-kg/id/"
CODE = "https://w3id.org/rrm-kg/code/"


@pytest.fixture(scope="module")
def small(small_root: Path, cache_folder: Path) -> KnowledgeGraph:
    """The Atento case alone, checked."""
    return open_graph(small_root, cache_folder=cache_folder)


def about(small: KnowledgeGraph, turtle: str, shape: str) -> Finding:
    """The finding of a shape in some Turtle, the only one."""
    verdict = small.resident.check([graphs.Source("new.ttl", (HEAD + turtle).encode())])
    (found,) = (f for f in verdict.found if f.shape.endswith("#" + shape))
    return found


@pytest.mark.parametrize(
    ("turtle", "shape", "proposals", "replacement"),
    [
        pytest.param(
            "id:event\\/x a rrm:ProcedureEvent ; rrm:date '28/11/2023' .",
            "Dated-date-form",
            ["Write 2023-11-28 (xsd:date), if that is the date."],
            '"2023-11-28"^^<http://www.w3.org/2001/XMLSchema#date>',
            id="day before month",
        ),
        pytest.param(
            "id:event\\/x a rrm:ProcedureEvent ; rrm:date '03/04/2024' .",
            "Dated-date-form",
            [
                "Write 2024-04-03 (xsd:date), if that is the date.",
                "Write 2024-03-04 (xsd:date), if that is the date.",
            ],
            '"2024-04-03"^^<http://www.w3.org/2001/XMLSchema#date>',
            id="day and month that could be exchanged",
        ),
        pytest.param(
            "id:event\\/x a rrm:ProcedureEvent ; rrm:date 'noviembre de 2023' .",
            "Dated-date-form",
            ["Write 2023-11 (xsd:gYearMonth), if that is the date."],
            '"2023-11"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>',
            id="a month in words",
        ),
        pytest.param(
            "id:event\\/x a rrm:ProcedureEvent ; rrm:date '2023-11-28' .",
            "Dated-date-datatype",
            ["Write 2023-11-28 (xsd:date), if that is the date."],
            '"2023-11-28"^^<http://www.w3.org/2001/XMLSchema#date>',
            id="a day without its datatype",
        ),
        pytest.param(
            "id:event\\/x a rrm:ProcedureEvent ; rrm:date 'soon' .", "Dated-date-form", [], None, id="no date at all"
        ),
        pytest.param(
            "id:participation\\/x a rrm:Participation ; rrm:role code:role\\/petitoner .",
            "Thing-code-of-scheme",
            ["Did you mean the code code:role/petitioner?"],
            f"<{CODE}role/petitioner>",
            id="a code with a slip in it",
        ),
        pytest.param(
            "id:participation\\/x a rrm:Participation ; rrm:role 'Parte demandada' .",
            "Thing-link-node",
            ["Did you mean the code code:role/respondent?"],
            f"<{CODE}role/respondent>",
            id="a code by its Spanish name",
        ),
        pytest.param(
            "id:participation\\/x a rrm:Participation ; rrm:agent id:union\\/strn .",
            "Thing-reference-described",
            ["Did you mean id:union/strm?"],
            f"<{ID}union/strm>",
            id="a thing with a slip in it",
        ),
        pytest.param(
            "id:case\\/x a rrm:Disput .",
            "Thing-class-declared",
            ["Did you mean the class rrm:Dispute?"],
            "<https://w3id.org/rrm-kg/ontology#Dispute>",
            id="a class with a slip in it",
        ),
        pytest.param(
            "id:company\\/x a 'Company' .",
            "Thing-class-iri",
            ["Did you mean the class rrm:Company?"],
            "<https://w3id.org/rrm-kg/ontology#Company>",
            id="a class as a text",
        ),
        pytest.param(
            "id:company\\/x a rrm:Company ; <http://www.w3.org/ns/org#subOrganisationOf> id:company\\/atento .",
            "Thing-property-reused",
            ["Did you mean the property org:subOrganizationOf?"],
            "<http://www.w3.org/ns/org#subOrganizationOf>",
            id="a property of another vocabulary with a slip in it",
        ),
        pytest.param(
            "id:participation\\/x a rrm:Participation ; rrm:agent <https://example.org/union> .",
            "Thing-reference-foreign",
            [],
            None,
            id="a web page for a union",
        ),
        pytest.param(
            "id:case\\/x a rrm:Dispute ; rrm:mechanisn id:mechanism\\/rrm-31a .",
            "Thing-property-declared",
            ["Did you mean the property rrm:mechanism?", "Did you mean the property rrm:ofMechanism?"],
            "<https://w3id.org/rrm-kg/ontology#mechanism>",
            id="a property with a slip in it",
        ),
        pytest.param(
            f"id:case\\/x a rrm:Dispute ; rrm:mechanism '{ID}mechanism/rrm-31a' .",
            "Thing-link-node",
            ["Write the IRI id:mechanism/rrm-31a, not a text."],
            f"<{ID}mechanism/rrm-31a>",
            id="an IRI written as a text",
        ),
        pytest.param(
            "id:case\\/x a rrm:Dispute ; rdfs:label 'Caso' .",
            "Named-label-language",
            [
                "Add the language tag @en, if the text is in that language.",
                "Add the language tag @es, if the text is in that language.",
            ],
            '"Caso"@en',
            id="a name without a language",
        ),
        pytest.param(
            "id:case\\/x a rrm:Dispute ; <https://www.w3.org/2000/01/rdf-schema#label> 'Case'@en .",
            "Named-label-english",
            ["<https://www.w3.org/2000/01/rdf-schema#label> is written there: write rdfs:label."],
            None,
            id="https for http",
        ),
        pytest.param(
            "id:document\\/x a rrm:Document ; rrm:url 'www.gob.mx/stps' .",
            "Document-address-form",
            ["Write https://www.gob.mx/stps."],
            '"https://www.gob.mx/stps"',
            id="an address without its beginning",
        ),
        pytest.param(
            "id:count\\/x a rrm:Count ; rrm:value '36,000' .",
            "Count-value-numeric",
            ["Write 36000."],
            '"36000"^^<http://www.w3.org/2001/XMLSchema#integer>',
            id="a number with separators",
        ),
        pytest.param(
            "id:count\\/x a rrm:Count ; rrm:value '36.000,5' .", "Count-value-numeric", [], None, id="no sure number"
        ),
        pytest.param(
            "id:event\\/x a rrm:ProcedureEvent ; rrm:onOrAfter '2024-03' .",
            "Thing-property-datatype",
            [],
            None,
            id="a month where a day is asked for",
        ),
        pytest.param(
            "id:count\\/x a rrm:Count ; rrm:evidence id:evidence\\/atento-ap-refuse .",
            "Thing-reference-described",
            [],
            None,
            id="never the evidence of another case",
        ),
        pytest.param(
            "id:count\\/x a rrm:Count ; rrm:evidence id:evidence\\/my-passge ."
            " id:evidence\\/my-passage a rrm:Evidence .",
            "Thing-reference-described",
            ["Did you mean id:evidence/my-passage?"],
            f"<{ID}evidence/my-passage>",
            id="a thing of the same file",
        ),
    ],
)
def test_what_can_be_computed_is_proposed(
    small: KnowledgeGraph, turtle: str, shape: str, proposals: list[str], replacement: str | None
) -> None:
    found = about(small, turtle, shape)
    assert [fix.message["en"] for fix in found.fixes] == proposals
    assert all(fix.message["es"] for fix in found.fixes)
    assert next((fix.replacement for fix in found.fixes), None) == replacement


@pytest.mark.parametrize(
    ("turtle", "shape", "why"),
    [
        (
            "id:event\\/x a rrm:ProcedureEvent ; rrm:date '2024-02-30'^^xsd:date .",
            "Thing-date-calendar",
            "2024-02-30 no existe: 2024-02 tiene 29, no 30.",
        ),
        (
            "id:event\\/x a rrm:ProcedureEvent ; rrm:date '2024-13'^^xsd:gYearMonth .",
            "Thing-date-calendar",
            "2024-13 no existe: 2024 tiene 12, no 13.",
        ),
        ("id:event\\/x a rrm:ProcedureEvent .", "ProcedureEvent-step-present", "Se espera al menos 1; hay 0."),
        (
            "id:event\\/x a rrm:ProcedureEvent ;"
            " rrm:step code:step-31a\\/review-requested , code:step-31a\\/panel-requested .",
            "ProcedureEvent-step-single",
            "Se espera a lo más 1; hay 2.",
        ),
    ],
)
def test_what_was_expected_is_said(small: KnowledgeGraph, turtle: str, shape: str, why: str) -> None:
    assert about(small, turtle, shape).why["es"] == why


def test_what_is_missing_is_placed_at_the_class(small: KnowledgeGraph) -> None:
    found = about(
        small, "id:event\\/x rrm:date '2024'^^xsd:gYear ;\n  a rrm:ProcedureEvent .", "ProcedureEvent-step-present"
    )
    assert found.where is not None
    assert (found.where.line, found.where.located_by) == (5, "property")
    assert found.path_label == {"en": "step", "es": "paso"}


SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <http://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:S a sh:NodeShape ; sh:targetNode :x ; sh:property [ sh:path :p ; sh:node :Person ] ;
  sh:or ( [ sh:property [ sh:path :q ; sh:minCount 1 ] ]
          [ sh:property [ sh:path :r ; sh:datatype xsd:integer ; sh:minCount 1 ] ] ) .
:Person a sh:NodeShape ; sh:property [ sh:path :name ; sh:minCount 2 ] , [ sh:path :home ; sh:node :Town ] .
:Town a sh:NodeShape ; sh:property [ sh:path :size ; sh:datatype xsd:integer ] .
"""
DATA = '@prefix : <http://example.org/> . :x :p :y ; :r "one" . :y :name "Y" ; :home :z . :z :size "big" .'


def test_shapes_inside_shapes_are_told_by_their_innermost_reasons() -> None:
    shapes, data = ox.Store(), ox.Store()
    shapes.load(SHAPES.encode(), format=ox.RdfFormat.TURTLE)
    data.load(DATA.encode(), format=ox.RdfFormat.TURTLE)
    results = [r for check in compiler.Shapes(shapes, data).checks() for r in compiler.run(check, data)]
    show = Finder(graphs.Sources(Path(), ()), data).show
    said = {r.component: hints.Hints(lambda: shapes, data).why(r, data, show)["en"] for r in results}
    assert {component: text.replace("http://example.org/", ":") for component, text in said.items()} == {
        "NodeConstraintComponent": "<:home>: <:size>: Expected a value of the datatype xsd:integer;"
        ' found "big" (xsd:string). <:name>: Expected at least 2; found 1.',
        "OrConstraintComponent": "<:q>: Expected at least 1; found 0."
        ' <:r>: Expected a value of the datatype xsd:integer; found "one" (xsd:string).',
    }


def test_a_text_where_a_thing_is_asked_for_is_a_finding(small: KnowledgeGraph) -> None:
    found = about(small, "id:document\\/x a rrm:Document ; dcterms:publisher 'USTR' .", "Document-publisher-agent")
    assert found.value == "USTR"
    assert "USTR" in found.why["es"]


def test_the_place_is_what_the_rule_is_about(small: KnowledgeGraph) -> None:
    turtle = (
        "id:evidence\\/x a rrm:Evidence ; rrm:document id:document\\/y ;\n  rrm:locator 'p. 1'@en , 'pág. 1'@es ;\n"
        f"  rrm:quote '{'word ' * 25}'@en . id:document\\/y a rrm:Document ."
    )
    where = about(small, turtle, "Evidence-quote-short").where
    assert where is not None
    assert (where.line, where.text[:5]) == (6, "rrm:q")
