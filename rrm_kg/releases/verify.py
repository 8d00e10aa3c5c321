"""Whether a release is what was published: its sums, its manifest, its dataset and its signature. Without a network."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rrm_kg import worker
from rrm_kg.errors import RrmError
from rrm_kg.releases import manifest, signing
from rrm_kg.releases.difference import quads
from rrm_kg.releases.manifest import APART, MANIFEST, QUADS, SIGNATURE, SUMS
from rrm_kg.releases.signing import Signature, State
from rrm_kg.releases.swap import RELEASES, pinned

_SECONDS: Final = 600  # for the canonical form, which may take any time where blank nodes look alike
_MEMORY: Final = 4096  # megabytes
_SIGNATURE: Final = {
    State.NONE: "flaw-signature-none",
    State.BAD: "flaw-signature-bad",
    State.UNKNOWN: "flaw-signature-unknown",
}


@dataclass(frozen=True)
class Flaw:
    """Something that is not as it was published: ``kind`` is a key of the messages."""

    kind: str
    path: str
    detail: str = ""


@dataclass(frozen=True)
class Verification:
    """A release, the hash of its dataset as it is now, the state of its signature, and every flaw in order."""

    name: str
    files: int
    dataset: str | None
    signature: Signature
    flaws: tuple[Flaw, ...]


def verify(folder: Path, signers: Path | None = None) -> Verification:
    """What is to be said of a release, or of the current one of a folder.

    With a list of signers, one of them must have signed. Raises RrmError E386 where there is no release, E305 when the
    list cannot be read, E371 when there is a signature and no OpenSSH to check it.
    """
    place = pinned(folder)
    flaws: list[Flaw] = []
    said = _manifest(place, flaws)
    listed = _listed(place, flaws)
    flaws += _files(place, listed)
    dataset = _dataset(place, said, flaws)
    flaws += _claims(place, said, listed)
    try:
        data = (place / MANIFEST).read_bytes()
    except OSError:
        data = b""
    signature = signing.check(data, place / SIGNATURE, signers)
    if signature.state is State.BAD or (signers is not None and signature.state is not State.GOOD):
        flaws.append(Flaw(_SIGNATURE[signature.state], SIGNATURE, signature.key))
    return Verification(
        said.get("name", place.name), len(listed.keys() - {MANIFEST}), dataset, signature, tuple(dict.fromkeys(flaws))
    )


def _manifest(place: Path, flaws: list[Flaw]) -> dict[str, Any]:
    try:
        return manifest.read((place / MANIFEST).read_bytes())
    except OSError:
        flaws.append(Flaw("flaw-missing", MANIFEST))
    except RrmError as error:
        flaws.append(Flaw("flaw-unreadable", MANIFEST, str(error.values["detail"])))
    return {}


def _listed(place: Path, flaws: list[Flaw]) -> dict[str, str]:
    try:
        return manifest.read_sums((place / SUMS).read_bytes())
    except OSError:
        flaws.append(Flaw("flaw-missing", SUMS))
    except RrmError as error:
        flaws.append(Flaw("flaw-unreadable", SUMS, str(error.values["detail"])))
    return {}


def _files(place: Path, listed: Mapping[str, str]) -> Iterator[Flaw]:
    """The files that are missing or changed, those that are not listed, and whatever is no file."""
    present = set()
    for folder, folders, names in os.walk(place):
        here = Path(folder)
        for name in (*folders, *names):
            path = here / name
            short = path.relative_to(place).as_posix()
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                yield Flaw("flaw-no-file", short)
            elif path.is_file():
                present.add(short)
    for path_, sum_ in sorted(listed.items()):
        if path_ not in present:
            yield Flaw("flaw-missing", path_)
        elif _sum(place / path_) != sum_:
            yield Flaw("flaw-changed", path_)
    if listed:
        yield from (Flaw("flaw-extra", path_) for path_ in sorted(present - listed.keys() - APART))


def _sum(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _claims(place: Path, said: Mapping[str, Any], listed: Mapping[str, str]) -> Iterator[Flaw]:
    """What the manifest says that does not hold."""
    if not said or not listed:
        return
    files = [path for path in listed if path != MANIFEST]
    present = [place / path for path in files if (place / path).is_file()]
    holds = {
        "name": said["name"] == manifest.name(said["version"], said["inputs"])
        and (place.parent.name != RELEASES or place.name == said["name"]),
        "sums": said["sums"] == manifest.digest(listed),
        "files": said["files"] == len(files),
        "bytes": said["bytes"] == sum(path.stat().st_size for path in present),
        "base": said["base"] == said["inputs"].get("base"),
        "contact": said.get("contact") == said["inputs"].get("contact"),
        "dumps": said.get("dumps") == manifest.dumps(listed),
    }
    yield from (Flaw("flaw-manifest", MANIFEST, claim) for claim, true in holds.items() if not true)


def _dataset(place: Path, said: Mapping[str, Any], flaws: list[Flaw]) -> str | None:
    """The hash of the dataset that is there, computed in a process that can be ended."""
    wanted = said.get("dataset")
    if not (place / QUADS).is_file():
        if wanted is not None:
            flaws.append(Flaw("flaw-missing", QUADS))
        return None
    found = next(worker.each(hash_dump, [place / QUADS], seconds=_SECONDS, memory=_MEMORY))
    if isinstance(found, RrmError):
        flaws.append(Flaw("flaw-unreadable", QUADS, found.message()))
        return None
    if said and found != wanted:
        flaws.append(Flaw("flaw-dataset", QUADS, found))
    return found


def hash_dump(path: Path) -> str:
    """The RDFC-1.0 hash of a file with N-Quads. Raises RrmError E372 for a file that is none."""
    from rrm_kg.releases import canonical

    return canonical.digest(quads(path))
