"""All that a release is made of, besides its manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from rrm_kg.publish import catalog, dumps, hosting, pages
from rrm_kg.publish.site import File, Site

Part = Callable[[Site], Iterable[File]]


def _static(site: Site) -> Iterable[File]:
    return pages.static()


PARTS: Final[tuple[Part, ...]] = (catalog.files, dumps.files, hosting.files, _static)
