"""markdown: a comment on a pull request, in GitHub Flavored Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from rrm_kg.findings import Finding
from rrm_kg.reports.content import Content, Group, local, visible

MAX_LENGTH: Final = 60_000
_ACTIVE: Final = re.compile(r"[\\`*_~\[\]<>|&!$#@{}]|(?<=:)//")
_FIRST: Final = re.compile(r"[-+=]|\d+(?=[.)])")  # what begins a list or underlines a heading
_CALLING: Final = re.compile(
    "&#(?:64|35);"
)  # after these a space of no width keeps names and numbers from being linked


def render(content: Content) -> str:
    """The verdict, a row for each rule and shape, and the findings folded; at most MAX_LENGTH characters."""
    counts = [_row(content, group) for group in content.groups]
    head = [f"### {escape(content.verdict())}", ""]
    if counts:
        titles = ("report-severity", "report-rule", "report-wanted", "report-count")
        head += [f"| {' | '.join(map(content.say, titles))} |", "|---|---|---|---:|"]
    tail = ["<details>", f"<summary>{escape(content.say('report-validated'))}</summary>", ""]
    tail += [f"- {escape(name)}: {code(value)}" for name, value in content.validated()]
    tail += ["", "</details>"]
    left = MAX_LENGTH - _length([*head, *tail]) - _RESERVE
    rows, left = _fitting(counts, left)
    blocks, told = [], 0
    for group in content.groups if len(rows) == len(counts) else ():
        block, shown = _details(content, group, left)
        left -= _length(block)
        blocks += block
        told += shown
    if told < content.total:
        blocks = ["", escape(content.say("report-shown", shown=told, total=content.total)), *blocks]
    return "\n".join([*head, *rows, *blocks, "", *tail]) + "\n"


_RESERVE: Final = 400  # for the sentence that says how many there are


def _length(lines: list[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _fitting(lines: list[str], room: int) -> tuple[list[str], int]:
    """The first lines that have room, and what room is left."""
    fitting = []
    for line in lines:
        if len(line) + 1 > room:
            break
        fitting.append(line)
        room -= len(line) + 1
    return fitting, room


def _row(content: Content, group: Group) -> str:
    name = group.name.get(content.lang, local(group.shape))
    return f"| {content.say(group.severity.label)} | {escape(group.rule)} | {escape(name)} | {group.count} |"


def _details(content: Content, group: Group, room: int) -> tuple[list[str], int]:
    """The findings of a group, folded, as many as have room, and how many these are."""
    name = escape(group.name.get(content.lang, local(group.shape)))
    head = ["", "<details>", f"<summary>{escape(group.rule)} {name} ({group.count})</summary>", ""]
    tail = ["", "</details>"]
    room -= _length([*head, *tail])
    body: list[str] = []
    shown = 0
    for findings in group.messages:
        message = f"- {escape(findings[0].message[content.lang])}"
        items = list(_items(content, findings))
        fitting, left = _fitting([message, *items], room)
        if len(fitting) > 1:
            body += fitting
            shown += len(fitting) - 1
            room = left
        if len(fitting) <= len(items):
            break
    return ([*head, *body, *tail], shown) if shown else ([], 0)


def _items(content: Content, findings: tuple[Finding, ...]) -> Iterator[str]:
    for finding in findings:
        where = finding.where
        parts = [code(content.place(finding))]
        if where and where.text:
            parts.append(f"{escape(content.say('report-text'))}: {code(where.text)}")
        if finding.why:
            parts.append(escape(finding.why[content.lang]))
        for fix in finding.fixes:
            put = f" → {code(fix.replacement)}" if fix.replacement is not None else ""
            parts.append(f"{escape(content.say('report-fix'))}: {escape(fix.message[content.lang])}{put}")
        yield f"  - {' · '.join(parts)}"


def escape(text: str) -> str:
    """A text that Markdown shows as it is: no markup, no HTML, no cell of a table, no mention, no link.

    >>> escape("a|b <i> @team")
    'a&#124;b &#60;i&#62; &#64;&#8203;team'
    """
    shown = visible(text)
    first = _FIRST.match(shown)
    start = first.end() if first else 0
    return _CALLING.sub("\\g<0>&#8203;", _entities(shown[:start]) + _literal(shown[start:]))


def code(text: str) -> str:
    """A text in the type of code, with nothing in it that is markup."""
    return f"<code>{_literal(visible(text))}</code>"


def _literal(shown: str) -> str:
    return _ACTIVE.sub(lambda found: _entities(found[0]), shown)


def _entities(text: str) -> str:
    return "".join(f"&#{ord(character)};" for character in text)
