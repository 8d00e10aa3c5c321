"""Damaged files never break the parser or the gate: the same files in every run, as many as fit into the time."""

from __future__ import annotations

import os
from pathlib import Path

import fuzz
import pytest

from rrm_kg import open_graph

SECONDS = float(os.environ.get("RRM_KG_FUZZ_SECONDS", "45"))


@pytest.mark.filterwarnings("ignore:Parsing weird boolean")
def test_damaged_files_break_nothing(small_root: Path, cache_folder: Path, figures: dict[str, int]) -> None:
    resident = open_graph(small_root, cache_folder=cache_folder).resident
    tally = fuzz.run(resident, seed=20240118, cases=20_000, seconds=SECONDS)
    figures["damaged files checked"] = tally.cases
    assert tally.broken == []
    assert tally.cases > 50
    codes = {outcome.split()[1] for outcome in tally.outcomes}
    assert {"E304", "findings"} <= codes
