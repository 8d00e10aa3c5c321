"""The gate finds what is wrong, says where, and keeps a failing graph from being asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rrm_kg import KnowledgeGraph, RrmError, gate, infer, open_graph
from rrm_kg import graph as graphs
from rrm_kg.findings import Finding, Report, Severity
from rrm_kg.terms import RRM, mint


def test_the_graph_passes_and_every_finding_is_about_the_world(graph: KnowledgeGraph) -> None:
    assert graph.report is not None
    assert graph.report.count(Severity.VIOLATION) == 0
    assert graph.checked
    # Late or perhaps late clocks, and limits that nobody verified in the legal text.
    assert {finding.rule for finding in graph.report.findings} == {"R17", "R23", "R35"}


def test_the_late_clocks_of_atento(graph: KnowledgeGraph) -> None:
    assert graph.report is not None
    clocks = [f for f in graph.report.findings if f.rule == "R17" and f.focus == mint("case", "atento")]
    late = {str(f.value).rsplit("/", 1)[-1]: f.severity for f in clocks}
    assert late == {
        "atento-under-review": Severity.WARNING,  # day 12 of 10
        "atento-determined": Severity.WARNING,  # 51 days after the verification, 30 allowed
        "atento-review-reported": Severity.INFO,  # day 46 of 45; day 45 was a Sunday
        "atento-review-requested": Severity.INFO,  # a substitute for a date that is not published
        "atento-panel-requested": Severity.INFO,  # the first date is only bounded
    }


def test_every_limit_that_was_not_read_in_the_law_is_named(graph: KnowledgeGraph) -> None:
    assert graph.report is not None
    rows = graph.query(
        """SELECT ?limit WHERE { ?limit rrm:verification ?grade . FILTER NOT EXISTS { ?limit rrm:verifiedAgainst ?text }
           FILTER(?grade != <https://w3id.org/rrm-kg/code/verification/project-inference>) }"""
    )
    named = {f.focus for f in graph.report.findings if f.rule == "R23"}
    assert named == {row.limit for row in rows}


def test_every_message_is_filled_in_both_languages(graph: KnowledgeGraph) -> None:
    assert graph.report is not None
    for finding in graph.report.findings:
        assert set(finding.message) == {"en", "es"}
        assert finding.message["en"] != finding.message["es"]
        assert not any("{" in message or not message for message in finding.message.values()), finding


def test_the_report_says_what_was_validated_with_what(graph: KnowledgeGraph) -> None:
    assert graph.report is not None
    validated = graph.report.validated
    assert {len(validated[part]) for part in ("data", "ontology", "shapes")} == {64}
    assert validated["pyshacl"] == "0.40.1"


def break_atento(root: Path, old: str, new: str) -> int:
    """Replace a text in the case file; returns its line, counted from one."""
    path = root / "data" / "cases" / "atento.ttl"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def violations(root: Path, cache: Path) -> list[Finding]:
    report = open_graph(root, cache_folder=cache).report
    assert report is not None
    return [finding for finding in report.findings if finding.severity is Severity.VIOLATION]


def test_a_day_that_does_not_exist_is_found_on_its_line(root_copy: Path, tmp_path: Path) -> None:
    old = 'rrm:date "2024-03-27"^^xsd:date'
    line = break_atento(root_copy, old, 'rrm:date "2024-02-30"^^xsd:date')
    found = violations(root_copy, tmp_path)
    assert found
    assert any(f.where and f.where.line == line for f in found)
    assert all(f.where and f.where.file == "data/cases/atento.ttl" for f in found)


@pytest.mark.parametrize(
    "written",
    [
        "http://www.example.org/Release",
        "https://example.org/Release/",
        "HTTPS://WWW.Example.org/Release/#top",
    ],
)
def test_one_address_is_one_however_it_is_written(root_copy: Path, tmp_path: Path, written: str) -> None:
    addresses = {"first": "https://example.org/Release", "again": written, "else": "https://example.org/release"}
    with (root_copy / "data" / "documents.ttl").open("a", encoding="utf-8") as file:
        for name, address in addresses.items():
            file.write(f'\ndocument:{name} a rrm:Document ; rrm:url "{address}"^^xsd:anyURI .\n')
    report = open_graph(root_copy, cache_folder=tmp_path).report
    assert report is not None
    found = {finding.focus for finding in report.findings if finding.shape.endswith("#Document-address-single")}
    assert mint("document", "again") in found
    assert mint("document", "else") not in found


def test_a_mistyped_property_is_found_on_its_line(root_copy: Path, tmp_path: Path) -> None:
    line = break_atento(root_copy, "rrm:identifierScheme", "rrm:identifierSchema")
    found = {(f.rule, f.where.line if f.where else 0, f.path) for f in violations(root_copy, tmp_path)}
    assert ("R04", line, RRM + "identifierSchema") in found


def test_an_act_before_its_legal_predecessor_is_a_contradiction(root_copy: Path, tmp_path: Path) -> None:
    break_atento(root_copy, 'rrm:date "2024-03-04"^^xsd:date', 'rrm:date "2023-12-01"^^xsd:date')
    assert "R09" in {f.rule for f in violations(root_copy, tmp_path)}


def test_a_contradiction_with_the_ontology_is_a_violation(root_copy: Path, tmp_path: Path) -> None:
    path = root_copy / "data" / "places.ttl"
    path.write_text(
        path.read_text(encoding="utf-8") + "\n<https://w3id.org/rrm-kg/id/state/mx> a rrm:Person .\n",
        encoding="utf-8",
    )
    assert "OWL" in {f.rule for f in violations(root_copy, tmp_path)}


def test_a_check_query_row_is_a_finding(root_copy: Path, tmp_path: Path) -> None:
    (root_copy / "queries" / "checks" / "invented.rq").write_text(
        """#+ id: C99
#+ severity: Violation
#+ message:
#+   en: "{?focus} is an invented finding."
#+   es: "{?focus} es un hallazgo inventado."
SELECT ?focus WHERE { ?focus a <https://w3id.org/rrm-kg/ontology#Dispute> }
""",
        encoding="utf-8",
    )
    (found,) = violations(root_copy, tmp_path)
    assert (found.rule, found.focus) == ("C99", mint("case", "atento"))
    assert "id:case/atento" in found.message["es"]
    assert found.where is not None


def test_a_backslash_in_a_value_is_only_a_character(root_copy: Path, tmp_path: Path) -> None:
    path = root_copy / "ontology" / "mechanisms" / "rrm-31a.ttl"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('"From the request for review to its acceptance"', r'"From \\g to \\1"'), encoding="utf-8"
    )
    report = open_graph(root_copy, cache_folder=tmp_path).report
    assert report is not None
    assert any(r"From \g to \1" in finding.message["en"] for finding in report.findings)


def test_a_failing_graph_is_not_asked(root_copy: Path, tmp_path: Path) -> None:
    break_atento(root_copy, "rrm:identifierScheme", "rrm:identifierSchema")
    failing = open_graph(root_copy, cache_folder=tmp_path)
    with pytest.raises(RrmError) as caught:
        failing.ask("cq37")
    assert (caught.value.code, caught.value.exit_code) == ("E101", 1)
    answer = failing.ask("cq37", unchecked=True)
    assert len(answer) > 0
    assert not answer.checked
    assert "unchecked" in answer.serialize("json")
    assert "unchecked" in answer.serialize("xml")


def test_a_graph_opened_without_the_gate_is_not_asked(tmp_path: Path) -> None:
    unchecked = open_graph(gate=False, use_cache=False)
    with pytest.raises(RrmError) as caught:
        unchecked.query("ASK {}")
    assert caught.value.code == "E102"


def test_the_report_survives_being_kept(graph: KnowledgeGraph) -> None:
    assert graph.report is not None
    kept = json.loads(json.dumps(graph.report.as_dict()))
    assert Report.from_dict(kept) == graph.report


def test_severities_rise() -> None:
    assert Severity.named("http://www.w3.org/ns/shacl#Warning") is Severity.WARNING
    assert Severity.VIOLATION > Severity.WARNING > Severity.INFO


def test_a_link_to_nothing_is_found(root_copy: Path, tmp_path: Path) -> None:
    wrong = "dcterms:relation agency:ustrx ; rrm:by agency:ustrr"
    break_atento(root_copy, "rrm:by agency:ustr", wrong)
    found = {(f.rule, f.message["es"].split("agency/")[1][:5]) for f in violations(root_copy, tmp_path)}
    assert found >= {("R04", "ustrr"), ("C01", "ustrx")}, "each once: by the link's shape, or by the check of the rest"
    assert ("C01", "ustrr") not in found


def test_namesakes_are_named(root_copy: Path, tmp_path: Path) -> None:
    path = root_copy / "data" / "organizations.ttl"
    text = path.read_text(encoding="utf-8")
    twin = (
        '\nunion:twin a rrm:Union ;\n    rdfs:label "Sindicato de Telefonistas de la República Mexicana"@es ;\n'
        "    org:subOrganizationOf union:strm .\n"
    )
    path.write_text(text + twin, encoding="utf-8")
    report = open_graph(root_copy, cache_folder=tmp_path).report
    assert report is not None
    assert [f.focus for f in report.findings if f.rule == "C02"] == [mint("union", "strm")]


@pytest.mark.parametrize("engine", gate.ENGINES)
def test_a_shape_that_cannot_run_is_named(root_copy: Path, engine: str) -> None:
    path = root_copy / "ontology" / "shapes" / "broken.ttl"
    path.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix rrm: <https://w3id.org/rrm-kg/ontology#> .\n"
        "<urn:broken> a sh:NodeShape ; sh:targetClass rrm:Dispute ; sh:sparql <urn:query> .\n"
        '<urn:query> a sh:SPARQLConstraint ; sh:select "SELECT $this WHERE { $this rrm:none }" .\n'
    )
    sources = graphs.read_sources(root_copy)
    written = list(graphs.load(sources.content))
    with pytest.raises(RrmError) as caught:
        gate.check(sources, written, [], infer.Closure((), ()), engine)
    assert caught.value.code == "E403"


def test_a_check_query_that_cannot_run_is_named(root_copy: Path) -> None:
    path = root_copy / "queries" / "checks" / "described.rq"
    path.write_text(path.read_text(encoding="utf-8").replace("EXISTS {", "EXISTS {{"), encoding="utf-8")
    sources = graphs.read_sources(root_copy)
    with pytest.raises(RrmError) as caught:
        gate.check(sources, graphs.load(sources.content), [], infer.Closure((), ()))
    assert caught.value.code == "E403"
    assert "described.rq" in caught.value.message("es")
