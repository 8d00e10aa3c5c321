"""Closures and verdicts kept by the hash of everything they rest on, in a folder that can be seen and deleted."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg import engines
from rrm_kg import graph as graphs
from rrm_kg.errors import RrmError, reason

VARIABLE: Final = "RRM_KG_CACHE"
_KEPT: Final = 8
_STORE: Final = "store"


def folder() -> Path:
    """The cache folder: $RRM_KG_CACHE, else rrm-kg in the user's cache folder."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return Path(chosen)
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "rrm-kg"


def key(sources: graphs.Sources, gate: str = "compiled") -> str:
    """A hash of the choice of gate, the files, the rules and checks, the versions and this package's own code."""
    digest = hashlib.sha256(f"{gate} {graphs.content_hash(sources.files)}".encode())
    parts = [
        *(sources.root / "ontology" / "rules").glob("*.rq"),
        *(sources.root / "queries" / "checks").glob("*.rq"),
    ]
    for path in sorted(parts):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    digest.update(code().encode())
    return digest.hexdigest()[:32]


@cache
def code(*names: str) -> str:
    """A hash of this package's own code as it was first read, or some of its files, and the versions of its engines."""
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    for path in [folder / name for name in names] or sorted(folder.rglob("*.py")):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    for engine, version in engines.versions().items():
        digest.update(f"{engine} {version}".encode())
    return digest.hexdigest()[:32]


def read(place: Path, name: str) -> tuple[ox.Store, dict[str, Any]] | None:
    """The kept quads, as a store on disk that can only be read, and the verdict behind a key; None if none is whole."""
    report = read_report(place, name)
    if report is None:
        return None
    try:
        return ox.Store.read_only(str(place / name / _STORE)), report
    except (OSError, RuntimeError):  # the second for files that are there and broken
        return None


def read_report(place: Path, name: str) -> dict[str, Any] | None:
    """The kept verdict behind a key, or None; an entry that is not whole counts as none."""
    try:
        found: dict[str, Any] = json.loads((place / name / "report.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if (place / name / _STORE / "CURRENT").is_file() else None


def prepare(place: Path) -> None:
    """Make the cache folder. Raises RrmError E308 when it cannot be written."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=place).close()
    except OSError as error:
        raise RrmError("E308", where=str(place), detail=reason(error)) from None


def entry(place: Path, name: str) -> Path | None:
    """The folder of what is kept behind a key, for what follows from it; None if nothing is."""
    whole = (place / name / "report.json").is_file() and (place / name / _STORE / "CURRENT").is_file()
    return place / name if whole else None


def write(place: Path, name: str, quads: Iterable[ox.Quad], verdict: dict[str, Any]) -> None:
    """Keep quads and verdict under a key: written aside, then renamed, so that no half entry is ever seen.

    Keeps the newest entries only. Raises RrmError E308 when the folder cannot be written.
    """
    prepare(place)
    aside = Path(tempfile.mkdtemp(prefix=".new-", dir=place))
    try:
        store = ox.Store(str(aside / _STORE))
        store.bulk_extend(quads)
        store.flush()
        del store  # lets go of the files
        (aside / "report.json").write_text(json.dumps(verdict, ensure_ascii=False, indent=1), encoding="utf-8")
        (place / "README").write_text(
            "Closures and verdicts of rrm-kg, kept by content hash. Deleting this folder is always safe.\n"
        )
        if (place / name).exists():
            shutil.rmtree(place / name, ignore_errors=True)
        aside.rename(place / name)
    except OSError as error:
        if (place / name / "report.json").is_file():
            return  # another process kept the same entry first
        raise RrmError("E308", where=str(place), detail=reason(error)) from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    entries = sorted((p for p in place.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in entries[_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def write_file(path: Path, content: str) -> None:
    """Keep a text, written aside and then renamed; where that cannot be done, nothing is kept."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as aside:
            aside.write(content)
        Path(aside.name).replace(path)
    except OSError:
        return
