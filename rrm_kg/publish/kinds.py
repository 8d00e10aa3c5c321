"""The classes of a thing, from the nearest to the widest, as the ontology orders them."""

from __future__ import annotations

import pyoxigraph as ox

from rrm_kg.publish.site import Site
from rrm_kg.terms import RDFS


def ancestors(site: Site, class_: str) -> tuple[str, ...]:
    """A class and what the files call wider than it, the nearest first, each once."""
    found = [class_]
    for one in found:
        found += (
            triple.object.value
            for triple in site.written.get(one, ())
            if triple.predicate.value == RDFS + "subClassOf"
            and isinstance(triple.object, ox.NamedNode)
            and triple.object.value not in found
        )
    return tuple(found)
