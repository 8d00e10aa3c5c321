"""What a SPARQL expression gives for one term, as far as it can be told for certain without an engine.

An expression is kept as nested lists: an operator and what it is applied to, THIS for the term, NOTHING for all else.
It gives a text, a number, a truth value or an IRI, and None for an error and for whatever is not certain: what
another variable is, what a regular expression means that Rust and Python read differently, what a store makes of a
number (SPARQL 1.1 Query Language, section 17).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg.terms import RDF, XSD

THIS: Final = ["this"]
NOTHING: Final = ["nothing"]
_MOST: Final = 120  # operators, past which the engine is faster
_LONGEST: Final = 20_000  # characters of a text that is searched
_PLAIN_TYPES: Final = frozenset({XSD + "string", XSD + "anyURI", RDF + "langString"})
_PLAIN_FORMS: Final = {
    **dict.fromkeys((XSD + "date", XSD + "gYearMonth", XSD + "gYear"), re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}\Z")),
    XSD + "integer": re.compile(r"(0|-?[1-9][0-9]{0,17})\Z"),
}
# No class or escape that is not the same in Rust and Python, and no repetition of what repeats itself.
_SAME_IN_BOTH: Final = re.compile(
    r"(?:[^\\\[\](){}*+?^$|#&~]|&(?!&)|\\[trn.]|\[\^?(?:[^\\\[\]&~$]|&(?!&)|\\[trn])+\]|[{][0-9]+(?:,[0-9]*)?[}]|[*+?^$|]|[(](?!\?)|[)](?![*+?{]))*\Z"
)

COMPARED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "!=": lambda a, b: bool(a != b),
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}

Value = Any
Run = Callable[[Any], Value]


def written(expression: Any, variable: str, made: Mapping[str, Any]) -> list[Any] | None:
    """An expression of the algebra of SPARQL as lists, where a variable alone can make it false; else None.

    ``made`` are the expressions that give other variables.
    """
    size = 0

    def of(one: Any) -> list[Any]:
        nonlocal size
        from rdflib.term import Literal, URIRef, Variable

        size += 1
        if size > _MOST:
            return NOTHING
        if isinstance(one, Variable):
            return THIS if f"?{one}" == variable else of(made[f"?{one}"]) if f"?{one}" in made else NOTHING
        if isinstance(one, URIRef):
            return ["iri", str(one)]
        if isinstance(one, Literal):
            kind = "" if one.datatype is None else str(one.datatype)
            if one.language is None and kind in ("", XSD + "string"):
                return ["text", str(one)]
            return ["number", int(one)] if kind == XSD + "integer" else NOTHING
        name = getattr(one, "name", "")
        if name in ("ConditionalAndExpression", "ConditionalOrExpression"):
            return ["&&" if name == "ConditionalAndExpression" else "||", of(one.expr), *map(of, one.other)]
        if name == "UnaryNot":
            return ["!", of(one.expr)]
        if name == "RelationalExpression":
            if one.op in ("IN", "NOT IN"):
                among = ["||", *(["=", of(one.expr), of(other)] for other in one.other)]
                return among if one.op == "IN" else ["!", among]
            return (
                ["!", ["=", of(one.expr), of(one.other)]] if one.op == "!=" else [one.op, of(one.expr), of(one.other)]
            )
        form = name.removeprefix("Builtin_").upper()
        if form in _PLACES and "flags" not in one:
            return [form, *(of(one[place]) for place in _PLACES[form])]
        return NOTHING

    found = of(expression)
    return found if size <= _MOST and _can_be(found, False) else None


def _can_be(found: list[Any], value: bool) -> bool:
    """Whether the term alone can make an expression true, or false."""
    name, *parts = found
    if name == "!":
        return _can_be(parts[0], not value)
    if name in ("&&", "||"):
        return (any if value is (name == "||") else all)(_can_be(part, value) for part in parts)
    return name in _FUNCTIONS and _names_this(found) and not _names_nothing(found)


def _names_this(found: list[Any]) -> bool:
    return found == THIS or any(_names_this(part) for part in found[1:] if isinstance(part, list))


def _names_nothing(found: list[Any]) -> bool:
    return found == NOTHING or any(_names_nothing(part) for part in found[1:] if isinstance(part, list))


def compiled(expression: list[Any]) -> Run:
    """The function from a term to what an expression gives for it."""
    name, *parts = expression
    if name == "this":
        return lambda term: term
    if name in ("iri", "text", "number"):
        constant = ox.NamedNode(parts[0]) if name == "iri" else parts[0]
        return lambda term: constant
    if name == "nothing":
        return lambda term: None
    runs = [compiled(part) for part in parts]
    if name in ("&&", "||"):
        decides = name == "||"

        def together(term: Any) -> Value:
            sure = True
            for run in runs:
                found = run(term)
                if found is decides:
                    return decides
                sure = sure and isinstance(found, bool)
            return not decides if sure else None

        return together
    return _applied(_FUNCTIONS[name], runs, [part[1] if part[0] in ("text", "number") else None for part in parts])


def _applied(function: Callable[..., Value], runs: list[Run], constants: list[Any]) -> Run:
    """A function of what runs give; most often of one of them, the others being constants."""
    first, *others = runs
    fixed = constants[1:]
    if None not in fixed:

        def one(term: Any) -> Value:
            value = first(term)
            return None if value is None else function(value, *fixed)

        return one

    def all_(term: Any) -> Value:
        values = [first(term), *(run(term) for run in others)]
        return None if None in values else function(*values)

    return all_


def _equal(a: Value, b: Value) -> bool | None:
    return a == b if type(a) is type(b) and isinstance(a, (str, bool, int, ox.NamedNode)) else None


def _ordered(name: str) -> Callable[[Value, Value], bool | None]:
    test = COMPARED[name]
    return lambda a, b: test(a, b) if type(a) is type(b) and isinstance(a, (str, int)) else None


def text(value: Value) -> str | None:
    """STR of a term that a store leaves as it was written."""
    if isinstance(value, ox.Literal):
        if value.language is not None:
            return value.value
        kind = value.datatype.value
        form = _PLAIN_FORMS.get(kind)
        return value.value if kind in _PLAIN_TYPES or (form is not None and form.match(value.value)) else None
    return value.value if isinstance(value, ox.NamedNode) else value if isinstance(value, str) else None


def _language(value: Value) -> str | None:
    return (value.language or "") if isinstance(value, ox.Literal) else None


def _datatype(value: Value) -> ox.NamedNode | None:
    return value.datatype if isinstance(value, ox.Literal) and text(value) is not None else None


def _in_range(tag: Value, wanted: Value) -> bool | None:
    """LANGMATCHES of a tag and a basic range."""
    if not isinstance(tag, str) or not isinstance(wanted, str) or not wanted.isalpha():
        return None
    return tag.lower() == wanted.lower() or tag.lower().startswith(f"{wanted.lower()}-")


@cache
def _pattern(text: str) -> re.Pattern[str] | None:
    if not _SAME_IN_BOTH.match(text):
        return None
    try:
        return re.compile(text.replace("$", r"\Z"), re.ASCII)
    except (re.error, OverflowError, RecursionError):  # the engine says what is wrong with it
        return None


def _found(text: Value, pattern: Value) -> bool | None:
    known = _pattern(pattern) if isinstance(pattern, str) else None
    if known is None or not isinstance(text, str) or len(text) > _LONGEST:
        return None
    return known.search(text) is not None


def _replaced(text: Value, pattern: Value, by: Value) -> str | None:
    known = _pattern(pattern) if isinstance(pattern, str) else None
    if known is None or not isinstance(text, str) or not isinstance(by, str) or len(text) > _LONGEST:
        return None
    return known.sub(by, text) if by.isalpha() or not by else None


def _known_text(function: Callable[..., Value]) -> Callable[..., Value]:
    return lambda *values: function(*values) if all(isinstance(value, str) for value in values) else None


_FUNCTIONS: Final[dict[str, Callable[..., Value]]] = {
    "!": lambda value: not value if isinstance(value, bool) else None,
    "=": _equal,
    **{name: _ordered(name) for name in COMPARED if name != "!="},
    "STR": text,
    "LANG": _language,
    "DATATYPE": _datatype,
    "LANGMATCHES": _in_range,
    "REGEX": _found,
    "REPLACE": _replaced,
    "STRLEN": _known_text(len),
    "STRSTARTS": _known_text(str.startswith),
    "CONTAINS": _known_text(str.__contains__),
    "ISLITERAL": lambda value: isinstance(value, ox.Literal),
    "ISIRI": lambda value: isinstance(value, ox.NamedNode),
    "ISURI": lambda value: isinstance(value, ox.NamedNode),
    "ISBLANK": lambda value: isinstance(value, ox.BlankNode),
}
_PLACES: Final = {
    **dict.fromkeys(("STR", "LANG", "DATATYPE", "STRLEN", "ISLITERAL", "ISIRI", "ISURI", "ISBLANK"), ("arg",)),
    **dict.fromkeys(("LANGMATCHES", "STRSTARTS", "CONTAINS"), ("arg1", "arg2")),
    "REGEX": ("text", "pattern"),
    "REPLACE": ("arg", "pattern", "replacement"),
}
