"""What follows from what was written: derived bounds and names, and the OWL 2 RL closure.

Graphs are kept apart from the written ones. Those below ``graph/derived/`` come from the rules in ontology/rules/: the
days that a date allows, the names shown to readers. ``graph/inferred`` is the OWL 2 RL closure, without what cannot be
published as RDF or says nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from rrm_kg import graph as graphs
from rrm_kg import headers, parse, safety
from rrm_kg.errors import RrmError
from rrm_kg.memory import uncollected
from rrm_kg.owl import closure as closures
from rrm_kg.owl import entailment
from rrm_kg.terms import DERIVED, GRAPH, INFERRED

if TYPE_CHECKING:
    import rdflib

TRIPLE_BUDGET: Final = 2_000_000
TIME_BUDGET: Final = 600.0


@dataclass(frozen=True)
class Rule:
    """A derivation rule: a CONSTRUCT query and the triple patterns that it rests on.

    ``about`` is the variable of the thing that its results are about: what is derived about one rests on nothing
    that was derived about another by the same rule.
    """

    name: str
    query: str
    summary: dict[str, str]
    premises: tuple[tuple[str, str, str], ...]
    about: str

    @property
    def graph(self) -> str:
        """The IRI of the named graph that holds what the rule derives."""
        return f"{DERIVED}/{self.name}"

    def derive(self, store: ox.Store) -> Iterator[ox.Triple]:
        """The triples that follow in a store, all of its graphs together."""
        triples = store.query(self.query, use_default_graph_as_union=True)
        assert isinstance(triples, ox.QueryTriples)
        yield from triples


def rules(root: Path | None = None) -> tuple[Rule, ...]:
    """The derivation rules, in the order in which they run."""
    folder = (root or graphs.default_root()) / "ontology" / "rules"
    found = []
    for path in sorted(folder.glob("*.rq")):
        header, query = headers.read(path)
        premises = tuple(tuple(pattern.split()) for pattern in header["premises"])
        found.append(Rule(path.stem, query, header["summary"], premises, f"?{header['about']}"))
    return tuple(found)


def derive(quads: Iterable[ox.Quad], root: Path | None = None) -> list[ox.Quad]:
    """The derived quads, in one graph for each rule: each sees what the rules before it derived."""
    store = ox.Store()
    store.extend(quads)
    derived: list[ox.Quad] = []
    for rule in rules(root):
        target = ox.NamedNode(rule.graph)
        new = dict.fromkeys(ox.Quad(t.subject, t.predicate, t.object, target) for t in rule.derive(store))
        store.extend(new)
        derived.extend(new)
    return sorted(derived, key=str)


def with_derived(graph: rdflib.Graph) -> rdflib.Graph:
    """The same rdflib graph with what the rules derive from it, on which shapes rest."""
    target = ox.NamedNode(GRAPH + "input")
    quads = [ox.Quad(_term(s), _term(p), _term(o), target) for s, p, o in graph]
    for quad in derive(quads):
        graph.add(graphs._rdflib_triple(quad))
    return graph


@dataclass(frozen=True)
class Closure:
    """The quads that follow from the ontology, and the contradictions met on the way."""

    quads: tuple[ox.Quad, ...]
    contradictions: tuple[str, ...]


def closure(
    quads: Iterable[ox.Quad],
    *,
    engine: str = "compiled",
    triples: int = TRIPLE_BUDGET,
    seconds: float = TIME_BUDGET,
) -> Closure:
    """The OWL 2 RL closure, as quads of ``graph/inferred`` that are not in the input.

    ``engine`` is ``compiled``, the entailment rules compiled against the axioms, or ``reference``, owlrl; an axiom that
    the rules do not know is always left to owlrl. Literals stay out of the way unless an axiom counts values. Raises
    RrmError E309 past a budget in triples that may follow, or in seconds.
    """
    if engine == "compiled":
        with uncollected():
            reached = list(closures.reached(quads := list(quads)))
            try:
                closed = closures.Materialization(reached, limit=len(reached) + triples, seconds=seconds)
            except RrmError as error:
                if error.code != "E320":
                    raise
            else:
                return _closure(closed.inferred(), closed.contradictions)
    reached = list(closures.reached(quads))
    found, contradictions = _reference(reached, triples, seconds)
    found.difference_update(reached)
    return _closure((triple for triple in found if entailment.publishable(*triple)), contradictions)


def _closure(found: Iterable[closures.Triple], contradictions: Iterable[str]) -> Closure:
    target = ox.NamedNode(INFERRED)
    new = (ox.Quad(*triple, target) for triple in found)
    return Closure(tuple(sorted(new, key=str)), tuple(sorted(contradictions)))


def _reference(things: list[closures.Triple], triples: int, seconds: float) -> tuple[set[closures.Triple], list[str]]:
    safety.lock_rdflib()
    import owlrl

    working = graphs.to_rdflib_graph(ox.Triple(*triple) for triple in things)
    deadline = time.monotonic() + seconds

    class Bounded(owlrl.OWLRL_Semantics):  # type: ignore[misc]
        def flush_stored_triples(self) -> None:
            super().flush_stored_triples()
            if len(self.graph) > triples:
                raise RrmError("E309", detail=f"{triples:,} triples")

        def rules(self, t: Any, cycle_num: int) -> None:
            if time.monotonic() > deadline:
                raise RrmError("E309", detail=f"{seconds:g} s")
            super().rules(t, cycle_num)

    engine = Bounded(working, axioms=False, daxioms=False)
    engine.closure()
    return {(_term(s), _term(p), _term(o)) for s, p, o in working}, list(engine.error_messages)


def _term(term: Any) -> Any:
    return parse.from_rdflib(term)
