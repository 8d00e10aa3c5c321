"""Every question gives the same rows from an engine elsewhere, asked through SPARQLWrapper, as from the store here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from servers import oxigraph

from rrm_kg import KnowledgeGraph, RrmError, questions, remote
from rrm_kg import graph as graphs
from rrm_kg.commands import asking
from rrm_kg.commands.frame import cli

assert asking  # adds its commands
LISTED = questions.catalogue(graphs.default_root())


@pytest.fixture(scope="module")
def engine(graph: KnowledgeGraph) -> Iterator[remote.Endpoint]:
    with oxigraph(union=False) as address:
        at = remote.endpoint(f"{address}/query", update=f"{address}/update")
        remote.push(graph, at, inferred=True)  # some questions rest on what follows
        yield at


@pytest.mark.parametrize("one", LISTED, ids=lambda one: one.id)
def test_a_question_gives_the_same_rows_there(
    graph: KnowledgeGraph, engine: remote.Endpoint, one: questions.Question
) -> None:
    here, there = graph.ask(one.id, lang="es"), remote.ask(engine, one.id, lang="es")
    assert there.columns == here.columns
    assert sorted(map(str, there.terms)) == sorted(map(str, here.terms))
    assert there.as_of == here.as_of
    assert not there.checked


def test_things_are_found_there_by_their_names(engine: remote.Endpoint, graph: KnowledgeGraph) -> None:
    by_slug = remote.ask(engine, "cq14", case="tamsa")
    assert by_slug.terms == remote.ask(engine, "cq14", case=graph.resolve("tamsa", "case")).terms
    with pytest.raises(RrmError) as caught:
        remote.ask(engine, "cq14", case="nobody")
    assert caught.value.code == "E207"


def test_the_command_line_asks_there(engine: remote.Endpoint) -> None:
    asked = CliRunner().invoke(cli, ["ask", "cq05", "case=atento", "--endpoint", engine.query, "--format", "csv"])
    assert asked.exit_code == 0, asked.output
    assert "2025-07-04" in asked.stdout
    assert engine.query in asked.stderr
