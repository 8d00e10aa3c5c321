"""Which rows of a query go away for certain, because a group that must be absent beside them is there.

What stays may still be no row of the query: only what a few triples at one thing tell is looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from rrm_kg.context.conditions import Condition, by_variable
from rrm_kg.context.patterns import ANYTHING, Group, Pattern, term
from rrm_kg.context.view import Triple, View

_MOST: Final = 64  # triples with one object that are looked through


@dataclass(frozen=True, eq=False)
class Bar:
    """Patterns of which a match takes away all rows with some value of a variable, and what they leave others."""

    variable: str
    patterns: tuple[Pattern, ...]
    limits: Mapping[str, Set[Any]]
    conditions: Mapping[str, tuple[Condition, ...]]

    @cached_property
    def single(self) -> tuple[Any, str] | None:
        """The predicate and what stands as the object, where all is one pattern with the variable as its subject."""
        subject, predicate, value = _places(self.patterns[0])
        if len(self.patterns) > 1 or subject != self.variable or predicate[0] == "?" or value == subject:
            return None
        if self.variable in self.limits or self.variable in self.conditions:
            return None
        return term(predicate), value

    def allows(self, name: str, found: Any) -> bool:
        """Whether a term or variable of the patterns can be a term, for certain."""
        if name == ANYTHING:
            return True
        if name[0] != "?":
            return bool(term(name) == found)
        if name in self.limits and found not in self.limits[name]:
            return False
        return all(one.surely(found) for one in self.conditions.get(name, ()))

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """The same for bars that differ by the names of variables at most."""
        names = dict.fromkeys(name for pattern in self.patterns for name in _places(pattern) if name[0] == "?")
        number = {name: f"?{index}" for index, name in enumerate(names)} | {self.variable: "?this"}
        patterns = tuple(tuple(number.get(name, name) for name in _places(pattern)) for pattern in self.patterns)
        limits = frozenset((number[name], terms) for name, terms in self.limits.items() if name in number)
        return patterns, limits, frozenset((number[n], one.test) for n, some in self.conditions.items() for one in some)


def bars(group: Group, anchor: str) -> Iterator[Bar]:
    """What takes rows away from a group by one of its variables alone; other groups that must be absent say nothing."""
    bound = {name for pattern in group.patterns if _is_plain(pattern) for name in pattern.variables}
    known = group.variables_outside_absent | {anchor}
    for inner in group.absent:
        shared = (inner.variables & known) - {ANYTHING}
        simple = inner.exact and inner.grows and not (inner.absent or inner.beside or inner.made)
        asked = by_variable(inner.conditions)
        named = {name for pattern in inner.patterns for name in pattern.variables}
        if simple and len(shared) == 1 and shared <= bound | {anchor} and all(map(_is_plain, inner.patterns)):
            limits: dict[str, Set[Any]] = {name: frozenset(map(term, terms)) for name, terms in inner.given}
            if len(limits) == len(inner.given) and asked.keys() <= named - {ANYTHING}:
                yield Bar(shared.pop(), inner.patterns, limits, asked)


def _places(pattern: Pattern) -> tuple[str, str, str]:
    assert isinstance(pattern.predicate, str)
    return pattern.subject, pattern.predicate, pattern.object


def _is_plain(pattern: Pattern) -> bool:
    return isinstance(pattern.predicate, str)


class Absence:
    """What is there for certain at a stage of a view, each asked for once."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._known: dict[Any, dict[Any, bool]] = defaultdict(dict)

    def barred(self, bar: Bar, value: Any) -> bool:
        """Whether the patterns match after the change, for certain, with a value of the variable."""
        known = self._known[bar.key]
        found = known.get(value)
        if found is None and bar.single is not None:
            predicate, object_ = bar.single
            removed = self.view.removed
            found = known[value] = any(
                bar.allows(object_, triple[2]) and triple not in removed for triple in self.view.out(value, predicate)
            )
        elif found is None:
            found = bar.allows(bar.variable, value) and _holds(bar, bar.patterns, {bar.variable: value}, self.view)
            known[value] = found
        return found


def _holds(bar: Bar, patterns: tuple[Pattern, ...], bound: dict[str, Any], view: View) -> bool:
    if not patterns:
        return True
    for pattern, at_subject in _nearest(patterns, bound):
        rest = tuple(other for other in patterns if other is not pattern)
        triples = _after(pattern, bound, at_subject, view)
        return any(_holds(bar, rest, values, view) for values in _values(bar, pattern, triples, bound))
    return False


def _nearest(patterns: tuple[Pattern, ...], bound: dict[str, Any]) -> Iterator[tuple[Pattern, bool]]:
    """The patterns of which an end is known, and whether it is the subject; a class or a code leads to the most."""
    for at_subject, open_ in ((True, False), (False, True), (False, False)):
        for pattern in patterns:
            end = pattern.subject if at_subject else pattern.object
            if _is_known(end, bound) and not (open_ and end[0] != "?"):
                yield pattern, at_subject


def _is_known(name: str, bound: dict[str, Any]) -> bool:
    return name[0] != "?" or name in bound


def _after(pattern: Pattern, bound: dict[str, Any], at_subject: bool, view: View) -> Iterator[Triple]:
    """The triples at one end of a pattern after the change; some of them where there are many."""
    predicate = _value(_places(pattern)[1], bound)
    end = _value(pattern.subject if at_subject else pattern.object, bound)
    triples: Iterable[Triple] | None
    if not at_subject:
        triples = view.into(predicate, end, _MOST)
        if triples is None:
            triples = view.some_into(predicate, end, _MOST)
    elif predicate is None:
        triples = (triple for some in view.around(end).values() for triple in some)
    else:
        triples = view.out(end, predicate)
    return (triple for triple in triples if triple not in view.removed)


def _values(bar: Bar, pattern: Pattern, triples: Iterable[Triple], bound: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What triples that match a pattern give its variables, together with those that are bound."""
    for triple in triples:
        values = dict(bound)
        for name, found in zip(_places(pattern), triple, strict=True):
            same = name == ANYTHING or name[0] != "?" or values.setdefault(name, found) == found
            if not (same and bar.allows(name, found)):
                break
        else:
            yield values


def _value(name: str, bound: dict[str, Any]) -> Any:
    return bound.get(name) if name[0] == "?" else term(name)
