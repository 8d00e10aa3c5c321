"""SHACL shapes as SPARQL: each constraint component of a shape becomes one query over all its focus nodes at once.

The results are those of SHACL Core and SHACL-SPARQL (W3C, 2017). A construct that is not in the table of components
is refused by name, never skipped.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg import safety
from rrm_kg.errors import RrmError
from rrm_kg.shacl import rewrite
from rrm_kg.shacl.components import COMPONENTS, Above
from rrm_kg.terms import OWL, RDF, RDFS, SH, XSD

_SPARQL: Final = "SPARQLConstraintComponent"
SUBCLASS: Final = ox.NamedNode(RDFS + "subClassOf")
_THIS: Final = re.compile(r"[$?]this\b")


@dataclass(frozen=True)
class Result:
    """One validation result: the terms that SHACL reports, and a query's own variables for the message.

    ``said`` are the messages by language, where an engine has filled them in part; ``leaves`` the results of the
    shapes inside the shape, where the value fails one of those.
    """

    shape: str
    component: str
    focus: Any
    path: Any
    value: Any
    values: dict[str, Any]
    said: dict[str, str] | None = None
    leaves: tuple[Result, ...] = ()


@dataclass(frozen=True)
class Check:
    """One query of a shape: its component, the path it reports, and the SPARQL that finds what fails.

    ``least`` is how many values of the path a focus node has at least that fails.
    """

    shape: ox.NamedNode
    component: str
    path: Any
    sparql: str
    inside: Callable[[Any], Iterator[Check]] | None = None  # of a value that fails, the checks of the shapes inside
    least: int = 0


class Shapes:
    """The shapes of a graph, read for compiling; ``data`` gives the classes below a class.

    ``once`` says that what is queried holds each triple in one graph only, which makes for shorter queries.
    """

    def __init__(self, shapes: ox.Store, data: ox.Store, *, once: bool = False) -> None:
        self.shapes = shapes
        self.data = data
        self.once = once
        self.used = itertools.count(1)
        self.staying: set[str] = set()
        self.own_parameters = {  # of constraint components that the shapes bring
            path.value
            for quad in shapes.quads_for_pattern(None, _sh("parameter"), None)
            for path in self.all(quad.object, "path")
        }

    def checks(self) -> Iterator[Check]:
        """Every query of every shape that has targets. Raises RrmError E314 for a construct that is not known."""
        for shape in self._targeted():
            yield from self._of(shape, self._focus(shape))

    def _targeted(self) -> list[Any]:
        kinds = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
        found = {q.subject for kind in kinds for q in self.shapes.quads_for_pattern(None, _sh(kind), None)}
        for kind in ("NodeShape", "PropertyShape"):
            for quad in self.shapes.quads_for_pattern(None, ox.NamedNode(RDF + "type"), _sh(kind), None):
                if self._is_class(quad.subject):
                    found.add(quad.subject)
        return sorted(found, key=str)

    def _is_class(self, node: Any) -> bool:
        kinds = {q.object for q in self.shapes.quads_for_pattern(node, ox.NamedNode(RDF + "type"), None)}
        return bool(kinds & {ox.NamedNode(RDFS + "Class"), ox.NamedNode(OWL + "Class")})

    def _of(self, shape: Any, focus: str, depth: int = 0) -> Iterator[Check]:
        self.refuse(shape)
        if any(flag.value == "true" for flag in self.all(shape, "deactivated")):
            return
        (path,) = self.all(shape, "path") or (None,)
        values = "BIND(?this AS ?value)" if path is None else f"?this {self.path(path)} ?value ."
        if path is not None and self._may_stay(path):
            # Of a node that the graph does not have, such a path gives the node itself.
            values = f"{{ {focus} {values} }} UNION {{ {focus} BIND(?this AS ?value) }}"
        for constraint in self.all(shape, "sparql"):
            yield self._sparql(shape, constraint, focus, path)
        for name, one in COMPONENTS.items():
            for parameter in self.all(shape, name):
                inside = partial(self._inside, name, parameter) if one.inside else None
                for sparql in one.queries(self, shape, parameter, focus, values):
                    least = int(parameter.value) + 1 if name == "maxCount" else 2 if name == "uniqueLang" else 0
                    yield Check(shape, component(name), path, sparql, inside, least)
        below = focus
        if path is not None:
            outer = f"?outer{depth}"
            below = f"{{ SELECT DISTINCT ?this WHERE {{ {_THIS.sub(outer, focus)} {outer} {self.path(path)} ?this }} }}"
        for prop in self.all(shape, "property"):
            yield from self._of(prop, below, depth + 1)

    def _inside(self, name: str, parameter: Any, value: Any) -> Iterator[Check]:
        """The checks of the shapes that a component names, on one value; none for a blank node, which has no name."""
        for shape in [parameter] if name == "node" else self.items(parameter):
            if not isinstance(value, ox.BlankNode):
                yield from self._of(shape, f"VALUES ?this {{ {value} }}")

    def refuse(self, shape: Any, above: Above = ()) -> None:
        """Raise RrmError E314 for a construct of a shape that is not in the table of components."""
        if shape in above:
            raise RrmError("E314", construct="sh:node (recursive)", shape=_name(shape))
        known = _TERMS | _OF_CONSTRAINTS if shape in self.all(shape, "sparql") else _TERMS
        for quad in self.shapes.quads_for_pattern(shape, None, None):
            name = quad.predicate.value
            if name.startswith(SH) and name.removeprefix(SH) not in known:
                raise RrmError("E314", construct=f"sh:{name.removeprefix(SH)}", shape=_name(shape))
            if name in self.own_parameters:
                raise RrmError("E314", construct=f"sh:ConstraintComponent <{name}>", shape=_name(shape))

    # Focus nodes

    def _focus(self, shape: Any) -> str:
        nodes = [str(node) for node in self.all(shape, "targetNode")]
        targets = [*self.all(shape, "targetClass"), *([shape] if self._is_class(shape) else ())]
        classes = sorted({c for target in targets for c in self.below(target)})
        parts = []
        if nodes:
            parts.append(f"VALUES ?this {{ {' '.join(nodes)} }}")
        if classes and self.once and len(classes) == 1:
            parts.append(f"?this a {classes[0]} .")
        elif classes:
            parts.append(f"VALUES ?targetClass {{ {' '.join(classes)} }} ?this a ?targetClass .")
        parts += [f"?this {p} ?targetObject ." for p in map(str, self.all(shape, "targetSubjectsOf"))]
        parts += [f"?targetSubject {p} ?this ." for p in map(str, self.all(shape, "targetObjectsOf"))]
        if self.once and len(parts) == 1 and len(nodes) + len(classes) == 1:
            return parts[0]
        return "{ SELECT DISTINCT ?this WHERE { " + " UNION ".join(f"{{ {part} }}" for part in parts) + " } }"

    def below(self, cls: Any) -> set[str]:
        """A class and the classes below it in the data, as SPARQL terms."""
        found, open_ = {str(cls)}, [cls]
        while open_:
            for quad in self.data.quads_for_pattern(None, SUBCLASS, open_.pop(), None):
                if str(quad.subject) not in found:
                    found.add(str(quad.subject))
                    open_.append(quad.subject)
        return found

    # Paths: SHACL section 2.3.1

    def path(self, path: Any) -> str:
        """A path in the syntax of SPARQL property paths. Raises RrmError E314."""
        if isinstance(path, ox.NamedNode):
            return str(path)
        items = self.items(path)
        if items:
            return "(" + "/".join(map(self.path, items)) + ")"
        for name, form in _PATHS.items():
            for inner in self.all(path, name):
                if name == "alternativePath":
                    return "(" + "|".join(map(self.path, self.items(inner))) + ")"
                return form.format(self.path(inner))
        raise RrmError("E314", construct="sh:path", shape=str(path))

    def _may_stay(self, path: Any) -> bool:
        """Whether a path can lead from a node to itself without any triple."""
        if isinstance(path, ox.NamedNode):
            return False
        items = self.items(path)
        if items:
            return all(map(self._may_stay, items))
        if any(self.all(path, name) for name in ("zeroOrMorePath", "zeroOrOnePath")):
            return True
        alternatives = [one for head in self.all(path, "alternativePath") for one in self.items(head)]
        inner = [one for name in ("inversePath", "oneOrMorePath") for one in self.all(path, name)]
        return any(map(self._may_stay, (*alternatives, *inner)))

    def items(self, head: Any) -> list[Any]:
        """The members of an RDF list."""
        items = []
        while head is not None and str(head) != f"<{RDF}nil>":
            first = self._object(head, RDF + "first")
            if first is None:
                break
            items.append(first)
            head = self._object(head, RDF + "rest")
        return items

    # SPARQL constraints: SHACL section 5

    def _sparql(self, shape: Any, constraint: Any, focus: str, path: Any) -> Check:
        (select,) = self.all(constraint, "select")
        wrong = rewrite.unsupported(select.value)
        if wrong is not None:
            raise RrmError("E314", construct=f"{wrong} in sh:select", shape=_name(shape))
        used = {token["prefixed"].split(":")[0] for token in safety.TOKEN.finditer(select.value) if token["prefixed"]}
        prefixes = "".join(
            f"PREFIX {prefix.value}: <{namespace.value}>\n"
            for owner in self._importing(self.all(constraint, "prefixes"))
            for declared in self.all(owner, "declare")
            for prefix in self.all(declared, "prefix")
            for namespace in self.all(declared, "namespace")
            if prefix.value in used
        )
        text = select.value if path is None else safety.bind(select.value, {"PATH": self.path(path)})
        return Check(shape, _SPARQL, path, prefixes + rewrite.set_at_a_time(text, focus))

    def _importing(self, owners: list[Any]) -> list[Any]:
        """Those that declare prefixes, and those that they import from the same graph (SHACL 5.2.1)."""
        found = dict.fromkeys(owners)
        open_ = list(found)
        while open_:
            for quad in self.shapes.quads_for_pattern(open_.pop(), ox.NamedNode(OWL + "imports"), None):
                if quad.object not in found:
                    found[quad.object] = None
                    open_.append(quad.object)
        return sorted(found, key=str)

    # Reading

    def all(self, node: Any, name: str) -> list[Any]:
        """The values of a property of the SHACL vocabulary, in order."""
        return sorted((q.object for q in self.shapes.quads_for_pattern(node, _sh(name), None)), key=str)

    def _object(self, node: Any, iri: str) -> Any:
        return next((q.object for q in self.shapes.quads_for_pattern(node, ox.NamedNode(iri), None)), None)

    # Whether one node conforms to a shape, as an expression: for sh:node, sh:not, sh:and, sh:or, sh:xone and qualified
    # shapes. Variables are numbered, so that expressions can stand inside each other.

    def variable(self) -> str:
        """A variable that no other part of a query uses."""
        return f"?v{next(self.used)}"

    def conforms(self, shape: Any, node: str, above: Above = ()) -> str:
        """A SPARQL expression that is true where a node conforms to a shape."""
        self.refuse(shape, above)
        if self.all(shape, "sparql"):
            raise RrmError("E314", construct="sh:sparql in a nested shape", shape=_name(shape))
        if any(flag.value == "true" for flag in self.all(shape, "deactivated")):
            return "true"
        above = (*above, shape)
        paths = self.all(shape, "path")
        path = self.path(paths[0]) if paths else None
        if path is not None and self._may_stay(paths[0]):
            self.staying.add(path)
        parts = []
        for name, one in COMPONENTS.items():
            for parameter in self.all(shape, name):
                parts.append(one.holds(self, shape, parameter, node, path, above))
        for prop in self.all(shape, "property"):
            if path is None:
                parts.append(self.conforms(prop, node, above))
            else:
                value = self.variable()
                parts.append(
                    f"NOT EXISTS {{ {self.along(node, path, value)} FILTER(!({self.conforms(prop, value, above)})) }}"
                )
        return " && ".join(f"({part})" for part in parts) or "true"

    def qualifies(self, shape: Any, node: str, above: Above) -> str:
        """A SPARQL expression: a value conforms to the qualified value shape of a property shape.

        Where these are to be disjoint, it conforms to none of those of the shapes beside it (SHACL 4.7.3).
        """
        (inner,) = self.all(shape, "qualifiedValueShape")
        parts = [self.conforms(inner, node, above)]
        if any(flag.value == "true" for flag in self.all(shape, "qualifiedValueShapesDisjoint")):
            parents = [q.subject for q in self.shapes.quads_for_pattern(None, _sh("property"), shape)]
            beside = {
                other
                for parent in parents
                for sibling in self.all(parent, "property")
                for other in self.all(sibling, "qualifiedValueShape")
            }
            parts += [f"!({self.conforms(other, node, above)})" for other in sorted(beside - {inner}, key=str)]
        return " && ".join(f"({part})" for part in parts)

    def along(self, node: str, path: str, value: str) -> str:
        """The group of triple patterns from a node along a path; of a node that the graph does not have, too."""
        triples = f"{node} {path} {value} ."
        return f"{{ {triples} }} UNION {{ BIND({node} AS {value}) }}" if path in self.staying else triples

    def several(self, node: str, path: str, least: int, shape: Any = None, above: Above = ()) -> str:
        """A SPARQL expression: at least so many different values, each that a shape counts where one is given."""
        if least > _MOST:
            raise RrmError("E314", construct=f"a nested count of {least}", shape=_name(shape))
        names = [self.variable() for _ in range(least)]
        triples = " ".join(self.along(node, path, name) for name in names)
        apart = [f"!SAMETERM({a}, {b})" for i, a in enumerate(names) for b in names[i + 1 :]]
        fitting = [self.qualifies(shape, name, above) for name in names] if shape is not None else []
        return f"EXISTS {{ {triples} FILTER({' && '.join(apart + fitting) or 'true'}) }}" if least else "true"


def read(quads: Iterable[ox.Quad]) -> ox.Store:
    """The shapes that some quads are, without flags that are not written ``true`` or ``false``.

    Only the term ``true`` switches a component on (SHACL 4.5.4); a store would write ``"1"^^xsd:boolean`` as that.
    """
    store = ox.Store()
    store.extend(
        quad
        for quad in quads
        if not isinstance(quad.object, ox.Literal)
        or quad.object.datatype.value != XSD + "boolean"
        or quad.object.value in ("true", "false")
    )
    return store


def run(check: Check, data: ox.Store, variable: str = "", things: Container[Any] = ()) -> Iterator[Result]:
    """The results of one query, or those in which a variable is one of some things.

    Raises RrmError E403 when the engine refuses it.
    """
    for found in results(check, bindings(data, check.sparql, str(check.shape), variable, things)):
        inside = check.inside(found.value or found.focus) if check.inside else ()
        yield replace(found, leaves=tuple(leaf for one in inside for leaf in run(one, data))) if inside else found


def bindings(
    data: ox.Store, sparql: str, name: str, variable: str = "", things: Container[Any] = ()
) -> Iterator[dict[str, Any]]:
    """What each row of a query binds, or those rows in which a variable is one of some things.

    Raises RrmError E403 with the query's name when the engine refuses it.
    """
    try:
        rows = data.query(sparql, use_default_graph_as_union=True)
    except SyntaxError as error:
        raise RrmError("E403", detail=f"{name}: {error.msg}") from error
    assert isinstance(rows, ox.QuerySolutions)
    columns = [column.value for column in rows.variables]
    for row in rows:
        if not variable or row[variable] in things:
            yield {column: row[column] for column in columns if row[column] is not None}


def results(check: Check, rows: Iterable[dict[str, Any]]) -> Iterator[Result]:
    """The results that rows of a query are, each given as its bindings."""
    for row in rows:
        values = dict(row)
        path = values.pop("path", None) if check.path is None else check.path
        focus = values.pop("this", None)
        if focus is None:
            continue
        value = values.pop("value", None)
        if value is None and check.component == _SPARQL:
            value = focus  # SHACL 5.3.2: without a ?value the value node is the focus node
        yield Result(_name(check.shape), check.component, focus, path, value, values)


def _sh(name: str) -> ox.NamedNode:
    return ox.NamedNode(SH + name)


def _name(shape: Any) -> str:
    return str(getattr(shape, "value", shape))


def component(name: str) -> str:
    """The name of the constraint component of a parameter, as the specification forms it."""
    return f"{name[0].upper()}{name[1:]}ConstraintComponent"


KNOWN: Final = frozenset({*COMPONENTS, "sparql"})
_MOST: Final = 8
_PATHS: Final = {
    "inversePath": "^({})",
    "alternativePath": "{}",
    "zeroOrMorePath": "({})*",
    "oneOrMorePath": "({})+",
    "zeroOrOnePath": "({})?",
}
_OF_CONSTRAINTS: Final = frozenset({"select", "prefixes"})  # of a shape that is its own SPARQL constraint
_TERMS: Final = frozenset(
    {
        *KNOWN,
        *("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", "property", "path", "deactivated"),
        *("flags", "ignoredProperties", "qualifiedValueShape", "qualifiedValueShapesDisjoint"),
        *("name", "description", "message", "severity", "order", "group", "defaultValue"),
    }
)
