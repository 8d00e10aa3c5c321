"""Things with names so alike that someone should say whether they are the same.

The machine only proposes; a reviewer decides in ``data/judgements.ttl``, and a pair that was judged is not
proposed again.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

from rrm_kg import show
from rrm_kg.pipeline import KnowledgeGraph
from rrm_kg.terms import ID

ALIKE: Final = 85.0
_SHORT: Final = 3  # acronyms of this length are alike only when they are equal


@dataclass(frozen=True)
class Pair:
    """Two things of one kind (identifiers such as ``union/strm``), their nearest names, how near from 0 to 100."""

    one: str
    other: str
    names: tuple[str, str]
    score: float


def propose(graph: KnowledgeGraph, threshold: float = ALIKE) -> tuple[Pair, ...]:
    """The pairs of agents, facilities and places that look alike and were not judged, the most alike first."""
    from rapidfuzz import fuzz, utils

    def near(first: str, second: str) -> float:
        score: Any = fuzz.token_sort_ratio(first, second, processor=utils.default_process)
        if min(len(first), len(second)) > _SHORT:
            score = max(score, fuzz.token_set_ratio(first, second, processor=utils.default_process))
        return float(score)

    names: dict[str, list[str]] = defaultdict(list)
    for row in show.view(graph, "names", "en"):
        names[str(row.thing).removeprefix(ID)].append(str(row.name))
    judged = {
        (str(row.one).removeprefix(ID), str(row.other).removeprefix(ID)) for row in show.view(graph, "judgements", "en")
    }
    found = []
    for one, other in combinations(sorted(names), 2):
        if one.split("/")[0] != other.split("/")[0] or (one, other) in judged:
            continue
        score, first, second = max((near(a, b), a, b) for a in names[one] for b in names[other])
        if score >= threshold:
            found.append(Pair(one, other, (first, second), round(score, 1)))
    return tuple(sorted(found, key=lambda pair: (-pair.score, pair.one, pair.other)))
