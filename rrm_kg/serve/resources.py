"""The files of a release at their addresses, and content negotiation for the things that they describe.

An IRI such as ``/id/case/atento`` leads with 303 to the form that the client likes best: a page in its language,
Turtle, JSON-LD or N-Triples; with 406 where none fits. Files are read from the folder that was the current release
when the server started, so that no answer mixes two.
"""

from __future__ import annotations

import json
import mimetypes
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from rrm_kg.errors import RrmError
from rrm_kg.publish.site import SUFFIX
from rrm_kg.serve import media
from rrm_kg.serve.problems import problem

FORMS: Final = {
    "text/html": ".html",
    "text/turtle": ".ttl",
    "application/ld+json": ".jsonld",
    "application/n-triples": ".nt",
}
_TYPES: Final = {
    ".ttl": "text/turtle; charset=utf-8",
    ".nt": "application/n-triples",
    ".jsonld": "application/ld+json",
    ".nq": "application/n-quads",
    ".gz": "application/gzip",
    ".json": "application/json",
    ".atom": "application/atom+xml; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".txt": "text/plain; charset=utf-8",
    ".xml": "application/xml",
    "": "text/plain; charset=utf-8",
}
_VARY: Final = {"Vary": "Accept, Accept-Language"}
_RAW: Final = {"Content-Security-Policy": "default-src 'none'; sandbox"}
_PAGES: Final = {"catalog": "data"}  # whose page has another name


@dataclass(frozen=True)
class Release:
    """A release in its folder."""

    folder: Path

    @property
    def name(self) -> str:
        """The name of the release, that of its folder."""
        return self.folder.name

    @cached_property
    def gone(self) -> frozenset[str]:
        """The paths of things that were withdrawn."""
        listed = self.folder / "gone.json"
        return frozenset(json.loads(listed.read_text(encoding="utf-8"))) if listed.is_file() else frozenset()

    def file(self, path: str) -> Path | None:
        """The file at a path of the release; None where there is none."""
        if "\0" in path or "\\" in path or any(part in ("", ".", "..") for part in path.split("/")):
            return None
        found = self.folder / path
        try:
            return found if found.is_file() else None
        except OSError:  # a name that the file system does not allow
            return None

    def forms(self, stem: str) -> tuple[str, ...]:
        """The media types in which a thing is described."""
        return tuple(
            kind
            for kind, ending in FORMS.items()
            if self.file((_PAGES.get(stem, stem) if ending == ".html" else stem) + ending)
        )


def answer(request: Request, release: Release, path: str, *, prefix: str = "") -> Response:
    """What lies at a path of a release: a file, the way to the best form of a thing, or 404, 406, 410."""
    if path in ("", "index"):
        return _see(request, prefix, "index" + SUFFIX[media.language(request)], status=302)
    found = release.file(path)
    if found is not None:
        return _file(release, found, path)
    forms = release.forms(path)
    if not forms:
        return _missing(request, release)
    best = media.best(request.headers.get("accept"), forms)
    if best is None:
        given = ", ".join(forms)
        return problem(request, 406, RrmError("E380", offered=given), {**_VARY, **_alternates(prefix, path, forms)})
    place = _PAGES.get(path, path) + SUFFIX[media.language(request)] if best == "text/html" else path + FORMS[best]
    return _see(request, prefix, place, _alternates(prefix, path, forms))


def _see(
    request: Request, prefix: str, place: str, headers: dict[str, str] | None = None, status: int = 303
) -> Response:
    asked = "?" + request.url.query if request.url.query else ""
    return RedirectResponse(f"{prefix}/{quote(place)}{asked}", status, {**_VARY, **(headers or {})})


def _alternates(prefix: str, path: str, forms: tuple[str, ...]) -> dict[str, str]:
    links = (f'<{prefix}/{quote(path)}{FORMS[kind]}>; rel="alternate"; type="{kind}"' for kind in forms)
    return {"Link": ", ".join(links)}


def _file(release: Release, found: Path, path: str) -> Response:
    ending = found.suffix
    kind = _TYPES.get(ending) or mimetypes.guess_type(found.name)[0] or "application/octet-stream"
    headers = {"Cache-Control": "public, max-age=300", "Release": release.name}
    if ending in (".ttl", ".nt", ".jsonld", ".nq", ".csv", ".json"):
        headers |= _RAW | {"Access-Control-Allow-Origin": "*"}
    stem = path
    for suffix in (".linkset.json", *reversed(SUFFIX.values()), *FORMS.values()):
        stem = stem.removesuffix(suffix)
    if ending == ".html":
        headers["Content-Language"] = next(lang for lang, end in reversed(SUFFIX.items()) if path.endswith(end))
    if stem != path and (forms := release.forms(stem)):
        headers |= _alternates("", stem, forms)
    return FileResponse(found, 410 if ending == ".html" and stem in release.gone else 200, headers, kind)


def _missing(request: Request, release: Release) -> Response:
    page = release.file("404.html")
    kinds = ("application/problem+json", "text/html")
    if page is not None and media.best(request.headers.get("accept"), kinds) == "text/html":
        return FileResponse(page, 404, _VARY, _TYPES[".html"])
    return problem(request, 404, RrmError("E381"), _VARY)
