"""What the gate found: typed findings and the report that holds them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import IntEnum
from typing import Any


class Severity(IntEnum):
    """SHACL's three severities, in rising order. Only a Violation keeps a graph from being asked."""

    INFO = 1
    WARNING = 2
    VIOLATION = 3

    @property
    def label(self) -> str:
        """The local name in the SHACL vocabulary: ``Violation``, ``Warning`` or ``Info``."""
        return self.name.capitalize()

    @classmethod
    def named(cls, name: str) -> Severity:
        """The severity with a SHACL local name or IRI, in any case. Raises KeyError for another word."""
        return cls[name.rsplit("#", 1)[-1].upper()]


@dataclass(frozen=True)
class Where:
    """The place of a finding: a file and a range in it, the text there, and what it was located by.

    Lines and columns count characters from one; the end is the first character that is not part of it. In a table the
    line is the row and the column the column of the cell; ``sheet`` and ``cell`` (``B7``) name it as its user does.
    ``located_by`` is ``triple``, ``property``, ``subject`` or ``file``.
    """

    file: str
    line: int
    located_by: str
    column: int = 1
    end_line: int = 0
    end_column: int = 0
    text: str = ""
    sheet: str | None = None
    cell: str | None = None

    def __str__(self) -> str:
        if self.cell:
            return f"{self.file}:{self.sheet}!{self.cell}" if self.sheet else f"{self.file}:{self.cell}"
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Fix:
    """A computed way to mend a finding: a sentence per language, and the text to put in the place of what stands there.

    ``replacement`` is None where the sentence is all that can be said.
    """

    message: dict[str, str]
    replacement: str | None = None


@dataclass(frozen=True)
class Finding:
    """One result: which rule, about which focus node, on which path and value, and where it was written.

    ``rule`` is the stable number (``R18``), ``shape`` the IRI of the shape or the name of the check query,
    ``component`` the SHACL constraint component. ``message`` holds one sentence per language, and so does ``why``: what
    the engine expected against what it found, or nothing. ``path_label`` is the name of the path per language.
    """

    rule: str
    shape: str
    component: str
    severity: Severity
    focus: str
    path: str | None
    value: str | None
    message: dict[str, str]
    where: Where | None = None
    path_label: dict[str, str] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    fixes: tuple[Fix, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """What it says of itself."""
        return (*self.message.values(), *self.why.values())

    @property
    def sort_key(self) -> tuple[Any, ...]:
        """Gravest first, then by rule, shape, focus node, path and value."""
        return (
            -self.severity,
            self.rule,
            self.shape,
            self.focus,
            self.path or "",
            self.value or "",
            self.message["en"],
        )


@dataclass(frozen=True)
class Report:
    """The verdict on a graph: its findings, gravest first, and what was validated with what."""

    findings: tuple[Finding, ...]
    validated: dict[str, str] = field(default_factory=dict)

    @property
    def conforms(self) -> bool:
        """Whether the graph may be asked: it has no Violation."""
        return not any(f.severity is Severity.VIOLATION for f in self.findings)

    def count(self, severity: Severity) -> int:
        """How many findings have a severity."""
        return sum(f.severity is severity for f in self.findings)

    def at_least(self, severity: Severity) -> tuple[Finding, ...]:
        """The findings of a severity or a graver one."""
        return tuple(f for f in self.findings if f.severity >= severity)

    def as_dict(self) -> dict[str, Any]:
        """The report as plain values, as it is kept and printed as JSON."""
        findings = [asdict(f) | {"severity": f.severity.label} for f in self.findings]
        counts = {severity.label: self.count(severity) for severity in reversed(Severity)}
        return {
            "conforms": self.conforms,
            "counts": counts,
            "validated": self.validated,
            "findings": findings,
        }

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> Report:
        """The report that as_dict wrote."""
        return cls(tuple(_finding(one) for one in kept["findings"]), kept["validated"])


def _finding(kept: dict[str, Any]) -> Finding:
    where = kept["where"]
    return Finding(
        **kept
        | {
            "severity": Severity.named(kept["severity"]),
            "where": Where(**where) if where else None,
            "fixes": tuple(Fix(**fix) for fix in kept["fixes"]),
        }
    )


def report(findings: Iterable[Finding], validated: dict[str, str]) -> Report:
    """A report with its findings in order and each only once."""
    once = unique(findings)
    return Report(tuple(once[key] for key in sorted(once)), validated)


def unique(findings: Iterable[Finding]) -> dict[tuple[Any, ...], Finding]:
    """Findings by their sort_key; of those that differ in their words alone, as where a thing has two names, one."""
    found: dict[tuple[Any, ...], Finding] = {}
    for finding in findings:
        key = finding.sort_key
        if key not in found or finding.words < found[key].words:
            found[key] = finding
    return found
