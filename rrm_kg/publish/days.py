"""Days, months and years as a reader of a language writes them."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from babel.dates import format_date

_EXACT: Final = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_PATTERN: Final = {
    "en": ("y", "MMMM y", "d MMMM y"),
    "es": ("y", "MMMM 'de' y", "d 'de' MMMM 'de' y"),
}


def in_words(day: str, lang: str) -> str:
    """A day, month or year in words; any other text as it is.

    >>> in_words("2024-04-22", "es")
    '22 de abril de 2024'
    >>> in_words("2024-04", "en")
    'April 2024'
    """
    found = _EXACT.fullmatch(day)
    if found is None:
        return day
    parts = [int(part) for part in found.groups() if part]
    year, month, number = (*parts, 1, 1)[:3]
    return format_date(date(year, month, number), _PATTERN[lang][len(parts) - 1], locale=lang)
