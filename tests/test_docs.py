"""The documentation is up to date and its commands run."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_tables import xlsx
from test_telling import SHEETS

from rrm_kg import KnowledgeGraph, docs, errors

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
NOT_RUN = {"make run", "make test"}  # they call these tests


def blocks(language: str) -> list[tuple[str, str]]:
    """Each block of a language on the pages, with the page's name."""
    pattern = rf"^```{language}\n(.*?)^```"
    return [(p.name, b) for p in PAGES for b in re.findall(pattern, p.read_text(encoding="utf-8"), flags=re.M | re.S)]


IN_ORDER = "publishing.md"  # whose commands follow each other in a folder of their own
COMMANDS = sorted(
    {
        line[2:]
        for page, block in blocks("console")
        for line in block.splitlines()
        if page != IN_ORDER and line.startswith("$ ")
    }
    - NOT_RUN
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_on_the_pages_runs(command: str, cache_folder: Path) -> None:
    words = shlex.split(command)
    assert words[0] == "rrm-kg"
    done = subprocess.run(
        [sys.executable, "-m", "rrm_kg", *words[1:]], capture_output=True, encoding="utf-8", cwd=ROOT, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.skipif(not all(map(shutil.which, ("bash", "ssh-keygen", "sha256sum"))), reason="needs a shell and OpenSSH")
def test_the_commands_of_publishing_run_in_their_order(small_root: Path, cache_folder: Path, tmp_path: Path) -> None:
    command = tmp_path / "bin" / "rrm-kg"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m rrm_kg "$@"\n')
    command.chmod(0o755)
    (tmp_path / "here").mkdir()
    surroundings = os.environ | {
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "RRM_KG_ROOT": str(small_root),
        "RRM_KG_LANG": "en",
    }
    for block in [block for page, block in blocks("console") if page == IN_ORDER]:
        lines = block.splitlines()
        script = "\n".join(["set -euo pipefail", *(line[2:] for line in lines if line.startswith("$ "))])
        done = subprocess.run(
            ["bash", "-c", script],
            capture_output=True,
            encoding="utf-8",
            cwd=tmp_path / "here",
            env=surroundings,
            timeout=600,
        )
        assert done.returncode == 0, (script, done.stderr)
        assert [line for line in lines if not line.startswith("$ ") and line not in done.stdout.splitlines()] == []
    assert IN_ORDER not in dict(blocks("sh")), "commands that nobody runs"


SAID = {  # by the blocks of a page
    "README.md": "46 exceeded",
    "submissions.md": "Write 2024-03-04, 2024-03 or 2024.\n    Write 2024-03, if that is the date.",
}


@pytest.mark.parametrize(("page", "code"), blocks("python"))
def test_every_python_block_on_the_pages_runs(
    page: str, code: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "new-case.xlsx").write_bytes(xlsx(**SHEETS))
    monkeypatch.chdir(tmp_path)
    exec(compile(code, page, "exec"), {})
    assert SAID[page] in capsys.readouterr().out


@pytest.mark.parametrize(("page", "query"), blocks("sparql"))
def test_every_query_on_the_pages_has_an_answer(page: str, query: str, graph: KnowledgeGraph) -> None:
    assert len(graph.query(query)) > 0, page


def test_the_made_pages_are_up_to_date() -> None:
    for path, text in docs.pages(ROOT).items():
        assert (ROOT / path).read_text(encoding="utf-8") == text, f"{path}: run make docs"


def test_every_kind_of_finding_that_stands_is_explained(graph: KnowledgeGraph) -> None:
    page = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
    headings = set(re.findall(r"^## (R\d+), (\w+):", page, flags=re.M))
    assert graph.report is not None
    assert headings == {(finding.rule, finding.severity.label) for finding in graph.report.findings}


def test_every_error_and_exit_code_has_its_heading() -> None:
    page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    for code in errors.documented_codes():
        assert f"\n## {code}\n" in page
    for code in docs.EXIT_CODES:
        assert f"| {code} |" in page


def test_links_lead_to_files() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert target.startswith("http") or (page.parent / target).exists(), (page.name, target)


def test_the_two_commands_are_shown_and_called() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "$ make run\n$ make test\n" in readme
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
