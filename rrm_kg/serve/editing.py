"""What the editor shows, in the process that holds the graph: its page, and what it completes with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg import questions, safety
from rrm_kg.pipeline import KnowledgeGraph
from rrm_kg.publish import pages
from rrm_kg.publish.words import say
from rrm_kg.serve import ask
from rrm_kg.terms import PREFIXES, RRM

FORMS: Final = ("csv-excel", "csv", "tsv", "json", "xml", "turtle", "ntriples", "rdfxml", "jsonld")
SAID: Final = ("running", "answered", "failed", "stopped", "chosen", "size", "row")
_CLASSES: Final = "SELECT DISTINCT ?term { { ?term a owl:Class } UNION { ?thing a ?term } FILTER(ISIRI(?term)) }"
_PROPERTIES: Final = """SELECT DISTINCT ?term {
  { ?thing ?term ?value } UNION { ?term a owl:ObjectProperty } UNION { ?term a owl:DatatypeProperty }
  FILTER(ISIRI(?term)) }"""
_START: Final = """PREFIX rrm: <{rrm}>
SELECT ?case ?name WHERE {{
  ?case a rrm:Dispute ; rrm:displayLabel ?name .
  FILTER(LANG(?name) = "{lang}")
}}
ORDER BY ?name
LIMIT 100"""


def page(graph: KnowledgeGraph, head: Mapping[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    """The page, with a query in its field.

    ``head``: ``id`` of a question or the ``text`` of a query, ``lang``, ``release``, the ``limits`` of a query, and
    whether YASGUI is there (``rich``). Raises RrmError E201 for a question that the catalogue does not have.
    """
    lang = head["lang"]
    asked = questions.catalogue(graph.sources.root)
    text = head["text"] or _START.format(lang=lang, rrm=RRM)
    if head["id"]:
        text = _query(graph, questions.find(graph.sources.root, head["id"]), lang)
    found = pages.page(
        ask.site_of(graph, head["release"]),
        "editor.html.jinja",
        "query",
        lang,
        say("editor-title", lang),
        say("editor-about", lang),
        rich=head["rich"],
        text=text,
        given=bool(head["id"] or head["text"]),
        forms=FORMS,
        questions=asked,
        limits=head["limits"],
        script_words={key: say(f"editor-say-{key}", lang, seconds="{seconds}") for key in SAID},
    )
    return {"status": 200}, found.data


def data(graph: KnowledgeGraph, head: Mapping[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    """Prefixes, classes and properties of the ontology and the data, and the query of each question, as JSON."""
    tree = {
        "prefixes": PREFIXES,
        "classes": _terms(graph, _CLASSES),
        "properties": _terms(graph, _PROPERTIES),
        "queries": {one.id: _query(graph, one, head["lang"]) for one in questions.catalogue(graph.sources.root)},
    }
    return {"status": 200}, json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _terms(graph: KnowledgeGraph, query: str) -> list[str]:
    found = graph.store.query(query, prefixes=PREFIXES, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    return sorted(row["term"].value for row in found if isinstance(row["term"], ox.NamedNode))


def _query(graph: KnowledgeGraph, one: questions.Question, lang: str) -> str:
    """The query of a question with its defaults filled in, without the header."""
    bound = one.bind({}, lang, graph.store)
    text = safety.bind(one.query, {name: str(term) for name, term in bound.items()})
    return "\n".join(line for line in text.splitlines() if not line.startswith("#+")).strip()
