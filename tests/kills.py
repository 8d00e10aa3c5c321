"""Publications that are killed: whatever the moment, the folder shows the old release or the new one, whole.

``python tests/kills.py --kills 300`` kills from outside at random moments, every other time after the last file is
made: while things are brought to the disk, renamed and pointed to. ``--points`` has the process kill itself before
every single call that opens, makes, renames, links or removes something. The next publication begins at once, and no
fork of the killed one may write into the folder or live on. Only a process is killed: what the disk keeps when the
power fails is for a test with a block device.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import select
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

from rrm_kg.publish import crew
from rrm_kg.publish.site import File
from rrm_kg.releases import manifest, release, swap, verify
from rrm_kg.releases.signing import State
from rrm_kg.terms import BASE

_EVENTS: Final = frozenset(("open", "os.mkdir", "os.rename", "os.symlink", "os.remove", "os.rmdir", "fcntl.lockf"))


def about(number: int) -> dict[str, Any]:
    """What a release says of itself."""
    inputs = {"base": BASE, "number": number}
    version = f"0.{number}.0"
    return {"name": manifest.name(version, inputs), "version": version, "base": BASE, "inputs": inputs}


def files(number: int, count: int) -> Iterator[File]:
    """The files of a release, each with its number in it."""
    return (File(f"part-{one % 7}/{one}.txt", f"{number} {one}\n".encode() * 50) for one in range(count))


class Publication:
    """A publication in a process of its own, which kills itself before an event where one is given."""

    def __init__(self, folder: Path, number: int, count: int, kill_at: int | None = None) -> None:
        self.heard, said = os.pipe()
        self.told = b""
        self.pid = os.fork()
        if self.pid == 0:
            try:
                _publish(folder, number, count, kill_at, said)
            except BaseException as error:
                os.write(2, f"{error!r}\n".encode())
                os._exit(1)
            os._exit(0)
        os.close(said)

    def filled(self) -> None:
        """Wait until all files are made."""
        while b"f" not in self.told and (data := os.read(self.heard, 1)):
            self.told += data

    def ended(self) -> bool:
        """Whether the process ended by being killed. Raises RuntimeError when it failed by itself."""
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        if status > 0:
            raise RuntimeError("a publication failed by itself")
        return status == -signal.SIGKILL

    def left(self) -> Iterator[str]:
        """What its forks did that they must not, once it has ended. They hold the pipe as long as they live."""
        while select.select([self.heard], [], [], 20)[0]:
            if not (data := os.read(self.heard, 100)):
                break
            self.told += data
        else:
            yield "a fork lives on"
        os.close(self.heard)
        if b"w" in self.told:
            yield "a fork wrote into the folder"


def _publish(folder: Path, number: int, count: int, kill_at: int | None, said: int) -> None:
    ours, seen = os.getpid(), 0

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        if event not in _EVENTS:
            return
        if os.getpid() != ours:
            if any(str(folder) in str(argument) for argument in arguments):
                os.write(said, b"w")
            return
        seen += 1
        if seen == kill_at:
            os.kill(ours, signal.SIGKILL)

    def made() -> Iterator[File]:
        # In forks of its own, as a real one has them, where the kill comes from outside.
        whole = list(files(number, count))
        halves = [partial(iter, whole[::2]), partial(iter, whole[1::2])]
        yield from whole if kill_at else crew.made(halves, jobs=2)
        os.write(said, b"f")

    sys.addaudithook(watch)
    release.issue(folder, about(number), made())


def faults(folder: Path, old: int, new: int) -> list[str]:
    """What is wrong with a folder in which the publication of a new release was ended."""
    allowed = {about(old)["name"], about(new)["name"]}
    found = []
    if swap.pinned(folder).name not in allowed:
        found.append(f"current is {swap.pinned(folder).name}")
    for place in (folder / "releases").glob("[!.]*"):
        seen = verify.verify(place)
        if seen.flaws or seen.signature.state is not State.NONE:
            found.append(f"{place.name}: {seen.flaws}")
    for pointer in (folder / "versions").iterdir():
        if not (pointer.resolve() / manifest.MANIFEST).is_file():
            found.append(f"{pointer.name} leads nowhere")
    listed = [entry["name"] for entry in json.loads((folder / release.HISTORY).read_bytes())]
    if len(set(listed)) != len(listed) or about(old)["name"] not in listed:
        found.append(f"the list is {listed}")
    return found


def step(folder: Path, number: int, count: int, first: Publication, seen: Counter[str]) -> bool:
    """Judge a publication that is over, publish again as a person would, and judge that; whether it was killed."""
    killed = first.ended()
    wrong = faults(folder, number - 1, number)
    seen["killed"] += killed
    seen["showed the new release"] += killed and swap.pinned(folder).name == about(number)["name"]
    seen["left something behind"] += any((folder / "releases").glob(".*"))
    again = Publication(folder, number, count)
    again.ended()
    wrong += faults(folder, number, number)
    wrong += [*first.left(), *again.left()]
    if any((folder / "releases").glob(".*")):
        wrong.append("something is left behind")
    for fault in wrong:
        sys.stdout.write(f"release {number}: {fault}\n")
    seen["damaged"] += bool(wrong)
    shutil.rmtree(folder / "releases" / about(number - 1)["name"])  # keeps a long run quick
    (folder / "versions" / about(number - 1)["version"]).unlink()
    return killed


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kills", type=int, default=300)
    arguments.add_argument("--points", action="store_true")
    arguments.add_argument("--seed", type=int, default=None)
    given = arguments.parse_args()
    seed = given.seed if given.seed is not None else random.randrange(10**6)
    chance = random.Random(seed)
    seen: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        whole = rest = 0.0
        for number in range(3):  # the first one is slower than those that follow
            began = time.monotonic()
            quiet = Publication(folder, number, 60)
            quiet.filled()
            filled = time.monotonic()
            quiet.ended()
            whole, rest = time.monotonic() - began, time.monotonic() - filled
            if wrong := [*quiet.left()]:
                raise RuntimeError(wrong)
        number = 3
        while seen["killed"] < given.kills:
            doomed = Publication(folder, number, 60)
            if late := number % 2 == 0:
                doomed.filled()
            time.sleep(chance.uniform(0, 1.2 * (rest if late else whole)))
            os.kill(doomed.pid, signal.SIGKILL)
            seen["killed after the last file"] += step(folder, number, 60, doomed, seen) and late
            number += 1
        point = 1
        while given.points and step(folder, number, 3, Publication(folder, number, 3, point), seen):
            point += 1
            number += 1
    told = ", ".join(f"{count} {what}" for what, count in seen.items())
    sys.stdout.write(f"seed {seed}: {told}\n")
    return 1 if seen["damaged"] else 0


if __name__ == "__main__":
    sys.exit(main())
