"""sarif: SARIF 2.1.0 (OASIS), which editors and code hosts show at the line."""

from __future__ import annotations

import json
import re
from typing import Any, Final
from urllib.parse import quote

from rrm_kg import __version__
from rrm_kg.baseline import fingerprints
from rrm_kg.findings import Finding, Fix, Severity, Where
from rrm_kg.reports.content import Content, Group, escaped, local

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_LINK: Final = re.compile(r"\[(?=[^\]]*\]\()")
_KINDS: Final = {".ttl": "text/turtle", ".csv": "text/csv", ".jsonld": "application/ld+json"}


def render(content: Content) -> str:
    """The report as a SARIF log with one run, every finding a result in the reader's language."""
    names = fingerprints(content.report.findings)
    files = _files(content)
    rules = list({rule["id"]: rule for rule in (_rule(content, group) for group in content.groups)}.values())
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    results = []
    for name, finding in zip(names, content.report.findings, strict=True):
        identity = _identity(finding)
        result = {"ruleId": identity, "ruleIndex": numbers[identity], **_result(content, finding, files)}
        results.append(result | {"partialFingerprints": {"rrmKgFinding/v1": name}})
    driver = {"name": "rrm-kg", "version": __version__, "semanticVersion": __version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "language": content.lang,
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True}],
        "artifacts": [_artifact(content, file) for file in files],
        "results": results,
        "properties": {"passes": content.report.conforms, "validated": content.report.validated},
    }
    tree = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return escaped(json.dumps(tree, ensure_ascii=False, indent=1)) + "\n"


def _files(content: Content) -> list[str]:
    found = [finding.where.file for finding in content.report.findings if finding.where]
    return sorted({*found, *(file.path for file in content.checked)})


def _artifact(content: Content, file: str) -> dict[str, Any]:
    artifact: dict[str, Any] = {"location": {"uri": uri(file)}}
    kind = next((kind for ending, kind in _KINDS.items() if file.endswith(ending)), None)
    if kind:
        artifact["mimeType"] = kind
    hashes = [source.digest.hex() for source in content.checked if source.path == file]
    if hashes:
        artifact["hashes"] = {"sha-256": hashes[0]}
    return artifact


def uri(file: str) -> str:
    """A file as a URI reference: relative to the folder that was checked from, or with its scheme.

    >>> uri("./data/café.ttl"), uri("a:b.ttl"), uri("/srv/x.ttl")
    ('data/caf%C3%A9.ttl', 'a%3Ab.ttl', 'file:///srv/x.ttl')
    """
    path = quote(re.sub(r"^(\./)+", "", file), safe="/", errors="replace")
    return f"file://{path}" if path.startswith("/") else path


def _identity(finding: Finding) -> str:
    return f"{finding.rule}/{local(finding.shape)}"


def _rule(content: Content, group: Group) -> dict[str, Any]:
    lang = content.lang
    rule: dict[str, Any] = {
        "id": f"{group.rule}/{local(group.shape)}",
        "name": local(group.shape),
        "defaultConfiguration": {"level": _LEVELS[group.severity]},
        "properties": {"shape": group.shape},
    }
    name, description = group.name.get(lang), group.description.get(lang)
    if name:
        rule["shortDescription"] = {"text": name}
    if description:
        rule["fullDescription"] = {"text": description}
        more = f"`rrm-kg rule {group.rule} --lang {lang}`"
        markdown = f"**{group.rule}: {name}**\n\n{description}\n\n{content.say('report-more', command=more)}"
        rule["help"] = {"text": description, "markdown": markdown}
    return rule


def _result(content: Content, finding: Finding, files: list[str]) -> dict[str, Any]:
    lang = content.lang
    result: dict[str, Any] = {
        "level": _LEVELS[finding.severity],
        "message": {"text": _plain(" ".join(filter(None, [finding.message[lang], finding.why.get(lang)])))},
        "locations": [_location(finding, files)],
        "properties": {"focusNode": finding.focus, "component": finding.component},
    }
    told = {
        "path": finding.path,
        "value": finding.value,
        "pathLabel": finding.path_label.get(lang),
        "fixes": [fix.message[lang] for fix in finding.fixes] or None,
    }
    result["properties"] |= {name: value for name, value in told.items() if value is not None}
    where = finding.where
    if where and where.end_line and not where.cell:
        fixes = [_fix(fix, where, lang, files) for fix in finding.fixes if fix.replacement is not None]
        if fixes:
            result["fixes"] = fixes
    return result


def _plain(message: str) -> str:
    """A message in which no ``[text](address)`` becomes a link (SARIF 2.1.0, section 3.11.6)."""
    return _LINK.sub(r"\\[", message)


def _location(finding: Finding, files: list[str]) -> dict[str, Any]:
    where = finding.where
    named = [{"fullyQualifiedName": finding.focus, "kind": "resource"}] if finding.focus else []
    if where is None:
        return {"logicalLocations": named}
    if where.cell:
        cell = f"{where.sheet}!{where.cell}" if where.sheet else where.cell
        named.append({"fullyQualifiedName": cell, "kind": "cell"})
    physical: dict[str, Any] = {"artifactLocation": _artifact_location(where, files)}
    if where.sheet is None:
        physical["region"] = _region(where) | ({"snippet": {"text": where.text}} if where.text else {})
    location: dict[str, Any] = {"physicalLocation": physical}
    return location | ({"logicalLocations": named} if named else {})


def _artifact_location(where: Where, files: list[str]) -> dict[str, Any]:
    return {"uri": uri(where.file), "index": files.index(where.file)}


def _region(where: Where) -> dict[str, Any]:
    """The range of a place; for a cell of a table its row alone, since its column counts cells."""
    if where.cell or not where.end_line:
        return {"startLine": where.line}
    ends = {"endLine": where.end_line, "endColumn": where.end_column}
    return {"startLine": where.line, "startColumn": where.column, **ends}


def _fix(fix: Fix, where: Where, lang: str, files: list[str]) -> dict[str, Any]:
    replacement = {"deletedRegion": _region(where), "insertedContent": {"text": fix.replacement}}
    change = {"artifactLocation": _artifact_location(where, files), "replacements": [replacement]}
    return {"description": {"text": _plain(fix.message[lang])}, "artifactChanges": [change]}
