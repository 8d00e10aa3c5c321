"""Measure our engines beside their peers on synthetic cases, as the graph grows.

Each work of each engine runs in a process of its own; engines take turns. Results are compared before times are: a
time for another result is void. ``make bench`` shows 30 and 100 cases; ``make bench-full`` goes up to 100,000 and
writes RESULTS.md, growth.svg and the figures in docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks import prepare, report
from benchmarks.peers import PEERS, installed
from benchmarks.prepare import Folder
from benchmarks.works import OURS, QUESTION_LIMIT

ROOT: Final = Path(__file__).parents[1]
ROUNDS: Final = 3
QUICK: Final = 15.0  # a work whose process takes longer than this many seconds runs once
MAKING_READY: Final = 3  # times the limit of the work itself


@dataclass(frozen=True)
class Limits:
    """Seconds for one work of a peer and for one of ours, and bytes in memory for either."""

    peer: float
    own: float
    memory: int


@dataclass
class Measured:
    """What one engine's work cost at one size, or why it is not known."""

    size: int
    work: str
    engine: str
    wall: float | None = None
    cpu: float | None = None
    cold: float | None = None
    peak: int | None = None
    bytes: float | None = None
    rounds: int = 0
    stopped: str | None = None
    missing: str | None = None
    equal: bool | None = None
    note: str = ""
    questions: dict[str, dict[str, Any]] = field(default_factory=dict)


def tell(text: str) -> None:
    """A line on progress."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def command(*arguments: str) -> list[str]:
    """This Python with a module."""
    return [sys.executable, "-m", *arguments]


def once(folder: Folder, work: str, engine: str, limits: Limits) -> tuple[list[dict[str, Any]], str | None, float]:
    """The lines that a process told, why it was stopped, and how long it took in all."""
    allowed = limits.own if engine == "ours" else limits.peer
    if work == "questions":
        allowed = max(allowed, QUESTION_LIMIT * 20)
    out, err = folder.file("told.jsonl"), folder.file("errors.txt")
    begun, ready_at, stopped = time.monotonic(), None, None
    with out.open("w") as told, err.open("w") as errors:
        process = subprocess.Popen(
            command("benchmarks.measure", str(folder.path), work, engine), cwd=ROOT, stdout=told, stderr=errors
        )
        try:
            while process.poll() is None and stopped is None:
                time.sleep(0.05)
                now = time.monotonic()
                if ready_at is None and '"ready"' in out.read_text(encoding="utf-8"):
                    ready_at = now
                if ready_at is None and now - begun > allowed * MAKING_READY:
                    stopped = f"while it made ready, after {allowed * MAKING_READY:g} s"
                elif ready_at is not None and now - ready_at > allowed and '"wall"' not in _last(out):
                    stopped = f"after {allowed:g} s"
                elif _resident(process.pid) > limits.memory:
                    stopped = f"at {limits.memory >> 30} GiB"
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    if process.returncode and not stopped:
        last = err.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
        stopped = "failed: " + " ".join(last)[:120]
    return lines, stopped, time.monotonic() - begun


def _last(out: Path) -> str:
    lines = [line for line in out.read_text(encoding="utf-8").splitlines() if '"question"' not in line]
    return lines[-1] if lines else ""


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    except (OSError, IndexError):
        return 0


def together(folder: Folder, size: int, work: str, engines: list[str], limits: Limits) -> list[Measured]:
    """A work by several engines in turns, and whether they found the same."""
    found = {engine: Measured(size, work, engine) for engine in engines}
    runs: dict[str, list[dict[str, Any]]] = {engine: [] for engine in engines}
    for turn in range(ROUNDS):
        for engine, one in found.items():
            if turn and (one.stopped or one.missing or one.rounds < turn):
                continue
            lines, stopped, took = once(folder, work, engine, limits)
            _take(one, runs[engine], lines, stopped, took)
            tell(f"{size} {work} {engine}: {one.wall if one.wall is not None else one.stopped or one.missing}")
    for engine, one in found.items():
        if runs[engine]:
            for name in ("wall", "cpu", "cold"):
                setattr(one, name, statistics.median(run[name] for run in runs[engine]))
            one.peak = max(run["peak"] for run in runs[engine])
            one.bytes = runs[engine][0]["bytes"]
        if engine != "ours" and one.wall is not None:
            _compare(folder, one)
    return list(found.values())


def _take(
    one: Measured, runs: list[dict[str, Any]], lines: list[dict[str, Any]], stopped: str | None, took: float
) -> None:
    for line in lines:
        if "missing" in line:
            one.missing = line["missing"]
        elif "question" in line:
            one.questions.setdefault(line["question"], line)
        elif "wall" in line:
            runs.append(line)
            one.wall = line["wall"]
            one.rounds += 1 if took < QUICK or one.rounds == 0 else 0
    one.stopped = stopped
    if took >= QUICK:
        one.note = "one run"
        one.rounds = 0


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _compare(folder: Folder, one: Measured) -> None:
    """Say whether a peer found what we found, or how the results differ."""
    base = folder.file(f"result {one.work} ours.txt")
    if not base.exists():
        one.note = "not compared"
        return
    ours, theirs = set(_lines(base)), set(_lines(folder.file(f"result {one.work} {one.engine}.txt")))
    if one.engine == "reasonable":
        if one.work == "closure":
            ours &= set(_lines(folder.file("closure-without-chains.txt")))
        one.note = ", ".join(filter(None, (one.note, "without chains")))
    if one.work == "questions":
        for name, told in one.questions.items():
            mark = name + "\t"
            told["equal"] = {r for r in ours if r.startswith(mark)} == {r for r in theirs if r.startswith(mark)}
    one.equal = ours == theirs
    if not one.equal and one.work == "load":
        one.note = f"{theirs.pop()} triples, not {ours.pop()}"
    elif not one.equal and one.work != "questions":
        one.note = f"differs: {len(ours - theirs)} missing, {len(theirs - ours)} more"


def seeded_defects_found(folder: Folder) -> None:
    """Raises SystemExit when our gate does not find exactly the seeded defects."""
    told = json.loads(folder.file("violations.txt").read_text(encoding="utf-8"))
    found, wanted = Counter(map(tuple, told)), Counter((e.rule, e.shape, e.focus) for e in prepare.expected(folder))
    if found != wanted:
        raise SystemExit(f"the gate misses {wanted - found} and finds {found - wanted} besides")


def starting(times: int = 7) -> Iterator[Measured]:
    """How long ``--help`` takes, in turns."""
    walls: dict[str, list[float]] = {"ours": [], "pyshacl": []}
    for _ in range(times):
        for engine, module in (("ours", "rrm_kg"), ("pyshacl", "pyshacl")):
            begun = time.perf_counter()
            done = subprocess.run(command(module, "--help"), cwd=ROOT, capture_output=True, check=False)
            if done.returncode == 0:
                walls[engine].append(time.perf_counter() - begun)
    for engine, some in walls.items():
        wall = statistics.median(some) if some else None
        yield Measured(0, "help", engine, wall, rounds=len(some), missing=None if some else "does not run")


def _hopeless(before: list[Measured], work: str, engine: str, size: int, limit: float) -> str | None:
    """Why a peer is not asked at a size: it was stopped at a smaller one, or took so long that it would be."""
    done = [m for m in before if (m.work, m.engine) == (work, engine)]
    if any(m.stopped for m in done):
        return "at a smaller size"
    last = max(done, key=lambda m: m.size, default=None)
    if last is not None and last.wall is not None and last.wall * size / last.size > 2 * limit:
        return f"left out after {last.wall:.0f} s at {last.size:,} cases"
    return None


def sized(size: int, place: Path, limits: Limits, before: list[Measured]) -> tuple[dict[str, Any], list[Measured]]:
    """All works at one size; ``before`` is what smaller sizes showed."""
    folder = Folder(place / str(size))
    folder.path.mkdir(parents=True)
    begun = time.perf_counter()
    subprocess.run(command("benchmarks.prepare", str(folder.path), str(size)), cwd=ROOT, check=True)
    facts = folder.facts | {"preparing": time.perf_counter() - begun}
    tell(f"{size} cases ready after {facts['preparing']:.0f} s")
    here = {name for name, version in installed().items() if version}
    found: list[Measured] = []
    for work in OURS:
        peers = [name for name in PEERS if work in PEERS[name] and name in here]
        hopeless = {n: why for n in peers if (why := _hopeless(before, work, n, size, limits.peer))}
        asked = [name for name in peers if name not in hopeless]
        found += together(folder, size, work, ["ours", *asked], limits)
        found += [Measured(size, work, name, stopped=why) for name, why in hopeless.items()]
        if work == "gate":
            seeded_defects_found(folder)
    return facts, found


def main() -> None:
    """Measure the sizes asked for; show the tables, and write them when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[30, 100])
    parser.add_argument("--limit", type=float, default=120, help="seconds for one work of a peer")
    parser.add_argument("--own-limit", type=float, default=1200, help="seconds for one work of ours")
    parser.add_argument("--memory", type=int, default=12, help="GiB for one process")
    parser.add_argument("--write", action="store_true", help="write RESULTS.md, growth.svg and docs/performance.md")
    parser.add_argument("--figures", type=Path, help="also keep the figures as JSON here")
    arguments = parser.parse_args()
    os.environ["PYTHONHASHSEED"] = "0"
    limits = Limits(arguments.limit, arguments.own_limit, arguments.memory << 30)
    run = report.Run(limits.peer, limits.own, arguments.memory, installed())
    run.measured += starting()
    with tempfile.TemporaryDirectory(prefix="rrm-kg-bench-") as place:
        for size in sorted(arguments.sizes):
            need = run.memory_needed(size)
            if need > limits.memory:
                run.left_out[size] = f"would need about {need / 2**30:.0f} GiB, by the memory a case took before"
                tell(f"{size}: {run.left_out[size]}")
                continue
            facts, found = sized(size, Path(place), limits, run.measured)
            run.facts[size] = facts
            run.measured += found
            if arguments.figures:
                arguments.figures.write_text(run.as_json(), encoding="utf-8")
    sys.stdout.write(report.tables(run))
    if arguments.write:
        report.write(run, ROOT)


if __name__ == "__main__":
    main()
