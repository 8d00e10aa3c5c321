"""The page of each dispute shows all that is recorded in it, each record with the passages that prove it.

What is expected of Atento was taken from the facts collected about the case, and not from its page.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urljoin

import pyoxigraph as ox
import pytest

from rrm_kg import KnowledgeGraph
from rrm_kg.graph import Source, Sources
from rrm_kg.publish import cases, dispute, stories
from rrm_kg.publish.clocks import Clock, clocks
from rrm_kg.publish.site import SUFFIX, Site
from rrm_kg.terms import BASE, ID, RRM, graph_iri, mint

VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "path",
        "circle",
        "rect",
        "source",
        "track",
        "wbr",
    ]
)
ATENTO = mint("case", "atento")


class Page(HTMLParser):
    """A page: its ids, what stands and what is linked to within each, and all links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.source = text
        self.ids: list[str] = []
        self.links: list[str] = []
        self.within: dict[str, set[str]] = {}
        self.texts: dict[str, str] = {}
        self.tags: list[str] = []
        self._open: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.tags.append(tag)
        if known.get("id"):
            self.ids.append(str(known["id"]))
        if tag not in VOID:
            self._open.append((tag, known.get("id") or ""))
        if tag == "a" and known.get("href"):
            self.links.append(str(known["href"]))
            for _, one in self._open:
                if one:
                    self.within.setdefault(one, set()).add(str(known["href"]))
        assert "style" not in known
        assert not any(name.startswith("on") for name in known)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        for _, one in self._open:
            if one:
                self.texts[one] = self.texts.get(one, "") + data


@pytest.fixture(scope="module")
def site(graph: KnowledgeGraph) -> Site:
    return Site(graph, BASE, "0.2.0")


@pytest.fixture(scope="module")
def files(site: Site) -> dict[str, bytes]:
    return {file.path: file.data for file in cases.files(site)}


@pytest.fixture(scope="module")
def pages(files: dict[str, bytes]) -> dict[str, Page]:
    return {path: Page(data.decode()) for path, data in files.items() if path.endswith(".html")}


def disputes(site: Site) -> Iterator[str]:
    return (iri for iri in site.things if RRM + "Dispute" in site.types(iri))


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text)).strip()


def told(page: Page) -> str:
    found = re.search(r'<p class="lead">(.*?)</p>', page.source, re.S)
    assert found
    return plain(found[1])


def ran(site: Site, case: str = ATENTO) -> tuple[Clock, ...]:
    return clocks(site, case, dispute.gather(site, case).everything, "en")


def test_every_dispute_has_a_page_in_both_languages(site: Site, pages: dict[str, Page]) -> None:
    expected = {iri.removeprefix(BASE) + suffix for iri in disputes(site) for suffix in SUFFIX.values()}
    assert set(pages) == expected
    assert len(expected) == 98  # 40 requests under the mechanism and one settled before; eight elsewhere; two languages


def test_every_record_is_shown_with_its_passages(site: Site, pages: dict[str, Page]) -> None:
    shown, missing = 0, []
    for iri in disputes(site):
        records = [record for record, name in site.incoming[iri] if name == RRM + "inDispute"]
        for lang, suffix in SUFFIX.items():
            page = pages[iri.removeprefix(BASE) + suffix]
            here = iri.removeprefix(BASE) + suffix
            for record in records:
                shown += 1
                place = stories.anchor(record)
                proofs = {site.link(one, lang, here).href for one in site.objects(record, RRM + "evidence")}
                if place not in page.ids or not proofs <= page.within.get(place, set()):
                    missing.append((here, place))
    assert not missing
    assert shown == 2 * sum(
        RRM + "Record" in set(site.objects(iri, "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"))
        for iri in site.things
        if site.objects(iri, RRM + "inDispute") and iri not in site.derived
    )


def test_only_a_gap_may_stand_without_a_passage(site: Site) -> None:
    bare = {
        kind.removeprefix(RRM)
        for iri in disputes(site)
        for kind, records in dispute.gather(site, iri).records.items()
        for record in records
        if not site.objects(record, RRM + "evidence")
    }
    assert bare == {"GapMarker"}


def test_every_summary_and_quote_is_in_the_reader_s_words_or_marked(site: Site, pages: dict[str, Page]) -> None:
    for iri in disputes(site):
        case = dispute.gather(site, iri)
        for lang, suffix in SUFFIX.items():
            page = pages[iri.removeprefix(BASE) + suffix]
            for record in case.everything:
                said = [
                    term.value
                    for term in site.values(record, RRM + "summary")
                    if isinstance(term, ox.Literal) and term.language == lang
                ]
                place = stories.anchor(record)
                assert all(plain(text) in plain(page.texts[place]) for text in said), (iri, place)


def test_ids_are_unique_and_links_lead_somewhere(site: Site, pages: dict[str, Page]) -> None:
    known = {f"{site.stem(iri)}{suffix}" for iri in site.things for suffix in SUFFIX.values()}
    for path, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), path
        for link in page.links:
            if link.startswith("#"):
                assert link[1:] in page.ids, (path, link)
            elif not link.startswith(("http://", "https://")):
                target = unquote(urljoin(f"/{path}", link)).lstrip("/").partition("#")[0]
                assert (
                    target in known
                    or not target.startswith(("id/", "code/"))
                    or target.rsplit(".", 1)[-1]
                    in (
                        "ttl",
                        "nt",
                        "jsonld",
                    )
                ), (path, link)


def test_no_script_runs_on_a_page(pages: dict[str, Page]) -> None:
    for page in pages.values():
        assert page.source.count("<script") == page.source.count('<script type="application/ld+json"')


def test_atento_is_light(files: dict[str, bytes]) -> None:
    for suffix in SUFFIX.values():
        data = files[f"id/case/atento{suffix}"]
        assert len(data) < 250_000
        assert len(gzip.compress(data, mtime=0)) < 50_000


def test_the_story_of_atento(pages: dict[str, Page]) -> None:
    story = told(pages["id/case/atento.html"])
    in_order = [
        "On 28 November 2023, the Sindicato de Telefonistas de la República Mexicana submitted a petition",
        "Interagency Labor Committee",
        "Pachuca de Soto, Hidalgo",
        "On 18 January 2024, the Office of the United States Trade Representative asked Mexico to review whether",
        "According to Mexico, there may have been a denial of rights",  # hedged, as its communiqué was
        "On 16 April 2024, the Office of the United States Trade Representative requested a panel",
        "On 4 July 2025, the rapid response labor panel",
        "determined that there was a denial of rights",
    ]
    places = [story.find(part) for part in in_order]
    assert -1 not in places
    assert all(one < other for one, other in pairwise(places))
    assert "Mexico found" not in story
    spanish = told(pages["id/case/atento.es.html"])
    assert "El 28 de noviembre de 2023 se presentó ante el Comité Laboral Interinstitucional" in spanish
    assert "una petición del Sindicato de Telefonistas de la República Mexicana" in spanish
    assert "El 4 de julio de 2025 el panel laboral de respuesta rápida" in spanish
    assert "hubo una denegación de derechos" in spanish
    assert "pudo haber una denegación de derechos" in spanish
    assert " de el " not in spanish
    assert " a el " not in spanish


def test_each_day_in_a_story_leads_to_the_record_that_proves_it(pages: dict[str, Page]) -> None:
    for path, page in pages.items():
        found = re.search(r'<p class="lead">(.*?)</p>', page.source, re.S)
        assert found
        links = re.findall(r'<a href="#([^"]+)">', found[1])
        assert links, path
        assert set(links) <= set(page.ids), path
        days = re.findall(r"<time", found[1])
        outside = re.sub(r"<a .*?</a>", "", found[1], flags=re.S)
        assert not days or "<time" not in outside, path


def test_the_facts_of_atento(pages: dict[str, Page]) -> None:
    page = pages["id/case/atento.html"]
    facts = plain(page.source.split('<dl class="facts">')[1].split("</dl>")[0])
    for fact in (
        "MEX-USA-2024-31A-01",
        "19",  # the nineteenth request of the United States
        "Atento call center Pachuca I",
        "Atento call center Interplaza",
        "Pachuca de Soto",
        "Hidalgo",
        "Atento Servicios, S.A. de C.V.",
        "Sindicato de Telefonistas de la República Mexicana",
        "freedom of association",
        "collective bargaining",
        "denial of rights determined",
        "possible denial said to be remediated",
    ):
        assert fact in facts
    assert "according to El Sol de Tampico" in facts  # the one paper that names Section 187 as the petitioner
    for day in ("2025-05-12", "2025-05-14", "2025-05-15", "2025-07-04", "2025-08-21", "2024-03-27"):
        assert f'datetime="{day}"' in page.source
    assert "climate of fear" in page.source
    assert "BBVA México" in page.source
    assert "Sindicato Nacional Presidente Benito Juárez" in page.source
    assert "Mexico City" in page.texts["event-atento-hearing-held"]


def test_the_clocks_of_atento(site: Site) -> None:
    """Days between the acts, counted by hand: 51, 12, 46 and 444; day 45 of the review was a Sunday."""
    accepted = {one.iri.rsplit("/", 1)[-1]: one for one in ran(site) if not one.reported_by}
    petition, acceptance, review = accepted["tl-us-02"], accepted["tl-31a-01"], accepted["tl-31a-03"]
    assert (petition.used, petition.limit, petition.code) == ((51, 51), 30, "exceeded")
    assert petition.doubt == "the limit only stands in for another"  # the day of the determination is not published
    assert (acceptance.used, acceptance.limit, acceptance.code) == ((12, 12), 10, "exceeded")
    assert (review.used, review.limit, review.code) == ((46, 46), 45, "exceeded")
    assert review.weekend is not None
    assert (review.weekend.last_day, review.weekend.weekday, review.weekend.late) == ("2024-03-03", "Sunday", 1)
    assert review.start == mint("event", "atento-review-requested")
    assert review.end == mint("event", "atento-review-reported")
    panel = accepted["31a-panel-request-to-determination"]
    assert (panel.used, panel.limit, panel.code) == ((444, 444), None, "no-number")
    evidence = accepted["tl-us-01"]  # the day of the finding is not published
    assert (evidence.used, evidence.code) == ((0, 51), "undeterminable")


def test_an_exceeded_limit_that_is_in_doubt_says_why(pages: dict[str, Page]) -> None:
    row = "From the petition to the request for review, as a substitute"
    table = pages["id/case/atento.html"].source.split('<table class="clocks">')[1].split("</table>")[0]
    (said,) = (one for one in table.split("<tr") if row in one)
    assert "In doubt: the limit only stands in for another." in said
    assert "In doubt" not in table.replace(said, "").split('class="reported"')[0]
    assert "En duda: el plazo solo sustituye a otro." in pages["id/case/atento.es.html"].source


def test_a_date_reported_beside_gives_another_result(site: Site, pages: dict[str, Page]) -> None:
    """El Sol de Tampico prints 19 January 2024 as the day of acceptance: one day of ten."""
    found = [
        one for one in ran(site) if one.iri == mint("limit", "tl-31a-01") and one.reported_by == "El Sol de Tampico"
    ]
    assert [(one.used, one.code) for one in found] == [((1, 1), "met")]
    assert found[0].asserted is not None
    assert f"#{stories.anchor(found[0].asserted)}" in pages["id/case/atento.html"].links


def test_runs_by_other_dates_follow_their_clock(site: Site) -> None:
    for iri in disputes(site):
        order = [one.iri for one in ran(site, iri)]
        assert order == [one for one, _ in _runs(order) for _ in range(order.count(one))]


def _runs(order: list[str]) -> list[tuple[str, int]]:
    return list({one: order.count(one) for one in order}.items())


def test_clocks_have_a_row_each_with_status_and_basis(site: Site, pages: dict[str, Page]) -> None:
    source = pages["id/case/atento.html"].source
    table = source.split('<table class="clocks">')[1].split("</table>")[0]
    assert table.count("<tr") == 1 + len(ran(site))
    for code in ("met", "exceeded", "undeterminable", "no-number"):
        assert f'class="badge {code}"' in table
    assert "Article 31-A.4 of the USMCA" in table
    assert "19 USC 4646(b)(1)" in table


def test_sides_stand_beside_each_other(site: Site) -> None:
    found = dispute.issues(site, dispute.gather(site, ATENTO))
    covered = found[BASE + "code/issue/covered-facility"]
    assert [len(column) > 0 for column in covered[:3]] == [True, True, True]
    assert covered[0] == (mint("position", "atento-us-covered-facility"),)
    assert covered[1] == (mint("position", "atento-mx-covered-facility"),)
    assert covered[2] == (mint("finding", "atento-panel-covered-facility"),)
    denial = found[BASE + "code/issue/denial-of-rights"]
    assert mint("finding", "atento-mx-denial") in denial[1]
    assert mint("position", "atento-us-dol-denial") in denial[0]  # an organ of the complainant


def test_a_finding_names_who_disputes_it(pages: dict[str, Page]) -> None:
    finding = "finding-atento-panel-denial"
    page = pages["id/case/atento.html"]
    assert "#claim-atento-mx-disagrees" in page.within[finding]
    assert f"#{finding}" in page.within["claim-atento-mx-disagrees"]
    assert "Disputed by:" in page.texts[finding]


def test_all_values_stay_and_one_is_marked(site: Site, pages: dict[str, Page]) -> None:
    """The determination: 4 July 2025 is used, 21 August 2025 (publication, reported as the day) stays."""
    found = dispute.values(site, dispute.gather(site, ATENTO))
    days = found[mint("event", "atento-determined"), RRM + "date"]
    assert days[0] == mint("assertion", "atento-determined-2025-07-04")
    assert mint("assertion", "atento-determined-2025-08-21") in days
    texts = pages["id/case/atento.html"].texts
    assert "accepted" in texts["assertion-atento-determined-2025-07-04"]
    assert "not accepted" in texts["assertion-atento-determined-2025-08-21"]


def test_a_dispute_of_another_agreement_reads_well(pages: dict[str, Page]) -> None:
    page = pages["id/case/eu-korea.html"]
    story = told(page)
    assert "On 17 December 2018, the European Commission requested government consultations with the Republic" in story
    assert "On 4 July 2019, the European Union requested a Panel of Experts" in story
    assert "On 20 January 2021" in story
    assert "there is no map" in page.source
    assert 'class="state' not in page.source
    costa_rica = told(pages["id/case/caftadr-costa-rica.es.html"])
    assert (
        "se presentó ante la Oficina de Asuntos Comerciales y Laborales una comunicación de la Asociación" in costa_rica
    )


def test_a_matter_without_outcome_says_so(pages: dict[str, Page]) -> None:
    assert "No outcome is recorded in the data as of" in told(pages["id/case/tamsa.html"])
    assert "no registran un resultado" in told(pages["id/case/tamsa.es.html"])


def test_what_has_no_last_day_is_told_last(pages: dict[str, Page]) -> None:
    """Mexico's result is known only to be later than the petition; the request came before it."""
    story = told(pages["id/case/grupo-yazaki-leon-2.html"])
    assert story.index("asked Mexico to review") < story.index("According to Mexico")
    assert "(on or after 20 October 2025)" in story


def test_a_panel_that_declined_is_not_told_as_a_denial(pages: dict[str, Page]) -> None:
    story = told(pages["id/case/grupo-mexico-san-martin.html"])
    assert "On 26 April 2024, the rapid response labor panel on the San Martín mine determined that it had no" in story
    assert "According to Mexico, the review found no denial of rights" in story


def test_the_map_shows_the_state(pages: dict[str, Page]) -> None:
    source = pages["id/case/atento.html"].source
    assert source.count('class="state in"') == 1
    assert '<g class="state in"><title>Hidalgo</title>' in source


def test_the_whole_case_is_one_file(site: Site, files: dict[str, bytes]) -> None:
    for iri in disputes(site):
        slug = iri.rsplit("/", 1)[-1]
        graph = ox.NamedNode(graph_iri(f"data/cases/{slug}.ttl"))
        kept = {
            ox.Triple(q.subject, q.predicate, q.object)
            for q in site.graph.store.quads_for_pattern(None, None, None, graph)
        }
        assert kept
        for ending, form in (
            ("ttl", ox.RdfFormat.TURTLE),
            ("nt", ox.RdfFormat.N_TRIPLES),
            ("jsonld", ox.RdfFormat.JSON_LD),
        ):
            read = ox.parse(files[f"graph/cases/{slug}.{ending}"], format=form, base_iri=BASE)
            assert {ox.Triple(q.subject, q.predicate, q.object) for q in read} == kept, (slug, ending)


def test_the_same_graph_gives_the_same_bytes(graph: KnowledgeGraph, files: dict[str, bytes]) -> None:
    again = Site(graph, BASE, "0.2.0")
    case = dispute.gather(again, ATENTO)
    assert cases._page(again, case, "es").data == files["id/case/atento.es.html"]


def test_machines_get_the_same_graph(site: Site, pages: dict[str, Page]) -> None:
    source = pages["id/case/atento.html"].source
    blocks = re.findall(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', source, re.S)
    assert len(blocks) == 2
    assert all(json.loads(block) for block in blocks)
    assert f'<link rel="cite-as" href="{ATENTO}">' in source


@pytest.mark.parametrize(
    ("names", "lang", "expected"),
    [
        ([], "en", ""),
        (["A"], "en", "A"),
        (["A", "B"], "en", "A and B"),
        (["A", "B", "C", "D"], "en", "A, B, C and D"),
        (["A", "B", "C", "D", "E"], "en", "A, B, C and 2 others"),
        (["México", "Irlanda"], "es", "México e Irlanda"),
        (["México", "Honduras"], "es", "México y Honduras"),
        (["México", "Canadá"], "es", "México y Canadá"),
    ],
)
def test_names_in_a_row(names: list[str], lang: str, expected: str) -> None:
    from markupsafe import Markup

    assert stories.several([Markup(one) for one in names], lang) == expected


def test_days_are_told_as_exactly_as_they_are_known(site: Site) -> None:
    def said(slug: str, lang: str = "en") -> str:
        return stories.adverb(site, mint("event", slug), lang).striptags()

    assert said("atento-determined") == "on 4 July 2025"
    assert said("atento-determined", "es") == "el 4 de julio de 2025"
    assert said("atento-verified") == "from 12 May 2025 to 14 May 2025"
    assert said("atento-party-disagreed", "es") == "entre el 4 de marzo de 2024 y el 16 de abril de 2024"


def test_anchors_are_those_of_records() -> None:
    assert stories.anchor(ID + "event/atento-determined") == "event-atento-determined"


def test_the_file_of_a_withdrawn_dispute_stays(tmp_path: Path) -> None:
    source = Source(
        "data/cases/old.ttl",
        f"<{mint('case', 'old')}> a <{RRM}Dispute> ; <http://www.w3.org/2002/07/owl#deprecated> true .".encode(),
    )
    store = ox.Store()
    store.load(source.data, format=ox.RdfFormat.TURTLE, to_graph=ox.NamedNode(source.graph))
    site = Site(KnowledgeGraph(Sources(tmp_path, (source,)), store, None, False), BASE, "0.2.0")
    found = {file.path: file.data for file in cases.files(site)}
    assert sorted(found) == ["graph/cases/old.jsonld", "graph/cases/old.nt", "graph/cases/old.ttl"]
    assert found["graph/cases/old.ttl"] == source.data
