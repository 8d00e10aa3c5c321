"""Synthetic cases along the mechanisms' own steps: same seed, same bytes.

A case takes its outline (steps, roles, number of records, documents) from a recorded case drawn by chance; names,
days, texts and links are made up. Cases are written one at a time, so that a folder can hold any number of them.
"""

from __future__ import annotations

import argparse
import math
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks import build, defects, world
from benchmarks.case import Case, triples, turtle
from rrm_kg import graph as graphs


def cases(known: world.World, seed: int, total: int) -> Iterator[Case]:
    """The cases in turn."""
    return (build.case(known, seed, index, total) for index in range(total))


def write(folder: Path, total: int, seed: int = 1, defective: int = 0) -> Counter[str]:
    """Fill a folder with a root of so many cases; gives the number of things of each class, triples and bytes.

    ``defective`` cases get a known defect each; what every engine must find is kept in defects.json.
    """
    known = world.read(build.KEPT)
    origin = graphs.default_root()
    for part in ("ontology", "queries"):
        shutil.copytree(origin / part, folder / part, dirs_exist_ok=True)
    (folder / "data" / "cases").mkdir(parents=True)
    for path, data in world.shared(known):
        (folder / path).write_bytes(data)
    for block in range(math.ceil(total / build.BLOCK)):
        path = f"data/parties-{block:03}.ttl"
        text = turtle(
            build.parties(block, min(build.BLOCK, total - block * build.BLOCK)),
            path,
            f"Synthetic parties {block}",
            f"Partes sintéticas {block}",
        )
        (folder / path).write_text(text, encoding="utf-8")
    plan = defects.Plan(defective, total)
    count: Counter[str] = Counter()
    for one in cases(known, seed, total):
        plan.spoil(one)
        data = one.turtle.encode()
        (folder / one.path).write_bytes(data)
        count.update(thing["a"][0] for thing in one.things.values())
        count.update(triples=triples(one.things), bytes=len(data))
    (folder / "defects.json").write_text(plan.expected_json(), encoding="utf-8")
    return count


def main() -> None:
    """Write the cases asked for and print what they consist of."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cases", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--defects", type=int, default=0)
    arguments = parser.parse_args()
    count = write(arguments.folder, arguments.cases, arguments.seed, arguments.defects)
    sys.stdout.write(f"seed {arguments.seed}, {arguments.cases} cases, {arguments.defects} defects\n")
    for name, number in sorted(count.items()):
        sys.stdout.write(f"{name}: {number:,} ({number / arguments.cases:.1f} a case)\n")


if __name__ == "__main__":
    main()
