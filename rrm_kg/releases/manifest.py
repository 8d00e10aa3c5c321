"""What a release says of itself: MANIFEST.json, and SHA256SUMS in the form of sha256sum(1).

SHA256SUMS has every file but itself and the signature, MANIFEST.json among them. MANIFEST.json has the hash of all
lines of SHA256SUMS but its own, so that a signature of it holds for every file:

    grep -v '  MANIFEST.json$' SHA256SUMS | sha256sum
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from rrm_kg.errors import RrmError

MANIFEST: Final = "MANIFEST.json"
SUMS: Final = "SHA256SUMS"
SIGNATURE: Final = MANIFEST + ".sig"
QUADS: Final = "dumps/kg.nq.gz"  # whose dataset the manifest has the hash of
APART: Final = frozenset((SUMS, SIGNATURE))  # have no line in SHA256SUMS
_LINE: Final = re.compile(r"([0-9a-f]{64})  (.+)")
_HASHED: Final = 12  # hexadecimal digits of the inputs' hash in a name


def name(version: str, inputs: Mapping[str, object]) -> str:
    """The name of a release: the version of the data, and the hash of all that it is made from."""
    return f"{version}-{hashlib.sha256(_json(inputs)).hexdigest()[:_HASHED]}"


def sums(files: Mapping[str, str]) -> bytes:
    """The lines for some files in the order of their paths, from the SHA-256 of each in hexadecimal."""
    return "".join(f"{files[path]}  {path}\n" for path in sorted(files)).encode()


def read_sums(data: bytes) -> dict[str, str]:
    """The SHA-256 of each path. Raises RrmError E372 for lines that are none, or that have a path twice."""
    found: dict[str, str] = {}
    try:
        lines = data.decode().split("\n")
    except UnicodeDecodeError:
        raise RrmError("E372", where=SUMS, detail="UTF-8") from None
    for number, text in enumerate(lines[:-1], start=1):
        line = _LINE.fullmatch(text)
        if line is None or line[2] in found or not is_path(line[2]):
            raise RrmError("E372", where=SUMS, detail=f"line {number}")
        found[line[2]] = line[1]
    if lines[-1]:
        raise RrmError("E372", where=SUMS, detail=f"line {len(lines)}")
    return found


def write(about: Mapping[str, object], files: Mapping[str, str]) -> bytes:
    """The bytes of a manifest: what is said of the release, and the hash over the sums of its files."""
    return _json({**about, "sums": digest(files)}, indent=1) + b"\n"


def read(data: bytes) -> dict[str, Any]:
    """What a manifest says. Raises RrmError E372 for bytes that are none."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise RrmError("E372", where=MANIFEST, detail="JSON") from None
    if not isinstance(found, dict) or not all(isinstance(found.get(key), kind) for key, kind in _NEEDED.items()):
        raise RrmError("E372", where=MANIFEST, detail=", ".join(_NEEDED))
    return found


_NEEDED: Final = {"name": str, "version": str, "base": str, "inputs": dict, "files": int, "bytes": int, "sums": str}


def digest(files: Mapping[str, str]) -> str:
    """The hash over the sums of the files of a release, whose manifest has no part in it."""
    return hashlib.sha256(sums({path: files[path] for path in files if path != MANIFEST})).hexdigest()


def dumps(files: Mapping[str, str]) -> dict[str, str]:
    """The sums of the dumps of the whole graph."""
    return {path: files[path] for path in sorted(files) if path.startswith("dumps/") and path.count("/") == 1}


def is_path(path: str) -> bool:
    """Whether a text is the path of a file below a release: no way out of it, nothing that a line cannot hold."""
    parts = path.split("/")
    return path.isprintable() and "\\" not in path and not any(part in ("", ".", "..") for part in parts)


def _json(tree: Mapping[str, object], indent: int | None = None) -> bytes:
    return json.dumps(tree, ensure_ascii=False, sort_keys=True, indent=indent).encode()
