"""Property paths followed in a view (SPARQL 1.1 Query Language, section 9)."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from rrm_kg.context.patterns import Path, steps, term
from rrm_kg.context.view import Triple, View


def walk(
    view: View, path: Path, nodes: Set[Any], back: bool, triples: list[Triple], cap: int | None
) -> set[Any] | None:
    """The nodes at the other end of a path; None when more triples than ``cap`` lie on the way.

    These are added to ``triples``. ``back`` walks from objects to subjects.
    """
    if isinstance(path, str):
        ends = set()
        for node in nodes:
            found = view.into(term(path), node, cap) if back else view.out(node, term(path))
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
            step = walk(view, part, nodes, back, triples, cap)
            if step is None:
                return None
            nodes = step
        return set(nodes)
    if operator == "|":
        ends = set()
        for part in parts:
            step = walk(view, part, nodes, back, triples, cap)
            if step is None:
                return None
            ends |= step
        return ends
    if operator == "^":
        return walk(view, parts[0], nodes, not back, triples, cap)
    ends, new = set(nodes) if operator != "+" else set(), set(nodes)
    while new:
        step = walk(view, parts[0], new, back, triples, cap)
        if step is None:
            return None
        new = step - ends
        ends |= step
        if operator == "?":
            break
    return ends


def through(view: View, path: Path, triples: Mapping[Any, list[Triple]]) -> tuple[Set[Any], ...] | None:
    """The ends that a path through some triple can have, as far as the view sees; None when the path holds none."""
    along = [(term(predicate), inverse) for predicate, inverse in steps(path)]
    left: set[Any] = set()
    right: set[Any] = set()
    for predicate, inverse in along:
        for s, _, o in triples.get(predicate, ()):
            left.add(o if inverse else s)
            right.add(s if inverse else o)
    if not left:
        return None
    for ends, back in ((left, True), (right, False)):
        open_ = list(ends)
        while open_:
            node = open_.pop()
            for predicate, inverse in along:
                for s, _, o in view.out(node, predicate) if inverse == back else view.into(predicate, node, None) or ():
                    other = o if inverse == back else s
                    if other not in ends:
                        ends.add(other)
                        open_.append(other)
    return left, frozenset(), right
