"""The front door for people: choose a question, fill its blanks, read the answer with its sources; no script needed.

Runs in the process that holds the graph. The forms are made from the headers of the questions, so a new question
is here as soon as its file is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from rrm_kg import questions, safety
from rrm_kg.errors import RrmError
from rrm_kg.pipeline import KnowledgeGraph
from rrm_kg.publish import pages
from rrm_kg.publish.site import Site
from rrm_kg.publish.words import say
from rrm_kg.query import Answer, Value
from rrm_kg.questions import Parameter, Question
from rrm_kg.serve.tasks import listed

SHOWN: Final = 500  # rows on a page; the downloads hold them all
WIDE: Final = 6  # columns beyond which a row stands as a list of its own
DOWNLOADS: Final = ("csv-excel", "csv", "rows", "json")
_PROOF: Final = ("document", "locator", "quote", "url")


@dataclass(frozen=True)
class Blank:
    """A blank of a question: what it is called, how it is filled, what is in it, and what may be chosen."""

    parameter: Parameter
    label: str
    value: str
    choices: tuple[tuple[str, str], ...]

    @property
    def kind(self) -> str:
        """The type of the field in HTML."""
        return {"date": "date", "integer": "number"}.get(self.parameter.type, "text")


@dataclass(frozen=True)
class Proof:
    """The passage that proves a row."""

    document: str
    locator: str
    quote: str
    url: str


@dataclass(frozen=True)
class Line:
    """A row as it is shown: its cells, and the passage that proves it."""

    cells: tuple[Any, ...]
    proof: Proof | None


def catalogue(graph: KnowledgeGraph, head: Mapping[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    """The page with all questions."""
    lang = head["lang"]
    site = site_of(graph, head["release"])
    found = pages.page(
        site,
        "ask.html.jinja",
        "ask",
        lang,
        say("ask-title", lang),
        say("ask-about", lang),
        questions=questions.catalogue(graph.sources.root),
    )
    return {"status": 200}, found.data


def question(graph: KnowledgeGraph, head: Mapping[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    """The page of one question with its answer.

    ``head``: ``id``, ``given`` parameters as texts, ``lang``, ``release``, ``address`` of the server. What cannot be
    answered is said on the page, beside the form. Raises RrmError E201 for a question that the catalogue does not have.
    """
    lang, given = head["lang"], {name: value for name, value in head["given"].items() if value != ""}
    asked = questions.find(graph.sources.root, head["id"])
    blanks = [_blank(graph, parameter, given, lang) for parameter in asked.parameters]
    answer: Answer | None = None
    error: RrmError | None = None
    sparql = asked.query
    try:
        bound = asked.bind(given, lang, graph.store)
        sparql = safety.bind(asked.query, {name: str(term) for name, term in bound.items()})
        answer = graph.ask(asked.id, lang=lang, **given)
    except RrmError as wrong:
        error = wrong
    link = urlencode({**given, "lang": lang})
    place = f"{head['address']}/api/questions/{asked.id}?{link}"
    found = pages.page(
        site_of(graph, head["release"]),
        "ask-question.html.jinja",
        f"ask/{asked.id}",
        lang,
        asked.question[lang],
        asked.summary[lang],
        tail=f"?{urlencode(given)}" if given else "",
        asked=asked,
        blanks=blanks,
        error=error,
        answer=answer,
        headings=_headings(asked, answer, lang),
        lines=_lines(answer) if answer is not None else (),
        shown=SHOWN,
        wide=WIDE,
        sparql="\n".join(line for line in sparql.splitlines() if not line.startswith("#+")).strip(),
        permanent=f"{head['address']}/ask/{asked.id}?{link}",
        downloads=[(form, f"/api/questions/{asked.id}?{link}&format={form}") for form in DOWNLOADS],
        copies=_copies(place),
    )
    return {"status": 200 if error is None else 400}, found.data


def site_of(graph: KnowledgeGraph, release: str) -> Site:
    """The graph as the site of a release, with what pages look up; made once for a process."""
    key = id(graph), release
    if key not in _SITES:
        _SITES.clear()
        _SITES[key] = Site(graph, "", release)
    return _SITES[key]


_SITES: Final[dict[tuple[int, str], Site]] = {}


def _blank(graph: KnowledgeGraph, parameter: Parameter, given: Mapping[str, str], lang: str) -> Blank:
    value = given.get(parameter.name, parameter.default or "")
    choices = tuple(listed(graph, parameter.type, lang))
    if choices and value and value not in dict(choices):
        value = value.rstrip("/").rsplit("/", 1)[-1]
    return Blank(parameter, parameter.label[lang], value, choices)


def _headings(asked: Question, answer: Answer | None, lang: str) -> tuple[str, ...]:
    labels = {column.name: column.label[lang] for column in asked.columns}
    return tuple(labels.get(name, name) for name in _columns(answer)) if answer is not None else ()


def _columns(answer: Answer) -> tuple[str, ...]:
    """The columns with something in them, but for those of the passage, which stands below each row."""
    return tuple(
        name for name in answer.columns if name not in _PROOF and any(row[name] not in (None, "") for row in answer)
    )


def _lines(answer: Answer) -> tuple[Line, ...]:
    columns = _columns(answer)
    found = []
    for row in answer.rows[:SHOWN]:
        proof = Proof(*(_text(row.get(name)) for name in _PROOF))
        known = proof.document or proof.url
        found.append(Line(tuple(row[name] for name in columns), proof if known else None))
    return tuple(found)


def _text(value: Value) -> str:
    return "" if value is None else str(value)


def _copies(place: str) -> tuple[tuple[str, str], ...]:
    """How to get the same rows from a shell, from Python and from R."""
    table = f"{place}&format=csv"
    return (
        ("curl", f"curl '{table}'"),
        ("Python", f'import pandas\nrows = pandas.read_csv("{table}")'),
        ("R", f'rows <- read.csv("{table}")'),
    )
