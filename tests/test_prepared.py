"""What shapes and axioms are made into is kept beside the graph, and told from what is broken or foreign."""

from __future__ import annotations

import json
import shutil
from importlib.metadata import version
from pathlib import Path

import pytest

from rrm_kg import engines, open_graph, prepared
from rrm_kg import graph as graphs
from rrm_kg.submission import Resident

NAME = "prepared.json"
PREFIXES = "@prefix rrm: <https://w3id.org/rrm-kg/ontology#> . "


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, small_root: Path) -> Path:
    place = tmp_path_factory.mktemp("kept")
    assert open_graph(small_root, cache_folder=place).resident
    return place


def resident(folder: Path, root: Path) -> Resident:
    return open_graph(root, cache_folder=folder, in_memory=False).resident


def kept(folder: Path) -> Path:
    return next(folder.glob(f"*/{NAME}"))


def shown(resident: Resident, root: Path) -> list[str]:
    case = (root / "data" / "cases" / "atento.ttl").read_bytes()
    some = [
        graphs.Source("data/cases/atento.ttl", case.replace(b"2023-", b"2033-")),
        graphs.Source(
            "new.ttl",
            (PREFIXES + '<https://w3id.org/rrm-kg/id/case/new> a rrm:Dispute ; rrm:date "2033-01" .').encode(),
        ),
    ]
    return [repr(finding) for finding in resident.check(some).found]


def test_what_is_kept_finds_the_same(folder: Path, small_root: Path) -> None:
    graph = open_graph(small_root, use_cache=False)
    assert graph.kept is None
    expected = shown(graph.resident, small_root)
    assert len(expected) > 1
    again = resident(folder, small_root)
    assert "shape_quads" not in vars(again.sources)
    assert shown(again, small_root) == expected


def test_the_shapes_are_kept_as_they_are_written(folder: Path, small_root: Path) -> None:
    sources = graphs.read_sources(small_root)
    assert prepared.shapes(sources, kept(folder).parent) == prepared.shapes(sources, None) != {}


@pytest.mark.parametrize("damage", ["cut", "altered", "empty", "foreign"])
def test_a_file_that_is_not_whole_counts_as_none(damage: str, folder: Path, small_root: Path, tmp_path: Path) -> None:
    place = tmp_path / kept(folder).parent.name
    shutil.copytree(kept(folder).parent, place)
    file = place / NAME
    whole = file.read_text(encoding="utf-8")
    if damage == "foreign":  # whole, but of another graph
        file = tmp_path / "other" / NAME
        file.parent.mkdir()
    changed = {"cut": whole[:-9], "altered": whole.replace("R02", "R99"), "empty": "", "foreign": whole}[damage]
    assert changed != whole or damage == "foreign"
    file.write_text(changed, encoding="utf-8")
    sources = graphs.read_sources(small_root)
    assert prepared.shapes(sources, file.parent) == prepared.shapes(sources, None)
    if damage != "foreign":
        assert "shape_quads" in vars(resident(tmp_path, small_root).sources)
        assert prepared._read(place) is not None  # it was written anew


def test_a_text_of_another_form_counts_as_none(tmp_path: Path) -> None:
    for tree in ([], {}, {"shapes": [[]], "asked": None, "axioms": None}, {"shapes": [], "asked": [[]], "axioms": 1}):
        body = json.dumps(tree)
        (tmp_path / NAME).write_text(f"{prepared._seal(tmp_path, body)}\n{body}", encoding="utf-8")
        assert prepared._read(tmp_path) is None


def test_engines_are_named_by_their_versions() -> None:
    assert engines.versions() == {name: version(name) for name in ("rdflib", "pyshacl", "owlrl", "pyoxigraph")}
