"""A store after a change that was not made in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Set
from functools import cached_property
from typing import Any

import pyoxigraph as ox


class Changed:
    """The quads of a store after a change, for finding names and places."""

    def __init__(self, store: ox.Store, added: Set[ox.Quad], removed: Set[ox.Quad]) -> None:
        self.store = store
        self.removed = removed
        self._all = added

    @cached_property
    def added(self) -> dict[Any, list[ox.Quad]]:
        """The quads that come, by subject."""
        added: dict[Any, list[ox.Quad]] = defaultdict(list)
        for quad in self._all:
            added[quad.subject].append(quad)
        return added

    def quads_for_pattern(self, subject: Any, predicate: Any, object: Any, /) -> Iterator[ox.Quad]:
        """The quads that match a pattern; None matches anything."""
        for quad in self.store.quads_for_pattern(subject, predicate, object):
            if quad not in self.removed:
                yield quad
        some = self._all if subject is None else self.added.get(subject, ())
        for quad in some:
            if predicate in (None, quad.predicate) and object in (None, quad.object):
                yield quad
