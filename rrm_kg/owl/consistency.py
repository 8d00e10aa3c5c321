"""Whether more triples can contradict the axioms of a graph whose closure is kept: read where they touch it, no more.

What is said here is never too little: a graph that may be contradicted is closed as a whole to know.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg.owl import axioms, entailment, joins
from rrm_kg.owl.axioms import SAME, TYPE
from rrm_kg.owl.closure import Materialization, Triple
from rrm_kg.owl.joins import Clause, Row
from rrm_kg.terms import ID, RDF_TYPE

_MOST: Final = 20_000  # steps from the additions, past which the whole graph is the shorter way


class _UnsureError(Exception):
    """The answer would need more of the graph than what is near the additions."""


@dataclass(frozen=True)
class Axioms:
    """What the axioms of a graph say as clauses over numbered terms.

    ``relations`` are those whose rows are axioms, ``counting`` whether an axiom counts values, so that literals matter.
    """

    clauses: tuple[Clause, ...]
    terms: tuple[Any, ...]
    relations: Set[int]
    counting: bool

    @cached_property
    def numbers(self) -> dict[Any, int]:
        """The number of each term."""
        return {term: number for number, term in enumerate(self.terms)}

    @classmethod
    def of(cls, store: ox.Store) -> Axioms:
        """Those of a store. Raises RrmError E320 for an axiom that the rules do not reach."""
        closed = Materialization(_axioms(store))
        return cls(closed.clauses, tuple(closed.terms), closed.axioms, closed.counting)


def _axioms(store: ox.Store) -> Iterator[Triple]:
    """The triples of a store that are axioms, known to the rules or not."""
    kind = ox.NamedNode(RDF_TYPE)
    for term in map(ox.NamedNode, (*sorted(entailment.READ), *entailment.UNREAD)):
        patterns = [(None, kind, term)] if term == kind else [(None, term, None), (None, kind, term)]
        for quad in (quad for pattern in patterns for quad in store.quads_for_pattern(*pattern)):
            yield quad.subject, quad.predicate, quad.object


class Consistency:
    """The axioms of a graph whose closure is kept in a store, ready to judge additions."""

    def __init__(self, store: ox.Store, axioms: Axioms) -> None:
        self._store = store
        self._closed = axioms
        self._starts: dict[int, list[tuple[Clause, joins.Run]]] = defaultdict(list)
        for clause in self._closed.clauses:
            for relation, run in joins.forward(clause):
                self._starts[relation].append((clause, run))
        joined = {relation for clause in self._closed.clauses if len(clause.body) > 1 for relation, _ in clause.body}
        self._kept = all(_is_kept(relation, self._closed.terms) for relation in joined)

    def surely_holds(self, added: Iterable[Triple]) -> bool:
        """Whether no axiom can be contradicted with further triples, when none is without them.

        False says that it is not known.
        """
        try:
            return self._kept and not self._clash(added)
        except _UnsureError:
            return False

    def _clash(self, added: Iterable[Triple]) -> bool:
        near = _Near(self._store, self._closed)
        pending: dict[int, set[Row]] = defaultdict(set)
        for relation, row in near.numbered(added):
            pending[relation].add(row)
        steps = 0
        while pending:
            relation = max(pending)
            there = near.of(relation)
            rows = {row for row in pending.pop(relation) if row not in there}
            if rows and (relation in self._closed.relations or relation == SAME):
                raise _UnsureError
            near.insert(relation, rows)
            steps += len(rows)
            if steps > _MOST:
                raise _UnsureError
            for clause, run in self._starts.get(relation, ()) if rows else ():
                found = run(rows, near, _no_clock)
                if clause.head is not None:
                    pending[clause.head[0]] |= found
                elif found:
                    return True
        return False


class _Near(joins.Relations):
    """The relations of a store, of which the rows at a term are read when they are asked for, and further rows."""

    def __init__(self, store: ox.Store, closed: Axioms) -> None:
        super().__init__(defaultdict(set))
        self._store = store
        self._literals = closed.counting
        self._terms = list(closed.terms)
        self._numbers: dict[Any, int] = dict(closed.numbers)
        self._read: dict[tuple[int, int, bool], set[int]] = {}
        self._spoken_of: dict[int, bool] = {}  # whether the store says anything of a term

    def numbered(self, triples: Iterable[Triple]) -> Iterator[tuple[int, Row]]:
        """The relations and rows of triples."""
        for s, p, o in triples:
            if self._literals or not isinstance(o, ox.Literal):
                yield axioms.place((self._number(s), self._number(p), self._number(o)))

    def out(self, relation: int) -> Mapping[int, set[int]]:
        return _Ends(self, relation, back=False)

    def into(self, relation: int) -> Mapping[int, set[int]]:
        return _Ends(self, relation, back=True)

    def of(self, relation: int) -> Container[Row]:
        return _Rows(self, relation)

    def every(self, relation: int) -> Iterable[Row]:
        raise _UnsureError

    def has(self, relation: int, row: Row) -> bool:
        """Whether a row is there."""
        if row in self.rows[relation]:
            return True
        s, p, o = (row, TYPE, ~relation) if relation < 0 else (row[0], relation, row[1])
        spoken_of = self._spoken_of.get(s)
        if spoken_of is None:
            term = self._terms[s]
            spoken_of = self._spoken_of[s] = not isinstance(term, ox.Literal) and self._holds(term, None, None)
        return spoken_of and self._holds(*(self._terms[term] for term in (s, p, o)))

    def _holds(self, s: Any, p: Any, o: Any) -> bool:
        return any(True for _ in self._store.quads_for_pattern(s, p, o))

    def ends(self, relation: int, term: int, back: bool) -> set[int]:
        """The other ends of the rows of a property at a term."""
        found = self._read.get((relation, term, back))
        if found is None:
            found = self._read[relation, term, back] = set(self._stored(relation, self._terms[term], back))
        added = super().into(relation) if back else super().out(relation)
        return found | added.get(term, set())

    def _stored(self, relation: int, term: Any, back: bool) -> Iterator[int]:
        if isinstance(term, ox.Literal) and not back:
            return
        pattern = (None, self._terms[relation], term) if back else (term, self._terms[relation], None)
        for count, quad in enumerate(self._store.quads_for_pattern(*pattern)):
            other = quad.subject if back else quad.object
            if count > _MOST or isinstance(other, ox.BlankNode):  # what follows about blank nodes is not kept
                raise _UnsureError
            if self._literals or not isinstance(other, ox.Literal):
                yield self._number(other)

    def _number(self, term: Any) -> int:
        number = self._numbers.setdefault(term, len(self._terms))
        if number == len(self._terms):
            self._terms.append(term)
        return number


@dataclass(frozen=True)
class _Ends(Mapping[int, set[int]]):
    """The rows of a property by one end."""

    near: _Near
    relation: int
    back: bool

    def __getitem__(self, term: int) -> set[int]:
        return self.near.ends(self.relation, term, self.back)

    def __iter__(self) -> Iterator[int]:
        raise _UnsureError

    def __len__(self) -> int:
        raise _UnsureError


@dataclass(frozen=True)
class _Rows(Container[Row]):
    """The rows of a relation, to look one up."""

    near: _Near
    relation: int

    def __contains__(self, row: Any) -> bool:
        return self.near.has(self.relation, row)


def _is_kept(relation: int, terms: Sequence[Any]) -> bool:
    """Whether the rows of a relation are all in the store, as far as they follow from something: see publishable()."""
    thing = ox.NamedNode(ID)
    triple = (thing, terms[TYPE], terms[~relation]) if relation < 0 else (thing, terms[relation], thing)
    return relation == SAME or entailment.publishable(*triple)


def _no_clock() -> None:
    """Steps are counted instead."""
