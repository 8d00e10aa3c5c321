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
    E342 for too many contexts.
    """
    whole = jsontext.read(text, name)
    ours = json.dumps(bundled())
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
        if isinstance(context.value, str):
            parts += (text[end : context.start], ours)
            end = context.end
    return whole, "".join((*parts, text[end:]))


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
    context: Any = None
    scoped: bool = False


@dataclass(frozen=True)
class Context:
    """An active context: definitions as they are written, and the IRIs that complete others."""

    definitions: dict[str, Any] = field(default_factory=dict)
    vocab: str = ""
    base: str = ""
    _scoped: dict[int, Context] = field(default_factory=dict, compare=False, repr=False)

    def scoped(self, term: Term) -> Context:
        """This context with what the definition of a term adds for its values."""
        if not term.scoped:
            return self
        key = id(term.context)
        if key not in self._scoped:
            self._scoped[key] = self.with_local(term.context)
        return self._scoped[key]

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
            context=said.get("@context"),
            scoped="@context" in said,
        )

    def iri(self, written: str, *, vocab: bool = False, seen: frozenset[str] = frozenset()) -> str:
        """The IRI or keyword behind a string; the string itself where nothing completes it."""
        if _KEYWORD.fullmatch(written):
            return written
        if vocab and written in self.definitions and written not in seen:
            return self._defined(written, seen) or ""
        prefix, colon, rest = written.partition(":")
        if prefix == "_" and colon:
            return blank(rest)
        if colon and not rest.startswith("//") and prefix in self.definitions and prefix not in seen:
            return (self._defined(prefix, seen) or "") + rest
        if _ABSOLUTE.match(written):
            return written
        if vocab:
            return self.vocab + written
        return _joined(self.base, written) if self.base else written

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


@dataclass(frozen=True)
class _Scope:
    """How the values of a property are read: the context of its node object, and that of node objects inside it."""

    term: Term
    own: Context
    nested: Context


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
        inner = _typed(value, context)
        self._members(value, inner, context, *(identity or _identity(value, inner)))

    def _members(self, value: Value, inner: Context, context: Context, subject: str, at: Span) -> None:
        for key, member in value.value.items():
            term = inner.term(key)
            if not term.iri:
                continue  # the context says that it is dropped
            edge = _Edge(subject, at, term.iri, value.keys[key])
            scope = _Scope(term, inner, context)
            if term.iri == "@type":
                self._types(member, inner, replace(edge, predicate=RDF_TYPE))
            elif term.iri in ("@graph", "@included"):
                self._nodes(member, context)
            elif term.iri == "@nest":
                for one in _flat(member):
                    self._members(one, inner, context, subject, at)
            elif term.iri == "@reverse":
                for name, one in member.value.items():
                    reverse = inner.term(name)
                    self._reverse(
                        one, _Scope(reverse, inner, context), _Edge(subject, at, reverse.iri or "", member.keys[name])
                    )
            elif term.reverse:
                self._reverse(member, scope, edge)
            elif term.iri not in _OF_A_NODE:
                self._property(member, scope, edge)

    def _types(self, value: Value, context: Context, edge: _Edge) -> None:
        for one in _flat(value):
            if isinstance(one.value, str):
                self._keep(edge, (context.iri(one.value, vocab=True),), one.span)

    def _reverse(self, value: Value, scope: _Scope, edge: _Edge) -> None:
        """Read the nodes that point to this one."""
        nested = scope.nested.scoped(scope.term)
        for one in _flat(value):
            if isinstance(one.value, dict):
                subject, at = _identity(one, _typed(one, _local(one, nested)))
                self._keep(_Edge(subject, at, edge.predicate, edge.key_at), (edge.subject,), one.span)
                self._node(one, nested, (subject, at))
            elif isinstance(one.value, str):
                subject = _readings(one, scope.term, scope.own)[0]
                self._keep(_Edge(subject, one.span, edge.predicate, edge.key_at), (edge.subject,), one.span)

    def _property(self, value: Value, scope: _Scope, edge: _Edge) -> None:
        """Read the values of a property."""
        term = scope.term
        scope = _Scope(term, scope.own.scoped(term), scope.nested.scoped(term))
        if term.type == "@json":
            self._keep(edge, (), value.span)
        elif "@list" in term.container and not _has(value, "@list", scope.own):
            self._list(value, scope, edge)
        elif isinstance(value.value, dict) and term.container & _MAPS:
            for key, member in value.value.items():
                for one in _flat(member):
                    self._entry(key, value.keys[key], one, scope, edge)
        else:
            for one in _flat(value):
                self._object(one, scope, edge)

    def _entry(self, key: str, key_at: Span, value: Value, scope: _Scope, edge: _Edge) -> None:
        """Read a value of a language map, or of a map by index, identity or type."""
        identity = None
        is_node = isinstance(value.value, dict) and key != "@none"
        if "@id" in scope.term.container and is_node and not _has(value, "@id", scope.own):
            identity = scope.own.iri(key), key_at
        self._object(value, scope, edge, identity)
        if "@type" in scope.term.container and is_node:
            name, at = _identity(value, _local(value, scope.nested))
            self._keep(_Edge(name, at, RDF_TYPE, key_at), (scope.own.iri(key, vocab=True),), key_at)

    def _object(self, value: Value, scope: _Scope, edge: _Edge, identity: tuple[str, Span] | None = None) -> None:
        """Read one value: a scalar, a value object, a list, a set or a node object."""
        if value.value is None:
            return
        if not isinstance(value.value, dict):
            self._keep(edge, _readings(value, scope.term, scope.own), value.span)
            return
        members = {scope.own.iri(key, vocab=True): member for key, member in value.value.items()}
        if "@value" in members:
            self._literal(members, edge)
        elif "@list" in members:
            self._list(members["@list"], scope, edge)
        elif "@set" in members:
            for one in _flat(members["@set"]):
                self._object(one, scope, edge)
        else:
            subject, at = identity or _identity(value, _typed(value, _local(value, scope.nested)))
            self._keep(edge, (subject,), at)
            self._node(value, scope.nested, (subject, at))

    def _literal(self, members: dict[str, Value], edge: _Edge) -> None:
        literal, type_ = members["@value"], members.get("@type")
        if type_ is not None and type_.value == "@json":
            self._keep(edge, (), literal.span)
        elif literal.value is not None:
            self._keep(edge, _readings(literal, Term(None), Context()), literal.span)

    def _list(self, value: Value, scope: _Scope, edge: _Edge) -> None:
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
                self._list(one, scope, first)
            else:
                self._object(one, scope, first)


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


def _typed(value: Value, context: Context) -> Context:
    """A context with what the types of a node object add, for its own keys."""
    types = [
        one.value
        for key, member in value.value.items()
        if context.iri(key, vocab=True) == "@type"
        for one in _flat(member)
        if isinstance(one.value, str)
    ]
    made = context
    for name in sorted(types):
        if name in context.definitions:
            made = made.scoped(context.term(name))
    return made


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
