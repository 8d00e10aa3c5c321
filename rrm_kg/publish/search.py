"""The search page and the index behind it: what people look for by a name, not each piece of evidence.

The page lists everything from A to Z, so that it serves without a script; a script of ours searches the index. It
needs no package: some two thousand short names are looked through in milliseconds.
"""

from __future__ import annotations

import json
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg import questions, rulebook
from rrm_kg.publish.pages import page
from rrm_kg.publish.site import SUFFIX, File, Site, relative
from rrm_kg.publish.words import say
from rrm_kg.terms import BASE, CODE, ID, RDFS, RRM, SKOS

INDEX: Final = "search.json"
_SAID: Final = ("some", "one", "many", "none", "near", "failed")
_BLANKS: Final = {name: f"{{{name}}}" for name in ("count", "shown", "text")}  # filled in by the script
_LANGUAGES: Final = tuple(SUFFIX)
_FIRST: Final = (
    "case",
    "mechanism",
    "facility",
    "company",
    "union",
    "agency",
    "organization",
    "person",
    "place",
    "state",
)
_ALSO: Final = (SKOS + "altLabel", SKOS + "notation", SKOS + "prefLabel", RDFS + "label", RRM + "isoCode")


@dataclass(frozen=True)
class Entry:
    """Something that can be found: where its page is (a stem, with its anchor after ``#``), its name in each language
    and what else it goes by."""

    stem: str
    names: tuple[str, ...]
    also: str = ""

    def href(self, lang: str) -> str:
        """The address of its page from the root of the release."""
        path, mark, anchor = self.stem.partition("#")
        return relative(path + SUFFIX[lang], "") + mark + anchor


@dataclass(frozen=True)
class Group:
    """Entries of a kind, with what the kind is called in each language."""

    key: str
    names: tuple[str, ...]
    entries: tuple[Entry, ...]
    listed: bool = True

    def ordered(self, lang: str) -> tuple[Entry, ...]:
        """The entries by their names in a language, as a reader would look for them."""
        index = _LANGUAGES.index(lang)
        return tuple(sorted(self.entries, key=lambda entry: (_folded(entry.names[index]), entry.stem)))


def files(site: Site) -> Iterator[File]:
    """The search page in both languages and its index."""
    found = groups(site)
    for lang in ("es", "en"):
        index = _LANGUAGES.index(lang)
        yield page(
            site,
            "search.html.jinja",
            "search",
            lang,
            say("search-title", lang),
            say("search-about", lang),
            groups=[
                (group.key, group.names[index], [(e.href(lang), e.names[index]) for e in group.ordered(lang)])
                for group in found
                if group.listed
            ],
            script_words={key: say(f"search-{key}", lang, **_BLANKS) for key in _SAID},
        )
    yield File(INDEX, _index(found))


def groups(site: Site) -> tuple[Group, ...]:
    """Everything that can be found, by kind: first what is looked for most.

    Of the things those that the files name themselves; a step of a case or a piece of evidence has no such name.
    """
    kinds: dict[str, list[str]] = defaultdict(list)
    for iri in site.things:
        if iri.startswith(ID) and site.values(iri, RDFS + "label"):
            kinds[iri.removeprefix(ID).partition("/")[0]].append(iri)
    rank = {kind: place for place, kind in enumerate(_FIRST)}
    named = tuple(
        Group(kind, _names(site, site.types(kinds[kind][0])[0]), tuple(_entry(site, iri) for iri in kinds[kind]))
        for kind in sorted(kinds, key=lambda kind: (rank.get(kind, len(rank)), kind))
    )
    found = (*named, _questions(site), *_codes(site), _rules(site), _terms(site))
    # Documents come last: their long titles hold the words of everything else.
    return tuple(sorted(found, key=lambda group: group.key == "document"))


def _entry(site: Site, iri: str) -> Entry:
    """The entry of a thing, which is found by other names, its file numbers and the end of its IRI too."""
    names = _names(site, iri)
    numbered = (
        number
        for record in (one for one, prop in site.incoming.get(iri, ()) if prop == RRM + "inDispute")
        for number in site.values(record, SKOS + "notation")
    )
    own = (term for prop in _ALSO for term in site.values(iri, prop))
    also = {term.value for term in (*own, *numbered) if isinstance(term, ox.Literal)}
    also.add(iri.rsplit("/", 1)[-1])
    return Entry(site.stem(iri) or "", names, " ".join(sorted(also - set(names))))


def _questions(site: Site) -> Group:
    entries = (
        Entry(
            f"questions/{one.id}",
            tuple(one.question[lang] for lang in _LANGUAGES),
            " ".join((one.id, *one.summary.values())),
        )
        for one in questions.catalogue(site.graph.sources.root)
    )
    return Group("question", _said("search-questions"), tuple(entries))


def _rules(site: Site) -> Group:
    """Each shape and check query by its name, which leads to the page of its rule."""
    entries = (
        Entry(
            f"rules/{shape.rule}",
            tuple(shape.name.get(lang, shape.rule) for lang in _LANGUAGES),
            f"{shape.rule} {shape.local_name}",
        )
        for shape in rulebook.described(site.graph.sources).values()
    )
    return Group("rule", _said("search-rules"), tuple(entries))


def _codes(site: Site) -> Iterator[Group]:
    schemes = [iri for iri in site.things if iri.startswith(CODE) and "/" not in iri.removeprefix(CODE)]
    yield Group("code", _said("search-codes"), tuple(_entry(site, iri) for iri in schemes))
    for scheme in schemes:
        members = [iri for iri in site.things if iri.startswith(scheme + "/")]
        # Each list shows its own concepts: all lists in one index would bury the names.
        yield Group(scheme.removeprefix(BASE), _names(site, scheme), tuple(_entry(site, iri) for iri in members), False)


def _terms(site: Site) -> Group:
    terms = [iri for iri in site.written if iri.startswith(RRM)]
    return Group("term", _said("search-terms"), tuple(_entry(site, iri) for iri in terms))


def _names(site: Site, iri: str) -> tuple[str, ...]:
    return tuple(site.name(iri, lang) for lang in _LANGUAGES)


def _said(key: str) -> tuple[str, ...]:
    return tuple(say(key, lang) for lang in _LANGUAGES)


def _index(found: tuple[Group, ...]) -> bytes:
    """The index as JSON: the names of the kinds, then for each entry its kind, stem, names and other names."""
    tree: dict[str, Any] = {
        "kinds": [dict(zip(_LANGUAGES, group.names, strict=True)) for group in found],
        "entries": [
            [kind, entry.stem, *entry.names, entry.also] for kind, group in enumerate(found) for entry in group.entries
        ],
    }
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _folded(name: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", name.casefold()) if not unicodedata.combining(char))
