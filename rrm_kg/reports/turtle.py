"""turtle: an ``sh:ValidationReport`` (SHACL, section 3.6) for other tools, with what ours knows beyond it.

By SHACL a graph conforms when there is no result at all; ``rep:passes`` says whether it passes the gate. What
SHACL has no property for is under ``rep:``, as vocabulary.ttl defines it. Every node has an IRI made of its content.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg import parse
from rrm_kg.baseline import fingerprints
from rrm_kg.errors import RrmError
from rrm_kg.findings import Finding, Where
from rrm_kg.gate import WHOLE_GRAPH
from rrm_kg.graph import Source
from rrm_kg.reports.content import Content, escaped
from rrm_kg.terms import BASE, PREFIXES, RDF_TYPE, SH

REP: Final = BASE + "reports#"
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20]+\Z")
_WEB: Final = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x20]+\Z")
_LABEL: Final = re.compile(r"[A-Za-z]\w*(?:-\w+)*-\d+\Z")
_FAMILY: Final = {"CheckQuery": REP + "CheckQueryComponent", "owl-rl": REP + "OwlRlComponent"}


def render(content: Content) -> str:
    """The report in Turtle, the report first and then its results in their order."""
    made = [*triples(content)]
    named = ("id", "rrm", "rrmsh") if all(_is_plain(term) for triple in made for term in triple) else ()
    prefixes = {"rep": REP} | {name: PREFIXES[name] for name in (*named, "sh", "xsd")}
    written = ox.serialize(made, format=ox.RdfFormat.TURTLE, prefixes=prefixes) or b""
    lines = escaped(written.decode()).splitlines(keepends=True)
    declared = sorted(lines[: len(prefixes)])  # the serializer writes them in an order of its own
    return "".join([*declared, "\n", *lines[len(prefixes) :]])


def _is_plain(term: Any) -> bool:
    """Whether a term needs no escape where it is written with a prefix, in which Turtle has none."""
    return not isinstance(term, ox.NamedNode) or escaped(term.value) == term.value


def triples(content: Content) -> Iterator[ox.Triple]:
    """The triples of the report, in the order in which they are written."""
    findings = content.report.findings
    names = fingerprints(findings)
    node = f"{BASE}report/{_digest(content, names)}"
    yield _link(node, RDF_TYPE, SH + "ValidationReport")
    yield _said(node, SH + "conforms", not findings)
    yield _said(node, REP + "passes", content.report.conforms)
    for name, value in sorted(content.report.validated.items()):
        yield _said(node, REP + "validated", f"{name} {value}")
    for file in content.checked:
        yield _said(node, REP + "checked", f"{file.path} sha256:{file.digest.hex()}")
    for name in names:
        yield _link(node, SH + "result", f"{node}#{name}")
    terms = Terms(content.checked)
    for name, finding in zip(names, findings, strict=True):
        yield from _result(f"{node}#{name}", finding, terms)


def _digest(content: Content, names: list[str]) -> str:
    said = [*names, *(f"{name} {value}" for name, value in sorted(content.report.validated.items()))]
    said += [file.digest.hex() for file in content.checked]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:32]


def _result(node: str, finding: Finding, terms: Terms) -> Iterator[ox.Triple]:
    yield _link(node, RDF_TYPE, SH + "ValidationResult")
    yield _triple(node, SH + "focusNode", terms.focus(finding))
    if finding.path is not None:
        yield _triple(node, SH + "resultPath", terms.node(finding.path))
    if finding.value is not None:
        yield _triple(node, SH + "value", terms.value(finding))
    yield _link(node, SH + "resultSeverity", SH + finding.severity.label)
    yield _link(node, SH + "sourceConstraintComponent", _FAMILY.get(finding.component, SH + finding.component))
    if _ABSOLUTE.match(finding.shape):
        yield _link(node, SH + "sourceShape", finding.shape)
    elif finding.component == "CheckQuery":
        yield _said(node, REP + "query", finding.shape)
    yield from _worded(node, SH + "resultMessage", finding.message)
    yield _said(node, REP + "rule", finding.rule)
    yield from _worded(node, REP + "pathLabel", finding.path_label)
    yield from _worded(node, REP + "why", finding.why)
    for fix in finding.fixes:
        yield from _worded(node, REP + "fix", fix.message)
        if fix.replacement is not None:
            yield _said(node, REP + "replacement", fix.replacement)
    if finding.where is not None:
        yield from _place(node, finding.where)


def _place(node: str, where: Where) -> Iterator[ox.Triple]:
    yield _said(node, REP + "file", where.file)
    for name, value in (("sheet", where.sheet), ("cell", where.cell)):
        if value is not None:
            yield _said(node, REP + name, value)
    yield _said(node, REP + "line", where.line)
    yield _said(node, REP + "column", where.column)
    if where.end_line:
        yield _said(node, REP + "endLine", where.end_line)
        yield _said(node, REP + "endColumn", where.end_column)
    if where.text:
        yield _said(node, REP + "text", where.text)
    yield _said(node, REP + "locatedBy", where.located_by)


def _worded(node: str, predicate: str, texts: dict[str, str]) -> Iterator[ox.Triple]:
    for lang in sorted(texts):
        yield _triple(node, predicate, ox.Literal(texts[lang], language=lang))


def _link(node: str, predicate: str, to: str) -> ox.Triple:
    return _triple(node, predicate, ox.NamedNode(to))


def _said(node: str, predicate: str, value: str | int | bool) -> ox.Triple:
    return _triple(node, predicate, ox.Literal(value))


def _triple(node: str, predicate: str, value: Any) -> ox.Triple:
    return ox.Triple(ox.NamedNode(node), ox.NamedNode(predicate), value)


def _readable(file: Source) -> list[Any]:
    """The triples of a file; none of one that was refused, of which the report says so."""
    try:
        return parse.triples(file.data, file.path)
    except RrmError:
        return []


class Terms:
    """The terms behind the texts of findings: as the checked files wrote them, else as their form tells."""

    def __init__(self, files: tuple[Source, ...]) -> None:
        self.objects: dict[tuple[str, str, str], Any] = {}
        self.terms: dict[str, Any] = {}
        for file in files:
            for triple in _readable(file):
                subject, value = (str(getattr(term, "value", term)) for term in (triple.subject, triple.object))
                self.objects.setdefault((subject, triple.predicate.value, value), triple.object)
                self.terms.setdefault(subject, triple.subject)
                self.terms.setdefault(value, triple.object)

    def focus(self, finding: Finding) -> Any:
        """The focus node; the whole graph for a contradiction in it, which has none."""
        return self.node(finding.focus or WHOLE_GRAPH)

    def value(self, finding: Finding) -> Any:
        """The value of a finding, with its datatype or language where a checked file has it."""
        value = finding.value or ""
        written = self.objects.get((finding.focus, finding.path or "", value)) or self.terms.get(value)
        if written is not None:
            return written
        return ox.NamedNode(value) if _WEB.match(value) else ox.Literal(value)

    def node(self, text: str) -> Any:
        """An IRI or a blank node where a text has the form of one, else a literal."""
        written = self.terms.get(text)
        if written is not None:
            return written
        if _ABSOLUTE.match(text):
            return ox.NamedNode(text)
        return ox.BlankNode(text) if _LABEL.match(text) else ox.Literal(text)
