"""github: workflow commands, which GitHub Actions shows at the lines of a change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rrm_kg.findings import Finding, Severity, Where
from rrm_kg.reports.content import Content, lines, visible

_COMMANDS: Final = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(content: Content) -> str:
    """The verdict with the true number and what was validated with what, then a command for each finding shown.

    GitHub shows the first ten of each kind, so the verdict comes first.
    """
    return lines(_lines(content))


def _lines(content: Content) -> Iterator[str]:
    said = [content.verdict(), content.not_shown(), *(f"{name}: {value}" for name, value in content.validated())]
    yield f"::notice title=rrm-kg::{data(chr(10).join(filter(None, said)))}"
    for finding in content.shown:
        yield _finding(content, finding)


def _finding(content: Content, finding: Finding) -> str:
    lang = content.lang
    said = [finding.message[lang], finding.why.get(lang, ""), *(fix.message[lang] for fix in finding.fixes)]
    if finding.where and finding.where.cell:
        said.insert(0, str(finding.where))
    given = (_place(finding.where) if finding.where else {}) | {"title": finding.rule}
    properties = ",".join(f"{name}={_property(value)}" for name, value in given.items())
    return f"::{_COMMANDS[finding.severity]} {properties}::{data(chr(10).join(visible(part) for part in said if part))}"


def _place(where: Where) -> dict[str, str]:
    """File and range as properties; columns only within one line, and the last column is the last character."""
    place = {"file": where.file.removeprefix("./"), "line": str(where.line)}
    if where.cell or not where.end_line:
        return place
    place["endLine"] = str(where.end_line)
    if where.end_line == where.line:
        place |= {"col": str(where.column), "endColumn": str(max(where.column, where.end_column - 1))}
    return place


def data(text: str) -> str:
    """A text as the data of a workflow command.

    >>> data("100%\\n::error::no")
    '100%25%0A::error::no'
    """
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return data(visible(text)).replace(":", "%3A").replace(",", "%2C")
