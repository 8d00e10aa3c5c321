"""What the text of a cell means: an IRI, a date, a number, a text; and how a term is written in a cell."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

import pyoxigraph as ox

from rrm_kg.tabular.sheets import Column
from rrm_kg.terms import BASE, CODE, ID, RRM, XSD, expand, shorten
from rrm_kg.vocabulary import Property, Vocabulary, folded, slug

BETWEEN: Final = " | "
_BRACKET: Final = re.compile(r".*\[([^\[\]\s]+)\]\Z", re.DOTALL)
_TWO_PARTS: Final = re.compile(r"[a-z][a-z0-9-]*/[^\s/]\S*\Z")
_SLUG: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]*\Z")
_BY_PRECISION: Final = (
    (re.compile(r"\d{4}-\d{2}-\d{2}\Z"), XSD + "date"),
    (re.compile(r"\d{4}-\d{2}\Z"), XSD + "gYearMonth"),
    (re.compile(r"\d{4}\Z"), XSD + "gYear"),
)
_INTEGER: Final = re.compile(r"[+-]?\d+\Z")
_DECIMAL: Final = re.compile(r"[+-]?\d+\.\d+\Z")

Term = ox.NamedNode | ox.Literal


@dataclass
class Names:
    """The names that a document may use: those of the vocabulary, and those of the things that it holds itself."""

    words: Vocabulary
    kinds: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    by_name: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    steps: tuple[str, ...] = ()  # the lists of the mechanism of the row, from which a step is meant

    def add(self, iri: str, cls: str, name: str) -> None:
        """Take in a thing of the document under a name."""
        self.kinds[iri].add(cls)
        self.by_name[folded(name)].add(iri)

    def subject(self, text: str, cls: str) -> str:
        """The IRI of the thing that a row is about, from its identifier."""
        written = self._written(text)
        if written is not None:
            return written
        if _TWO_PARTS.match(text) and _valid(ID + text):
            return ID + text
        return self.words.kind(cls) + (text if _SLUG.match(text) else slug(text))

    def terms(self, text: str, column: Column, reported: str | None = None) -> Iterator[tuple[Term, str]]:
        """The values that a cell of a column holds, each with the part of its text.

        ``reported`` is the property whose value the row reports, where it reports one. What cannot be understood stays
        what was written, for the gate to find.
        """
        of = self.words.property(reported if reported and column.predicate == RRM + "value" else column.predicate)
        if of.form == "reference" and not column.language and not column.datatype:
            for part in filter(None, map(str.strip, text.split("|"))):
                yield ox.NamedNode(self.reference(part, of)), part
        else:
            yield self._term(text, column, of), text

    def _term(self, text: str, column: Column, of: Property) -> Term:
        if column.language:
            return ox.Literal(text, language=column.language)
        datatype = column.datatype
        if datatype is None and of.form in ("date", "any"):
            datatype = next((kind for form, kind in _BY_PRECISION if form.match(text)), None)
            if of.form == "any" and (datatype == XSD + "gYear"):
                datatype = None  # four digits where a number may stand
        if datatype is None and of.form in ("number", "any"):
            datatype = XSD + "integer" if _INTEGER.match(text) else XSD + "decimal" if _DECIMAL.match(text) else None
        if datatype is None and of.form == "any":
            iri = self._known(text, of)
            if iri is not None:
                return ox.NamedNode(iri)
            datatype = XSD + "string"
        return ox.Literal(text, datatype=ox.NamedNode(datatype or of.datatype or XSD + "string"))

    def reference(self, text: str, of: Property) -> str:
        """The IRI that a name stands for; for a name that nobody knows one that nothing has, near those it is for."""
        known = self._known(text, of)
        if known is not None:
            return known
        if _TWO_PARTS.match(text) and _valid(ID + text):
            return ID + text
        return self.words.kind_of_values(of) + (text if _SLUG.match(text) else slug(text))

    def _known(self, text: str, of: Property) -> str | None:
        bracket = _BRACKET.match(text)
        name = bracket[1] if bracket else text
        written = self._written(name)
        if written is not None:
            return written
        for base in (ID, CODE, BASE) if "/" in name else ():
            if base + name in self.kinds or base + name in self.words.types:
                return base + name
        found = [index.get(folded(name), set()) for index in (self.by_name, self.words.by_name, self.words.by_slug)]
        for likely in (True, False):
            for things in found:
                fitting = {iri for iri in things if self._fits(iri, of, likely)}
                if len(fitting) == 1:
                    return fitting.pop()
                for meant in self._narrower(fitting, name):
                    if len(meant) == 1:
                        return meant.pop()
        # The name of one other thing, such as a code of another list: the gate says why it does not belong here.
        return next(iter(found[1])) if len(found[1]) == 1 else None

    def _narrower(self, things: set[str], name: str) -> Iterator[set[str]]:
        """Of things that go by one name, those of each list of the row's mechanism; those whose own name it is."""
        for scheme in self.steps:
            yield {iri for iri in things if scheme in self.words.schemes.get(iri, ())}
        wanted = folded(name)
        yield {iri for iri in things if any(folded(own) == wanted for own in self.words.labels.get(iri, {}).values())}

    def _fits(self, iri: str, of: Property, likely: bool) -> bool:
        kinds = self.kinds.get(iri) or self.words.types.get(iri, set())
        return self.words.fits(iri, of, kinds) and (not likely or not of.seen or bool(kinds & of.seen))

    def _written(self, text: str) -> str | None:
        """The IRI that is written out, in full or with a prefix."""
        if re.match(r"<.*>\Z|https?://", text) or re.match(r"[a-z]+:\S+\Z", text):
            iri = expand(text)
            return iri if iri is not None and _valid(iri) else None
        return None

    # Writing

    def written(self, term: Term, column: Column, lang: str, reported: str | None = None) -> str | None:
        """The text of a cell that is read again as the term; None where the column cannot hold it."""
        return next((text for text in self._forms(term, lang) if self._holds(text, term, column, reported)), None)

    def _holds(self, text: str, term: Term, column: Column, reported: str | None) -> bool:
        return text == text.strip() != "" and [value for value, _ in self.terms(text, column, reported)] == [term]

    def _forms(self, term: Term, lang: str) -> Iterator[str]:
        if isinstance(term, ox.Literal):
            yield term.value
            return
        iri = term.value
        last = iri.rsplit("/", 1)[-1]
        if iri in self.kinds:
            yield last
        if name := self.words.labels.get(iri, {}):
            yield self.words.label(iri, lang)
            yield f"{self.words.label(iri, lang)} [{short(iri)}]"
            yield from (name[key] for key in sorted(name))
        if iri.startswith(ID):
            yield last
        yield short(iri)
        yield f"<{iri}>"

    def identifier(self, iri: str, cls: str) -> str:
        """The identifier of a thing in the sheet of its class."""
        forms = (iri.rsplit("/", 1)[-1], short(iri), shorten(iri), f"<{iri}>")
        return next(form for form in forms if self.subject(form, cls) == iri)


def short(iri: str) -> str:
    """An IRI without what all IRIs of the graph begin with.

    >>> short("https://w3id.org/rrm-kg/id/union/strm"), short("https://w3id.org/rrm-kg/code/role/panel")
    ('union/strm', 'role/panel')
    """
    for base in (ID, CODE):
        if iri.startswith(base):
            return iri.removeprefix(base)
    return shorten(iri)


def _valid(iri: str) -> bool:
    try:
        ox.NamedNode(iri)
    except ValueError:
        return False
    return quote(iri, safe="") != "" and not re.search(r"[\s<>\"{}|\\^`]", iri)
