"""The front door and the editor as a browser sees them: valid, accessible, by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from serving import Client, graph_loader, serving, styled
from test_site import drive, errors_of_html, in_browser, with_validator

from rrm_kg.pipeline import KnowledgeGraph

LOOKED_AT: Final = (
    "ask.html",
    "ask/cq18.html?case=atento",
    "ask/cq20.html",
    "ask/cq14.html?case=atento&case=tamsa",
    "ask/cq06.html?case=tamsa",
    "ask/cq18.html?case=nadie&on=30/02/2024",
    "ask/cq29.html",
)
PATHS: Final = [*LOOKED_AT, *(path.replace(".html", ".es.html") for path in LOOKED_AT)]
PLAIN: Final = ["query.html", "query.es.html"]


@pytest.fixture(scope="module")
def client(graph: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of a server without any npm package, whose release has the styles."""
    release = styled(tmp_path_factory.mktemp("release"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RRM_KG_ASSETS", str(tmp_path_factory.mktemp("assets")))
        with serving(graph_loader(graph), release) as client:
            yield client


@in_browser
def test_the_forms_and_answers_are_accessible_and_ask_nothing_of_others(client: Client) -> None:
    found = drive("visit.mjs", root=f"{client.address}/", paths=[*PATHS, *PLAIN], widths=[360, 1200])
    refused = [one["path"] for one in found if "status of 400" in one["fault"]]  # said so in the browser's console
    assert refused == [path for path in PATHS if "nadie" in path]
    assert [one for one in found if one["path"] not in refused] == []
    assert len(found) == len(refused)


@in_browser
def test_a_question_is_asked_by_keyboard_alone_and_its_table_fits_a_narrow_window(
    client: Client, graph: KnowledgeGraph
) -> None:
    found = drive("ask.mjs", root=f"{client.address}/", start="ask.html", question="cq01", chosen="tamsa")
    rows = len(graph.ask("cq01", case="tamsa"))
    assert rows
    assert found["faults"] == []
    assert found["value"] == "tamsa"
    assert found["heading"] == found["asked"]
    assert found["answer"].startswith(f"{rows} rows")
    assert "case=tamsa" in found["address"]
    assert found["beyond"] <= 0, "a table goes beyond a narrow window"


@with_validator
def test_the_pages_are_valid_html(client: Client, tmp_path: Path) -> None:
    for number, path in enumerate([*PATHS, *PLAIN]):
        (tmp_path / f"{number:02}.html").write_text(client.get(f"/{path}").text, encoding="utf-8")
    assert errors_of_html(sorted(tmp_path.iterdir())) == []
