"""What the shapes say about themselves: rule numbers, names, reasons, messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from rrm_kg import graph as graphs
from rrm_kg.findings import Severity
from rrm_kg.terms import DCTERMS, RRMSH, SH

_NAME: Final = ox.NamedNode(SH + "name")
_DESCRIPTION: Final = ox.NamedNode(SH + "description")
_MESSAGE: Final = ox.NamedNode(SH + "message")
_SEVERITY: Final = ox.NamedNode(SH + "severity")
_IDENTIFIER: Final = ox.NamedNode(DCTERMS + "identifier")


@dataclass(frozen=True)
class Shape:
    """A shape with a rule number: its IRI, rule, severity, and name, reason and message per language."""

    iri: str
    rule: str
    severity: Severity
    name: dict[str, str]
    description: dict[str, str]
    message: dict[str, str]

    @property
    def local_name(self) -> str:
        """The name under which docs and examples know the shape."""
        return self.iri.removeprefix(RRMSH)


def catalogue(sources: Iterable[graphs.Source]) -> dict[str, Shape]:
    """The shapes of some files that carry a rule number, by IRI, in the order of rule and name."""
    return of(graphs.load(sources))


def of(quads: Iterable[ox.Quad]) -> dict[str, Shape]:
    """The same of some quads."""
    store = ox.Store()
    store.extend(quads)

    def texts(node: ox.NamedNode, predicate: ox.NamedNode) -> dict[str, str]:
        found = [quad.object for quad in store.quads_for_pattern(node, predicate, None)]
        said = {text.language: text.value for text in found if isinstance(text, ox.Literal) and text.language}
        return dict(sorted(said.items()))

    shapes = []
    for quad in store.quads_for_pattern(None, _IDENTIFIER, None):
        node = quad.subject
        if not isinstance(node, ox.NamedNode) or not isinstance(quad.object, ox.Literal):
            continue
        severity = next((q.object for q in store.quads_for_pattern(node, _SEVERITY, None)), None)
        messages = texts(node, _MESSAGE)
        if not messages:
            for constraint in store.quads_for_pattern(node, ox.NamedNode(SH + "sparql"), None):
                messages = texts(constraint.object, _MESSAGE)  # type: ignore[arg-type]
        shapes.append(
            Shape(
                node.value,
                quad.object.value,
                Severity.named(severity.value) if isinstance(severity, ox.NamedNode) else Severity.VIOLATION,
                texts(node, _NAME),
                texts(node, _DESCRIPTION),
                messages,
            )
        )
    return {shape.iri: shape for shape in sorted(shapes, key=lambda s: (s.rule, s.iri))}
