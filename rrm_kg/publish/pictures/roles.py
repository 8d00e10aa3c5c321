"""Who took part in a dispute: the asking side, the matter, the answering side and those between, as linked boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from markupsafe import Markup

from rrm_kg.publish.pictures.frame import frame, lines, tidy

_BOX: Final = 210.0
_LANE: Final = 130.0
_MIDDLE: Final = 180.0
_WIDTH: Final = 2 * (_BOX + _LANE) + _MIDDLE
_LETTER: Final = 12.0
_LINE: Final = 15.0
_GAP: Final = 14.0
_DROP: Final = 26.0
Side = Literal["asking", "answering", "above", "below"]


@dataclass(frozen=True)
class Part:
    """An agent with its roles, on a side; ``kind`` is a class for its colour, ``href`` empty where it has no page."""

    name: str
    href: str
    roles: tuple[str, ...]
    side: Side
    kind: str


def roles(name: str, title: str, description: str, parts: Sequence[Part], matter: Sequence[tuple[str, str]]) -> Markup:
    """The parts around the matter, which is a list of names with their addresses; edges bear the roles."""
    sides: dict[str, list[Part]] = {
        side: [part for part in parts if part.side == side] for side in ("asking", "answering", "above", "below")
    }
    middle, tall = _stack(matter, _BOX + _LANE, _MIDDLE, "matter")
    heights = {side: sum(_tall(part) + _GAP for part in sides[side]) for side in ("asking", "answering")}
    heads = {side: [_box(part, _BOX + _LANE, _MIDDLE) for part in sides[side]] for side in ("above", "below")}
    above, below = (sum(high + _DROP for _, high in heads[side]) for side in ("above", "below"))
    height = max(*heights.values(), above + tall + below + _GAP) + 10
    marks = []
    where = max(above + 5.0, (height - tall) / 2) if not below else max(above + 5.0, (height - tall - below) / 2)
    top, x = where - above, _WIDTH / 2
    for part, (box, high) in zip(sides["above"], heads["above"], strict=True):
        marks += [_moved(box, top), _line(x, top + high), _label(part.roles, x + 6, top + high + 17, "start")]
        top += high + _DROP
    marks.append(_moved(middle, where))
    top += tall
    for part, (box, high) in zip(sides["below"], heads["below"], strict=True):
        marks += [_line(x, top), _label(part.roles, x + 6, top + 17, "start"), _moved(box, top + _DROP)]
        top += high + _DROP
    for side, x, edge in (("asking", 0.0, _BOX), ("answering", _BOX + 2 * _LANE + _MIDDLE, _BOX + _LANE + _MIDDLE)):
        y = max((height - heights[side] + _GAP) / 2, 5.0)
        for part in sides[side]:
            box, high = _box(part, x, _BOX)
            line = y + high / 2
            marks.append(_moved(box, y))
            target = min(max(line, where + 8), where + tall - 8)
            ends = (edge, edge + _LANE) if side == "asking" else (edge + _LANE, edge)
            marks.append(
                Markup('<path class="edge" d="M{} {}H{}L{} {}"/>').format(
                    tidy(ends[0]), tidy(line), tidy(ends[0] + (ends[1] - ends[0]) * 0.86), tidy(ends[1]), tidy(target)
                )
            )
            marks.append(_label(part.roles, edge + _LANE * (0.43 if side == "asking" else 0.57), line, "middle"))
            y += high + _GAP
    return frame(name, title, description, (_WIDTH, height), Markup("").join(marks), links=True)


def _line(x: float, y: float) -> Markup:
    return Markup('<path class="edge" d="M{} {}v{}"/>').format(tidy(x), tidy(y), tidy(_DROP))


def _label(said: Sequence[str], x: float, y: float, anchor: str) -> Markup:
    """Roles over the line that they belong to, the last of them just above it, further ones below it."""
    rows = [line for role in said for line in lines(role, _LANE * 0.9 if anchor == "middle" else _BOX, 11)]
    first = y - 4 - 12 * (max(1, (len(rows) + 1) // 2) - 1)
    marks = []
    for place, row in enumerate(rows):
        below = anchor == "middle" and place >= (len(rows) + 1) // 2
        at = first + 12 * place + (8 if below else 0)
        marks.append(
            Markup('<text class="role" x="{}" y="{}" text-anchor="{}">{}</text>').format(tidy(x), tidy(at), anchor, row)
        )
    return Markup("").join(marks)


def _tall(part: Part) -> float:
    rows = len(lines(part.name, _BOX - 16, _LETTER))
    labels = sum(len(lines(role, _LANE * 0.9, 11)) for role in part.roles)
    return max(rows * _LINE + 12, labels * 12 + 10)


def _box(part: Part, x: float, width: float) -> tuple[Markup, float]:
    rows = lines(part.name, width - 16, _LETTER)
    tall = _tall(part) if part.side in ("asking", "answering") else len(rows) * _LINE + 12
    return _drawn(rows, part.href, x, width, tall, f"box {part.kind}"), tall


def _stack(matter: Sequence[tuple[str, str]], x: float, width: float, kind: str) -> tuple[Markup, float]:
    marks, top = [], 0.0
    for text, href in matter:
        rows = lines(text, width - 16, _LETTER)
        tall = len(rows) * _LINE + 16
        marks.append(_moved(_drawn(rows, href, x, width, tall, f"box {kind}"), top))
        top += tall + 6
    return Markup("").join(marks), max(top - 6, 0.0)


def _drawn(rows: Sequence[str], href: str, x: float, width: float, tall: float, kind: str) -> Markup:
    first = tall / 2 - (len(rows) - 1) * _LINE / 2 + 4
    text = Markup("").join(
        Markup('<tspan x="{}" y="{}">{}</tspan>').format(tidy(x + width / 2), tidy(first + _LINE * place), row)
        for place, row in enumerate(f"{row} " for row in rows)
    )
    box = Markup(
        '<rect class="{}" x="{}" y="0" width="{}" height="{}" rx="5"/><text text-anchor="middle">{}</text>'
    ).format(kind, tidy(x), tidy(width), tidy(tall), text)
    return Markup('<a href="{}">{}</a>').format(href, box) if href else box


def _moved(mark: Markup, y: float) -> Markup:
    return Markup('<g transform="translate(0 {})">{}</g>').format(tidy(y), mark)
