"""The pages that lead into the graph: first page, lists, comparisons, rules, ontology, news, about."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from rrm_kg.publish import about, docket, home, lists, mechanisms, news, ontology, over_time, rules
from rrm_kg.publish.site import File, Site


def files(site: Site) -> Iterator[File]:
    """All of them, in the order of their paths."""
    parts = (about, docket, home, lists, mechanisms, news, ontology, over_time, rules)
    return iter(sorted(chain.from_iterable(part.files(site) for part in parts), key=lambda file: file.path))
