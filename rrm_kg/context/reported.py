"""What was found in a graph before a change: by check and thing, by file, and by the things that messages name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg.findings import Finding, Report
from rrm_kg.terms import shorten

Key = tuple[str, str]
"""A shape and a constraint component of it."""
_NAME: Final = re.compile(r"<id:[^<>]+>")


class Reported:
    """The findings of a report, each index of them made when it is first asked for."""

    def __init__(self, report: Report) -> None:
        self.findings = report.findings

    @cached_property
    def by_check(self) -> dict[Key, dict[Any, list[Finding]]]:
        """The findings of each check by the thing that they are about."""
        found: dict[Key, dict[Any, list[Finding]]] = defaultdict(lambda: defaultdict(list))
        for finding in self.findings:
            found[finding.shape, finding.component][_node(finding.focus)].append(finding)
        return found

    @property
    def contradictions(self) -> list[Finding]:
        """Those that are contradictions."""
        return [finding for found in self.by_check["owl-rl-contradiction", "owl-rl"].values() for finding in found]

    @cached_property
    def by_file(self) -> dict[str, list[Finding]]:
        """The findings in each file."""
        placed: dict[str, list[Finding]] = defaultdict(list)
        for finding in self.findings:
            if finding.where:
                placed[finding.where.file].append(finding)
        return placed

    @cached_property
    def _named(self) -> dict[str, list[Finding]]:
        """The findings whose message names a thing."""
        named: dict[str, list[Finding]] = defaultdict(list)
        for finding in self.findings:
            for name in set(_NAME.findall(finding.message["en"] + finding.message["es"])):
                named[name].append(finding)
        return named

    def naming(self, things: Iterable[Any]) -> dict[Key, set[Any]]:
        """Of each check, the things that it found something about in words that name one of these things."""
        naming: dict[Key, set[Any]] = defaultdict(set)
        for thing in set(things):
            for finding in self._named.get(f"<{shorten(thing.value)}>", ()):
                naming[finding.shape, finding.component].add(_node(finding.focus))
        return naming


def _node(name: str) -> ox.NamedNode | ox.BlankNode:
    return ox.NamedNode(name) if ":" in name else ox.BlankNode(name or "none")
