"""The rules of the gate, looked up: every one is told, in both languages, with examples that hold."""

from __future__ import annotations

import json
from pathlib import Path

import pyoxigraph as ox
import pytest
from test_cli import rrm_kg

from rrm_kg import RrmError, gate, parse, rulebook
from rrm_kg import graph as graphs
from rrm_kg.docs import error_page
from rrm_kg.errors import documented_codes, raw
from rrm_kg.findings import Severity
from rrm_kg.terms import RRMSH

ROOT = Path(__file__).parent.parent
SOURCES = graphs.read_sources(ROOT)


def test_every_rule_is_told_in_both_languages() -> None:
    known = rulebook.described(SOURCES)
    assert {"R01", "C01", "C02", "OWL"} <= {shape.rule for shape in known.values()}
    for shape in known.values():
        for texts in (shape.name, shape.description, shape.message):
            assert set(texts) == {"en", "es"}, shape.iri
            assert texts["en"] != texts["es"], shape.iri


def test_every_shape_and_check_query_has_both_examples() -> None:
    for shape in rulebook.described(SOURCES).values():
        for entry in rulebook.find(SOURCES, shape.iri.removeprefix(RRMSH).removeprefix("queries/checks/")):
            if shape.rule != "OWL":
                assert entry.good, shape.iri
                assert entry.bad, shape.iri
                for example in (entry.good, entry.bad):
                    assert "@prefix" not in example.turtle
                    assert not example.turtle.startswith("\n")
                    assert example.about
                    assert not example.about.startswith("#")


def test_a_number_leads_to_all_its_shapes_and_a_name_to_one() -> None:
    by_number = rulebook.find(SOURCES, "r17")
    assert by_number[0].shape.local_name == "Dispute-deadline-exceeded"
    assert {entry.shape.severity for entry in by_number} == {Severity.WARNING, Severity.INFO}
    (one,) = rulebook.find(SOURCES, "dispute-DEADLINE-exceeded")
    assert one == by_number[0]
    assert [entry.shape.iri for entry in rulebook.find(SOURCES, "C01")] == ["queries/checks/described.rq"]


def test_a_number_within_a_range_leads_to_what_stands_for_it() -> None:
    assert rulebook.find(SOURCES, "R19") == rulebook.find(SOURCES, "R17")
    assert {entry.shape.rule for entry in rulebook.find(SOURCES, "R21")} == {"R21"}
    with pytest.raises(RrmError):
        rulebook.find(SOURCES, "R41")


@pytest.mark.parametrize(("given", "near"), [("R091", "R09"), ("Agent-usd", "Agent-used"), ("describd", "described")])
def test_an_unknown_rule_names_the_nearest(given: str, near: str) -> None:
    with pytest.raises(RrmError) as caught:
        rulebook.find(SOURCES, given)
    assert caught.value.code == "E224"
    for lang in ("en", "es"):
        assert near in caught.value.hint(lang)
        assert given in caught.value.message(lang)


def test_a_rule_that_resembles_none_still_has_an_answer() -> None:
    with pytest.raises(RrmError) as caught:
        rulebook.find(SOURCES, "")
    assert "C01" in caught.value.hint()


@pytest.mark.parametrize("query", gate.check_queries(ROOT), ids=lambda query: query.name)
@pytest.mark.parametrize(("which", "count"), [("good", 0), ("bad", 1)])
def test_the_examples_of_check_queries_hold(query: gate.CheckQuery, which: str, count: int) -> None:
    path = ROOT / "tests" / "checks" / query.name.removesuffix(".rq") / f"{which}.ttl"
    store = ox.Store()
    for file in (ROOT / "ontology" / "rrm.ttl", path):
        for triple in parse.parse_turtle(file.read_bytes(), file.name):
            store.add(ox.Quad(*triple))
    found = [row for row in query.rows(store) if "/id/" in row["focus"].value]
    assert len(found) == count


def test_of_the_bad_example_what_differs_is_shown() -> None:
    (entry,) = rulebook.find(SOURCES, "Dispute-deadline-exceeded")
    assert entry.bad
    shown = entry.bad.beside(entry.good)
    assert 'rrm:date "2031-03-14"^^xsd:date' in shown
    assert "step-invented:requested a rrm:StepType" in entry.bad.turtle
    assert "step-invented:requested a rrm:StepType" not in shown
    assert entry.bad.beside(None) == entry.bad.turtle == entry.bad.beside(entry.bad)


def test_the_command_shows_a_rule() -> None:
    done = rrm_kg("rule", "R19", "--lang", "es", "--format", "table")
    assert done.returncode == 0, done.stderr
    words = " ".join(done.stdout.split())
    for part in ("R17 Advertencia: Los plazos se cumplen", "Por qué: ", "Se acepta", "Se señala", "19 USC 4646(b)"):
        assert part in words
    assert "@prefix" not in done.stdout
    tree = json.loads(rrm_kg("rule", "Agent-used").stdout)
    assert tree[0]["rule"]
    assert "a rrm:Union" in tree[0]["bad"]["turtle"]


def test_the_command_lists_the_rules() -> None:
    table = rrm_kg("rules", "--lang", "es", "--format", "table").stdout
    assert "Los plazos se cumplen" in table
    assert "Regla" in table
    tree = json.loads(rrm_kg("rules", "--format", "json").stdout)
    assert len(tree) == len(rulebook.described(SOURCES))
    assert set(tree[0]) == {"rule", "severity", "shape", "name", "description", "message"}


def test_the_command_names_the_nearest() -> None:
    done = rrm_kg("rule", "Agent-usd", "--lang", "es")
    assert done.returncode == 2
    assert "E224" in done.stderr
    assert "¿Quiso decir Agent-used" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ("Only values that somebody wrote are read.", "copy the cell and paste it as a value")),
        ("es", ("Solo se leen valores escritos por alguien.", "copie la celda y péguela como valor")),
    ],
)
def test_an_error_code_is_explained_with_its_remedy(lang: str, said: tuple[str, str]) -> None:
    shown = rrm_kg("rule", "e353", "--format", "table", "--lang", lang)
    assert shown.returncode == 0
    assert "E353" in shown.stdout
    for sentence in said:
        assert sentence in " ".join(shown.stdout.split())
    (told,) = json.loads(rrm_kg("rule", "E353", "--format", "json").stdout)
    assert said[1] in told["remedy"][lang]


def test_an_unknown_error_code_names_the_nearest() -> None:
    with pytest.raises(RrmError) as caught:
        rulebook.failure("E999")
    assert caught.value.code == "E224"
    assert "E3" in caught.value.hint() or "E4" in caught.value.hint()


def test_the_page_of_errors_has_every_remedy_in_both_languages() -> None:
    page = error_page()
    for code in documented_codes():
        for lang in ("en", "es"):
            assert f"> → {raw(code, 'comment', lang)}\n" in page, code
