"""The addresses of the front door: ``/ask`` and ``/ask/<question>``, in the language of the reader."""

from __future__ import annotations

import json

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from rrm_kg.publish.site import SUFFIX
from rrm_kg.publish.words import say
from rrm_kg.serve import media, resources
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
    given = {key: value for key, value in media.given(request).items() if key != "lang"}
    address = f"{request.url.scheme}://{request.url.netloc}"
    tag = ours.tag("page", stem, lang, json.dumps(given, sort_keys=True), address)
    headers = {"ETag": f'"{tag}"', "Content-Language": lang, "Cache-Control": "public, max-age=300"}
    if f'"{tag}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    found = ours.kept.get(tag)
    if found is None:
        async with ours.turn(request):
            if stem == "ask":
                answered = ours.release.file("questions" + SUFFIX[lang]) is not None
                found = await ours.work("ask", lang=lang, release=ours.release.name, answered=answered)
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


async def listed(request: Request) -> Response:
    """The questions as the release answers them, with the way to the form of each; to the forms without such pages."""
    name = request.url.path.removeprefix("/")
    ours = service(request)
    found = ours.release.file(name)
    if found is None and name.startswith("questions."):
        return RedirectResponse(f"/ask{name.removeprefix('questions')}", 303)
    if found is None or not name.endswith(".html"):
        return resources.answer(request, ours.release, name)
    lang = next(lang for lang, ending in reversed(SUFFIX.items()) if name.endswith(ending))
    parts = name.removesuffix(SUFFIX[lang]).split("/")
    place = "/".join(["/ask", *parts[1:2]]) + SUFFIX[lang]
    way = Markup('{}<p>{} <a href="{}">{}</a></p>').format(
        _CONTENT, say("ask-own", lang), place, say("ask-title", lang)
    )
    answer = resources.answer(request, ours.release, name)
    tag = f'"{ours.tag("listed", name)}"'
    headers = {key: value for key, value in answer.headers.items() if key not in ("content-length", "last-modified")}
    headers["etag"] = tag
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    text = found.read_text(encoding="utf-8").replace(_CONTENT, way, 1)
    return Response(text, answer.status_code, headers)


_CONTENT = Markup('<main id="content" tabindex="-1">\n')  # of the layout
