"""What of a graph a check can see from the things it is about, and which things a change can concern.

Both follow from the triple patterns that the check reads (rrm_kg.reads). Candidates for each variable are narrowed
pattern by pattern, always along the one with the fewest matches, so that the work follows the change and not the graph.
What is found is never too little: conditions that are not patterns are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import islice
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg.reads import ANYTHING, SAME, Group, Path, Pattern, steps
from rrm_kg.terms import DERIVED, INFERRED

Triple = tuple[Any, Any, Any]
Candidates = dict[str, set[Any]]

WRITTEN: Final = 0
ALL_DERIVED: Final = 1_000
_INFERRED: Final = 10_000
_NOTHING: Final[dict[Any, int]] = {}
_FEW: Final = 3  # predicates of a thing that are looked up one by one
_CAPS: Final = (16, 128, 1_024, 8_192, None)


@cache
def term(text: str) -> Any:
    """The term with an N-Triples form."""
    return next(ox.parse(f"<x:> <x:> {text} .", format=ox.RdfFormat.N_TRIPLES)).object


class Stages:
    """When a named graph comes to be: the written ones, then those of the rules in their order, then the closure."""

    def __init__(self, rules: Iterable[str]) -> None:
        self.of: dict[str, int] = {name: stage for stage, name in enumerate(rules, 1)}

    def __call__(self, graph: Any) -> int:
        name = getattr(graph, "value", "")
        found = self.of.get(name)
        if found is None:
            found = _INFERRED if name == INFERRED else ALL_DERIVED - 1 if name.startswith(DERIVED) else WRITTEN
            self.of[name] = found
        return found


class Neighbours:
    """The triples of a store at a term, each with the stage at which it first comes; kept once they were read."""

    def __init__(self, store: ox.Store, stage: Stages) -> None:
        self.store = store
        self.stage = stage
        self._out: dict[Any, dict[Any, dict[Any, int]]] = {}
        self._into: dict[tuple[Any, Any], list[tuple[Any, Any, int]]] = {}

    def out(self, subject: Any) -> dict[Any, dict[Any, int]]:
        """The objects of a subject by predicate, with their stages."""
        found = self._out.get(subject)
        if found is None:
            found = self._out[subject] = {}
            if not isinstance(subject, ox.Literal):
                for quad in self.store.quads_for_pattern(subject, None, None):
                    objects, stage = found.setdefault(quad.predicate, {}), self.stage(quad.graph_name)
                    objects[quad.object] = min(stage, objects.get(quad.object, stage))
        return found

    def first(self, triple: Triple) -> int | None:
        """The stage at which a triple first comes; None when it never does."""
        return self.out(triple[0]).get(triple[1], _NOTHING).get(triple[2])

    def into(self, predicate: Any, value: Any, cap: int | None) -> list[tuple[Any, Any, int]] | None:
        """Subject, predicate and stage of the triples with an object; None when there are more than ``cap``."""
        found = self._into.get((predicate, value))
        if found is None:
            first: dict[tuple[Any, Any], int] = {}
            for quad in self.store.quads_for_pattern(None, predicate, value):
                key, stage = (quad.subject, quad.predicate), self.stage(quad.graph_name)
                first[key] = min(stage, first.get(key, stage))
                if cap is not None and len(first) > cap:
                    return None
            found = self._into[predicate, value] = [(s, p, stage) for (s, p), stage in first.items()]
        return found if cap is None or len(found) <= cap else None


class View:
    """A store and a change together, as far as both have come before a stage.

    ``added`` and ``removed`` are the triples by which the graph after the change differs from the one before.
    Triples of either are seen.
    """

    def __init__(self, base: Neighbours) -> None:
        self.base = base
        self.before = WRITTEN
        self.added: set[Triple] = set()
        self.removed: set[Triple] = set()
        self.quads_added: set[ox.Quad] = set()
        self.quads_removed: set[ox.Quad] = set()
        self._came: set[Triple] = set()
        self._twice: set[Triple] = set()  # added, and in the store too, perhaps at a later stage
        self._out: dict[Any, dict[Any, list[Any]]] = defaultdict(lambda: defaultdict(list))
        self._into: dict[Any, list[tuple[Any, Any]]] = defaultdict(list)

    def advance(self, added: set[ox.Quad], removed: set[ox.Quad]) -> None:
        """Go past the next stage, at which some quads are added and others removed."""
        self.before += 1
        self.quads_added |= added
        self.quads_removed |= removed
        came = {_triple(quad) for quad in added}
        self._came |= came
        self._twice |= {triple for triple in came if self.base.first(triple) is not None}
        for triple in came | self._twice | {_triple(quad) for quad in removed}:
            stage = self.base.first(triple)
            was = stage is not None and stage < self.before
            now = triple in self._came or (was and self._kept(triple))
            self._mark(triple, now and not was, was and not now)

    def finish(self) -> None:
        """Go past all stages but that of the closure."""
        self.before = ALL_DERIVED
        self.advance(set(), set())

    def _kept(self, triple: Triple) -> bool:
        quads = (quad for quad in self.base.store.quads_for_pattern(*triple) if quad not in self.quads_removed)
        return any(self.base.stage(quad.graph_name) < self.before for quad in quads)

    def _mark(self, triple: Triple, added: bool, removed: bool) -> None:
        self.__dict__.pop("_by_added", None)
        self.__dict__.pop("_by_removed", None)
        (self.removed.add if removed else self.removed.discard)(triple)
        s, p, o = triple
        if added and triple not in self.added:
            self.added.add(triple)
            self._out[s][p].append(o)
            self._into[o].append((s, p))
        elif not added and triple in self.added:
            self.added.remove(triple)
            self._out[s][p].remove(o)
            self._into[o].remove((s, p))

    def out(self, subject: Any, predicate: Any) -> list[Triple]:
        """The triples of a subject, with a predicate where one is given."""
        there, new = self.base.out(subject), self._out.get(subject)
        if predicate is not None:
            found = [
                (subject, predicate, o) for o, stage in there.get(predicate, _NOTHING).items() if stage < self.before
            ]
            if new is not None and predicate in new:
                found += [(subject, predicate, o) for o in new[predicate]]
            return found
        found = [(subject, p, o) for p, objects in there.items() for o, s in objects.items() if s < self.before]
        if new is not None:
            found += [(subject, p, o) for p, objects in new.items() for o in objects]
        return found

    def into(self, predicate: Any, value: Any, cap: int | None) -> list[Triple] | None:
        """The triples with an object, and a predicate where one is given; None when there are more than ``cap``."""
        there = self.base.into(predicate, value, cap)
        if there is None:
            return None
        found = [(s, p, value) for s, p, stage in there if stage < self.before]
        if value in self._into:
            found += [(s, p, value) for s, p in self._into[value] if predicate is None or p == predicate]
        return found

    def everywhere(self, predicate: Any) -> Iterator[Triple]:
        """All triples, with a predicate where one is given."""
        for quad in self.base.store.quads_for_pattern(None, predicate, None):
            if self.base.stage(quad.graph_name) < self.before:
                yield _triple(quad)
        yield from self.added if predicate is None else self._by_added.get(predicate, ())

    # What a check sees

    def support(self, sights: Iterable[Sight], things: set[Any], seen: set[Triple]) -> bool:
        """Add to ``seen`` the triples that a check can see from the things it is about; False when it finds nothing."""
        finds = False
        for sight in sights:
            finds = self._support(sight, {sight.about: set(things)}, seen) or finds
        return finds

    def _support(self, sight: Sight, candidates: Candidates, seen: set[Triple]) -> bool:
        if not self._narrow(sight.own, sight.limits, candidates, seen):
            return False
        for inner in (*sight.absent, *sight.beside):
            self._support(inner, dict(candidates), seen)
        return True

    # What a change concerns

    def concerned(self, sights: Iterable[Sight], found: Container[Any] | None) -> set[Any]:
        """The things about which a check can find something else after the change than before.

        ``found`` are the things about which it found something before, where that is known: a triple that can only
        take results away concerns no others.
        """
        things: set[Any] = set()
        for sight in sights:
            self._concerned(sight, "grows" if sight.grows else "either", found, things)
        return things

    def _concerned(self, sight: Sight, sense: str, found: Container[Any] | None, things: set[Any]) -> None:
        for way in sight.ways:
            for triples, gives in ((self._by_added, "grows"), (self._by_removed, "shrinks")):
                start = self._started(way, triples) if triples else None
                if start is None:
                    continue
                reached = start.get(sight.about)
                if reached is None:
                    reached = self._reached(way, start, sight.about)
                if found is None or sense in (gives, "either"):
                    things |= reached
                else:
                    things |= {thing for thing in reached if thing in found}
        opposite = {"grows": "shrinks"}.get(sense, "either")
        for inner in sight.absent:
            self._concerned(inner, opposite, found, things)
        for inner in sight.beside:
            self._concerned(inner, "either", found, things)

    @cached_property
    def _by_added(self) -> Mapping[Any, list[Triple]]:
        return _by_predicate(self.added)

    @cached_property
    def _by_removed(self) -> Mapping[Any, list[Triple]]:
        return _by_predicate(self.removed)

    def _started(self, way: Way, triples: Mapping[Any, list[Triple]]) -> Candidates | None:
        """The candidates that changed triples give the variables of a pattern; None when none matches it."""
        pattern = way.pattern
        if pattern.predicate == SAME:
            return None
        if not isinstance(pattern.predicate, str):
            return self._started_path(pattern, triples)
        p = _allowed(pattern.predicate, way.limits)
        if p is not None and triples.keys().isdisjoint(p):
            return None
        s, o = _allowed(pattern.subject, way.limits), _allowed(pattern.object, way.limits)
        found = [
            triple
            for predicate in (triples if p is None else p)
            for triple in triples.get(predicate, ())
            if (s is None or triple[0] in s) and (o is None or triple[2] in o)
        ]
        return _values(pattern, found, {})[0] if found else None

    def _started_path(self, pattern: Pattern, triples: Mapping[Any, list[Triple]]) -> Candidates | None:
        """The ends that a path through a changed triple can have."""
        along = [(term(predicate), inverse) for predicate, inverse in steps(pattern.predicate)]
        left: set[Any] = set()
        right: set[Any] = set()
        for predicate, inverse in along:
            for s, _, o in triples.get(predicate, ()):
                left.add(o if inverse else s)
                right.add(s if inverse else o)
        if not left:
            return None
        start: Candidates = {}
        for name, ends, back in ((pattern.subject, left, True), (pattern.object, right, False)):
            open_ = list(ends)
            while open_:
                node = open_.pop()
                for predicate, inverse in along:
                    for s, _, o in (
                        self.out(node, predicate) if inverse == back else self.into(predicate, node, None) or ()
                    ):
                        other = o if inverse == back else s
                        if other not in ends:
                            ends.add(other)
                            open_.append(other)
            start[name] = ends
        return _named(start)

    def _reached(self, way: Way, start: Candidates, goal: str) -> set[Any]:
        candidates = dict(start)
        if not self._narrow(way.others, way.limits, candidates, None, goal):
            return set()
        return candidates[goal] if goal in candidates else way.limits.get(goal, set())

    # Candidates

    def _narrow(
        self,
        patterns: Iterable[Pattern],
        limits: Candidates,
        candidates: Candidates,
        seen: set[Triple] | None,
        goal: str | None = None,
    ) -> bool:
        """Narrow the candidates of all variables, or until a goal has some; False when nothing can match."""
        for name in limits.keys() & candidates.keys():
            candidates[name] = candidates[name] & limits[name]
            if not candidates[name]:
                return False
        rest = list(patterns)
        while rest and not (goal is not None and goal in candidates):
            pattern, values, triples = self._cheapest(rest, candidates, limits)
            rest.remove(pattern)
            for name, found in values.items():
                candidates[name] = candidates[name] & found if name in candidates else found
            if seen is not None:
                seen.update(triples)
            if not all(candidates[name] for name in values):
                return False
            if not values and not triples and pattern.predicate != SAME:
                return False
        return True

    def _cheapest(
        self, patterns: list[Pattern], candidates: Candidates, limits: Candidates
    ) -> tuple[Pattern, Candidates, list[Triple]]:
        """The pattern with the fewest matches, the values that these give its variables, and their triples.

        Patterns that hang together with the candidates come first; then those that hold a given term.
        """
        for known in (candidates, limits | candidates):
            for cap in _CAPS:
                for pattern in patterns:
                    if known is candidates and not _touches(pattern, candidates):
                        continue
                    match = self._matches(pattern, known, limits, cap)
                    if match is not None:
                        return pattern, *match
        pattern = min(patterns, key=lambda p: isinstance(p.predicate, tuple) or p.predicate.startswith("?"))
        if pattern.predicate == SAME:
            return pattern, {}, []
        if not isinstance(pattern.predicate, str):
            starts = {s for predicate, _ in steps(pattern.predicate) for s, _, _ in self.everywhere(term(predicate))}
            match = self._matches(pattern, candidates | {pattern.subject: starts}, limits, None)
            assert match is not None
            return pattern, *match
        predicate = None if pattern.predicate.startswith("?") else term(pattern.predicate)
        return pattern, *_values(pattern, list(self.everywhere(predicate)), limits)

    def _matches(
        self, pattern: Pattern, candidates: Candidates, limits: Candidates, cap: int | None
    ) -> tuple[Candidates, list[Triple]] | None:
        subjects, objects = _allowed(pattern.subject, candidates), _allowed(pattern.object, candidates)
        if pattern.predicate == SAME:
            known = [ends for ends in (subjects, objects) if ends is not None]
            both = set.intersection(*known) if known else set()
            return (_named({pattern.subject: both, pattern.object: both}), []) if known else None
        if not isinstance(pattern.predicate, str):
            return self._along(pattern, pattern.predicate, subjects, objects, cap)
        predicates = _allowed(pattern.predicate, candidates) or limits.get(pattern.predicate) or (None,)
        triples: list[Triple] = []
        if subjects is not None:
            count = 0
            several = len(predicates) > _FEW
            for subject in subjects:
                for predicate in (None,) if several else predicates:
                    for triple in self.out(subject, predicate):
                        count += 1
                        if (objects is None or triple[2] in objects) and (not several or triple[1] in predicates):
                            triples.append(triple)
                if cap is not None and count > max(cap, 16 * len(subjects)):  # a thing's own triples are few
                    break
            else:
                return _values(pattern, triples, limits)
        if objects is not None:
            count, triples = 0, []
            for value in objects:
                for predicate in predicates:
                    found = self.into(predicate, value, None if cap is None else cap - count)
                    if found is None:
                        return None
                    count += len(found)
                    triples += [t for t in found if subjects is None or t[0] in subjects]
                    if cap is not None and count > cap:
                        return None
            return _values(pattern, triples, limits)
        if subjects is None and objects is None and predicates != (None,):
            triples = []
            for predicate in predicates:
                triples += islice(self.everywhere(predicate), None if cap is None else cap + 1 - len(triples))
                if cap is not None and len(triples) > cap:
                    return None
            return _values(pattern, triples, limits)
        return None

    def _along(
        self, pattern: Pattern, path: Path, subjects: set[Any] | None, objects: set[Any] | None, cap: int | None
    ) -> tuple[Candidates, list[Triple]] | None:
        for start, back in ((subjects, False), (objects, True)):
            if start is None:
                continue
            triples: list[Triple] = []
            ends = self._walk(path, start, back, triples, cap)
            if ends is None:
                continue
            near, far = (pattern.object, pattern.subject) if back else (pattern.subject, pattern.object)
            other = subjects if back else objects
            values = {far: ends if other is None else ends & other, near: start if ends else set()}
            return _named(values), triples
        return None

    def _walk(self, path: Path, nodes: set[Any], back: bool, triples: list[Triple], cap: int | None) -> set[Any] | None:
        """The nodes at the other end of a path; None when more triples than ``cap`` lie on the way."""
        if isinstance(path, str):
            ends = set()
            for node in nodes:
                found = self.into(term(path), node, cap) if back else self.out(node, term(path))
                if found is None:
                    return None
                triples += found
                ends |= {triple[0] if back else triple[2] for triple in found}
                if cap is not None and len(triples) > cap:
                    return None
            return ends
        operator, *parts = path
        if operator == "/":
            for part in reversed(parts) if back else parts:
                step = self._walk(part, nodes, back, triples, cap)
                if step is None:
                    return None
                nodes = step
            return nodes
        if operator == "|":
            ends = set()
            for part in parts:
                step = self._walk(part, nodes, back, triples, cap)
                if step is None:
                    return None
                ends |= step
            return ends
        if operator == "^":
            return self._walk(parts[0], nodes, not back, triples, cap)
        ends, new = set(nodes) if operator != "+" else set(), set(nodes)
        while new:
            step = self._walk(parts[0], new, back, triples, cap)
            if step is None:
                return None
            new = step - ends
            ends |= step
            if operator == "?":
                break
        return ends


def _touches(pattern: Pattern, candidates: Candidates) -> bool:
    return any(name in candidates for name in (pattern.subject, pattern.predicate, pattern.object))


def _allowed(name: str, candidates: Candidates) -> set[Any] | None:
    if name.startswith("?"):
        return candidates.get(name)
    return {term(name)}


def _named(values: Candidates) -> Candidates:
    return {name: found for name, found in values.items() if name.startswith("?") and name != ANYTHING}


def _values(pattern: Pattern, triples: list[Triple], limits: Candidates) -> tuple[Candidates, list[Triple]]:
    places = ((pattern.subject, 0), (pattern.predicate, 1), (pattern.object, 2))
    for name, index in places:
        if name in limits:
            triples = [triple for triple in triples if triple[index] in limits[name]]
    values: Candidates = {}
    for name, index in places:
        if isinstance(name, str) and name.startswith("?") and name != ANYTHING:
            found = {triple[index] for triple in triples}
            values[name] = values[name] & found if name in values else found
    return values, triples


@dataclass(frozen=True, eq=False)
class Way:
    """One pattern of a check with all others that have to match beside it, those that name its anchor first."""

    pattern: Pattern
    others: tuple[Pattern, ...]
    limits: Candidates


@dataclass(frozen=True, eq=False)
class Sight:
    """A group of patterns made ready: what a check sees of a thing, and the ways that lead to the thing."""

    about: str
    own: tuple[Pattern, ...]
    ways: tuple[Way, ...]
    limits: Candidates
    absent: tuple[Sight, ...]
    beside: tuple[Sight, ...]
    grows: bool


def sight(group: Group, anchor: str, around: tuple[Pattern, ...] = (), limits: Candidates | None = None) -> Sight:
    """What a check sees by a group, which stands beside other patterns."""
    own = _limits(group.given)
    known = dict(limits or {})
    for name, terms in own.items():
        known[name] = known[name] & terms if name in known else terms
    patterns = tuple(dict.fromkeys((*around, *group.patterns)))
    ordered = sorted(patterns, key=lambda pattern: anchor not in pattern.variables)
    ways = (Way(one, tuple(other for other in ordered if other != one), known) for one in group.patterns)
    absent, beside = (
        tuple(sight(inner, anchor, patterns, known) for inner in groups) for groups in (group.absent, group.beside)
    )
    return Sight(anchor, group.patterns, tuple(ways), own, absent, beside, group.grows)


def _by_predicate(triples: Iterable[Triple]) -> Mapping[Any, list[Triple]]:
    index: dict[Any, list[Triple]] = defaultdict(list)
    for triple in triples:
        index[triple[1]].append(triple)
    return index


def _triple(quad: ox.Quad) -> Triple:
    return quad.subject, quad.predicate, quad.object


def _limits(given: Iterable[tuple[str, tuple[str, ...]]]) -> Candidates:
    limits: Candidates = {}
    for name, terms in given:
        allowed = {term(text) for text in terms}
        limits[name] = limits[name] & allowed if name in limits else allowed
    return limits
