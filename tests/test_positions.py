"""Where each triple of a Turtle or N-Triples document stands: exact ranges, in characters."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rrm_kg import parse
from rrm_kg.terms import RDF_TYPE
from rrm_kg.turtle import Turtle

X = "urn:x:"
Range = tuple[int, int, int, int, str, str]


def at(text: str, subject: str, predicate: str | None, value: str | None, name: str = "f.ttl") -> Range | None:
    """Line, column, end line, end column, what it was located by, and the text there."""
    assert parse.triples(text.encode(), name)
    where = parse.positions(text.encode(), name).find(subject, predicate, value)
    if where is None:
        return None
    assert where.file == name
    return where.line, where.column, where.end_line, where.end_column, where.located_by, where.text


HEAD = "@prefix : <urn:x:> .\n"


@pytest.mark.parametrize(
    ("body", "asked", "found"),
    [
        # the object of a triple, whatever it is
        (":a :p :b .", ("a", "p", X + "b"), (2, 7, 2, 9, "triple", ":b")),
        (":a :p <urn:x:b> .", ("a", "p", X + "b"), (2, 7, 2, 16, "triple", "<urn:x:b>")),
        (':a :p "one" , "two"@en .', ("a", "p", "two"), (2, 15, 2, 23, "triple", '"two"@en')),
        (":a :p 'x'^^:t .", ("a", "p", "x"), (2, 7, 2, 14, "triple", "'x'^^:t")),
        (":a :p 'x' ^^ # why\n <urn:t> .", ("a", "p", "x"), (2, 7, 3, 9, "triple", "'x' ^^ # why\n <urn:t>")),
        (":a :p 'x' @en .", ("a", "p", "x"), (2, 7, 2, 14, "triple", "'x' @en")),
        (":a :p 007 , +1.50 , .5 , 1.e5, -1E3.", ("a", "p", "007"), (2, 7, 2, 10, "triple", "007")),
        (":a :p 007 , +1.50 , .5 , 1.e5, -1E3.", ("a", "p", "+1.50"), (2, 13, 2, 18, "triple", "+1.50")),
        (":a :p 007 , +1.50 , .5 , 1.e5, -1E3.", ("a", "p", ".5"), (2, 21, 2, 23, "triple", ".5")),
        (":a :p 007 , +1.50 , .5 , 1.e5, -1E3.", ("a", "p", "1.e5"), (2, 26, 2, 30, "triple", "1.e5")),
        (":a :p 007 , +1.50 , .5 , 1.e5, -1E3.", ("a", "p", "-1E3"), (2, 32, 2, 36, "triple", "-1E3")),
        (":a :p true,false.", ("a", "p", "false"), (2, 12, 2, 17, "triple", "false")),
        (":a a :T .", ("a", "TYPE", X + "T"), (2, 6, 2, 8, "triple", ":T")),
        (":a :p 'a\\tb\\u00e9' .", ("a", "p", "a\tbé"), (2, 7, 2, 19, "triple", "'a\\tb\\u00e9'")),
        (":a :p '\"' , \"'.\" , '.' .", ("a", "p", "."), (2, 20, 2, 23, "triple", "'.'")),
        (':a :p """one\n"two""\n""" .', ("a", "p", 'one\n"two""\n'), (2, 7, 4, 4, "triple", '"""one\n"two""\n"""')),
        # names
        (":a.b :p.q :c\\,d .", ("a.b", "p.q", X + "c,d"), (2, 11, 2, 16, "triple", ":c\\,d")),
        (":a :p :b.:c .", ("a", "p", X + "b.:c"), (2, 7, 2, 12, "triple", ":b.:c")),
        (":a :p :b . :c :p :d.", ("c", "p", X + "d"), (2, 18, 2, 20, "triple", ":d")),
        (": :p :%41:b .", ("", "p", X + "%41:b"), (2, 6, 2, 12, "triple", ":%41:b")),
        # comments, white space, empty statements of a property list
        (":a # a :p :z .\n\t:p #'\n\t\t:b ;; :q 1 ; .", ("a", "p", X + "b"), (4, 3, 4, 5, "triple", ":b")),
        (":a :p '#' , <urn:x:#b> .", ("a", "p", X + "#b"), (2, 13, 2, 23, "triple", "<urn:x:#b>")),
        ("\n\n:a\n:p\n:b\n.", ("a", "p", X + "b"), (6, 1, 6, 3, "triple", ":b")),
        # characters beyond the first plane count as one
        (":a :p '𝄞𝄞' , 'é' , 2 .", ("a", "p", "2"), (2, 20, 2, 21, "triple", "2")),
        (":a :p '𝄞𝄞' , 'é' , 2 .", ("a", "p", "𝄞𝄞"), (2, 7, 2, 11, "triple", "'𝄞𝄞'")),
        # the property and the subject
        (":a :p 1 ; :q 2 , 3 .", ("a", "q", "4"), (2, 11, 2, 13, "property", ":q")),
        (":a :p 1 ; :q 2 , 3 .", ("a", "q", None), (2, 11, 2, 13, "property", ":q")),
        (":a a :T .", ("a", "TYPE", None), (2, 4, 2, 5, "property", "a")),
        (":b :p 1 .\n<urn:x:a> :p 1 .", ("a", "q", None), (3, 1, 3, 10, "subject", "<urn:x:a>")),
        (":b :p 1 . :a :p 1 .", ("a", None, None), (2, 11, 2, 13, "subject", ":a")),
        (":a :p 1 .", ("b", "p", "1"), None),
        (":a :p :b .", ("b", None, None), None),
        # the first of several statements; a later one where only it has the triple
        (":a :p 1 .\n:a :p 2 , 1 .", ("a", "p", "1"), (2, 7, 2, 8, "triple", "1")),
        (":a :p 1 .\n:a :p 2 , 1 .", ("a", "p", "2"), (3, 7, 3, 8, "triple", "2")),
        # what only looks like a statement
        (':b :s """\n:a :p 1 .\n""" .\n:a :p 1 .', ("a", "p", "1"), (5, 7, 5, 8, "triple", "1")),
        (":b :s :c ,\n:a , 1 .\n:a :p 1 .", ("a", "p", "1"), (4, 7, 4, 8, "triple", "1")),
        # directives anywhere
        ("@prefix b: <urn:b:> . b:a b:p 1 . PREFIX b: <urn:x:>\nb:a b:p 2 .", ("a", "p", "2"),
         (3, 9, 3, 10, "triple", "2")),
        ("BASE <urn:y:> base <https://x/> PREFIX #\n y: <y/> <a> y:b <c>.", ("https://x/a", "https://x/y/b", "https://x/c"),
         (3, 18, 3, 21, "triple", "<c>")),
    ],
)  # fmt: skip
def test_ranges(body: str, asked: tuple[str, str | None, str | None], found: Range | None) -> None:
    subject, predicate, value = asked
    if predicate is not None and ":" not in predicate:
        predicate = RDF_TYPE if predicate == "TYPE" else X + predicate
    assert at(HEAD + body, subject if ":" in subject else X + subject, predicate, value) == found


def test_lines_end_as_they_do_in_the_file() -> None:
    text = HEAD + ":a :p 1 ,\n\t2 .\n"
    for end in ("\n", "\r\n", "\r"):
        assert at(text.replace("\n", end), "urn:x:a", "urn:x:p", "2") == (3, 2, 3, 3, "triple", "2")


def test_a_byte_order_mark_is_no_column() -> None:
    assert at("\ufeff<urn:x:a> <urn:x:p> 1 .", "urn:x:a", "urn:x:p", "1") == (1, 21, 1, 22, "triple", "1")


def test_n_triples() -> None:
    text = '<urn:a> <urn:p> "x"@en .\n# one\n_:b <urn:q> "y"^^<urn:t> . # two\n<urn:a> <urn:p> _:b .\n'
    assert at(text, "urn:a", "urn:p", "x", "f.nt") == (1, 17, 1, 23, "triple", '"x"@en')
    assert at(text, "f-nt-1", "urn:q", "y", "f.nt") == (3, 13, 3, 25, "triple", '"y"^^<urn:t>')
    assert at(text, "urn:a", "urn:p", "f-nt-1", "f.nt") == (4, 17, 4, 20, "triple", "_:b")


NESTED = """@prefix : <urn:x:> .
:a :p [ :q 1 ; :r [ :s 2 ] ] , [ :q 3 ] ;
   :l ( 4 [ :q 5 ] ( 6 ) ) .
[ :top 7 ] .
_:x :p _:y .
_:y :p 8 .
"""


def test_blank_nodes_are_found_by_their_names_in_the_graph() -> None:
    """Names follow the order of the triples, in which what is inside comes first."""
    names = {str(t.predicate.value): t for t in parse.triples(NESTED.encode(), "f.ttl")}
    inner, top = names["urn:x:s"].subject.value, names["urn:x:top"].subject.value
    assert at(NESTED, inner, "urn:x:s", "2") == (2, 24, 2, 25, "triple", "2")
    assert at(NESTED, inner, None, None) == (2, 19, 2, 27, "subject", "[ :s 2 ]")
    assert at(NESTED, top, "urn:x:top", "7") == (4, 8, 4, 9, "triple", "7")


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("1", "[ :q 1 ; :r [ :s 2 ] ]"),
        ("3", "[ :q 3 ]"),
        ("5", "[ :q 5 ]"),
        ("4", "( 4 [ :q 5 ] ( 6 ) )"),
        ("6", "( 6 )"),
        ("8", "_:y"),
    ],
)
def test_a_blank_node_as_object_has_the_range_of_all_of_it(number: str, found: str) -> None:
    triples = parse.triples(NESTED.encode(), "f.ttl")
    (node,) = [t.subject for t in triples if isinstance(t.object, ox.Literal) and t.object.value == number]
    (points,) = [t for t in triples if t.object == node]
    where = at(NESTED, points.subject.value, points.predicate.value, node.value)
    assert where is not None
    assert where[4:] == ("triple", found)


def test_long_texts_are_cut() -> None:
    for length, shown in ((198, "'" + "x" * 198 + "'"), (199, "'" + "x" * 198 + "…")):
        where = at(f"<urn:a> <urn:b> '{'x' * length}' .", "urn:a", "urn:b", "x" * length)
        assert where == (1, 17, 1, 17 + length + 2, "triple", shown)


def test_only_statements_about_the_subject_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    plain = Turtle._read
    monkeypatch.setattr(Turtle, "_read", lambda self, number: read.append(number) or plain(self, number))
    found = parse.positions((HEAD + ":a :p 1 .\n:b :p 2 .\n:a :q 3 .").encode(), "f.ttl")
    assert found.find("urn:x:a", "urn:x:q", "3")
    assert read == [0, 2]


def test_endless_directives_end() -> None:
    text = "".join(f"@prefix p{n}: <urn:{n}:> .\np{n}:a p{n}:b {n} .\n" for n in range(3_000))
    assert at(text, "urn:7:a", "urn:7:b", "7") == (16, 11, 16, 12, "triple", "7")
    assert at(text, "urn:2999:a", "urn:2999:b", "2999") is None


# Any document: what is cut out of the text is the object

_names = st.sampled_from([":a", ":b.c", "<urn:x:d>", "x:e\\,f", "<urn:y:\\u00e9>", "x:%41", ":"])
_predicates = st.sampled_from([":p", "x:q", "<urn:x:r>", "a"])
_texts = st.text("ab '\"\\.#é𝄞;[(<\t", max_size=5)


def _literal(text: str, quote: str, suffix: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("'", "\\'").replace("\t", "\\t")
    return f"{quote}{escaped}{quote}{suffix}"


_literals = st.builds(
    _literal,
    _texts,
    st.sampled_from(['"', "'", '"""', "'''"]),
    st.sampled_from(["", "@en", "@es-MX", "^^x:t", " ^^\n<urn:x:t>", " @en"]),
)
_lines = st.sampled_from(['"""a\n:a :p 1 .\nb"""', "'''x\r\n'y''z '''"])
_numbers = st.sampled_from(["0", "-007", "+1.50", ".5", "1.e5", "1E-3", "true", "false", "_:l", "_:m.n"])
_space = st.sampled_from([" ", "\n", "\t", " # :a :p 'x\n", "\r\n", "  "])


def _properties(objects: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    lists = st.lists(objects, min_size=1, max_size=3)
    pairs = st.builds(
        lambda p, s, o, c: f"{p}{s}{c.join(o)}", _predicates, _space, lists, st.sampled_from([" ,", "\n, "])
    )
    return st.builds(" ; ".join, st.lists(pairs, min_size=1, max_size=3))


_atoms = _names | _literals | _lines | _numbers
_objects = st.recursive(
    _atoms,
    lambda inner: (
        st.builds(lambda p: f"[ {p} ]", _properties(inner))
        | st.builds(lambda o: f"({' '.join(o)} )", st.lists(inner, max_size=3))
        | st.just("[]")
    ),
    max_leaves=6,
)
_subjects = _names | st.sampled_from(["_:l", "_:k", "[]", "[ :p 1 ]", "(1 :b)"])
_statements = st.builds(lambda s, w, p: f"{s}{w}{p} .", _subjects, _space, _properties(_objects))
_directives = st.sampled_from(["@prefix x: <urn:z:> .", "PREFIX x: <urn:y:>", "@base <urn:x:> ."])
_documents = st.builds(
    lambda parts, glue: "@prefix : <urn:x:> . @prefix x: <urn:y:> ." + glue + glue.join(parts),
    st.lists(_statements | _directives, min_size=1, max_size=5),
    st.sampled_from([" ", "\n", "\r\n\t"]),
)


@given(_documents)
def test_the_range_of_every_triple_cut_out_of_the_text_is_its_object(text: str) -> None:
    data = text.encode()
    triples = parse.triples(data, "f.ttl")
    found = parse.positions(data, "f.ttl")
    lines = [line.removesuffix("\n").removesuffix("\r") for line in text.splitlines(keepends=True)]
    for triple in triples:
        subject, value = triple.subject.value, triple.object.value
        where = found.find(subject, triple.predicate.value, value)
        if triple.predicate.value.endswith("#rest"):
            continue  # the rest of a collection is not written as such
        assert where is not None
        assert where.located_by == "triple", triple
        if where.line == where.end_line:
            cut = lines[where.line - 1][where.column - 1 : where.end_column - 1]
            assert cut[:199] == where.text[:199]
        if len(where.text) == 200 or isinstance(triple.object, ox.BlankNode):
            assert isinstance(triple.object, ox.Literal) or where.text[0] in "[(_"
            continue
        for namespace in ("urn:y:", "urn:z:"):
            head = f"@prefix : <urn:x:> . @prefix x: <{namespace}> . <urn:s> <urn:p> "
            (back,) = parse.triples(f"{head}{where.text} .".encode(), "g.ttl")
            if back.object.value == value:
                break
        else:
            raise AssertionError((where.text, value))


def test_a_statement_may_follow_the_dot_at_once() -> None:
    found = parse.positions(b"@prefix r: <urn:> .\nr:a r:p 'x'@en .r:b r:p 1.r:c r:p r:d.", "x.ttl")
    columns = {name: where.column for name in "abc" if (where := found.find(f"urn:{name}", "urn:p", None))}
    assert columns == {"a": 5, "b": 21, "c": 31}
