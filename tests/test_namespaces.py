"""A submitted file speaks of its own things, in plain words, and brings nothing that changes what others say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rrm_kg import KnowledgeGraph, namespaces, open_graph
from rrm_kg import graph as graphs
from rrm_kg.errors import RrmError
from rrm_kg.findings import Finding, Severity
from rrm_kg.shapes import catalogue
from rrm_kg.submission import Verdict
from rrm_kg.terms import DERIVED, ID, INFERRED, RDF_TYPE

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "tests" / "submission-rules"
RULES = {
    shape.local_name: shape
    for shape in catalogue(graphs.read_sources(ROOT).shapes).values()
    if shape.local_name.startswith("Submission-")
}
HEAD = """@prefix rrm: <https://w3id.org/rrm-kg/ontology#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix id: <https://w3id.org/rrm-kg/id/> .
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix role: <https://w3id.org/rrm-kg/code/role/> . @prefix mechanism: <https://w3id.org/rrm-kg/id/mechanism/> .
"""
OVERRUN = "https://w3id.org/rrm-kg/id/overrun/atento-verified.tl-31a-11.atento-determined"
DOUBT = "rrm:doubt <https://w3id.org/rrm-kg/code/overrun-doubt/weekend>"


@pytest.fixture(scope="module")
def small(small_root: Path, cache_folder: Path) -> KnowledgeGraph:
    """The Atento case alone, checked."""
    return open_graph(small_root, cache_folder=cache_folder)


def refused(small: KnowledgeGraph, *files: graphs.Source) -> list[Finding]:
    """What the rules on submitted files say."""
    return [f for f in small.resident.check(files).found if f.component == namespaces.COMPONENT]


def said(small: KnowledgeGraph, turtle: str, path: str = "new.ttl") -> set[tuple[str, str]]:
    """The rules that a file breaks, each with the thing."""
    found = refused(small, graphs.Source(path, (HEAD + turtle).encode()))
    return {(f.rule, f.focus.rsplit("rrm-kg/", 1)[-1]) for f in found}


def test_examples_and_rules_belong_together() -> None:
    assert {path.name for path in EXAMPLES.iterdir()} == set(RULES)


@pytest.mark.parametrize("name", RULES)
def test_rule_is_shown_at_work(name: str, small: KnowledgeGraph) -> None:
    good, bad = (
        refused(small, graphs.Source(f"{which}.ttl", (EXAMPLES / name / f"{which}.ttl").read_bytes()))
        for which in ("good", "bad")
    )
    assert good == []
    assert {f.shape for f in bad} >= {RULES[name].iri}
    for finding in bad:
        assert finding.severity is Severity.VIOLATION
        for lang in ("en", "es"):
            assert not re.search(r"\{[?$]", finding.message[lang])
        assert finding.where is not None
        assert finding.where.file == "bad.ttl"
        assert finding.where.line > 1


def test_the_thing_and_the_file_that_has_it_are_named(small: KnowledgeGraph) -> None:
    (found,) = refused(small, graphs.Source("new.ttl", (HEAD + "\nid:case\\/atento rdfs:comment 'x' .").encode()))
    assert "id:case/atento" in found.message["en"]
    assert "data/cases/atento.ttl" in found.message["es"]
    assert found.where is not None
    assert (found.where.file, found.where.line) == ("new.ttl", HEAD.count("\n") + 2)


@pytest.mark.parametrize(
    ("turtle", "rule", "thing"),
    [
        ("id:document\\/atento-panel rdfs:label 'x' . id:union\\/strm rdfs:label 'x'@en .", "R45", "id/union/strm"),
        ("rrm:Dispute rdfs:comment 'x' .", "R46", "ontology#Dispute"),
        ("rrm:invented rdfs:comment 'x' .", "R46", "ontology#invented"),
        ("rdfs:label rdfs:comment 'x' .", "R46", "http://www.w3.org/2000/01/rdf-schema#label"),
        ("role:petitioner rdfs:comment 'x' .", "R46", "code/role/petitioner"),
        ("role:invented a skos:Concept .", "R46", "code/role/invented"),
        ("mechanism:rrm-31a rdfs:comment 'x' .", "R46", "id/mechanism/rrm-31a"),
        ("id:x\\/y a rrm:TimeLimit .", "R46", "id/x/y"),
        ("<https://w3id.org/rrm-kg/shapes#Dispute> rdfs:comment 'x' .", "R46", "shapes#Dispute"),
        ("<https://w3id.org/rrm-kg/dataset> rrm:asOf '2030' .", "R46", "dataset"),
        ("id:x\\/y skos:topConceptOf <https://w3id.org/rrm-kg/code/role> .", "R46", "id/x/y"),
        ("<urn:x> rdfs:subClassOf rrm:Dispute .", "R47", "urn:x"),
        ("<urn:x> owl:equivalentClass rrm:Dispute .", "R47", "urn:x"),
        ("<urn:x> owl:differentFrom <urn:y> .", "R47", "urn:x"),
        ("<urn:x> a owl:TransitiveProperty .", "R47", "urn:x"),
        ("<urn:x> a owl:Ontology .", "R47", "urn:x"),
        ("<urn:x> a rdfs:Class .", "R47", "urn:x"),
        ("[] owl:sameAs id:case\\/atento .", "R47", "_:new-ttl-1"),
        ("<urn:x> sh:path rrm:date .", "R48", "urn:x"),
        ("<mailto:a@example.org> rdfs:comment 'x' .", "R49", "mailto:a@example.org"),
        ("<urn:x> <mailto:x> 'x' .", "R49", "urn:x"),
        ("<urn:x> rdfs:comment '\\u2067abc' .", "R50", "urn:x"),
        ("id:x\\/y a rrm:Overrun .", "R55", "id/x/y"),
        ("[] a rrm:ElapsedTime .", "R55", "_:new-ttl-1"),
        ("id:x\\/y rrm:displayLabel 'x'@en .", "R55", "id/x/y"),
        (f"<{OVERRUN}> rrm:inDispute id:case\\/tamsa .", "R55", OVERRUN.rsplit("rrm-kg/")[-1]),
    ],
)
def test_what_a_file_cannot_speak_of(turtle: str, rule: str, thing: str, small: KnowledgeGraph) -> None:
    assert (rule, thing) in said(small, turtle)


def exceeded(verdict: Verdict) -> set[str]:
    """The acts that came after their time limit without a doubt, in the graph and the files."""
    found = verdict.report.findings
    return {str(f.value) for f in found if f.shape.endswith("#Dispute-deadline-exceeded")}


def test_a_doubt_that_a_file_writes_excuses_no_late_act(small: KnowledgeGraph) -> None:
    text = (small.sources.root / "data" / "cases" / "atento.ttl").read_text(encoding="utf-8")
    own = re.sub(r"(?<=[:/])atento(?=[\s;,.-])", "mine", text)
    forged = f"\n<{OVERRUN}> {DOUBT} . <{OVERRUN.replace('atento', 'mine')}> {DOUBT} ."
    honest, forging = (
        small.resident.check([graphs.Source("new.ttl", turtle.encode())]) for turtle in (own, own + forged)
    )
    assert exceeded(honest) >= {ID + "event/atento-determined", ID + "event/mine-determined"}
    assert exceeded(forging) == exceeded(honest)


def test_an_act_from_elsewhere_is_not_taken_for_one_that_is_called_alike(small: KnowledgeGraph) -> None:
    own = """
    @prefix event: <https://example.org/event/> . @prefix step: <https://w3id.org/rrm-kg/code/step-31a/> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    id:case\\/mine a rrm:Dispute ; rrm:mechanism mechanism:rrm-31a .
    event:atento-verified a rrm:ProcedureEvent ; rrm:inDispute id:case\\/mine ;
        rrm:step step:verified ; rrm:date "2025-05-15"^^xsd:date .
    event:atento-determined a rrm:ProcedureEvent ; rrm:inDispute id:case\\/mine ;
        rrm:step step:determined ; rrm:date "2025-06-16"^^xsd:date .
    """
    verdict = small.resident.check([graphs.Source("new.ttl", (HEAD + own).encode())])
    doubtful = [f for f in verdict.found if f.shape.endswith("#Dispute-deadline-perhaps-exceeded")]
    assert [f.value for f in doubtful] == ["https://example.org/event/atento-determined"]
    assert ID + "event/atento-determined" in exceeded(verdict)


def test_only_rules_derive_what_is_said_to_be_derived_only(small: KnowledgeGraph) -> None:
    said_so = namespaces.derived_terms(small.store)
    derived, written = set(), set()
    for quad in small.store:
        words = quad.object.value if quad.predicate.value == RDF_TYPE else quad.predicate.value
        if not quad.graph_name.value.startswith(INFERRED):
            (derived if quad.graph_name.value.startswith(DERIVED) else written).add(words)
    assert derived - written == said_so


def test_these_findings_come_first_and_hide_none(small: KnowledgeGraph) -> None:
    file = graphs.Source("new.ttl", (HEAD + "id:x\\/y a rrm:Nothing ; owl:sameAs id:x\\/z .").encode())
    verdict = small.resident.check([file])
    assert verdict.found[0].component == namespaces.COMPONENT
    assert "R04" in {f.rule for f in verdict.found}
    assert {f.rule for f in verdict.report.findings} >= {"R47", "R04"}
    assert not verdict.report.conforms


def test_a_file_of_the_graph_keeps_its_own_things_and_takes_no_others(small: KnowledgeGraph) -> None:
    path = "data/cases/atento.ttl"
    own = next(file.data for file in small.sources.files if file.path == path)
    assert refused(small, graphs.Source(path, own)) == []
    changed = own + b"\n<https://w3id.org/rrm-kg/id/case/atento> rdfs:comment 'more' .\n"
    assert refused(small, graphs.Source(path, changed)) == []
    foreign = own + b"\n<https://w3id.org/rrm-kg/id/union/strm> rdfs:comment 'more' .\n"
    assert [f.rule for f in refused(small, graphs.Source(path, foreign))] == ["R45"]


def test_a_thing_moves_from_one_file_of_the_graph_to_another(small: KnowledgeGraph) -> None:
    thing = "<https://w3id.org/rrm-kg/id/union/strm> <http://www.w3.org/2000/01/rdf-schema#label> 'x'@es ."
    files = [graphs.Source("data/organizations.ttl", b""), graphs.Source("data/cases/new.ttl", thing.encode())]
    assert refused(small, *files) == []
    assert [f.rule for f in refused(small, files[1])] == ["R45"]


def test_every_file_of_the_graph_keeps_these_rules(graph: KnowledgeGraph) -> None:
    files = [file for file in graph.sources.files if file.path.startswith("data/")]
    assert files
    assert refused(graph, *files) == []


@pytest.mark.parametrize(
    "name", ["a\x1b[2J.ttl", "a\u202ettl.exe", "a\nb.ttl", "a\udc80.ttl", "data/../ontology/rrm.ttl"]
)
def test_names_that_cannot_be_shown_are_refused(name: str, small: KnowledgeGraph) -> None:
    with pytest.raises(RrmError) as caught:
        small.resident.check([graphs.Source(name, b"")])
    assert caught.value.code == "E363"
    str(caught.value).encode()


@pytest.mark.parametrize(
    "name", ["../x.ttl", "/etc/passwd.ttl", "file:///etc/passwd.ttl", "http://127.0.0.1:9/x.ttl", "data/a b>.ttl"]
)
def test_other_names_are_only_names(name: str, small: KnowledgeGraph, no_network: list[object]) -> None:
    small.resident.check([graphs.Source(name, b"<urn:x> <urn:y> 1 .")])
    assert no_network == []


def test_messages_show_hidden_characters(small: KnowledgeGraph) -> None:
    (found,) = refused(small, graphs.Source("x.ttl", (HEAD + "<urn:x> rdfs:comment 'a\\u202Eb' .").encode()))
    assert "U+202E (RIGHT-TO-LEFT OVERRIDE)" in found.message["en"]
    verdict = small.resident.check(
        [graphs.Source("x.ttl", (HEAD + "id:case\\/x a rrm:Dispute ; rdfs:label 'a\\u202Eb'@en .").encode())]
    )
    texts = [text for f in verdict.found for text in f.message.values()]
    assert any("a\\u202eb" in text for text in texts)
    assert not any("\u202e" in text for text in texts)


def test_a_recorded_case_that_is_sent_again_is_one_finding(small: KnowledgeGraph) -> None:
    recorded = (small.sources.root / "data" / "cases" / "atento.ttl").read_bytes()
    (found,) = refused(small, graphs.Source("again.ttl", recorded))
    assert (found.rule, found.focus) == ("R45", "https://w3id.org/rrm-kg/id/case/atento")
    assert re.search(r"data/cases/atento\.ttl: [1-9]\d\d things, ", found.message["en"])
    assert "envíe solo lo que se agrega" in found.message["es"]
    assert found.where is not None
    assert found.where.line > 1


def test_two_things_of_another_file_are_told_one_by_one(small: KnowledgeGraph) -> None:
    two = "id:case\\/atento rdfs:comment 'x' . id:event\\/atento-submitted rdfs:comment 'x' ."
    assert said(small, two) == {("R45", "id/case/atento"), ("R45", "id/event/atento-submitted")}
