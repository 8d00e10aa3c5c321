"""Rows of an answer in Turtle, in the vocabulary of result sets of the W3C's tests of SPARQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg.query import Answer
from rrm_kg.serve.evaluate import TRUNCATED

TYPE: Final = "text/turtle"
_PREFIX: Final = "@prefix rs: <http://www.w3.org/2001/sw/DataAccess/tests/result-set#> .\n"


def turtle(answer: Answer, most: int) -> tuple[bytes, int]:
    """The rows as an rs:ResultSet, each with its place as rs:index, and how many fit into ``most`` bytes.

    A comment says that there are more. A column without a value has no rs:binding.
    """
    parts, size = [], 0
    for part in _solutions(answer):
        size += len(part.encode())
        if size > most:
            break
        parts.append(part)
    names = ", ".join(str(ox.Literal(name)) for name in answer.columns)
    head = f"[] a rs:ResultSet ;\n  rs:resultVariable {names} ;\n  rs:size {len(parts)}"
    note = f"# {TRUNCATED}\n" if len(parts) < len(answer) else ""
    return f"{note}{_PREFIX}\n{head}{''.join(parts)} .\n".encode(), len(parts)


def _solutions(answer: Answer) -> Iterator[str]:
    for number, row in enumerate(answer.terms, 1):
        cells = zip(answer.columns, row, strict=True)
        bindings = "".join(f" ;\n    rs:binding {_binding(name, term)}" for name, term in cells if term is not None)
        yield f" ;\n  rs:solution [ rs:index {number}{bindings} ]"


def _binding(name: str, term: Any) -> str:
    return f"[ rs:variable {ox.Literal(name)} ; rs:value {term} ]"
