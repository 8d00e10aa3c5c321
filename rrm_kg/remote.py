"""A graph in somebody's SPARQL 1.1 engine: loaded, asked, and checked inside it against the shapes here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg import endpoint as endpoints
from rrm_kg import gate, questions, safety, several
from rrm_kg import graph as graphs
from rrm_kg import query as queries
from rrm_kg import shapes as catalogues
from rrm_kg.endpoint import Endpoint, Rows, endpoint, query
from rrm_kg.errors import LANGUAGES, RrmError, text
from rrm_kg.finder import IRI, Finder
from rrm_kg.findings import Finding, Report, Severity, report
from rrm_kg.loading import PUSHED, Part, Progress, Pushed, loaded, push, record
from rrm_kg.query import Answer
from rrm_kg.shacl import compile as compiler
from rrm_kg.terms import BASE, CODE, PREFIXES, RDF_TYPE, RDFS, RRM, mint, shorten

__all__ = [
    "Endpoint",
    "Part",
    "Pushed",
    "Rows",
    "answer",
    "ask",
    "check",
    "endpoint",
    "loaded",
    "push",
    "query",
    "record",
]

_LABELS: Final = 200  # things a request
_SELECT: Final = re.compile(r"^\s*SELECT\b", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class _Task:
    """One query to run there: a compiled check with its shape, or a check query; and what its findings are called."""

    rule: str
    shape: str
    component: str
    path: Any
    sparql: str
    message: dict[str, str]
    source: compiler.Check | gate.CheckQuery
    known: catalogues.Shape | None = None


Row = dict[str, Any]


def ask(
    at: Endpoint | str, question: str, /, *, lang: str = "en", root: Path | None = None, **parameters: several.Given
) -> Answer:
    """The answer to a question of the catalogue, asked of the graph in an engine.

    The rows are those that the graph gives here; names of things are looked up there. The answer is marked as not
    checked, for the gate here has not seen the graph. Raises RrmError as KnowledgeGraph.ask and endpoint.query do.
    """
    at = endpoints.named(at)
    asked = questions.find(root or graphs.default_root(), question)
    wanted = {kind for one in asked.parameters if one.name in parameters or one.default for kind in one.type.split("|")}
    names = _names(at, wanted - {"date", "integer", "string"})

    def run(terms: dict[str, Any]) -> Answer:
        return _answer(at, safety.bind(asked.query, {name: str(term) for name, term in terms.items()}))

    return several.ask(asked, parameters, lang, names, run)


def answer(at: Endpoint | str, sparql: str) -> Answer:
    """The answer of any SELECT or ASK query, put to the graph in an engine. Raises RrmError as endpoint.query does."""
    return _answer(endpoints.named(at), sparql)


def _answer(at: Endpoint, sparql: str) -> Answer:
    graphs_there = loaded(at, inferred=True)
    rows = query(at, sparql, graphs=graphs_there)
    if rows.truth is not None:
        return Answer((), (), (), None, rows.truth, False, None)
    days = query(at, f"SELECT ?day {{ <{BASE}dataset> <{RRM}asOf> ?day }}", graphs=graphs_there).terms
    as_of = queries.value(days[0][0]) if days else None
    return queries.of_rows(
        sparql, rows.columns, rows.terms, checked=False, as_of=as_of if isinstance(as_of, date) else None
    )


def _names(at: Endpoint, kinds: Iterable[str]) -> ox.Store:
    """What things of some kinds are called there, with their classes: enough to find one by its name."""
    names = ox.Store()
    prefixes = [prefix for kind in sorted(kinds) for prefix in (mint(kind, ""), f"{CODE}{kind}/")]
    if prefixes:
        within = " || ".join(f'STRSTARTS(STR(?thing), "{prefix}")' for prefix in prefixes)
        said = " ".join(f"<{iri}>" for iri in (RDF_TYPE, *questions.LABELS))
        rows = query(
            at,
            f"SELECT ?thing ?said ?value {{ VALUES ?said {{ {said} }} ?thing ?said ?value FILTER({within}) }}",
            graphs=loaded(at, inferred=True),
        )
        names.extend(ox.Quad(*row) for row in rows.terms)
    return names


def check(at: Endpoint | str, *, root: Path | None = None, progress: Progress | None = None) -> Report:
    """The findings of the shapes and check queries below a root about the graph in an engine, found inside it.

    One request for each constraint component; the graph stays where it is. Derived bounds are looked at, the OWL
    closure is not. The findings are those of gate.check without file positions; contradictions in OWL are looked for
    only there. A check that the engine cannot answer is a Violation of its rule that says why, and ``validated``
    names the rules. ``progress`` is called with each rule, the checks done and those to do.
    Raises RrmError E338 for a graph that is not whole there, E339 for none, and E33x as endpoint.query does.
    """
    at = endpoints.named(at)
    sources = graphs.read_sources(root)
    names = loaded(at, inferred=False)
    if not names:
        raise RrmError("E339", where=at.query)
    dataset = _dataset(at, names)
    tasks = _tasks(at, sources, dataset)
    doubts = _Doubts(at, dataset, names)
    rows: list[tuple[_Task, Row]] = []
    unanswered: list[Finding] = []
    for number, task in enumerate(tasks):
        if progress is not None:
            progress(task.rule, number, len(tasks))
        reason = doubts.about(task.sparql)
        if reason is None:
            try:
                rows += _run(at, task, dataset)
            except RrmError as error:
                if error.code not in _OF_ONE_QUERY:
                    raise
                reason = {lang: error.message(lang) for lang in LANGUAGES}
        if reason is not None:
            unanswered.append(_unanswered(task, reason))
    finder = Finder(sources, _labels(at, rows, dataset))
    findings = [finding for task, row in rows for finding in _findings(task, row, finder)]
    return report(
        [*findings, *unanswered],
        {
            "endpoint": at.query,
            "graphs": str(len(names)),
            "shapes": graphs.content_hash(sources.shapes),
            "engine": "compiled",
            "inference": "none (derived bounds and rdfs:subClassOf only)",
            "unanswered": ", ".join(sorted({finding.rule for finding in unanswered})),
        },
    )


_OF_ONE_QUERY: Final = ("E331", "E332", "E334", "E336")


def _dataset(at: Endpoint, names: tuple[str, ...]) -> tuple[str, ...]:
    """The graphs to name in each request; none where the engine's default graph is just ours, which is much faster."""
    count = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
    try:
        plain = query(at, count).terms == query(at, count, graphs=(*names, PUSHED)).terms
    except RrmError as error:
        if error.code not in _OF_ONE_QUERY:
            raise
        plain = False
    return () if plain else names


def _tasks(at: Endpoint, sources: graphs.Sources, dataset: tuple[str, ...]) -> list[_Task]:
    tree, shapes = ox.Store(), ox.Store()
    below = f"SELECT DISTINCT ?c ?d WHERE {{ ?c <{RDFS}subClassOf> ?d FILTER(ISIRI(?c) && ISIRI(?d)) }}"
    tree.extend(ox.Quad(c, ox.NamedNode(RDFS + "subClassOf"), d) for c, d in query(at, below, graphs=dataset).terms)
    shapes.extend(ox.Quad(q.subject, q.predicate, q.object) for q in graphs.load(sources.shapes))
    known = catalogues.catalogue(sources.shapes)
    tasks = []
    for one in compiler.Shapes(shapes, tree).checks():
        shape = known.get(one.shape.value)
        rule, said = (shape.rule, shape.message) if shape else ("SHACL", {})
        tasks.append(_Task(rule, one.shape.value, one.component, one.path, one.sparql, said, one, shape))
    for query_ in gate.check_queries(sources.root):
        name, said = f"queries/checks/{query_.name}", query_.header["message"]
        tasks.append(_Task(query_.header["id"], name, "CheckQuery", None, query_.query, said, query_))
    return tasks


def _run(at: Endpoint, task: _Task, dataset: tuple[str, ...]) -> list[tuple[_Task, Row]]:
    answer = query(at, task.sparql, graphs=dataset)
    if answer.terms:
        # Some engines end a long answer without a word.
        count = _SELECT.sub(r"SELECT (COUNT(*) AS ?n) WHERE { { \g<0>", task.sparql, count=1) + "\n} }"
        if query(at, count, graphs=dataset).terms[0][0].value != str(len(answer.terms)):
            raise RrmError("E336", where=at.query)
    bound = (zip(answer.columns, row, strict=True) for row in answer.terms)
    return [(task, {name: term for name, term in row if term is not None}) for row in bound]


# What an engine is known to get wrong


class _Doubts:
    """Why an engine's answer to a query cannot be relied on: what it altered, and what it fails at when tried."""

    def __init__(self, at: Endpoint, dataset: tuple[str, ...], names: tuple[str, ...]) -> None:
        self.at = at
        self.dataset = dataset
        parts = record(at)
        self.altered = sorted({t.predicate.value for name in names if (p := parts.get(name)) for t in p.altered})
        self.tried: dict[str, bool] = {}

    def about(self, sparql: str) -> dict[str, str] | None:
        """The reason in each language, or None."""
        for iri in self.altered:
            if _mentions(sparql, iri) or _ANY_VALUE.search(sparql):
                return {lang: text("probe-altered", lang, property=shorten(iri)) for lang in LANGUAGES}
        for key, (pattern, ask) in _PROBES.items():
            if pattern.search(sparql) and not self._holds(key, ask):
                return {lang: text(key, lang) for lang in LANGUAGES}
        return None

    def _holds(self, key: str, ask: str) -> bool:
        if key not in self.tried:
            try:
                self.tried[key] = query(self.at, ask, graphs=self.dataset).truth is True
            except RrmError as error:
                if error.code not in _OF_ONE_QUERY:
                    raise
                self.tried[key] = False
        return self.tried[key]


def _mentions(sparql: str, iri: str) -> bool:
    names = [f"{prefix}:{iri[len(base) :]}" for prefix, base in PREFIXES.items() if iri.startswith(base)]
    return f"<{iri}>" in sparql or any(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", sparql) for name in names)


# A query that looks at the datatypes of values whatever property has them.
_ANY_VALUE: Final = re.compile(r"[?]\w+ [?]path [?]object\b.*DATATYPE\(", re.DOTALL)

# What the queries rest on, and a question that is true of every graph of ours where the engine gets it right.
_PROBES: Final = {
    "probe-dates": (
        re.compile(r"[?]\w+ - [?\"]"),
        'ASK { FILTER(STR("2024-03-03"^^xsd:date - "2024-03-01"^^xsd:date) = "P2D" '
        '&& "2024-03-03"^^xsd:date - STRDT("-P2D", xsd:dayTimeDuration) = "2024-03-05"^^xsd:date) }',
    ),
    "probe-path": (
        re.compile(r"[\w>)][*+](?=[\s)/|])"),
        "ASK { { SELECT (COUNT(*) AS ?wrong) WHERE { ?thing a ?class "
        "FILTER NOT EXISTS { ?thing a ?kind . ?kind rdfs:subClassOf* ?class } } } FILTER(?wrong = 0) }",
    ),
    "probe-text": (
        re.compile(r"DATATYPE\([?]\w+\) IN \(xsd:string"),
        'ASK { VALUES ?text { "tel. 5512345678"@es } FILTER(DATATYPE(?text) IN (xsd:string, rdf:langString) '
        '&& REGEX(STR(?text), "(^|[^0-9A-Za-z/.,-])[0-9]{10}($|[^0-9A-Za-z.,-])")) }',
    ),
    "probe-sameterm": (
        re.compile(r"SAMETERM\([^()]*\) \|\| SAMETERM"),
        "ASK { ?thing a ?class FILTER(SAMETERM(?class, owl:Class) || SAMETERM(?class, owl:ObjectProperty)) }",
    ),
}


# Findings


def _labels(at: Endpoint, rows: Iterable[tuple[_Task, Row]], dataset: tuple[str, ...]) -> ox.Store:
    """The names of the things that the messages show."""
    things: set[str] = set()
    for task, row in rows:
        for term in (task.path, *row.values()):
            if isinstance(term, ox.NamedNode):
                things.add(str(term))
            elif isinstance(term, ox.Literal):
                things.update(f"<{iri}>" for iri in IRI.findall(term.value))
        things.update(f"<{iri}>" for said in task.message.values() for iri in IRI.findall(said))
    store = ox.Store()
    label = ox.NamedNode(RRM + "displayLabel")
    wanted = sorted(things)
    for start in range(0, len(wanted), _LABELS):
        some = " ".join(wanted[start : start + _LABELS])
        asked = f"SELECT ?thing ?name WHERE {{ VALUES ?thing {{ {some} }} ?thing {label} ?name }}"
        store.extend(ox.Quad(thing, label, name) for thing, name in query(at, asked, graphs=dataset).terms)
    return store


def _findings(task: _Task, row: Row, finder: Finder) -> Iterator[Finding]:
    if isinstance(task.source, gate.CheckQuery):
        yield task.source.finding(row, finder)
        return
    for r in compiler.results(task.source, [row]):
        yield gate.finding(r, task.known, finder)


def _unanswered(task: _Task, reason: dict[str, str]) -> Finding:
    path = task.path.value if isinstance(task.path, ox.NamedNode) else None
    said = {lang: text("unanswered", lang, detail=reason[lang]) for lang in LANGUAGES}
    return Finding(task.rule, task.shape, task.component, Severity.VIOLATION, "", path, None, said)
