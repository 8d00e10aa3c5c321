"""Steps, time limits and the outlines of recorded cases, and the days on which a case's steps can fall.

All of it is read from ontology/mechanisms/ and data/cases/: a synthetic case follows a mechanism as a real one does.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg.terms import BASE, CODE, RRM, SKOS

LAST_DAY: Final = date(2026, 11, 20)
FIRST_DAY: Final = date(2021, 3, 1)
_PREFIXES: Final = f"PREFIX rrm: <{RRM}> PREFIX skos: <{SKOS}>\n"
_CASES: Final = BASE + "graph/cases/"
# Rule R13: liquidation is suspended after the whole stage of the request, a refusal of the review included.
_AFTER_STAGE: Final = {CODE + "step-us/liquidation-suspended": CODE + "stage/state-request"}
_DAYS: Final = {"D": 1, "M": 30, "Y": 365}


@dataclass(frozen=True)
class Step:
    """A step type: its place in the sequence, the steps it presupposes, the stage it enters and its two names."""

    iri: str
    order: int
    before: frozenset[str]
    stage: str | None
    names: tuple[str, str]


@dataclass(frozen=True)
class Limit:
    """A time limit in days: a deadline (``longest``) or a waiting period (``shortest``) between steps."""

    start: str
    ends: frozenset[str]
    longest: int | None
    shortest: int | None
    proxy: bool


@dataclass(frozen=True)
class Mechanism:
    """A mechanism with its own steps and those of the mechanisms that interlock with it."""

    iri: str
    parties: tuple[str, ...]
    of_facilities: bool
    steps: dict[str, Step]
    limits: tuple[Limit, ...]


@dataclass(frozen=True)
class Outline:
    """What one recorded case consists of: steps, roles held, records of each class, documents cited."""

    mechanism: str
    steps: tuple[str, ...]
    roles: tuple[str, ...]
    counts: dict[str, int]
    documents: int


def rows(store: ox.Store, query: str) -> list[dict[str, str]]:
    """The solutions of a query as texts, in a fixed order."""
    found = store.query(_PREFIXES + query, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    names = [v.value for v in found.variables]
    table = [{name: row[name].value for name in names if row[name] is not None} for row in found]
    return sorted(table, key=lambda row: [row.get(name, "") for name in names])


def mechanisms(store: ox.Store) -> dict[str, Mechanism]:
    """The mechanisms of the ontology by IRI."""
    near: dict[str, set[str]] = {}
    for row in rows(
        store,
        "SELECT ?m ?n { ?m a rrm:Mechanism ; (rrm:interlocksWith|^rrm:interlocksWith)? ?n }",
    ):
        near.setdefault(row["m"], set()).add(row["n"])
    parties = rows(store, "SELECT ?m ?p { ?m a rrm:Mechanism ; rrm:party ?p }")
    facilities = {
        row["m"]
        for row in rows(store, "SELECT ?m { ?m rrm:examines <https://w3id.org/rrm-kg/code/subject-kind/facility> }")
    }
    steps, limits = _steps(store), _limits(store)
    return {
        iri: Mechanism(
            iri,
            tuple(row["p"] for row in parties if row["m"] == iri),
            iri in facilities,
            {step.iri: step for owner in sorted(around) for step in steps.get(owner, ())},
            tuple(limit for owner in sorted(around) for limit in limits.get(owner, ())),
        )
        for iri, around in sorted(near.items())
    }


def _steps(store: ox.Store) -> dict[str, list[Step]]:
    before: dict[str, set[str]] = {}
    for row in rows(store, "SELECT ?s ?b { ?s rrm:precededBy ?b }"):
        before.setdefault(row["s"], set()).add(row["b"])
    found: dict[str, list[Step]] = {}
    for row in rows(
        store,
        """SELECT ?m ?s ?order ?stage ?en ?es {
          ?m rrm:stepScheme ?scheme . ?s skos:inScheme ?scheme ; rrm:order ?order ; skos:prefLabel ?en , ?es .
          FILTER(LANG(?en) = "en" && LANG(?es) = "es")
          OPTIONAL { ?s rrm:entersStage ?stage } }""",
    ):
        step = Step(
            row["s"], int(row["order"]), frozenset(before.get(row["s"], ())), row.get("stage"), (row["en"], row["es"])
        )
        found.setdefault(row["m"], []).append(step)
    return found


def _limits(store: ox.Store) -> dict[str, list[Limit]]:
    merged: dict[str, tuple[dict[str, str], set[str]]] = {}
    for row in rows(
        store,
        """SELECT ?limit ?m ?from ?to ?kind ?length ?proxy {
          ?limit rrm:ofMechanism ?m ; rrm:fromStep ?from ; rrm:toStep ?to .
          ?limit rrm:boundKind ?kind ; rrm:duration ?written .
          OPTIONAL { ?limit rrm:calendarUpperBound ?upper }
          OPTIONAL { ?limit rrm:proxyFor ?proxy }
          BIND(STR(COALESCE(?upper, ?written)) AS ?length) }""",
    ):
        merged.setdefault(row["limit"], (row, set()))[1].add(row["to"])
    found: dict[str, list[Limit]] = {}
    for row, ends in merged.values():
        days = int(row["length"][1:-1]) * _DAYS[row["length"][-1]]
        deadline = row["kind"].endswith("/maximum")
        limit = Limit(
            row["from"],
            frozenset(ends),
            days if deadline else None,
            None if deadline else days + days // 30,
            "proxy" in row,
        )
        found.setdefault(row["m"], []).append(limit)
    return found


def outlines(store: ox.Store) -> tuple[Outline, ...]:
    """The outlines of the recorded cases, in the order of their graphs."""
    by_case: dict[str, dict[str, Any]] = {}
    for row in rows(
        store,
        f"SELECT ?g ?m {{ GRAPH ?g {{ ?c a rrm:Dispute ; rrm:mechanism ?m }} FILTER(STRSTARTS(STR(?g), '{_CASES}')) }}",
    ):
        by_case[row["g"]] = {"mechanism": row["m"], "steps": [], "roles": [], "counts": {}, "documents": 0}
    for row in rows(store, "SELECT ?g ?e ?s { GRAPH ?g { ?e a rrm:ProcedureEvent ; rrm:step ?s } }"):
        by_case[row["g"]]["steps"].append(row["s"])
    for row in rows(store, "SELECT ?g ?p ?r { GRAPH ?g { ?p a rrm:Participation ; rrm:role ?r } }"):
        by_case[row["g"]]["roles"].append(row["r"].rsplit("/", 1)[-1])
    for row in rows(store, "SELECT ?g ?t (COUNT(?x) AS ?n) { GRAPH ?g { ?x a ?t } } GROUP BY ?g ?t"):
        if row["g"] in by_case and row["t"].startswith(RRM):
            by_case[row["g"]]["counts"][row["t"].removeprefix(RRM)] = int(row["n"])
    for row in rows(
        store, "SELECT ?g (COUNT(DISTINCT ?d) AS ?n) { GRAPH ?g { ?x a rrm:Evidence ; rrm:document ?d } } GROUP BY ?g"
    ):
        if row["g"] in by_case:
            by_case[row["g"]]["documents"] = int(row["n"])
    return tuple(
        Outline(one["mechanism"], tuple(one["steps"]), tuple(sorted(one["roles"])), one["counts"], one["documents"])
        for _, one in sorted(by_case.items())
    )


def path(mechanism: Mechanism, outline: Outline, chance: random.Random) -> list[Step]:
    """The steps of a case in legal order: those of the outline, now and then with one more that they allow."""
    chosen = [mechanism.steps[iri] for iri in outline.steps if iri in mechanism.steps]
    there = {step.iri for step in chosen}
    if chance.random() < 0.25:
        silent = [s for s in mechanism.steps.values() if s.stage is None and s.iri not in there and s.before <= there]
        chosen += chance.sample(silent, min(1, len(silent)))
    return _in_order(chosen)


def _in_order(steps: Iterable[Step]) -> list[Step]:
    """Steps by their place in the sequence, none before one that it presupposes."""
    waiting = sorted(steps, key=lambda step: (step.order, step.iri))
    ordered: list[Step] = []
    while waiting:
        ahead = {step.iri for step in waiting}
        stages = {step.stage for step in waiting}
        ready = (s for s in waiting if not (s.before & ahead - {s.iri}) and _AFTER_STAGE.get(s.iri, "") not in stages)
        following = next(ready, waiting[0])
        waiting.remove(following)
        ordered.append(following)
    return ordered


def days(mechanism: Mechanism, steps: Sequence[Step], chance: random.Random, late: float) -> list[date]:
    """A day for each step: after what it presupposes, within the time limits but for a share ``late`` of cases."""
    overrun = chance.random() < late
    on: list[date] = []
    for place, step in enumerate(steps):
        if not on:
            on.append(FIRST_DAY + timedelta(chance.randrange(1300)))
            continue
        fallen = {earlier.iri: day for earlier, day in zip(steps[:place], on, strict=True)}
        least = max((fallen[b] for b in step.before if b in fallen), default=on[0])
        running = [limit for limit in mechanism.limits if limit.start in fallen and step.iri in limit.ends]
        for limit in running:
            if limit.shortest is not None:
                least = max(least, fallen[limit.start] + timedelta(limit.shortest))
        day = max(least, *on) + timedelta(1 + int(chance.expovariate(1 / 12)))
        ends = [fallen[x.start] + timedelta(x.longest) for x in running if x.longest is not None and not x.proxy]
        if ends and day > min(ends):
            day = max(least, min(ends) - timedelta(chance.randrange(3)))
        if ends and overrun:
            day, overrun = max(least, min(ends)) + timedelta(chance.randint(3, 20)), False
        on.append(day)
    excess = max(max(on) - LAST_DAY, timedelta())
    return [day - excess for day in on]
