"""junit: a test suite for each file and a test case for each rule, as servers that run checks show them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby
from typing import Final
from xml.etree import ElementTree

from rrm_kg.findings import Finding, Severity
from rrm_kg.reports.content import Content, visible

_ROOT: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


def render(content: Content) -> str:
    """The report as JUnit XML: a Violation is a failure; a Warning or Info is the output of a case that passes.

    A file that was checked has a case for every rule known, so that what it passes is seen too.
    """
    by_file: dict[str, list[Finding]] = {file.path: [] for file in content.checked}
    for finding in content.report.findings:
        by_file.setdefault(finding.where.file if finding.where else "", []).append(finding)
    known = {shape.rule for shape in content.shapes.values()}
    checked = {file.path for file in content.checked}
    whole = ElementTree.Element("testsuites", name="rrm-kg")
    suites = []
    for file, findings in sorted(by_file.items() if by_file else [("", [])]):
        rules = known if file in checked or not by_file else set()
        suites.append(_suite(content, file, findings, rules))
    for count in ("tests", "failures", "errors"):
        whole.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    whole.extend(suites)
    ElementTree.indent(whole)
    return _ROOT + ElementTree.tostring(whole, encoding="unicode") + "\n"


def _suite(content: Content, file: str, findings: Sequence[Finding], known: set[str]) -> ElementTree.Element:
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_rule[finding.rule].append(finding)
    rules = sorted(known | by_rule.keys())
    name = visible(file) or content.say("report-graph")
    failing = sum(any(f.severity is Severity.VIOLATION for f in some) for some in by_rule.values())
    counts = {"tests": len(rules), "failures": failing, "errors": 0, "skipped": 0}
    suite = ElementTree.Element("testsuite", {"name": name} | {key: str(value) for key, value in counts.items()})
    properties = ElementTree.SubElement(suite, "properties")
    for key, value in content.validated():
        ElementTree.SubElement(properties, "property", name=key, value=value)
    for rule in rules:
        suite.append(_case(content, name, rule, by_rule[rule]))
    return suite


def _case(content: Content, file: str, rule: str, findings: Sequence[Finding]) -> ElementTree.Element:
    case = ElementTree.Element("testcase", classname=file, name=visible(rule), time="0")
    for violations, some in groupby(findings, lambda finding: finding.severity is Severity.VIOLATION):
        same = list(some)
        if violations:
            message = visible(same[0].message[content.lang])
            words = message if len(same) == 1 else content.say("report-and-more", message=message, count=len(same) - 1)
            ElementTree.SubElement(case, "failure", type="Violation", message=words).text = _texts(content, same)
        else:
            ElementTree.SubElement(case, "system-out").text = _texts(content, same)
    return case


def _texts(content: Content, findings: Sequence[Finding]) -> str:
    return "\n".join(_text(content, finding) for finding in findings)


def _text(content: Content, finding: Finding) -> str:
    lang = content.lang
    head = f"{content.place(finding)}: {content.say(finding.severity.label)}"
    words = [finding.message[lang], finding.why.get(lang, ""), *(fix.message[lang] for fix in finding.fixes)]
    return f"{head}: {' '.join(visible(part) for part in words if part)}"
