"""What two states of the graph say differently, fact by fact, grouped by the thing that it is about.

Named graphs play no part: a fact that only moved to another file is no difference. A blank node is known by what is
said of it and by what points to it.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg.errors import LANGUAGES, RrmError, reason
from rrm_kg.releases import manifest
from rrm_kg.releases.swap import pinned
from rrm_kg.terms import BASE, RDFS, RRM, SKOS, shorten

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
_MADE: Final = re.compile(r"/graph/(?:derived/|inferred$)")  # of graphs that reasoning made
_NAMES: Final = (RRM + "displayLabel", SKOS + "prefLabel", RDFS + "label")  # the best first
KINDS: Final = ("added", "removed", "changed")


@dataclass(frozen=True)
class State:
    """The facts of a dump, and what its things are called, by IRI and language."""

    name: str
    facts: frozenset[ox.Triple]
    names: Mapping[tuple[str, str], str] = field(repr=False)


@dataclass(frozen=True)
class Fact:
    """The values of one property of a thing, in one language where they have one, before and after."""

    predicate: str
    before: tuple[Term, ...]
    after: tuple[Term, ...]

    @property
    def kind(self) -> str:
        """``added`` where there was no value, ``removed`` where there is none any more, else ``changed``."""
        return "changed" if self.before and self.after else "added" if self.after else "removed"


@dataclass(frozen=True)
class Thing:
    """A thing with its differences. It is added or removed itself when the other state says nothing of it."""

    iri: str
    kind: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Difference:
    """The things that two states speak of differently, in the order of their IRIs."""

    old: State
    new: State
    things: tuple[Thing, ...]

    @cached_property
    def counts(self) -> dict[str, dict[str, int]]:
        """How many things and facts were added, removed and changed."""
        facts = [fact for thing in self.things for fact in thing.facts]
        return {
            "things": {kind: sum(thing.kind == kind for thing in self.things) for kind in KINDS},
            "facts": {kind: sum(fact.kind == kind for fact in facts) for kind in KINDS},
        }

    def name(self, iri: str, lang: str) -> str:
        """What a thing is called now, else what it was called, else its IRI."""
        other = next(one for one in LANGUAGES if one != lang)
        for key in ((iri, lang), (iri, other), (iri, "")):
            for state in (self.new, self.old):
                if key in state.names:
                    return state.names[key]
        return shorten(iri)

    def as_dict(self, lang: str) -> dict[str, Any]:
        """The difference as JSON has it, with terms as N-Triples writes them."""
        return {
            "old": self.old.name,
            "new": self.new.name,
            "counts": self.counts,
            "things": [
                {
                    "iri": thing.iri,
                    "name": self.name(thing.iri, lang),
                    "kind": thing.kind,
                    "facts": [
                        {
                            "property": fact.predicate,
                            "kind": fact.kind,
                            "before": [str(term) for term in fact.before],
                            "after": [str(term) for term in fact.after],
                        }
                        for fact in thing.facts
                    ],
                }
                for thing in self.things
            ],
        }


def between(old: Path, new: Path, *, made: bool = False) -> Difference:
    """The difference between two releases, folders of releases, or files in N-Quads (``.nq``, ``.nq.gz``).

    ``made`` takes in what was derived and inferred. Raises RrmError E386 for a folder without a release, E372 for a
    file that cannot be read.
    """
    return compare(read(old, made=made), read(new, made=made))


def compare(old: State, new: State) -> Difference:
    """The difference between two states."""
    values: dict[str, dict[tuple[str, str], tuple[list[Term], list[Term]]]] = defaultdict(dict)
    for side, facts in enumerate((old.facts - new.facts, new.facts - old.facts)):
        for fact in facts:
            key = fact.predicate.value, (isinstance(fact.object, ox.Literal) and fact.object.language) or ""
            values[_key(fact.subject)].setdefault(key, ([], []))[side].append(fact.object)
    before, after = ({_key(fact.subject) for fact in state.facts} for state in (old, new))
    things = []
    for iri in sorted(values):
        kind = "added" if iri not in before else "removed" if iri not in after else "changed"
        changed = (
            Fact(property_, tuple(sorted(gone, key=str)), tuple(sorted(come, key=str)))
            for (property_, _), (gone, come) in sorted(values[iri].items())
        )
        things.append(Thing(iri, kind, tuple(changed)))
    return Difference(old, new, tuple(things))


def read(path: Path, *, made: bool = False) -> State:
    """The state that a release or a file with N-Quads holds, below terms.BASE whatever the base of the release."""
    name, base = path.name, BASE
    if path.is_dir():
        place = pinned(path)
        try:
            said = manifest.read((place / manifest.MANIFEST).read_bytes())
        except OSError as error:
            raise RrmError("E305", where=str(place / manifest.MANIFEST), detail=reason(error)) from None
        name, base, path = said["name"], said["base"], place / manifest.QUADS
    return state(name, quads(path, base), made=made)


def quads(path: Path, base: str = BASE) -> list[ox.Quad]:
    """The quads of a file in N-Quads, packed or not. Raises RrmError E305 and E372 for one that cannot be read."""
    try:
        data = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
        return list(ox.parse(data.replace(base.encode(), BASE.encode()), format=ox.RdfFormat.N_QUADS))
    except (gzip.BadGzipFile, EOFError, zlib.error, SyntaxError, ValueError) as error:
        raise RrmError("E372", where=str(path), detail=str(error)) from None
    except OSError as error:
        raise RrmError("E305", where=str(path), detail=reason(error)) from None


def state(name: str, given: Iterable[ox.Quad], *, made: bool = False) -> State:
    """The state that some quads are, with what was derived and inferred where it is asked for."""
    known = list(given)
    names: dict[tuple[str, str], str] = {}
    for kind in reversed(_NAMES):
        found = [quad for quad in known if quad.predicate.value == kind and isinstance(quad.object, ox.Literal)]
        for quad in sorted(found, key=str, reverse=True):
            assert isinstance(quad.object, ox.Literal)
            names[_key(quad.subject), quad.object.language or ""] = quad.object.value
    kept = {quad.triple for quad in known if made or not _MADE.search(getattr(quad.graph_name, "value", ""))}
    return State(name, frozenset(_grounded(kept)), names)


def _grounded(facts: set[ox.Triple]) -> Iterable[ox.Triple]:
    """The facts with blank nodes named by the facts around them, so that the names of two dumps can be compared."""
    around: dict[ox.BlankNode, list[str]] = defaultdict(list)
    for fact in facts:
        for node in {fact.subject, fact.object}:
            if isinstance(node, ox.BlankNode):
                terms = (_mark(term, node) for term in (fact.subject, fact.predicate, fact.object))
                around[node].append(" ".join(terms))
    names: dict[Term, ox.BlankNode] = {
        node: ox.BlankNode("b" + hashlib.sha256("\n".join(sorted(said)).encode()).hexdigest()[:16])
        for node, said in around.items()
    }
    for fact in facts:
        yield ox.Triple(names.get(fact.subject, fact.subject), fact.predicate, names.get(fact.object, fact.object))


def _mark(term: Term, node: ox.BlankNode) -> str:
    return ("_:this" if term == node else "_:other") if isinstance(term, ox.BlankNode) else str(term)


def _key(term: Term) -> str:
    return term.value if isinstance(term, ox.NamedNode) else str(term)
