"""JSON-LD: no context from outside, nothing dropped in silence, and the range of each value."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rrm_kg import jsonld, jsontext, parse
from rrm_kg.errors import LANGUAGES, RrmError
from rrm_kg.terms import OWL, RDF, RDF_TYPE, RDFS, RRM, XSD

ROOT = Path(__file__).parent.parent
OURS = "https://w3id.org/rrm-kg/context.jsonld"
X = "urn:x:"


def refused(text: str, name: str = "f.jsonld") -> RrmError:
    with pytest.raises(RrmError) as caught:
        parse.triples(text.encode(), name)
    assert caught.value.exit_code == 3
    for lang in LANGUAGES:
        assert caught.value.message(lang)
        assert caught.value.hint(lang)
    return caught.value


def same(text: str, turtle: str) -> None:
    prefixes = f"@prefix x: <{X}> . @prefix rrm: <{RRM}> . @prefix rdfs: <{RDFS}> . @prefix xsd: <{XSD}> . "
    assert set(parse.triples(text.encode(), "f.jsonld")) == set(parse.triples((prefixes + turtle).encode(), "f.ttl"))


# Contexts


def test_our_context_is_known_by_its_iri(no_network: list[object]) -> None:
    same(
        f'{{"@context": "{OURS}", "@id": "kg:id/case/a", "@type": "Dispute", "label": {{"en": "A", "es": "B"}},'
        ' "mechanism": "kg:id/mechanism/m", "beganOn": "2024-01-18"}',
        '<https://w3id.org/rrm-kg/id/case/a> a rrm:Dispute ; rdfs:label "A"@en , "B"@es ;'
        ' rrm:mechanism <https://w3id.org/rrm-kg/id/mechanism/m> ; rrm:beganOn "2024-01-18"^^xsd:date .',
    )
    assert no_network == []


@pytest.mark.parametrize(
    "text",
    [
        f'{{"@context": ["{OURS}", {{"x": "{X}"}}], "@id": "x:a", "label": {{"en": "A"}}}}',
        f'[{{"@context": "{OURS}", "@id": "{X}a", "label": {{"en": "A"}}}}]',
        f'{{"@included": {{"@context": "{OURS}", "@id": "{X}a", "label": {{"en": "A"}}}}}}',
    ],
)
def test_our_context_is_known_wherever_it_is_named(text: str) -> None:
    same(text, 'x:a rdfs:label "A"@en .')


@pytest.mark.parametrize(
    ("context", "named", "column"),
    [
        ('"https://schema.org/"', "https://schema.org/", 14),
        ('"file:///etc/passwd"', "file:///etc/passwd", 14),
        ('"context.jsonld"', "context.jsonld", 14),
        ('""', "", 14),
        (f'["{OURS}", "http://127.0.0.1:9/"]', "http://127.0.0.1:9/", 57),
        (f'{{"@import": "{OURS}"}}', "@import", 14),
        ('{"p": {"@id": "urn:p", "@context": "http://127.0.0.1:9/"}}', "http://127.0.0.1:9/", 49),
        ('{"p": {"@id": "urn:p", "@context": [{"q": {"@context": {"@import": "/x"}}}]}}', "@import", 69),
    ],
)
def test_no_other_context_is_read(context: str, named: str, column: int, no_network: list[object]) -> None:
    for text, shift in (
        (f'{{"@context": {context}, "@id": "urn:a"}}', 0),
        (f'[{{"urn:p": {{"@context": {context}}}}}]', 11),
    ):
        error = refused(text)
        assert (error.code, error.where) == ("E345", f"f.jsonld, line 1, column {column + shift}")
        assert f"'{named}'" in error.message("en")
        assert OURS in error.hint("es")
    assert no_network == []


def test_contexts_without_end_are_refused() -> None:
    def text(count: int) -> str:
        return "[" + ",".join([f'{{"@context": "{OURS}", "@id": "urn:a"}}'] * count) + "]"

    assert parse.triples(text(100).encode(), "f.json") == []
    assert refused(text(101)).code == "E342"


def test_contexts_inside_definitions_are_refused() -> None:
    """The work that they make grows with the product of nodes and terms."""
    text = '{"@context": {"C": {"@id": "urn:C", "@context": {"p": "urn:p"}}}, "@type": "C", "p": 1}'
    assert (refused(text).code, refused(text).where) == ("E342", "f.jsonld, line 1, column 20")


def test_prefixes_that_rest_on_each_other_end() -> None:
    """Some ten thousand of them would end the process of the parser."""

    def chain(count: int) -> str:
        context = {"t0": "urn:0:"} | {f"t{n}": f"t{n - 1}:x:" for n in range(1, count)}
        return json.dumps({"@context": context, "@id": "urn:a", f"t{count - 1}:z": 1})

    (triple,) = parse.triples(chain(30).encode(), "f.json")
    assert triple.predicate.value == "urn:0:" + "x:" * 29 + "z"
    assert refused(chain(1_000)).code == "E348"  # only 64 are followed
    assert "1000" in refused(chain(100_000)).message("en")


def test_our_context_names_every_term_as_the_ontology_declares_it() -> None:
    context = jsonld.bundled()
    triples = parse.triples((ROOT / "ontology" / "rrm.ttl").read_bytes(), "ontology/rrm.ttl")
    kinds = {(t.subject.value, t.object.value) for t in triples if t.predicate.value == RDF_TYPE}
    ranges = {t.subject.value: t.object.value for t in triples if t.predicate.value == RDFS + "range"}
    terms = {t.subject.value for t in triples if t.subject.value.startswith(RRM)}
    assert len(terms) > 150
    for term in sorted(terms):
        name, said = term.removeprefix(RRM), context[term.removeprefix(RRM)]
        range_ = ranges.get(term, "")
        if (term, OWL + "Class") in kinds:
            assert said == f"rrm:{name}"
        elif (term, OWL + "ObjectProperty") in kinds:
            assert said == {"@id": f"rrm:{name}", "@type": "@id"}
        elif range_ == RDF + "langString":
            assert said == {"@id": f"rrm:{name}", "@container": "@language"}
        elif range_.startswith(XSD) and name != "isoCode":
            assert said == {"@id": f"rrm:{name}", "@type": range_.replace(XSD, "xsd:")}
        else:
            assert (said if isinstance(said, str) else said["@id"]) == f"rrm:{name}"


def test_a_case_of_ours_survives_the_way_through_our_context() -> None:
    from pyoxigraph import RdfFormat, serialize

    path = "data/cases/inisa.ttl"
    triples = parse.triples((ROOT / path).read_bytes(), path)
    written = serialize(triples, format=RdfFormat.JSON_LD)
    assert written is not None
    assert set(parse.triples(written, "f.jsonld")) == set(triples)


# What is refused


@pytest.mark.parametrize(
    ("text", "code", "where", "words"),
    [
        ('{"@id": "urn:a",\n "urn:p": 1,\n "urn:p": 2}', "E347", "line 3, column 2", "'urn:p'"),
        ('{"@id": "urn:a", "urn:p": {"@value": 1, "@value": 2}}', "E347", "line 1, column 41", "'@value'"),
        ('{"@id": "urn:a", "\\u0040id": "urn:b"}', "E347", "line 1, column 18", "'@id'"),
        ('{"@id": "urn:a",\n "urn:p": NaN}', "E304", "line 2, column 11", "'N'"),
        ('{"urn:p": -Infinity}', "E304", "line 1, column 11", "'-'"),
        ('{"urn:p": 01}', "E304", "line 1, column 12", "'1'"),
        ('{"urn:p": 1e999}', "E347", "line 1, column 11", "1e999"),
        ('{"urn:p": 9007199254740993}', "E347", "line 1, column 11", "9007199254740993"),
        ('{"urn:p": ' + "9" * 100_000 + "}", "E347", "line 1, column 11", "too long"),
        ('{"urn:p": 0.' + "1" * 40 + "}", "E347", "line 1, column 11", "too long"),
        ('{"urn:p": "\\ud800"}', "E347", "line 1, column 11", "surrogate"),
        ('{"urn:p": "\\udc00\\ud800"}', "E347", "line 1, column 11", "surrogate"),
        ('{"urn:p": "a\nb"}', "E304", "line 1, column 13", "'\n'"),
        ('{"urn:p": "a}', "E304", "line 1, column 11", "'\"'"),
        ('{"urn:p": 1,}', "E304", "line 1, column 13", "'}'"),
        ('{"urn:p": [1,]}', "E304", "line 1, column 14", "']'"),
        ("{'urn:p': 1}", "E304", "line 1, column 2", "'''"),
        ('{"urn:p": 1} {}', "E304", "line 1, column 14", "'{'"),
        ('{"urn:p": 1', "E304", "line 1, column 12", "ends"),
        ('{"urn:p" 1}', "E304", "line 1, column 10", "'1'"),
        ("", "E304", "line 1, column 1", "ends"),
        ('{"@id": 5}', "E341", "", "@id"),
        ('"urn:a"', "E341", "", '"urn:a"'),
        ('{"@id": "urn:g", "@graph": [{"@id": "urn:a", "urn:p": 1}]}', "E346", "", "urn:g"),
        ('{"@context": {"g": "@graph"}, "@id": "urn:g", "g": {"@id": "urn:a", "urn:p": 1}}', "E346", "", "urn:g"),
        ('{"@context": {"p": {"@id": "urn:p", "@container": "@graph"}}, "p": {"urn:q": 1}}', "E346", "", "@graph"),
        ('{"@id": "urn:a", "urn:p": "x\\u0000"}', "E343", "", "U+0000"),
        ('{"@id": "urn:a\\u202e", "urn:p": "x"}', "E343", "", "U+202E"),
        ('{"@id": "javascript:alert(1)", "urn:p": "x"}', "E344", "", "javascript:"),
        ('{"@id": "urn:a",\n "name": "x"}', "E348", "line 2, column 10", '"x" under name'),
        ('{"@id": "urn:a", "@type": "Dispute"}', "E348", "line 1, column 27", '"Dispute"'),
        ('{"@id": "urn:a b", "urn:p": 1}', "E348", "line 1, column 29", "urn:p"),
        ('{"@id": "a", "urn:p": 1}', "E348", "line 1, column 23", "urn:p"),
        ('{"@id": "urn:a", "urn:p": {"@id": "b"}}', "E348", "line 1, column 35", '"b" under urn:p'),
        ('{"@id": "urn:a", "urn:p": {"@id": "urn:b", "c": {"@id": "urn:c"}}}', "E348", "line 1, column 57", "under c"),
        ('{"@id": "urn:a", "urn:p": {"@value": "x", "@language": "en us"}}', "E348", "line 1, column 38", '"x"'),
        (f'{{"@context": "{OURS}", "@id": "kg:a", "facility": "no iri"}}', "E348", "line 1, column 83", '"no iri"'),
    ],
)  # fmt: skip
def test_what_is_refused(text: str, code: str, where: str, words: str) -> None:
    error = refused(text)
    assert (error.code, error.where) == (code, f"f.jsonld, {where}" if where else "f.jsonld")
    assert words in error.message("en")


def test_values_without_end_are_refused() -> None:
    assert parse.triples(b"[" + b"0," * 399_998 + b"0]", "f.json") == []
    error = refused("[" + "0," * 399_999 + "0]")
    assert (error.code, error.where) == ("E342", "f.jsonld, line 1, column 800000")


def test_depth() -> None:
    deep = '{"urn:p":' * 63 + '{"urn:p":1}' + "}" * 63
    assert parse.triples(deep.encode(), "f.json")
    for opening in ('{"urn:p":', "[", '{"@context":'):
        error = refused(opening * 100_000)
        assert (error.code, error.where) == ("E342", f"f.jsonld, line 1, column {64 * len(opening) + 1}")


@pytest.mark.parametrize(
    ("text", "turtle"),
    [
        ('{"@id": "urn:x:a", "urn:x:p": null, "urn:x:q": [], "urn:x:r": {"@value": null}}', ""),
        ('{"@context": {"n": null}, "@id": "urn:x:a", "n": 1}', ""),
        ('{"@graph": [{"@id": "urn:x:a", "urn:x:p": 1}]}', "x:a x:p 1 ."),
        ('{"@id": "urn:x:a", "urn:x:p": {"@type": "@json", "@value": {"k": [1]}}}',
         f"""x:a x:p '{{"k":[1]}}'^^<{RDF}JSON> ."""),
        ('{"@context": {"@vocab": "urn:x:", "@base": "urn:x:"}, "@id": "urn:x:a", "p": 1}', "x:a x:p 1 ."),
        ('{"@context": {"r": {"@reverse": "urn:x:r", "@type": "@id"}}, "@id": "urn:x:a", "r": "urn:x:b"}',
         "x:b x:r x:a ."),
        ('{"@context": {"x": {"@id": "urn:x", "@prefix": true}}, "@id": "urn:x:a", "x::p": 1}', "x:a x:p 1 ."),
        ('{"@context": {"n": "@nest"}, "@id": "urn:x:a", "n": {"urn:x:p": true}}', "x:a x:p true ."),
        ('{"@context": {"m": {"@id": "urn:x:m", "@container": "@id"}}, "@id": "urn:x:a",'
         ' "m": {"urn:x:b": {"urn:x:p": 1}}}', "x:a x:m x:b . x:b x:p 1 ."),
        ('{"@context": {"m": {"@id": "urn:x:m", "@container": "@index"}}, "@id": "urn:x:a",'
         ' "m": {"any key": {"@id": "urn:x:b"}, "k": ["v"]}}', "x:a x:m x:b , 'v' ."),
        ('{"@context": {"l": {"@id": "urn:x:l", "@container": "@list"}}, "@id": "urn:x:a", "l": []}', "x:a x:l () ."),
    ],
)  # fmt: skip
def test_what_is_accepted(text: str, turtle: str) -> None:
    same(text, turtle)


# Places


def test_a_map_by_type_is_read() -> None:
    context = '{"m": {"@id": "urn:x:m", "@container": "@type"}}'
    text = f'{{"@context": {context}, "@id": "urn:x:a", "m": {{"urn:x:T": {{"urn:x:p": 1}}}}}}'
    assert [t.object.value for t in parse.triples(text.encode(), "f.jsonld")] == ["f-jsonld-1", "urn:x:T", "1"]


DOCUMENT = f"""{{
  "@context": ["{OURS}", {{"x": "urn:x:", "p": {{"@id": "x:p", "@type": "@id"}}, "id": "@id",
    "rev": {{"@reverse": "x:rev"}}, "l": {{"@id": "x:l", "@container": "@list"}}}}],
  "id": "x:a", "@type": ["Dispute", "x:T"],
  "label": {{"en": "A 𝄞", "es": ["B", "C"]}},
  "p": ["x:b", {{"id": "x:c", "x:q": 1.50}}], "urn:x:full": "é\\n",
  "x:v": [{{"@value": "2024-02-30", "@type": "xsd:date"}}, true, 7, 2.5e-3],
  "x:n": {{"x:q": {{"x:deep": "d"}}}},
  "l": [1, "two"],
  "rev": {{"id": "x:z"}}
}}"""


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (("a", RDF_TYPE, RRM + "Dispute"), (4, 26, 4, 35, "triple", '"Dispute"')),
        (("a", RDF_TYPE, X + "T"), (4, 37, 4, 42, "triple", '"x:T"')),
        (("a", RDF_TYPE, X + "U"), (4, 16, 4, 23, "property", '"@type"')),
        (("a", RDFS + "label", "A 𝄞"), (5, 19, 5, 24, "triple", '"A 𝄞"')),
        (("a", RDFS + "label", "C"), (5, 38, 5, 41, "triple", '"C"')),
        (("a", RDFS + "label", None), (5, 3, 5, 10, "property", '"label"')),
        (("a", X + "p", X + "b"), (6, 9, 6, 14, "triple", '"x:b"')),
        (("a", X + "p", X + "c"), (6, 23, 6, 28, "triple", '"x:c"')),
        (("c", X + "q", "1.5E0"), (6, 37, 6, 41, "triple", "1.50")),
        (("a", X + "full", "é\n"), (6, 59, 6, 64, "triple", '"é\\n"')),
        (("a", X + "v", "2024-02-30"), (7, 22, 7, 34, "triple", '"2024-02-30"')),
        (("a", X + "v", "true"), (7, 58, 7, 62, "triple", "true")),
        (("a", X + "v", "7"), (7, 64, 7, 65, "triple", "7")),
        (("a", X + "v", "2.5E-3"), (7, 67, 7, 73, "triple", "2.5e-3")),
        (("a", X + "none", "1"), (4, 9, 4, 14, "subject", '"x:a"')),
        (("c", None, None), (6, 23, 6, 28, "subject", '"x:c"')),
        (("z", X + "rev", X + "a"), (10, 10, 10, 23, "triple", '{"id": "x:z"}')),
        (("nobody", None, None), None),
    ],
)
def test_ranges(asked: tuple[str, str | None, str | None], found: tuple[int, int, int, int, str, str] | None) -> None:
    assert parse.triples(DOCUMENT.encode(), "f.jsonld")
    subject, predicate, value = asked
    where = parse.positions(DOCUMENT.encode(), "f.jsonld").find(X + subject, predicate, value)
    if where is None or found is None:
        assert where is found
        return
    assert (where.line, where.column, where.end_line, where.end_column, where.located_by, where.text) == found


def test_blank_nodes_have_the_range_of_their_object() -> None:
    triples = parse.triples(DOCUMENT.encode(), "f.jsonld")
    places = parse.positions(DOCUMENT.encode(), "f.jsonld")
    found = {}
    for triple in triples:
        where = places.find(triple.subject.value, triple.predicate.value, triple.object.value)
        assert where is not None
        if not triple.predicate.value.endswith("#rest"):
            assert where.located_by == "triple", triple
            found[triple.predicate.value] = where.text
    assert found[X + "n"] == '{"x:q": {"x:deep": "d"}}'
    assert found[X + "deep"] == '"d"'
    assert found[X + "l"] == '[1, "two"]'
    assert found[RDF + "first"] == '"two"'


_scalars = st.one_of(
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15),
    st.text('ab"\\é𝄞\n{[: ', max_size=6),
)
_values = st.one_of(
    _scalars,
    st.builds(lambda v: {"@value": v}, _scalars),
    st.builds(
        lambda t, lang: {"@value": t, "@language": lang}, st.text("xyz", max_size=3), st.sampled_from(["en", "es-MX"])
    ),
    st.sampled_from([{"@id": "urn:x:b"}, {"@id": "x:c"}, {"@id": "_:n"}, {}]),
)


def _nodes(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    keys = st.sampled_from(["p", "x:q", "urn:x:r", "p q", "@id", "@type"])
    ids = st.sampled_from(["x:a", "urn:x:b", "_:n", "_:m"])
    types = st.sampled_from(["T", ["x:U", "T"]])
    members = st.dictionaries(keys, inner | st.lists(inner, max_size=3), max_size=4)

    def node(found: dict[str, object], identity: str, kind: object) -> dict[str, object]:
        fixed = {"@id": identity, "@type": kind}
        return {key: fixed.get(key, value) for key, value in found.items()}

    return st.builds(node, members, ids, types) | st.builds(lambda e: {"@list": e}, st.lists(inner, max_size=3))


_bodies = _nodes(st.recursive(_values, _nodes, max_leaves=8)).filter(lambda body: "@list" not in str(body)[:9])


@given(_bodies, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_every_triple_has_the_range_of_its_value(
    body: dict[str, object], indent: int | str | None, ascii_: bool
) -> None:
    context = {"x": X, "p": "urn:x:p", "p q": "urn:x:pq", "T": "urn:x:T"}
    text = json.dumps({"@context": context, **body}, indent=indent, ensure_ascii=ascii_)
    triples = parse.triples(text.encode(), "f.jsonld")
    places = parse.positions(text.encode(), "f.jsonld")
    for triple in triples:
        if triple.predicate.value.endswith("#rest"):
            continue
        where = places.find(triple.subject.value, triple.predicate.value, triple.object.value)
        assert where is not None
        assert where.located_by == "triple"
        cut = text.split("\n")[where.line - 1][where.column - 1 : where.end_column - 1]
        if where.line == where.end_line and len(where.text) < 200:
            assert cut == where.text
        value = json.loads(cut) if where.line == where.end_line else None
        if isinstance(value, bool):
            assert triple.object.value == str(value).lower()
        elif isinstance(value, (int, float)):
            assert float(triple.object.value) == value
        elif isinstance(value, str):
            assert value.split(":")[-1] == triple.object.value.split(":")[-1] or value.startswith("_:")


@given(st.recursive(_scalars | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner)))
def test_json_is_read_as_python_reads_it(value: object) -> None:
    text = json.dumps(value)
    read = jsontext.read(text, "f.json")
    assert read.plain() == value
    assert (read.start, read.end) == (0, len(text))
