"""json: all that is known of the findings, as docs/reports.md and report.schema.json describe it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

from rrm_kg.reports.content import Content, Group, escaped
from rrm_kg.terms import BASE

SCHEMA: Final = BASE + "reports/report.schema.json"


def render(content: Content) -> str:
    """The report as JSON with every finding, and the number of findings by rule and message."""
    tree = {
        "$schema": SCHEMA,
        "total": content.total,
        "checked": [{"file": file.path, "sha256": file.digest.hex()} for file in content.checked],
        "groups": [_group(group) for group in replace(content, limit=None, lang="en").groups],
        **content.report.as_dict(),
    }
    return escaped(json.dumps(tree, ensure_ascii=False, indent=1)) + "\n"


def _group(group: Group) -> dict[str, Any]:
    return {
        "rule": group.rule,
        "severity": group.severity.label,
        "shape": group.shape,
        "name": dict(group.name),
        "description": dict(group.description),
        "count": group.count,
        "messages": [{"message": same[0].message, "count": len(same)} for same in group.messages],
    }
