"""Names that are made of names wait until somebody asks for them, unless a check or a rule may see one."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from rrm_kg import KnowledgeGraph, infer, open_graph
from rrm_kg import graph as graphs
from rrm_kg.context import reads
from rrm_kg.context.late import Late, Waiting, late
from rrm_kg.context.sights import Sight, sight
from rrm_kg.context.view import Neighbours, Stages, View, statement

NAME = ox.NamedNode("urn:name")
KNOWN = (
    "<urn:name> a <http://www.w3.org/2002/07/owl#AnnotationProperty> ; <urn:known> true . "
    "<urn:p> a <urn:Link> ; <urn:range> <urn:C> . <urn:c> <urn:says> <urn:p> ."
)
OF_NAMES = (
    "CONSTRUCT { ?this <urn:name> ?n } WHERE { ?this <urn:part>/<urn:name> ?m BIND(STRLANG(STR(?m), LANG(?m)) AS ?n) }"
)
OF_TEXTS = "CONSTRUCT { ?this <urn:name> ?n } WHERE { ?this <urn:text> ?m BIND(STRLANG(STR(?m), 'en') AS ?n) }"
UNTAGGED = "CONSTRUCT { ?this <urn:name> ?n } WHERE { ?this <urn:part>/<urn:name> ?m BIND(STR(?m) AS ?n) }"
MORE = (
    "CONSTRUCT { ?this <urn:name> ?n ; <urn:size> 1 } "
    "WHERE { ?this <urn:part>/<urn:name> ?m BIND(STRLANG(STR(?m), LANG(?m)) AS ?n) }"
)


def sights(where: str) -> list[Sight]:
    return [sight(group, "?this") for group in reads.groups(f"SELECT * WHERE {{ {where} }}", "?this")]


def found(*rules: str, check: str = "?this a <urn:C>", known: str = KNOWN) -> tuple[Late, Neighbours]:
    """What can wait of some rules, by number, beside a check."""
    store = ox.Store()
    store.load(known.encode(), format=ox.RdfFormat.TURTLE)
    base = Neighbours(store, Stages(()))
    seen = {str(n): [sight(group, "?this") for group in reads.groups(rule, "?this")] for n, rule in enumerate(rules)}
    derived = {str(n): reads.derived(rule) for n, rule in enumerate(rules)}
    return late(NAME, seen, derived, [sights(check)], base), base


def waiting(*rules: str, check: str = "?this a <urn:C>", known: str = KNOWN) -> set[int]:
    """The rules, by number, that can wait beside a check."""
    return set(map(int, found(*rules, check=check, known=known)[0].rules))


def test_rules_wait_that_make_nothing_but_names_of_names() -> None:
    assert waiting(OF_NAMES, OF_TEXTS, UNTAGGED, MORE) == {0}


def test_what_an_axiom_may_be_about_does_not_wait() -> None:
    assert waiting(OF_NAMES, known="<urn:name> a <http://www.w3.org/2002/07/owl#DatatypeProperty> .") == set()


@pytest.mark.parametrize(
    ("check", "waits"),
    [
        ("?this <urn:name> ?text", False),
        ("?this <urn:part>/<urn:name> ?text", False),
        ("?this <urn:part> ?part FILTER NOT EXISTS { ?part <urn:name> ?text }", False),
        ("?this ?p ?text FILTER(isLiteral(?text))", False),
        ("?this ?p ?text FILTER(isLiteral(?text) && ?p != <urn:name>)", True),
        ("?this ?p ?text FILTER(isLiteral(?text) && ?p != <urn:other>)", False),
        ("?this ?p ?other FILTER(isIRI(?other))", True),
        ("?this ?p ?day FILTER(DATATYPE(?day) = <http://www.w3.org/2001/XMLSchema#date>)", True),
        ("?this ?p ?other . ?other a <urn:C>", True),  # a text is no subject
        ("?this ?p ?any . ?p a <urn:Link>", True),  # the graph says what it is
        ("?this ?p ?any . ?p <urn:known> true", False),
        ("?this ?p ?any FILTER NOT EXISTS { ?p <urn:known> ?known }", True),
        ("?this ?p ?any FILTER NOT EXISTS { ?p <urn:range> ?known }", False),
        ("?this ?p ?any . <urn:c> <urn:says> ?p", True),
        ("?this ?p ?any . <urn:c> a ?p", True),
        ("VALUES ?p { <urn:part> <urn:name> } ?this ?p ?any", False),
        ("VALUES ?p { <urn:part> <urn:text> } ?this ?p ?any", True),
        ("?this ?p ?any", True),  # what the name is made of is there too
    ],
)
def test_nothing_waits_that_a_check_sees(check: str, waits: bool) -> None:
    assert (waiting(OF_NAMES, check=check) == {0}) is waits


@pytest.mark.parametrize(
    ("reading", "added", "reads_it"),
    [
        ("?this <urn:of> ?x . ?x <urn:name> ?n", "<urn:k> <urn:of> <urn:new> .", True),
        ("?this <urn:of>/<urn:name> ?n", "<urn:k> <urn:of> <urn:new> .", True),
        ("?this <urn:of> ?x . ?x <urn:name> ?n", "<urn:k> <urn:of> <urn:other> .", False),
        ("?this <urn:of> ?x . ?x <urn:name> ?n ; a <urn:C>", "<urn:k> <urn:of> <urn:new> .", False),
        ("?this <urn:of>*/<urn:name> ?n", "", True),
        ("?this ?any ?n", "", True),
        ("?this <urn:of> ?x . ?x <urn:text> ?n", "<urn:k> <urn:of> <urn:new> .", False),
    ],
)
def test_before_a_rule_runs_that_may_read_a_name_it_is_derived(reading: str, added: str, reads_it: bool) -> None:
    reader = f"CONSTRUCT {{ ?this <urn:read> ?n }} WHERE {{ {reading} }}"
    rules, base = found(OF_NAMES, reader)
    view = View(base)
    turtle = "<urn:new> <urn:part> <urn:c> . " + added
    view.advance(set(map(statement, ox.parse(turtle.encode(), format=ox.RdfFormat.TURTLE))), set())
    names = ox.Quad(ox.NamedNode("urn:new"), NAME, ox.Literal("N", language="en"))
    names_wait = Waiting(rules, view, lambda asked: {statement(names)} if asked == {"0"} else set())
    assert not names_wait.is_read_by("1")
    assert names_wait.takes("0", {ox.NamedNode("urn:new")})
    assert names_wait.is_read_by("1") is reads_it
    names_wait.asked(ox.NamedNode("urn:c"), None)
    names_wait.asked(ox.NamedNode("urn:new"), ox.NamedNode("urn:part"))
    assert names.triple not in {ox.Triple(*triple) for triple in view.added}
    names_wait.asked(ox.NamedNode("urn:new"), None)
    assert names.triple in {ox.Triple(*triple) for triple in view.added}
    assert not names_wait.is_read_by("1")
    assert not names_wait.takes("0", {ox.NamedNode("urn:new")})


HEAD = """@prefix rrm: <https://w3id.org/rrm-kg/ontology#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix id: <https://w3id.org/rrm-kg/id/> .
@prefix step: <https://w3id.org/rrm-kg/code/step-31a/> . @prefix standing: <https://w3id.org/rrm-kg/code/standing/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<https://w3id.org/rrm-kg/id/case/new> a rrm:Dispute ; rdfs:label "New"@en , "Nuevo"@es ;
    rrm:mechanism <https://w3id.org/rrm-kg/id/mechanism/rrm-31a> .
"""
EVENT = (
    "<https://w3id.org/rrm-kg/id/event/new-1> a rrm:ProcedureEvent ; rrm:step step:review-requested ; "
    "rrm:inDispute <https://w3id.org/rrm-kg/id/case/new> ."
)
ASSERTION = (
    "<https://w3id.org/rrm-kg/id/assertion/new-1> a rrm:Assertion ; "
    "rrm:about <https://w3id.org/rrm-kg/id/event/new-1> ;"
    ' rrm:property rrm:date ; rrm:value "2024-01-01"^^xsd:date ; rrm:standing standing:disputed .'
)


@pytest.fixture(scope="module")
def small(small_root: Path, cache_folder: Path) -> KnowledgeGraph:
    return open_graph(small_root, cache_folder=cache_folder)


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The rules that were asked, in their order."""
    names: list[str] = []
    derive = infer.Rule.derive

    def noted(self: infer.Rule, store: ox.Store) -> list[ox.Triple]:
        names.append(self.name)
        return list(derive(self, store))

    monkeypatch.setattr(infer.Rule, "derive", noted)
    return names


def test_names_that_nobody_asks_for_are_not_derived(small: KnowledgeGraph, ran: list[str]) -> None:
    number = (
        "<https://w3id.org/rrm-kg/id/identifier/new-1> a rrm:Identifier ; skos:notation 'MEX-USA-2024-31A-99' ; "
        "rrm:identifierScheme <https://w3id.org/rrm-kg/code/identifier-scheme/secretariat-file> ; "
        "rrm:inDispute <https://w3id.org/rrm-kg/id/case/new> ; "
        "rrm:evidence <https://w3id.org/rrm-kg/id/evidence/atento-ustr2025-for-us> ."
    )
    verdict = small.resident.check([graphs.Source("new.ttl", (HEAD + number).encode())])
    assert {f.focus for f in verdict.found} == {"https://w3id.org/rrm-kg/id/case/new"}
    assert "03-names" in ran
    assert "04-record-names" not in ran


def test_names_that_a_message_needs_are_those_of_the_whole_graph(small: KnowledgeGraph, ran: list[str]) -> None:
    file = graphs.Source("new.ttl", (HEAD + EVENT + ASSERTION).encode())
    verdict = small.resident.check([file])
    assert {"04-record-names", "06-report-names"} <= set(ran)
    sources = small.sources.changed([file])
    written = list(graphs.load(sources.content))
    store = ox.Store()
    store.extend([*written, *infer.derive(written, sources.root)])
    named = {f.message["es"] for f in verdict.found if f.focus.endswith("assertion/new-1")}
    query = "SELECT ?n { <%s> <https://w3id.org/rrm-kg/ontology#displayLabel> ?n FILTER(LANG(?n) = 'es') }"
    names = [
        row["n"].value
        for row in store.query(query % "https://w3id.org/rrm-kg/id/assertion/new-1", use_default_graph_as_union=True)
    ]
    assert len(names) == 1
    assert any(names[0] in message for message in named)
