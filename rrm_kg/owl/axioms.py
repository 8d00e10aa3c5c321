"""The entailment rules compiled against the axioms of one ontology: what follows from axioms alone, and clauses.

The premises of a rule that are axioms are solved; what is left of the rule speaks of named properties and classes only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rrm_kg.owl import entailment
from rrm_kg.owl.entailment import FALSE, MEMBER
from rrm_kg.owl.joins import Atom, Clause, Relations, Row
from rrm_kg.terms import OWL, RDF, expand

Pattern = tuple[int | str, int | str, int | str]
"""A triple pattern over numbered terms; variables are texts."""

TYPE, SAME, FIRST, REST, NIL, THING = range(6)
NUMBERED: Final = (RDF + "type", OWL + "sameAs", RDF + "first", RDF + "rest", RDF + "nil", OWL + "Thing")
"""The IRIs of the terms that have a number before any other."""
_PATH: Final = -1  # stands for MEMBER
_PAIRS: Final = ("cax-adc", "prp-adp")  # pairs of a list, which come either way round


@dataclass(frozen=True)
class Rule:
    """A rule of the table: its premises that are axioms, the others, and its conclusion, None for a contradiction."""

    name: str
    axioms: tuple[Pattern, ...]
    data: tuple[Pattern, ...]
    end: Pattern | None


def table(longest: int, number: Callable[[str], int]) -> tuple[Rule, ...]:
    """The table of entailment rules with its terms numbered, for lists of up to a number of items.

    Rules about every property alike, those that replace a term by one that is the same, are left out.
    """
    found = []
    for name, premises, conclusion in entailment.rules(longest):
        patterns = [_pattern(premise, number) for premise in premises]
        axioms = tuple(pattern for pattern in patterns if _is_axiom(pattern))
        data = tuple(pattern for pattern in patterns if not _is_axiom(pattern))
        named = {part for pattern in axioms for part in pattern}
        if all(p in named or isinstance(p, int) for _, p, _ in data):
            found.append(Rule(name, axioms, data, None if conclusion == FALSE else _pattern(conclusion, number)))
    return tuple(found)


def relations_of(rules: Iterable[Rule]) -> frozenset[int]:
    """The relations whose rows are axioms: properties such as rdfs:domain, classes such as owl:SymmetricProperty."""
    return frozenset(place(p)[0] for rule in rules for p in rule.axioms if p[1] != _PATH) | {FIRST, REST}


def longest(relations: Relations, number: Callable[[str], int]) -> int:
    """The length of the longest list whose length a rule depends on."""
    heads = (o for name in entailment.LISTED for _, o in relations.rows.get(number(_full(name)), ()))
    return max((len(_items(relations, head)) for head in heads), default=0)


def facts(rules: Iterable[Rule], relations: Relations) -> Iterator[tuple[int, Row]]:
    """What follows in one step from axioms alone, as relations and rows."""
    for rule in rules:
        if rule.end is not None and not rule.data:
            for bound in _solved(rule.axioms, relations, {}):
                yield place(_filled(rule.end, bound))


def clauses(rules: Iterable[Rule], relations: Relations, terms: Sequence[Any]) -> tuple[Clause, ...]:
    """What the axioms make of the other rules; that a thing is an owl:Thing is only said if some clause asks for it.

    ``terms`` are the terms behind the numbers.
    """
    found: dict[Clause, None] = {}
    for rule in rules:
        if rule.data:
            for bound in _solved(rule.axioms, relations, {}):
                clause = _clause(rule, bound, terms)
                if clause.head not in clause.body and (rule.name not in _PAIRS or len(set(clause.body)) > 1):
                    found[clause] = None
    if not any(relation == ~THING for clause in found for relation, _ in clause.body):
        found = {clause: None for clause in found if clause.head is None or clause.head[0] != ~THING}
    return tuple(found)


def place(pattern: Pattern) -> tuple[int, Row]:
    """The relation and the row of a triple pattern; variables stay in the row."""
    s, p, o = pattern
    assert isinstance(p, int)
    if p == TYPE:
        assert isinstance(o, int)
        return ~o, s
    return p, (s, o)


def _clause(rule: Rule, bound: dict[str, int], terms: Sequence[Any]) -> Clause:
    data = [_filled(pattern, bound) for pattern in rule.data]
    if rule.name in _PAIRS:
        data.sort(key=lambda pattern: str(terms[max(relation := place(pattern)[0], ~relation)]))
    variables: dict[str, int] = {}
    body = tuple(_atom(pattern, variables) for pattern in data)
    return Clause(body, None if rule.end is None else _atom(_filled(rule.end, bound), variables))


def _atom(pattern: Pattern, variables: dict[str, int]) -> Atom:
    relation, row = place(pattern)
    parts = (row,) if relation < 0 else row
    return relation, tuple(~variables.setdefault(t, len(variables)) if isinstance(t, str) else t for t in parts)


def _is_axiom(pattern: Pattern) -> bool:
    """Whether a premise is about the ontology: it names a property of axioms, or a class of terms."""
    _, p, o = pattern
    return isinstance(p, int) and p != SAME and (p != TYPE or isinstance(o, int))


def _pattern(text: str, number: Callable[[str], int]) -> Pattern:
    s, p, o = (
        part if part.startswith("?") else _PATH if part == MEMBER else number(_full(part)) for part in text.split()
    )
    return s, p, o


def _filled(pattern: Pattern, bound: dict[str, int]) -> Pattern:
    s, p, o = (bound.get(part, part) if isinstance(part, str) else part for part in pattern)
    return s, p, o


def _solved(axioms: tuple[Pattern, ...], relations: Relations, bound: dict[str, int]) -> Iterator[dict[str, int]]:
    """The ways to bind the variables of some patterns so that all of them are there."""
    if not axioms:
        yield bound
        return
    pattern = _filled(axioms[0], bound)
    for row in _matches(pattern, relations):
        more = dict(bound)
        if all(not isinstance(v, str) or more.setdefault(v, t) == t for v, t in zip(pattern[::2], row, strict=True)):
            yield from _solved(axioms[1:], relations, more)


def _matches(pattern: Pattern, relations: Relations) -> Iterable[tuple[int, int]]:
    """The subjects and objects of the triples that match a pattern."""
    s, p, o = pattern
    if p == _PATH:
        assert isinstance(s, int)
        return [(s, item) for item in _items(relations, s) if isinstance(o, str) or o == item]
    if p == TYPE:
        assert isinstance(o, int)
        there = relations.rows.get(~o, set())
        return [(row, o) for row in (there if isinstance(s, str) else there & {s})]
    assert isinstance(p, int)
    if isinstance(s, int):
        return [(s, value) for value in relations.out(p).get(s, ()) if isinstance(o, str) or o == value]
    if isinstance(o, int):
        return [(one, o) for one in relations.into(p).get(o, ())]
    return relations.rows.get(p, ())


def _items(relations: Relations, head: int) -> list[int]:
    """The members of an RDF list."""
    cells, items = [head], []
    for cell in cells:
        items += sorted(relations.out(FIRST).get(cell, ()))
        cells += sorted(relations.out(REST).get(cell, set()) - {NIL, *cells})
    return items


def _full(name: str) -> str:
    iri = expand(name)
    assert iri is not None
    return iri
