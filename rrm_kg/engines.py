"""The versions of the engines that the graph rests on."""

from __future__ import annotations

import contextlib
import os
import sys
from functools import cache
from typing import Final

ENGINES: Final = ("rdflib", "pyshacl", "owlrl", "pyoxigraph")
_ENDING: Final = ".dist-info"


@cache
def versions() -> dict[str, str]:
    """The version of each engine by its name, as it is installed.

    They are read from the names of the folders that pip leaves: what reads these folders takes longer to load.
    """
    found: dict[str, str] = {}
    for folder in sys.path:
        with contextlib.suppress(OSError):
            for name in sorted(os.listdir(folder or ".")):  # noqa: PTH208 (names are enough)
                engine, _, rest = name.partition("-")
                if rest.endswith(_ENDING) and engine.lower() in ENGINES:
                    found.setdefault(engine.lower(), rest.removesuffix(_ENDING))
    if len(found) < len(ENGINES):
        from importlib.metadata import version

        return {engine: version(engine) for engine in ENGINES}
    return {engine: found[engine] for engine in ENGINES}
