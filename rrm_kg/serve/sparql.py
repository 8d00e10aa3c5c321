"""SPARQL 1.1 Protocol, query operation: https://www.w3.org/TR/sparql11-protocol/.

GET and both kinds of POST; all result formats of the W3C; only our graphs; nothing that updates. What a query gives is
kept by release, query, dataset and form: a release never changes, so neither does its answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from rrm_kg import safety
from rrm_kg.errors import RrmError
from rrm_kg.serve import media, resources
from rrm_kg.serve.problems import problem
from rrm_kg.serve.service import service

STATUS: Final = {"E311": 403, "E312": 413, "E208": 406, "E241": 415, "E389": 429, "E404": 500}
CORS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS, POST",
    "Access-Control-Allow-Headers": "Accept, Accept-Language, Content-Type, If-None-Match",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After, Truncated",
}
_RAW: Final = {"Content-Security-Policy": "default-src 'none'; sandbox"}
_FORM: Final = "application/x-www-form-urlencoded"
_QUERY: Final = "application/sparql-query"
_UPDATE: Final = "application/sparql-update"
_DESCRIPTION: Final = ("text/turtle", "text/html", "application/ld+json", "application/n-triples")
_MOST_BODY: Final = safety.MAX_QUERY_BYTES * 4  # a form may write each byte as three


@dataclass(frozen=True)
class Asked:
    """A query operation: the query, the dataset that the protocol names, and the form by name if one is asked for."""

    query: str
    default: tuple[str, ...]
    named: tuple[str, ...]
    form: str | None


async def endpoint(request: Request) -> Response:
    """What a query gives, in the form that the client likes best; without a query, what the service is."""
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=CORS | {"Allow": CORS["Access-Control-Allow-Methods"]})
    try:
        asked = await _asked(request)
    except RrmError as error:
        return problem(request, STATUS.get(error.code, 400), error, CORS)
    if asked is None:
        return _description(request)
    return await answer(request, asked, request.headers.get("accept"))


async def answer(request: Request, asked: Asked, accept: str | None) -> Response:
    """What a query gives: from what is kept, else from a process. Raises as Service.work does."""
    ours = service(request)
    tag = ours.tag("query", asked.query, *asked.default, "", *asked.named, "", asked.form, accept)
    headers = CORS | _RAW | {"ETag": f'"{tag}"', "Vary": "Accept", "Cache-Control": "public, max-age=300"}
    if f'"{tag}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    found = ours.kept.get(tag)
    if found is None:
        async with ours.turn(request):
            found = await ours.work(
                "query",
                asked.query.encode(),
                default=list(asked.default),
                named=list(asked.named),
                form=asked.form,
                accept=accept,
            )
        if "error" not in found[0]:
            ours.kept.put(tag, found)
    head, body = found
    if "error" in head:
        return problem(request, STATUS.get(head["error"]["code"], 400), head["error"], CORS | {"Vary": "Accept"})
    if head["truncated"]:
        headers["Truncated"] = f"rows={head['rows']}"
    if head["download"]:
        headers["Content-Disposition"] = f'attachment; filename="{head["download"]}"'
    return Response(body, 200, headers, head["type"])


async def _asked(request: Request) -> Asked | None:
    """The operation that a request is; None for a GET without any. Raises RrmError E240 to E243, E311, E312."""
    given = _pairs(_utf8(request.scope["query_string"]))
    if request.method == "POST":
        kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
        body = await _body(request)
        if kind == _FORM:
            given = [*given, *_pairs(_utf8(body))]
        elif kind == _QUERY:
            given = [*given, ("query", _utf8(body))]
        elif kind == _UPDATE:
            raise RrmError("E311", detail="UPDATE")
        else:
            raise RrmError("E241", given=kind or "–", fitting=f"{_FORM}, {_QUERY}")
    named = {name: [value for key, value in given if key == name] for name, _ in given}
    if "update" in named:
        raise RrmError("E311", detail="UPDATE")
    queries: Sequence[str] = named.get("query", [])
    if not queries and request.method != "POST" and not named:
        return None
    if len(queries) != 1:
        raise RrmError("E240")
    if len(queries[0].encode("utf-8", "surrogatepass")) > safety.MAX_QUERY_BYTES:
        raise RrmError("E312", detail=f"{safety.MAX_QUERY_BYTES} bytes")
    form = named.get("format", [None])[-1]
    return Asked(
        queries[0], tuple(named.get("default-graph-uri", ())), tuple(named.get("named-graph-uri", ())), form or None
    )


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=2_000)
    except UnicodeDecodeError:
        raise RrmError("E242") from None
    except ValueError:
        raise RrmError("E240") from None


def _utf8(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise RrmError("E242") from None


async def _body(request: Request) -> bytes:
    parts = bytearray()
    async for part in request.stream():
        parts += part
        if len(parts) > _MOST_BODY:
            raise RrmError("E312", detail=f"{safety.MAX_QUERY_BYTES} bytes")
    return bytes(parts)


def _description(request: Request) -> Response:
    """The service description with VoID, which stands in the catalogue of the release; for people the editor."""
    best = media.best(request.headers.get("accept"), _DESCRIPTION)
    if best is None:
        return problem(request, 406, RrmError("E380", offered=", ".join(_DESCRIPTION)), CORS | {"Vary": "Accept"})
    if best == "text/html":
        return RedirectResponse("/query", 303, CORS | {"Vary": "Accept"})
    found = service(request).release.file("catalog" + resources.FORMS[best])
    if found is None:
        return problem(request, 404, RrmError("E381"), CORS | {"Vary": "Accept"})
    return Response(found.read_bytes(), 200, CORS | _RAW | {"Vary": "Accept"}, best)


def limits() -> Mapping[str, int]:
    """What one query may take: seconds, megabytes, bytes of its text and of its answer, levels of nesting."""
    return {
        "seconds": safety.QUERY_SECONDS,
        "megabytes": safety.QUERY_MEGABYTES,
        "query": safety.MAX_QUERY_BYTES,
        "answer": safety.MAX_RESULT_BYTES,
        "levels": safety.MAX_QUERY_DEPTH,
    }
