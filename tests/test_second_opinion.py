"""A second engine, pyrudof, finds what the compiled one finds by the shapes without SPARQL constraints."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from rrm_kg import graph as graphs
from rrm_kg import parse
from rrm_kg.shacl import compile as compiler
from rrm_kg.terms import RRMSH, SH
from tests.conftest import ROOT

pyrudof = pytest.importorskip("pyrudof")


def core(sources: graphs.Sources) -> list[ox.Quad]:
    """The shapes without those that have a SPARQL constraint."""
    quads = list(graphs.load(sources.shapes))
    with_query = {quad.subject for quad in quads if quad.predicate.value == SH + "sparql"}
    queries = {quad.object for quad in quads if quad.predicate.value == SH + "sparql"}
    return [quad for quad in quads if quad.subject not in with_query | queries and quad.object not in with_query]


def write(path: Path, triples: list[ox.Triple]) -> str:
    """A file of triples as N-Triples."""
    ox.serialize(triples, str(path), format=ox.RdfFormat.N_TRIPLES)
    return str(path)


def test_the_engines_agree_on_every_bad_example(tmp_path: Path) -> None:
    sources = graphs.read_sources(ROOT)
    shapes = core(sources)
    examples = [path for name in ("good", "bad") for path in sorted((ROOT / "tests" / "shapes").glob(f"*/{name}.ttl"))]
    ontology = [file for file in sources.content if file.path.startswith("ontology/")]
    data = [quad.triple for quad in graphs.load(ontology)]
    data += [
        triple for path in examples for triple in parse.triples(path.read_bytes(), path.relative_to(ROOT).as_posix())
    ]

    store = ox.Store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in data)
    checks = compiler.Shapes(compiler.read(ox.Quad(q.subject, q.predicate, q.object) for q in shapes), store).checks()
    ours = {(r.shape.removeprefix(RRMSH), r.focus.value) for check in checks for r in compiler.run(check, store)}

    rudof = pyrudof.Rudof(pyrudof.RudofConfig())
    rudof.read_data(write(tmp_path / "data.nt", data), format=pyrudof.RDFFormat.NTriples)
    rudof.read_shacl(write(tmp_path / "shapes.nt", [q.triple for q in shapes]), format=pyrudof.ShaclFormat.NTriples)
    theirs = {
        (r.source_shape.removeprefix(RRMSH), r.focus_node.removeprefix("_:"))
        for r in rudof.validate_shacl()
        if r.source_shape.startswith(RRMSH)
    }
    ours = {one for one in ours if ":" not in one[0]}
    assert len(ours) > 200
    assert {"only ours": ours - theirs, "only theirs": theirs - ours} == {
        "only ours": set(),
        "only theirs": set(),
    }
