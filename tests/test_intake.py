"""Files handed in: many at once, known findings, reports, other programs that call the command."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from rrm_kg import KnowledgeGraph, intake
from rrm_kg import graph as graphs
from rrm_kg.errors import RrmError
from tests.conftest import ROOT

HEAD = """@prefix rrm: <https://w3id.org/rrm-kg/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix id: <https://w3id.org/rrm-kg/id/> .
"""
NAMELESS = HEAD + "id:union\\/nameless a rrm:Union .\n"
FINE = HEAD.replace("id/>", "id/union/>") + "# nothing is said here\n"
BROKEN = HEAD + "id:union\\/broken a\n"

Write = Callable[[Path, str], Path]


def rrm_kg(*arguments: str | Path, lang: str = "en") -> subprocess.CompletedProcess[str]:
    """The command run as a user runs it."""
    return subprocess.run(
        [sys.executable, "-m", "rrm_kg", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"RRM_KG_LANG": lang},
    )


@pytest.fixture
def folder(tmp_path: Path, write: Write) -> Path:
    """A folder with a file that passes, one that does not, one that cannot be read, and others."""
    write(tmp_path / "given" / "b-nameless.ttl", NAMELESS)
    write(tmp_path / "given" / "deep" / "a-fine.ttl", FINE)
    write(tmp_path / "given" / "c-broken.ttl", BROKEN)
    write(tmp_path / "given" / "notes.md", "not for the gate")
    write(tmp_path / "given" / ".hidden" / "d.ttl", BROKEN)
    return tmp_path / "given"


def test_a_folder_means_the_files_below_it(folder: Path) -> None:
    names = [path.relative_to(folder).as_posix() for path in intake.files([folder, folder / "notes.md"])]
    assert names == ["b-nameless.ttl", "c-broken.ttl", "deep/a-fine.ttl", "notes.md"]


def test_a_folder_without_a_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RrmError) as caught:
        intake.files([tmp_path])
    assert caught.value.code == "E317"


@pytest.mark.parametrize("options", [(), ("--each", "--jobs", "2")], ids=["together", "each"])
def test_each_file_has_a_line_and_the_failing_ones_are_named(folder: Path, options: tuple[str, ...]) -> None:
    done = rrm_kg("check", folder, "--format", "table", *options)
    assert done.returncode == 3
    lines = done.stderr.splitlines()
    said = {Path(line.split(": ")[0]).name: line.split(": ", 1)[1] for line in lines if ".ttl: " in line}
    assert said["a-fine.ttl"] == "no findings"
    assert said["b-nameless.ttl"] == "1 Violation, 1 Warning"
    assert said["c-broken.ttl"].startswith("E304 ")
    assert [Path(line.strip()).name for line in lines[-2:]] == ["b-nameless.ttl", "c-broken.ttl"]
    quiet = rrm_kg("check", folder, "--quiet", "--format", "table", *options)
    assert "a-fine" not in quiet.stderr + quiet.stdout
    assert "c-broken.ttl: E304" in quiet.stderr


def test_one_file_that_cannot_be_read_is_an_error(folder: Path) -> None:
    done = rrm_kg("check", folder / "c-broken.ttl", lang="es")
    assert done.returncode == 3
    assert re.search(r"^Error E304: .*c-broken\.ttl, line 5, column 1: ", done.stderr, re.MULTILINE)


def test_together_and_each_by_itself_differ_where_files_rest_on_each_other(tmp_path: Path, write: Write) -> None:
    write(tmp_path / "one.ttl", HEAD + "id:facility\\/one a rrm:Facility ; rrm:locatedIn id:place\\/two .")
    write(tmp_path / "two.ttl", HEAD + "id:place\\/two a rrm:Place .")
    shapes = [
        {finding["shape"].split("#")[-1] for finding in json.loads(rrm_kg("check", tmp_path, *how).stdout)["findings"]}
        for how in ((), ("--each",))
    ]
    assert shapes[1] - shapes[0] == {"Thing-reference-described"}


def test_reports_are_written_beside_each_other(folder: Path, tmp_path: Path) -> None:
    asked = {form: tmp_path / f"out.{form}" for form in ("sarif", "junit", "json", "html")}
    options = [word for form, path in asked.items() for word in ("--report", f"{form}={path}")]
    done = rrm_kg("check", folder, *options, "--report", "github")
    assert done.returncode == 3
    assert "::error file=" in done.stdout
    assert all(path.stat().st_size for path in asked.values())
    again = rrm_kg("check", folder, *options, "--report", "github")
    assert done.stdout == again.stdout
    sarif = json.loads(asked["sarif"].read_text(encoding="utf-8"))
    assert {"E304", "R36"} <= {result["ruleId"].split("/")[0] for result in sarif["runs"][0]["results"]}


def test_what_an_earlier_report_has_is_left_out(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    (folder / "c-broken.ttl").unlink()
    assert rrm_kg("check", folder, "--report", f"json={kept}").returncode == 1
    again = rrm_kg("check", folder, "--baseline", kept, "--format", "json")
    assert (again.returncode, json.loads(again.stdout)["findings"]) == (0, [])
    assert "2 findings are known" in again.stderr
    with (folder / "b-nameless.ttl").open("a") as file:
        file.write("id:union\\/other a rrm:Union .")
    more = rrm_kg("check", folder, "--baseline", kept, "--format", "json")
    assert more.returncode == 1
    assert {finding["focus"].split("/")[-1] for finding in json.loads(more.stdout)["findings"]} == {"other"}


@pytest.mark.parametrize(
    ("options", "code", "exit_code"),
    [
        (["--report", "json", "--report", "text"], "E228", 2),
        (["--report", "pdf"], "E222", 2),
        (["--report", "json=/nowhere/at/all.json"], "E318", 3),
        (["--baseline", "README.md"], "E223", 2),
        (["--limit", "-1"], "E200", 2),
        (["--jobs", "0"], "E200", 2),
    ],
)
def test_wrong_options_are_explained(options: list[str], code: str, exit_code: int) -> None:
    done = rrm_kg("check", *options)
    assert done.stderr.splitlines()[-2].startswith(f"Error {code}")
    assert done.returncode == exit_code


def test_no_more_is_shown_than_asked_for_and_the_total_is_said(folder: Path) -> None:
    done = rrm_kg("check", folder, "--format", "table", "--limit", "1", lang="es")
    assert "1 de 3 hallazgos" in done.stdout


def test_the_action_runs_the_same_command(folder: Path, tmp_path: Path) -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    (step,) = (step for step in action["runs"]["steps"] if step["name"] == "Check")
    assert "${{" not in step["run"], "what an input holds must not become a command"
    (tmp_path / "runner").mkdir()
    given = {
        "PATHS": f"{folder}\n\n",
        "FAIL_ON": "violation",
        "CHECK_LANGUAGE": "es",
        "BASELINE": "",
        "SARIF": "s.sarif",
    }
    assert given.keys() == step["env"].keys()
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    system = {
        "RUNNER_TEMP": str(tmp_path / "runner"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "PATH": path,
    }
    done = subprocess.run(
        ["bash", "-e", "-c", step["run"]],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=os.environ | given | system,
    )
    assert done.returncode == 3, done.stderr
    assert re.search(r"^::error file=[^,]*b-nameless\.ttl,line=4,", done.stdout, re.MULTILINE)
    assert "R36" in (tmp_path / "summary.md").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "s.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"


def test_the_hook_runs_the_same_command(folder: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    name, *options = hook["entry"].split()
    assert name == "rrm-kg"
    given = sorted(str(path) for path in folder.rglob("*") if re.search(hook["files"], path.name))
    assert rrm_kg(*options, *given).returncode == 3


# Two hundred files with mistakes as people make them: a recorded case under another name, with one to three of these.

MISTAKES: tuple[tuple[str, str], ...] = (
    (r'rrm:date "(\d{4})-(\d\d)-(\d\d)"\^\^xsd:date', r'rrm:date "\3/\2/\1"'),
    (r'rrm:date "(\d{4})-(\d\d)-(\d\d)"\^\^xsd:date', r'rrm:date "\1-\2-\3"'),
    (r'rrm:date "(\d{4})-(\d\d)-\d\d"', r'rrm:date "\1-02-30"'),
    (r'"(\d{4})-\d\d-\d\d"\^\^xsd:date', r'"\1-13-01"^^xsd:date'),
    (r'("@e[ns]) ', r'" '),
    (r'"@es', '"@en'),
    (r"rrm:role role:(\w)", r"rrm:role role:x\1"),
    (r"rrm:role role:[\w-]+", 'rrm:role "peticionaria"@es'),
    (r"rrm:step (\S+)", r"rrm:step \1x"),
    (r"rrm:agent (\S+)", r"rrm:agent \1-x"),
    (r"rrm:(date|role|step|agent|by|conduct|unit) ", r"rrm:\1s "),
    (r" a rrm:(\w+)", r" a rrm:\1s"),
    (r" a rrm:\w+ ;", " a rrm:Dispute ;"),
    (r"\n    rrm:(?:step|role|agent|by|unit|document|inDispute|conduct|locator) [^;.]+;", ""),
    (r"\n    rrm:evidence [^;.]+;", ""),
    (r"\n    rdfs:label [^;.]+;", ""),
    (r"\n    rrm:locator [^;.]+;", "\n    rrm:locator ' '@en ;"),
    (r"dcterms:publisher (\S+)", r"dcterms:publisher rrm:Agent"),
    (r"rrm:value (\d+)", r'rrm:value "\1,000"'),
    (r"rrm:inDispute (\S+)", r"rrm:inDispute \1 , id:case\\/other"),
)


def mistaken(text: str, draw: random.Random) -> str:
    """A text with one to three of the mistakes."""
    for pattern, replacement in draw.sample(MISTAKES, draw.randint(1, 3)):
        places = list(re.finditer(pattern, text))
        if places:
            place = draw.choice(places)
            text = text[: place.start()] + place.expand(replacement) + text[place.end() :]
    return text


def test_findings_are_placed_at_the_triple_or_the_property(graph: KnowledgeGraph) -> None:
    draw = random.Random(20261122)
    cases = [file for file in graph.sources.files if file.path.startswith("data/cases/")]
    located: Counter[str] = Counter()
    for number in range(200):
        case = draw.choice(cases)
        slug = Path(case.path).stem
        renamed = re.sub(rf"(?<![\w-]){slug}(?![\w])", f"{slug}-{number}", case.data.decode())
        given = graphs.Source(f"{slug}-{number}.ttl", mistaken(renamed, draw).encode())
        verdict = graph.resident.check([given], strict=False)
        located.update(f.where.located_by if f.where else "nowhere" for f in verdict.found)
    total = sum(located.values())
    assert total > 400
    assert located["triple"] + located["property"] >= 0.95 * total, f"of {total} findings in 200 files: {dict(located)}"


@pytest.mark.parametrize(
    ("where", "file", "cell"),
    [
        ("casos/a.xlsx: Acto!AB7", "casos/a.xlsx", ("Acto", "AB7", 7, 28)),
        ("b.csv: C3", "b.csv", (None, "C3", 3, 3)),
        ("a.xlsx: Hoja de notas", "a.xlsx", (None, None, 1, 1)),
        ("c.ttl, line 4, column 2", "c.ttl", (None, None, 4, 2)),
    ],
)
def test_a_refusal_stands_at_its_cell(where: str, file: str, cell: tuple[object, ...]) -> None:
    error = RrmError("E353", where=where)
    assert intake.file_of(error) == file
    place = intake.refusal(error, file).where
    assert place is not None
    assert (place.sheet, place.cell, place.line, place.column) == cell


def test_all_refusals_of_a_table_are_told_in_one_run(tmp_path: Path) -> None:
    table = tmp_path / "Outcome.csv"
    table.write_bytes(b"id,Etapa,Fehca\nr,que\x07ja,2024\nr,queja,2024\n")
    plain = rrm_kg("check", table)
    assert plain.returncode == 3
    assert [code for code in ("E357", "E359", "E319") if code in plain.stderr] == ["E357", "E359", "E319"]
    done = rrm_kg("check", table, "--report", "json")
    assert done.returncode == 3
    assert [one["where"]["cell"] for one in json.loads(done.stdout)["findings"]] == ["B2", "C1", "A3"]
    turtle = rrm_kg("check", table, "--report", "turtle")
    assert turtle.returncode == 3
    assert turtle.stdout.count("sh:ValidationResult") == 3


def test_a_table_is_read_in_the_words_of_the_root(tmp_path: Path, small_root: Path) -> None:
    root = tmp_path / "root"
    shutil.copytree(small_root, root)
    codes = root / "ontology" / "codelists" / "procedure.ttl"
    text = codes.read_text(encoding="utf-8")
    codes.write_text(text.replace('"patrón"@es', '"patrona"@es'), encoding="utf-8")
    table = tmp_path / "Participation.csv"
    table.write_text("id,Papel\np,patrona\n", encoding="utf-8")
    for given, unknown in ((("--root", root), False), (("--root", small_root), True)):
        done = rrm_kg("check", table, "--report", "json", *given)
        roles = [one for one in json.loads(done.stdout)["findings"] if one["shape"].endswith("code-of-scheme")]
        assert bool(roles) is unknown
