"""What is certain takes results away without a query: what must be absent and is there, what terms do not meet."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox
import pytest

from rrm_kg.context import reads
from rrm_kg.context.search import Context, Seen
from rrm_kg.context.sights import sight
from rrm_kg.context.view import Neighbours, Stages, View, statement

P, Q, R = "<urn:p>", "<urn:q>", "<urn:r>"
DATA = "<urn:a> <urn:p> <urn:x> . <urn:b> <urn:p> <urn:y> . <urn:a> <urn:q> <urn:z> . <urn:x> <urn:r> 'r' ."


def found(where: str, *, removed: str = "", added: str = "", data: str = DATA) -> set[str]:
    """The things about which a query may find something, as far as it can be told without asking it."""
    store = ox.Store()
    store.load(data.encode(), format=ox.RdfFormat.TURTLE)
    view = View(Neighbours(store, Stages(())))
    view.advance(set(map(statement, _quads(added))), set(map(statement, _quads(removed))))
    view.finish()
    sights = [sight(group, "?this") for group in reads.groups(f"SELECT * WHERE {{ {where} }}", "?this")]
    seen: Seen = []
    things = {ox.NamedNode(f"urn:{name}") for name in "ab"}
    return {thing.value[-1] for thing in Context(view).finds(sights, things, seen)}


def _quads(turtle: str) -> Iterable[ox.Quad]:
    return (ox.Quad(q.subject, q.predicate, q.object) for q in ox.parse(turtle.encode(), format=ox.RdfFormat.TURTLE))


@pytest.mark.parametrize("absent", [f"FILTER NOT EXISTS {{ ?this {Q} ?any }}", f"MINUS {{ ?this {Q} ?any }}"])
def test_a_thing_that_has_what_must_be_absent_is_not_found(absent: str) -> None:
    assert found(f"?this {P} ?x . {absent}") == {"b"}


def test_what_the_change_takes_away_bars_nothing() -> None:
    where = f"?this {P} ?x FILTER NOT EXISTS {{ ?this {Q} ?any }}"
    assert found(where, removed="<urn:a> <urn:q> <urn:z> .") == {"a", "b"}


def test_what_the_change_brings_bars() -> None:
    assert found(f"?this {P} ?x FILTER NOT EXISTS {{ ?this {Q} ?any }}", added="<urn:b> <urn:q> 1 .") == set()


def test_a_value_is_barred_as_a_thing_is() -> None:
    where = f"?this {P} ?x FILTER NOT EXISTS {{ ?x {R} ?any }}"
    assert found(where) == {"a", "b"}  # whose rows go is left to the query where some stay
    assert found(where, added="<urn:y> <urn:r> 1 .") == set()


def test_a_chain_bars_when_all_of_it_is_there() -> None:
    where = f"?this {P} ?x FILTER NOT EXISTS {{ ?this {P} ?y . ?y {R} 'r' }}"
    assert found(where) == {"b"}
    assert found(where, data=DATA.replace("'r'", "'s'")) == {"a", "b"}


@pytest.mark.parametrize(
    ("absent", "names"),
    [
        pytest.param(f"FILTER NOT EXISTS {{ ?this {R} ?text FILTER(LANG(?text) = 'en') }}", "b", id="holds for one"),
        pytest.param(f"MINUS {{ ?this {R} ?text FILTER(!(!(LANGMATCHES(LANG(?text), 'en')))) }}", "b", id="MINUS"),
        pytest.param(f"FILTER NOT EXISTS {{ ?this {R} ?text FILTER(LANG(?text) = 'es') }}", "ab", id="holds for none"),
        pytest.param(f"FILTER NOT EXISTS {{ ?this {Q} ?z FILTER(isIRI(?z)) }}", "b", id="an IRI"),
        pytest.param(f"FILTER NOT EXISTS {{ ?this {Q} ?z FILTER(isLiteral(?z)) }}", "ab", id="no literal"),
        pytest.param(
            f"FILTER NOT EXISTS {{ ?this {Q} ?z FILTER(STRLEN(STR(?x)) > 3) }}", "ab", id="of what is outside"
        ),
        pytest.param(f"FILTER NOT EXISTS {{ ?this {Q} ?z FILTER(isIRI(?z) && ?z != ?x) }}", "ab", id="of two terms"),
        pytest.param(f"FILTER NOT EXISTS {{ ?this {R} ?n FILTER(DATATYPE(?n) = <urn:t>) }}", "ab", id="a datatype"),
        pytest.param(
            f"FILTER NOT EXISTS {{ ?this {Q} ?z FILTER(STRSTARTS(STR(?this), 'urn:a')) }}", "b", id="of itself"
        ),
        pytest.param(f"FILTER NOT EXISTS {{ ?this {Q} ?z FILTER(STRSTARTS(STR(?this), 'urn:b')) }}", "ab", id="not it"),
        pytest.param(
            f"FILTER NOT EXISTS {{ ?this {Q} ?z . ?this {R} ?n FILTER(LANG(?n) = 'en') }}", "b", id="in a chain"
        ),
    ],
)
def test_what_one_term_meets_for_certain_bars(absent: str, names: str) -> None:
    assert found(f"?this {P} ?x . {absent}", data=DATA + "<urn:a> <urn:r> 'one'@en , 'two' .") == set(names)


def test_one_of_many_links_bars() -> None:
    links = " ".join(f"<urn:link{number}> {Q} <urn:b> ." for number in range(200))
    assert found(f"?this {P} ?x FILTER NOT EXISTS {{ ?thing ?property ?this }}", data=DATA + links) == {"a"}


@pytest.mark.parametrize(
    "where",
    [
        pytest.param(f"?this {P} ?x MINUS {{ ?other {Q} ?any }}", id="MINUS without a common variable"),
        pytest.param(f"?this {P} ?x FILTER NOT EXISTS {{ ?this {Q} ?any FILTER(?any = 1) }}", id="a filter within"),
        pytest.param(f"?this {P} ?x FILTER NOT EXISTS {{ ?x {R} ?r . ?this {Q} ?any }}", id="two variables"),
        pytest.param(
            f"?this {P} ?x OPTIONAL {{ ?x {R} ?r }} FILTER NOT EXISTS {{ ?this {Q} ?r }}", id="a variable of OPTIONAL"
        ),
        pytest.param(
            f"?this {P} ?x BIND(STR(?x) AS ?t) FILTER NOT EXISTS {{ ?this {Q} ?t }}", id="a computed variable"
        ),
        pytest.param(
            f"?this {P} ?x FILTER NOT EXISTS {{ ?this {Q} ?any FILTER NOT EXISTS {{ ?any ?p ?o }} }}",
            id="absent within",
        ),
        pytest.param(f"{{ ?this {P} ?x MINUS {{ ?y {R} ?w }} }} ?this {P} ?y", id="bound only after MINUS"),
        pytest.param(f"?this {P} ?x FILTER(?x = 1 || NOT EXISTS {{ ?this {Q} ?any }})", id="one of two"),
    ],
)
def test_what_does_not_bar_for_certain_leaves_all(where: str) -> None:
    assert "a" in found(where)


DAYS = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> <urn:a> <urn:from> {} ; <urn:to> {} . "
JANUARY, MAY, YEAR = "'2023-01-31'^^xsd:date", "'2023-05-01'^^xsd:date", "'2023'^^xsd:gYear"


@pytest.mark.parametrize(
    ("said", "test", "names"),
    [
        pytest.param(DAYS.format(JANUARY, MAY), "?d > ?e", "", id="no day is later"),
        pytest.param(DAYS.format(MAY, JANUARY), "?d > ?e", "a", id="a day is later"),
        pytest.param(DAYS.format(MAY, f"{MAY} , {JANUARY}"), "?d > ?e", "a", id="than one of two"),
        pytest.param(DAYS.format(MAY, MAY), "?d > ?e", "", id="the same day is not later"),
        pytest.param(DAYS.format(MAY, MAY), "?d >= ?e", "a", id="but at least as late"),
        pytest.param(DAYS.format(JANUARY, YEAR), "?d > ?e", "a", id="a year is left to the engine"),
        pytest.param(DAYS.format(JANUARY, MAY), "?d > ?e || true", "a", id="part of an expression"),
        pytest.param(DAYS.format(JANUARY, MAY), "?d > ?other", "a", id="with what is not known"),
        pytest.param(DAYS.format(7, 8), "?d > ?e", "a", id="a number is left to the engine"),
        pytest.param(DAYS.format("<urn:x>", "<urn:x>"), "?d != ?e", "", id="one IRI"),
        pytest.param(DAYS.format("<urn:x>", "<urn:y>"), "?d != ?e", "a", id="two IRIs"),
        pytest.param(DAYS.format("7", "7"), "?d != ?e", "a", id="literals are left to the engine"),
        pytest.param(DAYS.format("<urn:x>", "<urn:x>"), "STR(?d) < STR(?e)", "", id="one text"),
        pytest.param(DAYS.format("<urn:x>", "'urn:y'"), "STR(?d) < STR(?e)", "a", id="two texts"),
        pytest.param(DAYS.format("007", "8"), "STR(?d) < STR(?e)", "a", id="a number may be written otherwise"),
    ],
)
def test_two_terms_are_compared_where_that_is_certain(said: str, test: str, names: str) -> None:
    where = f"?this <urn:from> ?d ; <urn:to> ?e OPTIONAL {{ ?this <urn:other> ?other }} FILTER({test})"
    assert found(where, data=said) == set(names)


def test_many_pairs_are_left_to_the_engine() -> None:
    days = " , ".join(f"'2023-01-{day:02}'^^xsd:date" for day in range(1, 12))
    where = "?this <urn:from> ?d ; <urn:to> ?e FILTER(?d > ?e)"
    assert found(where, data=DAYS.format(days, MAY)) == set()
    assert found(where, data=DAYS.format(days, days.replace("-01-", "-05-"))) == {"a"}


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("ISLITERAL(?x)", "b"),
        ("isIRI(?x)", "a"),
        ("DATATYPE(?x) IN (<http://www.w3.org/2001/XMLSchema#integer>)", "b"),
        ("DATATYPE(?x) = <http://www.w3.org/2001/XMLSchema#string>", ""),
        ('STRSTARTS(STR(?x), "urn:")', "ab"),  # a store may write another literal
        ('STRSTARTS(STR(?x), "https:")', "b"),
        ("?x != <urn:x>", "b"),
        ("?x NOT IN (<urn:x>, <urn:y>)", "b"),
        ("ISLITERAL(?x) || isIRI(?x)", "ab"),
        ("!ISLITERAL(?x)", "a"),
        ('REGEX(STR(?x), "^urn:[a-z]$")', "a"),
        ('REGEX(STR(?x), "^https:")', ""),
        ('!REGEX(STR(?x), "^urn:[a-z]$")', "b"),
        ('REGEX(STR(?x), "^urn:\\\\p{Ll}$")', "ab"),  # not read by Python as by the engine
        ('BIND(STR(?x) AS ?text) FILTER(CONTAINS(?text, "2"))', ""),
        ("BIND(?this AS ?one) FILTER(!isIRI(?one))", ""),
        ('BIND(?this AS ?one) FILTER(REGEX(STR(?one), "a$"))', "a"),
    ],
)
def test_a_condition_on_one_term_narrows(condition: str, names: str) -> None:
    data = "<urn:a> <urn:p> <urn:x> . <urn:b> <urn:p> 1 ."
    group = condition if condition.startswith("BIND") else f"FILTER({condition})"
    assert found(f"?this {P} ?x {group}", data=data) == set(names)


@pytest.mark.parametrize(
    ("written", "stored"), [('"5"^^{}int', "integer"), ('"2020-01-01T00:00:00Z"^^{}dateTimeStamp', "dateTime")]
)
def test_a_condition_on_the_datatype_knows_what_a_store_makes_of_it(written: str, stored: str) -> None:
    xsd = "http://www.w3.org/2001/XMLSchema#"
    head = f"PREFIX xsd: <{xsd}> "
    data = head + f"<urn:a> <urn:p> {written.format('xsd:')} ."
    where = f"?this {P} ?x FILTER(DATATYPE(?x) IN (<{xsd}{stored}>))"
    store = ox.Store()
    store.load(data.encode(), format=ox.RdfFormat.TURTLE)
    assert len(list(store.query(f"SELECT * WHERE {{ {where} }}"))) == 1
    assert found(where, data=head, added=data) == {"a"}
