"""What of a graph a check can see from the things it is about, and which things a change can concern.

Both follow from the triple patterns that the check reads (reads.py). Candidates for each variable are narrowed
pattern by pattern, always along the one with the fewest matches, so that the work follows the change and not the graph.
What is found is never too little: conditions on several terms are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping, Set
from itertools import islice
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg.context import newcomers
from rrm_kg.context.absence import Absence
from rrm_kg.context.found import Found
from rrm_kg.context.paths import through, walk
from rrm_kg.context.patterns import ANYTHING, SAME, Path, Pattern, steps, term
from rrm_kg.context.sights import Candidates, Conditions, Sight, Way, allowed
from rrm_kg.context.view import Triple, View

Seen = list[Collection[Triple]]
"""What was seen, by parts of which some come again; seen_triples() gives it as one."""

_UNKNOWN: Final = object()
_FEW: Final = 3  # predicates of a thing that are looked up one by one
_ANY: Final[frozenset[Any]] = frozenset((None,))
_CAPS: Final = (16, 128, 1_024, 8_192, None)


def seen_triples(seen: Seen) -> set[Triple]:
    """The triples of all parts; a part that comes again is looked at once."""
    return set().union(*{id(part): part for part in seen}.values())


class Context:
    """What checks see in a view. It holds for the stage at which the view stands.

    Many checks ask the same of the same things: what was read is kept.
    """

    def __init__(self, view: View) -> None:
        self.view = view
        self._changed: dict[tuple[Any, ...], Any] = {}
        self._chosen: dict[tuple[Any, ...], Found] = {}
        self._around: dict[tuple[Any, ...], Found] = {}
        self._absence = Absence(view)
        self._newcomers = newcomers.Newcomers(view) if view.all_new else None

    def support(self, sights: Iterable[Sight], things: Set[Any], seen: Seen) -> bool:
        """Add to ``seen`` the triples that a check can see from the things it is about; False when it finds nothing."""
        return bool(self._support(sights, things, seen, barring=False))

    def finds(self, sights: Iterable[Sight], things: Set[Any], seen: Seen) -> Set[Any]:
        """The things, among some, about which a check can find something after the change.

        To ``seen`` goes what it can see from these; about others it must not be asked.
        """
        return self._support(sights, things, seen, barring=True)

    def _support(self, sights: Iterable[Sight], things: Set[Any], seen: Seen, *, barring: bool) -> frozenset[Any]:
        found: frozenset[Any] = frozenset()
        for sight in sights:
            open_ = self._unbarred(sight, things) if barring else things
            candidates: Candidates = {sight.about: open_}
            own: Seen = []
            if not open_ or not self._narrow(sight.own, sight.limits, sight.conditions, candidates, own):
                continue
            if barring and not self._stays(sight, candidates):
                continue
            seen += own
            self._inside(sight, candidates, seen)
            found |= candidates[sight.about]
        return found

    def several(self, thing: Any, predicate: ox.NamedNode, least: int, *, alike: bool) -> bool:
        """Whether a thing has at least so many values of a property after the change, in one language if ``alike``."""
        triples = self.view.out(thing, predicate)
        if len(triples) < least:
            return False
        values = [triple[2] for triple in triples if triple not in self.view.removed]
        if not alike:
            return len(values) >= least
        tags = Counter(value.language.lower() for value in values if isinstance(value, ox.Literal) and value.language)
        return max(tags.values(), default=0) >= least

    def _inside(self, sight: Sight, candidates: Candidates, seen: Seen) -> None:
        """Add to ``seen`` what the groups inside a sight can see."""
        for inner in (*sight.absent, *sight.beside):
            within = dict(candidates)
            if self._narrow(inner.own, inner.limits, inner.conditions, within, seen):
                self._inside(inner, within, seen)

    def _unbarred(self, sight: Sight, things: Set[Any]) -> Set[Any]:
        """The things of which rows may stay, as far as the groups tell that must be absent at a thing itself."""
        for bar in sight.bars:
            if bar.variable == sight.about:
                things = {one for one in things if not self._absence.barred(bar, one)}
        return things

    def _stays(self, sight: Sight, candidates: Candidates) -> bool:
        """Whether some rows stay by what two variables are to each other, and by what must be absent at others.

        Candidates stay all where one does: what bars a row of theirs must be seen.
        """
        for one in sight.comparisons:
            lefts, rights = candidates.get(one.left), candidates.get(one.right)
            if lefts is not None and rights is not None and not one.can_hold(lefts, rights):
                return False
        return not any(
            bar.variable != sight.about and all(self._absence.barred(bar, one) for one in candidates[bar.variable])
            for bar in sight.bars
        )

    # What a change concerns

    def concerned(self, sights: Iterable[Sight], found: Container[Any] | None) -> set[Any]:
        """The things about which a check can find something else after the change than before.

        ``found`` are the things about which it found something before, where that is known: a triple that can only
        take results away concerns no others.
        """
        things: set[Any] = set()
        for sight in sights:
            new = self._newcomers
            if new is not None and sight.is_apart(new):
                things |= new.that(sight.ends)
            else:
                self._concerned(sight, "grows" if sight.grows else "either", found, things)
        return things

    def concerned_apart(self, sights: Iterable[Sight]) -> set[Any] | None:
        """The same where it is known that these things are new, with all that is told of them; else None."""
        new = self._newcomers
        if new is None or not all(sight.is_apart(new) for sight in sights):
            return None
        return set().union(*(new.that(sight.ends) for sight in sights))

    def _concerned(self, sight: Sight, sense: str, found: Container[Any] | None, things: set[Any]) -> None:
        for way in sight.ways:
            for triples, gives in (
                (self.view.added_by_predicate, "grows"),
                (self.view.removed_by_predicate, "shrinks"),
            ):
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
        opposite = {"grows": "shrinks", "shrinks": "grows"}.get(sense, "either")
        for inner in sight.absent:
            self._concerned(inner, opposite if inner.grows else "either", found, things)
        for inner in sight.beside:
            self._concerned(inner, "either", found, things)

    def _started(self, way: Way, triples: Mapping[Any, list[Triple]]) -> Candidates | None:
        """The candidates that changed triples give the variables of a pattern; None when none matches it."""
        key = triples is self.view.added_by_predicate, way.start
        found = self._changed.get(key, _UNKNOWN)
        if found is _UNKNOWN:
            found = self._changed[key] = self._matching(way, triples)
        if found is None:
            return None
        start: Candidates = {}
        for name, index in way.pattern.open:
            start[name] = start[name] & found[index] if name in start else found[index]
        return start if all(start.values()) else None

    def _matching(self, way: Way, triples: Mapping[Any, list[Triple]]) -> tuple[Set[Any], ...] | None:
        """The terms that the changed triples which match a pattern have in each place."""
        pattern = way.pattern
        if pattern.predicate == SAME:
            return None
        if not isinstance(pattern.predicate, str):
            return through(self.view, pattern.predicate, triples)
        s, p, o = way.start[0]
        if p is not None and triples.keys().isdisjoint(p):
            return None
        key = triples is self.view.added_by_predicate, s, p, o
        found = self._chosen.get(key)
        if found is None:
            found = self._chosen[key] = Found(
                [
                    triple
                    for predicate in (triples if p is None else triples.keys() & p if len(p) > _FEW else p)
                    for triple in triples.get(predicate, ())
                    if (s is None or triple[0] in s) and (o is None or triple[2] in o)
                ]
            )
        for name, index in pattern.places:
            found = found.meeting(index, way.conditions.get(name, ()))
        return tuple(found.terms(index) for index in range(3)) if found.triples else None

    def _reached(self, way: Way, start: Candidates, goal: str) -> Set[Any]:
        candidates = dict(start)
        if not self._narrow(way.others, way.limits, way.conditions, candidates, None, goal):
            return frozenset()
        return candidates[goal] if goal in candidates else way.limits.get(goal, frozenset())

    # Candidates

    def _narrow(
        self,
        patterns: Iterable[Pattern],
        limits: Candidates,
        conditions: Conditions,
        candidates: Candidates,
        seen: Seen | None,
        goal: str | None = None,
    ) -> bool:
        """Narrow the candidates of all variables, or until a goal has some; False when nothing can match."""
        for name in limits.keys() & candidates.keys():
            candidates[name] = candidates[name] & limits[name]
            if not candidates[name]:
                return False
        rest = list(patterns)
        while rest and not (goal is not None and goal in candidates):
            pattern, values, triples = self._cheapest(rest, candidates, limits, conditions)
            rest = [other for other in rest if other is not pattern]
            for name, found in values.items():
                candidates[name] = candidates[name] & found if name in candidates else found
            if seen is not None:
                seen.append(triples)
            if not all(candidates[name] for name in values):
                return False
            if not values and not triples and pattern.predicate != SAME:
                return False
        return True

    def _cheapest(
        self, patterns: list[Pattern], candidates: Candidates, limits: Candidates, conditions: Conditions
    ) -> tuple[Pattern, Candidates, list[Triple]]:
        """The pattern with the fewest matches, the values that these give its variables, and their triples.

        Patterns that hang together with the candidates come first; then those that hold a given term.
        """
        for known in (candidates, limits | candidates):
            for cap in _CAPS:
                for pattern in patterns:
                    if known is candidates and not _touches(pattern, candidates):
                        continue
                    match = self._matches(pattern, known, limits, conditions, cap)
                    if match is not None:
                        return pattern, *match
        pattern = min(patterns, key=lambda p: isinstance(p.predicate, tuple) or p.predicate.startswith("?"))
        if pattern.predicate == SAME:
            return pattern, {}, []
        if not isinstance(pattern.predicate, str):
            starts = {
                s for predicate, _ in steps(pattern.predicate) for s, _, _ in self.view.everywhere(term(predicate))
            }
            match = self._matches(pattern, candidates | {pattern.subject: starts}, limits, conditions, None)
            assert match is not None
            return pattern, *match
        predicate = None if pattern.predicate.startswith("?") else term(pattern.predicate)
        return pattern, *Found(list(self.view.everywhere(predicate))).values(pattern, limits, conditions)

    def _matches(
        self, pattern: Pattern, candidates: Candidates, limits: Candidates, conditions: Conditions, cap: int | None
    ) -> tuple[Candidates, list[Triple]] | None:
        subjects, objects = allowed(pattern.subject, candidates), allowed(pattern.object, candidates)
        if pattern.predicate == SAME:
            known = [ends for ends in (subjects, objects) if ends is not None]
            if not known:
                return None
            both = set(known[0]).intersection(*known)
            for name in (pattern.subject, pattern.object):
                for condition in conditions.get(name, ()):
                    both = set(condition.meeting(both))
            return _named({pattern.subject: both, pattern.object: both}), []
        if not isinstance(pattern.predicate, str):
            return self._along(pattern, pattern.predicate, subjects, objects, conditions, cap)
        predicates = allowed(pattern.predicate, candidates) or limits.get(pattern.predicate) or _ANY
        if subjects is not None:
            around = self._out(frozenset(subjects), predicates, cap)
            if around is not None:
                return (around if objects is None else around.within(2, objects)).values(pattern, limits, conditions)
        triples: list[Triple] = []
        if objects is not None:
            count = 0
            for value in objects:
                for predicate in predicates:
                    found = self.view.into(predicate, value, None if cap is None else cap - count)
                    if found is None:
                        return None
                    count += len(found)
                    triples += [t for t in found if subjects is None or t[0] in subjects]
                    if cap is not None and count > cap:
                        return None
            return Found(triples).values(pattern, limits, conditions)
        if subjects is None and objects is None and predicates != _ANY:
            for predicate in predicates:
                triples += islice(self.view.everywhere(predicate), None if cap is None else cap + 1 - len(triples))
                if cap is not None and len(triples) > cap:
                    return None
            return Found(triples).values(pattern, limits, conditions)
        return None

    def _out(self, subjects: frozenset[Any], predicates: Set[Any], cap: int | None) -> Found | None:
        """The triples of some subjects with some predicates; None when there are many more than ``cap``."""
        key = subjects, frozenset(predicates)
        known = self._around.get(key)
        most = None if cap is None else max(cap, 16 * len(subjects))  # a thing's own triples are few
        if known is not None:
            return known if most is None or len(known.triples) <= most else None
        every, several = None in predicates, len(predicates) > _FEW
        around, new = self.view.around, self.view.new
        triples: list[Triple] = []
        rest = subjects
        if not every and not several:  # of a new case there are fewer triples with a property than there are subjects
            rest = subjects - new
            for predicate in predicates if len(rest) < len(subjects) else ():
                added = self.view.added_by_predicate.get(predicate, ())
                triples += [one for one in added if one[0] in subjects and one[0] in new]
        for subject in rest:
            there = around(subject)
            wanted = there if every else there.keys() & predicates if several else predicates
            for predicate in wanted:
                if predicate in there:
                    triples += there[predicate]
            if most is not None and len(triples) > most:
                return None
        found = self._around[key] = Found(triples)
        return found

    def _along(
        self,
        pattern: Pattern,
        path: Path,
        subjects: Set[Any] | None,
        objects: Set[Any] | None,
        conditions: Conditions,
        cap: int | None,
    ) -> tuple[Candidates, list[Triple]] | None:
        for start, back in ((subjects, False), (objects, True)):
            if start is None:
                continue
            triples: list[Triple] = []
            ends = walk(self.view, path, start, back, triples, cap)
            if ends is None:
                continue
            near, far = (pattern.object, pattern.subject) if back else (pattern.subject, pattern.object)
            other = subjects if back else objects
            values: Candidates = {far: ends if other is None else ends & other, near: set(start) if ends else set()}
            return _meeting(_named(values), conditions), triples
        return None


def _meeting(values: Candidates, conditions: Conditions) -> Candidates:
    """What is left of values by the conditions on their variables."""
    if values.keys().isdisjoint(conditions):
        return values
    met = dict(values)
    for name in values.keys() & conditions.keys():
        for condition in conditions[name]:
            met[name] = set(condition.meeting(met[name]))
    return met


def _touches(pattern: Pattern, candidates: Candidates) -> bool:
    return not candidates.keys().isdisjoint(pattern.names)


def _named(values: Candidates) -> Candidates:
    return {name: found for name, found in values.items() if name[0] == "?" and name != ANYTHING}
