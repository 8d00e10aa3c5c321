"""The statements of a Turtle or N-Triples document that the strict parser has accepted, with the place of each term."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import pyoxigraph as ox

from rrm_kg.places import Span, Written, blank
from rrm_kg.terms import RDF, RDF_TYPE

_SKIP = r"[ \t\r\n]++|\#[^\r\n]*+"
_IRI = r"<[^<>\"\s]*+>"
_STRING = (
    r'"""(?:[^"\\]++|\\.|"(?!""))*+"""'
    r"|'''(?:[^'\\]++|\\.|'(?!''))*+'''"
    r'|"(?:[^"\\\r\n]++|\\.)*+"'
    r"|'(?:[^'\\\r\n]++|\\.)*+'"
)
_NUMBER = r"[+-]?(?:\d++\.?\d*[eE][+-]?\d+|\.\d++(?:[eE][+-]?\d+)?|\d*\.\d+|\d++)"
_IN_NAME = r"[^\s<>\"'()\[\]{},;.\#^@\\|]"
_NAME = rf"(?:{_IN_NAME}|\\.)(?:{_IN_NAME}|\\.|\.++(?={_IN_NAME}|\\))*+"
_TAG = r"@[A-Za-z]++(?:-++[A-Za-z0-9]++)*+"
_TERMS = rf"{_SKIP}|{_IRI}|{_STRING}|{_NUMBER}|{_NAME}|{_TAG}|\^\^|[;,\[\]()]"
_MAX_HEADERS: Final = 100  # of the sets of directives in force at some place; nobody declares prefixes so often
TOKEN: Final = re.compile(
    rf"(?P<skip>{_SKIP})|(?P<iri>{_IRI})|(?P<string>{_STRING})|(?P<number>{_NUMBER})|(?P<name>{_NAME})"
    rf"|(?P<tag>{_TAG})|(?P<typed>\^\^)|(?P<mark>[;,\[\]().])",
    re.DOTALL,
)
_STATEMENT: Final = re.compile(
    rf"""(?:{_SKIP})*+
    (?:(?P<directive>@(?:prefix|base|version)\b(?:{_TERMS})*+\.
        |(?:(?i:prefix)(?=[\s\#])(?:{_SKIP})*+{_NAME}|(?i:base)(?=[\s\#<]))(?:{_SKIP})*+{_IRI}
        |(?i:version)(?=[\s\#"'])(?:{_SKIP})*+(?:{_STRING}))
    |(?P<statement>(?P<subject>{_IRI}|{_NAME})?(?:{_TERMS})*+\.))""",
    re.DOTALL | re.VERBOSE,
)
_BRACKET: Final = re.compile(rf"{_SKIP}|{_IRI}|{_STRING}|\\.|(?P<open>[\[(])|(?P<close>[\])])", re.DOTALL)


def too_deep(text: str, limit: int) -> int | None:
    """The offset of the first bracket that stands deeper than a limit, or None.

    >>> too_deep("<urn:a> <urn:p> ( '((' [ ] ) .", 1)
    23
    """
    depth = 0
    for token in _BRACKET.finditer(text):
        if token.lastgroup == "open":
            depth += 1
            if depth > limit:
                return token.start()
        elif token.lastgroup == "close":
            depth -= 1
    return None


class Turtle:
    """The statements of a document. Only those about the subject that is asked for are looked into."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._statements: list[tuple[int, int, str]] = []  # start, end, the directives in force
        self._by_subject: dict[str, list[int]] = defaultdict(list)
        self._index()

    def about(self, subject: str) -> Iterator[Written]:
        """The triples whose subject is an IRI, in the order of the text."""
        for number in self._by_subject.get(subject, ()):
            yield from self._read(number)

    def all(self) -> Iterator[Written]:
        """Every triple, each before those of a blank node that is its object."""
        for number in range(len(self._statements)):
            yield from self._read(number)

    def _index(self) -> None:
        heads: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        directives: list[str] = []
        header, changed, end = "", False, 0
        while found := _STATEMENT.match(self.text, end):
            end = found.end()
            if found["directive"]:
                directives.append(found["directive"] + "\n")
                changed = True
                continue
            if changed and len(heads) == _MAX_HEADERS:
                break
            if changed:
                header, changed = "".join(directives), False
            if found["subject"]:
                heads[header][found["subject"]].append(len(self._statements))
            self._statements.append((found.start("statement"), end, header))
        for written, subjects in heads.items():
            named = [subject for subject in subjects if not subject.startswith("_:")]
            for subject, iri in _texts(written, named).items():
                self._by_subject[iri] += subjects[subject]
        for numbers in self._by_subject.values():
            numbers.sort()

    def _read(self, number: int) -> Iterable[Written]:
        start, end, header = self._statements[number]
        return _Statement(self.text, start, end, header).triples


def _texts(header: str, tokens: Sequence[str]) -> dict[str, str]:
    """The lexical form or IRI behind each token, as the strict parser reads it; nothing where it does not."""
    if not tokens:
        return {}
    objects_of_one = " ,\n".join(tokens)
    text = f"{header}<urn:s> <urn:p> {objects_of_one} ."
    try:
        objects = [triple.object for triple in ox.parse(text.encode(), format=ox.RdfFormat.TURTLE)]
    except SyntaxError:
        return {}
    return {
        token: term.value
        for token, term in zip(tokens, objects, strict=False)
        if isinstance(term, (ox.NamedNode, ox.Literal))
    }


class _Statement:
    """The triples of one statement; each stands before those of its object."""

    def __init__(self, text: str, start: int, end: int, header: str) -> None:
        self.text = text
        tokens = (token for token in TOKEN.finditer(text, start, end) if token.lastgroup != "skip")
        self.tokens = [(token.lastgroup or "", *token.span()) for token in tokens]
        self.closed = self._closed()
        self.at = 0
        self.texts = _texts(header, self._atoms())
        self.at = 0
        self.triples: list[Written] = []
        try:
            subject, where = self._term()
            self._inside(subject, where)
            self._properties(subject, where)
        except (IndexError, KeyError):  # a form that this reader does not know has no place
            self.triples.clear()

    def _closed(self) -> dict[int, int]:
        """The offset behind the closing bracket of each opening one."""
        closed, open_ = {}, []
        for kind, start, end in self.tokens:
            if kind == "mark" and self.text[start] in "[(":
                open_.append(start)
            elif kind == "mark" and self.text[start] in "])" and open_:
                closed[open_.pop()] = end
        return closed

    def _atoms(self) -> list[str]:
        """The IRIs and literals of the statement, each once, as they are written."""
        atoms: dict[str, None] = {}
        while self.at < len(self.tokens):
            kind, start, end = self.tokens[self.at]
            if kind == "mark" or self.text[start:end] == "a" or self.text.startswith("_:", start):
                self.at += 1
            else:
                start, end = self._atom()
                atoms[self.text[start:end]] = None
        return list(atoms)

    def _atom(self) -> Span:
        """The range of an IRI or a literal, language or datatype included; the reader then stands behind it."""
        kind, start, end = self.tokens[self.at]
        self.at += 1
        follows = self.tokens[self.at][0] if kind == "string" and self.at < len(self.tokens) else ""
        if follows in ("tag", "typed"):
            self.at += 1 if follows == "tag" else 2
            end = self.tokens[min(self.at, len(self.tokens)) - 1][2]
        return start, end

    def _mark(self, wanted: str) -> bool:
        """Whether the next token is a certain mark, which is then read."""
        kind, start, _ = self.tokens[self.at]
        here = kind == "mark" and self.text[start] == wanted
        self.at += here
        return here

    def _properties(self, subject: str, where: Span) -> None:
        while True:
            while self._mark(";"):
                pass
            if self.tokens[self.at][0] == "mark":
                return
            start, end = self._atom()
            written = self.text[start:end]
            predicate = RDF_TYPE if written == "a" else self.texts[written]
            self._object(subject, predicate, where, (start, end))
            while self._mark(","):
                self._object(subject, predicate, where, (start, end))

    def _object(self, subject: str, predicate: str, where: Span, predicate_at: Span) -> None:
        value, span = self._term()
        self.triples.append(Written(subject, predicate, (value,), where, predicate_at, span))
        self._inside(value, span)

    def _term(self) -> tuple[str, Span]:
        """The next term with its range; of a blank node in brackets or a collection only the opening is read."""
        _, start, end = self.tokens[self.at]
        if self._mark("["):
            return blank(f"@{start}"), (start, self.closed[start])
        if self._mark("("):
            return RDF + "nil" if self._mark(")") else blank(f"@{start}"), (start, self.closed[start])
        if self.text.startswith("_:", start):
            self.at += 1
            return blank(self.text[start + 2 : end]), (start, end)
        start, end = self._atom()
        return self.texts[self.text[start:end]], (start, end)

    def _inside(self, key: str, where: Span) -> None:
        """Read on to the end of a term whose opening has been read."""
        opening = self.text[where[0]]
        if opening == "[":
            self._properties(key, where)
            self.at += 1
        elif opening == "(" and key != RDF + "nil":
            self._collection(key, where)

    def _collection(self, cell: str, where: Span) -> None:
        """Read the elements of a collection, each the rdf:first of a cell."""
        while True:
            start, end = self.tokens[self.at][1:]
            self._object(cell, RDF + "first", where, (start, end))
            if self._mark(")"):
                return
            start, end = self.tokens[self.at][1:]
            rest = blank(f"@{start}-")
            self.triples.append(Written(cell, RDF + "rest", (rest,), where, (start, end), None))
            cell, where = rest, (start, end)
