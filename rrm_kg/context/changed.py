"""A store after a change that was not made in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Set
from functools import cached_property
from typing import Any

import pyoxigraph as ox

from rrm_kg.context.view import Statement, statement


class Changed:
    """The quads of a store after a change, for finding names and places."""

    def __init__(self, store: ox.Store, added: Set[Statement], removed: Set[Statement]) -> None:
        self.store = store
        self.removed = removed
        self._all = added

    @cached_property
    def added(self) -> dict[Any, list[Statement]]:
        """The statements that come, by subject."""
        added: dict[Any, list[Statement]] = defaultdict(list)
        for one in self._all:
            added[one[0]].append(one)
        return added

    def quads_for_pattern(self, subject: Any, predicate: Any, object: Any, /) -> Iterator[ox.Quad]:
        """The quads that match a pattern; None matches anything."""
        for quad in self.store.quads_for_pattern(subject, predicate, object):
            if not self.removed or statement(quad) not in self.removed:
                yield quad
        some = self._all if subject is None else self.added.get(subject, ())
        for one in some:
            if predicate in (None, one[1]) and object in (None, one[2]):
                yield ox.Quad(*one)
