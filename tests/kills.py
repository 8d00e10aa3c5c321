"""Publications that are killed: whatever the moment, the folder shows the old release or the new one, whole.

``python tests/kills.py --kills 300`` kills from outside at random moments; ``--points`` has the process kill itself
before every single call that opens, makes, renames, links or removes something. Only a process is killed: what the disk
keeps when the power fails is for a test with a block device.
"""

from __future__ import annotations

import argparse
import json
import os
import random
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

from rrm_kg import manifest, release, swap, verify
from rrm_kg.publish import crew
from rrm_kg.publish.site import File
from rrm_kg.signing import State
from rrm_kg.terms import BASE

_EVENTS: Final = frozenset(("open", "os.mkdir", "os.rename", "os.symlink", "os.remove", "os.rmdir", "fcntl.flock"))


def about(number: int) -> dict[str, Any]:
    """What a release says of itself."""
    inputs = {"base": BASE, "number": number}
    version = f"0.{number}.0"
    return {"name": manifest.name(version, inputs), "version": version, "base": BASE, "inputs": inputs}


def files(number: int, count: int) -> Iterator[File]:
    """The files of a release, each with its number in it."""
    return (File(f"part-{one % 7}/{one}.txt", f"{number} {one}\n".encode() * 50) for one in range(count))


def publish(folder: Path, number: int, count: int, kill_at: int | None = None) -> int:
    """Publish in a process of its own, which kills itself before an event where one is given; its id."""
    pid = os.fork()
    if pid:
        return pid
    seen = 0

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        if event in _EVENTS:
            seen += 1
            if seen == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    try:
        if kill_at is not None:
            sys.addaudithook(watch)
        # In forks of its own, as a real one has them, where the kill comes from outside.
        whole = list(files(number, count))
        halves = [partial(iter, whole[::2]), partial(iter, whole[1::2])]
        release.issue(folder, about(number), whole if kill_at else crew.made(halves, jobs=2))
    except BaseException as error:
        os.write(2, f"{error!r}\n".encode())
        os._exit(1)
    os._exit(0)


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


def ended(pid: int) -> bool:
    """Whether a process ended by being killed. Raises RuntimeError when it failed by itself."""
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status > 0:
        raise RuntimeError("a publication failed by itself")
    return status == -signal.SIGKILL


def step(folder: Path, number: int, count: int, pid: int, seen: Counter[str]) -> bool:
    """Judge a publication that is over, publish again as a person would, and judge that; whether it was killed."""
    killed = ended(pid)
    wrong = faults(folder, number - 1, number)
    seen["killed"] += killed
    seen["showed the new release"] += killed and swap.pinned(folder).name == about(number)["name"]
    seen["left something behind"] += any((folder / "releases").glob(".*"))
    ended(publish(folder, number, count))
    wrong += faults(folder, number, number)
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
        began = time.monotonic()
        ended(publish(folder, 0, 60))
        took = time.monotonic() - began
        number = 1
        while seen["killed"] < given.kills:
            pid = publish(folder, number, 60)
            time.sleep(chance.uniform(0, 1.2 * took))
            os.kill(pid, signal.SIGKILL)
            step(folder, number, 60, pid, seen)
            number += 1
        point = 1
        while given.points and step(folder, number, 3, publish(folder, number, 3, point), seen):
            point += 1
            number += 1
    told = ", ".join(f"{count} {what}" for what, count in seen.items())
    sys.stdout.write(f"seed {seed}: {told}\n")
    return 1 if seen["damaged"] else 0


if __name__ == "__main__":
    sys.exit(main())
