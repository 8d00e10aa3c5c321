"""A whole site as a reader meets it: every link, every page in both languages, search and queries in a browser.

``RRM_KG_SITE`` names the folder of a site to look at; without it one is written from the graph of the checkout.
``RRM_KG_SITE_ALL`` has every page validated instead of one of each kind, and the largest ones opened at two widths.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from math import inf
from pathlib import Path
from typing import Any, Final

import pages
import pytest
import sites

from rrm_kg import KnowledgeGraph, questions
from rrm_kg.graph import default_root
from rrm_kg.publish import assets, search
from rrm_kg.publish.pages import MENU
from rrm_kg.publish.site import Site
from rrm_kg.terms import BASE, XSD

BROWSER: Final = Path(__file__).parent / "browser"
TOOLS: Final = BROWSER / "node_modules"
CHROMIUM: Final = os.environ.get("RRM_KG_CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
NAMED: Final = os.environ.get("RRM_KG_SITE")
ALL: Final = bool(os.environ.get("RRM_KG_SITE_ALL"))
in_browser = pytest.mark.skipif(
    CHROMIUM is None or shutil.which("node") is None or not (TOOLS / "playwright-core").is_dir(),
    reason="needs Chromium, node and what 'make browser-tools' installs",
)

with_validator = pytest.mark.skipif(
    shutil.which("java") is None or not (TOOLS / "vnu-jar").is_dir(), reason="needs Java and 'make browser-tools'"
)


@pytest.fixture(scope="session")
def folder(graph: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if NAMED:
        return Path(NAMED).resolve()
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "site"
    half = shared.with_suffix(".half")
    try:
        half.mkdir()
    except FileExistsError:  # another process of the run writes it
        end = time.monotonic() + 600
        while not shared.exists():
            assert time.monotonic() < end
            time.sleep(0.2)
    else:
        sites.write(graph, half)
        half.rename(shared)
    return shared


@pytest.fixture(scope="session")
def read(folder: Path) -> dict[str, pages.Page]:
    return pages.read(folder)


@pytest.fixture(scope="session")
def address(folder: Path) -> Iterator[str]:
    with sites.served(folder) as root:
        yield root


def drive(script: str, **orders: object) -> Any:
    """What a driver in browser/ reports."""
    done = subprocess.run(
        ["node", script],
        input=json.dumps({"chromium": CHROMIUM, **orders}),
        capture_output=True,
        encoding="utf-8",
        cwd=BROWSER,
        timeout=7200 if ALL else 900,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def errors_of_html(files: list[Path]) -> list[tuple[str, int | None, str]]:
    """What the validator of the W3C calls an error: the file's name, the line and the message."""
    jar = TOOLS / "vnu-jar" / "build" / "dist" / "vnu.jar"
    found = []
    for start in range(0, len(files), 500):
        names = map(str, files[start : start + 500])
        command = ["java", "-Xss4m", "-jar", str(jar), "--errors-only", "--format", "json", *names]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=900)
        for one in json.loads(done.stderr)["messages"]:
            found.append((one.get("url", "").rpartition("/")[2], one.get("lastLine"), one["message"]))
    return found


def promised(graph: KnowledgeGraph, read: dict[str, pages.Page]) -> Any:
    """Whether a path belongs to a part that this checkout does not have yet; nothing does where a site is given."""
    if (
        NAMED
        or {f"{stem}.html" for stem in (*MENU, "index", "about", "news", "rules", "id/case/atento")} <= read.keys()
    ):
        return lambda path: False
    site = Site(graph, BASE, "test")
    stems = {site.stem(iri) for iri in site.things}
    return lambda path: (
        "/" not in path or path.startswith(("questions/", "rules/")) or re.sub(r"(\.es)?\.\w+$", "", path) in stems
    )


EVERYWHERE: Final = "404.html"  # one page in both languages, whose links begin at the root of the host


# ---- every page


def test_no_internal_link_is_broken(folder: Path, read: dict[str, pages.Page], graph: KnowledgeGraph) -> None:
    assert read
    near = {path: page for path, page in read.items() if path != EVERYWHERE}
    assert pages.broken(near, folder, promised(graph, read)) == []


def test_nothing_stands_inline_or_comes_from_elsewhere(read: dict[str, pages.Page]) -> None:
    assert [(page.path, fault) for page in read.values() for fault in page.faults] == []


def test_every_page_is_there_in_both_languages(read: dict[str, pages.Page]) -> None:
    for path, page in read.items():
        if path == EVERYWHERE:
            continue
        spanish = path.endswith(".es.html")
        other = path.replace(".es.html", ".html") if spanish else path.removesuffix(".html") + ".es.html"
        assert other in read, path
        assert page.lang == ("es" if spanish else "en"), path


FAULTY: Final = """<!DOCTYPE html><html lang="en"><title>x</title><link rel="stylesheet" href="https://example.org/a.css">
<link rel="canonical" href="https://example.org/"><script>1</script><script type="application/ld+json">{}</script>
<p id="a" style="color: red" onclick="x()">1<p id="a">2<img src="//example.org/b.png"><a href="https://example.org/">w</a>
<a href="b.html#there">1</a> <a href="b.html#gone">2</a> <a href="c.html">3</a> <a href="#a">4</a>
<a href="d%20e.html">5</a> <a href="sub/">6</a> <a href="promised.html#x">7</a> <svg><a xlink:href="f.html"/></svg>"""


def test_the_check_of_pages_finds_each_kind_of_fault(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(FAULTY, encoding="utf-8")
    (tmp_path / "b.html").write_text('<html lang="es"><p id="there"><a href=".">up</a>', encoding="utf-8")
    (tmp_path / "d e.html").write_text("<p>", encoding="utf-8")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "index.html").write_text('<a href="../a.html">', encoding="utf-8")
    read = pages.read(tmp_path)
    assert pages.broken(read, tmp_path, "promised.html".__eq__) == [
        "a.html → b.html#gone (no such anchor)",
        "a.html → c.html",
        "a.html → f.html",
        "b.html → .",
    ]
    assert [fault.partition(":")[0] for fault in read["a.html"].faults] == [
        "id a is there 2 times",
        "inline",
        "inline",
        "inline script",
        "from elsewhere",
        "from elsewhere",
    ]
    assert (read["a.html"].lang, read["b.html"].lang) == ("en", "es")


def test_a_kind_of_page_is_known_by_its_path(tmp_path: Path) -> None:
    for path, size in {
        "index.html": 1,
        "index.es.html": 1,
        "id/case/a.html": 5,
        "id/case/b.html": 9,
        "id/case/b.es.html": 2,
        "id/union/c.html": 1,
        "code/role.html": 3,
        "code/role/x.html": 8,
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x" * size, encoding="utf-8")
    assert sorted(pages.kinds(pages.read(tmp_path), tmp_path).values()) == [
        "code/role/x.html",
        "id/case/b.es.html",
        "id/case/b.html",
        "id/union/c.html",
        "index.es.html",
        "index.html",
    ]
    few = pages.kinds(pages.read(tmp_path), tmp_path, 4)
    assert [few[kind] for kind in sorted(few) if kind.startswith("id/case")] == ["id/case/b.es.html"]
    assert few["code/*"] == "code/role.html"


# ---- a page of each kind


@with_validator
def test_the_pages_are_valid_html(folder: Path, read: dict[str, pages.Page]) -> None:
    looked_at = sorted(read) if ALL else sorted(pages.kinds(read, folder).values())
    assert errors_of_html([folder / path for path in looked_at]) == []


@in_browser
def test_the_pages_are_accessible_and_ask_nothing_of_others(
    folder: Path, address: str, read: dict[str, pages.Page]
) -> None:
    # The checker takes many seconds for a page of half a megabyte, and most of them stand in its tables.
    near = {path: page for path, page in read.items() if path != EVERYWHERE}
    paths = sorted(pages.kinds(near, folder, inf if ALL else 250_000).values())
    assert drive("visit.mjs", root=address, paths=paths, widths=[360, 1200] if ALL else [360]) == []


# ---- search


@in_browser
@pytest.mark.parametrize("lang", ["en", "es"])
def test_search_finds_names_by_keyboard(address: str, lang: str) -> None:
    end = ".es.html" if lang == "es" else ".html"
    searches = ["atento", "mina san martin", "MEX-USA-2024-31A-01", "zqxwv", "sindcato minros", "denial of rigths"]
    found = drive("search.mjs", root=address, start=f"query{end}", searches=searches)
    answers = found["answers"]
    assert found["faults"] == []
    assert answers["atento"]["hrefs"][0] == f"id/case/atento{end}"
    # A Spanish name is found on the English page too, without its accents.
    assert f"id/case/grupo-mexico-san-martin{end}" in answers["mina san martin"]["hrefs"]
    assert f"id/case/atento{end}" in answers["MEX-USA-2024-31A-01"]["hrefs"][:2]
    assert answers["zqxwv"]["hrefs"] == []
    assert "zqxwv" in answers["zqxwv"]["status"]
    near = answers["sindcato minros"]["names"]
    assert near
    assert all("indicato" in name or "inero" in name for name in near[:3])
    assert f"code/outcome/panel-denial{end}" in answers["denial of rigths"]["hrefs"]
    assert found["address"].endswith("q=denial+of+rigths")
    assert found["followed"].endswith(answers["denial of rigths"]["hrefs"][0])


def test_the_index_has_what_people_look_for_and_no_evidence(graph: KnowledgeGraph) -> None:
    site = Site(graph, BASE, "test")
    entries = {entry.stem: entry for group in search.groups(site) for entry in group.entries}
    case = entries["id/case/atento"]
    assert case.names == ("Atento Servicios, Pachuca call centers", "Atento Servicios, centros de llamadas de Pachuca")
    assert "MEX-USA-2024-31A-01" in case.also
    assert case.href("es") == "id/case/atento.es.html"
    assert entries["ontology#Dispute"].href("es") == "ontology.es.html#Dispute"
    assert "AFL-CIO" in entries["id/union/afl-cio"].also
    assert not [stem for stem in entries if stem.startswith("id/evidence/")]
    assert {"questions/cq14", "rules/R01", "code/outcome", "code/outcome/panel-denial"} <= entries.keys()


def test_the_index_stands_on_the_page_without_a_script(read: dict[str, pages.Page]) -> None:
    for path in ("search.html", "search.es.html"):
        end = path.removeprefix("search")
        assert {f"id/case/atento{end}", f"id/union/afl-cio{end}", f"code/outcome{end}"} <= set(read[path].links)


# ---- queries

needs_engine = pytest.mark.skipif(
    assets.folder() is None and not NAMED, reason="needs what 'make client' installs from npm"
)
GRAPHS: Final = (
    """SELECT ?file (COUNT(*) AS ?n) WHERE { GRAPH ?file { ?case a rrm:Dispute } } GROUP BY ?file ORDER BY ?file"""
)


@in_browser
@needs_engine
@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_query_is_answered_with_only_a_file_server_behind_the_page(
    address: str, graph: KnowledgeGraph, lang: str
) -> None:
    end = ".es.html" if lang == "es" else ".html"
    found = drive(
        "query.mjs",
        root=address,
        lang=lang,
        queries=[
            "SELECT ?case WHERE { ?case a rrm:Dispute }",
            "SELECT ?case WHERE {\n  ?case foo }",
            "DELETE WHERE { ?a ?b ?c }",
            "SELECT * WHERE { SERVICE <https://example.org/sparql> { ?a ?b ?c } }",
            "ASK { <https://w3id.org/rrm-kg/id/case/atento> a rrm:Union }",
            GRAPHS,
            "PREFIX id: <https://example.org/>\nSELECT ?x FROM <https://example.org/none> { ?x ?y ?z }",
        ],
        catalogue=[],
    )
    cases, wrong, update, service, asked, graphs, nothing = found["written"]
    assert found["faults"] == []
    assert found["before"] < 100_000  # bytes: nothing heavy before someone asks
    names = {
        str(row.name)
        for row in graph.query(
            f'SELECT ?name {{ ?c a rrm:Dispute ; rrm:displayLabel ?name FILTER(LANG(?name) = "{lang}") }}'
        )
    }
    assert {row[0] for row in cases["rows"]} == names
    assert f"id/case/atento{end}" in cases["links"]
    assert cases["address"].endswith("?query=SELECT+%3Fcase+WHERE+%7B+%3Fcase+a+rrm%3ADispute+%7D")
    assert re.search(r"(line|línea) 2, (column|columna) \d+", wrong["error"]), wrong["error"]
    assert wrong["focus"] == "query-text"
    assert wrong["selection"] > len("SELECT ?case WHERE {\n")
    assert "SELECT" in update["error"]
    assert service["error"]
    assert asked["status"].startswith("No")
    assert len(graphs["rows"]) == len(graph.query(GRAPHS))
    assert (nothing["rows"], nothing["error"]) == ([], "")
    stopped, late = found["ended"]
    assert stopped["error"] == ("Consulta detenida." if lang == "es" else "Stopped.")
    assert "10 s" in late["error"]
    assert stopped["focus"] == late["focus"] == "query-run"


@in_browser
@needs_engine
def test_every_question_has_the_same_answer_in_the_browser(address: str, graph: KnowledgeGraph) -> None:
    asked = questions.catalogue(default_root())
    found = drive(
        "query.mjs", root=address, lang="es", queries=[], catalogue=[{"id": q.id, "given": {}} for q in asked]
    )
    assert found["faults"] == []
    for question, shown in zip(asked, found["asked"], strict=True):
        assert not shown["error"], (question.id, shown["error"])
        answer = graph.ask(question.id, lang="es")
        assert _rows(json.loads(shown["json"])) == _rows(json.loads(answer.serialize("json"))), question.id
        assert _table(shown["csv"]) == _table(answer.serialize("csv")), question.id
        assert shown["head"][: len(question.columns)] == [column.label["es"] for column in question.columns] or not len(
            answer
        )
        assert f"question={question.id}" in shown["address"]


def _rows(tree: dict[str, Any]) -> list[list[tuple[str, ...]]]:
    def cell(term: dict[str, str]) -> tuple[str, str, str, str]:
        kind = term.get("datatype", "").removeprefix(XSD).replace("string", "")
        return term["type"], term["value"], term.get("xml:lang", ""), kind

    # Rows that ORDER BY holds for equal may come in any order.
    return sorted(sorted((name, *cell(term)) for name, term in row.items()) for row in tree["results"]["bindings"])


def _table(text: str) -> list[list[str]]:
    head, *rows = csv.reader(io.StringIO(text))
    return [head, *sorted(rows)]


def test_without_the_engine_the_page_says_how_to_ask(
    graph: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from rrm_kg.publish import query

    monkeypatch.setenv("RRM_KG_ASSETS", str(tmp_path))
    files = {file.path: file.data.decode() for file in query.files(Site(graph, BASE, "test"))}
    assert set(files) == {"query.html", "query.es.html", "query/catalogue.json"}
    for text in (files["query.html"], files["query.es.html"]):
        assert "rrm-kg query" in text
        assert "<textarea" not in text
        assert "query.js" not in text


def test_the_engine_is_part_of_the_release_where_it_is_installed(
    graph: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from rrm_kg.publish import query

    package = tmp_path / "oxigraph"
    package.mkdir()
    for name in ("web.js", "web_bg.wasm"):
        (package / name).write_text(name)
    monkeypatch.setenv("RRM_KG_ASSETS", str(tmp_path))
    files = {file.path: file.data for file in query.files(Site(graph, BASE, "test"))}
    assert files["static/engine/web_bg.wasm"] == b"web_bg.wasm"
    assert b"MIT license" in files["static/engine/LICENSE.txt"]
    assert b"<textarea" in files["query.es.html"]


def test_the_lock_files_name_no_server() -> None:
    for lock in (BROWSER / "package-lock.json", Path(assets.__file__).parent / "client" / "package-lock.json"):
        packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
        own = packages.pop("")
        assert packages
        assert all("integrity" in one and "resolved" not in one for one in packages.values())
        assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in own["dependencies"].values())
