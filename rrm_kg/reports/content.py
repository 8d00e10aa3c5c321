"""What every format tells: the verdict, the findings in groups, what was validated with what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Final

from rrm_kg import errors
from rrm_kg.findings import Finding, Report, Severity
from rrm_kg.graph import Source
from rrm_kg.shapes import Shape

# Control characters, what XML 1.0 has no place for, line separators, and the marks that turn the direction of writing.
_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)

_PARTS: Final = {
    "data": "report-data",
    "ontology": "report-ontology",
    "shapes": "report-shapes",
    "engine": "report-engine",
    "inference": "report-inference",
}


@dataclass(frozen=True)
class Group:
    """The findings of one shape or check query: in all, and those that are shown by their message.

    ``name`` and ``description`` tell per language what is wanted; they are empty where the shape is not known.
    """

    rule: str
    severity: Severity
    shape: str
    name: Mapping[str, str]
    description: Mapping[str, str]
    count: int
    messages: tuple[tuple[Finding, ...], ...]

    def has(self, part: str) -> bool:
        """Whether a finding that is shown has a part: ``text``, what stands there, or ``mending``, why and fixes."""
        shown = (finding for same in self.messages for finding in same)
        if part == "text":
            return any(finding.where and finding.where.text for finding in shown)
        return any(finding.why or finding.fixes for finding in shown)


@dataclass(frozen=True)
class Content:
    """A report and what its reader asked for."""

    report: Report
    lang: str
    limit: int | None
    shapes: Mapping[str, Shape]
    checked: tuple[Source, ...]

    @property
    def total(self) -> int:
        """How many findings there are, shown or not."""
        return len(self.report.findings)

    @property
    def shown(self) -> tuple[Finding, ...]:
        """The findings that people are shown, the gravest first."""
        return self.report.findings[: self.limit]

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """All findings by rule and shape, the gravest first; none has more messages than are shown."""
        seen = {id(finding) for finding in self.shown}
        return tuple(self._group([*same], seen) for _, same in groupby(self.report.findings, lambda f: f.sort_key[:3]))

    def _group(self, findings: list[Finding], seen: set[int]) -> Group:
        by_message: dict[str, list[Finding]] = {}
        for finding in findings:
            if id(finding) in seen:
                by_message.setdefault(finding.message[self.lang], []).append(finding)
        first = findings[0]
        shape = self.shapes.get(first.shape)
        return Group(
            first.rule,
            first.severity,
            first.shape,
            shape.name if shape else {},
            shape.description if shape else {},
            len(findings),
            tuple(map(tuple, by_message.values())),
        )

    def say(self, key: str, **values: object) -> str:
        """A text of the interface in the reader's language."""
        return errors.text(key, self.lang, **values)

    def verdict(self) -> str:
        """Whether the graph passes, with the number of findings of each severity."""
        counts = (self.report.count(severity) for severity in (Severity.VIOLATION, Severity.WARNING, Severity.INFO))
        values = dict(zip(("violations", "warnings", "infos"), counts, strict=True))
        return self.say("conforms" if self.report.conforms else "fails", **values)

    def validated(self) -> Iterator[tuple[str, str]]:
        """What was validated with what, and each file that was checked: a name and a hash, a version or a mode."""
        for name, value in self.report.validated.items():
            yield self.say(_PARTS[name]) if name in _PARTS else visible(name), visible(value)
        for file in self.checked:
            yield visible(file.path), f"sha256:{file.digest.hex()}"

    def place(self, finding: Finding) -> str:
        """Where a finding is: ``file:line:column`` as an editor opens it, ``file:sheet!B7`` as a spreadsheet names it.

        What was not written has the name of its focus node, or that of the whole graph.
        """
        where = finding.where
        if where is None:
            return visible(finding.focus) or self.say("report-graph")
        return visible(str(where) if where.cell else f"{where.file}:{where.line}:{where.column}")

    def not_shown(self) -> str:
        """A sentence that tells the true number of findings, or nothing where all are shown."""
        if len(self.shown) == self.total:
            return ""
        return self.say("report-shown", shown=len(self.shown), total=self.total)


def local(shape: str) -> str:
    """The last part of the name of a shape or check query.

    >>> local("https://w3id.org/rrm-kg/shapes#Agent-used"), local("queries/checks/described.rq")
    ('Agent-used', 'described.rq')
    """
    return re.split("[#/]", shape)[-1]


def visible(text: str) -> str:
    """A text on one line, what cannot be seen in it written as an escape.

    A terminal, a log or a page then shows what is there: no escape sequence, no second line, no reversed writing.
    """
    return escaped(" ".join(re.split("[ \t\r\n]+", text.strip(" \t\r\n"))))


def lines(texts: Iterable[str]) -> str:
    """Lines of a file, the last one ended too."""
    return "".join(f"{text}\n" for text in texts)


def escaped(text: str) -> str:
    """A text with each hidden character as ``\\u202e``, which JSON and Turtle read as the character itself."""
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
