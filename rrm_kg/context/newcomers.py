"""What new things alone can change: hardly anything about others, told by the predicates and without looking there.

A change is *all new* where each triple that it adds is about a thing of which the graph says nothing and to which
nothing in it leads. A match about a thing that was there before then holds a new triple only where some triple leads
from a new thing to another, and such a triple has one of few predicates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from typing import Any

from rrm_kg.context.patterns import ANYTHING, SAME, Pattern, steps, term
from rrm_kg.context.view import View

End = tuple[int, Any, Set[Any] | None]
"""A place in a triple, its predicate, and what may stand in the place opposite, if that is limited."""


class Newcomers:
    """The things that an all new change brings, by what it says of them."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.things = view.new
        self.leading_out = frozenset(
            predicate
            for predicate, triples in view.added_by_predicate.items()
            if any(triple[2] not in view.new for triple in triples)
        )
        self._with: dict[End, frozenset[Any]] = {}

    def that(self, ends: Iterable[End]) -> Set[Any]:
        """The new things that stand at all of some ends of added triples, each told by itself."""
        things: Set[Any] = self.things
        for end in ends:
            things = things & self._at(end)
            if not things:
                break
        return things

    def _at(self, end: End) -> frozenset[Any]:
        """What the added triples with a predicate have in a place, and one of some terms in the place opposite."""
        found = self._with.get(end)
        if found is None:
            index, predicate, others = end
            triples = self.view.added_by_predicate.get(predicate, ())
            found = frozenset(triple[index] for triple in triples if others is None or triple[2 - index] in others)
            self._with[end] = found
        return found


def ends(name: str, patterns: Iterable[Pattern], limits: dict[str, Set[Any]]) -> Iterator[End]:
    """The ends that a variable takes in patterns."""
    for pattern in patterns:
        predicate = pattern.predicate
        if not isinstance(predicate, str) or predicate[0] == "?":
            continue
        for index, own, other in ((0, pattern.subject, pattern.object), (2, pattern.object, pattern.subject)):
            if own == name:
                terms = limits.get(other) if other[0] == "?" else frozenset((term(other),))
                yield index, term(predicate), terms


def meets_others(patterns: Iterable[Pattern], known: Set[str], leading_out: Set[Any]) -> bool:
    """Whether patterns can match with a triple about a new thing, where some variables are none.

    What is told of a thing that is not new is not new, and neither is what leads to it by a predicate that does not
    lead out of the new things. No new thing stands as a predicate.
    """
    open_ = list(patterns)
    old = (known | {p.predicate for p in open_ if isinstance(p.predicate, str)}) - {ANYTHING}
    before = None
    while open_ and len(open_) != before:
        before = len(open_)
        rest = []
        for pattern in open_:
            forth, back = _stays(pattern, leading_out)
            if (forth and _is_old(pattern.subject, old)) or (back and _is_old(pattern.object, old)):
                old |= {pattern.subject, pattern.object} - {ANYTHING}
            else:
                rest.append(pattern)
        open_ = rest
    return bool(open_)


def _is_old(name: str, old: Set[Any]) -> bool:
    return name[0] != "?" or name in old


def _stays(pattern: Pattern, leading_out: Set[Any]) -> tuple[bool, bool]:
    """Whether a pattern leads from what is not new to nothing new: from its subject, and from its object."""
    if pattern.predicate == SAME:
        return True, True
    if isinstance(pattern.predicate, str) and pattern.predicate[0] == "?":
        return True, not leading_out
    along = steps(pattern.predicate)
    crossing = [inverse for predicate, inverse in along if term(predicate) in leading_out]
    return True not in crossing, False not in crossing
