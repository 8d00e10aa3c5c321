"""The addresses of the front door: ``/ask`` and ``/ask/<question>``, in the language of the reader."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from rrm_kg.publish.site import SUFFIX
from rrm_kg.serve import media
from rrm_kg.serve.problems import problem
from rrm_kg.serve.service import service

_HTML = "text/html; charset=utf-8"


async def door(request: Request) -> Response:
    """The way to the page in the language of the reader; blanks that are filled stay filled."""
    asked = f"?{request.url.query}" if request.url.query else ""
    path = request.url.path.rstrip("/").removesuffix(".html")
    return RedirectResponse(path + SUFFIX[media.language(request)] + asked, 303, {"Vary": "Accept-Language"})


async def page_or_door(request: Request) -> Response:
    """The page of a question by its file name, or the way to it."""
    return await (page if request.url.path.endswith(".html") else door)(request)


async def page(request: Request) -> Response:
    """All questions, or one with its answer."""
    name = request.url.path.removeprefix("/")
    lang = next(lang for lang, ending in reversed(SUFFIX.items()) if name.endswith(ending))
    stem = name.removesuffix(SUFFIX[lang])
    ours = service(request)
    given = {key: value for key, value in request.query_params.items() if key != "lang"}
    address = f"{request.url.scheme}://{request.url.netloc}"
    tag = ours.tag("page", stem, lang, json.dumps(given, sort_keys=True), address)
    headers = {"ETag": f'"{tag}"', "Content-Language": lang, "Cache-Control": "public, max-age=300"}
    if f'"{tag}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    found = ours.kept.get(tag)
    if found is None:
        async with ours.turn(request):
            if stem == "ask":
                found = await ours.work("ask", lang=lang, release=ours.release.name)
            else:
                one = stem.removeprefix("ask/")
                found = await ours.work(
                    "ask-question", id=one, given=given, lang=lang, release=ours.release.name, address=address
                )
        if "error" not in found[0]:
            ours.kept.put(tag, found)
    head, body = found
    if "error" in head:
        return problem(request, 404 if head["error"]["code"] == "E201" else 400, head["error"])
    return Response(body, head["status"], headers, _HTML)
