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
    ended = {(stage, _day(site, one)) for one in outcomes for stage in site.objects(one, RRM + "stage")}
    told = [one for one in events if _key(_of(site, one)) in patterns(lang) and not ended & _entered(site, one)]
    told = told or [one for one in events if _entered(site, one)]
    same = {(_of(site, one).rsplit("/", 1)[-1], _day(site, one)) for one in told}
    ends = [one for one in outcomes if (_kind(site, one).rsplit("/", 1)[-1], _day(site, one)) not in same]
    row = sorted(enumerate([*told, *ends]), key=lambda one: (_late(site, one[1]), one[0]))
    found = [_outcome(site, one, lang) if one in ends else _step(site, one, matter, lang) for _, one in row]
    if not outcomes and events:
        last = events[-1]
        named = site.name(_of(site, last), lang)
        day = dated(str(site.graph.as_of), lang)
        found.append(_fill("case-lead-open", lang, step=named, when=_linked(site, last, lang, bare=True), day=day))
    return found


def _of(site: Site, event: str) -> str:
    return site.objects(event, RRM + "step")[0]


def _kind(site: Site, outcome: str) -> str:
    return site.objects(outcome, RRM + "outcomeKind")[0]


def _entered(site: Site, event: str) -> set[tuple[str, str]]:
    """The stages that an event enters, each with its day."""
    return {(stage, _day(site, event)) for stage in site.objects(_of(site, event), RRM + "entersStage")}


def _people(site: Site, agents: Sequence[str], lang: str) -> Markup:
    """Agents by their names; a State is not named beside its own organ."""
    spoken_for = {state for one in agents for state in site.objects(one, RRM + "organOf")}
    return several([called(site, one, lang) for one in agents if one not in spoken_for], lang)


def _step(site: Site, event: str, matter: _Matter, lang: str) -> Markup:
    key, known = _key(_of(site, event)), patterns(lang)
    actors, addressees = site.objects(event, RRM + "actor"), site.objects(event, RRM + "addressee")
    pattern = (known.get(key) if actors else None) or known.get(f"{key}-by-nobody")
    whom = _people(site, addressees, lang)
    blanks = {
        "When": _first_upper(_linked(site, event, lang)),
        "who": _people(site, actors, lang),
        "step": escape(site.name(_of(site, event), lang)),
        "to": _fill("case-lead-to", lang, whom=whom) if addressees else "",
        "whom": whom,
    }
    if pattern is None or ("{whom}" in pattern and not addressees):
        return _fill("case-lead-step" if actors else "case-lead-step-by-nobody", lang, **blanks)
    if "{matter}" in pattern:
        blanks["matter"] = matter.said()
    return _smooth(Markup(pattern.format(**blanks)), lang)


def _outcome(site: Site, outcome: str, lang: str) -> Markup:
    speakers = site.objects(outcome, RRM + "by")
    clause = patterns(lang).get(f"case-outcome-{_kind(site, outcome).rsplit('/', 1)[-1]}")
    panel = any(RRM + "Panel" in site.types(one) for one in speakers)
    return _fill(
        "case-lead-outcome-named" if not clause else "case-lead-outcome-by-panel" if panel else "case-lead-outcome",
        lang,
        When=_first_upper(_linked(site, outcome, lang)),
        when=_linked(site, outcome, lang, bare=True),
        by=_people(site, speakers, lang),
        clause=clause or site.name(_kind(site, outcome), lang),
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
    if RRM + "Facility" in site.types(iri) and lang == "en" and re.search(r" [a-z]{4}", name):
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


def adverb(site: Site, iri: str, lang: str, *, bare: bool = False) -> Markup:
    """When something happened, as a part of a sentence, as exactly as its sources say; empty where no day is known.

    ``bare`` leaves a single day without its preposition, as in parentheses.
    """

    def day(name: str) -> str | None:
        return next((t.value for t in site.values(iri, RRM + name) if isinstance(t, ox.Literal)), None)

    def time(value: str) -> Markup:
        return Markup('<time datetime="{}">{}</time>').format(value, dated(value, lang))

    on, began, after, before = (day(name) for name in ("date", "beganOn", "onOrAfter", "onOrBefore"))
    on = on or day("asOf")
    if on and began:
        return _fill("case-from-to", lang, first=time(began), last=time(on))
    if on and bare:
        return time(on)
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


def _linked(site: Site, iri: str, lang: str, *, bare: bool = False) -> Markup:
    when = adverb(site, iri, lang, bare=bare) or Markup(escape(say("case-undated", lang)))
    return Markup('<a href="#{}">{}</a>').format(anchor(iri), when)


def _day(site: Site, iri: str) -> str:
    """The last day on which something may have happened; empty where it is open."""
    return next((term.value for term in site.values(iri, RRM + "latest") if isinstance(term, ox.Literal)), "")


def _late(site: Site, iri: str) -> str:
    """What puts records in the order of their last days, the open ones at the end."""
    return _day(site, iri) or "9"


def _key(step: str) -> str:
    return "case-lead-" + step.removeprefix(CODE).replace("/", "-")


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
