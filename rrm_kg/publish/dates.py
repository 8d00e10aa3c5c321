"""Days, numbers, sizes and lengths of time in the words of a language."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox
from markupsafe import Markup

from rrm_kg.publish.words import say
from rrm_kg.terms import DCTERMS, RRM, XSD

if TYPE_CHECKING:
    from rrm_kg.publish.site import Site

DAYS: Final = frozenset(XSD + name for name in ("date", "gYearMonth", "gYear"))
LENGTHS: Final = frozenset(XSD + name for name in ("dayTimeDuration", "yearMonthDuration", "duration"))
NUMBERS: Final = frozenset(XSD + name for name in ("integer", "decimal"))
_UNITS: Final = {"Y": "years", "M": "months", "D": "days"}


@cache
def dated(value: str, lang: str) -> str:
    """A day, month or year (ISO 8601) in words; any other text as it is.

    >>> dated("2024-04-22", "es")
    '22 de abril de 2024'
    >>> dated("2024-04", "en")
    'April 2024'
    """
    if re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2])(-[0-3]\d)?)?", value) is None:
        return value
    year, *rest = value.split("-")
    if not rest:
        return year
    month = say(f"parts-month-{int(rest[0])}", lang)
    if len(rest) == 1:
        return say("parts-month-year", lang, month=month, year=year)
    return say("parts-day", lang, day=int(rest[1]), month=month, year=year)


@cache
def numbered(value: str, lang: str) -> str:
    """A whole or decimal number with its thousands set apart, as both languages do in the countries of the graph.

    >>> numbered("42000", "en")
    '42,000'
    """
    whole, point, rest = value.partition(".")
    return (f"{int(whole):,}" if re.fullmatch(r"[+-]?\d+", whole) else whole) + point + rest


@cache
def sized(bytes: int, lang: str) -> str:
    """The size of a file in bytes, thousands or millions of them.

    >>> sized(1_234_567, "en")
    '1.2 MB'
    """
    if bytes < 1_000:
        return say("data-size-bytes", lang, number=bytes)
    if bytes < 999_500:
        return say("data-size-kilobytes", lang, number=f"{bytes / 1_000:.0f}")
    return say("data-size-megabytes", lang, number=f"{bytes / 1_000_000:,.1f}")


@cache
def lasting(value: str, lang: str) -> str:
    """A duration (ISO 8601) of days, months or years in words; any other as it is.

    >>> lasting("P10D", "es")
    '10 días'
    """
    found = re.fullmatch(r"P(?:\d+[YMD])+", value)
    if found is None:
        return value
    return ", ".join(
        say(f"parts-{'one' if number == '1' else 'many'}-{_UNITS[unit]}", lang, number=number)
        for number, unit in re.findall(r"(\d+)([YMD])", value)
    )


@cache
def time(value: str, lang: str) -> Markup:
    """A day, month or year in words, with what it stands for."""
    return Markup('<time datetime="{}">{}</time>').format(value, dated(value, lang))


def when(site: Site, iri: str, lang: str) -> Markup:
    """The date of a thing in words, as exactly as its sources give it; empty where none is known."""

    def first(name: str, namespace: str = RRM) -> Markup | None:
        found = (term for term in site.values(iri, namespace + name) if isinstance(term, ox.Literal))
        return next((time(term.value, lang) for term in found), None)

    def words(key: str, **days: Markup) -> Markup:
        return Markup(say(f"parts-{key}", lang, **days))  # words of ours around marked-up days

    on, began, after, before = (first(name) for name in ("date", "beganOn", "onOrAfter", "onOrBefore"))
    if on is not None and began is not None:
        return words("from-to", first=began, last=on)
    if on is not None:
        return on
    if after is not None and before is not None:
        return after if after == before else words("between", first=after, last=before)
    if before is not None:
        return words("before", last=before)
    if after is not None:
        held = site.values(iri, RRM + "matter") or site.values(iri, RRM + "owner")
        return words("from" if held else "after", first=after)
    as_of, start = first("asOf"), first("periodStart")
    if as_of is not None:
        return words("as-of", last=as_of) if start is None else words("from-to", first=start, last=as_of)
    return first("issued", DCTERMS) or first("inForceFrom") or Markup()
