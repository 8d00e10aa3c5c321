"""A question asked of several things: once for each, the rows put together below a column that names the thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import pyoxigraph as ox

from rrm_kg.errors import RrmError
from rrm_kg.query import Answer, Row
from rrm_kg.questions import Question

Given = str | Sequence[str]
Run = Callable[[dict[str, Any]], Answer]


def ask(question: Question, given: Mapping[str, Given], lang: str, store: ox.Store, run: Run) -> Answer:
    """The answer of ``run`` to a question for given parameters, which are texts or, for a thing, lists of texts.

    For each list there is a first column with the IRI of the thing (named_by). Rows come thing by thing in the order
    in which the things were given, every thing once; of several lists, every combination. Raises RrmError as bind does.
    """
    asked = bind(question, given, lang, store)
    if not listed(given):
        return run(asked[0])
    return _together(
        named_by(question, given), [([terms[name] for name in listed(given)], run(terms)) for terms in asked]
    )


def bind(question: Question, given: Mapping[str, Given], lang: str, store: ox.Store) -> list[dict[str, Any]]:
    """The terms to bind, once for each combination of the values in lists.

    Raises RrmError E215 for a list where the parameter is no thing, E203 for an empty one, and as Question.bind does.
    """
    things = {parameter.name for parameter in question.parameters if parameter.thing}
    known = {parameter.name for parameter in question.parameters}
    lists = listed(given)
    for name in lists:
        if name in known - things:
            raise RrmError("E215", name=name)
    values = [dict.fromkeys(given[name]) or [""] for name in lists]
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for chosen in product(*values):
        terms = question.bind({**given, **dict(zip(lists, chosen, strict=True))}, lang, store)  # type: ignore[dict-item]
        found.setdefault(tuple(str(terms[name]) for name in lists), terms)
    return list(found.values())


def listed(given: Mapping[str, Given]) -> tuple[str, ...]:
    """The parameters that are given as lists."""
    return tuple(name for name, value in given.items() if not isinstance(value, str))


def named_by(question: Question, given: Mapping[str, Given]) -> dict[str, str]:
    """The first columns of an answer about several things, with the parameter that each of them repeats.

    A column is called as its parameter is, or ``about_`` and that where the answer has such a column already.
    """
    taken = {column.name for column in question.columns}
    return {f"about_{name}" if name in taken else name: name for name in listed(given)}


def labels(question: Question, given: Mapping[str, Given], lang: str) -> dict[str, str]:
    """What the columns of an answer are called in a language."""
    of = {parameter.name: parameter.label[lang] for parameter in question.parameters}
    firsts = {column: of[name] for column, name in named_by(question, given).items()}
    return firsts | {column.name: column.label[lang] for column in question.columns}


def _together(columns: Mapping[str, str], answers: Sequence[tuple[list[Any], Answer]]) -> Answer:
    first = answers[0][1]
    rows = tuple(
        Row({**{name: term.value for name, term in zip(columns, things, strict=True)}, **row})
        for things, answer in answers
        for row in answer.rows
    )
    terms = tuple((*things, *row) for things, answer in answers for row in answer.terms)
    return replace(first, columns=(*columns, *first.columns), rows=rows, terms=terms)
