"""What a page quotes: texts in the reader's language, and the passages that prove a thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pyoxigraph as ox

from rrm_kg.terms import RRM

if TYPE_CHECKING:
    from rrm_kg.publish.site import Site


@dataclass(frozen=True)
class Words:
    """A text and its language, which is empty where the text has none."""

    text: str
    lang: str


@dataclass(frozen=True)
class Passage:
    """A passage of a document: where it is read, what it says in its own language, when it was consulted.

    ``url`` is empty where the document has no address, ``quote`` is None where no words are quoted.
    """

    evidence: str
    document: str
    locator: Words | None
    quote: Words | None
    url: str
    host: str
    consulted: str


def words(site: Site, iri: str, predicate: str, lang: str) -> Words | None:
    """What a property says in a language, else in another one; None where it says nothing."""
    known = [
        Words(term.value, term.language or "") for term in site.values(iri, predicate) if isinstance(term, ox.Literal)
    ]
    return min(known, key=lambda one: (one.lang != lang, one.lang, one.text), default=None)


def passage(site: Site, evidence: str, lang: str) -> Passage:
    """The passage behind a node of evidence. Raises IndexError for what has no document."""
    document = site.objects(evidence, RRM + "document")[0]
    read_at = words(site, document, RRM + "readAt", lang)
    consulted = words(site, document, RRM + "consultedOn", lang)
    url = read_at.text if read_at and read_at.text.startswith(("http://", "https://")) else ""
    return Passage(
        evidence,
        document,
        words(site, evidence, RRM + "locator", lang),
        words(site, evidence, RRM + "quote", lang),
        url,
        (urlsplit(url).hostname or "").removeprefix("www.").rstrip("."),
        consulted.text if consulted else "",
    )


def passages(site: Site, iri: str, lang: str) -> tuple[Passage, ...]:
    """The passages that prove a thing, the leading one first, the others in the order of their IRIs."""
    lead = site.objects(iri, RRM + "leadEvidence")
    return tuple(
        passage(site, one, lang)
        for one in sorted(site.objects(iri, RRM + "evidence"), key=lambda e: (e not in lead, e))
    )
