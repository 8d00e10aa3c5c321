"""The gate: contradictions, then shapes, then check queries; a graph is asked only when it has passed.

The shapes look at what was written, together with the derived bounds, and not at the OWL closure: a range axiom
would make every class check pass.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pyoxigraph as ox

from rrm_kg import engines, headers
from rrm_kg import graph as graphs
from rrm_kg import shapes as catalogues
from rrm_kg.errors import LANGUAGES, text
from rrm_kg.finder import Finder, text_of
from rrm_kg.findings import Finding, Report, Severity, report
from rrm_kg.infer import Closure
from rrm_kg.terms import RRM

if TYPE_CHECKING:
    from rrm_kg.shacl import compile as compiler

T = TypeVar("T")
U = TypeVar("U")
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
    if text_of(one.focus) == WHOLE_GRAPH and one.value is not None:
        # A rule that looks at the whole graph names the thing as the value, and what is wrong with it as ?object.
        one = replace(one, focus=one.value, value=one.values.get("object"), values={"value": one.value} | one.values)
    focus, value = one.focus, one.value
    path = one.path.value if isinstance(one.path, ox.NamedNode) else None
    written = None if value is None else text_of(value)
    made = Finding(
        rule=shape.rule if shape else "SHACL",
        shape=one.shape,
        component=one.component,
        severity=shape.severity if shape else Severity.VIOLATION,
        focus=text_of(focus),
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
    from rrm_kg.shacl import reference

    return reference.results(graphs.load(sources.shapes), store)


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
