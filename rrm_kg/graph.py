"""Ontology and data as one graph: a named graph for each file, and a hash of it all."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from rrm_kg import parse, safety
from rrm_kg.errors import RrmError, reason
from rrm_kg.memory import uncollected
from rrm_kg.terms import graph_iri

if TYPE_CHECKING:
    import rdflib

_SHARE: Final = Path(__file__).with_name("share")


@dataclass(frozen=True)
class Source:
    """One Turtle file: its path below the root and its bytes."""

    path: str
    data: bytes

    @cached_property
    def graph(self) -> str:
        """The IRI of the named graph that holds the file."""
        return graph_iri(self.path)

    @cached_property
    def digest(self) -> bytes:
        """The SHA-256 of the bytes."""
        return hashlib.sha256(self.data).digest()

    @property
    def is_shapes(self) -> bool:
        """Whether the file holds shapes, which check the graph and are no part of it."""
        return self.path.startswith("ontology/shapes/")


@dataclass(frozen=True)
class Sources:
    """The files of a graph. ``root`` is the folder that holds ontology/, data/ and queries/."""

    root: Path
    files: tuple[Source, ...]

    @property
    def content(self) -> tuple[Source, ...]:
        """The files whose triples make up the graph."""
        return tuple(file for file in self.files if not file.is_shapes)

    @property
    def shapes(self) -> tuple[Source, ...]:
        """The files with the shapes."""
        return tuple(file for file in self.files if file.is_shapes)

    @cached_property
    def shape_quads(self) -> tuple[ox.Quad, ...]:
        """The quads of the files with the shapes, read once. Raises RrmError as parse.triples does."""
        return tuple(load(self.shapes))

    @cached_property
    def _by_graph(self) -> dict[str, Source]:
        return {file.graph: file for file in self.files}

    def changed(self, files: Iterable[Source]) -> Sources:
        """The files with others in the place of those of the same path, or beside them."""
        known = {file.path: file for file in self.files} | {file.path: file for file in files}
        return Sources(self.root, tuple(known[path] for path in sorted(known)))

    def named(self, graph: str) -> Source | None:
        """The file behind a named graph."""
        return self._by_graph.get(graph)


def default_root() -> Path:
    """The folder with ontology/, data/ and queries/: that of the checkout, or the one inside the wheel."""
    checkout = Path(__file__).parent.parent
    return checkout if (checkout / "ontology" / "rrm.ttl").is_file() else _SHARE


def read_sources(root: Path | None = None) -> Sources:
    """The Turtle files below a root, in the order of their paths.

    Raises RrmError E301 when the root lacks an ontology, E305 when a file cannot be read.
    """
    base = default_root() if root is None else root
    if not (base / "ontology" / "rrm.ttl").is_file():
        raise RrmError("E301", where=str(base))
    names = [name for folder in ("ontology", "data") for name in sorted(_turtle(base, folder), key=_parts)]
    files = []
    for name in names:
        try:
            files.append(Source(name, (base / name).read_bytes()))
        except OSError as error:
            raise RrmError("E305", where=str(base / name), detail=reason(error)) from None
    return Sources(base, tuple(files))


def _turtle(base: Path, folder: str) -> Iterator[str]:
    """The Turtle files in a folder below a root and in the folders inside, by their paths from the root."""
    with contextlib.suppress(OSError), os.scandir(base / folder) as found:
        for one in found:
            name = f"{folder}/{one.name}"
            if name.endswith(".ttl"):
                yield name
            elif one.is_dir(follow_symlinks=False):
                yield from _turtle(base, name)


def _parts(name: str) -> list[str]:
    return name.split("/")


def read_file(path: Path, root: Path) -> Source:
    """A file as a part of a graph: in its own place when it lies below the root, else beside all others.

    Raises RrmError E305 when it cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RrmError("E305", where=str(path), detail=reason(error)) from None
    return Source(path_of(path, root), data)


def path_of(path: Path, root: Path) -> str:
    """The name of a file as a part of a graph: its own place when it lies below the root, else what it was called."""
    resolved, base = path.resolve(), root.resolve()
    if any(resolved.is_relative_to(base / folder) for folder in ("data", "ontology")):
        return resolved.relative_to(base).as_posix()
    name = path.as_posix()
    return f"./{name}" if name.startswith(("data/", "ontology/")) else name


def content_hash(sources: Iterable[Source]) -> str:
    """A SHA-256 over the paths and bytes of files, in hexadecimal. Equal content, equal hash."""
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.path.encode())
        digest.update(source.digest)
    return digest.hexdigest()


@uncollected()
def load(sources: Iterable[Source]) -> list[ox.Quad]:
    """The triples of the files, each once in the named graph of its file, in the order in which they were written.

    Raises RrmError as parse.triples does.
    """
    quads: list[ox.Quad] = []
    for source in sources:
        graph = ox.NamedNode(source.graph)
        triples = dict.fromkeys(parse.triples(source.data, source.path))
        quads.extend(ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples)
    return quads


def to_rdflib_dataset(dataset: Iterable[ox.Quad]) -> rdflib.Dataset:
    """The same quads as an rdflib Dataset, for the engines and readers that want one."""
    safety.lock_rdflib()
    import rdflib

    copy = rdflib.Dataset(default_union=True)
    for quad in dataset:
        if isinstance(quad.graph_name, ox.DefaultGraph):
            target = copy.default_graph
        else:
            target = copy.graph(rdflib.URIRef(quad.graph_name.value))
        target.add(_rdflib_triple(quad))
    return copy


def to_rdflib_graph(dataset: Iterable[ox.Quad | ox.Triple]) -> rdflib.Graph:
    """The triples of all named graphs together as one rdflib Graph."""
    safety.lock_rdflib()
    import rdflib

    union = rdflib.Graph()
    for quad in dataset:
        union.add(_rdflib_triple(quad))
    return union


def _rdflib_triple(quad: ox.Quad | ox.Triple) -> tuple[rdflib.term.Node, rdflib.term.Node, rdflib.term.Node]:
    return parse.to_rdflib(quad.subject), parse.to_rdflib(quad.predicate), parse.to_rdflib(quad.object)
