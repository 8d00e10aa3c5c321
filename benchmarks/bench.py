"""What a cold run costs, ours against the reference engines, as the graph grows.

The graph is the real one; larger ones hold further copies of every case under other names, which keeps the mix of
steps, dates and sources that real cases have. The results of the engines are compared before their times are: a time
for another result means nothing. ``make bench`` writes benchmarks/RESULTS.md.
"""

from __future__ import annotations

import argparse
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from rrm_kg import gate, infer
from rrm_kg import graph as graphs
from rrm_kg.query import run
from rrm_kg.questions import catalogue
from rrm_kg.terms import GRAPH, ID

ROOT = Path(__file__).parents[1]
CASES = GRAPH + "cases/"
NUMBER = ox.NamedNode("http://www.w3.org/2004/02/skos/core#notation")


def copied(quads: list[ox.Quad], copies: int) -> list[ox.Quad]:
    """The quads with further copies of every case; file numbers stay with the first, as two cases cannot share one."""
    ours = [q for q in quads if isinstance(q.graph_name, ox.NamedNode) and q.graph_name.value.startswith(CASES)]
    own = {q.subject for q in ours if isinstance(q.subject, ox.NamedNode) and q.subject.value.startswith(ID)}
    numbered = {q.subject for q in ours if q.predicate == NUMBER}
    more = []
    for copy in range(2, copies + 1):

        def renamed(term: Any, copy: int = copy) -> Any:
            return ox.NamedNode(f"{term.value}-copy-{copy}") if term in own else term

        for q in ours:
            if q.subject not in numbered:
                graph = ox.NamedNode(f"{q.graph_name.value}-copy-{copy}")  # type: ignore[union-attr]
                more.append(ox.Quad(renamed(q.subject), q.predicate, renamed(q.object), graph))
    return [*quads, *more]


def timed(work: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """The median CPU time of some runs, in seconds, and the last result."""
    times, result = [], None
    for _ in range(runs):
        start = time.process_time()
        result = work()
        times.append(time.process_time() - start)
    return statistics.median(times), result


def measure(copies: int, with_reference: bool) -> list[tuple[str, str, str, str]]:
    """Rows of the table for one size: work, ours, reference, ratio."""
    sources = graphs.read_sources(ROOT)
    load, first = timed(lambda: list(graphs.load(sources.content)), 3)
    written = copied(first, copies)
    derive, derived = timed(lambda: infer.derive(written, ROOT), 3 if copies < 5 else 1)
    quads = [*written, *derived]
    runs = 3 if copies < 5 else 1
    close, closure = timed(lambda: infer.closure(quads), runs)
    check, report = timed(lambda: gate.check(sources, written, derived, closure), runs)
    rows = [("load the files", f"{load:.2f}", "", ""), ("derive", f"{derive:.2f}", "", "")]
    if with_reference:
        slow, same = timed(lambda: infer.closure(quads, engine="reference"), 1)
        assert set(same.quads) == set(closure.quads), "the closures differ"
        rows.append(("close (OWL 2 RL)", f"{close:.2f}", f"owlrl {slow:.1f}", f"{slow / close:.0f}"))
        slow, other = timed(lambda: gate.check(sources, written, derived, closure, "reference"), 1)
        assert other.findings == report.findings, "the findings differ"
        rows.append(("check all shapes", f"{check:.2f}", f"pySHACL {slow:.1f}", f"{slow / check:.0f}"))
    else:
        rows.append(("close (OWL 2 RL)", f"{close:.2f}", "", ""))
        rows.append(("check all shapes", f"{check:.2f}", "", ""))
    store = ox.Store()
    store.extend([*quads, *closure.quads])
    asked = 0.0
    for question in catalogue(ROOT):
        terms = question.bind({}, "en", store)
        asked += timed(lambda q=question, t=terms: run(store, q.query, t, checked=True, as_of=None), 1)[0]  # type: ignore[misc]
    rows.append(("ask all questions", f"{asked:.2f}", "", ""))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    total = load + derive + close + check
    rows.append(("**cold, in all**", f"**{total:.2f}**", "", ""))
    rows.append(
        (
            f"triples {len(quads) + len(closure.quads):,}, findings {len(report.findings):,}",
            f"{peak:.0f} MiB peak",
            "",
            "",
        )
    )
    return rows


def main() -> None:
    """Measure the sizes asked for, print the table and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--copies", type=int, nargs="+", default=[1, 3, 10])
    parser.add_argument("--no-reference", action="store_true", help="leave the reference engines out")
    arguments = parser.parse_args()
    engines = ", ".join(f"{name} {version(name)}" for name in ("pyoxigraph", "pyshacl", "owlrl", "rdflib"))
    lines = [
        "# Benchmark",
        "",
        "CPU seconds, medians; the reference engines ran once, on the real graph. Results were compared first.",
        "",
        f"Python {platform.python_version()}, {engines}; {platform.machine()}, {platform.system()}.",
    ]
    for copies in arguments.copies:
        lines += ["", f"## Every case {copies} times" if copies > 1 else "## The graph as it is", ""]
        lines += ["| work | ours, s | reference, s | times faster |", "|---|---:|---:|---:|"]
        for row in measure(copies, copies == 1 and not arguments.no_reference):
            lines.append("| " + " | ".join(row) + " |")
            sys.stderr.write(lines[-1] + "\n")
    text = "\n".join(lines) + "\n"
    (ROOT / "benchmarks" / "RESULTS.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
