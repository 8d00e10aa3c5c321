"""text: a plain list for a terminal, a log or an e-mail."""

from __future__ import annotations

from collections.abc import Iterator

from rrm_kg.findings import Finding
from rrm_kg.reports.content import Content, Group, lines, local, visible


def render(content: Content) -> str:
    """The findings by rule and message, each with its place, what stands there, why, and how to mend it."""
    return lines(_lines(content))


def _lines(content: Content) -> Iterator[str]:
    yield content.verdict()
    yield from filter(None, [content.not_shown()])
    for group in content.groups:
        if group.messages:
            yield ""
            yield from _group(content, group)
    yield ""
    yield f"{content.say('report-validated')}:"
    for name, value in content.validated():
        yield f"  {name}: {value}"


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
    if finding.why:
        yield f"      {content.say('report-why')}: {visible(finding.why[content.lang])}"
    for fix in finding.fixes:
        words = visible(fix.message[content.lang])
        put = f" → {visible(fix.replacement)}" if fix.replacement is not None else ""
        yield f"      {content.say('report-fix')}: {words}{put}"
