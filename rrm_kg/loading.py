"""A checked graph loaded into somebody's SPARQL 1.1 engine by named graph, and the record of what is there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg import endpoint as endpoints
from rrm_kg.endpoint import Endpoint, query
from rrm_kg.errors import RrmError
from rrm_kg.pipeline import KnowledgeGraph
from rrm_kg.terms import DCTERMS, GRAPH, INFERRED, RDF_TYPE, SKOS, XSD

PUSHED: Final = GRAPH + "pushed"
BATCH_TRIPLES: Final = 1000
BATCH_BYTES: Final = 250_000
_SPDX: Final = "http://spdx.org/rdf/terms#"
_VOID: Final = "http://rdfs.org/ns/void#"
_PART: Final = DCTERMS + "hasPart"
_SIZE: Final = _VOID + "triples"
_SUM: Final = _SPDX + "checksumValue"
_NOTE: Final = SKOS + "changeNote"

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Pushed:
    """What a push did: the named graphs that it sent, skipped and removed, and how many triples it sent.

    ``altered`` are the triples of all graphs that the engine does not keep as they were sent, in N-Triples.
    """

    sent: tuple[str, ...]
    skipped: tuple[str, ...]
    removed: tuple[str, ...]
    triples: int
    altered: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """What is recorded of a named graph that has come whole.

    ``checksum`` is the SHA-256 of its canonical N-Triples (RDFC-1.0), ``altered`` the triples of which the engine
    keeps no value or another one.
    """

    checksum: str
    triples: int
    altered: tuple[ox.Triple, ...] = ()


Record = dict[str, Part | None]


def push(
    graph: KnowledgeGraph, at: Endpoint | str, *, inferred: bool = False, progress: Progress | None = None
) -> Pushed:
    """Load a checked graph into an engine, a named graph for each file and one for what is derived.

    A named graph whose checksum is recorded there is skipped, one of ours that the data no longer have is removed,
    and other graphs are left alone; so a push that was interrupted is finished by the next. ``inferred`` loads the
    OWL closure too. ``progress`` is called with the named graph, the triples sent and those to send.
    Raises RrmError E101 or E102 when the graph did not pass the gate, E337 when triples are missing there after
    loading, and E33x as endpoint.query does.
    """
    if not graph.checked:
        raise RrmError("E101" if graph.report is not None else "E102")
    at = endpoints.named(at)
    names = sorted(str(name.value) for name in graph.store.named_graphs())
    contents = {name: _content(graph.store, name) for name in names if inferred or name != INFERRED}
    sums = {name: _checksum(lines) for name, lines in contents.items()}
    kept = record(at)
    send = [name for name in contents if _known(kept, name) != sums[name]]
    removed = [name for name in kept if name not in contents]

    # A part is named before it comes and its checksum recorded after, so that what is half there can be told.
    now: Record = kept | dict.fromkeys([*send, *removed])
    _write(at, kept, now)
    for name in removed:
        _drop(at, name)
    whole, done = sum(len(contents[name]) for name in send), 0
    for name in send:
        for size in _load(at, name, contents[name]):
            done += size
            if progress is not None:
                progress(name, done, whole)
        part = Part(sums[name], len(contents[name]), _altered(at, name, contents[name]))
        _write(at, now, now := now | {name: part})
    _write(at, now, now := {name: part for name, part in now.items() if name not in removed})
    return Pushed(
        tuple(send),
        tuple(name for name in contents if name not in send),
        tuple(removed),
        done,
        tuple(f"{triple} ." for part in now.values() if part for triple in part.altered),
    )


def _known(kept: Record, name: str) -> str | None:
    part = kept.get(name)
    return part.checksum if part else None


def _content(store: ox.Store, name: str) -> list[ox.Triple]:
    """The triples of a named graph, canonical after RDFC-1.0 and sorted, those with blank nodes first."""
    quads = store.quads_for_pattern(None, None, None, ox.NamedNode(name))
    dataset = ox.Dataset(ox.Quad(q.subject, q.predicate, q.object) for q in quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted((q.triple for q in dataset), key=lambda triple: (not _blank(triple), str(triple)))


def _blank(triple: ox.Triple) -> bool:
    return isinstance(triple.subject, ox.BlankNode) or isinstance(triple.object, ox.BlankNode)


def _checksum(triples: list[ox.Triple]) -> str:
    return hashlib.sha256("".join(sorted(f"{triple} .\n" for triple in triples)).encode()).hexdigest()


# Sending


def _load(at: Endpoint, name: str, triples: list[ox.Triple]) -> Iterator[int]:
    """Put triples into a named graph in place of what is there; the size of each batch that has arrived."""
    if at.store is None:
        _drop(at, name)
    for number, batch in enumerate(_batches(triples)):
        _add(at, name, batch, "PUT" if number == 0 else "POST")
        yield len(batch)


def _batches(triples: Iterable[ox.Triple]) -> Iterator[list[ox.Triple]]:
    """Triples in portions of a bounded size; those with blank nodes in one, as a label means nothing beyond it."""
    batch: list[ox.Triple] = []
    size = 0
    for triple in triples:
        length = len(str(triple).encode())
        full = len(batch) >= BATCH_TRIPLES or size + length > BATCH_BYTES or (batch and _blank(batch[0]))
        if batch and full and not _blank(triple):
            yield batch
            batch, size = [], 0
        batch.append(triple)
        size += length
    if batch:
        yield batch


def _add(at: Endpoint, name: str, batch: list[ox.Triple], method: str) -> None:
    if at.store is not None:
        endpoints.store(at, method, name, _lines(batch).encode())
        return
    try:
        endpoints.update(at, _insert(name, batch))
    except RrmError as error:
        # Some engines refuse a literal; the others of the batch are not lost by it, and this one is told of.
        if error.code != "E332" or (len(batch) > 1 and _blank(batch[0])):
            raise
        if len(batch) > 1:
            half = len(batch) // 2
            _add(at, name, batch[:half], method)
            _add(at, name, batch[half:], method)
        elif not isinstance(batch[0].object, ox.Literal):
            raise


def _lines(triples: Iterable[ox.Triple]) -> str:
    return "\n".join(f"{triple} ." for triple in triples)


def _insert(name: str, triples: list[ox.Triple]) -> str:
    # A template may have blank nodes everywhere; in INSERT DATA Virtuoso refuses them.
    form = ("INSERT", " WHERE {}") if any(map(_blank, triples)) else ("INSERT DATA", "")
    return f"{form[0]} {{ GRAPH <{name}> {{\n{_lines(triples)}\n}} }}{form[1]}"


def _drop(at: Endpoint, name: str) -> None:
    if at.store is not None:
        endpoints.store(at, "DELETE", name)
    else:
        endpoints.update(at, f"DROP SILENT GRAPH <{name}>")


def _altered(at: Endpoint, name: str, triples: list[ox.Triple]) -> tuple[ox.Triple, ...]:
    """The triples of which the engine keeps no value or another one. Raises RrmError E337 when more are missing."""
    inside = f"GRAPH <{name}> {{ ?s ?p ?o }}"
    typed = f'{inside} FILTER(ISLITERAL(?o) && LANG(?o) = "")'
    kept = {_value(term) for (term,) in query(at, f"SELECT DISTINCT ?o WHERE {{ {typed} }}").terms}
    altered = [
        triple
        for triple in triples
        if isinstance(triple.object, ox.Literal) and not triple.object.language and _value(triple.object) not in kept
    ]
    found = int(query(at, f"SELECT (COUNT(*) AS ?n) WHERE {{ {inside} }}").terms[0][0].value)
    if not len(triples) - len(altered) <= found <= len(triples):
        raise RrmError("E337", where=at.query, graph=name, sent=len(triples), found=found)
    return tuple(altered)


def _value(literal: ox.Literal) -> tuple[str, Any]:
    """A literal by its value where its datatype is of numbers or truth values, else by its text."""
    kind = literal.datatype.value
    try:
        if kind in (XSD + "integer", XSD + "decimal"):
            return kind, Decimal(literal.value)
    except ArithmeticError:
        pass
    if kind == XSD + "boolean":
        return kind, literal.value in ("true", "1")
    return kind, literal.value


# The record: a named graph of its own, with the graphs that a push has named (dcterms:hasPart) and, for each that
# has come whole, its checksum (SPDX, as in DCAT 3), its size (VoID) and the triples that the engine altered (as notes,
# in N-Triples). Everything in it has a class, since an engine's default graph may show it to the shapes.


def record(at: Endpoint) -> Record:
    """The named graphs of ours that pushes have named in an engine; None for one that has not come whole."""
    found = query(at, f"SELECT ?s ?p ?o WHERE {{ GRAPH <{PUSHED}> {{ ?s ?p ?o }} }}").terms
    facts: dict[tuple[str, str], list[str]] = {}
    for s, p, o in found:
        facts.setdefault((s.value, p.value), []).append(o.value)
    names = sorted(name for name in facts.get((PUSHED, _PART), ()) if name.startswith(GRAPH) and name != PUSHED)
    return {name: _part(facts, name) for name in names}


def _part(facts: dict[tuple[str, str], list[str]], name: str) -> Part | None:
    sums, sizes = facts.get((_node(name), _SUM)), facts.get((name, _SIZE))
    if not sums or not sizes:
        return None
    notes = "\n".join(sorted(facts.get((name, _NOTE), ())))
    altered = (ox.Triple(q.subject, q.predicate, q.object) for q in ox.parse(notes, format=ox.RdfFormat.N_TRIPLES))
    return Part(sums[0].lower(), int(sizes[0]), tuple(altered))


def _write(at: Endpoint, before: Record, after: Record) -> None:
    old = dict.fromkeys(triple for name, part in before.items() for triple in _facts(name, part))
    new = dict.fromkeys(triple for name, part in after.items() for triple in _facts(name, part))
    if at.store is not None:
        if new != old:
            endpoints.store(at, "PUT" if new else "DELETE", PUSHED, _lines(new).encode() if new else None)
        return
    for batch in _batches(triple for triple in old if triple not in new):
        endpoints.update(at, f"DELETE DATA {{ GRAPH <{PUSHED}> {{\n{_lines(batch)}\n}} }}")
    for batch in _batches(triple for triple in new if triple not in old):
        endpoints.update(at, _insert(PUSHED, batch))


def _facts(name: str, part: Part | None) -> Iterator[ox.Triple]:
    """What is recorded of a part, the checksum last: it says that the rest has come."""

    def fact(subject: str, predicate: str, value: str, datatype: str | None = None) -> ox.Triple:
        kind = ox.NamedNode(datatype) if datatype else None
        return ox.Triple(
            ox.NamedNode(subject),
            ox.NamedNode(predicate),
            ox.Literal(value, datatype=kind) if kind else ox.NamedNode(value),
        )

    yield fact(PUSHED, RDF_TYPE, _VOID + "Dataset")
    yield fact(PUSHED, _PART, name)
    yield fact(name, RDF_TYPE, _VOID + "Dataset")
    if part is not None:
        for triple in part.altered:
            yield fact(name, _NOTE, f"{triple} .", XSD + "string")
        yield fact(name, _SIZE, str(part.triples), XSD + "integer")
        yield fact(name, _SPDX + "checksum", _node(name))
        yield fact(_node(name), RDF_TYPE, _SPDX + "Checksum")
        yield fact(_node(name), _SPDX + "algorithm", _SPDX + "checksumAlgorithm_sha256")
        yield fact(_node(name), _SUM, part.checksum, XSD + "hexBinary")


def _node(name: str) -> str:
    return f"{name}#checksum"


def loaded(at: Endpoint | str, *, inferred: bool = True) -> tuple[str, ...]:
    """The named graphs of this project in an engine: those that push recorded, else all that bear our names.

    To ask questions of them, give them to endpoint.query as its ``graphs``. Raises RrmError E338 when a push has not
    been finished.
    """
    at = endpoints.named(at)
    kept = record(at)
    half = [name for name, part in kept.items() if part is None]
    if half:
        raise RrmError("E338", where=at.query, graphs=", ".join(half))
    names = list(kept)
    if not names:
        named = f'GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), "{GRAPH}"))'
        names = [name.value for (name,) in query(at, f"SELECT DISTINCT ?g WHERE {{ {named} }}").terms]
    return tuple(sorted(name for name in names if inferred or name != INFERRED))
