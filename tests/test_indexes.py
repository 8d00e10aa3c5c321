"""The pages that lead into the graph: their numbers, their completeness, their links, the feed."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import html5lib
import pyoxigraph as ox
import pytest

from rrm_kg import KnowledgeGraph, rulebook
from rrm_kg import questions as catalogue
from rrm_kg.publish import data, docket, indexes, questions, rules
from rrm_kg.publish.dates import sized
from rrm_kg.publish.pictures.bars import bar, columns
from rrm_kg.publish.sheet import days
from rrm_kg.publish.site import SUFFIX, Site
from rrm_kg.terms import BASE, RRM, RRMSH

ROOT = Path(__file__).parent.parent
SVG = "{http://www.w3.org/2000/svg}"
ATOM = "{http://www.w3.org/2005/Atom}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
OTHERS = re.compile(  # files that other parts of a release write
    r"(id|code|graph|dumps)/.+|(search|query)(\.es)?\.html|static/.+|LICENSE-DATA\.txt|"
    r"catalog\.ttl|ontology\.ttl|shapes\.ttl|MANIFEST\.json|SHA256SUMS"
)
FEW = ("atento", "caftadr-honduras")


@pytest.fixture(scope="module")
def site(graph: KnowledgeGraph) -> Site:
    return Site(graph, BASE, "0.2.0")


@pytest.fixture(scope="module")
def files(site: Site) -> dict[str, bytes]:
    return _made(site)


def _made(site: Site) -> dict[str, bytes]:
    """All files, with questions about cases asked of two of them."""

    def some(site: Site, kind: str) -> tuple[str, ...]:
        found = every(site, kind)
        return tuple(iri for iri in found if kind != "case" or iri.endswith(FEW))[:4]

    every = questions._of_kind
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(questions, "_of_kind", some)
        made = [file for part in (indexes, questions) for file in part.files(site)]
    return {file.path: file.data for file in (*made, *data.page(site, {}))}


@pytest.fixture(scope="module")
def trees(files: dict[str, bytes]) -> dict[str, ET.Element]:
    return {
        path: html5lib.parse(data.decode(), namespaceHTMLElements=False)
        for path, data in files.items()
        if path.endswith(".html")
    }


def _text(node: ET.Element) -> str:
    return " ".join("".join(node.itertext()).split())


def _one(graph: KnowledgeGraph, query: str) -> int:
    return int(str(next(iter(graph.query(query))).n))


def _rows(tree: ET.Element) -> list[ET.Element]:
    table = next(node for node in tree.iter("table") if node.get("id") == "all")
    return table.findall("tbody/tr")


# Numbers


@pytest.mark.parametrize("suffix", SUFFIX.values())
def test_every_case_has_a_row_and_its_mechanism(trees: dict[str, ET.Element], suffix: str) -> None:
    """41 cases under Annex 31-A and 8 disputes under other agreements, as the README says."""
    mechanisms = Counter(row.get("data-mechanism") for row in _rows(trees[f"cases{suffix}"]))
    assert sorted(mechanisms.values(), reverse=True) == [41, 4, 1, 1, 1, 1]
    lead = _text(next(node for node in trees[f"cases{suffix}"].iter("p") if node.get("class") == "lead"))
    assert re.findall(r"\b(41|8)\b", lead) == ["41", "8"]


def test_the_numbers_of_the_first_page_are_those_of_the_graph(
    trees: dict[str, ET.Element], graph: KnowledgeGraph
) -> None:
    figures = next(node for node in trees["index.html"].iter("dl") if node.get("class") == "figures")
    shown = [int(_text(node).replace(",", "")) for node in figures.iter("dd")]
    count = "SELECT (COUNT(DISTINCT ?x) AS ?n) WHERE {{ GRAPH ?g {{ ?x a rrm:{} }} }}"
    kinds = ("Mechanism", "ProcedureEvent", "Document", "Evidence")
    assert shown == [41, 8, *(_one(graph, count.format(kind)) for kind in kinds)]


def test_the_map_counts_the_cases_of_each_state(trees: dict[str, ET.Element], graph: KnowledgeGraph) -> None:
    answer = graph.query(
        """SELECT ?name (COUNT(DISTINCT ?case) AS ?n) WHERE {
             ?case a rrm:Dispute ; rrm:subject/rrm:locatedIn ?state . ?state rrm:isoCode ?code .
             ?state rrm:displayLabel ?name ; rrm:placeKind <https://w3id.org/rrm-kg/code/place-kind/state>
             FILTER(LANG(?name) = "es") } GROUP BY ?name"""
    )
    table = next(trees["map.es.html"].iter("table"))
    shown = {_text(row[0]): int(_text(row[1])) for row in table.findall("tbody/tr")}
    assert shown == {str(row.name): row.n for row in answer}
    assert shown["Guanajuato"] >= 5  # Silao twice, León three times


def test_every_case_stands_on_the_map_page(trees: dict[str, ET.Element], site: Site) -> None:
    linked = {node.get("href") for node in trees["map.html"].iter("a")}
    assert {f"id/case/{case.iri.rsplit('/', 1)[-1]}.html" for case in docket.docket(site, "en")} <= linked


def test_years_and_quarters_add_up(trees: dict[str, ET.Element]) -> None:
    tables = list(trees["over-time.html"].iter("table"))
    years = {_text(row[0]): int(_text(row[1])) for row in tables[0].findall("tbody/tr")}
    quarters = [int(_text(row[1])) for row in tables[1].findall("tbody/tr")]
    assert sum(years.values()) == sum(quarters) == 41
    assert min(years) == "2021"
    assert years["2021"] == 2


def test_filters_offer_what_rows_have(trees: dict[str, ET.Element]) -> None:
    rows = _rows(trees["cases.es.html"])
    for select in trees["cases.es.html"].iter("select"):
        had = {part for row in rows for part in (row.get(f"data-{select.get('name')}") or "").split("|") if part}
        assert {_text(option) for option in select if option.get("value") is None} == had


@pytest.mark.parametrize(("stem", "kind"), [("unions", "Union"), ("companies", "Company")])
def test_every_party_is_listed(trees: dict[str, ET.Element], graph: KnowledgeGraph, stem: str, kind: str) -> None:
    number = _one(graph, f"SELECT (COUNT(DISTINCT ?x) AS ?n) WHERE {{ GRAPH ?g {{ ?x a rrm:{kind} }} }}")
    assert len(_rows(trees[f"{stem}.html"])) == len(_rows(trees[f"{stem}.es.html"])) == number


def test_every_document_and_gap_is_listed(files: dict[str, bytes], graph: KnowledgeGraph) -> None:
    for stem, kind, folder in (("documents", "Document", "document"), ("gaps", "GapMarker", "gap")):
        linked = set(re.findall(rf'href="(id/{folder}/[^"]+)"', files[f"{stem}.es.html"].decode()))
        rows = graph.query(f"SELECT DISTINCT ?x WHERE {{ GRAPH ?g {{ ?x a rrm:{kind} }} }}")
        assert {f"{str(row.x).removeprefix(BASE)}.es.html" for row in rows} <= {unquote(one) for one in linked}


def test_remedies_are_counted_by_record(trees: dict[str, ET.Element], graph: KnowledgeGraph) -> None:
    tables = [table.findall("tbody/tr") for table in trees["remedies.html"].iter("table")]
    shown = [{_text(row[0]): int(_text(row[1])) for row in table} for table in tables]
    for found, kind, prop in zip(
        shown, ("Measure", "Commitment", "Outcome"), ("measureKind", "action", "outcomeKind"), strict=True
    ):
        answer = graph.query(
            f"""SELECT ?name (COUNT(DISTINCT ?x) AS ?n) WHERE {{ GRAPH ?g {{ ?x a rrm:{kind} ; rrm:{prop} ?what }}
                ?what rrm:displayLabel ?name FILTER(LANG(?name) = "en") }} GROUP BY ?name"""
        )
        assert found == {str(row.name): row.n for row in answer}


# Completeness


@pytest.mark.parametrize("lang", SUFFIX)
def test_every_question_has_its_page_and_its_rows(
    files: dict[str, bytes], trees: dict[str, ET.Element], lang: str
) -> None:
    listed = _text(trees[f"questions{SUFFIX[lang]}"])
    for question in catalogue.catalogue(ROOT):
        assert question.question[lang] in listed
        tree = trees[f"questions/{question.id}{SUFFIX[lang]}"]
        assert _text(next(tree.iter("h1"))) == question.summary[lang]
        code = [_text(node) for node in tree.iter("code")]
        assert " ".join(question.query.split()) in code
        stem = f"questions/{question.id}" + SUFFIX[lang].removesuffix(".html")
        rows = list(csv.DictReader(io.StringIO(files[f"{stem}.csv"].decode())))
        tree_ = json.loads(files[f"{stem}.json"])
        assert list(rows[0] if rows else tree_["head"]["vars"]) == tree_["head"]["vars"]
        assert len(rows) == len(tree_["results"]["bindings"])
        assert {column.name for column in question.columns} <= set(tree_["head"]["vars"])


def test_an_answer_is_that_of_the_catalogue(files: dict[str, bytes], graph: KnowledgeGraph) -> None:
    rows = list(csv.DictReader(io.StringIO(files["questions/cq14.es.csv"].decode())))
    asked = [row for row in rows if row["case"].endswith("/atento")]
    answer = graph.ask("cq14", case="atento", lang="es")
    assert [row["limit"] for row in asked] == [row.limit for row in answer]
    assert [row["used"] for row in asked] == ["" if row.used is None else str(row.used) for row in answer]


def test_a_day_that_a_question_wants_is_the_day_of_the_data(trees: dict[str, ET.Element]) -> None:
    commands = [_text(node) for node in trees["questions/cq18.html"].iter("code")]
    assert any(re.fullmatch(r"rrm-kg ask cq18 case=\S+ on=2026-11-22", command) for command in commands)


def test_long_answers_are_divided(site: Site) -> None:
    question = catalogue.find(ROOT, "cq21")
    things = tuple(f"{BASE}id/case/{name}" for name in FEW)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(questions, "_of_kind", lambda site, kind: things)
        asked = questions.ask(site, question, "en")
        assert asked.rows > 0
        assert not asked.long
        patch.setattr(questions, "LONG", 10)
        pages = [file.path for file in questions._pages(site, asked, "en", (question,), {})]
    assert pages == ["questions/cq21.html", *(f"questions/cq21/{part.anchor}.html" for part in asked.parts)]
    assert len(pages) == 3


@pytest.mark.parametrize("lang", SUFFIX)
def test_every_rule_has_its_page(trees: dict[str, ET.Element], graph: KnowledgeGraph, lang: str) -> None:
    for shape in rulebook.described(graph.sources).values():
        tree = trees[f"rules/{shape.rule}{SUFFIX[lang]}"]
        text = _text(tree)
        assert shape.name[lang] in text
        assert " ".join(shape.message[lang].split()) in text
        assert f"rules/{shape.rule}{SUFFIX[lang]}" in {
            node.get("href") for node in trees[f"rules{SUFFIX[lang]}"].iter("a")
        }


def test_examples_are_code_and_not_markup(trees: dict[str, ET.Element], graph: KnowledgeGraph) -> None:
    entry = next(one for one in rulebook.find(graph.sources, "R54") if one.bad)
    assert entry.bad is not None
    shown = ["".join(node.itertext()) for node in trees["rules/R54.html"].iter("code")]
    assert entry.bad.beside(entry.good) in shown


@pytest.mark.parametrize("lang", SUFFIX)
def test_every_term_of_the_ontology_has_its_place(trees: dict[str, ET.Element], lang: str) -> None:
    tree = trees[f"ontology{SUFFIX[lang]}"]
    ids = {node.get("id"): node for node in tree.iter() if node.get("id")}
    terms: dict[str, set[str]] = {}
    for triple in ox.parse(path=ROOT / "ontology" / "rrm.ttl", format=ox.RdfFormat.TURTLE):
        subject = str(getattr(triple.subject, "value", ""))
        named = triple.predicate.value.endswith(("#label", "#comment"))
        if subject.startswith(RRM) and named and isinstance(triple.object, ox.Literal):
            terms.setdefault(subject.removeprefix(RRM), set()).add(triple.object.value)
    assert {"Dispute", "Evidence", "inDispute"} <= set(terms) <= set(ids)
    text = _text(tree)
    for said in terms.values():
        assert all(words in text for words in said)


def test_the_diagram_leads_to_every_class(trees: dict[str, ET.Element]) -> None:
    tree = trees["ontology.html"]
    picture = next(node for node in tree.iter(f"{SVG}svg") if node.get("class") == "classes")
    classes = {
        str(getattr(triple.subject, "value", "")).removeprefix(RRM)
        for triple in ox.parse(path=ROOT / "ontology" / "rrm.ttl", format=ox.RdfFormat.TURTLE)
        if triple.object == ox.NamedNode("http://www.w3.org/2002/07/owl#Class")
    }
    assert {str(node.get("href")).removeprefix("#") for node in picture.iter(f"{SVG}a")} == classes


@pytest.mark.parametrize("suffix", SUFFIX.values())
def test_every_shape_has_its_place(trees: dict[str, ET.Element], suffix: str) -> None:
    ids = {node.get("id") for node in trees[f"shapes{suffix}"].iter() if node.get("id")}
    for path in (ROOT / "ontology" / "shapes").glob("*.ttl"):
        for triple in ox.parse(path=path, format=ox.RdfFormat.TURTLE):
            name = str(getattr(triple.subject, "value", ""))
            if name.startswith(RRMSH) and "Shape" in str(triple.object):
                assert name.removeprefix(RRMSH) in ids


def test_every_mechanism_shows_its_limits(files: dict[str, bytes], graph: KnowledgeGraph) -> None:
    linked = set(re.findall(r'href="id/limit/([^"]+)\.html"', files["mechanisms.html"].decode()))
    rows = graph.query("SELECT DISTINCT ?x WHERE { GRAPH ?g { ?x a rrm:TimeLimit } }")
    assert {str(row.x).rsplit("/", 1)[-1] for row in rows} <= linked


# Form


def test_pages_have_both_languages_and_one_heading(trees: dict[str, ET.Element]) -> None:
    for path, tree in trees.items():
        if path == "404.html":
            continue
        lang = "es" if path.endswith(".es.html") else "en"
        stem = path.removesuffix(".html").removesuffix(".es")
        assert {stem + suffix for suffix in SUFFIX.values()} <= set(trees)
        assert tree.get("lang") == lang
        assert len(list(tree.iter("h1"))) == 1, path
        ids = Counter(node.get("id") for node in tree.iter() if node.get("id"))
        assert max(ids.values()) == 1, (path, ids.most_common(2))


def test_nothing_is_written_into_pages_that_the_policy_forbids(trees: dict[str, ET.Element]) -> None:
    for path, tree in trees.items():
        for node in tree.iter():
            assert not [name for name in node.attrib if name == "style" or str(name).startswith("on")], path
            if node.tag == "script":
                assert node.get("src"), path
                assert not (node.text or "").strip(), path
            if node.tag in ("script", "img", "iframe"):
                assert not urlsplit(node.get("src") or "").scheme, path


def test_links_lead_somewhere(files: dict[str, bytes], trees: dict[str, ET.Element]) -> None:
    """To a file of these pages and an anchor on it, or to what other parts of a release write."""
    anchors = {path: {node.get("id") for node in tree.iter() if node.get("id")} for path, tree in trees.items()}
    for path, tree in trees.items():
        if path == "404.html":
            continue
        for node in tree.iter():
            href = node.get("href") if node.tag in ("a", "link") else node.get("action")
            if not href or urlsplit(href).scheme:
                continue
            to = urlsplit(urljoin(f"http://x/{path}", href))
            target = unquote(to.path).lstrip("/")
            assert target in files or OTHERS.fullmatch(target), (path, href)
            if to.fragment and target in anchors:
                assert unquote(to.fragment) in anchors[target], (path, href)


def test_the_first_page_is_light(files: dict[str, bytes]) -> None:
    style = (ROOT / "rrm_kg" / "publish" / "static" / "site.css").read_bytes()
    assert all(len(files[f"index{suffix}"]) + len(style) < 100_000 for suffix in SUFFIX.values())


def test_a_wrong_address_leads_home_from_any_depth(graph: KnowledgeGraph) -> None:
    from rrm_kg.publish import about

    page = about.lost(Site(graph, "https://example.org/disputes/", "0.2.0")).decode()
    links = re.findall(r'href="([^"]+)"', page)
    assert links
    assert all(link.startswith("/disputes/") for link in links)
    assert "/disputes/index.html" in links
    assert "/disputes/index.es.html" in links
    assert 'lang="es"' in page


@pytest.mark.parametrize(("name", "lang"), [("feed.atom", "en"), ("feed.es.atom", "es")])
def test_the_feed_is_atom(files: dict[str, bytes], graph: KnowledgeGraph, name: str, lang: str) -> None:
    """What RFC 4287 demands in 4.1.1 and 4.1.2: id, title, updated of feed and entries, an author, unique ids."""
    feed = ET.fromstring(files[name])
    assert feed.tag == f"{ATOM}feed"
    assert feed.get(XML_LANG) == lang
    entries = feed.findall(f"{ATOM}entry")
    for node in (feed, *entries):
        for part in ("id", "title", "updated"):
            assert len(node.findall(ATOM + part)) == 1
            assert node.findtext(ATOM + part)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(node.findtext(f"{ATOM}updated")))
        assert urlsplit(str(node.findtext(f"{ATOM}id"))).scheme == "https"
        assert len(node.findall(f"{ATOM}link[@rel='alternate'][@hreflang='{lang}']")) == 1
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    assert feed.find(f"{ATOM}link[@rel='self']").get("href") == BASE + name  # type: ignore[union-attr]
    assert feed.findtext(f"{ATOM}updated") == max(str(entry.findtext(f"{ATOM}updated")) for entry in entries)
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    query = (
        "SELECT (COUNT(DISTINCT ?x) AS ?n) WHERE { GRAPH ?g { ?x a ?kind } FILTER(?kind IN (rrm:Release, rrm:Change)) }"
    )
    assert len(ids) == len(set(ids)) == _one(graph, query)
    assert all(entry.findtext(f"{ATOM}content") for entry in entries)


def test_the_same_graph_gives_the_same_bytes(graph: KnowledgeGraph, files: dict[str, bytes]) -> None:
    store = ox.Store()
    for quad in sorted(graph.store, key=str, reverse=True):
        store.add(quad)
    again = KnowledgeGraph(graph.sources, store, graph.report, False)
    assert _made(Site(again, BASE, "0.2.0")) == files


# Small parts


@pytest.mark.parametrize(
    ("bytes", "shown"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1_000, "1 KB"),
        (45_678, "46 KB"),
        (999_499, "999 KB"),
        (999_500, "1.0 MB"),
        (1_234_567_890, "1,234.6 MB"),
    ],
)
def test_sizes_of_files_are_said_in_round_numbers(bytes: int, shown: str) -> None:
    assert [sized(bytes, lang) for lang in SUFFIX] == [shown, shown]


@pytest.mark.parametrize(
    ("text", "lang", "shown"),
    [
        ("2024-04-22", "es", '<time datetime="2024-04-22">22 de abril de 2024</time>'),
        ("≤ 2021-06-09", "en", 'on or before <time datetime="2021-06-09">9 June 2021</time>'),
        (
            "2008-01…2008-12",
            "en",
            'between <time datetime="2008-01">January 2008</time> and <time datetime="2008-12">December 2008</time>',
        ),
        ("2024", "en", "2024"),
        ("6494", "en", "6494"),
        ("<b>", "en", "&lt;b&gt;"),
    ],
)
def test_days_are_written_as_answers_give_them(text: str, lang: str, shown: str) -> None:
    assert str(days(text, lang)) == shown


def test_bars_are_as_long_as_their_values() -> None:
    assert '<rect class="bar" width="25" height="10"/>' in bar(3, 12)
    chart = columns("name", "Cases & more", [("2021", 2), ("2022", 4)], width=50)
    heights = [float(height) for height in re.findall(r'height="([\d.]+)"/>', chart)]
    assert heights[1] == 2 * heights[0]
    assert "Cases &amp; more" in chart
    assert ">2021</text>" in chart


def test_every_number_that_a_shape_stands_for_has_its_place_on_the_page_of_rules(site: Site) -> None:
    written = {file.path: file.data.decode() for file in rules.files(site)}
    for lang in SUFFIX:
        page = written[f"rules{SUFFIX[lang]}"]
        for number in range(17, 23):
            assert page.count(f'id="R{number}"') == 1
