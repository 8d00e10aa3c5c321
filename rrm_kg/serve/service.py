"""What the routes need: the release that is served, the processes that work, and whose turn it is."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request

from rrm_kg import safety
from rrm_kg.serve.kept import Kept
from rrm_kg.serve.pool import Pool
from rrm_kg.serve.resources import Release

_WAITING: Final = 8  # requests of one client that may wait


class CrowdedError(Exception):
    """One client asks for more at a time than it may."""


@dataclass
class _Client:
    running: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0


@dataclass(frozen=True)
class Service:
    """The release with those before it, the processes, the answers that are kept, and the clients with a query.

    ``root`` is the folder with the questions, None for that of the package; ``seconds`` is what one query may take.
    """

    release: Release
    releases: Path
    pool: Pool
    root: Path | None = None
    seconds: float = safety.QUERY_SECONDS
    kept: Kept = field(default_factory=Kept)
    _clients: dict[str, _Client] = field(default_factory=dict)

    def tag(self, *parts: str | None) -> str:
        """What names an answer: a hash of the release and all that was asked."""
        whole = "\0".join([self.release.name, *(part or "" for part in parts)])
        return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    async def work(self, task: str, body: bytes = b"", **head: object) -> tuple[dict[str, Any], bytes]:
        """The answer of a process to a task. Raises pool.FullError, LateError, BrokenError."""
        return await self.pool.run({"task": task, **head}, body, self.seconds)

    @contextlib.asynccontextmanager
    async def turn(self, request: Request) -> AsyncIterator[None]:
        """The turn of a client, which has one query running at a time and few that wait. Raises CrowdedError."""
        name = request.client.host if request.client else ""
        client = self._clients.setdefault(name, _Client())
        if client.waiting > _WAITING:
            raise CrowdedError
        client.waiting += 1
        try:
            async with client.running:
                yield
        finally:
            client.waiting -= 1
            if not client.waiting:
                self._clients.pop(name, None)


def service(request: Request) -> Service:
    """The service that a request is put to."""
    found: Service = request.app.state.service
    return found
