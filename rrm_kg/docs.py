"""The pages of docs/ that are made from the shapes, the questions and the messages.

``python -m rrm_kg.docs`` writes them; a test says when they are not up to date.
"""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path
from typing import Final

from rrm_kg import errors, headers, questions, shapes
from rrm_kg import graph as graphs
from rrm_kg.findings import Severity
from rrm_kg.shacl import compile

_MADE: Final = "<!-- Made by `make docs`; do not edit by hand. -->"
EXIT_CODES: Final = {
    "0": "fine",
    "1": "findings at or above `--fail-on`, or a graph that does not pass the gate",
    "2": "usage: an unknown command, question, parameter or name",
    "3": "input that cannot be read or is refused",
    "4": "our own failure",
}


def pages(root: Path) -> dict[str, str]:
    """The generated pages: path below the root, and text."""
    return {
        "docs/gate.md": gate(root),
        "docs/questions.md": question_page(root),
        "docs/errors.md": error_page(),
        "README.md": readme(root),
    }


def gate(root: Path) -> str:
    """docs/gate.md: how the gate works, then a heading per rule."""
    sources = graphs.read_sources(root)
    catalogue = shapes.catalogue(sources.shapes)
    lines = [
        "# The gate",
        _MADE,
        "",
        "Nothing is asked of a graph that has not passed the gate. The stages run in this order, and all of them run,",
        "so that a later one never hides an earlier one's findings:",
        "",
        "1. **Parse**: strictly; a syntax error names file, line and column.",
        "2. **Infer**: the OWL 2 RL closure; a contradiction between ontology and data is a finding.",
        "3. **Shapes**: SHACL (`ontology/shapes/`), over what was written and the derived date bounds, not over the",
        "   closure: a range axiom would make every class check pass. Each constraint component of a shape is compiled",
        "   to one SPARQL query over all its focus nodes; `--engine reference` asks pySHACL instead, `--compare` both.",
        "4. **Check queries** (`queries/checks/`): each row of an answer is a finding.",
        "",
        "A **Violation** is data that is malformed, contradicts itself or has no source; it keeps the graph from being",
        "asked. A **Warning** or **Info** is a true statement about the world that a reader should know, such as a",
        "late clock or a time limit that nobody has verified in the legal text. A legal clock is never a Violation.",
        "",
        "```console",
        "$ rrm-kg check --quiet",
        "```",
        "",
        "`rrm-kg check --fail-on warning` exits with 1 on the first Warning, `--format json` prints the findings with",
        "rule, shape, severity, focus node, path, value, message in both languages, file and line.",
        "",
        "`C` rules are check queries; every `R` rule has a passing and a failing example in `tests/shapes/`.",
    ]
    lines += [
        "",
        "The compiled engine knows these constraint components and refuses a shape with any other by name: "
        + ", ".join(f"`sh:{name}`" for name in sorted(compile.KNOWN))
        + ".",
        "",
        "Of SHACL-SPARQL it refuses constraint components of one's own, `$shapesGraph` and `$currentShape`, and what",
        "the specification leaves out for pre-binding (`MINUS`, `VALUES`, `SERVICE`, `AS ?this`, a subquery without",
        "`?this`). In the W3C suite all 98 tests of Core come out right, and those of SPARQL but five:",
        "`shapesGraph-001`, and the four of constraint components, which `--engine reference` (pySHACL) gets right.",
    ]
    for path in sorted((root / "queries" / "checks").glob("*.rq")):
        header, _ = headers.read(path)
        lines += ["", f"## {header['id']}", "", f"**{header['severity']}** · `queries/checks/{path.name}`", ""]
        lines += [f"> {header['message']['en']}", ">", f"> {header['message']['es']}"]
    for rule, group in groupby(catalogue.values(), key=lambda shape: shape.rule):
        lines += ["", f"## {rule}"]
        for shape in group:
            lines += [
                "",
                f"### {shape.local_name}",
                "",
                f"**{shape.severity.label}** · {shape.name['en']} · *{shape.name['es']}*",
                "",
                f"{shape.description['en']}",
                "",
                f"> {shape.message['en']}",
                ">",
                f"> {shape.message['es']}",
            ]
    return "\n".join(lines) + "\n"


def question_page(root: Path) -> str:
    """docs/questions.md: a heading per question, with parameters and columns."""
    lines = [
        "# The questions",
        _MADE,
        "",
        "A question is one file `queries/cqNN_name.rq` with a header of `#+` lines (YAML) and its expected answer as a",
        "CSV beside it. Every row of an answer carries the document and the passage that prove it, or says that there",
        "is no evidence. A gap that is known is told apart from what is merely not recorded.",
        "",
        "```console",
        "$ rrm-kg questions",
        "$ rrm-kg ask cq14 case=atento",
        "```",
    ]
    for one in questions.catalogue(root):
        lines += ["", f"## {one.id}: {one.summary['en']}", "", one.question["en"], "", f"*{one.question['es']}*", ""]
        for parameter in one.parameters:
            default = f", by default `{parameter.default}`" if parameter.default is not None else ", may be left out"
            lines.append(f"- Parameter `{parameter.name}` ({parameter.type}): {parameter.label['en']}{default}")
        lines.append("- Columns: " + ", ".join(f"`{c.name}` ({c.label['en']})" for c in one.columns))
        given = [f"{p.name}={p.default}" for p in one.parameters if p.default is not None]
        lines += ["", "```console", f"$ rrm-kg ask {' '.join([one.id, *given])}", "```"]
    return "\n".join(lines) + "\n"


def error_page() -> str:
    """docs/errors.md: the exit codes, and a heading per error."""
    lines = [
        "# Errors and exit codes",
        _MADE,
        "",
        "An error is one line that says what is wrong and where, and one that says how to mend it. The first digit of",
        "its code is the exit code.",
        "",
        "| exit code | meaning |",
        "|---|---|",
        *(f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items()),
    ]
    for code in errors.documented_codes():
        lines += ["", f"## {code}", ""]
        lines += [errors.raw(code, "definition", "en"), "", f"*{errors.raw(code, 'definition', 'es')}*", ""]
        said = [
            line
            for lang in errors.LANGUAGES
            for line in (f"> {errors.raw(code, 'prefLabel', lang)}", f"> → {errors.raw(code, 'comment', lang)}")
        ]
        lines += [line for one in said for line in (one, ">")][:-1]
    return "\n".join(lines) + "\n"


def readme(root: Path) -> str:
    """README.md with its table of contents of the data brought up to date."""
    from rrm_kg import overview
    from rrm_kg.pipeline import open_graph

    graph = open_graph(root)
    loaded = overview.loaded(graph, "en")
    assert graph.report is not None
    report = graph.report
    table = [
        "| what | how many |",
        "|---|---:|",
        *(f"| {row.label} | {row['count']} |" for row in loaded.classes),
        f"| triples written | {loaded.sizes['written']} |",
        f"| triples inferred | {loaded.sizes['inferred']} |",
        f"| rules of the gate | {len(shapes.catalogue(graph.sources.shapes))} |",
        f"| findings: Violation / Warning / Info | {' / '.join(str(report.count(s)) for s in reversed(Severity))} |",
        f"| questions | {len(questions.catalogue(root))} |",
    ]
    text = (root / "README.md").read_text(encoding="utf-8")
    return re.sub(
        r"(<!-- counts -->\n).*?(<!-- /counts -->)",
        lambda found: found[1] + "\n".join(table) + "\n" + found[2],
        text,
        flags=re.S,
    )


def write(root: Path) -> None:
    """Write the generated pages."""
    for path, text in pages(root).items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(graphs.default_root())
