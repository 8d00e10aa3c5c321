"""Triples that were found once and are asked about many times."""

from __future__ import annotations

from collections.abc import Set
from typing import Any, Final

from rrm_kg.context.conditions import Condition
from rrm_kg.context.patterns import Pattern
from rrm_kg.context.sights import Candidates, Conditions
from rrm_kg.context.view import Triple

_NO_CONDITIONS: Final[Conditions] = {}


class Found:
    """Some triples, the terms that they have in each place, and those of them that meet conditions, each told once."""

    __slots__ = ("_parts", "_terms", "triples")

    def __init__(self, triples: list[Triple]) -> None:
        self.triples = triples
        self._terms: list[frozenset[Any] | None] = [None, None, None]
        self._parts: dict[tuple[int, Any], Found | None] = {}  # None where it is all of them: no cycle to collect

    def terms(self, index: int) -> frozenset[Any]:
        terms = self._terms[index]
        if terms is None:
            terms = self._terms[index] = frozenset([triple[index] for triple in self.triples])
        return terms

    def within(self, index: int, terms: Set[Any]) -> Found:
        """Those of the triples that have one of some terms in a place."""
        if self.terms(index) <= terms:
            return self
        return Found([triple for triple in self.triples if triple[index] in terms])

    def limited(self, index: int, terms: Set[Any]) -> Found:
        """The same for terms that a query gives."""
        key = index, terms
        return self._parts[key] or self if key in self._parts else self._part(key, self.within(index, terms))

    def meeting(self, index: int, conditions: tuple[Condition, ...]) -> Found:
        """Those of the triples that have a term in a place which meets conditions."""
        part = self
        for condition in conditions:
            key = index, condition.test
            part = part._parts[key] or part if key in part._parts else part._part(key, part._meeting(index, condition))
        return part

    def _part(self, key: tuple[int, Any], part: Found) -> Found:
        self._parts[key] = None if part is self else part
        return part

    def _meeting(self, index: int, condition: Condition) -> Found:
        terms = self.terms(index)
        meeting = condition.meeting(terms)
        return self if len(meeting) == len(terms) else self.within(index, frozenset(meeting))

    def values(
        self, pattern: Pattern, limits: Candidates, conditions: Conditions = _NO_CONDITIONS
    ) -> tuple[Candidates, list[Triple]]:
        """What the triples give the variables of a pattern within limits, and the triples that give it."""
        found = self
        for name, index in pattern.places:
            if name in limits:
                found = found.limited(index, limits[name])
            if name in conditions:
                found = found.meeting(index, conditions[name])
        values: Candidates = {}
        for name, index in pattern.open:
            terms = found.terms(index)
            values[name] = values[name] & terms if name in values else terms
        return values, found.triples
