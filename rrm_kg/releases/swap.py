"""A folder of releases: each is there whole or not at all, never changes, and ``current`` points to one of them.

A release is built aside, brought to the disk, renamed, and only then pointed to. Whoever reads resolves the pointer
once (``pinned``) and keeps to what it found, since the pointer may move from then on.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rrm_kg.errors import RrmError, reason

CURRENT: Final = "current"
RELEASES: Final = "releases"
_WHOLE: Final = ("MANIFEST.json", "SHA256SUMS")
_ASIDE: Final = ".tmp-"
_LOCK: Final = ".lock"
# A journal takes many fsyncs that come together as one: on ext4 those of 20,000 files cost 2 s in eight threads and
# 58 s in one. os.sync costs as much, waits for the files of everybody else, and tells of no error.
_THREADS: Final = 8


def pinned(folder: Path) -> Path:
    """The release that a folder points to, or that it is, as a path that no later publication changes.

    Raises RrmError E386 where there is none.
    """
    pointer = folder / CURRENT
    place = pointer.resolve() if pointer.is_symlink() else folder.resolve()
    if any((place / name).is_file() for name in _WHOLE):
        return place
    raise RrmError("E386", where=str(folder))


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keeps others from publishing into a folder, which is made if need be, and clears what killed builds left.

    The system lets go of the lock when the process ends, however it ends: it is one that no fork has a part in (flock
    would be shared with forks, and held by one that has just begun when its publisher is killed). Raises RrmError E370
    when somebody holds it, E313 when the folder cannot be written.
    """
    with _writing(folder):
        (folder / RELEASES).mkdir(parents=True, exist_ok=True)
        found = folder.stat()
    # A process can lock again what it has locked, and would lose the lock by closing the file: so it keeps count.
    place, mine = (os.getpid(), found.st_dev, found.st_ino), object()
    if _held.setdefault(place, mine) is not mine:
        raise RrmError("E370", where=str(folder))
    try:
        with _writing(folder):
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            try:
                fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):  # POSIX leaves the choice of the error to the system
                raise RrmError("E370", where=str(folder)) from None
            with _writing(folder):
                for left in (folder / RELEASES).glob(f"{_ASIDE}*"):
                    if left.is_dir() and not left.is_symlink():
                        shutil.rmtree(left)
                    else:
                        left.unlink()
            yield
        finally:
            os.close(lock)
    finally:
        del _held[place]


_held: Final[dict[tuple[int, int, int], object]] = {}  # process, device and number of each locked folder


def put(folder: Path, name: str, fill: Callable[[Path], None]) -> bool:
    """Whether a release was put into a locked folder; one that is there already is left as it is.

    ``fill`` writes the files into the folder that it is given. Raises RrmError E313 when the disk does not take them.
    """
    place = folder / RELEASES / name
    if place.is_dir():
        return False
    aside = _aside(folder, name)
    try:
        with _writing(aside):
            aside.mkdir()
        fill(aside)
        with _writing(aside):
            _sync_all(aside)
            aside.rename(place)
            _sync(place.parent)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return True


def point(folder: Path, pointer: str, name: str) -> bool:
    """Whether a pointer of a locked folder, such as ``current``, was moved to a release. Raises RrmError E313."""
    place = folder / pointer
    target = os.path.relpath(folder / RELEASES / name, place.parent)
    with _writing(place):
        if place.is_symlink() and str(place.readlink()) == target:
            return False
        place.parent.mkdir(exist_ok=True)
        aside = _aside(folder, place.name)
        aside.symlink_to(target)
        aside.replace(place)
        _sync(place.parent)
    return True


def write(folder: Path, path: str, data: bytes) -> None:
    """Write a file below a locked folder so that a reader finds the old one or the new one. Raises RrmError E313."""
    place = folder / path
    with _writing(place):
        aside = _aside(folder, place.name)
        aside.write_bytes(data)
        _sync(aside)
        aside.replace(place)
        _sync(place.parent)


def add(path: Path, data: bytes) -> None:
    """Write a new file, folders included. Raises RrmError E313, E405 when it is there already."""
    with _writing(path):
        try:
            file = path.open("xb")
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("xb")
        except FileExistsError:
            raise RrmError("E405", where=str(path), detail=path.name) from None
        with file:
            file.write(data)


def _aside(folder: Path, name: str) -> Path:
    return folder / RELEASES / f"{_ASIDE}{name}-{os.getpid()}"


def _sync_all(folder: Path) -> None:
    """Bring all files and folders below a folder to the disk."""
    found = [Path(place) / name for place, _, names in os.walk(folder) for name in names]
    found += [Path(place) for place, _, _ in os.walk(folder)]
    with ThreadPoolExecutor(_THREADS) as threads:
        for _ in threads.map(_sync, found):
            pass


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RrmError("E313", where=str(error.filename or path), detail=reason(error)) from None
