"""text: a plain list for a terminal, a log or an e-mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from rrm_kg.errors import RrmError
from rrm_kg.findings import Finding, Report
from rrm_kg.reports.content import Content, Group, lines, local, visible


def render(content: Content) -> str:
    """The findings, each with its place, what stands there, why, and how to mend it.

    Those in a table are in the order of its sheets, rows and columns, as a person mends it; others by rule and message.
    """
    return lines(_lines(content))


def _lines(content: Content) -> Iterator[str]:
    yield content.verdict()
    yield from filter(None, [content.not_shown()])
    tabled = [one for one in content.shown if one.where and one.where.cell]
    yield from _sheets(content, tabled)
    others = [one for one in content.report.findings if not (one.where and one.where.cell)]
    limit = len(content.shown) - len(tabled) if content.limit is not None else None
    for group in replace(content, report=Report(tuple(others)), limit=limit).groups:
        if group.messages:
            yield ""
            yield from _group(content, group)
    yield ""
    yield f"{content.say('report-validated')}:"
    for name, value in content.validated():
        yield f"  {name}: {value}"


def _sheets(content: Content, findings: list[Finding]) -> Iterator[str]:
    """The findings in tables: a heading for each sheet, below it the rows with their cells."""
    order = _order(content)

    def place(finding: Finding) -> tuple[object, ...]:
        where = finding.where
        assert where is not None
        sheet = where.sheet or ""
        return where.file, order.get((where.file, sheet), len(order)), sheet, where.line, where.column

    ordered = sorted(findings, key=lambda one: (place(one), one.sort_key))
    for (file, _, sheet), of_sheet in groupby(ordered, key=lambda one: place(one)[:3]):
        yield ""
        yield visible(f"{file}: {sheet}" if sheet else str(file))
        for row, of_row in groupby(of_sheet, key=lambda one: place(one)[3]):
            yield f"  {content.say('report-row', row=row)}"
            for cell, of_cell in groupby(of_row, key=lambda one: one.where.cell if one.where else ""):
                for number, finding in enumerate(of_cell):
                    if number == 0:
                        written = finding.where.text if finding.where else ""
                        yield f"    {cell}{': ' if written else ''}{visible(written)}"
                    message = visible(finding.message[content.lang])
                    yield f"      {content.say(finding.severity.label)} {visible(finding.rule)}: {message}"
                    yield from (f"  {line}" for line in _mending(content, finding))


def _order(content: Content) -> dict[tuple[str, str], int]:
    """The place of each sheet in its workbook."""
    from rrm_kg.tabular.workbook import grids

    order: dict[tuple[str, str], int] = {}
    for file in content.checked:
        if file.path.lower().endswith(".xlsx"):
            try:
                titles = [grid.title or "" for grid in grids(file.data, file.path, [])]
            except RrmError:
                continue
            order |= {(file.path, title): number for number, title in enumerate(titles)}
    return order


def _group(content: Content, group: Group) -> Iterator[str]:
    name = visible(group.name.get(content.lang, local(group.shape)))
    yield f"{visible(group.rule)} {content.say(group.severity.label)}: {name} ({group.count})"
    for findings in group.messages:
        times = f" ({len(findings)})" if len(findings) > 1 else ""
        yield f"  {visible(findings[0].message[content.lang])}{times}"
        for finding in findings:
            yield from _finding(content, finding)


def _finding(content: Content, finding: Finding) -> Iterator[str]:
    where = finding.where
    yield f"    {content.place(finding)}"
    if where and where.text:
        yield f"      {content.say('report-text')}: {visible(where.text)}"
    yield from _mending(content, finding)


def _mending(content: Content, finding: Finding) -> Iterator[str]:
    if finding.why:
        yield f"      {content.say('report-why')}: {visible(finding.why[content.lang])}"
    for fix in finding.fixes:
        words = visible(fix.message[content.lang])
        put = f" → {visible(fix.replacement)}" if fix.replacement is not None else ""
        yield f"      {content.say('report-fix')}: {words}{put}"
