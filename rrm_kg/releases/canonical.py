"""The hash of a dataset that does not depend on how it was written: RDFC-1.0, then SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import pyoxigraph as ox


def lines(quads: Iterable[ox.Quad]) -> bytes:
    """The canonical form of a dataset (RDFC-1.0): its N-Quads in the order of their code points, each once.

    With many blank nodes that look alike this may not end in any time: read data of others in a worker.
    """
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    written = ox.serialize(dataset, format=ox.RdfFormat.N_QUADS) or b""
    return b"".join(line + b"\n" for line in sorted(written.split(b"\n")[:-1]))


def digest(quads: Iterable[ox.Quad]) -> str:
    """The SHA-256 of the canonical form of a dataset, in hexadecimal."""
    return hashlib.sha256(lines(quads)).hexdigest()
