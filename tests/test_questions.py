"""Every question of the catalogue gives the answer that was written from the facts before the query ran.

``queries/<question>.csv`` holds the expected answer: the distinct rows of the answer, projected onto the columns
of the CSV, are its rows. With ``expected: some`` in the header of the question, every row of the CSV is in the answer.
"""

from __future__ import annotations

import csv
import re
import statistics
import time
from datetime import date
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest
import yaml

from rrm_kg import KnowledgeGraph, RrmError, headers, open_graph, questions, safety
from rrm_kg import graph as graphs
from rrm_kg.query import Row
from rrm_kg.questions import Question, catalogue, read
from rrm_kg.terms import CODE, ID

ROOT: Final = Path(__file__).parent.parent
QUESTIONS: Final = catalogue(ROOT)
LANGUAGES: Final = ("en", "es")
NO_EVIDENCE: Final = "no evidence"

each_question = pytest.mark.parametrize("question", QUESTIONS, ids=[question.id for question in QUESTIONS])


def text(value: object) -> str:
    """A cell of an answer as the CSV writes it: an unbound one is empty."""
    return "" if value is None else str(value)


def rows(graph: KnowledgeGraph, question: Question, columns: tuple[str, ...]) -> set[tuple[str, ...]]:
    """The distinct rows of an answer with the default parameters, projected onto some columns."""
    return {tuple(text(row[name]) for name in columns) for row in graph.ask(question.id)}


def expected(question: Question) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """The columns and the rows of the expected answer."""
    with question.path.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        first, *others = csv.reader(file)
    return tuple(first), [tuple(row) for row in others]


# The answers


@each_question
def test_expected_answer_is_well_formed(question: Question) -> None:
    columns, wanted = expected(question)
    assert set(columns) <= {column.name for column in question.columns}
    assert len(set(columns)) == len(columns)
    assert {len(row) for row in wanted} == {len(columns)}
    assert len(set(wanted)) == len(wanted), "a row is there twice"


@each_question
def test_answer_equals_the_one_written_from_the_facts(graph: KnowledgeGraph, question: Question) -> None:
    columns, wanted = expected(question)
    found = rows(graph, question, columns)
    only_in_facts = sorted(set(wanted) - found)
    only_in_answer = sorted(found - set(wanted))
    if headers.read(question.path)[0].get("expected") == "some":
        only_in_answer = []
        assert len(wanted) >= 2
    assert (only_in_facts, only_in_answer) == ([], [])


@each_question
def test_every_parameter_can_be_given(graph: KnowledgeGraph, question: Question) -> None:
    given = {
        "case": ("gm-silao", "grupo-mexico-san-martin", "eu-korea"),
        "date": ("2023-12-31",),
        "integer": ("2023",),
        "mechanism": ("rrm-31b", "eu-korea-13"),
        "sector": ("mining",),
        "place": ("hidalgo",),
        "outcome": ("course-completed",),
        "union": ("strm",),
        "counted": ("us-requests",),
        "company": ("atento-servicios",),
        "facility": ("atento-pachuca-i",),
        "string": ("x",),
    }
    for parameter in question.parameters:
        for value in given[parameter.type]:
            for lang in LANGUAGES:
                graph.ask(question.id, lang=lang, **{parameter.name: value})


# The proof


def gap_words(graph: KnowledgeGraph) -> set[str]:
    """The English words for what is missing."""
    answer = graph.query(
        "SELECT ?name WHERE { ?code skos:inScheme ?scheme ; skos:prefLabel ?name . FILTER(LANG(?name) = 'en') }",
        scheme=ox.NamedNode(CODE + "gap-reason"),
    )
    return {text(row["name"]) for row in answer}


def our_own(question: Question, row: Row) -> bool:
    """Whether a row rests on nothing outside this project: its own changes, its own translations of terms."""
    if question.id == "cq23":
        return True
    return question.id == "cq40" and row["translation"] == "unofficial translation"


@each_question
def test_every_row_names_its_document_and_passage(graph: KnowledgeGraph, question: Question) -> None:
    missing = gap_words(graph)
    unproven = []
    for row in graph.ask(question.id):
        assert row["document"], row
        if row["document"] != NO_EVIDENCE:
            assert row["locator"], row
            continue
        cells = {part for value in row.values() for part in (text(value), text(value).rpartition(": ")[2])}
        if not (cells & missing) and not our_own(question, row):
            unproven.append({name: value for name, value in row.items() if value not in (None, "")})
    assert unproven == []


@each_question
def test_every_answer_comes_from_a_checked_graph_and_says_its_day(graph: KnowledgeGraph, question: Question) -> None:
    answer = graph.ask(question.id)
    assert answer.checked
    assert answer.as_of == date(2026, 11, 22)
    assert answer.columns == tuple(column.name for column in question.columns)


# Both languages


NOT_LABELS: Final = {
    "document",
    "locator",
    "quote",
    "english",
    "spanish",
    "language",
    "id",
    "code",
    "url",
    "fromSource",
}


def labels(graph: KnowledgeGraph, lang: str) -> set[str]:
    """The names of all codes and steps in a language, and of the classes and properties."""
    answer = graph.query(
        """SELECT ?name WHERE {
             { ?code skos:inScheme ?scheme ; skos:prefLabel ?name } UNION { ?term rdfs:label ?name
               FILTER(STRSTARTS(STR(?term), STR(rrm:))) }
             FILTER(LANG(?name) = ?lang)
           }""",
        lang=ox.Literal(lang),
    )
    return {text(row["name"]) for row in answer}


@each_question
def test_spanish_answer_has_the_same_rows_and_no_english_words(graph: KnowledgeGraph, question: Question) -> None:
    english, spanish = graph.ask(question.id, lang="en"), graph.ask(question.id, lang="es")
    assert len(english) == len(spanish)
    only_english = labels(graph, "en") - labels(graph, "es")
    for column in question.columns:
        if column.type == "string" and column.name not in NOT_LABELS:
            for row in spanish:
                cell = text(row[column.name])
                parts = {cell, *re.split(r": | \(|\) ?|, ", cell)}
                assert not parts & only_english, (column.name, cell)


@each_question
def test_the_same_cells_are_bound_in_both_languages(graph: KnowledgeGraph, question: Question) -> None:
    def bound(lang: str) -> list[tuple[bool, ...]]:
        return sorted(tuple(value is not None for value in row.values()) for row in graph.ask(question.id, lang=lang))

    assert bound("en") == bound("es")


@each_question
def test_header_is_bilingual_and_free_of_words_that_yaml_takes_for_truth_values(question: Question) -> None:
    header, query = headers.read(question.path)
    for part in ("summary", "question"):
        assert set(header[part]) == set(LANGUAGES)
        assert all(header[part].values())
    for field in [*(header.get("params") or ()), *header["columns"]]:
        assert isinstance(field["name"], str), field
        assert set(field["label"]) == set(LANGUAGES)
        assert all(isinstance(label, str) and label for label in field["label"].values()), field
    for line in question.path.read_text(encoding="utf-8").splitlines():
        for name in re.findall(r"^#\+ .*\bname: ([^,}\s]+)", line):
            assert isinstance(yaml.safe_load(name), str), line
    for parameter in question.parameters:
        assert re.search(rf"\?{parameter.name}\b", query), parameter.name


def test_every_column_and_parameter_has_a_name_of_its_own() -> None:
    for question in QUESTIONS:
        names = [parameter.name for parameter in question.parameters]
        names += [column.name for column in question.columns]
        assert len(set(names)) == len(names), question.id


# Speed: a sanity check, far above what any question needs


@each_question
def test_no_question_takes_over_a_second(graph: KnowledgeGraph, question: Question) -> None:
    def once() -> float:
        start = time.perf_counter()
        graph.ask(question.id)
        return time.perf_counter() - start

    assert min(once() for _ in range(3)) < 1


# Parameters


@pytest.mark.parametrize(
    ("on", "stage", "step", "perhaps"),
    [
        ("2023-12-01", "complaint", "petition submitted", {"evidence found sufficient"}),
        ("2024-02-01", "review by the respondent", "review accepted", set()),
        ("2024-03-10", "review reported", "review reported", set()),
        ("2024-05-01", "panel proceedings", "panel requested", {"panel constituted"}),
        ("2025-05-20", "panel proceedings", "verification carried out", set()),
        ("2025-07-10", "decided by the panel", "determination issued", set()),
        ("2025-09-01", "decided by the panel", "determination issued", set()),
    ],
)
def test_state_of_the_case_on_a_day(graph: KnowledgeGraph, on: str, stage: str, step: str, perhaps: set[str]) -> None:
    answer = graph.ask("cq18", on=on)
    assert {(row["stage"], row["step"]) for row in answer if text(row["certain"]).startswith("yes")} == {(stage, step)}
    assert {row["step"] for row in answer if row["certain"] == "no"} == perhaps


def test_there_is_no_state_before_the_petition(graph: KnowledgeGraph) -> None:
    assert len(graph.ask("cq18", on="2023-11-27")) == 0
    assert {row["stage"] for row in graph.ask("cq18", on="2023-11-28") if text(row["certain"]).startswith("yes")} == {
        "complaint"
    }


def test_press_date_of_the_determination_is_its_publication(graph: KnowledgeGraph) -> None:
    answer = graph.ask("cq05", on="2025-08-21")
    assert {(row["day"], row["act"], row["standing"]) for row in answer} == {
        ("2025-08-21", "determination issued", "reported, not accepted here"),
        ("2025-07-04", "determination issued", "accepted"),
        ("2025-08-21", "determination made public", "accepted"),
    }
    assert all("publi" in text(row["reason"]) for row in answer if row["standing"] != "accepted" and row["reason"])


def test_day_of_the_determination(graph: KnowledgeGraph) -> None:
    answer = graph.ask("cq05", on="2025-07-04")
    assert {(row["day"], row["act"], row["standing"]) for row in answer} == {
        ("2025-07-04", "determination issued", "accepted"),
        ("2025-08-21", "determination made public", "accepted"),
    }


@pytest.mark.parametrize("facility", ["atento-pachuca-i", "atento-interplaza"])
def test_authorities_on_the_day_of_the_request_for_review(graph: KnowledgeGraph, facility: str) -> None:
    center = "Centro Federal de Conciliación y Registro Laboral"
    found = {(row["matter"], row["authority"]) for row in graph.ask("cq30", facility=facility, on="2024-01-18")}
    assert found == {
        ("labor justice", "Federal labor courts in Hidalgo"),
        ("labor justice", "Local labor courts of Hidalgo"),
        ("pre-trial conciliation", center),
        ("pre-trial conciliation", "Centro de Conciliación Laboral del Estado de Hidalgo"),
        ("registration of unions and collective agreements", center),
        ("review under the mechanism", "Secretaría del Trabajo y Previsión Social"),
    }


def test_local_authorities_of_hidalgo_start_on_3_november_2021(graph: KnowledgeGraph) -> None:
    local = {"Local labor courts of Hidalgo", "Centro de Conciliación Laboral del Estado de Hidalgo"}
    before = {row["authority"] for row in graph.ask("cq30", on="2021-11-02")}
    after = {row["authority"] for row in graph.ask("cq30", on="2021-11-03")}
    assert not before & local
    assert after - before == local


def test_a_client_has_no_case_as_employer(graph: KnowledgeGraph) -> None:
    assert not [row for row in graph.ask("cq36", company="bbva-mexico") if row["dispute"] is not None]
    assert {row["dispute"] for row in graph.ask("cq36", company="atento-servicios")} == {
        "Atento Servicios, Pachuca call centers"
    }


# Clocks: the figures of section 5 of the process model


@pytest.mark.parametrize(
    ("clock", "reported_by", "start", "end", "days"),
    [
        ("tl-us-02", "", "2023-11-28", "2024-01-18", 51),
        ("tl-31a-01", "", "2024-01-18", "2024-01-30", 12),
        ("tl-31a-01", "El Sol de Tampico", "2024-01-18", "2024-01-19", 1),
        ("tl-31a-03", "", "2024-01-18", "2024-03-04", 46),
        ("31a-review-request-to-panel-request", "", "2024-01-18", "2024-04-16", 89),
        ("31a-panel-request-to-determination", "", "2024-04-16", "2025-07-04", 444),
        ("tl-31a-11", "", "2025-05-14", "2025-07-04", 51),
        ("tl-us-words-03", "", "2025-07-04", "2025-08-21", 48),
        ("31a-petition-to-publication", "", "2023-11-28", "2025-08-21", 632),
    ],
)
def test_days_used(graph: KnowledgeGraph, clock: str, reported_by: str, start: str, end: str, days: int) -> None:
    (row,) = [r for r in graph.ask("cq14") if r["id"] == clock and text(r["reportedBy"]) == reported_by]
    assert (row["fromDate"], row["toDate"]) == (start, end)
    assert row["used"] == row["usedAtMost"] == days == (date.fromisoformat(end) - date.fromisoformat(start)).days


def test_days_used_are_the_days_between_the_dates(graph: KnowledgeGraph) -> None:
    checked = 0
    for row in graph.ask("cq14"):
        ends = [text(row[name]).split("…") for name in ("fromDate", "toDate")]
        if row["used"] is None:
            assert row["code"] in ("undeterminable", "no-number"), row
            continue
        (first, *_), (last, *_) = (reversed(ends[0]), reversed(ends[1]))
        at_least = (date.fromisoformat(ends[1][0]) - date.fromisoformat(first)).days
        at_most = (date.fromisoformat(last) - date.fromisoformat(ends[0][0])).days
        assert (row["used"], row["usedAtMost"]) == (max(at_least, 0), max(at_most, 0)), row
        checked += 1
    assert checked > 30


def test_corresponding_steps_show_every_passage(graph: KnowledgeGraph) -> None:
    passages = graph.query(
        "SELECT DISTINCT ?evidence WHERE { <https://w3id.org/rrm-kg/id/mechanism/cafta-dr-16> rrm:evidence ?evidence }"
    )
    assert len(passages) > 1
    shown = {(row.document, row.locator, row.quote) for row in graph.ask("cq26")}
    assert len(shown) == len(passages)


def test_two_dates_for_the_acceptance_give_two_results(graph: KnowledgeGraph) -> None:
    found = {(text(row["reportedBy"]), row["code"]) for row in graph.ask("cq14") if row["id"] == "tl-31a-01"}
    assert {("", "exceeded"), ("El Sol de Tampico", "met")} <= found


# Durations and totals


def test_elapsed_days_are_the_days_between_the_acts(graph: KnowledgeGraph) -> None:
    rows = graph.query(
        """SELECT ?least ?most ?beginFirst ?beginLast ?endFirst ?endLast WHERE {
             ?time rrm:daysAtLeast ?least ; rrm:startedBy ?begin ; rrm:endedBy ?end .
             ?begin rrm:latest ?beginLast . ?end rrm:latest ?endLast .
             OPTIONAL { ?time rrm:daysAtMost ?most }
             OPTIONAL { ?begin rrm:earliest ?beginFirst } OPTIONAL { ?end rrm:earliest ?endFirst } }"""
    )
    assert len(rows) > 100
    for row in rows:
        least = (row.endFirst - row.beginLast).days if row.endFirst else 0
        assert row.least == max(least, 0), row
        assert row.most == ((row.endLast - row.beginFirst).days if row.beginFirst else None), row


def test_the_median_is_the_median(graph: KnowledgeGraph) -> None:
    rows = graph.query(
        """SELECT ?name ?days WHERE {
             ?time rrm:interval/rdfs:label ?name ; rrm:daysAtLeast ?days ; rrm:daysAtMost ?days ; rrm:inDispute ?case .
             ?case rrm:mechanism <https://w3id.org/rrm-kg/id/mechanism/rrm-31a> . FILTER(LANG(?name) = "en") }"""
    )
    days: dict[str, list[int]] = {}
    for row in rows:
        days.setdefault(str(row.name), []).append(int(str(row.days)))
    answer = graph.ask("cq15")
    assert {str(row.interval) for row in answer} == set(days)
    for row in answer:
        known = days[str(row.interval)]
        assert (row.cases, row.shortest, row.longest) == (len(known), min(known), max(known))
        assert float(str(row.median)) == statistics.median(known), row


def test_every_difference_to_a_published_total_is_explained(graph: KnowledgeGraph) -> None:
    rows = graph.ask("cq19").rows
    assert len(rows) > 100
    assert sum(row.difference == 0 for row in rows) > 20
    for row in rows:
        if row.difference:
            assert row.explanation not in ("", None, "not explained"), row.total
        if row.graphCount is not None:
            assert row.difference == row.published - row.graphCount


def test_an_unexplained_difference_says_so(root_copy: Path) -> None:
    """The verdict is computed: a total without a reason is called unexplained."""
    (root_copy / "data" / "totals.ttl").write_text(
        """@prefix rrm: <https://w3id.org/rrm-kg/ontology#> .
        @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        @prefix c: <https://w3id.org/rrm-kg/code/counted/> .
        @prefix u: <https://w3id.org/rrm-kg/code/unit/> .
        <https://w3id.org/rrm-kg/id/total/one> a rrm:PublishedTotal ; rrm:counted c:us-requests ; rrm:value 1 ;
          rrm:unit u:cases ; rrm:asOf "2031-01-01"^^xsd:date ; rrm:countingRule "all"@en , "todos"@es .
        <https://w3id.org/rrm-kg/id/total/seven> a rrm:PublishedTotal ; rrm:counted c:us-requests ; rrm:value 7 ;
          rrm:unit u:cases ; rrm:asOf "2031-01-01"^^xsd:date ; rrm:countingRule "all"@en , "todos"@es .
        <https://w3id.org/rrm-kg/id/total/none> a rrm:PublishedTotal ; rrm:counted c:us-requests ; rrm:value 0 ;
          rrm:unit u:cases ; rrm:asOf "2021-01-01"^^xsd:date ; rrm:countingRule "all"@en , "todos"@es .""",
        encoding="utf-8",
    )
    graph = open_graph(root_copy, gate=False, use_cache=False)
    found = {row.total: (row.graphCount, row.difference, row.explanation) for row in graph.ask("cq19", unchecked=True)}
    assert found == {"one": (1, 0, "equal"), "seven": (1, 6, "not explained"), "none": (0, 0, "equal")}


def test_a_day_in_the_past_knows_nothing_later(graph: KnowledgeGraph) -> None:
    view = read(ROOT / "queries" / "views" / "cases.rq")
    bound = view.bind({"on": "2022-12-31"}, "en", graph.store)
    rows = {str(row.case).rsplit("/", 1)[-1]: row for row in graph.query(view.query, **bound)}
    assert "atento" not in rows
    still = view.bind({"on": "2022-12-31", "open": "yes"}, "en", graph.store)
    open_then = {str(row.case).rsplit("/", 1)[-1] for row in graph.query(view.query, **still)}
    assert open_then <= set(rows)
    assert "teksid-hierro" not in open_then, "closed in August 2022"
    assert "gm-silao" not in open_then, "it ended, though no source here gives the day"
    assert rows["gm-silao"].stage == "agreed remediation"
    assert rows["gm-silao"].outcomes is None


# A second engine


@pytest.mark.parametrize("name", ["cq03", "cq24", "cq31", "cq37"])
def test_rdflib_gives_the_same_rows(graph: KnowledgeGraph, name: str) -> None:
    (question,) = [question for question in QUESTIONS if question.id == name]
    dataset = graphs.to_rdflib_dataset(graph.store)
    terms = question.bind({}, "en", graph.store)
    query = safety.bind(question.query, {variable: str(term) for variable, term in terms.items()})
    found = {tuple(text(cell) for cell in row) for row in dataset.query(query) if isinstance(row, tuple)}
    assert found
    assert found == rows(graph, question, tuple(column.name for column in question.columns))


def test_a_name_that_fits_several_things_is_refused_with_all_of_them() -> None:
    store = ox.Store()
    for kind in ("union", "company"):
        store.update(
            f"INSERT DATA {{ <https://w3id.org/rrm-kg/id/{kind}/twin> a <https://w3id.org/rrm-kg/ontology#Agent> }}"
        )
    with pytest.raises(RrmError) as caught:
        questions.resolve(store, "twin")
    assert caught.value.code == "E214"
    assert "company/twin, union/twin" in caught.value.hint("en")
    assert questions.resolve(store, "twin", "union") == f"{ID}union/twin"
    assert questions.resolve(store, "union/twin") == f"{ID}union/twin"


@pytest.mark.parametrize(
    ("question", "given", "meant"),
    [
        ("cq14", "caso", "case"),
        ("cq14", "Caso", "case"),
        ("cq14", "kase", "case"),
        ("cq18", "día", "on"),
        ("cq18", "dia", "on"),
        ("cq26", "mecanismo", "mechanism"),
        ("cq26", "otro mecanismo", "other"),
        ("cq26", "otro", "other"),
        ("cq14", "zzz", None),
    ],
)
def test_a_parameter_by_what_people_call_it_is_refused_with_its_name(
    graph: KnowledgeGraph, question: str, given: str, meant: str | None
) -> None:
    with pytest.raises(RrmError) as raised:
        graph.ask(question, **{given: "atento"})
    assert raised.value.code == "E202"
    hints = {lang: raised.value.hint(lang) for lang in ("en", "es")}
    assert hints["en"].endswith(f". Did you mean {meant}?" if meant else ".")
    assert hints["es"].endswith(f". ¿Quiso decir {meant}?" if meant else ".")


def test_a_clock_says_why_a_limit_may_have_been_kept_all_the_same(graph: KnowledgeGraph) -> None:
    doubts = {
        (row.id, row.fromDate, row.toDate): row.doubt
        for row in graph.ask("cq14", case="atento")
        if row.code == "exceeded"
    }
    # 45 days from Thursday 18 January 2024 end on Sunday 3 March, and the report came on Monday.
    assert doubts["tl-31a-03", "2024-01-18", "2024-03-04"] == "explained by the weekend"
    assert doubts["tl-us-02", "2023-11-28", "2024-01-18"] == "the limit only stands in for another"
    # 10 days end on Sunday 28 January, but the acceptance came on Tuesday.
    assert doubts["tl-31a-01", "2024-01-18", "2024-01-30"] is None
    assert doubts["tl-31a-11", "2025-05-14", "2025-07-04"] is None
    spanish = {row.doubt for row in graph.ask("cq14", case="atento", lang="es")}
    assert spanish == {None, "se explica por el fin de semana", "el plazo solo sustituye a otro"}
    kept = [row for row in graph.ask("cq14", case="atento") if row.code != "exceeded"]
    assert kept
    assert all(row.doubt is None for row in kept)
