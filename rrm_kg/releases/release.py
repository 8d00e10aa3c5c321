"""Releases of the graph: a folder of files that never changes, named by its content, and a pointer to the current one.

A release is a function of what it is made from, and its name is the hash of that: same files, code and base, same
name and same bytes. What came before it stands beside it, in ``releases.json``.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import platform
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

import pyoxigraph as ox

from rrm_kg import __version__, graph
from rrm_kg.errors import RrmError
from rrm_kg.findings import Severity
from rrm_kg.pipeline import KnowledgeGraph
from rrm_kg.publish import assets, crew, data
from rrm_kg.publish import contact as contacts
from rrm_kg.publish.dumps import pack
from rrm_kg.publish.parts import PARTS, Part
from rrm_kg.publish.site import File, Site
from rrm_kg.releases import canonical, manifest, signing, swap
from rrm_kg.releases.manifest import MANIFEST, QUADS, SIGNATURE, SUMS
from rrm_kg.releases.swap import CURRENT, RELEASES, pinned
from rrm_kg.terms import BASE, RDF_TYPE, RRM

__all__ = ["Published", "hash_of_sources", "issue", "pinned", "publish"]
HISTORY: Final = "releases.json"
_VERSIONS: Final = "versions"
_ENGINES: Final = ("jinja2", "owlrl", "pyoxigraph", "pyshacl", "rdflib")
_PACKAGE: Final = Path(__file__).parent.parent
_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9._~:\[\]-]+(?:/[A-Za-z0-9._~%@+=-]+)*/")
_TOLD: Final = 500  # files between two signs of life


@dataclass(frozen=True)
class Published:
    """What a publication did: the release, whether it was new, and whether the pointer moved to it."""

    folder: Path
    name: str
    new: bool
    moved: bool
    files: int
    bytes: int


def publish(
    knowledge: KnowledgeGraph,
    folder: Path,
    *,
    base: str = BASE,
    contact: str | None = None,
    key: Path | None = None,
    parts: Iterable[Part] = PARTS,
    say: Callable[[int], None] = lambda count: None,
) -> Published:
    """Make a release of a checked graph in a folder and let ``current`` point to it.

    A release that is there already is not made again. ``base`` takes the place of terms.BASE in every file, ``contact``
    is the mailto: or https: address that pages name for errors and files, ``key`` is the private key of a signature,
    ``say`` is told how many files are written. Raises RrmError E101 for a graph that did not pass the gate, E230 for a
    base that is no address of a folder, E231 for a contact that is no such address, E370 when another process publishes
    into the folder, E371 when there is no signature to be had, E313 when the disk does not take the files, E405 when
    two parts make the same file.
    """
    if not knowledge.checked or knowledge.report is None:
        raise RrmError("E101")
    if not _ADDRESS.fullmatch(base) or not urlsplit(base).hostname:
        raise RrmError("E230", given=base)
    reached = {} if contact is None else {"contact": contacts.checked(contact)}
    site = Site(knowledge, base, newest(knowledge.store), contact)
    inputs = {
        "assets": _assets(),
        "base": base,
        "code": _code(),
        **reached,
        "engines": {
            **{engine: version(engine) for engine in _ENGINES},
            "python": ".".join(platform.python_version_tuple()[:2]),
            "zlib": zlib.ZLIB_RUNTIME_VERSION,
        },
        "sources": hash_of_sources(knowledge.sources),
    }
    about = {
        "name": manifest.name(site.release, inputs),
        "version": site.release,
        "base": base,
        **reached,
        "asOf": str(knowledge.as_of),
        "software": f"rrm-kg {__version__}",
        "inputs": inputs,
        "quads": len(knowledge.store),
        "graphs": sum(1 for _ in knowledge.store.named_graphs()),
        "things": len(site.things),
        "gate": {
            "conforms": knowledge.report.conforms,
            **{severity.label: knowledge.report.count(severity) for severity in reversed(Severity)},
        },
    }
    return issue(folder, about, _files(site, tuple(parts)), key=key, say=say)


def _files(site: Site, parts: Sequence[Part]) -> Iterator[File]:
    """The files of a release below its base. What all parts look up is looked up first, once for all processes.

    The page that says how large the files are comes last.
    """
    site.index()
    listed = data.listed(site)
    made = {}
    for file in crew.made([partial(part, site) for part in parts]):
        rebased = _rebased(file, site.base)
        if file.path in listed:
            made[file.path] = data.measure(rebased)
        yield rebased
    yield from (_rebased(file, site.base) for file in data.page(site, made))


def issue(
    folder: Path,
    about: Mapping[str, Any],
    files: Iterable[File],
    *,
    key: Path | None = None,
    say: Callable[[int], None] = lambda count: None,
) -> Published:
    """Put a release of some files into a folder, and point to it; ``about`` has its ``name`` and ``version``.

    Files are only asked for when there is no release of the name. Raises RrmError as publish does.
    """
    name = about["name"]
    with swap.locked(folder):
        new = swap.put(folder, name, lambda aside: _fill(aside, about, files, key, say))
        if key is not None and not new:
            _sign_late(folder, name, key)
        _remember(folder, name, about["version"])
        swap.point(folder, f"{_VERSIONS}/{about['version']}", name)
        moved = swap.point(folder, CURRENT, name)
    told = manifest.read((folder / RELEASES / name / MANIFEST).read_bytes())
    return Published(folder, name, new, moved, told["files"], told["bytes"])


def newest(store: ox.Store) -> str:
    """The version of the data: that of the last release that they tell of, by its day, then by its numbers."""
    days = [
        (str(day.object), [int(number) for number in re.findall(r"\d+", version)], version)
        for quad in store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), ox.NamedNode(RRM + "Release"))
        if isinstance(quad.subject, ox.NamedNode)
        for version in [quad.subject.value.rsplit("/", 1)[-1]]
        for day in store.quads_for_pattern(quad.subject, ox.NamedNode(RRM + "date"), None)
    ]
    if not days:
        raise RrmError("E373")
    return max(days)[-1]


def _fill(
    aside: Path, about: Mapping[str, Any], files: Iterable[File], key: Path | None, say: Callable[[int], None]
) -> None:
    found: dict[str, str] = {}
    size = 0
    dataset = None
    for file in files:
        if not manifest.is_path(file.path) or file.path in (MANIFEST, *manifest.APART):
            raise RrmError("E405", where=file.path, detail=file.path)
        swap.add(aside / file.path, file.data)
        found[file.path] = hashlib.sha256(file.data).hexdigest()
        size += len(file.data)
        if file.path == QUADS:
            dataset = canonical.digest(ox.parse(gzip.decompress(file.data), format=ox.RdfFormat.N_QUADS))
        if len(found) % _TOLD == 0:
            say(len(found))
    counted = {"files": len(found), "bytes": size, "dumps": manifest.dumps(found), "dataset": dataset}
    said = manifest.write({**about, **counted}, found)
    swap.add(aside / MANIFEST, said)
    if key is not None:
        swap.add(aside / SIGNATURE, signing.sign(said, key))
    swap.add(aside / SUMS, manifest.sums(found | {MANIFEST: hashlib.sha256(said).hexdigest()}))


def _sign_late(folder: Path, name: str, key: Path) -> None:
    """Sign a release that is there and has no signature yet; no other file of it is touched."""
    place = folder / RELEASES / name
    if not (place / SIGNATURE).exists():
        signature = signing.sign((place / MANIFEST).read_bytes(), key)
        swap.write(folder, f"{RELEASES}/{name}/{SIGNATURE}", signature)


def _remember(folder: Path, name: str, version: str) -> None:
    """Note a release in the list beside the releases, with the one that was current before it."""
    path = folder / HISTORY
    listed = json.loads(path.read_bytes()) if path.is_file() else []
    if any(entry["name"] == name for entry in listed):
        return
    pointer = folder / CURRENT
    previous = pointer.resolve().name if pointer.is_symlink() else None
    listed.append({"name": name, "version": version, "previous": previous})
    swap.write(folder, HISTORY, (json.dumps(listed, indent=1) + "\n").encode())


def _rebased(file: File, base: str) -> File:
    """A file whose IRIs begin with another base, as they are and as a part of an address."""
    if base == BASE:
        return file
    packed = file.path.endswith(".gz")
    old = gzip.decompress(file.data) if packed else file.data
    new = old.replace(BASE.encode(), base.encode()).replace(quote(BASE, "").encode(), quote(base, "").encode())
    return file if new == old else File(file.path, pack(new) if packed else new)


def hash_of_sources(sources: graph.Sources) -> str:
    """The hash of the files of a graph, of the rules, queries and contexts beside them, and of their licence."""
    files = {file.path: file for file in sources.files}
    for folder in ("ontology", "queries"):
        for path in sorted((sources.root / folder).rglob("*")):
            place = path.relative_to(sources.root).as_posix()
            if path.is_file() and place not in files:
                files[place] = graph.Source(place, path.read_bytes())
    license_ = graph.default_root() / "LICENSE-DATA"
    files[license_.name] = graph.Source(license_.name, license_.read_bytes())
    return graph.content_hash(files[place] for place in sorted(files))


def _code() -> str:
    """The hash of this package: its modules, templates, words, styles and scripts."""
    return _hash(_PACKAGE, without=("__pycache__", "node_modules", "share"))


def _assets() -> str | None:
    """The hash of the npm packages that pages are built with; None where there are none."""
    found = assets.folder()
    return None if found is None else _hash(found)


def _hash(folder: Path, without: tuple[str, ...] = ()) -> str:
    """The hash of all files below a folder, but for those below folders of some names."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if path.is_file() and not set(without).intersection(place.parts):
            digest.update(f"{place.as_posix()}\n".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
