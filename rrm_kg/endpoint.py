"""Requests to somebody's SPARQL 1.1 engine: queries, updates and the Graph Store Protocol, over HTTP.

The only module that opens a connection, and only to the address that the user gave. A redirect is not followed,
so that no data and no password go elsewhere.
"""

from __future__ import annotations

import html
import json
import os
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import pyoxigraph as ox
from SPARQLWrapper import JSON, POST, SPARQLWrapper

from rrm_kg import safety
from rrm_kg.errors import RrmError
from rrm_kg.terms import PREFIXES, XSD

USER: Final = "RRM_KG_ENDPOINT_USER"
PASSWORD: Final = "RRM_KG_ENDPOINT_PASSWORD"
MAX_ANSWER_BYTES: Final = 200_000_000
_PAUSES: Final = (0.2, 0.6)  # seconds before a read is tried again
_SENTENCE: Final = 200
_RDF_LANG: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"


@dataclass(frozen=True)
class Endpoint:
    """The addresses of an engine: SPARQL query, SPARQL Update and, where given, the Graph Store Protocol.

    ``timeout`` is in seconds, for each request. The password is never shown.
    """

    query: str
    update: str
    store: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: int = 60


@dataclass(frozen=True)
class Rows:
    """An answer: its columns and rows of pyoxigraph terms (None where unbound), or the truth value of an ASK."""

    columns: tuple[str, ...]
    terms: tuple[tuple[Any, ...], ...]
    truth: bool | None = None


def endpoint(
    query: str,
    *,
    update: str | None = None,
    store: str | None = None,
    user: str | None = None,
    password: str | None = None,
    timeout: int = 60,
) -> Endpoint:
    """An engine by its addresses; updates go to the address for queries where no other is given.

    Credentials that are not given are those of $RRM_KG_ENDPOINT_USER and $RRM_KG_ENDPOINT_PASSWORD; basic or digest,
    as the engine asks. Raises RrmError E220 for an address that is not http or https, or that holds credentials.
    """
    for address in (query, update, store):
        if address is not None:
            _accept(address)
    return Endpoint(
        query,
        update or query,
        store,
        user if user is not None else os.environ.get(USER),
        password if password is not None else os.environ.get(PASSWORD),
        timeout,
    )


def _accept(address: str) -> None:
    try:
        parts = urlsplit(address)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        raise RrmError("E220", given=address) from None
    if "@" in parts.netloc:
        raise RrmError("E221", variables=f"{USER}, {PASSWORD}")
    if not whole or parts.fragment or re.search(r"[\x00-\x20\x7f-\U0010ffff]", address):
        raise RrmError("E220", given=address)


def named(at: Endpoint | str) -> Endpoint:
    """The engine at an address, or the engine itself."""
    return endpoint(at) if isinstance(at, str) else at


def query(at: Endpoint | str, sparql: str, *, graphs: Iterable[str] = ()) -> Rows:
    """The answer of a SELECT or ASK query, with ``graphs`` together as its default graph and as its named graphs.

    Without ``graphs`` the engine's own dataset is asked. The project's prefixes need no declaration. Tried again
    only when no connection came about. Raises RrmError E311 and E312 as safety.check_query does, E330 (not reachable),
    E331 (too slow), E332 (refused), E333 (credentials), E334 (no SPARQL results in JSON), E335 (redirect) and
    E336 (the engine says that it left rows out).
    """
    at = named(at)
    safety.check_query(sparql)
    wrapper = _Wrapper(at)
    wrapper.queryString = _declared(sparql)
    wrapper.queryType = "SELECT"
    for graph in graphs:
        wrapper.addParameter("default-graph-uri", graph)
        if _GRAPH.search(sparql):
            wrapper.addParameter("named-graph-uri", graph)
    for pause in (*_PAUSES, None):
        try:
            headers, body = wrapper.send()
            break
        except RrmError as error:
            if error.code != "E330" or pause is None:
                raise
            time.sleep(pause)
    if "X-SPARQL-MaxRows" in headers or headers.get("X-SQL-State", "").startswith("S1TAT"):
        raise RrmError("E336", where=at.query)  # how Virtuoso says so
    return _rows(at.query, headers.get("Content-Type", ""), body)


def update(at: Endpoint, sparql: str) -> None:
    """Run a SPARQL Update. Raises RrmError E330 to E333 and E335 as query does; never tried again."""
    wrapper = _Wrapper(at)
    wrapper.queryString = sparql
    wrapper.queryType = "INSERT"
    wrapper.send()


def store(at: Endpoint, method: str, graph: str, turtle: bytes | None = None) -> None:
    """Run PUT, POST or DELETE of the Graph Store Protocol on a named graph. Raises RrmError as update does.

    To delete a graph that is not there is no error.
    """
    assert at.store is not None
    address = f"{at.store}{'&' if '?' in at.store else '?'}{urlencode({'graph': graph})}"
    request = urllib.request.Request(address, turtle, {"Content-Type": "text/turtle"}, method=method)
    try:
        _send(at, at.store, request)
    except RrmError as error:
        if method != "DELETE" or error.values.get("status") != 404:
            raise


class _Wrapper(SPARQLWrapper):
    """SPARQLWrapper with an opener of its own: that of the library would serve the whole process."""

    def __init__(self, at: Endpoint) -> None:
        super().__init__(at.query, at.update, returnFormat=JSON, agent="rrm-kg")
        self.at = at
        self.setMethod(POST)
        self.setOnlyConneg(True)

    def send(self) -> tuple[Any, bytes]:
        """The headers and the body of the answer."""
        return _send(self.at, self.updateEndpoint if self.isSparqlUpdateRequest() else self.endpoint, self._request())

    def _request(self) -> urllib.request.Request:
        return self._createRequest()


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: urllib would send the password along and turn POST into GET."""

    def redirect_request(self, *_: Any) -> None:
        return None


class _Tidy:
    """Closes the answer that asked for credentials, once another has come; urllib leaves it open."""

    def http_error_401(self, request: Any, answer: Any, *rest: Any) -> Any:
        try:
            other = super().http_error_401(request, answer, *rest)  # type: ignore[misc]
        except BaseException:
            answer.close()
            raise
        if other is not None:
            answer.close()
        return other


class _Basic(_Tidy, urllib.request.HTTPBasicAuthHandler):
    pass


class _Digest(_Tidy, urllib.request.HTTPDigestAuthHandler):
    pass


def _send(at: Endpoint, address: str, request: urllib.request.Request) -> tuple[Any, bytes]:
    end = time.monotonic() + at.timeout
    handlers: list[urllib.request.BaseHandler] = [_Stay()]
    if at.user and at.password:
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, address, at.user, at.password)
        handlers += [_Basic(passwords), _Digest(passwords)]
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=at.timeout) as response:
            return response.headers, b"".join(_parts(response, end))
    except urllib.error.HTTPError as error:
        raise _refusal(address, error) from None
    except TimeoutError:
        raise RrmError("E331", where=address, seconds=at.timeout) from None
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            raise RrmError("E331", where=address, seconds=at.timeout) from None
        detail = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        raise RrmError("E330", where=address, detail=_sentence(detail)) from None
    except ValueError as error:  # urllib's word for a scheme of authentication that it does not know
        raise RrmError("E333", where=address, detail=_sentence(str(error)), variables=f"{USER}, {PASSWORD}") from None


def _parts(response: HTTPResponse, end: float) -> Iterator[bytes]:
    size = 0
    while part := response.read1(1 << 20):
        size += len(part)
        if time.monotonic() > end:
            raise TimeoutError
        if size > MAX_ANSWER_BYTES:
            raise RrmError("E334", where=response.url, detail=f"> {MAX_ANSWER_BYTES} bytes")
        yield part
    if response.length:  # the connection ended early; read1 does not say so
        raise HTTPException(f"{size} of {size + response.length} bytes")


def _refusal(address: str, error: urllib.error.HTTPError) -> RrmError:
    with error:
        try:
            said = error.read(4000).decode("utf-8", "replace")
        except (OSError, HTTPException):
            said = ""
    detail = _sentence(said) or str(error.reason)
    if 300 <= error.code < 400:
        return RrmError("E335", where=address, target=_sentence(error.headers.get("Location", "?")))
    if error.code in (401, 403):
        return RrmError("E333", where=address, detail=detail, variables=f"{USER}, {PASSWORD}")
    return RrmError("E332", where=address, status=error.code, detail=detail)


def _sentence(said: str) -> str:
    """What a server says, as one short line without markup."""
    text = said
    if re.match(r"\s*<", said):
        text = re.sub(r"(?is)<(script|style|title)\b.*?</\1>|<!--.*?-->|</?[a-z!][^<>]*>", " ", said)
    text = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", html.unescape(text)).split())
    return text if len(text) <= _SENTENCE else text[: _SENTENCE - 1] + "…"


def _declared(sparql: str) -> str:
    missing = (
        f"PREFIX {name}: <{iri}> "
        for name, iri in PREFIXES.items()
        if re.search(rf"\b{name}:", sparql) and not re.search(rf"\bPREFIX\s+{name}:", sparql, re.I)
    )
    return "".join(missing) + sparql


# SPARQL 1.1 Query Results JSON Format. Read here and not by the engine's reader, which refuses the names that
# Virtuoso gives to blank nodes.


def _rows(address: str, kind: str, body: bytes) -> Rows:
    if "json" not in kind.lower():
        raise RrmError("E334", where=address, detail=_sentence(kind) or "?")
    try:
        tree = json.loads(body)
        if "boolean" in tree:
            return Rows((), (), bool(tree["boolean"]))
        columns = tuple(str(name) for name in tree["head"]["vars"])
        found = [tuple(_term(row.get(name)) for name in columns) for row in tree["results"]["bindings"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RrmError("E334", where=address, detail=_sentence(f"{type(error).__name__}: {error}")) from None
    return Rows(columns, tuple(found))


def _term(cell: dict[str, str] | None) -> Any:
    return None if cell is None else _TERMS[cell["type"]](cell)


def _literal(cell: dict[str, str]) -> ox.Literal:
    if cell.get("xml:lang"):
        return ox.Literal(cell["value"], language=cell["xml:lang"])
    datatype = cell.get("datatype") or XSD + "string"
    if datatype == _RDF_LANG:  # a language tag is missing
        return ox.Literal(cell["value"])
    return ox.Literal(cell["value"], datatype=ox.NamedNode(datatype))


_GRAPH: Final = re.compile(r"\bGRAPH\b", re.I)
_TERMS: Final[dict[str, Callable[[dict[str, str]], Any]]] = {
    "uri": lambda cell: ox.NamedNode(cell["value"]),
    "bnode": lambda cell: ox.BlankNode(re.sub(r"\W+", "", cell["value"])),
    "literal": _literal,
    "typed-literal": _literal,  # the name of it in older drafts
}
