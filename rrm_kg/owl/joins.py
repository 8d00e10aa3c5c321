"""Rules over numbered terms, and how one is run: from the new rows of one atom to the rows that follow.

A relation is a property, whose rows are pairs of terms, or a class, whose rows are its instances. It is numbered as its
term is: n for the property n, ~n for the class n.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Row = Any  # an int, or a pair of ints
Atom = tuple[int, tuple[int, ...]]
"""A relation and its arguments: a term, or ~0, ~1, ... for a variable."""

_Binding = tuple[int, ...]
_Step = Callable[[list[_Binding], "Relations"], list[_Binding]]
Run = Callable[[set[Row], "Relations", Callable[[], None]], set[Row]]
_CHUNK: Final = 256


@dataclass(frozen=True)
class Clause:
    """A rule without axioms: its atoms, and the atom that follows, or None when they contradict each other."""

    body: tuple[Atom, ...]
    head: Atom | None


@dataclass
class Relations:
    """The rows of every relation, with the indexes that some join has asked for."""

    rows: dict[int, set[Row]]  # made when asked for
    _out: dict[int, defaultdict[int, set[int]]] = field(default_factory=dict)
    _into: dict[int, defaultdict[int, set[int]]] = field(default_factory=dict)

    def out(self, relation: int) -> Mapping[int, set[int]]:
        """Subject to objects, of a property."""
        return self._index(self._out, relation, 0)

    def into(self, relation: int) -> Mapping[int, set[int]]:
        """Object to subjects, of a property."""
        return self._index(self._into, relation, 1)

    def of(self, relation: int) -> Container[Row]:
        """The rows of a relation, to look one up."""
        return self.rows.get(relation, ())

    def every(self, relation: int) -> Iterable[Row]:
        """The rows of a relation, all of them."""
        return self.rows.get(relation, ())

    def _index(
        self, indexes: dict[int, defaultdict[int, set[int]]], relation: int, key: int
    ) -> defaultdict[int, set[int]]:
        index = indexes.get(relation)
        if index is None:
            index = indexes[relation] = defaultdict(set)
            for row in self.rows.get(relation, ()):
                index[row[key]].add(row[1 - key])
        return index

    def insert(self, relation: int, rows: set[Row]) -> None:
        """Add rows."""
        self.rows[relation] |= rows
        for indexes, key in ((self._out, 0), (self._into, 1)):
            index = indexes.get(relation)
            if index is not None:
                for row in rows:
                    index[row[key]].add(row[1 - key])

    def delete(self, relation: int, rows: set[Row]) -> None:
        """Take rows away."""
        for indexes, key in ((self._out, 0), (self._into, 1)):
            index = indexes.get(relation)
            if index is not None:
                for row in rows & self.rows[relation]:
                    index[row[key]].remove(row[1 - key])
                    if not index[row[key]]:
                        del index[row[key]]
        self.rows[relation] -= rows


def forward(clause: Clause) -> Iterator[tuple[int, Run]]:
    """For each atom of a clause, its relation and the run from new rows of it to rows of the head.

    The rows of a contradiction are those of its first atom.
    """
    for position, start in enumerate(clause.body):
        rest = clause.body[:position] + clause.body[position + 1 :]
        yield start[0], _run(start, rest, clause.head or clause.body[0])


def backward(clause: Clause) -> tuple[int, Run]:
    """The relation of the head, and the run from rows of it to those that follow by the clause."""
    assert clause.head is not None
    return clause.head[0], _run(clause.head, clause.body, clause.head)


def _run(start: Atom, rest: tuple[Atom, ...], head: Atom) -> Run:
    """A run of joins: the bindings of the start's rows are extended by one atom after another, then projected."""
    if not rest and all(argument < 0 for argument in start[1]):
        return _copied(start, head)
    constants = sorted({term for _, arguments in (start, *rest, head) for term in arguments if term >= 0})
    place = {argument: index for index, argument in enumerate((*constants, *(a for a in start[1] if a < 0)))}
    fixed = tuple(constants)
    given = tuple((index, argument) for index, argument in enumerate(start[1]) if argument >= 0)
    free = tuple(index for index, argument in enumerate(start[1]) if argument < 0)
    single = len(start[1]) == 1
    steps = []
    todo = list(rest)
    while todo:
        best = max(todo, key=lambda atom: (sum(argument in place for argument in atom[1]) / len(atom[1]), len(atom[1])))
        todo.remove(best)
        steps.append(_step(best, place))
    at = tuple(place[argument] for argument in head[1])

    def run(rows: set[Row], relations: Relations, tick: Callable[[], None]) -> set[Row]:
        bindings: list[_Binding]
        if single:
            bindings = [(*fixed, row) for row in rows]
        elif not given:
            bindings = [fixed + row for row in rows]
        else:
            bindings = [
                fixed + tuple(row[index] for index in free)
                for row in rows
                if all(row[index] == term for index, term in given)
            ]
        found: set[Row] = set()
        for first in range(0, len(bindings), _CHUNK):
            tick()
            some = bindings[first : first + _CHUNK]
            for step in steps:
                some = step(some, relations)
            if len(at) == 1:
                found.update([binding[at[0]] for binding in some])
            else:
                found.update([(binding[at[0]], binding[at[1]]) for binding in some])
        return found

    return run


def _copied(start: Atom, head: Atom) -> Run:
    """The run of a rule with one atom, done for all rows at once."""
    if len(start[1]) == 1:
        if len(head[1]) == 1:
            return lambda rows, _relations, _tick: rows
        s, o = head[1]
        return lambda rows, _relations, _tick: {(row if s < 0 else s, row if o < 0 else o) for row in rows}
    if len(head[1]) == 1:
        key = start[1].index(head[1][0])
        return lambda rows, _relations, _tick: {row[key] for row in rows}
    if start[1] == head[1]:
        return lambda rows, _relations, _tick: rows
    return lambda rows, _relations, _tick: {(o, s) for s, o in rows}


def _step(atom: Atom, place: dict[int, int]) -> _Step:
    """How bindings are extended or thinned by an atom; the places of its new variables are noted."""
    relation, arguments = atom
    known = [place.get(argument) for argument in arguments]
    for argument in arguments:
        place.setdefault(argument, len(place))
    if len(arguments) == 1:
        return _instances(relation, known[0])
    s, o = known
    if s is not None and o is not None:

        def check(bindings: list[_Binding], relations: Relations) -> list[_Binding]:
            rows = relations.of(relation)
            return [binding for binding in bindings if (binding[s], binding[o]) in rows]

        return check
    if s is not None or o is not None:

        def extend(bindings: list[_Binding], relations: Relations) -> list[_Binding]:
            if s is not None:
                index, key = relations.out(relation), s
            else:
                assert o is not None
                index, key = relations.into(relation), o
            return [(*binding, other) for binding in bindings for other in index.get(binding[key], ())]

        return extend

    def scan(bindings: list[_Binding], relations: Relations) -> list[_Binding]:
        rows = relations.every(relation)
        return [binding + row for binding in bindings for row in rows]

    return scan


def _instances(relation: int, key: int | None) -> _Step:
    if key is None:

        def scan(bindings: list[_Binding], relations: Relations) -> list[_Binding]:
            rows = relations.every(relation)
            return [(*binding, row) for binding in bindings for row in rows]

        return scan

    def check(bindings: list[_Binding], relations: Relations) -> list[_Binding]:
        rows = relations.of(relation)
        return [binding for binding in bindings if binding[key] in rows]

    return check
