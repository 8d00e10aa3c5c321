"""The command line as a user meets it: in both languages, with wrong input too."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rrm_kg import errors

ROOT = Path(__file__).parent.parent


def rrm_kg(*arguments: str, stdin: str = "", cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    base = {k: v for k, v in os.environ.items() if k not in ("LANG", "LC_ALL", "LC_MESSAGES", "RRM_KG_LANG")}
    return subprocess.run(
        [sys.executable, "-m", "rrm_kg", *arguments],
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        env=base | {"COLUMNS": "120"} | environment,
        cwd=cwd,
        timeout=300,
    )


def test_run_shows_what_was_loaded_the_verdict_the_case_and_answers() -> None:
    done = rrm_kg("run")
    assert done.returncode == 0, done.stderr
    for part in ("Loaded", "The graph passes: 0 Violations", "MEX-USA-2024-31A-01", "Timeline", "2023-11-28"):
        assert part in done.stdout
    assert "allowed 45 calendar days, used 46: exceeded" in " ".join(done.stdout.split())
    assert "cq24" in done.stdout
    assert "Traceback" not in done.stderr


def test_run_in_spanish() -> None:
    done = rrm_kg("run", "--lang", "es")
    assert done.returncode == 0, done.stderr
    words = " ".join(done.stdout.split())
    for part in (
        "Cargado",
        "El grafo pasa: 0 errores",
        "Cronología",
        "permitido 45 días naturales, usado 46: excedido",
    ):
        assert part in words
    assert not {"Timeline", "allowed", "exceeded", "Loaded"} & set(re.findall(r"\w+", words))


def test_the_second_time_nothing_is_done_again() -> None:
    first = rrm_kg("check", "--quiet")
    second = rrm_kg("check", "--quiet")
    assert second.stderr == ""
    assert second.stdout == first.stdout
    assert second.stdout.startswith("The graph passes: 0 Violations, ")


def test_check_exits_by_severity() -> None:
    assert rrm_kg("check", "--quiet").returncode == 0
    assert rrm_kg("check", "--quiet", "--fail-on", "warning").returncode == 1
    assert rrm_kg("check", "--quiet", "--fail-on", "info").returncode == 1


def test_check_as_json() -> None:
    tree = json.loads(rrm_kg("check").stdout)
    assert tree["conforms"] is True
    assert tree["counts"]["Violation"] == 0
    finding = tree["findings"][0]
    assert set(finding) >= {"rule", "shape", "severity", "focus", "message", "where"}
    assert finding["where"]["line"] > 1


def test_a_table_on_request_and_json_in_a_pipe() -> None:
    assert json.loads(rrm_kg("ask", "cq37").stdout)["head"]["vars"]
    table = rrm_kg("ask", "cq37", "--format", "table").stdout
    assert "BBVA México" in table
    assert "data as of 2026-11-22" in table


@pytest.mark.parametrize("form", ["csv", "tsv", "xml"])
def test_every_table_format(form: str) -> None:
    done = rrm_kg("ask", "cq37", "--format", form)
    assert done.returncode == 0
    assert "BBVA" in done.stdout


def test_questions_in_both_languages() -> None:
    assert "legal time limit" in rrm_kg("questions", "--format", "table").stdout
    assert "plazo legal" in rrm_kg("questions", "--format", "table", "--lang", "es").stdout
    assert len(json.loads(rrm_kg("questions").stdout)) >= 22


def test_the_language_of_the_system_is_used() -> None:
    assert "Commands" in rrm_kg("--help", LANG="de_DE.UTF-8").stdout
    assert "Un grafo de conocimiento" in rrm_kg("--help", LANG="es_MX.UTF-8").stdout
    assert "Un grafo de conocimiento" in rrm_kg("--lang", "es", "--help").stdout
    assert "clientes" in rrm_kg("ask", "cq37", "--format", "table", RRM_KG_LANG="es").stdout


def test_a_query_from_a_file_and_from_standard_input(tmp_path: Path) -> None:
    sparql = "SELECT ?case WHERE { ?case a rrm:Dispute }"
    path = tmp_path / "q.rq"
    path.write_text(sparql)
    from_file, piped = rrm_kg("query", str(path)), rrm_kg("query", "-", stdin=sparql)
    assert from_file.stdout == piped.stdout
    assert "case/atento" in piped.stdout
    triples = rrm_kg(
        "query", "-", "--format", "turtle", stdin="CONSTRUCT { ?c a rrm:Dispute } WHERE { ?c a rrm:Dispute }"
    )
    assert "a rrm:Dispute" in triples.stdout


def test_show_has_facts_and_sources() -> None:
    case = rrm_kg("show", "atento", "--format", "table").stdout
    for part in ("procedure event", "2024-04-16", "↳", "“"):
        assert part in case
    union = rrm_kg("show", "strm", "--lang", "es", "--format", "table").stdout
    assert "Sindicato de Telefonistas de la República Mexicana" in union
    assert json.loads(rrm_kg("show", "strm").stdout)["iri"].endswith("union/strm")
    assert "rrm:Union" in rrm_kg("show", "strm", "--format", "turtle").stdout


def test_show_of_what_a_rule_counts_has_its_days_and_the_sources_of_both_acts() -> None:
    """The panel was requested on 16 April 2024; the evidence was affirmed from 28 November to 18 January."""
    overrun = "overrun/atento-evidence-affirmed.tl-us-03.atento-panel-requested"
    page = json.loads(rrm_kg("show", overrun, "--lang", "en").stdout)
    said = {row["label"]: row["value"] for row in page["statements"] if row["inferred"]}
    assert (said["days, at least"], said["days, at most"], said["last day"]) == (89, 140, "2024-03-18")
    quotes = " ".join(row["quote"] for row in page["evidence"])
    assert "On November 28, 2023, the ILC received" in quotes
    assert "On April 16, 2024, USTR requested" in quotes


def test_cases_can_be_filtered() -> None:
    def found(*filters: str) -> int:
        done = rrm_kg("cases", *filters, "--format", "csv")
        assert done.returncode == 0, done.stderr
        return done.stdout.count("case/atento")

    for fitting in (["--year", "2024"], ["--state", "hidalgo"], ["--union", "strm"], ["--outcome", "panel-denial"]):
        assert found(*fitting) == 1, fitting
    for other in (["--year", "2022"], ["--sector", "mining"], ["--year", "2024", "--sector", "mining"]):
        assert found(*other) == 0, other
    assert "Did you mean strm" in rrm_kg("cases", "--union", "stmr").stderr
    assert "entidad federativa" in rrm_kg("cases", "--format", "table", "--lang", "es").stdout


def test_cases_on_a_day_and_open_ones() -> None:
    done = rrm_kg("cases", "--on", "2024-03-01", "--open", "--format", "csv")
    assert done.returncode == 0, done.stderr
    assert "case/atento," in done.stdout
    assert "case/tamsa," not in done.stdout, "requested later"
    assert "case/goodyear-slp," not in done.stdout, "closed before"
    wrong = rrm_kg("cases", "--on", "31/12/2022")
    assert wrong.returncode == 2
    assert "E203" in wrong.stderr


@pytest.mark.parametrize(("lang", "written"), [("en", "YYYY-MM-DD"), ("es", "AAAA-MM-DD")])
def test_how_a_day_is_written_is_told_in_the_language_of_the_reader(lang: str, written: str) -> None:
    for words in (("cases", "--on", "31/12/2022"), ("ask", "cq18", "on=31/12/2022"), ("ask", "cq18", "on=20221231")):
        refused = rrm_kg(*words, RRM_KG_LANG=lang).stderr.splitlines()
        assert written in refused[-1], words
    shown = rrm_kg("cases", "--help", RRM_KG_LANG=lang).stdout
    assert f"--on {written} " in shown
    assert f"--year {written[:4]} " in shown


def test_a_parameter_in_spanish_is_refused_with_the_name_that_it_has() -> None:
    done = rrm_kg("--lang", "es", "ask", "cq14", "caso=atento")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1].endswith("¿Quiso decir case?")


def test_cases_are_counted() -> None:
    done = rrm_kg("count", "year", "--format", "csv")
    assert done.returncode == 0, done.stderr
    # From the dates of the requests, as the process model counts them; one petition of 2022 led to no request.
    counted = {line.split(",")[0]: int(line.split(",")[1]) for line in done.stdout.splitlines()[1:]}
    assert counted == {"2021": 2, "2022": 3, "2022 (complaint)": 1, "2023": 13, "2024": 13, "2025": 9}
    assert "Guanajuato,6," in rrm_kg("count", "state", "--format", "csv").stdout
    assert "mecanismo" in rrm_kg("count", "--lang", "es", "--help").stdout
    assert rrm_kg("count", "colour").returncode == 2


def test_the_graph_is_exported(tmp_path: Path) -> None:
    done = rrm_kg("export", "csv", str(tmp_path / "tables"))
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "tables" / "Dispute.csv") in done.stdout.splitlines()
    assert "case/atento" in (tmp_path / "tables" / "Dispute.csv").read_text(encoding="utf-8")
    assert rrm_kg("export", "docx", str(tmp_path)).returncode == 2


def test_look_alikes_are_listed() -> None:
    done = rrm_kg("lookalikes", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
    assert "0 pares" in rrm_kg("lookalikes", "--format", "table", "--lang", "es").stdout


def test_a_timeline_has_the_clocks() -> None:
    words = " ".join(rrm_kg("timeline", "atento").stdout.split())
    assert "allowed 45 calendar days, used 46: exceeded" in words
    assert rrm_kg("timeline", "strm").returncode == 2


@pytest.mark.parametrize("words", [["show", "atento", "--format", "table"], ["timeline", "atento"]])
def test_every_source_shown_is_followed_by_its_address(words: list[str]) -> None:
    _, *proofs = rrm_kg(*words).stdout.split("↳")
    assert proofs
    assert not [proof for proof in proofs if not re.search(r"^ *https?://\S+$", proof, re.MULTILINE)]


def test_two_cases_stand_side_by_side() -> None:
    done = rrm_kg("compare", "atento", "case/atento", "--lang", "es")
    assert done.returncode == 0, done.stderr
    words = " ".join(done.stdout.split())
    assert "denegación de derechos" in words
    assert words.count("excedido · 46 · 45 días") >= 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("ask", "Falta el argumento 'QUESTION'."),
        ("nada", "No existe el comando «nada»."),
        ("cases --opne", "No existe la opción «--opne». (¿Quiso decir una de estas: '--on', '--open'?)"),
        ("cases --year", "La opción «--year» requiere un valor."),
        ("show atento otro", "Sobra un argumento (otro)"),
        ("ask cq14 --timeout x", "«x» no es un número válido"),
        ("ask cq14 --timeout 0", "0 no está en el intervalo 1<=x<=86400."),
        ("count nada", "«nada» no es ninguno de estos: 'year', 'state'"),
    ],
)
def test_wrong_usage_is_told_in_spanish_alone(words: str, said: str) -> None:
    done = rrm_kg(*words.split(), RRM_KG_LANG="es")
    assert done.returncode == 2
    assert said in done.stderr
    assert not re.search("missing|invalid|such|requires|unexpected", done.stderr, re.IGNORECASE)


def test_a_page_of_help_is_spanish_alone() -> None:
    for words in ((), ("ask",)):
        shown = rrm_kg(*words, "--help", RRM_KG_LANG="es", RRM_KG_CACHE="").stdout
        assert "Uso:" in shown
        assert "Opciones:" in shown
        assert "[OPCIONES]" in shown
        assert not re.search(r"Usage|Options|OPTIONS|Commands|\bARGS\b", shown)


def test_a_comparison_keeps_the_dates_that_others_report() -> None:
    """El Sol de Tampico has the request accepted on 19 January 2024, not on 30 January as accepted here."""
    done = rrm_kg("compare", "atento", "tamsa", COLUMNS="400")
    assert done.returncode == 0, done.stderr
    words = " ".join(done.stdout.split())
    assert "exceeded · 12 · 10 calendar days · 2024-01-18 · 2024-01-30" in words
    assert re.search(r"met · 1 · 10 calendar days · 2024-01-18 · 2024-01-19[^↳]*El Sol de Tampico", words)


def test_explain_goes_down_to_what_was_written() -> None:
    done = rrm_kg("explain", "facility/atento-pachuca-i", "rrm:locatedIn", "place/mexico")
    assert done.returncode == 0
    assert "follows by prp-spo2" in done.stdout
    assert "( rrm:locatedIn rrm:within )" in done.stdout
    assert "written in graph:places" in done.stdout


SPARQL = "SELECT * WHERE { ?s ?p ?o } LIMIT 1"


@pytest.mark.parametrize(
    ("arguments", "stdin", "code"),
    [
        (["nonsense"], "", "E200"),
        (["ask"], "", "E200"),
        (["check", "--fail-on", "never"], "", "E200"),
        (["ask", "cq99"], "", "E201"),
        (["ask", "cq14", "kase=atento"], "", "E202"),
        (["ask", "cq18", "on=2024-13-01"], "", "E203"),
        (["ask", "cq18", "on=yesterday"], "", "E203"),
        (["ask", "cq14", "case=atneto"], "", "E207"),
        (["show", "atneto"], "", "E207"),
        (["query", "-", "--format", "turtle"], SPARQL, "E208"),
        (["ask", "cq14", "atento"], "", "E210"),
        (["explain", "atento", "rrm:mechanism", "mechanism/rrm-31b"], "", "E212"),
        (["query", "-"], "ASK FROM <urn:nowhere> { ?s ?p ?o }", "E213"),
        (["ask", "cq18", "on=2024-05-01", "on=2024-06-01"], "", "E215"),
        (["ask", "cq18", "on="], "", "E203"),
        (["run", "--root", "/nowhere"], "", "E301"),
        (["query", "no-such-file.rq"], "", "E305"),
        (["query", "."], "", "E305"),
        (["query", "-"], "SELECT * WHERE { ?s ?p ", "E310"),
        (["query", "-"], "SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "E311"),
        (["query", "-"], "SELECT * WHERE " + "{" * 3000 + "}" * 3000, "E312"),
    ],
)
@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_mistake_gets_one_clear_message_and_its_exit_code(
    arguments: list[str], stdin: str, code: str, lang: str
) -> None:
    done = rrm_kg(*arguments, stdin=stdin, RRM_KG_LANG=lang)
    assert done.returncode == int(code[1]), done.stderr
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines[-2].startswith(f"Error {code}: ")
    assert lines[-1].startswith("  → ")
    assert "Traceback" not in done.stderr


def test_broken_turtle_is_named_by_file_line_and_column(root_copy: Path) -> None:
    (root_copy / "data" / "broken.ttl").write_text("@prefix : <urn:x:> .\n:a :b 'c'\n:d :e 1 .\n")
    done = rrm_kg("check", "--root", str(root_copy))
    assert done.returncode == 3
    assert "Error E304: data/broken.ttl, line 3, column 1: " in done.stderr


def test_a_failing_graph_is_refused_unless_unchecked_and_then_says_so(root_copy: Path) -> None:
    path = root_copy / "data" / "cases" / "atento.ttl"
    path.write_text(
        path.read_text(encoding="utf-8").replace("rrm:identifierScheme", "rrm:identifierSchema"), encoding="utf-8"
    )
    root = ["--root", str(root_copy)]
    refused = rrm_kg("ask", "cq37", *root)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "Error E101" in refused.stderr
    assert rrm_kg("check", "--quiet", *root).returncode == 1
    assert rrm_kg("run", *root).returncode == 1
    assert rrm_kg("show", "atento", *root).returncode == 1
    assert rrm_kg("timeline", "atento", *root).returncode == 1
    table = rrm_kg("ask", "cq37", "--unchecked", "--format", "table", *root)
    assert table.returncode == 0
    assert "UNCHECKED" in table.stdout
    piped = rrm_kg("ask", "cq37", "--unchecked", *root)
    assert json.loads(piped.stdout)["head"]["link"] == ["https://w3id.org/rrm-kg/unchecked"]
    assert "UNCHECKED" in piped.stderr


def test_a_cache_that_cannot_be_written_is_named_and_can_be_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    blocked = str(tmp_path / "file" / "cache")
    done = rrm_kg("check", "--quiet", RRM_KG_CACHE=blocked)
    assert done.returncode == 3
    assert f"Error E308: {blocked}" in done.stderr
    assert rrm_kg("ask", "cq37", "--unchecked", "--no-cache", RRM_KG_CACHE=blocked).returncode == 0


def test_what_nobody_foresaw_is_our_own_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from rrm_kg import cli, questions

    def fail(*arguments: object) -> None:
        raise ZeroDivisionError("invented")

    monkeypatch.setattr(questions, "catalogue", fail)
    monkeypatch.setattr(sys, "argv", ["rrm-kg", "questions"])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 4
    assert "Error E404: Something unexpected went wrong: ZeroDivisionError: invented" in capsys.readouterr().err


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['rrm-kg', '--help']\n"
        "from rrm_kg import cli\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'rdflib', 'pyshacl', 'owlrl', 'rich', 'yaml'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_page_of_help_is_kept_for_its_language_and_width(tmp_path: Path) -> None:
    kept = {"RRM_KG_CACHE": str(tmp_path)}
    first = rrm_kg("check", "--help", **kept)
    (page,) = (tmp_path / "help").iterdir()
    assert rrm_kg("check", "--help", **kept).stdout == first.stdout
    state, _, text = page.read_text(encoding="utf-8").partition("\n")
    page.write_text(f"{state}\nKept.\n", encoding="utf-8")
    assert rrm_kg("check", "-h", **kept).stdout == "Kept.\n"
    assert rrm_kg("check", "--help", COLUMNS="60", **kept).stdout != first.stdout
    assert "Revisa" in rrm_kg("check", "--help", "--lang", "es", RRM_KG_CACHE=str(tmp_path)).stdout
    page.write_text(f"{state}0\nKept.\n", encoding="utf-8")  # made from other files
    assert rrm_kg("check", "--help", **kept).stdout == first.stdout == text


@pytest.mark.parametrize("words", [("nosuch", "--help"), ("check", "--nosuch")])
def test_what_is_no_page_of_help_is_not_kept(words: tuple[str, ...], tmp_path: Path) -> None:
    done = rrm_kg(*words, RRM_KG_CACHE=str(tmp_path))
    assert done.returncode == 2
    assert "E200" in done.stderr
    assert rrm_kg(*words, RRM_KG_CACHE=str(tmp_path)).stderr == done.stderr


def test_every_option_has_help_in_both_languages() -> None:
    for command in (
        "run",
        "check",
        "questions",
        "ask",
        "query",
        "show",
        "explain",
        "cases",
        "count",
        "timeline",
        "compare",
        "export",
        "lookalikes",
    ):
        assert errors.has_text(f"help-{command}")
        english, spanish = rrm_kg(command, "--help").stdout, rrm_kg(command, "--help", RRM_KG_LANG="es").stdout
        assert errors.text(f"help-{command}", "en")[:30] in english
        assert errors.text(f"help-{command}", "es")[:30] in spanish
        assert "--root PATH" in spanish


def test_control_characters_do_not_reach_the_terminal() -> None:
    from rrm_kg.render import cell

    assert "\x1b" not in cell("\x1b[31mred", "en")


def test_code_lists_can_be_looked_up() -> None:
    lists = json.loads(rrm_kg("codes", "--format", "json").stdout)["results"]["bindings"]
    assert {"code:role", "code:document-kind"} <= {row["code"]["value"] for row in lists}
    assert all(row["code"]["value"].count("/") == 0 for row in lists)
    found = json.loads(rrm_kg("codes", "role", "--format", "json", "--lang", "es").stdout)["results"]["bindings"]
    roles = {row["code"]["value"]: row["name"]["value"] for row in found}
    assert roles["code:role/respondent"] == "Parte demandada"
    assert all(code.startswith("code:role/") for code in roles)
