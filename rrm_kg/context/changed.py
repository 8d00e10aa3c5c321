"""A store after a change that was not made in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import pyoxigraph as ox

from rrm_kg.context.late import Waiting
from rrm_kg.context.view import Statement, View, statement


class Changed:
    """The quads of a store after a change, for finding names and places. Names that wait are derived when asked for."""

    def __init__(self, store: ox.Store, view: View, waiting: Waiting) -> None:
        self.store = store
        self.view = view
        self.waiting = waiting
        self._added: dict[Any, list[Statement]] = {}
        self._size = 0  # of what was said when that was made

    @property
    def added(self) -> Mapping[Any, list[Statement]]:
        """The statements that come, by subject, without what waits."""
        said = self.view.said
        if len(said) != self._size:
            added: dict[Any, list[Statement]] = defaultdict(list)
            for one in said:
                added[one[0]].append(one)
            self._added, self._size = added, len(said)
        return self._added

    def quads_for_pattern(self, subject: Any, predicate: Any, object: Any, /) -> Iterator[ox.Quad]:
        """The quads that match a pattern; None matches anything."""
        self.waiting.asked(subject, predicate)
        removed = self.view.unsaid
        for quad in self.store.quads_for_pattern(subject, predicate, object):
            if not removed or statement(quad) not in removed:
                yield quad
        for one in self.view.said if subject is None else self.added.get(subject, ()):
            if predicate in (None, one[1]) and object in (None, one[2]):
                yield ox.Quad(*one)
