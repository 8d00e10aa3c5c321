"""A query in the process that works on it: evaluated, and written in the form that the client likes best."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import IO, Any, Final, cast

import pyoxigraph as ox

from rrm_kg import safety
from rrm_kg.errors import RrmError
from rrm_kg.pipeline import KnowledgeGraph
from rrm_kg.query import GRAPH_FORMATS, RESULT_FORMATS, Answer, syntax_error
from rrm_kg.serve import media
from rrm_kg.terms import BASE, PREFIXES, expand

TRUNCATED: Final = BASE + "truncated"
_RESULTS: Final = {
    "application/sparql-results+json": "json",
    "application/sparql-results+xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/json": "json",
    "application/xml": "xml",
}
_TRUTHS: Final = {kind: form for kind, form in _RESULTS.items() if form in ("json", "xml")}
_GRAPHS: Final = {
    "text/turtle": "turtle",
    "application/n-triples": "ntriples",
    "application/rdf+xml": "rdfxml",
    "application/ld+json": "jsonld",
}
_ENDINGS: Final = {"turtle": "ttl", "ntriples": "nt", "rdfxml": "rdf", "csv-excel": "csv"}
_FORMULA: Final = tuple("=+-@\t\r")


def query(graph: KnowledgeGraph, head: Mapping[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    """What a query gives, as bytes of a media type, cut where it is longer than an answer may be.

    ``head``: ``default`` and ``named`` graphs of the protocol, ``accept`` as the client sent it, ``form`` by name.
    Raises RrmError E213, E310 to E312; E208 and E380 for a form that does not fit.
    """
    text = body.decode()
    safety.check_query(text)
    results = _evaluated(graph.store, text, head["default"], head["named"])
    if isinstance(results, ox.QueryTriples):
        kind, form = _form(head, _GRAPHS, GRAPH_FORMATS)
        return _graph(results, kind, form)
    if isinstance(results, ox.QueryBoolean):
        kind, form = _form(head, _TRUTHS, {"json": None, "xml": None})
        return _said(kind, form), results.serialize(format=RESULT_FORMATS[form]) or b""
    kind, form = _form(head, _RESULTS, {**RESULT_FORMATS, "csv-excel": None})
    written = "csv" if form == "csv-excel" else form
    sink = _Sink(safety.MAX_RESULT_BYTES)
    rows: int | None = None
    try:
        results.serialize(cast(IO[bytes], sink), format=RESULT_FORMATS[written])
        data = bytes(sink.data)
    except OverflowError:
        again = _evaluated(graph.store, text, head["default"], head["named"])
        assert isinstance(again, ox.QuerySolutions)
        rows, data = _cut(again, written)
    if form == "csv-excel":
        data = spreadsheet_safe(data.decode()).encode()
    return _said(kind, form, rows), data


def _evaluated(
    store: ox.Store, text: str, default: list[str], named: list[str]
) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    try:
        if default or named:  # goes before the dataset of the query; a graph that is not here is empty
            return store.query(
                text,
                base_iri=BASE,
                prefixes=PREFIXES,
                default_graph=[_graph_name(iri) for iri in default],
                named_graphs=[_graph_name(iri) for iri in named],
            )
        graphs = safety.named_in_from(text)
        for name in graphs:
            full = expand(name)
            if full is not None:
                _known(store, full)
        return store.query(text, base_iri=BASE, prefixes=PREFIXES, use_default_graph_as_union=not graphs)
    except SyntaxError as error:
        raise syntax_error(text, error) from None


def _graph_name(iri: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(iri)
    except ValueError:
        raise RrmError("E213", name=iri) from None


def _known(store: ox.Store, iri: str) -> None:
    if not store.contains_named_graph(_graph_name(iri)):
        raise RrmError("E213", name=iri)


def _form(head: Mapping[str, Any], offered: Mapping[str, str], known: Mapping[str, Any]) -> tuple[str, str]:
    """The media type and the name of the form in which an answer is written."""
    asked = head["form"]
    if asked is not None:
        if asked not in known:
            raise RrmError("E208", form=asked, fitting=", ".join(known))
        plain = "csv" if asked == "csv-excel" else asked
        return next(kind for kind, form in offered.items() if form == plain), asked
    best = media.best(head["accept"], offered)
    if best is None:
        raise RrmError("E208", form=head["accept"], fitting=", ".join(offered))
    return best, offered[best]


def _said(kind: str, form: str, rows: int | None = None) -> dict[str, Any]:
    charset = "; charset=utf-8" if kind.startswith("text/") else ""
    download = f"answer.{_ENDINGS.get(form, form)}" if form in ("csv", "csv-excel", "tsv") else ""
    return {"type": kind + charset, "truncated": rows is not None, "rows": rows or 0, "download": download}


def written(answer: Answer, head: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """A table of rows as query gives it."""
    kind, form = _form(head, _RESULTS, {**RESULT_FORMATS, "csv-excel": None})
    rows = list(_fitting(answer.terms, safety.MAX_RESULT_BYTES // 3))
    cut = len(rows) < len(answer.terms)
    data = _table(answer.columns, rows, "csv" if form == "csv-excel" else form, cut)
    if form == "csv-excel":
        data = spreadsheet_safe(data.decode()).encode()
    return _said(kind, form, len(rows) if cut else None), data


class _Sink(io.RawIOBase):
    """Takes so many bytes and no more."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.data = bytearray()
        self.most = most

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:
        self.data += part
        if len(self.data) > self.most:
            raise OverflowError
        return len(part)


def _cut(results: ox.QuerySolutions, form: str) -> tuple[int, bytes]:
    """The first rows of an answer that fit, and how many; JSON and XML say that there are more."""
    names = [variable.value for variable in results.variables]
    rows = list(_fitting((tuple(row[name] for name in names) for row in results), safety.MAX_RESULT_BYTES // 3))
    return len(rows), _table(names, rows, form, True)


def _table(names: Sequence[str], rows: Iterable[tuple[Any, ...]], form: str, cut: bool) -> bytes:
    """Rows in a form of the W3C, which says where it can that there are more."""
    head = " ".join(f"?{name}" for name in names)
    values = "\n".join(f"({' '.join('UNDEF' if cell is None else _written(cell) for cell in row)})" for row in rows)
    again = ox.Store().query(f"SELECT {head} WHERE {{ VALUES ({head}) {{ {values} }} }}")
    assert isinstance(again, ox.QuerySolutions)
    data = again.serialize(format=RESULT_FORMATS[form]) or b""
    if cut and form == "json":
        tree = json.loads(data)
        tree["head"]["link"] = [TRUNCATED]
        data = json.dumps(tree, ensure_ascii=False).encode()
    elif cut and form == "xml":
        data = data.replace(b"</head>", f'<link href="{TRUNCATED}"/></head>'.encode(), 1)
    return data


def _written(term: Any) -> str:
    """A term where no blank node may stand."""
    return f"<{BASE}blank/{term.value}>" if isinstance(term, ox.BlankNode) else str(term)


def _fitting(rows: Iterable[tuple[Any, ...]], most: int) -> Iterator[tuple[Any, ...]]:
    size = 0
    for row in rows:
        size += sum(len(str(cell)) + 40 for cell in row)
        if size > most:
            return
        yield row


def _graph(results: ox.QueryTriples, kind: str, form: str) -> tuple[dict[str, Any], bytes]:
    most = safety.MAX_RESULT_BYTES // 150  # triples of the usual length
    triples = list(islice(results, most + 1))
    cut = len(triples) > most
    data = ox.serialize(sorted(set(triples[:most]), key=str), format=GRAPH_FORMATS[form], prefixes=PREFIXES) or b""
    if cut and form in ("turtle", "ntriples"):
        data = f"# {TRUNCATED}\n".encode() + data
    return _said(kind, form, most if cut else None), data


def spreadsheet_safe(text: str) -> str:
    """A table in which no cell is a formula to a spreadsheet: an apostrophe goes before what would begin one.

    >>> spreadsheet_safe('name\\r\\n"=1+1"\\r\\n-5\\r\\n')
    "name\\r\\n'=1+1\\r\\n-5\\r\\n"
    """
    written = io.StringIO()
    writer = csv.writer(written)
    for row in csv.reader(io.StringIO(text, newline="")):
        writer.writerow(f"'{cell}" if cell.startswith(_FORMULA) and not _number(cell) else cell for cell in row)
    return written.getvalue()


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
