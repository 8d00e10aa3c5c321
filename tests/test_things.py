"""Every thing has a page: what is known, what proves it, what refers to it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import html5lib
import pyoxigraph as ox
import pytest

from rrm_kg import KnowledgeGraph, show
from rrm_kg.graph import Sources
from rrm_kg.publish import things, twins
from rrm_kg.publish.dates import dated, lasting, numbered, when
from rrm_kg.publish.facts import MOST, Index
from rrm_kg.publish.site import SUFFIX, Site, relative
from rrm_kg.terms import BASE, CODE, RRM, mint

_LINK: Final = re.compile(r'(?:href|action|src)="([^"]*)"')
_ROWS: Final = re.compile(r"<tr>(.*?)</tr>", re.S)
# Pages that other parts of a release write.
_ELSEWHERE: Final = re.compile(
    r"(about|cases|data|index|map|mechanisms|news|ontology|query|questions|rules|search|shapes|unions)(\.es)?\.html"
    r"|feed(\.es)?\.atom|LICENSE-DATA\.txt|static/(site\.css|logo\.svg)"
)

Read = Callable[..., str]


@pytest.fixture(scope="module")
def site(graph: KnowledgeGraph) -> Site:
    return Site(graph, BASE, "0.2.0")


@pytest.fixture(scope="module")
def index(site: Site) -> Index:
    return Index(site)


@pytest.fixture(scope="module")
def pages(site: Site) -> dict[str, str]:
    return {file.path: file.data.decode() for file in things.files(site)}


@pytest.fixture(scope="module")
def read(index: Index) -> Read:
    """The text of one page of a kind and slug."""

    def _read(kind: str, slug: str, lang: str = "en") -> str:
        return things.thing(index, mint(kind, slug), lang).data.decode()

    return _read


def words(html: str) -> str:
    """What a reader reads of a piece of a page."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def section(html: str, name: str) -> str:
    """One section of a page, named by the anchor of its heading."""
    found = re.search(rf'<section aria-labelledby="{name}">(.*?)</section>', html, re.S)
    assert found is not None, name
    return found[1]


def small(tmp_path: Path, turtle: str) -> Site:
    """A site of a few statements, without a check."""
    store = ox.Store()
    prefixes = (
        f"@prefix rrm: <{RRM}> . @prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix id: <{mint('', '')[:-1]}> ."
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix dcterms: <http://purl.org/dc/terms/> ."
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> ."
    )
    store.load((prefixes + turtle).encode(), format=ox.RdfFormat.TURTLE, to_graph=ox.NamedNode(BASE + "graph/x"))
    return Site(KnowledgeGraph(Sources(tmp_path, ()), store, None, False), BASE, "0.2.0")


# The whole site


def test_everything_but_disputes_has_a_page_in_each_language_in_order(site: Site, pages: dict[str, str]) -> None:
    expected = {
        iri.removeprefix(BASE) + suffix
        for iri in site.things
        if RRM + "Dispute" not in site.types(iri)
        for suffix in SUFFIX.values()
    }
    assert set(pages) == expected
    assert list(pages) == sorted(pages)


def test_every_page_holds_the_graph_that_its_twins_hold(site: Site, pages: dict[str, str]) -> None:
    block = re.compile(r'<script type="application/ld\+json" id="graph">(.*?)</script>', re.S)
    for iri in site.things:
        for suffix in SUFFIX.values():
            page = pages.get(iri.removeprefix(BASE) + suffix)
            if page is not None:
                found = block.search(page)
                assert found is not None
                read = {str(quad.triple) for quad in ox.parse(found[1], format=ox.RdfFormat.JSON_LD)}
                assert read == {str(triple) for triple in site.slice(iri)}, iri


def test_every_link_leads_somewhere(site: Site, pages: dict[str, str]) -> None:
    known = set(pages) | {iri.removeprefix(BASE) + suffix for iri in site.things for suffix in SUFFIX.values()}
    known |= {file.path for file in twins.files(site)}
    seen: set[tuple[str, str]] = set()
    for path, page in pages.items():
        folder = posixpath.dirname(path)
        seen |= {(folder, href) for href in _LINK.findall(page)}
    broken = set()
    for folder, href in seen:
        if not href.startswith(("http://", "https://", "#")):
            target = posixpath.normpath(posixpath.join(folder, unquote(unescape(href).partition("#")[0])))
            if target not in known and _ELSEWHERE.fullmatch(target) is None:
                broken.add((folder, href))
    assert broken == set()
    assert not any(href == "" for _, href in seen)


def test_pages_carry_no_script_and_no_style_of_their_own(pages: dict[str, str]) -> None:
    for path, page in pages.items():
        outside = re.sub(r'<script type="application/ld\+json" id="\w+">.*?</script>', "", page, flags=re.S)
        tags = " ".join(re.findall(r"<[a-zA-Z][^>]*>", outside))
        assert "<script" not in tags, path
        assert re.search(r"\s(style|on\w+)=", tags) is None, path


def test_pages_are_well_formed(site: Site, pages: dict[str, str]) -> None:
    """One page of each class, read by a parser that raises on the first error."""
    one_of_each = {types: iri for iri in site.things if RRM + "Dispute" not in (types := site.types(iri))}
    assert len(one_of_each) > 35
    for iri in one_of_each.values():
        for suffix in SUFFIX.values():
            html5lib.HTMLParser(strict=True).parse(pages[iri.removeprefix(BASE) + suffix])


def test_the_same_graph_makes_the_same_pages(site: Site, pages: dict[str, str]) -> None:
    again = Index(Site(site.graph, BASE, "0.2.0"))
    for iri in (mint("state", "us"), mint("mechanism", "rrm-31a"), CODE + "stage", mint("place", "mexico")):
        for lang, suffix in SUFFIX.items():
            assert things.thing(again, iri, lang).data.decode() == pages[iri.removeprefix(BASE) + suffix]


# What every page shows


def test_a_name_in_another_language_is_marked(read: Read) -> None:
    assert '<h1 lang="es">Sindicato de Telefonistas de la República Mexicana</h1>' in read("union", "strm")
    assert "<h1>Sindicato de Telefonistas de la República Mexicana</h1>" in read("union", "strm", "es")
    english = read("place", "mexico-city")
    assert "<h1>Mexico City</h1>" in english
    assert '<p class="soft" lang="es">Ciudad de México</p>' in english


def test_the_class_leads_to_the_ontology(read: Read) -> None:
    kicker = '<p class="kicker"><a href="../../ontology.html#Union">union</a></p>'
    assert kicker in read("union", "strm")
    assert '<a href="../../ontology.es.html#Union">sindicato</a>' in read("union", "strm", "es")


def test_facts_have_labels_words_for_days_and_links(read: Read) -> None:
    facts = words(section(read("event", "akwel-juarez-vote-held", "es"), "facts"))
    assert "fecha noviembre de 2024" in facts
    facts_of_document = section(read("document", "ustr-2024-01-19"), "facts")
    assert '<time datetime="2024-01-19">19 January 2024</time>' in facts_of_document
    assert '<a href="../agency/ustr.html">Office of the United States Trade Representative</a>' in facts_of_document


def test_an_amount_has_its_unit_and_its_hedge(read: Read) -> None:
    facts = words(section(read("total", "invocations-economista-2025-11-26"), "facts"))
    assert "value exactly 43 cases" in facts
    assert "as of as of 26 November 2025" in facts


def test_proof_names_document_place_words_and_day(read: Read) -> None:
    proof = section(read("event", "akwel-juarez-vote-held"), "proof")
    assert proof.count('<p class="source">') == 6
    assert '<q lang="es">fueron 414 papeletas en contra del sindicato' in proof
    assert "read it at netnoticias.mx" in proof
    assert "consulted on 22 November 2026" in proof
    assert '<a href="../evidence/akwel-juarez-vote.html">' in proof


def test_the_leading_proof_comes_first(site: Site, index: Index) -> None:
    """On the page of a thing whose leading passage is not the first by its IRI."""
    iri, lead = next(
        (iri, leads[0])
        for iri in site.things
        if (leads := site.objects(iri, RRM + "leadEvidence"))
        and RRM + "Dispute" not in site.types(iri)
        and leads[0] != min(site.objects(iri, RRM + "evidence"))
    )
    proof = section(things.thing(index, iri, "en").data.decode(), "proof")
    first = re.search(r'href="[^"]*/evidence/([^"]+)\.html"', proof)
    assert first is not None
    assert mint("evidence", unquote(first[1])) == lead


def test_what_stands_above_is_not_repeated(read: Read) -> None:
    page = read("union", "lsom")
    assert "where it stands as “agent”" not in page
    assert "where it stands as “actor”" in page
    assert "display label" not in page


def test_a_thing_of_two_names_has_both_in_order(site: Site) -> None:
    twofold = mint("allegation", "superior-industries-coercion")
    assert site.name(twofold, "en") == "harassment; threat of reprisals"
    assert show.page_name(site.graph, twofold, "es") == "amenaza de represalias; hostigamiento"


def test_links_are_as_short_as_they_can_be() -> None:
    assert relative("code/step-31a/a.html", "code/step-31a/b.html") == "a.html"
    assert relative("code/stage/a.html", "code/step-31a/b.html") == "../stage/a.html"
    assert relative("about.html", "id/union/strm.html") == "../../about.html"
    assert relative("id/case/a.html", "index.html") == "id/case/a.html"


def test_values_that_sources_dispute_stand_side_by_side(read: Read) -> None:
    disputed = words(section(read("event", "atento-submitted"), "disputed"))
    assert "28 November 2023 accepted according to Office of the United States Trade Representative" in disputed
    assert "December 2023 reported, not accepted here according to La Jornada , Reuters" in disputed
    assert "18 December 2023 reported, not accepted here" in disputed


def test_gaps_are_said(read: Read) -> None:
    page = read("event", "atento-submitted")
    assert 'id="gaps"' not in page
    gap = read("gap", "atento-entity-views", "es")
    assert "paso faltante" in words(section(gap, "facts"))
    assert gap.count("Ninguna fuente aquí citada dice si alguna entidad") >= 1


def test_gaps_stand_on_the_page_of_what_they_are_about(site: Site, index: Index) -> None:
    about = next(iri for iri in site.things if RRM + "Dispute" not in site.types(iri) and things.gaps(index, iri))
    page = section(things.thing(index, about, "en").data.decode(), "gaps")
    assert page.count("<li>") == len(things.gaps(index, about))


def test_what_points_to_a_thing_is_grouped_and_bounded(read: Read, site: Site) -> None:
    pointing = section(read("state", "us"), "pointing")
    assert "Outcome, where it stands as “by”" in pointing
    groups = re.split(r"<h3>", pointing)[1:]
    for group in groups:
        count = re.search(r"\((\d+)\)</h3>", group)
        assert count is not None
        shown = group.count("<li>")
        assert shown == min(int(count[1]), MOST)
        assert (f"and {int(count[1]) - MOST} more" in group) == (int(count[1]) > MOST)
    documents = sum(prop.endswith("/publisher") for _, prop in site.incoming[mint("agency", "ustr")])
    assert documents > 0
    assert f"Document, where it stands as “publisher” ({documents})" in read("agency", "ustr")


def test_more_than_a_hundred_are_counted_not_shown(read: Read, index: Index) -> None:
    page = things.thing(index, CODE + "modality/asserts", "en").data.decode()
    pointing = section(page, "pointing")
    assert re.search(r"and \d+ more", pointing)
    assert max(group.count("<li>") for group in pointing.split("<h3>")) == MOST


def test_what_follows_says_how_it_follows(read: Read) -> None:
    page = read("facility", "akwel-juarez-mexico-ciudad-juarez")
    follows = page[page.index("<details>") :]
    assert re.search(
        r'<dt>located in</dt>\s*<dd><a href="../place/chihuahua.html">Chihuahua</a> <span class="soft">\(inf', follows
    )
    assert "derived by rule 05-lead-evidence" not in follows or "leading evidence" in follows
    assert "derived by rule 01-date-bounds" in read("event", "atento-submitted")
    assert "<details open" not in page


def test_what_a_rule_counts_has_a_page_with_both_acts_and_their_sources(site: Site, pages: dict[str, str]) -> None:
    assert set(site.derived.values()) == {"10-elapsed-days", "12-overruns"}
    for iri, rule in site.derived.items():
        for lang, suffix in SUFFIX.items():
            here = iri.removeprefix(BASE) + suffix
            acts = section(pages[here], "acts")
            assert rule in acts
            for name in ("startedBy", "endedBy"):
                (act,) = site.objects(iri, RRM + name)
                for one in (act, *site.objects(act, RRM + "evidence")):
                    assert f'href="{site.link(one, lang, here).href}"' in acts, (here, one)


def test_the_page_of_an_overrun_says_which_days_it_is_counted_from(site: Site, pages: dict[str, str]) -> None:
    # The verification ended on 14 May 2025; the determination, due thirty days later, is of 4 July 2025.
    (stem,) = (iri.removeprefix(BASE) for iri in site.derived if "/overrun/atento-" in iri and ".tl-31a-11." in iri)
    page = pages[stem + ".html"]
    assert "13 June 2025" in page
    acts = words(section(page, "acts"))
    assert acts.index("14 May 2025") < acts.index("4 July 2025")
    assert not re.search(r'aria-labelledby="proof"', page)


def test_a_page_says_its_address_and_how_to_cite_it(read: Read) -> None:
    address = words(section(read("event", "atento-submitted"), "address"))
    assert "https://w3id.org/rrm-kg/id/event/atento-submitted" in address
    assert (
        "petition submitted (Atento Servicios, Pachuca call centers). In: Trade-labor disputes, release 0.2.0"
        in address
    )
    assert "data as of 22 November 2026" in address


# What a page shows because of its class


def test_a_union_has_its_cases_newest_first_with_role_and_outcome(read: Read) -> None:
    rows = [words(row) for row in _ROWS.findall(section(read("union", "lsom"), "cases"))[1:]]
    assert len(rows) == 7
    assert rows[0].startswith("ThyssenKrupp Springs & Stabilizers, San Luis Potosí")
    assert rows[-1].startswith("Manufacturas VU, Piedras Negras (first case)")
    goodyear = next(row for row in rows if row.startswith("Goodyear"))
    assert "petitioner" in goodyear
    assert "20 April 2023" in goodyear
    assert "agreed course of remediation completed" in goodyear


def test_a_section_names_the_union_that_it_is_part_of(read: Read) -> None:
    path = re.search(r'<p class="path">(.*?)</p>', read("union", "strm-section-187"))
    assert path is not None
    assert words(path[1]) == "Part of Sindicato de Telefonistas de la República Mexicana"
    assert "strm-section-187.html" in section(read("union", "strm"), "parts")


def test_a_company_has_its_facilities_and_a_facility_its_owners(read: Read) -> None:
    facility = read("facility", "akwel-juarez-mexico-ciudad-juarez")
    assert "../company/akwel-juarez-mexico.html" in section(facility, "owners")
    assert "akwel-juarez-mexico-ciudad-juarez.html" in section(read("company", "akwel-juarez-mexico"), "owned")
    path = re.search(r'<p class="path">(.*?)</p>', facility)
    assert path is not None
    assert words(path[1]) == "Ciudad Juárez › Chihuahua › Mexico"


def test_a_place_has_the_cases_of_all_places_within(read: Read) -> None:
    for place in ("ciudad-juarez", "chihuahua", "mexico"):
        assert "../case/akwel-juarez.html" in section(read("place", place), "cases")
    assert "../case/akwel-juarez.html" not in read("place", "hidalgo")
    assert "pachuca-de-soto.html" in section(read("place", "hidalgo"), "parts")


def test_a_document_shows_every_passage_and_what_it_proves(site: Site, read: Read) -> None:
    iri = mint("document", "ustr-2025-08-21")
    expected = [one for one, prop in site.incoming[iri] if prop == RRM + "document"]
    passages = section(read("document", "ustr-2025-08-21"), "passages")
    assert passages.count("<li>") == len(expected) > 20
    assert "<blockquote>On November 28, 2023, the ILC received an RRM petition from STRM" in passages
    assert "../event/atento-submitted.html" in passages


def test_evidence_quotes_and_says_what_it_proves(read: Read) -> None:
    page = read("evidence", "akwel-juarez-vote", "es")
    assert '<blockquote class="big">fueron 414 papeletas en contra del sindicato' in page
    assert '<blockquote class="big" lang="es">' in read("evidence", "akwel-juarez-vote")
    proved = section(page, "proved")
    assert "../event/akwel-juarez-vote-held.es.html" in proved
    assert "../case/akwel-juarez.es.html" in proved


def test_acts_lead_to_the_act_before_and_after(site: Site, index: Index, read: Read) -> None:
    acts = index.events[mint("case", "atento")]
    assert acts[0] == mint("event", "atento-submitted")
    first, second = read("event", "atento-submitted"), things.thing(index, acts[1], "en").data.decode()
    assert 'rel="prev"' not in first
    assert 'rel="next" href="' + acts[1].rsplit("/", 1)[1] in first
    assert 'rel="prev" href="atento-submitted.html"' in second
    days = [index.days[act] for act in acts if act in index.days and site.values(act, RRM + "date")]
    assert days == sorted(days)


def test_a_mechanism_has_its_steps_in_order_with_limits_and_cases(read: Read) -> None:
    page = read("mechanism", "rrm-31a")
    rows = [words(row) for row in _ROWS.findall(section(page, "steps"))[1:]]
    names = [
        next(i for i, row in enumerate(rows) if row.startswith(start))
        for start in ("review requested", "panel requested")
    ]
    assert names == sorted(names)
    requested = rows[names[0]]
    assert "10 days (calendar days), deadline → review accepted" in requested
    assert "45 days (calendar days), deadline" in requested
    assert "secondary source" in requested
    assert "not verified" in requested
    assert "../case/akwel-juarez.html" in section(page, "cases")


def test_a_limit_in_words_alone_shows_the_words(read: Read) -> None:
    assert "In a timely manner." in words(section(read("mechanism", "us-domestic"), "steps"))


def test_a_provision_names_what_contains_it(read: Read) -> None:
    path = re.search(r'<p class="path">(.*?)</p>', read("provision", "usmca-31-a.4"))
    assert path is not None
    assert "../instrument/usmca-annex-31-a.html" in path[1]
    assert "../provision/usmca-31-a.4.html" in section(read("instrument", "usmca-annex-31-a"), "parts")


def test_a_code_list_has_its_concepts_with_definitions_and_uses(site: Site, index: Index) -> None:
    page = things.thing(index, CODE + "gap-reason", "en").data.decode()
    rows = [words(row) for row in _ROWS.findall(section(page, "concepts"))[1:]]
    assert len(rows) == 4
    published = next(row for row in rows if row.startswith("not published"))
    uses = sum(prop == RRM + "gapReason" for _, prop in site.incoming[CODE + "gap-reason/not-published"])
    assert published.endswith(f" {uses}")


def test_steps_of_a_list_stand_in_their_order(index: Index) -> None:
    page = things.thing(index, CODE + "step-31a", "en").data.decode()
    rows = [words(row) for row in _ROWS.findall(section(page, "concepts"))[1:]]
    order = [
        next(i for i, row in enumerate(rows) if row.startswith(name))
        for name in ("review requested", "panel requested")
    ]
    assert order == sorted(order)


def test_an_assertion_shows_the_other_values(read: Read) -> None:
    others = words(section(read("assertion", "atento-submitted-2023-12"), "others"))
    assert "28 November 2023 accepted" in others
    assert "according to La Jornada" not in others


def test_a_plan_has_its_commitments(site: Site, index: Index) -> None:
    plan = next(
        iri for iri in site.things if RRM + "RemediationPlan" in site.types(iri) and index.subjects(iri, RRM + "inPlan")
    )
    promised = section(things.thing(index, plan, "es").data.decode(), "promised")
    assert promised.count("<li>") == len(index.subjects(plan, RRM + "inPlan"))


def test_a_release_has_its_changes(read: Read) -> None:
    changes = words(section(read("release", "0.1.0"), "changes"))
    assert "The Atento case was added, from its petition to the reactions to the determination." in changes
    assert "First release." in changes


def test_the_special_part_follows_the_class_hierarchy(tmp_path: Path) -> None:
    site = small(
        tmp_path,
        """rrm:Guild rdfs:subClassOf rrm:Union . rrm:Union rdfs:subClassOf rrm:Organization .
        rrm:Organization rdfs:subClassOf rrm:Agent . <http://purl.org/dc/terms/x> rdfs:label "x" .
        <%sguild/g> a rrm:Guild . <%sparticipation/p> a rrm:Participation ; rrm:agent <%sguild/g> ;
        rrm:inDispute <%scase/c> . <%scase/c> a rrm:Dispute ."""
        % ((mint("", "")[:-1],) * 5),
    )
    page = things.thing(Index(site), mint("guild", "g"), "en").data.decode()
    assert "../case/c.html" in section(page, "cases")


# Hostile and withdrawn things


def test_no_text_of_the_graph_becomes_markup(tmp_path: Path) -> None:
    hostile = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    site = small(
        tmp_path,
        f"""<{mint("document", "d")}> a rrm:Document ; rdfs:label "{hostile}"@en ;
        rrm:url "javascript:alert(1)"^^xsd:anyURI ; rrm:readAt "javascript:alert(1)"^^xsd:anyURI .
        <{mint("evidence", "e")}> a rrm:Evidence ; rrm:document <{mint("document", "d")}> ;
        rrm:locator "{hostile}"@en ; rrm:quote "{hostile}"@es .
        <{mint("claim", "c")}> a rrm:Claim ; rrm:summary "{hostile}"@en ; rrm:evidence <{mint("evidence", "e")}> .""",
    )
    index = Index(site)
    for iri in site.things:
        page = things.thing(index, iri, "en").data.decode()
        assert "<img" not in page
        assert "alert(1)</script>" not in page
        assert page.count("<script") == page.count('<script type="application/ld+json" id="')
        assert 'href="javascript' not in page


def test_a_withdrawn_thing_leaves_a_page_that_explains_it(tmp_path: Path) -> None:
    site = small(
        tmp_path,
        f"""<{mint("union", "old")}> a rrm:Union ; rdfs:label "Old name"@en ; owl:deprecated true ;
        dcterms:isReplacedBy <{mint("union", "new")}> .
        <{mint("union", "new")}> a rrm:Union ; rdfs:label "New name"@en .
        <{mint("change", "c")}> a rrm:Change ; rrm:about <{mint("union", "old")}> ;
        rrm:changeKind <{CODE}change-kind/withdrawn> ; rrm:reason "It was the same union."@en , "Era el mismo."@es .""",
    )
    index = Index(site)
    page = things.thing(index, mint("union", "old"), "en").data.decode()
    assert '<meta name="robots" content="noindex">' in page
    assert "It was the same union." in page
    assert '<a href="new.html">' in page
    assert 'id="graph"' not in page
    assert mint("union", "old") in words(section(page, "address"))
    assert "Era el mismo." in things.thing(index, mint("union", "old"), "es").data.decode()
    assert "noindex" not in things.thing(index, mint("union", "new"), "en").data.decode()


# Days, numbers, lengths


@pytest.mark.parametrize(
    ("value", "english", "spanish"),
    [
        ("2024-04-22", "22 April 2024", "22 de abril de 2024"),
        ("2024-09-01", "1 September 2024", "1 de septiembre de 2024"),
        ("2024-04", "April 2024", "abril de 2024"),
        ("2024", "2024", "2024"),
        ("2024-13", "2024-13", "2024-13"),
        ("-0044-03-15", "-0044-03-15", "-0044-03-15"),
        ("soon", "soon", "soon"),
    ],
)
def test_days_in_words(value: str, english: str, spanish: str) -> None:
    assert (dated(value, "en"), dated(value, "es")) == (english, spanish)


@pytest.mark.parametrize(
    ("value", "english", "spanish"),
    [
        ("P10D", "10 days", "10 días"),
        ("P1D", "1 day", "1 día"),
        ("P2M", "2 months", "2 meses"),
        ("P1Y6M", "1 year, 6 months", "1 año, 6 meses"),
        ("PT5H", "PT5H", "PT5H"),
        ("P", "P", "P"),
    ],
)
def test_lengths_in_words(value: str, english: str, spanish: str) -> None:
    assert (lasting(value, "en"), lasting(value, "es")) == (english, spanish)


@pytest.mark.parametrize(
    ("value", "shown"), [("42000", "42,000"), ("43", "43"), ("3.5", "3.5"), ("1234.50", "1,234.50"), ("x", "x")]
)
def test_numbers_are_set_apart(value: str, shown: str) -> None:
    assert numbered(value, "en") == numbered(value, "es") == shown


@pytest.mark.parametrize(
    ("said", "english", "spanish"),
    [
        ('rrm:date "2024-04-22"^^xsd:date', "22 April 2024", "22 de abril de 2024"),
        (
            'rrm:beganOn "2024-04-19"^^xsd:date ; rrm:date "2024-04-22"^^xsd:date',
            "19 April 2024 to 22 April 2024",
            "del 19 de abril de 2024 al 22 de abril de 2024",
        ),
        (
            'rrm:onOrAfter "2024-04-19"^^xsd:date ; rrm:onOrBefore "2024-04-22"^^xsd:date',
            "between 19 April 2024 and 22 April 2024",
            "entre el 19 de abril de 2024 y el 22 de abril de 2024",
        ),
        ('rrm:onOrBefore "2024-04-22"^^xsd:date', "on or before 22 April 2024", "a más tardar el 22 de abril de 2024"),
        ('rrm:onOrAfter "2024-04-22"^^xsd:date', "on or after 22 April 2024", "a partir del 22 de abril de 2024"),
        ('rrm:asOf "2024-04-22"^^xsd:date', "as of 22 April 2024", "al 22 de abril de 2024"),
        ('rdfs:label "undated"', "", ""),
    ],
)
def test_a_thing_is_dated_as_its_source_dates_it(tmp_path: Path, said: str, english: str, spanish: str) -> None:
    site = small(tmp_path, f"<{mint('event', 'e')}> {said} .")
    assert words(when(site, mint("event", "e"), "en")) == english
    assert words(when(site, mint("event", "e"), "es")) == spanish
