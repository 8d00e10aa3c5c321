"""Every fact leads to a document and a passage, and agrees with the facts on file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rrm_kg import KnowledgeGraph

ROOT = Path(__file__).parent.parent
SEED = ROOT.parent / "shared" / "seed"


def test_every_record_leads_to_a_document_with_a_passage(graph: KnowledgeGraph) -> None:
    rows = graph.query(
        """SELECT ?record WHERE {
             ?record rrm:inDispute ?case .
             FILTER NOT EXISTS { ?record a rrm:GapMarker }
             FILTER NOT EXISTS { ?record a rrm:ElapsedTime }
             FILTER NOT EXISTS { ?record rrm:evidence ?e . ?e rrm:document/rrm:url ?url ; rrm:locator ?locator }
             FILTER NOT EXISTS { ?record rrm:evidence ?e . ?copy rrm:copyOf ?paper ; rrm:url ?url .
                                 ?e rrm:document ?paper ; rrm:locator ?locator }
           }"""
    )
    assert [row.record for row in rows] == []


def test_quotations_are_short(graph: KnowledgeGraph) -> None:
    rows = graph.query("SELECT ?evidence ?quote WHERE { ?evidence rrm:quote ?quote }")
    assert len(rows) > 150
    assert [dict(row) for row in rows if len(str(row.quote).split()) >= 25] == []


def test_values_that_sources_dispute_all_stay(graph: KnowledgeGraph) -> None:
    rows = graph.query(
        """PREFIX standing: <https://w3id.org/rrm-kg/code/standing/>
           SELECT ?about ?property (COUNT(?a) AS ?n) (SUM(IF(?s = standing:accepted, 1, 0)) AS ?accepted) WHERE {
             ?a a rrm:Assertion ; rrm:about ?about ; rrm:property ?property ; rrm:standing ?s
           } GROUP BY ?about ?property"""
    )
    assert len(rows) >= 5
    assert all(int(str(row.accepted)) <= 1 for row in rows), [dict(row) for row in rows]


@pytest.mark.skipif(not SEED.is_dir(), reason="the press release on file is not at hand")
def test_quotations_from_the_press_release_are_verbatim(graph: KnowledgeGraph) -> None:
    def plain(text: str) -> str:
        return re.sub(r"\s+", " ", text.translate(str.maketrans("“”‘’", "\"\"''")))

    release = plain("".join(path.read_text(encoding="utf-8") for path in SEED.iterdir()))
    rows = graph.query(
        """PREFIX document: <https://w3id.org/rrm-kg/id/document/>
           SELECT ?quote WHERE { ?e rrm:document document:ustr-2025-08-21 ; rrm:quote ?quote }"""
    )
    assert len(rows) >= 10
    assert [row.quote for row in rows if plain(str(row.quote)) not in release] == []


def test_no_fact_of_the_case_stands_twice(graph: KnowledgeGraph) -> None:
    rows = graph.query(
        """SELECT ?a ?b WHERE {
             ?a a rrm:Participation ; rrm:inDispute ?case ; rrm:agent ?who ; rrm:role ?role .
             ?b a rrm:Participation ; rrm:inDispute ?case ; rrm:agent ?who ; rrm:role ?role .
             FILTER(STR(?a) < STR(?b))
             FILTER NOT EXISTS { ?a rrm:atFacility ?here . ?b rrm:atFacility ?there . FILTER(?here != ?there) }
           }"""
    )
    assert [dict(row) for row in rows] == []


def test_curated_texts_stand_in_both_languages(graph: KnowledgeGraph) -> None:
    """A submission may lack a translation, which a reviewer adds; what is recorded here has both."""
    assert graph.report is not None
    names = ("-english", "-spanish")
    assert [one.focus for one in graph.report.findings if one.shape.endswith(names)] == []


def test_no_two_documents_share_a_name(graph: KnowledgeGraph) -> None:
    """A copy says whose copy it is: a reader who opens a source sees which text was read."""
    rows = graph.query(
        """SELECT ?name WHERE { ?document a rrm:Document ; rdfs:label ?name }
           GROUP BY ?name HAVING (COUNT(?document) > 1)"""
    )
    assert [str(row.name) for row in rows] == []
