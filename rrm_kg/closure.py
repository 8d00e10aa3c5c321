"""The OWL 2 RL closure by a worklist: each new triple is joined with what is there, and nothing is joined twice.

Terms are numbered, so that triples are tuples of small integers. The rules are given by the
caller; an axiom that they do not reach is named, so that the reference engine can be asked instead.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg.errors import RrmError
from rrm_kg.terms import OWL, RDF, expand

Rule = tuple[str, tuple[str, ...], str]
Pattern = tuple[int | str, int | str, int | str]

# OWL terms that say nothing to these rules, or that the rules reach. Any other is an axiom that is not known.
_KNOWN: Final = frozenset(
    OWL + name
    for name in (
        *("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "Ontology", "NamedIndividual"),
        *("Thing", "SymmetricProperty", "TransitiveProperty", "inverseOf", "equivalentClass", "equivalentProperty"),
        *("propertyChainAxiom", "disjointWith", "sameAs", "imports", "versionIRI", "versionInfo", "deprecated"),
        *("priorVersion", "backwardCompatibleWith", "incompatibleWith"),
    )
)


def unknown(triples: Iterable[tuple[Any, Any, Any]]) -> str | None:
    """The first OWL term in some triples that the rules do not know, or None."""
    found = {
        term.value
        for triple in triples
        for term in triple
        if isinstance(term, ox.NamedNode) and term.value.startswith(OWL) and term.value not in _KNOWN
    }
    return min(found, default=None)


def close(
    triples: Iterable[tuple[Any, Any, Any]], rules: tuple[Rule, ...], *, limit: int, seconds: float
) -> tuple[set[tuple[Any, Any, Any]], list[str]]:
    """The triples that follow by some rules, without those given, and the contradictions among disjoint classes.

    Raises RrmError E309 past a limit of triples or seconds.
    """
    engine = _Engine(rules, limit, time.monotonic() + seconds, seconds)
    given = {engine.number(triple) for triple in triples}
    engine.add(sorted(given))
    terms = engine.terms
    new = {(terms[s], terms[p], terms[o]) for s, p, o in engine.all - given}
    return new, engine.contradictions()


class _Engine:
    def __init__(self, rules: tuple[Rule, ...], limit: int, deadline: float, seconds: float) -> None:
        self.limit, self.deadline, self.seconds = limit, deadline, seconds
        self.terms: list[Any] = []
        self.ids: dict[str, int] = {}
        self.all: set[tuple[int, int, int]] = set()
        self.of: dict[int, list[tuple[int, int]]] = defaultdict(list)  # predicate -> subject, object
        self.objects: dict[tuple[int, int], list[int]] = defaultdict(list)  # predicate, subject -> objects
        self.subjects: dict[tuple[int, int], list[int]] = defaultdict(list)  # predicate, object -> subjects
        # For each premise that a triple may match, the other premises and the conclusion; by predicate if it is fixed.
        self.starts: dict[int, list[tuple[Pattern, tuple[Pattern, ...], Pattern]]] = defaultdict(list)
        # Where it is not, the rule is about a property, and another premise says what holds of that property.
        self.free: list[tuple[Pattern, tuple[Pattern, ...], Pattern, int, bool]] = []
        for _, premises, conclusion in rules:
            patterns = [self._pattern(premise) for premise in premises]
            for index, start in enumerate(patterns):
                rest = tuple(patterns[:index] + patterns[index + 1 :])
                result = self._pattern(conclusion)
                if isinstance(start[1], int):
                    self.starts[start[1]].append((start, rest, result))
                    continue
                said = next(p for p in rest if isinstance(p[1], int) and start[1] in (p[0], p[2]))
                self.free.append((start, rest, result, int(said[1]), said[0] == start[1]))

    def number(self, triple: tuple[Any, Any, Any]) -> tuple[int, int, int]:
        s, p, o = (self._id(term) for term in triple)
        return s, p, o

    def _id(self, term: Any) -> int:
        text = str(term)
        found = self.ids.get(text)
        if found is None:
            found = self.ids[text] = len(self.terms)
            self.terms.append(term)
        return found

    def _pattern(self, text: str) -> Pattern:
        s, p, o = (part if part.startswith("?") else self._id(ox.NamedNode(_full(part))) for part in text.split())
        return s, p, o

    def add(self, triples: list[tuple[int, int, int]]) -> None:
        work = triples
        while work:
            triple = work.pop()
            if triple in self.all:
                continue
            self.all.add(triple)
            s, p, o = triple
            self.of[p].append((s, o))
            self.objects[p, s].append(o)
            self.subjects[p, o].append(s)
            if len(self.all) > self.limit:
                raise RrmError("E309", detail=f"{self.limit:,} triples")
            if time.monotonic() > self.deadline:
                raise RrmError("E309", detail=f"{self.seconds:g} s")
            for start, rest, conclusion in self.starts.get(p, ()):
                bound: dict[str, int] = {}
                if _bind(bound, start, triple):
                    self._join(rest, bound, conclusion, work)
            for start, rest, conclusion, said, of_subject in self.free:
                if (self.objects if of_subject else self.subjects).get((said, p)):
                    bound = {}
                    if _bind(bound, start, triple):
                        self._join(rest, bound, conclusion, work)

    def _join(
        self, rest: tuple[Pattern, ...], bound: dict[str, int], conclusion: Pattern, work: list[tuple[int, int, int]]
    ) -> None:
        if not rest:
            new = _filled(conclusion, bound)
            if new not in self.all:
                work.append(new)
            return
        # The premise with the most that is known; its predicate always is, by then.
        best = max(rest, key=lambda pattern: _known(pattern, bound))
        others = tuple(pattern for pattern in rest if pattern is not best)
        s, p, o = (bound.get(t) if isinstance(t, str) else t for t in best)
        if p is None:
            return  # no rule of ours leaves a property open that no other premise names
        if s is not None and o is not None:
            found = [(s, p, o)] if (s, p, o) in self.all else []
        elif s is not None:
            found = [(s, p, other) for other in self.objects.get((p, s), ())]
        elif o is not None:
            found = [(other, p, o) for other in self.subjects.get((p, o), ())]
        else:
            found = [(a, p, b) for a, b in self.of.get(p, ())]
        for triple in found:
            more = dict(bound)
            if _bind(more, best, triple):
                self._join(others, more, conclusion, work)

    def contradictions(self) -> list[str]:
        """Individuals in two classes that are disjoint (cax-dw)."""
        kind, disjoint = self._id(ox.NamedNode(RDF + "type")), self._id(ox.NamedNode(OWL + "disjointWith"))
        return sorted(
            f"Disjoint classes {self.terms[one]} and {self.terms[other]} have a common individual {self.terms[thing]}"
            for one, other in self.of.get(disjoint, ())
            for thing in set(self.subjects.get((kind, one), ())) & set(self.subjects.get((kind, other), ()))
        )


def _bind(bound: dict[str, int], pattern: Pattern, triple: tuple[int, int, int]) -> bool:
    for part, term in zip(pattern, triple, strict=True):
        if isinstance(part, str):
            if bound.setdefault(part, term) != term:
                return False
        elif part != term:
            return False
    return True


def _filled(pattern: Pattern, bound: dict[str, int]) -> tuple[int, int, int]:
    s, p, o = (bound[part] if isinstance(part, str) else part for part in pattern)
    return s, p, o


def _known(pattern: Pattern, bound: dict[str, int]) -> int:
    s, p, o = (not isinstance(part, str) or part in bound for part in pattern)
    return 4 * p + s + o


def _full(name: str) -> str:
    iri = expand(name)
    assert iri is not None
    return iri
