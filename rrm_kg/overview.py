"""What ``rrm-kg run`` shows: what was loaded, one case on one screen, and a few answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from rich.console import Console
from rich.text import Text

from rrm_kg import questions, render, show
from rrm_kg.errors import text
from rrm_kg.pipeline import KnowledgeGraph
from rrm_kg.query import Row, Value
from rrm_kg.terms import DERIVED, ID, INFERRED

SHOWN: Final = ("cq03", "cq05", "cq06", "cq24")
_CLOCKS: Final = "cq14"
_WEEKENDS: Final = "cq16"


@dataclass(frozen=True)
class Loaded:
    """Sizes of the graph: files, triples written, derived and inferred; things per class."""

    sizes: dict[str, int]
    classes: tuple[Row, ...]


def loaded(graph: KnowledgeGraph, lang: str) -> Loaded:
    """How much the graph holds."""
    per_graph: dict[str, int] = defaultdict(int)
    for quad in graph.store:
        per_graph[getattr(quad.graph_name, "value", "")] += 1
    derived = sum(per_graph.pop(name) for name in list(per_graph) if name.startswith(DERIVED))
    inferred = per_graph.pop(INFERRED, 0)
    sizes = {
        "files": len(graph.sources.content),
        "written": sum(per_graph.values()),
        "derived": derived,
        "inferred": inferred,
    }
    return Loaded(sizes, show.view(graph, "counts", lang).rows)


def show_case(console: Console, graph: KnowledgeGraph, iri: str, lang: str) -> None:
    """Who, what and where; the timeline with the legal clocks that each act stops."""
    console.print(Text(show.page_name(graph, iri, lang), style="bold"))
    parties = show.view(graph, "parties", lang, iri).rows
    for fact, group in groupby(parties, key=lambda row: row.fact):
        for index, row in enumerate(group):
            console.print(render.line(str(fact) if index == 0 else "", render.cell(row.value, lang), 30, ""))
    show_timeline(console, graph, iri, lang)


def show_timeline(console: Console, graph: KnowledgeGraph, iri: str, lang: str) -> None:
    """The events of a case in order, each with its source and the legal clocks that it stops."""
    clocks = graph.ask(_CLOCKS, lang=lang, case=iri).rows
    weekends = {
        row.limit: text("clock-weekend", lang, weekday=row.weekday, explained=row.explained)
        for row in graph.ask(_WEEKENDS, lang=lang, case=iri)
        if row.weekendDays and not row.reportedBy
    }
    stopped: dict[object, list[Row]] = defaultdict(list)
    accepted = {clock.id: clock.code for clock in clocks if not clock.reportedBy}
    for clock in clocks:
        # A date reported beside the accepted one is worth a line where it changes the result.
        if not clock.reportedBy or clock.code != accepted.get(clock.id):
            stopped[clock.event].append(clock)
    render.heading(console, text("timeline", lang))
    for event in show.view(graph, "timeline", lang, iri).rows:
        head = Text(f"{render.cell(event.when, lang):<24} ")
        head.append(render.cell(event.step, lang), style="bold")
        if event.actors:
            head.append(f"  [{render.cell(event.actors, lang)}]")
        console.print(head)
        source = render.cell(event.source, lang)
        quote = f" “{render.cell(event.quote, lang)}”" if event.quote else ""
        console.print(render.line("", f"↳ {source}{quote}", 24, "dim"))
        if event.url:
            console.print(Text(" " * 25 + render.cell(event.url, lang), style="dim"), soft_wrap=True)  # whole, to click
        for clock in stopped.pop(event.event, []):
            console.print(render.line("", _clock(clock, lang, weekends), 24, _STYLES.get(str(clock.code), "")))
    if stopped:
        render.heading(console, text("open-clocks", lang))
        for group_of in stopped.values():
            for clock in group_of:
                console.print(render.line("", _clock(clock, lang, weekends), 2, _STYLES.get(str(clock.code), "")))


_STYLES: Final = {"met": "green", "exceeded": "red", "undeterminable": "yellow"}


def _clock(clock: Row, lang: str, weekends: Mapping[Value, str]) -> str:
    used = render.MISSING
    if clock.used is not None:
        used = str(clock.used) if clock.used == clock.usedAtMost else f"{clock.used}–{clock.usedAtMost}"
    limit, allowed = render.cell(clock.limit, lang), render.cell(clock.allowed, lang)
    if clock.code == "no-number":
        line = text("clock-words" if clock.allowed else "clock-free", lang, limit=limit, used=used, allowed=allowed)
    else:
        status = render.cell(clock.status, lang)
        grade = render.cell(clock.verification, lang)
        line = text("clock-line", lang, limit=limit, allowed=allowed, used=used, status=status, grade=grade)
    reported = text("clock-reported", lang, who=render.cell(clock.reportedBy, lang)) if clock.reportedBy else ""
    weekend = weekends.get(clock.limit, "") if clock.code == "exceeded" and not clock.reportedBy else ""
    return f"⏱ {line}{weekend}{reported}"


def show_answers(console: Console, graph: KnowledgeGraph, iri: str, lang: str) -> None:
    """The answers to a few questions about the case, each row with its source."""
    for name in SHOWN:
        asked = questions.find(graph.sources.root, name)
        answer = graph.ask(name, lang=lang, case=iri.removeprefix(ID).split("/", 1)[-1])
        console.print()
        console.print(Text(f"{asked.id}  {asked.question[lang]}", style="bold"))
        labels = {c.name: c.label[lang] for c in asked.columns}
        columns = tuple(name for name in answer.columns if name != "url")  # 'rrm-kg ask' gives the addresses
        render.answer(console, replace(answer, columns=columns), lang, labels)


def show_comparison(console: Console, graph: KnowledgeGraph, iris: tuple[str, str], lang: str) -> None:
    """Two cases side by side: issues with positions and findings, then legal clocks."""
    for name, key, value in (
        ("cq08", ("issue", "kind"), ("by", "answer", "summary")),
        (_CLOCKS, ("limit",), ("status", "used", "allowed", "fromDate", "toDate")),
    ):
        asked = questions.find(graph.sources.root, name)
        labels = {c.name: c.label[lang] for c in asked.columns}
        sides: list[dict[str, list[str]]] = []
        for iri in iris:
            side: dict[str, dict[str, str]] = defaultdict(dict)
            for row in graph.ask(name, lang=lang, case=iri):
                said = " · ".join(render.cell(row[part], lang) for part in value if row[part] not in (None, ""))
                if name == _CLOCKS and row.reportedBy:
                    said += text("clock-reported", lang, who=render.cell(row.reportedBy, lang))
                place = " · ".join(render.cell(row[part], lang) for part in key if row[part])
                # One of the documents that prove it; 'rrm-kg ask' gives them all.
                side[place].setdefault(said, render.cell(row.document, lang))
            sides.append({place: [f"{s}\n↳ {d}" for s, d in said.items()] for place, said in side.items()})
        render.heading(console, asked.summary[lang])
        render.side_by_side(
            console,
            " · ".join(labels[part] for part in key),
            [show.page_name(graph, iri, lang) for iri in iris],
            {place: [side.get(place, []) for side in sides] for place in sorted({*sides[0], *sides[1]})},
        )
