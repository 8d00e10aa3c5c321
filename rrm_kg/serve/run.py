"""Start the server: the graph in its zygote first, while this process has one thread, then HTTP."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import uvicorn

from rrm_kg import safety
from rrm_kg.errors import RrmError, reason
from rrm_kg.serve import app, service, work, zygote
from rrm_kg.serve.pool import Pool
from rrm_kg.serve.resources import Release

_QUEUE: Final = 256
_SLOW: Final = 8  # hard queries at a time, where memory allows
_GRACE: Final = 5  # seconds that open answers get when the server ends


def serve(
    folder: Path,
    root: Path | None,
    host: str,
    port: int,
    processes: int | None,
    say: Callable[[str], None],
) -> None:
    """Answer over HTTP until the process is told to end. ``say`` is given the address once it answers.

    ``folder`` is one that ``publish`` made. Raises RrmError E386 when it holds no release, E387 when host and port
    cannot be had, E390 where the system cannot fork, and as pipeline.open_graph does.
    """
    if not hasattr(os, "fork"):
        raise RrmError("E390", detail=sys.platform)
    release = current(folder)
    listener = _listen(host, port)
    held = zygote.start(work.loader(root, release.folder), safety.QUERY_MEGABYTES)
    pool = Pool(held, processes or max(2, os.cpu_count() or 1), _QUEUE, slow=slow_places(_memory()))
    application = app.create(service.Service(release, release.folder.parent, pool, root))
    config = uvicorn.Config(
        application,
        log_level="warning",
        access_log=False,  # what people ask is theirs
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=_GRACE,
        lifespan="on",
    )
    shown = f"[{host}]" if ":" in host else host
    say(f"http://{shown}:{listener.getsockname()[1]}/")
    uvicorn.Server(config).run(sockets=[listener])


def current(folder: Path) -> Release:
    """The release that a folder points to, or that it is. Raises RrmError E386 where there is none."""
    for place in (folder / "current", folder):
        if (place / "MANIFEST.json").is_file():
            return Release(place.resolve())
    raise RrmError("E386", where=str(folder))


def slow_places(memory: int) -> int:
    """How many hard queries may run at a time on a machine with so many bytes: they take half of it at most."""
    return max(1, min(_SLOW, memory // 2 // (safety.QUERY_MEGABYTES * 1024 * 1024)))


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named, for asyncio sends at once only where it knows that it speaks TCP: else head and body of an
    # answer, which are two writes, are 40 ms apart on a connection that is kept.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()  # a second server finds the port taken, also while the first one loads
    except (OSError, UnicodeError) as error:
        listener.close()
        raise RrmError("E387", where=f"{host}:{port}", detail=reason(error)) from None
    return listener
