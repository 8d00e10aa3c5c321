"""The graph that a server answers from: that of the release it serves, below the base of that release.

A release may be older than the files of the checkout, or made for another address. Pages, SPARQL and answers must
still say the same: what is not the graph of the checkout is read from the release's own dump. Inside, IRIs begin with
terms.BASE as everywhere; the base of the release takes its place in what goes out, and gives it back in what comes in,
as in the files of the release.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyoxigraph as ox

from rrm_kg.errors import RrmError
from rrm_kg.pipeline import KnowledgeGraph
from rrm_kg.releases import manifest, release
from rrm_kg.terms import BASE


@dataclass(frozen=True)
class Held:
    """The graph of a release, and the address that its IRIs begin with outside."""

    graph: KnowledgeGraph
    base: str = BASE

    def inward(self, head: Mapping[str, Any], body: bytes) -> tuple[Mapping[str, Any], bytes]:
        """What a client asks, with the IRIs as they are inside."""
        return _moved(head, body, self.base, BASE)

    def outward(self, head: Mapping[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        """What a client is told, with the IRIs of the release."""
        return _moved(head, body, BASE, self.base)


def held(folder: Path, checkout: KnowledgeGraph) -> Held:
    """The graph of the release in a folder: that of the checkout where it was made from the same files, else its dump.

    A folder without a manifest of sources, or without a dump, has the graph of the checkout. Raises RrmError E372 for a
    dump that is not what the sums of the release say, or cannot be read.
    """
    try:
        said = json.loads((folder / manifest.MANIFEST).read_bytes())
        base, sources = said["base"], said["inputs"]["sources"]
    except (OSError, ValueError, KeyError):
        return Held(checkout)
    if sources == release.hash_of_sources(checkout.sources):
        return Held(checkout, base)
    return Held(replace(checkout, store=_dumped(folder, base)), base)


def _dumped(folder: Path, base: str) -> ox.Store:
    path = folder / manifest.QUADS
    store = ox.Store()
    try:
        packed = path.read_bytes()
        sums = manifest.read_sums((folder / manifest.SUMS).read_bytes())
        if hashlib.sha256(packed).hexdigest() != sums[manifest.QUADS]:
            raise RrmError("E372", where=str(path), detail="SHA-256")
        lines = gzip.decompress(packed).replace(base.encode(), BASE.encode())
        store.extend(ox.parse(lines, format=ox.RdfFormat.N_QUADS))
    except (OSError, EOFError, zlib.error, SyntaxError, KeyError) as error:
        raise RrmError("E372", where=str(path), detail=str(error)) from error
    return store


def _moved(head: Mapping[str, Any], body: bytes, old: str, new: str) -> tuple[dict[str, Any], bytes]:
    if old == new:
        return dict(head), body
    pairs = (old, new), (quote(old, ""), quote(new, ""))
    for one, other in pairs:
        body = body.replace(one.encode(), other.encode())
    return {name: _renamed(value, pairs) for name, value in head.items()}, body


def _renamed(value: Any, pairs: tuple[tuple[str, str], ...]) -> Any:
    if isinstance(value, str):
        for one, other in pairs:
            value = value.replace(one, other)
        return value
    if isinstance(value, dict):
        return {name: _renamed(inner, pairs) for name, inner in value.items()}
    return [_renamed(inner, pairs) for inner in value] if isinstance(value, list | tuple) else value
