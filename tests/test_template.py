"""Templates: what they offer, that they are the same in every run, and that what they write is read again."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path

import openpyxl
import pyoxigraph as ox
import pytest

from rrm_kg import parse, tables
from rrm_kg.errors import RrmError
from rrm_kg.tabular import template
from rrm_kg.tabular.cells import Names
from rrm_kg.tabular.sheets import Column, heading, sheet, sheet_title, sheets
from rrm_kg.tabular.workbook import MAX_BYTES, MAX_CELLS, grids
from rrm_kg.terms import CODE, RDF_TYPE, RRM, SKOS, XSD
from rrm_kg.vocabulary import vocabulary

ROOT = Path(__file__).parent.parent
LANGS = ("en", "es")
EXAMPLES_OF_ALL = ("atento", "minera-camino-rojo", "eu-korea", "grupo-mexico-san-martin")


@cache
def opened(case: str | None, lang: str) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(template.workbook(case, lang)))


def recorded(case: str) -> set[ox.Triple]:
    path = ROOT / "data" / "cases" / f"{case}.ttl"
    return set(parse.parse_turtle(path.read_bytes(), path.name))


# What is written is read again


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("case", EXAMPLES_OF_ALL)
def test_a_recorded_case_is_the_same_graph_after_a_workbook(case: str, lang: str) -> None:
    assert set(tables.triples(template.workbook(case, lang), "caso.xlsx")) == recorded(case)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("case", EXAMPLES_OF_ALL)
def test_a_recorded_case_is_the_same_graph_after_csv_files(case: str, lang: str) -> None:
    files = template.csv_files(case, lang)
    assert {triple for name, data in files.items() for triple in tables.triples(data, name)} == recorded(case)


def test_a_thing_with_the_name_of_the_case_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    source = vocabulary().files["atento"]
    name = b'"Atento Servicios, Pachuca call centers"@en'
    assert source.data.count(name) == 1
    data = source.data.replace(name, b'"Atento call center Pachuca I"@en')
    data += b"\n<https://w3id.org/rrm-kg/id/gap/x> a rrm:GapMarker ; rrm:inDispute case:atento ;"
    data += b" rrm:about facility:atento-pachuca-i ."
    monkeypatch.setitem(vocabulary().files, "atento", type(source)(source.path, data))
    read = tables.triples(template.workbook("atento", "en"), "caso.xlsx")
    assert set(read) == set(parse.parse_turtle(data, "atento.ttl"))


def test_every_recorded_case_can_be_written() -> None:
    """Each value finds a cell that is read as the same value; what is read is compared for four cases above."""
    for case in vocabulary().files:
        count = sum(len(page.rows) for page in template.filled(case, "es"))
        assert count == len({triple.subject for triple in recorded(case)}), case


def test_the_template_says_nothing() -> None:
    for lang in LANGS:
        assert tables.triples(template.workbook(None, lang), "caso.xlsx") == []
        assert [t for name, data in template.csv_files(None, lang).items() for t in tables.triples(data, name)] == []


def test_the_same_bytes_in_every_run() -> None:
    program = (
        "import hashlib, sys; from rrm_kg.tabular import template;"
        "print(hashlib.sha256(template.workbook(None, 'es') + template.workbook('atento', 'en')).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_no_time_of_the_run_is_in_the_archive() -> None:
    with zipfile.ZipFile(io.BytesIO(template.workbook(None, "en"))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert core.count("2020-07-01T00:00:00Z") == 2


def test_the_largest_case_is_far_below_the_limits() -> None:
    largest = max(vocabulary().files, key=lambda case: len(vocabulary().files[case].data))
    data = template.workbook(largest, "es")
    assert len(data) < MAX_BYTES / 10
    assert sum(len(grid.cells) for grid in grids(data, "caso.xlsx", [])) < MAX_CELLS / 2


# What a template offers


def test_a_sheet_for_every_class_that_recorded_cases_use() -> None:
    offered = {one.cls for one in sheets(vocabulary(), "en")}
    used = {t.object.value for case in vocabulary().files for t in recorded(case) if t.predicate.value == RDF_TYPE}
    assert {cls for cls in used if cls.startswith(RRM)} <= offered
    assert {RRM + name for name in ("Facility", "Union", "Company", "Document", "Place", "Ownership")} <= offered


def test_a_column_for_every_property_that_recorded_cases_use() -> None:
    columns = {one.cls: {column.predicate for column in one.columns} for one in sheets(vocabulary(), "en")}
    for case in vocabulary().files:
        said = recorded(case)
        kinds = {t.subject: t.object.value for t in said if t.predicate.value == RDF_TYPE}
        for triple in said:
            cls = kinds[triple.subject]
            if triple.predicate.value != RDF_TYPE and cls.startswith(RRM):
                assert triple.predicate.value in columns[cls]


def test_what_is_derived_is_not_asked_for() -> None:
    names = {column.name for one in sheets(vocabulary(), "en") for column in one.columns}
    derived = ("earliest", "latest", "marks", "datesStep", "leadEvidence", "readAt", "normalizedAddress")
    assert not names & {f"rrm:{name}" for name in derived}


@pytest.mark.parametrize(
    ("cls", "column", "mark"),
    [
        ("ProcedureEvent", "rrm:step", "*"),
        ("ProcedureEvent", "rrm:evidence", "*"),
        ("ProcedureEvent", "rrm:date", ""),
        ("Participation", "rrm:role", "*"),
        ("Dispute", "rdfs:label@en", "(*)"),
        ("Dispute", "rdfs:label@es", "(*)"),
        ("Facility", "rdfs:label@es", "(*)"),
        ("Facility", "rdfs:label@en", "(*)"),
        ("Evidence", "rrm:document", "*"),
        ("Identifier", "skos:notation", "*"),
        ("Count", "rrm:unit", "*"),
    ],
)
def test_what_a_violation_asks_for_is_marked(cls: str, column: str, mark: str) -> None:
    found = {one.name: one.mark for one in sheet(vocabulary(), RRM + cls, "en").columns}
    assert found[column] == mark


def test_titles_of_a_sheet_are_told_apart_in_each_language() -> None:
    for lang in LANGS:
        pages = sheets(vocabulary(), lang)
        titles = [sheet_title(one, lang, vocabulary()) for one in pages]
        assert len(set(titles)) == len(titles)
        assert all(0 < len(title) <= 31 for title in titles)
        for one in pages:
            heads = [heading(column, lang, vocabulary()) for column in one.columns]
            assert len(set(heads)) == len(heads), one.local


def test_titles_are_in_the_language_of_the_reader_and_names_are_hidden_below() -> None:
    page = opened(None, "es")["Acto del procedimiento"]
    titles = [cell.value for cell in page[1]]
    assert titles[:3] == ["Clave (id)", "En la controversia *", "Paso *"]
    assert titles.index("Resumen (en español)") < titles.index("Resumen (en inglés)")
    assert [cell.value for cell in page[2]][:3] == ["rrm:ProcedureEvent", "rrm:inDispute", "rrm:step"]
    assert page.row_dimensions[2].hidden
    assert page.freeze_panes == "B3"
    assert page["C1"].comment.text.startswith("Qué paso se dio.")
    assert "Obligatorio." in page["C1"].comment.text


def test_dates_are_kept_as_they_are_typed() -> None:
    page = opened(None, "es")["Acto del procedimiento"]
    place = next(cell.column_letter for cell in page[2] if cell.value == "rrm:date")
    assert page.column_dimensions[place].number_format == "@"


def test_lists_hold_the_codes_of_the_property_and_every_choice_is_read_as_one() -> None:
    words = vocabulary()
    for lang in LANGS:
        book = opened(None, lang)
        page = book[sheet_title(sheet(words, RRM + "Participation", lang), lang, words)]
        lists = {str(v.sqref).split("3:")[0]: v.formula1 for v in page.data_validations.dataValidation}
        place = next(cell.column_letter for cell in page[2] if cell.value == "rrm:role")
        title, _, area = lists[place].partition("!")
        choices = [row[0].value for row in book[title.strip("'")][area.replace("$", "")]]
        roles = {Names(words).reference(choice, words.property(RRM + "role")) for choice in choices}
        assert roles == {code for code, schemes in words.schemes.items() if CODE + "role" in schemes}
        assert book[title.strip("'")].sheet_state == "hidden"


def test_passages_are_chosen_from_the_sheet_of_passages() -> None:
    page = opened(None, "es")["Conteo"]
    place = next(cell.column_letter for cell in page[2] if cell.value == "rrm:evidence")
    (source,) = [v.formula1 for v in page.data_validations.dataValidation if str(v.sqref).startswith(f"{place}3:")]
    assert source == "'Prueba documental'!$A$4:$A$1000"


def test_the_example_is_marked_and_fills_what_is_required() -> None:
    for lang, mark in (("en", "EXAMPLE: "), ("es", "EJEMPLO: ")):
        for page in opened(None, lang).worksheets[1:-1]:
            assert page["A3"].value.startswith(mark)
            for title, cell in zip(page[1], page[3], strict=True):
                if title.value.endswith(" *"):
                    assert cell.value, (page.title, title.value)


def test_the_first_sheet_says_how_to_fill_and_to_check() -> None:
    for lang, title in (("en", "Read me"), ("es", "Léame")):
        first = opened(None, lang).worksheets[0]
        assert first.title == title
        words = " ".join(str(cell.value) for row in first.iter_rows() for cell in row if cell.value)
        assert "rrm-kg check" in words
        assert "2024-03" in words


# What leaves is no formula


def test_a_value_that_looks_like_a_formula_leaves_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    words = vocabulary()
    source = words.files["atento"]
    evil = source.data.replace(b'"MEX-USA-2024-31A-01"', b'"=HYPERLINK(1)"', 1)
    assert evil != source.data
    monkeypatch.setitem(words.files, "atento", type(source)(source.path, evil))
    book = openpyxl.load_workbook(io.BytesIO(template.workbook("atento", "es")))
    (cell,) = [c for row in book["Identificador"].iter_rows() for c in row if str(c.value).startswith("=")]
    assert cell.data_type != "f"
    assert cell.quotePrefix
    name, data = next((n, d) for n, d in template.csv_files("atento", "es").items() if "Identifier" in n)
    assert b"'=HYPERLINK(1)" in data
    for read in (tables.triples(template.workbook("atento", "es"), "x.xlsx"), tables.triples(data, name)):
        assert "=HYPERLINK(1)" in {t.object.value for t in read if t.predicate.value == SKOS + "notation"}


# CSV and Turtle


def test_csv_files_are_one_for_each_class_in_order() -> None:
    files = template.csv_files(None, "es")
    assert next(iter(files)) == "01-Dispute.csv"
    assert len(files) == len(sheets(vocabulary(), "es"))
    assert all(data.startswith(b"\xef\xbb\xbf") for data in files.values())


@pytest.mark.parametrize("lang", LANGS)
def test_turtle_is_a_graph_once_its_comments_are_taken_away(lang: str) -> None:
    text = template.turtle(None, lang)
    assert parse.parse_turtle(text.encode(), "case.ttl") == []
    lines = [
        line.removeprefix("# ") if line.startswith(("# <", "#     ", "# .")) else line for line in text.splitlines()
    ]
    graph = parse.parse_turtle("\n".join(lines).encode(), "case.ttl")
    assert {t.object.value for t in graph if t.predicate.value == RDF_TYPE} == {
        s.cls for s in sheets(vocabulary(), lang)
    }


def test_turtle_of_a_recorded_case_is_the_case() -> None:
    assert set(parse.parse_turtle(template.turtle("atento", "en").encode(), "x.ttl")) == recorded("atento")


# Files and names


def test_nothing_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "new" / "caso.xlsx"
    assert template.save({path: b"mine"}) == [path]
    with pytest.raises(RrmError) as raised:
        template.save({tmp_path / "other": b"", path: b"theirs"})
    assert raised.value.code == "E227"
    assert path.read_bytes() == b"mine"
    assert not (tmp_path / "other").exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RrmError) as raised:
        template.save({tmp_path / "file" / "caso.xlsx": b""})
    assert raised.value.code == "E313"


def test_a_case_that_is_not_recorded_is_named_with_those_that_are() -> None:
    for write in (template.workbook, template.csv_files, template.turtle):
        with pytest.raises(RrmError) as raised:
            write("atenta", "es")
        assert raised.value.code == "E226"
        assert "atento" in raised.value.hint("es")


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_the_command_writes_what_it_names(form: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rrm_kg", "template", "case", "--format", form, "--lang", "es"],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, "")
    paths = [tmp_path / line for line in done.stdout.splitlines()]
    assert paths[0] == tmp_path / {"xlsx": "caso.xlsx", "csv": "caso/01-Dispute.csv"}[form]
    assert all(path.is_file() for path in paths)


def test_a_column_says_its_language_and_its_datatype() -> None:
    for column in (Column(RRM + "date"), Column(RRM + "quote", "fr"), Column(RRM + "value", None, XSD + "gYear")):
        assert Column.named(column.name) == column
    assert Column(RRM + "value", None, XSD + "gYear").name == "rrm:value^^xsd:gYear"
