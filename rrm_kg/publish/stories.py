"""A dispute told in one paragraph: sentence patterns of the words, filled with what the graph says.

A step is told where the words have a pattern for it, an outcome by its clause; each date leads to the record below
that proves it. Nothing is concluded here: who says what stays in the sentence, and a date stays as exact as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import pyoxigraph as ox
from markupsafe import Markup, escape

from rrm_kg.publish.dates import dated
from rrm_kg.publish.site import Site
from rrm_kg.publish.words import patterns, say
from rrm_kg.terms import CODE, ID, RRM

_NAMED: Final = 3  # parties named before the others are only counted


def lead(site: Site, case: str, events: Sequence[str], outcomes: Sequence[str], lang: str) -> Markup:
    """What happened, from events and outcomes in their order."""
    return Markup(" ").join(_sentences(site, case, events, outcomes, lang))


def _sentences(site: Site, case: str, events: Sequence[str], outcomes: Sequence[str], lang: str) -> list[Markup]:
    matter = _Matter(site, case, lang)
    ended = {stage for one in outcomes for stage in site.objects(one, RRM + "stage")}
    told: list[tuple[tuple[str, int], str]] = []
    for place, event in enumerate(events):
        step = site.objects(event, RRM + "step")[0]
        if f"case-lead-{_key(step)}" in patterns(lang) and not ended & set(site.objects(step, RRM + "entersStage")):
            told.append(((_day(site, event), place), event))
    if not told:
        staged = (
            (p, e)
            for p, e in enumerate(events)
            if any(site.objects(s, RRM + "entersStage") for s in site.objects(e, RRM + "step"))
        )
        told = [((_day(site, event), place), event) for place, event in staged]
    told += [((_day(site, one) or "9", len(events) + place), one) for place, one in enumerate(outcomes)]
    found = [
        _outcome(site, one, lang) if one in outcomes else _step(site, one, matter, lang) for _, one in sorted(told)
    ]
    if not outcomes and events:
        last = max(events, key=lambda event: _day(site, event))
        found.append(
            _fill(
                "case-lead-open",
                lang,
                step=site.name(site.objects(last, RRM + "step")[0], lang),
                when=_linked(site, last, lang),
                day=dated(str(site.graph.as_of), lang),
            )
        )
    return found


def _step(site: Site, event: str, matter: _Matter, lang: str) -> Markup:
    step = site.objects(event, RRM + "step")[0]
    key = f"case-lead-{_key(step)}"
    actors, addressees = site.objects(event, RRM + "actor"), site.objects(event, RRM + "addressee")
    pattern = patterns(lang).get(key if actors else f"{key}-by-nobody") or patterns(lang).get(f"{key}-by-nobody")
    blanks = {
        "When": _first_upper(_linked(site, event, lang)),
        "who": several([called(site, one, lang) for one in actors], lang),
        "step": escape(site.name(step, lang)),
        "to": _fill("case-lead-to", lang, whom=several([called(site, one, lang) for one in addressees], lang))
        if addressees
        else "",
        "whom": several([called(site, one, lang) for one in addressees], lang),
    }
    if pattern is None or ("{whom}" in pattern and not addressees):
        return _fill("case-lead-step" if actors else "case-lead-step-by-nobody", lang, **blanks)
    if "{about}" in pattern:
        blanks["about"] = _fill("case-lead-about", lang, matter=matter.said())
    if "{matter}" in pattern:
        blanks["matter"] = matter.said()
    return _smooth(Markup(pattern.format(**blanks)), lang)


def _outcome(site: Site, outcome: str, lang: str) -> Markup:
    kind = site.objects(outcome, RRM + "outcomeKind")[0]
    speakers = site.objects(outcome, RRM + "by")
    clause = patterns(lang).get(f"case-outcome-{kind.rsplit('/', 1)[-1]}")
    panel = any(RRM + "Panel" in site.types(one) for one in speakers)
    frame = "case-lead-outcome" if clause else "case-lead-outcome-named"
    return _fill(
        f"{frame}-by-panel" if panel and clause else frame,
        lang,
        When=_first_upper(_linked(site, outcome, lang)),
        when=_linked(site, outcome, lang),
        by=several([called(site, one, lang) for one in speakers], lang),
        clause=clause or site.name(kind, lang),
    )


class _Matter:
    """What the dispute is about: named in full once, then as the facility or the State that it is."""

    def __init__(self, site: Site, case: str, lang: str) -> None:
        subjects = site.objects(case, RRM + "subject")
        self._facilities = [one for one in subjects if RRM + "Facility" in site.types(one)]
        names = [called(site, one, lang) for one in subjects]
        self._full = several(names, lang, everyone=True)
        places = list(dict.fromkeys(p for one in self._facilities for p in located(site, one)))
        known = [site.name(place, lang) for place in places]
        if known and not any(re.sub(r" \(.*", "", one) in self._full for one in known):
            self._full = _fill("case-lead-in", lang, what=self._full, where=", ".join(known))
        self._short = say(f"case-lead-the-{'facility' if len(self._facilities) == 1 else 'facilities'}", lang)
        self._told = False

    def said(self) -> Markup:
        """The matter, as it is to be named now."""
        now = Markup(escape(self._short)) if self._told and self._facilities else self._full
        self._told = True
        return now


def located(site: Site, facility: str) -> tuple[str, ...]:
    """The places of a facility below the country, the smaller first."""
    places = [
        place
        for place in site.objects(facility, RRM + "locatedIn")
        if CODE + "place-kind/country" not in site.objects(place, RRM + "placeKind")
    ]
    return tuple(sorted(places, key=lambda place: (-len(site.objects(place, RRM + "within")), place)))


def called(site: Site, iri: str, lang: str) -> Markup:
    """The name of a thing as it stands in a sentence, with its article where it has one."""
    name = site.name(iri, lang)
    if RRM + "Facility" in site.types(iri) and lang == "en":
        return Markup("the {}").format(name)
    first, *rest = name.split(" ", 2)
    for key, left in ((f"{first}-{rest[0]}" if rest else "", rest[1:]), (first, rest)):
        with_article = patterns(lang).get(f"case-the-{key}") if key else None
        if with_article:
            return Markup(" ").join([escape(with_article), *map(escape, left)])
    return Markup(escape(name))


def several(names: Sequence[Markup], lang: str, *, everyone: bool = False) -> Markup:
    """Names in a row; of many, the first ones and how many others there are."""
    if len(names) > _NAMED + 1 and not everyone:
        names = [*names[:_NAMED], _fill("case-others", lang, number=len(names) - _NAMED)]
    if len(names) < 2:
        return Markup("").join(names)
    joint = "case-and-before-i" if re.match(r"(?i)h?i[^aeou]", names[-1].striptags()) else "case-and"
    return _fill(joint, lang, some=Markup(", ").join(names[:-1]), last=names[-1])


def adverb(site: Site, iri: str, lang: str) -> Markup:
    """When something happened, as a part of a sentence, as exactly as its sources say; empty where no day is known."""

    def day(name: str) -> str | None:
        return next((t.value for t in site.values(iri, RRM + name) if isinstance(t, ox.Literal)), None)

    def time(value: str) -> Markup:
        return Markup('<time datetime="{}">{}</time>').format(value, dated(value, lang))

    on, began, after, before = (day(name) for name in ("date", "beganOn", "onOrAfter", "onOrBefore"))
    on = on or day("asOf")
    if on and began:
        return _fill("case-from-to", lang, first=time(began), last=time(on))
    if on:
        return _fill(f"case-on-{('year', 'month', 'day')[on.count('-')]}", lang, day=time(on))
    if after and before and after != before:
        return _fill("case-between", lang, first=time(after), last=time(before))
    if before:
        return _fill("case-before", lang, day=time(before))
    return _fill("case-after", lang, day=time(after)) if after else Markup("")


def anchor(iri: str) -> str:
    """The id of the part of a page that shows a record.

    >>> anchor("https://w3id.org/rrm-kg/id/event/atento-determined")
    'event-atento-determined'
    """
    return iri.removeprefix(ID).replace("/", "-")


def _linked(site: Site, iri: str, lang: str) -> Markup:
    when = adverb(site, iri, lang) or Markup(escape(say("case-undated", lang)))
    return Markup('<a href="#{}">{}</a>').format(anchor(iri), when)


def _day(site: Site, iri: str) -> str:
    """The last day on which something may have happened, else the first one, for the order."""
    found = site.values(iri, RRM + "latest") or site.values(iri, RRM + "earliest")
    return next((term.value for term in found if isinstance(term, ox.Literal)), "")


def _key(step: str) -> str:
    return step.removeprefix(CODE).replace("/", "-")


def _first_upper(text: Markup) -> Markup:
    """A text whose first letter outside of marks is a capital."""
    return Markup(re.sub(r"^((?:<[^>]*>)*)(\w)", lambda found: found[1] + found[2].upper(), text))


def _fill(key: str, lang: str, **blanks: object) -> Markup:
    """A pattern of the words with marked-up texts in its blanks."""
    return _smooth(Markup(say(key, lang, **{name: escape(value) for name, value in blanks.items()})), lang)


def _smooth(text: Markup, lang: str) -> Markup:
    """A Spanish text with its contractions."""
    if lang != "es":
        return text
    return Markup(re.sub(r"\b([Dd]e|[Aa]) el (?=\S)", r"\1l ", text))
