"""The questions of the catalogue, each with its answer over the whole graph, as a page, as CSV and as JSON.

A question about one thing, such as a case, is asked of every thing of that kind. A day that a question wants is the
day of the data.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg import questions
from rrm_kg.publish.sheet import by_name, sheet
from rrm_kg.publish.site import SUFFIX, File, Site
from rrm_kg.query import Answer, Row
from rrm_kg.questions import Column, Parameter, Question
from rrm_kg.terms import RDF_TYPE, XSD, mint

LONG: Final = 1000  # rows of a question above which each thing has its answer on a page of its own
_PROOF: Final = frozenset(("document", "locator", "quote", "url"))


@dataclass(frozen=True)
class Part:
    """The answer about one thing; about everything where ``iri`` is empty."""

    iri: str
    name: str
    answer: Answer

    @property
    def anchor(self) -> str:
        """Where it stands on the page of its question."""
        return self.iri.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Asked:
    """A question with its answer in a language, part by part; ``empty`` are the things about which there is no row."""

    question: Question
    about: Parameter | None
    given: dict[str, str]
    parts: tuple[Part, ...]
    empty: tuple[str, ...]

    @property
    def rows(self) -> int:
        """How many rows the whole answer has."""
        return sum(len(part.answer) for part in self.parts)

    @property
    def long(self) -> bool:
        """Whether each part has a page of its own."""
        return self.about is not None and self.rows > LONG

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that have a value somewhere and are not drawn as the source of a row."""
        address = {"source"} if all(column.name != "url" for column in self.question.columns) else set()
        return tuple(
            column
            for column in self.question.columns
            if column.name not in _PROOF | address
            and any(row[column.name] is not None for part in self.parts for row in part.answer)
        )

    @property
    def command(self) -> str:
        """What to write on a command line for the first part."""
        first = {self.about.name: self.parts[0].anchor} if self.about and self.parts else {}
        return " ".join(("rrm-kg ask", self.question.id, *(f"{name}={v}" for name, v in (first | self.given).items())))


def files(site: Site) -> Iterator[File]:
    """The list of questions, and each question in both languages with its rows as CSV and JSON."""
    known = questions.catalogue(site.graph.sources.root)
    linked = {lang: by_name(site, lang) for lang in SUFFIX}
    found: list[File] = []
    counts: dict[str, int] = {}
    for question in known:
        things: tuple[str, ...] | None = None
        for lang in SUFFIX:
            asked = ask(site, question, lang, things)
            things = tuple(part.iri for part in asked.parts)
            counts[question.id] = asked.rows
            found += _pages(site, asked, lang, known, linked[lang])
            found += _tables(asked, lang)
    for lang in SUFFIX:
        found.append(
            sheet(
                site,
                "questions.html.jinja",
                "questions",
                lang,
                "questions",
                questions=known,
                counts=counts,
                about={question.id: about(question) for question in known},
            )
        )
    return iter(sorted(found, key=lambda file: file.path))


def about(question: Question) -> Parameter | None:
    """The parameter whose things are each asked about: the last one that must be given and is no day."""
    needed = [one for one in question.parameters if one.default is not None and one.type not in ("date", "string")]
    return needed[-1] if needed else None


def ask(site: Site, question: Question, lang: str, things: tuple[str, ...] | None = None) -> Asked:
    """A question with its answer in a language, about all things of its kind or those that are known to have rows."""
    each = about(question)
    given = {
        one.name: str(site.graph.as_of) if one.type == "date" else one.default
        for one in question.parameters
        if one.default is not None and one != each
    }
    if each is None:
        return Asked(question, None, given, (Part("", "", answer(site, question, lang, given)),), ())
    asked = tuple(iri for iri in _of_kind(site, each.type) if iri.rsplit("/", 1)[-1] not in given.values())
    fitting = asked if things is None else things
    name = each.name
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda iri: answer(site, question, lang, given | {name: iri}), fitting)
        answers = dict(zip(fitting, found, strict=True))
    parts = [Part(iri, site.name(iri, lang), answers[iri]) for iri in fitting if len(answers[iri])]
    empty = [iri for iri in asked if not len(answers.get(iri, ()))]
    parts.sort(key=lambda part: (part.name, part.iri))
    empty.sort(key=lambda iri: (site.name(iri, lang), iri))
    return Asked(question, each, given, tuple(parts), tuple(empty))


def answer(site: Site, question: Question, lang: str, given: dict[str, str]) -> Answer:
    """The rows of a question."""
    return site.graph.query(question.query, **question.bind(given, lang, site.graph.store))


def _of_kind(site: Site, kind: str) -> tuple[str, ...]:
    return tuple(iri for iri in site.things if iri.startswith(mint(kind, "")) and site.values(iri, RDF_TYPE))


def _pages(site: Site, asked: Asked, lang: str, known: tuple[Question, ...], linked: dict[str, str]) -> Iterator[File]:
    question = asked.question
    place = known.index(question)
    shown = {
        "description": question.question[lang],
        "asked": asked,
        "linked": linked,
        "before": known[place - 1] if place else None,
        "after": known[place + 1] if place + 1 < len(known) else None,
    }
    stem = f"questions/{question.id}"
    yield sheet(site, "question.html.jinja", stem, lang, "questions", title=question.summary[lang], **shown)
    if asked.long:
        for part in asked.parts:
            title = f"{question.summary[lang]}: {part.name}"
            yield sheet(
                site,
                "question_part.html.jinja",
                f"{stem}/{part.anchor}",
                lang,
                "questions",
                title=title,
                part=part,
                **shown,
            )


def _tables(asked: Asked, lang: str) -> Iterator[File]:
    columns = [column.name for column in asked.question.columns]
    key = [asked.about.name] if asked.about else []
    if key and key[0] in columns:
        key = ["about"]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*key, *columns])
    bindings: list[dict[str, dict[str, str]]] = []
    for part in asked.parts:
        for row, terms in zip(part.answer.rows, part.answer.terms, strict=True):
            cells = dict(zip(part.answer.columns, terms, strict=True))
            writer.writerow([*([part.iri] if key else []), *(_plain(row, name) for name in columns)])
            own = {key[0]: {"type": "uri", "value": part.iri}} if key else {}
            bindings.append(own | {name: _binding(cells[name]) for name in columns if cells[name] is not None})
    tree = {"head": {"vars": [*key, *columns]}, "results": {"bindings": bindings}}
    stem = f"questions/{asked.question.id}" + SUFFIX[lang].removesuffix(".html")
    yield File(f"{stem}.csv", text.getvalue().encode())
    yield File(f"{stem}.json", (json.dumps(tree, ensure_ascii=False, separators=(",", ":")) + "\n").encode())


def _plain(row: Row, name: str) -> str:
    return "" if row[name] is None else str(row[name])


def _binding(term: Any) -> dict[str, str]:
    if isinstance(term, ox.Literal):
        more = {"xml:lang": term.language} if term.language else {}
        if not term.language and term.datatype.value != XSD + "string":
            more = {"datatype": term.datatype.value}
        return {"type": "literal", "value": term.value} | more
    return {"type": "uri" if isinstance(term, ox.NamedNode) else "bnode", "value": term.value}
