"""What shapes and axioms are made into before a file is checked, kept beside the graph that they belong to.

All of it follows from the content of the graph and from this package's code, by whose hash the kept graph is named
(cache.key): what lies beside it cannot be stale. A file there that is broken, or was put there for another graph,
counts as none.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from rrm_kg import cache
from rrm_kg import graph as graphs
from rrm_kg import shapes as catalogues
from rrm_kg.context import patterns
from rrm_kg.errors import RrmError
from rrm_kg.findings import Severity
from rrm_kg.owl.consistency import Axioms
from rrm_kg.owl.joins import Clause
from rrm_kg.shacl import compile as compiler
from rrm_kg.shacl import rewrite
from rrm_kg.terms import OWL, RRM

_FILE: Final = "prepared.json"
_BROKEN: Final = (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError)
_THE_WHOLE: Final = frozenset({ox.NamedNode(RRM.removesuffix("#")), ox.NamedNode(OWL + "Ontology")})


class Asked(NamedTuple):
    """A query of a shape, the variable of what it is about, and the query without the names for its messages."""

    check: compiler.Check
    about: str
    brief: str


@dataclass(frozen=True)
class _Parts:
    """The parts that are kept; None for one that texts cannot tell whole, as it holds nameless nodes."""

    shapes: dict[str, catalogues.Shape]
    asked: tuple[Asked, ...] | None
    axioms: Axioms | None


class Prepared:
    """What shapes and axioms are made into; ``place`` is the folder of the kept graph, if it is one.

    ``tree`` gives the quads of rdfs:subClassOf, ``store`` is the graph with its closure.
    """

    def __init__(
        self, sources: graphs.Sources, store: ox.Store, tree: Callable[[], Iterable[ox.Quad]], place: Path | None
    ) -> None:
        self._sources = sources
        self._store = store
        self._tree = tree
        self._kept = None if place is None else _read(place)
        self._missing = place is not None and self._kept is None
        self._place = place

    @cached_property
    def shapes(self) -> dict[str, catalogues.Shape]:
        """The shapes that carry a rule number, by IRI."""
        return self._kept.shapes if self._kept else catalogues.of(self._sources.shape_quads)

    @cached_property
    def asked(self) -> tuple[Asked, ...]:
        """The queries of all shapes. Raises RrmError E314 for a construct that is not known."""
        if self._kept and self._kept.asked is not None:
            return self._kept.asked
        shapes = compiler.read(ox.Quad(q.subject, q.predicate, q.object) for q in self._sources.shape_quads)
        classes = ox.Store()
        classes.extend(self._tree())
        compiled = compiler.Shapes(shapes, classes, once=True)
        return tuple(_asked(compiled, check) for check in compiled.checks())

    @cached_property
    def axioms(self) -> Axioms | None:
        """The axioms of the graph, or None where one is left to the reference engine."""
        if self._kept and self._kept.axioms is not None:
            return self._kept.axioms
        try:
            return Axioms.of(self._store)
        except RrmError as error:
            if error.code != "E320":
                raise
            return None

    def keep(self) -> None:
        """Write down what was made, where it was not there; a folder that cannot be written only costs the time."""
        if self._missing and self._place is not None and self._place.is_dir():
            body = json.dumps(_to_tree(_Parts(self.shapes, self.asked, self.axioms)), ensure_ascii=False)
            cache.write_file(self._place / _FILE, f"{_seal(self._place, body)}\n{body}")
            self._missing = False


def shapes(sources: graphs.Sources, place: Path | None) -> dict[str, catalogues.Shape]:
    """The shapes that carry a rule number, by IRI, as they are kept or as they are written."""
    kept = None if place is None else _read(place)
    return kept.shapes if kept else catalogues.catalogue(sources.shapes)


def _asked(compiled: compiler.Shapes, check: compiler.Check) -> Asked:
    targets = compiled.all(check.shape, "targetNode") + compiled.all(check.shape, "targetClass")
    whole = set(targets) and set(targets) <= _THE_WHOLE and "?value" in check.sparql.split("WHERE", 1)[0]
    return Asked(check, "?value" if whole else "?this", rewrite.without_names(check.sparql))


# As texts


def _seal(place: Path, body: str) -> str:
    """What tells that a text is whole, and was written for the graph in a folder."""
    return hashlib.sha256(f"{place.name} {body}".encode()).hexdigest()


def _read(place: Path) -> _Parts | None:
    with contextlib.suppress(*_BROKEN):
        seal, _, body = (place / _FILE).read_text(encoding="utf-8").partition("\n")
        if seal == _seal(place, body):
            return _from_tree(json.loads(body))
    return None


def _to_tree(parts: _Parts) -> dict[str, Any]:
    return {
        "shapes": [astuple(shape) for shape in parts.shapes.values()],
        "asked": _asked_to_list(parts.asked or ()),
        "axioms": _axioms_to_list(parts.axioms),
    }


def _from_tree(tree: dict[str, Any]) -> _Parts:
    shapes = [catalogues.Shape(iri, rule, Severity(grave), *texts) for iri, rule, grave, *texts in tree["shapes"]]
    asked = None if tree["asked"] is None else tuple(_asked_from_list(*one) for one in tree["asked"])
    axioms = None if tree["axioms"] is None else _axioms_from_list(*tree["axioms"])
    return _Parts({shape.iri: shape for shape in shapes}, asked, axioms)


def _asked_to_list(some: tuple[Asked, ...]) -> list[Any] | None:
    """The queries as lists; None where a shape is nameless, or shapes are inside a shape."""
    if not all(isinstance(check.shape, ox.NamedNode) and check.inside is None for check, _, _ in some):
        return None
    return [
        [check.shape.value, check.component, _path_to_text(check.path), check.sparql, check.least, about, brief]
        for check, about, brief in some
    ]


def _asked_from_list(
    shape: str, component: str, path: str | None, sparql: str, least: int, about: str, brief: str
) -> Asked:
    check = compiler.Check(ox.NamedNode(shape), component, _path_from_text(path), sparql, None, least)
    return Asked(check, about, brief)


def _path_to_text(path: Any) -> str | None:
    """The IRI of a path; nothing more than that it is there of one that is no IRI, which is told of nobody."""
    return None if path is None else path.value if isinstance(path, ox.NamedNode) else ""


def _path_from_text(path: str | None) -> Any:
    return None if path is None else ox.NamedNode(path) if path else ox.BlankNode("path")


def _axioms_to_list(axioms: Axioms | None) -> list[Any] | None:
    """The axioms as lists; a nameless node, such as a cell of a list, as nothing where no clause is about it."""
    if axioms is None:
        return None
    atoms = [atom for clause in axioms.clauses for atom in (*clause.body, clause.head) if atom is not None]
    named = {number for relation, arguments in atoms for number in (relation, ~relation, *arguments)}
    terms = ["" if isinstance(term, ox.BlankNode) else str(term) for term in axioms.terms]
    if any(not term and number in named for number, term in enumerate(terms)):
        return None
    return [[[clause.body, clause.head] for clause in axioms.clauses], terms, sorted(axioms.relations), axioms.counting]


def _axioms_from_list(clauses: Any, terms: list[str], relations: list[int], counting: bool) -> Axioms:
    return Axioms(
        tuple(Clause(tuple(map(_atom, body)), head and _atom(head)) for body, head in clauses),
        tuple(patterns.term(term) if term else ox.BlankNode() for term in terms),
        frozenset(relations),
        counting,
    )


def _atom(kept: Any) -> Any:
    relation, arguments = kept
    return relation, tuple(arguments)
