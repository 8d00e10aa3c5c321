"""Formats in, their limits, and named places for errors."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import types
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rrm_kg import parse, safety
from rrm_kg.errors import LANGUAGES, RrmError

ROOT = Path(__file__).parent.parent
GOOD = b"""@prefix : <https://example.org/> .
:a :p "x"@en ;
    :q 1 ,
       2 .

:b :p :a .
"""


def refused(data: bytes, name: str = "f.ttl") -> RrmError:
    with pytest.raises(RrmError) as caught:
        parse.triples(data, name)
    assert caught.value.exit_code == 3
    for lang in LANGUAGES:
        assert caught.value.message(lang)
        assert caught.value.hint(lang)
    return caught.value


def test_triples_in_the_order_of_the_file() -> None:
    triples = parse.parse_turtle(GOOD, "good.ttl")
    assert str(triples[0].object) == '"x"@en'
    assert len(triples) == 4


def test_the_name_says_the_format() -> None:
    (triple,) = parse.triples(b"<urn:a> <urn:b> <urn:c> .\n", "F.NT")
    assert parse.triples(b'{"@id": "urn:a", "urn:b": {"@id": "urn:c"}}', "f.json") == [triple]
    assert refused(b"@prefix : <urn:x:> .\n", "f.nt").code == "E304"


@pytest.mark.parametrize("ending", ["rdf", "owl", "xml", "n3", "trig", "nq", "html", "xlsm", "ttl.gz"])
def test_other_formats_are_refused_with_those_that_are_accepted(ending: str) -> None:
    error = refused(b"", f"data.{ending}")
    assert error.code == "E340"
    assert f".{ending.rsplit('.', 1)[-1]}" in error.message("es")
    assert all(accepted in error.hint("en") for accepted in (".ttl", ".nt", ".jsonld", ".csv", ".xlsx"))


def test_a_name_without_an_ending_is_refused() -> None:
    assert refused(b"<urn:a> <urn:b> 1 .", "data").code == "E340"


def test_tables_are_read_by_their_own_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = types.ModuleType("rrm_kg.tables")
    tables.triples = lambda data, name: iter([name])  # type: ignore[attr-defined]
    tables.positions = lambda data, name: name  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "rrm_kg.tables", tables)
    assert parse.triples(b"", "t.csv") == ["t.csv"]
    assert parse.positions(b"", "t.XLSX") == "t.XLSX"


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b"@prefix : <https://example.org/> .\n:a :p 'x'\n:b :p :c .", "E304", "f.ttl, line 3, column 1"),
        (b"<urn:a> <urn:b> .", "E304", "f.ttl, line 1, column 17"),
        (b"<urn:a b> <urn:b> 1 .", "E304", "f.ttl, line 1, column 1"),
        (b":a :p :b .", "E304", "f.ttl, line 1, column 1"),
        (b"\xef\xbb\xbf:a :p :b .", "E304", "f.ttl, line 1, column 1"),
        (b'<urn:a> <urn:b> "\xff" .', "E303", "f.ttl, byte 17"),
        (b"<?xml version='1.0'?><rdf/>", "E303", "f.ttl"),
        (b'{"@context": "https://example.org"}', "E303", "f.ttl"),
        (b"PK\x03\x04....", "E303", "f.ttl"),
        (b"#" * 5_000_001, "E302", "f.ttl"),
    ],
)
def test_what_is_not_turtle_is_refused_with_its_place(data: bytes, code: str, place: str) -> None:
    error = refused(data)
    assert (error.code, error.where) == (code, place)


@pytest.mark.parametrize(
    ("data", "en", "es"),
    [
        (b":a :p :b .", "the prefix ':' is not declared", "el prefijo «:» no está declarado"),
        (b"<urn:a> <urn:b> 1\n<urn:c> <urn:d> 2 .", "a dot is missing", "falta un punto"),
        (b"<urn:a> <urn:b> ; <urn:c> 1 .", "';' may not stand here", "«;» no puede estar aquí"),
        (b"<urn:a> <urn:b> 'x", "ends before the statement does", "termina antes que el enunciado"),
        (b"<a> <urn:b> 1 .", "the IRI is relative", "el IRI es relativo"),
        (b"<urn:a> <urn:b> 'x\ny' .", "use three of them", "use tres comillas"),
        (b"<urn:a> <urn:b> 'x\\q' .", r"'\q' is not an escape; write a backslash as \\", r"«\q» no es una secuencia"),
        (b"<urn:a> <urn:b> <urn:c d> .", "' ' may not stand in an IRI", "« » no puede estar en un IRI"),
        (b"<urn:a> <urn:b> [ <urn:c> 1 .", "a ']' is missing", "falta un «]»"),
    ],
)
def test_a_syntax_error_has_a_reason_in_both_languages(data: bytes, en: str, es: str) -> None:
    error = refused(data)
    assert error.code == "E304"
    assert en in error.message("en")
    assert es in error.message("es")


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"  <?xml version='1.0'?><rdf/>", "XML"),
        (b"<rdf:RDF xmlns='x'/>", "XML"),
        (b"<!DOCTYPE rdf [<!ENTITY a 'b'>]>", "XML"),
        (b"<!DOCTYPE html><html></html>", "HTML"),
        (b"<html lang='es'>", "HTML"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04\x14\x00", "ZIP"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        ("<urn:a> <urn:b> 1 .".encode("utf-16"), "UTF-16"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "XLS"),
        (b"\x89PNG\r\n\x1a\n", "UTF-8"),
        (b'[{"@id": "urn:a"}]', "JSON"),
    ],
)
@pytest.mark.parametrize("ending", ["ttl", "nt", "jsonld"])
def test_what_is_under_a_wrong_name_is_told(data: bytes, found: str, ending: str) -> None:
    if (found, ending) == ("JSON", "jsonld"):
        return
    error = refused(data, f"f.{ending}")
    assert error.code == "E303"
    assert found in error.message("en")


@pytest.mark.parametrize("data", [b"[ <urn:a> 1 ] .", b'[\n <urn:a> "x" ] .', b"( 1 ) <urn:p> 2 ."])
def test_turtle_that_begins_with_a_bracket_is_no_json(data: bytes) -> None:
    assert parse.triples(data, "f.ttl")


def many(count: int) -> bytes:
    return b"<urn:a> <urn:b> " + b",".join(b"%d" % number for number in range(count)) + b" ."


def nested(depth: int, opening: str, closing: str) -> bytes:
    return f"<urn:a> <urn:b> '[[((' , {opening * depth} {closing * depth} .".encode()


@pytest.mark.parametrize(
    ("within", "beyond", "words"),
    [
        (many(50_000), many(50_001), "50000"),
        (b"[] <urn:a> 1 .\n" * 2_000, b"[] <urn:a> 1 .\n" * 2_001, "2000"),
        (nested(64, "[ <urn:p> ", "]").replace(b"[ <urn:p>  ]", b"[]"), nested(65, "(", ")"), "64"),
        (b"<urn:a> <urn:b> '%s' ." % (b"x" * 262_144), b"<urn:a> <urn:b> '%s' ." % (b"x" * 262_145), "256 KiB"),
        (b"<urn:a> <urn:b> '%s' ." % (b"x" * 262_143), "<urn:a> <urn:b> '{}' .".format("é" * 131_073).encode(), "256"),
        (b"<urn:%s> <urn:b> 1 ." % (b"x" * 2_044), b"<urn:%s> <urn:b> 1 ." % (b"x" * 2_045), "2048"),
        (
            b"@prefix x: <urn:%s:> . x:%s <urn:b> 1 ." % (b"x" * 1_021, b"y" * 1_022),
            b"@prefix x: <urn:%s:> . x:%s <urn:b> 1 ." % (b"x" * 1_021, b"y" * 1_023),
            "2048",
        ),
    ],
)
def test_limits(within: bytes, beyond: bytes, words: str) -> None:
    assert parse.triples(within, "f.ttl")
    error = refused(beyond)
    assert error.code == "E342"
    assert words in error.message("en")
    assert words in error.message("es")


def test_brackets_that_are_too_deep_have_their_place() -> None:
    assert refused(b"# [\n" + nested(65, "(", ")")).where == "f.ttl, line 2, column 90"


def test_a_million_brackets_break_nothing() -> None:
    for opening in ("[", "(", "[ <urn:p> ", "<<", "[]"):
        refused(b"<urn:a> <urn:p> " + opening.encode() * 400_000)


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"<urn:a> <urn:b> 'x\x00y' .", "E343", "U+0000"),
        (b"<urn:a> <urn:b> 'x\\u0000y' .", "E343", "U+0000"),
        (b"<urn:a> <urn:b> 'x\\by' .", "E343", "U+0008"),
        (b"<urn:a> <urn:b> 'x\x1by' .", "E343", "U+001B"),
        ("<urn:a> <urn:b\u202egpj> 1 .".encode(), "E343", "U+202E"),
        ("<urn:a> <urn:\u200bb> 1 .".encode(), "E343", "U+200B"),
        (b"<urn:a> <urn:\\u2066b> 1 .", "E343", "U+2066"),
        ("@prefix x: <urn:x:> . <urn:a> x:a\u200db 1 .".encode(), "E343", "U+200D"),
        ("<urn:a> <urn:b> 'x'^^<urn:\u00adt> .".encode(), "E343", "U+00AD"),
        (b"<urn:a> <urn:b> <javascript:alert(1)> .", "E344", "javascript:"),
        (b"<urn:a> <urn:b> <\\u006Aavascript:alert(1)> .", "E344", "javascript:"),
        (b"<urn:a> <urn:b> <data:text/html,x> .", "E344", "data:"),
        (b"<file:///etc/passwd> <urn:b> 1 .", "E344", "file:"),
        (b"@base <file:///etc/> . <passwd> <urn:b> 1 .", "E344", "file:"),
        (b"@prefix j: <javascript:> . j:x <urn:b> 1 .", "E344", "javascript:"),
        (b"<urn:a> <urn:b> '1'^^<tag:x> .", "E344", "tag:"),
        (b"<urn:a> <urn:b> <<( <urn:a> <urn:b> 1 )>> .", "E349", "<<("),
        (b"<urn:a> <urn:b> 1 {| <urn:c> 2 |} .", "E349", "<<("),
        (b"<urn:a> <urn:b> 'x'@ar--rtl .", "E349", "@ar--rtl"),
    ],
)
def test_terms_that_are_refused(data: bytes, code: str, words: str) -> None:
    error = refused(data)
    assert error.code == code
    assert words in error.message("en")
    assert error.message("en").isprintable()


@pytest.mark.parametrize(
    "data",
    [
        "<urn:a> <urn:b> 'ñandú – «así»\u200b\u202e' .",
        "<HTTPS://example.org/ñ> <urn:b> <mailto:a@example.org> .",
        "<urn:a> <urn:b> '''x\r\n\ty''' , 'a -- b' , 'a < b' .",
        "@base <https://example.org/x/> . <y> <#b> 'x\\u00e9' .",
    ],
)
def test_terms_that_are_accepted(data: str) -> None:
    assert parse.triples(data.encode(), "f.ttl")


def test_the_projects_own_files_are_within_the_limits() -> None:
    for path in [*ROOT.glob("data/**/*.ttl"), *ROOT.glob("ontology/**/*.ttl")]:
        assert parse.triples(path.read_bytes(), path.relative_to(ROOT).as_posix())


@pytest.mark.parametrize(
    "text", ['"007"^^xsd:integer', '"TRUE"^^xsd:boolean', '"2024-02-30"^^xsd:date', '"1.50"^^xsd:decimal']
)
def test_literals_stay_as_they_were_written(text: str) -> None:
    data = f"@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n<urn:a> <urn:b> {text} .".encode()
    (triple,) = parse.parse_turtle(data, "f.ttl")
    written = text.split('"')[1]
    assert isinstance(triple.object, ox.Literal)
    assert triple.object.value == written
    assert str(parse.to_rdflib(triple.object)) == written
    assert parse.from_rdflib(parse.to_rdflib(triple.object)) == triple.object


@pytest.mark.parametrize(
    ("name", "data"),
    [("f.ttl", b"<urn:a> <urn:b> [ <urn:c> [] ] ."), ("f.json", b'{"@id": "urn:a", "urn:b": {"urn:c": {}}}')],
)
def test_blank_nodes_have_the_same_names_every_time(name: str, data: bytes) -> None:
    triples = parse.triples(data, name)
    assert triples == parse.triples(data, name)
    assert {t.object.value for t in triples} == {name.replace(".", "-") + "-1", name.replace(".", "-") + "-2"}


def test_reading_and_locating_load_neither_rdflib_nor_its_query_engine() -> None:
    code = (
        "import sys; from rrm_kg import parse; d = b'<urn:a> <urn:b> [ <urn:c> 1 ] .'; parse.triples(d, 'f.ttl');"
        "parse.positions(d, 'f.ttl').find('urn:a', 'urn:b', None); sys.exit('rdflib' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


TURTLE = (ROOT / "data" / "cases" / "inisa.ttl").read_bytes()[:3_000]
JSON = b"""{"@context": ["https://w3id.org/rrm-kg/context.jsonld",
 {"x": "urn:x:", "t": {"@id": "x:t", "@type": "@id"}}],
 "@graph": [{"@id": "x:a", "@type": "Dispute", "label": {"en": "A", "es": ["B", "C"]}, "t": ["x:b", {"x:q": 1.5}],
  "x:l": {"@list": [1, true, null, {"@value": "v", "@type": "x:d"}]}, "@reverse": {"x:r": {"@id": "x:z"}}}]}"""


@given(
    st.sampled_from([("f.ttl", GOOD), ("f.ttl", TURTLE), ("f.nt", b"<urn:a> <urn:b> 'x'@en .\n"), ("f.jsonld", JSON)]),
    st.lists(
        st.tuples(
            st.integers(0, 3_000),
            st.integers(0, 12),
            st.binary(max_size=4) | st.sampled_from(list(b'{}[]":,.<@_')).map(lambda b: bytes([b])),
        ),
        max_size=4,
    ),
)
def test_mutations_are_read_or_refused(case: tuple[str, bytes], changes: list[tuple[int, int, bytes]]) -> None:
    name, data = case
    for start, length, put in changes:
        at = start % len(data) if data else 0
        data = data[:at] + put + data[at + length :]
    with contextlib.suppress(RrmError):
        triples = parse.triples(data, name)
        found = parse.positions(data, name)
        for triple in triples:
            where = found.find(triple.subject.value, triple.predicate.value, triple.object.value)
            assert where is None or where.line >= 1


@given(st.binary(max_size=200), st.sampled_from(["f.ttl", "f.nt", "f.json"]))
def test_random_bytes_are_read_or_refused(data: bytes, name: str) -> None:
    with contextlib.suppress(RrmError):
        parse.triples(data, name)


def test_the_limits_are_those_that_are_documented() -> None:
    assert (safety.MAX_FILE_BYTES, safety.MAX_TRIPLES, safety.MAX_BLANK_NODES) == (5_000_000, 50_000, 2_000)
    assert (safety.MAX_DEPTH, safety.MAX_LITERAL_BYTES, safety.MAX_IRI_LENGTH) == (64, 256 * 1024, 2_048)
    assert {"http", "https", "mailto", "urn"} == safety.SCHEMES
