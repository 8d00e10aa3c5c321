"""A constraint's query for one focus node, rewritten for all of them."""

from __future__ import annotations

import pytest

from rrm_kg.shacl.rewrite import set_at_a_time, unsupported, without_names

FOCUS = "FOCUS"


@pytest.mark.parametrize(
    ("select", "rewritten"),
    [
        pytest.param(
            "SELECT $this WHERE { $this ex:p ?o }",
            "SELECT ?this WHERE { FOCUS ?this ex:p ?o }",
            id="the body",
        ),
        pytest.param(
            "SELECT $this { { $this ex:p ?o } UNION { ?s ex:q ?o } ?s ex:r $this }",
            "SELECT ?this { FOCUS { FOCUS ?this ex:p ?o } UNION { ?s ex:q ?o } ?s ex:r ?this }",
            id="a group that has the focus node, and one that has not",
        ),
        pytest.param(
            "SELECT $this WHERE { { SELECT $this WHERE { $this ex:p ?o } } ?o ex:q ?x }",
            "SELECT ?this WHERE { FOCUS { SELECT ?this WHERE { FOCUS ?this ex:p ?o } } ?o ex:q ?x }",
            id="a SELECT within",
        ),
        pytest.param(
            "SELECT $this WHERE { ?s ex:p $this FILTER NOT EXISTS { $this ex:q ?o . ?o ex:r ?x } ?s ex:t ?u }",
            "SELECT ?this WHERE { FOCUS ?s ex:p ?this ?s ex:t ?u MINUS { ?this ex:q ?o . ?o ex:r ?x } }",
            id="several patterns that must be absent",
        ),
        pytest.param(
            "SELECT $this WHERE { ?s ex:p $this FILTER NOT EXISTS { $this ex:q ?o } OPTIONAL { $this ex:r ?x } }",
            "SELECT ?this WHERE { FOCUS ?s ex:p ?this FILTER NOT EXISTS { ?this ex:q ?o } OPTIONAL { ?this ex:r ?x } }",
            id="what the engine looks up for each row",
        ),
        pytest.param(
            "SELECT $this WHERE { ?s ex:p $this FILTER EXISTS { { $this ex:q ?o } UNION { $this ex:r ?o } } }",
            "SELECT ?this WHERE { FOCUS ?s ex:p ?this FILTER EXISTS { { ?this ex:q ?o } UNION { ?this ex:r ?o } } }",
            id="groups within EXISTS",
        ),
        pytest.param(
            'SELECT $this WHERE { $this ex:p "{ $this" } # { $this',
            'SELECT ?this WHERE { FOCUS ?this ex:p "{ $this" } # { $this',
            id="braces in texts and comments",
        ),
    ],
)
def test_focus_nodes_go_where_they_are_needed(select: str, rewritten: str) -> None:
    assert " ".join(set_at_a_time(select, FOCUS).split()) == rewritten


@pytest.mark.parametrize(
    ("select", "named"),
    [
        ("SELECT $this WHERE { $this ex:p ?o MINUS { $this ex:q ?o } }", "MINUS"),
        ("SELECT $this WHERE { VALUES ?o { 1 } }", "VALUES"),
        ("SELECT $this WHERE { SERVICE <urn:x> { $this ex:p ?o } }", "SERVICE"),
        ("SELECT $this WHERE { BIND(1 AS $this) }", "AS ?this"),
        ("SELECT $this WHERE { GRAPH $shapesGraph { $this a ?o } }", "$shapesGraph"),
        ("SELECT $this WHERE { { SELECT ?o WHERE { ?o ex:q ?x } } }", "SELECT without ?this"),
        ("SELECT $this WHERE { { SELECT * WHERE { FILTER($this = ex:x) } } }", "SELECT without ?this"),
        ('SELECT $this WHERE { $this ex:MINUS "VALUES { SERVICE }" # MINUS\n }', None),
    ],
)
def test_what_pre_binding_does_not_allow_is_named(select: str, named: str | None) -> None:
    assert unsupported(select) == named


@pytest.mark.parametrize(
    ("rest", "kept"),
    [
        pytest.param("", "", id="a name for the message"),
        pytest.param("BIND(STR(?xEn) AS ?t)", "", id="what a message makes of it"),
        pytest.param('FILTER(?xEn != "x")', 'OPTIONAL { ?x rdfs:label ?xEn FILTER(LANG(?xEn) = "en") }', id="in use"),
    ],
)
def test_names_that_only_a_message_needs_can_be_left_out(rest: str, kept: str) -> None:
    optional = 'OPTIONAL { ?x rdfs:label ?xEn FILTER(LANG(?xEn) = "en") }'
    select = "SELECT ?this ?xEn WHERE { ?this ex:p ?x . "
    kept += rest if kept else ""
    assert without_names(f"{select}{optional}{rest} }}") == f"{select}{kept} }}"


@pytest.mark.parametrize(
    "select",
    [
        pytest.param("SELECT ?this ?value WHERE { ?this ex:p ?x . BIND(?x AS ?value) }", id="what is found"),
        pytest.param("SELECT ?this (?x + 1 AS ?y) WHERE { ?this ex:p ?z . BIND(?z AS ?x) }", id="used in the head"),
        pytest.param("SELECT ?this ?x WHERE { ?this ex:p ?z . BIND(?z AS ?x) FILTER(?x > 1) }", id="used in a filter"),
        pytest.param("SELECT ?this ?x WHERE { ?this ex:p ?z . BIND(?z AS ?x) ?this ex:q ?x }", id="used in a pattern"),
        pytest.param("SELECT ?this ?x WHERE { ?this ex:p ?z . BIND(?z AS ?x) } GROUP BY ?this ?x", id="grouped by"),
    ],
)
def test_what_decides_about_results_stays(select: str) -> None:
    assert without_names(select) == select
