"""A site to look at: the one in the folder RRM_KG_SITE, or one that is written for the tests; and a file server."""

from __future__ import annotations

import functools
import gzip
import http.server
import importlib
import pkgutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rrm_kg import KnowledgeGraph, publish
from rrm_kg.publish import data, pages
from rrm_kg.publish.site import File, Site
from rrm_kg.terms import BASE

POLICY: Final = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'"


def write(graph: KnowledgeGraph, folder: Path) -> None:
    """Write every part of a site that is there, a dump where no part writes it, and what stands beside the parts."""
    for name in ("MANIFEST.json", "SHA256SUMS"):
        (folder / name).touch()
    site = Site(graph, BASE, "test")
    listed = data.listed(site)
    made = {}
    for file in _files(site):
        if file.path in listed:
            made[file.path] = data.measure(file)
        _put(folder, file)
    for file in data.page(site, made):
        _put(folder, file)
    dump = folder / "dumps" / "kg.nq.gz"
    if not dump.exists():
        dump.parent.mkdir(exist_ok=True)
        lines = sorted(f"{quad} .\n" for quad in graph.store)
        dump.write_bytes(gzip.compress("".join(lines).encode(), compresslevel=6, mtime=0))


def _put(folder: Path, file: File) -> None:
    path = folder / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(file.data)


def _files(site: Site) -> Iterator[File]:
    yield from pages.static()
    for name in sorted(module.name for module in pkgutil.iter_modules(publish.__path__)):
        part = importlib.import_module(f"rrm_kg.publish.{name}")
        if hasattr(part, "files"):
            yield from part.files(site)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a server that gives the files below a folder, with the content security policy of a release."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def end_headers(self) -> None:
            self.send_header("Content-Security-Policy", POLICY)
            super().end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
