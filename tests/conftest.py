"""What the tests share: one opened graph, and copies of the root that a test may change."""

from __future__ import annotations

import os
import re
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NoReturn

import pytest
from hypothesis import settings
from network import trapped

from rrm_kg import KnowledgeGraph, open_graph
from rrm_kg.graph import default_root

ROOT = Path(__file__).parent.parent

# The same examples in every run; --hypothesis-profile=default searches on from new ones.
settings.register_profile("steady", derandomize=True)
settings.load_profile("steady")


FIGURES: Final = pytest.StashKey[dict[str, int]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FIGURES] = {}


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):  # a process of pytest-xdist
        session.config.workeroutput["figures"] = session.config.stash[FIGURES]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    figures = node.config.stash[FIGURES]
    for name, number in getattr(node, "workeroutput", {}).get("figures", {}).items():
        figures[name] = figures.get(name, 0) + number


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for name, number in sorted(config.stash[FIGURES].items()):
        terminalreporter.write_line(f"{name}: {number:,}")


@pytest.fixture(scope="session")
def figures(request: pytest.FixtureRequest) -> dict[str, int]:
    """Numbers that the run prints at its end, added up over its processes."""
    return request.config.stash[FIGURES]


@pytest.fixture(scope="session", autouse=True)
def _no_outbound_connections(figures: dict[str, int]) -> Iterator[None]:
    """Fail the run when anything in it tried to leave this machine."""
    with trapped() as attempts:
        yield
    figures["outbound connections attempted"] = len(attempts)
    assert attempts == []


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache folder of the test run, shared by its worker processes."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder = shared / "rrm-kg-cache"
    before = os.environ.get("RRM_KG_CACHE")
    os.environ["RRM_KG_CACHE"] = str(folder)
    yield folder
    if before is None:
        del os.environ["RRM_KG_CACHE"]
    else:
        os.environ["RRM_KG_CACHE"] = before


@pytest.fixture(scope="session")
def graph(cache_folder: Path) -> KnowledgeGraph:
    """The graph of the checkout, checked."""
    return open_graph(ROOT, cache_folder=cache_folder)


def copy_root(folder: Path) -> Path:
    """A copy of ontology/, data/ and queries/ with the Atento case alone, which keeps a fresh run quick."""
    for part in ("ontology", "data", "queries"):
        shutil.copytree(default_root() / part, folder / "root" / part)
    for path in (folder / "root" / "data" / "cases").iterdir():
        if path.name != "atento.ttl":
            path.unlink()
    for name in ("totals", "judgements"):
        (folder / "root" / "data" / f"{name}.ttl").unlink(missing_ok=True)
    for path in (folder / "root" / "data").glob("*.ttl"):
        # What the other cases share stands at the end of each file, under banners of its own.
        first, *_ = re.split(
            r"^#+\n# .* of (?:further cases|comparators|published totals)$",
            path.read_text(encoding="utf-8"),
            maxsplit=1,
            flags=re.M,
        )
        path.write_text(first, encoding="utf-8")
    # The one link from this case to another.
    path = folder / "root" / "data" / "cases" / "atento.ttl"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("    rrm:follows case:grupo-mexico-san-martin ;\n", ""), encoding="utf-8")
    return folder / "root"


def seed_faults(root: Path) -> None:
    """Put faults of several kinds into the Atento case below a root."""
    path = root / "data" / "cases" / "atento.ttl"
    text = path.read_text(encoding="utf-8")
    for old, new in (
        ("rrm:date ", "rrm:dat "),
        ("rrm:role role:petitioner", "rrm:role role:panelist"),
        ('"2024-01-18"^^xsd:date', '"2019-01-18"^^xsd:date'),
        ("rrm:modality modality:", "rrm:modality role:"),
    ):
        text = text.replace(old, new, 3)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def root_copy(tmp_path: Path) -> Path:
    """A copy of the root that a test may change."""
    return copy_root(tmp_path)


@pytest.fixture(scope="session")
def small_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the root that tests only read."""
    return copy_root(tmp_path_factory.mktemp("small"))


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Sockets that record every attempt and refuse it."""
    attempts: list[object] = []

    def refuse(self: object, address: object, *rest: object) -> NoReturn:
        attempts.append(address)
        raise AssertionError(f"a connection to {address!r} was attempted")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    return attempts


@pytest.fixture
def write() -> Callable[[Path, str], Path]:
    """Write a text file, folders included."""

    def _write(path: Path, text: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return _write
