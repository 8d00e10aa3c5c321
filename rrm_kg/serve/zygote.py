"""The process that holds the graph, and from which those are forked that work on it.

It has a single thread, so that a fork is safe, and memory that its children share until they write. It is asked over
a socket for one process at a time, and answers with the process id and the socket to it.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from rrm_kg import worker
from rrm_kg.errors import RrmError
from rrm_kg.serve import frames

Work = Callable[[dict[str, Any], bytes], tuple[dict[str, Any], bytes]]
_PR_SET_PDEATHSIG: Final = 1  # of linux/prctl.h


@dataclass(frozen=True)
class Zygote:
    """The process that holds the graph: its id, and the socket over which it is asked for others."""

    pid: int
    control: socket.socket

    def fork(self) -> tuple[int, socket.socket]:
        """A new process that works: its id and the socket to it. Blocks for some milliseconds. Raises EOFError."""
        try:
            self.control.sendall(b"f")
            said, descriptors, _, _ = socket.recv_fds(self.control, 32, 1)
        except OSError as error:
            raise EOFError from error
        if not descriptors:
            raise EOFError
        return int(said), socket.socket(fileno=descriptors[0])

    def close(self) -> None:
        """End it, and with it all processes that were forked from it."""
        self.control.close()
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            return


def start(load: Callable[[], Work], memory: int) -> Zygote:
    """A zygote that has loaded what ``load`` loads; its children take ``memory`` megabytes beyond that at most.

    ``load`` gives the function that the children call for each message. Call it while this process has one thread.
    Raises the RrmError that ``load`` raises, E408 when the process broke down.
    """
    ours, theirs = socket.socketpair()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        ours.close()
        _run(theirs, load, memory)
    theirs.close()
    try:
        head, _ = frames.receive(ours)
    except EOFError:
        os.waitpid(pid, 0)
        raise RrmError("E408") from None
    if "error" in head:
        os.waitpid(pid, 0)
        raise RrmError(head["error"], where=head["where"], **head["values"])
    return Zygote(pid, ours)


def _run(control: socket.socket, load: Callable[[], Work], memory: int) -> NoReturn:
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to end
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _die_with_parent()
        try:
            work = load()
        except RrmError as error:
            values = {name: str(value) for name, value in error.values.items()}
            control.sendall(frames.pack({"error": error.code, "where": error.where, "values": values}))
            os._exit(1)
        gc.collect()
        gc.freeze()  # or a child's collector would touch, and so copy, every page
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system clears the ended away
        control.sendall(frames.pack({"ready": True}))
        while control.recv(1):
            ours, theirs = socket.socketpair()
            pid = os.fork()
            if pid == 0:
                control.close()
                ours.close()
                _work(theirs, work, memory)
            theirs.close()
            socket.send_fds(control, [str(pid).encode()], [ours.fileno()])
            ours.close()
    finally:
        os._exit(0)


def _work(channel: socket.socket, work: Work, memory: int) -> NoReturn:
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _die_with_parent()
        worker.guard(memory)
        while True:
            head, body = frames.receive(channel)
            try:
                channel.sendall(frames.pack(*work(head, body)))
            except MemoryError:
                channel.sendall(frames.pack({"memory": True}))
                break
    except (EOFError, OSError):
        pass  # nobody asks any more
    finally:
        os._exit(0)


def _die_with_parent() -> None:
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def loaded_apart(load: Callable[[], tuple[dict[str, Any], bytes]]) -> tuple[dict[str, Any], bytes]:
    """What a function loads in a process of its own, so that the threads that it starts end with that process.

    Raises the RrmError that the function raises, E408 when the process broke down.
    """
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        try:
            _die_with_parent()
            try:
                head, body = load()
                theirs.sendall(frames.pack({"head": json.dumps(head)}, body))
            except RrmError as error:
                values = {name: str(value) for name, value in error.values.items()}
                theirs.sendall(frames.pack({"error": error.code, "where": error.where, "values": values}))
        finally:
            os._exit(0)
    theirs.close()
    try:
        head, body = frames.receive(ours)
    except EOFError:
        raise RrmError("E408") from None
    finally:
        ours.close()
        os.waitpid(pid, 0)
    if "error" in head:
        raise RrmError(head["error"], where=head["where"], **head["values"])
    return json.loads(head["head"]), body
