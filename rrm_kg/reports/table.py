"""csv: a line for each finding, for a spreadsheet or a program.

It begins with a byte order mark: without it Excel reads the accents of a UTF-8 file wrong. A cell that a spreadsheet
would calculate begins with an apostrophe, which spreadsheets know as the sign of a text.
"""

from __future__ import annotations

import csv
import io
from typing import Final

from rrm_kg.findings import Finding
from rrm_kg.reports.content import Content, visible

COLUMNS: Final = (
    *("severity", "rule", "shape", "file", "sheet", "cell", "line", "column", "end_line", "end_column", "located_by"),
    *("text", "focus", "path", "path_label", "value", "message_en", "message_es", "why", "fix", "replacement"),
)
MARK: Final = "\ufeff"
BETWEEN: Final = " | "
_CALCULATED: Final = tuple("=+-@＝＋－＠")


def render(content: Content) -> str:
    """Every finding on a line of its own (RFC 4180): the message in both languages, the rest in the reader's."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(COLUMNS)
    for finding in content.report.findings:
        cells = _cells(finding, content.lang)
        table.writerow(_harmless(cells.get(column, "")) for column in COLUMNS)
    return MARK + written.getvalue()


def _cells(finding: Finding, lang: str) -> dict[str, str]:
    cells = {
        "severity": finding.severity.label,
        "rule": finding.rule,
        "shape": finding.shape,
        "focus": finding.focus,
        "path": finding.path or "",
        "path_label": finding.path_label.get(lang, ""),
        "value": finding.value or "",
        "message_en": finding.message["en"],
        "message_es": finding.message["es"],
        "why": finding.why.get(lang, ""),
        "fix": BETWEEN.join(fix.message[lang] for fix in finding.fixes),
        "replacement": BETWEEN.join(fix.replacement for fix in finding.fixes if fix.replacement is not None),
    }
    where = finding.where
    if where is None:
        return cells
    ends = {"end_line": str(where.end_line), "end_column": str(where.end_column)} if where.end_line else {}
    there = {"file": where.file, "sheet": where.sheet or "", "cell": where.cell or "", "text": where.text}
    return (
        cells
        | there
        | ends
        | {
            "line": str(where.line),
            "column": str(where.column),
            "located_by": where.located_by,
        }
    )


def _harmless(cell: str) -> str:
    shown = visible(cell)
    return f"'{shown}" if shown.startswith(_CALCULATED) else shown
