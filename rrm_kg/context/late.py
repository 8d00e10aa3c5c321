"""Names that rules make of other names: those of new things are derived when somebody asks for one.

Most checks of a file tell nothing that needs them. They can wait because no check sees them and no axiom is about
them, as the patterns of the checks and the graph tell. Before a rule runs that may read one they are derived.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg.context import newcomers
from rrm_kg.context.absence import Bar
from rrm_kg.context.patterns import ANYTHING, SAME, Pattern, steps, term
from rrm_kg.context.sights import Sight, Way, allowed
from rrm_kg.context.view import Neighbours, Statement, View
from rrm_kg.terms import OWL, RDF, RDF_TYPE

_TYPE: Final = ox.NamedNode(RDF_TYPE)
_ANNOTATION: Final = ox.NamedNode(OWL + "AnnotationProperty")
_TEXT: Final = RDF + "langString"

Ends = tuple[newcomers.End, ...]
"""What a thing stands at whose name is read; without any it may be every thing."""


@dataclass(frozen=True, eq=False)
class Late:
    """Which rules can wait. ``predicate`` is that of the names, ``readers`` who reads one in each rule.

    ``leading`` are predicates that must not lead to it, or a check sees the names.
    """

    predicate: Any
    rules: frozenset[str]
    readers: Mapping[str, tuple[Ends, ...]]
    leading: frozenset[Any]


def late(
    predicate: Any,
    rules: Mapping[str, Collection[Sight]],
    derived: Mapping[str, Mapping[str, bool]],
    checks: Iterable[Collection[Sight]],
    base: Neighbours,
) -> Late:
    """The rules that make names, with a predicate, of names, and nothing else: they can wait unless a check sees them.

    ``rules`` and ``checks`` are what each sees, ``derived`` the predicates of what each rule derives and whether the
    values are texts in a language (reads.derived).
    """
    readers = {name: tuple(end for one in some for end in _readers(predicate, one)) for name, some in rules.items()}
    makers = {name for name, made in derived.items() if made == {str(predicate): True} and readers[name]}
    makers -= {name for name in makers for one in rules[name] if any(end[1] == predicate for end in one.ends)}
    leading: set[Any] = set()
    for way, bars in ((way, one.bars) for some in checks for one in some for ways in one.groups for way in ways):
        unless = _unseen(predicate, way, bars, base)
        if unless is None:
            makers.clear()
        else:
            leading |= unless
    if _ANNOTATION not in base.out(predicate).get(_TYPE, ()):  # what has no meaning for the logic
        makers.clear()
    return Late(predicate, frozenset(makers), readers, frozenset(leading))


def sees(predicate: Any, sights: Iterable[Sight], base: Neighbours) -> bool:
    """Whether a query may see texts with a predicate."""
    ways = ((way, one.bars) for one in sights for ways in one.groups for way in ways)
    return any(_unseen(predicate, way, bars, base) != set() for way, bars in ways)


def _unseen(predicate: Any, way: Way, bars: Iterable[Bar], base: Neighbours) -> set[Any] | None:
    """Nothing, where a pattern matches no text with a predicate that matters, or what must not lead to the predicate.

    None where it may match. A triple of which nothing is asked but its subject does not matter: what a rule read of
    the thing is another.
    """
    name, value = way.pattern.predicate, way.pattern.object
    if name == SAME:
        return set()
    if not isinstance(name, str) or name[0] != "?":
        return None if any(term(step) == predicate for step, _ in steps(name)) else set()
    values = allowed(value, way.limits)
    if (name == value == ANYTHING) or predicate not in way.limits.get(name, (predicate,)):
        return set()
    if values is not None and not any(isinstance(one, ox.Literal) for one in values):
        return set()
    if any(not one.meeting((predicate,)) for one in way.conditions.get(name, ())):
        return set()
    for condition in way.conditions.get(value, ()):
        if condition.kind == "iri" or (condition.kind == "datatype" and _TEXT not in condition.texts):
            return set()
    if value != ANYTHING and any(other.subject == value for other in way.others):
        return set()
    if name == ANYTHING:
        return None
    there = base.out(predicate)
    leading: set[Any] = set()
    for other in way.others:
        if not isinstance(other.predicate, str) or other.predicate[0] == "?":
            continue
        along = term(other.predicate)
        if other.subject == name:
            some = allowed(other.object, way.limits)
            if not any(some is None or one in some for one in there.get(along, ())):
                return set()
        elif other.object == name and not base.into(along, predicate, None):
            leading.add(along)
    for bar in bars:
        if bar.variable == name and bar.single is not None:
            along, wanted = bar.single
            if any(bar.allows(wanted, one) for one in there.get(along, ())):
                return set()
    return leading or None


def _readers(predicate: Any, sight: Sight) -> Iterator[Ends]:
    """What the things stand at whose names a rule reads."""
    for way in (way for ways in sight.groups for way in ways):
        name = way.pattern.predicate
        if name == SAME:
            continue
        if isinstance(name, str):
            open_ = name[0] == "?" and predicate in way.limits.get(name, (predicate,))
            if open_ or (name[0] != "?" and term(name) == predicate):
                yield _ends(predicate, way)
        elif any(term(step) == predicate for step, _ in steps(name)):
            sequence = name[0] == "/" and len(name) == 3 and all(isinstance(step, str) for step in name)
            yield ((2, term(name[1]), None),) if sequence and term(name[2]) == predicate else ()


def _ends(predicate: Any, way: Way) -> Ends:
    patterns: tuple[Pattern, ...] = (way.pattern, *way.others)
    if way.pattern.subject[0] != "?" or way.pattern.subject == ANYTHING:
        return ()
    return tuple(one for one in newcomers.ends(way.pattern.subject, patterns, way.limits) if one[1] != predicate)


class Waiting:
    """The rules that wait while files are checked, and the things of which they make names.

    ``make`` gives what such rules derive from the change so far.
    """

    def __init__(self, late: Late, view: View, make: Callable[[Set[str]], set[Statement]]) -> None:
        self.late = late
        self.view = view
        self.make = make
        self.things: set[Any] = set()
        self.rules: set[str] = set()
        self.told = False

    def takes(self, rule: str, things: Set[Any] | None) -> bool:
        """Whether a rule can wait, which concerns these new things and no others; None where it may concern others."""
        late, changed = self.late, self.view.added_by_predicate
        if self.told or things is None:
            return False
        if any(triple[2] == late.predicate for name in late.leading for triple in changed.get(name, ())):
            return False
        self.things |= things
        self.rules.add(rule)
        return True

    def is_read_by(self, rule: str) -> bool:
        """Whether a rule that does not wait may read a name that does."""
        if not self.things or rule in self.late.rules:
            return False
        new = newcomers.Newcomers(self.view)
        return any(not ends or not self.things.isdisjoint(new.that(ends)) for ends in self.late.readers[rule])

    def asked(self, subject: Any, predicate: Any) -> None:
        """Derive the names if what is asked may be one of them; None asks for anything."""
        named = subject is None or subject in self.things
        if self.things and named and predicate in (None, self.late.predicate):
            self.tell()

    def tell(self) -> None:
        """Derive the names; from now on nothing waits."""
        if self.things:
            self.view.change(self.make(self.rules), set())
            self.things.clear()
        self.told = True
