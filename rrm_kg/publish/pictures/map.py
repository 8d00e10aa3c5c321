"""Mexico with its states: by their outlines where the npm package with them is installed, else as a grid of tiles."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from markupsafe import Markup

from rrm_kg.publish.assets import folder
from rrm_kg.publish.pictures.frame import frame, tidy
from rrm_kg.terms import CODE

_TILES: Final = Path(__file__).with_name("mexico.ttl")
_PACKAGE: Final = "@svg-maps/mexico/index.js"
_SIDE: Final = 48
_SHADES: Final = 4
_TOLERANCE: Final = 1.5  # of a map 793 units wide: nothing that is seen
_SMALL: Final = 3.0  # square units: a rock in the sea
Point = tuple[float, float]


def mexico(
    name: str,
    title: str,
    description: str,
    *,
    counts: Mapping[str, int] | None = None,
    names: Mapping[str, str] | None = None,
    highlight: Collection[str] = (),
    link: Callable[[str], str] | None = None,
) -> Markup:
    """The states of Mexico, darker the greater their count, some highlighted, linked where ``link`` gives an address.

    ``counts``, ``names``, ``highlight`` and ``link`` speak of states by their codes of ISO 3166-2, such as ``MX-HID``.
    ``name`` is unique on the page. Where the outlines are drawn (outlined), their makers must be named beside them.
    """
    counts, names = counts or {}, names or {}
    most = max(counts.values(), default=0)
    drawn, numbers = [], Markup("")
    for code, shape, place in _shapes():
        count = counts.get(code, 0)
        kind = "state in" if code in highlight else "state"
        if count:
            kind += f" count-{-(-_SHADES * count // most)}"
        said = names.get(code, "")
        said = f"{said}: {count}" if said and count else said
        hint = Markup("<title>{}</title>").format(said) if said else Markup("")
        href = link(code) if link is not None and count else ""
        mark = Markup('<g class="{}">{}{}').format(kind, "" if href else hint, shape)
        if count:
            numbers += Markup('<text class="count" x="{}" y="{}">{}</text>').format(*map(tidy, place), count)
        mark += Markup("</g>")
        drawn.append(
            (
                code in highlight,
                Markup('<a href="{}">{}{}</a>').format(href, hint, mark) if href else mark,
            )
        )
    marks = Markup("").join(mark for _, mark in sorted(drawn, key=lambda one: one[0]))  # the highlighted lie on top
    marks += Markup('<g class="counts">{}</g>').format(numbers)  # above all states, so that no neighbour hides one
    size = (793.0, 498.0) if outlined() else (11.0 * _SIDE, 6.0 * _SIDE)
    return frame(name, title, description, size, marks, links=link is not None)


def outlined() -> bool:
    """Whether the map shows the outlines of the npm package, whose makers are then to be named."""
    return _package() is not None


def _package() -> Path | None:
    installed = folder()
    found = installed / _PACKAGE if installed is not None else None
    return found if found is not None and found.is_file() else None


def _shapes() -> tuple[tuple[str, Markup, Point], ...]:
    """Code, shape and middle of each state."""
    package = _package()
    return _outlines(package) if package is not None else _tiles()


@cache
def _tiles() -> tuple[tuple[str, Markup, Point], ...]:
    found = []
    for triple in ox.parse(path=_TILES, format=ox.RdfFormat.TURTLE):
        code = str(getattr(triple.subject, "value", "")).removeprefix(CODE + "tile/")
        x, y = (_SIDE * int(part) for part in str(getattr(triple.object, "value", "")).split())
        shape = Markup(
            '<rect x="{}" y="{}" width="{side}" height="{side}" rx="5"/><text class="code" x="{}" y="{}">{}</text>'
        ).format(x + 1, y + 1, x + _SIDE / 2, y + 18, code.removeprefix("MX-"), side=_SIDE - 2)
        found.append((code, shape, (x + _SIDE / 2, y + 38)))
    return tuple(sorted(found))


@cache
def _outlines(package: Path) -> tuple[tuple[str, Markup, Point], ...]:
    text = package.read_text(encoding="utf-8").strip()
    found = []
    for state in json.loads(text.removeprefix("export default").strip().rstrip(";"))["locations"]:
        rings = [_simpler(ring) for ring in _rings(state["path"])]
        largest = max(rings, key=_area)
        shape = Markup('<path d="{}"/>').format("".join(_drawn(ring) for ring in rings if _area(ring) > _SMALL))
        found.append((f"MX-{state['id'].upper()}", shape, _middle(largest)))
    return tuple(sorted(found))


def _rings(path: str) -> list[list[Point]]:
    """The rings of a path of SVG in absolute coordinates; of its commands it knows m, l and z."""
    rings: list[list[Point]] = []
    x = y = 0.0
    for command, text in re.findall(r"([A-Za-z])([^A-Za-z]*)", path):
        if command.lower() not in "mlz":
            raise ValueError(f"a command that no outline has: {command}")
        numbers = [float(number) for number in re.findall(r"-?\d*\.?\d+", text)]
        for place, (dx, dy) in enumerate(zip(numbers[::2], numbers[1::2], strict=True)):
            x, y = (x + dx, y + dy) if command.islower() else (dx, dy)
            if command in "mM" and place == 0:
                rings.append([])
            rings[-1].append((x, y))
        if command in "zZ":
            x, y = rings[-1][0]
    return rings


def _simpler(ring: list[Point]) -> list[Point]:
    """A ring without the points that nobody would miss (Douglas and Peucker 1973)."""
    if len(ring) < 4:
        return ring
    far = max(range(len(ring)), key=lambda i: _distance(ring[i], ring[0], ring[0]))
    return _kept(ring[: far + 1])[:-1] + _kept([*ring[far:], ring[0]])[:-1]


def _kept(points: list[Point]) -> list[Point]:
    if len(points) < 3:
        return points
    far = max(range(1, len(points) - 1), key=lambda i: _distance(points[i], points[0], points[-1]))
    if _distance(points[far], points[0], points[-1]) <= _TOLERANCE:
        return [points[0], points[-1]]
    return _kept(points[: far + 1])[:-1] + _kept(points[far:])


def _distance(point: Point, start: Point, end: Point) -> float:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = (dx * dx + dy * dy) ** 0.5
    if length == 0:
        return float(((point[0] - start[0]) ** 2 + (point[1] - start[1]) ** 2) ** 0.5)
    return float(abs(dx * (point[1] - start[1]) - dy * (point[0] - start[0])) / length)


def _drawn(ring: list[Point]) -> str:
    """A ring as a path with relative steps of whole units."""
    grid = [(round(x), round(y)) for x, y in ring]
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(grid)]
    moves = "".join(f"{dx:+d}{dy:+d}" for dx, dy in steps if (dx, dy) != (0, 0)).replace("+", " ")
    return f"M{grid[0][0]} {grid[0][1]}l{moves}z"


def _area(ring: list[Point]) -> float:
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def _middle(ring: list[Point]) -> Point:
    """The point inside a ring that is farthest from it, to half a unit: there a number has the most room."""
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    x, y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    half = max(max(xs) - min(xs), max(ys) - min(ys)) / 2
    best = (x, y)
    while half > 0.5:  # a grid about the best point so far, each time a finer one
        steps = [half * step / 4 for step in range(-4, 5)]
        best = max(((x + dx, y + dy) for dx in steps for dy in steps), key=lambda point: _room(point, ring))
        x, y = best
        half /= 2
    return best


def _room(point: Point, ring: list[Point]) -> float:
    """How far a point is from a ring, less than nothing outside of it."""
    inside, nearest = False, float("inf")
    for start, end in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (start[1] > point[1]) != (end[1] > point[1]) and point[0] < start[0] + (end[0] - start[0]) * (
            point[1] - start[1]
        ) / (end[1] - start[1]):
            inside = not inside
        nearest = min(nearest, _away(point, start, end))
    return nearest if inside else -nearest


def _away(point: Point, start: Point, end: Point) -> float:
    """How far a point is from a stretch between two others."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = dx * dx + dy * dy
    part = 0.0 if length == 0 else ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / length
    part = min(1.0, max(0.0, part))
    return float(((point[0] - start[0] - part * dx) ** 2 + (point[1] - start[1] - part * dy) ** 2) ** 0.5)
