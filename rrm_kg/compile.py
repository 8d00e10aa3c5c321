"""SHACL shapes as SPARQL: each constraint component of a shape becomes one query over all its focus nodes at once.

The results are those of SHACL Core and SHACL-SPARQL (W3C, 2017). A construct that is not in the table below is
refused by name, never skipped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg.errors import RrmError
from rrm_kg.terms import SH

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_SPARQL: Final = "SPARQLConstraintComponent"
_RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
_THIS: Final = re.compile(r"[$?]this\b")
_SELECT: Final = re.compile(r"SELECT\s+(?:DISTINCT\s+)?(?P<names>[^{]*?)\s*(?:WHERE\s*)?\{", re.IGNORECASE)


@dataclass(frozen=True)
class Result:
    """One validation result: the terms that SHACL reports, and a query's own variables for the message."""

    shape: ox.NamedNode
    component: str
    focus: Any
    path: Any
    value: Any
    values: dict[str, Any]


@dataclass(frozen=True)
class Check:
    """One query of a shape: its component, the path it reports, and the SPARQL that finds what fails."""

    shape: ox.NamedNode
    component: str
    path: Any
    sparql: str


class Shapes:
    """The shapes of a graph, read for compiling; ``data`` gives the classes below a class."""

    def __init__(self, shapes: ox.Store, data: ox.Store) -> None:
        self.shapes = shapes
        self.data = data

    def checks(self) -> Iterator[Check]:
        """Every query of every shape that has targets. Raises RrmError E314 for a construct that is not known."""
        for shape in self._targeted():
            yield from self._of(shape, self._focus(shape))

    def _targeted(self) -> list[Any]:
        kinds = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
        found = {q.subject for kind in kinds for q in self.shapes.quads_for_pattern(None, _sh(kind), None)}
        return sorted(found, key=str)

    def _of(self, shape: Any, focus: str) -> Iterator[Check]:
        if self.all(shape, "path"):
            yield from self._property(shape, focus)
            return
        self._refuse(shape, _NODE_TERMS)
        for constraint in self.all(shape, "sparql"):
            yield self._sparql(shape, constraint, focus)
        yield from self._core(shape, None, focus, "BIND(?this AS ?value)")
        for prop in self.all(shape, "property"):
            yield from self._property(prop, focus)

    def _property(self, shape: Any, focus: str) -> Iterator[Check]:
        self._refuse(shape, _PROPERTY_TERMS)
        (path,) = self.all(shape, "path")
        yield from self._core(shape, path, focus, f"?this {self._path(path)} ?value .")

    def _core(self, shape: Any, path: Any, focus: str, values: str) -> Iterator[Check]:
        for name, compiler in _COMPONENTS.items():
            for parameter in self.all(shape, name):
                component, sparql = compiler(self, shape, parameter, focus, values)
                yield Check(shape, component, path, sparql)

    def _refuse(self, shape: Any, known: frozenset[str]) -> None:
        for quad in self.shapes.quads_for_pattern(shape, None, None):
            name = quad.predicate.value
            if name.startswith(SH) and name.removeprefix(SH) not in known:
                raise RrmError(
                    "E314", construct=f"sh:{name.removeprefix(SH)}", shape=str(getattr(shape, "value", shape))
                )

    # Focus nodes

    def _focus(self, shape: Any) -> str:
        nodes = [str(node) for node in self.all(shape, "targetNode")]
        classes = sorted({c for t in self.all(shape, "targetClass") for c in self.below(t)})
        parts = []
        if nodes:
            parts.append(f"VALUES ?this {{ {' '.join(nodes)} }}")
        if classes:
            parts.append(f"VALUES ?targetClass {{ {' '.join(classes)} }} ?this a ?targetClass .")
        parts += [f"?this {p} ?targetObject ." for p in map(str, self.all(shape, "targetSubjectsOf"))]
        parts += [f"?targetSubject {p} ?this ." for p in map(str, self.all(shape, "targetObjectsOf"))]
        return "{ SELECT DISTINCT ?this WHERE { " + " UNION ".join(f"{{ {part} }}" for part in parts) + " } }"

    def below(self, cls: Any) -> set[str]:
        """A class and the classes below it in the data, as SPARQL terms."""
        found, open_ = {str(cls)}, [cls]
        while open_:
            for quad in self.data.quads_for_pattern(None, ox.NamedNode(_RDFS + "subClassOf"), open_.pop(), None):
                if str(quad.subject) not in found:
                    found.add(str(quad.subject))
                    open_.append(quad.subject)
        return found

    # Paths: SHACL section 2.3.1

    def _path(self, path: Any) -> str:
        if isinstance(path, ox.NamedNode):
            return str(path)
        items = self.items(path)
        if items:
            return "(" + "/".join(map(self._path, items)) + ")"
        for name, form in _PATHS.items():
            for inner in self.all(path, name):
                if name == "alternativePath":
                    return "(" + "|".join(map(self._path, self.items(inner))) + ")"
                return form.format(self._path(inner))
        raise RrmError("E314", construct="sh:path", shape=str(path))

    def items(self, head: Any) -> list[Any]:
        """The members of an RDF list."""
        items = []
        while head is not None and str(head) != f"<{_RDF}nil>":
            first = self._object(head, _RDF + "first")
            if first is None:
                break
            items.append(first)
            head = self._object(head, _RDF + "rest")
        return items

    # SPARQL constraints: SHACL section 5

    def _sparql(self, shape: Any, constraint: Any, focus: str) -> Check:
        (select,) = self.all(constraint, "select")
        prefixes = "".join(
            f"PREFIX {prefix.value}: <{namespace.value}>\n"
            for owner in self.all(constraint, "prefixes")
            for declared in self.all(owner, "declare")
            for prefix in self.all(declared, "prefix")
            for namespace in self.all(declared, "namespace")
        )
        text = _THIS.sub("?this", select.value)
        # The focus nodes go into every SELECT that gives them: the engine does not carry them inwards.
        placed = _SELECT.sub(lambda m: m[0] + f" {focus} " if "?this" in m["names"] else m[0], text)
        return Check(shape, _SPARQL, None, prefixes + placed)

    # Reading

    def all(self, node: Any, name: str) -> list[Any]:
        """The values of a property of the SHACL vocabulary, in order."""
        return sorted((q.object for q in self.shapes.quads_for_pattern(node, _sh(name), None)), key=str)

    def _object(self, node: Any, iri: str) -> Any:
        return next((q.object for q in self.shapes.quads_for_pattern(node, ox.NamedNode(iri), None)), None)

    def conditions(self, shape: Any) -> tuple[str, str]:
        """What a value must be to conform to a shape without path: a graph pattern and a filter over ?value."""
        self._refuse(shape, _VALUE_TERMS)
        pattern, filters = "", []
        for cls in self.all(shape, "class"):
            pattern += f"VALUES ?valueClass {{ {' '.join(sorted(self.below(cls)))} }} ?value a ?valueClass . "
        for name in ("languageIn", "nodeKind", "pattern", "in"):
            for parameter in self.all(shape, name):
                filters.append(_WRONG[name](self, shape, parameter))
        return pattern, " && ".join(f"!({wrong})" for wrong in filters) or "true"


def run(check: Check, data: ox.Store) -> Iterator[Result]:
    """The results of one query. Raises RrmError E403 when the engine refuses it."""
    try:
        rows = data.query(check.sparql)
    except SyntaxError as error:
        raise RrmError("E403", detail=f"{check.shape}: {error.msg}") from error
    assert isinstance(rows, ox.QuerySolutions)
    names = [variable.value for variable in rows.variables]
    for row in rows:
        values = {name: row[name] for name in names if row[name] is not None}
        path = values.pop("path", None) if check.path is None else check.path
        focus = values.pop("this", None)
        if focus is None:
            continue
        value = values.pop("value", None)
        if value is None and check.component == _SPARQL:
            value = focus  # SHACL 5.3.2: without a ?value the value node is the focus node
        yield Result(check.shape, check.component, focus, path, value, values)


def _sh(name: str) -> ox.NamedNode:
    return ox.NamedNode(SH + name)


# What makes a value wrong, as a SPARQL expression over ?value.


def _not_in_language(shapes: Shapes, shape: Any, parameter: Any) -> str:
    ranges = " || ".join(f'LANGMATCHES(LANG(?value), "{tag.value}")' for tag in shapes.items(parameter))
    return f"!(ISLITERAL(?value) && ({ranges}))"


def _not_of_kind(shapes: Shapes, shape: Any, parameter: Any) -> str:
    kind = parameter.value.removeprefix(SH)
    tests = {"IRI": "ISIRI(?value)", "BlankNode": "ISBLANK(?value)", "Literal": "ISLITERAL(?value)"}
    named = [name for name in tests if name in kind]
    return "!(" + " || ".join(tests[name] for name in named) + ")"


def _not_matching(shapes: Shapes, shape: Any, parameter: Any) -> str:
    flags = [flag.value for flag in shapes.all(shape, "flags")]
    arguments = ", ".join(str(ox.Literal(text)) for text in (parameter.value, *flags))
    return f"(ISBLANK(?value) || !REGEX(STR(?value), {arguments}))"


def _not_listed(shapes: Shapes, shape: Any, parameter: Any) -> str:
    return "!(" + " || ".join(f"SAMETERM(?value, {term})" for term in shapes.items(parameter)) + ")"


_WRONG: Final[dict[str, Callable[[Shapes, Any, Any], str]]] = {
    "languageIn": _not_in_language,
    "nodeKind": _not_of_kind,
    "pattern": _not_matching,
    "in": _not_listed,
}

# The components, as the specification lists them (section 4): each gives its name and the query of what fails.


def _filtered(name: str, component: str) -> Callable[[Shapes, Any, Any, str, str], tuple[str, str]]:
    def compile_(shapes: Shapes, shape: Any, parameter: Any, focus: str, values: str) -> tuple[str, str]:
        wrong = _WRONG[name](shapes, shape, parameter)
        return component, f"SELECT DISTINCT ?this ?value WHERE {{ {focus} {values} FILTER({wrong}) }}"

    return compile_


def _min_count(shapes: Shapes, shape: Any, parameter: Any, focus: str, values: str) -> tuple[str, str]:
    least = int(parameter.value)
    if least == 1:
        sparql = f"SELECT DISTINCT ?this WHERE {{ {focus} MINUS {{ {values} }} }}"
    else:
        sparql = (
            f"SELECT ?this WHERE {{ {focus} OPTIONAL {{ {values} }} }} "
            f"GROUP BY ?this HAVING (COUNT(DISTINCT ?value) < {least})"
        )
    return "MinCountConstraintComponent", sparql


def _max_count(shapes: Shapes, shape: Any, parameter: Any, focus: str, values: str) -> tuple[str, str]:
    return (
        "MaxCountConstraintComponent",
        f"SELECT ?this WHERE {{ {focus} {values} }} GROUP BY ?this "
        f"HAVING (COUNT(DISTINCT ?value) > {int(parameter.value)})",
    )


def _class(shapes: Shapes, shape: Any, parameter: Any, focus: str, values: str) -> tuple[str, str]:
    classes = " ".join(sorted(shapes.below(parameter)))
    return (
        "ClassConstraintComponent",
        f"SELECT DISTINCT ?this ?value WHERE {{ {focus} {values} "
        f"MINUS {{ VALUES ?valueClass {{ {classes} }} ?value a ?valueClass }} }}",
    )


def _unique_lang(shapes: Shapes, shape: Any, parameter: Any, focus: str, values: str) -> tuple[str, str]:
    return (
        "UniqueLangConstraintComponent",
        f"SELECT ?this WHERE {{ {focus} {values} BIND(LCASE(LANG(?value)) AS ?tag) FILTER(?tag != '') }} "
        f"GROUP BY ?this ?tag HAVING (COUNT(DISTINCT ?value) > 1)",
    )


def _ordered(component: str, operator: str) -> Callable[[Shapes, Any, Any, str, str], tuple[str, str]]:
    def compile_(shapes: Shapes, shape: Any, parameter: Any, focus: str, values: str) -> tuple[str, str]:
        return (
            component,
            f"SELECT DISTINCT ?this ?value WHERE {{ {focus} {values} ?this {parameter} ?other . "
            f"FILTER(!COALESCE(?value {operator} ?other, false)) }}",
        )

    return compile_


def _qualified(shapes: Shapes, shape: Any, parameter: Any, focus: str, values: str) -> tuple[str, str]:
    (inner,) = shapes.all(shape, "qualifiedValueShape")
    pattern, condition = shapes.conditions(inner)
    least = int(parameter.value)
    return (
        "QualifiedMinCountConstraintComponent",
        f"SELECT ?this WHERE {{ {focus} OPTIONAL {{ {values} {pattern}FILTER({condition}) }} }} "
        f"GROUP BY ?this HAVING (COUNT(DISTINCT ?value) < {least})",
    )


_COMPONENTS: Final[dict[str, Callable[[Shapes, Any, Any, str, str], tuple[str, str]]]] = {
    "class": _class,
    "nodeKind": _filtered("nodeKind", "NodeKindConstraintComponent"),
    "minCount": _min_count,
    "maxCount": _max_count,
    "pattern": _filtered("pattern", "PatternConstraintComponent"),
    "languageIn": _filtered("languageIn", "LanguageInConstraintComponent"),
    "uniqueLang": _unique_lang,
    "lessThan": _ordered("LessThanConstraintComponent", "<"),
    "lessThanOrEquals": _ordered("LessThanOrEqualsConstraintComponent", "<="),
    "qualifiedMinCount": _qualified,
    "in": _filtered("in", "InConstraintComponent"),
}
KNOWN: Final = frozenset({*_COMPONENTS, "sparql"})
_PATHS: Final = {
    "inversePath": "^({})",
    "alternativePath": "{}",
    "zeroOrMorePath": "({})*",
    "oneOrMorePath": "({})+",
    "zeroOrOnePath": "({})?",
}
_TALK: Final = frozenset({"name", "description", "message", "severity", "order", "group"})
_TARGETS: Final = frozenset({"targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf"})
_NODE_TERMS: Final = (
    _TALK | _TARGETS | {"sparql", "property", "class", "nodeKind", "pattern", "flags", "languageIn", "in"}
)
_PROPERTY_TERMS: Final = _TALK | _TARGETS | set(_COMPONENTS) | {"path", "flags", "qualifiedValueShape"}
_VALUE_TERMS: Final = _TALK | {"class", "languageIn", "nodeKind", "pattern", "flags", "in"}
