"""jsonld: the triples of turtle.py as one tree, with its context inside: nothing is fetched to read it."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg.reports import turtle
from rrm_kg.reports.content import Content, escaped
from rrm_kg.terms import RDF_TYPE, SH, XSD

CONTEXT: Final[dict[str, Any]] = {"sh": SH, "rep": turtle.REP, "xsd": XSD}
_RESULT: Final = "sh:result"


def render(content: Content) -> str:
    """The report as JSON-LD, its results nested in it."""
    nodes: dict[str, dict[str, Any]] = {}
    for triple in turtle.triples(content):
        name = triple.subject.value  # type: ignore[union-attr]
        node = nodes.setdefault(name, defaultdict(list, {"@id": name}))
        if triple.predicate.value == RDF_TYPE:
            node["@type"] = _short(triple.object.value)  # type: ignore[union-attr]
        else:
            node[_short(triple.predicate.value)].append(_value(triple.object))
    report, *results = nodes.values()
    if results:
        report[_RESULT] = results
    return escaped(json.dumps({"@context": CONTEXT, **report}, ensure_ascii=False, indent=1)) + "\n"


def _short(iri: str) -> str:
    """An IRI of a vocabulary as a compact IRI of the context; others stay whole."""
    for prefix, namespace in CONTEXT.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri


def _value(term: Any) -> dict[str, str]:
    if isinstance(term, ox.NamedNode):
        return {"@id": _short(term.value)}
    if isinstance(term, ox.BlankNode):
        return {"@id": f"_:{term.value}"}
    if term.language:
        return {"@value": term.value, "@language": term.language}
    if term.datatype.value == XSD + "string":
        return {"@value": term.value}
    return {"@value": term.value, "@type": _short(term.datatype.value)}
