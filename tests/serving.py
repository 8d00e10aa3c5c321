"""The server in a process of its own, on loopback and a free port, with a client that takes answers as they are."""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyoxigraph as ox
from servers import free_port

from rrm_kg.pipeline import KnowledgeGraph
from rrm_kg.publish import pages
from rrm_kg.serve import work
from rrm_kg.serve.zygote import Work


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def kind(self) -> str:
        return self.headers.get("content-type", "").split(";")[0]

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Client:
    """Asks a server, one connection for each request; redirects are not followed."""

    port: int
    pid: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def request(
        self, method: str, target: str, headers: dict[str, str] | None = None, body: bytes = b"", timeout: float = 60
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in {**self.headers, **(headers or {})}.items():
                connection.putheader(name, value)
            if body or method == "POST":
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return Answer(answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def get(self, target: str, **headers: str) -> Answer:
        return self.request("GET", target, {name.replace("_", "-"): value for name, value in headers.items()})


def graph_loader(graph: KnowledgeGraph) -> Callable[[], Work]:
    """Loads a copy of a checked graph, as the server does, without opening it once more."""
    quads = ox.serialize(graph.store, format=ox.RdfFormat.N_QUADS) or b""

    def load() -> Work:
        store = ox.Store()
        store.extend(ox.parse(quads, format=ox.RdfFormat.N_QUADS))
        copy = KnowledgeGraph(graph.sources, store, graph.report, True)
        _ = copy.resident
        return lambda head, body: work.worked(copy, head, body)

    return load


def styled(folder: Path) -> Path:
    """A folder with the files that all pages share, as a release has them."""
    for one in pages.static():
        (folder / one.path).parent.mkdir(parents=True, exist_ok=True)
        (folder / one.path).write_bytes(one.data)
    return folder


@contextmanager
def serving(
    load: Callable[[], Work], folder: Path, *, processes: int = 2, seconds: float = 10.0, kept: int = 64_000_000
) -> Iterator[Client]:
    """A client of the application over a release folder and what a zygote loads; ``kept`` bytes of answers stay."""
    port = free_port()
    # A fresh process: one that was forked from the tests would have their threads' locks.
    context = multiprocessing.get_context("fork")
    process = context.Process(target=_serve, args=(load, folder, port, processes, seconds, kept))
    process.start()
    client = Client(port, process.pid or 0)
    try:
        for _ in range(600):
            try:
                client.get("/metrics")
                break
            except OSError:
                if not process.is_alive():
                    raise RuntimeError("the server ended") from None
                time.sleep(0.05)
        yield client
    finally:
        if process.pid is not None and process.is_alive():
            os.kill(process.pid, signal.SIGTERM)
        process.join(20)
        if process.is_alive():
            process.kill()


def _serve(load: Callable[[], Work], folder: Path, port: int, processes: int, seconds: float, kept: int) -> None:
    import uvicorn

    from rrm_kg.serve import app, zygote
    from rrm_kg.serve.kept import Kept
    from rrm_kg.serve.pool import Pool
    from rrm_kg.serve.resources import Release
    from rrm_kg.serve.service import Service

    held = zygote.start(load, 1024)
    ready = Service(Release(folder), folder.parent, Pool(held, processes, 256), seconds=seconds, kept=Kept(most=kept))
    uvicorn.run(app.create(ready), host="127.0.0.1", port=port, log_level="error", lifespan="on")
