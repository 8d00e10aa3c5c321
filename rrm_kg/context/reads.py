"""What a SPARQL query reads: the triple patterns that have to match together, and those tested beside them.

A check or a rule is about one thing at a time, its anchor. From these patterns follow both what of a graph the query
can see from an anchor, and which anchors a changed triple can concern.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from rrm_kg.context import conditions
from rrm_kg.context.patterns import ANYTHING, SAME, Group, Path, Pattern
from rrm_kg.errors import RrmError


def groups(query: str, anchor: str) -> tuple[Group, ...]:
    """The alternatives of a query, whose results are about the ``anchor``, a variable.

    Raises RrmError E315 for a query whose results about one anchor depend on what is found for others.
    """
    from rdflib.plugins.sparql.algebra import translateQuery
    from rdflib.plugins.sparql.parser import parseQuery

    return tuple(_plain(group, anchor) for group in _Reader(anchor).read(translateQuery(parseQuery(query)).algebra.p))


def derived(query: str) -> dict[str, bool]:
    """The predicates of the triples that a CONSTRUCT query makes: terms in their N-Triples form, and variables.

    With each goes whether it is known that all values are texts in a language.
    """
    from rdflib.plugins.sparql.algebra import translateQuery, traverse
    from rdflib.plugins.sparql.parser import parseQuery

    algebra = translateQuery(parseQuery(query)).algebra
    made: dict[Any, set[str]] = defaultdict(set)  # what gives the values of each variable

    def note(node: Any) -> None:
        kind = getattr(node, "name", "")
        if kind == "Extend":
            made[node.var].add(node.expr.name if hasattr(node.expr, "name") else "")
        for name in (name for triple in (node.triples if kind == "BGP" else ()) for name in triple):
            made[name].add("")
        for name in (name for row in (node.res if kind == "values" else ()) for name in row):
            made[name].add("")

    traverse(algebra.p, visitPost=note)
    texts: dict[str, bool] = {}
    for _, predicate, value in sorted(algebra.template):
        texts[_name(predicate)] = texts.get(_name(predicate), True) and made[value] == {"Builtin_STRLANG"}
    return texts


def _plain(group: Group, anchor: str) -> Group:
    uses = Counter(_uses(group))
    return group.renamed({name: ANYTHING for name, count in uses.items() if count == 1 and name != anchor})


def _uses(group: Group) -> Iterator[str]:
    for pattern in group.patterns:
        places = (pattern.subject, pattern.predicate, pattern.object)
        yield from (place for place in places if isinstance(place, str) and place.startswith("?"))
    yield from (name for name, _ in group.given for _ in range(2))
    yield from (name for name in group.made for _ in range(2))
    yield from (one.variable for one in group.conditions)
    yield from (name for one in group.comparisons for name in (one.left, one.right))
    for inner in (*group.absent, *group.beside):
        yield from _uses(inner)


class _Reader:
    def __init__(self, anchor: str) -> None:
        self.anchor = anchor
        self.numbers = itertools.count(1)
        self.made: dict[str, list[Any]] = {}  # the expressions that give a variable

    def _given(self, group: Group) -> dict[str, Any]:
        """The variables of a group that one expression gives, in the whole query."""
        made = {name: self.made.get(name, ()) for name in group.made}
        return {name: found[0] for name, found in made.items() if len(found) == 1}

    def read(self, node: Any) -> list[Group]:
        """The alternatives of a node of the algebra (SPARQL 1.1 Query Language, section 18)."""
        name = node.name
        if name in ("Distinct", "Reduced", "OrderBy", "ToMultiSet", "SelectQuery"):
            return self._values(node.p) if getattr(node.p, "name", "") == "values" else self.read(node.p)
        if name == "BGP":
            return [Group(tuple(_pattern(*triple) for triple in node.triples))]
        if name == "Join":
            return [a.joined(b) for a in self.read(node.p1) for b in self.read(node.p2)]
        if name == "Union":
            return self.read(node.p1) + self.read(node.p2)
        if name == "LeftJoin":
            tested = self._tested(node.expr)
            inner = [group.joined(tested) for group in self.read(node.p2)]
            return [replace(group, beside=group.beside + tuple(inner), exact=False) for group in self.read(node.p1)]
        if name == "Minus":
            absent = self.read(node.p2)
            return [replace(group, absent=group.absent + _taken_away(absent, group)) for group in self.read(node.p1)]
        if name == "Filter":
            below = self.read(node.p)
            return [group.joined(self._condition(node.expr, self._given(group))) for group in below]
        if name == "Extend":
            bound = self._bound(node.var, node.expr)
            self.made.setdefault(_name(node.var), []).append(node.expr)
            return [group.joined(bound) for group in self.read(node.p)]
        if name == "Project":
            return [self._hidden(group, {_name(v) for v in node.PV}) for group in self.read(node.p)]
        if name == "AggregateJoin":
            keys = {_name(key) for key in node.p.expr or () if not hasattr(key, "name")}
            if self.anchor not in keys:
                raise RrmError("E315", detail=f"GROUP BY without {self.anchor}")
            return [replace(group, grows=False, exact=False) for group in self.read(node.p.p)]
        raise RrmError("E315", detail=name)

    def _hidden(self, group: Group, shown: set[str]) -> Group:
        """The group with the variables that a SELECT does not give under names of their own."""
        hidden = sorted(group.variables - shown - {self.anchor})
        return group.renamed({name: f"{name}.{next(self.numbers)}" for name in hidden})

    def _values(self, node: Any) -> list[Group]:
        terms: dict[str, list[str]] = {}
        for row in node.res:
            for variable, term in row.items():
                terms.setdefault(_name(variable), []).append(_term(term))
        full = {variable: found for variable, found in terms.items() if len(found) == len(node.res)}
        given = tuple((variable, tuple(dict.fromkeys(found))) for variable, found in full.items())
        return [Group(given=given, exact=len(full) == len(terms) == 1)]  # else not every combination of terms fits

    def _bound(self, variable: Any, expression: Any) -> Group:
        from rdflib.term import Identifier, Variable

        if isinstance(expression, Variable):
            # What an aggregate gives is computed; a key of its grouping keeps its name.
            if expression.startswith("__agg"):
                return Group(made=(_name(variable),), exact=False)
            return Group((_pattern(variable, SAME, expression),), exact=False)
        if isinstance(expression, Identifier):
            return Group(given=((_name(variable), (_term(expression),)),))
        return replace(self._tested(expression), made=(_name(variable),))

    def _condition(self, expression: Any, made: dict[str, Any]) -> Group:
        found = Group()
        for part in _conjuncts(expression):
            name = getattr(part, "name", "")
            if name in ("Builtin_NOTEXISTS", "Builtin_EXISTS"):
                absent = tuple(self._pattern_of(part))
                if name == "Builtin_EXISTS":  # it must not be that all of them are absent
                    absent = (Group(absent=absent),)
                found = found.joined(Group(absent=absent))
            else:
                listed = tuple(_listed(part))
                tested, asked = self._tested(part), tuple(conditions.of(part, made))
                whole = not tested.beside and len(asked) == 1 and asked[0].is_whole
                compared = () if asked else tuple(conditions.compared(part))
                read = replace(tested, conditions=asked, comparisons=compared, exact=whole)
                found = found.joined(Group(given=listed) if listed else read)
        return found

    def _tested(self, expression: Any) -> Group:
        """The groups whose existence an expression asks for in whatever way."""
        inner = [group for test in _tests(expression) for group in self._pattern_of(test)]
        return Group(beside=tuple(inner), exact=False)

    def _pattern_of(self, test: Any) -> list[Group]:
        from rdflib.plugins.sparql.algebra import translateGroupGraphPattern

        graph = test.graph
        return self.read(translateGroupGraphPattern(graph) if graph.name == "GroupGraphPatternSub" else graph)


def _taken_away(absent: Iterable[Group], group: Group) -> tuple[Group, ...]:
    """What MINUS takes away from a group; it takes nothing where no variable is bound on both sides."""
    bound = {name for pattern in group.patterns for name in pattern.variables} | {name for name, _ in group.given}
    return tuple(one if one.variables & bound else replace(one, exact=False) for one in absent)


def _conjuncts(expression: Any) -> Iterator[Any]:
    if getattr(expression, "name", "") == "ConditionalAndExpression":
        for part in (expression.expr, *expression.other):
            yield from _conjuncts(part)
    else:
        yield expression


def _listed(expression: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The IRIs that ``?x = …`` or ``?x IN (…)`` leaves a variable."""
    from rdflib.term import URIRef, Variable

    if getattr(expression, "name", "") == "RelationalExpression" and isinstance(expression.expr, Variable):
        terms = {"=": [expression.other], "IN": expression.other}.get(expression.op, [None])
        if isinstance(terms, list) and all(isinstance(term, URIRef) for term in terms):
            yield _name(expression.expr), tuple(_term(term) for term in terms)


def _tests(expression: Any) -> Iterator[Any]:
    if getattr(expression, "name", "") in ("Builtin_EXISTS", "Builtin_NOTEXISTS"):
        yield expression
    elif isinstance(expression, dict):
        for part in expression.values():
            yield from _tests(part)
    elif isinstance(expression, (list, tuple)):
        for part in expression:
            yield from _tests(part)


def _pattern(subject: Any, predicate: Any, value: Any) -> Pattern:
    return Pattern(_name(subject), predicate if predicate == SAME else _path(predicate), _name(value))


def _name(term: Any) -> str:
    from rdflib.term import BNode, Variable

    if isinstance(term, Variable):
        return f"?{term}"
    return f"?_{term}" if isinstance(term, BNode) else _term(term)


def _term(term: Any) -> str:
    from rrm_kg import parse

    return str(parse.from_rdflib(term))


def _path(path: Any) -> Path:
    from rdflib import paths

    if isinstance(path, paths.SequencePath):
        return ("/", *map(_path, path.args))
    if isinstance(path, paths.AlternativePath):
        return ("|", *map(_path, path.args))
    if isinstance(path, paths.InvPath):
        return ("^", _path(path.arg))
    if isinstance(path, paths.MulPath):
        return (path.mod, _path(path.path))
    if isinstance(path, paths.NegatedPath):
        raise RrmError("E315", detail="!path")
    return _name(path)
