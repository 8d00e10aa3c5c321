"""What a check sees by its patterns, made ready once: its groups, and the ways that lead from each to its things."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from rrm_kg.context import newcomers
from rrm_kg.context.absence import Bar, bars
from rrm_kg.context.conditions import Comparison, Condition, by_variable
from rrm_kg.context.patterns import SAME, Group, Pattern, steps, term

Candidates = dict[str, Set[Any]]
"""The terms that each variable may be."""
Conditions = Mapping[str, tuple[Condition, ...]]
"""What each variable must meet."""


@dataclass(frozen=True, eq=False)
class Way:
    """One pattern of a check with all others that have to match beside it, those that name its anchor first."""

    pattern: Pattern
    others: tuple[Pattern, ...]
    limits: Candidates
    conditions: Conditions

    @cached_property
    def start(self) -> tuple[Any, ...]:
        """What a triple must be to match the pattern, the same for all that differ by names: terms and conditions."""
        if not isinstance(self.pattern.predicate, str):
            return (self.pattern.predicate,)
        places = self.pattern.places
        terms = tuple(allowed(name, self.limits) for name, _ in places)
        return terms, tuple(tuple(one.test for one in self.conditions.get(name, ())) for name, _ in places)


@dataclass(frozen=True, eq=False)
class Sight:
    """A group of patterns made ready: what a check sees of a thing, and the ways that lead to the thing."""

    about: str
    own: tuple[Pattern, ...]
    ways: tuple[Way, ...]
    limits: Candidates
    conditions: Conditions
    absent: tuple[Sight, ...]
    beside: tuple[Sight, ...]
    grows: bool
    bars: tuple[Bar, ...]
    comparisons: tuple[Comparison, ...]
    _apart: dict[frozenset[Any], bool] = field(default_factory=dict)

    @cached_property
    def groups(self) -> tuple[tuple[Way, ...], ...]:
        """Each group by the ways from it, those of the groups inside too."""
        return (self.ways, *(ways for one in (*self.absent, *self.beside) for ways in one.groups))

    @cached_property
    def _predicates(self) -> frozenset[Any]:
        paths = [way.pattern.predicate for ways in self.groups for way in ways if way.pattern.predicate != SAME]
        return frozenset(term(name) for path in paths for name, _ in steps(path) if name[0] != "?")

    @cached_property
    def _terms(self) -> frozenset[Any]:
        """The terms that the patterns name."""
        every = [way for ways in self.groups for way in ways]
        named = {name for way in every for name in (way.pattern.subject, way.pattern.object) if name[0] != "?"}
        return frozenset(map(term, named)).union(*(terms for way in every for terms in way.limits.values()))

    @cached_property
    def ends(self) -> tuple[newcomers.End, ...]:
        """Where the things that it is about stand in triples."""
        return tuple(newcomers.ends(self.about, self.own, self.limits))

    def is_apart(self, new: newcomers.Newcomers) -> bool:
        """Whether a change that is all new concerns new things only."""
        if not self._terms.isdisjoint(new.things):
            return False
        key = new.leading_out & self._predicates
        known = self._apart.get(key)
        if known is None:
            known = self._apart[key] = not any(self._meets(ways, new) for ways in self.groups if ways)
        return known

    def _meets(self, ways: tuple[Way, ...], new: newcomers.Newcomers) -> bool:
        patterns = ways[0].pattern, *ways[0].others
        return newcomers.meets_others(patterns, {self.about, *ways[0].limits}, new.leading_out)


def sight(
    group: Group,
    anchor: str,
    around: tuple[Pattern, ...] = (),
    limits: Candidates | None = None,
    conditions: Iterable[Condition] = (),
) -> Sight:
    """What a check sees by a group, which stands beside other patterns."""
    own = _limits(group.given)
    known = dict(limits or {})
    for name, terms in own.items():
        known[name] = known[name] & terms if name in known else terms
    patterns = tuple(dict.fromkeys((*around, *group.patterns)))
    ordered = sorted(patterns, key=lambda pattern: anchor not in pattern.variables)
    asked = (*conditions, *group.conditions)
    tests = by_variable(asked)
    ways = (Way(one, tuple(other for other in ordered if other != one), known, tests) for one in group.patterns)
    absent, beside = (
        tuple(sight(inner, anchor, patterns, known, asked) for inner in groups)
        for groups in (group.absent, group.beside)
    )
    barring = () if around else tuple(bars(group, anchor))
    here = by_variable(group.conditions)
    return Sight(
        anchor, group.patterns, tuple(ways), own, here, absent, beside, group.grows, barring, group.comparisons
    )


def _limits(given: Iterable[tuple[str, tuple[str, ...]]]) -> Candidates:
    limits: Candidates = {}
    for name, terms in given:
        allowed = frozenset(term(text) for text in terms)
        limits[name] = limits[name] & allowed if name in limits else allowed
    return limits


def allowed(name: str, candidates: Candidates) -> Set[Any] | None:
    """What may stand for a name: the term that it is, or the candidates of a variable; None where these are unknown."""
    return candidates.get(name) if name[0] == "?" else _only(name)


@cache
def _only(name: str) -> frozenset[Any]:
    return frozenset((term(name),))
