"""Load on a server of our own: ordinary clients that must be answered well, beside hostile ones.

``python tests/load.py --minutes 10`` prints the figures and ends with 1 if a line does not hold: no wrong or failed
answer for the ordinary ones, their 95th percentile below 3 s, memory growth below 5 %.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

import httpx2
from serving import graph_loader, serving

from rrm_kg import KnowledgeGraph, open_graph, questions

ORDINARY: Final = 64
HOSTILE: Final = 4
SECONDS: Final = 3.0  # that 95 of 100 answers may take at most
GROWTH: Final = 0.05
KEPT: Final = (
    200_000  # bytes of answers that stay: too few for all that is asked, so that queries go on being worked on
)
_SEED: Final = 20261122
_CROSS: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } # "
_SORTED: Final = "SELECT * { ?a ?b ?c . ?d ?b ?f } ORDER BY ?f ?a LIMIT 100000 # "
_HUGE: Final = "SELECT * { ?a ?b ?c . ?d ?e ?f } # "
_EXISTS: Final = "SELECT * { ?s ?p ?o " + "FILTER EXISTS { ?s ?p ?o " * 400 + "}" * 400 + "} # "
_BRACES: Final = "SELECT * " + "{" * 3000 + " # "
_SERVICE: Final = "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } } # "
_FROM: Final = "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o } # "
ATTACKS: Final = (_CROSS, _SORTED, _HUGE, _EXISTS, _BRACES, _SERVICE, _FROM)


@dataclass
class Figures:
    """What was measured: seconds of each good answer, what failed, memory at the start and at the end."""

    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    attacks: dict[int, int] = field(default_factory=dict)
    before: int = 0
    after: int = 0

    @property
    def slow(self) -> float:
        """The 95th percentile, in seconds."""
        return statistics.quantiles(self.seconds, n=20)[-1] if len(self.seconds) > 1 else 0.0

    @property
    def growth(self) -> float:
        """How much memory grew, as a part of what it was."""
        return self.after / self.before - 1

    def __str__(self) -> str:
        statuses = ", ".join(f"{count} × {status}" for status, count in sorted(self.attacks.items()))
        return (
            f"{ORDINARY} ordinary and {HOSTILE} hostile clients: {len(self.seconds)} good answers, "
            f"{len(self.failed)} wrong or failed, p95 {self.slow:.2f} s, memory {self.growth:+.1%}; attacks: {statuses}"
        )


def run(graph: KnowledgeGraph, folder: Path, seconds: float) -> Figures:
    """What ordinary clients get from a fresh server in so many seconds beside hostile ones."""
    expected = _expected(graph)
    figures = Figures()
    with serving(graph_loader(graph), folder, kept=KEPT) as client:
        asyncio.run(_all(client.address, expected, figures, seconds, client.pid))
    return figures


def _expected(graph: KnowledgeGraph) -> dict[str, int]:
    """Addresses that ordinary clients ask, with the number of rows of each answer."""
    cases = [row["case"] for row in graph.query("SELECT ?case { ?case a rrm:Dispute } ORDER BY ?case")]
    slugs = [str(case).rsplit("/", 1)[-1] for case in cases]
    found = {}
    for one in questions.catalogue(graph.sources.root):
        found[f"/api/questions/{one.id}"] = len(graph.ask(one.id))
    for slug in slugs[:20]:
        found[f"/api/questions/cq14?case={slug}"] = len(graph.ask("cq14", case=slug))
    for slug in slugs:
        sparql = f"SELECT ?record {{ ?record rrm:inDispute <https://w3id.org/rrm-kg/id/case/{slug}> }}"
        found[f"/sparql?query={quote(sparql)}"] = len(graph.query(sparql))
    return found


async def _all(address: str, expected: dict[str, int], figures: Figures, seconds: float, pid: int) -> None:
    limits = httpx2.Limits(max_connections=ORDINARY + HOSTILE)
    async with httpx2.AsyncClient(base_url=address, timeout=60, limits=limits) as http:
        for target in expected:  # what the first request brings does not count as growth, nor what is then kept
            await http.get(target, headers={"Accept": "application/json"})
        figures.before = _memory(pid)
        end = time.monotonic() + seconds
        ordinary = [_ordinary(http, expected, figures, end, number) for number in range(ORDINARY)]
        hostile = [_hostile(http, figures, end, number) for number in range(HOSTILE)]
        await asyncio.gather(*ordinary, *hostile)
        figures.after = _memory(pid)


async def _ordinary(
    http: httpx2.AsyncClient, expected: dict[str, int], figures: Figures, end: float, number: int
) -> None:
    chance = random.Random(_SEED + number)
    targets = sorted(expected)
    headers = {"Accept": "application/json", "X-Forwarded-For": f"10.0.1.{number}"}
    while time.monotonic() < end:
        target = chance.choice(targets)
        began = time.monotonic()
        try:
            answer = await http.get(target, headers=headers)
        except httpx2.HTTPError as error:
            figures.failed.append(f"{target}: {type(error).__name__}")
            continue
        if answer.status_code != 200:
            figures.failed.append(f"{target}: {answer.status_code}")
            continue
        tree = answer.json()
        rows = tree["rows"] if "rows" in tree else tree["results"]["bindings"]
        if len(rows) != expected[target]:
            figures.failed.append(f"{target}: {len(rows)} rows instead of {expected[target]}")
        figures.seconds.append(time.monotonic() - began)
        await asyncio.sleep(chance.uniform(0.2, 1.0))  # reading


async def _hostile(http: httpx2.AsyncClient, figures: Figures, end: float, number: int) -> None:
    count = 0
    while time.monotonic() < end:
        attack = ATTACKS[(count + number) % len(ATTACKS)] + str(count)
        count += 1
        try:
            answer = await http.post(
                "/sparql",
                content=attack,
                headers={"Content-Type": "application/sparql-query", "X-Forwarded-For": f"10.0.2.{number}"},
            )
            status = answer.status_code
        except httpx2.HTTPError:
            status = 0
        figures.attacks[status] = figures.attacks.get(status, 0) + 1
        await asyncio.sleep(0.05)


def _memory(pid: int) -> int:
    """The resident bytes of a process that are its own, of the server and the one that holds the graph."""
    total = 0
    for process in (pid, *_children(pid)):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                total += int(line.split()[1]) * 1024
    return total


def _children(pid: int) -> list[int]:
    """The process that holds the graph; not those forked from it, which come and go."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(one) for one in listed.read_text().split()] if listed.exists() else []


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10)
    with tempfile.TemporaryDirectory() as folder:
        figures = run(open_graph(), Path(folder), parser.parse_args().minutes * 60)
    sys.stdout.write(f"{figures}\n")
    for one in sorted(set(figures.failed))[:20]:
        sys.stdout.write(f"  {one}\n")
    sys.exit(bool(figures.failed) or figures.slow > SECONDS or figures.growth > GROWTH)


if __name__ == "__main__":
    main()
