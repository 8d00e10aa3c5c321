"""The twins of every page hold the same graph, and say where they lie."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

import pyoxigraph as ox
import pytest
import rdflib

from rrm_kg import KnowledgeGraph
from rrm_kg.publish import compact, twins
from rrm_kg.publish.site import File, Site
from rrm_kg.terms import BASE, CODE, RDF_TYPE, RRM, SH, SKOS, XSD, mint

SYNTAXES: Final = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
}
_DATA_BLOCK: Final = re.compile(r'<script type="application/ld\+json" id="graph">(.*?)</script>', re.S)
_EVERYTHING: Final = re.compile(r"<!--|<script|</")


@pytest.fixture(scope="module")
def site(graph: KnowledgeGraph) -> Site:
    return Site(graph, BASE, "0.2.0")


@pytest.fixture(scope="module")
def files(site: Site) -> dict[str, File]:
    return {file.path: file for file in twins.files(site)}


def canonical(triples: Iterable[ox.Triple | ox.Quad]) -> frozenset[str]:
    """Triples with the blank nodes that RDFC-1.0 names."""
    dataset = ox.Dataset(ox.Quad(one.subject, one.predicate, one.object) for one in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return frozenset(map(str, dataset))


def parsed(data: bytes, ending: str) -> frozenset[str]:
    return canonical(ox.parse(data, format=SYNTAXES[ending]))


def test_every_twin_and_the_page_itself_hold_the_same_graph(site: Site, files: dict[str, File]) -> None:
    assert len(site.things) > 6_000
    for iri in site.things:
        expected = canonical(site.slice(iri))
        assert expected, iri
        for ending in SYNTAXES:
            assert parsed(files[f"{iri.removeprefix(BASE)}.{ending}"].data, ending) == expected, (iri, ending)
        block = _DATA_BLOCK.search(str(twins.embedded(site, iri)))
        assert block is not None
        assert parsed(block[1].encode(), "jsonld") == expected, iri


def test_another_reader_reads_the_same(site: Site, files: dict[str, File]) -> None:
    """rdflib reads one thing of each kind and of each code list as pyoxigraph does."""
    one_of_each = {iri.rsplit("/", 1)[0]: iri for iri in site.things}
    for iri in one_of_each.values():
        for ending, syntax in (("ttl", "turtle"), ("jsonld", "json-ld")):
            read = rdflib.Graph().parse(data=files[f"{iri.removeprefix(BASE)}.{ending}"].data, format=syntax)
            lines = read.serialize(format="nt11").encode()
            assert parsed(lines, "nt") == canonical(site.slice(iri)), (iri, ending)


def test_terms_and_shapes_have_twins_with_their_blank_nodes(site: Site, files: dict[str, File]) -> None:
    for page, proof in (("ontology", RRM + "Dispute"), ("shapes", SH + "NodeShape")):
        expected = canonical(twins.terms(site, page))
        assert any(proof in line for line in expected)
        for ending in SYNTAXES:
            assert parsed(files[f"{page}.{ending}"].data, ending) == expected, (page, ending)
    written = {iri for iri in site.statements if iri.startswith(RRM)}
    assert written <= {t.subject.value for t in twins.terms(site, "ontology") if isinstance(t.subject, ox.NamedNode)}


def test_the_same_graph_makes_the_same_bytes(site: Site, files: dict[str, File]) -> None:
    again = Site(site.graph, BASE, "0.2.0")
    assert {file.path: file.data for file in twins.files(again)} == {path: file.data for path, file in files.items()}
    assert list(files) == sorted(files)


def test_turtle_declares_what_it_uses_in_order(files: dict[str, File]) -> None:
    text = files["id/case/atento.ttl"].data.decode()
    declared = re.findall(r"^@prefix ([\w-]+):", text, re.M)
    body = text[text.index("\n\n") :]
    assert declared == sorted(declared)
    assert {"rrm", "rdfs", "case", "evidence", "mechanism"} <= set(declared)
    assert "xsd" not in declared
    assert all(f"{prefix}:" in body for prefix in declared)
    assert "<https://w3id.org/rrm-kg/id/case/" not in body


def test_json_ld_is_compact_and_asks_for_nothing(files: dict[str, File]) -> None:
    read = json.loads(files["id/place/mexico-city.jsonld"].data)
    assert read["@id"] == "kg:id/place/mexico-city"
    assert read["@type"] == "Place"
    assert read["label"] == {"en": "Mexico City", "es": "Ciudad de México"}
    assert read["within"] == "kg:id/place/mexico"
    assert read["@context"]["within"] == {"@id": "rrm:within", "@type": "@id"}
    assert all(
        isinstance(json.loads(file.data)["@context"], dict) for file in files.values() if file.path[-3:] == "nld"
    )


def test_a_value_that_its_term_cannot_say_is_said_in_full() -> None:
    thing = ox.NamedNode(mint("case", "x"))
    triples = [
        ox.Triple(thing, ox.NamedNode(SKOS + "altLabel"), ox.Literal("STRM")),
        ox.Triple(thing, ox.NamedNode(SKOS + "altLabel"), ox.Literal("Telefonistas", language="es")),
        ox.Triple(thing, ox.NamedNode(RRM + "onOrAfter"), ox.Literal("2024", datatype=ox.NamedNode(XSD + "gYear"))),
        ox.Triple(thing, ox.NamedNode(RRM + "by"), ox.Literal("nobody")),
        ox.Triple(thing, ox.NamedNode("https://example.org/new#term"), ox.NamedNode("urn:x")),
        ox.Triple(thing, ox.NamedNode(RDF_TYPE), ox.BlankNode("b")),
    ]
    made = compact.document(triples)
    assert made["altLabel"] == {"es": "Telefonistas"}
    assert made["skos:altLabel"] == "STRM"
    assert made["rrm:onOrAfter"] == {"@type": "xsd:gYear", "@value": "2024"}
    assert parsed(compact.text(triples).encode(), "jsonld") == canonical(triples)


def test_no_text_ends_the_block_that_it_stands_in() -> None:
    thing = ox.NamedNode(mint("case", "x"))
    hostile = '</script><script>alert(1)</script><!-- ]]> " \\u003c &'
    triples = [ox.Triple(thing, ox.NamedNode(SKOS + "note"), ox.Literal(hostile))]
    block = str(compact.script(compact.text(triples), "graph"))
    found = _DATA_BLOCK.fullmatch(block)
    assert found is not None
    assert _EVERYTHING.search(found[1]) is None
    assert parsed(found[1].encode(), "jsonld") == canonical(triples)


def test_the_head_says_where_the_twins_lie(site: Site, files: dict[str, File]) -> None:
    said = str(twins.head(site, mint("union", "strm"), "id/union/strm.es.html"))
    links = defaultdict(list)
    for rel, href in re.findall(r'<link rel="([\w-]+)"[^>]* href="([^"]+)">', said):
        links[rel].append(href)
    assert links["cite-as"] == [mint("union", "strm")]
    assert links["canonical"] == [mint("union", "strm") + ".es.html"]
    assert links["license"] == ["https://creativecommons.org/licenses/by/4.0/"]
    assert links["author"] == [mint("organization", "rrm-kg")]
    assert links["type"] == ["https://schema.org/AboutPage", RRM + "Union"]
    assert links["alternate"] == links["describedby"] == ["strm.ttl", "strm.jsonld", "strm.nt"]
    assert {f"id/union/{one}" for one in (*links["alternate"], *links["linkset"])} <= set(files)


def test_the_link_set_says_the_same_of_page_and_twins(files: dict[str, File]) -> None:
    sets = {one["anchor"]: one for one in json.loads(files["code/stage.linkset.json"].data)["linkset"]}
    page = CODE + "stage"
    assert set(sets) == {page + ending for ending in (".html", ".es.html", ".ttl", ".jsonld", ".nt")}
    assert sets[page + ".html"]["cite-as"] == [{"href": page}]
    assert {one["href"] for one in sets[page + ".es.html"]["describedby"]} <= set(sets)
    assert {"href": page} in sets[page + ".ttl"]["describes"]


@pytest.mark.parametrize(
    ("thing", "kind"),
    [
        (mint("union", "strm"), "WorkersUnion"),
        (mint("agency", "ustr"), "GovernmentOrganization"),
        (mint("company", "akwel-juarez-mexico"), "Organization"),
        (mint("event", "atento-submitted"), "Event"),
        (mint("instrument", "usmca-annex-31-a"), "Legislation"),
        (mint("provision", "usmca-31-a.4"), "Legislation"),
        (mint("release", "0.1.0"), "Dataset"),
        (CODE + "stage", "DefinedTermSet"),
        (mint("gap", "atento-entity-views"), None),
    ],
)
def test_search_engines_get_the_nearest_class(site: Site, thing: str, kind: str | None) -> None:
    said = str(twins.schema_org(site, thing))
    assert (said == "") == (kind is None)
    if kind is not None:
        assert json.loads(said[said.index("{") : said.rindex("}") + 1])["@type"] == kind


def test_search_engines_are_told_no_more_than_the_graph_says(site: Site) -> None:
    said = str(twins.schema_org(site, mint("event", "akwel-juarez-vote-held"), "es"))
    block = json.loads(said[said.index("{") : said.rindex("}") + 1])
    assert block["startDate"] == "2024-11"
    assert block["name"] == "votación de las personas trabajadoras"
    assert block["url"].endswith("akwel-juarez-vote-held.es.html")
    assert "endDate" not in block
