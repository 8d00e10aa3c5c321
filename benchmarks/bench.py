"""Measure our engines beside their peers on synthetic cases, as the graph grows.

Each work of each engine runs in a process of its own, which is killed when its time is over; engines take turns.
Results are compared before times are: a time for another result is void. What time is left goes to the peers that
were stopped before a goal could be told. ``make bench`` shows 30 and 100 cases; ``make bench-full`` goes up to 100,000
and writes RESULTS.md, growth.svg and the figures in docs/performance.md, also of a run that was ended early.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from benchmarks import goals, prepare, report
from benchmarks.peers import PEERS, installed
from benchmarks.prepare import Folder
from benchmarks.works import OURS, QUESTION_LIMIT

ROOT: Final = Path(__file__).parents[1]
ROUNDS: Final = 3
QUICK: Final = 15.0  # a work whose process takes longer than this many seconds runs once
MARGIN: Final = 1.1  # of the time that a peer gets to tell a goal
MAKING_READY: Final = 3  # times the limit of the work itself
GRACE: Final = 5.0  # seconds for a process to stop a question by itself
LATE: Final = "not begun: the time for the whole run was over"


@dataclass(frozen=True)
class Limits:
    """Seconds for one work of a peer, for one of ours and for one question, and bytes in memory for any.

    ``end`` is the moment, by the monotonic clock, after which nothing begins; what runs then has its limit.
    """

    peer: float
    own: float
    memory: int
    question: float = QUESTION_LIMIT
    end: float = float("inf")

    @property
    def over(self) -> bool:
        """Whether nothing may begin any more."""
        return time.monotonic() > self.end


@dataclass
class Told:
    """The lines that a process told, why it was stopped, how long it took in all, and its work until it was stopped."""

    lines: list[dict[str, Any]]
    stopped: str | None
    took: float
    worked: float | None = None


@dataclass
class Measured:
    """What one engine's work cost at one size, or why it is not known.

    ``least`` are the seconds that a work had taken when its time was over: by the clock or of the processor, whichever
    are fewer, so that what other processes do lends it none.
    """

    size: int
    work: str
    engine: str
    wall: float | None = None
    cpu: float | None = None
    cold: float | None = None
    least: float | None = None
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


def once(folder: Folder, work: str, engine: str, limits: Limits) -> Told:
    """A work in a process of its own, stopped when its time or its memory is over.

    A question that does not end costs its limit: the process is killed, and another answers the questions after it.
    """
    told = _process(folder, work, engine, limits, ())
    while told.stopped and (asked := _unanswered(told.lines)):
        why = told.stopped if told.stopped.startswith("failed") else f"stopped {told.stopped}"
        lines = [*told.lines[:-1], {"question": asked, "error": why}]
        stopped, took = f"{told.stopped} at {asked}", told.took
        if limits.over:
            return Told(lines, stopped, took)
        more = _process(folder, work, engine, limits, tuple(one["question"] for one in lines if "question" in one))
        rest = [one for one in more.lines if "asking" in one or "question" in one]  # its time is not that of all
        told = Told(lines + rest, more.stopped or stopped, took + more.took)
    return told


def _unanswered(lines: list[dict[str, Any]]) -> str | None:
    """The question that a process was asked last, when it was stopped before it answered."""
    return lines[-1].get("asking") if lines else None


def _process(folder: Folder, work: str, engine: str, limits: Limits, done: tuple[str, ...]) -> Told:
    allowed = limits.own if engine == "ours" else limits.peer
    out, err = folder.file("told.jsonl"), folder.file("errors.txt")
    begun, stopped, worked = time.monotonic(), None, None
    size, since, used = 0, begun, 0.0  # of what was told, when it last grew, and what the processor had done by then
    with out.open("w") as told, err.open("w") as errors:
        process = subprocess.Popen(
            command("benchmarks.measure", str(folder.path), work, engine, *done), cwd=ROOT, stdout=told, stderr=errors
        )
        try:
            while process.poll() is None and stopped is None:
                time.sleep(0.05)
                now = time.monotonic()
                if out.stat().st_size != size:
                    size, since, used = out.stat().st_size, now, _processed(process.pid)
                lines = _lines_of(out)
                last: dict[str, Any] = lines[-1] if lines else {}
                if not lines and now - begun > allowed * MAKING_READY:
                    stopped = f"while it made ready, after {allowed * MAKING_READY:.0f} s"
                elif "asking" in last and now - since > limits.question + GRACE:
                    stopped = f"after {limits.question:g} s"
                elif "ready" in last and now - since > allowed:
                    stopped, worked = f"after {allowed:.0f} s", min(now - since, _processed(process.pid) - used)
                elif "wall" in last and now - since > allowed * MAKING_READY:
                    stopped = f"while it told its result, after {allowed * MAKING_READY:.0f} s"
                elif _resident(process.pid) > limits.memory:
                    stopped = f"at {limits.memory >> 30} GiB"
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
    if process.returncode and not stopped:
        last_words = err.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
        stopped = "failed: " + " ".join(last_words)[:120]
    return Told(_lines_of(out), stopped, time.monotonic() - begun, worked)


def _lines_of(out: Path) -> list[dict[str, Any]]:
    """The whole lines that a process has told so far."""
    text = out.read_text(encoding="utf-8")
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    except (OSError, IndexError):
        return 0


def _processed(pid: int) -> float:
    """Seconds of the processor that a process has taken."""
    try:
        numbers = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError):
        return 0.0


def together(folder: Folder, size: int, work: str, engines: list[str], limits: Limits) -> list[Measured]:
    """A work by several engines in turns, and whether they found the same."""
    found = {engine: Measured(size, work, engine) for engine in engines}
    runs: dict[str, list[dict[str, Any]]] = {engine: [] for engine in engines}
    for turn in range(ROUNDS):
        for engine, one in found.items():
            if turn and (one.stopped or one.missing or one.rounds < turn):
                continue
            if limits.over:
                one.stopped = one.stopped if one.rounds else LATE
                continue
            _take(one, runs[engine], once(folder, work, engine, limits))
            tell(f"{size} {work} {engine}: {one.wall if one.wall is not None else one.stopped or one.missing}")
    for engine, one in found.items():
        _settle(folder, one, runs[engine], found["ours"])
    return list(found.values())


def _settle(folder: Folder, one: Measured, runs: list[dict[str, Any]], ours: Measured) -> None:
    """Take the medians of the runs, and say whether the results are ours."""
    if runs:
        for name in ("wall", "cpu", "cold"):
            setattr(one, name, statistics.median(run[name] for run in runs))
        one.peak = max(run["peak"] for run in runs)
        one.bytes = runs[0]["bytes"]
    if one.work == "questions":
        _compare_answers(one, ours)
    elif one.engine != "ours" and one.wall is not None:
        _compare(folder, one)


def _take(one: Measured, runs: list[dict[str, Any]], told: Told) -> None:
    for line in told.lines:
        if "missing" in line:
            one.missing = line["missing"]
        elif "question" in line:
            one.questions.setdefault(line["question"], line)
        elif "wall" in line:
            runs.append(line)
            one.wall = line["wall"]
            one.rounds += 1 if told.took < QUICK or one.rounds == 0 else 0
    one.stopped, one.least = told.stopped, told.worked
    if told.took >= QUICK:
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
        ours &= set(_lines(folder.file(f"{one.work}-without-chains.txt")))
        one.note = ", ".join(filter(None, (one.note, "without chains")))
    one.equal = ours == theirs
    if not one.equal and one.work == "load":
        one.note = f"{theirs.pop()} triples, not {ours.pop()}"
    elif not one.equal:
        one.note = f"differs: {len(ours - theirs)} missing, {len(theirs - ours)} more"


def _compare_answers(one: Measured, ours: Measured) -> None:
    """Say of each question whether an engine answered it with our rows."""
    for name, told in one.questions.items():
        told["equal"] = "rows" in told and told["rows"] == ours.questions.get(name, {}).get("rows")


def defects_missed(folder: Folder) -> str | None:
    """How what our gate found differs from the seeded defects, or None."""
    told = json.loads(folder.file("violations.txt").read_text(encoding="utf-8"))
    found, wanted = Counter(map(tuple, told)), Counter((e.rule, e.shape, e.focus) for e in prepare.expected(folder))
    if found == wanted:
        return None
    return f"void: misses {sorted((wanted - found).elements())}, finds {sorted((found - wanted).elements())} besides"


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


def sized(size: int, place: Path, limits: Limits, run: report.Run) -> Iterator[Measured]:
    """All works at one size; what the run holds already is what smaller sizes showed."""
    folder = Folder(place / str(size))
    folder.path.mkdir(parents=True)
    begun = time.perf_counter()
    try:
        subprocess.run(
            command("benchmarks.prepare", str(folder.path), str(size)),
            cwd=ROOT,
            check=True,
            timeout=limits.own * MAKING_READY,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        run.left_out[size] = f"making ready failed or took too long ({type(error).__name__})"
        return
    facts = folder.facts | {"preparing": time.perf_counter() - begun}
    tell(f"{size} cases ready after {facts['preparing']:.0f} s")
    run.facts[size] = facts
    here = {name for name, version in run.peers.items() if version}
    for work in OURS:
        peers = [name for name in PEERS if work in PEERS[name] and name in here]
        hopeless = {n: why for n in peers if (why := _hopeless(run.measured, work, n, size, limits.peer))}
        asked = [name for name in peers if name not in hopeless]
        found = together(folder, size, work, ["ours", *asked], limits)
        if work == "gate" and found[0].wall is not None and (missed := defects_missed(folder)):
            found[0] = replace(found[0], wall=None, missing=missed)
        yield from found
        yield from (Measured(size, work, name, stopped=why) for name, why in hopeless.items())


def longer(run: report.Run, place: Path, limits: Limits) -> Iterator[Measured]:
    """What peers take that were stopped before a goal could be told: each as long as it needs, if time is left.

    What needs the least comes first; of what has not enough left, a higher lower bound comes out.
    """
    for size, work, engine, needed in sorted(goals.untold(run), key=lambda one: one[-1]):
        before, ours = run.one(work, engine, size), run.one(work, "ours", size)
        left = limits.end - time.monotonic()
        if ours is None or before is None or left < max(limits.peer, before.least or 0.0):
            continue
        folder, one, runs = Folder(place / str(size)), Measured(size, work, engine), list[dict[str, Any]]()
        _take(one, runs, once(folder, work, engine, replace(limits, peer=min(needed * MARGIN, left))))
        tell(f"{size} {work} {engine}, longer: {one.wall if one.wall is not None else one.stopped or one.missing}")
        _settle(folder, one, runs, ours)
        yield one


def measure(run: report.Run, sizes: list[int], place: Path, limits: Limits, figures: Path | None) -> None:
    """Measure all sizes that memory and time allow, and name the others; figures are kept after each work."""
    run.measured += starting()
    for size in sorted(sizes):
        need = run.memory_needed(size)
        if need > limits.memory:
            run.left_out[size] = f"would need about {need / 2**30:.0f} GiB, by the memory a case took before"
        elif limits.over:
            run.left_out[size] = LATE
        else:
            for one in sized(size, place, limits, run):
                run.measured.append(one)
                if figures:
                    figures.write_text(run.as_json(), encoding="utf-8")
        if size in run.left_out:
            tell(f"{size}: {run.left_out[size]}")
    for one in longer(run, place, limits):
        run.replace(one)
        if figures:
            figures.write_text(run.as_json(), encoding="utf-8")


def main() -> None:
    """Measure the sizes asked for; show the tables, and write them when asked to, also when interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[30, 100])
    parser.add_argument("--limit", type=float, default=120, help="seconds for one work of a peer")
    parser.add_argument("--own-limit", type=float, default=1200, help="seconds for one work of ours")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="after which nothing begins")
    parser.add_argument("--memory", type=int, default=12, help="GiB for one process")
    parser.add_argument("--write", action="store_true", help="write RESULTS.md, growth.svg and docs/performance.md")
    parser.add_argument("--figures", type=Path, help="also keep the figures as JSON here")
    arguments = parser.parse_args()
    os.environ["PYTHONHASHSEED"] = "0"
    end = time.monotonic() + arguments.minutes * 60
    limits = Limits(arguments.limit, arguments.own_limit, arguments.memory << 30, end=end)
    run = report.Run(limits.peer, limits.own, arguments.memory, installed())
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    interrupted = False
    with tempfile.TemporaryDirectory(prefix="rrm-kg-bench-") as place:
        try:
            measure(run, arguments.sizes, Path(place), limits, arguments.figures)
        except KeyboardInterrupt:
            interrupted = True
            run.left_out |= dict.fromkeys(set(arguments.sizes) - run.facts.keys() - run.left_out.keys(), "interrupted")
    sys.stdout.write(report.tables(run))
    if arguments.write and run.facts:
        report.write(run, ROOT)
    void = [m for m in run.measured if (m.missing or "").startswith("void")]
    sys.exit(130 if interrupted else 1 if void else 0)


if __name__ == "__main__":
    main()
