"""The trap that watches the whole run catches what would leave this machine, and nothing else."""

from __future__ import annotations

import socket
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from network import OutboundError, trapped


@pytest.mark.parametrize("host", ["192.0.2.1", "example.org", b"example.org", "2001:db8::1", "127.0.0.1.example.org"])
def test_connections_beyond_loopback_are_refused_and_counted(host: str) -> None:
    with trapped() as attempts:
        with pytest.raises(OutboundError):
            socket.create_connection((host, 9), timeout=1)
        with pytest.raises(OutboundError):
            socket.getaddrinfo(host, 80)
        with pytest.raises(OutboundError), socket.socket() as one:
            one.connect((host, 9))
        with pytest.raises(OutboundError), socket.socket(type=socket.SOCK_DGRAM) as one:
            one.sendto(b"x", (host, 53))
    assert len(attempts) == 4


def test_libraries_are_caught_too() -> None:
    with trapped() as attempts, pytest.raises(OutboundError):
        urllib.request.urlopen("http://example.org/", timeout=1)
    assert len(attempts) == 1


def test_servers_on_loopback_are_reached() -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with trapped() as attempts, HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        with urllib.request.urlopen(f"http://localhost:{server.server_port}/", timeout=5) as answer:
            assert answer.status == 204
        thread.join()
    assert attempts == []
