"""Files validated in the context of a graph: the verdict of the whole, at the cost of what the files concern."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg import gate, hints, infer, intake, namespaces, parse, prepared
from rrm_kg import graph as graphs
from rrm_kg.context import checks, late, rounds
from rrm_kg.context.changed import Changed
from rrm_kg.context.late import Waiting
from rrm_kg.context.plans import Plans
from rrm_kg.context.reported import Reported
from rrm_kg.context.search import Context, Seen, seen_triples
from rrm_kg.context.view import ALL_DERIVED, Neighbours, Stages, Statement, Triple, View, statement
from rrm_kg.errors import RrmError
from rrm_kg.finder import Finder
from rrm_kg.findings import Finding, Report, report, unique
from rrm_kg.memory import nearby, uncollected
from rrm_kg.owl import closure as closures
from rrm_kg.owl.consistency import Consistency
from rrm_kg.shacl import compile as compiler
from rrm_kg.terms import RRM
from rrm_kg.vocabulary import within

_SHOWN: Final = ox.NamedNode(RRM + "displayLabel")
_SMALL: Final = 4


@dataclass(frozen=True)
class Verdict:
    """What the gate says of a graph together with files.

    ``found`` are the findings in the files and about things that they concern, ``gone`` those that the graph had
    without them and no longer has. Those of the rules on what a file may speak of (namespaces) come first in ``found``.
    """

    found: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    _rest: Callable[[], Iterable[Finding]] = field(repr=False, compare=False)
    _sources: graphs.Sources = field(repr=False, compare=False)
    read: int = field(default=0, compare=False)
    _files: tuple[graphs.Source, ...] = field(default=(), repr=False, compare=False)

    @cached_property
    def told(self) -> tuple[Finding, ...]:
        """``found`` as the sender of the files reads it: without what only follows, a table in its own words.

        See telling.told.
        """
        from rrm_kg import telling

        with within(self._sources.root):
            return telling.told(self.found, self._files)

    @cached_property
    def report(self) -> Report:
        """The report on all of it, as if graph and files had been checked together."""
        return report([*self._rest(), *self.found], gate.validated(self._sources, "compiled"))


class Resident:
    """A graph that was checked once and takes files, each validated in its context.

    ``checked`` is the report on the graph; ``store`` holds its quads, those of the closure included. Nothing that is
    asked of it changes the graph. ``kept`` is the folder in which store and report are kept (cache.entry).
    """

    def __init__(self, sources: graphs.Sources, store: ox.Store, checked: Report, kept: Path | None = None) -> None:
        self.sources = sources
        self.store = store
        self.checked = checked
        self._reported = Reported(checked)
        self.rules = infer.rules(sources.root)
        plans = Plans()
        self._rule_sights = {rule.name: plans.sights(rule.query, rule.about) for rule in self.rules}
        derived = {rule.name: plans.derived(rule.query) for rule in self.rules}
        self._rounds = rounds.rounds(self.rules, self._rule_sights, derived)
        self.base = Neighbours(store, Stages([rule.graph for rule in some] for some in self._rounds))
        self._prepared = prepared.Prepared(sources, store, self._tree, kept)
        self.shapes = self._prepared.shapes
        self._derived_terms = namespaces.derived_terms(store)
        self._hints = hints.of(sources, store)
        self._checks = [*checks.of_shapes(self._prepared, plans), *checks.of_queries(sources.root, plans)]
        self._late = late.late(_SHOWN, self._rule_sights, derived, (c.brief.sights for c in self._checks), self.base)
        self._naming = {check for check in self._checks if late.sees(_SHOWN, check.query.sights, self.base)}
        plans.keep()
        self._prepared.keep()

    def check(self, files: Iterable[graphs.Source], *, strict: bool = True) -> Verdict:
        """The verdict on the graph with some files, each in the place of the file of the same path, or beside all.

        Axioms in a file are found and otherwise left out: what would follow from them can take minutes to tell. So is
        what only rules derive: other findings rest on it.
        Whoever passes on the file of a stranger gives it a path of their own outside data/, where files of the graph
        stand. Unless ``strict``, a file that cannot be read is a finding (intake.refusals) and the others are checked.
        Raises RrmError as parse.triples does for a file that cannot be read, E316 for one that would change the
        ontology (what everything rests on is checked as a whole), E363 for a name that cannot be shown.
        """
        with within(self.sources.root), uncollected():
            try:
                return nearby(lambda: self._check(files, strict))
            finally:
                self.base.forget()

    def _check(self, files: Iterable[graphs.Source], strict: bool) -> Verdict:
        added: set[Statement] = set()
        removed: set[Statement] = set()
        brought: list[tuple[graphs.Source, set[Statement]]] = []
        refused: list[Finding] = []
        given: list[graphs.Source] = []
        for file in files:
            given.append(file)
            try:
                new, old = self._statements(file)
            except RrmError as error:
                if strict:
                    raise
                refused += intake.refusals(error, file.path)
                continue
            brought.append((file, new))
            new = {one for one in new if self._is_heard(one)}
            added |= new - old
            removed |= old - new
        readable = [file for file, _ in brought]
        view = View(self.base)
        view.advance(added, removed)
        history = [(added, removed)]
        waiting = Waiting(self._late, view, lambda names: self._late_names(history, names))
        for some in self._rounds:
            if any(waiting.is_read_by(rule.name) for rule in some):
                waiting.tell()
            context = Context(view)
            history.append(self._derived([rule for rule in some if not self._waits(rule, waiting, context)], context))
            view.advance(*history[-1])
        view.finish()
        sources = self.sources.changed(readable)
        finder = Finder(sources, Changed(self.store, view, waiting), self._hints)
        first = namespaces.findings(brought, self.sources, self.store, finder, self.shapes, self._derived_terms)
        verdict = self._verdict(sources, {file.path for file in readable}, view, waiting, finder)
        return replace(
            verdict,
            found=(*refused, *first, *verdict.found),
            read=sum(len(new) for _, new in brought),
            _files=tuple(given),
        )

    def _statements(self, file: graphs.Source) -> tuple[set[Statement], set[Statement]]:
        """What a file says, and what the graph has in its place."""
        namespaces.check_name(file.path)
        if file.path.startswith("ontology/"):
            raise RrmError("E316", where=file.path)
        graph = ox.NamedNode(file.graph)
        new = {(t.subject, t.predicate, t.object, graph) for t in parse.triples(file.data, file.path)}
        return new, set(map(statement, self.store.quads_for_pattern(None, None, None, graph)))

    def _is_heard(self, said: Statement) -> bool:
        subject, predicate, value = said[0], said[1].value, said[2]
        axiom = namespaces.is_axiom(subject, predicate, value)
        return not (axiom or namespaces.is_derived(predicate, value, self._derived_terms))

    def _waits(self, rule: infer.Rule, waiting: Waiting, context: Context) -> bool:
        """Whether what a rule derives can wait."""
        sights = self._rule_sights[rule.name]
        return rule.name in self._late.rules and waiting.takes(rule.name, context.concerned_apart(sights))

    def _derived(self, rules: Iterable[infer.Rule], context: Context) -> tuple[set[Statement], set[Statement]]:
        """What some rules derive only with a change, and what they derive only without it."""
        view = context.view
        added: set[Statement] = set()
        removed: set[Statement] = set()
        for rule in rules:
            things = context.concerned(self._rule_sights[rule.name], None)
            after = self._made(rule, things, view.removed, context)
            before = self._made(rule, {thing for thing in things if view.was_there(thing)}, view.added, context)
            added |= {one for one in after - before if not self._holds(one)}
            removed |= {one for one in before - after if self._holds(one)}
        return added, removed

    def _made(self, rule: infer.Rule, things: Set[Any], without: set[Triple], context: Context) -> set[Statement]:
        """What a rule derives about some things, from all that it sees of them but some triples."""
        seen: Seen = []
        if not things or not context.support(self._rule_sights[rule.name], things, seen):
            return set()
        graph = ox.NamedNode(rule.graph)
        return {(t.subject, t.predicate, t.object, graph) for t in rule.derive(_store(seen_triples(seen) - without))}

    def _late_names(self, history: Iterable[tuple[set[Statement], set[Statement]]], names: Set[str]) -> set[Statement]:
        """What some rules derive that waited, each at its stage; the history tells what the others did."""
        made: set[Statement] = set()
        view = View(self.base)
        first, *others = history
        view.advance(*first)
        for some, (added, removed) in zip(self._rounds, others, strict=False):
            late, _ = self._derived((rule for rule in some if rule.name in names), Context(view))
            made |= late
            view.advance(added | late, removed)
        return made

    def _holds(self, said: Statement) -> bool:
        return bool(self.base.out(said[0])) and ox.Quad(*said) in self.store

    def _verdict(
        self, sources: graphs.Sources, paths: set[str], view: View, waiting: Waiting, finder: Finder
    ) -> Verdict:
        context = Context(view)
        seen: Seen = []
        open_: list[tuple[checks.Check, Set[Any], Set[Any]]] = []
        scanned: dict[checks.Check, ox.Store] = {}  # where a check looks through less than all that the others see
        renamed = self._reported.naming(triple[0] for triple in view.added | view.removed if triple[1] == _SHOWN)
        for check in self._checks:
            old = self._reported.by_check.get(check.key, {})
            things: Set[Any] = context.concerned(check.brief.sights, old) | renamed.get(check.key, set())
            if old and check.query is not check.brief:
                things |= context.concerned(check.query.sights, None) & old.keys()
            if things:
                read: Seen = []
                some = things
                if check.several:
                    path, least, alike = check.several
                    some = {thing for thing in things if context.several(thing, path, least, alike=alike)}
                finds = context.finds(check.brief.sights, some, read) if some else some
                open_.append((check, things, finds))
                if finds and check.brief.scans and _SMALL * sum(map(len, read)) < len(view.added):
                    scanned[check] = _store(seen_triples(read) - view.removed)
                elif finds:
                    seen += read
        store = _store(seen_triples(seen) - view.removed)
        told: list[Finding] = []
        before: dict[tuple[Any, ...], Finding] = {f.sort_key: f for f in self._reported.contradictions}
        for check, _, finds in open_:
            rows = check.brief.rows(scanned.get(check, store), finds) if finds else []
            if rows and check.query is not check.brief:
                if check in self._naming:
                    waiting.tell()
                rows = self._named_rows(check.query, {thing for thing, _ in rows}, view)
            told += [check.finding(row, finder) for _, row in rows]
        found = unique(told)
        for check, things, _ in open_:
            old = self._reported.by_check.get(check.key, {})
            before |= {finding.sort_key: finding for thing in things & old.keys() for finding in old[thing]}
        for finding in gate.contradictions(self._contradictions(view)):
            found[finding.sort_key] = finding
        moved = [f for path in paths for f in self._reported.by_file.get(path, ()) if f.sort_key not in before]
        before |= {finding.sort_key: finding for finding in moved}
        found |= {finding.sort_key: replace(finding, where=finder.place(finding)) for finding in moved}
        gone = tuple(before[key] for key in sorted(before.keys() - found.keys()))
        rest = lambda: (f for f in self.checked.findings if f.sort_key not in before)  # noqa: E731
        return Verdict(tuple(found[key] for key in sorted(found)), gone, rest, sources)

    def _named_rows(self, query: checks.Query, things: Set[Any], view: View) -> list[tuple[Any, Any]]:
        """The rows of a query about some things, with the names that it looks up."""
        seen: Seen = []
        Context(view).support(query.sights, things, seen)
        return query.rows(_store(seen_triples(seen) - view.removed), things)

    @cached_property
    def _closed(self) -> closures.Materialization | None:
        """The graph kept closed; None where an axiom is left to the reference engine."""
        quads = (quad for quad in self.store if self.base.stage(quad.graph_name) < ALL_DERIVED)
        try:
            reached = list(closures.reached(quads))
            return closures.Materialization(reached, limit=len(reached) + infer.TRIPLE_BUDGET)
        except RrmError as error:
            if error.code != "E320":
                raise
            return None

    @cached_property
    def _consistency(self) -> Consistency | None:
        axioms = self._prepared.axioms
        return None if axioms is None else Consistency(self.store, axioms)

    def _contradictions(self, view: View) -> tuple[str, ...]:
        kept = self._consistency
        if kept is not None and not self._reported.contradictions and kept.surely_holds(view.added):
            return ()  # what is removed can only mend
        quads = [[ox.Quad(*triple) for triple in triples] for triples in (view.added, view.removed)]
        if self._closed is not None:
            with contextlib.suppress(RrmError):
                counting = self._closed.counting
                added, removed = (list(closures.reached(some, counting=counting)) for some in quads)
                self._closed.change(add=added, remove=removed)
                found, counts = self._closed.contradictions, self._closed.counting
                self._closed.undo()
                if counts == counting:  # else an axiom came that counts values, which were left out
                    return found
        there = {_quad(quad) for quad in self.store if self.base.stage(quad.graph_name) < ALL_DERIVED}
        return infer.closure((there | set(quads[0])) - set(quads[1])).contradictions

    def _tree(self) -> Iterator[ox.Quad]:
        """The classes below classes, as they are written."""
        for quad in self.store.quads_for_pattern(None, compiler.SUBCLASS, None):
            if self.base.stage(quad.graph_name) < ALL_DERIVED:
                yield _quad(quad)


def _quad(quad: ox.Quad) -> ox.Quad:
    return ox.Quad(quad.subject, quad.predicate, quad.object)


def _store(triples: Iterable[Triple]) -> ox.Store:
    store = ox.Store()
    store.extend([ox.Quad(*triple) for triple in triples])
    return store
