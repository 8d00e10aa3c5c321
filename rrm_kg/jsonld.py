"""JSON-LD without a door to the outside: no context but ours and those in the file; and the places of its triples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from typing import Any, Final
from urllib.parse import urljoin

from rrm_kg import jsontext, safety
from rrm_kg.errors import Phrase, RrmError
from rrm_kg.jsontext import Value
from rrm_kg.places import Span, Written, blank
from rrm_kg.terms import BASE, RDF, RDF_TYPE

CONTEXT: Final = f"{BASE}context.jsonld"
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_KEYWORD: Final = re.compile(r"@[A-Za-z]+")


@cache
def bundled() -> dict[str, Any]:
    """The context that we publish, which files name by its IRI."""
    from rrm_kg.graph import default_root

    text = (default_root() / "ontology" / "context.jsonld").read_text(encoding="utf-8")
    return dict(json.loads(text)["@context"])


def inlined(text: str, name: str) -> tuple[Value, str]:
    """A JSON-LD document, and its text with our context in the place of its IRI.

    Raises RrmError as jsontext.read does, E345 for any other context that is not written in the document itself,
    E342 for too many contexts or terms, or a context inside the definition of a term.
    """
    whole = jsontext.read(text, name)
    ours = json.dumps(bundled())
    scoped: Value | None = None
    terms = 0
    parts: list[str] = []
    end = 0
    for number, context in enumerate(_contexts(whole)):
        place = f"{name}, {safety.place(text, context.start)}"
        if number == safety.MAX_CONTEXTS:
            raise RrmError("E342", where=place, detail=Phrase("limit-contexts", limit=safety.MAX_CONTEXTS))
        if isinstance(context.value, str) and context.value != CONTEXT:
            raise RrmError("E345", where=place, detail=context.value[:200], ours=CONTEXT)
        if isinstance(context.value, dict) and "@import" in context.value:
            raise RrmError("E345", where=place, detail="@import", ours=CONTEXT)
        terms += len(context.value) if isinstance(context.value, dict) else 0
        if terms > safety.MAX_TERMS:
            raise RrmError("E342", where=place, detail=Phrase("limit-terms", limit=safety.MAX_TERMS))
        if isinstance(context.value, dict):
            scoped = scoped or next((one for one in context.value.values() if _has_own(one)), None)
        if isinstance(context.value, str):
            parts += (text[end : context.start], ours)
            end = context.end
    if scoped is not None:  # each would be worked out again at every node of its kind
        raise RrmError("E342", where=f"{name}, {safety.place(text, scoped.start)}", detail=Phrase("limit-scoped"))
    return whole, "".join((*parts, text[end:]))


def _has_own(definition: Value) -> bool:
    return isinstance(definition.value, dict) and "@context" in definition.value


def _contexts(value: Value) -> Iterator[Value]:
    """Every context at any depth, in the order of the text; those of an array one by one."""
    if isinstance(value.value, list):
        for one in value.value:
            yield from _contexts(one)
    elif isinstance(value.value, dict):
        for key, member in value.value.items():
            if key == "@context":
                yield from _flat(member)
            yield from _contexts(member)


@dataclass(frozen=True)
class Term:
    """What a context says of a key: its IRI (None where it is dropped), and how values are read."""

    iri: str | None
    type: str = ""
    container: frozenset[str] = frozenset()
    reverse: bool = False


@dataclass(frozen=True)
class Context:
    """An active context: definitions as they are written, and the IRIs that complete others."""

    definitions: dict[str, Any] = field(default_factory=dict)
    vocab: str = ""
    base: str = ""

    def with_local(self, local: Any) -> Context:
        """This context with what a ``@context`` adds."""
        if local is None:
            return Context()
        if isinstance(local, list):
            made = self
            for one in local:
                made = made.with_local(one)
            return made
        if isinstance(local, str):
            local = bundled()
        if not isinstance(local, dict):
            return self
        made = Context({**self.definitions, **{k: v for k, v in local.items() if not k.startswith("@")}})
        base, vocab = local.get("@base", self.base), local.get("@vocab", self.vocab)
        known = Context(made.definitions, self.vocab, _joined(self.base, base or ""))
        return Context(made.definitions, known.iri(vocab, vocab=True) if vocab else "", known.base if base else "")

    def term(self, key: str) -> Term:
        """What this context says of a key."""
        if key not in self.definitions:
            return Term(self.iri(key, vocab=True))
        said = self.definitions[key]
        if not isinstance(said, dict):
            return Term(self.iri(key, vocab=True) if isinstance(said, str) else None)
        container = said.get("@container") or ()
        type_ = said.get("@type") or ""
        return Term(
            iri=self.iri(said["@reverse"], vocab=True) if "@reverse" in said else self._defined(key, frozenset()),
            type=type_ if type_.startswith("@") else "",
            container=frozenset([container] if isinstance(container, str) else container),
            reverse="@reverse" in said,
        )

    def iri(self, written: str, *, vocab: bool = False, seen: frozenset[str] = frozenset()) -> str:
        """The IRI or keyword behind a string; the string itself where nothing completes it."""
        if _KEYWORD.fullmatch(written):
            return written
        if vocab and written in self.definitions and written not in seen and len(seen) < safety.MAX_DEPTH:
            return self._defined(written, seen) or ""
        prefix, colon, rest = written.partition(":")
        if prefix == "_" and colon:
            return blank(rest)
        if colon and not rest.startswith("//") and prefix not in seen and len(seen) < safety.MAX_DEPTH:
            namespace = self._namespace(prefix, seen)
            if namespace:
                return namespace + rest
        if _ABSOLUTE.match(written):
            return written
        if vocab:
            return self.vocab + written
        return _joined(self.base, written) if self.base else written

    def _namespace(self, prefix: str, seen: frozenset[str]) -> str | None:
        """The IRI that a prefix stands for; None for what is none."""
        said = self.definitions.get(prefix)
        iri = None if said is None else self._defined(prefix, seen)
        declared = isinstance(said, dict) and said.get("@prefix") is True
        return iri if iri and (declared or iri.endswith((":", "/", "?", "#", "[", "]", "@"))) else None

    def _defined(self, key: str, seen: frozenset[str]) -> str | None:
        said = self.definitions[key]
        target = said.get("@id", key) if isinstance(said, dict) else said
        return self.iri(target, vocab=True, seen=seen | {key}) if isinstance(target, str) else None


def _joined(base: str, written: str) -> str:
    try:
        return urljoin(base, written)
    except ValueError:  # a host that is none
        return written


@dataclass(frozen=True)
class _Edge:
    """A subject and a predicate, with the range of each."""

    subject: str
    at: Span
    predicate: str
    key_at: Span


class Document:
    """What a JSON-LD document writes. It must have been accepted by the strict parser."""

    def __init__(self, text: str, whole: Value) -> None:
        self.text = text
        self._written: list[Written] = []
        self._nodes(whole, Context())

    def about(self, subject: str) -> Iterable[Written]:
        """The triples whose subject is an IRI, in the order of the text."""
        return (one for one in self._written if one.subject == subject)

    def all(self) -> Iterable[Written]:
        """Every triple, each before those of a blank node that is its object."""
        return self._written

    def _keep(self, edge: _Edge, values: tuple[str, ...], value_at: Span | None) -> None:
        self._written.append(Written(edge.subject, edge.predicate, values, edge.at, edge.key_at, value_at))

    def _nodes(self, value: Value, context: Context) -> None:
        for one in _flat(value):
            if isinstance(one.value, dict):
                self._node(one, context)

    def _node(self, value: Value, context: Context, identity: tuple[str, Span] | None = None) -> None:
        """Read the members of a node object."""
        context = _local(value, context)
        self._members(value, context, *(identity or _identity(value, context)))

    def _members(self, value: Value, context: Context, subject: str, at: Span) -> None:
        for key, member in value.value.items():
            term = context.term(key)
            if not term.iri:
                continue  # the context says that it is dropped
            edge = _Edge(subject, at, term.iri, value.keys[key])
            if term.iri == "@type":
                self._types(member, context, replace(edge, predicate=RDF_TYPE))
            elif term.iri in ("@graph", "@included"):
                self._nodes(member, context)
            elif term.iri == "@nest":
                for one in _flat(member):
                    self._members(one, context, subject, at)
            elif term.iri == "@reverse":
                for name, one in member.value.items():
                    reverse = context.term(name)
                    self._reverse(one, reverse, context, _Edge(subject, at, reverse.iri or "", member.keys[name]))
            elif term.reverse:
                self._reverse(member, term, context, edge)
            elif term.iri not in _OF_A_NODE:
                self._property(member, term, context, edge)

    def _types(self, value: Value, context: Context, edge: _Edge) -> None:
        for one in _flat(value):
            if isinstance(one.value, str):
                self._keep(edge, (context.iri(one.value, vocab=True),), one.span)

    def _reverse(self, value: Value, term: Term, context: Context, edge: _Edge) -> None:
        """Read the nodes that point to this one."""
        for one in _flat(value):
            if isinstance(one.value, dict):
                subject, at = _identity(one, _local(one, context))
                self._keep(_Edge(subject, at, edge.predicate, edge.key_at), (edge.subject,), one.span)
                self._node(one, context, (subject, at))
            elif isinstance(one.value, str):
                subject = _readings(one, term, context)[0]
                self._keep(_Edge(subject, one.span, edge.predicate, edge.key_at), (edge.subject,), one.span)

    def _property(self, value: Value, term: Term, context: Context, edge: _Edge) -> None:
        """Read the values of a property."""
        if term.type == "@json":
            self._keep(edge, (), value.span)
        elif "@list" in term.container and not _has(value, "@list", context):
            self._list(value, term, context, edge)
        elif isinstance(value.value, dict) and term.container & _MAPS:
            for key, member in value.value.items():
                for one in _flat(member):
                    self._entry(key, value.keys[key], one, term, context, edge)
        else:
            for one in _flat(value):
                self._object(one, term, context, edge)

    def _entry(self, key: str, key_at: Span, value: Value, term: Term, context: Context, edge: _Edge) -> None:
        """Read a value of a language map, or of a map by index, identity or type."""
        identity = None
        is_node = isinstance(value.value, dict) and key != "@none"
        if "@id" in term.container and is_node and not _has(value, "@id", context):
            identity = context.iri(key), key_at
        self._object(value, term, context, edge, identity)
        if "@type" in term.container and is_node:
            name, at = _identity(value, _local(value, context))
            self._keep(_Edge(name, at, RDF_TYPE, key_at), (context.iri(key, vocab=True),), key_at)

    def _object(
        self, value: Value, term: Term, context: Context, edge: _Edge, identity: tuple[str, Span] | None = None
    ) -> None:
        """Read one value: a scalar, a value object, a list, a set or a node object."""
        if value.value is None:
            return
        if not isinstance(value.value, dict):
            self._keep(edge, _readings(value, term, context), value.span)
            return
        members = {context.iri(key, vocab=True): member for key, member in value.value.items()}
        if "@value" in members:
            self._literal(members, edge)
        elif "@list" in members:
            self._list(members["@list"], term, context, edge)
        elif "@set" in members:
            for one in _flat(members["@set"]):
                self._object(one, term, context, edge)
        else:
            subject, at = identity or _identity(value, _local(value, context))
            self._keep(edge, (subject,), at)
            self._node(value, context, (subject, at))

    def _literal(self, members: dict[str, Value], edge: _Edge) -> None:
        literal, type_ = members["@value"], members.get("@type")
        if type_ is not None and type_.value == "@json":
            self._keep(edge, (), literal.span)
        elif literal.value is not None:
            self._keep(edge, _readings(literal, Term(None), Context()), literal.span)

    def _list(self, value: Value, term: Term, context: Context, edge: _Edge) -> None:
        """Read a list: each element is the rdf:first of a cell."""
        elements = [one for one in (value.value if isinstance(value.value, list) else [value]) if one.value is not None]
        if not elements:
            self._keep(edge, (RDF + "nil",), value.span)
            return
        cell, at = blank(f"@{value.start}-"), value.span
        self._keep(edge, (cell,), at)
        for number, one in enumerate(elements):
            if number:
                rest = blank(f"@{one.start}-")
                self._keep(_Edge(cell, at, RDF + "rest", one.span), (rest,), None)
                cell, at = rest, one.span
            first = _Edge(cell, at, RDF + "first", one.span)
            if isinstance(one.value, list):
                self._list(one, term, context, first)
            else:
                self._object(one, term, context, first)


_MAPS: Final = frozenset({"@language", "@index", "@id", "@type"})
_OF_A_NODE: Final = frozenset({"@id", "@context", "@index"})


def _flat(value: Value) -> Iterator[Value]:
    """The values of nested arrays, or the value itself."""
    if isinstance(value.value, list):
        for one in value.value:
            yield from _flat(one)
    else:
        yield value


def _has(value: Value, keyword: str, context: Context) -> bool:
    return isinstance(value.value, dict) and any(context.iri(key, vocab=True) == keyword for key in value.value)


def _local(value: Value, context: Context) -> Context:
    """The context inside a node object, without what its types add."""
    return context.with_local(value.value["@context"].plain()) if "@context" in value.value else context


def _identity(value: Value, context: Context) -> tuple[str, Span]:
    """The subject that a node object is about, and where it is named; a blank node stands where its object does."""
    for key, member in value.value.items():
        if context.iri(key, vocab=True) == "@id" and isinstance(member.value, str):
            return context.iri(member.value), member.span
    return blank(f"@{value.start}"), value.span


def _readings(value: Value, term: Term, context: Context) -> tuple[str, ...]:
    """The lexical forms that a scalar may have in the graph."""
    if isinstance(value.value, bool):
        return ("true" if value.value else "false",)
    if isinstance(value.value, (int, float)):
        sign, digits, exponent = Decimal(value.text).normalize().as_tuple()
        assert isinstance(exponent, int)
        first, *rest = digits
        fraction = "".join(map(str, rest)) or "0"
        double = f"{'-' if sign else ''}{first}.{fraction}E{exponent + len(rest)}"
        whole = float(value.value).is_integer()
        return (str(int(value.value)), double) if whole else (double,)
    if term.type in ("@id", "@vocab"):
        return (context.iri(value.value, vocab=term.type == "@vocab"),)
    return (str(value.value),)
