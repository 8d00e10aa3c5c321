"""The SPARQL of a constraint, written for one focus node (SHACL 5.3), as a query about all of them at once.

The engine evaluates each group by itself and plans what it is not told to; both are seen to here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from rrm_kg import safety

_CORRELATED: Final = frozenset({"EXISTS", "OPTIONAL", "MINUS"})
_NOT_TRIPLES: Final = frozenset({"FILTER", "OPTIONAL", "UNION", "BIND", "SELECT", "MINUS", "VALUES", "GRAPH"})
_BEFORE_GROUP: Final = frozenset({"{", "}", ".", "UNION"})
_UNBOUND: Final = ("shapesGraph", "currentShape")  # SHACL 5.3.1 leaves these to the engine
_LEFT_OUT: Final = ("MINUS", "SERVICE", "VALUES")
_NAMING: Final = re.compile(
    r"OPTIONAL\s*\{\s*\?\w+\s+(?:\w+:\w+/)?(?:skos:prefLabel|rdfs:label)\s+\?(?P<name>\w+)\s+"
    r"FILTER\(LANG\(\?(?P=name)\)\s*=\s*\"\w+\"\)\s*\}"
)
_RECKONED: Final = re.compile(r"\(.*?\bAS\b", re.DOTALL)
_RESULTS: Final = ("this", "value")
_PATH_SIGNS: Final = frozenset("/|^*+")


def set_at_a_time(select: str, focus: str) -> str:
    """The query with the focus nodes, a group pattern that binds ``?this``, in every group that is about them.

    A group without them would be evaluated for the whole graph before it is joined with its focus nodes.

    ``FILTER NOT EXISTS`` becomes ``MINUS`` at the end of its group, where that means the same and pays. It means the
    same for a block of triple patterns alone. It pays where there are several: the engine looks through all their
    matches for every row, and for MINUS once. Paths and open predicates stay, as they match too much.
    """
    query = safety.bind(select, {"this": "?this"})
    tokens = [token for token in safety.TOKEN.finditer(query) if not token[0].startswith("#")]
    words = [token[0].upper() for token in tokens]
    opened: list[int] = []
    absent: dict[int, list[str]] = {}  # the blocks that go to the end of a group, by its opening brace
    edits: list[tuple[int, int, str]] = []
    for index, word in enumerate(words):
        if word == "{":
            opened.append(index)
        elif word == "}":
            start = opened.pop()
            correlated = any(words[outer - 1] in _CORRELATED for outer in opened)
            if _gives_focus(words, start) or (not correlated and _about_focus(words, start, index)):
                edits.append((tokens[start].end(), tokens[start].end(), f" {focus} "))
            elif not correlated and _absent(words, start, index):
                block = query[tokens[start].start() : tokens[index].end()]
                absent.setdefault(opened[-1], []).append(f"MINUS {block} ")
                edits.append((tokens[start - 3].start(), tokens[index].end(), ""))
            if start in absent:
                edits.append((tokens[index].start(), tokens[index].start(), "".join(absent[start])))
    for first, last, text in sorted(edits, reverse=True):
        query = query[:first] + text + query[last:]
    return query


def without_names(select: str) -> str:
    """The query without what it only says about its results: the same things are found, without names and reckoning.

    A BIND is left out, and an OPTIONAL group that gives a thing a name, when its variable stands nowhere else but in
    the SELECT clause.
    """
    before = None
    while select != before:
        before = select
        select = _without_one(_without_labels(select))
    return select


def _without_labels(select: str) -> str:
    return _NAMING.sub(lambda found: "" if _only_shown(select, found["name"], 2) else found[0], select)


def _without_one(select: str) -> str:
    """The query without the first BIND whose variable is only shown."""
    if "BIND" not in select:
        return select
    tokens = [token for token in safety.TOKEN.finditer(select) if not token[0].startswith("#")]
    for start, token in enumerate(tokens):
        if token[0].upper() != "BIND":
            continue
        depth = 0
        for end in range(start + 1, len(tokens)):
            depth += {"(": 1, ")": -1}.get(tokens[end][0], 0)
            if depth == 0:
                break
        name = tokens[end - 1]["variable"]
        if name and _only_shown(select, name, 1):
            return select[: token.start()] + select[tokens[end].end() :]
    return select


def _only_shown(select: str, name: str, times: int) -> bool:
    """Whether a variable stands so many times in the body of a query, and else in its SELECT clause alone."""
    head, _, body = select.partition("{")
    reckoned = " ".join(_RECKONED.findall(head))
    uses = re.compile(rf"[?$]{name}\b")
    return name not in _RESULTS and len(uses.findall(body)) == times and not uses.search(reckoned)


def unsupported(select: str) -> str | None:
    """What a query has that SHACL-SPARQL leaves out for pre-binding (appendix A) or is not bound here; or None."""
    tokens = [token for token in safety.TOKEN.finditer(select) if not token[0].startswith("#")]
    words = ["?THIS" if token["variable"] == "this" else token[0].upper() for token in tokens]
    for index, word in enumerate(words):
        if tokens[index]["variable"] in _UNBOUND:
            return f"${tokens[index]['variable']}"
        if word in _LEFT_OUT:
            return word
        if words[index : index + 2] == ["AS", "?THIS"]:
            return "AS ?this"
        head = _head(words, index) if word == "{" else None
        if head is not None and (not _gives_focus(words, index) or (head and "*" in words[head + 1 : head + 3])):
            return "SELECT without ?this"
    return None


def _head(words: Sequence[str], start: int) -> int | None:
    """Where the SELECT is whose body a brace opens; None for any other brace."""
    at = next((at for at in range(start - 1, -1, -1) if words[at] in ("SELECT", "{", "}")), start)
    return at if words[at] == "SELECT" else None


def _gives_focus(words: Sequence[str], start: int) -> bool:
    """Whether a brace opens the body of a SELECT that gives ``?this``."""
    head = _head(words, start)
    return head is not None and ("?THIS" in words[head:start] or "*" in words[head + 1 : head + 3])


def _about_focus(words: Sequence[str], start: int, end: int) -> bool:
    """Whether the group between two braces stands by itself and has ``?this``."""
    plain = words[start - 1] in _BEFORE_GROUP and words[start + 1] != "SELECT"
    return plain and "?THIS" in words[start:end]


def _absent(words: Sequence[str], start: int, end: int) -> bool:
    """Whether the block between two braces is a FILTER NOT EXISTS of several triple patterns and nothing else."""
    block = words[start + 1 : end]
    plain = not any(word in _NOT_TRIPLES or word in _PATH_SIGNS for word in block)
    return words[start - 3 : start] == ["FILTER", "NOT", "EXISTS"] and plain and (";" in block or "." in block)
