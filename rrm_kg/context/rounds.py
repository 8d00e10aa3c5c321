"""Which derivation rules can be asked at the same time: those of which none reads what another one derives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

from rrm_kg.context.patterns import SAME, steps, term
from rrm_kg.context.sights import Sight
from rrm_kg.infer import Rule


def rounds(
    rules: Iterable[Rule], sights: Mapping[str, Sequence[Sight]], derived: Mapping[str, Iterable[str]]
) -> tuple[tuple[Rule, ...], ...]:
    """The rules in their order, put together as far as what comes out stays the same.

    ``sights`` are what each rule sees, ``derived`` the predicates of what it derives, both by the rule's name.
    """
    found: list[list[Rule]] = []
    made: Set[Any] | None = None
    for rule in rules:
        read, makes = _read(sights[rule.name]), _made(derived[rule.name], sights[rule.name])
        if made is None or read is None or not read.isdisjoint(made):
            found.append([])
            made = frozenset()
        found[-1].append(rule)
        made = None if makes is None else made | makes
    return tuple(map(tuple, found))


def _read(sights: Iterable[Sight]) -> Set[Any] | None:
    """The predicates that a rule reads; None where it may read any."""
    predicates: set[Any] = set()
    for way in (way for sight in sights for ways in sight.groups for way in ways):
        for name, _ in () if way.pattern.predicate == SAME else steps(way.pattern.predicate):
            terms = way.limits.get(name) if name[0] == "?" else frozenset((term(name),))
            if terms is None:
                return None
            predicates |= terms
    return predicates


def _made(names: Iterable[str], sights: Sequence[Sight]) -> Set[Any] | None:
    """The predicates that a rule derives, where variables are what each of its groups leaves them; None for any."""
    predicates: set[Any] = set()
    for name in names:
        if name[0] != "?":
            predicates.add(term(name))
            continue
        for sight in sights:
            if name not in sight.limits:
                return None
            predicates |= sight.limits[name]
    return predicates
