"""A trap for connections that leave this machine."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock


class OutboundError(Exception):
    """A connection beyond loopback was attempted."""


def stays_here(host: object) -> bool:
    """Whether a host is this machine."""
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or name in ("", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(str(name).partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


@contextmanager
def trapped() -> Iterator[list[object]]:
    """Sockets that refuse to go beyond loopback, by name or by address; what was attempted is kept."""
    attempts: list[object] = []

    def guard(place: object, name: str, argument: int) -> Any:
        through: Callable[..., object] = getattr(place, name)

        def guarded(*arguments: Any, **named: Any) -> object:
            target = arguments[argument] if len(arguments) > abs(argument) or argument < 0 else named.get("host")
            host = target[0] if isinstance(target, tuple) else target
            unix = place is socket.socket and arguments[0].family == getattr(socket, "AF_UNIX", None)
            if not unix and not stays_here(host):
                attempts.append(target)
                raise OutboundError(f"{name} to {target!r}")
            return through(*arguments, **named)

        return mock.patch.object(place, name, guarded)

    with (
        guard(socket.socket, "connect", 1),
        guard(socket.socket, "connect_ex", 1),
        guard(socket.socket, "sendto", -1),
        guard(socket, "getaddrinfo", 0),
    ):
        yield attempts
