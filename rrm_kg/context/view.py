"""A store and a change together, stage by stage: what was written, then what each rule derives.

Nothing is copied: the triples at a term are read from the store when they are asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg.terms import DERIVED, INFERRED

Triple = tuple[Any, Any, Any]
Statement = tuple[Any, Any, Any, Any]
"""A triple and the named graph that says it: what a quad is, at a tenth of the price where the object is a literal."""

WRITTEN: Final = 0
ALL_DERIVED: Final = 1_000
MOST_KEPT: Final = 20_000  # terms of which all that was read is kept
_INFERRED: Final = 10_000
_NOTHING: Final[dict[Any, int]] = {}
_NO_TRIPLES: Final[Mapping[Any, list[Triple]]] = {}


class Stages:
    """When a named graph comes to be: the written ones, then those of each round of rules, then the closure."""

    def __init__(self, rounds: Iterable[Iterable[str]]) -> None:
        self.of: dict[str, int] = {name: stage for stage, names in enumerate(rounds, 1) for name in names}

    def __call__(self, graph: Any) -> int:
        name = getattr(graph, "value", "")
        found = self.of.get(name)
        if found is None:
            found = _INFERRED if name == INFERRED else ALL_DERIVED - 1 if name.startswith(DERIVED) else WRITTEN
            self.of[name] = found
        return found


class Neighbours:
    """The triples of a store at a term, each with the stage at which it first comes; kept once they were read.

    What is kept of terms that the store does not have lasts until forget().
    """

    def __init__(self, store: ox.Store, stage: Stages) -> None:
        self.store = store
        self.stage = stage
        self._out: dict[Any, dict[Any, dict[Any, int]]] = {}
        self._before: dict[Any, list[tuple[int, Mapping[Any, list[Triple]]]]] = {}
        self._into: dict[tuple[Any, Any], list[tuple[Any, Any, int]]] = {}
        self._many: dict[tuple[Any, Any], int] = {}  # of those not kept, how many there are at least
        self._nowhere: set[Any] = set()  # that stand as no subject, and as no object with a predicate

    def forget(self) -> None:
        """Let go of what was read of terms that the store does not have, and of all where that is much."""
        self._nowhere.clear()
        for kept in (self._out, self._before, self._into, self._many):
            if len(kept) > MOST_KEPT:
                kept.clear()

    def out(self, subject: Any) -> dict[Any, dict[Any, int]]:
        """The objects of a subject by predicate, with their stages."""
        found = self._out.get(subject)
        if found is None:
            if subject in self._nowhere or isinstance(subject, ox.Literal):
                return {}
            found = {}
            for quad in self.store.quads_for_pattern(subject, None, None):
                objects, stage = found.setdefault(quad.predicate, {}), self.stage(quad.graph_name)
                objects[quad.object] = min(stage, objects.get(quad.object, stage))
            if found:
                self._out[subject] = found
            else:
                self._nowhere.add(subject)
        return found

    def before(self, subject: Any, stage: int) -> Mapping[Any, list[Triple]]:
        """The triples of a subject by predicate, as far as they have come before a stage."""
        known = self._before.get(subject)
        if known is None:
            out = self.out(subject)
            if not out:
                return _NO_TRIPLES
            known = []
            for last in sorted({stage for objects in out.values() for stage in objects.values()}, reverse=True):
                there = {p: [(subject, p, o) for o, at in objects.items() if at <= last] for p, objects in out.items()}
                known.append((last, {p: triples for p, triples in there.items() if triples}))
            self._before[subject] = known
        for last, triples in known:
            if last < stage:
                return triples
        return _NO_TRIPLES

    def first(self, triple: Triple) -> int | None:
        """The stage at which a triple first comes; None when it never does."""
        return self.out(triple[0]).get(triple[1], _NOTHING).get(triple[2])

    def leads_to(self, thing: Any) -> bool:
        """Whether a thing stands as the object or the predicate of a triple."""
        found = self.store.quads_for_pattern(None, None, thing)
        if any(True for _ in found):
            return True
        return isinstance(thing, ox.NamedNode) and any(True for _ in self.store.quads_for_pattern(None, thing, None))

    def into(self, predicate: Any, value: Any, cap: int | None) -> list[tuple[Any, Any, int]] | None:
        """Subject, predicate and stage of the triples with an object; None when there are more than ``cap``."""
        if not _can_be_predicate(predicate):
            return []
        found = self._into.get((predicate, value))
        if found is None:
            if (predicate, value) in self._nowhere:
                return []
            if cap is not None and cap < self._many.get((predicate, value), 0):
                return None
            first: dict[tuple[Any, Any], int] = {}
            for quad in self.store.quads_for_pattern(None, predicate, value):
                key, stage = (quad.subject, quad.predicate), self.stage(quad.graph_name)
                first[key] = min(stage, first.get(key, stage))
                if cap is not None and len(first) > cap:
                    self._many[predicate, value] = len(first)
                    return None
            found = [(s, p, stage) for (s, p), stage in first.items()]
            if found:
                self._into[predicate, value] = found
            else:
                self._nowhere.add((predicate, value))
        return found if cap is None or len(found) <= cap else None


class View:
    """A store and a change together, as far as both have come before a stage.

    ``added`` and ``removed`` are the triples by which the graph after the change differs from the one before.
    Triples of either are seen. ``new`` are subjects of which the store says nothing.
    """

    def __init__(self, base: Neighbours) -> None:
        self.base = base
        self.before = WRITTEN
        self.added: set[Triple] = set()
        self.removed: set[Triple] = set()
        self.added_by_predicate: dict[Any, list[Triple]] = {}
        self.removed_by_predicate: dict[Any, list[Triple]] = {}
        self.said: set[Statement] = set()
        self.unsaid: set[Statement] = set()
        self.new: set[Any] = set()
        self._unled: set[Any] = set()  # of the new, those that are known to be led to by nothing
        self._came: set[Triple] = set()
        self._twice: set[Triple] = set()  # added, and in the store too, perhaps at a later stage
        self._out: dict[Any, dict[Any, list[Any]]] = defaultdict(lambda: defaultdict(list))
        self._into: dict[Any, list[tuple[Any, Any]]] = defaultdict(list)
        self._towards: dict[tuple[Any, Any], list[Triple]] = {}
        self._around: dict[Any, Mapping[Any, list[Triple]]] = {}

    def advance(self, added: set[Statement], removed: set[Statement]) -> None:
        """Go past the next stage, at which some statements are added and others removed."""
        self.before += 1
        self.change(added, removed)

    def change(self, added: set[Statement], removed: set[Statement]) -> None:
        """Add some statements and remove others before the stage at which the view stands."""
        self._around = {thing: found for thing, found in self._around.items() if thing in self.new}
        self._towards.clear()
        self.said |= added
        self.unsaid |= removed
        came = {statement[:3] for statement in added}
        self._came |= came
        known = {triple for triple in came if triple[0] not in self.new and self.base.first(triple) is not None}
        for triple in came - known:
            self._mark(triple, added=True, removed=False)
        self._twice |= known
        for triple in self._twice | {statement[:3] for statement in removed}:
            stage = self.base.first(triple)
            was = stage is not None and stage < self.before
            now = triple in self._came or (was and self._kept(triple))
            self._mark(triple, now and not was, was and not now)

    def finish(self) -> None:
        """Go past all stages but that of the closure."""
        self.before = ALL_DERIVED
        self.advance(set(), set())

    def _kept(self, triple: Triple) -> bool:
        graphs = (quad.graph_name for quad in self.base.store.quads_for_pattern(*triple))
        return any(self.base.stage(graph) < self.before for graph in graphs if (*triple, graph) not in self.unsaid)

    def _mark(self, triple: Triple, added: bool, removed: bool) -> None:
        s, p, o = triple
        if removed != (triple in self.removed):
            (self.removed.add if removed else self.removed.remove)(triple)
            _index(self.removed_by_predicate, triple, removed)
        if added != (triple in self.added):
            (self.added.add if added else self.added.remove)(triple)
            _index(self.added_by_predicate, triple, added)
            if added:
                if s not in self._out and not self.base.out(s):
                    self.new.add(s)
                self._out[s][p].append(o)
                self._into[o].append((s, p))
            else:
                self._out[s][p].remove(o)
                self._into[o].remove((s, p))
            self._around.pop(s, None)

    @property
    def all_new(self) -> bool:
        """Whether all that changes is said of new things, to which nothing leads that was there before."""
        if self.removed or len(self.new) < len(self._out):
            return False
        unknown = self.new - self._unled
        if any(self.base.leads_to(thing) for thing in unknown):
            return False
        self._unled |= unknown
        return True

    def around(self, subject: Any) -> Mapping[Any, list[Triple]]:
        """The triples of a subject by predicate; kept until the next stage, those of a new one until it has others."""
        found = self._around.get(subject)
        if found is None:
            found = _NO_TRIPLES if subject in self.new else self.base.before(subject, self.before)
            new = self._out.get(subject)
            if new:
                found = {**found, **{p: found.get(p, []) + [(subject, p, o) for o in new[p]] for p in new}}
            self._around[subject] = found
        return found

    def was_there(self, thing: Any) -> bool:
        """Whether the store says anything of a thing."""
        return bool(self.base.out(thing)) or self.base.into(None, thing, 0) is None

    def out(self, subject: Any, predicate: Any) -> Sequence[Triple]:
        """The triples of a subject with a predicate."""
        return self.around(subject).get(predicate, ())

    def into(self, predicate: Any, value: Any, cap: int | None) -> list[Triple] | None:
        """The triples with an object, and a predicate where one is given; None where more than ``cap`` are unread."""
        found = self._towards.get((predicate, value))
        if found is None:
            there = () if value in self._unled else self.base.into(predicate, value, cap)
            if there is None:
                return None
            found = [(s, p, value) for s, p, stage in there if stage < self.before]
            if value in self._into:
                found += [(s, p, value) for s, p in self._into[value] if predicate is None or p == predicate]
            self._towards[predicate, value] = found
        return found

    def some_into(self, predicate: Any, value: Any, most: int) -> list[Triple]:
        """Some of the triples with an object, of those that were there before; as many as are looked through."""
        if not _can_be_predicate(predicate):
            return []
        quads = islice(self.base.store.quads_for_pattern(None, predicate, value), most)
        return [_triple(quad) for quad in quads if self.base.stage(quad.graph_name) < self.before]

    def everywhere(self, predicate: Any) -> Iterator[Triple]:
        """All triples, with a predicate where one is given."""
        if not _can_be_predicate(predicate):
            return
        for quad in self.base.store.quads_for_pattern(None, predicate, None):
            if self.base.stage(quad.graph_name) < self.before:
                yield _triple(quad)
        yield from self.added if predicate is None else self.added_by_predicate.get(predicate, ())


def _can_be_predicate(term: Any) -> bool:
    """Whether triples with a term as predicate are possible: what a variable was bound to may be a nameless node."""
    return term is None or isinstance(term, ox.NamedNode)


def _index(index: dict[Any, list[Triple]], triple: Triple, there: bool) -> None:
    """Put a triple into an index by predicate, or take it out."""
    if there:
        index.setdefault(triple[1], []).append(triple)
        return
    index[triple[1]].remove(triple)
    if not index[triple[1]]:
        del index[triple[1]]


def _triple(quad: ox.Quad) -> Triple:
    return quad.subject, quad.predicate, quad.object


def statement(quad: ox.Quad) -> Statement:
    """What a quad says."""
    return quad.subject, quad.predicate, quad.object, quad.graph_name
