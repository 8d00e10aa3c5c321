"""The gate: contradictions, then shapes, then check queries; a graph is asked only when it has passed.

The shapes look at what was written, together with the derived bounds, and not at the OWL closure: a range axiom
would make every class check pass.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import pyoxigraph as ox

from rrm_kg import engines, headers, parse, safety
from rrm_kg import graph as graphs
from rrm_kg import shapes as catalogues
from rrm_kg.errors import LANGUAGES, RrmError, text
from rrm_kg.findings import Finding, Report, Severity, Where, report
from rrm_kg.hints import Hints
from rrm_kg.infer import Closure
from rrm_kg.terms import BASE, ID, RDF_TYPE, RRM, SH, shorten

if TYPE_CHECKING:
    import rdflib

    from rrm_kg.shacl import compile as compiler

T = TypeVar("T")
U = TypeVar("U")
_BLANK: Final = re.compile(r"\{[$?](\w+)\}")
_TAG: Final = re.compile(r"(?:en|es)\|")
_NAMED: Final = ("this", "value", "path")
_SPARQL: Final = "SPARQLConstraintComponent"
_OBJECT: Final = "\x1f"  # before the wrong term, behind a message
IRI: Final = re.compile(re.escape(BASE) + r"(?:id/|code/|ontology#)[^\s<>'\"«»,;)]*[\w]")
WHOLE_GRAPH: Final = RRM.removesuffix("#")


def check(
    sources: graphs.Sources,
    written: Iterable[ox.Quad],
    derived: Iterable[ox.Quad],
    closure: Closure,
    engine: str = "compiled",
    *,
    store: ox.Store | None = None,
) -> Report:
    """The report on a graph.

    ``engine`` is ``compiled`` (shapes as SPARQL) or ``reference`` (pySHACL); both make the same findings.

    ``written`` are the quads of the files, ``derived`` those that the rules derive; ``store`` holds both, where one is
    at hand. Every stage runs, so that a
    later one never hides an earlier one's findings. Raises RrmError E403 when a shape or check query cannot run.
    """
    store = _store(written, derived) if store is None else store
    finder = Finder(sources, store)
    findings = [
        *contradictions(closure.contradictions),
        *_shapes(sources, store, finder, engine),
        *(one.finding(row, finder) for one, rows in _checked(sources.root, store) for row in rows),
    ]
    return report(findings, validated(sources, engine))


def validated(sources: graphs.Sources, engine: str) -> dict[str, str]:
    """What is validated with what: content hashes, engine, versions."""

    def hashed(prefix: str) -> str:
        return graphs.content_hash(file for file in sources.files if file.path.startswith(prefix))

    return {
        "data": hashed("data/"),
        "ontology": graphs.content_hash(f for f in sources.content if f.path.startswith("ontology/")),
        "shapes": hashed("ontology/shapes/"),
        "engine": engine,
        "inference": "none (derived bounds and rdfs:subClassOf only)",
        **engines.versions(),
    }


def contradictions(said: Iterable[str]) -> Iterator[Finding]:
    """The findings that contradictions of the closure are."""
    for message in said:
        yield Finding(
            "OWL",
            "owl-rl-contradiction",
            "owl-rl",
            Severity.VIOLATION,
            "",
            None,
            None,
            {lang: text("contradiction", lang, detail=message) for lang in LANGUAGES},
        )


def _store(*parts: Iterable[ox.Quad]) -> ox.Store:
    store = ox.Store()
    for part in parts:
        store.extend(part)
    return store


def _shapes(sources: graphs.Sources, store: ox.Store, finder: Finder, engine: str) -> Iterator[Finding]:
    known = catalogues.catalogue(sources.shapes)
    for one in _ENGINES[engine](sources, store):
        yield finding(one, known.get(one.shape), finder)


def finding(one: compiler.Result, shape: catalogues.Shape | None, finder: Finder) -> Finding:
    """The finding that a validation result is, with the message of its shape and the place where it was written."""
    if _text(one.focus) == WHOLE_GRAPH and one.value is not None:
        # A rule that looks at the whole graph names the thing as the value, and what is wrong with it as ?object.
        one = replace(one, focus=one.value, value=one.values.get("object"), values={"value": one.value} | one.values)
    focus, value = one.focus, one.value
    path = one.path.value if isinstance(one.path, ox.NamedNode) else None
    written = None if value is None else _text(value)
    made = Finding(
        rule=shape.rule if shape else "SHACL",
        shape=one.shape,
        component=one.component,
        severity=shape.severity if shape else Severity.VIOLATION,
        focus=_text(focus),
        path=path,
        value=written,
        message={
            lang: finder.named(finder.fill(text, focus, one.value, lang, {"path": one.path} | one.values), lang)
            for lang, text in (one.said or (shape.message if shape else {})).items()
        },
        path_label={} if path is None else {lang: finder.show(one.path, lang) for lang in LANGUAGES},
        why=finder.hints.why(one, finder.store, finder.show),
    )
    where = finder.place(made)
    return replace(made, where=where, fixes=finder.hints.fixes(one, finder.store, where))


def _text(term: Any) -> str:
    return str(getattr(term, "value", term))


def _compiled(sources: graphs.Sources, store: ox.Store) -> Iterator[compiler.Result]:
    """The results of the shapes as SPARQL, one query for each constraint component over all its focus nodes."""
    from rrm_kg.shacl import compile as compiler

    checks = compiler.Shapes(compiler.read(graphs.load(sources.shapes)), store).checks()
    return itertools.chain.from_iterable(together(lambda check: list(compiler.run(check, store)), checks))


def _checked(root: Path, store: ox.Store) -> Iterable[tuple[CheckQuery, list[dict[str, Any]]]]:
    """The check queries, each with its rows."""
    return together(lambda one: (one, list(one.rows(store))), check_queries(root))


def together(work: Callable[[T], U], some: Iterable[T]) -> Iterator[U]:
    """What some work gives, in order, done on all processors: the store leaves Python alone while it evaluates."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(work, some)


def _reference(sources: graphs.Sources, store: ox.Store) -> Iterator[compiler.Result]:
    """The results of pySHACL."""
    safety.lock_rdflib()
    import pyshacl
    import rdflib
    from rdflib.namespace import SH as SHACL

    from rrm_kg.shacl import compile as compiler

    _repair_messages()
    shapes_graph = _tagged(graphs.to_rdflib_graph(graphs.load(sources.shapes)))
    try:
        _, results, _ = pyshacl.validate(
            graphs.to_rdflib_graph(store),
            shacl_graph=shapes_graph,
            inplace=True,
            inference="none",
            advanced=False,
            do_owl_imports=False,
            allow_warnings=True,
        )
    except Exception as error:
        raise RrmError("E403", detail=f"{type(error).__name__}: {error}") from error
    finally:
        safety.lock_rdflib()  # pySHACL lets rdflib rewrite literals again when it is done
    if not isinstance(results, rdflib.Graph):
        raise RrmError("E403", detail=str(results))
    for result in results.subjects(rdflib.RDF.type, SHACL.ValidationResult):
        one = _one(results, result)
        path = one["resultPath"]
        texts = [str(m).partition(_OBJECT) for m in results.objects(result, SHACL.resultMessage)]
        yield compiler.Result(
            str(one["sourceShape"]),
            str(one["sourceConstraintComponent"]).removeprefix(SH),
            parse.from_rdflib(one["focusNode"]),
            parse.from_rdflib(path) if isinstance(path, rdflib.URIRef) else path,
            None if one["value"] is None else parse.from_rdflib(one["value"]),
            dict([("object", object_) for _, sign, object_ in texts if sign][:1]),
            dict(said.split("|", 1) for said, _, _ in texts if _TAG.match(said)),
        )


def compare(sources: graphs.Sources, written: Iterable[ox.Quad], derived: Iterable[ox.Quad]) -> tuple[Finding, ...]:
    """The findings that only one of the two engines makes; none when they agree."""
    store = _store(written, derived)
    found = [{f.sort_key: f for f in _shapes(sources, store, Finder(sources, store), engine)} for engine in ENGINES]
    return tuple(one[key] for one, other in (found, found[::-1]) for key in sorted(one.keys() - other.keys()))


_ENGINES: Final[dict[str, Callable[[graphs.Sources, ox.Store], Iterator[compiler.Result]]]] = {
    "compiled": _compiled,
    "reference": _reference,
}
ENGINES: Final = tuple(_ENGINES)


def _tagged(shapes_graph: rdflib.Graph) -> rdflib.Graph:
    """The shapes with each message's language written in front of it: pySHACL loses the tags of SPARQL messages."""
    import rdflib
    from rdflib.namespace import SH as SHACL

    for node, _, message in list(shapes_graph.triples((None, SHACL.message, None))):
        shapes_graph.remove((node, SHACL.message, message))
        shapes_graph.add(
            (node, SHACL.message, rdflib.Literal(f"{getattr(message, 'language', None) or 'en'}|{message}"))
        )
    return shapes_graph


def _repair_messages() -> None:
    """Let pySHACL fill messages with any text, and hand on ?object behind them: its own way fails on a backslash.

    ``{$this}``, ``{$value}`` and ``{?path}`` are left for names in the reader's language.
    """
    from pyshacl.constraints.constraint_component import ConstraintComponent

    def fill(self: Any, message: str, bound: Any) -> str:
        values = bound[3] if isinstance(bound, (tuple, list)) and len(bound) == 4 else bound
        if not isinstance(values, dict):
            return message
        texts = {str(name): str(term) for name, term in values.items() if str(name) not in _NAMED}
        filled = _BLANK.sub(lambda blank: texts.get(blank[1], blank[0]), message)
        return f"{filled}{_OBJECT}{texts['object']}" if "object" in texts else filled

    setattr(ConstraintComponent, "_format_sparql_based_result_message", fill)  # noqa: B010 (a method is replaced)


def _one(results: rdflib.Graph, result: Any) -> dict[str, Any]:
    from rdflib.namespace import SH as SHACL

    names = ("sourceShape", "focusNode", "resultPath", "value", "sourceConstraintComponent", "resultSeverity")
    return {name: results.value(result, SHACL[name]) for name in names}


@dataclass(frozen=True)
class CheckQuery:
    """A query that must return no row: its header and its text."""

    name: str
    header: dict[str, Any]
    query: str

    def rows(self, store: ox.Store) -> Iterator[dict[str, Any]]:
        """The bindings of each row. Raises RrmError E403 when the query cannot run."""
        from rrm_kg.shacl import compile as compiler

        return compiler.bindings(store, self.query, self.name)

    def finding(self, row: dict[str, Any], finder: Finder) -> Finding:
        """The finding that a row is."""
        values = dict(row)
        focus = values.pop("focus", None)
        shown = {name: finder.show(term, "en") for name, term in values.items()}
        message = self.header["message"]
        return Finding(
            rule=self.header["id"],
            shape=f"queries/checks/{self.name}",
            component="CheckQuery",
            severity=Severity.named(self.header["severity"]),
            focus=getattr(focus, "value", ""),
            path=None,
            value=next(iter(shown.values()), None),
            message={
                lang: finder.fill(message[lang].replace("{?focus}", "{$this}"), focus, None, lang, values)
                for lang in LANGUAGES
            },
            where=finder.where(getattr(focus, "value", ""), None, None),
        )


def check_queries(root: Path) -> tuple[CheckQuery, ...]:
    """The check queries below a root, by name."""
    found = ((path, *headers.read(path)) for path in sorted((root / "queries" / "checks").glob("*.rq")))
    return tuple(CheckQuery(path.name, header, query) for path, header, query in found)


class Quads(Protocol):
    """What holds quads: a store, or a store and a change."""

    def quads_for_pattern(self, subject: Any, predicate: Any, object: Any, /) -> Iterator[ox.Quad]:
        """The quads that match a pattern; None matches anything."""


class Finder:
    """Names for what a finding is about, and the place where it was written."""

    def __init__(self, sources: graphs.Sources, store: Quads, hints: Hints | None = None) -> None:
        self.sources = sources
        self.store = store
        self.hints = hints or Hints(lambda: graphs.load(sources.shapes), store)
        self.read: dict[str, parse.Positions] = {}

    def show(self, term: Any, lang: str) -> str:
        """The label of a term in a language, else its short name, else its text."""
        if term is None:
            return text("nameless", lang)
        if isinstance(term, ox.Literal) or (hasattr(term, "language") and not isinstance(term, ox.NamedNode)):
            return str(getattr(term, "value", term))
        if isinstance(term, ox.BlankNode):
            return "[]"
        node = ox.NamedNode(str(getattr(term, "value", term)))
        labels = (quad.object for quad in self.store.quads_for_pattern(node, ox.NamedNode(RRM + "displayLabel"), None))
        names = [label.value for label in labels if isinstance(label, ox.Literal) and label.language == lang]
        if not names:
            return shorten(node.value)
        return f"{min(names)} <{shorten(node.value)}>" if node.value.startswith(ID) else min(names)

    def fill(self, template: str, focus: Any, value: Any, lang: str, values: dict[str, Any] | None = None) -> str:
        """A message with its blanks filled: ``{$this}``, ``{$value}`` and a query's own variables."""
        known = {"this": focus, "value": value} | (values or {})
        # Where a label is missing, the thing itself is named that the message is about and else would not name.
        beside = value if isinstance(value, ox.NamedNode) and "{$value}" not in template else None
        return safety.visible(
            _BLANK.sub(lambda m: self.show(beside if known.get(m[1]) is None else known[m[1]], lang), template)
        )

    def named(self, message: str, lang: str) -> str:
        """A message in which the IRIs of things of this graph are replaced by their names."""
        return IRI.sub(lambda found: self.show(ox.NamedNode(found[0]), lang), message)

    def place(self, finding: Finding) -> Where | None:
        """The place of a finding: in the thing that it names as the value, where that has the path, else a date."""
        focus, path, value = finding.focus, finding.path, finding.value
        inner = path or RRM + "date"
        if value and finding.component == _SPARQL and self._has(value, inner):
            return self.where(value, inner, None)
        return self.where(focus, path, value)

    def _has(self, thing: str, path: str) -> bool:
        try:
            node = ox.NamedNode(thing)
        except ValueError:
            return False
        return any(True for _ in self.store.quads_for_pattern(node, ox.NamedNode(path), None))

    def where(self, focus: str, path: str | None, value: str | None) -> Where | None:
        """The place of the triple, else of its property, of the class, of the subject; None when it was not written."""
        if not focus.startswith("http"):
            return None
        said: dict[str, set[str]] = {}  # of each graph, what of the finding it has
        kinds: dict[str, str] = {}  # and the class that it gives the focus node
        for quad in self.store.quads_for_pattern(ox.NamedNode(focus), None, None):
            if isinstance(quad.graph_name, ox.NamedNode):
                has = said.setdefault(quad.graph_name.value, set())
                if quad.predicate.value == RDF_TYPE:
                    kinds[quad.graph_name.value] = min(kinds.get(quad.graph_name.value, "￿"), _text(quad.object))
                if quad.predicate.value == path:
                    has |= {"path", "value"} if _text(quad.object) == value else {"path"}
        best: Where | None = None
        for graph_name, has in sorted(said.items()):
            source = self.sources.named(graph_name)
            if source is None:
                continue
            if graph_name not in self.read:
                self.read[graph_name] = parse.positions(source.data, source.path)
            kind = kinds.get(graph_name)
            if "path" in has or (path and source.path.endswith(_TABLES)):  # where a cell is empty
                place = self.read[graph_name].find(focus, path, value if "value" in has else None)
            else:  # what is missing is placed where the thing says of which class it is: the rule is about these
                place = self.read[graph_name].find(focus, RDF_TYPE if kind else None, kind)
                place = place and replace(place, located_by="property" if kind else "subject")
            if place is None:
                continue
            if best is None or _CLOSENESS[place.located_by] < _CLOSENESS[best.located_by]:
                best = place
        return best


_TABLES: Final = (".csv", ".xlsx")
_CLOSENESS: Final = {"triple": 0, "property": 1, "subject": 2}
