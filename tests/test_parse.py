"""Strict Turtle, named places for errors, and the line of every triple."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from rrm_kg import parse
from rrm_kg.errors import RrmError

GOOD = b"""@prefix : <https://example.org/> .
:a :p "x"@en ;
    :q 1 ,
       2 .

:b :p :a .
"""


def test_triples_in_the_order_of_the_file() -> None:
    triples = parse.parse_turtle(GOOD, "good.ttl")
    assert str(triples[0].object) == '"x"@en'
    assert len(triples) == 4


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b"@prefix : <https://example.org/> .\n:a :p 'x'\n:b :p :c .", "E304", "f.ttl, line 3, column 1"),
        (b"<urn:a> <urn:b> .", "E304", "f.ttl, line 1, column 17"),
        (b"<urn:a b> <urn:b> 1 .", "E304", "f.ttl, line 1, column 1"),
        (b":a :p :b .", "E304", "f.ttl, line 1, column 1"),
        (b'<urn:a> <urn:b> "\xff" .', "E303", "f.ttl, byte 17"),
        (b"<?xml version='1.0'?><rdf/>", "E303", "f.ttl"),
        (b'{"@context": "https://example.org"}', "E303", "f.ttl"),
        (b"PK\x03\x04....", "E303", "f.ttl"),
        (b"#" * 5_000_001, "E302", "f.ttl"),
    ],
)
def test_what_is_not_turtle_is_refused_with_its_place(data: bytes, code: str, place: str) -> None:
    with pytest.raises(RrmError) as caught:
        parse.parse_turtle(data, "f.ttl")
    assert (caught.value.code, caught.value.where) == (code, place)
    assert caught.value.exit_code == 3


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


def test_blank_nodes_have_the_same_names_every_time() -> None:
    data = b"<urn:a> <urn:b> [ <urn:c> [] ] ."
    assert parse.parse_turtle(data, "f.ttl") == parse.parse_turtle(data, "f.ttl")


def at(found: parse.Positions, subject: str, predicate: str | None, value: str | None) -> tuple[int, str] | None:
    """The line of something, and what it was located by."""
    where = found.find(subject, predicate, value)
    return None if where is None else (where.line, where.located_by)


def test_every_triple_has_its_line() -> None:
    found = parse.positions(GOOD, "f.ttl")
    base = "https://example.org/"
    assert at(found, base + "a", base + "p", "x") == (2, "triple")
    assert at(found, base + "a", base + "q", "2") == (4, "triple")
    assert at(found, base + "a", base + "q", "3") == (3, "property")
    assert at(found, base + "b", base + "none", None) == (6, "subject")
    assert found.find(base + "c", None, None) is None


def test_a_value_over_several_lines_does_not_move_what_follows() -> None:
    found = parse.positions(b'<urn:a> <urn:b> """one\ntwo\nthree""" .\n<urn:c> <urn:d> 1 .\n', "f.ttl")
    assert at(found, "urn:a", "urn:b", "one\ntwo\nthree") == (1, "triple")
    assert at(found, "urn:c", "urn:d", "1") == (4, "triple")


def test_nested_blank_nodes_and_lists_do_not_move_what_follows() -> None:
    found = parse.positions(b"<urn:a> <urn:b> [ <urn:c>\n  1 ,\n  2 ] ,\n  ( 3 4 ) ;\n  <urn:d> 5 .\n", "f.ttl")
    assert at(found, "urn:a", "urn:d", "5") == (5, "triple")


def test_a_line_is_found_wherever_the_statement_begins() -> None:
    data = b'@prefix : <urn:x:> .\n:a :p 1 .  :a :q 2 .\n\n:a :r 3 ; :s """\n:b :p 4 .""" .\n:b :p 5 .\n'
    found = parse.positions(data, "f.ttl")
    assert at(found, "urn:x:a", "urn:x:r", "3") == (4, "triple")
    assert at(found, "urn:x:a", "urn:x:q", "2") == (2, "triple")
    assert at(found, "urn:x:b", "urn:x:p", "5") == (6, "triple")


def test_lines_are_found_where_several_statements_share_one() -> None:
    found = parse.positions(
        b"@prefix a: <urn:a:> . @prefix b: <urn:b:> .\na:x b:p 1 . a:y b:p 2 .\n a:z b:p 3 .\n", "f.ttl"
    )
    assert at(found, "urn:a:x", "urn:b:p", "1") == (2, "triple")
    assert at(found, "urn:a:y", "urn:b:p", "2") == (2, "triple")
    assert at(found, "urn:a:z", "urn:b:p", "3") == (3, "triple")
