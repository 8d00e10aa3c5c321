"""Hostile files, each with what must come of it: an error of ours or a finding, and never anything else.

``manifest.csv`` names for each file the error code or the rule that must come (several where any of them is right), or
``fine`` for what is only odd. All run in guarded processes that also watch which files are opened.
"""

from __future__ import annotations

import csv
import json
import mimetypes
import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from recipes import RECIPES

from rrm_kg import RrmError, graph, open_graph, worker
from rrm_kg.submission import Resident

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
FILES: Final = HERE / "files"
SECONDS: Final = 20


@dataclass(frozen=True)
class Row:
    """A line of the manifest."""

    file: str
    expected: tuple[str, ...]


def manifest() -> list[Row]:
    """The lines of the manifest."""
    with (HERE / "manifest.csv").open(encoding="utf-8", newline="") as lines:
        return [Row(one["file"], tuple(one["expected"].split("|"))) for one in csv.DictReader(lines)]


ROWS: Final = manifest()


@dataclass(frozen=True)
class Task:
    """A file to be judged, and where the graph is that it is judged with."""

    path: str
    root: str
    cache: str


_opened: list[str] = []


@cache
def resident(root: str, kept: str) -> Resident:
    """The graph, opened in the process, and from then on a watch over the files that it opens."""
    found = open_graph(root, cache_folder=kept).resident
    found.check([graph.Source("first.ttl", b"")])  # what is loaded only when it is needed

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str):
            _opened.append(arguments[0])

    sys.addaudithook(watch)
    return found


def judged(task: Task) -> list[str]:
    """What comes of a file: the code of an error, or the rules of its Violations, or ``fine``."""
    known = resident(task.root, task.cache)
    path = FILES / task.path
    data = RECIPES[task.path]() if task.path in RECIPES else path.read_bytes()
    _opened.clear()
    try:
        verdict = known.check([graph.Source(task.path, data)])
    except RrmError as error:
        said = [error.code]
        json.dumps([error.message(lang) + error.hint(lang) for lang in ("en", "es")])
        str(error).encode()
    else:
        json.dumps(verdict.report.as_dict())
        said = sorted({f.rule for f in verdict.found if f.severity.label == "Violation"}) or ["fine"]
        for finding in verdict.found:
            for message in finding.message.values():
                message.encode()
    allowed = (
        sys.prefix,
        sys.base_prefix,
        str(ROOT),
        task.root,
        task.cache,
        os.devnull,
        "/proc/self",
        *mimetypes.knownfiles,
    )
    said += [f"opened {one}" for one in _opened if not one.startswith(allowed)]
    return said


@pytest.fixture(scope="module")
def outcomes(small_root: Path, cache_folder: Path) -> dict[str, list[str]]:
    """What came of each file."""
    open_graph(small_root, cache_folder=cache_folder)
    tasks = [Task(row.file, str(small_root), str(cache_folder)) for row in ROWS]
    answers = worker.each(judged, tasks, seconds=SECONDS)
    return {
        task.path: [answer.code, str(answer)] if isinstance(answer, RrmError) else answer
        for task, answer in zip(tasks, answers, strict=True)
    }


def test_the_manifest_is_whole() -> None:
    names = [row.file for row in ROWS]
    assert len(names) == len(set(names)) >= 150
    assert {path.name for path in FILES.iterdir()} | set(RECIPES) == set(names)
    assert not {path.name for path in FILES.iterdir()} & set(RECIPES)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.file)
def test_hostile_file(row: Row, outcomes: dict[str, list[str]]) -> None:
    outcome = outcomes[row.file]
    assert set(row.expected) & set(outcome), outcome
    assert not [said for said in outcome if said.startswith("opened")]
    if row.expected == ("fine",):
        assert outcome == ["fine"]


def test_files_were_watched(small_root: Path, cache_folder: Path, tmp_path: Path) -> None:
    """The watch sees what it should: a function that reads a file outside is found out."""
    secret = tmp_path / "secret"
    secret.write_text("x")
    task = Task(str(secret), str(small_root), str(cache_folder))
    (seen,) = worker.each(reads_outside, [task], seconds=SECONDS)
    assert seen == [str(secret)]


def reads_outside(task: Task) -> list[str]:
    """What the watch saw of the reading of a file."""
    resident(task.root, task.cache)
    _opened.clear()
    Path(task.path).read_text()
    return _opened
