"""Closures and verdicts are kept by content, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from rrm_kg import RrmError, cache, open_graph
from rrm_kg import graph as graphs


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, small_root: Path) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    open_graph(small_root, cache_folder=folder)
    return folder


def test_an_unchanged_graph_is_opened_from_the_cache_and_is_the_same(kept: Path, small_root: Path) -> None:
    again = open_graph(small_root, cache_folder=kept)
    fresh = open_graph(small_root, use_cache=False)
    assert again.from_cache
    assert not fresh.from_cache
    assert {str(q) for q in again.store} == {str(q) for q in fresh.store}
    assert again.report == fresh.report


def test_any_change_of_content_makes_another_key(root_copy: Path) -> None:
    keys = {cache.key(graphs.read_sources(root_copy))}
    for path in ("data/places.ttl", "ontology/shapes/clocks.ttl", "ontology/rules/03-names.rq"):
        (root_copy / path).write_bytes((root_copy / path).read_bytes() + b"\n# changed\n")
        keys.add(cache.key(graphs.read_sources(root_copy)))
    assert len(keys) == 4


def test_half_an_entry_counts_as_none(kept: Path, small_root: Path, tmp_path: Path) -> None:
    name = cache.key(graphs.read_sources(small_root))
    assert cache.read(kept, name) is not None
    assert cache.read(tmp_path, name) is None
    (tmp_path / name).mkdir()
    (tmp_path / name / "report.json").write_text("{}")
    assert cache.read(tmp_path, name) is None
    (tmp_path / name / "store").mkdir()
    (tmp_path / name / "store" / "CURRENT").write_text("nothing")
    assert cache.read(tmp_path, name) is None
    (tmp_path / name / "report.json").write_text("{")
    assert cache.read(tmp_path, name) is None


def test_a_kept_graph_can_be_asked_where_it_lies(kept: Path, small_root: Path) -> None:
    on_disk = open_graph(small_root, cache_folder=kept, in_memory=False)
    in_memory = open_graph(small_root, cache_folder=kept)
    assert on_disk.from_cache
    assert on_disk.ask("cq14", case="atento").rows == in_memory.ask("cq14", case="atento").rows
    assert sorted(map(str, on_disk.store)) == sorted(map(str, in_memory.store))
    assert on_disk.check(small_root / "data" / "cases" / "atento.ttl").gone == ()


def test_nothing_half_written_is_left(kept: Path) -> None:
    assert not list(kept.glob(".new-*"))


def test_old_entries_make_room(tmp_path: Path) -> None:
    for number in range(12):
        cache.write(tmp_path, f"key{number}", [], {"findings": [], "validated": {}})
    assert len([p for p in tmp_path.iterdir() if p.is_dir()]) == 8
    assert (tmp_path / "README").is_file()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(RrmError) as caught:
        cache.write(blocked / "cache", "key", [], {})
    assert (caught.value.code, caught.value.where) == ("E308", str(blocked / "cache"))


def test_the_folder_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RRM_KG_CACHE", str(tmp_path / "mine"))
    assert cache.folder() == tmp_path / "mine"
    monkeypatch.delenv("RRM_KG_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache.folder() == tmp_path / "xdg" / "rrm-kg"
