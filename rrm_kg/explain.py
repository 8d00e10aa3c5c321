"""Why a triple is there: the rules and the written triples that it rests on.

The rules are those that made it: the derivation rules in ontology/rules/, and the table of entailment rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg.infer import Rule, rules
from rrm_kg.owl import closure, entailment
from rrm_kg.owl.entailment import FALSE, MEMBER
from rrm_kg.terms import DERIVED, INFERRED, RDF, expand

MAX_DEPTH: Final = 12


@dataclass(frozen=True)
class Step:
    """One step of an explanation: a triple, the rule it follows by, and the steps it rests on.

    ``rule`` is None for a triple that was written; ``graph`` then says in which named graph.
    """

    triple: ox.Triple
    rule: str | None
    premises: tuple[Step, ...]
    graph: str | None = None


def explain(store: ox.Store, triple: ox.Triple, root: Path | None = None) -> Step | None:
    """The shortest reason for a triple: written, derived by a rule of ours, or by OWL 2 RL; None when it is not there.

    The depth of the search grows until a reason is found, so a reason never rests on itself.
    """
    if not list(store.quads_for_pattern(triple.subject, triple.predicate, triple.object)):
        return None
    for published in (True, False):
        search = _Explainer(store, ox.Store() if published else _unpublished(store), root)
        for depth in range(MAX_DEPTH + 1):
            found = search.prove(triple, depth, frozenset())
            if found is not None:
                return found
    return None


def _unpublished(store: ox.Store) -> ox.Store:
    """What follows and is not published, such as membership of a class without a name."""
    closed = closure.Materialization(closure.reached(store))
    inferred = ox.NamedNode(INFERRED)
    found = ox.Store()
    found.extend(
        ox.Quad(*triple, inferred)
        for triple in closed.inferred(every=True)
        if not isinstance(triple[0], ox.Literal) and isinstance(triple[1], ox.NamedNode)
    )
    return found


class _Explainer:
    def __init__(self, store: ox.Store, unpublished: ox.Store, root: Path | None) -> None:
        self.store = store
        self.unpublished = unpublished
        self.root = root
        self.dead: set[tuple[ox.Triple, int]] = set()
        self.seen: dict[tuple[Any, ...], list[tuple[ox.Triple, ...]]] = {}
        self.rules = [
            (name, premises, conclusion)
            for name, premises, conclusion in entailment.rules(self._longest())
            if conclusion != FALSE and all(self._occurs(premise.split()) for premise in premises)
        ]

    def prove(self, triple: ox.Triple, depth: int, above: frozenset[ox.Triple]) -> Step | None:
        graphs_of = {quad.graph_name for quad in self._quads(triple.subject, triple.predicate, triple.object)}
        written = sorted(
            g.value for g in graphs_of if isinstance(g, ox.NamedNode) and not g.value.startswith((DERIVED, INFERRED))
        )
        if written:
            return Step(triple, None, (), written[0])
        if depth == 0 or triple in above:
            return None
        if (triple, depth) in self.dead:
            return None
        if any(isinstance(g, ox.NamedNode) and g.value.startswith(DERIVED) for g in graphs_of):
            found = self._by_derivation(triple, depth, above)
            if found is not None:
                return found
        for name, premises, conclusion in self.rules:
            for bound in self._matches(premises, conclusion, triple):
                steps = self._prove_all(bound, depth - 1, above | {triple})
                if steps is not None:
                    return Step(triple, name, steps)
        if not above:
            self.dead.add((triple, depth))
        return None

    def _quads(self, *terms: Any) -> Iterator[ox.Quad]:
        for store in (self.store, self.unpublished):
            yield from store.quads_for_pattern(*terms)

    def _occurs(self, pattern: list[str]) -> bool:
        """Whether the constants of a premise are met in any triple at all."""
        constants = [None if part.startswith("?") or part == MEMBER else _named(part) for part in pattern]
        return next(self._quads(*constants), None) is not None

    def _longest(self) -> int:
        heads = (quad.object for name in entailment.LISTED for quad in self._quads(None, _named(name), None))
        return max((len(list(self._members(head))) for head in heads), default=0)

    def _members(self, head: Any) -> Iterator[tuple[ox.Triple, ...]]:
        """For each member of an RDF list, the triples that lead to it."""
        path: tuple[ox.Triple, ...] = ()
        while not isinstance(head, ox.Literal) and head not in {triple.subject for triple in path}:
            for quad in self._quads(head, ox.NamedNode(RDF + "first"), None):
                yield (*path, quad.triple)
            rest = next(self._quads(head, ox.NamedNode(RDF + "rest"), None), None)
            if rest is None:
                return
            path, head = (*path, rest.triple), rest.object

    def _prove_all(
        self, triples: tuple[ox.Triple, ...], depth: int, above: frozenset[ox.Triple]
    ) -> tuple[Step, ...] | None:
        steps = []
        for triple in triples:
            step = self.prove(triple, depth, above)
            if step is None:
                return None
            steps.append(step)
        return tuple(steps)

    def _matches(
        self, premises: tuple[str, ...], conclusion: str, triple: ox.Triple
    ) -> Iterator[tuple[ox.Triple, ...]]:
        bindings: dict[str, Any] = {}
        for part, term in zip(conclusion.split(), (triple.subject, triple.predicate, triple.object), strict=True):
            if (bindings.setdefault(part, term) if part.startswith("?") else _named(part)) != term:
                return
        yield from self._solve(tuple(tuple(p.split()) for p in premises), bindings)

    def _solve(
        self, patterns: tuple[tuple[str, ...], ...], bindings: dict[str, Any]
    ) -> Iterator[tuple[ox.Triple, ...]]:
        if not patterns:
            yield ()
            return
        first, rest = patterns[0], patterns[1:]
        for triples in self._found(first, bindings):
            more = dict(bindings)
            values = (bindings.get(first[0], triples[-1].subject), triples[-1].predicate, triples[-1].object)
            if all(not t.startswith("?") or more.setdefault(t, v) == v for t, v in zip(first, values, strict=True)):
                for tail in self._solve(rest, more):
                    yield (*triples, *tail)

    def _found(self, pattern: tuple[str, ...], bindings: dict[str, Any]) -> list[tuple[ox.Triple, ...]]:
        """The ways to meet a premise: one triple each, or the triples that lead to a member of a list."""
        if pattern[1] == MEMBER:
            return list(self._members(bindings[pattern[0]]))
        s, p, o = (bindings.get(t) if t.startswith("?") else _named(t) for t in pattern)
        if isinstance(s, ox.Literal) or not isinstance(p, ox.NamedNode | None):
            return []
        found = self.seen.get((s, p, o))
        if found is None:
            found = [(triple,) for triple in sorted({quad.triple for quad in self._quads(s, p, o)}, key=str)]
            self.seen[s, p, o] = found
        return found

    def _by_derivation(self, triple: ox.Triple, depth: int, above: frozenset[ox.Triple]) -> Step | None:
        for rule in rules(self.root):
            for template in _templates(rule.query):
                bindings: dict[ox.Variable, Any] = {}
                for part, term in zip(template, (triple.subject, triple.predicate, triple.object), strict=True):
                    if part.startswith("?"):
                        bindings[ox.Variable(part[1:])] = term
                    elif _named(part) != term:
                        break
                else:
                    for bound in self._rule_matches(rule, bindings):
                        steps = self._prove_all(bound, depth - 1, above | {triple})
                        if steps is not None:
                            return Step(triple, rule.name, steps)
        return None

    def _rule_matches(self, rule: Rule, bindings: dict[ox.Variable, Any]) -> Iterator[tuple[ox.Triple, ...]]:
        start = rule.query.index("CONSTRUCT")
        where = rule.query.index("WHERE", start)
        select = rule.query[:start] + "SELECT * " + rule.query[where:]
        solutions = self.store.query(select, use_default_graph_as_union=True)
        assert isinstance(solutions, ox.QuerySolutions)
        for solution in solutions:
            if any(solution[name.value] != value for name, value in bindings.items()):
                continue
            terms = []
            for pattern in rule.premises:
                triple = [solution[t[1:]] if t.startswith("?") else _named(t) for t in pattern]
                if None not in triple and not isinstance(triple[0], ox.Literal):
                    terms.append(ox.Triple(*triple))
            if terms:
                yield tuple(terms)


def _templates(query: str) -> tuple[tuple[str, str, str], ...]:
    head = query[query.index("{", query.index("CONSTRUCT")) + 1 : query.index("}")]
    triples: list[tuple[str, str, str]] = []
    subject = ""
    for part in head.split(";"):
        words = part.split()
        if len(words) == 3:
            subject = words[0]
        triples.append((subject, words[-2], words[-1]))
    return tuple(triples)


def _named(name: str) -> ox.NamedNode:
    iri = expand(name)
    assert iri is not None
    return ox.NamedNode(iri)
