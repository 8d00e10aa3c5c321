"""Commands that show: things, cases, counts, disagreements, and tables to take away."""

from __future__ import annotations

from pathlib import Path

import click

from rrm_kg.commands.frame import (
    FORMAT,
    UNCHECKED,
    Formed,
    Localized,
    chosen,
    cli,
    common,
    console,
    node,
    open_to_read,
    opened,
    plain,
    print_answer,
    print_json,
)

GROUPS = ("year", "state", "sector", "outcome", "union", "petitioner", "conduct", "measure", "remedy", "mechanism")


def _print_view(
    name: str, given: dict[str, str], form: str | None, unchecked: bool, lang: str, root: Path | None, no_cache: bool
) -> None:
    from rrm_kg import questions as catalogue
    from rrm_kg import show as pages

    graph = opened(lang, root, no_cache, gate=not unchecked)
    asked = catalogue.read(pages.view_path(graph, name))
    bound = asked.bind(given, lang, graph.store)
    answer = graph.query(asked.query, unchecked=unchecked, **bound)
    print_answer(answer, form, lang, {c.name: c.label[lang] for c in asked.columns}, None)


@cli.command(cls=Localized)
@click.argument("name")
@click.option("--format", "form", type=click.Choice(["table", "json", "turtle"]), default=None)
@UNCHECKED
@common
def show(name: str, form: str | None, unchecked: bool, lang: str, root: Path | None, no_cache: bool) -> None:
    from rrm_kg import show as pages

    graph = open_to_read(lang, root, no_cache, unchecked)
    iri = graph.resolve(name)
    form = chosen(form)
    if form == "turtle":
        answer = graph.query("DESCRIBE ?thing", unchecked=True, **{"thing": node(iri)})
        click.echo(answer.serialize("turtle"), nl=False)
        return
    page = pages.page(graph, iri, lang)
    if form == "json":
        lists = {
            key: [plain(row) for row in getattr(page, key)] for key in ("statements", "evidence", "records", "incoming")
        }
        print_json({"iri": page.iri, "name": page.name, **lists})
    else:
        from rrm_kg import render

        render.page(console(), page, lang)


@cli.command(cls=Localized)
@click.option("--year", cls=Formed, metavar="form-year")
@click.option("--state", metavar="NAME")
@click.option("--sector", metavar="NAME")
@click.option("--union", metavar="NAME")
@click.option("--outcome", metavar="NAME")
@click.option("--mechanism", metavar="NAME")
@click.option("--on", cls=Formed, metavar="form-date")
@click.option("--open", "open_", is_flag=True)
@FORMAT
@UNCHECKED
@common
def cases(
    open_: bool,
    form: str | None,
    unchecked: bool,
    lang: str,
    root: Path | None,
    no_cache: bool,
    **filters: str | None,
) -> None:
    given = {name: value for name, value in filters.items() if value}
    if open_:
        given["open"] = "yes"
    _print_view("cases", given, form, unchecked, lang, root, no_cache)


@cli.command(cls=Localized)
@click.argument("by", type=click.Choice(GROUPS), default="year")
@click.option("--mechanism", metavar="NAME")
@FORMAT
@UNCHECKED
@common
def count(
    by: str, mechanism: str | None, form: str | None, unchecked: bool, lang: str, root: Path | None, no_cache: bool
) -> None:
    given = {"by": by} | ({"mechanism": mechanism} if mechanism else {})
    _print_view("tally", given, form, unchecked, lang, root, no_cache)


@cli.command(cls=Localized)
@click.argument("case", required=False)
@FORMAT
@UNCHECKED
@common
def conflicts(
    case: str | None, form: str | None, unchecked: bool, lang: str, root: Path | None, no_cache: bool
) -> None:
    _print_view("conflicts", {"case": case} if case else {}, form, unchecked, lang, root, no_cache)


@cli.command(cls=Localized)
@click.argument("case")
@UNCHECKED
@common
def timeline(case: str, unchecked: bool, lang: str, root: Path | None, no_cache: bool) -> None:
    from rrm_kg import overview

    graph = open_to_read(lang, root, no_cache, unchecked)
    overview.show_timeline(console(), graph, graph.resolve(case, "case"), lang)


@cli.command(cls=Localized)
@click.argument("name", required=False)
@FORMAT
@UNCHECKED
@common
def codes(name: str | None, form: str | None, unchecked: bool, lang: str, root: Path | None, no_cache: bool) -> None:
    given = {} if name is None else {"list": name.removeprefix("code:").removeprefix("code/").strip("/")}
    _print_view("codes", given, form, unchecked, lang, root, no_cache)


@cli.command(cls=Localized)
@click.argument("case")
@click.argument("other")
@UNCHECKED
@common
def compare(case: str, other: str, unchecked: bool, lang: str, root: Path | None, no_cache: bool) -> None:
    from rrm_kg import overview

    graph = open_to_read(lang, root, no_cache, unchecked)
    both = graph.resolve(case, "case"), graph.resolve(other, "case")
    overview.show_comparison(console(), graph, both, lang)


@cli.command(cls=Localized)
@click.argument("form", type=click.Choice(["csv", "csv-excel", "xlsx", "parquet", "ftm"]))
@click.argument("folder", type=click.Path(path_type=Path))
@UNCHECKED
@common
def export(form: str, folder: Path, unchecked: bool, lang: str, root: Path | None, no_cache: bool) -> None:
    from rrm_kg import export as exports

    graph = open_to_read(lang, root, no_cache, unchecked)
    for path in exports.FORMATS[form](graph, folder, lang):
        click.echo(path)
