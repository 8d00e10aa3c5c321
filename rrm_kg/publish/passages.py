"""The passage that proves a thing first: which document, where in it, in which words."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from rrm_kg.publish.site import Site
from rrm_kg.terms import RRM


@dataclass(frozen=True)
class Passage:
    """A passage of a document. ``quote`` is empty where none is kept, and so is ``url`` where it cannot be read."""

    evidence: str
    document: str
    locator: str
    quote: str
    quoted_in: str
    url: str


def passage(site: Site, thing: str, lang: str) -> Passage | None:
    """What proves a thing first; None where nothing does."""
    evidence = next(iter(site.objects(thing, RRM + "leadEvidence")), None)
    if evidence is None:
        return None
    document = next(iter(site.objects(evidence, RRM + "document")), "")
    quote = next(iter(site.values(evidence, RRM + "quote")), None)
    address = next(iter(site.values(document, RRM + "readAt")), None)
    return Passage(
        evidence,
        document,
        text(site, evidence, RRM + "locator", lang),
        quote.value if isinstance(quote, ox.Literal) else "",
        (quote.language or "") if isinstance(quote, ox.Literal) else "",
        address.value if isinstance(address, ox.Literal | ox.NamedNode) else "",
    )


def text(site: Site, thing: str, predicate: str, lang: str) -> str:
    """What a property says of a thing in a language, or in none; empty where it says nothing."""
    found = [value for value in site.values(thing, predicate) if isinstance(value, ox.Literal)]
    fitting = [value for value in found if value.language == lang] or [v for v in found if v.language is None]
    return (fitting or found)[0].value if found else ""
