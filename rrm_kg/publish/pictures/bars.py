"""Bars and columns as SVG. Each stands beside or above a table with the same numbers, which is its text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

_HEIGHT: Final = 150
_FOOT: Final = 22
_HEAD: Final = 18


def bar(value: float, most: float) -> Markup:
    """A bar for a cell of a table: as long as the value is of the greatest one. The number stands in the table."""
    return Markup(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="bar" width="{}" height="10"/></svg>'
    ).format(_tidy(100 * value / most))


def span(shortest: float, middle: float, longest: float, most: float) -> Markup:
    """A line from the shortest to the longest value with a mark at the median, for a cell of a table."""
    low, mid, high = (100 * value / most for value in (shortest, middle, longest))
    return Markup(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="range" x="{}" y="4" width="{}" height="2"/>'
        '<rect class="bar" x="{}" width="1.5" height="10"/></svg>'
    ).format(_tidy(low), _tidy(max(high - low, 0.5)), _tidy(min(mid, 98.5)))


def columns(name: str, title: str, values: Sequence[tuple[str, int]], width: int = 36) -> Markup:
    """Columns over their labels, each with its number on top; an empty label is left out.

    ``name`` is unique on the page, ``title`` says what the numbers are. ``width`` is that of one column.
    """
    most = max((value for _, value in values), default=1) or 1
    wide = max(len(values) * width, width)
    marks = []
    for place, (label, value) in enumerate(values):
        x, tall = place * width, (_HEIGHT - _FOOT - _HEAD) * value / most
        top = _HEIGHT - _FOOT - tall
        middle = _tidy(x + width / 2)
        marks.append(
            Markup('<rect class="bar" x="{}" y="{}" width="{}" height="{}"/>').format(
                _tidy(x + width * 0.12), _tidy(top), _tidy(width * 0.76), _tidy(tall)
            )
        )
        if value:
            marks.append(Markup('<text x="{}" y="{}">{}</text>').format(middle, _tidy(top - 4), value))
        if label:
            marks.append(Markup('<text class="label" x="{}" y="{}">{}</text>').format(middle, _HEIGHT - 6, label))
    return Markup(
        '<svg class="columns-chart" viewBox="0 0 {wide} {height}" width="{wide}" height="{height}" role="img"'
        ' aria-labelledby="{name}-title"><title id="{name}-title">{title}</title>'
        '<path class="axis" d="M0 {foot}H{wide}"/>{marks}</svg>'
    ).format(wide=wide, height=_HEIGHT, name=name, title=title, foot=_HEIGHT - _FOOT, marks=Markup("").join(marks))


def _tidy(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
