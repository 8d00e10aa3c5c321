"""A report that was kept earlier, against which the findings of a new one are new or known."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rrm_kg.errors import RrmError, reason
from rrm_kg.findings import Finding, Report

_SAID: Final = ("rule", "shape", "component", "focus")


@dataclass(frozen=True)
class Split:
    """A report against an earlier one: what is new, what was known, and the earlier findings that are gone."""

    new: Report
    known: Report
    gone: tuple[Finding, ...]


def read(path: Path) -> Report:
    """The report in a file that ``--report json`` wrote.

    Raises RrmError E305 when the file cannot be read, E223 when it is no such report.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RrmError("E305", where=str(path), detail=reason(error)) from None
    try:
        kept = Report.from_dict(json.loads(data))
        told = all(_is_told(finding) for finding in kept.findings)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        told = False
    if not told:
        raise RrmError("E223", where=str(path))
    return kept


def _is_told(finding: Finding) -> bool:
    texts = [getattr(finding, name) for name in _SAID]
    texts += [text for text in (finding.path, finding.value) if text is not None]
    return all(isinstance(text, str) for text in (*texts, finding.message["en"], finding.message["es"]))


def split(given: Report, earlier: Report) -> Split:
    """A report split into what an earlier one does not have and what it has.

    A finding is known by its rule, shape, focus node, path and value, so that it survives moved lines and another
    wording. Where the earlier report has fewer findings under one key, those that it worded alike count as known
    first, and the rest as new.
    """
    left = Counter(key(finding) for finding in earlier.findings)
    worded = Counter((key(finding), finding.message["en"]) for finding in earlier.findings)
    known: set[int] = set()
    for alike in (True, False):
        for number, finding in enumerate(given.findings):
            name, words = key(finding), (key(finding), finding.message["en"])
            if number not in known and left[name] and (worded[words] or not alike):
                known.add(number)
                left[name] -= 1
                worded[words] -= alike
    gone = []
    for finding in earlier.findings:
        name, words = key(finding), (key(finding), finding.message["en"])
        if left[name] and worded[words]:
            left[name] -= 1
            worded[words] -= 1
            gone.append(finding)
    return Split(
        Report(tuple(f for number, f in enumerate(given.findings) if number not in known), given.validated),
        Report(tuple(f for number, f in enumerate(given.findings) if number in known), given.validated),
        tuple(gone),
    )


def key(finding: Finding) -> tuple[str, str, str, str | None, str | None]:
    """What a finding is known by: rule, shape, focus node, path and value."""
    return finding.rule, finding.shape, finding.focus, finding.path, finding.value


def fingerprints(findings: Iterable[Finding]) -> list[str]:
    """A name for each finding, made of its key: 32 hexadecimal digits, and a number where a key comes again."""
    seen: Counter[Any] = Counter()
    names = []
    for finding in findings:
        name = hashlib.sha256(json.dumps(key(finding)).encode()).hexdigest()[:32]
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return names
