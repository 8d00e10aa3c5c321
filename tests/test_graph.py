"""Files to one graph: a named graph for each file, and a hash of it all."""

from __future__ import annotations

from pathlib import Path

import pytest

from rrm_kg import KnowledgeGraph
from rrm_kg import graph as graphs
from rrm_kg.errors import RrmError
from rrm_kg.terms import DERIVED, INFERRED

ROOT = Path(__file__).parent.parent


def test_every_file_is_a_named_graph() -> None:
    sources = graphs.read_sources(ROOT)
    dataset = graphs.load(sources.content)
    names = {quad.graph_name.value for quad in dataset}
    assert names == {source.graph for source in sources.content}
    assert "https://w3id.org/rrm-kg/graph/cases/atento" in names


def test_the_graph_describes_each_of_its_files() -> None:
    for source in graphs.read_sources(ROOT).files:
        if source.path != "ontology/rrm.ttl":
            assert f"<{source.graph}> a owl:Ontology" in source.data.decode(), source.path


def test_shapes_are_no_part_of_the_graph() -> None:
    sources = graphs.read_sources(ROOT)
    assert sources.shapes
    assert not {s.path for s in sources.shapes} & {s.path for s in sources.content}


def test_the_same_quads_as_an_rdflib_dataset() -> None:
    quads = list(graphs.load(graphs.read_sources(ROOT).content))
    copy = graphs.to_rdflib_dataset(quads)
    assert sum(1 for _ in copy.quads()) == len(set(quads))
    atento = copy.graph("https://w3id.org/rrm-kg/graph/cases/atento")
    assert len(atento) == sum(q.graph_name.value.endswith("cases/atento") for q in quads)


def test_an_opened_graph_gives_an_rdflib_dataset(graph: KnowledgeGraph) -> None:
    dataset = graph.to_rdflib()
    names = {str(context.identifier) for context in dataset.graphs()}
    assert {f"{DERIVED}/03-names", INFERRED, "https://w3id.org/rrm-kg/graph/cases/atento"} <= names
    assert sum(1 for _ in dataset.quads()) == len(graph.store)


def test_equal_content_equal_hash(root_copy: Path) -> None:
    def hashed(root: Path) -> str:
        return graphs.content_hash(graphs.read_sources(root).files)

    before = hashed(root_copy)
    assert before == hashed(root_copy)
    places = root_copy / "data" / "places.ttl"
    places.write_bytes(places.read_bytes() + b"\n")
    assert hashed(root_copy) != before
    places.write_bytes(places.read_bytes()[:-1])
    places.rename(places.with_name("sites.ttl"))
    assert hashed(root_copy) != before


def test_a_folder_without_an_ontology_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RrmError) as caught:
        graphs.read_sources(tmp_path)
    assert caught.value.code == "E301"


def test_a_file_that_cannot_be_read_is_named(root_copy: Path) -> None:
    (root_copy / "data" / "folder.ttl").mkdir()
    with pytest.raises(RrmError) as caught:
        graphs.read_sources(root_copy)
    assert (caught.value.code, caught.value.where) == ("E305", str(root_copy / "data" / "folder.ttl"))
