"""The catalogue of questions and the gate as an API, which describes itself by OpenAPI 3.1.

Each question is a GET with its parameters; a file is handed in by POST and gets its report. Nothing posted is kept.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from rrm_kg import questions, several
from rrm_kg.errors import LANGUAGES, RrmError
from rrm_kg.graph import default_root
from rrm_kg.questions import Parameter, Question
from rrm_kg.serve import media
from rrm_kg.serve.problems import MEDIA_TYPE, problem
from rrm_kg.serve.service import service
from rrm_kg.serve.sparql import CORS, STATUS
from rrm_kg.serve.tasks import FILES, REPORTS

FORMS: Final = ("rows", "json", "xml", "csv", "csv-excel", "tsv", "turtle")
_OWN: Final = ("format", "lang")
_TYPES: Final = {
    "date": {"type": "string", "format": "date"},
    "integer": {"type": "integer"},
    "decimal": {"type": "number"},
    "iri": {"type": "string", "format": "iri"},
}


async def catalogue(request: Request) -> Response:
    """The questions with their parameters and columns."""
    lang = media.language(request)
    listed = [_described(one, lang) for one in questions.catalogue(_root(request))]
    return JSONResponse({"questions": listed}, headers=CORS | {"Content-Language": lang, "Vary": "Accept-Language"})


async def ask(request: Request) -> Response:
    """The answer to a question. Its parameters are those of the address, several things by a name given anew."""
    lang = media.language(request)
    given = media.given(request)
    try:
        asked = questions.find(_root(request), request.path_params["question"])
        for name in several.listed(given):
            if name in _OWN:
                raise RrmError("E215", name=name)
    except RrmError as error:
        return problem(request, 404 if error.code == "E201" else 400, error, CORS)
    form = request.query_params.get("format")
    if form is not None and form not in FORMS:
        return problem(request, 406, RrmError("E208", form=form, fitting=", ".join(FORMS)), CORS)
    parameters = {name: value for name, value in given.items() if name not in _OWN}
    ours = service(request)
    tag = ours.tag(
        "question", asked.id, json.dumps(parameters, sort_keys=True), lang, form, request.headers.get("accept")
    )
    headers = CORS | {
        "ETag": f'"{tag}"',
        "Vary": "Accept, Accept-Language",
        "Content-Language": lang,
        "Cache-Control": "public, max-age=300",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if f'"{tag}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    found = ours.kept.get(tag)
    if found is None:
        async with ours.turn(request):
            found = await ours.work(
                "question", id=asked.id, given=parameters, lang=lang, form=form, accept=request.headers.get("accept")
            )
        if "error" not in found[0]:
            ours.kept.put(tag, found)
    head, body = found
    if "error" in head:
        return problem(request, STATUS.get(head["error"]["code"], 400), head["error"], CORS)
    if head["truncated"]:
        headers["Truncated"] = f"rows={head['rows']}"
    if head["download"]:
        headers["Content-Disposition"] = f'attachment; filename="{head["download"]}"'
    return Response(body, 200, headers, head["type"])


async def check(request: Request) -> Response:
    """The report of the gate on the file that is the body: 200 if it passes, 422 if it does not."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind not in FILES:
        return problem(request, 415, RrmError("E241", given=kind or "–", fitting=", ".join(FILES)), CORS)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _MOST:
            return problem(request, 413, RrmError("E388", most=_MOST // 1_000_000), CORS)
    lang = media.language(request)
    async with service(request).turn(request):
        head, data = await service(request).work(
            "check",
            bytes(body),
            name=f"submission{FILES[kind]}",
            lang=lang,
            form=request.query_params.get("format"),
            accept=request.headers.get("accept"),
        )
    if "error" in head:
        return problem(request, STATUS.get(head["error"]["code"], 400), head["error"], CORS)
    headers = CORS | {"Content-Language": lang, "Vary": "Accept, Accept-Language", "Cache-Control": "no-store"}
    if head["type"].startswith("text/html"):
        headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return Response(data, 200 if head["conforms"] else 422, headers, head["type"])


_MOST: Final = 10_000_000  # bytes of a file; each format has its own limit below that


async def described(request: Request) -> Response:
    """What the API offers, as OpenAPI 3.1."""
    lang = media.language(request)
    return JSONResponse(
        openapi(_root(request), lang), headers=CORS | {"Content-Language": lang, "Vary": "Accept-Language"}
    )


async def front(request: Request) -> Response:
    """The way to the description."""
    return RedirectResponse("/api/openapi.json", 303, CORS)


def _root(request: Request) -> Path:
    return service(request).root or default_root()


def _described(one: Question, lang: str) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "question": one.question[lang],
        "summary": one.summary[lang],
        "parameters": [
            {"name": p.name, "type": p.type, "label": p.label[lang], "default": p.default} for p in one.parameters
        ],
        "columns": [{"name": c.name, "type": c.type, "label": c.label[lang]} for c in one.columns],
    }


def openapi(root: Path, lang: str = LANGUAGES[0]) -> dict[str, Any]:
    """The description of the API: a typed GET for each question of the catalogue, and the gate."""
    listed = questions.catalogue(root)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "rrm-kg",
            "version": version("rrm-kg"),
            "license": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
        },
        "servers": [{"url": "/"}],
        "paths": {
            "/api/questions": {
                "get": {
                    "operationId": "questions",
                    "parameters": [_LANG],
                    "responses": {"200": _content({"application/json": {"type": "object"}}), "default": _PROBLEM},
                }
            },
            **{f"/api/questions/{one.id}": {"get": _operation(one, lang)} for one in listed},
            "/api/check": {
                "post": {
                    "operationId": "check",
                    "parameters": [_LANG, _form(tuple(REPORTS.values()))],
                    "requestBody": {"required": True, "content": {kind: {} for kind in FILES}},
                    "responses": {
                        "200": _content({key: {} for key in REPORTS}),
                        "422": _content({key: {} for key in REPORTS}),
                        "default": _PROBLEM,
                    },
                }
            },
        },
        "components": {
            "schemas": {
                "Problem": {
                    "type": "object",
                    "required": ["type", "title", "status", "detail", "code"],
                    "properties": {
                        "type": {"type": "string", "format": "uri"},
                        "title": {"type": "string"},
                        "status": {"type": "integer"},
                        "detail": {"type": "string"},
                        "code": {"type": "string"},
                        "where": {"type": "string"},
                    },
                }
            }
        },
    }


def _operation(one: Question, lang: str) -> dict[str, Any]:
    row = {
        "type": "object",
        "properties": {
            c.name: {"anyOf": [_TYPES.get(c.type, {"type": "string"}), {"type": "null"}], "title": c.label[lang]}
            for c in one.columns
        },
    }
    rows = {
        "type": "object",
        "required": ["question", "id", "parameters", "asOf", "columns", "rows"],
        "properties": {"rows": {"type": "array", "items": row}},
    }
    forms = {
        "application/json": rows,
        "application/sparql-results+json": {"type": "object"},
        "application/sparql-results+xml": {"type": "string"},
        "text/csv": {"type": "string"},
        "text/tab-separated-values": {"type": "string"},
        "text/turtle": {"type": "string"},
    }
    return {
        "operationId": one.name,
        "summary": one.summary[lang],
        "description": one.question[lang],
        "parameters": [
            *(
                {"name": p.name, "in": "query", "required": False, "description": p.label[lang]} | _values(p)
                for p in one.parameters
            ),
            _LANG,
            _form(FORMS),
        ],
        "responses": {"200": _content(forms), "default": _PROBLEM},
    }


def _values(parameter: Parameter) -> dict[str, Any]:
    """What a parameter may be: for a thing a list, each of which is a parameter of its own in the address."""
    kind, default = parameter.type, parameter.default
    schema: dict[str, Any] = dict(_TYPES.get(kind, {"type": "string", "minLength": 1}))
    if parameter.thing:
        first = {"default": [default]} if default is not None else {}
        schema = {"type": "array", "items": schema, "minItems": 1} | first
        return {"style": "form", "explode": True, "schema": schema}
    return {"schema": schema | ({"default": _typed(kind, default)} if default is not None else {})}


def _typed(kind: str, text: str) -> Any:
    return int(text) if kind == "integer" else text


def _form(forms: tuple[str, ...]) -> dict[str, Any]:
    return {"name": "format", "in": "query", "required": False, "schema": {"type": "string", "enum": list(forms)}}


def _content(forms: dict[str, Any]) -> dict[str, Any]:
    return {"description": "OK", "content": {kind: {"schema": schema} for kind, schema in forms.items()}}


_LANG: Final = {"name": "lang", "in": "query", "required": False, "schema": {"type": "string", "enum": list(LANGUAGES)}}
_PROBLEM: Final = {
    "description": "RFC 9457",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
