"""A constraint's query for one focus node, rewritten for all of them."""

from __future__ import annotations

import pytest

from rrm_kg.rewrite import set_at_a_time

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
            "SELECT $this WHERE { { SELECT $this WHERE { $this ex:p ?o } } { SELECT ?o { ?o ex:q ?x } } }",
            "SELECT ?this WHERE { FOCUS { SELECT ?this WHERE { FOCUS ?this ex:p ?o } } { SELECT ?o { ?o ex:q ?x } } }",
            id="a SELECT that gives the focus node, and one that does not",
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
