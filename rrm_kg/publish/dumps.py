"""The whole graph in files to take away: N-Quads, Turtle, JSON-LD, tables, and Turtle for each graph of many things."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox

from rrm_kg import export
from rrm_kg.errors import LANGUAGES
from rrm_kg.graph import default_root
from rrm_kg.publish.site import File, Site
from rrm_kg.releases.manifest import QUADS
from rrm_kg.terms import BASE, PREFIXES

_LEVEL: Final = 9
_WRITTEN: Final = "graph/cases/"  # which stand beside the pages of cases as they were written


def files(site: Site) -> Iterator[File]:
    """The licence of the data, the dumps with all graphs, the tables in both languages, and each graph by itself.

    Packed files hold the base of the site already, since their lines stand in the order that it gives them.
    """
    lines = _lines(site)
    quads = list(ox.parse(b"".join(lines), format=ox.RdfFormat.N_QUADS))
    prefixes = {
        name: site.base + iri.removeprefix(BASE) if iri.startswith(BASE) else iri for name, iri in PREFIXES.items()
    }
    yield File("LICENSE-DATA.txt", (default_root() / "LICENSE-DATA").read_bytes())
    tables = dict(sorted(_tables(site).items()))
    yield from (File(path, data) for path, data in tables.items() if "/cases." in path)
    quads.sort(key=lambda quad: (str(quad.graph_name), str(quad)))
    yield File("dumps/kg.jsonld.gz", pack(ox.serialize(quads, format=ox.RdfFormat.JSON_LD, prefixes=prefixes) or b""))
    yield File(QUADS, pack(b"".join(lines)))
    union = sorted({quad.triple for quad in quads}, key=str)
    yield File("dumps/kg.ttl.gz", pack(ox.serialize(union, format=ox.RdfFormat.TURTLE, prefixes=prefixes) or b""))
    yield from (File(path, data) for path, data in tables.items() if "/cases." not in path)
    graphs: dict[str, list[ox.Triple]] = {}
    for quad in quads:
        graphs.setdefault(str(getattr(quad.graph_name, "value", "")).removeprefix(site.base), []).append(quad.triple)
    for name, triples in graphs.items():
        if name.startswith(_WRITTEN):
            continue
        written = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=prefixes)
        yield File(f"{name}.ttl", written or b"")


def pack(data: bytes) -> bytes:
    """Bytes in the gzip format without a name or an hour in it: same bytes, same file (RFC 1952)."""
    packed = io.BytesIO()
    with gzip.GzipFile("", "wb", _LEVEL, packed, mtime=0) as file:
        file.write(data)
    return packed.getvalue()


def _lines(site: Site) -> list[bytes]:
    """The quads of the graph as lines of N-Quads below the base of the site, in their order."""
    written = ox.serialize(site.graph.store, format=ox.RdfFormat.N_QUADS) or b""
    whole = written.replace(BASE.encode(), site.base.encode())
    return sorted(line + b"\n" for line in whole.split(b"\n")[:-1])


def _tables(site: Site) -> dict[str, bytes]:
    found = {}
    for lang in LANGUAGES:
        ending = "" if lang == LANGUAGES[0] else f".{lang}"
        for table in export.tables(site.graph, lang):
            place = "dumps/" if table.name == "cases" else "dumps/tables/"
            found[f"{place}{table.name}{ending}.csv"] = export.as_csv(table).encode()
    return found
