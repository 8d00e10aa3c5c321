"""Days, months and years as a reader of a language writes them."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from babel.dates import format_skeleton

_EXACT: Final = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_SKELETON: Final = {1: "y", 2: "yMMMM", 3: "yMMMMd"}
_LOCALE: Final = {"en": "en_GB", "es": "es_MX"}


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
    return format_skeleton(_SKELETON[len(parts)], date(*(parts + [1, 1])[:3]), locale=_LOCALE[lang])
