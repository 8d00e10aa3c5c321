"""The ``#+`` header of a query file, in the form that grlc reads: YAML after each ``#+``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from rrm_kg.errors import RrmError


def read(path: Path) -> tuple[dict[str, Any], str]:
    """The header of a query file as a mapping, and the whole text of the query.

    Raises RrmError E305 when the file cannot be read, E307 when its header is not YAML or is missing.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RrmError("E305", where=str(path), detail=str(error)) from None
    lines = [line[2:].removeprefix(" ") for line in text.splitlines() if line.startswith("#+")]
    try:
        header = yaml.load("\n".join(lines), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise RrmError("E307", where=str(path), detail=str(error).splitlines()[0]) from None
    if not isinstance(header, dict):
        raise RrmError("E307", where=str(path), detail="#+")
    return header, text
