"""The editor of the server: a form that needs no JavaScript, and YASGUI over it, which runs nothing that data say."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import html5lib
import pytest
from serving import Answer, Client, graph_loader, serving, styled
from test_site import drive, in_browser

from rrm_kg import questions
from rrm_kg.pipeline import KnowledgeGraph
from rrm_kg.serve import editor
from rrm_kg.terms import PREFIXES, RRM

LISTED = questions.catalogue(Path(__file__).parents[1])
PAGES = {"en": "/query.html", "es": "/query.es.html"}
needs_yasgui = pytest.mark.skipif(editor.installed() is None, reason="needs YASGUI, which 'make client' installs")


@pytest.fixture(scope="module")
def client(graph: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    release = styled(tmp_path_factory.mktemp("release"))
    with serving(graph_loader(graph), release) as client:
        yield client


@pytest.fixture(scope="module")
def plain(graph: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A server without any npm package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RRM_KG_ASSETS", str(tmp_path_factory.mktemp("assets")))
        with serving(graph_loader(graph), tmp_path_factory.mktemp("release")) as client:
            yield client


def text_of(answer: Answer) -> str:
    found = re.search(r"<textarea[^>]*>\n?(.*?)\n?</textarea>", answer.text, re.DOTALL)
    assert found
    return html.unescape(found[1])


def policy(answer: Answer) -> dict[str, str]:
    parts = answer.headers["content-security-policy"].split(";")
    return dict((*part.strip().split(" ", 1), "")[:2] for part in parts)


def test_the_door_leads_to_the_language_of_the_reader(client: Client) -> None:
    assert client.get("/query", Accept_Language="es-MX").headers["location"] == "/query.es.html"
    assert client.get("/query?question=cq01", Accept_Language="en").headers["location"] == "/query.html?question=cq01"


@pytest.mark.parametrize("lang", PAGES)
@pytest.mark.parametrize("kind", ["client", "plain"])
def test_the_page_is_valid_and_has_no_script_of_its_own(kind: str, lang: str, request: pytest.FixtureRequest) -> None:
    answer = request.getfixturevalue(kind).get(PAGES[lang])
    html5lib.HTMLParser(strict=True).parse(answer.text)
    assert answer.headers["content-language"] == lang
    assert re.findall(r"<script(?![^>]* src=)(?! type=\"application/json\")", answer.text) == []
    assert not re.search(r"\son\w+=| style=", answer.text)
    rules = policy(answer)
    assert (rules["default-src"], rules["script-src"], rules["connect-src"]) == ("'none'", "'self'", "'self'")
    assert (rules["img-src"], rules["form-action"], rules["base-uri"]) == ("'self' data:", "'self'", "'none'")


@pytest.mark.parametrize("lang", PAGES)
def test_without_yasgui_the_form_is_there_and_nothing_else_is_asked_for(plain: Client, lang: str) -> None:
    answer = plain.get(PAGES[lang])
    assert "<script" not in answer.text
    assert policy(answer)["style-src"] == "'self'"
    assert '<form class="ask" id="editor-form" action="/sparql" method="get">' in answer.text
    assert plain.get("/static/yasgui/yasgui.min.js").status == 404
    rows = plain.get("/sparql?" + urlencode({"query": text_of(answer), "format": "csv-excel"}))
    assert rows.kind == "text/csv"
    assert len(list(csv.reader(io.StringIO(rows.text)))) == 50


@pytest.mark.parametrize("form", ["turtle", "ntriples", "rdfxml", "jsonld"])
def test_each_form_for_graphs_is_one_of_the_endpoint(client: Client, form: str) -> None:
    query = "CONSTRUCT { ?case a rrm:Dispute } { ?case a rrm:Dispute }"
    assert f'<option value="{form}">' in client.get(PAGES["en"]).text
    assert client.get("/sparql?" + urlencode({"query": query, "format": form})).status == 200


@pytest.mark.parametrize("lang", PAGES)
def test_every_question_is_an_example_without_javascript(plain: Client, lang: str) -> None:
    page = html.unescape(plain.get(PAGES[lang]).text)
    for one in LISTED:
        assert f'?question={one.id}" data-question="{one.id}">{one.question[lang]}</a>' in page
    text = text_of(plain.get(f"{PAGES[lang]}?question={LISTED[0].id}"))
    assert text.split("{")[0].split()[-1] in LISTED[0].query
    assert plain.get("/sparql?" + urlencode({"query": text, "format": "json"})).status == 200
    assert plain.get(f"{PAGES[lang]}?question=cq999").status == 404


def test_every_example_is_a_query_that_the_endpoint_answers(client: Client) -> None:
    queries = client.get("/query/editor.json?lang=es").json()["queries"]
    assert list(queries) == [one.id for one in LISTED]
    for name, query in queries.items():
        assert "#+" not in query
        assert client.get(f"/sparql?query={quote(query)}&format=json").status == 200, name


def test_a_query_in_the_address_is_text_and_no_markup(plain: Client) -> None:
    hostile = "</textarea><script>alert(1)</script>"
    answer = plain.get(f"/query.html?query={quote(hostile)}")
    assert "<script" not in answer.text
    assert text_of(answer) == hostile
    assert plain.get("/query.html?query=" + "a" * 70_000).status in (400, 413)


def test_completion_knows_our_terms_and_prefixes(client: Client) -> None:
    known = client.get("/query/editor.json").json()
    assert known["prefixes"] == PREFIXES
    assert {RRM + "Dispute", RRM + "Union"} <= set(known["classes"])
    assert {RRM + "inDispute", RRM + "displayLabel", PREFIXES["rdfs"] + "label"} <= set(known["properties"])
    assert RRM + "Dispute" not in known["properties"]


@needs_yasgui
def test_yasgui_is_served_from_here_with_its_license(client: Client) -> None:
    script = client.get("/static/yasgui/yasgui.min.js")
    assert (script.status, script.kind) == (200, "text/javascript")
    assert client.get("/static/yasgui/yasgui.min.css").kind == "text/css"
    assert "MIT license" in client.get("/static/yasgui/LICENSE.txt").text
    assert client.get("/static/yasgui/..%2Fyasgui.esm.js").status == 404
    assert client.get("/static/yasgui/yasgui.min.js.map").status == 404
    assert policy(client.get("/query.html"))["style-src"] == "'self' 'unsafe-inline'"


@pytest.fixture(scope="module")
def seen(client: Client) -> Any:
    """What a browser saw: both languages, an example run, a fault told, and links and data that are hostile."""
    return drive("editor.mjs", root=f"{client.address}/", pages=PAGES, question="cq01", payloads=PAYLOADS)


IMAGE = "<img src=//evil.example/x onerror=window.hit=1>"
PAYLOADS = [
    *(
        f"SELECT ?x {{ BIND({term} AS ?x) }}"
        for term in (
            f'"{IMAGE}"',
            '"<script>window.hit=1</script>"',
            '"<svg onload=window.hit=1>"',
            '"<a href=javascript:window.hit=1>here</a>"',
            f'STRDT("{IMAGE}", rdf:HTML)',
            'STRDT("x", IRI("javascript:window.hit=1"))',
            'IRI("javascript:window.hit=1")',
            "IRI(\"http://evil.example/'onmouseover='window.hit=1\")",
            'STRLANG("<b onclick=window.hit=1>", "en")',
        )
    ),
    "SELECT ?onerror ?__proto__ ?constructor { VALUES (?onerror ?__proto__ ?constructor) { (1 2 3) } }",
    f'CONSTRUCT {{ <http://evil.example/a> rdfs:label "{IMAGE}" }} {{}}',
    f"SELECT * {{ {IMAGE} }}",  # not SPARQL: comes back in what is told of the fault
]


@needs_yasgui
@in_browser
@pytest.mark.parametrize("lang", PAGES)
def test_an_example_is_chosen_run_and_shown(seen: Any, client: Client, lang: str) -> None:
    found = seen[lang]
    query = client.get(f"/query/editor.json?lang={lang}").json()["queries"]["cq01"]
    assert found["marks"] == [0, 1]  # a fault is marked in its line; the query that stands there has none
    assert found["filled"] == query
    rows = client.get(f"/sparql?query={quote(query)}&format=json").json()["results"]["bindings"]
    assert found["rows"] == min(len(rows), 50)
    assert found["link"] == query
    assert found["violations"] == []
    assert found["overflow"] == {"1200": 0, "360": 0}
    assert found["fault"].startswith({"en": "The SPARQL is ill-formed", "es": "El SPARQL tiene un error"}[lang])
    assert "line 1, column 18" in found["fault"]
    assert found["completed"]


@needs_yasgui
@in_browser
def test_a_hostile_link_or_answer_runs_nothing_and_asks_nobody_else(seen: Any) -> None:
    assert seen["hostile"]["endpoints"] == [f"{seen['root']}sparql"]
    assert [one["hit"] for one in seen["hostile"]["answers"]] == [None] * (len(PAYLOADS) + 1)
    assert [one["shown"] for one in seen["hostile"]["answers"]] == [True] * (len(PAYLOADS) + 1)
    assert seen["foreign"] == []
    assert seen["dialogs"] == []
    assert seen["stored"] == []
