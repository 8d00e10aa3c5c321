"""Signatures of files, made and checked by OpenSSH, which needs neither a network nor a service (PROTOCOL.sshsig)."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from rrm_kg.errors import RrmError, reason

NAMESPACE: Final = "rrm-kg-release"


class State(Enum):
    """What is known of the signature of a file."""

    NONE = "none"
    GOOD = "good"
    UNKNOWN = "unknown"  # whole, but by a key that nobody vouches for
    BAD = "bad"


@dataclass(frozen=True)
class Signature:
    """The state of a signature; the key that made it, and who holds that key by the list of signers."""

    state: State
    key: str = ""
    signer: str = ""


def sign(data: bytes, key: Path) -> bytes:
    """The signature of some bytes by the private key in a file. Raises RrmError E371 when there is none to be had."""
    done = _keygen("sign", "-f", str(key), data=data)
    if done.returncode != 0:
        raise RrmError("E371", where=str(key), detail=_reason(done))
    return done.stdout


def check(data: bytes, signature: Path, signers: Path | None) -> Signature:
    """The state of a signature of some bytes. ``signers`` is a file as in ALLOWED SIGNERS of ssh-keygen(1).

    Raises RrmError E371 when OpenSSH is not there, E305 when the list of signers cannot be read.
    """
    if signers is not None and not signers.is_file():
        raise RrmError("E305", where=str(signers), detail="no such file")
    if not signature.is_file():
        return Signature(State.NONE)
    intact = _keygen("check-novalidate", "-s", str(signature), data=data)
    found = re.search(rb"SHA256:[A-Za-z0-9+/]+", intact.stdout)
    if intact.returncode != 0 or not found:
        return Signature(State.BAD)
    key = found[0].decode()
    if signers is None:
        return Signature(State.UNKNOWN, key)
    named = _keygen("find-principals", "-f", str(signers), "-s", str(signature), data=b"")
    for signer in named.stdout.decode(errors="replace").splitlines() if named.returncode == 0 else ():
        if _keygen("verify", "-f", str(signers), "-I", signer, "-s", str(signature), data=data).returncode == 0:
            return Signature(State.GOOD, key, signer)
    return Signature(State.UNKNOWN, key)


def _keygen(action: str, *arguments: str, data: bytes) -> subprocess.CompletedProcess[bytes]:
    words = ["ssh-keygen", "-Y", action, "-n", NAMESPACE, *arguments]
    try:
        return subprocess.run(words, input=data, capture_output=True, check=False)
    except OSError as error:
        raise RrmError("E371", where="ssh-keygen", detail=reason(error)) from None


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    said = done.stderr.decode(errors="replace").strip().splitlines()
    return said[-1].strip() if said else f"exit code {done.returncode}"
