"""The triple patterns that a query reads, by groups that have to match together, and how groups are kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg.context.conditions import Comparison, Condition

Path = str | tuple[Any, ...]
"""A predicate as SPARQL writes it, or a property path: ("/", …), ("|", …), ("^", path), ("*", path), ("!", …)."""
SAME: Final = ("=",)
ANYTHING: Final = "?"
"""The name of every variable that stands in one place only."""


@dataclass(frozen=True)
class Pattern:
    """A triple pattern: variables as ``?name``, terms in their N-Triples form."""

    subject: str
    predicate: Path
    object: str

    def renamed(self, names: dict[str, str]) -> Pattern:
        """The pattern with other names for variables."""
        predicate = names.get(self.predicate, self.predicate) if isinstance(self.predicate, str) else self.predicate
        return Pattern(names.get(self.subject, self.subject), predicate, names.get(self.object, self.object))

    @property
    def variables(self) -> set[str]:
        """The variables of the pattern."""
        return {p for p in (self.subject, self.predicate, self.object) if isinstance(p, str) and p.startswith("?")}

    @cached_property
    def names(self) -> frozenset[str]:
        """The variables of the pattern that stand elsewhere too."""
        return frozenset(name for name, _ in self.open)

    @cached_property
    def places(self) -> tuple[tuple[str, int], ...]:
        """What stands in each place, and its number in a triple; a path is no place."""
        three = enumerate((self.subject, self.predicate, self.object))
        return tuple((place, index) for index, place in three if isinstance(place, str))

    @cached_property
    def open(self) -> tuple[tuple[str, int], ...]:
        """The places that a variable takes which stands elsewhere too."""
        return tuple(
            (name, i) for name, i in self.places if isinstance(name, str) and name[0] == "?" and name != ANYTHING
        )


@dataclass(frozen=True)
class Group:
    """Patterns that match together. ``given`` holds the terms that a variable may be.

    ``absent`` are groups that must not match beside it, ``beside`` those that may, or count in some other way.
    ``grows`` says whether more matches of its patterns can only give more results. ``made`` are variables that an
    expression gives, ``conditions`` what is asked of one term, ``exact`` says that nothing but the patterns, the given
    terms and the conditions decides about a match; ``comparisons`` are those of what else decides about two terms.
    """

    patterns: tuple[Pattern, ...] = ()
    given: tuple[tuple[str, tuple[str, ...]], ...] = ()
    absent: tuple[Group, ...] = ()
    beside: tuple[Group, ...] = ()
    grows: bool = True
    made: tuple[str, ...] = ()
    exact: bool = True
    conditions: tuple[Condition, ...] = ()
    comparisons: tuple[Comparison, ...] = ()

    def joined(self, other: Group) -> Group:
        """Both groups together."""
        return Group(
            tuple(dict.fromkeys((*self.patterns, *other.patterns))),
            self.given + other.given,
            self.absent + other.absent,
            self.beside + other.beside,
            self.grows and other.grows,
            self.made + other.made,
            self.exact and other.exact,
            self.conditions + other.conditions,
            self.comparisons + other.comparisons,
        )

    def renamed(self, names: dict[str, str]) -> Group:
        """The group with other names for variables."""
        return Group(
            tuple(pattern.renamed(names) for pattern in self.patterns),
            tuple((names.get(variable, variable), terms) for variable, terms in self.given),
            tuple(group.renamed(names) for group in self.absent),
            tuple(group.renamed(names) for group in self.beside),
            self.grows,
            tuple(names.get(name, name) for name in self.made),
            self.exact,
            tuple(replace(one, variable=names.get(one.variable, one.variable)) for one in self.conditions),
            tuple(one.renamed(names) for one in self.comparisons),
        )

    @property
    def variables(self) -> set[str]:
        """The variables of the group and of the groups inside."""
        return self.variables_outside_absent.union(*(group.variables for group in self.absent))

    @property
    def variables_outside_absent(self) -> set[str]:
        """The variables of the group and of the groups beside it, without those that must not match."""
        own = {name for pattern in self.patterns for name in pattern.variables} | {name for name, _ in self.given}
        return own.union(self.made, *(group.variables for group in self.beside))


@cache
def term(text: str) -> Any:
    """The term with an N-Triples form."""
    return next(ox.parse(f"<x:> <x:> {text} .", format=ox.RdfFormat.N_TRIPLES)).object


def steps(path: Path, inverse: bool = False) -> Iterable[tuple[str, bool]]:
    """The predicates that a path goes along, and whether against their direction."""
    if isinstance(path, str):
        return [(path, inverse)]
    flipped = inverse != (path[0] == "^")
    return [step for part in path[1:] for step in steps(part, flipped)]


def to_list(group: Group) -> list[Any]:
    """A group as lists and texts, as it is kept."""
    return [
        [[p.subject, p.predicate, p.object] for p in group.patterns],
        group.given,
        [to_list(inner) for inner in group.absent],
        [to_list(inner) for inner in group.beside],
        group.grows,
        group.made,
        group.exact,
        [[one.variable, one.kind, one.texts] for one in group.conditions],
        [[one.left, one.operator, one.right, one.as_text] for one in group.comparisons],
    ]


def from_list(kept: list[Any]) -> Group:
    """The group that to_list wrote."""
    patterns, given, absent, beside, grows, made, exact, asked, compared = kept
    return Group(
        tuple(Pattern(s, _tuple(p), o) for s, p, o in patterns),
        tuple((name, tuple(terms)) for name, terms in given),
        tuple(from_list(inner) for inner in absent),
        tuple(from_list(inner) for inner in beside),
        grows,
        tuple(made),
        exact,
        tuple(Condition(variable, kind, tuple(texts)) for variable, kind, texts in asked),
        tuple(Comparison(*parts) for parts in compared),
    )


def _tuple(kept: Any) -> Any:
    return tuple(map(_tuple, kept)) if isinstance(kept, list) else kept
