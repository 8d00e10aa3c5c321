"""Answers over HTTP, ours beside rdflib-endpoint: requests a second and how long one takes, on the real graph.

``python -m benchmarks.http`` prints a table; ``--write`` also puts it into RESULTS.md and docs/performance.md.
Eight clients keep their connections and ask one after the other. They are threads of one process with plain sockets,
so that the client is the limit only past what it does for an answer of one byte, which is printed too. A query that is
*kept* is asked again and again, *distinct* ones differ in a comment. Answers are compared before times are.
"""

from __future__ import annotations

import argparse
import http.server
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pyoxigraph as ox

from benchmarks.report import between, machine
from rrm_kg import __version__, open_graph

CLIENTS: Final = 8
_ROOT: Final = Path(__file__).parents[1]
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


def _request(query: str, client: int) -> bytes:
    return (
        f"GET /sparql?query={quote(query)} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 10.0.0.{client}\r\n"
        "Accept: application/sparql-results+json\r\n\r\n"
    ).encode()


def _ask(connection: socket.socket, request: bytes) -> bytes:
    """The body of the answer. Raises RuntimeError for any status but 200."""
    connection.sendall(request)
    data = bytearray()
    while (end := data.find(b"\r\n\r\n")) < 0:
        part = connection.recv(65536)
        if not part:
            raise RuntimeError("the server closed the connection")
        data += part
    head = bytes(data[:end]).lower()
    if b" 200 " not in head[:16]:
        raise RuntimeError(bytes(data[:200]).decode(errors="replace"))
    length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
    while len(data) < end + 4 + length:
        data += connection.recv(65536)
    return bytes(data[end + 4 :])


def rate(port: int, query: Callable[[int], str], span: float) -> Rate:
    """What eight clients get in some seconds; ``query`` gives the query for each number."""
    times: list[float] = []
    numbers = iter(range(10**9))
    errors: list[BaseException] = []
    began = time.perf_counter()

    def work(client: int) -> None:
        try:
            connection = _connected(port)
            while time.perf_counter() - began < span:
                request = _request(query(next(numbers)), client)
                start = time.perf_counter()
                _ask(connection, request)
                times.append(time.perf_counter() - start)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, CLIENTS + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    took = time.perf_counter() - began
    return Rate(len(times) / took, statistics.median(times), statistics.quantiles(times, n=100)[-1])


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
                _ask(_connected(port), _request("ASK { }", 1))
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


def _most() -> float:
    """How many answers of one byte the clients take in a second from a server that does nothing."""

    class Nothing(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1")

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Nothing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found = rate(server.server_port, lambda number: "ASK { }", 3)
        server.shutdown()
    return found.a_second


def run(span: float) -> str:
    """The table, and above it what ran. Raises RuntimeError where the answers differ."""
    rates: dict[tuple[str, str, bool], Rate] = {}
    answers: dict[tuple[str, str], list[str]] = {}
    with tempfile.TemporaryDirectory() as place:
        quads = Path(place, "kg.nq")
        quads.write_bytes(ox.serialize(open_graph().store, format=ox.RdfFormat.N_QUADS) or b"")
        release = Path(place, "release")
        release.mkdir()
        (release / "MANIFEST.json").write_text("{}")
        servers = {
            "ours": (sys.executable, "-m", "rrm_kg", "serve", str(release), "--port", "{port}"),
            _PEER: (sys.executable, "-c", _SERVE, str(quads), "{port}"),
        }
        for name, command in servers.items():
            with _running(*command) as port:
                for kind, query in QUERIES.items():
                    answers[name, kind] = _rows(_ask(_connected(port), _request(query, 1)))
                    rates[name, kind, True] = rate(port, lambda number, query=query: query, span)
                    rates[name, kind, False] = rate(port, lambda number, query=query: f"{query} # {number}", span)
    for kind in QUERIES:
        if answers["ours", kind] != answers[_PEER, kind] or not answers["ours", kind]:
            raise RuntimeError(f"{kind}: the answers differ")
    lines = [
        f"{machine()}; rrm_kg {__version__}, {_PEER} {version(_PEER)}, rdflib {version('rdflib')}. {CLIENTS} clients, "
        f"{span:g} s each; for answers of one byte they do {_most():,.0f} a second.",
        "",
        "| query | asked | rows | ours, a second | median, p99 | rdflib-endpoint, a second | median, p99 | times | "
        "goal | p99, ours by theirs |",
        "|---|---|---:|---:|---|---:|---|---:|---:|---:|",
    ]
    for kind in QUERIES:
        for again in (True, False):
            own, other = rates["ours", kind, again], rates[_PEER, kind, again]
            lines.append(
                f"| {kind} | {'again (kept)' if again else 'distinct'} | {len(answers['ours', kind])} "
                f"| {own.a_second:,.0f} | {_milliseconds(own)} | {other.a_second:,.1f} | {_milliseconds(other)} "
                f"| {own.a_second / other.a_second:,.0f} | {_GOALS[kind, again]} | 1/{other.p99 / own.p99:,.0f} |"
            )
    return "\n".join(lines) + "\n"


def _milliseconds(found: Rate) -> str:
    return f"{found.median * 1000:,.1f}, {found.p99 * 1000:,.1f} ms"


def main() -> None:
    """Measure, print, and write where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8, help="how long each measurement lasts")
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
