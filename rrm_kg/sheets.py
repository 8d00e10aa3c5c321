"""The sheets on which a case is written: a class is a sheet, a property a column, as ontology, shapes and data have them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg import graph as graphs
from rrm_kg import parse
from rrm_kg.errors import LANGUAGES
from rrm_kg.terms import BASE, ID, OWL, RDF, RDF_TYPE, RDFS, RRM, RRMSH, SH, SKOS, XSD, expand, shorten

_ORDER: Final = Path(__file__).with_name("sheets.ttl")
NAMES: Final = (RDFS + "label", SKOS + "prefLabel", SKOS + "altLabel")
_DATES: Final = frozenset({XSD + "date", XSD + "gYearMonth", XSD + "gYear"})
_NUMBERS: Final = frozenset({XSD + "integer", XSD + "decimal"})
_PATH: Final = ox.NamedNode(SH + "path")
_HEADER: Final = OWL + "Ontology"  # of which a file says its title and its license
_ALL: Final = 1_000_000


@dataclass(frozen=True)
class Property:
    """What values a property takes.

    ``form`` is ``reference``, ``date``, ``number``, ``text`` (in a language), ``plain`` (a literal of one datatype) or
    ``any``; ``schemes`` are its code lists and ``classes`` those of the things that it leads to. Where the ontology leaves
    it open, ``seen`` are the classes of the things that it leads to in the data.
    """

    iri: str
    form: str
    datatype: str
    schemes: frozenset[str]
    classes: frozenset[str]
    seen: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Column:
    """A column of a sheet: a property, and a language or a datatype where its texts are of one.

    ``mark`` is ``*`` where every row needs it, ``(*)`` where one of the columns so marked is enough, else empty.
    """

    property: str
    language: str | None = None
    datatype: str | None = None
    mark: str = ""
    single: bool = False

    @property
    def name(self) -> str:
        """What the reader goes by: ``rrm:date``, ``rrm:summary@es``, ``rrm:value^^xsd:string``."""
        suffix = f"@{self.language}" if self.language else f"^^{shorten(self.datatype)}" if self.datatype else ""
        return shorten(self.property) + suffix

    @classmethod
    def named(cls, name: str) -> Column | None:
        """The column with a name; None where it is not one."""
        found = _COLUMN.match(name)
        iri = expand(found["property"]) if found else None
        datatype = expand(found["datatype"]) if found and found["datatype"] else None
        if found is None or iri is None or (found["datatype"] and datatype is None):
            return None
        return cls(iri, found["language"], datatype)


_COLUMN: Final = re.compile(
    r"\s*(?P<property><[^<>\s]+>|[^\s@^]+)(?:@(?P<language>[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)|\^\^(?P<datatype>\S+))?\s*\Z"
)


@dataclass(frozen=True)
class Sheet:
    """The sheet of a class, with its columns from left to right; the identifier stands before them."""

    cls: str
    columns: tuple[Column, ...]

    @property
    def local(self) -> str:
        """The name of the class without its namespace."""
        return re.split("[#/]", self.cls)[-1]


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
    _used: dict[str, dict[str, list[float]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    _required: dict[str, dict[str, set[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    _led_to: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _single: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _properties: dict[str, Property] = field(default_factory=dict)

    # What it is asked

    def below(self, classes: Iterable[str]) -> frozenset[str]:
        """Classes and all classes below them."""
        wanted = set(classes)
        return frozenset(wanted | {cls for cls in self._above if wanted & self._ancestors(cls)})

    def _ancestors(self, cls: str) -> set[str]:
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

    def kind(self, cls: str) -> str:
        """The IRI below which the things of a class have theirs: ``https://w3id.org/rrm-kg/id/event/``."""
        known = self._kinds.get(cls)
        return _most(known) if known else f"{ID}{re.split('[#/]', cls)[-1].lower()}/"

    def kind_of_values(self, of: Property) -> str:
        """The IRI below which most values of a property have theirs."""
        if len(of.schemes) == 1:
            return f"{next(iter(of.schemes))}/"
        inside = [cls for cls in of.classes if cls in self._kinds]
        if len(inside) == 1:
            return self.kind(inside[0])
        seen: Counter[str] = Counter()
        for value, times in self._leads.get(of.iri, {}).items():
            seen[value.rsplit("/", 1)[0] + "/"] += times
        return _most(seen) if seen else ID

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
            led_to = self._leads.get(iri, {}) if not schemes and not classes else {}
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

    # The sheets

    def sheets(self, lang: str) -> tuple[Sheet, ...]:
        """The sheets of a case, in the order in which they are filled; of two texts, that in the language is first."""
        return tuple(self.sheet(cls, lang) for cls in _order())

    def sheet(self, cls: str, lang: str) -> Sheet:
        """The sheet of a class: the columns that its shapes ask for, that recorded cases use, and that are its own."""
        above = self._ancestors(cls)
        required: dict[str, set[str]] = defaultdict(set)
        for one in above:
            for path, languages in self._required[one].items():
                required[path] |= languages
        single = set().union(*(self._single[one] for one in above))
        used = self._used[cls]
        own = {p for p, said in self._says.items() if cls in said[RDFS + "domain"] and p in self._values}
        wanted = sorted(required.keys() | used.keys() | own, key=lambda p: (_mean(used.get(p, [])), p))
        columns = [c for p in wanted if p != RDF_TYPE for c in self._columns(p, lang, required.get(p), p in single)]
        return Sheet(cls, tuple(columns))

    def _columns(self, iri: str, lang: str, required: set[str] | None, single: bool) -> Iterator[Column]:
        if self.property(iri).form != "text":
            yield Column(iri, mark="*" if required is not None else "", single=single)
            return
        for language in sorted(LANGUAGES, key=lambda one: one != lang):
            mark = "" if required is None else "*" if language in required else "" if required - {""} else "(*)"
            yield Column(iri, language, mark=mark, single=single)

    # How it is read

    def _take(self, source: graphs.Source) -> None:
        position: Counter[str] = Counter()
        case = source.path.startswith("data/cases/")
        triples = parse.parse_turtle(source.data, source.path)
        kind_of: dict[str, str] = {}
        for triple in triples:
            if triple.predicate.value == RDF_TYPE and not isinstance(triple.subject, ox.BlankNode):
                kind_of.setdefault(triple.subject.value, triple.object.value)
        for triple in triples:
            subject, predicate, value = triple.subject.value, triple.predicate.value, triple.object
            position[subject] += 1
            self._says[subject][predicate].append(value.value)
            if source.path.startswith("data/"):
                self.things[subject].append(triple)
                if case:
                    self.in_cases.add(subject)
                if subject in kind_of:
                    self._used[kind_of[subject]][predicate].append(position[subject])
            if predicate == RDF_TYPE:
                self.types[subject].add(value.value)
                if value.value == _HEADER or not value.value.startswith((OWL, SH, RDF)):
                    self._kinds[value.value][subject.rsplit("/", 1)[0] + "/"] += 1
                    self.by_slug[folded(subject.rsplit("/", 1)[-1])].add(subject)
            elif predicate == RDFS + "subClassOf" and isinstance(value, ox.NamedNode):
                self._above[subject].add(value.value)
            elif predicate == SKOS + "inScheme":
                self.schemes[subject].add(value.value)
            elif predicate in NAMES:
                self.by_name[folded(value.value)].add(subject)
                if predicate != SKOS + "altLabel":
                    self.labels[subject].setdefault(value.language or "", value.value)
            elif predicate in (RDFS + "comment", SKOS + "definition") and value.language:
                self.definitions[subject][value.language] = value.value
            if not source.path.startswith("data/"):
                continue
            if isinstance(value, ox.NamedNode):
                self._values[predicate]["IRI"] += 1
                self._leads[predicate][value.value] += 1
            elif isinstance(value, ox.Literal):
                self._values[predicate][RDF + "langString" if value.language else value.datatype.value] += 1

    def _take_shapes(self, store: ox.Store) -> None:
        """What property shapes of Violation demand of the things of their target classes."""

        def values(node: Any, name: str) -> list[Any]:
            return [quad.object for quad in store.quads_for_pattern(node, ox.NamedNode(SH + name), None)]

        for quad in store.quads_for_pattern(None, ox.NamedNode(SH + "targetClass"), None):
            cls = quad.object.value
            for shape in values(quad.subject, "property"):
                for path in values(shape, "path"):
                    if not isinstance(path, ox.NamedNode):
                        continue
                    grave = ox.NamedNode(SH + "Violation") in (
                        values(shape, "severity") or [ox.NamedNode(SH + "Violation")]
                    )
                    if grave and any(int(n.value) > 0 for n in values(shape, "minCount")):
                        self._required[cls][path.value].add("")
                    if grave and any(int(n.value) > 0 for n in values(shape, "qualifiedMinCount")):
                        named = [n.value.removeprefix(RRMSH) for n in values(shape, "qualifiedValueShape")]
                        self._required[cls][path.value] |= {
                            lang for lang, word in zip(LANGUAGES, ("english", "spanish"), strict=True) if word in named
                        }
                    self._led_to[path.value] |= {kind.value for kind in values(shape, "class")}
                    if any(n.value == "1" for n in values(shape, "maxCount")):
                        self._single[cls].add(path.value)


@cache
def vocabulary(root: Path | None = None) -> Vocabulary:
    """The words of the graph below a root, by default of the one that comes with the package.

    Raises RrmError as graph.read_sources does.
    """
    sources = graphs.read_sources(root)
    words = Vocabulary()
    for source in (*sources.content, graphs.Source(_ORDER.name, _ORDER.read_bytes())):
        words._take(source)
        if source.path.startswith("data/cases/"):
            words.files[Path(source.path).stem] = source
    store = ox.Store()
    store.extend(graphs.load(sources.shapes))
    words._take_shapes(store)
    return words


@cache
def _order() -> tuple[str, ...]:
    """The classes that have a sheet of their own, in order."""
    store = ox.Store()
    store.load(path=_ORDER, format=ox.RdfFormat.TURTLE)
    (head,) = (q.object for q in store.quads_for_pattern(None, ox.NamedNode(SKOS + "memberList"), None))
    found: list[str] = []
    while isinstance(head, ox.BlankNode):
        said = {q.predicate.value: q.object for q in store.quads_for_pattern(head, None, None)}
        found.append(said[RDF + "first"].value)  # type: ignore[union-attr]
        head = said[RDF + "rest"]
    return tuple(found)


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


def _mean(places: list[float]) -> float:
    return sum(places) / len(places) if places else _ALL
