"""The wheel carries ontology, data and queries, and answers from another folder."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_everything_that_the_graph_needs(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder, ending in (("ontology", "*.ttl"), ("data", "*.ttl"), ("queries", "*.rq"), ("ontology", "*.rq")):
        for path in (ROOT / folder).rglob(ending):
            assert f"rrm_kg/share/{path.relative_to(ROOT).as_posix()}" in names
    for kind in ("checks", "shapes"):
        for path in (ROOT / "tests" / kind).rglob("*.ttl"):
            assert f"rrm_kg/share/examples/{path.relative_to(ROOT / 'tests').as_posix()}" in names
    assert {"rrm_kg/messages.ttl", "rrm_kg/py.typed"} <= names
    assert {f"rrm_kg/reports/{name}" for name in ("report.schema.json", "vocabulary.ttl", "page.html.jinja")} <= names
    assert not [name for name in names if name.startswith("tests/")]


def test_the_installed_wheel_answers_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    venv.create(home, with_pip=True, system_site_packages=False)
    python = home / "bin" / "python"
    # The dependencies are those of this environment; only rrm_kg itself comes from the wheel.
    site = next(p for p in map(Path, sys.path) if p.name == "site-packages")
    own = next((home / "lib").glob("python*/site-packages"))
    (own / "dependencies.pth").write_text(f"{site}\n")
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True, capture_output=True, timeout=300)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"RRM_KG_CACHE": str(tmp_path / "cache")}
    where = [str(python), "-c", "import rrm_kg; print(rrm_kg.__file__)"]
    found = subprocess.run(where, check=True, capture_output=True, text=True, cwd=elsewhere, env=environment)
    assert str(home) in found.stdout
    command = [str(home / "bin" / "rrm-kg"), "ask", "cq37", "--format", "csv"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=elsewhere, env=environment, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "BBVA México" in done.stdout
    command = [str(home / "bin" / "rrm-kg"), "rule", "Agent-used", "--format", "table"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=elsewhere, env=environment, timeout=300)
    assert "union:bakers a rrm:Union" in done.stdout, done.stderr
