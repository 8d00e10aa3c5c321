"""A checked graph as a site: which things have pages, what they are called, and where each page lies.

A page of a thing lies where its IRI points: ``id/case/atento`` has ``id/case/atento.html``, ``.es.html``, ``.ttl``,
``.jsonld`` and ``.nt``. Terms of the ontology and the shapes are parts of one page each. All links are relative, so
that a release works from any folder.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final
from urllib.parse import quote, unquote

import pyoxigraph as ox

from rrm_kg.pipeline import KnowledgeGraph
from rrm_kg.terms import BASE, CODE, DERIVED, ID, INFERRED, OWL, RDF_TYPE, RRM

SUFFIX: Final = {"en": ".html", "es": ".es.html"}
_DEPRECATED: Final = OWL + "deprecated"
_WEB: Final = ("http://", "https://")


@dataclass(frozen=True)
class File:
    """A file of a release: its path below the release's folder, with ``/``, and its bytes."""

    path: str
    data: bytes


@dataclass(frozen=True)
class Link:
    """Where a link leads, relative to the page that it stands on, and what it is called."""

    href: str
    name: str


@dataclass(frozen=True)
class Site:
    """What every page of a release needs to know. ``base`` is the address that its IRIs begin with.

    Everything in here speaks of IRIs below terms.BASE; another base takes its place when files are written.
    ``release`` is the name of the release, such as ``0.2.0``; ``contact`` is where its readers can write to, as a
    mailto: or https: address.
    """

    graph: KnowledgeGraph
    base: str
    release: str
    contact: str | None = None

    @cached_property
    def statements(self) -> dict[str, tuple[ox.Triple, ...]]:
        """The triples of each thing, from all graphs, each once and in order."""
        found: dict[str, set[ox.Triple]] = defaultdict(set)
        for quad in self.graph.store:
            if isinstance(quad.subject, ox.NamedNode):
                found[quad.subject.value].add(ox.Triple(quad.subject, quad.predicate, quad.object))
        return {iri: tuple(sorted(found[iri], key=str)) for iri in sorted(found)}

    @cached_property
    def written(self) -> dict[str, tuple[ox.Triple, ...]]:
        """The triples of each thing as the files say them, without what was derived or inferred of it.

        What only a rule derives, such as an overrun, no file describes: the rule says what it is.
        """
        found: dict[str, set[ox.Triple]] = defaultdict(set)
        for quad in self.graph.store:
            graph = getattr(quad.graph_name, "value", "")
            by_rule = graph == INFERRED or graph.startswith(DERIVED)
            if isinstance(quad.subject, ox.NamedNode) and (not by_rule or self._made_by(graph, quad.subject)):
                found[quad.subject.value].add(ox.Triple(quad.subject, quad.predicate, quad.object))
        return {iri: tuple(sorted(found[iri], key=str)) for iri in sorted(found)}

    @cached_property
    def derived(self) -> dict[str, str]:
        """The things that are there only because a rule derives them, each with the name of the rule."""
        types = self.graph.store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), None)
        graphs = ((quad.subject, getattr(quad.graph_name, "value", "")) for quad in types)
        return {
            thing.value: graph.removeprefix(DERIVED).strip("/")
            for thing, graph in graphs
            if isinstance(thing, ox.NamedNode) and graph.startswith(DERIVED)
        }

    def _made_by(self, graph: str, thing: ox.NamedNode) -> bool:
        return graph != INFERRED and thing.value in self.derived

    @cached_property
    def incoming(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """What the files say that points at each thing: subject and property, in order."""
        found: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for iri, triples in self.written.items():
            for triple in triples:
                if isinstance(triple.object, ox.NamedNode) and iri not in self.derived:
                    found[triple.object.value].add((iri, triple.predicate.value))
        return {iri: tuple(sorted(pairs)) for iri, pairs in found.items()}

    @cached_property
    def things(self) -> tuple[str, ...]:
        """The IRIs of all that has a page of its own: things and code lists with their concepts, in order."""
        return tuple(iri for iri in self.written if iri.startswith((ID, CODE)))

    @cached_property
    def _names(self) -> dict[tuple[str, str], str]:
        """What is called by several names, such as an allegation of two conducts, has them all, in order."""
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for quad in self.graph.store.quads_for_pattern(None, ox.NamedNode(RRM + "displayLabel"), None):
            name = quad.object
            if isinstance(quad.subject, ox.NamedNode) and isinstance(name, ox.Literal) and name.language:
                found[quad.subject.value, name.language].add(name.value)
        return {key: "; ".join(sorted(names)) for key, names in found.items()}

    def index(self) -> None:
        """Make all lookups ready at once."""
        _ = self.incoming, self.things, self._known, self._names, self._objects

    def name(self, iri: str, lang: str) -> str:
        """What to call a thing in a language; the end of its IRI where it has no name."""
        known = self._names.get((iri, lang))
        return known if known is not None else unquote(iri.removeprefix(BASE).rsplit("/", 1)[-1].rsplit("#", 1)[-1])

    def types(self, iri: str) -> tuple[str, ...]:
        """The classes of a thing as the files say them, in order."""
        return tuple(
            triple.object.value
            for triple in self.written.get(iri, ())
            if triple.predicate.value == RDF_TYPE and isinstance(triple.object, ox.NamedNode)
        )

    @cached_property
    def _values(self) -> dict[tuple[str, str], tuple[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple, ...]]:
        found: dict[tuple[str, str], list[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]] = defaultdict(list)
        for iri, triples in self.statements.items():
            for triple in triples:
                found[iri, triple.predicate.value].append(triple.object)
        return {key: tuple(objects) for key, objects in found.items()}

    @cached_property
    def _objects(self) -> dict[tuple[str, str], tuple[str, ...]]:
        return {
            key: tuple(term.value for term in objects if isinstance(term, ox.NamedNode))
            for key, objects in self._values.items()
        }

    def withdrawn(self, iri: str) -> bool:
        """Whether a thing was withdrawn: its IRI stays, and leads to why."""
        return any(isinstance(term, ox.Literal) and term.value == "true" for term in self.values(iri, _DEPRECATED))

    def values(self, iri: str, predicate: str) -> tuple[ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple, ...]:
        """The values of a property of a thing, from all graphs, in order."""
        return self._values.get((iri, predicate), ())

    def objects(self, iri: str, predicate: str) -> tuple[str, ...]:
        """The things that a property of a thing leads to, from all graphs, in order."""
        return self._objects.get((iri, predicate), ())

    def slice(self, iri: str) -> tuple[ox.Triple, ...]:
        """The graph of one thing, as its twins hold it: its own triples and the records in it (rrm:inDispute)."""
        thing, within = ox.NamedNode(iri), ox.NamedNode(RRM + "inDispute")
        records = (one for one, prop in self.incoming.get(iri, ()) if prop == within.value)
        return (*self.statements.get(iri, ()), *(ox.Triple(ox.NamedNode(one), within, thing) for one in records))

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.things)

    def stem(self, iri: str) -> str | None:
        """The path of the page of a thing without its ending, with its anchor after ``#``; None where it has none."""
        if iri in self._known:
            return iri.removeprefix(BASE)
        for page in ("ontology", "shapes"):
            if iri == BASE + page or iri.startswith(f"{BASE}{page}#"):
                return iri.removeprefix(BASE)
        return None

    def address(self, iri: str, lang: str, here: str) -> str | None:
        """Where a link to a thing leads from the page at a path: a page of ours, an address of the web, or None."""
        stem = self.stem(iri)
        if stem is None:
            return iri if iri.startswith(_WEB) and not iri.startswith(BASE) else None
        path, mark, anchor = stem.partition("#")
        return relative(path + SUFFIX[lang], here) + (f"#{quote(anchor)}" if mark else "")

    def link(self, iri: str, lang: str, here: str) -> Link:
        """A link to a thing from the page at a path; its address is empty where there is nothing to lead to."""
        return Link(self.address(iri, lang, here) or "", self.name(iri, lang))


def relative(path: str, here: str) -> str:
    """The address of a file of the release from another one.

    >>> relative("id/case/atento.html", "id/union/strm.html")
    '../case/atento.html'
    """
    return _between(path, here.rpartition("/")[0])


@lru_cache(maxsize=100_000)  # all pages of a folder lead to the same places by the same addresses
def _between(path: str, folder: str) -> str:
    folders, parts = folder.split("/") if folder else [], path.split("/")
    shared = 0
    while shared < len(folders) and shared < len(parts) - 1 and folders[shared] == parts[shared]:
        shared += 1
    return quote("../" * (len(folders) - shared) + "/".join(parts[shared:]))
