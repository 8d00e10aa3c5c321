"""Each format of a report, read back by a reader that is not ours."""

from __future__ import annotations

import csv
import html
import io
import itertools
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import html5lib
import jsonschema
import openpyxl
import pyshacl
import pytest
import rdflib
from markdown_it import MarkdownIt
from rdflib import RDF, SH, XSD, Literal, URIRef
from rdflib.compare import isomorphic

from rrm_kg import RrmError, gate, reports, shapes
from rrm_kg import graph as graphs
from rrm_kg.findings import Finding, Fix, Report, Severity, Where, report
from rrm_kg.graph import Source
from rrm_kg.reports import markdown, sarif, turtle
from rrm_kg.terms import ID, RRM, RRMSH

ROOT = Path(__file__).parents[1]
SARIF_SCHEMA = ROOT.parent / "shared" / "conformance" / "sarif" / "sarif-schema-2.1.0.json"
REP = rdflib.Namespace(turtle.REP)
FILE = Source(
    "my case.ttl",
    b"""@prefix rrm: <https://w3id.org/rrm-kg/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<https://w3id.org/rrm-kg/id/event/e> rrm:date "2024-13-01"^^xsd:date ;
    rrm:note "nota"@es .
""",
)
HOSTILE = [
    "</script><script>alert(1)</script>",
    "a | b || c",
    "one\ntwo\r\n::error file=x::three",
    "=cmd()|' /C calc'!A1",
    "\u202egnp.exe\u200f\u2066",
    "\x1b[2J\x07\x00\x9b",
    "]]>&amp;<!-- --> ${{ secrets }} {0} [x](javascript:alert(1)) @team #12 https://example.org/y",
    "100% `code` **b** \\ \"q\" 'q'",
    "\ufffe\uffff\u2028\u2029\x85",
    "+1-2@3",
    "a,line=9,title=b: c::d",
]


def made(
    rule: str,
    severity: Severity,
    shape: str,
    focus: str,
    said: str,
    *,
    component: str = "DatatypeConstraintComponent",
    path: str | None = RRM + "date",
    value: str | None = None,
    **more: Any,
) -> Finding:
    message = {"en": f"EN {said}", "es": f"ES {said}"}
    return Finding(rule, shape, component, severity, focus, path, value, message, **more)


def sample() -> Report:
    """A report with each kind of finding: on a range, in a cell, of a query, of the whole graph, of a blank node."""
    return report(
        [
            made(
                *("R08", Severity.VIOLATION, RRMSH + "Assertion-accepted-single", ID + "event/e", "no such day"),
                value="2024-13-01",
                where=Where("my case.ttl", 3, "triple", 47, 3, 59, '"2024-13-01"'),
                path_label={"en": "date", "es": "fecha"},
                why={"en": "month 13", "es": "mes 13"},
                fixes=(
                    Fix({"en": "write a day", "es": "escriba un día"}, '"2024-12-01"'),
                    Fix({"en": "look it up", "es": "consúltelo"}),
                ),
            ),
            made(
                *("R08", Severity.VIOLATION, RRMSH + "Assertion-accepted-single", ID + "event/f", "no such day"),
                value="2024-02-30",
                where=Where("cases.xlsx", 7, "triple", 2, 0, 0, "30 de febrero", "Events", "B7"),
            ),
            made(
                *("R17", Severity.WARNING, RRMSH + "Dispute-deadline-exceeded", ID + "case/a", "late"),
                path=None,
                where=Where("data/cases/atento.ttl", 12, "subject"),
            ),
            made(
                "C02", Severity.WARNING, "queries/checks/namesakes.rq", ID + "union/u", "twins", component="CheckQuery"
            ),
            made("R35", Severity.INFO, RRMSH + "Dispute-single-source", "data-cases-a-3", "one document", path=None),
            made("OWL", Severity.VIOLATION, "owl-rl-contradiction", "", "contradiction", component="owl-rl", path=None),
        ],
        {"data": "d" * 64, "engine": "compiled", "inference": "none", "rdflib": "7.6.0"},
    )


def hostile(text: str) -> Report:
    """A report with one text wherever a text can stand."""
    both = {"en": text, "es": text}
    finding = Finding(
        *("R08", RRMSH + "Agent-used", "DatatypeConstraintComponent", Severity.VIOLATION, ID + "event/e"),
        path=RRM + "date",
        value=text,
        message=both,
        where=Where(f"data/{text}.ttl", 3, "triple", 1, 3, 9, text),
        path_label=both,
        why=both,
        fixes=(Fix(both, text),),
    )
    in_cell = replace(finding, focus=text, where=Where("a.xlsx", 3, "triple", 1, 0, 0, text, text, "B3"))
    return report([finding, in_cell, replace(finding, shape="queries/checks/x.rq", where=None)], {"data": text})


@pytest.fixture(scope="module")
def catalogue() -> dict[str, shapes.Shape]:
    return shapes.catalogue(graphs.read_sources(ROOT).shapes)


def rendered(form: str, lang: str = "en", given: Report | None = None, **more: Any) -> str:
    return reports.render(form, given or sample(), lang, **({"checked": [FILE]} | more))


# What all formats have in common


def test_a_request_names_a_format_and_perhaps_a_file() -> None:
    assert reports.parse_request("sarif=out.sarif") == ("sarif", Path("out.sarif"))
    assert reports.parse_request("json=a=b.json") == ("json", Path("a=b.json"))
    assert reports.parse_request("html") == ("html", None)


@pytest.mark.parametrize("request_", ["pdf", "pdf=x", "", "=x", "sarif=", "SARIF"])
def test_an_unknown_request_names_the_formats(request_: str) -> None:
    with pytest.raises(RrmError) as caught:
        reports.parse_request(request_)
    assert caught.value.code == "E222"
    for lang in ("en", "es"):
        assert "text, json, turtle, jsonld, html, sarif, junit, markdown, csv, github" in caught.value.hint(lang)


def test_the_formats_are_those_that_are_promised() -> None:
    promised = {"text", "json", "turtle", "jsonld", "html", "sarif", "junit", "markdown", "csv", "github"}
    assert set(reports.FORMATS) == promised
    with pytest.raises(RrmError):
        reports.render("pdf", sample())


@pytest.mark.parametrize("form", reports.FORMATS)
@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_report_without_findings_is_said_too(form: str, lang: str) -> None:
    written = rendered(form, lang, report([], {"engine": "compiled"}))
    assert written.endswith("\n")
    if form not in ("json", "turtle", "jsonld", "sarif", "csv"):
        assert "compiled" in written


@pytest.mark.parametrize("form", [form for form in reports.FORMATS if form != "csv"])
def test_what_was_validated_with_what_is_named(form: str) -> None:
    for part in ("d" * 64, "7.6.0", FILE.digest.hex()):
        assert part in rendered(form)


def test_the_same_report_gives_the_same_bytes_under_any_hash_seed() -> None:
    script = (
        "import sys, test_reports as t; from rrm_kg import reports\n"
        "for form in reports.FORMATS: sys.stdout.buffer.write(t.rendered(form, 'es').encode())"
    )
    written = []
    for seed in ("0", "1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": f"{ROOT}{os.pathsep}{Path(__file__).parent}"}
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, env=environment, timeout=120)
        assert done.returncode == 0, done.stderr
        written.append(done.stdout)
    assert len(written[0]) > 10_000
    assert written[0] == written[1] == written[2]


@pytest.mark.parametrize("form", ["text", "html", "markdown", "github"])
def test_the_true_number_is_said_where_some_are_not_shown(form: str) -> None:
    assert "2 of 6" in rendered(form, limit=2)
    assert "2 de 6" in rendered(form, "es", limit=2)
    assert "of 6" not in rendered(form)
    assert "twins" not in rendered(form, limit=2)
    assert "twins" in rendered(form)


@pytest.mark.parametrize("form", ["json", "turtle", "jsonld", "sarif", "junit", "csv"])
def test_formats_for_programs_hold_every_finding(form: str) -> None:
    assert rendered(form, limit=1) == rendered(form)


HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]")


@pytest.mark.parametrize("form", reports.FORMATS)
@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hidden_is_written(form: str, text: str) -> None:
    written = reports.render(form, hostile(text), "en")
    assert not HIDDEN.search(written)
    written.encode("utf-8")


# text


def test_text_tells_place_text_reason_and_fix(catalogue: dict[str, shapes.Shape]) -> None:
    written = rendered("text", "es", shapes=catalogue)
    assert "R08 Error: " in written
    assert "cases.xlsx: Events\n  Fila 7\n    B7: 30 de febrero\n      Error R08: ES no such day\n" in written
    assert (
        "    my case.ttl:3:47\n"
        '      Lo que está escrito: "2024-13-01"\n'
        "      Por qué: mes 13\n"
        '      Corrección: escriba un día → "2024-12-01"\n'
        "      Corrección: consúltelo\n"
    ) in written
    assert catalogue[RRMSH + "Dispute-deadline-exceeded"].name["es"] in written


def test_text_tells_findings_of_a_table_by_sheet_row_and_column() -> None:
    cells = [("Zeta", 3, 2), ("Alfa", 10, 1), ("Zeta", 3, 1), ("Alfa", 9, 1)]
    found = [
        made(
            *("R08", Severity.WARNING, RRMSH + "X", ID + f"event/{row}-{column}", "wrong"),
            where=Where("a.xlsx", row, "triple", column, row, column + 1, "x", sheet, f"{'AB'[column - 1]}{row}"),
        )
        for sheet, row, column in cells
    ]
    book = openpyxl.Workbook()
    book.active.title = "Zeta"
    book.create_sheet("Alfa")
    kept = io.BytesIO()
    book.save(kept)
    file = graphs.Source("a.xlsx", kept.getvalue())
    written = reports.render("text", report(found, {}), checked=[file])
    places = ["a.xlsx: Zeta", "  Row 3", "    A3: x", "    B3: x", "a.xlsx: Alfa", "  Row 9", "  Row 10"]
    assert [line for line in written.splitlines() if line in places] == places


@pytest.mark.parametrize("text", HOSTILE)
def test_text_keeps_each_text_on_its_line(text: str) -> None:
    assert reports.render("text", hostile(text)).count("\n") == reports.render("text", hostile("x")).count("\n")


# json


def test_json_is_as_its_schema_says() -> None:
    schema = json.loads((ROOT / "rrm_kg" / "reports" / "report.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for given in (sample(), report([], {}), *map(hostile, HOSTILE)):
        tree = json.loads(rendered("json", given=given))
        validator.validate(tree)
        assert tree["$schema"] == schema["$id"]
        assert Report.from_dict(tree) == given
    tree["findings"][0]["severity"] = "Grave"
    assert not validator.is_valid(tree)


def test_every_field_of_the_schema_is_described() -> None:
    def undescribed(schema: Any, name: str) -> list[str]:
        if not isinstance(schema, dict):
            return []
        found = [] if "description" in schema else [name]
        for kind in ("properties", "$defs"):
            for key, part in schema.get(kind, {}).items():
                found += undescribed(part, f"{name}/{key}")
        items = schema.get("items", {})
        return found + [name for key, part in items.get("properties", {}).items() for name in undescribed(part, key)]

    schema = json.loads((ROOT / "rrm_kg" / "reports" / "report.schema.json").read_text(encoding="utf-8"))
    assert undescribed(schema, "") == []


def test_json_counts_by_rule_and_message() -> None:
    tree = json.loads(rendered("json"))
    assert tree["total"] == 6
    counted = {"OWL": 1, "R08": 2, "C02": 1, "R17": 1, "R35": 1}
    assert {group["rule"]: group["count"] for group in tree["groups"]} == counted
    (r08,) = [group for group in tree["groups"] if group["rule"] == "R08"]
    assert r08["messages"] == [{"message": {"en": "EN no such day", "es": "ES no such day"}, "count": 2}]
    assert tree["checked"] == [{"file": "my case.ttl", "sha256": FILE.digest.hex()}]


# turtle and jsonld

REPORT_SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
# SHACL, section 3.6: Validation Report
<urn:report> a sh:NodeShape ; sh:targetClass sh:ValidationReport ;
  sh:property [ sh:path sh:conforms ; sh:datatype xsd:boolean ; sh:minCount 1 ; sh:maxCount 1 ] ;
  sh:property [ sh:path sh:result ; sh:class sh:ValidationResult ] ;
  sh:xone ( [ sh:property [ sh:path sh:conforms ; sh:hasValue true ] ,
                          [ sh:path sh:result ; sh:maxCount 0 ] ]
            [ sh:property [ sh:path sh:conforms ; sh:hasValue false ] ,
                          [ sh:path sh:result ; sh:minCount 1 ] ] ) .
<urn:result> a sh:NodeShape ; sh:targetClass sh:ValidationResult ;
  sh:property [ sh:path sh:focusNode ; sh:minCount 1 ; sh:maxCount 1 ] ;
  sh:property [ sh:path sh:resultPath ; sh:maxCount 1 ; sh:nodeKind sh:BlankNodeOrIRI ] ;
  sh:property [ sh:path sh:value ; sh:maxCount 1 ] ;
  sh:property [ sh:path sh:sourceShape ; sh:maxCount 1 ; sh:nodeKind sh:BlankNodeOrIRI ] ;
  sh:property [ sh:path sh:sourceConstraintComponent ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ;
  sh:property [ sh:path sh:resultSeverity ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ;
  sh:property [ sh:path sh:resultMessage ; sh:uniqueLang true ; sh:minCount 1 ] .
"""


def read_rdf(form: str, given: Report | None = None, **more: Any) -> rdflib.Graph:
    written = rendered(form, given=given, **more)
    return rdflib.Graph().parse(data=written, format={"turtle": "turtle", "jsonld": "json-ld"}[form])


@pytest.mark.parametrize("form", ["turtle", "jsonld"])
def test_the_validation_report_is_one_by_the_specification(form: str) -> None:
    rules = rdflib.Graph().parse(data=REPORT_SHAPES, format="turtle")
    for given in (sample(), report([], {}), hostile("x")):
        conforms, _, said = pyshacl.validate(read_rdf(form, given), shacl_graph=rules, inference="none")
        assert conforms, said
    broken = read_rdf(form)
    broken.remove((None, SH.focusNode, None))
    assert not pyshacl.validate(broken, shacl_graph=rules, inference="none")[0]


@pytest.mark.parametrize("given", [sample(), *map(hostile, HOSTILE)])
def test_turtle_and_jsonld_say_the_same(given: Report) -> None:
    turtle_, jsonld = (read_rdf(form, given) for form in ("turtle", "jsonld"))
    assert len(turtle_) > 20
    assert isomorphic(turtle_, jsonld)


def test_a_result_has_the_terms_as_they_were_written() -> None:
    graph = read_rdf("turtle")
    (result,) = graph.subjects(SH.focusNode, URIRef(ID + "event/e"))
    assert isinstance(result, URIRef)
    value = graph.value(result, SH.value)
    assert isinstance(value, Literal)
    assert (str(value), value.datatype) == ("2024-13-01", XSD.date)
    assert graph.value(result, SH.resultPath) == URIRef(RRM + "date")
    assert graph.value(result, SH.resultSeverity) == SH.Violation
    assert graph.value(result, SH.sourceConstraintComponent) == SH.DatatypeConstraintComponent
    assert graph.value(result, SH.sourceShape) == URIRef(RRMSH + "Assertion-accepted-single")
    messages = {Literal("EN no such day", lang="en"), Literal("ES no such day", lang="es")}
    assert set(graph.objects(result, SH.resultMessage)) == messages
    place = [graph.value(result, REP[name]) for name in ("file", "line", "column", "endLine", "endColumn")]
    assert [p.toPython() for p in place if isinstance(p, Literal)] == ["my case.ttl", 3, 47, 3, 59]
    (other,) = graph.subjects(SH.focusNode, URIRef(ID + "event/f"))
    assert graph.value(other, SH.value) == Literal("2024-02-30")


def test_conforming_by_the_specification_is_another_thing_than_passing() -> None:
    late = report([f for f in sample().findings if f.severity < Severity.VIOLATION], {})
    graph = read_rdf("turtle", late)
    (node,) = graph.subjects(RDF.type, SH.ValidationReport)
    assert graph.value(node, SH.conforms) == Literal(False)
    assert graph.value(node, REP.passes) == Literal(True)


def test_turtle_begins_with_its_prefixes_in_order() -> None:
    declared = [line.split()[1] for line in rendered("turtle").splitlines() if line.startswith("@prefix")]
    assert declared == ["id:", "rep:", "rrm:", "rrmsh:", "sh:", "xsd:"]


def test_a_contradiction_is_about_the_whole_graph_and_a_query_is_no_shape() -> None:
    graph = read_rdf("turtle")
    (whole,) = graph.subjects(REP.rule, Literal("OWL"))
    assert graph.value(whole, SH.focusNode) == URIRef(gate.WHOLE_GRAPH)
    (query,) = graph.subjects(REP.rule, Literal("C02"))
    assert graph.value(query, SH.sourceShape) is None
    assert graph.value(query, REP.query) == Literal("queries/checks/namesakes.rq")


def test_every_term_beyond_shacl_is_defined() -> None:
    defined = rdflib.Graph().parse(data=(ROOT / "rrm_kg" / "reports" / "vocabulary.ttl").read_bytes(), format="turtle")
    graph = read_rdf("turtle")
    used = {term for triple in graph for term in triple[1:] if str(term).startswith(REP)}
    assert used
    for term in used:
        labels = {label.language for label in defined.objects(term, rdflib.RDFS.label) if isinstance(label, Literal)}
        assert labels == {"en", "es"}, term


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_survives_as_a_literal(text: str) -> None:
    graph = rdflib.Graph().parse(data=reports.render("turtle", hostile(text)), format="turtle")
    assert {str(value) for value in graph.objects(None, REP.replacement)} == {text}


def test_a_name_with_a_mark_of_direction_is_still_turtle() -> None:
    given = report([made("R08", Severity.INFO, RRMSH + "Agent-used", ID + "a\u061cb", "x")], {})
    written = reports.render("turtle", given)
    assert "\u061c" not in written
    graph = rdflib.Graph().parse(data=written, format="turtle")
    assert set(graph.objects(None, SH.focusNode)) == {URIRef(ID + "a\u061cb")}


# sarif


@pytest.mark.skipif(not SARIF_SCHEMA.is_file(), reason="the SARIF schema is not at hand")
@pytest.mark.parametrize("given", [sample(), report([], {}), *map(hostile, HOSTILE)])
def test_sarif_is_as_its_schema_says(given: Report, catalogue: dict[str, shapes.Shape]) -> None:
    schema = json.loads(SARIF_SCHEMA.read_text(encoding="utf-8"))
    checker = jsonschema.Draft4Validator.FORMAT_CHECKER
    validator = jsonschema.Draft4Validator(schema, format_checker=checker)
    tree = json.loads(rendered("sarif", given=given, shapes=catalogue))
    assert [error.message for error in validator.iter_errors(tree)] == []


def test_sarif_results(catalogue: dict[str, shapes.Shape]) -> None:
    (run,) = json.loads(rendered("sarif", "es", shapes=catalogue))["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["language"] == "es"
    assert [result["level"] for result in run["results"]] == ["error"] * 3 + ["warning"] * 2 + ["note"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    result = run["results"][1]
    assert result["ruleId"] == "R08/Assertion-accepted-single"
    assert result["message"]["text"] == "ES no such day mes 13"
    (place,) = result["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "my%20case.ttl"
    region = {"startLine": 3, "startColumn": 47, "endLine": 3, "endColumn": 59}
    assert place["physicalLocation"]["region"] == region | {"snippet": {"text": '"2024-13-01"'}}
    (fix,) = result["fixes"]
    (change,) = fix["artifactChanges"]
    assert change["replacements"] == [{"deletedRegion": region, "insertedContent": {"text": '"2024-12-01"'}}]
    assert result["properties"]["fixes"] == ["escriba un día", "consúltelo"]
    (artifact,) = [a for a in run["artifacts"] if a["location"]["uri"] == "my%20case.ttl"]
    assert artifact["hashes"] == {"sha-256": FILE.digest.hex()}
    help_ = next(rule for rule in rules if rule["name"] == "Dispute-deadline-exceeded")["help"]["markdown"]
    assert catalogue[RRMSH + "Dispute-deadline-exceeded"].description["es"] in help_


def test_sarif_has_no_range_where_a_place_is_a_cell() -> None:
    (run,) = json.loads(rendered("sarif"))["runs"]
    (place,) = run["results"][2]["locations"]
    assert "region" not in place["physicalLocation"]
    assert {"fullyQualifiedName": "Events!B7", "kind": "cell"} in place["logicalLocations"]


def test_sarif_fingerprints_survive_moved_lines() -> None:
    def prints(given: Report) -> list[str]:
        (run,) = json.loads(rendered("sarif", given=given))["runs"]
        return [result["partialFingerprints"]["rrmKgFinding/v1"] for result in run["results"]]

    moved = Report(tuple(replace(f, where=None) for f in sample().findings), {})
    assert prints(moved) == prints(sample())
    assert len(set(prints(sample()))) == 6


def test_a_file_is_a_uri_reference() -> None:
    assert sarif.uri("data/a b%.ttl") == "data/a%20b%25.ttl"
    assert sarif.uri("javascript:x") == "javascript%3Ax"
    assert sarif.uri("/srv/x.ttl") == "file:///srv/x.ttl"


def test_no_link_comes_from_a_value() -> None:
    (run,) = json.loads(reports.render("sarif", hostile(HOSTILE[6])))["runs"]
    for result in run["results"]:
        assert not re.search(r"(?<!\\)\[x\]\(", result["message"]["text"])


# junit


def test_junit_has_a_suite_for_each_file_and_a_case_for_each_rule(catalogue: dict[str, shapes.Shape]) -> None:
    tree = ElementTree.fromstring(rendered("junit", shapes=catalogue).encode())
    suites = {suite.get("name"): suite for suite in tree}
    assert set(suites) == {"the whole graph", "cases.xlsx", "data/cases/atento.ttl", "my case.ttl"}
    own = suites["my case.ttl"]
    rules = {shape.rule for shape in catalogue.values()}
    assert {case.get("name") for case in own.iter("testcase")} == rules
    assert own.get("tests") == str(len(rules))
    assert own.get("failures") == "1"
    (failure,) = own.iter("failure")
    assert failure.get("message") == "EN no such day"
    assert failure.text is not None
    assert "my case.ttl:3:47: Violation: EN no such day month 13" in failure.text
    late = suites["data/cases/atento.ttl"]
    assert late.get("failures") == "0"
    assert [case.get("name") for case in late.iter("testcase")] == ["R17"]
    assert "EN late" in (late.findtext("testcase/system-out") or "")
    assert tree.get("failures") == "3"
    assert tree.get("tests") == str(sum(len(list(suite.iter("testcase"))) for suite in tree))


@pytest.mark.parametrize("text", HOSTILE)
def test_junit_is_xml_whatever_the_text(text: str) -> None:
    tree = ElementTree.fromstring(reports.render("junit", hostile(text)).encode())
    assert {element.tag for element in tree.iter()} <= {
        *("testsuites", "testsuite", "properties", "property", "testcase", "failure", "system-out")
    }


# html


def parsed(page: str) -> ElementTree.Element:
    tree: ElementTree.Element = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    return tree


@pytest.mark.parametrize("given", [sample(), report([], {}), *map(hostile, HOSTILE)])
def test_html_is_well_formed_and_fetches_and_runs_nothing(given: Report) -> None:
    tree = parsed(rendered("html", given=given))
    assert not list(tree.iter("script"))
    for element in tree.iter():
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert name not in ("src", "srcset", "style", "action", "data", "poster")
            assert name != "href" or value.startswith("#")
    (style,) = tree.iter("style")
    assert "url(" not in (style.text or "")
    assert "@import" not in (style.text or "")


@pytest.mark.parametrize("lang", ["en", "es"])
def test_html_has_both_languages_and_shows_that_of_the_reader(lang: str) -> None:
    tree = parsed(rendered("html", lang))
    assert tree.get("lang") == lang
    checked = [box.get("id") for box in tree.iter("input") if "checked" in box.attrib]
    assert checked == [f"language-{lang}"]
    articles = {article.get("lang"): "".join(article.itertext()) for article in tree.iter("article")}
    assert set(articles) == {"en", "es"}
    assert "Why, and how to mend it" in articles["en"]
    assert "Por qué y cómo corregirlo" in articles["es"]
    assert "EN no such day" not in articles["es"]
    assert "ES no such day" in articles["es"]


def test_html_has_headings_headers_and_landmarks_in_order() -> None:
    tree = parsed(rendered("html"))
    for article in tree.iter("article"):
        levels = [int(element.tag[1]) for element in article.iter() if element.tag in ("h1", "h2", "h3", "h4")]
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    for table in tree.iter("table"):
        assert all(cell.get("scope") in ("col", "row", "rowgroup") for cell in table.iter("th"))
        assert list(table.iter("th"))
    assert len(list(tree.iter("main"))) == 1
    names = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(names) == len(set(names))
    for element in tree.iter():
        if element.get("aria-labelledby"):
            assert element.get("aria-labelledby") in names
        if element.tag == "label":
            assert element.get("for") in names
    (skip,) = [link for link in tree.iter("a") if link.get("class") == "skip"]
    assert (skip.get("href") or "")[1:] in names


@pytest.mark.parametrize("text", HOSTILE)
def test_html_shows_a_hostile_text_as_text(text: str) -> None:
    tree = parsed(reports.render("html", hostile(text)))
    plain = parsed(reports.render("html", hostile("x")))
    assert [element.tag for element in tree.iter()] == [element.tag for element in plain.iter()]


# markdown


def test_markdown_counts_in_a_table_and_folds_the_rest(catalogue: dict[str, shapes.Shape]) -> None:
    written = rendered("markdown", shapes=catalogue)
    name = catalogue[RRMSH + "Dispute-deadline-exceeded"].name["en"]
    assert f"| Warning | R17 | {name} | 1 |" in written
    assert written.count("<details>") == written.count("</details>") == 6
    assert "<code>my case.ttl:3:47</code>" in written


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_takes_no_markup_from_a_text(text: str) -> None:
    written = reports.render("markdown", hostile(text))
    plain = reports.render("markdown", hostile("x"))
    for mark in ("|", "`", "<", ">", "[", "*", "@", "$", "://", "\n"):
        assert written.count(mark) == plain.count(mark), mark
    assert not re.search(r"(?<!&)#\d", written)


def tokens(written: str) -> list[tuple[str, str]]:
    """What a Markdown reader takes a text for: kinds and tags, in order."""
    found = []
    for token in MarkdownIt("commonmark").enable("table").parse(written):
        found += [(part.type, part.tag) for part in [token, *(token.children or [])] if part.type != "text_special"]
    return [token for token, _ in itertools.groupby(found)]


@pytest.mark.parametrize("text", [*HOSTILE, "1. one", "- one", "# one", "    one", "===", "---", "[a]: http://b"])
def test_a_markdown_reader_sees_only_text_in_a_text(text: str) -> None:
    assert tokens(reports.render("markdown", hostile(text))) == tokens(reports.render("markdown", hostile("x")))


def test_a_mention_and_a_number_are_not_linked_in_prose() -> None:
    written = html.unescape(markdown.escape("@team fixes #12"))
    assert written == "@\u200bteam fixes #\u200b12"


def test_markdown_is_no_longer_than_a_comment_may_be() -> None:
    findings = [
        made(
            "R08", Severity.VIOLATION, RRMSH + f"Shape-{n % 7}", f"{ID}event/{n}", f"{'<' * 40} {n % 50}", value=str(n)
        )
        for n in range(9000)
    ]
    written = reports.render("markdown", report(findings, {"data": "d" * 64}))
    assert 50_000 < len(written) <= markdown.MAX_LENGTH
    shown, total = map(int, re.findall(r"Shown: (\d+) of (\d+) findings", written)[0])
    assert total == 9000
    assert shown == written.count("\n  - ")
    assert written.count("<details>") == written.count("</details>")
    assert "d" * 64 in written


def test_markdown_with_too_many_rules_for_a_table_is_cut_too() -> None:
    findings = [made("R08", Severity.INFO, f"{RRMSH}{'S' * 200}-{n}", ID + "a", "x") for n in range(900)]
    written = reports.render("markdown", report(findings, {}))
    assert len(written) <= markdown.MAX_LENGTH
    assert "Shown: 0 of 900 findings" in written


# csv


def rows(written: str) -> list[dict[str, str]]:
    assert written[0] == "\ufeff"
    return list(csv.DictReader(io.StringIO(written.encode().decode("utf-8-sig"), newline="")))


def test_csv_has_a_line_for_each_finding() -> None:
    found = rows(rendered("csv", "es"))
    assert len(found) == 6
    row = next(row for row in found if row["focus"] == ID + "event/e")
    wanted = {
        **{"severity": "Violation", "rule": "R08", "file": "my case.ttl", "line": "3", "column": "47"},
        **{"end_line": "3", "end_column": "59", "located_by": "triple", "value": "2024-13-01", "path_label": "fecha"},
        **{"message_en": "EN no such day", "message_es": "ES no such day", "why": "mes 13"},
        **{"fix": "escriba un día | consúltelo", "replacement": '"2024-12-01"'},
    }
    assert {key: row[key] for key in wanted} == wanted
    cell = next(row for row in found if row["cell"])
    assert (cell["sheet"], cell["cell"], cell["end_line"]) == ("Events", "B7", "")


@pytest.mark.parametrize("text", [*HOSTILE, "\t=1", "\r=1", "-1", "@x", "＝1", " =1", "\n+1"])
def test_csv_calculates_nothing(text: str) -> None:
    found = rows(reports.render("csv", hostile(text)))
    assert len(found) == 3
    for row in found:
        assert None not in row
        for value in row.values():
            assert not re.match(r"\s*[=+\-@＝＋－＠\t\r]", value), value


# github


def test_github_commands() -> None:
    verdict, *lines = rendered("github", "es").splitlines()
    assert verdict.startswith("::notice title=rrm-kg::El grafo no pasa: 3 errores")
    assert "::error file=my case.ttl,line=3,endLine=3,col=47,endColumn=58,title=R08::" in lines[1]
    assert lines[1].endswith("::ES no such day%0Ames 13%0Aescriba un día%0Aconsúltelo")
    assert [line.split(" ")[0] for line in lines] == [*["::error"] * 3, *["::warning"] * 2, "::notice"]
    assert "file=cases.xlsx,line=7,title=R08::cases.xlsx:Events!B7%0A" in lines[2]
    assert lines[0].startswith("::error title=OWL::")


@pytest.mark.parametrize("text", HOSTILE)
def test_github_commands_end_where_they_should(text: str) -> None:
    lines = reports.render("github", hostile(text)).splitlines()
    assert len(lines) == 4
    for line in lines:
        command, properties, _ = re.fullmatch(r"::(error|notice) (.*?)::(.*)", line).groups()  # type: ignore[union-attr]
        keys = [part.split("=", 1)[0] for part in properties.split(",")]
        assert set(keys) <= {"file", "line", "endLine", "col", "endColumn", "title"}
        assert len(keys) == len(set(keys))
        assert ":" not in properties
        assert not re.search(r"%(?!25|0A|0D|3A|2C)", line), command
