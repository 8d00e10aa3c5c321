"""Names for what findings are about, and the places where it was written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final, Protocol

import pyoxigraph as ox

from rrm_kg import graph as graphs
from rrm_kg import parse, safety
from rrm_kg.errors import text
from rrm_kg.findings import Finding, Where
from rrm_kg.hints import Hints
from rrm_kg.terms import BASE, ID, RDF_TYPE, RRM, shorten

_BLANK: Final = re.compile(r"\{[$?](\w+)\}")
_SPARQL: Final = "SPARQLConstraintComponent"
_TABLES: Final = (".csv", ".xlsx")
_CLOSENESS: Final = {"triple": 0, "property": 1, "subject": 2}
IRI: Final = re.compile(re.escape(BASE) + r"(?:id/|code/|ontology#)[^\s<>'\"«»,;)]*[\w]")


class Quads(Protocol):
    """What holds quads: a store, or a store and a change."""

    def quads_for_pattern(self, subject: Any, predicate: Any, object: Any, /) -> Iterator[ox.Quad]:
        """The quads that match a pattern; None matches anything."""


class Finder:
    """Names for what a finding is about, and the place where it was written."""

    def __init__(self, sources: graphs.Sources, store: Quads, hints: Hints | None = None) -> None:
        self.sources = sources
        self.store = store
        self.hints = hints or Hints(lambda: graphs.load(sources.shapes), store)
        self.read: dict[str, parse.Positions] = {}

    def show(self, term: Any, lang: str) -> str:
        """The label of a term in a language, else its short name, else its text."""
        if term is None:
            return text("nameless", lang)
        if isinstance(term, ox.Literal) or (hasattr(term, "language") and not isinstance(term, ox.NamedNode)):
            return str(getattr(term, "value", term))
        if isinstance(term, ox.BlankNode):
            return "[]"
        node = ox.NamedNode(str(getattr(term, "value", term)))
        labels = (quad.object for quad in self.store.quads_for_pattern(node, ox.NamedNode(RRM + "displayLabel"), None))
        names = [label.value for label in labels if isinstance(label, ox.Literal) and label.language == lang]
        if not names:
            return shorten(node.value)
        return f"{min(names)} <{shorten(node.value)}>" if node.value.startswith(ID) else min(names)

    def fill(self, template: str, focus: Any, value: Any, lang: str, values: dict[str, Any] | None = None) -> str:
        """A message with its blanks filled: ``{$this}``, ``{$value}`` and a query's own variables."""
        known = {"this": focus, "value": value} | (values or {})
        # Where a label is missing, the thing itself is named that the message is about and else would not name.
        beside = value if isinstance(value, ox.NamedNode) and "{$value}" not in template else None
        return safety.visible(
            _BLANK.sub(lambda m: self.show(beside if known.get(m[1]) is None else known[m[1]], lang), template)
        )

    def named(self, message: str, lang: str) -> str:
        """A message in which the IRIs of things of this graph are replaced by their names."""
        return IRI.sub(lambda found: self.show(ox.NamedNode(found[0]), lang), message)

    def place(self, finding: Finding) -> Where | None:
        """The place of a finding: in the thing that it names as the value, where that has the path, else a date."""
        focus, path, value = finding.focus, finding.path, finding.value
        inner = path or RRM + "date"
        if value and finding.component == _SPARQL and self._has(value, inner):
            return self.where(value, inner, None)
        return self.where(focus, path, value)

    def _has(self, thing: str, path: str) -> bool:
        try:
            node = ox.NamedNode(thing)
        except ValueError:
            return False
        return any(True for _ in self.store.quads_for_pattern(node, ox.NamedNode(path), None))

    def where(self, focus: str, path: str | None, value: str | None) -> Where | None:
        """The place of the triple, else of its property, of the class, of the subject; None when it was not written."""
        if not focus.startswith("http"):
            return None
        said: dict[str, set[str]] = {}  # of each graph, what of the finding it has
        kinds: dict[str, str] = {}  # and the class that it gives the focus node
        for quad in self.store.quads_for_pattern(ox.NamedNode(focus), None, None):
            if isinstance(quad.graph_name, ox.NamedNode):
                has = said.setdefault(quad.graph_name.value, set())
                if quad.predicate.value == RDF_TYPE:
                    kinds[quad.graph_name.value] = min(kinds.get(quad.graph_name.value, "￿"), text_of(quad.object))
                if quad.predicate.value == path:
                    has |= {"path", "value"} if text_of(quad.object) == value else {"path"}
        best: Where | None = None
        for graph_name, has in sorted(said.items()):
            source = self.sources.named(graph_name)
            if source is None:
                continue
            if graph_name not in self.read:
                self.read[graph_name] = parse.positions(source.data, source.path)
            kind = kinds.get(graph_name)
            if "path" in has or (path and source.path.endswith(_TABLES)):  # where a cell is empty
                place = self.read[graph_name].find(focus, path, value if "value" in has else None)
            else:  # what is missing is placed where the thing says of which class it is: the rule is about these
                place = self.read[graph_name].find(focus, RDF_TYPE if kind else None, kind)
                place = place and replace(place, located_by="property" if kind else "subject")
            if place is None:
                continue
            if best is None or _CLOSENESS[place.located_by] < _CLOSENESS[best.located_by]:
                best = place
        return best


def text_of(term: Any) -> str:
    """The text of a term: the IRI, the label of a blank node, what a literal says."""
    return str(getattr(term, "value", term))
