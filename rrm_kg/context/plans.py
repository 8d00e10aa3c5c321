"""What each query reads, kept in the cache: the parser that tells it takes seconds for all of them."""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import Any, Final

from rrm_kg import cache
from rrm_kg.context import patterns, reads
from rrm_kg.context.sights import Sight, sight

_READING: Final = tuple(
    f"{name}.py"
    for name in ("context/reads", "context/patterns", "context/conditions", "context/expressions", "parse", "terms")
)


class Plans:
    """What was learnt of queries by this version of what reads them."""

    def __init__(self) -> None:
        self.place = cache.folder() / f"reads-{cache.code(*_READING)}.json"
        self.known: dict[str, Any] = {}
        self.new = False
        with contextlib.suppress(OSError, ValueError):
            self.known = json.loads(self.place.read_text(encoding="utf-8"))

    def sights(self, query: str, about: str) -> tuple[Sight, ...]:
        """What a query sees of the things it is about."""
        key = hashlib.sha256(f"{about} {query}".encode()).hexdigest()[:32]
        if key not in self.known:
            self.known[key] = [patterns.to_list(group) for group in reads.groups(query, about)]
            self.new = True
        return tuple(sight(patterns.from_list(group), about) for group in self.known[key])

    def derived(self, query: str) -> dict[str, bool]:
        """The predicates of what a rule derives, and whether the values are texts in a language (reads.derived)."""
        key = hashlib.sha256(f"derived {query}".encode()).hexdigest()[:32]
        if key not in self.known:
            self.known[key] = reads.derived(query)
            self.new = True
        found: dict[str, bool] = self.known[key]
        return found

    def keep(self) -> None:
        """Write down what was learnt; a folder that cannot be written only costs the time again."""
        if self.new:
            cache.write_file(self.place, json.dumps(self.known))
