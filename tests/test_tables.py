"""What a sheet means, where its cells are found, and what is refused before it is read."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rrm_kg import tables
from rrm_kg.errors import RrmError
from rrm_kg.graph import Source
from rrm_kg.tabular import workbook
from rrm_kg.terms import CODE, ID, RDF_TYPE, RDFS, RRM, XSD
from rrm_kg.vocabulary import vocabulary, within

ROOT = Path(__file__).parents[1]
Rows = list[list[object]]
EVENT = ID + "event/planta-x-peticion"


def xlsx(**sheets: Rows) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title.replace("_", " "))
        for row in rows:
            sheet.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def said(data: bytes, name: str = "caso.xlsx") -> set[tuple[str, str, str]]:
    """Subject, predicate and object of each triple, the object as N-Triples."""
    return {(t.subject.value, t.predicate.value, str(t.object)) for t in tables.triples(data, name)}


def values(data: bytes, subject: str, predicate: str, name: str = "caso.xlsx") -> set[str]:
    return {o for s, p, o in said(data, name) if (s, p) == (subject, RRM + predicate)}


def code_of(data: bytes, name: str = "caso.xlsx") -> tuple[str, str]:
    """The code and the place of the error that a file makes; its messages have all their blanks filled."""
    with pytest.raises(RrmError) as raised:
        tables.triples(data, name)
    for lang in ("en", "es"):
        assert "{" not in raised.value.message(lang) + raised.value.hint(lang)
    return raised.value.code, raised.value.where or ""


def code_or_read(data: bytes, name: str) -> str:
    """The code of the error that a file makes, or nothing."""
    try:
        tables.triples(data, name)
    except RrmError as error:
        return error.code
    return ""


CASE: Rows = [
    ["Clave (id)", "Nombre (en español)", "Nombre (en inglés) *", "Mecanismo *", "Objeto de examen *"],
    ["planta-x", "Planta X", "Plant X", "rrm-31a", "planta-x"],
]
FACILITY: Rows = [["Clave (id)", "Nombre (en español)", "Ubicada en"], ["planta-x", "Planta X", "Pachuca de Soto"]]
EVENTS: Rows = [
    ["Clave (id)", "Paso", "Fecha", "Quién actúa", "Resumen (en español)", "Summary (in English)"],
    [
        "planta-x-peticion",
        "step-us/submitted",
        "2024-03",
        "strm | Sindicato de Telefonistas de la República Mexicana | agency/stps",
        "Una frase; con punto y coma.",
        "A sentence.",
    ],
]


def case() -> bytes:
    return xlsx(Controversia=CASE, Instalación=FACILITY, Acto_del_procedimiento=EVENTS)


# What a sheet means


def test_a_row_is_a_thing_of_the_class_of_its_sheet() -> None:
    assert (EVENT, RDF_TYPE, f"<{RRM}ProcedureEvent>") in said(case())
    assert (ID + "case/planta-x", RDF_TYPE, f"<{RRM}Dispute>") in said(case())


def test_names_codes_and_identifiers_become_iris() -> None:
    assert values(case(), EVENT, "step") == {f"<{CODE}step-us/submitted>"}
    assert values(case(), EVENT, "actor") == {f"<{ID}union/strm>", f"<{ID}agency/stps>"}
    assert values(case(), ID + "facility/planta-x", "locatedIn") == {f"<{ID}place/pachuca-de-soto>"}


def test_a_name_means_what_the_property_leads_to() -> None:
    """The facility is the subject of examination, not the dispute of the same short name and name."""
    assert values(case(), ID + "case/planta-x", "subject") == {f"<{ID}facility/planta-x>"}


@pytest.mark.parametrize(
    "label", ["peticionario", "PETICIONARIO ", "petitioner", "role/petitioner", f"{CODE}role/petitioner"]
)
def test_a_code_is_known_by_its_names_in_both_languages(label: str) -> None:
    data = xlsx(Participation=[["id", "Papel"], ["p", label]])
    assert values(data, ID + "participation/p", "role") == {f"<{CODE}role/petitioner>"}


@pytest.mark.parametrize(
    ("sheet", "column", "cell", "code"),
    [
        ("Participation", "Papel", "patrón", "role/employer"),
        ("Participation", "Papel", "Promovente", "role/petitioner"),
        ("Compromiso", "Estado del compromiso", "cumplido", "commitment-status/reported-done"),
        ("Conteo", "Qué se cuenta", "trabajadores", "counted/workers-employed"),
        ("Conteo", "Unidad", "trabajadores", "unit/persons"),
        ("Compromiso", "Acción", "salarios caídos", "action/back-pay"),
    ],
)
def test_a_code_is_known_by_what_mexican_labor_law_calls_it(sheet: str, column: str, cell: str, code: str) -> None:
    data = xlsx(**{sheet: [["id", column], ["x", cell]]})
    assert f"<{CODE}{code}>" in {o for _, _, o in said(data)}


@pytest.mark.parametrize("written", ["EUA", "EE. UU.", "eeuu", "USA", "Estados Unidos"])
def test_a_state_is_known_by_its_abbreviations(written: str) -> None:
    data = xlsx(Participación=[["id", "Agente"], ["p", written]])
    assert values(data, ID + "participation/p", "agent") == {f"<{ID}state/us>"}


def test_no_two_codes_of_a_list_go_by_one_name() -> None:
    words = vocabulary()
    for name, things in words.by_name.items():
        lists = [scheme for thing in things for scheme in words.schemes.get(thing, ())]
        assert len(lists) == len(set(lists)), name


STEPS: Rows = [["id", "Paso"], ["e", "solicitud de revisión presentada"], ["f", "petición presentada"]]


def steps(data: bytes) -> dict[str, set[str]]:
    return {one: values(data, f"{ID}event/{one}", "step") for one in ("e", "f")}


def test_a_step_is_that_of_the_mechanism_of_the_case() -> None:
    """The label is a step of 31-A and of 31-B; the petition is one of the domestic procedure beside 31-A."""
    expected = {"e": {f"<{CODE}step-31a/review-requested>"}, "f": {f"<{CODE}step-us/submitted>"}}
    assert steps(xlsx(Controversia=CASE, Acto_del_procedimiento=STEPS)) == expected
    canada: Rows = [CASE[0], [*CASE[1][:3], "rrm-31b", CASE[1][4]]]
    assert steps(xlsx(Controversia=canada, Acto_del_procedimiento=STEPS))["e"] == {f"<{CODE}step-31b/review-requested>"}


def test_a_step_of_a_recorded_case_is_that_of_its_mechanism() -> None:
    rows: Rows = [[*STEPS[0], "En la controversia"], [*STEPS[1], "case/atento"]]
    assert values(xlsx(Acto_del_procedimiento=rows), ID + "event/e", "step") == {f"<{CODE}step-31a/review-requested>"}
    unknown = values(xlsx(Acto_del_procedimiento=STEPS), ID + "event/e", "step")
    assert f"<{CODE}step-31a/review-requested>" not in unknown


def test_the_words_are_those_of_the_root_in_use(tmp_path: Path) -> None:
    for folder in ("ontology", "data"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    roles = tmp_path / "ontology" / "codelists" / "procedure.ttl"
    text = roles.read_text(encoding="utf-8")
    roles.write_text(text.replace('"patrón"@es', '"patrona"@es'), encoding="utf-8")
    data = xlsx(Participation=[["id", "Papel"], ["p", "patrona"]])
    with within(tmp_path):
        assert values(data, ID + "participation/p", "role") == {f"<{CODE}role/employer>"}
    assert values(data, ID + "participation/p", "role") == {f"<{CODE}role/patrona>"}


def test_texts_have_the_language_of_their_column() -> None:
    assert values(case(), EVENT, "summary") == {'"Una frase; con punto y coma."@es', '"A sentence."@en'}


def test_the_only_dispute_of_a_workbook_is_that_of_every_record() -> None:
    rows = [[*EVENTS[0], "En la controversia"], *EVENTS[1:]]
    for written in (rows, EVENTS):
        data = xlsx(Controversia=CASE, Acto_del_procedimiento=written)
        assert values(data, EVENT, "inDispute") == {f"<{ID}case/planta-x>"}
    assert values(case(), ID + "facility/planta-x", "inDispute") == set()
    two = xlsx(Controversia=[*CASE, ["otra"]], Acto_del_procedimiento=rows)
    assert values(two, EVENT, "inDispute") == set()


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2024-03-04", f'"2024-03-04"^^<{XSD}date>'),
        ("2024-03", f'"2024-03"^^<{XSD}gYearMonth>'),
        ("2024", f'"2024"^^<{XSD}gYear>'),
        (2024, f'"2024"^^<{XSD}gYear>'),
        (date(2024, 3, 4), f'"2024-03-04"^^<{XSD}date>'),
        (datetime(2024, 3, 4), f'"2024-03-04"^^<{XSD}date>'),
        ("04/03/2024", f'"04/03/2024"^^<{XSD}date>'),
        ("en marzo", f'"en marzo"^^<{XSD}date>'),
    ],
)
def test_a_date_is_as_precise_as_it_is_written_and_else_kept(cell: object, expected: str) -> None:
    data = xlsx(Acto_del_procedimiento=[["id", "Fecha"], ["e", cell]])
    assert values(data, ID + "event/e", "date") == {expected}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (25, f'"25"^^<{XSD}integer>'),
        (25.0, f'"25"^^<{XSD}integer>'),
        ("2024", f'"2024"^^<{XSD}integer>'),
        ("1250000.50", f'"1250000.50"^^<{XSD}decimal>'),
        ("unas veinte", '"unas veinte"'),
    ],
)
def test_a_number_is_a_number_and_else_kept(cell: object, expected: str) -> None:
    data = xlsx(Conteo=[["id", "Valor *"], ["c", cell]])
    assert values(data, ID + "count/c", "value") == {expected}


def test_a_reported_value_is_read_as_a_value_of_its_property() -> None:
    rows: Rows = [["id", "Propiedad", "Valor"], ["a", "rrm:date", "2024"], ["b", "rrm:actor", "strm"]]
    data = xlsx(Valor_reportado=rows)
    assert values(data, ID + "assertion/a", "value") == {f'"2024"^^<{XSD}gYear>'}
    assert values(data, ID + "assertion/b", "value") == {f"<{ID}union/strm>"}


def test_what_nobody_knows_stays_for_the_gate_near_what_it_is_for() -> None:
    data = xlsx(Participación=[["id", "Papel", "Agente"], ["p", "quejozo", "Sindicato Único"]])
    assert values(data, ID + "participation/p", "role") == {f"<{CODE}role/quejozo>"}
    (agent,) = values(data, ID + "participation/p", "agent")
    assert agent == f"<{ID}agent/sindicato-unico>"


def test_a_code_of_another_list_is_read_as_what_it_is() -> None:
    data = xlsx(Participación=[["id", "Papel"], ["p", "denegación de derechos determinada"]])
    (role,) = values(data, ID + "participation/p", "role")
    assert role.startswith(f"<{CODE}outcome/")


def test_a_new_thing_is_known_by_its_name_in_other_sheets() -> None:
    data = xlsx(
        Participación=[["id", "Agente"], ["p", "Sindicato Único de Prueba"]],
        Sindicato=[["Clave (id)", "Nombre (en español)"], ["su-prueba", "Sindicato Único de Prueba"]],
    )
    assert values(data, ID + "participation/p", "agent") == {f"<{ID}union/su-prueba>"}


def test_a_row_without_identifier_gets_the_same_one_each_time() -> None:
    data = xlsx(Controversia=CASE, Resultado=[["Etapa"], ["queja"], ["queja"]])
    first = {s for s, p, o in said(data) if o == f"<{RRM}Outcome>"}
    assert first == {f"{ID}outcome/planta-x-resultado-2", f"{ID}outcome/planta-x-resultado-3"}
    assert said(data) == said(data)


def test_rows_that_are_examples_are_left_out() -> None:
    rows = [*EVENTS, ["EJEMPLO: uno", "cualquiera"], ["Example: two", "anything"]]
    assert said(xlsx(Acto_del_procedimiento=rows)) == said(xlsx(Acto_del_procedimiento=EVENTS))


def test_the_row_of_names_goes_before_the_titles() -> None:
    rows: Rows = [["Mi título", "Cuándo fue"], ["rrm:ProcedureEvent", "rrm:date"], ["e", "2024"]]
    assert values(xlsx(Hoja1=rows), ID + "event/e", "date") == {f'"2024"^^<{XSD}gYear>'}


def test_other_languages_and_datatypes_are_named_in_the_row_of_names() -> None:
    rows: Rows = [["rrm:Evidence", "rrm:quote@fr", "rrm:value^^xsd:string"], ["e", "le droit", "2024"]]
    data = xlsx(Hoja1=rows)
    assert values(data, ID + "evidence/e", "quote") == {'"le droit"@fr'}
    assert values(data, ID + "evidence/e", "value") == {'"2024"'}


def test_several_texts_stand_in_several_columns_and_keep_their_bars() -> None:
    rows: Rows = [["rrm:Union", "skos:altLabel", "skos:altLabel"], ["u", "A | B", "C"]]
    assert {o for s, p, o in said(xlsx(x=rows)) if p.endswith("altLabel")} == {'"A | B"', '"C"'}


# Where it stands


def test_a_triple_is_found_in_its_cell() -> None:
    found = tables.positions(case(), "caso.xlsx").find(EVENT, RRM + "actor", ID + "agency/stps")
    assert found is not None
    assert (found.sheet, found.cell, found.line, found.column) == ("Acto del procedimiento", "D2", 2, 4)
    assert (found.text, found.located_by) == ("agency/stps", "triple")
    assert str(found) == "caso.xlsx:Acto del procedimiento!D2"


def test_a_missing_value_is_found_in_the_empty_cell_and_else_at_the_identifier() -> None:
    places = tables.positions(xlsx(Resultado=[["id", "Etapa", "Por"], ["r", "queja"]]), "caso.xlsx")
    empty = places.find(ID + "outcome/r", RRM + "by", None)
    assert empty is not None
    assert (empty.cell, empty.located_by) == ("C2", "property")
    unknown = places.find(ID + "outcome/r", RRM + "evidence", None)
    assert unknown is not None
    assert (unknown.cell, unknown.located_by, unknown.text) == ("A2", "subject", "r")
    assert places.find(ID + "outcome/other", None, None) is None


def test_a_cell_of_a_csv_file_is_found_by_its_row() -> None:
    data = b'id;Fecha;Resumen (en espa\xc3\xb1ol)\r\ne;2024;"una\r\nl\xc3\xadnea"\r\nf;2023;\r\n'
    name = "02-ProcedureEvent.csv"
    found = tables.positions(data, name).find(ID + "event/f", RRM + "date", "2023")
    assert found is not None
    assert (str(found), found.sheet, found.line) == (f"{name}:B3", None, 3)
    assert values(data, ID + "event/e", "summary", name) == {str(ox.Literal("una\r\nlínea", language="es"))}


def test_a_file_of_a_graph_is_read_by_its_name() -> None:
    source = Source("caso.xlsx", case())
    assert len(tables.triples(source.data, source.path)) == len(said(case()))


# What is not known


def test_an_unknown_sheet_is_named_with_the_nearest() -> None:
    data = xlsx(Controversia=CASE, Resultados_finales=[["id"], ["x"]])
    with pytest.raises(RrmError) as raised:
        tables.triples(data, "caso.xlsx")
    assert (raised.value.code, raised.value.where) == ("E358", "caso.xlsx: Resultados finales")
    assert "Resultado" in raised.value.hint("es")
    assert code_of(b"id,fecha\r\nx,2024\r\n", "notas.csv")[0] == "E358"


def test_an_empty_sheet_is_no_sheet() -> None:
    assert said(xlsx(Controversia=CASE, Hoja1=[])) == said(xlsx(Controversia=CASE))


def test_an_unknown_column_is_named_with_the_nearest() -> None:
    data = xlsx(Acto_del_procedimiento=[["id", "Fehca"], ["e", "2024"]])
    with pytest.raises(RrmError) as raised:
        tables.triples(data, "caso.xlsx")
    assert (raised.value.code, raised.value.where) == ("E359", "caso.xlsx: Acto del procedimiento!B1")
    assert "Fecha" in raised.value.hint("es")


@pytest.mark.parametrize("name", ["rrm:dat", 'rrm:date^^xsd:"', "<a b>", "rrm:summary@e", "http://[", "@es", "^^"])
def test_a_name_that_is_no_property_is_an_unknown_column(name: str) -> None:
    assert code_of(xlsx(x=[["rrm:ProcedureEvent", name], ["e", "2024"]]))[0] == "E359"


def test_values_without_a_title_are_not_dropped() -> None:
    assert code_of(xlsx(Resultado=[["id", "Etapa"], ["r", "queja", "y esto"]])) == ("E359", "caso.xlsx: Resultado!C2")


def test_all_that_is_wrong_is_told_at_once() -> None:
    """Two formulas, a column that nobody knows, values without a title, a key twice, a sheet that nobody knows."""
    acts: Rows = [["id", "Fehca"], ["e", "=TODAY()"], ["f", "=1+1"]]
    unions: Rows = [["id", "Nombre (en español)"], ["u", "Uno"], ["u", "Dos", "y esto"], ["v", "Tres", "y más"]]
    with pytest.raises(RrmError) as raised:
        tables.triples(xlsx(Acto_del_procedimiento=acts, Sindicato=unions, Notas=[["x"]]), "caso.xlsx")
    found = [(one.code, (one.where or "").removeprefix("caso.xlsx: ")) for one in (raised.value, *raised.value.others)]
    assert found == [
        ("E353", "Acto del procedimiento!B2"),
        ("E353", "Acto del procedimiento!B3"),
        ("E359", "Acto del procedimiento!B1"),
        ("E359", "Sindicato!C3"),
        ("E358", "Notas"),
        ("E319", "Sindicato!A3"),
    ]


def test_all_that_is_wrong_in_a_csv_file_is_told_at_once() -> None:
    with pytest.raises(RrmError) as raised:
        tables.triples(b"id,Etapa\nr,que\x07ja\ns,queja,mas\n", "Outcome.csv")
    assert [one.where for one in (raised.value, *raised.value.others)][:2] == ["Outcome.csv: B2", "Outcome.csv: C3"]


def test_of_very_many_faults_the_rest_is_counted() -> None:
    data = xlsx(Resultado=[["id", "Etapa"], *([f"r{n}", "=1"] for n in range(500))])
    with pytest.raises(RrmError) as raised:
        tables.triples(data, "caso.xlsx")
    last = raised.value.others[-1]
    assert (len(raised.value.others), last.code, last.values["count"]) == (200, "E364", 300)


def test_the_nearest_titles_are_those_of_the_language() -> None:
    with pytest.raises(RrmError) as raised:
        tables.triples(xlsx(Acto_del_procedimiento=[["id", "Rezumen"], ["e", "x"]]), "caso.xlsx")
    assert "Resumen (en español)" in raised.value.hint("es")
    assert "Summary (in English)" in raised.value.hint("en")
    assert "Summary" not in raised.value.hint("es")


# Hostile workbooks


def repack(data: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    change(parts)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return written.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_a_formula_is_refused_by_its_cell() -> None:
    data = xlsx(Controversia=CASE, Acto_del_procedimiento=[["id", "Fecha"], ["e", "=TODAY()"]])
    assert code_of(data) == ("E353", "caso.xlsx: Acto del procedimiento!B2")


def test_a_formula_with_a_kept_value_is_refused() -> None:
    def change(parts: dict[str, bytes]) -> None:
        parts[SHEET] = parts[SHEET].replace(
            b"</sheetData>", b'<row r="9"><c r="C9"><f>1+1</f><v>2</v></c></row></sheetData>'
        )

    assert code_of(repack(xlsx(Controversia=CASE), change)) == ("E353", "caso.xlsx: Controversia!C9")


@pytest.mark.parametrize(
    "part",
    [
        "xl/vbaProject.bin",
        "xl/externalLinks/externalLink1.xml",
        "xl/macrosheets/sheet1.xml",
        "xl/embeddings/oleObject1.bin",
        "xl/connections.xml",
        "XL/VBAPROJECT.BIN",
    ],
)
def test_what_runs_or_leads_out_is_refused(part: str) -> None:
    assert code_of(repack(case(), lambda parts: parts.update({part: b"x"})))[0] == "E352"


def test_a_workbook_with_macros_under_another_name_is_refused() -> None:
    def change(parts: dict[str, bytes]) -> None:
        kind = b"spreadsheetml.sheet.main"
        assert kind in parts["[Content_Types].xml"]
        parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
            b"vnd.openxmlformats-officedocument.spreadsheetml.sheet.main", b"vnd.ms-excel.sheet.macroEnabled.main"
        )

    assert code_of(repack(case(), change))[0] == "E352"


def test_a_bomb_is_refused_from_the_directory_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    data = repack(case(), lambda parts: parts.update({"xl/media/image1.bin": b"\0" * 70_000_000}))
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *given: pytest.fail("unpacked"))
    assert code_of(data)[0] == "E351"


def test_expansion_over_a_hundred_times_is_refused() -> None:
    assert code_of(repack(case(), lambda parts: parts.update({"xl/a.bin": b"\0" * 20_000_000})))[0] == "E351"


def test_expansion_is_counted_over_all_parts() -> None:
    parts_to_add = {f"xl/{n}.bin": b"\0" * 3_900_000 for n in range(15)}
    assert code_of(repack(case(), lambda parts: parts.update(parts_to_add)))[0] == "E351"


def test_a_document_type_is_refused_in_parts_that_nobody_reads() -> None:
    drawing = b'<!DOCTYPE a [<!ENTITY b "x">]><a>&b;</a>'
    assert code_of(repack(case(), lambda parts: parts.update({"xl/drawings/drawing9.xml": drawing})))[0] == "E350"


def test_a_directory_that_lies_about_sizes_is_refused() -> None:
    data = repack(case(), lambda parts: parts.update({"xl/a.bin": b"\0" * 5_000_000}))
    size = (5_000_000).to_bytes(4, "little")
    assert size in data
    assert code_of(data.replace(size, (100).to_bytes(4, "little")))[0] == "E350"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(encoding: str) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "xxxx"><!ENTITY c "&b;&b;">]><worksheet>&c;</worksheet>'
    assert code_of(repack(case(), lambda parts: parts.update({SHEET: bomb.encode(encoding)})))[0] == "E350"


def test_entities_in_an_encoding_of_its_own_are_refused() -> None:
    bomb = '<?xml version="1.0" encoding="cp037"?><!DOCTYPE a [<!ENTITY b "xxxx">]><worksheet>&b;</worksheet>'
    assert code_of(repack(case(), lambda parts: parts.update({SHEET: bomb.encode("cp037")})))[0] == "E350"


def test_too_many_parts_sheets_cells_and_bytes_are_refused() -> None:
    assert code_of(repack(case(), lambda parts: parts.update({f"x/{n}": b"" for n in range(1_001)})))[0] == "E351"
    assert code_of(xlsx(**{f"s{n}": [] for n in range(101)}))[0] == "E351"
    assert code_of(b"id\r\n" + b"x\r\n" * 50_001, "Union.csv")[0] == "E351"
    assert code_of(b"x" * 10_000_001, "Union.csv")[0] == "E351"
    assert code_of(xlsx(Controversia=[*CASE, *([["x"] * 5] * 10_001)]))[0] == "E351"


def test_a_cell_at_the_far_end_costs_nothing() -> None:
    """Rows and columns up to the last cell of a sheet are 17 thousand million; only what is there is looked at."""
    rows = b"".join(b'<row r="%d"><c r="XFD%d"/></row>' % (n, n) for n in range(1_000_000, 1_048_577, 100))

    def change(parts: dict[str, bytes]) -> None:
        parts[SHEET] = parts[SHEET].replace(b"</sheetData>", rows + b"</sheetData>")

    assert said(repack(xlsx(Controversia=CASE), change)) == said(xlsx(Controversia=CASE))


def test_passwords_and_old_formats_have_their_own_errors() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    assert code_of(ole) == ("E355", "caso.xlsx")
    assert code_of(ole + "EncryptedPackage".encode("utf-16-le")) == ("E354", "caso.xlsx")
    assert code_of(b"%PDF-1.7")[0] == "E355"
    assert code_of(b"")[0] == "E355"
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert code_of(written.getvalue())[0] == "E355"


@settings(deadline=None)
@given(st.integers(0, 6_000), st.binary(min_size=1, max_size=8))
def test_a_damaged_workbook_is_read_or_refused_by_a_code(place: int, damage: bytes) -> None:
    whole = _whole()
    place %= len(whole)
    data = whole[:place] + damage + whole[place + len(damage) :]
    assert code_or_read(data, "caso.xlsx")[:3] in ("", "E35")


_kept: list[bytes] = []


def _whole() -> bytes:
    if not _kept:
        _kept.append(case())
    return _kept[0]


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", SHEET, "xl/sharedStrings.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"]
)
@pytest.mark.parametrize(
    "content", [b"", b"<a>", b"\xff\xfe", b"<worksheet><sheetData><row r='x'/></sheetData></worksheet>"]
)
def test_a_damaged_part_is_read_or_refused_by_a_code(part: str, content: bytes) -> None:
    assert code_or_read(repack(case(), lambda parts: parts.update({part: content})), "caso.xlsx")[:3] in ("", "E35")


# CSV


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_the_separators_of_spreadsheets_are_known(separator: str, mark: bytes) -> None:
    text = f'Clave (id){separator}"Resumen (en español)"\r\ne{separator}"Dijo: ""a, b; c"""\r\n'
    found = values(mark + text.encode(), ID + "event/e", "summary", "ProcedureEvent.csv")
    assert found == {'"Dijo: \\"a, b; c\\""@es'}


def test_the_class_of_a_csv_file_is_in_its_name_or_its_first_row() -> None:
    assert said(b"id,Etapa\nr,queja\n", "14-Resultado.csv") == said(b"rrm:Outcome,rrm:stage\nr,queja\n", "notas.csv")


@pytest.mark.parametrize("text", ["=1+1", "+52 771", "-5", "@here", "'=x", "''+", "=cmd|' /C calc'!A0"])
def test_what_a_spreadsheet_takes_for_a_formula_is_text(text: str) -> None:
    guarded = workbook.guarded(text)
    assert guarded == "'" + text
    quoted = guarded.replace('"', '""')
    data = f'rrm:Union,skos:altLabel\nu,"{quoted}"\n'.encode()
    assert {o for s, p, o in said(data, "x.csv") if p.endswith("altLabel")} == {f'"{text}"'}
    assert workbook.guarded("a=b") == "a=b"


def test_another_encoding_is_refused_with_how_to_save() -> None:
    text = "id,Resumen (en español)\n"
    assert code_of(text.encode("latin-1"), "Outcome.csv") == ("E356", "Outcome.csv: 1")
    assert code_of(text.encode("utf-16"), "Outcome.csv") == ("E356", "Outcome.csv")


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"id,Etapa\nr,que\0ja\n", "Outcome.csv: 2"),
        (b"id,Etapa\nr,que\x07ja\n", "Outcome.csv: B2"),
        (b'id,Etapa\nr,"queja\n', "Outcome.csv: 2"),
        (b'id,Etapa\nr,"que"ja\n', "Outcome.csv: 2"),
        (b"id,Etapa\nr,queja,mas\n", "Outcome.csv: C2"),
        (b"id,Etapa\nr," + b"x" * 140_000 + b"\n", "Outcome.csv: 2"),
    ],
)
def test_what_is_no_table_is_refused_with_its_place(data: bytes, where: str) -> None:
    assert code_of(data, "Outcome.csv") == ("E357", where)


def test_a_workbook_named_csv_is_refused() -> None:
    assert code_of(case(), "Outcome.csv")[0] == "E355"


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_by_a_code(data: bytes) -> None:
    for name in ("Outcome.csv", "caso.xlsx"):
        assert code_or_read(data, name)[:3] in ("", "E35")


@settings(deadline=None)
@given(st.lists(st.text(max_size=12), min_size=1, max_size=8))
def test_any_cells_are_read_or_refused_by_a_code(texts: list[str]) -> None:
    line = ",".join('"' + text.replace('"', '""') + '"' for text in texts)
    names = "rrm:Assertion,rrm:about,rrm:property,rrm:value,rrm:by,rrm:date,rrm:reason@es,rrm:standing,rrm:evidence"
    assert code_or_read(f"{names}\n{line}\n".encode("utf-8", "replace"), "x.csv")[:3] in ("", "E35")


def test_labels_of_new_things_are_kept() -> None:
    assert (ID + "case/planta-x", RDFS + "label", '"Planta X"@es') in said(case())


def test_two_rows_with_one_key_are_refused() -> None:
    rows: Rows = [["Clave (id)", "Nombre (en español)"], ["u-uno", "Uno"], ["u-dos", "Dos"], ["u-uno", "Otro"]]
    assert code_of(xlsx(Sindicato=rows)) == ("E319", "caso.xlsx: Sindicato!A4")


def test_a_name_of_a_file_with_signs_gives_an_iri_of_ours() -> None:
    rows: Rows = [["Clave (id)", "Nombre (en español)"], [None, "Uno"]]
    subjects = {subject for subject, _, _ in said(xlsx(Sindicato=rows), "mi_caso v2.xlsx")}
    assert subjects == {ID + "union/mi-caso-v2-sindicato-2"}
