"""Commands that help to write: templates of a case."""

from __future__ import annotations

from pathlib import Path

import click

from rrm_kg.commands.frame import Localized, cli, language


@cli.command(cls=Localized)
@click.argument("kind", type=click.Choice(["case"]))
@click.argument("case", required=False)
@click.option("--format", "form", type=click.Choice(["xlsx", "csv", "turtle"]), default="xlsx")
@click.option("--lang", type=click.Choice(["en", "es"]), default=language)
@click.option("--output", type=click.Path(path_type=Path))
@click.option("--root", type=click.Path(path_type=Path), envvar="RRM_KG_ROOT")
def template(kind: str, case: str | None, form: str, lang: str, output: Path | None, root: Path | None) -> None:
    from rrm_kg.vocabulary import within

    with within(root):
        _template(case, form, lang, output)


def _template(case: str | None, form: str, lang: str, output: Path | None) -> None:
    from rrm_kg.errors import text
    from rrm_kg.tabular import template as templates

    if form == "turtle" and output is None:
        click.echo(templates.turtle(case, lang), nl=False)
        return
    name = case or text("template-name", lang)
    target = output or Path(name if form == "csv" else f"{name}.xlsx")
    files = {
        "xlsx": lambda: {target: templates.workbook(case, lang)},
        "turtle": lambda: {target: templates.turtle(case, lang).encode()},
        "csv": lambda: {target / file: data for file, data in templates.csv_files(case, lang).items()},
    }[form]()
    for path in templates.save(files):
        click.echo(path)
