"""Commands that tell the rules of the gate: all of them, and one with its reason and examples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rrm_kg.commands.frame import Localized, chosen, cli, console, language, print_json

if TYPE_CHECKING:
    from rrm_kg.rulebook import Entry, Failure
    from rrm_kg.shapes import Shape

_FORM = click.option("--format", "form", type=click.Choice(["table", "json"]), default=None)
_ROOT = click.option("--root", type=click.Path(path_type=Path), envvar="RRM_KG_ROOT")
_LANG = click.option("--lang", type=click.Choice(["en", "es"]), default=language)


@cli.command(cls=Localized)
@_FORM
@_LANG
@_ROOT
def rules(form: str | None, lang: str, root: Path | None) -> None:
    from rrm_kg import graph, rulebook
    from rrm_kg.errors import text

    known = rulebook.described(graph.read_sources(root)).values()
    if chosen(form) == "json":
        print_json([_told(shape) for shape in known])
        return
    import rich.box
    from rich.table import Table

    table = Table(box=rich.box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for key in ("report-rule", "report-severity", "report-wanted"):
        table.add_column(text(key, lang), overflow="fold")
    for shape in known:
        table.add_row(shape.rule, text(shape.severity.label, lang), shape.name.get(lang, shape.local_name))
    console().print(table)
    click.echo(text("rules-count", lang, rules=len({shape.rule for shape in known}), shapes=len(known)))


@cli.command(cls=Localized)
@click.argument("name", metavar="RULE")
@_FORM
@_LANG
@_ROOT
def rule(name: str, form: str | None, lang: str, root: Path | None) -> None:
    from rrm_kg import graph, rulebook

    if rulebook.CODE.match(name):
        _tell(rulebook.failure(name), form, lang)
        return
    entries = rulebook.find(graph.read_sources(root), name)
    if chosen(form) == "json":
        print_json([_told(entry.shape) | _shown(entry) for entry in entries])
        return
    for entry in entries:
        _print(entry, lang)


def _tell(failure: Failure, form: str | None, lang: str) -> None:
    """An error code, as docs/errors.md tells it."""
    from dataclasses import asdict

    from rrm_kg import render
    from rrm_kg.errors import text

    if chosen(form) == "json":
        print_json([asdict(failure)])
        return
    out = console()
    render.heading(out, f"{text('error', lang)} {failure.code}")
    for key, said in (("rule-when", failure.when), ("rule-said", failure.message), ("rule-remedy", failure.remedy)):
        out.print()
        out.print(f"{text(key, lang)}: {said[lang]}")


def _told(shape: Shape) -> dict[str, Any]:
    return {
        "rule": shape.rule,
        "severity": shape.severity.label,
        "shape": shape.iri,
        "name": shape.name,
        "description": shape.description,
        "message": shape.message,
    }


def _shown(entry: Entry) -> dict[str, Any]:
    from dataclasses import asdict

    return {key: asdict(one) if (one := getattr(entry, key)) else None for key in ("good", "bad")}


def _print(entry: Entry, lang: str) -> None:
    from rrm_kg import render
    from rrm_kg.errors import text

    out, shape = console(), entry.shape
    title = f"{shape.rule} {text(shape.severity.label, lang)}: {shape.name.get(lang, shape.local_name)}"
    render.heading(out, title)
    out.print(shape.local_name, style="dim")
    for key, said in (("rule-why", shape.description), ("rule-said", shape.message)):
        if said:
            out.print()
            out.print(f"{text(key, lang)}: {said[lang]}")
    if entry.good:
        _print_example(text("rule-good", lang), entry.good.about, entry.good.turtle)
    if entry.bad:
        _print_example(text("rule-bad", lang), entry.bad.about, entry.bad.beside(entry.good))


def _print_example(title: str, about: str, turtle: str) -> None:
    out = console()
    out.print()
    out.print(title, style="bold")
    for line in (f"# {about}", "", *turtle.splitlines()):
        out.print(f"  {line}".rstrip(), soft_wrap=True)
