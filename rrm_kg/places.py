"""Where the triples of a document stand in its text, as ranges of characters."""

from __future__ import annotations

import bisect
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import pyoxigraph as ox

from rrm_kg.findings import Where

Span = tuple[int, int]
MAX_SHOWN: Final = 200
_END_OF_LINE: Final = re.compile(r"\r\n|[\r\n]")


@dataclass(frozen=True, slots=True)
class Written:
    """A triple as a document writes it: its terms, and the range of each.

    The subject is an IRI or the key of a blank node; ``values`` are the lexical forms that the object may have, or one
    key of a blank node. ``value_at`` is None where the object is not written as such: the rest of a collection.
    """

    subject: str
    predicate: str
    values: tuple[str, ...]
    subject_at: Span
    predicate_at: Span
    value_at: Span | None


@dataclass(frozen=True, slots=True)
class Read:
    """What the strict parser read: the triples, and the name in them of each blank node by its label there."""

    triples: list[ox.Triple]
    labels: dict[str, str]


class Document(Protocol):
    """A document that tells what it writes."""

    text: str

    def about(self, subject: str) -> Iterable[Written]:
        """The triples whose subject is an IRI, in the order of the text."""

    def all(self) -> Iterable[Written]:
        """Every triple in the order in which they begin."""


def blank(label: str) -> str:
    """The key of the blank node with a label: no text of a term begins like it.

    >>> blank("b0")
    '\\x00b0'
    """
    return f"\0{label}"


def is_blank(key: str) -> bool:
    """Whether this is the key of a blank node."""
    return key.startswith("\0")


class Positions:
    """Where each triple of a document stands.

    ``read`` gives what the strict parser reads. It is called, and the document looked at as a whole, only when
    something is asked about a blank node.
    """

    def __init__(self, name: str, document: Document, read: Callable[[], Read]) -> None:
        self.name = name
        self.text = document.text
        self._document = document
        self._read = read
        self._lines: list[int] = []
        self._asked: set[str] = set()
        self._whole = False
        self._values: dict[tuple[str, str, str], Span] = {}
        self._properties: dict[tuple[str, str], Span] = {}
        self._subjects: dict[str, Span] = {}

    def find(self, subject: str, predicate: str | None, value: str | None) -> Where | None:
        """The place of the object of a triple, else of the first such property, else of the subject.

        None when the file says nothing about the subject.
        """
        if subject not in self._asked:
            self._asked.add(subject)
            self._keep(self._document.about(subject), {})
        found = self._found(subject, predicate, value)
        blank_asked = ":" not in subject or (value is not None and (found is None or found[1] != "triple"))
        if blank_asked and not self._whole:
            self._whole = True
            written = list(self._document.all())
            read = self._read()
            self._keep(written, _names(written, read.triples, read.labels))
            found = self._found(subject, predicate, value)
        return None if found is None else self._where(*found)

    def where(self, start: int, end: int, located_by: str = "file") -> Where:
        """A range of the text as lines and columns."""
        return self._where((start, end), located_by)

    def _found(self, subject: str, predicate: str | None, value: str | None) -> tuple[Span, str] | None:
        if predicate is not None and value is not None and (subject, predicate, value) in self._values:
            return self._values[subject, predicate, value], "triple"
        if predicate is not None and (subject, predicate) in self._properties:
            return self._properties[subject, predicate], "property"
        if subject in self._subjects:
            return self._subjects[subject], "subject"
        return None

    def _keep(self, written: Iterable[Written], names: dict[str, str]) -> None:
        for one in written:
            subject = names.get(one.subject, one.subject)
            self._subjects.setdefault(subject, one.subject_at)
            if one.value_at is not None:
                self._properties.setdefault((subject, one.predicate), one.predicate_at)
                for value in one.values:
                    self._values.setdefault((subject, one.predicate, names.get(value, value)), one.value_at)

    def _where(self, span: Span, located_by: str) -> Where:
        if not self._lines:
            self._lines = [0, *(found.end() for found in _END_OF_LINE.finditer(self.text))]
        (line, column), (end_line, end_column) = (self._place(offset) for offset in span)
        text = self.text[slice(*span)]
        shown = text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
        return Where(self.name, line, located_by, column, end_line, end_column, shown)

    def _place(self, offset: int) -> tuple[int, int]:
        line = bisect.bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1


def lost(written: Iterable[Written], read: Read) -> Written | None:
    """The first triple of a document that is not among those that it was read as, or None."""
    all_ = list(written)
    names = _names(all_, read.triples, read.labels)
    known = {(_text(t.subject), t.predicate.value, _text(t.object)) for t in read.triples}
    for one in all_:
        subject = names.get(one.subject, one.subject)
        values = (names.get(value, value) for value in one.values)
        if one.values and not any((subject, one.predicate, value) in known for value in values):
            return one
    return None


def _names(written: Sequence[Written], triples: Sequence[ox.Triple], labels: dict[str, str]) -> dict[str, str]:
    """The name in the graph of each blank node of a document.

    One with a label is named by it, any other hangs at the same place, in the same order.
    """
    theirs: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    ours: dict[str, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for triple in triples:
        if isinstance(triple.object, ox.BlankNode):
            theirs[_text(triple.subject), triple.predicate.value][triple.object.value] = None
    for one in written:
        hanging = ours[one.subject][one.predicate]
        if one.values and is_blank(one.values[0]):
            hanging[one.values[0]] = None
    held = {key for predicates in ours.values() for hanging in predicates.values() for key in hanging}
    names = {key: name for label, name in labels.items() if (key := blank(label)) in held or key in ours}
    held |= names.keys()
    hung = {name for hanging in theirs.values() for name in hanging} | set(names.values())
    roots = (subject for subject in ours if is_blank(subject) and subject not in held)
    tops = dict.fromkeys(t.subject.value for t in triples if isinstance(t.subject, ox.BlankNode))
    names |= zip(roots, (top for top in tops if top not in hung), strict=False)
    open_ = [subject for subject in ours if not is_blank(subject) or subject in names]
    while open_:
        subject = open_.pop()
        for predicate, keys in ours[subject].items():
            for key, name in zip(keys, theirs.get((names.get(subject, subject), predicate), ()), strict=False):
                if key not in names:
                    names[key] = name
                    open_.append(key)
    return names


def _text(term: Any) -> str:
    return str(term.value)
