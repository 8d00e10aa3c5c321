"""The catalogue of a release: what it says is of the graph, in three forms, and conforms to DCAT-AP 3.0.1."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest

from rrm_kg.pipeline import KnowledgeGraph
from rrm_kg.publish import catalog
from rrm_kg.publish.site import Site
from rrm_kg.terms import BASE

SHAPES: Final = Path(__file__).parents[2] / "shared" / "conformance" / "dcat-ap" / "dcat-ap-SHACL.ttl"


@pytest.fixture(scope="module")
def files(graph: KnowledgeGraph) -> dict[str, bytes]:
    return {file.path: file.data for file in catalog.files(Site(graph, BASE, "0.2.0"))}


@pytest.fixture(scope="module")
def store(files: dict[str, bytes]) -> ox.Store:
    store = ox.Store()
    store.load(files["catalog.ttl"], format=ox.RdfFormat.TURTLE)
    return store


def test_the_three_forms_are_one_graph(files: dict[str, bytes]) -> None:
    forms = {"ttl": ox.RdfFormat.TURTLE, "nt": ox.RdfFormat.N_TRIPLES, "jsonld": ox.RdfFormat.JSON_LD}
    graphs = [{str(t) for t in ox.parse(files[f"catalog.{end}"], format=form)} for end, form in forms.items()]
    assert graphs[0] == graphs[1] == graphs[2]


def test_it_counts_what_the_graph_holds(store: ox.Store) -> None:
    found = store.query(
        "PREFIX void: <http://rdfs.org/ns/void#> PREFIX rrm: <https://w3id.org/rrm-kg/ontology#> "
        "SELECT ?n { ?part void:class rrm:Dispute ; void:entities ?n }"
    )
    assert [row["n"].value for row in found] == ["49"]  # 41 under the mechanism and 8 to compare with


def test_each_dump_is_a_distribution_that_can_be_downloaded(store: ox.Store) -> None:
    found = store.query(
        "PREFIX dcat: <http://www.w3.org/ns/dcat#> "
        "SELECT ?url { <https://w3id.org/rrm-kg/dataset> dcat:distribution/dcat:downloadURL ?url } ORDER BY ?url"
    )
    names = ["cases.csv", "kg.jsonld.gz", "kg.nq.gz", "kg.ttl.gz"]
    assert [row["url"].value for row in found] == [f"{BASE}dumps/{name}" for name in names]


@pytest.mark.skipif(not SHAPES.is_file(), reason="the DCAT-AP shapes are not here")
def test_it_conforms_to_dcat_ap(files: dict[str, bytes]) -> None:
    """By pyrudof: pySHACL refuses the file of the shapes, one of which is not well-formed."""
    pyrudof = pytest.importorskip("pyrudof")

    def violations(data: bytes) -> list[str]:
        rudof = pyrudof.Rudof(pyrudof.RudofConfig())
        rudof.read_data(data.decode())
        rudof.read_shacl(SHAPES.read_text())
        return [f"{one.focus_node} {one.path} {one.message}" for one in rudof.validate_shacl().violations]

    assert violations(files["catalog.ttl"]) == []
    without = files["catalog.ttl"].replace(b"a dcat:Catalog ;", b"a dcat:Catalog ; dcat:dataset 1 ;")
    assert violations(without) != []
