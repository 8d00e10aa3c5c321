"""The application: routes, headers that every answer carries, and the pool of processes behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rrm_kg.errors import RrmError
from rrm_kg.serve import api, editor, front, resources, sparql
from rrm_kg.serve.metrics import MEDIA_TYPE, Metrics
from rrm_kg.serve.pool import BrokenError, FullError, LateError
from rrm_kg.serve.problems import problem
from rrm_kg.serve.repeats import Repeats
from rrm_kg.serve.resources import Release
from rrm_kg.serve.service import CrowdedError, Service, service

_POLICY: Final = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
)


def create(ready: Service) -> Starlette:
    """The application over a service."""

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        yield
        ready.pool.close()

    app = Starlette(
        routes=[
            Route("/health", health),
            Route("/metrics", metrics),
            Route("/sparql", sparql.endpoint, methods=["GET", "HEAD", "POST", "OPTIONS"]),
            Route("/api", api.front),
            Route("/api/openapi.json", api.described),
            Route("/api/questions", api.catalogue),
            Route("/api/questions/{question}", api.ask),
            Route("/api/check", api.check, methods=["POST"]),
            Route("/ask", front.door),
            Route("/ask/{question}", front.page_or_door),
            Route("/ask.html", front.page),
            Route("/ask.es.html", front.page),
            Route("/questions.html", front.listed),
            Route("/questions.es.html", front.listed),
            Route("/questions/{path:path}", front.listed),
            Route("/query", front.door),
            Route("/query.html", editor.page),
            Route("/query.es.html", editor.page),
            Route("/query/editor.json", editor.data),
            Route("/static/yasgui/{name}", editor.file),
            Route("/releases/{release}/{path:path}", _old, methods=["GET", "HEAD"]),
            Route("/ontology/{version}", _version, methods=["GET", "HEAD"]),
            Route("/versions/{version}/{path:path}", _version, methods=["GET", "HEAD"]),
            Route("/{path:path}", _current, methods=["GET", "HEAD"]),
        ],
        middleware=[Middleware(Repeats, kept=ready.kept), Middleware(_Headers)],
        exception_handlers={
            HTTPException: _refused,
            CrowdedError: _told(429, "E389", {"Retry-After": "5"}),
            FullError: _told(503, "E382", {"Retry-After": "2"}),
            LateError: _told(504, "E383"),
            BrokenError: _told(503, "E384", {"Retry-After": "2"}),
            Exception: _told(500, "E408"),
        },
        lifespan=life,
    )
    app.state.service = ready
    app.state.metrics = Metrics(ready)
    return app


async def health(request: Request) -> Response:
    """Whether queries are answered: the result of a real one."""
    found, _ = await service(request).work("health")
    return JSONResponse({"status": "ok", "release": service(request).release.name, **found})


async def metrics(request: Request) -> Response:
    """How the server fares."""
    counted: Metrics = request.app.state.metrics
    return Response(counted.text(), media_type=MEDIA_TYPE)


async def _current(request: Request) -> Response:
    return resources.answer(request, service(request).release, request.path_params["path"])


async def _old(request: Request) -> Response:
    """A file of a release that is kept: its address never changes and neither does it."""
    name = request.path_params["release"]
    folder = service(request).releases / name
    if name.startswith(".") or "/" in name or not (folder / "MANIFEST.json").is_file():
        return problem(request, 404, RrmError("E381"))
    answer = resources.answer(request, Release(folder), request.path_params["path"], prefix=f"/releases/{name}")
    if answer.status_code == 200:
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


async def _version(request: Request) -> Response:
    """A version of the ontology, or a file of the last release of a version of the data, which went on being kept."""
    version = request.path_params["version"]
    folder = service(request).releases.parent / "versions" / version
    if version.startswith(".") or not (folder / "MANIFEST.json").is_file():
        return problem(request, 404, RrmError("E381"))
    path = request.path_params.get("path", "ontology")
    return resources.answer(request, Release(folder.resolve()), path, prefix=f"/versions/{version}")


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return problem(request, 405, RrmError("E385", method=request.method), dict(error.headers or {}))
    return problem(request, error.status_code, RrmError("E381"))


def _told(
    status: int, code: str, headers: dict[str, str] | None = None
) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        return problem(request, status, RrmError(code), headers)

    return answer


class _Headers:
    """Puts the headers on every answer that keep a browser from doing what data say, and counts it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = perf_counter()

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name.lower() for name, _ in message["headers"]}
                message["headers"].extend(pair for pair in _HEADERS if pair[0] not in names)
                if b"content-security-policy" not in names:
                    message["headers"].append((b"content-security-policy", _POLICY.encode()))
                counted: Metrics = scope["app"].state.metrics
                counted.count(scope["path"], message["status"], perf_counter() - began)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)
