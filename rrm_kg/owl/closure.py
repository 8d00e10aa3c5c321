"""A graph closed under OWL 2 RL, and kept closed as triples come and go.

The table of entailment rules is compiled against the axioms of the graph: what follows from axioms alone becomes
triples, and every other rule becomes clauses over the properties and classes that the axioms name. These run
semi-naively: new rows are joined with what is there, and nothing is joined twice.
"""

from __future__ import annotations

import itertools
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg.errors import RrmError
from rrm_kg.owl import axioms, entailment, joins
from rrm_kg.owl.axioms import SAME, TYPE
from rrm_kg.owl.joins import Clause, Row
from rrm_kg.terms import OWL

Triple = tuple[Any, Any, Any]
Rows = dict[int, set[Row]]

_ABSENT, _INFERRED, _WRITTEN = range(3)


@dataclass(frozen=True)
class Change:
    """What a change of the graph did to ``graph/inferred``, and the contradictions that it brought.

    A triple that was inferred and is now written counts as retracted, and the other way round as inferred.
    """

    inferred: tuple[Triple, ...]
    retracted: tuple[Triple, ...]
    contradictions: tuple[str, ...]


class _Numbers(dict[Any, int]):
    """Terms to numbers; a new term gets the next."""

    def __init__(self) -> None:
        super().__init__()
        self.terms: list[Any] = []

    def __missing__(self, term: Any) -> int:
        self[term] = number = len(self.terms)
        self.terms.append(term)
        return number


@dataclass(frozen=True)
class _Program:
    """The clauses of an ontology: what runs from new rows of each relation, and towards rows of each relation."""

    clauses: dict[Clause, None] = field(default_factory=dict)
    starts: dict[int, list[tuple[Clause, joins.Run]]] = field(default_factory=dict)
    ends: dict[int, list[joins.Run]] = field(default_factory=dict)


@dataclass
class _Undo:
    """What the last change touched, as it was before."""

    status: dict[tuple[int, Row], int]
    terms: int
    program: _Program
    clashes: set[tuple[Clause, Row]]
    entangled: bool


class Materialization:
    """A graph and its OWL 2 RL closure. Each triple is held once; of each it is known whether it was written.

    Triples are tuples of pyoxigraph terms. Literals are terms like others, equal only to themselves; a caller whose
    axioms count no values leaves them out, see reached(). Raises RrmError E320 for an axiom that the rules do not
    reach and E309 past a limit of triples or seconds; a change that raises leaves the graph as it was.
    """

    def __init__(self, triples: Iterable[Triple] = (), *, limit: int = 2_000_000, seconds: float = 600.0) -> None:
        self._limit, self._seconds = limit, seconds
        self._deadline = time.monotonic() + seconds
        self._ids = _Numbers()
        self._terms = self._ids.terms
        for iri in axioms.NUMBERED:
            self._number(iri)
        self._axioms = axioms.relations_of(axioms.table(1, self._number))
        self._inferred: Rows = defaultdict(set)
        self._program = _Program()
        self._clashes: set[tuple[Clause, Row]] = set()
        self._entangled = False  # whether data imply an axiom
        self._stale = False  # whether the program lacks an axiom
        self._undo: _Undo | None = None
        self._journal: dict[tuple[int, Row], int] | None = None
        self._relations = joins.Relations(self._rows(triples))
        self._size = sum(map(len, self._relations.rows.values()))
        self._check_size()
        self._refuse_unknown(range(len(self._terms)), self._relations.rows)
        self._close()

    # Reading

    def __contains__(self, triple: Triple) -> bool:
        if any(term not in self._ids for term in triple):
            return False
        return all(rows <= self._relations.rows.get(of, set()) for of, rows in self._rows([triple]).items())

    def __len__(self) -> int:
        return self._size

    def inferred(self, *, every: bool = False) -> Iterator[Triple]:
        """The triples that follow and were not written, without those that are no RDF or say nothing, or every one."""
        keys = ((relation, row) for relation, rows in self._inferred.items() for row in rows)
        return (self._triple(*key) for key in keys) if every else self._published(keys)

    @property
    def counting(self) -> bool:
        """Whether an axiom counts values, so that literals matter; see reached()."""
        numbers = [self._ids[term] for term in _COUNTING if term in self._ids]
        return any(self._relations.rows.get(relation) for n in numbers for relation in (n, ~n))

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """What the axioms say, as rules over numbered terms."""
        return tuple(self._program.clauses)

    @property
    def terms(self) -> Sequence[Any]:
        """The terms behind the numbers."""
        return self._terms

    @property
    def axioms(self) -> frozenset[int]:
        """The relations whose rows are axioms."""
        return self._axioms

    @property
    def contradictions(self) -> tuple[str, ...]:
        """What the axioms of disjointness rule out, in words."""
        return tuple(sorted({self._said(clause, row) for clause, row in self._clashes}))

    # Changing

    def add(self, triples: Iterable[Triple]) -> Change:
        """What follows from further triples; the cost is that of what follows, not that of the graph."""
        return self.change(add=triples)

    def remove(self, triples: Iterable[Triple]) -> Change:
        """What no longer follows without some written triples; others are ignored."""
        return self.change(remove=triples)

    def change(self, *, add: Iterable[Triple] = (), remove: Iterable[Triple] = ()) -> Change:
        """What follows and what no longer does when triples are taken away and then others are written.

        What follows is deleted and rederived (DRed). Added axioms are compiled and run over the graph; where an axiom
        is taken away, or data imply axioms, the graph is closed anew.
        """
        before = self._clashes
        self._undo = _Undo({}, len(self._terms), self._program, before, self._entangled)
        self._journal = self._undo.status
        self._deadline = time.monotonic() + self._seconds
        try:
            written, taken = self._rows(add), self._rows(remove)
            self._refuse_unknown(_used(written), written)
            self._retract(taken)
            self._assert(written)
        except RrmError:
            self.undo()
            raise
        finally:
            self._journal = None
        changed = [(key, old, self._status_of(*key)) for key, old in self._undo.status.items()]
        return Change(
            self._sorted(key for key, old, new in changed if new == _INFERRED != old),
            self._sorted(key for key, old, new in changed if old == _INFERRED != new),
            tuple(sorted({self._said(*clash) for clash in self._clashes - before})),
        )

    def undo(self) -> None:
        """Take back the last change, which can be done once; the cost is that of the change."""
        last, self._undo, self._journal = self._undo, None, None
        if last is None:
            raise ValueError("there is no change to undo")
        for (relation, row), status in last.status.items():
            self._set_status(relation, {row}, status)
        self._program, self._clashes, self._entangled = last.program, last.clashes, last.entangled
        self._stale = False
        while len(self._terms) > last.terms:
            del self._ids[self._terms.pop()]

    def _assert(self, rows: Rows) -> None:
        pending: Rows = {}
        for relation, some in rows.items():
            new = some - self._relations.rows.get(relation, set())
            self._set_status(relation, some, _WRITTEN)
            if new:
                pending[relation] = new
                self._stale = self._stale or relation in self._axioms
        self._check_size()
        self._run_all(pending)

    def _retract(self, rows: Rows) -> None:
        rows = {relation: self._written(relation, some) for relation, some in rows.items()}
        rows = {relation: some for relation, some in rows.items() if some}
        if rows and (self._entangled or rows.keys() & self._axioms):
            for relation, some in rows.items():
                self._set_status(relation, some, _ABSENT)
            self._forget()
            self._close()
            return
        doomed: Rows = defaultdict(set, {relation: set(some) for relation, some in rows.items()})
        frontier = {relation: set(some) for relation, some in rows.items()}
        while frontier:
            relation, some = frontier.popitem()
            for target, found in self._follow(relation, some):
                if target in self._axioms:
                    continue  # axioms follow from axioms alone, and no axiom goes
                more = (found & self._inferred.get(target, set())) - doomed[target]
                if more:
                    doomed[target] |= more
                    frontier.setdefault(target, set()).update(more)
        for relation, some in doomed.items():
            self._set_status(relation, some, _ABSENT)
        self._clashes = {clash for clash in self._clashes if self._holds(*clash)}
        pending: Rows = {}
        for relation, some in doomed.items():
            self._derive(relation, self._still_follows(relation, some), pending)
        self._run_all(pending)

    def _forget(self) -> None:
        """Leave only what was written."""
        for relation, some in list(self._inferred.items()):
            self._set_status(relation, set(some), _ABSENT)
        self._program, self._clashes, self._entangled = _Program(), set(), False

    # The closure

    def _close(self) -> None:
        self._stale = True
        same = self._relations.rows.get(SAME)
        self._run_all({SAME: set(same)} if same else {})

    def _run_all(self, pending: Rows) -> None:
        """Run the clauses from new rows, compiling again whenever axioms have come."""
        while pending or self._stale:
            self._tick()
            if self._stale:
                self._stale = False
                self._compile(pending)
            else:
                relation = max(pending)  # properties before classes, which most clauses end in
                rows = pending.pop(relation)
                for clause, run in self._program.starts.get(relation, ()):
                    self._apply(clause, run, rows, pending)
                for target, found in self._same(relation, rows):
                    self._derive(target, found, pending)

    def _compile(self, pending: Rows) -> None:
        """Close the axioms, make clauses of the other rules, and run those that are new over the whole graph."""
        rules = axioms.table(axioms.longest(self._relations, self._number), self._number)
        size = -1
        while size < self._size:
            size = self._size
            found: Rows = defaultdict(set)
            for relation, row in axioms.facts(rules, self._relations):
                found[relation].add(row)
            for relation, rows in found.items():
                self._derive(relation, rows, pending, by_axioms=True)
        known = self._program.clauses
        self._program = _program(axioms.clauses(rules, self._relations, self._terms))
        for clause in self._program.clauses.keys() - known.keys():
            # All rows of any one atom are enough to find all that follows.
            relation, run = next(joins.forward(clause))
            self._apply(clause, run, set(self._relations.rows.get(relation, ())), pending)

    def _apply(self, clause: Clause, run: joins.Run, rows: set[Row], pending: Rows) -> None:
        found = run(rows, self._relations, self._tick)
        if clause.head is None:
            self._clashes = self._clashes | {(clause, row) for row in found}
        else:
            self._derive(clause.head[0], found, pending)

    def _derive(self, relation: int, found: set[Row], pending: Rows, *, by_axioms: bool = False) -> None:
        """Add rows that follow and are new; that a term is the same as itself goes without saying."""
        new = found - self._relations.rows.get(relation, set())
        if relation == SAME:
            new = {row for row in new if row[0] != row[1]}
        if not new:
            return
        self._set_status(relation, new, _INFERRED)
        self._check_size()
        pending.setdefault(relation, set()).update(new)
        if relation in self._axioms and not by_axioms:
            self._stale = self._entangled = True

    def _follow(self, relation: int, rows: set[Row]) -> Iterator[tuple[int, set[Row]]]:
        """The rows that follow in one step from rows of a relation."""
        for clause, run in self._program.starts.get(relation, ()):
            if clause.head is not None:
                yield clause.head[0], run(rows, self._relations, self._tick)
        yield from self._same(relation, rows)

    def _same(self, relation: int, rows: set[Row]) -> Iterator[tuple[int, set[Row]]]:
        """The rows that follow by replacing a term by what is the same."""
        if self._relations.rows.get(SAME):
            yield from _replaced(relation, rows, self._relations.out(SAME))
            if relation == SAME:
                yield from self._replaced_by(rows)

    def _replaced_by(self, pairs: set[Row]) -> Iterator[tuple[int, set[Row]]]:
        """What is said of the first of each pair, said of the second."""
        everything = self._relations
        for one, other in pairs:
            self._tick()
            for relation, rows in tuple(everything.rows.items()):
                if relation < 0:
                    if one in rows:
                        yield relation, {other}
                    continue
                if values := everything.out(relation).get(one):
                    yield relation, {(other, value) for value in values}
                if subjects := everything.into(relation).get(one):
                    yield relation, {(subject, other) for subject in subjects}
            yield other, set(everything.rows.get(one, ()))
            yield ~other, set(everything.rows.get(~one, ()))

    def _still_follows(self, relation: int, rows: set[Row]) -> set[Row]:
        """Those of some rows that follow in one step from what is there."""
        found: set[Row] = set()
        for run in self._program.ends.get(relation, ()):
            found |= run(rows - found, self._relations, self._tick)
        there = self._relations.rows
        if there.get(SAME):
            same = self._relations.into(SAME)
            found |= {
                row
                for row in rows - found
                if any(others & there.get(target, set()) for target, others in _replaced(relation, {row}, same))
            }
        return found

    # Terms, rows and their status

    def _number(self, iri: str) -> int:
        return self._ids[ox.NamedNode(iri)]

    def _rows(self, triples: Iterable[Triple]) -> Rows:
        numbers = self._ids
        rows: Rows = defaultdict(set)
        for s, p, o in triples:
            relation = numbers[p]
            if relation == TYPE:
                rows[~numbers[o]].add(numbers[s])
            else:
                rows[relation].add((numbers[s], numbers[o]))
        return rows

    def _triple(self, relation: int, row: Row) -> Triple:
        terms = self._terms
        if relation < 0:
            return terms[row], terms[TYPE], terms[~relation]
        return terms[row[0]], terms[relation], terms[row[1]]

    def _published(self, keys: Iterable[tuple[int, Row]]) -> Iterator[Triple]:
        return (triple for key in keys if entailment.publishable(*(triple := self._triple(*key))))

    def _sorted(self, keys: Iterable[tuple[int, Row]]) -> tuple[Triple, ...]:
        return tuple(sorted(self._published(keys), key=lambda triple: tuple(map(str, triple))))

    def _said(self, clause: Clause, row: Row) -> str:
        """A contradiction in the words of owlrl."""
        (one, _), (other, _) = clause.body
        if one < 0:
            a, b, x = (self._terms[term] for term in (~one, ~other, row))
            return f"Disjoint classes {a} and {b} have a common individual {x}"
        p, q, x, y = (self._terms[term] for term in (one, other, *row))
        return f"Erroneous usage of disjoint properties {p} and {q} on {x} and {y}"

    def _written(self, relation: int, rows: set[Row]) -> set[Row]:
        return (rows & self._relations.rows.get(relation, set())) - self._inferred.get(relation, set())

    def _holds(self, clause: Clause, row: Row) -> bool:
        return all(row in self._relations.rows.get(relation, ()) for relation, _ in clause.body)

    def _status_of(self, relation: int, row: Row) -> int:
        if row not in self._relations.rows.get(relation, ()):
            return _ABSENT
        return _INFERRED if row in self._inferred.get(relation, ()) else _WRITTEN

    def _set_status(self, relation: int, rows: set[Row], status: int) -> None:
        if self._journal is not None:
            for row in rows:
                self._journal.setdefault((relation, row), self._status_of(relation, row))
        there = self._relations.rows[relation]
        before = len(there)
        if status == _ABSENT:
            self._relations.delete(relation, rows)
        else:
            self._relations.insert(relation, rows - there)
        self._size += len(there) - before
        if status == _INFERRED:
            self._inferred[relation] |= rows
        elif relation in self._inferred:
            self._inferred[relation] -= rows

    def _check_size(self) -> None:
        if self._size > self._limit:
            raise RrmError("E309", detail=f"{self._limit:,} triples")

    def _tick(self) -> None:
        if time.monotonic() >= self._deadline:
            raise RrmError("E309", detail=f"{self._seconds:g} s")

    def _refuse_unknown(self, used: Iterable[int], rows: Rows) -> None:
        """Raise E320 if some rows, which use some terms, hold an axiom that no rule reads."""
        said = (self._triple(relation, row) for relation in rows.keys() & self._axioms for row in rows[relation])
        found = entailment.unknown((self._terms[term] for term in used), said)
        if found is not None:
            raise RrmError("E320", detail=found)


def _program(clauses: Iterable[Clause]) -> _Program:
    starts, ends = defaultdict(list), defaultdict(list)
    for clause in clauses:
        for relation, run in joins.forward(clause):
            starts[relation].append((clause, run))
        if clause.head is not None:
            relation, run = joins.backward(clause)
            ends[relation].append(run)
    return _Program(dict.fromkeys(clauses), dict(starts), dict(ends))


def _used(rows: Rows) -> set[int]:
    """The terms of some rows."""
    used = {~relation if relation < 0 else relation for relation in rows}
    for relation, some in rows.items():
        used.update(some if relation < 0 else itertools.chain.from_iterable(some))
    return used


def _replaced(relation: int, rows: set[Row], same: Mapping[int, set[int]]) -> Iterator[tuple[int, set[Row]]]:
    """Rows with one term replaced by what is the same (eq-rep-s, eq-rep-p, eq-rep-o)."""
    if relation < 0:
        yield relation, {other for row in rows if row in same for other in same[row]}
        for other in tuple(same.get(~relation, ())):
            yield ~other, rows
    else:
        yield relation, {(other, o) for s, o in rows if s in same for other in same[s]}
        yield relation, {(s, other) for s, o in rows if o in same for other in same[o]}
        for other in tuple(same.get(relation, ())):
            yield other, rows


_COUNTING: Final = frozenset(
    ox.NamedNode(OWL + name) for name in ("onProperty", "hasKey", "FunctionalProperty", "InverseFunctionalProperty")
)


def reached(quads: Iterable[ox.Quad], *, counting: bool = False) -> Iterator[Triple]:
    """The triples of some quads that the axioms reach: those with a literal only where an axiom counts values.

    Such axioms are restrictions, keys, and functional and inverse functional properties, among the quads or, if
    ``counting``, elsewhere. Without them a literal says no more than that its subject is of some domain.
    """
    literals: list[ox.Quad] = []
    for quad in quads:
        value = quad.object
        if type(value) is ox.Literal:
            literals.append(quad)
        else:
            p = quad.predicate
            counting = counting or p in _COUNTING or value in _COUNTING
            yield quad.subject, p, value
    if counting:
        yield from ((quad.subject, quad.predicate, quad.object) for quad in literals)
