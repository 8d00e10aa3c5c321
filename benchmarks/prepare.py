"""The files that every engine starts from: one root, generated and inferred, in formats that all of them read."""

from __future__ import annotations

import itertools
import json
import resource
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from benchmarks import build, defects, generate, world
from rrm_kg import graph as graphs
from rrm_kg import infer, questions, safety
from rrm_kg.owl import closure
from rrm_kg.terms import BASE, OWL, PREFIXES, RDF_TYPE, RDFS, RRM, SH

SEED: Final = 1
# Six about one case and six about all of them.
QUESTIONS: Final = (
    ("cq01", "cq08", "cq14", "cq21", "cq24", "cq40"),
    ("cq15", "cq17", "cq20", "cq26", "cq27", "cq28"),
)
_SUBMITTED: Final = (defects.languages_missing, defects.before_predecessor, defects.unit_missing)
_PAST: Final = 1_000_000
_ALONE: Final = 1  # a set of one case, whose companies and unions every set has
_CHAIN: Final = OWL + "propertyChainAxiom"
_SAYS_NOTHING: Final = (OWL + "Thing", RDFS + "Resource", OWL + "Nothing")


@dataclass(frozen=True)
class Folder:
    """One size's files."""

    path: Path

    @property
    def root(self) -> Path:
        """The root with ontology/, data/ and queries/."""
        return self.path / "root"

    def file(self, name: str) -> Path:
        """A file beside the root."""
        return self.path / name

    @property
    def facts(self) -> dict[str, Any]:
        """What is known of the root: number of cases, triples, the case asked about."""
        known: dict[str, Any] = json.loads(self.file("facts.json").read_text(encoding="utf-8"))
        return known


def sources(folder: Folder, core: bool = False) -> graphs.Sources:
    """The files of the root; with ``core``, its shapes are those without SPARQL constraints."""
    read = graphs.read_sources(folder.root)
    if not core:
        return read
    shapes = graphs.Source("ontology/shapes/core.ttl", folder.file("core.nt").read_bytes())
    return graphs.Sources(read.root, (*read.content, shapes))


def stream(folder: Folder, *names: str) -> Iterator[ox.Quad]:
    """The quads of some of the files ``written``, ``derived``, ``inferred`` and ``release``."""
    for name in names:
        yield from ox.parse(path=str(folder.file(f"{name}.nq")), format=ox.RdfFormat.N_QUADS)


def quads(folder: Folder, *names: str) -> list[ox.Quad]:
    """The same as a list."""
    return list(stream(folder, *names))


def triples(folder: Folder, name: str) -> list[ox.Triple]:
    """The triples of a file."""
    return [q.triple for q in ox.parse(path=str(folder.file(name)), format=ox.RdfFormat.N_TRIPLES)]


def comparable(found: Iterable[tuple[Any, Any, Any]]) -> Iterator[str]:
    """The entailed triples about our things that say something; engines differ in how many truisms they list."""
    for s, p, o in found:
        one, predicate, other = str(s).strip("<>"), str(p).strip("<>"), str(o).strip("<>")
        ours = one.startswith(BASE) and (predicate.startswith(BASE) or predicate == RDF_TYPE)
        if ours and one != other and other.startswith("http") and other not in _SAYS_NOTHING:
            yield f"{one} {predicate} {other}"


def prepare(folder: Folder, cases: int) -> None:
    """Generate the root and write what follows from it, as the engine of this package infers it.

    Quads are read from disk again for each step, so that this needs no more memory than the work that is measured.
    """
    seeded = min(90, cases // 5)
    count = generate.write(folder.root, cases, SEED, seeded)
    read = graphs.read_sources(folder.root)
    _write(folder, "written.nq", (quad for file in read.content for quad in graphs.load([file])))
    _write(folder, "derived.nq", infer.derive(stream(folder, "written"), folder.root))
    closed = infer.closure(stream(folder, "written", "derived"), triples=100_000_000, seconds=36_000).quads
    _write(folder, "inferred.nq", closed)
    del closed
    _write(folder, "release.nq", stream(folder, "written", "derived", "inferred"))
    _write(folder, "release.nt", (q.triple for q in stream(folder, "release")))
    _write(folder, "written.nt", (q.triple for q in stream(folder, "written")))
    _write(folder, "plain.nt", (q.triple for q in stream(folder, "written", "derived")))
    _write(folder, "things.nt", _things(folder))
    case = _busiest(stream(folder, "written"))
    submitted = _write_submission(folder)
    _write_shapes(folder, read)
    if cases <= 10_000:
        _write_without_chains(folder)
    _write_questions(folder, case)
    facts = {
        "cases": cases,
        "seed": SEED,
        "defects": seeded,
        **{name: sum(1 for _ in stream(folder, name)) for name in ("written", "derived", "inferred")},
        "case triples": count["triples"],
        "case": case,
        "submission": submitted,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    folder.file("facts.json").write_text(json.dumps(facts), encoding="utf-8")


def _write_without_chains(folder: Folder) -> None:
    """Write what follows without property chains, which a peer does not know: of everything, and of one submission."""
    written, new = (
        [(t.subject, t.predicate, t.object) for t in triples(folder, name) if t.predicate.value != _CHAIN]
        for name in ("things.nt", "submission.nt")
    )
    graph = closure.Materialization(written, limit=100_000_000, seconds=36_000)
    at_once = sorted(comparable(graph.inferred()))
    change = graph.add(triple for triple in new if not isinstance(triple[2], ox.Literal))
    for work, lines in (("closure", at_once), ("change", sorted(comparable(change.inferred)))):
        folder.file(f"{work}-without-chains.txt").write_text("\n".join(lines), encoding="utf-8")


def _things(folder: Folder) -> Iterator[ox.Triple]:
    """The triples that the rules of OWL 2 RL see: those without a literal."""
    return (q.triple for q in stream(folder, "written", "derived") if not isinstance(q.object, ox.Literal))


def _write(folder: Folder, name: str, some: Iterable[ox.Triple] | Iterable[ox.Quad]) -> None:
    form = ox.RdfFormat.N_QUADS if name.endswith(".nq") else ox.RdfFormat.N_TRIPLES
    ox.serialize(some, str(folder.file(name)), format=form)


def _write_submission(folder: Folder) -> int:
    """Write one more case, as a file and with what is derived of it; gives the number of its triples.

    It is the same at every size: the first past all sets that has at least six events, as most recorded cases have, and
    takes these defects. Its companies and unions are those of the first cases.
    """
    known = world.read(build.KEPT)
    more = (build.case(known, SEED, index, _ALONE) for index in itertools.count(_PAST))
    one = next(case for case in more if len(case.steps) >= 6 and all(spoil(case) is not None for spoil in _SUBMITTED))
    folder.file("submission.ttl").write_text(one.turtle, encoding="utf-8")
    folder.file("submission-path.txt").write_text(one.path, encoding="utf-8")
    own = list(graphs.load([graphs.Source(one.path, one.turtle.encode())]))
    before = set(stream(folder, "derived"))
    derived = [q for q in infer.derive(itertools.chain(stream(folder, "written"), own), folder.root) if q not in before]
    _write(folder, "submission.nt", (q.triple for q in (*own, *derived)))
    return len(own)


def _busiest(written: Iterable[ox.Quad]) -> str:
    """The slug of the case with the most events among the first thirty."""
    prefix = BASE + "graph/cases/"
    events: dict[str, int] = {}
    for q in written:
        name = getattr(q.graph_name, "value", "")
        if name.startswith(prefix) and getattr(q.object, "value", "") == RRM + "ProcedureEvent":
            events[name] = events.get(name, 0) + 1
    graph = max(sorted(events)[:30], key=lambda name: events[name])
    return graph.removeprefix(prefix)


def _write_shapes(folder: Folder, read: graphs.Sources) -> None:
    shapes = [q.triple for q in graphs.load(read.shapes)]
    _write(folder, "shapes.nt", shapes)
    constraints = {t.object for t in shapes if t.predicate.value == SH + "sparql"}
    core = [t for t in shapes if t.predicate.value != SH + "sparql" and t.subject not in constraints]
    _write(folder, "core.nt", core)


def _write_questions(folder: Folder, case: str) -> None:
    """The questions with their parameters bound, as text that any engine reads."""
    store = ox.Store()
    store.extend(stream(folder, "release"))
    head = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
    asked = {}
    for name in (n for group in QUESTIONS for n in group):
        question = questions.find(folder.root, name)
        terms = question.bind({p.name: case for p in question.parameters if p.type == "case"}, "en", store)
        text = head + safety.bind(question.query, {n: str(t) for n, t in terms.items()})
        asked[name] = {"query": text, "columns": [column.name for column in question.columns]}
    folder.file("questions.json").write_text(json.dumps(asked), encoding="utf-8")


def expected(folder: Folder) -> list[defects.Expected]:
    """The findings that the seeded defects must cause."""
    kept = json.loads((folder.root / "defects.json").read_text(encoding="utf-8"))
    return [defects.Expected(**one) for one in kept["expected"]]


if __name__ == "__main__":
    prepare(Folder(Path(sys.argv[1])), int(sys.argv[2]))
