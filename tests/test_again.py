"""A request that came before byte for byte is answered without its routes, and never with the answer to another."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.types import Message, Receive, Scope, Send

from rrm_kg.serve import run
from rrm_kg.serve.again import Again
from rrm_kg.serve.metrics import Metrics
from rrm_kg.serve.pool import Pool
from rrm_kg.serve.resources import Release
from rrm_kg.serve.service import Service
from rrm_kg.serve.zygote import Zygote

JSON = (b"accept", b"application/json")
CSV = (b"accept", b"text/csv")
ENGLISH = (b"accept-language", b"en")
SPANISH = (b"accept-language", b"es")


class Routes:
    """Routes that number their answers, and the answers as a client gets them through Again."""

    def __init__(self, status: int = 200, etag: bool = True, parts: int = 1) -> None:
        self.count = 0
        self.status = status
        self.headers = [(b"content-type", b"text/plain"), *([(b"etag", b'"x"')] if etag else [])]
        self.parts = parts
        ready = Service(Release(Path("r1")), Path(), Pool(cast(Zygote, None), 1, 1))
        self.again = Again(self.answer, ready, Metrics(ready))

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.count += 1
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        for number in range(self.parts):
            more = number + 1 < self.parts
            await send({"type": "http.response.body", "body": b"%d" % self.count, "more_body": more})

    def ask(self, path: str, query: bytes, *headers: tuple[bytes, bytes], method: str = "GET") -> Any:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": query}
        asyncio.run(self.again({**scope, "headers": list(headers)}, cast(Receive, None), send))
        assert sent[0]["headers"] == self.headers
        return sent[0]["status"], b"".join(message["body"] for message in sent[1:])


def test_the_same_request_is_answered_once() -> None:
    routes = Routes()
    assert [routes.ask("/sparql", b"query=a", JSON, ENGLISH) for _ in range(3)] == [(200, b"1")] * 3
    assert routes.again.ready.again.hits == 2
    assert routes.again.counted.text().count(b'rrm_kg_answers_total{path="sparql",status="200"} 2.0') == 1


@pytest.mark.parametrize(
    "other",
    [
        ("/sparql", b"query=b", JSON, ENGLISH),
        ("/sparql", b"query=a", CSV, ENGLISH),
        ("/sparql", b"query=a", JSON, SPANISH),
        ("/sparql", b"query=a", JSON),
        ("/sparql", b"query=a", JSON, CSV, ENGLISH),
        ("/api/questions/cq01", b"query=a", JSON, ENGLISH),
    ],
)
def test_what_chooses_an_answer_tells_requests_apart(other: Any) -> None:
    routes = Routes()
    assert routes.ask("/sparql", b"query=a", JSON, ENGLISH) == (200, b"1")
    assert routes.ask(*other) == (200, b"2")


def test_other_headers_do_not() -> None:
    routes = Routes()
    routes.ask("/sparql", b"query=a", JSON, (b"x-forwarded-for", b"10.0.0.1"))
    assert routes.ask("/sparql", b"query=a", (b"user-agent", b"curl"), JSON) == (200, b"1")


@pytest.mark.parametrize("routes", [Routes(status=400), Routes(status=503), Routes(etag=False), Routes(parts=2)])
def test_what_is_not_whole_and_certain_is_not_kept(routes: Routes) -> None:
    routes.ask("/sparql", b"query=a")
    routes.ask("/sparql", b"query=a")
    assert routes.count == 2


@pytest.mark.parametrize("method", ["HEAD", "POST", "OPTIONS"])
def test_only_a_get_is_answered_so(method: str) -> None:
    routes = Routes()
    routes.ask("/sparql", b"query=a")
    assert routes.ask("/sparql", b"query=a", method=method) == (200, b"2")


def test_a_condition_goes_on_to_the_routes() -> None:
    routes = Routes()
    routes.ask("/sparql", b"query=a")
    assert routes.ask("/sparql", b"query=a", (b"if-none-match", b'"x"')) == (200, b"2")


def test_pages_are_left_alone() -> None:
    routes = Routes()
    routes.ask("/ask/cq01.html", b"")
    assert routes.ask("/ask/cq01.html", b"") == (200, b"2")


def test_an_answer_leaves_at_once() -> None:
    """Head and body are two writes, which wait for each other unless the system is told not to."""

    async def delayed(listener: socket.socket) -> int:
        accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        async with await asyncio.start_server(answer, sock=listener):
            _, writer = await asyncio.open_connection(*listener.getsockname())
            try:
                return await accepted
            finally:
                writer.close()
                await writer.wait_closed()

    assert asyncio.run(delayed(run._listen("127.0.0.1", 0))) != 0
