"""A difference for people: on a terminal, in Markdown, as a page that stands alone."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import jinja2
import pyoxigraph as ox
from rich.text import Text

from rrm_kg import templating
from rrm_kg.errors import text
from rrm_kg.releases.difference import KINDS, Difference, Fact, Term
from rrm_kg.reports.content import visible
from rrm_kg.reports.markdown import escape
from rrm_kg.terms import shorten

if TYPE_CHECKING:
    from rich.console import Console

_KINDS: Final = {"added": "diff-added", "removed": "diff-removed", "changed": "diff-changed"}
_COUNTS: Final = {"things": "diff-count-things", "facts": "diff-count-facts"}
_SIGNS: Final = {"added": "+", "removed": "-", "changed": "~"}
_COLOURS: Final = {"added": "green", "removed": "red", "changed": "yellow"}


def show(console: Console, given: Difference, lang: str) -> None:
    """The difference on a terminal: each thing, and under it what is said of it now and was before."""
    console.print(Text(f"{visible(given.old.name)} → {visible(given.new.name)}", style="bold"))
    for sentence in summary(given, lang):
        console.print(Text(sentence))
    for thing in given.things:
        head = Text.assemble(
            f"\n{text(_KINDS[thing.kind], lang)}: ",
            (visible(given.name(thing.iri, lang)), "bold"),
            (f"  {visible(shorten(thing.iri))}", "dim"),
        )
        console.print(head, soft_wrap=True)
        for fact in thing.facts:
            words = f"  {_SIGNS[fact.kind]} {visible(given.name(fact.predicate, lang))}: {_values(given, fact, lang)}"
            console.print(Text(words, style=_COLOURS[fact.kind]), soft_wrap=True)


def markdown(given: Difference, lang: str) -> str:
    """The difference in GitHub Flavored Markdown, with a heading for each thing."""
    lines = [f"# {escape(given.old.name)} → {escape(given.new.name)}", ""]
    lines += [f"- {escape(sentence)}" for sentence in summary(given, lang)]
    for thing in given.things:
        lines += ["", f"## {escape(text(_KINDS[thing.kind], lang))}: {escape(given.name(thing.iri, lang))}", ""]
        lines += [f"{escape(shorten(thing.iri))}", ""]
        for fact in thing.facts:
            kind, property_ = text(_KINDS[fact.kind], lang), given.name(fact.predicate, lang)
            lines.append(f"- {escape(kind)}: **{escape(property_)}**: {escape(_values(given, fact, lang))}")
    return "\n".join(lines) + "\n"


def html(given: Difference, lang: str) -> str:
    """The difference as a page that fetches nothing."""
    return _template().render(
        given=given,
        lang=lang,
        say=lambda key: text(key, lang),
        kinds=_KINDS,
        sentences=summary(given, lang),
        name=lambda iri: visible(given.name(iri, lang)),
        value=lambda term: value(given, term, lang),
        language=lambda term: getattr(term, "language", None),
    )


def summary(given: Difference, lang: str) -> list[str]:
    """How much is different, in words."""
    if not given.things:
        return [text("diff-same", lang)]
    return [
        text(key, lang, **{kind: f"{given.counts[what][kind]:,}" for kind in KINDS}) for what, key in _COUNTS.items()
    ]


def value(given: Difference, term: Term, lang: str) -> str:
    """A value as a reader wants to see it: the name of a thing, or a text with its language."""
    if isinstance(term, ox.NamedNode):
        return visible(given.name(term.value, lang))
    if isinstance(term, ox.Literal):
        return visible(f"{term.value} ({term.language})" if term.language else term.value)
    return visible(str(term))


def _values(given: Difference, fact: Fact, lang: str) -> str:
    sides = (" | ".join(value(given, term, lang) for term in side) for side in (fact.before, fact.after) if side)
    return " → ".join(sides)


@cache
def _template() -> jinja2.Template:
    environment = templating.environment(Path(__file__).parent)
    environment.filters |= {"visible": visible, "short": shorten}
    return environment.get_template("changes.html.jinja")
