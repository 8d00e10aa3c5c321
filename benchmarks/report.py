"""The figures as tables, a picture of growth, and the goals with what was measured for each."""

from __future__ import annotations

import json
import math
import os
import platform
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.works import QUESTION_LIMIT
from rrm_kg import __version__

if TYPE_CHECKING:
    from benchmarks.bench import Measured

_HTTP: Final = "## Over HTTP\n\n<!-- http -->\n<!-- end of http -->\n"
_WORDS: Final = {
    "load": "parse and load the files",
    "store": "put all triples into the store",
    "derive": "derive bounds and names",
    "closure": "OWL 2 RL closure",
    "gate": "whole gate",
    "core gate": "shapes without SPARQL",
    "submission": "one submission, all shapes",
    "change": "closure after one submission",
    "questions": "12 questions",
    "opening": "from disk to the first answer",
}
_MIB: Final = 2**20


@dataclass
class Run:
    """One run of the benchmark: limits, versions, what each size consists of, and everything measured."""

    limit: float
    own_limit: float
    memory: int
    peers: dict[str, str | None]
    facts: dict[int, dict[str, Any]] = field(default_factory=dict)
    left_out: dict[int, str] = field(default_factory=dict)
    measured: list[Measured] = field(default_factory=list)

    def one(self, work: str, engine: str, size: int) -> Measured | None:
        """What was measured of a work, if anything."""
        return next((m for m in self.measured if (m.work, m.engine, m.size) == (work, engine, size)), None)

    def wall(self, work: str, engine: str, size: int) -> float | None:
        """Its wall time in seconds."""
        one = self.one(work, engine, size)
        return one.wall if one else None

    def replace(self, one: Measured) -> None:
        """Put a measurement in the place of the one before it."""
        same = [(m.work, m.engine, m.size) == (one.work, one.engine, one.size) for m in self.measured]
        self.measured[same.index(True)] = one

    def memory_needed(self, size: int) -> float:
        """Bytes that a size will need, by the most that a smaller one took for each case; 0 when nothing is known."""
        if not self.facts:
            return 0.0
        before = max(self.facts)
        peaks = [m.peak or 0 for m in self.measured if m.engine == "ours" and m.size == before]
        return max([float(self.facts[before]["peak"]), *map(float, peaks)]) * size / before

    def as_json(self) -> str:
        """Everything, to be kept."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"


def machine() -> str:
    """The processor, its cores, the memory and the versions of what runs here; no names of hosts."""
    model = platform.machine()
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def seconds(value: float | None) -> str:
    """A time as people read it."""
    if value is None:
        return ""
    return f"{value * 1000:.1f} ms" if value < 0.1 else f"{value:.2f} s" if value < 10 else f"{value:.0f} s"


def ratio(peer: Measured, own: Measured | None) -> str:
    """How many times faster ours is; a lower bound where the peer was stopped, nothing where results differ."""
    if own is None or own.wall is None:
        return ""
    if peer.stopped and peer.least is not None:
        return f"> {peer.least / own.wall:,.0f}"
    if peer.wall is None:
        return ""
    if peer.equal is None:
        return "not compared"
    return f"{peer.wall / own.wall:,.1f}" if peer.equal else "void"


def tables(run: Run) -> str:
    """RESULTS.md."""
    named = ", ".join(f"{name} {found}" if found else f"{name} missing" for name, found in run.peers.items())
    lines = [
        "# Benchmark",
        "",
        "Made by `make bench-full`; do not edit by hand. Synthetic cases, see `benchmarks/generate.py`.",
        "",
        f"{machine()}.",
        f"Ours: rrm-kg {__version__} on pyoxigraph {version('pyoxigraph')}. Peers: {named}.",
        "",
        "Wall times, medians of runs in turns, each in a process of its own; beside them the CPU time. A peer",
        f"was stopped after {run.limit:g} s or at {run.memory} GiB for one work, and any engine",
        f"after {QUESTION_LIMIT:g} s for one question; *one run* marks what was run once. At the end, peers got",
        "the time that tells whether a goal is met. A stopped peer gives a lower bound, by the time of the processor.",
        "Results were compared first: findings by shape and focus node, entailed triples about our things, rows of",
        "answers. A time for another result is void. What a peer does not cover is left out on our side too: chains",
        "for reasonable, SPARQL constraints for pyrudof. The gate of ours also finds the lines of what it reports and",
        "runs the check queries; the peers only validate. A submission is one more case with three defects; pySHACL",
        "gets its nodes and the one that rules about the whole graph look at. TopBraid is warm: its JVM has run the",
        "same work before.",
    ]
    for size, facts in sorted(run.facts.items()):
        lines += ["", f"## {size:,} cases", "", _consists(facts), ""]
        lines += [
            "| work | engine | wall | CPU | times faster is ours | peak memory | |",
            "|---|---|---:|---:|---:|---:|---|",
        ]
        for m in run.measured:
            if m.size == size:
                lines.append(_row(run, m))
        lines += ["", *_questions(run, size)]
    for size, why in sorted(run.left_out.items()):
        lines += ["", f"## {size:,} cases", "", f"Not run: {why}."]
    return "\n".join([*lines, "", *_growth(run)]) + "\n"


def _consists(facts: dict[str, Any]) -> str:
    return (
        f"Seed {facts['seed']}; {facts['written']:,} triples, {facts['case triples'] / facts['cases']:.0f} a case; "
        f"{facts['derived']:,} derived, {facts['inferred']:,} inferred. {facts['defects']} seeded defects, all found "
        "and nothing besides."
    )


def _row(run: Run, m: Measured) -> str:
    said = [m.note]
    if m.stopped:
        said.append(f"stopped {m.stopped}" if m.stopped[0] in "aw" else m.stopped)
    if m.missing:
        said.append(m.missing)
    if m.wall is not None and m.engine == "topbraid":
        said.append(f"cold {seconds(m.cold)}")
    if m.bytes is not None:
        said.append(f"{m.bytes:,.0f} bytes a triple")
    compared = "" if m.engine == "ours" or m.work == "questions" else ratio(m, run.one(m.work, "ours", m.size))
    peak = f"{m.peak / _MIB:,.0f} MiB" if m.peak else ""
    told = ", ".join(filter(None, said))
    return f"| {_WORDS[m.work]} | {m.engine} | {seconds(m.wall)} | {seconds(m.cpu)} | {compared} | {peak} | {told} |"


def _questions(run: Run, size: int) -> list[str]:
    own = run.one("questions", "ours", size)
    if own is None or not own.questions:
        return []
    peers = [m for m in run.measured if m.work == "questions" and m.size == size and m.engine != "ours" and m.questions]
    lines = ["| question | ours | " + " | ".join(f"{m.engine} | ratio" for m in peers) + " |"]
    lines.append("|---|---:|" + "---:|---:|" * len(peers))
    for name, told in own.questions.items():
        cells = [name, seconds(told.get("wall"))]
        for peer in peers:
            cells += _answered(peer.questions.get(name, {}), told.get("wall"))
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _answered(told: dict[str, Any], own: float | None) -> list[str]:
    """A peer's time for a question and the ratio, or why there is none."""
    if "error" in told:
        stopped = told["error"].startswith("stopped")
        return [told["error"].replace("|", "¦")[:50], f"> {QUESTION_LIMIT / own:,.0f}" if stopped and own else ""]
    if "wall" not in told:
        return ["not reached", ""]
    same = told.get("equal")
    return [seconds(told["wall"]), f"{told['wall'] / own:,.1f}" if same and own else "void: other rows"]


def question_ratio(run: Run, size: int) -> tuple[float | None, int, int, int]:
    """The geometric mean of rdflib's time by ours over questions that both answer alike.

    With it: how many these are, how many rdflib did not finish (a lower bound is in the mean), how many are void.
    """
    own, peer = run.one("questions", "ours", size), run.one("questions", "rdflib", size)
    logs, unfinished, void = [], 0, 0
    for name, told in (own.questions if own else {}).items():
        other = peer.questions.get(name, {}) if peer else {}
        if "wall" not in told:
            continue
        if other.get("equal") and "wall" in other:
            logs.append(math.log(other["wall"] / told["wall"]))
        elif other.get("error", "").startswith("stopped"):
            unfinished += 1
            logs.append(math.log(QUESTION_LIMIT / told["wall"]))
        else:
            void += 1
    return (math.exp(sum(logs) / len(logs)) if logs else None), len(logs), unfinished, void


def _growth(run: Run) -> list[str]:
    lines = ["## Growth of ours", "", "Seconds for 1,000 cases; bytes a triple in memory.", ""]
    works = ("load", "derive", "closure", "gate", "core gate", "store", "opening")
    lines += ["| cases | " + " | ".join(_WORDS[w] for w in works) + " | store | opened |"]
    lines += ["|---:|" + "---:|" * (len(works) + 2)]
    for size in sorted(run.facts):
        cells = []
        for work in works:
            wall = run.wall(work, "ours", size)
            cells.append("" if wall is None else f"{wall / size * 1000:.2f}")
        for work in ("store", "opening"):
            one = run.one(work, "ours", size)
            cells.append(f"{one.bytes:,.0f} B" if one and one.bytes else "")
        lines.append(f"| {size:,} | " + " | ".join(cells) + " |")
    return lines


def write(run: Run, root: Path) -> None:
    """Write RESULTS.md, growth.svg and the goals in docs/performance.md."""
    from benchmarks import goals

    results = root / "benchmarks" / "RESULTS.md"
    over_http = section(results.read_text(encoding="utf-8"), "http") if results.is_file() else ""
    made = tables(run)
    results.write_text(between(f"{made}\n{_HTTP}", over_http, "http") if over_http else made, encoding="utf-8")
    _picture(run, root / "benchmarks" / "growth.svg")
    page = root / "docs" / "performance.md"
    page.write_text(between(page.read_text(encoding="utf-8"), goals.table(run), "figures"), encoding="utf-8")


def section(page: str, name: str) -> str:
    """What stands between the marks of a name; nothing where there are none."""
    return page.partition(f"<!-- {name} -->\n")[2].partition(f"<!-- end of {name} -->")[0]


def between(page: str, text: str, name: str) -> str:
    """A page with another text between the marks of a name, which it has."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, mark, rest = page.partition(begin)
    if not mark or end not in rest:
        raise ValueError(f"no marks {begin} and {end}")
    return f"{before}{begin}\n{text}{end}{rest.partition(end)[2]}"


def _picture(run: Run, path: Path) -> None:
    """Seconds for 1,000 cases and bytes a triple as the graph grows; its tones are read on light and on dark."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    settings = {"svg.hashsalt": "rrm-kg", "svg.fonttype": "none", "font.family": "sans-serif"}
    grey = dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), "#808080")
    with matplotlib.rc_context(settings | grey):
        figure, (time, memory) = pyplot.subplots(1, 2, figsize=(10, 4), layout="constrained")
        sizes = sorted(run.facts)
        tones = ("#1f77b4", "#d95f02", "#2ca02c", "#9467bd", "#d62728")
        for tone, work in zip(tones, ("load", "derive", "closure", "gate", "opening"), strict=True):
            points = [(s, w / s * 1000) for s in sizes if (w := run.wall(work, "ours", s)) is not None]
            time.plot(*zip(*points, strict=True), marker="o", color=tone, label=_WORDS[work]) if points else None
        for tone, work, engine, label in (
            (tones[0], "store", "ours", "ours, store"),
            (tones[2], "opening", "ours", "ours, opened"),
            (tones[4], "load", "rdflib", "rdflib"),
        ):
            found = [(s, m.bytes) for s in sizes if (m := run.one(work, engine, s)) is not None and m.bytes]
            memory.plot(*zip(*found, strict=True), marker="o", color=tone, label=label) if found else None
        for axes, title in ((time, "seconds for 1,000 cases"), (memory, "bytes a triple")):
            axes.set(xscale="log", xlabel="cases", title=title)
            axes.set_facecolor("none")
            axes.legend(frameon=False, fontsize=8, ncols=2, loc="upper left", bbox_to_anchor=(0, -0.16))
            axes.grid(alpha=0.3)
        time.set_yscale("log")
        time.yaxis.set_major_formatter("{x:g}")
        time.yaxis.set_minor_formatter("{x:g}")
        memory.set_ylim(bottom=0)
        figure.savefig(path, transparent=True, metadata={"Date": None})
        pyplot.close(figure)
