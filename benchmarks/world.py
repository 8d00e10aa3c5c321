"""What synthetic cases share: the real ontology, code lists and data without what rests on the real cases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from benchmarks import procedure
from benchmarks.case import short
from rrm_kg import graph as graphs
from rrm_kg.terms import BASE, CODE, OWL, RDF_TYPE, RRM

PUBLISHERS: Final = 20
_COPY_OF: Final = RRM + "copyOf"


@dataclass(frozen=True)
class World:
    """What all cases share: mechanisms, outlines, the triples kept of the real data, places, publishers and codes."""

    quads: tuple[ox.Quad, ...]
    mechanisms: dict[str, procedure.Mechanism]
    outlines: tuple[procedure.Outline, ...]
    places: tuple[str, ...]
    publishers: tuple[str, ...]
    codes: dict[str, tuple[str, ...]]


def read(kept: frozenset[str], root: Path | None = None) -> World:
    """The world of a root; agents named in ``kept`` stay although nothing mentions them now."""
    sources = graphs.read_sources(root)
    written = list(graphs.load(sources.content))
    store = ox.Store()
    store.extend(written)
    publishers = tuple(
        short(row["o"])
        for row in procedure.rows(
            store, "SELECT DISTINCT ?o { ?d <http://purl.org/dc/terms/publisher> ?o . ?o a rrm:Organization }"
        )
    )[:PUBLISHERS]
    cases = BASE + "graph/cases/"
    person = ox.NamedNode(RRM + "Person")  # who holds an office holds it in recorded cases
    persons = {q.subject for q in written if q.object == person}
    shared = [
        q for q in written if q.subject not in persons and not getattr(q.graph_name, "value", "").startswith(cases)
    ]
    standing = tuple(_standing_alone(shared, {*publishers, *kept}))
    subjects = {q.subject for q in standing}
    places = [
        q.subject.value
        for q in standing
        if q.predicate.value == RRM + "within" and isinstance(q.subject, ox.NamedNode) and q.object in subjects
    ]
    codes: dict[str, list[str]] = {}
    for row in procedure.rows(store, "SELECT ?c { ?c skos:inScheme ?s ; a skos:Concept }"):
        if row["c"].startswith(CODE):
            codes.setdefault(row["c"].removeprefix(CODE).split("/")[0], []).append(short(row["c"]))
    return World(
        standing,
        procedure.mechanisms(store),
        procedure.outlines(store),
        tuple(sorted({short(place) for place in places})),
        publishers,
        {name: tuple(members) for name, members in codes.items()},
    )


def _standing_alone(quads: list[ox.Quad], kept: set[str]) -> list[ox.Quad]:
    """The triples without things that lead nowhere now, and without documents, passages and agents nobody uses now."""
    used_only = {RRM + name for name in ("Document", "Evidence", "Organization", "Union", "Company", "Panel", "Person")}
    used_only.add(RRM + "PublicBody")
    while True:
        described = {q.subject for q in quads}
        pointed = {q.object for q in quads if q.predicate.value != _COPY_OF}
        copies = [{q.subject, q.object} for q in quads if q.predicate.value == _COPY_OF]
        while joined := [pair for pair in copies if pointed & pair and not pair <= pointed]:
            pointed = pointed.union(*joined)  # an original may have no address
        gone = {
            q.subject
            for q in quads
            if (
                isinstance(q.object, ox.NamedNode)
                and q.object.value.startswith(BASE)
                and q.object not in described
                and q.predicate.value != OWL + "versionIRI"
            )
            or (
                q.predicate.value == RDF_TYPE
                and getattr(q.object, "value", "") in used_only
                and q.subject not in pointed
                and short(getattr(q.subject, "value", "")) not in kept
            )
        }
        if not gone:
            return quads
        quads = [q for q in quads if q.subject not in gone]


def shared(world: World) -> Iterator[tuple[str, bytes]]:
    """The Turtle files of the shared data without what rests on the real cases: path and bytes."""
    by_graph: dict[str, list[ox.Triple]] = {}
    for quad in world.quads:
        name = getattr(quad.graph_name, "value", "")
        by_graph.setdefault(name, []).append(quad.triple)
    for source in graphs.read_sources().content:
        found = by_graph.get(source.graph)
        if source.path.startswith("data/") and found:
            yield source.path, ox.serialize(sorted(found, key=str), format=ox.RdfFormat.TURTLE) or b""
