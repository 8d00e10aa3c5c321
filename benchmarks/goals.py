"""The goals of speed and memory, and whether a run met them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from benchmarks.report import Run, machine, question_ratio, seconds
from benchmarks.works import QUESTION_LIMIT

ASKED_AT: Final = 1000  # cases, for the questions


@dataclass(frozen=True)
class Goal:
    """A goal, against whom, what was measured, whether that meets it (None: not known), and why not."""

    number: str
    goal: str
    peer: str
    measured: str
    met: bool | None
    why: str = ""


@dataclass(frozen=True)
class Target:
    """How many times faster a work must be than a peer's at one size."""

    number: str
    words: str
    work: str
    peer: str
    times: float
    size: int = 1000


SUBMISSION: Final = Target("1", "One submission, all shapes", "submission", "pyshacl", 5000)
GATE: Final = Target("2", "Whole graph, all shapes", "gate", "pyshacl", 1000)
WARM_GATE: Final = Target("2", "Whole graph, all shapes, JVM warm", "gate", "topbraid", 3)
CLOSURE: Final = Target("3", "Closure with chains", "closure", "owlrl", 500)
PLAIN_CLOSURE: Final = Target("3", "Closure", "closure", "reasonable", 5)
CHANGE: Final = Target("4", "Closure after one submission", "change", "reasonable", 2000)
TARGETS: Final = (SUBMISSION, GATE, WARM_GATE, CLOSURE, PLAIN_CLOSURE, CHANGE)


def _opened(run: Run) -> Target:
    """What is held to be opened, at the largest size that a run has up to 10,000 cases."""
    size = max((s for s in run.facts if s <= 10_000), default=10_000)
    return Target("5", "From a release on disk to the first answer", "opening", "rdflib", 500, size)


def untold(run: Run) -> Iterator[tuple[int, str, str, float]]:
    """The size, work and peer of what a run could not tell for want of time, with the seconds that would tell it."""
    for one in (*TARGETS, _opened(run)):
        own, other = run.wall(one.work, "ours", one.size), run.one(one.work, one.peer, one.size)
        if own and other and other.stopped and (other.least or 0.0) < one.times * own:
            yield one.size, one.work, one.peer, one.times * own
    own_answers, other = run.one("questions", "ours", ASKED_AT), run.one("questions", "rdflib", ASKED_AT)
    if own_answers and other and not other.questions:
        yield ASKED_AT, "questions", "rdflib", QUESTION_LIMIT * len(own_answers.questions)


def _faster(run: Run, target: Target) -> Goal:
    """Ours against one peer at one size. A peer that was stopped gives a lower bound."""
    number, work, peer, size, times = target.number, target.work, target.peer, target.size, target.times
    goal = f"{target.words}, {size:,} cases: {times:,.0f} times faster"
    own, other = run.one(work, "ours", size), run.one(work, peer, size)
    if own is None or other is None:
        return Goal(number, goal, peer, "not measured", None, "this size was not run" if own is None else "")
    if own.wall is None:
        return Goal(number, goal, peer, f"{peer} {seconds(other.wall)}", None, own.missing or own.stopped or "")
    if other.stopped:
        if other.least is None:
            why = f"{peer} stopped {other.stopped}" if other.stopped[0] in "aw" else f"{peer} {other.stopped}"
            return Goal(number, goal, peer, f"ours {seconds(own.wall)}{_smaller(run, work, peer)}", None, why)
        least = other.least / own.wall
        known = least >= times or None
        said = f"ours {seconds(own.wall)}, {peer} stopped {other.stopped}: at least {least:,.0f}"
        return Goal(
            number, goal, peer, said + _smaller(run, work, peer), known, "" if known else "stopped too early to tell"
        )
    if other.wall is None:
        return Goal(number, goal, peer, "not measured", None, other.missing or "")
    found = other.wall / own.wall
    said = f"{seconds(other.wall)} / {seconds(own.wall)} = {found:,.1f}"
    if not other.equal:
        return Goal(number, goal, peer, said, None, other.note or "void: other results")
    return Goal(number, goal, peer, said, found >= times, other.note)


def _smaller(run: Run, work: str, peer: str) -> str:
    """The ratio at the largest size that a peer finished with our results."""
    done = [m for m in run.measured if (m.work, m.engine) == (work, peer) and m.equal and m.wall is not None]
    last = max(done, key=lambda m: m.size, default=None)
    own = run.wall(work, "ours", last.size) if last else None
    if last is None or last.wall is None or not own:
        return ""
    return f"; at {last.size:,} cases {last.wall / own:,.0f}"


def _grows(run: Run, number: str, words: str, work: str, sizes: tuple[int, int], most: float) -> Goal:
    """How much longer a work takes at a greater size."""
    small, great = sizes
    goal = f"{words}: time at {great:,} cases by that at {small:,} at most {most:g}"
    one, other = run.one(work, "ours", small), run.one(work, "ours", great)
    if one is None or other is None or one.wall is None or other.wall is None:
        lacking = other if one is not None and one.wall is not None else one
        why = (
            run.left_out.get(great, "this size was not run")
            if lacking is None
            else lacking.missing or lacking.stopped or ""
        )
        return Goal(number, goal, "", "not measured", None, why)
    found = other.wall / one.wall
    said = f"{seconds(other.wall)} / {seconds(one.wall)} = {found:.2f}"
    return Goal(number, goal, "", said, found <= most, "" if found <= most else "grows faster")


def _opening(run: Run) -> Iterator[Goal]:
    yield _faster(run, _opened(run))
    goal = "Bytes a triple: at most a quarter"
    held = [s for s in run.facts if all((m := run.one("opening", e, s)) and m.bytes for e in ("ours", "rdflib"))]
    if not held:
        yield Goal("5", goal, "rdflib", "not measured", None)
        return
    size = max(held)
    own, other = (run.one("opening", engine, size) for engine in ("ours", "rdflib"))
    assert own is not None
    assert other is not None
    share = (own.bytes or 0) / (other.bytes or 1)
    said = f"{own.bytes or 0:,.0f} / {other.bytes or 0:,.0f} = {share:.2f} at {size:,} cases"
    yield Goal("5", goal, "rdflib", said, share <= 0.25)


def _asking(run: Run) -> Iterator[Goal]:
    mean, many, unfinished, void = question_ratio(run, ASKED_AT)
    goal = "12 questions, 1,000 cases: geometric mean 140 times faster"
    why = f"rdflib: {unfinished} stopped after {QUESTION_LIMIT:g} s and counted as that, {void} other rows or an error"
    met = None if mean is None else mean >= 140 or (None if unfinished else False)
    yield Goal(
        "6", goal, "rdflib", "not measured" if mean is None else f"{mean:,.0f} over {many}", met, why if many else ""
    )
    own = run.one("questions", "ours", 10_000)
    goal = "No question over 50 ms at 10,000 cases"
    times = {n: told["wall"] for n, told in own.questions.items() if "wall" in told} if own else {}
    if not times:
        yield Goal("6", goal, "", "not measured", None, "this size was not run")
        return
    slow = [n for n, wall in times.items() if wall > 0.05]
    slowest = max(times, key=lambda n: times[n])
    said = f"{len(times) - len(slow)} of {len(times)} keep it; slowest {slowest}, {seconds(times[slowest])}"
    yield Goal("6", goal, "", said, not slow, "those over it: " + ", ".join(slow) if slow else "")


def _stack(run: Run) -> Goal:
    """The whole way at 1,000 cases against rdflib, owlrl and pySHACL, each part as far as it was measured."""
    goal = "Load, infer, gate and 12 questions, 1,000 cases: 300 times faster"
    peers = "rdflib, owlrl, pySHACL"
    own = [run.wall(work, "ours", 1000) for work in ("load", "derive", "closure", "gate")]
    asked = run.one("questions", "ours", 1000)
    if asked is None or any(wall is None for wall in own):
        return Goal("8", goal, peers, "not measured", None)
    ours = sum(w for w in own if w is not None) + sum(told.get("wall", 0.0) for told in asked.questions.values())
    theirs, stopped = 0.0, []
    for work, peer in (("load", "rdflib"), ("closure", "owlrl"), ("gate", "pyshacl")):
        one = run.one(work, peer, 1000)
        if one is None or (one.wall is None and not one.stopped):
            return Goal("8", goal, peers, "not measured", None, f"{peer} is missing")
        if one.wall is None:
            stopped.append(peer)
        theirs += one.least or 0.0 if one.wall is None else one.wall
    told = run.one("questions", "rdflib", 1000)
    for answer in told.questions.values() if told else ():
        theirs += answer.get("wall", QUESTION_LIMIT if answer.get("error", "").startswith("stopped") else 0.0)
    found = theirs / ours
    said = f"{'at least ' if stopped else ''}{found:,.0f} (ours {seconds(ours)})"
    met = True if found >= 300 else None if stopped else False
    return Goal("8", goal, peers, said, met, f"stopped: {', '.join(stopped)}" if stopped else "")


def goals(run: Run) -> Iterator[Goal]:
    """Every goal with what this run says of it."""
    yield _faster(run, SUBMISSION)
    yield _grows(run, "1", "One submission", "submission", (30, 100_000), 1.5)
    yield _faster(run, GATE)
    yield _faster(run, WARM_GATE)
    yield _grows(run, "2", "Whole graph", "gate", (1000, 10_000), 12)
    yield _faster(run, CLOSURE)
    yield _faster(run, PLAIN_CLOSURE)
    yield _faster(run, CHANGE)
    yield _grows(run, "4", "Closure after one submission", "change", (30, 10_000), 2)
    yield from _opening(run)
    yield from _asking(run)
    own, other = run.wall("help", "ours", 0), run.wall("help", "pyshacl", 0)
    said = f"{seconds(own)} / {seconds(other)}" if own and other else "not measured"
    share = own / other if own and other else None
    yield Goal("8", "`--help` in a tenth of the time", "pySHACL", said, None if share is None else share <= 0.1)
    yield _stack(run)


def table(run: Run) -> str:
    """The goals as a table, with the machine."""
    lines = [f"{machine()}.", "", "| | goal | peer | measured | met | |", "|---|---|---|---|---|---|"]
    for one in goals(run):
        met = {True: "yes", False: "no", None: "not known"}[one.met]
        lines.append(f"| {one.number} | {one.goal} | {one.peer} | {one.measured} | {met} | {one.why} |")
    return "\n".join(lines) + "\n"
