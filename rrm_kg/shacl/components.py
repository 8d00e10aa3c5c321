"""The constraint components of SHACL Core, each as SPARQL, in the order of the specification (W3C, 2017, section 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from rrm_kg.terms import SH, XSD

if TYPE_CHECKING:
    from rrm_kg.shacl.compile import Shapes

Above = tuple[Any, ...]
"""The shapes in which a shape stands."""
Wrong = Callable[["Shapes", Any, Any, str, Above], str]
"""Of a shape and the parameter's value, the SPARQL expression that is true of a value, a variable, which fails."""
Holds = Callable[["Shapes", Any, Any, str, str | None, Above], str]
"""The expression that is true where all values of a node, along a path where there is one, fulfil the component."""
Queries = Callable[["Shapes", Any, Any, str, str], list[str]]
"""The queries of what fails at once, of the patterns that give the focus nodes and those that give their values."""


@dataclass(frozen=True)
class Component:
    """A constraint component: the queries of what fails, and the same as an expression, for shapes inside shapes.

    ``inside`` says that the parameter names shapes of which a value fulfils too few.
    """

    queries: Queries
    holds: Holds
    inside: bool = False


_CASTS: Final = frozenset(
    XSD + name for name in ("integer", "decimal", "float", "double", "boolean", "date", "dateTime")
)
_INTEGERS: Final[dict[str, tuple[int | None, int | None]]] = {
    "byte": (-(2**7), 2**7 - 1),
    "short": (-(2**15), 2**15 - 1),
    "int": (-(2**31), 2**31 - 1),
    "long": (-(2**63), 2**63 - 1),
    "unsignedByte": (0, 2**8 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
}

# What makes a value wrong.


def _class(s: Shapes, shape: Any, parameter: Any, v: str, above: Above) -> str:
    kind = s.variable()
    return f"NOT EXISTS {{ VALUES {kind} {{ {' '.join(sorted(s.below(parameter)))} }} {v} a {kind} }}"


def _datatype(s: Shapes, shape: Any, parameter: Any, v: str, above: Above) -> str:
    fine = [f"COALESCE(DATATYPE({v}) = {parameter}, false)"]
    name = parameter.value.removeprefix(XSD)
    if parameter.value in _CASTS:  # an ill-formed literal has the datatype and is still wrong
        fine.append(f"COALESCE(ISLITERAL({parameter}(STR({v}))), false)")
    elif parameter.value.startswith(XSD) and name in _INTEGERS:
        number = f"<{XSD}integer>(STR({v}))"
        least, most = _INTEGERS[name]
        fine.append(
            f"COALESCE({number} >= {least}, false)" if least is not None else f"COALESCE(ISLITERAL({number}), false)"
        )
        fine += [f"COALESCE({number} <= {most}, false)"] if most is not None else []
    return f"!(ISLITERAL({v}) && {' && '.join(fine)})"


def _node_kind(s: Shapes, shape: Any, parameter: Any, v: str, above: Above) -> str:
    kind = parameter.value.removeprefix(SH)
    tests = {"IRI": f"ISIRI({v})", "BlankNode": f"ISBLANK({v})", "Literal": f"ISLITERAL({v})"}
    return "!(" + " || ".join(test for name, test in tests.items() if name in kind) + ")"


def _range(operator: str) -> Wrong:
    return lambda s, shape, parameter, v, above: f"!COALESCE({v} {operator} {parameter}, false)"


def _length(operator: str) -> Wrong:
    return lambda s, shape, parameter, v, above: f"(ISBLANK({v}) || STRLEN(STR({v})) {operator} {int(parameter.value)})"


def _pattern(s: Shapes, shape: Any, parameter: Any, v: str, above: Above) -> str:
    flags = [flag.value for flag in s.all(shape, "flags")]
    arguments = ", ".join(str(ox.Literal(text)) for text in (parameter.value, *flags))
    return f"(ISBLANK({v}) || !REGEX(STR({v}), {arguments}))"


def _language_in(s: Shapes, shape: Any, parameter: Any, v: str, above: Above) -> str:
    ranges = " || ".join(f'LANGMATCHES(LANG({v}), "{tag.value}")' for tag in s.items(parameter))
    return f"!(ISLITERAL({v}) && ({ranges}))"


def _in(s: Shapes, shape: Any, parameter: Any, v: str, above: Above) -> str:
    # Negations, since Virtuoso takes a disjunction of SAMETERM for false where one of them holds.
    return " && ".join(f"!SAMETERM({v}, {term})" for term in s.items(parameter)) or "true"


def _node(s: Shapes, shape: Any, parameter: Any, v: str, above: Above) -> str:
    return f"!({s.conforms(parameter, v, above)})"


def _not(s: Shapes, shape: Any, parameter: Any, v: str, above: Above) -> str:
    return s.conforms(parameter, v, above)


def _and(s: Shapes, shape: Any, parameter: Any, v: str, above: Above) -> str:
    return "!(" + " && ".join(f"({s.conforms(one, v, above)})" for one in s.items(parameter)) + ")"


def _or(s: Shapes, shape: Any, parameter: Any, v: str, above: Above) -> str:
    return "!(" + " || ".join(f"({s.conforms(one, v, above)})" for one in s.items(parameter)) + ")"


def _xone(s: Shapes, shape: Any, parameter: Any, v: str, above: Above) -> str:
    return "(" + " + ".join(f"IF({s.conforms(one, v, above)}, 1, 0)" for one in s.items(parameter)) + ") != 1"


# All values of a path together.


def _at_least(s: Shapes, shape: Any, parameter: Any, node: str, path: str | None, above: Above) -> str:
    return s.several(node, path or "", int(parameter.value))


def _at_most(s: Shapes, shape: Any, parameter: Any, node: str, path: str | None, above: Above) -> str:
    return f"!{s.several(node, path or '', int(parameter.value) + 1)}"


def _one_per_language(s: Shapes, shape: Any, parameter: Any, node: str, path: str | None, above: Above) -> str:
    if parameter.value != "true":
        return "true"
    a, b = s.variable(), s.variable()
    alike = f"!SAMETERM({a}, {b}) && LANG({a}) != '' && LCASE(LANG({a})) = LCASE(LANG({b}))"
    return f"NOT EXISTS {{ {node} {path} {a} , {b} . FILTER({alike}) }}"


def _equal(s: Shapes, shape: Any, parameter: Any, node: str, path: str | None, above: Above) -> str:
    a, b = s.variable(), s.variable()
    if path is None:
        return (
            f"EXISTS {{ {node} {parameter} {node} }} && NOT EXISTS {{ {node} {parameter} {a} FILTER({a} != {node}) }}"
        )
    there = f"NOT EXISTS {{ {node} {path} {a} FILTER NOT EXISTS {{ {node} {parameter} {a} }} }}"
    return f"{there} && NOT EXISTS {{ {node} {parameter} {b} FILTER NOT EXISTS {{ {node} {path} {b} }} }}"


def _apart(s: Shapes, shape: Any, parameter: Any, node: str, path: str | None, above: Above) -> str:
    value = s.variable() if path else node
    return f"NOT EXISTS {{ {f'{node} {path} {value} . ' if path else ''}{node} {parameter} {value} }}"


def _in_order(operator: str) -> Holds:
    def holds(s: Shapes, shape: Any, parameter: Any, node: str, path: str | None, above: Above) -> str:
        a, b = s.variable(), s.variable()
        late = f"!COALESCE({a} {operator} {b}, false)"
        return f"NOT EXISTS {{ {node} {path} {a} . {node} {parameter} {b} FILTER({late}) }}"

    return holds


def _has(s: Shapes, shape: Any, parameter: Any, node: str, path: str | None, above: Above) -> str:
    itself = f"SAMETERM({node}, {parameter})"
    if path is None:
        return itself
    there = f"EXISTS {{ {node} {path} {parameter} }}"
    return f"({itself} || {there})" if path in s.staying else there


def _nothing_else(s: Shapes, shape: Any, parameter: Any, node: str, path: str | None, above: Above) -> str:
    if parameter.value != "true":
        return "true"
    p, o = s.variable(), s.variable()
    return f"NOT EXISTS {{ {node} {p} {o} FILTER({p} NOT IN ({_allowed(s, shape)})) }}"


def _allowed(s: Shapes, shape: Any) -> str:
    named = [path for prop in s.all(shape, "property") for path in s.all(prop, "path")]
    ignored = [term for head in s.all(shape, "ignoredProperties") for term in s.items(head)]
    terms = {str(term) for term in (*named, *ignored) if isinstance(term, ox.NamedNode)}
    return ", ".join(sorted(terms))


def _qualified_least(s: Shapes, shape: Any, parameter: Any, node: str, path: str | None, above: Above) -> str:
    return s.several(node, path or "", int(parameter.value), shape, above) if _qualified(s, shape, path) else "true"


def _qualified_most(s: Shapes, shape: Any, parameter: Any, node: str, path: str | None, above: Above) -> str:
    more = (
        s.several(node, path or "", int(parameter.value) + 1, shape, above) if _qualified(s, shape, path) else "false"
    )
    return f"!{more}"


# Queries that are not a filter on each value.


def _class_query(s: Shapes, shape: Any, parameter: Any, focus: str, values: str) -> list[str]:
    # MINUS: the engine plans NOT EXISTS from the wrong side.
    classes = " ".join(sorted(s.below(parameter)))
    typed = f"MINUS {{ VALUES ?valueClass {{ {classes} }} ?value a ?valueClass }}"
    return [f"SELECT DISTINCT ?this ?value WHERE {{ {focus} {values} {typed} }}"]


def _counted(test: str, condition: Callable[[Shapes, Any], str] | None = None) -> Queries:
    def compile_(s: Shapes, shape: Any, parameter: Any, focus: str, values: str) -> list[str]:
        number = int(parameter.value)
        if condition and not _qualified(s, shape, values):
            return []
        fitting = f" FILTER({condition(s, shape)})" if condition else ""
        if test == "<" and number == 1:
            return [f"SELECT DISTINCT ?this WHERE {{ {focus} MINUS {{ {values}{fitting} }} }}"]
        optional = f"OPTIONAL {{ {values}{fitting} }}" if test == "<" else f"{values}{fitting}"
        having = f"HAVING (COUNT(DISTINCT ?value) {test} {number})"
        return [f"SELECT ?this WHERE {{ {focus} {optional} }} GROUP BY ?this {having}"]

    return compile_


def _qualified(s: Shapes, shape: Any, path: str | None) -> bool:
    """Whether a shape counts values: without a path or a shape for them, the parameters say nothing (SHACL 4.7.3)."""
    return bool(s.all(shape, "qualifiedValueShape")) and path is not None and not path.startswith("BIND")


def _qualifying(s: Shapes, shape: Any) -> str:
    return s.qualifies(shape, "?value", (shape,))


def _unique_lang(s: Shapes, shape: Any, parameter: Any, focus: str, values: str) -> list[str]:
    if parameter.value != "true":
        return []
    tagged = f"{focus} {values} BIND(LCASE(LANG(?value)) AS ?tag) FILTER(?tag != '')"
    return [f"SELECT ?this WHERE {{ {tagged} }} GROUP BY ?this ?tag HAVING (COUNT(DISTINCT ?value) > 1)"]


def _equals(s: Shapes, shape: Any, parameter: Any, focus: str, values: str) -> list[str]:
    start = "SELECT DISTINCT ?this ?value WHERE"
    if values.startswith("BIND"):
        return [
            f"{start} {{ {focus} {values} FILTER NOT EXISTS {{ ?this {parameter} ?this }} }}",
            f"{start} {{ {focus} ?this {parameter} ?value FILTER(?value != ?this) }}",
        ]
    return [
        f"{start} {{ {focus} {values} MINUS {{ ?this {parameter} ?value }} }}",
        f"{start} {{ {focus} ?this {parameter} ?value MINUS {{ {values} }} }}",
    ]


def _disjoint(s: Shapes, shape: Any, parameter: Any, focus: str, values: str) -> list[str]:
    return [f"SELECT DISTINCT ?this ?value WHERE {{ {focus} {values} ?this {parameter} ?value }}"]


def _ordered(operator: str) -> Queries:
    def compile_(s: Shapes, shape: Any, parameter: Any, focus: str, values: str) -> list[str]:
        late = f"FILTER(!COALESCE(?value {operator} ?other, false))"
        return [f"SELECT DISTINCT ?this ?value ?other WHERE {{ {focus} {values} ?this {parameter} ?other . {late} }}"]

    return compile_


def _has_value(s: Shapes, shape: Any, parameter: Any, focus: str, values: str) -> list[str]:
    if values.startswith("BIND"):
        return [f"SELECT DISTINCT ?this WHERE {{ {focus} FILTER(!SAMETERM(?this, {parameter})) }}"]
    return [f"SELECT DISTINCT ?this WHERE {{ {focus} MINUS {{ {values} FILTER(SAMETERM(?value, {parameter})) }} }}"]


def _closed(s: Shapes, shape: Any, parameter: Any, focus: str, values: str) -> list[str]:
    if parameter.value != "true":
        return []
    other = f"FILTER(?path NOT IN ({_allowed(s, shape)}))"
    return [f"SELECT DISTINCT ?this ?path ?value WHERE {{ {focus} ?this ?path ?value {other} }}"]


def _each(wrong: Wrong, *, queries: Queries | None = None, inside: bool = False) -> Component:
    """A component that judges each value by itself."""

    def filtered(s: Shapes, shape: Any, parameter: Any, focus: str, values: str) -> list[str]:
        expression = wrong(s, shape, parameter, "?value", (shape,))
        return [f"SELECT DISTINCT ?this ?value WHERE {{ {focus} {values} FILTER({expression}) }}"]

    def holds(s: Shapes, shape: Any, parameter: Any, node: str, path: str | None, above: Above) -> str:
        if path is None:
            return f"!({wrong(s, shape, parameter, node, above)})"
        value = s.variable()
        expression = wrong(s, shape, parameter, value, above)
        return f"NOT EXISTS {{ {s.along(node, path, value)} FILTER({expression}) }}"

    return Component(queries or filtered, holds, inside)


COMPONENTS: Final[dict[str, Component]] = {
    # 4.1 Value type
    "class": _each(_class, queries=_class_query),
    "datatype": _each(_datatype),
    "nodeKind": _each(_node_kind),
    # 4.2 Cardinality
    "minCount": Component(_counted("<"), _at_least),
    "maxCount": Component(_counted(">"), _at_most),
    # 4.3 Value range
    "minExclusive": _each(_range(">")),
    "minInclusive": _each(_range(">=")),
    "maxExclusive": _each(_range("<")),
    "maxInclusive": _each(_range("<=")),
    # 4.4 Strings
    "minLength": _each(_length("<")),
    "maxLength": _each(_length(">")),
    "pattern": _each(_pattern),
    "languageIn": _each(_language_in),
    "uniqueLang": Component(_unique_lang, _one_per_language),
    # 4.5 Property pairs
    "equals": Component(_equals, _equal),
    "disjoint": Component(_disjoint, _apart),
    "lessThan": Component(_ordered("<"), _in_order("<")),
    "lessThanOrEquals": Component(_ordered("<="), _in_order("<=")),
    # 4.6 Logic
    "not": _each(_not),
    "and": _each(_and, inside=True),
    "or": _each(_or, inside=True),
    "xone": _each(_xone, inside=True),
    # 4.7 Shapes
    "node": _each(_node, inside=True),
    "qualifiedMinCount": Component(_counted("<", _qualifying), _qualified_least),
    "qualifiedMaxCount": Component(_counted(">", _qualifying), _qualified_most),
    # 4.8 Other
    "closed": Component(_closed, _nothing_else),
    "hasValue": Component(_has_value, _has),
    "in": _each(_in),
}
"""By the parameter that names it."""
