"""Conditions that a SPARQL filter sets for one term, and comparisons of two.

The term may be as it was written: a store makes an xsd:integer of an xsd:int, and 7 of 007, before a query sees it.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg.context import expressions
from rrm_kg.terms import XSD

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_MOST_COMPARED: Final = 64  # pairs of terms
_NOTHING: Final = json.dumps(expressions.NOTHING)
_SIZES: Final = ("byte", "short", "int", "long")
_STORED: Final = {
    **dict.fromkeys(_SIZES, "integer"),
    **{f"unsigned{name.capitalize()}": "integer" for name in _SIZES},
    **{f"{sign}Integer": "integer" for sign in ("positive", "nonNegative", "negative", "nonPositive")},
    "dateTimeStamp": "dateTime",
}


@dataclass(frozen=True)
class Condition:
    """What a variable must be: ``iri``, ``literal``, ``starts``, ``datatype`` or ``not`` some texts or IRIs.

    ``test`` says that an expression may hold for it.
    """

    variable: str
    kind: str
    texts: tuple[str, ...] = ()

    @cached_property
    def test(self) -> tuple[str, tuple[str, ...]]:
        """The same for conditions that differ by their variable at most."""
        return self.kind, self.texts

    @cached_property
    def is_whole(self) -> bool:
        """Whether it is all that the expression asks which sets it."""
        return self.kind != "test" or _NOTHING not in self.texts[0]

    def surely(self, term: Any) -> bool:
        """Whether a term meets the condition for certain, in whatever form a store keeps it."""
        if self.kind == "test":
            return _compiled(self.texts[0])(term) is True
        if self.kind == "literal":
            return isinstance(term, ox.Literal)
        return isinstance(term, ox.NamedNode) and bool(self.meeting((term,)))

    def meeting(self, terms: Iterable[Any]) -> list[Any]:
        """Those of some terms that meet the condition."""
        return _MEETING[self.kind](terms, self.texts)


@dataclass(frozen=True)
class Comparison:
    """How the terms of two variables must compare: by ``!=``, ``<``, ``>``, ``<=`` or ``>=``, perhaps as texts."""

    left: str
    operator: str
    right: str
    as_text: bool

    def renamed(self, names: Mapping[str, str]) -> Comparison:
        """The same with other names for variables."""
        return replace(self, left=names.get(self.left, self.left), right=names.get(self.right, self.right))

    def can_hold(self, lefts: Set[Any], rights: Set[Any]) -> bool:
        """Whether some of the terms of one variable may compare so with some of the other."""
        if len(lefts) * len(rights) > _MOST_COMPARED:
            return True
        test = expressions.COMPARED[self.operator]
        pairs = itertools.product(map(self._value, lefts), map(self._value, rights))
        return any(a is None or b is None or test(a, b) for a, b in pairs)

    def _value(self, term: Any) -> str | None:
        """What is compared, where an engine compares it as Python does."""
        if self.as_text or (self.operator == "!=" and isinstance(term, ox.NamedNode)):
            return expressions.text(term)
        plain = isinstance(term, ox.Literal) and term.datatype.value == XSD + "date" and self.operator != "!="
        return expressions.text(term) if plain and _DAY.match(term.value) else None


def compared(expression: Any) -> Iterator[Comparison]:
    """The comparison of two variables that an expression of the algebra of SPARQL is."""
    from rdflib.term import Variable

    if getattr(expression, "name", "") != "RelationalExpression" or expression.op not in ("!=", "<", ">", "<=", ">="):
        return
    sides = expression.expr, expression.other
    as_text = all(getattr(side, "name", "") == "Builtin_STR" for side in sides)
    names = [side.arg for side in sides] if as_text else sides
    if all(isinstance(name, Variable) for name in names):
        left, right = (f"?{name}" for name in names)
        yield Comparison(left, expression.op, right, as_text)


def _of_datatypes(terms: Iterable[Any], texts: tuple[str, ...]) -> list[Any]:
    kinds = _written_as(texts)
    return [term for term in terms if isinstance(term, ox.Literal) and term.datatype.value in kinds]


@cache
def _written_as(datatypes: tuple[str, ...]) -> frozenset[str]:
    """The datatypes, and those of which a store makes one of them."""
    stored = {XSD + written for written, made in _STORED.items() if XSD + made in datatypes}
    return frozenset(datatypes) | stored


def _tested(terms: Iterable[Any], texts: tuple[str, ...]) -> list[Any]:
    run = _compiled(texts[0])
    return [term for term in terms if run(term) is not False]


@cache
def _compiled(expression: str) -> expressions.Run:
    return expressions.compiled(json.loads(expression))


_MEETING: Final[dict[str, Callable[[Iterable[Any], tuple[str, ...]], list[Any]]]] = {
    "iri": lambda terms, texts: [term for term in terms if isinstance(term, ox.NamedNode)],
    "literal": lambda terms, texts: [term for term in terms if isinstance(term, ox.Literal)],
    "starts": lambda terms, texts: [
        term for term in terms if not isinstance(term, ox.NamedNode) or term.value.startswith(texts)
    ],
    "datatype": _of_datatypes,
    "not": lambda terms, texts: [
        term for term in terms if not isinstance(term, ox.NamedNode) or term.value not in texts
    ],
    "test": _tested,
}


def by_variable(conditions: Iterable[Condition]) -> dict[str, tuple[Condition, ...]]:
    """The conditions on each variable."""
    some = tuple(conditions)
    return {name: tuple(one for one in some if one.variable == name) for name in {one.variable for one in some}}


def of(expression: Any, made: Mapping[str, Any]) -> Iterator[Condition]:
    """The conditions that an expression of the algebra of SPARQL sets; ``made`` gives variables by expressions."""
    plain = list(_plain(expression))
    yield from plain
    for name in () if plain else sorted(_variables(expression, made)):
        written = expressions.written(expression, name, made)
        if written is not None:
            yield Condition(name, "test", (json.dumps(written, ensure_ascii=False),))


def _variables(expression: Any, made: Mapping[str, Any]) -> set[str]:
    """The variables that an expression rests on."""
    from rdflib.term import Variable

    if isinstance(expression, Variable):
        name = f"?{expression}"
        return _variables(made[name], made) if name in made else {name}
    parts = expression.values() if isinstance(expression, dict) else expression if isinstance(expression, list) else ()
    return set().union(*(_variables(part, made) for part in parts))


def _plain(expression: Any) -> Iterator[Condition]:
    from rdflib.term import Literal, URIRef, Variable

    name = getattr(expression, "name", "")
    if name in ("Builtin_isIRI", "Builtin_isURI", "Builtin_isLITERAL") and isinstance(expression.arg, Variable):
        yield Condition(f"?{expression.arg}", "literal" if name == "Builtin_isLITERAL" else "iri")
    elif name == "Builtin_STRSTARTS" and isinstance(expression.arg2, Literal):
        text = expression.arg1
        if getattr(text, "name", "") == "Builtin_STR" and isinstance(text.arg, Variable):
            yield Condition(f"?{text.arg}", "starts", (str(expression.arg2),))
    elif name == "RelationalExpression":
        many = expression.op in ("IN", "NOT IN")
        texts = expression.other if many else [expression.other]
        if not isinstance(texts, list) or not all(isinstance(text, URIRef) for text in texts):
            return
        about, iris = expression.expr, tuple(map(str, texts))
        if expression.op in ("=", "IN") and getattr(about, "name", "") == "Builtin_DATATYPE":
            if isinstance(about.arg, Variable):
                yield Condition(f"?{about.arg}", "datatype", iris)
        elif expression.op in ("!=", "NOT IN") and isinstance(about, Variable):
            yield Condition(f"?{about}", "not", iris)
