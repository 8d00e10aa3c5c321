"""What a submitted file may speak of: the rules on its things, words and characters, before any shape looks at it.

A file may add things of its own and link to those of the graph. It cannot say more about a thing that another file
describes, nor bring vocabulary, axioms or shapes: these come only with a release.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg import graph as graphs
from rrm_kg import parse, safety, shapes
from rrm_kg.context.view import Statement
from rrm_kg.errors import LANGUAGES, RrmError
from rrm_kg.finder import Finder, Quads
from rrm_kg.findings import Finding, Where
from rrm_kg.terms import BASE, DCTERMS, DERIVED, GRAPH, ID, OWL, RDF, RDF_TYPE, RDFS, RRM, RRMSH, SH, SKOS, XSD, shorten

COMPONENT: Final = "SubmissionRule"
SCHEMES: Final = ("http", "https", "urn")
_COMMON: Final = tuple(f"{scheme}:" for scheme in SCHEMES)  # as most addresses are written
_OWN_THINGS: Final = "Submission-own-things"
_RECORDED_AGAIN: Final = "Submission-recorded-again"
_NO_VOCABULARY: Final = "Submission-no-vocabulary"
_NO_AXIOMS: Final = "Submission-no-axioms"
_NO_SHAPES: Final = "Submission-no-shapes"
_NOTHING_DERIVED: Final = "Submission-nothing-derived"
_SCHEME: Final = "Submission-address-scheme"
_PLAIN_TEXT: Final = "Submission-plain-text"

_VOCABULARIES: Final = (RDF, RDFS, OWL, XSD, SKOS, SH, DCTERMS, "http://www.w3.org/ns/org#")
_LAW: Final = frozenset(  # classes whose things give all cases their meaning
    {
        *(SKOS + name for name in ("Concept", "ConceptScheme", "Collection", "OrderedCollection")),
        *(RRM + name for name in ("Mechanism", "StageInterval", "StepInterval", "StepType", "TimeLimit")),
    }
)
_INTO_LISTS: Final = frozenset(SKOS + name for name in ("inScheme", "topConceptOf", "hasTopConcept"))
_RDFS_AXIOMS: Final = frozenset(RDFS + name for name in ("subClassOf", "subPropertyOf", "domain", "range"))
_AXIOM_TYPES: Final = frozenset(
    {RDFS + "Class", RDFS + "Datatype", RDFS + "ContainerMembershipProperty", RDF + "Property"}
)
_ONTOLOGY: Final = OWL + "Ontology"
_DERIVED_ONLY: Final = ox.NamedNode(RRM + "derivedOnly")
_TYPE: Final = ox.NamedNode(RDF_TYPE)
_MARKUP: Final = frozenset(RDF + name for name in ("HTML", "XMLLiteral", "JSON"))
_LAYOUT: Final = "\t\n\r"
_SEVERAL: Final = 3  # things of another file that are told in one sentence
_MOST_LOCATED: Final = 200  # findings of a file that are looked up in its text; a file with more is wrong throughout


@dataclass(frozen=True)
class _Fault:
    """One rule broken: what it is about, and what its message says."""

    shape: str
    focus: Any
    path: str | None
    value: Any
    said: Mapping[str, str]


def check_name(path: str) -> None:
    """Refuse the name of a file that could not be shown or kept as it is.

    Raises RrmError E363 for control characters, halves of characters, and ``..`` below data/.
    """
    shown = path.encode("utf-8", "backslashreplace").decode()
    if safety.HIDDEN.search(path) or any(mark in path for mark in _LAYOUT) or shown != path:
        raise RrmError("E363", where=ascii(path)[1:-1])
    if path.startswith("data/") and ".." in path.split("/"):
        raise RrmError("E363", where=path)


def findings(
    files: Iterable[tuple[graphs.Source, set[Statement]]],
    sources: graphs.Sources,
    store: ox.Store,
    finder: Finder,
    known: Mapping[str, shapes.Shape],
    derived: Set[str],
) -> tuple[Finding, ...]:
    """The findings of these rules in submitted files, gravest first.

    ``sources`` and ``store`` are the graph without the files, ``finder`` looks at both together. A file in the place of
    one of the graph keeps the things of that one; ``known`` are the shapes, ``derived`` the terms of derived_terms.
    """
    files = list(files)
    found: dict[tuple[Any, ...], Finding] = {}
    holders = _Holders(sources, store, files, finder.store)
    for file, said in files:
        faults: dict[tuple[str, str, str | None], _Fault] = {}
        for fault in _summed(_faults(file, said, holders, derived)):
            key = fault.shape, _text(fault.focus), fault.path
            if key not in faults or str(faults[key].value) <= str(fault.value):
                faults[key] = fault
        for number, key in enumerate(sorted(faults, key=lambda key: (key[0], key[1], key[2] or ""))):
            fault = faults[key]
            shape = known[RRMSH + fault.shape]
            made = Finding(
                rule=shape.rule,
                shape=shape.iri,
                component=COMPONENT,
                severity=shape.severity,
                focus=_text(fault.focus),
                path=fault.path,
                value=None if fault.value is None else _text(fault.value),
                message={
                    lang: finder.fill(
                        shape.message[lang],
                        fault.focus,
                        ox.NamedNode(fault.path) if fault.path else None,
                        lang,
                        {name: ox.Literal(said) for name, said in fault.said.items()},
                    )
                    for lang in LANGUAGES
                },
                where=_place(file, finder, fault) if number < _MOST_LOCATED else Where(file.path, 1, "file"),
            )
            found[(*made.sort_key, file.path)] = made
    return tuple(found[key] for key in sorted(found))


class _Holders:
    """Which file of the graph describes a thing, the submitted ones in their new state."""

    def __init__(
        self,
        sources: graphs.Sources,
        store: ox.Store,
        files: Iterable[tuple[graphs.Source, set[Statement]]],
        after: Quads,
    ) -> None:
        self.sources = sources
        self.store = store
        self.after = after
        self.replaced = {file.graph for file, _ in files if sources.named(file.graph)}
        self.changed: dict[Any, set[str]] = {}
        for file, said in files:
            if file.graph in self.replaced:
                for subject, *_ in said:
                    self.changed.setdefault(subject, set()).add(file.path)

    def other(self, thing: Any, file: graphs.Source) -> str | None:
        """The path of another file that describes a thing; None if none does, or if this file did before."""
        paths = set(self.changed.get(thing, ())) - {file.path}
        for quad in self.store.quads_for_pattern(thing, None, None):
            graph = getattr(quad.graph_name, "value", "")
            if graph == file.graph:
                return None
            source = self.sources.named(graph)
            if source is not None and graph not in self.replaced:
                paths.add(source.path)
        return min(paths, default=None)

    def derived(self, thing: Any) -> bool:
        """Whether a thing is there only because a rule derives it, with the files or without them."""
        types = self.after.quads_for_pattern(thing, _TYPE, None)
        return any(getattr(quad.graph_name, "value", "").startswith(DERIVED) for quad in types)


def _faults(
    file: graphs.Source, statements: Iterable[Statement], holders: _Holders, derived: Set[str]
) -> Iterator[_Fault]:
    described: dict[Any, bool] = {}
    innocent: dict[Any, bool] = {}  # terms of which nothing is to be said wherever they stand
    for subject, property_, value, _ in statements:
        predicate = property_.value
        derives = described.get(subject)
        if derives is None:
            derives = described[subject] = holders.derived(subject)
            yield from _subject_faults(subject, file, holders)
        if derives or is_derived(predicate, value, derived):
            said = _text(value) if predicate == RDF_TYPE else predicate
            yield _Fault(_NOTHING_DERIVED, subject, predicate, value, {"term": shorten(said)})
        if not _says_no_law(predicate):
            yield from _word_faults(subject, predicate, value)
        for term in (subject, property_, value):
            fine = innocent.get(term)
            if fine is None:
                fine = innocent[term] = not any(_term_faults(term, subject, predicate, value))
            if not fine:
                yield from _term_faults(term, subject, predicate, value)


def _term_faults(term: Any, subject: Any, predicate: str, value: Any) -> Iterator[_Fault]:
    """The faults of one term of a triple by itself."""
    if isinstance(term, ox.NamedNode) and not term.value.startswith(_COMMON):
        if (scheme := term.value.partition(":")[0].lower()) not in SCHEMES:
            yield _Fault(_SCHEME, subject, predicate, value, {"iri": term.value, "scheme": scheme})
    elif isinstance(term, ox.Literal) and (what := _hidden(term)):
        yield _Fault(_PLAIN_TEXT, subject, predicate, value, {"what": what})


def _summed(faults: Iterable[_Fault]) -> Iterator[_Fault]:
    """The faults, those about several things of one other file as one about all of them."""
    again: dict[str, list[_Fault]] = {}
    for fault in faults:
        if fault.shape == _OWN_THINGS:
            again.setdefault(fault.said["file"], []).append(fault)
        else:
            yield fault
    for file, some in again.items():
        if len(some) < _SEVERAL:
            yield from some
            continue
        first = min(some, key=lambda fault: ("/case/" not in _text(fault.focus), _text(fault.focus)))
        yield _Fault(_RECORDED_AGAIN, first.focus, None, None, {"file": file, "count": str(len(some))})


def _subject_faults(subject: Any, file: graphs.Source, holders: _Holders) -> Iterator[_Fault]:
    if not isinstance(subject, ox.NamedNode):
        return
    iri = subject.value
    ours = iri.startswith(BASE) and not iri.startswith((ID, GRAPH))  # a file may say who wrote it, below graph/
    other = holders.other(subject, file)
    if iri.startswith(_VOCABULARIES) or (ours and (other or not _of_graph(file, holders))):
        yield _Fault(_NO_VOCABULARY, subject, None, None, {})
    elif other:
        rule = _NO_VOCABULARY if other.startswith("ontology/") else _OWN_THINGS
        yield _Fault(rule, subject, None, None, {"file": other})


def _of_graph(file: graphs.Source, holders: _Holders) -> bool:
    return holders.sources.named(file.graph) is not None


@lru_cache(1_000)
def _says_no_law(predicate: str) -> bool:
    """Whether a predicate is that of no axiom, list or shape, whatever its triple is about; types may be any."""
    return predicate != RDF_TYPE and not any(_word_faults(None, predicate, None))


def is_axiom(subject: Any, predicate: str, value: Any) -> bool:
    """Whether a triple changes what follows from others; that a graph is an ontology does not."""
    if predicate != RDF_TYPE:
        return predicate in _RDFS_AXIOMS or predicate.startswith(OWL)
    typed = _text(value)
    if typed == _ONTOLOGY:
        return not _text(subject).startswith(GRAPH)
    return typed in _AXIOM_TYPES or typed.startswith(OWL)


def derived_terms(store: ox.Store) -> frozenset[str]:
    """The classes and properties of a graph that only its rules derive."""
    return frozenset(_text(quad.subject) for quad in store.quads_for_pattern(None, _DERIVED_ONLY, None))


def is_derived(predicate: str, value: Any, derived: Set[str]) -> bool:
    """Whether a triple says what only rules derive, by one of the terms of derived_terms."""
    return predicate in derived or (predicate == RDF_TYPE and _text(value) in derived)


def _word_faults(subject: Any, predicate: str, value: Any) -> Iterator[_Fault]:
    """The faults of one triple that rest on its words alone."""
    typed = value.value if predicate == RDF_TYPE and isinstance(value, ox.NamedNode) else None
    if predicate in _INTO_LISTS or typed in _LAW:
        yield _Fault(_NO_VOCABULARY, subject, predicate, value, {})
    if is_axiom(subject, predicate, value):
        yield _Fault(_NO_AXIOMS, subject, predicate, value, {"term": shorten(typed or predicate)})
    if predicate.startswith(SH) or (typed and typed.startswith(SH)):
        yield _Fault(_NO_SHAPES, subject, predicate, value, {"term": shorten(typed or predicate)})


def _hidden(text: ox.Literal) -> str | None:
    """What a text holds that cannot be seen, or the markup that it is; None for a plain one."""
    if text.datatype.value in _MARKUP:
        return shorten(text.datatype.value)
    found = safety.HIDDEN.search(text.value)
    if found is None:
        return None
    code = f"U+{ord(found[0]):04X}"
    name = unicodedata.name(found[0], "")
    return f"{code} ({name})" if name else code


def _place(file: graphs.Source, finder: Finder, fault: _Fault) -> Where:
    """Where a fault stands in its file."""
    if file.graph not in finder.read:
        finder.read[file.graph] = parse.positions(file.data, file.path)
    value = None if fault.value is None else _text(fault.value)
    place = None
    if isinstance(fault.focus, ox.NamedNode):
        place = finder.read[file.graph].find(fault.focus.value, fault.path, value)
    return place or Where(file.path, 1, "file")


def _text(term: Any) -> str:
    return f"_:{term.value}" if isinstance(term, ox.BlankNode) else str(getattr(term, "value", term))
