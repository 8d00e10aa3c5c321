"""What a server keeps and runs at a time is bounded, and a system that cannot run it is told so."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest
from serving import serving

from rrm_kg.errors import RrmError
from rrm_kg.serve import run
from rrm_kg.serve.kept import Kept
from rrm_kg.serve.zygote import Work

GIB = 1024**3


def test_short_answers_without_number_are_bounded_too() -> None:
    kept = Kept()
    for number in range(40_000):
        kept.put(f"{number:032x}", ({"status": 200}, b""))
    assert kept.get(f"{39_999:032x}") is not None
    assert kept.get(f"{0:032x}") is None
    assert kept.size <= 64_000_000


def test_what_goes_out_gives_back_what_it_took() -> None:
    kept = Kept()
    for number in range(200):
        kept.put(str(number), ({"media": "text/csv"}, b"x" * 999_000))
    assert 63_000_000 < kept.size <= 64_000_000


@pytest.mark.parametrize(("memory", "places"), [(1, 1), (2, 1), (4, 2), (8, 4), (16, 8), (256, 8)])
def test_hard_queries_take_half_of_the_memory_at_most(memory: int, places: int) -> None:
    assert run.slow_places(memory * GIB) == places


def test_a_system_without_fork_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delattr(os, "fork")
    with pytest.raises(RrmError) as refused:
        run.serve(tmp_path, None, "127.0.0.1", 0, None, lambda address: None)
    assert refused.value.code == "E390"


def test_a_port_that_another_server_waits_at_is_taken() -> None:
    with run._listen("127.0.0.1", 0) as first, pytest.raises(RrmError) as refused:
        run._listen("127.0.0.1", first.getsockname()[1])
    assert refused.value.code == "E387"


def _below(pid: int) -> set[int]:
    """The processes that a process started, and theirs."""
    found = {int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
    return found.union(*(_below(one) for one in found))


def _load() -> Work:
    return lambda head, body: ({"cases": 1}, b"")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_server_that_is_told_to_end_leaves_no_process(tmp_path: Path) -> None:
    with serving(_load, tmp_path) as client:
        assert client.get("/health").json()["cases"] == 1
        processes = _below(client.pid)
        assert len(processes) >= 2  # the one that holds the graph, and one that answered
    end = time.monotonic() + 10
    while (left := {pid for pid in processes if Path(f"/proc/{pid}").exists()}) and time.monotonic() < end:
        time.sleep(0.05)
    assert left == set()
