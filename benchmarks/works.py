"""Our work: what is made ready, what is timed, and the lines that say what came out."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from benchmarks.prepare import Folder, comparable, quads, sources, stream, triples
from rrm_kg.terms import RRM, RRMSH

ENOUGH: Final = 2.0  # seconds after which a work is not repeated
TIMES: Final = 5
_WHOLE_NUMBER: Final = re.compile(r"^(-?\d+)\.0+$")
LIMIT_VARIABLE: Final = "RRM_KG_BENCH_QUESTION"
QUESTION_LIMIT: Final = float(os.environ.get(LIMIT_VARIABLE, "30"))


@dataclass(frozen=True)
class Work:
    """What is timed, and the lines that say what came out."""

    run: Callable[[], Any]
    lines: Callable[[Any], Iterable[str]]
    again: bool = True
    warm: bool = False  # the first run is left out
    back: Callable[[], None] | None = None  # undoes a run, so that the next one starts where it did
    triples: int = 0  # in memory when the work is done; with it, bytes a triple are given


Ready = Callable[[Folder], Work]
answered: set[str] = set()
"""The questions that another process answered, or could not."""


def findings(found: Iterable[tuple[str, str, str]]) -> list[str]:
    """Findings of our shapes as lines of shape and focus node; an engine may have shapes of its own.

    A rule about the whole graph names the thing as its value.
    """
    whole = RRM.removesuffix("#")
    return [
        f"{shape.removeprefix(RRMSH)} {value if focus == whole and value else focus}"
        for shape, focus, value in found
        if shape.startswith(RRMSH)
    ]


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in what takes longer.

    An engine that does not return to Python in time is killed from outside, with its process.
    """

    def stop(*_: object) -> None:
        raise TimeoutError(f"stopped after {seconds:g} s")

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def our_load(folder: Folder) -> Work:
    """Parse every Turtle file of the root."""
    from rrm_kg import graph as graphs

    read = graphs.read_sources(folder.root)
    return Work(
        lambda: graphs.load(read.content),
        lambda found: [str(len({q.triple for q in found}))],
        triples=folder.facts["written"],
    )


def our_store(folder: Folder) -> Work:
    """Put the release into the store that questions are asked of."""
    ready = quads(folder, "written", "derived", "inferred")

    def run() -> ox.Store:
        store = ox.Store()
        store.extend(ready)
        return store

    return Work(run, lambda store: [str(len(store))], triples=len(ready))


def our_derive(folder: Folder) -> Work:
    """The derived bounds and names."""
    from rrm_kg import infer

    written = quads(folder, "written")
    return Work(lambda: infer.derive(written, folder.root), lambda found: [str(len(found))])


def our_closure(folder: Folder) -> Work:
    """The OWL 2 RL closure, chains included."""
    from rrm_kg import infer

    ready = quads(folder, "written", "derived")
    return Work(
        lambda: infer.closure(ready, triples=100_000_000, seconds=36_000),
        lambda found: comparable((q.subject, q.predicate, q.object) for q in found.quads),
    )


def _our_gate(folder: Folder, core: bool) -> Work:
    from rrm_kg import gate, infer

    read = sources(folder, core)
    written, derived, inferred = (quads(folder, name) for name in ("written", "derived", "inferred"))
    closure = infer.Closure(tuple(inferred), ())

    def lines(report: Any) -> list[str]:
        if not core:
            folder.file("report.json").write_text(json.dumps(report.as_dict()), encoding="utf-8")
            folder.file("violations.txt").write_text(
                json.dumps([[f.rule, f.shape, f.focus] for f in report.findings if f.severity.label == "Violation"]),
                encoding="utf-8",
            )
        return findings((f.shape, f.focus, "") for f in report.findings)

    return Work(lambda: gate.check(read, written, derived, closure), lines)


def our_gate(folder: Folder) -> Work:
    """The whole gate: contradictions, all shapes, check queries, and the lines in the files."""
    return _our_gate(folder, core=False)


def our_core_gate(folder: Folder) -> Work:
    """The gate with the shapes that have no SPARQL constraint."""
    return _our_gate(folder, core=True)


def our_submission(folder: Folder) -> Work:
    """All shapes on one more case in the context of the checked graph; rules, lines and check queries included."""
    from rrm_kg import graph as graphs
    from rrm_kg.findings import Report

    submission = importlib.import_module("rrm_kg.submission")
    store = ox.Store()
    store.extend(stream(folder, "release"))
    checked = Report.from_dict(json.loads(folder.file("report.json").read_text(encoding="utf-8")))
    os.environ["RRM_KG_CACHE"] = str(folder.file("cache"))
    resident = submission.Resident(sources(folder), store, checked)
    path = folder.file("submission-path.txt").read_text(encoding="utf-8")
    one = graphs.Source(path, folder.file("submission.ttl").read_bytes())

    def lines(verdict: Any) -> list[str]:
        return about(folder, ((f.shape, f.focus, "") for f in verdict.found))

    return Work(lambda: resident.check([one]), lines, warm=True)


def about(folder: Folder, found: Iterable[tuple[str, str, str]]) -> list[str]:
    """The findings about the things that the submission describes."""
    own = {t.subject.value for t in triples(folder, "submission.nt") if isinstance(t.subject, ox.NamedNode)}
    return [line for line in findings(found) if line.rsplit(" ", 1)[-1] in own]


def our_change(folder: Folder) -> Work:
    """The closure after one submission. Raises LookupError while the package cannot keep a graph closed."""
    from rrm_kg.owl import closure as closures

    kept = getattr(closures, "Materialization", None)
    if kept is None:
        raise LookupError("not in this version")
    before = [(t.subject, t.predicate, t.object) for t in triples(folder, "things.nt")]
    submitted = triples(folder, "submission.nt")
    new = [(t.subject, t.predicate, t.object) for t in submitted if not isinstance(t.object, ox.Literal)]
    graph = kept(before, limit=100_000_000, seconds=36_000)

    def run() -> Any:
        change = graph.add(new)
        return change.inferred

    return Work(run, comparable, back=graph.undo)


def our_questions(folder: Folder) -> Work:
    """Twelve questions of the catalogue, each by itself."""
    from rrm_kg import query, questions

    store = ox.Store()
    store.extend(quads(folder, "written", "derived", "inferred"))
    case = folder.facts["case"]
    asked = {}
    for name in json.loads(folder.file("questions.json").read_text(encoding="utf-8")):
        question = questions.find(folder.root, name)
        terms = question.bind({p.name: case for p in question.parameters if p.type == "case"}, "en", store)
        asked[name] = (question.query, terms)
    return each(asked, lambda one: query.run(store, one[0], one[1], checked=True).terms, row)


def row(cells: Iterable[Any]) -> str:
    """A row of an answer as text; equal numbers are written alike, 49.0 as 49."""
    plain = (cell if isinstance(cell, str) else getattr(cell, "value", cell) for cell in cells)
    texts = ("" if cell is None else str(cell) for cell in plain)
    return "\t".join(_WHOLE_NUMBER.sub(r"\1", text) for text in texts)


def each(asked: dict[str, Any], ask: Callable[[Any], Iterable[Any]], line: Callable[[Any], str]) -> Work:
    """Ask one question after another, telling each before and after: what is stopped later is known already.

    The rows of an answer are told by a digest; their order does not count.
    """

    def run() -> None:
        for name, one in asked.items():
            if name in answered:
                continue
            say(asking=name)
            times: list[float] = []
            try:
                with limited(QUESTION_LIMIT):
                    while not times or (len(times) < TIMES and sum(times) < ENOUGH / 4):
                        start = time.perf_counter()
                        rows = list(ask(one))
                        times.append(time.perf_counter() - start)
            except (KeyboardInterrupt, SystemExit):
                raise
            except BaseException as error:  # an engine, be it by a panic, may fail at one question and answer the next
                say(question=name, error=" ".join(str(error).split())[:100] or type(error).__name__)
                continue
            text = "\n".join(sorted({line(one) for one in rows}))
            say(question=name, wall=statistics.median(times), rows=hashlib.sha256(text.encode()).hexdigest())

    return Work(run, lambda _: (), again=False)


def our_opening(folder: Folder) -> Work:
    """From the kept graph on disk to the first answer; what is kept was made before."""
    place, case = folder.file("kept"), folder.facts["case"]
    if not place.exists():  # in another process, so that this one starts as a reader's does
        keep = "import sys, rrm_kg; rrm_kg.open_graph(sys.argv[1], cache_folder=sys.argv[2])"
        subprocess.run([sys.executable, "-c", keep, str(folder.root), str(place)], check=True)

    def run() -> Any:
        import rrm_kg

        graph = rrm_kg.open_graph(folder.root, cache_folder=place, in_memory=False)
        return graph.ask("cq01", case=case, unchecked=True).terms

    return Work(run, lambda rows: map(row, rows), again=False, triples=size(folder))


def size(folder: Folder) -> int:
    return sum(int(folder.facts[name]) for name in ("written", "derived", "inferred"))


OURS: Final[dict[str, Ready]] = {
    "load": our_load,
    "store": our_store,
    "derive": our_derive,
    "closure": our_closure,
    "gate": our_gate,
    "core gate": our_core_gate,
    "submission": our_submission,
    "change": our_change,
    "questions": our_questions,
    "opening": our_opening,
}


def say(**figures: Any) -> None:
    """One line of JSON for whoever started this process."""
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.stdout.flush()
