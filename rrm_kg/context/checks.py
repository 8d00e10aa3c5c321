"""The queries of the gate, each with what it sees of the things that it is about and the finding that a row is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg import gate
from rrm_kg.context.plans import Plans
from rrm_kg.context.reported import Key
from rrm_kg.context.sights import Sight
from rrm_kg.finder import Finder
from rrm_kg.findings import Finding
from rrm_kg.prepared import Prepared
from rrm_kg.shacl import compile as compiler

_UNIQUE: Final = compiler.component("uniqueLang")


@dataclass(frozen=True, eq=False)
class Query:
    """A query: what it sees of the things it is about, and its rows about some, each with the thing."""

    sights: tuple[Sight, ...]
    rows: Callable[[ox.Store, Set[Any]], list[tuple[Any, Any]]]

    @cached_property
    def scans(self) -> bool:
        """Whether it looks through all triples of a store."""
        return any(str(pattern.predicate).startswith("?") for sight in self.sights for pattern in sight.own)


@dataclass(frozen=True, eq=False)
class Check:
    """One query of the gate, and the finding that a row of it is.

    ``brief`` is the query without the names that it looks up for its messages: it finds the same things.
    ``several`` is a property, how many values of it a thing has at least that is found, and whether in one language.
    """

    shape: str
    component: str
    query: Query
    brief: Query
    finding: Callable[[Any, Finder], Finding]
    several: tuple[ox.NamedNode, int, bool] | None = None

    @property
    def key(self) -> Key:
        """What its findings are reported by."""
        return self.shape, self.component


def of_shapes(prepared: Prepared, plans: Plans) -> Iterator[Check]:
    """The constraint components of the shapes."""
    known = prepared.shapes

    def finding(result: compiler.Result, finder: Finder) -> Finding:
        return gate.finding(result, known.get(result.shape), finder)

    for check, about, short in prepared.asked:

        def query(sparql: str, check: compiler.Check = check, about: str = about) -> Query:
            def rows(store: ox.Store, things: Set[Any]) -> list[tuple[Any, Any]]:
                found = compiler.run(replace(check, sparql=sparql), store, about[1:], things)
                return [(result.value if about == "?value" else result.focus, result) for result in found]

            return Query(plans.sights(sparql, about), rows)

        full = query(check.sparql)
        brief = full if short == check.sparql else query(short)
        several = None
        if check.least and isinstance(check.path, ox.NamedNode):
            several = check.path, check.least, check.component == _UNIQUE
        yield Check(check.shape.value, check.component, full, brief, finding, several)


def of_queries(root: Path, plans: Plans) -> Iterator[Check]:
    """The check queries."""
    for query in gate.check_queries(root):

        def rows(store: ox.Store, things: Set[Any], query: gate.CheckQuery = query) -> list[tuple[Any, Any]]:
            return [(row["focus"], row) for row in query.rows(store) if row.get("focus") in things]

        one = Query(plans.sights(query.query, "?focus"), rows)
        yield Check(f"queries/checks/{query.name}", "CheckQuery", one, one, query.finding)
