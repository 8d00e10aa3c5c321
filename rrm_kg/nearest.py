"""The names that are written most like another."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(written: str, names: Iterable[str], most: int = 3, least: float = 0.6) -> list[str]:
    """The names most like what is written, the likest first: at most some, each alike by at least ``least``.

    Likeness goes from 0 to 1: the share of characters that are left when those inserted and deleted are taken away.
    """
    from rapidfuzz import fuzz, process

    found = process.extract(written, list(names), scorer=fuzz.ratio, limit=most, score_cutoff=100 * least)
    return [name for name, _, _ in found]
