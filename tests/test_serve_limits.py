"""What a server keeps and runs at a time is bounded, and a system that cannot run it is told so."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from serving import Client

from rrm_kg.errors import RrmError
from rrm_kg.serve import run, work, zygote
from rrm_kg.serve.kept import Kept

GIB = 1024**3
linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def test_short_answers_without_number_are_bounded_too() -> None:
    kept = Kept()
    for number in range(40_000):
        kept.put(f"{number:032x}", ({"status": 200}, b""))
    assert kept.get(f"{39_999:032x}") is not None
    assert kept.get(f"{0:032x}") is None
    assert kept.size <= 64_000_000


def test_what_goes_out_gives_back_what_it_took() -> None:
    kept = Kept()
    for number in range(200):
        kept.put(str(number), ({"media": "text/csv"}, b"x" * 999_000))
    assert 63_000_000 < kept.size <= 64_000_000


@pytest.mark.parametrize(("memory", "places"), [(1, 1), (2, 1), (4, 2), (8, 4), (16, 8), (256, 8)])
def test_hard_queries_take_half_of_the_memory_at_most(memory: int, places: int) -> None:
    assert run.slow_places(memory * GIB) == places


def test_a_system_without_fork_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delattr(os, "fork")
    with pytest.raises(RrmError) as refused:
        run.serve(tmp_path, None, "127.0.0.1", 0, None, lambda address: None)
    assert refused.value.code == "E390"


def test_a_port_that_another_server_waits_at_is_taken() -> None:
    with run._listen("127.0.0.1", 0) as first, pytest.raises(RrmError) as refused:
        run._listen("127.0.0.1", first.getsockname()[1])
    assert refused.value.code == "E387"


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


def _below(pid: int) -> set[int]:
    """The processes that a process started, and theirs."""
    found = {int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
    return found.union(*(_below(one) for one in found))


def _gone(processes: set[int], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while any(Path(f"/proc/{pid}").exists() for pid in processes) and time.monotonic() < end:
        time.sleep(0.05)
    return not any(Path(f"/proc/{pid}").exists() for pid in processes)


def _slowly(head: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    """Works on a query for as many seconds as it says."""
    if head["task"] == "health":
        return {"cases": 1}, b""
    time.sleep(float(body))
    return {"type": "text/plain", "truncated": False, "rows": 0, "download": ""}, b"done"


def _serve(folder: Path, said: Connection, linux: bool) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # as the command line does
    run._GRACE = 2  # type: ignore[misc]
    work.loader = lambda root, release: lambda: _slowly  # type: ignore[assignment]
    if not linux:
        zygote._die_with_parent = lambda: None
    run.serve(folder, None, "127.0.0.1", 0, 2, said.send)


@contextmanager
def _server(folder: Path, linux: bool = True) -> Iterator[tuple[BaseProcess, Client, set[int]]]:
    """A server as the command starts it, its client, and the processes below it."""
    (folder / "MANIFEST.json").write_text("{}")
    told, says = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(folder, says, linux))
    process.start()
    assert process.pid is not None
    processes: set[int] = set()
    try:
        assert told.poll(30)
        client = Client(int(told.recv().rstrip("/").rpartition(":")[2]), process.pid)
        assert client.get("/health").json()["cases"] == 1
        processes |= _below(process.pid)
        assert len(processes) >= 2  # the one that holds the graph, and one that answered
        yield process, client, processes
    finally:
        process.kill()
        process.join()
        for pid in processes:  # so that a test that fails leaves none either
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _sent(client: Client, request: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", client.port), timeout=30)
    connection.sendall(request.encode())
    return connection


def _working(client: Client, seconds: int, processes: set[int]) -> socket.socket:
    """The connection of a query that takes so long, once a process works on it."""
    connection = _sent(client, f"GET /sparql?query={seconds} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    time.sleep(0.5)
    processes |= _below(client.pid)
    return connection


@linux_only
@pytest.mark.parametrize("linux", [True, False], ids=["parent tells", "server tells"])
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_told_to_end_leaves_no_process(sign: signal.Signals, linux: bool, tmp_path: Path) -> None:
    """Neither a hard query nor a body that never comes keeps it, with or without what only Linux does for it."""
    with _server(tmp_path, linux) as (process, client, processes):
        body = _sent(
            client, "POST /api/check HTTP/1.1\r\nHost: a\r\nContent-Type: text/turtle\r\nContent-Length: 9\r\n\r\n"
        )
        with body, _working(client, 300, processes):
            os.kill(client.pid, sign)
            process.join(30)
            assert process.exitcode == -sign
        assert _gone(processes)


@linux_only
def test_a_server_that_is_killed_leaves_no_process(tmp_path: Path) -> None:
    with _server(tmp_path) as (process, client, processes), _working(client, 300, processes):
        process.kill()
        process.join(30)
        assert _gone(processes)


@linux_only
def test_a_query_that_runs_when_the_terminal_says_end_is_answered(tmp_path: Path) -> None:
    """The terminal tells all processes; those that work go on for the grace that open answers have."""
    with _server(tmp_path) as (process, client, processes), _working(client, 1, processes) as connection:
        for pid in (*processes, client.pid):
            os.kill(pid, signal.SIGINT)
        answer = b""
        while part := connection.recv(65536):
            answer += part
        assert answer.startswith(b"HTTP/1.1 200")
        assert answer.endswith(b"done")
        process.join(30)
        assert process.exitcode == -signal.SIGINT
        assert _gone(processes)
