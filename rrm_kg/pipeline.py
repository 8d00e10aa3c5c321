"""The way through the house: parse, graph, infer, gate, query."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from rrm_kg import cache, questions, several
from rrm_kg import graph as graphs
from rrm_kg import query as queries
from rrm_kg.errors import LANGUAGES, RrmError
from rrm_kg.findings import Report
from rrm_kg.terms import BASE, RRM, expand

if TYPE_CHECKING:
    from rrm_kg import submission

Progress = Callable[[str], None]


@dataclass(frozen=True, repr=False)
class KnowledgeGraph:
    """A graph with its inferences and its verdict, ready to be asked.

    ``report`` is None when the graph was opened without the gate. ``from_cache`` says whether closure and verdict
    were kept from an earlier run over the same bytes, ``kept`` in which folder they are now, if they are.
    """

    sources: graphs.Sources
    store: ox.Store
    report: Report | None
    from_cache: bool
    kept: Path | None = None

    def __repr__(self) -> str:
        state = "not checked" if self.report is None else "passed" if self.checked else "did not pass"
        return f"<KnowledgeGraph {self.sources.root}: {len(self.store)} quads, {state}>"

    @property
    def checked(self) -> bool:
        """Whether the graph passed the gate."""
        return self.report is not None and self.report.conforms

    @property
    def as_of(self) -> date | None:
        """The day that the data speak of."""
        found = self.store.quads_for_pattern(ox.NamedNode(BASE + "dataset"), ox.NamedNode(RRM + "asOf"), None)
        day = next((queries.value(quad.object) for quad in found), None)
        return day if isinstance(day, date) else None

    def ask(
        self, question: str, /, *, lang: str = "en", unchecked: bool = False, **parameters: several.Given
    ) -> queries.Answer:
        """The answer to a question of the catalogue, each row with its source.

        ``parameters`` are texts such as ``case="atento"`` or ``on="2024-05-01"``. One that is a thing may be a list
        of texts: the question is then asked of each, and a first column names it (several.ask). Raises RrmError E101
        when the graph did not pass the gate, E201 to E203 and E207 for an unknown question, parameter, value or
        thing, E215 for a list where no thing is meant.
        """
        asked = questions.find(self.sources.root, question)
        return several.ask(
            asked, parameters, _language(lang), self.store, lambda terms: self._run(asked.query, terms, unchecked)
        )

    def query(self, sparql: str, /, *, unchecked: bool = False, **terms: Any) -> queries.Answer:
        """The answer of any SPARQL 1.1 query over all named graphs together; ``terms`` are bound to its variables."""
        return self._run(sparql, terms, unchecked)

    def check(self, *paths: Path | str) -> submission.Verdict:
        """The verdict on this graph together with some files, or all below some folders, validated in its context.

        A file below the root takes the place that it has there, any other stands beside all others. The graph stays
        as it is. Raises RrmError E102 when it was opened without the gate, E3xx for a file that cannot be read, E316
        for one of the ontology.
        """
        from rrm_kg import intake

        return self.resident.check(graphs.read_file(path, self.sources.root) for path in intake.files(map(Path, paths)))

    @cached_property
    def resident(self) -> submission.Resident:
        """This graph, made ready to take files."""
        from rrm_kg.submission import Resident

        if self.report is None:
            raise RrmError("E102")
        return Resident(self.sources, self.store, self.report, self.kept)

    def to_rdflib(self) -> Any:
        """A copy of all quads as an rdflib.Dataset: a named graph for each file, for what was derived and inferred."""
        return graphs.to_rdflib_dataset(self.store)

    def resolve(self, name: str, kind: str | None = None) -> str:
        """The IRI that a name, slug, prefixed name or label means, of a kind such as ``case`` where one is given.

        Raises RrmError E207 with the nearest names.
        """
        return questions.resolve(self.store, name, kind)

    def explain(self, subject: str, predicate: str, value: str) -> Any:
        """How a triple follows: an explain.Step, or None when the graph does not have the triple.

        The value may be a thing or the text of a literal, such as a date.
        """
        from rrm_kg import explain

        s, p = ox.NamedNode(self._named(subject)), ox.NamedNode(self._named(predicate))
        known = (quad.object for quad in self.store.quads_for_pattern(s, p, None))
        literal = next((term for term in known if isinstance(term, ox.Literal) and term.value == value), None)
        o = literal if literal is not None else ox.NamedNode(self._named(value))
        return explain.explain(self.store, ox.Triple(s, p, o), self.sources.root)

    def _named(self, name: str) -> str:
        full = expand(name)
        return full if full is not None else self.resolve(name)

    def _run(self, sparql: str, terms: dict[str, Any], unchecked: bool) -> queries.Answer:
        if not self.checked and not unchecked:
            raise RrmError("E101" if self.report is not None else "E102")
        return queries.run(self.store, sparql, terms, checked=self.checked, as_of=self.as_of)


def open_graph(
    root: Path | str | None = None,
    *,
    gate: bool = True,
    engine: str = "compiled",
    cache_folder: Path | str | None = None,
    use_cache: bool = True,
    in_memory: bool = True,
    progress: Progress | None = None,
) -> KnowledgeGraph:
    """The graph below a root (by default the one that comes with the package), inferred and checked.

    The first time this takes as long as the engines need; closure and verdict are then kept by content hash in
    the cache folder, and an unchanged graph opens at once. ``gate=False`` leaves the check out: such a graph
    answers only with ``unchecked=True``. ``in_memory=False`` reads a kept graph from disk as it is asked:
    that opens at once whatever its size, and then answers more slowly. ``engine`` is ``compiled`` or ``reference``,
    see gate.check and infer.closure. ``progress`` is called with the key of each stage that takes time.
    Raises RrmError E3xx for files that cannot be read, E309 when inference exceeds its budget.
    """
    say = progress or (lambda stage: None)
    sources = graphs.read_sources(Path(root) if root is not None else None)
    place = Path(cache_folder) if cache_folder is not None else cache.folder()
    name = cache.key(sources, engine)
    kept = cache.read(place, name) if use_cache else None
    store = ox.Store()
    if kept is not None:
        if in_memory:
            store.extend(kept[0])
        report = Report.from_dict(kept[1])
        return KnowledgeGraph(sources, store if in_memory else kept[0], report, True, cache.entry(place, name))

    from rrm_kg import infer

    if use_cache and gate:
        cache.prepare(place)
    say("stage-parse")
    written = graphs.load(sources.content)
    say("stage-infer")
    derived = infer.derive(written, sources.root)
    closure = infer.closure([*written, *derived], engine=engine)
    store.extend(written)
    store.extend(derived)
    if not gate:
        store.extend(closure.quads)
        return KnowledgeGraph(sources, store, None, False)

    from rrm_kg import gate as gates

    say("stage-gate")
    report = gates.check(sources, (), (), closure, engine, store=store)
    store.extend(closure.quads)
    if use_cache:
        cache.write(place, name, store, report.as_dict())
    return KnowledgeGraph(sources, store, report, False, cache.entry(place, name) if use_cache else None)


def kept(sources: graphs.Sources, *, engine: str = "compiled") -> Path | None:
    """The folder in which the graph of some files is kept with its verdict; None if it is not."""
    return cache.entry(cache.folder(), cache.key(sources, engine))


def kept_verdict(sources: graphs.Sources, *, engine: str = "compiled") -> Report | None:
    """The report that is kept for the graph of some files, without opening the graph; None if none is."""
    report = cache.read_report(cache.folder(), cache.key(sources, engine))
    return Report.from_dict(report) if report is not None else None


def _language(lang: str) -> str:
    if lang not in LANGUAGES:
        raise RrmError("E209", given=lang, fitting=", ".join(LANGUAGES))
    return lang
