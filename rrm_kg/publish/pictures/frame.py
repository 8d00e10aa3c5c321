"""What every picture stands in: an SVG with a name and a description, in the colours of the style sheet."""

from __future__ import annotations

import textwrap

from markupsafe import Markup

_WIDTH_OF_A_LETTER = 0.54  # of its height, on the average of a text in a sans-serif face


def frame(name: str, title: str, description: str, size: tuple[float, float], marks: Markup, *, links: bool) -> Markup:
    """An SVG of a size in units. ``name`` is unique on the page; with ``links``, the parts can be walked through.

    A picture with links in it is a group and not an image, since the parts of an image are hidden from assistive
    technology.
    """
    return Markup(
        '<svg class="picture" viewBox="0 0 {} {}" width="{}" height="{}" role="{}" aria-labelledby="{name}-title"'
        ' aria-describedby="{name}-desc"><title id="{name}-title">{}</title><desc id="{name}-desc">{}</desc>{}</svg>'
    ).format(
        tidy(size[0]),
        tidy(size[1]),
        tidy(size[0]),
        tidy(size[1]),
        "group" if links else "img",
        title,
        description,
        marks,
        name=name,
    )


def tidy(number: float) -> str:
    """A coordinate to a tenth of a unit, without needless zeros."""
    return f"{round(number, 1):g}"


def length(text: str, size: float) -> float:
    """About how wide a text is in units, in letters of a height."""
    return len(text) * size * _WIDTH_OF_A_LETTER


def lines(text: str, width: float, size: float) -> list[str]:
    """A text in lines that fit a width."""
    return textwrap.wrap(text, max(4, int(width / (size * _WIDTH_OF_A_LETTER)))) or [""]
