"""Each shape is shown at work by one example that it accepts and one that it rejects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from rdflib import DCTERMS, RDF, RDFS, SH, Graph, Literal, URIRef
from rdflib.term import Node

from rrm_kg import gate
from rrm_kg import graph as graphs
from rrm_kg.finder import Finder
from rrm_kg.findings import Severity
from rrm_kg.graph import to_rdflib_graph
from rrm_kg.infer import with_derived
from rrm_kg.parse import parse_turtle

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "tests" / "shapes"
RRMSH = rdflib.Namespace("https://w3id.org/rrm-kg/shapes#")
LANGUAGES = {"en", "es"}
TARGETS = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
CONSTRAINTS = (
    *(SH["class"], SH["in"], SH["not"], SH["or"], SH["and"], SH.xone, SH.node, SH.sparql, SH.hasValue),
    *(SH.datatype, SH.nodeKind, SH.pattern, SH.minCount, SH.maxCount, SH.minLength, SH.maxLength, SH.equals),
    *(SH.languageIn, SH.uniqueLang, SH.lessThan, SH.lessThanOrEquals, SH.disjoint, SH.qualifiedValueShape),
    *(SH.minInclusive, SH.maxInclusive, SH.minExclusive, SH.maxExclusive, SH.closed),
)
LINKS = (SH.property, SH.node, SH["not"], SH.qualifiedValueShape)


def parse(*paths: Path) -> Graph:
    """One graph of some Turtle files."""
    return to_rdflib_graph(triple for path in paths for triple in parse_turtle(path.read_bytes(), path.name))


SHAPES = parse(*sorted((ROOT / "ontology" / "shapes").glob("*.ttl")))
VALUE_SHAPES = {s for s in SHAPES.objects(None, SH.qualifiedValueShape) if isinstance(s, URIRef)}


def texts(graph: Graph, node: Node, predicate: URIRef) -> list[Literal]:
    """The texts that a node has for a predicate."""
    return [text for text in graph.objects(node, predicate) if isinstance(text, Literal)]


def constraint_shapes() -> dict[str, URIRef]:
    """The shapes that say something about the data, by local name: not the ones that only gather or count."""
    found = {}
    for shape in {*SHAPES.subjects(RDF.type, SH.PropertyShape), *SHAPES.subjects(RDF.type, SH.NodeShape)}:
        if shape not in VALUE_SHAPES and any((shape, parameter, None) in SHAPES for parameter in CONSTRAINTS):
            assert isinstance(shape, URIRef), shape
            found[shape.removeprefix(RRMSH)] = shape
    return dict(sorted(found.items()))


CONSTRAINT_SHAPES = constraint_shapes()
per_shape = pytest.mark.parametrize("name", CONSTRAINT_SHAPES)


@cache
def ontology() -> Graph:
    """The classes, properties and code lists, which every example takes for granted."""
    return parse(ROOT / "ontology" / "rrm.ttl", *sorted((ROOT / "ontology" / "codelists").glob("*.ttl")))


def holders(shape: URIRef) -> list[URIRef]:
    """The shapes whose targets reach a shape: itself, or those that it is a property of."""
    if any((shape, target, None) in SHAPES for target in TARGETS):
        return [shape]
    return [s for s in SHAPES.subjects(SH.property, shape) if isinstance(s, URIRef)]


def focus_nodes(shape: URIRef, graph: Graph) -> set[Node]:
    """The nodes of a graph that a shape looks at."""
    found: set[Node] = set()
    for holder in holders(shape):
        found |= set(SHAPES.objects(holder, SH.targetNode))
        for target in SHAPES.objects(holder, SH.targetSubjectsOf):
            found |= set(graph.subjects(target))
        for target in SHAPES.objects(holder, SH.targetObjectsOf):
            found |= set(graph.objects(None, target))
        for target in SHAPES.objects(holder, SH.targetClass):
            for cls in ontology().transitive_subjects(RDFS.subClassOf, target):
                found |= set(graph.subjects(RDF.type, cls))
    return found


def example(name: str, which: str) -> Graph:
    """A good or bad example with what the rules derive from it."""
    return with_derived(parse(EXAMPLES / name / f"{which}.ttl"))


def results(name: str, graph: Graph) -> Iterator[tuple[Graph, Node]]:
    """What one shape reports about the things of an example that stands beside the ontology."""
    shape = CONSTRAINT_SHAPES[name]
    data = ontology()
    added = [triple for triple in graph if triple not in data]
    try:
        for triple in added:
            data.add(triple)
        _, report, text = pyshacl.validate(
            data,
            shacl_graph=SHAPES,
            use_shapes=sorted({*holders(shape), shape, *VALUE_SHAPES}),
            inplace=True,
            advanced=False,
            do_owl_imports=False,
            inference="none",
        )
    finally:
        for triple in added:
            data.remove(triple)
    assert isinstance(report, Graph), text
    described = set(graph.subjects())
    for result in report.subjects(SH.sourceShape, shape):
        if {report.value(result, SH.focusNode), report.value(result, SH.value)} & described:
            yield report, result


def test_examples_and_shapes_belong_together() -> None:
    assert {path.name for path in EXAMPLES.iterdir() if path.is_dir()} == set(CONSTRAINT_SHAPES)


@per_shape
def test_shape_describes_itself(name: str) -> None:
    shape = CONSTRAINT_SHAPES[name]
    (identifier,) = texts(SHAPES, shape, DCTERMS.identifier)
    assert re.fullmatch("R[0-9][0-9]", identifier)
    assert len(list(SHAPES.objects(shape, SH.severity))) == 1
    for predicate in (SH.name, SH.description, SH.message):
        said = texts(SHAPES, shape, predicate)
        assert sorted(str(text.language) for text in said) == sorted(LANGUAGES), predicate
    for query in SHAPES.objects(shape, SH.sparql):
        assert query == URIRef(f"{shape}-query")
        assert not texts(SHAPES, query, SH.message), "messages belong on the shape"
        (select,) = texts(SHAPES, query, SH.select)
        selected = {"this", "value", *re.findall(r"[$?](\w+)", select.partition("WHERE")[0])}
        for message in texts(SHAPES, shape, SH.message):
            assert set(re.findall(r"\{[$?](\w+)\}", message)) <= selected


@per_shape
def test_bad_example_is_reported(name: str) -> None:
    shape = CONSTRAINT_SHAPES[name]
    found = list(results(name, example(name, "bad")))
    assert found
    severity = SHAPES.value(shape, SH.severity)
    sparql = (shape, SH.sparql, None) in SHAPES
    for report, result in found:
        assert report.value(result, SH.resultSeverity) == severity
        said = texts(report, result, SH.resultMessage)
        assert len(said) == len(LANGUAGES)
        if sparql:  # pySHACL fills these messages and drops their language
            assert not [text for text in said if re.search(r"\{\?(?!path)\w+\}", text)]
        else:
            assert {text.language for text in said} == LANGUAGES


@per_shape
def test_good_example_is_accepted(name: str) -> None:
    good = example(name, "good")
    assert focus_nodes(CONSTRAINT_SHAPES[name], good)
    assert not list(results(name, good))


@per_shape
def test_examples_start_with_what_they_show(name: str) -> None:
    for which in ("good", "bad"):
        first, *_ = (EXAMPLES / name / f"{which}.ttl").read_text(encoding="utf-8").splitlines()
        assert re.fullmatch(r"# \S.*\.", first)


def test_shapes_are_valid_shacl() -> None:
    _, report, text = pyshacl.validate(Graph(), shacl_graph=SHAPES, meta_shacl=True, inplace=True)
    assert isinstance(report, Graph), text


def test_shapes_have_names() -> None:
    unnamed = {s for s in SHAPES.subjects(RDF.type) if not isinstance(s, URIRef)}
    assert not unnamed


def test_value_shapes_and_queries_are_in_use() -> None:
    gathering = set(SHAPES.subjects(SH.property))
    for shape in SHAPES.subjects(RDF.type, SH.NodeShape):
        if (shape, SH.deactivated, Literal(True)) in SHAPES:
            continue  # the words of a rule that is applied elsewhere, see tests/test_namespaces.py
        assert shape in VALUE_SHAPES | gathering or shape in CONSTRAINT_SHAPES.values(), shape
    for query in SHAPES.subjects(RDF.type, SH.SPARQLConstraint):
        assert len(list(SHAPES.subjects(SH.sparql, query))) == 1
    for shape in CONSTRAINT_SHAPES.values():
        assert holders(shape), f"{shape} looks at nothing"


def test_shapes_do_not_contain_themselves() -> None:
    def below(shape: Node, above: tuple[Node, ...]) -> None:
        assert shape not in above, shape
        for link in LINKS:
            for other in SHAPES.objects(shape, link):
                below(other, (*above, shape))
        for link in (SH["or"], SH["and"], SH.xone):
            for head in SHAPES.objects(shape, link):
                for other in SHAPES.items(head):
                    below(other, (*above, shape))

    for shape in set(SHAPES.subjects(RDF.type, SH.NodeShape)):
        below(shape, ())


def patterns() -> list[str]:
    """The regular expressions of the shapes, those within queries too."""
    queries = "\n".join(map(str, SHAPES.objects(None, SH.select)))
    in_queries = re.findall(r'(?:REGEX|REPLACE)\([^"]*"([^"]*)"', queries)
    return sorted({*map(str, SHAPES.objects(None, SH.pattern)), *in_queries})


@pytest.mark.parametrize("pattern", patterns())
def test_pattern_has_no_nested_quantifier(pattern: str) -> None:
    re.compile(pattern)
    plain = re.sub(r"\\.|\[[^\]]*\]", "x", pattern)
    while plain != (flat := re.sub(r"\(([^()*+{]*)\)", r"\1", plain)):
        plain = flat
    assert not re.search(r"\)[*+{?]", plain)


DAYS = ("rrm:asOf", "rrm:beganOn", "rrm:consultedOn", "rrm:date", "rrm:inForceFrom", "rrm:onOrAfter", "rrm:periodStart")
BAD_DAYS = (
    '"2024-13-01"^^xsd:date',
    '"2023-02-30"^^xsd:date',
    '"2023-02-29"^^xsd:date',
    '"soon"^^xsd:date',
    '"28/11/2023"^^xsd:date',
    '"2023-11-28"',
    '"2023-11-28T00:00:00"^^xsd:dateTime',
    '"23"^^xsd:gYear',
    '"2023-01"^^xsd:gYear',
    '"2023-13"^^xsd:gYearMonth',
)
BAD_VALUES = (
    *BAD_DAYS[:5],
    *BAD_DAYS[7:],
    '"x"^^xsd:integer',
    '"1.5"^^xsd:integer',
    '"2023-13-01T00:00:00"^^xsd:dateTime',
    '"2023-02-30T00:00:00Z"^^xsd:dateTime',
    '"2023-02-01T24:61:00Z"^^xsd:dateTime',
    '"soon"^^xsd:dateTime',
    '"yes"^^xsd:boolean',
    '"x"@english',
)
ENGINES = pytest.mark.parametrize("engine", gate.ENGINES)


def reported(turtle: list[str], engine: str) -> set[str]:
    """The things x0, x1 ... of an example that an engine finds a Violation of R04, R07, R51 or R52 about."""
    head = """@prefix rrm: <https://w3id.org/rrm-kg/ontology#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix dcterms: <http://purl.org/dc/terms/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."""
    sources = graphs.read_sources(ROOT)
    ours = [file for file in sources.content if file.path in ("ontology/rrm.ttl", "ontology/reused.ttl")]
    lines = "\n".join(f"<urn:x{number}> {said} ." for number, said in enumerate(turtle))
    files = graphs.Sources(ROOT, (*ours, *sources.shapes, graphs.Source("x.ttl", (head + lines).encode())))
    store = ox.Store()
    store.extend(graphs.load(files.content))
    found = gate._shapes(files, store, Finder(files, store), engine)
    return {f.focus for f in found if f.rule in ("R04", "R07", "R51", "R52") and f.severity is Severity.VIOLATION}


@ENGINES
def test_days_that_are_none_are_found_whatever_property_has_them(engine: str) -> None:
    said = [f"{path} {bad}" for path in (*DAYS, "dcterms:issued") for bad in BAD_DAYS]
    assert reported(said, engine) == {f"urn:x{number}" for number in range(len(said))}


@ENGINES
def test_values_that_are_none_are_found_whatever_property_has_them(engine: str) -> None:
    said = [f"{path} {bad}" for path in ("rrm:value", "rdfs:comment", "<urn:p>") for bad in BAD_VALUES]
    assert reported(said, engine) == {f"urn:x{number}" for number in range(len(said))}


@ENGINES
def test_values_that_are_right_are_not_found(engine: str) -> None:
    said = [f'{path} "2024-02-29"^^xsd:date' for path in (*DAYS, "dcterms:issued", "rrm:value")]
    said += [f'rrm:asOf "{text}"^^xsd:{kind}' for text, kind in (("2024-12", "gYearMonth"), ("1999", "gYear"))]
    said += [f'rrm:value "{text}"^^xsd:dateTime' for text in ("2024-02-29T23:59:59.5Z", "2024-01-01T00:00:00-06:00")]
    said += ['rdfs:comment "x"@es-MX', "rrm:value 7", "rrm:value -0.5", "rrm:value 1e3", 'rrm:value "0"^^xsd:boolean']
    assert reported(said, engine) == set()
