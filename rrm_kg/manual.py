"""Pages of help, kept as they were shown: what makes them takes several times as long to load as Python does.

A page is kept for a command, a language, a width and the state of the files that it is made from.
"""

from __future__ import annotations

import os
import sys

from rrm_kg import __version__
from rrm_kg.language import language

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 100
_ASKING = ("-h", "--help")
_LONGEST = 40


def name(words: Sequence[str]) -> str | None:
    """The name of the page that words of the command line ask for; None when they ask for anything else."""
    if not words or words[-1] not in _ASKING:
        return None
    rest, lang = list(words[:-1]), language(words)
    for index, word in enumerate(rest):
        if word == "--lang" and index + 1 < len(rest):
            del rest[index : index + 2]
            break
        if word.startswith("--lang="):
            del rest[index]
            break
    if len(rest) > 1 or not all(word.isalpha() and word.isascii() and len(word) < _LONGEST for word in rest):
        return None
    program = "".join(letter if letter.isalnum() else "-" for letter in os.path.basename(sys.argv[0]))  # noqa: PTH119
    return f"{program}-{''.join(rest)}-{lang}-{_columns()}"


def kept(page: str) -> str | None:
    """The text of a page, or None."""
    try:
        with open(_place(page), encoding="utf-8") as file:  # noqa: PTH123 (pathlib takes longer to load)
            state, _, text = file.read().partition("\n")
    except (OSError, ValueError):
        return None
    return text if text and state == _state() else None


def keep(page: str, text: str) -> None:
    """Keep the text of a page; where that cannot be done, nothing is kept."""
    from pathlib import Path

    from rrm_kg import cache

    cache.write_file(Path(_place(page)), f"{_state()}\n{text}")


def _columns() -> int:
    """How wide a page is."""
    try:
        columns = int(os.environ.get("COLUMNS", "")) or os.get_terminal_size().columns
    except (ValueError, OSError):
        try:
            columns = os.get_terminal_size(sys.__stdout__.fileno()).columns if sys.__stdout__ else 0
        except (ValueError, OSError):
            columns = 0
    return min(columns or 80, WIDTH)


def _place(page: str) -> str:
    """Where a page is kept: below the folder that cache.folder() gives, found without loading what that needs."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")  # noqa: PTH111, PTH118
    folder = os.environ.get("RRM_KG_CACHE") or os.path.join(home, "rrm-kg")  # noqa: PTH118
    return os.path.join(folder, "help", f"{page}.txt")  # noqa: PTH118


def _state() -> str:
    """The version, and how large and how old the files are that pages are made from."""
    here = os.path.dirname(__file__)  # noqa: PTH120
    files = [os.path.join(here, file) for file in ("messages.ttl", "cli.py", "manual.py")]  # noqa: PTH118
    with os.scandir(os.path.join(here, "commands")) as found:  # noqa: PTH118
        files += sorted(entry.path for entry in found if entry.name.endswith(".py"))
    ages = [(status.st_size, status.st_mtime_ns) for status in map(os.stat, files)]
    return f"{__version__} {len(ages)} {sum(size for size, _ in ages)} {max(age for _, age in ages)}"
