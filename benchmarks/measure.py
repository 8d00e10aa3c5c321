"""One work of one engine, in a process of its own, so that its memory is its own.

``python -m benchmarks.measure FOLDER WORK ENGINE`` prints the figures as lines of JSON; the lines of the result go
into a file, so that results are compared before times are. Questions named after these are not asked.
"""

from __future__ import annotations

import gc
import resource
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.peers import PEERS
from benchmarks.prepare import Folder
from benchmarks.works import ENOUGH, OURS, TIMES, answered, say


def _resident() -> int:
    """Bytes in memory now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def measure(folder: Folder, work: str, engine: str) -> None:
    """Make ready, run and tell; a work that this version or machine lacks is told by its reason."""
    known = OURS if engine == "ours" else PEERS[engine]
    try:
        ready = known[work](folder)
    except (ImportError, LookupError) as error:
        return say(missing=str(error))
    gc.collect()
    before = _resident()
    say(ready=True)
    wall: list[float] = []
    cpu: list[float] = []
    result: Any = None
    grown = 0
    while not wall or (ready.again and len(wall) < TIMES and sum(wall) < ENOUGH) or (ready.warm and len(wall) < 3):
        del result
        start, used = time.perf_counter(), time.process_time()
        result = ready.run()
        wall.append(time.perf_counter() - start)
        cpu.append(time.process_time() - used)
        if ready.back is not None:
            ready.back()
        if len(wall) == 1:
            gc.collect()
            grown = _resident() - before
    say(
        wall=statistics.median(wall[1:] if ready.warm else wall),
        cpu=statistics.median(cpu[1:] if ready.warm else cpu),
        cold=wall[0],
        runs=len(wall),
        peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        bytes=grown / ready.triples if ready.triples else None,
    )
    lines = sorted(ready.lines(result))
    folder.file(f"result {work} {engine}.txt").write_text("\n".join(lines), encoding="utf-8")
    return say(results=len(lines))


if __name__ == "__main__":
    answered.update(sys.argv[4:])
    measure(Folder(Path(sys.argv[1])), sys.argv[2], sys.argv[3])
