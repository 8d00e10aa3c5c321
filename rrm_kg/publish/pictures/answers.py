"""The pictures of an answer, chosen from its columns: a timeline of dates, a map of places, bars of counts.

The rows in the table are their text. A picture that would have fewer than two marks, or too many to be read, is not
drawn.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import combinations
from typing import Any, Final

import pyoxigraph as ox
from markupsafe import Markup

from rrm_kg.publish.dates import dated
from rrm_kg.publish.pictures import map as maps
from rrm_kg.publish.pictures.bars import bar
from rrm_kg.publish.pictures.timeline import Act, Legend, timeline
from rrm_kg.publish.site import Site
from rrm_kg.publish.words import say
from rrm_kg.query import Answer
from rrm_kg.terms import RRM

MOST: Final = 60  # marks that can be told apart
_LETTERS: Final = 130  # of a label on the timeline
_PART: Final = 72  # letters of each part of one
_PROOF: Final = frozenset(("document", "locator", "quote", "url"))
_UNIT: Final = "unit"  # the column that says what numbers of several kinds count
Span = tuple[date | None, date | None]


@dataclass(frozen=True)
class Bar:
    """A count with what it is of, and its bar."""

    label: str
    count: int
    drawn: Markup


@dataclass(frozen=True)
class Pictures:
    """What can be drawn of an answer; empty where nothing can."""

    timeline: Markup | str = ""
    map: Markup | str = ""
    outlined: bool = False
    bars: tuple[Bar, ...] = ()
    counted: str = ""


@dataclass(frozen=True)
class _Table:
    """An answer with the names of its things, in a language. ``types`` are those of its columns by the header."""

    site: Site
    lang: str
    answer: Answer
    types: dict[str, str]
    heads: dict[str, str]
    about: Sequence[str]
    shown: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        filled = (name for name in self.answer.columns if name not in _PROOF and any(self.column(name)))
        object.__setattr__(self, "shown", tuple(filled))

    def column(self, name: str) -> list[str]:
        """The cells of a column as texts, empty where they are."""
        return ["" if row[name] is None else str(row[name]) for row in self.answer]

    def said(self, name: str) -> list[str]:
        """The cells of a column as a reader is to see them."""
        return [self.site.name(cell, self.lang) if self.site.stem(cell) else cell for cell in self.column(name)]


def pictures(
    site: Site, answer: Answer, types: dict[str, str], heads: dict[str, str], about: Sequence[str], lang: str
) -> Pictures:
    """The pictures of an answer with its columns' types and headings; ``about`` are the columns that name things asked.

    A column holds dates by its type, or where most of its cells are dates or bounds of one (``2024-01-02…2024-02``);
    two such columns side by side are the ends of a span. It holds places where most cells are states of Mexico. Bars
    are of the first column of integers whose rows one or two columns before it tell apart.
    """
    table = _Table(site, lang, answer, types, heads, about)
    if not 1 < len(answer) <= 20 * MOST:
        return Pictures()
    drawn = _map(table)
    bars, counted = _bars(table)
    return Pictures(_timeline(table), drawn, bool(drawn) and maps.outlined(), bars, counted)


def span(text: str) -> Span | None:
    """The days between which a date lies: a day, month or year, or two of them around ``…``; None for other text.

    >>> span("2024-02…2024-03-05")
    (datetime.date(2024, 2, 1), datetime.date(2024, 3, 5))
    """
    first, bounds, last = text.partition("…")
    days = _days(first), _days(last if bounds else first)
    if text in ("", "…") or (first and days[0] is None) or (last and days[1] is None):
        return None
    return days[0] and days[0][0], days[1] and days[1][1]


def _days(text: str) -> tuple[date, date] | None:
    """The first and the last day of a day, month or year."""
    if re.fullmatch(r"\d{4}(-\d{2}){0,2}", text) is None:
        return None
    year, month, day = (*map(int, text.split("-")), 0, 0)[:3]
    try:
        return date(year, month or 1, day or 1), date(year, month or 12, day or monthrange(year, month or 12)[1])
    except ValueError:  # calendar.IllegalMonthError is one
        return None


def _timeline(table: _Table) -> Markup:
    dates = {name: [span(cell) for cell in table.column(name)] for name in _dates(table)}
    if not dates:
        return Markup("")
    first, *rest = dates
    place = table.answer.columns.index(first)
    last = next((name for name in rest if table.answer.columns.index(name) == place + 1), first)
    if any(a and b and a[0] and b[1] and a[0] > b[1] for a, b in zip(dates[first], dates[last], strict=True)):
        last = first
    named = [name for name in _texts(table) if name not in dates]
    labels = _labels(table, named)
    acts: dict[Act, None] = {}
    for label, begun, ended in zip(labels, dates[first], dates[last], strict=True):
        if begun and ended and first != last:
            exact = begun[0] == begun[1] and ended[0] == ended[1]
            acts[Act(label, begun[0], ended[1], lasting=exact)] = None
        elif begun or ended:
            acts[Act(label, *(begun or ended or (None, None)))] = None
    if not 1 < len(acts) <= MOST or len({(act.first, act.last) for act in acts}) < 2:
        return Markup("")
    ordered = sorted(acts, key=lambda act: (act.first or act.last or date.min, act.last or date.max, act.label))
    heading = table.heads[first] if first == last else f"{table.heads[first]} – {table.heads[last]}"
    return timeline(
        "answer-timeline",
        say("ask-timeline", table.lang),
        say("ask-timeline-desc", table.lang, marks=len(ordered)),
        ordered,
        (),
        Legend(heading[:1].upper() + heading[1:], "", "", "", "", ""),
        partial(dated, lang=table.lang),
    )


def _dates(table: _Table) -> list[str]:
    """The columns of dates; bare years count things and are none."""

    def is_date(name: str) -> bool:
        cells = [cell for cell in table.column(name) if cell]
        found = [cell for cell in cells if span(cell)]
        return 2 * len(found) >= len(cells) and any(len(cell) > len("2024") for cell in found)

    return [name for name in table.shown if table.types.get(name, "string") in ("date", "string") and is_date(name)]


def _texts(table: _Table) -> list[str]:
    """The columns with words in the language of the page: no keys, no passages, no addresses."""
    return [
        name
        for name in table.shown
        if name in table.about
        or (
            table.types.get(name, "string") == "string"
            and not _foreign(table, name)
            and not all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+|https?:.*|", cell) for cell in table.column(name))
        )
    ]


def _foreign(table: _Table, name: str) -> bool:
    place = table.answer.columns.index(name)
    tags = {getattr(row[place], "language", None) for row in table.answer.terms} - {None}
    return bool(tags) and table.lang not in tags


def _labels(table: _Table, named: Sequence[str]) -> list[str]:
    """What each row is called: its first words, and those that tell most rows apart, as long as there is room."""
    about = [name for name in named if name in table.about]
    own = [name for name in named if name not in about]
    first = own[:1]

    def apart(names: Sequence[str]) -> int:
        return len(set(zip(*(table.column(name) for name in [*about, *names]), strict=True)))

    more = max(own[1:], key=lambda name: apart([*first, name]), default=None)
    if more is not None and apart([*first, more]) > apart(first):
        first = [*first, more]
    rows = zip(*(table.said(name) for name in [*about, *first]), strict=True)
    labels = [": ".join(_short(cell, _PART) for cell in row if cell) for row in rows] or [""] * len(table.answer)
    return [_short(label, _LETTERS) for label in labels]


def _short(text: str, most: int) -> str:
    """A text as it is, or cut after a word with an ellipsis."""
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def _map(table: _Table) -> Markup:
    states = dict(_states(table.site, table.lang))
    for name in table.shown:
        cells = table.column(name)
        found = [states.get(cell, "") for cell in cells]
        if any(found) and 2 * sum(map(bool, found)) >= sum(map(bool, cells)):
            break
    else:
        return Markup("")
    names = {code: said for said, code in states.items() if code in found and not said.startswith("http")}
    numbers = next((numbers for one in _integers(table) if (numbers := _function(found, table.answer, one))), None)
    counts = {code: count for code, count in (numbers or {}).items() if code}
    return maps.mexico(
        "answer-map",
        say("ask-map", table.lang),
        say("ask-map-desc", table.lang, states=", ".join(sorted(names.values()))),
        counts=counts,
        names=names,
        highlight=() if counts else set(names),
    )


def _states(site: Site, lang: str) -> Iterator[tuple[str, str]]:
    """The states of Mexico by name and by IRI, with their codes."""
    for quad in site.graph.store.quads_for_pattern(None, ox.NamedNode(RRM + "isoCode"), None):
        code, state = getattr(quad.object, "value", ""), quad.subject
        if code.startswith("MX-") and isinstance(state, ox.NamedNode):
            yield state.value, code
            yield site.name(state.value, lang), code


def _bars(table: _Table) -> tuple[tuple[Bar, ...], str]:
    """The bars of the first integers, and what these count; later ones may agree with other columns by chance."""
    if _UNIT in table.answer.columns and len(set(table.column(_UNIT))) > 1:
        return (), ""
    dates = _dates(table)
    for number in _integers(table)[:1]:
        place = table.answer.columns.index(number)
        before = [name for name in _texts(table) if name not in dates and table.answer.columns.index(name) < place]
        about = [name for name in before if name in table.about]
        own = [name for name in before if name not in about]
        for names in (names for size in (1, 2) for names in combinations(own, size)):
            labels = list(zip(*(table.said(name) for name in [*about, *names]), strict=True))
            counts = _function(labels, table.answer, number)
            if counts is not None and 1 < len(counts) <= MOST:
                most = max(counts.values()) or 1
                written = ((", ".join(filter(None, label)), count) for label, count in counts.items())
                found = tuple(Bar(label, count, bar(count, most)) for label, count in written)
                if any(counts.values()) and all(one.label for one in found):
                    return found, table.heads[number]
    return (), ""


def _integers(table: _Table) -> list[str]:
    """The columns of counts."""

    def counted(name: str) -> bool:
        cells = [row[name] for row in table.answer if row[name] is not None]
        return all(isinstance(cell, int) and not isinstance(cell, bool) and cell >= 0 for cell in cells)

    return [name for name in table.shown if table.types.get(name) == "integer" and counted(name)]


def _function(keys: Sequence[Any], answer: Answer, number: str) -> dict[Any, int] | None:
    """The number of each key; None where a key has two of them."""
    found: dict[Any, int] = {}
    for key, row in zip(keys, answer, strict=True):
        value = row[number]
        if isinstance(value, int) and found.setdefault(key, value) != value:
            return None
    return found
