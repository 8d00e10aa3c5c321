"""The editor for those who write SPARQL: a form that needs no JavaScript, and YASGUI over it where it is installed.

``/query`` leads to the page in the language of the reader; ``/query/editor.json`` is what YASGUI completes with. The
form is sent to ``/sparql`` by the browser itself, so that every download is the server's own.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from rrm_kg import publish, safety
from rrm_kg.errors import RrmError
from rrm_kg.publish import assets
from rrm_kg.publish.site import SUFFIX
from rrm_kg.serve import media, sparql
from rrm_kg.serve.problems import problem
from rrm_kg.serve.service import service

FILES: Final = {"yasgui.min.js": "text/javascript; charset=utf-8", "yasgui.min.css": "text/css; charset=utf-8"}
_LICENSE: Final = Path(publish.__file__).parent / "client" / "licenses" / "yasgui.txt"
_HTML: Final = "text/html; charset=utf-8"
_STRICT: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'{inline}; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def installed() -> Path | None:
    """The folder with the built files of YASGUI; None where it is not installed."""
    found = assets.folder()
    built = None if found is None else found / "@zazuko" / "yasgui" / "build"
    return built if built is not None and all((built / name).is_file() for name in FILES) else None


async def page(request: Request) -> Response:
    """The page, with the query of ``?question=`` or ``?query=`` in its field."""
    lang = "es" if request.url.path.endswith(SUFFIX["es"]) else "en"
    ours = service(request)
    rich = installed() is not None
    one, text = request.query_params.get("question", ""), request.query_params.get("query", "")
    if len(text.encode("utf-8", "surrogatepass")) > safety.MAX_QUERY_BYTES:
        return problem(request, 413, RrmError("E312", detail=f"{safety.MAX_QUERY_BYTES} bytes"))
    found = await _told(request, "editor", lang, id=one, text=text, rich=rich, limits=sparql.limits())
    policy = _STRICT.format(inline=" 'unsafe-inline'" if rich else "")
    headers = {"Content-Security-Policy": policy, "Content-Language": lang, "Release": ours.release.name}
    return _answer(request, found, headers, _HTML)


async def data(request: Request) -> Response:
    """What the editor completes with, and the queries of the catalogue, as JSON."""
    found = await _told(request, "editor-data", media.language(request))
    return _answer(request, found, {"Vary": "Accept-Language"}, "application/json")


async def file(request: Request) -> Response:
    """A built file of YASGUI, or its license."""
    name, built = request.path_params["name"], installed()
    headers = {"Cache-Control": "public, max-age=86400"}
    if built is not None and name == "LICENSE.txt":
        return FileResponse(_LICENSE, headers=headers, media_type="text/plain; charset=utf-8")
    if built is None or name not in FILES:
        return problem(request, 404, RrmError("E381"))
    return FileResponse(built / name, headers=headers, media_type=FILES[name])


async def _told(request: Request, task: str, lang: str, **asked: object) -> tuple[dict[str, Any], bytes]:
    ours = service(request)
    tag = ours.tag(task, lang, json.dumps(asked, sort_keys=True))
    found = ours.kept.get(tag)
    if found is None:
        found = await ours.work(task, b"", lang=lang, release=ours.release.name, **asked)
        if "error" not in found[0]:
            ours.kept.put(tag, found)
    return found


def _answer(request: Request, found: tuple[dict[str, Any], bytes], headers: dict[str, str], kind: str) -> Response:
    head, body = found
    if "error" in head:
        return problem(request, 404 if head["error"]["code"] == "E201" else 400, head["error"])
    return Response(body, 200, headers | {"Cache-Control": "public, max-age=300"}, kind)
