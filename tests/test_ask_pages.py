"""The front door: each question has a form and an answer in both languages, from its header alone."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import html5lib
import pytest
from serving import Client, graph_loader, serving

from rrm_kg import questions
from rrm_kg.pipeline import KnowledgeGraph
from rrm_kg.publish.pictures import answers
from rrm_kg.serve import ask

LISTED = questions.catalogue(Path(__file__).parents[1])


@pytest.fixture(scope="module")
def client(graph: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with serving(graph_loader(graph), tmp_path_factory.mktemp("bare")) as client:
        yield client


@pytest.fixture(scope="module")
def released(graph: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of a server whose release has the question cq14 and the list in English."""
    folder = tmp_path_factory.mktemp("release")
    (folder / "questions").mkdir()
    for name in ("questions.html", "questions/cq14.html", "questions/cq14.es.html"):
        (folder / name).write_text('<main id="content" tabindex="-1">\n<h1>Q</h1></main>', encoding="utf-8")
    (folder / "questions/cq14.csv").write_text("a\n", encoding="utf-8")
    with serving(graph_loader(graph), folder) as client:
        yield client


def _page(text: str) -> Any:
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


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
    rows = len(graph.ask(one.id, lang="es"))
    assert f"{rows} fila{'s' if rows != 1 else ''};" in answer.text
    assert "style=" not in answer.text
    assert "<script" not in answer.text


def test_a_blank_that_is_a_thing_offers_the_things(client: Client) -> None:
    page = _page(client.get("/ask/cq14.html?case=tamsa").text)
    first, second = page.findall(".//select[@name='case']")
    assert len(first.findall("option")) == 49
    assert [option.get("value") for option in first.findall("option[@selected]")] == ["tamsa"]
    assert len(second.findall("option")) == 50
    assert second.find("option").get("value") == ""
    assert not second.findall("option[@selected]")


def test_what_cannot_be_answered_is_said_beside_the_form(client: Client) -> None:
    answer = client.get("/ask/cq18.html?on=30/02/2024")
    assert answer.status == 400
    assert "E203" in answer.text
    assert "<form" in answer.text
    assert client.get("/ask/cq99.html").status == 404


def test_an_error_stands_at_its_blank_and_what_was_typed_stays(client: Client) -> None:
    answer = client.get("/ask/cq18.es.html?case=nadie&on=30/02/2024")
    page = _page(answer.text)
    case, day = page.find(".//select[@id='blank-case']"), page.find(".//input[@id='blank-on']")
    assert [option.get("value") for option in case.findall("option[@selected]")] == ["nadie"]
    assert day.get("value") == "30/02/2024"
    for field, told in ((case, ["blank-case-error"]), (day, ["blank-on-hint", "blank-on-error"])):
        assert field.get("aria-invalid") == "true"
        assert field.get("aria-describedby").split() == told
        texts = ["".join(page.find(f".//*[@id='{one}']").itertext()) for one in told]
        assert field.get("value", "nadie") in texts[-1]
        if field is day:
            assert "AAAA-MM-DD" in texts[0]
    links = [link.get("href") for link in page.findall(".//*[@role='alert']//a")]
    assert links == ["#blank-case", "#blank-on"]
    assert page.find(".//title").text.startswith("Error: ")
    assert 'href="cq18.html?case=nadie&amp;on=30%2F02%2F2024"' in answer.text


def test_a_parameter_that_the_question_does_not_have_is_said_above_the_form(client: Client) -> None:
    answer = client.get("/ask/cq18.html?nothing=1")
    page = _page(answer.text)
    assert answer.status == 400
    assert "E202" in "".join(page.find(".//*[@role='alert']").itertext())
    assert page.find(".//*[@aria-invalid]") is None


@pytest.mark.parametrize("one", LISTED, ids=lambda one: one.id)
def test_every_field_has_a_label_and_a_required_one_says_so(client: Client, one: questions.Question) -> None:
    answer = client.get(f"/ask/{one.id}.html").text
    page = _page(answer)
    form = page.find(".//form[@class='blanks']")
    labels = {label.get("for"): label for label in page.findall(".//label")}
    for field in [] if form is None else [*form.iter("input"), *form.iter("select")]:
        assert field.get("id") in labels
    for parameter in one.parameters:
        said = "".join(labels[f"blank-{parameter.name}"].itertext())
        assert said == parameter.label["en"] + (" (required)" if parameter.default is not None else "")
    if one.description:
        assert page.find(".//p[@class='lead']").text == one.description["en"]


def test_a_thing_that_may_be_left_out_is_compared_once_it_is_chosen(client: Client, graph: KnowledgeGraph) -> None:
    plain = _page(client.get("/ask/cq29.html").text)
    assert [field.get("id") for field in plain.findall(".//select[@name='state']")] == ["blank-state"]
    answer = client.get("/ask/cq29.html?state=hidalgo")
    assert answer.status == 200
    chosen = _page(answer.text)
    assert len(chosen.findall(".//select[@name='state']")) == 2


def test_the_cells_of_a_table_name_their_columns(client: Client) -> None:
    table = _page(client.get("/ask/cq20.html").text).find(".//table[@class='stacked']")
    heads = table.findall("./thead/tr/th")
    for row in table.findall("./tbody/tr"):
        cells = row.findall("td")
        assert [cell.get("data-label") for cell in cells[:-1]] == [head.text for head in heads[:-1]]
        assert [cell.get("class") for cell in cells[:-1]] == [head.get("class") for head in heads[:-1]]
    numbers = [head.text for head in heads if head.get("class") == "number"]
    assert numbers == ["cases with it"]


def test_a_day_is_told_in_words_and_a_number_as_it_is(client: Client) -> None:
    page = _page(client.get("/ask/cq18.es.html?case=atento&on=2024-05-01").text)
    days = [cell for cell in page.findall(".//td") if cell.find("time") is not None]
    assert "entre el 16 de abril de 2024 y el 12 de mayo de 2025" in ["".join(one.itertext()) for one in days]
    assert {one.get("datetime") for one in days[0].iter("time")} == {"2024-04-16", "2025-05-12"}
    years = _page(client.get("/ask/cq28.html").text)
    assert "2023" in [cell.text for cell in years.findall(".//td")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2024-02", '<time datetime="2024-02">February 2024</time>'),
        ("…2024-02-03", 'on or before <time datetime="2024-02-03">3 February 2024</time>'),
        ("2024-02-03…", 'on or after <time datetime="2024-02-03">3 February 2024</time>'),
        ("2024", "2024"),
        ("not published", "not published"),
    ],
)
def test_a_day_or_its_bounds_in_words(text: str, said: str) -> None:
    assert ask.spoken(text, "en") == said


def test_words_in_another_language_say_so(client: Client, graph: KnowledgeGraph) -> None:
    page = _page(client.get("/ask/cq18.html").text)
    answer = graph.ask("cq18")
    place = answer.columns.index("quote")
    spanish = {row[place].value for row in answer.terms if row[place].language == "es"}
    assert spanish
    assert {one.text for one in page.findall(".//q[@lang='es']")} == spanish
    assert page.find(".//q[@lang='en']") is None


def test_an_empty_answer_says_what_that_means(client: Client, graph: KnowledgeGraph) -> None:
    assert len(graph.ask("cq06", case="tamsa")) == 0
    answer = client.get("/ask/cq06.es.html?case=tamsa")
    assert answer.status == 200
    assert "Los datos no contienen nada que responda a esto" in answer.text
    assert _page(answer.text).find(".//table") is None
    assert len(graph.ask("cq10")) == 1
    assert "1 row;" in client.get("/ask/cq10.html").text


def test_two_cases_stand_side_by_side(client: Client, graph: KnowledgeGraph) -> None:
    answer = client.get("/ask/cq06.html?case=atento&case=tamsa&case=")
    page = _page(answer.text)
    chosen = [field.find("option[@selected]") for field in page.findall(".//select[@name='case']")]
    assert [option.get("value") if option is not None else "" for option in chosen] == ["atento", "tamsa", ""]
    assert f"{len(graph.ask('cq06', case=['atento', 'tamsa']))} rows" in answer.text
    assert 'href="../id/case/atento.html"' in answer.text
    assert len(graph.ask("cq06", case="tamsa")) == 0
    assert '<a href="../id/case/tamsa.html">' in answer.text.partition("No rows about")[2].partition("</p>")[0]
    assert 'href="cq06.es.html?case=atento&amp;case=tamsa"' in answer.text
    assert "/api/questions/cq06?case=atento&amp;case=tamsa&amp;lang=en&amp;format=csv" in answer.text


def test_dates_are_drawn_along_a_line(client: Client) -> None:
    page = _page(client.get("/ask/cq18.html").text)
    picture = next(one for one in page.findall(".//{*}svg") if one.get("aria-labelledby") == "answer-timeline-title")
    texts = ["".join(one.itertext()) for one in picture.findall(".//{*}text")]
    assert "panel proceedings: panel requested" in texts
    assert page.find(".//*[@id='answer-timeline-desc']").text.endswith("The rows below say the same.")


def test_places_are_drawn_on_the_map_with_their_counts(client: Client, graph: KnowledgeGraph) -> None:
    page = _page(client.get("/ask/cq29.es.html").text)
    picture = next(one for one in page.findall(".//{*}svg") if one.get("aria-labelledby") == "answer-map-title")
    told = [one.text for one in picture.findall(".//{*}title")]
    counts = {row["stateName"]: row["cases"] for row in graph.ask("cq29", lang="es")}
    assert counts
    assert {f"{name}: {count}" for name, count in counts.items()} == set(told[1:])


def test_counts_are_drawn_as_bars_beside_their_numbers(client: Client, graph: KnowledgeGraph) -> None:
    page = _page(client.get("/ask/cq20.html").text)
    rows = page.findall(".//table[@class='bars']/tbody/tr")
    found = {row.find("th").text: int(row.find("td").text) for row in rows}
    assert found == {row["result"]: row["cases"] for row in graph.ask("cq20")}
    widths = [float(row.find(".//{*}rect").get("width")) for row in rows]
    assert max(widths) == 100


def test_numbers_of_several_units_are_not_compared(client: Client, graph: KnowledgeGraph) -> None:
    assert {"number", "unit"} <= set(graph.ask("cq33").columns)
    assert 'class="bars"' not in client.get("/ask/cq33.html").text


def test_an_answer_with_too_many_dates_is_not_drawn(client: Client, graph: KnowledgeGraph) -> None:
    assert len({(row["statement"], row["issued"]) for row in graph.ask("cq21")}) > answers.MOST
    assert "answer-timeline" not in client.get("/ask/cq21.html").text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-02", (date(2024, 2, 1), date(2024, 2, 29))),
        ("2023", (date(2023, 1, 1), date(2023, 12, 31))),
        ("2024-02…2024-03-05", (date(2024, 2, 1), date(2024, 3, 5))),
        ("…2024-03-05", (None, date(2024, 3, 5))),
        ("2024-03-05…", (date(2024, 3, 5), None)),
        ("2024-02-30", None),
        ("2024-13", None),
        ("not published", None),
        ("…", None),
        ("", None),
    ],
)
def test_the_bounds_of_a_date(text: str, expected: object) -> None:
    assert answers.span(text) == expected


def test_the_list_of_a_release_leads_to_the_forms(released: Client) -> None:
    for name, way in (
        ("questions.html", "/ask.html"),
        ("questions/cq14.html", "/ask/cq14.html"),
        ("questions/cq14.es.html", "/ask/cq14.es.html"),
    ):
        answer = released.get(f"/{name}")
        assert answer.status == 200
        assert f'<a href="{way}">' in answer.text
        assert "<h1>Q</h1>" in answer.text
        assert released.get(f"/{name}", If_None_Match=answer.headers["etag"]).status == 304
    assert released.get("/questions/cq14.csv").text == "a\n"
    assert released.get("/questions/cq99.html").status == 404
    assert 'href="questions.html"' in released.get("/ask.html").text


def test_without_such_a_list_the_forms_stand_in_its_place(client: Client) -> None:
    assert client.get("/questions.html").headers["location"] == "/ask.html"
    assert client.get("/questions.es.html").headers["location"] == "/ask.es.html"
    page = client.get("/ask.html").text
    assert page.count('href="questions.html"') == 1, "only the menu"


def test_what_is_typed_is_shown_as_text(client: Client) -> None:
    page = client.get("/ask/cq18.html?on=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script" not in page


def test_the_permanent_link_gives_the_same_rows(client: Client) -> None:
    page = client.get("/ask/cq14.html?case=tamsa").text
    place = re.search(r'href="(/api/questions/[^"]*format=rows)"', page)
    assert place is not None
    rows = client.get(html.unescape(place[1])).json()["rows"]
    assert f"{len(rows)} rows" in page
