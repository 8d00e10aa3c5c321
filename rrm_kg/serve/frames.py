"""Messages between processes: a head in JSON and a body of bytes, with their lengths before them.

Nothing is unpickled: what a process says that a stranger's query has taken over stays text and bytes.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from typing import Any, Final

_LENGTHS: Final = struct.Struct("!IQ")
MAX_HEAD: Final = 1_000_000
MAX_ANSWER: Final = 64_000_000  # bytes of a body that one of the processes that work may send


def pack(head: dict[str, Any], body: bytes = b"") -> bytes:
    """A message as bytes."""
    written = json.dumps(head, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return _LENGTHS.pack(len(written), len(body)) + written + body


def receive(channel: socket.socket) -> tuple[dict[str, Any], bytes]:
    """The next message of a socket that blocks. Raises EOFError when the other side has ended."""
    head, body = _lengths(_exactly(channel, _LENGTHS.size))
    return _head(_exactly(channel, head)), _exactly(channel, body)


async def read(reader: asyncio.StreamReader) -> tuple[dict[str, Any], bytes]:
    """The next message of a stream. Raises EOFError when the other side has ended or says what cannot be."""
    try:
        head, body = _lengths(await reader.readexactly(_LENGTHS.size))
        if body > MAX_ANSWER:
            raise EOFError
        return _head(await reader.readexactly(head)), await reader.readexactly(body)
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise EOFError from error


def _lengths(data: bytes) -> tuple[int, int]:
    head, body = _LENGTHS.unpack(data)
    if head > MAX_HEAD:
        raise EOFError
    return head, body


def _head(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data.decode("utf-8", "surrogatepass"))
    except ValueError as error:
        raise EOFError from error
    if not isinstance(found, dict):
        raise EOFError
    return found


def _exactly(channel: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = channel.recv(min(size - len(parts), 1 << 20))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)
