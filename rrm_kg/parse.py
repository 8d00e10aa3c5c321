"""Bytes to triples, strictly, and where each triple stands in its file."""

from __future__ import annotations

import bisect
import contextlib
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from rrm_kg import safety
from rrm_kg.errors import RrmError
from rrm_kg.findings import Where

if TYPE_CHECKING:
    from rdflib.term import Node

_NOT_TURTLE: Final = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml|<!DOCTYPE|<html|PK\x03\x04|%PDF|\{|\[\s*[\{\"])", re.I
)
_PLACE: Final = re.compile(r"(?:at line (\d+) (?:between )?columns? (\d+))|(?:on line (\d+) at position (\d+))")


def triples(data: bytes, name: str) -> list[ox.Triple]:
    """The triples of a document, in the order of the file; its name says which format it has.

    Raises RrmError as the reader of the format does.
    """
    return parse_turtle(data, name)


def parse_turtle(data: bytes, name: str) -> list[ox.Triple]:
    """The triples of a Turtle document, in the order of the file.

    ``name`` is the file's name, for the error. Raises RrmError E302 for a file over 5 MB, E303 for one that is
    not text in UTF-8 or not Turtle at all, E304 with line and column for a syntax error.
    """
    if len(data) > safety.MAX_FILE_BYTES:
        raise RrmError("E302", where=name, limit=safety.MAX_FILE_BYTES // 1_000_000)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RrmError("E303", where=f"{name}, byte {error.start}") from None
    if _NOT_TURTLE.match(data):
        raise RrmError("E303", where=name)
    try:
        return list(_triples(data, name))
    except SyntaxError as error:
        line, column = error.lineno or 1, error.offset or 1
        raise RrmError("E304", where=f"{name}, line {line}, column {column}", detail=_reason(error)) from None


def _triples(data: bytes, name: str) -> Iterator[ox.Triple]:
    """The triples, with blank nodes named by file and order, so that the same bytes give the same names."""
    names: dict[str, ox.BlankNode] = {}
    prefix = re.sub(r"\W+", "-", name).strip("-") or "b"

    def named(term: Any) -> Any:
        if not isinstance(term, ox.BlankNode):
            return term
        return names.setdefault(term.value, ox.BlankNode(f"{prefix}-{len(names) + 1}"))

    for quad in ox.parse(data, format=ox.RdfFormat.TURTLE):
        yield ox.Triple(named(quad.subject), quad.predicate, named(quad.object))


def _reason(error: SyntaxError) -> str:
    reason = re.sub(
        r"^Parser error(?: at line \d+(?: between columns \d+ and column \d+| column \d+)?)?:? ?",
        "",
        error.msg,
    )
    return reason or error.msg


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


def positions(data: bytes, name: str) -> Positions:
    """Where the triples of a document stand, that was accepted under this name."""
    return Positions(data, name)


class Positions:
    """Where each triple of a Turtle document stands.

    The document must have been accepted by parse_turtle. Statements are read when their subject is asked for: those
    that begin a line with it, and all others only when these do not hold what is looked for.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self.text = data.decode("utf-8")
        self.triples: dict[tuple[str, str, str], int] = {}
        self.properties: dict[tuple[str, str], int] = {}
        self.subjects: dict[str, int] = {}
        self._breaks = [found.start() for found in re.finditer("\n", self.text)]
        self._recorder = _recorder(self._keep)
        self._whole = False
        self._asked: set[str] = set()
        for directive in _DIRECTIVE.finditer(self.text):
            if directive["prefix"] and directive["namespace"]:
                self._recorder._bindings[directive["prefix"]] = directive["namespace"]
            else:
                self._read_at(directive.start())

    def find(self, subject: str, predicate: str | None, value: str | None) -> Where | None:
        """The place of a triple, else of the first triple with its property, else of its subject.

        None when the file says nothing about the subject.
        """
        if subject not in self._asked:
            self._asked.add(subject)
            self._read(subject)
        found = self._found(subject, predicate, value)
        best = "subject" if predicate is None else "property" if value is None else "triple"
        if not self._whole and (found is None or found[1] != best):
            self._read_all()
            found = self._found(subject, predicate, value)
        return None if found is None else Where(self.name, *found)

    def _found(self, subject: str, predicate: str | None, value: str | None) -> tuple[int, str] | None:
        if predicate is not None and value is not None:
            line = self.triples.get((subject, predicate, value))
            if line is not None:
                return line, "triple"
        if predicate is not None and (subject, predicate) in self.properties:
            return self.properties[subject, predicate], "property"
        if subject in self.subjects:
            return self.subjects[subject], "subject"
        return None

    def _read(self, subject: str) -> None:
        names = [re.escape(f"<{subject}>")]
        for prefix, namespace in self._recorder._bindings.items():
            if subject.startswith(namespace):
                names.append(re.escape(f"{prefix}:{subject.removeprefix(namespace)}"))
        for statement in re.finditer(rf"^(?:{'|'.join(names)})(?=\s)", self.text, re.MULTILINE):
            self._read_at(statement.start())

    def _read_at(self, offset: int) -> None:
        """Read one statement; where it does not stand alone, read the whole document."""
        from rdflib.plugins.parsers.notation3 import BadSyntax

        try:
            self._recorder.directiveOrStatement(self.text, offset)
        except BadSyntax:
            self._read_all()

    def _read_all(self) -> None:
        from rdflib.plugins.parsers.notation3 import BadSyntax

        if not self._whole:
            self._whole = True
            with contextlib.suppress(BadSyntax):  # the strict parser has taken it; what this one cannot has no line
                self._recorder.feed(self.text)

    def _keep(self, subject: str, predicate: str, value: str, offset: int) -> None:
        line = bisect.bisect_left(self._breaks, offset) + 1
        self.triples[subject, predicate, value] = min(line, self.triples.get((subject, predicate, value), line))
        self.properties[subject, predicate] = min(line, self.properties.get((subject, predicate), line))
        self.subjects[subject] = min(line, self.subjects.get(subject, line))


_DIRECTIVE: Final = re.compile(  # with the prefix and the namespace where they are written plainly
    r"^(?:@prefix|@base|PREFIX|BASE)\b(?:[ \t]+(?P<prefix>[A-Za-z][\w-]*)?:[ \t]+<(?P<namespace>[a-z]+:[^\\<>\s]*)>)?",
    re.IGNORECASE | re.MULTILINE,
)


def _recorder(keep: Callable[[str, str, str, int], None]) -> Any:
    """A parser of Turtle that hands over each triple with the offset of its object."""
    safety.lock_rdflib()
    import rdflib
    from rdflib.plugins.parsers.notation3 import RDFSink, SinkParser

    class Recorder(SinkParser):
        """Keeps where each object of an object list starts, and hands the places to the statements made from it."""

        _starts: list[int]
        _pending: list[int]

        def object(self, argstr: str, i: int, res: Any) -> int:
            self._starts.append(max(self.skipSpace(argstr, i), 0))
            return int(super().object(argstr, i, res))

        def objectList(self, argstr: str, i: int, res: Any) -> int:  # noqa: N802 (the name is rdflib's)
            outer, self._starts = self._starts, []
            end = int(super().objectList(argstr, i, res))
            self._pending, self._starts = self._starts[::-1], outer
            return end

        def makeStatement(self, quadruple: Any) -> None:  # noqa: N802 (the name is rdflib's)
            _, predicate, subject, value = quadruple
            if self._pending:
                keep(
                    str(subject),
                    str(predicate[1] if isinstance(predicate, tuple) else predicate),
                    str(value),
                    self._pending.pop(),
                )
            super().makeStatement(quadruple)

    recorder = Recorder(RDFSink(rdflib.Graph()), baseURI="", turtle=True)
    recorder._starts, recorder._pending = [], []
    recorder.startDoc()
    return recorder
