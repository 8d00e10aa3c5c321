"""What two releases say differently: written by hand from two small states of a graph."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import html5lib
import pytest
from kills import about
from rich.console import Console

from rrm_kg import RrmError
from rrm_kg.publish.dumps import pack
from rrm_kg.publish.site import File
from rrm_kg.releases import changes, difference, release
from rrm_kg.releases.difference import Difference, between
from rrm_kg.releases.manifest import QUADS
from rrm_kg.terms import BASE

PREFIXES = {
    "id:": BASE + "id/",
    "rrm:": BASE + "ontology#",
    "rdfs:": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd:": "http://www.w3.org/2001/XMLSchema#",
    "g:": BASE + "graph/",
}
# Subject, property, value, graph. What is said of case/a: its day changes, its English label changes and its Spanish
# one does not, a remark comes and a party goes, a Spanish summary goes and an English one comes. case/b goes, case/c
# comes, case/d only moves to another file.
OLD = """
id:case/a rdfs:label "Plant_A"@en g:cases/a
id:case/a rdfs:label "Planta_A"@es g:cases/a
id:case/a rrm:date "2024-01-01"^^xsd:date g:cases/a
id:case/a rrm:party id:union/x g:cases/a
id:case/a rrm:summary "Antes"@es g:cases/a
id:case/b rdfs:label "Plant_B"@en g:cases/b
id:case/d rdfs:label "Plant_D"@en g:cases/d
id:case/a rrm:displayLabel "Plant_A"@en g:derived/03-names
id:case/b rrm:displayLabel "Plant_B"@en g:derived/03-names
id:union/x rrm:displayLabel "Union_X"@en g:derived/03-names
id:union/x rrm:displayLabel "Sindicato_X"@es g:derived/03-names
id:case/a rrm:old id:case/b g:inferred
rrm:date rrm:displayLabel "day"@en g:derived/03-names
rrm:date rrm:displayLabel "fecha"@es g:derived/03-names
"""
NEW = """
id:case/a rdfs:label "The_plant_A"@en g:cases/a
id:case/a rdfs:label "Planta_A"@es g:cases/a
id:case/a rrm:date "2024-02-02"^^xsd:date g:cases/a
id:case/a rrm:remark "first"@en g:cases/a
id:case/a rrm:remark "second"@en g:cases/a
id:case/a rrm:summary "Now"@en g:cases/a
id:case/c rdfs:label "Plant_C"@en g:cases/c
id:case/d rdfs:label "Plant_D"@en g:totals
id:case/a rrm:displayLabel "The_plant_A"@en g:derived/03-names
id:case/c rrm:displayLabel "Plant_C"@en g:derived/03-names
rrm:date rrm:displayLabel "day"@en g:derived/03-names
rrm:date rrm:displayLabel "fecha"@es g:derived/03-names
"""


def nquads(table: str, base: str = BASE) -> bytes:
    lines = []
    for row in table.strip().splitlines():
        terms = []
        for word in row.split():
            text, mark, kind = word.partition("^^")
            for prefix, iri in PREFIXES.items():
                text = f"<{iri}{text.removeprefix(prefix)}>" if text.startswith(prefix) else text
                kind = f"<{iri}{kind.removeprefix(prefix)}>" if kind.startswith(prefix) else kind
            terms.append(text.replace("_", " ") + mark + kind)
        lines.append(f"{' '.join(terms)} .\n")
    return "".join(lines).replace(BASE, base).encode()


@pytest.fixture
def both(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "old.nq").write_bytes(nquads(OLD))
    (tmp_path / "new.nq.gz").write_bytes(gzip.compress(nquads(NEW)))
    return tmp_path / "old.nq", tmp_path / "new.nq.gz"


@pytest.fixture
def found(both: tuple[Path, Path]) -> Difference:
    return between(*both)


LABEL, ONTOLOGY = "http://www.w3.org/2000/01/rdf-schema#label", BASE + "ontology#"


def test_the_difference_is_the_one_that_was_written(found: Difference) -> None:
    day = "^^<http://www.w3.org/2001/XMLSchema#date>"
    assert found.as_dict("en")["things"] == [
        {
            "iri": BASE + "id/case/a",
            "name": "The plant A",
            "kind": "changed",
            "facts": [
                {
                    "property": LABEL,
                    "kind": "changed",
                    "before": ['"Plant A"@en'],
                    "after": ['"The plant A"@en'],
                },
                {
                    "property": ONTOLOGY + "date",
                    "kind": "changed",
                    "before": [f'"2024-01-01"{day}'],
                    "after": [f'"2024-02-02"{day}'],
                },
                {"property": ONTOLOGY + "party", "kind": "removed", "before": [f"<{BASE}id/union/x>"], "after": []},
                {
                    "property": ONTOLOGY + "remark",
                    "kind": "added",
                    "before": [],
                    "after": ['"first"@en', '"second"@en'],
                },
                {"property": ONTOLOGY + "summary", "kind": "added", "before": [], "after": ['"Now"@en']},
                {"property": ONTOLOGY + "summary", "kind": "removed", "before": ['"Antes"@es'], "after": []},
            ],
        },
        {
            "iri": BASE + "id/case/b",
            "name": "Plant B",
            "kind": "removed",
            "facts": [{"property": LABEL, "kind": "removed", "before": ['"Plant B"@en'], "after": []}],
        },
        {
            "iri": BASE + "id/case/c",
            "name": "Plant C",
            "kind": "added",
            "facts": [{"property": LABEL, "kind": "added", "before": [], "after": ['"Plant C"@en']}],
        },
    ]
    assert found.counts == {
        "things": {"added": 1, "removed": 1, "changed": 1},
        "facts": {"added": 3, "removed": 3, "changed": 2},
    }


def test_a_fact_that_moved_to_another_file_is_no_difference(found: Difference) -> None:
    assert BASE + "id/case/d" not in {thing.iri for thing in found.things}


def test_what_reasoning_made_is_left_out_unless_asked_for(both: tuple[Path, Path], found: Difference) -> None:
    assert "old" not in {fact.predicate.removeprefix(ONTOLOGY) for thing in found.things for fact in thing.facts}
    made = between(*both, made=True)
    a = next(thing for thing in made.things if thing.iri.endswith("case/a"))
    assert {fact.predicate.removeprefix(ONTOLOGY) for fact in a.facts} >= {"old", "displayLabel"}


def test_the_same_state_has_no_difference(both: tuple[Path, Path]) -> None:
    assert between(both[0], both[0]).things == ()
    assert changes.summary(between(both[1], both[1]), "es") == ["No hay diferencias."]


def test_releases_are_compared_whatever_their_base(tmp_path: Path) -> None:
    base = "https://example.org/kg/"
    release.issue(tmp_path / "ours", about(1), [File(QUADS, pack(nquads(OLD)))])
    release.issue(tmp_path / "theirs", about(2) | {"base": base}, [File(QUADS, pack(nquads(OLD, base)))])
    assert between(tmp_path / "ours", tmp_path / "theirs").things == ()
    release.issue(tmp_path / "theirs", about(3) | {"base": base}, [File(QUADS, pack(nquads(NEW, base)))])
    assert len(between(tmp_path / "ours", tmp_path / "theirs").things) == 3


def test_blank_nodes_are_known_by_what_is_said_of_them(tmp_path: Path) -> None:
    def difference_of(old: str, new: str) -> Difference:
        for name, text in (("old", old), ("new", new)):
            (tmp_path / f"{name}.nq").write_text(text)
        return between(tmp_path / "old.nq", tmp_path / "new.nq")

    one = '<urn:s> <urn:p> _:x .\n_:x <urn:q> "1" .\n'
    assert difference_of(one, one.replace("_:x", "_:other")).things == ()
    assert len(difference_of(one, one.replace('"1"', '"2"')).things) == 3  # what points to it, the old one, the new one


def test_a_terminal_shows_names_and_signs(found: Difference) -> None:
    console = Console(width=100, markup=False, highlight=False)
    with console.capture() as capture:
        changes.show(console, found, "es")
    assert capture.get().splitlines() == [
        "old.nq → new.nq.gz",
        "Cosas: 1 añadidas, 1 retiradas, 1 modificadas.",
        "Hechos: 3 añadidos, 3 retirados, 2 modificados.",
        "",
        "Se modifica: Planta A  id:case/a",
        "  ~ rdfs:label: Plant A (en) → The plant A (en)",
        "  ~ fecha: 2024-01-01 → 2024-02-02",
        "  - rrm:party: Sindicato X",
        "  + rrm:remark: first (en) | second (en)",
        "  + rrm:summary: Now (en)",
        "  - rrm:summary: Antes (es)",
        "",
        "Se retira: Plant B  id:case/b",
        "  - rdfs:label: Plant B (en)",
        "",
        "Se añade: Plant C  id:case/c",
        "  + rdfs:label: Plant C (en)",
    ]


def test_markdown_has_a_heading_for_each_thing(found: Difference) -> None:
    lines = changes.markdown(found, "en").splitlines()
    assert [line for line in lines if line.startswith("## ")] == [
        "## Changed: The plant A",
        "## Removed: Plant B",
        "## Added: Plant C",
    ]
    assert "- Changed: **day**: 2024-01-01 → 2024-02-02" in lines


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_page_is_valid_and_fetches_nothing(found: Difference, lang: str) -> None:
    page = changes.html(found, lang)
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    assert tree.get("lang") == lang
    assert len(tree.findall(".//section")) == 3
    assert not [node for node in tree.iter() if {"src", "href", "style"} & set(node.attrib) or node.tag == "script"]
    changed = next(row for row in tree.iter("tr") if "2024-02-02" in "".join(row.itertext()))
    assert [" ".join("".join(cell.itertext()).split()) for cell in changed] == [
        {"en": "Changed: day", "es": "Se modifica: fecha"}[lang],
        "2024-01-01",
        "2024-02-02",
    ]


def test_data_steer_neither_terminal_nor_page(tmp_path: Path) -> None:
    (tmp_path / "old.nq").write_text("")
    evil = '<urn:s> <urn:p> "\\u001B[31m<script>alert(1)</script> @team \\u202E" .\n'
    (tmp_path / "new.nq").write_text(evil)
    found = between(tmp_path / "old.nq", tmp_path / "new.nq")
    console = Console(width=100, markup=False, highlight=False)
    with console.capture() as capture:
        changes.show(console, found, "en")
    for text in (capture.get(), changes.markdown(found, "en"), changes.html(found, "en")):
        assert "\x1b" not in text
        assert "\u202e" not in text
    for text in (changes.markdown(found, "en"), changes.html(found, "en")):
        assert "<script" not in text
    assert "@team" not in changes.markdown(found, "en")


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.nq", b"this is nothing", "E372"),
        ("a.nq.gz", b"no gzip", "E372"),
        ("a.nq.gz", gzip.compress(nquads(OLD))[:-20], "E372"),
        ("gone.nq", None, "E305"),
        ("folder", None, "E386"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, data: bytes | None, code: str) -> None:
    if name == "folder":
        (tmp_path / name).mkdir()
    elif data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(RrmError) as raised:
        difference.read(tmp_path / name)
    assert raised.value.code == code
    assert name in str(raised.value.where)


def test_the_command_prints_each_form_the_same_every_time(both: tuple[Path, Path]) -> None:
    def printed(form: str, seed: str) -> str:
        words = [sys.executable, "-m", "rrm_kg", "diff", *map(str, both), "--format", form, "--lang", "es"]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        return subprocess.run(words, capture_output=True, encoding="utf-8", check=True, env=environment).stdout

    for form in ("text", "markdown", "json", "html"):
        assert printed(form, "1") == printed(form, "2")
    assert json.loads(printed("json", "1"))["counts"]["things"] == {"added": 1, "removed": 1, "changed": 1}
    assert printed("html", "1").startswith('<!DOCTYPE html>\n<html lang="es">')
