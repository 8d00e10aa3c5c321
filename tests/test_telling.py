"""Findings as the sender of a file reads them: causes only, and a table in its own words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_tables import Rows, xlsx

from rrm_kg import KnowledgeGraph, open_graph, telling
from rrm_kg import graph as graphs
from rrm_kg.findings import Finding, Severity, Where
from rrm_kg.terms import ID, RRM, RRMSH

HEAD = """@prefix rrm: <https://w3id.org/rrm-kg/ontology#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix id: <https://w3id.org/rrm-kg/id/> . @prefix code: <https://w3id.org/rrm-kg/code/> .
"""
SHEETS: dict[str, Rows] = {
    "Controversia": [
        ["Clave (id)", "Nombre (en español)", "Mecanismo *", "Objeto de examen *"],
        ["planta-x", "Planta X", "rrm-31a", "planta-x"],
    ],
    "Documento": [
        ["Clave (id)", "Nombre (en español)", "Editor", "Dirección"],
        ["nota-1", "Nota", "Prensa X", "www.ejemplo.mx/nota"],
    ],
    "Prueba_documental": [
        ["Clave (id)", "Documento", "Localizador (en español)", "Palabras citadas (en español)"],
        ["p-1", "nota-1", None, "una cita"],
    ],
    "Instalación": [["Clave (id)", "Nombre (en español)", "Ubicada en"], ["planta-x", "Planta X", "Pachuca de Soto"]],
    "Acto_del_procedimiento": [
        ["Clave (id)", "Paso", "Fecha", "Quién actúa", "Resumen (en español)", "Prueba"],
        ["a1", "petición presentada", "2024-03", "EUA", "Se presentó.", "p-1"],
        ["a2", "solicitud de revicion admitida", "03/2024", "strm", "Se admitió", "p-9"],
    ],
    "Participación": [["Clave (id)", "Papel", "Agente", "Prueba"], ["pa", "petisionario", "Planta X, S.A.", "p-1"]],
}


@pytest.fixture(scope="module")
def small(small_root: Path, cache_folder: Path) -> KnowledgeGraph:
    """The Atento case alone, checked."""
    return open_graph(small_root, cache_folder=cache_folder)


def told(small: KnowledgeGraph, file: graphs.Source) -> tuple[Finding, ...]:
    return small.resident.check([file]).told


@pytest.fixture(scope="module")
def table(small: KnowledgeGraph) -> dict[str, list[Finding]]:
    """The findings of a workbook by their cells."""
    found: dict[str, list[Finding]] = {}
    for one in told(small, graphs.Source("caso.xlsx", xlsx(**SHEETS))):
        assert one.where is not None
        found.setdefault(f"{one.where.sheet}!{one.where.cell}", []).append(one)
    return found


# In the words of a table


def test_a_proposal_is_what_can_be_typed_with_its_code(table: dict[str, list[Finding]]) -> None:
    (role,) = table["Participación!B2"]
    first = role.fixes[0]
    assert (first.replacement, first.message["es"]) == (
        "peticionario",
        "¿Quiso decir «peticionario»? (role/petitioner)",
    )
    assert first.message["en"] == "Did you mean 'peticionario'? (role/petitioner)"


def test_a_proposed_step_is_one_of_the_mechanism_of_the_case(table: dict[str, list[Finding]]) -> None:
    (step,) = table["Acto del procedimiento!B3"]
    assert step.fixes[0].replacement == "solicitud de revisión admitida"
    assert "step-31a/under-review" in step.fixes[0].message["es"]


def test_a_thing_of_the_file_is_proposed_by_its_key(table: dict[str, list[Finding]]) -> None:
    (evidence,) = table["Acto del procedimiento!F3"]
    assert [fix.replacement for fix in evidence.fixes] == ["p-1"]


def test_a_date_is_proposed_without_its_datatype(table: dict[str, list[Finding]]) -> None:
    (day,) = table["Acto del procedimiento!C3"]
    assert [(fix.replacement, fix.message["es"]) for fix in day.fixes] == [
        ("2024-03", "Escriba 2024-03, si esa es la fecha.")
    ]


def test_no_message_names_a_property_an_iri_or_a_pattern(table: dict[str, list[Finding]]) -> None:
    for one in (one for some in table.values() for one in some):
        for said in (one.message, one.why, *(fix.message for fix in one.fixes)):
            for lang, sentence in said.items():
                named = re.search(r"\b(?:rrm|id|code|skos|dcterms|rdfs|xsd):|w3id\.org|[\^$@<>]|[«']\?[»']", sentence)
                assert not named, (lang, sentence)


def test_columns_and_rows_are_named_in_the_language_of_the_reader(table: dict[str, list[Finding]]) -> None:
    messages = {lang: " ".join(one.message[lang] for some in table.values() for one in some) for lang in ("en", "es")}
    assert "en la columna «Nombre (en inglés)»" in messages["es"]
    assert "in the column 'Name (in English)'" in messages["en"]
    assert "la fila 2 de «Prueba documental» no tiene localizador" in messages["es"].replace("La fila", "la fila")
    assert "'Locator'" in messages["en"]
    assert "«Planta X, S.A.»" in messages["es"]


def test_a_file_that_is_no_table_keeps_its_words(small: KnowledgeGraph) -> None:
    file = graphs.Source("new.ttl", (HEAD + "id:evidence\\/e a rrm:Evidence .").encode())
    assert any("rrm:locator" in one.message["en"] for one in told(small, file))


# Causes and consequences


def shapes(found: tuple[Finding, ...] | list[Finding]) -> set[str]:
    return {one.shape.rsplit("#", 1)[-1].rsplit("/", 1)[-1] for one in found}


def test_a_name_that_nothing_has_is_told_once(small: KnowledgeGraph, table: dict[str, list[Finding]]) -> None:
    """It is no step of the mechanism, nothing described, and stands behind a derived triple too."""
    raw = small.resident.check([graphs.Source("caso.xlsx", xlsx(**SHEETS))]).found
    assert {"Thing-reference-described", "ProcedureEvent-step-of-mechanism"} <= shapes(raw)
    assert shapes(table["Acto del procedimiento!B3"]) == {"Thing-reference-described"}
    assert shapes(table["Documento!C2"]) == {"Document-publisher-agent"}
    assert "described.rq" not in shapes([one for some in table.values() for one in some])


def test_an_unreadable_date_is_not_missing_as_well(table: dict[str, list[Finding]]) -> None:
    assert shapes(table["Acto del procedimiento!C3"]) == {"Dated-date-form"}


def test_an_address_is_told_where_it_was_written(table: dict[str, list[Finding]]) -> None:
    assert shapes(table["Documento!D2"]) == {"Document-address-form"}
    assert "Thing-value-form" not in shapes([one for some in table.values() for one in some])


def test_an_unknown_class_is_told_without_its_consequences(small: KnowledgeGraph) -> None:
    turtle = "id:facility\\/f a rrm:Facilty ; rrm:locatedIn id:place\\/mexico-city .\n"
    turtle += "id:case\\/c a rrm:Dispute ; rrm:subject id:facility\\/f ."
    found = told(small, graphs.Source("new.ttl", (HEAD + turtle).encode()))
    about = [one for one in found if f"{ID}facility/f" in (one.focus, one.value)]
    assert shapes(about) == {"Thing-class-declared"}


def finding(shape: str, severity: Severity, by: str, path: str | None, value: str | None = None) -> Finding:
    where = Where("a.ttl", 3, by, 5, 3, 9, "x")
    focus = ID + "event/e"
    return Finding("R00", RRMSH + shape, "C", severity, focus, path, value, {"en": "m", "es": "m"}, where)


def test_what_is_as_grave_and_of_another_property_stays() -> None:
    wrong = finding("Dated-date-form", Severity.WARNING, "triple", RRM + "date", "x")
    for other, stays in (
        (finding("Some-present", Severity.VIOLATION, "property", RRM + "date"), True),
        (finding("Some-present", Severity.WARNING, "property", RRM + "step"), True),
        (finding("Some-english", Severity.WARNING, "property", RRM + "date"), True),
        (finding("Some-present", Severity.WARNING, "property", RRM + "date"), False),
    ):
        assert (other in telling.causes([wrong, other])) is stays
        assert wrong in telling.causes([wrong, other])


def test_the_verdict_is_the_same_without_consequences(small: KnowledgeGraph) -> None:
    raw = small.resident.check([graphs.Source("caso.xlsx", xlsx(**SHEETS))]).found
    kept = telling.causes(raw)
    assert len(kept) < len(raw)
    assert {one.severity for one in kept} == {one.severity for one in raw}


def test_a_second_document_under_one_address_names_the_recorded_one(small: KnowledgeGraph) -> None:
    recorded = next(
        row for row in small.query("SELECT ?document ?url WHERE { ?document rrm:url ?url } ORDER BY ?url LIMIT 1")
    )
    turtle = (
        f"id:document\\/again a rrm:Document ; rrm:url '{recorded.url}'^^<http://www.w3.org/2001/XMLSchema#anyURI> ."
    )
    found = told(small, graphs.Source("new.ttl", (HEAD + turtle).encode()))
    (again,) = [one for one in found if one.focus == ID + "document/again" and one.shape.endswith("address-single")]
    assert again.severity is Severity.WARNING
    assert str(recorded.document).removeprefix(ID) in again.message["es"]
    assert again.where is not None
    assert again.where.located_by == "property"


def test_of_very_many_unknown_names_the_first_are_looked_up(small: KnowledgeGraph) -> None:
    rows: Rows = [["Clave (id)", "Papel"], *([f"p{n}", f"petisionario {n}"] for n in range(150))]
    found = told(small, graphs.Source("caso.xlsx", xlsx(Participación=rows)))
    roles = [one for one in found if one.shape.endswith("code-of-scheme")]
    assert len(roles) == 150
    assert sum(bool(one.fixes) for one in roles) == 100


def test_one_language_is_enough(small: KnowledgeGraph) -> None:
    """A person who writes only Spanish has no Violation; the missing English is a Warning that a reviewer mends."""
    sheets: dict[str, Rows] = {
        "Controversia": [
            ["Clave (id)", "Nombre (en español)", "Mecanismo *", "Objeto de examen *"],
            ["planta-x", "Planta X", "rrm-31a", "planta-x"],
        ],
        "Documento": [
            ["Clave (id)", "Nombre (en español)", "Editor", "Tipo de documento", "Publicado el", "Dirección", "Idioma"],
            ["n-1", "Nota", "STPS", "documento oficial", "2024-03-12", "https://www.ejemplo.mx/nota", "es"],
        ],
        "Prueba_documental": [["Clave (id)", "Documento", "Localizador (en español)"], ["p-1", "n-1", "párrafo 1"]],
        "Instalación": [
            ["Clave (id)", "Nombre (en español)", "Ubicada en", "Prueba"],
            ["planta-x", "Planta X", "Pachuca de Soto", "p-1"],
        ],
        "Acto_del_procedimiento": [
            ["Clave (id)", "Paso", "Fecha", "Quién actúa", "Resumen (en español)", "Prueba"],
            ["a1", "petición presentada", "2024-01", "strm", "Se presentó.", "p-1"],
        ],
        "Participación": [
            ["Clave (id)", "Papel", "Agente", "Prueba"],
            ["pa1", "Parte reclamante", "EUA", "p-1"],
            ["pa2", "Parte demandada", "México", "p-1"],
        ],
    }
    found = told(small, graphs.Source("caso.xlsx", xlsx(**sheets)))
    assert [one.message["es"] for one in found if one.severity is Severity.VIOLATION] == []
    missing = [one.message["es"] for one in found if one.severity is Severity.WARNING]
    assert len(missing) >= 3
    assert all("quien revisa agrega la traducción" in sentence for sentence in missing)
