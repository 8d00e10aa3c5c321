"""The class diagram: a box for each class with its relations to other classes, subclasses to its right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from markupsafe import Markup

_WIDTH: Final = 250
_GAP: Final = 40
_LINE: Final = 15
_SPACE: Final = 8


@dataclass(frozen=True)
class Box:
    """A class by its name: the class above it, and its relations as pairs of property and class."""

    name: str
    above: str | None
    relations: tuple[tuple[str, str], ...]

    @property
    def height(self) -> int:
        """How tall it is drawn, in pixels."""
        return 24 + _LINE * len(self.relations) + (4 if self.relations else 0)


def diagram(boxes: Sequence[Box], title: str) -> Markup:
    """Boxes in rows: trees of classes that have subclasses first, then those that stand alone, three side by side.

    Each box leads to the anchor of its class on the page.
    """
    below: dict[str | None, list[Box]] = {}
    for box in boxes:
        below.setdefault(box.above, []).append(box)
    roots = below.get(None, [])
    drawn: list[Markup] = []
    top = 0
    for root in (root for root in roots if root.name in below):
        top = _tree(root, 0, top, below, drawn) + _SPACE * 2
    heights = [top] * 3
    for box in (box for box in roots if box.name not in below):
        column = heights.index(min(heights))
        drawn.append(_drawn(box, column * (_WIDTH + _GAP), heights[column]))
        heights[column] += box.height + _SPACE
    width = 3 * _WIDTH + 2 * _GAP
    return Markup(
        '<svg class="classes" viewBox="-1 -1 {wide} {tall}" width="{wide}" height="{tall}" role="group"'
        ' aria-label="{title}">{drawn}</svg>'
    ).format(wide=width + 2, tall=max(heights) + 2, title=title, drawn=Markup("").join(drawn))


def _tree(box: Box, depth: int, top: int, below: dict[str | None, list[Box]], drawn: list[Markup]) -> int:
    """Draw a class and those under it; the height at which the next one can stand."""
    left = depth * (_WIDTH + _GAP)
    drawn.append(_drawn(box, left, top))
    bottom = top
    for child in below.get(box.name, []):
        x, y = left + _WIDTH, bottom + 12
        drawn.append(Markup('<path class="branch" d="M{} {}h{}V{}h{}"/>').format(x, top + 12, _GAP // 2, y, _GAP // 2))
        bottom = _tree(child, depth + 1, bottom, below, drawn)
    return max(bottom, top + box.height + _SPACE)


def _drawn(box: Box, left: int, top: int) -> Markup:
    lines = Markup("").join(
        Markup('<text class="relation" x="{}" y="{}">{} → {}</text>').format(
            left + 10, top + 18 + _LINE * place, name, target
        )
        for place, (name, target) in enumerate(box.relations, 1)
    )
    return Markup(
        '<a href="#{anchor}"><rect x="{x}" y="{y}" width="{wide}" height="{tall}" rx="3"/>'
        '<text class="class" x="{inner}" y="{base}">{name}</text>{lines}</a>'
    ).format(
        anchor=quote(box.name),
        x=left,
        y=top,
        wide=_WIDTH,
        tall=box.height,
        inner=left + 10,
        base=top + 17,
        name=box.name,
        lines=lines,
    )
