"""Work on files of strangers in processes that can be ended: without network, with limits and a deadline.

A process is forked while this one has a single thread, because a fork keeps the locks of all threads and only one of
them; else it is spawned, and then function and items must be known by name. gate.together and
memory.nearby start threads, and so does a store on disk: who wants forks starts the work first, and lets the function
open the kept store by itself.
"""

from __future__ import annotations

import contextlib
import faulthandler
import math
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

from rrm_kg.errors import RrmError

T = TypeVar("T")
R = TypeVar("R")
_TASKS: Final = Path("/proc/self/task")
_STATM: Final = Path("/proc/self/statm")
_START_SECONDS: Final = 60
_ANSWER_BYTES: Final = 200_000_000
_FILE_BYTES: Final = 16_000_000  # what a process may write into one file
_OPEN_FILES: Final = 256
_AHEAD: Final = 4  # items a job may be ahead of the answer that is waited for
_CLONE_NEWUSER: Final = 0x10000000  # of linux/sched.h
_CLONE_NEWNET: Final = 0x40000000
_NETWORK: Final = frozenset(
    f"socket.{call}"
    for call in ("connect", "bind", "sendto", "sendmsg", "getaddrinfo", "gethostbyname", "gethostbyaddr", "getnameinfo")
)


def each(
    function: Callable[[T], R],
    items: Iterable[T],
    *,
    jobs: int = 1,
    seconds: float = 30.0,
    memory: int = 2048,
    meanwhile: Callable[[], object] | None = None,
) -> Iterator[R | RrmError]:
    """What a function makes of each item, in their order, worked on in guarded processes; an error in its place.

    ``seconds`` is the time for one item, ``memory`` the megabytes that a process may take. The error is the RrmError
    that the function raised, E360 past the deadline, E361 for want of memory, E362 when the process broke down; it
    names the item, by its path where it has one. ``meanwhile`` is called once, before the first answer is waited for.
    """
    with contextlib.closing(_Crew(function, jobs, seconds, memory)) as crew:
        yield from crew.answers(iter(items), meanwhile)


class _Crew:
    """The processes that work for one call of each()."""

    def __init__(self, function: Callable[[Any], Any], jobs: int, seconds: float, memory: int) -> None:
        self.function = function
        self.jobs = max(1, jobs)
        self.seconds = seconds
        self.memory = memory
        self.children: list[_Child] = []

    def answers(self, items: Iterator[Any], meanwhile: Callable[[], object] | None = None) -> Iterator[Any]:
        done: dict[int, Any] = {}
        given = shown = 0
        more = True
        while more or shown < given:
            while more and given < shown + _AHEAD * self.jobs and (child := self._idle()):
                try:
                    item = next(items)
                except StopIteration:
                    more = False
                    break
                child.take(given, item)
                given += 1
            if shown in done:
                yield done.pop(shown)
                shown += 1
            elif shown < given:
                if meanwhile is not None:
                    meanwhile()
                    meanwhile = None
                self._gather(done)

    def close(self) -> None:
        while self.children:
            self.children.pop().end()

    def _idle(self) -> _Child | None:
        """A process without work, started if there is room for one more."""
        for child in self.children:
            if child.index is None:
                return child
        if len(self.children) == self.jobs:
            return None
        self.children.append(_start(self.function, self.seconds, self.memory, [c.pipe for c in self.children]))
        return self.children[-1]

    def _gather(self, done: dict[int, Any]) -> None:
        """Wait until a process answers, ends or is late, and take what it left."""
        busy = [child for child in self.children if child.index is not None]
        patience = min(child.deadline for child in busy) - time.monotonic()
        ready = wait([child.pipe for child in busy] + [child.process.sentinel for child in busy], max(patience, 0))
        for child in busy:
            index = child.index
            assert index is not None
            if child.pipe in ready or child.process.sentinel in ready:
                answer = child.answer()
            elif time.monotonic() >= child.deadline:
                answer = RrmError("E360", where=child.name, seconds=f"{self.seconds:g}")
            else:
                continue
            if answer is _READY:
                child.deadline = time.monotonic() + self.seconds
                continue
            if isinstance(answer, RrmError) and answer.code in ("E360", "E361", "E362"):
                child.end()
                self.children.remove(child)
            done[index] = answer
            child.index = None


_READY: Final = object()


@dataclass
class _Child:
    """A process, the pipe to it, and the item it works on."""

    process: BaseProcess
    pipe: Connection
    memory: int
    seconds: float
    started: bool = False
    index: int | None = None
    name: str = ""
    deadline: float = 0.0

    def take(self, index: int, item: Any) -> None:
        self.index = index
        self.name = str(getattr(item, "path", item))[:200]
        self.deadline = time.monotonic() + (self.seconds if self.started else _START_SECONDS)
        with contextlib.suppress(OSError):  # it has ended already: the answer says so
            self.pipe.send_bytes(pickle.dumps(item))

    def answer(self) -> Any:
        """What the process sent: that it is ready, a value or an error; E360 to E362 when it ended instead."""
        try:
            if not self.pipe.poll():
                raise EOFError
            said, value = pickle.loads(self.pipe.recv_bytes(_ANSWER_BYTES))
        except (EOFError, OSError, pickle.UnpicklingError):
            return self._ending()
        if said == "ready":
            self.started = True
            return _READY
        if said == "memory":
            return RrmError("E361", where=self.name, limit=self.memory)
        if said == "broken":
            return RrmError("E362", where=self.name, detail=value)
        return value

    def _ending(self) -> RrmError:
        """The error that the end of the process is."""
        self.process.join(5)
        code = self.process.exitcode
        if code == -_signal("SIGXCPU"):
            return RrmError("E360", where=self.name, seconds=f"{self.seconds:g}")
        if code == -_signal("SIGKILL"):  # not by us: the system had no memory left
            return RrmError("E361", where=self.name, limit=self.memory)
        detail = f"exit code {code}" if code is None or code >= 0 else signal.Signals(-code).name
        return RrmError("E362", where=self.name, detail=detail)

    def end(self) -> None:
        """End the process, and all that it started."""
        if self.process.pid is not None and self.process.exitcode is None:
            if hasattr(os, "killpg"):
                with contextlib.suppress(OSError):
                    os.killpg(self.process.pid, signal.SIGKILL)
            self.process.kill()
        self.process.join()
        self.pipe.close()
        self.process.close()


def _start(function: Callable[[Any], Any], seconds: float, memory: int, others: list[Connection]) -> _Child:
    forks = "fork" in multiprocessing.get_all_start_methods() and _threads() == 1
    context = multiprocessing.get_context("fork" if forks else "spawn")
    ours, theirs = context.Pipe()
    inherited = [ours, *others] if forks else []  # else the end of one process would go unnoticed by the others
    process = context.Process(  # type: ignore[attr-defined]
        target=_serve, args=(theirs, function, seconds, memory, inherited), daemon=True
    )
    process.start()
    theirs.close()
    return _Child(process, ours, memory, seconds)


def _threads() -> int:
    """How many threads this process has, those outside of Python included where the system tells."""
    try:
        return len(list(_TASKS.iterdir()))
    except OSError:
        return threading.active_count()


# In the process


def _serve(
    pipe: Connection, function: Callable[[Any], Any], seconds: float, memory: int, inherited: list[Connection]
) -> None:
    for other in inherited:
        other.close()
    guard(memory)
    pipe.send_bytes(pickle.dumps(("ready", None)))
    with contextlib.suppress(EOFError):
        while True:
            item = pickle.loads(pipe.recv_bytes())
            _limit_time(seconds)
            pipe.send_bytes(_worked(function, item))


def _worked(function: Callable[[Any], Any], item: Any) -> bytes:
    """The answer to an item, ready to be sent."""
    try:
        try:
            return pickle.dumps(("done", function(item)))
        except RrmError as error:
            return pickle.dumps(("done", error))
    except MemoryError:
        return pickle.dumps(("memory", None))
    except BaseException as error:  # whatever it is, it must not leave this process as anything else
        return pickle.dumps(("broken", f"{type(error).__name__}: {error}"[:500]))


def guard(memory: int) -> None:
    """Give this process a group of its own, limits, no network and no voice."""
    if hasattr(os, "setsid"):
        with contextlib.suppress(OSError):
            os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 (as long as it lives)
    faulthandler.disable()
    try:
        import resource
    except ImportError:
        pass
    else:
        _lower(resource.RLIMIT_AS, _address_space() + memory * 1_000_000)
        _lower(resource.RLIMIT_FSIZE, _FILE_BYTES)
        _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)
        _lower(resource.RLIMIT_CORE, 0)
    leave_network()


def leave_network() -> bool:
    """Take this process off the network for good; whether the system did it, and not only a trap in Python."""
    sys.addaudithook(_trap)
    if not sys.platform.startswith("linux"):
        return False
    import ctypes

    unshare = getattr(ctypes.CDLL(None, use_errno=True), "unshare", None)
    if unshare is None:
        return False
    flags = _CLONE_NEWNET if os.geteuid() == 0 else _CLONE_NEWUSER | _CLONE_NEWNET
    return bool(unshare(flags) == 0)


def _trap(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _NETWORK:
        _refuse(event)


def _refuse(event: str) -> NoReturn:
    raise PermissionError(f"{event}: this process has no network")


def _address_space() -> int:
    """The bytes of address space that this process has now; 0 where the system does not tell."""
    try:
        return int(_STATM.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0


def _limit_time(seconds: float) -> None:
    """Bound the processor time until the next item, for the case that nobody is left to watch the deadline."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    bound = math.ceil(used.ru_utime + used.ru_stime + (seconds + 1) * (os.cpu_count() or 1))
    _lower(resource.RLIMIT_CPU, bound, keep_hard=True)


def _lower(kind: int, bound: int, *, keep_hard: bool = False) -> None:
    """Set a limit of this process, never above what it has; a limit that the system refuses is left as it is."""
    import resource

    hard = resource.getrlimit(kind)[1]
    bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(kind, (bound, hard if keep_hard else bound))


def _signal(name: str) -> int:
    """The number of a signal; 0 where the system does not have it."""
    return int(getattr(signal, name, 0))
