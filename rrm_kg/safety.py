"""No network, no local file: whatever data, a shape or a query asks for.

This is the only room that touches rdflib's global settings, and the only one that looks at a query before an
engine does.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from rrm_kg.errors import RrmError

MAX_FILE_BYTES: Final = 5_000_000
MAX_TRIPLES: Final = 50_000  # of a file, as are the blank nodes
MAX_BLANK_NODES: Final = 2_000
MAX_DEPTH: Final = 64  # of brackets in Turtle, of arrays and objects in JSON
MAX_JSON_VALUES: Final = 400_000
MAX_CONTEXTS: Final = 100  # of a JSON-LD document
MAX_TERMS: Final = 1_000  # of these contexts together: prefixes that rest on each other end the process of the parser
MAX_LITERAL_BYTES: Final = 262_144
MAX_IRI_LENGTH: Final = 2_048
SCHEMES: Final = frozenset({"http", "https", "mailto", "urn"})  # of an IRI in data
MAX_QUERY_BYTES: Final = 65_536
MAX_QUERY_DEPTH: Final = 64
MAX_QUERY_REPEATS: Final = 500
QUERY_SECONDS: Final = 10  # that a query over HTTP may take
QUERY_MEGABYTES: Final = 1_024  # that its process may take beyond the graph
MAX_RESULT_BYTES: Final = 20_000_000  # of an answer over HTTP

_locked = False


def lock_rdflib() -> None:
    """Make rdflib unable to open a URL or a file because data, a shape or a query names one.

    Also keeps literals as they were written (rdflib would rewrite ``"007"^^xsd:integer``) and silences the
    tracebacks that rdflib logs for ill-typed literals: finding those is the gate's work.
    Lasts for the life of the process; calling it again sets what another library may have set back.
    """
    global _locked
    import rdflib
    import rdflib.plugins.sparql as sparql

    rdflib.NORMALIZE_LITERALS = False
    sparql.SPARQL_LOAD_GRAPHS = False
    if _locked:
        return
    import rdflib._networking
    import rdflib.parser
    import rdflib.plugins.sparql.evaluate as evaluate
    import rdflib.plugins.stores.sparqlconnector as connector

    for module, name in (
        (rdflib._networking, "_urlopen"),
        (rdflib.parser, "_urlopen"),
        (rdflib.parser, "_create_input_source_from_location"),
        (evaluate, "urlopen"),
        (evaluate, "evalServiceQuery"),
        (connector, "urlopen"),
    ):
        if not hasattr(module, name):
            raise RrmError("E402", detail=f"{module.__name__}.{name}")
        setattr(module, name, _refuse)
    logging.getLogger("rdflib.term").addHandler(logging.NullHandler())
    logging.getLogger("rdflib.term").propagate = False
    _locked = True


def _refuse(*arguments: Any, **named: Any) -> NoReturn:
    raise RrmError("E306", detail=next((str(a) for a in (*arguments, *named.values()) if a), "?")[:200])


TOKEN: Final = re.compile(  # of a SPARQL query
    r"""
      \#[^\n\r]*                                     # comment
    | <[^<>"{}|^`\\\x00-\x20]*>                      # IRI
    | \"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"            # long strings
    | '''(?:[^'\\]|\\.|'(?!''))*'''
    | "(?:[^"\\\n\r]|\\.)*"                          # short strings
    | '(?:[^'\\\n\r]|\\.)*'
    | [?$](?P<variable>\w+)
    | (?P<prefixed>[^\W\d_][\w.-]*:[\w.:%-]*|:[\w.:%-]+)
    | (?P<word>[^\W\d]\w*)
    | (?P<open>[{(\[])
    | (?P<close>[})\]])
    | (?P<other>[^\w\s])
    | \w+
    """,
    re.VERBOSE | re.DOTALL,
)


def check_query(query: str) -> None:
    """Refuse a query that would reach the network or crash the engine, before any engine sees it.

    Raises RrmError E311 for SERVICE, LOAD or an update, E312 for a query that is too long or too deep: a few
    thousand nested braces end the process of the engine.
    """
    if len(query.encode("utf-8", "surrogatepass")) > MAX_QUERY_BYTES:
        raise RrmError("E312", detail=f"{MAX_QUERY_BYTES} bytes")
    depth = 0
    repeats = 0
    form = ""
    for token in TOKEN.finditer(query):
        kind = token.lastgroup
        if kind == "open":
            depth += 1
            repeats += 1
            if depth > MAX_QUERY_DEPTH:
                raise RrmError("E312", detail=f"{MAX_QUERY_DEPTH} levels", where=place(query, token.start()))
        elif kind == "close":
            depth -= 1
        elif kind == "other" and token.group() in "!+-*/|&=<>":
            repeats += 1
        elif kind == "word":
            word = token.group().upper()
            if word in _FORBIDDEN:
                raise RrmError("E311", detail=word, where=place(query, token.start()))
            if word in _FORMS and not form:
                form = word
            if word in ("OPTIONAL", "UNION", "EXISTS", "SELECT", "MINUS"):
                repeats += 1
        if repeats > MAX_QUERY_REPEATS * 4:
            raise RrmError("E312", detail=f"{MAX_QUERY_REPEATS * 4} operators")


_FORMS: Final = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
_FORBIDDEN: Final = frozenset({"SERVICE", "LOAD", "INSERT", "DELETE", "DROP", "CLEAR", "CREATE", "COPY", "MOVE", "ADD"})


def named_in_from(query: str) -> list[str]:
    """The graphs that FROM and FROM NAMED clauses name, as they are written."""
    named: list[str] = []
    waiting = False
    for token in TOKEN.finditer(query):
        text = token.group()
        if token.lastgroup == "word" and text.upper() == "FROM":
            waiting = True
        elif waiting and not (token.lastgroup == "word" and text.upper() == "NAMED") and not text.startswith("#"):
            named.append(text)
            waiting = False
    return named


def bind(query: str, terms: Mapping[str, str]) -> str:
    """The query with terms in the place of variables.

    Works on the tokens of the query, so that a name inside a string, an IRI or a comment stays what it is, and
    takes each term in its N-Triples form, which is complete in itself: a value can never become syntax. This
    means the same to every engine, here and behind an endpoint, and inside subqueries too.
    """
    parts: list[str] = []
    end = 0
    for token in TOKEN.finditer(query):
        name = token.group("variable")
        if name in terms:
            parts += (query[end : token.start()], terms[name])
            end = token.end()
    return "".join((*parts, query[end:]))


HIDDEN: Final = re.compile(  # control characters but layout, marks of writing direction, interlinear notes, tags
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """A text whose hidden characters are written out, so that it can neither steer a terminal nor reverse a line.

    >>> visible("a\\u202eb")
    'a\\\\u202eb'
    """
    return HIDDEN.sub(lambda found: found[0].encode("ascii", "backslashreplace").decode(), text)


def place(text: str, offset: int) -> str:
    """Where an offset stands in a text: ``line 3, column 7``, counted from one.

    >>> place("ab\\ncd", 4)
    'line 2, column 2'
    """
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return f"line {line}, column {column}"
