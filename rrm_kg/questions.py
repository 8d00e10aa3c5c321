"""The catalogue of questions: what each asks, its typed parameters, its columns, its query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg import headers
from rrm_kg.errors import Phrase, RrmError
from rrm_kg.nearest import nearest
from rrm_kg.terms import CODE, ID, RDF_TYPE, RDFS, RRM, SKOS, XSD, expand, mint

LABELS: Final = (RRM + "displayLabel", RDFS + "label", SKOS + "prefLabel", SKOS + "altLabel")


@dataclass(frozen=True)
class Parameter:
    """A blank of a question. ``type`` is ``date``, ``integer``, ``string``, or the kind of a thing such as ``case``.

    A parameter without a default may be left out: the question is then asked of everything.
    """

    name: str
    type: str
    label: dict[str, str]
    default: str | None

    @property
    def thing(self) -> bool:
        """Whether it is filled with a thing or a term of a code list, and not with a date, a number or a text."""
        return self.type not in ("date", "integer", "string")

    def term(self, text: str, store: ox.Store) -> Any:
        """The term that a text stands for. Raises RrmError E203 for a text that is not of the type, E207 and E214."""
        if text == "":
            raise RrmError("E203", name=self.name, given="", expected=f"{self.name}=…")
        return _term(self, text, store)


@dataclass(frozen=True)
class Column:
    """A column of the answer: the variable, its type, and its heading per language."""

    name: str
    type: str
    label: dict[str, str]


@dataclass(frozen=True)
class Question:
    """A question of the catalogue. ``description`` says what to know about its answer; it may be empty."""

    id: str
    name: str
    summary: dict[str, str]
    question: dict[str, str]
    description: dict[str, str]
    parameters: tuple[Parameter, ...]
    columns: tuple[Column, ...]
    query: str
    path: Path

    def bind(self, given: Mapping[str, str], lang: str, store: ox.Store) -> dict[str, Any]:
        """The terms to bind for given parameter texts, defaults filled in.

        Raises RrmError E202 for an unknown parameter, E203 for a text that is not of the parameter's type,
        E207 for a thing that the graph does not have.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in given:
            if name not in known:
                near = self._meant(name)
                meant = Phrase("parameter-meant", nearest=", ".join(near)) if near else ""
                raise RrmError("E202", name=name, question=self.id, fitting=", ".join(known) or "–", meant=meant)
        bound: dict[str, Any] = {"lang": ox.Literal(lang)}
        for name, parameter in known.items():
            text = given.get(name, parameter.default)
            if text is not None:
                bound[name] = parameter.term(str(text), store)
        return bound

    def _meant(self, given: str) -> list[str]:
        """The names of the parameters that a name may mean, the nearest first: as they are, or as people call them."""
        from rrm_kg.vocabulary import folded

        called: dict[str, list[str]] = {}
        for parameter in self.parameters:
            labels = {folded(label) for label in parameter.label.values()}
            for words in {parameter.name, *labels, *(label.split(" ")[0] for label in labels)}:
                called.setdefault(words, []).append(parameter.name)
        wanted = folded(given)
        near = [wanted] if wanted in called else nearest(wanted, sorted(called))
        return list(dict.fromkeys(name for words in near for name in called[words]))


def catalogue(root: Path) -> tuple[Question, ...]:
    """The questions below a root, in the order of their numbers. Raises RrmError E307 for a faulty header."""
    return tuple(read(path) for path in _paths(root))


def _paths(root: Path) -> list[Path]:
    if not (root / "queries").is_dir():
        raise RrmError("E301", where=str(root))
    return sorted((root / "queries").glob("*.rq"))


def find(root: Path, name: str) -> Question:
    """The question with an id (``cq14``) or a file name. Raises RrmError E201, which names the nearest ones."""
    wanted = name.lower().removesuffix(".rq")
    paths = _paths(root)
    for path in paths:
        if wanted in (path.stem, path.stem.split("_")[0]):
            return read(path)
    names = [path.stem.split("_")[0] for path in paths]
    near = nearest(wanted, [*names, *(path.stem for path in paths)], least=0.5)
    raise RrmError("E201", name=name, nearest=", ".join(near or names[:3]))


def read(path: Path) -> Question:
    """The question in a file. Raises RrmError E305 or E307 when it cannot be read or its header is faulty."""
    header, query = headers.read(path)
    try:
        if not all(isinstance(entry["name"], str) for entry in [*(header.get("params") or ()), *header["columns"]]):
            raise ValueError('name: "on"')  # YAML reads a bare on, yes or no as a truth value
        return Question(
            path.stem.split("_")[0],
            path.stem,
            dict(header["summary"]),
            dict(header["question"]),
            dict(header.get("description") or {}),
            tuple(
                Parameter(
                    p["name"],
                    p["type"],
                    dict(p["label"]),
                    None if p.get("default") is None else str(p["default"]),
                )
                for p in header.get("params") or ()
            ),
            tuple(Column(c["name"], c["type"], dict(c["label"])) for c in header["columns"]),
            _ordered(query, [str(column["name"]) for column in header["columns"]]),
            path,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RrmError("E307", where=str(path), detail=str(error)) from None


def _ordered(query: str, columns: Iterable[str]) -> str:
    """A query whose rows, where they are equal in its own order, follow each other by their cells.

    An engine gives such rows in any order, and the same graph must give the same bytes.
    """
    last = query.rstrip().rsplit("\n", 1)[-1]
    return f"{query.rstrip()} {' '.join(f'?{name}' for name in columns)}\n" if last.startswith("ORDER BY") else query


def _term(parameter: Parameter, text: str, store: ox.Store) -> Any:
    if parameter.type == "date":
        try:
            date.fromisoformat(text)
        except ValueError:
            raise RrmError("E203", name=parameter.name, given=text, expected=Phrase("form-date")) from None
        if len(text) != 10:
            raise RrmError("E203", name=parameter.name, given=text, expected=Phrase("form-date"))
        return ox.Literal(text, datatype=ox.NamedNode(XSD + "date"))
    if parameter.type == "integer":
        try:
            return ox.Literal(int(text))
        except ValueError:
            raise RrmError("E203", name=parameter.name, given=text, expected="123") from None
    if parameter.type == "string":
        return ox.Literal(text)
    return ox.NamedNode(resolve(store, text, parameter.type))


def resolve(store: ox.Store, name: str, kind: str | None = None) -> str:
    """The IRI of the thing that a name means: an IRI, a prefixed name, a slug (``atento``) or a label.

    ``kind`` (``case``, ``facility``, several joined by ``|``) limits what may be meant. Raises RrmError E207 with
    the nearest names when nothing fits, E214 when several things do.
    """
    kinds = kind.split("|") if kind else None
    full = expand(name)
    if full is not None and _exists(store, full):
        return full
    slug = name.strip().lower()
    direct = [iri for prefix in _prefixes(kinds) if _described(store, iri := prefix + slug)] if kinds else []
    if len(direct) == 1:
        return direct[0]
    slugs = things(store, kinds)
    fitting = [iri for iri in slugs if iri.removeprefix(ID) == slug or iri.rsplit("/", 1)[-1] == slug]
    if not fitting:
        folded = slug.casefold()
        fitting = sorted(iri for iri in slugs if any(label.casefold() == folded for label in labels(store, iri)))
    if len(fitting) > 1:
        cases = [iri for iri in fitting if iri.startswith(mint("case", ""))]
        fitting = cases if len(cases) == 1 else fitting
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise RrmError("E214", name=name, nearest=", ".join(iri.removeprefix(ID) for iri in fitting[:5]))
    by_slug = {iri.rsplit("/", 1)[-1]: iri for iri in slugs}
    near = nearest(slug, by_slug, least=0.4)
    raise RrmError("E207", name=name, nearest=", ".join(near) or "–")


def things(store: ox.Store, kinds: Iterable[str] | None = None) -> tuple[str, ...]:
    """The IRIs of the things of given kinds that the graph describes, or of all named things and code lists."""
    prefixes = _prefixes(kinds) if kinds else (ID,)
    query = "SELECT DISTINCT ?thing WHERE { ?thing a ?class }"
    found = {row["thing"].value for row in store.query(query, use_default_graph_as_union=True)}  # type: ignore[union-attr]
    return tuple(sorted(iri for iri in found if iri.startswith(prefixes)))


def _prefixes(kinds: Iterable[str]) -> tuple[str, ...]:
    return tuple(prefix for kind in kinds for prefix in (mint(kind, ""), f"{CODE}{kind}/"))


def _described(store: ox.Store, iri: str) -> bool:
    try:
        found = store.quads_for_pattern(ox.NamedNode(iri), ox.NamedNode(RDF_TYPE), None)
    except ValueError:
        return False
    return next(iter(found), None) is not None


def labels(store: ox.Store, iri: str) -> tuple[str, ...]:
    """Every name of a thing, in any language."""
    node = ox.NamedNode(iri)
    found = (q.object for predicate in LABELS for q in store.quads_for_pattern(node, ox.NamedNode(predicate), None))
    return tuple(sorted({term.value for term in found if isinstance(term, ox.Literal)}))


def _exists(store: ox.Store, iri: str) -> bool:
    try:
        node = ox.NamedNode(iri)
    except ValueError:
        return False
    return next(iter(store.quads_for_pattern(node, None, None)), None) is not None
