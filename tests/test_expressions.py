"""What is told of an expression without the engine is what the engine finds."""

from __future__ import annotations

from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery

from rrm_kg.context import expressions
from rrm_kg.terms import XSD

NAMES = st.sampled_from(["urn:a", "https://w3id.org/rrm-kg/id/x", "https://w3id.org/rrm-kg/code/role/chair"])
TEXTS = st.one_of(
    st.sampled_from(["", "2024-05-01", "2024-02-30", "12", "007", "a\nb", "p. 12\n", "ana@example.org", "Ñandú", "en"]),
    st.text(max_size=12),
).filter(lambda text: "\r" not in text)
TERMS: st.SearchStrategy[Any] = st.one_of(
    NAMES.map(ox.NamedNode),
    TEXTS.map(ox.Literal),
    st.builds(lambda text, tag: ox.Literal(text, language=tag), TEXTS, st.sampled_from(["en", "es", "es-MX", "fr"])),
    st.builds(
        lambda text, kind: ox.Literal(text, datatype=ox.NamedNode(XSD + kind)),
        TEXTS,
        st.sampled_from(["date", "gYear", "gYearMonth", "integer", "int", "decimal", "boolean", "anyURI", "string"]),
    ),
)
PATTERNS = ["^[0-9]{4}-[0-9]{2}$", "^$", "@|[0-9]{3}", "[A-Za-z0-9]@[A-Za-z]", "^(true|1)$", "a.b", "[^ -~]", "^p[.] "]
ATOMS = st.sampled_from(
    [
        *("ISLITERAL(?v)", "ISIRI(?v)", "ISBLANK(?v)", 'LANG(?v) = "en"', 'LANGMATCHES(LANG(?v), "es")', "?other"),
        *(f'REGEX(STR(?v), "{pattern}")' for pattern in PATTERNS),
        *(f"DATATYPE(?v) = <{XSD}{kind}>" for kind in ("string", "date", "integer", "anyURI")),
        *('STRSTARTS(STR(?v), "https:")', 'CONTAINS(STR(?v), "2")', "STRLEN(STR(?v)) > 4", "STRLEN(STR(?v)) <= 10"),
        *('STR(?v) = "12"', 'STR(?v) != "en"', "?v IN (<urn:a>, <urn:b>)", "?v NOT IN (<urn:a>)", "?v = <urn:a>"),
        *('STRLEN(REPLACE(STR(?v), "[^a-z]", "")) >= 2', 'REPLACE(STR(?v), "[0-9]+", "w") = "w"', "?v < 3", "STR(?v)"),
    ]
)
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        inner.map(lambda one: f"!({one})"),
        st.builds(lambda a, b: f"({a} && {b})", inner, inner),
        st.builds(lambda a, b: f"({a} || {b})", inner, inner),
        inner.map(lambda one: f"COALESCE({one}, false)"),
    ),
    max_leaves=6,
)


def told(expression: str, term: Any) -> Any:
    """What is told of an expression about ?v."""
    node = translateQuery(parseQuery(f"SELECT * WHERE {{ ?s ?p ?v FILTER({expression}) }}")).algebra.p.p
    written = expressions.written(node.expr, "?v", {})
    return None if written is None else expressions.compiled(written)(term)


def held(expression: str, term: Any) -> bool:
    """Whether the engine lets a term, put into a store, pass."""
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), term))
    answer = store.query(f"SELECT ?v WHERE {{ ?s ?p ?v FILTER({expression}) }}")
    assert isinstance(answer, ox.QuerySolutions)
    return len(list(answer)) == 1


@settings(max_examples=200, deadline=None)
@given(EXPRESSIONS, TERMS)
def test_what_is_told_is_what_the_engine_finds(expression: str, term: Any) -> None:
    value = told(expression, term)
    if isinstance(value, bool):
        assert value is held(expression, term)


@pytest.mark.parametrize(
    ("expression", "term", "value"),
    [
        ('REGEX(STR(?v), "^[0-9]{4}$")', ox.Literal("2024"), True),
        ('REGEX(STR(?v), "^[0-9]{4}$")', ox.Literal("2024\n"), False),  # the end of the text alone is the end
        ('REGEX(STR(?v), "^[0-9]{4}$")', ox.Literal("007", datatype=ox.NamedNode(XSD + "integer")), None),
        ('REGEX(STR(?v), "(a+)+b")', ox.Literal("c"), None),  # could take Python a long time
        ('REGEX(STR(?v), "a", "i")', ox.Literal("A"), None),
        ('REGEX(STR(?v), "^[$]")', ox.Literal("$"), None),
        ('REGEX(STR(?v), "a**")', ox.Literal("a"), None),
        ("ISLITERAL(?v) && ?other", ox.NamedNode("urn:a"), False),
        ("ISLITERAL(?v) || ?other", ox.NamedNode("urn:a"), None),
        (
            "DATATYPE(?v) = <http://www.w3.org/2001/XMLSchema#int>",
            ox.Literal("5", datatype=ox.NamedNode(XSD + "int")),
            None,
        ),
    ],
)
def test_what_is_not_certain_is_not_told(expression: str, term: Any, value: bool | None) -> None:
    assert told(expression, term) is value
