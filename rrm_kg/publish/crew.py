"""The files of several parts of a release, made in processes beside each other.

A process is a fork of this one: it has the graph at once and hands back finished files. It holds no lock of this one,
writes nothing itself, and ends when this one does, however that ends. Where there is no fork, or other threads run,
whose locks a fork would keep for ever, the parts are made one after the other in this process.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import pickle
import signal
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Final

from rrm_kg.errors import RrmError
from rrm_kg.publish.site import File

Work = Callable[[], Iterable[File]]
_BATCH: Final = 1_000_000  # bytes that are handed over together


def made(works: Sequence[Work], jobs: int | None = None) -> Iterator[File]:
    """The files that some works make, those of each in its order, the works mixed.

    A process that is free takes the next work, so the longest should come first. ``jobs`` is the number of processes,
    by default that of the processors. Raises what a work raises, RrmError E404 when a process broke down.
    """
    jobs = min(len(works), jobs if jobs is not None else os.cpu_count() or 1)
    if jobs < 2 or threading.active_count() > 1 or "fork" not in multiprocessing.get_all_start_methods():
        for work in works:
            yield from work()
        return
    with contextlib.closing(_Crew(works, jobs)) as crew:
        yield from crew.files()


class _Crew:
    """The processes that make the files of one call."""

    def __init__(self, works: Sequence[Work], jobs: int) -> None:
        self.pipes: list[Connection] = []
        self.processes: list[BaseProcess] = []
        queue, fill = os.pipe()
        os.write(fill, bytes(range(len(works))))
        os.close(fill)
        # Nothing is ever written into this one: that it closes tells the processes that this one has ended.
        ended, self.alive = os.pipe()
        context = multiprocessing.get_context("fork")
        for _ in range(jobs):
            ours, theirs = context.Pipe(duplex=False)
            self.pipes.append(ours)
            process = context.Process(target=_serve, args=(works, theirs, queue, ended, self.alive, [*self.pipes]))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # of threads that an engine left, which rest
                process.start()
            theirs.close()
            self.processes.append(process)
        os.close(queue)
        os.close(ended)

    def files(self) -> Iterator[File]:
        open_ = list(self.pipes)
        while open_:
            for pipe in wait(open_):
                assert isinstance(pipe, Connection)
                try:
                    files, error = pickle.loads(pipe.recv_bytes())
                except EOFError:
                    raise RrmError("E404", detail="a process that makes pages ended") from None
                if error is not None:
                    raise error
                if not files:
                    open_.remove(pipe)
                yield from (File(path, data) for path, data in files)

    def close(self) -> None:
        os.close(self.alive)
        for process in self.processes:
            process.kill()
            process.join()
            process.close()
        for pipe in self.pipes:
            pipe.close()


# In a process


def _serve(
    works: Sequence[Work], pipe: Connection, queue: int, ended: int, alive: int, inherited: list[Connection]
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one that was asked answers for all
    os.close(alive)
    for other in inherited:
        other.close()
    threading.Thread(target=_follow, args=(ended,), daemon=True).start()
    gc.freeze()  # what is there already stays, and stays shared
    try:
        batch: list[tuple[str, bytes]] = []
        size = 0
        while number := os.read(queue, 1):
            for file in works[number[0]]():
                batch.append((file.path, file.data))
                size += len(file.data)
                if size > _BATCH:
                    pipe.send_bytes(pickle.dumps((batch, None)))
                    batch, size = [], 0
        if batch:
            pipe.send_bytes(pickle.dumps((batch, None)))
        pipe.send_bytes(pickle.dumps(([], None)))
    except Exception as error:
        with contextlib.suppress(OSError):  # nobody is left to be told
            pipe.send_bytes(_told(error))


def _told(error: Exception) -> bytes:
    """An error, ready to be sent; E404 with its words for one that cannot be."""
    with contextlib.suppress(Exception):
        data = pickle.dumps(([], error))
        pickle.loads(data)
        return data
    return pickle.dumps(([], RrmError("E404", detail=f"{type(error).__name__}: {error}"[:500])))


def _follow(ended: int) -> None:
    """End this process with the one that it is a fork of."""
    os.read(ended, 1)
    os._exit(1)
