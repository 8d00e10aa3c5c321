"""Triples as compact JSON-LD 1.1 with the terms of ontology/context.jsonld, and no remote context."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import pyoxigraph as ox
from markupsafe import Markup

from rrm_kg import jsonld
from rrm_kg.terms import BASE, RDF_TYPE, XSD

# What the graph uses beside the prefixes of the context.
_FURTHER: Final = {
    "bibo": "http://purl.org/ontology/bibo/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "oa": "http://www.w3.org/ns/oa#",
    "prov": "http://www.w3.org/ns/prov#",
    "rrmsh": f"{BASE}shapes#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "time": "http://www.w3.org/2006/time#",
    "void": "http://rdfs.org/ns/void#",
}
_STRING: Final = XSD + "string"
_LESS: Final = "\\u003c"


@dataclass(frozen=True)
class _Term:
    """A key of the context for a property: its definition, and what it says of values."""

    key: str
    definition: str | dict[str, str]
    type: str
    by_language: bool


def document(triples: Iterable[ox.Triple]) -> dict[str, Any]:
    """The JSON-LD document of triples, with the terms and prefixes that it uses in its ``@context``.

    One subject makes one node object, several make a ``@graph`` in the order of the triples.
    """
    used: dict[str, str | dict[str, str]] = {}
    subjects: dict[ox.NamedNode | ox.BlankNode, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for triple in triples:
        assert isinstance(triple.subject, (ox.NamedNode, ox.BlankNode))
        subjects[triple.subject][triple.predicate.value].append(triple.object)
    nodes = [
        {"@id": _reference(subject, used), **_members(properties, used)} for subject, properties in subjects.items()
    ]
    context = {"@version": 1.1, **{key: used[key] for key in sorted(used)}}
    return {"@context": context, **nodes[0]} if len(nodes) == 1 else {"@context": context, "@graph": nodes}


def text(triples: Iterable[ox.Triple], *, indent: int | None = None) -> str:
    """The same as text; without ``indent`` as short as it can be."""
    separators = (",", ":") if indent is None else None
    return json.dumps(document(triples), ensure_ascii=False, indent=indent, separators=separators)


def script(said: str, name: str) -> Markup:
    """JSON as a block of data in a page. ``<`` can only stand inside a string, and is escaped there."""
    return Markup(f'<script type="application/ld+json" id="{name}">') + Markup(said.replace("<", _LESS) + "</script>")


def _members(properties: dict[str, list[Any]], used: dict[str, str | dict[str, str]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for predicate, objects in properties.items():
        if predicate == RDF_TYPE and all(isinstance(term, ox.NamedNode) for term in objects):
            members["@type"] = _one_or_all([_class(term.value, used) for term in objects])
            continue
        term = _terms().get(predicate)
        fitting = [one for one in objects if term is not None and _fits(term, one)]
        if term is not None and fitting:
            used[term.key] = term.definition
            _use(term.definition if isinstance(term.definition, str) else term.definition["@id"], used)
            _use(term.type, used)
            members[term.key] = (
                _by_language(fitting) if term.by_language else _one_or_all([_short(one, term, used) for one in fitting])
            )
        others = [one for one in objects if one not in fitting]
        if others:
            members[_compacted(predicate, used)] = _one_or_all([_full(one, used) for one in others])
    return members


def _fits(term: _Term, value: Any) -> bool:
    """Whether a term can say a value in its short form."""
    if term.by_language:
        return isinstance(value, ox.Literal) and bool(value.language)
    if term.type == "@id":
        return not isinstance(value, ox.Literal)
    return not term.type or (isinstance(value, ox.Literal) and value.datatype.value == _expanded(term.type))


def _short(value: Any, term: _Term, used: dict[str, str | dict[str, str]]) -> Any:
    if term.type == "@id":
        return _reference(value, used)
    return value.value if term.type else _full(value, used)


def _full(value: Any, used: dict[str, str | dict[str, str]]) -> Any:
    if not isinstance(value, ox.Literal):
        return {"@id": _reference(value, used)}
    if value.language:
        return {"@language": value.language, "@value": value.value}
    if value.datatype.value == _STRING:
        return value.value
    return {"@type": _compacted(value.datatype.value, used), "@value": value.value}


def _by_language(values: list[ox.Literal]) -> dict[str, Any]:
    found: dict[str, list[str]] = defaultdict(list)
    for value in values:
        found[value.language or ""].append(value.value)
    return {language: _one_or_all(found[language]) for language in sorted(found)}


def _one_or_all(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _class(iri: str, used: dict[str, str | dict[str, str]]) -> str:
    term = _terms().get(iri)
    if term is None or not isinstance(term.definition, str):
        return _compacted(iri, used)
    used[term.key] = term.definition
    _use(term.definition, used)
    return term.key


def _reference(value: Any, used: dict[str, str | dict[str, str]]) -> str:
    return f"_:{value.value}" if isinstance(value, ox.BlankNode) else _compacted(value.value, used)


def _compacted(iri: str, used: dict[str, str | dict[str, str]]) -> str:
    found = _prefixed(iri)
    _use(found, used)
    return found


def _use(name: str, used: dict[str, str | dict[str, str]]) -> None:
    prefix = name.partition(":")[0]
    if prefix in prefixes():
        used[prefix] = prefixes()[prefix]


@cache
def _prefixed(iri: str) -> str:
    fitting = [(len(space), prefix, space) for prefix, space in prefixes().items() if iri.startswith(space)]
    if not fitting:
        return iri
    _, prefix, space = max(fitting)
    return f"{prefix}:{iri[len(space) :]}"


@cache
def prefixes() -> dict[str, str]:
    """The prefixes that documents may use, those of the context among them."""
    return {
        key: said for key, said in jsonld.bundled().items() if isinstance(said, str) and said.startswith("http")
    } | _FURTHER


@cache
def _terms() -> dict[str, _Term]:
    """The term of each property and class of the context."""
    found = {}
    for key, said in jsonld.bundled().items():
        if key.startswith("@") or key in prefixes():
            continue
        whole = said if isinstance(said, dict) else {"@id": said}
        found[_expanded(whole["@id"])] = _Term(
            key, said, whole.get("@type", ""), whole.get("@container") == "@language"
        )
    return found


def _expanded(name: str) -> str:
    prefix, _, rest = name.partition(":")
    return prefixes()[prefix] + rest if prefix in prefixes() else name
