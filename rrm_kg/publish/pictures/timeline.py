"""Acts and legal clocks along one axis of days, as SVG. A list and a table with the same beside it are its text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from markupsafe import Markup

from rrm_kg.publish.pictures.frame import frame, length, tidy

_WIDTH: Final = 900.0
_EDGE: Final = 12.0
_LETTER: Final = 12.0
_MONTHS_APART: Final = (1, 2, 3, 6, 12, 24, 36, 60)
_TICKS: Final = 8


@dataclass(frozen=True)
class Act:
    """An act between two days, which are the same where its date is exact; None where one side is open.

    ``lasting`` says that it took all these days, and not that it happened on one of them.
    """

    label: str
    first: date | None
    last: date | None
    lasting: bool = False


@dataclass(frozen=True)
class Clock:
    """A legal time limit from one act to another, each between two days. ``allowed`` is in calendar days, if known.

    ``result`` is the code of what came of it: met, exceeded, undeterminable, no-number.
    """

    label: str
    note: str
    start: tuple[date, date]
    end: tuple[date, date]
    allowed: int | None
    result: str


@dataclass(frozen=True)
class Legend:
    """What the marks of the picture mean, in the words of a language."""

    acts: str
    clocks: str
    used: str
    over: str
    allowed: str
    unsure: str


def timeline(
    name: str,
    title: str,
    description: str,
    acts: Sequence[Act],
    clocks: Sequence[Clock],
    legend: Legend,
    month: Callable[[str], str],
) -> Markup:
    """Acts as points and lines, then clocks as bars; empty where no day is known.

    ``month`` says a month (``2024-04``) or a year (``2024``) in words.
    """
    days = [day for act in acts for day in (act.first, act.last) if day]
    days += [day for clock in clocks for day in (*clock.start, *clock.end)]
    days += [clock.start[0] + timedelta(clock.allowed) for clock in clocks if clock.allowed]
    if not days:
        return Markup("")
    scale = _Scale(min(days), max(max(days), min(days) + timedelta(30)))
    top = 34.0
    marks = [_heading(legend.acts, top)] if acts else []
    top += 8
    for act in acts:
        mark, tall = _act(act, scale, top)
        marks.append(mark)
        top += tall
    if clocks:
        top += 26
        marks.append(_heading(legend.clocks, top))
        top += 8
        marks += [_clock(clock, scale, top + 38 * place, name) for place, clock in enumerate(clocks)]
        top += 38 * len(clocks) + 12
        marks.append(_legend(legend, top, name))
        top += 14
    hatch = Markup(
        '<defs><pattern id="{}-hatch" width="5" height="5" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)"><rect class="over-back" width="5" height="5"/>'
        '<path class="over-line" d="M0 0V5"/></pattern></defs>'
    ).format(name)
    drawn = hatch + _axis(scale, top - 20 if clocks else top, month) + Markup("").join(marks)
    return frame(name, title, description, (_WIDTH, top + 8), drawn, links=False)


@dataclass(frozen=True)
class _Scale:
    first: date
    last: date

    def at(self, day: date) -> float:
        """Where a day lies on the axis."""
        return _EDGE + (_WIDTH - 2 * _EDGE) * (day - self.first).days / (self.last - self.first).days


def _axis(scale: _Scale, foot: float, month: Callable[[str], str]) -> Markup:
    months = (scale.last.year - scale.first.year) * 12 + scale.last.month - scale.first.month
    apart = next((step for step in _MONTHS_APART if months / step <= _TICKS), 120)
    marks = [Markup('<path class="axis" d="M{} 20H{}"/>').format(tidy(_EDGE), tidy(_WIDTH - _EDGE))]
    for count in range(scale.first.year * 12, scale.last.year * 12 + 12, 1):
        day = date(count // 12, count % 12 + 1, 1)
        if count % apart == 0 and scale.first <= day <= scale.last:
            x = scale.at(day)
            said = month(str(day.year) if apart >= 12 else day.isoformat()[:7])
            marks.append(Markup('<path class="grid" d="M{} 16V{}"/>').format(tidy(x), tidy(foot)))
            if x + length(said, 11) < _WIDTH:
                marks.append(Markup('<text class="tick" x="{}" y="12">{}</text>').format(tidy(x), said))
    return Markup("").join(marks)


def _heading(text: str, y: float) -> Markup:
    return Markup('<text class="heading" x="{}" y="{}">{}</text>').format(tidy(_EDGE), tidy(y), text)


def _act(act: Act, scale: _Scale, top: float) -> tuple[Markup, float]:
    """The mark of an act with its label beside it, or above it where there is no room; and how tall both are."""
    first = scale.at(act.first) if act.first else _EDGE
    last = scale.at(act.last) if act.last else _WIDTH - _EDGE
    wide = length(act.label, _LETTER)
    beside = last + 8 + wide <= _WIDTH or first - 8 - wide >= 0
    y = top + (11 if beside else 25)
    if beside:
        right = last + 8 + wide <= _WIDTH
        label = _text(act.label, last + 8 if right else first - 8, y + 4, "" if right else "end")
    else:
        label = _text(act.label, min(first, _WIDTH - _EDGE - wide), top + 14)
    if act.first == act.last:
        mark = Markup('<circle class="act" cx="{}" cy="{}" r="4.5"/>').format(tidy(first), tidy(y))
    else:
        kind = "act-lasting" if act.lasting else "act-between"
        ends = "".join(
            f"M{tidy(x)} {tidy(y - 4)}V{tidy(y + 4)}" for x, day in ((first, act.first), (last, act.last)) if day
        )
        mark = Markup('<path class="{}" d="M{} {}H{}"/><path class="act-end" d="{}"/>').format(
            kind, tidy(first), tidy(y), tidy(max(last, first + 2)), ends
        )
    return mark + label, 22 if beside else 36


def _clock(clock: Clock, scale: _Scale, top: float, name: str) -> Markup:
    """The bar of a clock: what was used, what was allowed, what went beyond it, and what is not certain of it."""
    y, tall = top + 18, 11.0
    start, end = clock.start[1], max(clock.end[0], clock.start[1])
    due = clock.start[0] + timedelta(clock.allowed) if clock.allowed is not None else None
    wide = length(clock.label, _LETTER) + length(clock.note, 11) + 8
    x = max(0.0, min(scale.at(clock.start[0]), _WIDTH - _EDGE - wide))
    said = Markup('<text x="{}" y="{}">{} <tspan class="note" dx="6">{}</tspan></text>')
    marks = [said.format(tidy(x), tidy(top + 12), clock.label, clock.note)]
    if clock.start[0] != clock.start[1] or clock.end[0] != clock.end[1]:
        marks.append(_bar("unsure", scale.at(clock.start[0]), scale.at(clock.end[1]), y + 3, tall - 6))
    if clock.result == "no-number":
        marks.append(_bar("unlimited", scale.at(start), scale.at(end), y + 3, tall - 6))
    elif end > start:
        within = min(end, max(due, start)) if due is not None and clock.result == "exceeded" else end
        marks.append(_bar("used", scale.at(start), scale.at(within), y, tall))
        if within < end:
            over = _bar("over", scale.at(within), scale.at(end), y, tall)
            marks.append(Markup('<g fill="url(#{}-hatch)">{}</g>').format(name, over))
    if due is not None:
        marks.append(_bar("allowed", scale.at(clock.start[0]), scale.at(due), y, tall))
    return Markup("").join(marks)


def _legend(legend: Legend, top: float, name: str) -> Markup:
    marks, x = [], _EDGE
    for kind, said in (
        ("used", legend.used),
        ("over", legend.over),
        ("allowed", legend.allowed),
        ("unsure", legend.unsure),
    ):
        bar = _bar(kind, x, x + 22, top, 9)
        marks.append(Markup('<g fill="url(#{}-hatch)">{}</g>').format(name, bar) if kind == "over" else bar)
        marks.append(_text(said, x + 28, top + 9, kind="note"))
        x += 28 + length(said, 11) + 18
    return Markup("").join(marks)


def _bar(kind: str, start: float, end: float, y: float, tall: float) -> Markup:
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        kind, tidy(start), tidy(y), tidy(max(end - start, 1.5)), tidy(tall)
    )


def _text(said: str, x: float, y: float, anchor: str = "", kind: str = "") -> Markup:
    anchored = Markup(' text-anchor="{}"').format(anchor) if anchor else Markup("")
    classed = Markup(' class="{}"').format(kind) if kind else Markup("")
    return Markup('<text x="{}" y="{}"{}{}>{}</text>').format(tidy(max(x, 0)), tidy(y), anchored, classed, said)
