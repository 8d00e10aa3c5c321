"""The promise to ordinary clients beside hostile ones, for some seconds; ``make load`` keeps it up for minutes."""

from __future__ import annotations

import os
from pathlib import Path

import load
import pytest

from rrm_kg.pipeline import KnowledgeGraph

SECONDS = float(os.environ.get("RRM_KG_LOAD_SECONDS", "60" if os.environ.get("CI") else "20"))

SHARED = 2 if os.environ.get("PYTEST_XDIST_WORKER") else 1  # other tests take half of the two processors


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one processor has no room for hostile clients")
def test_ordinary_clients_are_answered_well_beside_hostile_ones(graph: KnowledgeGraph, tmp_path: Path) -> None:
    figures = load.run(graph, tmp_path, SECONDS)
    assert figures.failed == []
    assert len(figures.seconds) > load.ORDINARY  # each was answered, and some again
    assert figures.slow < load.SECONDS * SHARED
    assert set(figures.attacks) - {403, 413, 200, 400, 503, 504} == set()
    assert sum(figures.attacks.values()) >= load.HOSTILE
