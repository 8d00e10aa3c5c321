"""All that a release is made of, besides its manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from rrm_kg.publish import cases, catalog, dumps, hosting, indexes, pages, query, questions, search, things, twins
from rrm_kg.publish.site import File, Site

Part = Callable[[Site], Iterable[File]]


def _static(site: Site) -> Iterable[File]:
    return pages.static()


PARTS: Final[tuple[Part, ...]] = (  # the longest first, since they are made beside each other
    questions.files,
    things.files,
    cases.files,
    indexes.files,
    dumps.files,
    twins.files,
    catalog.files,
    hosting.files,
    query.files,
    search.files,
    _static,
)
