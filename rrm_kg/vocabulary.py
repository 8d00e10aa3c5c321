"""The words of a graph: names, classes, properties and code lists, as ontology, shapes and recorded cases have them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg import graph as graphs
from rrm_kg import parse
from rrm_kg.errors import LANGUAGES
from rrm_kg.terms import BASE, ID, OWL, RDF, RDF_TYPE, RDFS, RRM, RRMSH, SH, SKOS, XSD, shorten

SHEETS: Final = Path(__file__).with_name("sheets.ttl")
NAMES: Final = (RDFS + "label", SKOS + "prefLabel", SKOS + "altLabel")
_DATES: Final = frozenset({XSD + "date", XSD + "gYearMonth", XSD + "gYear"})
_NUMBERS: Final = frozenset({XSD + "integer", XSD + "decimal"})
_PATH: Final = ox.NamedNode(SH + "path")
_HEADER: Final = OWL + "Ontology"  # of which a file says its title and its license
_root: ContextVar[Path | None] = ContextVar("root", default=None)


@dataclass(frozen=True)
class Property:
    """What values a property takes.

    ``form`` is ``reference``, ``date``, ``number``, ``text`` (in a language), ``plain`` (a literal of one datatype) or
    ``any``; ``schemes`` are its code lists and ``classes`` those of the things that it leads to. Where the ontology
    leaves it open, ``seen`` are the classes of the things that it leads to in the data.
    """

    iri: str
    form: str
    datatype: str
    schemes: frozenset[str]
    classes: frozenset[str]
    seen: frozenset[str] = frozenset()


@dataclass
class Vocabulary:
    """The words of a graph: names, classes, code lists, and how its cases are written."""

    labels: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    definitions: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    types: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    schemes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    by_name: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    by_slug: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    things: dict[str, list[ox.Triple]] = field(default_factory=lambda: defaultdict(list))
    in_cases: set[str] = field(default_factory=set)
    files: dict[str, graphs.Source] = field(default_factory=dict)
    _values: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    _leads: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    _above: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _says: dict[str, dict[str, list[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    _kinds: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    used: dict[str, dict[str, list[float]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    required: dict[str, dict[str, set[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    _led_to: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    single: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _properties: dict[str, Property] = field(default_factory=dict)
    _own: dict[str, set[str]] = field(default_factory=dict)

    # What it is asked

    def below(self, classes: Iterable[str]) -> frozenset[str]:
        """Classes and all classes below them."""
        wanted = set(classes)
        return frozenset(wanted | {cls for cls in self._above if wanted & self.above(cls)})

    def above(self, cls: str) -> set[str]:
        """A class and all classes above it."""
        found, open_ = {cls}, [cls]
        while open_:
            for above in self._above.get(open_.pop(), ()):
                if above not in found:
                    found.add(above)
                    open_.append(above)
        return found

    def is_class(self, iri: str) -> bool:
        """Whether things can be of it."""
        return OWL + "Class" in self.types.get(iri, ()) or iri in self._kinds

    def is_property(self, iri: str) -> bool:
        """Whether the ontology or the data know the property."""
        kinds = self.types.get(iri, set())
        return iri in self._values or bool(kinds & {OWL + "ObjectProperty", OWL + "DatatypeProperty", RDF + "Property"})

    def label(self, iri: str, lang: str) -> str:
        """The name of a thing in a language, else in another, else its short name."""
        names = self.labels.get(iri, {})
        return names.get(lang) or next((names[key] for key in sorted(names)), shorten(iri).strip("<>"))

    def names(self, iri: str) -> list[str]:
        """All names of a thing, those that it is also called by included."""
        return [name for predicate in NAMES for name in self._says[iri].get(predicate, ())]

    def kind(self, cls: str) -> str:
        """The IRI below which the things of a class have theirs: ``https://w3id.org/rrm-kg/id/event/``."""
        known = self._kinds.get(cls)
        return _most(known) if known else f"{ID}{re.split('[#/]', cls)[-1].lower()}/"

    def kind_of_values(self, of: Property) -> str:
        """The IRI below which the values of a property have theirs; where they are of several kinds, one of its own."""
        if of.schemes:
            return f"{min(of.schemes)}/"
        inside = [cls for cls in of.classes if cls in self._kinds]
        return self.kind(inside[0]) if len(inside) == 1 else f"{ID}{re.split('[#/]', of.iri)[-1].lower()}/"

    def property(self, iri: str) -> Property:
        """What values a property takes, as the ontology declares and else as the data show."""
        if iri not in self._properties:
            self._properties[iri] = self._property(iri)
        return self._properties[iri]

    def _property(self, iri: str) -> Property:
        ranges = set(self._says[iri][RDFS + "range"]) | self._led_to[iri]
        schemes = frozenset(self._says[iri][RRM + "valueScheme"])
        if OWL + "ObjectProperty" in self.types.get(iri, ()) or schemes or self._led_to[iri]:
            classes = frozenset() if schemes else self.below(ranges - {SKOS + "Concept"})
            led_to: Iterable[str] = self._leads.get(iri, {}) if not schemes and not classes else ()
            return Property(
                iri,
                "reference",
                "",
                schemes,
                classes,
                frozenset(kind for value in led_to for kind in self.types[value]),
            )
        seen = self._values[iri]
        kinds = (ranges & (_DATES | _NUMBERS)) or ranges or set(seen)
        form = _form(kinds) if ranges or len(kinds) < 2 or kinds <= _DATES or kinds <= _NUMBERS else "any"
        if form == "any" and RDF + "Property" not in self.types.get(iri, ()) and seen:
            form = _form({_most(seen)})
        fallback = _most(seen) if seen else next(iter(sorted(kinds)), XSD + "string")
        datatype = next(iter(ranges)) if len(ranges) == 1 else fallback
        return Property(iri, form, datatype if datatype.startswith(XSD) else XSD + "string", schemes, frozenset())

    def written_with(self, of: Property) -> str | None:
        """The class whose things a property leads to, where each case writes its own, such as its passages."""
        for cls in sorted(of.classes & self._kinds.keys()):
            things = [thing for thing, kinds in self.types.items() if cls in kinds]
            if 2 * sum(thing in self.in_cases for thing in things) > len(things):
                return cls
        return None

    def choices(self, of: Property) -> list[str]:
        """The things of the graph that a property can lead to; where any can be, those that it leads to in the data.

        None where each case writes its own.
        """
        if of.schemes:
            return [code for code, lists in self.schemes.items() if lists & of.schemes]
        if of.classes:
            return [thing for thing, kinds in self.types.items() if kinds & of.classes and thing not in self.in_cases]
        seen = self._leads.get(of.iri, Counter())
        return [] if self.in_cases & seen.keys() else list(seen)

    def fits(self, iri: str, of: Property, kinds: set[str]) -> bool:
        """Whether a thing of some classes can be a value of a property."""
        if of.schemes:
            return bool(self.schemes.get(iri, set()) & of.schemes)
        return not of.classes or bool(kinds & of.classes)

    def step_lists(self, mechanism: str) -> tuple[str, ...]:
        """The lists of steps of a mechanism: its own, then those of the mechanisms that it interlocks with."""
        said = self._says[mechanism]
        beside = [one for other in said[RRM + "interlocksWith"] for one in self._says[other][RRM + "stepScheme"]]
        return tuple(dict.fromkeys([*said[RRM + "stepScheme"], *beside]))

    def mechanism(self, case: str) -> str | None:
        """The mechanism of a recorded case."""
        return next(iter(self._says[case][RRM + "mechanism"]), None)

    def own(self, cls: str) -> set[str]:
        """The properties that the ontology declares for a class itself and that the data use."""
        if cls not in self._own:
            self._own[cls] = {p for p in self._values if cls in self._says[p][RDFS + "domain"]}
        return self._own[cls]

    # How it is read

    def _take(self, source: graphs.Source) -> None:
        position: Counter[str] = Counter()
        case = source.path.startswith("data/cases/")
        triples = parse.parse_turtle(source.data, source.path)
        kind_of: dict[str, str] = {}
        for triple in triples:
            if triple.predicate.value == RDF_TYPE and not isinstance(triple.subject, ox.BlankNode):
                kind_of.setdefault(_text(triple.subject), _text(triple.object))
        for triple in triples:
            subject, predicate, value = _text(triple.subject), triple.predicate.value, triple.object
            text, language = _text(value), getattr(value, "language", None)
            position[subject] += 1
            self._says[subject][predicate].append(text)
            if source.path.startswith("data/"):
                self.things[subject].append(triple)
                if case:
                    self.in_cases.add(subject)
                if subject in kind_of:
                    self.used[kind_of[subject]][predicate].append(position[subject])
            if predicate == RDF_TYPE:
                self.types[subject].add(text)
                if text == _HEADER or not text.startswith((OWL, SH, RDF)):
                    self._kinds[text][subject.rsplit("/", 1)[0] + "/"] += 1
                    self.by_slug[folded(subject.rsplit("/", 1)[-1])].add(subject)
            elif predicate == RDFS + "subClassOf" and isinstance(value, ox.NamedNode):
                self._above[subject].add(text)
            elif predicate == SKOS + "inScheme":
                self.schemes[subject].add(text)
            elif predicate in NAMES:
                self.by_name[folded(text)].add(subject)
                if predicate != SKOS + "altLabel":
                    self.labels[subject].setdefault(language or "", text)
            elif predicate in (RDFS + "comment", SKOS + "definition") and language:
                self.definitions[subject][language] = text
            if not source.path.startswith("data/"):
                continue
            if isinstance(value, ox.NamedNode):
                self._values[predicate]["IRI"] += 1
                self._leads[predicate][text] += 1
            elif isinstance(value, ox.Literal):
                self._values[predicate][RDF + "langString" if language else value.datatype.value] += 1

    def _take_shapes(self, store: ox.Store) -> None:
        """What property shapes of Violation demand of the things of their target classes."""

        def values(node: Any, name: str) -> list[Any]:
            return [quad.object for quad in store.quads_for_pattern(node, ox.NamedNode(SH + name), None)]

        for quad in store.quads_for_pattern(None, ox.NamedNode(SH + "targetClass"), None):
            cls = _text(quad.object)
            for shape in values(quad.subject, "property"):
                for path in values(shape, "path"):
                    if not isinstance(path, ox.NamedNode):
                        continue
                    grave = ox.NamedNode(SH + "Violation") in (
                        values(shape, "severity") or [ox.NamedNode(SH + "Violation")]
                    )
                    if grave and any(int(n.value) > 0 for n in values(shape, "minCount")):
                        self.required[cls][path.value].add("")
                    if grave and any(int(n.value) > 0 for n in values(shape, "qualifiedMinCount")):
                        named = [n.value.removeprefix(RRMSH) for n in values(shape, "qualifiedValueShape")]
                        self.required[cls][path.value] |= {
                            lang for lang, word in zip(LANGUAGES, ("english", "spanish"), strict=True) if word in named
                        }
                    self._led_to[path.value] |= {kind.value for kind in values(shape, "class")}
                    if any(n.value == "1" for n in values(shape, "maxCount")):
                        self.single[cls].add(path.value)


@contextmanager
def within(root: Path | None) -> Iterator[None]:
    """While it lasts, the words are those of the graph below a root; None is the one that comes with the package."""
    token = _root.set(root)
    try:
        yield
    finally:
        _root.reset(token)


def vocabulary(root: Path | None = None) -> Vocabulary:
    """The words of the graph below a root, by default of the one in use (within).

    Raises RrmError as graph.read_sources does.
    """
    return _vocabulary(root or _root.get() or graphs.default_root())


@cache
def _vocabulary(root: Path) -> Vocabulary:
    sources = graphs.read_sources(root)
    words = Vocabulary()
    for source in (*sources.content, graphs.Source(SHEETS.name, SHEETS.read_bytes())):
        words._take(source)
        if source.path.startswith("data/cases/"):
            words.files[Path(source.path).stem] = source
    store = ox.Store()
    store.extend(graphs.load(sources.shapes))
    words._take_shapes(store)
    return words


def folded(text: str) -> str:
    """A text for comparison: without case, accents, and differences of space.

    >>> folded("  Resolución  Final ")
    'resolucion final'
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(plain.casefold().split())


def slug(text: str) -> str:
    """A text as the last part of an IRI, as the data write it.

    >>> slug("Sindicato Único")
    'sindicato-unico'
    """
    return re.sub(r"[^a-z0-9._~]+", "-", folded(text)).strip("-") or "x"


def _form(kinds: set[str]) -> str:
    if kinds and kinds <= _DATES:
        return "date"
    if kinds and kinds <= _NUMBERS:
        return "number"
    if kinds == {"IRI"}:
        return "reference"
    if kinds == {RDF + "langString"}:
        return "text"
    return "plain" if len(kinds) == 1 and next(iter(kinds)).startswith(XSD) else "any"


def _most(counted: Counter[str]) -> str:
    return min(counted, key=lambda key: (-counted[key], key)) if counted else BASE


def _text(term: Any) -> str:
    return str(term.value)
