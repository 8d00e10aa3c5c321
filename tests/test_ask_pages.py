"""The front door: each question has a form and an answer in both languages, from its header alone."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import html5lib
import pytest
from serving import Client, graph_loader, serving

from rrm_kg import questions
from rrm_kg.pipeline import KnowledgeGraph

LISTED = questions.catalogue(Path(__file__).parents[1])


@pytest.fixture(scope="module")
def client(graph: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with serving(graph_loader(graph), tmp_path_factory.mktemp("release")) as client:
        yield client


def test_the_door_leads_to_the_language_of_the_reader(client: Client) -> None:
    assert client.get("/ask", Accept_Language="es-MX").headers["location"] == "/ask.es.html"
    kept = client.get("/ask/cq14?case=atento", Accept_Language="en").headers["location"]
    assert kept == "/ask/cq14.html?case=atento"


@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_question_is_listed(client: Client, lang: str) -> None:
    page = client.get("/ask.html" if lang == "en" else "/ask.es.html").text
    for one in LISTED:
        assert html.escape(one.question[lang], quote=False).replace("'", "&#39;") in page.replace("&#34;", '"')


@pytest.mark.parametrize("one", LISTED, ids=lambda one: one.id)
def test_every_question_has_its_form_and_its_answer(
    client: Client, graph: KnowledgeGraph, one: questions.Question
) -> None:
    answer = client.get(f"/ask/{one.id}.es.html")
    assert answer.status == 200, answer.text
    html5lib.HTMLParser(strict=True).parse(answer.text)
    for parameter in one.parameters:
        assert f'name="{parameter.name}"' in answer.text
        assert parameter.label["es"] in html.unescape(answer.text)
    assert f"{len(graph.ask(one.id, lang='es'))} filas" in answer.text
    assert "style=" not in answer.text
    assert "<script" not in answer.text


def test_a_blank_that_is_a_thing_offers_the_things(client: Client) -> None:
    page = client.get("/ask/cq14.html?case=tamsa").text
    assert len(re.findall("<option", page)) == 49
    assert '<option value="tamsa" selected>' in page


def test_what_cannot_be_answered_is_said_beside_the_form(client: Client) -> None:
    answer = client.get("/ask/cq18.html?on=30/02/2024")
    assert answer.status == 400
    assert "E203" in answer.text
    assert "<form" in answer.text
    assert client.get("/ask/cq99.html").status == 404


def test_what_is_typed_is_shown_as_text(client: Client) -> None:
    page = client.get("/ask/cq18.html?on=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script" not in page


def test_the_permanent_link_gives_the_same_rows(client: Client) -> None:
    page = client.get("/ask/cq14.html?case=tamsa").text
    place = re.search(r'href="(/api/questions/[^"]*format=rows)"', page)
    assert place is not None
    rows = client.get(html.unescape(place[1])).json()["rows"]
    assert f"{len(rows)} rows" in page
