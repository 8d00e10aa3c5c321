"""Which form and which language a client wants, by RFC 9110."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import Request
from werkzeug.datastructures import LanguageAccept, MIMEAccept
from werkzeug.http import parse_accept_header

from rrm_kg.errors import LANGUAGES


def best(accept: str | None, offered: Iterable[str]) -> str | None:
    """The media type that an Accept header likes best; the first one without a header; None where none fits."""
    types = list(offered)
    if not accept or not accept.strip():
        return types[0]
    return parse_accept_header(accept, MIMEAccept).best_match(types)


def given(request: Request) -> dict[str, str | list[str]]:
    """The parameters of an address; one that stands there more than once is a list."""
    asked = request.query_params
    return {name: value[0] if len(value := asked.getlist(name)) == 1 else value for name in asked}


def language(request: Request) -> str:
    """The language of an answer: that of ``?lang=``, else the one that Accept-Language likes best."""
    asked = request.query_params.get("lang")
    if asked in LANGUAGES:
        return asked
    wanted = parse_accept_header(request.headers.get("accept-language"), LanguageAccept)
    return wanted.best_match(list(LANGUAGES), default=LANGUAGES[0])
