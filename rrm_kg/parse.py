"""Bytes to triples, strictly, and where each triple stands in its file."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from importlib import import_module
from itertools import islice
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final, Protocol

import pyoxigraph as ox

from rrm_kg import safety
from rrm_kg.errors import Phrase, RrmError
from rrm_kg.findings import Where

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
    if ending not in _FORMATS:
        raise RrmError("E340", where=name, detail=ending or name)
    if _FORMATS[ending] == "JSON-LD":
        return parse_jsonld(data, name)
    return parse_turtle(data, name, ox.RdfFormat.N_TRIPLES if ending == ".nt" else ox.RdfFormat.TURTLE)


def positions(data: bytes, name: str) -> Positions:
    """Where the triples of a document stand, that was accepted under this name."""
    ending = PurePosixPath(name).suffix.lower()
    if ending in _TABLES:
        found: Positions = import_module("rrm_kg.tables").positions(data, name)
        return found
    from rrm_kg import places

    text = data.decode("utf-8-sig")
    if _FORMATS.get(ending) == "JSON-LD":
        from rrm_kg import jsonld, jsontext

        return places.Positions(name, jsonld.Document(text, jsontext.read(text, name)), lambda: triples(data, name))
    from rrm_kg.turtle import Turtle

    return places.Positions(name, Turtle(text), lambda: triples(data, name))


def parse_turtle(data: bytes, name: str, format: ox.RdfFormat = ox.RdfFormat.TURTLE) -> list[ox.Triple]:
    """The triples of a document in Turtle or N-Triples, in the order of the file.

    ``name`` is the file's name, for the error. Raises RrmError E302 for a file over 5 MB, E303 for one that is
    not text in UTF-8 or holds another format, E304 with line and column for a syntax error, E342 to E344 and E349 for
    what goes past a limit of safety.py.
    """
    text = _text(data, name, format.name)
    made, blanks = _parsed(data.removeprefix(BOM_UTF8), name, format, _suspicious(data))
    if blanks >= safety.MAX_DEPTH:  # each level of brackets has a blank node of its own, but for an empty collection
        from rrm_kg.turtle import too_deep

        deep = too_deep(text, safety.MAX_DEPTH)
        if deep is not None:
            where = f"{name}, {safety.place(text, deep)}"
            raise RrmError("E342", where=where, detail=Phrase("limit-depth", limit=safety.MAX_DEPTH))
    return made


def parse_jsonld(data: bytes, name: str) -> list[ox.Triple]:
    """The triples of a JSON-LD document, in the order of the file.

    Raises RrmError as parse_turtle and jsonld.inlined do, E346 for a named graph, E348 for a part of the document that
    is no triple: JSON-LD itself would drop it without a word.
    """
    from rrm_kg import jsonld, places

    text = _text(data, name, "JSON-LD")
    whole, resolved = jsonld.inlined(text, name)
    made, _ = _parsed(resolved.encode(), name, ox.RdfFormat.JSON_LD, True)
    document = jsonld.Document(text, whole)
    lost = places.lost(document.all(), made)
    if lost is not None:
        start, end = lost.value_at or lost.predicate_at
        place = f"{name}, {safety.place(text, start)}"
        raise RrmError("E348", where=place, detail=_short(text[start:end]), predicate=_short(lost.predicate))
    return made


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
    (rb"\{\s*[\"}]|\[\s*[\{\"\]]?\s*[\"}]\s*[:,]", "JSON"),
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


_CONTROLS: Final = bytes([*range(9), 11, 12, *range(14, 32), 127])
_ESCAPES: Final = (b"\\u", b"\\U", b"\\b", b"\\f")
_UNUSUAL: Final = tuple(  # one by one: a search for what begins with a given byte is much quicker than one for all
    re.compile(pattern)
    for pattern in (
        rb"<(?!https?:|mailto:|urn:)",
        rb"--(?:ltr|rtl)",
        rb"\xc2[\x80-\x9f\xad]",  # the UTF-8 of what _IN_IRI refuses
        rb"\xd8\x9c",
        rb"\xe1\xa0\x8e",
        rb"\xe2(?:\x80[\x8b-\x8f\xa8-\xae]|\x81[\xa0-\xaf])",
        rb"\xef(?:\xbb\xbf|\xbf[\xb9-\xbb])",
        rb"\xf3\xa0[\x80\x81]",
    )
)


def _suspicious(data: bytes) -> bool:
    """Whether each term of a Turtle document needs to be looked at: nothing in its bytes shows that it need not."""
    long = safety.MAX_IRI_LENGTH // 4  # an IRI over the limit has a prefix or a local part that fills such a window
    return (
        len(data) > safety.MAX_LITERAL_BYTES
        or len(data.translate(None, _CONTROLS)) != len(data)
        or any(escape in data for escape in _ESCAPES)
        or any(unusual.search(data) for unusual in _UNUSUAL)
        or any(len(data[start : start + long].split(None, 1)) < 2 for start in range(0, len(data) - long, long))
    )


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


def _parsed(data: bytes, name: str, format: ox.RdfFormat, checked: bool) -> tuple[list[ox.Triple], int]:
    """The triples with blank nodes named by file and order, and how many blank nodes they have.

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
                _check_quad(quad, name, seen)
    except (SyntaxError, ValueError) as error:
        line, column = getattr(error, "lineno", None), getattr(error, "offset", None)
        place = f"{name}, line {line}, column {column}" if line else name
        raise RrmError("E304", where=place, format=format.name, detail=_reason(str(error), line)) from None
    for count, limit, key in (
        (len(made), safety.MAX_TRIPLES, "limit-triples"),
        (len(names), safety.MAX_BLANK_NODES, "limit-blank-nodes"),
    ):
        if count > limit:
            raise RrmError("E342", where=name, detail=Phrase(key, limit=limit))
    return made, len(names)


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
            return Phrase(key, **{what: _short(text) for what, text in found.groupdict().items()})
    return _short(reason or said)


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"


# What is said of triples

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_IN_LITERAL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_IN_IRI: Final = re.compile(
    r"[\x00-\x20\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def _check_quad(quad: ox.Quad, name: str, seen: set[str]) -> None:
    """Refuse a named graph (E346) and terms as _check does; ``seen`` are the IRIs that were looked at before."""
    if not isinstance(quad.graph_name, ox.DefaultGraph):
        raise RrmError("E346", where=name, detail=_short(quad.graph_name.value))
    for term in (quad.subject, quad.predicate, quad.object):
        _check(term, name, seen)


def _check(term: Any, name: str, seen: set[str]) -> None:
    """Refuse a term that goes past a limit: E342 for its length, E343 for a character, E344 for a scheme."""
    if isinstance(term, ox.Literal):
        value = term.value
        if len(value) * 4 > safety.MAX_LITERAL_BYTES and len(value.encode()) > safety.MAX_LITERAL_BYTES:
            limit = safety.MAX_LITERAL_BYTES // 1024
            raise RrmError("E342", where=name, detail=Phrase("limit-literal", limit=limit, text=value[:40]))
        control = _IN_LITERAL.search(value)
        if control:
            raise RrmError("E343", where=name, detail=f"U+{ord(control[0]):04X}", text=_short(_seen(value)))
        if term.direction is not None:
            raise RrmError("E349", where=name, detail=f"@{term.language}--{term.direction}")
        _check(term.datatype, name, seen)
    elif isinstance(term, ox.NamedNode) and term.value not in seen:
        iri = term.value
        seen.add(iri)
        if len(iri) > safety.MAX_IRI_LENGTH:
            limit = safety.MAX_IRI_LENGTH
            raise RrmError("E342", where=name, detail=Phrase("limit-iri", limit=limit, text=iri[:40]))
        control = _IN_IRI.search(iri)
        if control:
            raise RrmError("E343", where=name, detail=f"U+{ord(control[0]):04X}", text=_short(_seen(iri)))
        scheme = _SCHEME.match(iri)
        if scheme is None or scheme[1].lower() not in safety.SCHEMES:
            raise RrmError("E344", where=name, detail=_short(iri))


def _seen(text: str) -> str:
    """A text with the characters that are not seen as their code points."""
    return _IN_IRI.sub(lambda found: found[0] if found[0] == " " else f"<U+{ord(found[0]):04X}>", text)


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
