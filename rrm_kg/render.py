"""Answers, findings and pages as text for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final

from pyoxigraph import BlankNode
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from rrm_kg.errors import text
from rrm_kg.explain import Step
from rrm_kg.findings import Finding, Report, Severity
from rrm_kg.query import Answer, Row, Value
from rrm_kg.questions import Question
from rrm_kg.show import Page
from rrm_kg.terms import ID, RDF, shorten

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_COLOURS: Final = {Severity.VIOLATION: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
MISSING: Final = "–"
_PROOF: Final = ("document", "locator", "quote", "url")


def cell(value: Value, lang: str) -> str:
    """A value as a reader wants to see it; control characters cannot reach the terminal."""
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return text("true" if value else "false", lang)
    shown = str(value)
    if shown.startswith(ID):
        shown = shown.removeprefix(ID)
    elif shown.startswith(("http://", "https://")) and not shorten(shown).startswith("<"):
        shown = shorten(shown)
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", shown)


def heading(console: Console, words: str) -> None:
    """A heading with a line under it."""
    console.print()
    console.print(Text(words, style="bold"))
    console.print(Text("─" * min(len(words), console.width), style="dim"))


def answer(
    console: Console, given: Answer, lang: str, labels: Mapping[str, str] | None = None, *, warn: bool = True
) -> None:
    """An answer as a table where it fits, else as a block for each row, with the source at its end.

    ``warn`` tells the reader when the graph has not passed the gate.
    """
    if warn and not given.checked:
        console.print(Text(text("unchecked", lang), style="bold red"))
    if given.truth is not None:
        console.print(text("true" if given.truth else "false", lang))
        return
    if given.triples is not None:
        console.print(given.serialize("turtle"), end="", soft_wrap=True)
        return
    rows(console, given.columns, given.rows, lang, labels or {})
    as_of = given.as_of.isoformat() if given.as_of else MISSING
    console.print(
        Text(
            text("rows" if "locator" in given.columns else "rows-plain", lang, count=len(given), as_of=as_of),
            style="dim",
        )
    )


def rows(console: Console, columns: Sequence[str], given: Sequence[Row], lang: str, labels: Mapping[str, str]) -> None:
    """Rows with their headings."""
    if not given:
        console.print(text("no-rows", lang))
        return
    shown = [{name: cell(row[name], lang) for name in columns} for row in given]
    used = [name for name in columns if any(row[name] != MISSING for row in shown)]
    headings = {name: labels.get(name, name) for name in used}
    widths = [max(len(headings[n]), *(len(row[n]) for row in shown)) for n in used]
    if sum(widths) + 3 * len(used) <= console.width:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for name in used:
            table.add_column(Text(headings[name]), overflow="fold")
        for row in shown:
            table.add_row(*(Text(row[name]) for name in used))
        console.print(table)
    else:
        _blocks(console, used, shown, headings)


def side_by_side(
    console: Console, label: str, names: Sequence[str], cells: Mapping[str, Sequence[Sequence[str]]]
) -> None:
    """A row for each place, a column for each name; an empty cell says that nothing is recorded."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, show_lines=True)
    for name in (label, *names):
        table.add_column(Text(name), overflow="fold", ratio=1)
    for place, columns in cells.items():
        table.add_row(Text(place), *(Text("\n".join(said) or MISSING) for said in columns))
    console.print(table)


def _blocks(
    console: Console, used: Sequence[str], shown: Sequence[dict[str, str]], headings: Mapping[str, str]
) -> None:
    facts = [name for name in used if name not in _PROOF]
    width = max(len(headings[name]) for name in used) + 2
    for _, same in groupby(shown, key=lambda row: [row[name] for name in facts]):
        passages = list(same)
        first = True
        for name in facts:
            if passages[0][name] != MISSING:
                console.print(line(headings[name], passages[0][name], width, "bold" if first else ""))
                first = False
        for passage in passages:
            _passage(console, passage, width)
        console.print()


def _passage(console: Console, row: dict[str, str], width: int) -> None:
    proof = ", ".join(row[name] for name in ("document", "locator") if row.get(name, MISSING) not in (MISSING, ""))
    quote = f" “{row['quote']}”" if row.get("quote", MISSING) != MISSING else ""
    if proof:
        console.print(line("↳", proof + quote, width, "dim"))
    if row.get("url", MISSING) != MISSING:
        console.print(line("", row["url"], width, "dim"))


def line(label: str, value: str, width: int, style: str) -> Table:
    """A label and a value side by side, the value wrapped in its own column."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=width, style="dim")
    grid.add_column(overflow="fold")
    grid.add_row(Text(label), Text(value, style=style))
    return grid


def report(console: Console, given: Report, lang: str, *, limit: int | None = None) -> None:
    """The verdict, then the findings, grouped by severity and rule; ``limit`` findings of each rule."""
    counts = {
        "violations": given.count(Severity.VIOLATION),
        "warnings": given.count(Severity.WARNING),
        "infos": given.count(Severity.INFO),
    }
    verdict(console, given, lang)
    if counts["warnings"] + counts["infos"] and given.conforms:
        console.print(Text(text("gate-note", lang), style="dim"))
    for (severity, rule), group in groupby(given.findings, key=lambda f: (f.severity, f.rule)):
        found = list(group)
        for one in found[:limit]:
            finding(console, one, lang, severity, rule)
        if limit is not None and len(found) > limit:
            console.print(Text("  " + text("more-findings", lang, count=len(found) - limit), style="dim"))


def verdict(console: Console, given: Report, lang: str) -> None:
    """The verdict in one line."""
    words = text(
        "conforms" if given.conforms else "fails",
        lang,
        violations=given.count(Severity.VIOLATION),
        warnings=given.count(Severity.WARNING),
        infos=given.count(Severity.INFO),
    )
    console.print(Text(words, style="bold green" if given.conforms else "bold red"))


def finding(console: Console, one: Finding, lang: str, severity: Severity, rule: str) -> None:
    """One finding: severity and rule, the message, the place."""
    head = Text(f"{text(severity.label, lang)} {rule}", style=_COLOURS[severity])
    head.append(f"  {cell(one.message[lang], lang)}", style="default")
    console.print(head)
    place = f"    {one.where}" if one.where else f"    {cell(one.focus, lang)}"
    console.print(Text(place, style="dim"), soft_wrap=True)


def questions(console: Console, catalogue: Iterable[Question], lang: str) -> None:
    """The catalogue: number, question, parameters."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for key in ("heading-id", "heading-question", "heading-parameters"):
        table.add_column(text(key, lang), overflow="fold")
    for one in catalogue:
        blanks = " ".join(f"{p.name}={p.default if p.default is not None else '…'}" for p in one.parameters)
        table.add_row(one.id, Text(one.question[lang]), Text(blanks))
    console.print(table)


def page(console: Console, given: Page, lang: str) -> None:
    """A thing with its facts, its records by class, and its sources."""
    console.print(Text(given.name, style="bold"))
    console.print(Text(given.iri, style="dim"), soft_wrap=True)
    heading(console, text("facts", lang))
    for row in given.statements:
        label = cell(row.label or shorten(str(row.property)), lang)
        mark = f" ({text('inferred-mark', lang)})" if row.inferred else ""
        console.print(line(label, cell(row.shown, lang) + mark, 28, ""))
    if given.evidence:
        heading(console, text("sources", lang))
        _proofs(console, given.evidence, lang, "  ")
    for (_, name), group in groupby(given.records, key=lambda r: (r["class"], r.classLabel)):
        heading(console, str(name))
        for _, same in groupby(group, key=lambda r: r.record):
            passages = list(same)
            _record(console, passages, lang)
    if given.incoming and not given.is_dispute:
        heading(console, text("points-here", lang))
        for row in given.incoming:
            label = cell(row.label or shorten(str(row.property)), lang)
            when = f"{cell(row.when, lang)}  " if row.when else ""
            console.print(Text(f"  {when}{cell(row.name or row.source, lang)}  ({label})"))
            if row.proof:
                console.print(Text(f"    ↳ {cell(row.proof, lang)}", style="dim"))
            if row.url:
                console.print(Text(f"      {cell(row.url, lang)}", style="dim"), soft_wrap=True)


def _record(console: Console, passages: Sequence[Row], lang: str) -> None:
    row = passages[0]
    head = Text(f"  {cell(row.when, lang):<12} " if row.when else "  ")
    head.append(cell(row.name, lang), style="bold")
    speakers = sorted({cell(p.who, lang) for p in passages if p.who})
    said = ", ".join([*speakers, *([cell(row.how, lang)] if row.how else [])])
    if said:
        head.append(f"  [{said}]")
    console.print(head)
    if row.text and row.text != row.name:
        console.print(Text(f"    {cell(row.text, lang)}"))
    unique = {(p.document, p.locator, p.quote): p for p in passages if p.document}
    _proofs(console, unique.values(), lang, "    ")


def _proofs(console: Console, passages: Iterable[Row], lang: str, indent: str) -> None:
    for passage in passages:
        quote = f" “{cell(passage.quote, lang)}”" if passage.quote else ""
        said = f"{indent}↳ {cell(passage.document, lang)}, {cell(passage.locator, lang)}{quote}"
        console.print(Text(said, style="dim"))
        if passage.url:
            console.print(Text(f"{indent}  {cell(passage.url, lang)}", style="dim"), soft_wrap=True)


def explanation(console: Console, step: Step, lang: str, depth: int = 0) -> None:
    """Why a triple holds: each step with the rule it follows by, down to what was written."""
    _reason(console, step, lang, depth, "")
    # The members of a list in an axiom are shown in its place.
    members = " ".join(_term(p.triple.object) for p in step.premises if p.triple.predicate.value == RDF + "first")
    for premise in step.premises:
        if isinstance(premise.triple.subject, BlankNode):
            continue
        if isinstance(premise.triple.object, BlankNode):
            _reason(console, premise, lang, depth + 1, f"( {members} )")
        else:
            explanation(console, premise, lang, depth + 1)


def _reason(console: Console, step: Step, lang: str, depth: int, value: str) -> None:
    triple = step.triple
    said = f"{_term(triple.subject)} {_term(triple.predicate)} {value or _term(triple.object)}"
    if step.rule is None:
        why = text("written-in", lang, graph=shorten(step.graph or ""))
    else:
        why = text("follows-by", lang, rule=step.rule)
    shown = Text("  " * depth + said + "  ", style="bold" if depth == 0 else "")
    shown.append(f"({why})", style="dim")
    console.print(shown, soft_wrap=True)


def _term(term: object) -> str:
    iri = getattr(term, "value", None)
    return shorten(iri) if isinstance(iri, str) and iri.startswith("http") else str(term)
