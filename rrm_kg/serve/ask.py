"""The front door for people: choose a question, fill its blanks, read the answer with its sources; no script needed.

Runs in the process that holds the graph. The forms are made from the headers of the questions, so a new question
is here as soon as its file is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from markupsafe import Markup

from rrm_kg import questions, safety, several
from rrm_kg.errors import RrmError
from rrm_kg.pipeline import KnowledgeGraph
from rrm_kg.publish import pages
from rrm_kg.publish.dates import time
from rrm_kg.publish.pictures import answers
from rrm_kg.publish.site import Site
from rrm_kg.publish.words import say
from rrm_kg.query import Answer
from rrm_kg.questions import Parameter, Question
from rrm_kg.serve.tasks import listed
from rrm_kg.several import Given

SHOWN: Final = 500  # rows on a page; the downloads hold them all
WIDE: Final = 6  # columns beyond which a row stands as a list of its own
DOWNLOADS: Final = ("csv-excel", "csv", "rows", "json", "turtle")
_PROOF: Final = ("document", "locator", "quote", "url")


@dataclass(frozen=True)
class Blank:
    """A blank of a question: what it is called, how it is filled, what is in it, and what is wrong with that.

    ``compared`` says that it takes a further value of a parameter that has one. What is in it is what was typed.
    """

    parameter: Parameter
    id: str
    label: str
    value: str
    choices: tuple[tuple[str, str], ...]
    error: RrmError | None
    compared: bool

    @property
    def required(self) -> bool:
        """Whether the question cannot be asked without it."""
        return self.parameter.default is not None and not self.compared


@dataclass(frozen=True)
class Proof:
    """The passage that proves a row; the quoted words are in a language, empty where it is not known."""

    document: str
    locator: str
    quote: str
    url: str
    lang: str


@dataclass(frozen=True)
class Line:
    """A row as it is shown: the terms in its cells, and the passage that proves it."""

    cells: tuple[Any, ...]
    proof: Proof | None


def catalogue(graph: KnowledgeGraph, head: Mapping[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    """The page with all questions. ``head``: ``lang``, ``release``, and whether that is ``answered`` beforehand."""
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
        answered=head["answered"],
    )
    return {"status": 200}, found.data


def question(graph: KnowledgeGraph, head: Mapping[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    """The page of one question with its answer.

    ``head``: ``id``, ``given`` parameters as texts or lists of texts, ``lang``, ``release``, ``address`` of the
    server. What cannot be answered is said on the page, above the form and beside the blank that is the cause.
    Raises RrmError E201 for a question that the catalogue does not have.
    """
    lang, given = head["lang"], _filled(head["given"])
    asked = questions.find(graph.sources.root, head["id"])
    site = site_of(graph, head["release"])
    blanks = [blank for parameter in asked.parameters for blank in _blanks(graph, parameter, given, lang)]
    answer: Answer | None = None
    error = next((blank.error for blank in blanks if blank.error), None)
    sparql, silent = asked.query, []
    if error is None:
        try:
            bound = several.bind(asked, given, lang, graph.store)
            sparql = _sparql(asked, bound, several.listed(given))
            answer = graph.ask(asked.id, lang=lang, unchecked=False, **given)
            silent = _silent(answer, bound, several.named_by(asked, given))
        except RrmError as wrong:
            error = wrong
    headings = several.labels(asked, given, lang)
    link = urlencode({**given, "lang": lang}, doseq=True)
    place = f"{head['address']}/api/questions/{asked.id}?{link}"
    found = pages.page(
        site,
        "ask-question.html.jinja",
        f"ask/{asked.id}",
        lang,
        asked.question[lang] if error is None else say("ask-error-title", lang, title=asked.question[lang]),
        asked.summary[lang],
        tail=f"?{urlencode(given, doseq=True)}" if given else "",
        asked=asked,
        blanks=blanks,
        error=error,
        answer=answer,
        headings=[headings.get(name, name) for name in _columns(answer)] if answer is not None else (),
        numeric=_numeric(asked, answer) if answer is not None else (),
        lines=_lines(answer) if answer is not None else (),
        pictures=_pictures(site, asked, given, answer, headings, lang),
        silent=silent,
        shown=SHOWN,
        spoken=partial(spoken, lang=lang),
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


def _filled(given: Mapping[str, Given]) -> dict[str, Given]:
    """What was filled in: of several fields for one parameter, those that are not empty."""
    found: dict[str, Given] = {}
    for name, value in given.items():
        kept = [one for one in ([value] if isinstance(value, str) else value) if one != ""]
        if kept:
            found[name] = kept[0] if len(kept) == 1 else kept
    return found


def _blanks(graph: KnowledgeGraph, parameter: Parameter, given: Mapping[str, Given], lang: str) -> list[Blank]:
    """The fields of a parameter: one for each value, and an empty one to compare a thing that is given."""
    value = given.get(parameter.name, parameter.default or "")
    values = [value] if isinstance(value, str) else list(value)
    twice = len(values) > 1 and not parameter.thing
    choices = tuple(listed(graph, parameter.type, lang))
    if values != [""] and len(choices) > len(values):
        values.append("")
    found = []
    for number, text in enumerate(values if parameter.thing else values[:1], 1):
        error = RrmError("E215", name=parameter.name) if twice else None
        try:
            if text:
                parameter.term(text, graph.store)
        except RrmError as wrong:
            error = wrong
        slug = text.rstrip("/").rsplit("/", 1)[-1]
        offered = choices if not choices or slug in ("", *dict(choices)) else ((text, text), *choices)
        found.append(
            Blank(
                parameter,
                f"blank-{parameter.name}" + (f"-{number}" if number > 1 else ""),
                say("ask-compare", lang) if number > 1 else parameter.label[lang],
                slug if slug in dict(choices) else text,
                offered,
                error,
                number > 1,
            )
        )
    return found


def _sparql(asked: Question, bound: Sequence[Mapping[str, Any]], lists: Sequence[str]) -> str:
    """The query as it is run, for the first thing where there are several, which a comment names."""
    text = safety.bind(asked.query, {name: str(term) for name, term in bound[0].items()})
    said = (f"# {name}: {', '.join(dict.fromkeys(str(terms[name]) for terms in bound))}\n" for name in lists)
    return "".join(said) + text


def _silent(answer: Answer, bound: Sequence[Mapping[str, Any]], about: Mapping[str, str]) -> list[str]:
    """The IRIs of the things, of several, about which there is no row."""
    told = {(column, row[column]) for row in answer for column in about}
    asked = dict.fromkeys((column, terms[name].value) for column, name in about.items() for terms in bound)
    return [iri for column, iri in asked if (column, iri) not in told]


def _pictures(
    site: Site,
    asked: Question,
    given: Mapping[str, Given],
    answer: Answer | None,
    headings: dict[str, str],
    lang: str,
) -> answers.Pictures:
    if answer is None:
        return answers.Pictures()
    about = several.named_by(asked, given)
    types = {column.name: column.type for column in asked.columns} | dict.fromkeys(about, "iri")
    return answers.pictures(site, answer, types, headings, tuple(about), lang)


def _columns(answer: Answer) -> tuple[str, ...]:
    """The columns with something in them, but for those of the passage, which stands below each row."""
    return tuple(
        name for name in answer.columns if name not in _PROOF and any(row[name] not in (None, "") for row in answer)
    )


def _numeric(asked: Question, answer: Answer) -> tuple[int, ...]:
    """The places of the columns that hold numbers."""
    names = {column.name for column in asked.columns if column.type in ("integer", "decimal")}
    return tuple(place for place, name in enumerate(_columns(answer)) if name in names)


def _lines(answer: Answer) -> tuple[Line, ...]:
    columns = _columns(answer)
    found = []
    for terms in answer.terms[:SHOWN]:
        cells = dict(zip(answer.columns, terms, strict=True))
        document, locator, quote, url = (getattr(cells.get(name), "value", "") for name in _PROOF)
        proof = Proof(document, locator, quote, url, getattr(cells.get("quote"), "language", None) or "")
        known = proof.document or proof.url
        found.append(Line(tuple(cells[name] for name in columns), proof if known else None))
    return tuple(found)


def spoken(text: str, lang: str) -> Markup | str:
    """A day, or the bounds of one, in words; any other text, a year among them, as it is."""
    if len(text) == len("2024") or answers.span(text) is None:
        return text
    first, bounds, last = text.partition("…")
    if not bounds:
        return time(text, lang)
    key = "between" if first and last else "after" if first else "before"
    return Markup(say(f"parts-{key}", lang, first=time(first, lang), last=time(last, lang)))  # around marked-up days


def _copies(place: str) -> tuple[tuple[str, str], ...]:
    """How to get the same rows from a shell, from Python and from R."""
    table = f"{place}&format=csv"
    return (
        ("curl", f"curl '{table}'"),
        ("Python", f'import pandas\nrows = pandas.read_csv("{table}")'),
        ("R", f'rows <- read.csv("{table}")'),
    )
