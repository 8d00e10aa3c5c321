"""Answers over HTTP, ours beside rdflib-endpoint: requests a second and how long one takes, on the real graph.

``python -m benchmarks.http`` prints a table; ``--write`` also puts it into RESULTS.md and docs/performance.md.
Eight clients keep their connections; each asks again when it is answered. They are sockets in one loop over epoll,
which is the limit only near what it does with answers of one byte from a server that does nothing, printed too. A query
that is *kept* is asked again and again, *distinct* ones differ in a comment. Answers are compared before times are.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import select
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pyoxigraph as ox

from benchmarks.report import between, machine
from rrm_kg import __version__, open_graph

CLIENTS: Final = 8
ROUNDS: Final = 3
_ROOT: Final = Path(__file__).parents[1]
_OURS: Final = "ours"
_PEER: Final = "rdflib-endpoint"
_PREFIX: Final = "PREFIX rrm: <https://w3id.org/rrm-kg/ontology#> "
_CASE: Final = "<https://w3id.org/rrm-kg/id/case/atento>"
QUERIES: Final = {
    "lookup": f"SELECT DISTINCT ?p ?o WHERE {{ {_CASE} ?p ?o }}",
    "star join": f"{_PREFIX}SELECT DISTINCT ?act ?step ?day ?source ?quote WHERE {{ ?act rrm:inDispute {_CASE} ; "
    "rrm:step ?step ; rrm:latest ?day ; rrm:evidence ?passage . ?passage rrm:document ?source ; rrm:quote ?quote }",
}
_GOALS: Final = {("lookup", True): 40, ("star join", True): 400, ("lookup", False): 10, ("star join", False): 25}
_SERVE: Final = """
import sys, uvicorn
from rdflib import Dataset
from rdflib_endpoint import SparqlEndpoint
graph = Dataset(default_union=True)
graph.parse(sys.argv[1], format="nquads")
uvicorn.run(SparqlEndpoint(graph=graph, path="/sparql"), port=int(sys.argv[2]), log_level="error", access_log=False)
"""
_NOTHING: Final = """
import asyncio, sys
class Nothing(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
    def data_received(self, data):
        self.transport.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 1\\r\\n\\r\\n1")
async def main():
    server = await asyncio.get_running_loop().create_server(Nothing, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()
import uvloop
uvloop.run(main())
"""
_LENGTH: Final = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_MOST: Final = 1 << 20  # bytes taken at a time


@dataclass(frozen=True)
class Rate:
    """What clients got: answers a second, and how many seconds 50 and 99 of 100 answers took at most."""

    a_second: float
    median: float
    p99: float


def _connected(port: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=120)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def _target(query: str) -> str:
    return f"/sparql?query={quote(query)}"


def _request(target: str, client: int = 1) -> bytes:
    return (
        f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 10.0.0.{client}\r\n"
        "Accept: application/sparql-results+json\r\n\r\n"
    ).encode()


def _body(data: bytes) -> bytes | None:
    """The body of an answer once all of it is there. Raises RuntimeError for any status but 200."""
    head, mark, body = data.partition(b"\r\n\r\n")
    if not mark:
        return None
    length = _LENGTH.search(head)
    if not head.startswith(b"HTTP/1.1 200") or length is None:
        raise RuntimeError(data[:200].decode(errors="replace"))
    return body if len(body) >= int(length[1]) else None


def _ask(connection: socket.socket, request: bytes) -> bytes:
    """The body of the answer. Raises RuntimeError for any status but 200, and where the connection ends."""
    connection.sendall(request)
    data = b""
    while (body := _body(data)) is None:
        part = connection.recv(_MOST)
        if not part:
            raise RuntimeError("the server closed the connection")
        data += part
    return body


def rate(port: int, target: Callable[[], str], span: float) -> Rate:
    """What eight clients get in some seconds; ``target`` gives what is asked next."""
    times: list[float] = []
    poll = select.epoll()
    clients: dict[int, _Waiting] = {}
    for number in range(1, CLIENTS + 1):
        connection = _connected(port)
        clients[connection.fileno()] = _Waiting(connection, number)
        poll.register(connection, select.EPOLLIN)
    now = began = time.perf_counter()
    for one in clients.values():
        one.ask(target(), now)
    while now - began < span:
        for descriptor, _ in poll.poll(120):
            one = clients[descriptor]
            part = one.connection.recv(_MOST)
            if not part:
                raise RuntimeError("the server closed the connection")
            one.data += part
            if _body(one.data) is not None:
                now = time.perf_counter()
                times.append(now - one.since)
                one.ask(target(), now)
    for one in clients.values():
        one.connection.close()
    poll.close()
    return Rate(len(times) / (now - began), statistics.median(times), statistics.quantiles(times, n=100)[-1])


@dataclass
class _Waiting:
    """A client: its connection, what it has of an answer, and since when it waits."""

    connection: socket.socket
    number: int
    data: bytes = b""
    since: float = 0.0

    def ask(self, target: str, now: float) -> None:
        self.data, self.since = b"", now
        self.connection.sendall(_request(target, self.number))


@contextmanager
def _running(*command: str) -> Iterator[int]:
    """The port of a server in a process of its own, once it answers; it is ended by its process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    environment = os.environ | {"PYTHONPATH": str(_ROOT)}
    process = subprocess.Popen([*command[:-1], command[-1].format(port=port)], env=environment)
    try:
        end = time.monotonic() + 300
        while True:
            try:
                _ask(_connected(port), _request(_target("ASK { }")))
                break
            except (OSError, RuntimeError):
                if process.poll() is not None or time.monotonic() > end:
                    raise
                time.sleep(0.3)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _rows(answer: bytes) -> list[str]:
    tree: Any = json.loads(answer)
    return sorted(json.dumps(row, sort_keys=True) for row in tree["results"]["bindings"])


def _limit() -> float:
    """How many answers of one byte the clients take in a second from a server that does nothing."""
    with _running(sys.executable, "-c", _NOTHING, "{port}") as port:
        return rate(port, lambda: "/", 3).a_second


def run(span: float) -> str:
    """The table, and above it what ran. Raises RuntimeError where the answers differ."""
    with tempfile.TemporaryDirectory() as place, ExitStack() as running:
        quads, release = Path(place, "kg.nq"), Path(place, "release")
        quads.write_bytes(ox.serialize(open_graph().store, format=ox.RdfFormat.N_QUADS) or b"")
        release.mkdir()
        (release / "MANIFEST.json").write_text("{}")
        ports = {
            name: running.enter_context(_running(*command))
            for name, command in (
                (_OURS, (sys.executable, "-m", "rrm_kg", "serve", str(release), "--port", "{port}")),
                (_PEER, (sys.executable, "-c", _SERVE, str(quads), "{port}")),
            )
        }
        lines = [line for kind in QUERIES for line in _compared(ports, kind, span)]
        done = _limit()
    return "\n".join(
        [
            f"{machine()}; rrm_kg {__version__}, {_PEER} {version(_PEER)}, rdflib {version('rdflib')}, uvicorn "
            f"{version('uvicorn')} with uvloop and httptools for both. {CLIENTS} clients, median of {ROUNDS} turns of "
            f"{span:g} s; with answers of one byte from a server that does nothing they do {done:,.0f} a second.",
            "",
            "| | query | asked | rows | ours, a second | median, p99 | rdflib-endpoint, a second | median, p99 | times "
            "faster | goal | p99, ours / theirs | goal | met |",
            "|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|",
            *lines,
            "",
        ]
    )


def _compared(ports: Mapping[str, int], kind: str, span: float) -> Iterator[str]:
    """Two rows of the table: a query that is kept, and distinct ones. Raises RuntimeError where the answers differ."""
    target = _target(QUERIES[kind])
    rows = {name: _rows(_ask(_connected(port), _request(target))) for name, port in ports.items()}
    if rows[_OURS] != rows[_PEER] or not rows[_OURS]:
        raise RuntimeError(f"{kind}: the answers differ")
    numbers = count()
    for again in (True, False):
        turns: dict[str, list[Rate]] = {name: [] for name in ports}
        for _ in range(ROUNDS):
            for name, port in ports.items():
                asked = (lambda: target) if again else (lambda: f"{target}%23{next(numbers)}")
                turns[name].append(rate(port, asked, span))
        own, other = _middle(turns[_OURS]), _middle(turns[_PEER])
        times, late, goal = own.a_second / other.a_second, own.p99 / other.p99, _GOALS[kind, again]
        yield (
            f"| 7 | {kind} | {'again (kept)' if again else 'distinct'} | {len(rows[_OURS])} | {own.a_second:,.0f} "
            f"| {_milliseconds(own)} | {other.a_second:,.0f} | {_milliseconds(other)} | {times:,.0f} | {goal} "
            f"| 1/{1 / late:,.0f} | 1/6 | {_met(times >= goal, late <= 1 / 6)} |"
        )


def _middle(turns: Sequence[Rate]) -> Rate:
    """The median of each figure."""
    return Rate(*(statistics.median(figures) for figures in zip(*map(astuple, turns), strict=True)))


def _met(rate: bool, p99: bool) -> str:
    return "yes" if rate and p99 else "no" if not rate and not p99 else "rate" if rate else "p99"


def _milliseconds(found: Rate) -> str:
    return f"{found.median * 1000:,.1f}, {found.p99 * 1000:,.1f} ms"


def main() -> None:
    """Measure, print, and write where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="how long each turn lasts")
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md and docs/performance.md")
    arguments = parser.parse_args()
    found = run(arguments.seconds)
    sys.stdout.write(f"{found}\n")
    if arguments.write:
        for path in (_ROOT / "benchmarks/RESULTS.md", _ROOT / "docs/performance.md"):
            text = path.read_text(encoding="utf-8")
            path.write_text(between(text, found, "http"), encoding="utf-8")


if __name__ == "__main__":
    main()
