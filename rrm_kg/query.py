"""Run SPARQL on a graph that passed the gate, and give typed rows or the W3C's result formats."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg import safety
from rrm_kg.errors import RrmError
from rrm_kg.terms import BASE, PREFIXES, XSD, expand

Value = str | int | Decimal | float | bool | date | None

RESULT_FORMATS: Final = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
GRAPH_FORMATS: Final = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}
UNCHECKED: Final = BASE + "unchecked"
_BLANK: Final = BASE + "blank/"
_BLANKS: Final[dict[str, Callable[[str], str]]] = {
    "json": lambda text: text.replace(f'"type":"uri","value":"{_BLANK}', '"type":"bnode","value":"'),
    "xml": lambda text: re.sub(f"<uri>{re.escape(_BLANK)}([^<]*)</uri>", r"<bnode>\1</bnode>", text),
    "csv": lambda text: text.replace(_BLANK, "_:"),
    "tsv": lambda text: re.sub(f"<{re.escape(_BLANK)}([^>]*)>", r"_:\1", text),
}


class Row(Mapping[str, Value]):
    """One row of an answer. Columns are read as ``row["used"]`` or ``row.used``; an unbound one is None."""

    def __init__(self, cells: dict[str, Value]) -> None:
        self._cells = cells

    def __getitem__(self, name: str) -> Value:
        return self._cells[name]

    def __getattr__(self, name: str) -> Value:
        try:
            return self._cells[name]
        except KeyError:
            raise AttributeError(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._cells)

    def __len__(self) -> int:
        return len(self._cells)

    def __repr__(self) -> str:
        return f"Row({', '.join(f'{k}={v!r}' for k, v in self._cells.items())})"


@dataclass(frozen=True)
class Answer:
    """What a query gave: columns and typed rows, or the triples of a CONSTRUCT, or the truth value of an ASK.

    ``checked`` says whether the graph had passed the gate; ``as_of`` is the day that the data speak of.
    """

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    terms: tuple[tuple[Any, ...], ...]
    triples: tuple[ox.Triple, ...] | None
    truth: bool | None
    checked: bool
    as_of: date | None

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def serialize(self, form: str) -> str:
        """The answer in a W3C format: json, xml, csv, tsv, or turtle, ntriples, rdfxml, jsonld for triples.

        An answer from a graph that did not pass the gate says so: as a link in the head of JSON and XML, as a
        comment in Turtle and N-Triples. Raises RrmError E208 for a format that does not fit.
        """
        if self.triples is not None:
            if form not in GRAPH_FORMATS:
                raise RrmError("E208", form=form, fitting=", ".join(GRAPH_FORMATS))
            data = ox.serialize(self.triples, format=GRAPH_FORMATS[form], prefixes=PREFIXES)
            note = "" if self.checked or form not in ("turtle", "ntriples") else f"# {UNCHECKED}\n"
            return note + (data or b"").decode()
        if form not in RESULT_FORMATS:
            raise RrmError("E208", form=form, fitting=", ".join(RESULT_FORMATS))
        results: ox.QueryBoolean | ox.QuerySolutions
        if self.truth is not None:
            if form in ("csv", "tsv"):
                return f"{str(self.truth).lower()}\n"
            results = ox.Store().query("ASK {}" if self.truth else "ASK { FILTER(false) }")  # type: ignore[assignment]
        else:
            results = self._solutions()
        written = results.serialize(format=RESULT_FORMATS[form])
        return self._marked((written or b"").decode(), form)

    def _solutions(self) -> Any:
        def cell(term: Any) -> str:
            if isinstance(term, ox.BlankNode):  # has no place in VALUES; put back by _marked
                return f"<{_BLANK}{term.value}>"
            return "UNDEF" if term is None else str(term)

        # The rows in their order, handed back to the engine so that it writes the format.
        names = " ".join(f"?{name}" for name in self.columns)
        rows = "\n".join(f"({' '.join(cell(term) for term in row)})" for row in self.terms)
        if not self.columns:
            return ox.Store().query("SELECT * WHERE {}")
        return ox.Store().query(f"SELECT {names} WHERE {{ VALUES ({names}) {{ {rows} }} }}")

    def _marked(self, written: str, form: str) -> str:
        written = _BLANKS[form](written)
        if form == "json":
            tree = json.loads(written)
            if not self.checked:
                tree["head"]["link"] = [UNCHECKED]
            return json.dumps(tree, ensure_ascii=False, indent=1) + "\n"
        if form == "xml" and not self.checked:
            return re.sub(
                r"</head>|<head/>",
                lambda m: f'{"<head>" if m[0] == "<head/>" else ""}<link href="{UNCHECKED}"/></head>',
                written,
                count=1,
            )
        return written


def run(
    store: ox.Store,
    query: str,
    bound: dict[str, Any] | None = None,
    *,
    checked: bool,
    as_of: date | None = None,
) -> Answer:
    """The answer of a SPARQL 1.1 query over all named graphs together.

    ``bound`` gives terms for variables, bound as safety.bind says. Rows without
    an ORDER BY are sorted, so that the same graph gives the same bytes. Raises RrmError E310 with line and column
    for ill-formed SPARQL, E213 where FROM names no graph of ours, and E311 and E312 as check_query does.
    """
    safety.check_query(query)
    if bound:
        query = safety.bind(query, {name: str(term) for name, term in bound.items()})
    graphs = safety.named_in_from(query)
    for name in graphs:
        iri = expand(name)
        if iri is not None and not store.contains_named_graph(ox.NamedNode(iri)):
            raise RrmError("E213", name=name)
    try:
        results = store.query(query, prefixes=PREFIXES, use_default_graph_as_union=not graphs)
    except SyntaxError as error:
        raise syntax_error(query, error) from None
    if isinstance(results, ox.QueryBoolean):
        return Answer((), (), (), None, bool(results), checked, as_of)
    if isinstance(results, ox.QueryTriples):
        triples = tuple(sorted(set(results), key=str))
        return Answer((), (), (), triples, None, checked, as_of)
    columns = tuple(variable.value for variable in results.variables)
    terms = [tuple(solution[name] for name in columns) for solution in results]
    return of_rows(query, columns, terms, checked=checked, as_of=as_of)


def of_rows(
    query: str, columns: tuple[str, ...], terms: Iterable[tuple[Any, ...]], *, checked: bool, as_of: date | None = None
) -> Answer:
    """The answer that the rows of a query are; they are sorted unless the query orders them."""
    given = list(terms)
    if not _ORDERED.search(query):
        given.sort(key=lambda row: [str(term) for term in row])
    rows = tuple(Row({name: value(term) for name, term in zip(columns, row, strict=True)}) for row in given)
    return Answer(columns, rows, tuple(given), None, None, checked, as_of)


_ORDERED: Final = re.compile(r"\bORDER\s+BY\b", re.I)
_SPARQL_PLACE: Final = re.compile(r"error at (\d+):(\d+): ?(.*)", re.S)


def syntax_error(query: str, error: SyntaxError) -> RrmError:
    """E310 for what an engine says of a query, with line and column."""
    found = _SPARQL_PLACE.match(error.msg)
    if not found:
        return RrmError("E310", detail=error.msg.split("\n")[0][:200])
    line, column, reason = int(found[1]), int(found[2]), found[3]
    source = query.splitlines()[line - 1] if line <= len(query.splitlines()) else ""
    if "Prefix not found" in reason:
        # The engine points behind the name.
        before = re.search(r"([\w-]*:)[\w.:-]*\s*$", source[: column - 1])
        detail = f"{before[1] if before else source.strip()} ?"
    else:
        detail = source[column - 1 :].strip()[:40] or f"{source.rstrip()[-30:]} …".strip()
    return RrmError("E310", where=f"line {line}, column {column}", detail=detail)


_INTEGERS: Final = frozenset(XSD + name for name in ("integer", "int", "long", "nonNegativeInteger", "positiveInteger"))


def value(term: Any) -> Value:
    """The Python value of a term: str, int, Decimal, float, bool or date; an IRI is its text."""
    if term is None:
        return None
    if not isinstance(term, ox.Literal):
        return str(term.value)
    datatype = term.datatype.value
    try:
        if datatype in _INTEGERS:
            return int(term.value)
        if datatype == XSD + "decimal":
            return Decimal(term.value)
        if datatype in (XSD + "double", XSD + "float"):
            return float(term.value)
        if datatype == XSD + "boolean":
            return term.value in ("true", "1")
        if datatype == XSD + "date":
            return date.fromisoformat(term.value)
    except (ValueError, ArithmeticError):
        pass
    return term.value
