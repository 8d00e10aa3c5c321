"""Files that were right and were damaged, through the parser and the gate: from a fixed seed, or for some minutes.

``python tests/fuzz.py --minutes 10`` goes on from a new seed and prints the first input that breaks something.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from rrm_kg import RrmError, graph, open_graph
from rrm_kg.submission import Resident
from rrm_kg.tabular import template

ROOT: Final = Path(__file__).parents[1]
SLOWEST: Final = 1.0  # seconds for one file
_WORDS: Final = [
    *(
        b"<",
        b">",
        b'"',
        b"'",
        b'"""',
        b"\\",
        b"\\u",
        b"\\uD800",
        b"\\U00110000",
        b"@",
        b"@en",
        b"@english",
        b"^^",
        b".",
    ),
    *(
        b";",
        b",",
        b"[",
        b"]",
        b"(",
        b")",
        b"{",
        b"}",
        b"_:",
        b"_:b",
        b"#",
        b":",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\n",
    ),
    *(b"a", b"true", b"1e999", b"-0", b"999999999999999999999", b"0x1", b"@prefix", b"@base <x> .", b"BASE", b"GRAPH"),
    *(b"owl:sameAs", b"rdfs:subClassOf", b"sh:deactivated true", b"rrm:Dispute", b"rrm:date", b"id:", b"<< ", b" >>"),
    *(
        b"<javascript:x>",
        b"<file:///etc/passwd>",
        b'"2023-02-30"^^xsd:date',
        b"$this",
        b"{?x}",
        b"\xe2\x80\xae",
        b"null",
    ),
]


def _example(format: ox.RdfFormat | None) -> bytes:
    """The start of a case, in a format."""
    text = (ROOT / "data" / "cases" / "atento.ttl").read_bytes()
    _, *blocks = text.split(b"\n\n")
    prefixes = b"\n".join(line for line in text.splitlines() if line.startswith(b"@prefix"))
    some = prefixes + b"\n\n" + b"\n\n".join(block for block in blocks[1:12] if not block.startswith(b"@prefix"))
    if format is None:
        return some
    return ox.serialize(ox.parse(some, format=ox.RdfFormat.TURTLE), format=format)


FORMATS: Final[dict[str, Callable[[], bytes]]] = {  # a line for each format: the ending, and an example that is right
    ".ttl": lambda: _example(None),
    ".nt": lambda: _example(ox.RdfFormat.N_TRIPLES),
    ".jsonld": lambda: _example(ox.RdfFormat.JSON_LD),
    ".csv": lambda: template.csv_files("atento", "es")["14-ProcedureEvent.csv"],
    ".xlsx": lambda: template.workbook("atento", "en"),
}


def damaged(data: bytes, chance: random.Random) -> bytes:
    """A few random changes: bytes flipped, pieces cut, doubled, moved and replaced."""
    if chance.random() < 0.7:  # a short piece breaks in more ways
        pieces = data.split(b"\n\n")
        data = b"\n\n".join([pieces[0], *chance.sample(pieces[1:], min(len(pieces) - 1, chance.randint(0, 3)))])
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        start = chance.randrange(len(data) + 1)
        end = min(len(data), start + chance.choice((0, 1, 1, 2, 5, 40, 400)))
        data = data[:start] + _instead(data[start:end], data, chance) + data[end:]
    return data


def _instead(piece: bytes, data: bytes, chance: random.Random) -> bytes:
    """What comes in the place of a piece of a file."""
    other = chance.randrange(len(data) + 1)
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: b"",
        lambda: piece * 2,
        lambda: piece[::-1],
        lambda: chance.choice(_WORDS),
        lambda: chance.choice(_WORDS) * chance.choice((2, 20, 200)),
        lambda: chance.randbytes(len(piece)),
        lambda: data[other : other + 30],
        lambda: bytes([byte ^ (1 << chance.randrange(8)) for byte in piece]),
    )
    return chance.choice(ways)()


@dataclass
class Tally:
    """What came of the files: how many of each kind, the slowest, and those that broke something."""

    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    broken: list[tuple[str, bytes, str]] = field(default_factory=list)

    @property
    def cases(self) -> int:
        return sum(self.outcomes.values())


def inputs(chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Damaged files of all formats in turn, without end."""
    examples = {ending: make() for ending, make in FORMATS.items()}
    while True:
        for ending, data in examples.items():
            yield f"fuzz{ending}", damaged(data, chance)


def run(resident: Resident, seed: int, *, cases: int | None = None, seconds: float) -> Tally:
    """Check damaged files until their number is reached or the time is over."""
    tally = Tally()
    end = time.monotonic() + seconds
    for number, (name, data) in enumerate(inputs(random.Random(seed))):
        if number == cases or time.monotonic() > end:
            break
        outcome = _outcome(resident, name, data, tally)
        tally.outcomes[f"{name[4:]} {outcome}"] += 1
    return tally


def _outcome(resident: Resident, name: str, data: bytes, tally: Tally) -> str:
    for attempt in (1, 2):  # a slow file is given a second chance: what was slow may have been the machine
        start = time.process_time()
        try:
            verdict = resident.check([graph.Source(name, data)])
            outcome = "findings" if verdict.found else "fine"
        except RrmError as error:
            outcome = error.code
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            tally.broken.append((name, data, "".join(traceback.format_exception(error)[-3:])))
            return type(error).__name__
        spent = time.process_time() - start
        if spent <= SLOWEST:
            tally.slowest = max(tally.slowest, spent)
            return outcome
        if attempt == 2:
            tally.broken.append((name, data, f"{spent:.1f} seconds"))
            tally.slowest = max(tally.slowest, spent)
    return outcome


def main() -> int:
    """Fuzz for some minutes; 1 when something broke."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--minutes", type=float, default=10)
    arguments.add_argument("--seed", type=int, default=None)
    given = arguments.parse_args()
    seed = given.seed if given.seed is not None else time.time_ns() % 1_000_000
    tally = run(open_graph(ROOT).resident, seed, seconds=60 * given.minutes)
    out = sys.stdout.write
    out(f"seed {seed}: {tally.cases:,} files, {len(tally.broken)} broke something, slowest {tally.slowest:.2f} s\n")
    out("".join(f"  {outcome}: {count:,}\n" for outcome, count in sorted(tally.outcomes.items())))
    for name, data, why in tally.broken[:3]:
        out(f"\n{name}\n{data!r}\n{why}\n")
    return 1 if tally.broken else 0


if __name__ == "__main__":
    sys.exit(main())
