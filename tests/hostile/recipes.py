"""The hostile files that are too large to be kept: each is made when it is needed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Final

PREFIXES: Final = """@prefix rrm: <https://w3id.org/rrm-kg/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
_SHEET: Final = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</worksheet>'


def _turtle(body: str) -> bytes:
    return (PREFIXES + body).encode()


def _chain(predicate: str, length: int) -> bytes:
    return _turtle("\n".join(f"<urn:x{n}> {predicate} <urn:x{n + 1}> ." for n in range(length)))


def _workbook(sheet: str, **more: bytes) -> bytes:
    """A workbook of one sheet, with further parts."""
    parts = {
        "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        b'<Override PartName="/xl/workbook.xml" '
        b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        b'<Override PartName="/xl/worksheets/sheet1.xml" '
        b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
        "_rels/.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="r1" Target="xl/workbook.xml" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>',
        "xl/workbook.xml": b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        b'<sheets><sheet name="cases" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        b'relationships"><Relationship Id="r1" Target="worksheets/sheet1.xml" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet.encode(),
        **more,
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _same_as_all(size: int) -> bytes:
    all_of_them = " , ".join(f"<urn:x{n}>" for n in range(size))
    return _turtle("\n".join(f"<urn:x{n}> owl:sameAs {all_of_them} ." for n in range(size)))


RECIPES: Final[dict[str, Callable[[], bytes]]] = {
    "six-megabytes.ttl": lambda: _turtle("<urn:a> <urn:b> 1 .\n" * 300_000),
    "six-megabytes-of-comments.ttl": lambda: b"# nothing\n" * 600_000,
    "brackets-5000.ttl": lambda: b"<urn:a> <urn:b> " + b"[ <urn:b> " * 5_000 + b"1" + b" ]" * 5_000 + b" .",
    "brackets-200000.ttl": lambda: b"<urn:a> <urn:b> " + b"[" * 200_000,
    "lists-20000.ttl": lambda: b"<urn:a> <urn:b> " + b"( " * 20_000 + b") " * 20_000 + b".",
    "triples-100000.ttl": lambda: b"".join(b"<urn:a%d> <urn:b> 1 .\n" % n for n in range(100_000)),
    "blank-nodes-3000.ttl": lambda: b"<urn:a> <urn:b> " + b" , ".join([b"[]"] * 3_000) + b" .",
    "literal-300-kib.ttl": lambda: b'<urn:a> <urn:b> "' + b"x" * 300 * 1024 + b'" .',
    "iri-10000.ttl": lambda: b"<urn:a> <urn:b> <http://a/" + b"x" * 10_000 + b"> .",
    "integer-200000-digits.ttl": lambda: b"<urn:a> <urn:b> " + b"9" * 200_000 + b" .",
    "same-as-chain-120.ttl": lambda: _chain("owl:sameAs", 120),
    "same-as-all-40.ttl": lambda: _same_as_all(40),
    "sub-class-chain-200.ttl": lambda: _chain("rdfs:subClassOf", 200),
    "prefixes-20000.ttl": lambda: b"".join(b"@prefix p%d: <urn:%d:> .\n" % (n, n) for n in range(20_000)),
    "violations-300.ttl": lambda: _turtle("\n".join(f"<urn:a{n}> rrm:dat {n} ." for n in range(300))),
    "things-of-others-300.ttl": lambda: _turtle(
        "\n".join(f"<https://w3id.org/rrm-kg/id/case/atento> rdfs:comment 'x{n}' ." for n in range(300))
    ),
    "pattern-date.ttl": lambda: _turtle('<urn:a> rrm:date "' + "1" * 50_000 + '-"^^xsd:date .'),
    "pattern-address.ttl": lambda: _turtle(
        '<https://w3id.org/rrm-kg/id/document/x> a rrm:Document ; rrm:url "https://'
        + "a." * 25_000
        + ' "^^xsd:anyURI .'
    ),
    "pattern-mail.ttl": lambda: _turtle('<urn:a> rdfs:comment "' + "a@a-" * 12_000 + '" .'),
    "pattern-identifier.ttl": lambda: _turtle("<https://w3id.org/rrm-kg/id/union/" + "a-" * 900 + "_> a rrm:Union ."),
    "nested-2000.jsonld": lambda: b'{"urn:a":' * 2_000 + b"1" + b"}" * 2_000,
    "nested-100000.jsonld": lambda: b"[" * 100_000 + b"]" * 100_000,
    "contexts-500.jsonld": lambda: b'{"@context":[' + b",".join([b'{"a":"urn:a"}'] * 500) + b'],"@id":"urn:a"}',
    "bomb.xlsx": lambda: _workbook(_SHEET % ("<sheetData/>" + " " * 40_000_000)),
    "cells.xlsx": lambda: _workbook(
        _SHEET % ("<sheetData>" + "<row>" + "<c><v>1</v></c>" * 60_000 + "</row></sheetData>")
    ),
    "external-link.xlsx": lambda: _workbook(
        _SHEET % "<sheetData/>",
        **{"xl/externalLinks/externalLink1.xml": b"<externalLink/>"},
    ),
    "macro.xlsx": lambda: _workbook(_SHEET % "<sheetData/>", **{"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"}),
    "macro.xlsm": lambda: _workbook(_SHEET % "<sheetData/>", **{"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"}),
    "xxe.xlsx": lambda: _workbook(
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        + _SHEET % '<sheetData><row><c t="inlineStr"><is><t>&e;</t></is></c></row></sheetData>'
    ),
    "traversal.xlsx": lambda: _workbook(_SHEET % "<sheetData/>", **{"../../../tmp/x": b"x"}),
    "not-a-zip.xlsx": lambda: b"PK\x03\x04" + b"x" * 100,
    "old.xls": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
    "old-as.xlsx": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
    "utf-16.csv": lambda: "id;label\nx;y\n".encode("utf-16"),
    "latin-1.csv": lambda: "id,label\nx,México\n".encode("latin-1"),
    "nul.csv": lambda: b"id,label\nx,a\0b\n",
    "open-quote.csv": lambda: b'id,label\nx,"' + b"y," * 50_000,
}
