"""Answers to requests that came before byte for byte, found before anything of the request is parsed."""

from __future__ import annotations

import hashlib
from time import perf_counter
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rrm_kg.serve.metrics import Metrics
from rrm_kg.serve.service import Service

_CHOOSING: Final = frozenset({b"accept", b"accept-language"})


class Again:
    """Answers a GET that came before from what it was answered then, whole with its headers.

    Only an answer with an ETag is kept, which says that the release and the request alone make it: the target and the
    headers that choose a form and a language. What is conditional goes on to the routes.
    """

    def __init__(self, app: ASGIApp, ready: Service, counted: Metrics) -> None:
        self.app = app
        self.ready = ready
        self.counted = counted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = perf_counter()
        tag = self._tag(scope)
        if tag is None:
            await self.app(scope, receive, send)
            return
        found = self.ready.again.get(tag)
        if found is None:
            await self.app(scope, receive, self._keeping(tag, send))
            return
        head, body = found
        await send({"type": "http.response.start", "status": 200, "headers": head["headers"]})
        await send({"type": "http.response.body", "body": body})
        self.counted.count(scope["path"], 200, perf_counter() - began)

    def _tag(self, scope: Scope) -> str | None:
        """What names a request; None for one whose answer is not kept."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        path: str = scope["path"]
        if path != "/sparql" and not path.startswith("/api/questions/"):
            return None
        parts = [self.ready.release.name.encode(), scope["raw_path"], scope["query_string"]]
        for name, value in scope["headers"]:
            if name in _CHOOSING:
                parts += (name, value)
            elif name == b"if-none-match":
                return None
        return hashlib.sha256(b"\0".join(parts)).hexdigest()

    def _keeping(self, tag: str, send: Send) -> Send:
        head: dict[str, Any] = {}

        async def kept(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.start":
                if message["status"] == 200 and any(name == b"etag" for name, _ in message["headers"]):
                    head["headers"] = list(message["headers"])
            elif head and not message.get("more_body"):
                self.ready.again.put(tag, (head, message["body"]))
            else:
                head.clear()

        return kept
