"""The processes that work: so many at a time, each for one message, ended when it is late, and replaced."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

from rrm_kg.serve import frames
from rrm_kg.serve.zygote import Zygote

_LIVES: Final = 500  # messages that one process works on before a fresh one takes its place


class FullError(Exception):
    """So many wait already that nobody else may."""


class LateError(Exception):
    """The work was not done by the deadline; its process was ended."""


class BrokenError(Exception):
    """The process ended at its work, or ran out of memory."""


@dataclass
class _Process:
    pid: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    done: int = 0

    def end(self) -> None:
        self.writer.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


@dataclass
class Pool:
    """``size`` processes at a time, and ``queue`` messages that may wait for one of them."""

    zygote: Zygote
    size: int
    queue: int
    waiting: int = 0
    killed: int = 0
    broken: int = 0
    _idle: list[_Process] = field(default_factory=list)
    _free: asyncio.Semaphore = field(init=False)
    _forking: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self._free = asyncio.Semaphore(self.size)

    async def run(self, head: dict[str, Any], body: bytes, seconds: float) -> tuple[dict[str, Any], bytes]:
        """The answer of a process to a message, within so many seconds from the time that it has one.

        Raises FullError, LateError, BrokenError.
        """
        async with self._place(), self._process() as process:
            try:
                async with asyncio.timeout(seconds):
                    process.writer.write(frames.pack(head, body))
                    await process.writer.drain()
                    answer = await frames.read(process.reader)
            except TimeoutError:
                self.killed += 1
                raise LateError from None
            except (EOFError, ConnectionError):
                self.broken += 1
                raise BrokenError from None
            if answer[0].get("memory"):
                self.broken += 1
                raise BrokenError
            process.done += 1
            return answer

    @contextlib.asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        if self._free.locked() and self.waiting >= self.queue:
            raise FullError
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        try:
            yield
        finally:
            self._free.release()

    @contextlib.asynccontextmanager
    async def _process(self) -> AsyncIterator[_Process]:
        """A process that has no work; it goes on living only when its work was done."""
        process = self._idle.pop() if self._idle else await self._fork()
        before = process.done
        try:
            yield process
        finally:
            # Also when the client has gone and the wait was cancelled: its query need not run to the end.
            if process.done > before and process.done < _LIVES:
                self._idle.append(process)
            else:
                process.end()

    async def _fork(self) -> _Process:
        try:
            async with self._forking:
                pid, channel = await asyncio.to_thread(self.zygote.fork)
        except EOFError:
            self.broken += 1
            raise BrokenError from None
        reader, writer = await asyncio.open_connection(sock=channel)
        return _Process(pid, reader, writer)

    def close(self) -> None:
        """End all processes."""
        while self._idle:
            self._idle.pop().end()
        self.zygote.close()
