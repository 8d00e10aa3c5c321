"""What a finding can say besides its message: what was expected and what is there, and how it could be mended."""

from __future__ import annotations

import calendar
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from rrm_kg import graph as graphs
from rrm_kg.context.changed import Changed
from rrm_kg.errors import LANGUAGES, text
from rrm_kg.findings import Fix, Where
from rrm_kg.nearest import nearest
from rrm_kg.terms import BASE, GRAPH, OWL, RDF, RDF_TYPE, RDFS, RRM, SH, SKOS, XSD, expand, shorten

if TYPE_CHECKING:
    from rrm_kg.finder import Quads
    from rrm_kg.shacl.compile import Result

_OURS: Final = (RRM, RDFS, SKOS)
_DATES: Final = frozenset(XSD + name for name in ("date", "gYearMonth", "gYear", "dateTime"))
_DAY: Final = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?\Z")
_PRECISION: Final = (
    (re.compile(r"\d{4}-\d{2}-\d{2}\Z"), "date"),
    (re.compile(r"\d{4}-\d{2}\Z"), "gYearMonth"),
    (re.compile(r"\d{4}\Z"), "gYear"),
)
_WHY: Final = {
    "class": "why-class",
    "datatype": "why-datatype",
    "in": "why-in",
    "languageIn": "why-languageIn",
    "lessThanOrEquals": "why-lessThanOrEquals",
    "maxCount": "why-maxCount",
    "minCount": "why-minCount",
    "nodeKind": "why-nodeKind",
    "pattern": "why-pattern",
}
_ENOUGH: Final = 3
_MOST: Final = 4_000  # names to compare with
_NEAR: Final = 256  # properties of which the codes are kept by name: those in a file may be any
_LANG_STRING: Final = RDF + "langString"

Texts = dict[str, str]


class Hints:
    """The shapes' parameters and the vocabulary of a graph, from which hints are computed.

    ``shapes`` gives the triples of the shapes, ``quads`` are the ontology and the code lists.
    """

    def __init__(self, shapes: Callable[[], Iterable[ox.Quad]], quads: Quads) -> None:
        self._written = shapes
        self._quads = quads
        self.near = lru_cache(maxsize=_NEAR)(self._near)
        self._kinds = lru_cache(maxsize=_NEAR)(self._led_to)

    @cached_property
    def _shapes(self) -> ox.Store:
        store = ox.Store()
        store.extend(self._written())
        return store

    # Expected against found

    def why(self, result: Result, quads: Quads, show: Callable[[Any, str], str]) -> Texts:
        """What the constraint component expects and what it found, a sentence per language; nothing for SPARQL."""
        name = result.component.removesuffix("ConstraintComponent")
        parameter = name[0].lower() + name[1:]
        object_ = result.values.get("object")
        if isinstance(object_, ox.Literal) and (day := _impossible(object_.value)):
            return {lang: text("why-calendar", lang, **day) for lang in LANGUAGES}
        if result.leaves:
            return self._reasons(result.leaves, quads, show)
        if parameter not in _WHY or (parameter.endswith("Count") and not isinstance(result.path, ox.NamedNode)):
            return {}
        shape = ox.NamedNode(result.shape) if ":" in result.shape else ox.BlankNode(result.shape)
        expected = self._value(shape, SH + parameter)
        found = self._found(parameter, result, quads)

        def said(term: Any, lang: str) -> str:
            return ", ".join(show(item, lang) for item in self._items(term)) if term is not None else "—"

        return {
            lang: text(_WHY[parameter], lang, expected=said(expected, lang), found=_kind(found, lang, show))
            for lang in LANGUAGES
        }

    def _reasons(self, leaves: Iterable[Result], quads: Quads, show: Callable[[Any, str], str]) -> Texts:
        """Why a value fails the shapes inside a shape: the reasons of the innermost constraints."""
        reasons: dict[str, list[str]] = {lang: [] for lang in LANGUAGES}
        for leaf in leaves:
            why = self.why(leaf, quads, show)
            for lang in LANGUAGES:
                path = show(leaf.path, lang) + ": " if isinstance(leaf.path, ox.NamedNode) else ""
                reasons[lang].append(path + why.get(lang, leaf.component))
        return {lang: " ".join(sorted(set(some))) for lang, some in reasons.items()}

    def _found(self, parameter: str, result: Result, quads: Quads) -> Any:
        if parameter in ("minCount", "maxCount") and isinstance(result.path, ox.NamedNode):
            if isinstance(result.focus, ox.Literal):
                return 0  # a text is the subject of nothing
            return len({quad.object for quad in quads.quads_for_pattern(result.focus, result.path, None)})
        if parameter == "class" and not isinstance(result.value, ox.Literal):
            return [quad.object for quad in quads.quads_for_pattern(result.value, ox.NamedNode(RDF_TYPE), None)]
        return result.value

    def _items(self, head: Any) -> list[Any]:
        """The members of an RDF list, or the term itself."""
        first, rest = (ox.NamedNode(RDF + name) for name in ("first", "rest"))
        items = []
        node = head
        while isinstance(node, ox.BlankNode):
            items += [quad.object for quad in self._shapes.quads_for_pattern(node, first, None)]
            node = next((quad.object for quad in self._shapes.quads_for_pattern(node, rest, None)), None)
        return items or [head]

    def _value(self, subject: Any, predicate: str) -> Any:
        return next((q.object for q in self._shapes.quads_for_pattern(subject, ox.NamedNode(predicate), None)), None)

    # Ways to mend

    def fixes(self, result: Result, quads: Quads, where: Where | None) -> tuple[Fix, ...]:
        """The ways to mend a result that can be computed, the likeliest first; none where nothing can be said."""
        wrong = result.values.get("object", result.value)
        path = result.path.value if isinstance(result.path, ox.NamedNode) else None
        file = where.file if where else ""
        found: dict[Any, Fix] = {}
        for key, values, term in self._proposed(result, wrong, path, quads):
            there = where is not None and term is not None and _is_there(key, where.located_by)
            found.setdefault(
                (key, *values.values()),
                Fix({lang: text(key, lang, **values) for lang in LANGUAGES}, _written(term, file) if there else None),
            )
        return tuple(found.values())[:_ENOUGH]

    def _proposed(
        self, result: Result, wrong: Any, path: str | None, quads: Quads
    ) -> Iterator[tuple[str, dict[str, str], Any]]:
        """The text of a proposal, what it is filled with, and the term to write instead."""
        shape = result.shape
        if result.component.endswith("MinCountConstraintComponent") and path is not None:
            yield from self._mistaken(result.focus, path, quads)
        elif shape.endswith("#Thing-property-declared") and path is not None:
            yield from self._terms(path, "fix-property", ("ObjectProperty", "DatatypeProperty"))
        elif shape.endswith("#Thing-property-reused") and path is not None:
            yield from self._terms(path, "fix-property", (), "reused")
        elif isinstance(wrong, ox.NamedNode | ox.Literal) and path == RDF_TYPE:
            yield from self._terms(wrong.value, "fix-class", ("Class",))
        elif shape.endswith("#Thing-reference-foreign"):
            return  # a web address is no slip of the pen for a thing
        elif isinstance(wrong, ox.NamedNode) and path is not None and result.values.get("object") is not None:
            yield from self._codes_or_things(wrong.value, path, quads)
        elif isinstance(wrong, ox.Literal):
            yield from self._literal(wrong, path, shape, quads)

    def _literal(
        self, wrong: ox.Literal, path: str | None, shape: str, quads: Quads
    ) -> Iterator[tuple[str, dict[str, str], Any]]:
        ranges = self._ranges(path)
        if path is not None and self._links(path):
            iri = wrong.value if wrong.value.startswith(("http://", "https://")) else expand(wrong.value)
            if iri is not None:
                yield "fix-iri", {"iri": shorten(iri)}, _node(iri)
            else:
                yield from self._codes_or_things(wrong.value, path, quads)
        elif ranges & _DATES or wrong.datatype.value in _DATES or "#Dated-date" in shape:
            yield from _dates(wrong, ranges or _DATES)
        elif shape.endswith("-language") or (_LANG_STRING in ranges and not wrong.language):
            for language in LANGUAGES:
                yield "fix-language", {"tag": language}, ox.Literal(wrong.value, language=language)
        elif shape.endswith("#Document-address-form") and "." in wrong.value and " " not in wrong.value.strip():
            address = "https://" + re.sub(r"^(?:[a-z]+:)?/*", "", wrong.value.strip(), flags=re.IGNORECASE)
            yield "fix-value", {"value": address}, ox.Literal(address, datatype=wrong.datatype)
        elif ranges & {XSD + "decimal", XSD + "integer"} or shape.endswith("-numeric"):
            yield from _numbers(wrong)
        elif len(ranges) == 1 and (one := next(iter(ranges))).startswith(XSD):
            kind = ox.NamedNode(one)
            yield "fix-datatype", {"datatype": shorten(one)}, ox.Literal(wrong.value, datatype=kind)

    def _mistaken(self, focus: Any, path: str, quads: Quads) -> Iterator[tuple[str, dict[str, str], Any]]:
        """A property of the focus node that is nearly the one that is missing: another scheme, a slip of the pen."""
        for quad in () if isinstance(focus, ox.Literal) else quads.quads_for_pattern(focus, None, None):
            written = quad.predicate.value
            if written != path and (_folded(written) == _folded(path) or _alike(written, path)):
                yield "fix-mistaken", {"written": _shown(written), "wanted": _shown(path)}, None

    def _terms(
        self, written: str, key: str, kinds: tuple[str, ...], source: str = "terms"
    ) -> Iterator[tuple[str, dict[str, str], Any]]:
        known = self.near(source, *kinds)
        for iri in _nearest(_local(written), known):
            yield key, {"term": _shown(iri)}, _node(iri)

    def _codes_or_things(self, written: str, path: str, quads: Quads) -> Iterator[tuple[str, dict[str, str], Any]]:
        codes = self.near("codes", path)
        names = codes or self._things(path, quads)
        space, local = written[: -len(_local(written))] if "://" in written else "", _local(written)
        beside = {name: iri for name, iri in names.items() if iri.startswith(space)} if space else {}
        for iri in _nearest(local if space else written, beside or names):
            if iri == written or not (codes or self._is_typed(iri, quads)):
                continue
            yield ("fix-code" if codes else "fix-thing"), {"term": shorten(iri)}, _node(iri)

    def _is_typed(self, iri: str, quads: Quads) -> bool:
        return any(quads.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(RDF_TYPE), None))

    # The vocabulary

    def _near(self, kind: str, *names: str) -> Mapping[str, str]:
        """IRIs by their names in small letters: terms of the ontology, codes or things for a property."""
        if kind == "terms":
            typed = (self._subjects(RDF_TYPE, OWL + name) for name in names)
            nodes = [node for some in typed for node in some if node.value.startswith(_OURS)]
        elif kind == "reused":
            named = self._quads.quads_for_pattern(None, ox.NamedNode(RDFS + "label"), None)
            terms = (quad.subject for quad in named if quad.graph_name == ox.NamedNode(GRAPH + "reused"))
            nodes = [*terms]
        elif kind == "things":
            nodes = self._recorded(names[0])
        else:
            nodes = [n for scheme in self._objects(names[0], RRM + "valueScheme") for n in self._codes(scheme)]
        return self._names(nodes, self._quads)

    def _codes(self, scheme: Any) -> list[Any]:
        return self._subjects(SKOS + "inScheme", scheme)

    def _things(self, path: str, quads: Quads) -> Mapping[str, str]:
        """The things that a property may lead to, by their names: those of the graph and those that a change brings."""
        kinds = self._kinds(path)
        brought = quads.added.items() if isinstance(quads, Changed) else ()
        new = [
            thing
            for thing, said in brought
            if any(predicate.value == RDF_TYPE and _text(value) in kinds for _, predicate, value, _ in said)
        ]
        return {**self._names(new, quads), **self.near("things", path)}

    def _led_to(self, path: str) -> frozenset[str]:
        """The classes of the things that a property may lead to."""
        kinds = self._ranges(path)
        open_ = list(kinds)
        while open_:
            found = {node.value for node in self._subjects(RDFS + "subClassOf", open_.pop())} - kinds
            kinds |= found
            open_ += found
        return frozenset(kinds)

    def _recorded(self, path: str) -> list[Any]:
        """The things of the graph that a property may lead to; none where there are too many to compare.

        What a case of the graph records is not proposed: nobody else's fact may rest on it.
        """
        nodes: list[Any] = []
        for kind in sorted(self._kinds(path)):
            for quad in self._quads.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), ox.NamedNode(kind)):
                if not _text(quad.graph_name).startswith(GRAPH + "cases/"):
                    nodes.append(quad.subject)
                if len(nodes) > _MOST:
                    return []
        return nodes

    def _names(self, nodes: Iterable[Any], quads: Quads) -> Mapping[str, str]:
        names: dict[str, str] = {}
        for node in sorted({node for node in nodes if isinstance(node, ox.NamedNode)}, key=lambda n: n.value):
            names.setdefault(_local(node.value).lower(), node.value)
            for predicate in (RDFS + "label", SKOS + "prefLabel", SKOS + "altLabel"):
                for quad in quads.quads_for_pattern(node, ox.NamedNode(predicate), None):
                    if isinstance(quad.object, ox.Literal):
                        names.setdefault(quad.object.value.lower(), node.value)
        return names

    def _subjects(self, predicate: str, object_: Any) -> list[Any]:
        value = ox.NamedNode(object_) if isinstance(object_, str) else object_
        return [quad.subject for quad in self._quads.quads_for_pattern(None, ox.NamedNode(predicate), value)]

    def _objects(self, subject: str, predicate: str) -> list[Any]:
        found = self._quads.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(predicate), None)
        return sorted({quad.object for quad in found}, key=str)

    def _ranges(self, path: str | None) -> set[str]:
        return {node.value for node in self._objects(path, RDFS + "range")} if path else set()

    def _links(self, path: str) -> bool:
        return ox.NamedNode(OWL + "ObjectProperty") in self._objects(path, RDF_TYPE)


def of(sources: graphs.Sources, quads: Quads) -> Hints:
    """The hints for a graph."""
    return Hints(lambda: sources.shape_quads, quads)


def _kind(found: Any, lang: str, show: Callable[[Any, str], str]) -> str:
    """What was found, shortly: a number, classes, or a term with its datatype or language."""
    if isinstance(found, list):
        return ", ".join(show(one, lang) for one in found) or text("why-nothing", lang)
    if isinstance(found, ox.Literal):
        said = json.dumps(found.value if len(found.value) <= 60 else found.value[:59] + "…", ensure_ascii=False)
        return f"{said}@{found.language}" if found.language else f"{said} ({shorten(found.datatype.value)})"
    return str(found) if isinstance(found, int) else show(found, lang)


def _impossible(written: str) -> dict[str, object] | None:
    """What is wrong with a day that no calendar has."""
    match = _DAY.match(written)
    if match is None:
        return None
    year, month, day = int(match[1]), int(match[2]), int(match[3] or 1)
    if not 1 <= month <= 12:
        return {"value": written, "unit": f"{year}", "most": 12, "given": month}
    most = calendar.monthrange(max(year, 1), month)[1]
    return None if 1 <= day <= most else {"value": written, "unit": f"{year}-{month:02}", "most": most, "given": day}


def _dates(wrong: ox.Literal, allowed: Set[str]) -> Iterator[tuple[str, dict[str, str], Any]]:
    """The dates that a text may mean, by the day, else by the month; both where day and month could be exchanged."""
    for pattern, name in _PRECISION:
        if XSD + name in allowed and pattern.match(wrong.value.strip()) and _impossible(wrong.value.strip()) is None:
            term = ox.Literal(wrong.value.strip(), datatype=ox.NamedNode(XSD + name))
            if term != wrong:
                yield "fix-date", {"date": term.value, "datatype": f"xsd:{name}"}, term
            return
    import dateparser

    for parts, form, name in (
        (["day", "month", "year"], "%Y-%m-%d", "date"),
        (["month", "year"], "%Y-%m", "gYearMonth"),
    ):
        if XSD + name not in allowed:
            continue
        read = {
            order: dateparser.parse(
                wrong.value[:60],
                languages=list(LANGUAGES),
                settings={
                    "DATE_ORDER": order,
                    "REQUIRE_PARTS": parts,
                    "PARSERS": ["absolute-time"],  # nothing that depends on today
                    "PREFER_LOCALE_DATE_ORDER": False,
                    "TIMEZONE": "UTC",  # else it looks for that of the machine
                },
            )
            for order in ("DMY", "MDY")
        }
        days = dict.fromkeys(day.strftime(form) for day in read.values() if day is not None)
        for day in days:
            yield (
                "fix-date",
                {"date": day, "datatype": f"xsd:{name}"},
                ox.Literal(day, datatype=ox.NamedNode(XSD + name)),
            )
        if days:
            return


def _numbers(wrong: ox.Literal) -> Iterator[tuple[str, dict[str, str], Any]]:
    """The number without separators, where it can be told."""
    plain = re.sub(r"[\s_,'\u00a0\u202f]", "", wrong.value)
    if re.fullmatch(r"[+-]?\d+(?:\.\d+)?", plain) and re.fullmatch(r"[^,]*|\d{1,3}(?:,\d{3})+(?:\.\d+)?", wrong.value):
        kind = XSD + ("decimal" if "." in plain else "integer")
        yield "fix-value", {"value": plain}, ox.Literal(plain, datatype=ox.NamedNode(kind))


def _nearest(written: str, names: Mapping[str, str]) -> Iterator[str]:
    """The IRIs whose names are nearest to what is written, the nearest first."""
    word = written.lower()
    close = [word] if word in names else nearest(word, names, _ENOUGH)
    yield from dict.fromkeys(names[name] for name in close)


def _alike(one: str, other: str) -> bool:
    """Whether two IRIs of one namespace differ by a slip of the pen."""
    space, local = other[: -len(_local(other))], _local(other)
    return one.startswith(space) and bool(nearest(_local(one), [local], least=0.8))


def _folded(iri: str) -> str:
    """An IRI without what is often mistaken in it: the scheme, www, capitals, the sign before the local name."""
    return re.sub(r"^https?://(?:www\.)?", "", iri.lower()).replace("#", "/").rstrip("/")


def _text(term: Any) -> str:
    return str(getattr(term, "value", term))


def _local(iri: str) -> str:
    return re.split(r"[/#:]", iri.rstrip("/#"))[-1]


def _shown(iri: str) -> str:
    return "a" if iri == RDF_TYPE else shorten(iri)


def _node(iri: str) -> ox.NamedNode | None:
    try:
        return ox.NamedNode(iri)
    except ValueError:
        return None


def _is_there(key: str, located_by: str) -> bool:
    """Whether what a proposal replaces is what the place shows."""
    return located_by == ("property" if key == "fix-property" else "triple")


def _written(term: ox.NamedNode | ox.Literal, file: str) -> str:
    """A term as it is written in a file: in Turtle, as a JSON string, or as the text of a cell."""
    if file.endswith((".json", ".jsonld")):
        return json.dumps(_in_json(term), ensure_ascii=False)
    if file.endswith((".csv", ".xlsx")):
        return shorten(term.value) if isinstance(term, ox.NamedNode) and term.value.startswith(BASE) else term.value
    return str(term)


def _in_json(term: ox.NamedNode | ox.Literal) -> dict[str, str]:
    if isinstance(term, ox.NamedNode):
        return {"@id": term.value}
    if term.language:
        return {"@value": term.value, "@language": term.language}
    return {"@value": term.value, "@type": term.datatype.value}
