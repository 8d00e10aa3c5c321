"""What the graph has on one thing, in the order in which a page shows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from rrm_kg.publish.site import Site
from rrm_kg.terms import DCTERMS, DERIVED, INFERRED, PREFIXES, RDF_TYPE, RDFS, RRM, SKOS

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

MOST: Final = 100
NAMES: Final = (RDFS + "label", SKOS + "prefLabel")
LEADS: Final = (RRM + "summary", SKOS + "definition", RDFS + "comment")
# Drawn as one fact each: the day of a thing, and an amount with its unit.
_DAYS: Final = tuple(RRM + name for name in ("date", "beganOn", "onOrAfter", "onOrBefore", "asOf", "periodStart"))
_AMOUNT: Final = tuple(RRM + name for name in ("value", "unit", "qualifier"))
_FIRST: Final = (
    *(
        RRM + name
        for name in ("inDispute", "about", "property", "value", "date", "agent", "role", "by", "actor", "step")
    ),
    PREFIXES["org"] + "subOrganizationOf",
    DCTERMS + "publisher",
    DCTERMS + "issued",
)
_ELSEWHERE: Final = frozenset((RDF_TYPE, RRM + "displayLabel", RRM + "evidence", RRM + "leadEvidence", *NAMES))


@dataclass(frozen=True)
class Fact:
    """A property of a thing with its values. ``kind`` says how to draw it: ``values``, ``when`` or ``amount``."""

    property: str
    values: tuple[Term, ...]
    kind: str = "values"


@dataclass(frozen=True)
class Following:
    """A fact that no file says: worked out by a rule, whose name is given, or inferred from an axiom."""

    property: str
    value: Term
    rule: str


@dataclass(frozen=True)
class Pointing:
    """The things of one class that point at a thing by one property: at most MOST of them, and how many there are."""

    property: str
    type: str
    things: tuple[str, ...]
    count: int


@dataclass(frozen=True)
class Index:
    """What several pages look up of a site."""

    site: Site

    @cached_property
    def follows(self) -> dict[str, tuple[Following, ...]]:
        """What was derived or inferred of each thing and is not written of it, in order."""
        found: dict[str, set[tuple[str, str, Term, str]]] = defaultdict(set)
        for quad in self.site.graph.store:
            graph = getattr(quad.graph_name, "value", "")
            if isinstance(quad.subject, ox.NamedNode) and (graph == INFERRED or graph.startswith(DERIVED)):
                rule = graph.removeprefix(DERIVED).strip("/") if graph != INFERRED else ""
                found[quad.subject.value].add((quad.predicate.value, str(quad.object), quad.object, rule))
        made = {}
        for iri, rows in found.items():
            said = {(t.predicate.value, str(t.object)) for t in self.site.written.get(iri, ())}
            ordered = sorted(rows, key=lambda row: (row[0], row[1], row[3]))
            made[iri] = tuple(
                Following(p, o, r) for p, key, o, r in ordered if (p, key) not in said and p != _SHOWN_NAME
            )
        return made

    @cached_property
    def days(self) -> dict[str, str]:
        """The first day that each dated thing allows, else the last."""
        return {
            iri: min(known)
            for iri in self.site.statements
            if (
                known := [
                    t.value
                    for name in ("earliest", "latest")
                    for t in self.site.values(iri, RRM + name)
                    if isinstance(t, ox.Literal)
                ]
            )
        }

    @cached_property
    def events(self) -> dict[str, tuple[str, ...]]:
        """The acts of each dispute in the order of their days, then of their steps."""
        found: dict[str, list[tuple[str, int, str]]] = defaultdict(list)
        for iri in self.site.things:
            for step in self.site.objects(iri, RRM + "step"):
                order = next(
                    (int(t.value) for t in self.site.values(step, RRM + "order") if isinstance(t, ox.Literal)), 0
                )
                for dispute in self.site.objects(iri, RRM + "inDispute"):
                    found[dispute].append((self._last(iri), order, iri))
        return {dispute: tuple(dict.fromkeys(iri for *_, iri in sorted(rows))) for dispute, rows in found.items()}

    def _last(self, iri: str) -> str:
        known = (
            t.value
            for name in ("latest", "earliest")
            for t in self.site.values(iri, RRM + name)
            if isinstance(t, ox.Literal)
        )
        return next(known, "9999")

    @cached_property
    def began(self) -> dict[str, str]:
        """The day of the first dated act of each dispute."""
        return {
            dispute: min(days)
            for dispute, acts in self.events.items()
            if (days := [self.days[act] for act in acts if act in self.days])
        }

    @cached_property
    def outcomes(self) -> dict[str, tuple[str, ...]]:
        """The outcomes of each dispute, the latest last."""
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for iri in self.site.things:
            if self.site.objects(iri, RRM + "outcomeKind"):
                for dispute in self.site.objects(iri, RRM + "inDispute"):
                    found[dispute].append((self.days.get(iri, ""), iri))
        return {dispute: tuple(iri for _, iri in sorted(rows)) for dispute, rows in found.items()}

    def subjects(self, iri: str, *properties: str) -> tuple[str, ...]:
        """The things that the files say point at one by some properties, in order."""
        return tuple(dict.fromkeys(one for one, prop in self.site.incoming.get(iri, ()) if prop in properties))


_SHOWN_NAME: Final = RRM + "displayLabel"


def facts(site: Site, iri: str, lang: str, hidden: Iterable[str] = ()) -> tuple[Fact, ...]:
    """What the files say of a thing, without its names and what is drawn elsewhere; texts in one language."""
    values: dict[str, list[Term]] = defaultdict(list)
    left_out = _ELSEWHERE.union(hidden)
    for triple in site.written.get(iri, ()):
        if triple.predicate.value not in left_out:
            values[triple.predicate.value].append(triple.object)
    found = []
    if any(name in values for name in _DAYS):
        found.append(Fact(next(name for name in _DAYS if name in values), (), "when"))
    amount = all(name in values for name in _AMOUNT[:2])
    if amount:
        found.append(Fact(_AMOUNT[0], tuple(values[_AMOUNT[0]]), "amount"))
    drawn = {*_DAYS, *(_AMOUNT if amount else ())}
    found += (
        Fact(name, tuple(sorted(in_language(terms, lang), key=lambda term: _key(site, term, lang))))
        for name, terms in values.items()
        if name not in drawn
    )
    return tuple(sorted(found, key=lambda one: (_rank(one.property), site.name(one.property, lang), one.property)))


def in_language(terms: Iterable[Term], lang: str) -> list[Term]:
    """Values without the texts that are there in the language too."""
    kept = list(terms)
    known = {getattr(term, "language", None) for term in kept}
    return [term for term in kept if lang not in known or getattr(term, "language", None) in (None, lang)]


def pointing(index: Index, iri: str, lang: str, shown: Iterable[tuple[str, str]]) -> tuple[Pointing, ...]:
    """What points at a thing, by property and class, without some subjects and properties shown already."""
    site, hidden = index.site, set(shown)
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for subject, prop in site.incoming.get(iri, ()):
        if (subject, prop) not in hidden and site.stem(subject) is not None:
            groups[prop, next(iter(site.types(subject)), "")].append(subject)
    made = [
        Pointing(
            prop,
            type_,
            tuple(sorted(found, key=lambda one: (index.days.get(one, ""), site.name(one, lang), one))[:MOST]),
            len(found),
        )
        for (prop, type_), found in groups.items()
    ]
    return tuple(sorted(made, key=lambda one: (site.name(one.type, lang), site.name(one.property, lang), one.property)))


def _rank(name: str) -> int:
    return _FIRST.index(name) if name in _FIRST else _FIRST.index(_DAYS[0]) if name in _DAYS else len(_FIRST)


def _key(site: Site, term: Term, lang: str) -> tuple[str, str]:
    return (site.name(term.value, lang) if isinstance(term, ox.NamedNode) else "", str(term))
