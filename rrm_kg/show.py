"""One thing with its facts and their sources."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from rrm_kg import headers, query
from rrm_kg.pipeline import KnowledgeGraph
from rrm_kg.terms import RRM, mint


@dataclass(frozen=True)
class Page:
    """A thing: its name, what is said of it, what proves it, what is recorded in it, what points at it."""

    iri: str
    name: str
    statements: tuple[query.Row, ...]
    evidence: tuple[query.Row, ...]
    records: tuple[query.Row, ...]
    incoming: tuple[query.Row, ...]

    @property
    def is_dispute(self) -> bool:
        """Whether the thing is a dispute, with records in it."""
        return self.iri.startswith(mint("case", ""))


def view(graph: KnowledgeGraph, name: str, lang: str, thing: str | None = None) -> query.Answer:
    """The rows of a query in queries/views, in a language and about a thing; read without asking for the verdict."""
    _, text = headers.read(view_path(graph, name))
    bound: dict[str, ox.Literal | ox.NamedNode] = {"lang": ox.Literal(lang)}
    if thing is not None:
        bound["thing"] = ox.NamedNode(thing)
    return query.run(graph.store, text, bound, checked=graph.checked, as_of=graph.as_of)


def view_path(graph: KnowledgeGraph, name: str) -> Path:
    """The file of a query in queries/views."""
    return graph.sources.root / "queries" / "views" / f"{name}.rq"


def page(graph: KnowledgeGraph, iri: str, lang: str) -> Page:
    """All that the graph has on one thing."""
    return Page(
        iri,
        page_name(graph, iri, lang),
        view(graph, "statements", lang, iri).rows,
        view(graph, "evidence", lang, iri).rows,
        view(graph, "records", lang, iri).rows,
        view(graph, "incoming", lang, iri).rows,
    )


def page_name(graph: KnowledgeGraph, iri: str, lang: str) -> str:
    """What to call a thing in a language: all its names in order, its IRI where it has none."""
    labels = graph.store.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(RRM + "displayLabel"), None)
    names = {q.object.value for q in labels if isinstance(q.object, ox.Literal) and q.object.language == lang}
    return "; ".join(sorted(names)) or iri
