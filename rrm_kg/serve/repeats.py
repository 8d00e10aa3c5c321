"""An answer given again, byte for byte, to who asks the same of the same release.

It is found by the line of the request and the headers that an answer depends on, before anything else is looked at:
what is asked often costs next to nothing.
"""

from __future__ import annotations

import hashlib
from time import perf_counter
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rrm_kg.serve.kept import Kept

_PATHS: Final = ("/sparql", "/api/questions/", "/ask/")
_CHOOSE: Final = (b"accept", b"accept-language")
_OF_BODY: Final = (b"content-length", b"content-type", b"content-disposition")


class Repeats:
    """Keeps the answers that have an ETag, which are those that only the release and the request decide."""

    def __init__(self, app: ASGIApp, kept: Kept) -> None:
        self.app = app
        self.kept = kept

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(_PATHS):
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        key = _key(scope)
        known = self.kept.get(key)
        if known is None:
            await self.app(scope, receive, self._noting(key, send))
            return
        head, body = known
        status, headers = 200, head["headers"]
        if any(name == b"if-none-match" and head["etag"] in value for name, value in scope["headers"]):
            status, body = 304, b""
            headers = [pair for pair in headers if pair[0] not in _OF_BODY]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        scope["app"].state.metrics.count(scope["path"], status, perf_counter() - began)

    def _noting(self, key: str, send: Send) -> Send:
        start: dict[str, Any] = {}

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif message.get("more_body"):
                start.clear()
            elif start.get("status") == 200:
                headers = list(start["headers"])
                etag = dict(headers).get(b"etag")
                if etag:
                    self.kept.put(key, ({"etag": etag, "headers": headers}, message["body"]))
            await send(message)

        return noting


def _key(scope: Scope) -> str:
    """What names an answer, of one length however long the query is; a header may be there more than once."""
    parts = [scope["raw_path"], scope["query_string"]]
    for name, value in scope["headers"]:
        if name in _CHOOSE:
            parts += (name, value)
    return hashlib.blake2b(b"\n".join(parts), digest_size=16).hexdigest()
