"""The rules of the gate: what each wants, why, and an example of right and wrong; the shapes, term by term."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from rrm_kg import graph as graphs
from rrm_kg import rulebook
from rrm_kg.errors import text
from rrm_kg.findings import Severity
from rrm_kg.publish.sheet import sheet
from rrm_kg.publish.site import SUFFIX, File, Site
from rrm_kg.publish.words import say
from rrm_kg.rulebook import Entry
from rrm_kg.terms import RDF_TYPE, RRMSH, SH, shorten

_SHOWN: Final = (
    "targetClass", "targetSubjectsOf", "targetObjectsOf", "path", "property", "node", "class", "datatype", "nodeKind",
    "minCount", "maxCount", "in", "hasValue", "pattern", "languageIn", "uniqueLang", "select",
)  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """All that stands under a rule number, such as ``R19``; other numbers that only its shapes stand for."""

    id: str
    entries: tuple[Entry, ...]
    stands_for: tuple[str, ...] = ()


@dataclass(frozen=True)
class Drawn:
    """A shape by its local name: which rule it bears, what it says, and its main properties as prefixed names."""

    name: str
    rule: str
    words: dict[str, str]
    messages: dict[str, tuple[str, ...]]
    facts: tuple[tuple[str, tuple[str, ...]], ...]


def files(site: Site) -> Iterator[File]:
    """The list of rules, each rule, and the shapes, in both languages."""
    known = rules(site)
    drawn = shapes(site)
    found: list[File] = []
    for lang in SUFFIX:
        found.append(sheet(site, "rules.html.jinja", "rules", lang, "rules", rules=known, severity=_severity(lang)))
        found.append(
            sheet(
                site,
                "shapes.html.jinja",
                "shapes",
                lang,
                "shapes",
                shapes=drawn,
                local=frozenset(s.name for s in drawn),
            )
        )
        for rule in known:
            found.append(
                sheet(
                    site,
                    "rule.html.jinja",
                    f"rules/{rule.id}",
                    lang,
                    "rules",
                    title=say("rules-one-title", lang, rule=rule.id),
                    description=" · ".join(entry.shape.name.get(lang, rule.id) for entry in rule.entries),
                    rule=rule,
                    severity=_severity(lang),
                    local=frozenset(shape.name for shape in drawn),
                )
            )
    return iter(sorted(found, key=lambda file: file.path))


def rules(site: Site) -> tuple[Rule, ...]:
    """All rules with their shapes, check queries and examples, by number."""
    named = rulebook.described(site.graph.sources).values()
    numbers = sorted({shape.rule for shape in named})
    found = {number: rulebook.find(site.graph.sources, number) for number in numbers}
    return tuple(
        Rule(number, entries, tuple(one for one in _covered(entries) if one not in found))
        for number, entries in found.items()
    )


def _covered(entries: tuple[Entry, ...]) -> list[str]:
    """The numbers that descriptions of shapes stand for, such as ``R17-R22``."""
    numbers = {number for entry in entries for number in rulebook.stands_for(entry.shape)}
    return [f"R{number:02}" for number in sorted(numbers)]


def shapes(site: Site) -> tuple[Drawn, ...]:
    """All named shapes, by their local names."""
    store = ox.Store()
    store.extend(graphs.load(site.graph.sources.shapes))
    nodes = {
        quad.subject.value
        for quad in store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), None)
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(RRMSH)
    }
    ruled = rulebook.described(site.graph.sources)
    return tuple(_drawn(store, node, ruled[node].rule if node in ruled else "") for node in sorted(nodes))


def _drawn(store: ox.Store, iri: str, rule: str) -> Drawn:
    node = ox.NamedNode(iri)

    def said(name: str) -> list[ox.Literal]:
        found = (quad.object for quad in store.quads_for_pattern(node, ox.NamedNode(SH + name), None))
        return sorted((term for term in found if isinstance(term, ox.Literal)), key=str)

    facts = []
    for name in _SHOWN:
        values = [quad.object for quad in store.quads_for_pattern(node, ox.NamedNode(SH + name), None)]
        if values:
            facts.append((f"sh:{name}", tuple(sorted(_shown(store, value) for value in values))))
    words = {f"{name}@{term.language}": term.value for name in ("name", "description") for term in said(name)}
    messages = {lang: tuple(m.value for m in said("message") if m.language == lang) for lang in SUFFIX}
    return Drawn(iri.removeprefix(RRMSH), rule, words, messages, tuple(facts))


def _shown(store: ox.Store, term: object) -> str:
    if isinstance(term, ox.NamedNode):
        return shorten(term.value)
    if isinstance(term, ox.Literal):
        return term.value.strip("\n")
    return _list(store, term)


def _list(store: ox.Store, node: object) -> str:
    """The members of a collection or the parts of a path, in Turtle's brackets."""
    quads = sorted(store.quads_for_pattern(node, None, None), key=lambda quad: str(quad.predicate))  # type: ignore[arg-type]
    found = {quad.predicate.value.rsplit("#", 1)[-1]: quad.object for quad in quads}
    if "first" in found:
        members = []
        while "first" in found:
            members.append(_shown(store, found["first"]))
            rest = store.quads_for_pattern(found["rest"], None, None)  # type: ignore[arg-type]
            found = {quad.predicate.value.rsplit("#", 1)[-1]: quad.object for quad in rest}
        return f"( {' '.join(members)} )"
    return f"[ {' ; '.join(f'{shorten(q.predicate.value)} {_shown(store, q.object)}' for q in quads)} ]"


def _severity(lang: str) -> dict[str, str]:
    return {severity.label: text(severity.label, lang) for severity in Severity}
