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

_LENIENCE: Final = 3  # times the patience, for quick work on a machine that is busy
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
    slow: bool = False

    def slow_down(self) -> None:
        """Let every other process go first."""
        self.slow = True
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.pid, 19)

    def end(self) -> None:
        self.writer.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


@dataclass
class Pool:
    """``size`` processes for quick work at a time, ``slow`` for what takes longer, ``queue`` messages that may wait.

    Work that is not done after ``patience`` seconds gives its place among the quick to the next and goes on with the
    lowest priority, so that a few hard queries do not make everybody wait; where all slow places are taken it ends.
    """

    zygote: Zygote
    size: int
    queue: int
    slow: int = 8
    patience: float = 0.5
    waiting: int = 0
    slowed: int = 0
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
        async with self._place() as place, self._process() as process:
            try:
                async with asyncio.timeout(seconds):
                    process.writer.write(frames.pack(head, body))
                    await process.writer.drain()
                    answer = await self._answer(process, place)
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

    async def _answer(self, process: _Process, place: _Place) -> tuple[dict[str, Any], bytes]:
        reading = asyncio.ensure_future(frames.read(process.reader))
        try:
            done, _ = await asyncio.wait([reading], timeout=self.patience)
            if not done and self.slowed >= self.slow:
                done, _ = await asyncio.wait([reading], timeout=self.patience * _LENIENCE)
                if not done and self.slowed >= self.slow:
                    raise FullError
            if not done:
                self.slowed += 1
                place.leave()
                process.slow_down()
                try:
                    return await reading
                finally:
                    self.slowed -= 1
            return reading.result()
        finally:
            reading.cancel()

    @contextlib.asynccontextmanager
    async def _place(self) -> AsyncIterator[_Place]:
        if self._free.locked() and self.waiting >= self.queue:
            raise FullError
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        place = _Place(self._free)
        try:
            yield place
        finally:
            place.leave()

    @contextlib.asynccontextmanager
    async def _process(self) -> AsyncIterator[_Process]:
        """A process that has no work; it goes on living only when its work was done, and done quickly."""
        process = self._idle.pop() if self._idle else await self._fork()
        before = process.done
        try:
            yield process
        finally:
            # Also when the client has gone and the wait was cancelled: its query need not run to the end.
            if before < process.done < _LIVES and not process.slow:
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


@dataclass
class _Place:
    """A place among the quick, which can be left once."""

    free: asyncio.Semaphore
    left: bool = False

    def leave(self) -> None:
        if not self.left:
            self.left = True
            self.free.release()
