"""Bytes to triples, strictly, and where each triple stands in its file."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from importlib import import_module
from itertools import islice
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final, Protocol

import pyoxigraph as ox

from rrm_kg import limits, places, safety
from rrm_kg.errors import Phrase, RrmError
from rrm_kg.findings import Where
from rrm_kg.limits import short
from rrm_kg.places import Read

if TYPE_CHECKING:
    from rdflib.term import Node

_FORMATS: Final = {".ttl": "Turtle", ".nt": "N-Triples", ".jsonld": "JSON-LD", ".json": "JSON-LD"}
_TABLES: Final = (".csv", ".xlsx")


class Positions(Protocol):
    """What knows where the triples of a document stand."""

    def find(self, subject: str, predicate: str | None, value: str | None) -> Where | None:
        """The place of a triple, else of its property, else of its subject; None when nothing is said of it."""


def triples(data: bytes, name: str) -> list[ox.Triple]:
    """The triples of a document, in the order of the file; its name says which format it has.

    Blank nodes are named by file and order, so that the same bytes give the same names. Raises RrmError E340 for a
    name that says another format than Turtle, N-Triples, JSON-LD, CSV or XLSX, and as the reader of the format does.
    """
    ending = PurePosixPath(name).suffix.lower()
    if ending in _TABLES:
        return list(import_module("rrm_kg.tables").triples(data, name))
    return _read(data, name, ending).triples


def _read(data: bytes, name: str, ending: str) -> Read:
    if ending not in _FORMATS:
        raise RrmError("E340", where=name, detail=ending or name)
    if _FORMATS[ending] == "JSON-LD":
        return _jsonld(data, name)
    return _turtle(data, name, ox.RdfFormat.N_TRIPLES if ending == ".nt" else ox.RdfFormat.TURTLE)


def positions(data: bytes, name: str) -> Positions:
    """Where the triples of a document stand, that was accepted under this name."""
    ending = PurePosixPath(name).suffix.lower()
    if ending in _TABLES:
        found: Positions = import_module("rrm_kg.tables").positions(data, name)
        return found
    text = data.decode("utf-8-sig")
    if _FORMATS.get(ending) == "JSON-LD":
        from rrm_kg import jsonld, jsontext

        return places.Positions(
            name, jsonld.Document(text, jsontext.read(text, name)), lambda: _read(data, name, ending)
        )
    from rrm_kg.turtle import Turtle

    return places.Positions(name, Turtle(text), lambda: _read(data, name, ending))


def parse_turtle(data: bytes, name: str) -> list[ox.Triple]:
    """The triples of a Turtle document, in the order of the file. Raises RrmError as _turtle does."""
    return _turtle(data, name).triples


def _turtle(data: bytes, name: str, format: ox.RdfFormat = ox.RdfFormat.TURTLE) -> Read:
    """A document in Turtle or N-Triples.

    ``name`` is the file's name, for the error. Raises RrmError E302 for a file over 5 MB, E303 for one that is
    not text in UTF-8 or holds another format, E304 with line and column for a syntax error, E342 to E344 and E349 for
    what goes past a limit of safety.py.
    """
    text = _text(data, name, format.name)
    read = _parsed(data.removeprefix(BOM_UTF8), name, format, limits.suspicious(data))
    # Each level of brackets has a blank node of its own, but for an empty collection.
    if len(read.labels) >= safety.MAX_DEPTH:
        from rrm_kg.turtle import too_deep

        deep = too_deep(text, safety.MAX_DEPTH)
        if deep is not None:
            where = f"{name}, {safety.place(text, deep)}"
            raise RrmError("E342", where=where, detail=Phrase("limit-depth", limit=safety.MAX_DEPTH))
    return read


def _jsonld(data: bytes, name: str) -> Read:
    """A JSON-LD document.

    Raises RrmError as _turtle and jsonld.inlined do, E341 for JSON that is not JSON-LD, E346 for a named graph, E348
    for a part of the document that is no triple: JSON-LD itself would drop it without a word.
    """
    from rrm_kg import jsonld

    text = _text(data, name, "JSON-LD")
    whole, resolved = jsonld.inlined(text, name)
    if not isinstance(whole.value, (dict, list)):
        raise RrmError("E341", where=name, detail=short(text.strip()))
    read = _parsed(resolved.encode(), name, ox.RdfFormat.JSON_LD, True)
    document = jsonld.Document(text, whole)
    lost = places.lost(document.all(), read)
    if lost is not None:
        start, end = lost.value_at or lost.predicate_at
        place = f"{name}, {safety.place(text, start)}"
        raise RrmError("E348", where=place, detail=short(text[start:end]), predicate=short(lost.predicate))
    return read


# What is said of a file before a parser sees it

_SIGNS: Final = (
    (rb"<\?xml|<rdf:RDF", "XML"),
    (rb"<!DOCTYPE html|<html|<head|<body", "HTML"),
    (rb"<!DOCTYPE", "XML"),
    (rb"PK[\x03\x05\x07][\x04\x06\x08]", "ZIP (XLSX, DOCX, ODS)"),
    (rb"%PDF", "PDF"),
    (rb"\x1f\x8b", "gzip"),
    (rb"\xff\xfe|\xfe\xff", "UTF-16"),
    (rb"\xd0\xcf\x11\xe0", "XLS, DOC"),
    (rb"\{|\[\s*[\{\"]", "JSON"),
)
_SIGN: Final = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*(?:%s)" % b"|".join(b"(%s)" % sign for sign, _ in _SIGNS), re.I)


def _text(data: bytes, name: str, format: str) -> str:
    """The text of a file in UTF-8, without a byte order mark."""
    if len(data) > safety.MAX_FILE_BYTES:
        raise RrmError("E302", where=name, limit=safety.MAX_FILE_BYTES // 1_000_000)
    sign = _SIGN.match(data)
    found = _SIGNS[(sign.lastindex or 1) - 1][1] if sign else ""
    if found and not (found == "JSON" and format == "JSON-LD"):
        raise RrmError("E303", where=name, detail=found)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RrmError("E303", where=f"{name}, byte {error.start}", detail=Phrase("not-utf-8")) from None


# The strict parser

_REASONS: Final = (
    (r"Unexpected end", "syntax-end"),
    (r"The prefix (?P<found>\S*) has not been declared", "syntax-prefix"),
    (r"A dot is expected", "syntax-dot"),
    (r"(?P<found>.+) is not a valid (?:RDF object|subject or graph name|predicate)", "syntax-unexpected"),
    (r"No scheme found in an absolute IRI", "syntax-relative"),
    (r"Line jumps are not allowed in string literals", "syntax-line-break"),
    (r"Unexpected escape character '(?P<found>.+)'", "syntax-escape"),
    (r"Invalid IRI (?:code point|percent encoding) '(?P<found>.+)'", "syntax-iri"),
    (r"Unexpected char(?:acter)?:? '(?P<found>.+)'", "syntax-unexpected"),
    (r"blank node property lists should end with a '\]'", "syntax-bracket"),
)


def _parsed(data: bytes, name: str, format: ox.RdfFormat, checked: bool) -> Read:
    """The triples of a document, with blank nodes named by file and order.

    ``checked`` is whether each term is looked at.
    """
    names: dict[str, ox.BlankNode] = {}
    prefix = re.sub(r"\W+", "-", name).strip("-") or "b"
    seen: set[str] = set()
    made: list[ox.Triple] = []
    blank, nested, keep = ox.BlankNode, ox.Triple, made.append

    def named(term: Any) -> Any:
        if type(term) is not blank:
            return term
        known = names.get(term.value)
        if known is None:
            known = names[term.value] = blank(f"{prefix}-{len(names) + 1}")
        return known

    try:
        for quad in islice(ox.parse(data, format=format), safety.MAX_TRIPLES + 1):
            subject, object_ = quad.subject, quad.object
            kind = type(object_)
            if kind is nested:
                raise RrmError("E349", where=name, detail="<<( … )>>")
            if type(subject) is blank or kind is blank:
                keep(nested(named(subject), quad.predicate, named(object_)))
            else:
                keep(quad.triple)
            if checked:
                limits.check(quad, name, seen)
    except (SyntaxError, ValueError) as error:
        line, column = getattr(error, "lineno", None), getattr(error, "offset", None)
        if not line:
            raise RrmError("E341", where=name, detail=short(str(error))) from None
        place = f"{name}, line {line}, column {column}"
        raise RrmError("E304", where=place, format=format.name, detail=_reason(str(error), line)) from None
    for count, limit, key in (
        (len(made), safety.MAX_TRIPLES, "limit-triples"),
        (len(names), safety.MAX_BLANK_NODES, "limit-blank-nodes"),
    ):
        if count > limit:
            raise RrmError("E342", where=name, detail=Phrase(key, limit=limit))
    return Read(made, {label: node.value for label, node in names.items()})


def _reason(said: str, line: int | None) -> Phrase | str:
    """Why the parser stopped, in words of ours where they are known."""
    reason = re.sub(
        r"^Parser error(?: at line \d+(?: between columns \d+ and(?: column)? \d+| column \d+)?"
        r"| between line \d+ column \d+ and line \d+ column \d+)?:? ?",
        "",
        said,
    ).removesuffix(f" (line {line})")
    for pattern, key in _REASONS:
        found = re.match(pattern, reason, re.DOTALL)
        if found:
            return Phrase(key, **{what: short(text) for what, text in found.groupdict().items()})
    return short(reason or said)


def to_rdflib(term: Any) -> Node:
    """An rdflib term for an Oxigraph term, its literal exactly as it was written."""
    import rdflib

    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    datatype = term.datatype.value
    if datatype == "http://www.w3.org/2001/XMLSchema#string":
        return rdflib.Literal(term.value)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(datatype), normalize=False)


def from_rdflib(term: Any) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """An Oxigraph term for an rdflib term."""
    import rdflib

    if isinstance(term, rdflib.URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, rdflib.BNode):
        return ox.BlankNode(str(term))
    if term.language:
        return ox.Literal(str(term), language=str(term.language))
    if term.datatype:
        return ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype)))
    return ox.Literal(str(term))
