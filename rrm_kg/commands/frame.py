"""What all commands share: the reader's language, common options, the opened graph, and ways to print."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rrm_kg.language import language as language
from rrm_kg.manual import WIDTH

if TYPE_CHECKING:
    from rich.console import Console

    from rrm_kg.pipeline import KnowledgeGraph
    from rrm_kg.query import Answer

FORMATS = ("table", "json", "csv", "tsv", "xml", "turtle", "ntriples", "rdfxml", "jsonld")


class Localized(click.Command):
    """A command whose help is looked up in the reader's language when it is shown."""

    def get_help(self, ctx: click.Context) -> str:
        _localize(self, "help" if isinstance(self, click.Group) else f"help-{self.name}")
        return super().get_help(ctx)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None and any(word in sys.argv for word in ctx.help_option_names):
            from rrm_kg.errors import text

            option.help = text("help-option-help", language())
        return option


class Formed(click.Option):
    """An option whose metavar is the key of a text: how its value is written in the reader's language."""

    def make_metavar(self, ctx: click.Context) -> str:
        from rrm_kg.errors import text

        return text(super().make_metavar(ctx), language())


class Group(Localized, click.Group):
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for command in self.commands.values():
            _localize(command, f"help-{command.name}")
        super().format_commands(ctx, formatter)


def _localize(command: click.Command, key: str) -> None:
    from rrm_kg.errors import has_text, text

    lang = language()
    command.help = text(key, lang)
    command.options_metavar = text("usage-options", lang)
    if isinstance(command, click.Group):
        command.subcommand_metavar = text("usage-command", lang)
    command.short_help = text(key, lang).split(":")[0] if key != "help" else None
    for parameter in command.params:
        if isinstance(parameter, click.Option) and has_text(f"help-option-{_option_key(parameter)}"):
            parameter.help = text(f"help-option-{_option_key(parameter)}", lang)


def _option_key(option: click.Option) -> str:
    return (option.name or "").replace("_", "-")


def common(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--no-cache", is_flag=True),
        click.option("--root", type=click.Path(path_type=Path), envvar="RRM_KG_ROOT"),
        click.option("--lang", type=click.Choice(["en", "es"]), default=language),
    ):
        function = option(function)
    return function


FORMAT = click.option("--format", "form", type=click.Choice(FORMATS), default=None)
TIMEOUT = click.option("--timeout", type=click.IntRange(1, 86_400), default=60, metavar="SECONDS")
UNCHECKED = click.option("--unchecked", is_flag=True)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDTH})
@click.version_option(package_name="rrm-kg", prog_name="rrm-kg")
@click.option("--lang", type=click.Choice(["en", "es"]), expose_value=False)  # read by language
def cli() -> None:
    pass


def opened(
    lang: str, root: Path | None, no_cache: bool, *, gate: bool = True, engine: str = "compiled"
) -> KnowledgeGraph:
    from rrm_kg.errors import text
    from rrm_kg.pipeline import open_graph

    return open_graph(
        root,
        gate=gate,
        engine=engine,
        use_cache=not no_cache,
        in_memory=False,
        progress=lambda stage: click.echo(text(stage, lang), err=True),
    )


def open_to_read(lang: str, root: Path | None, no_cache: bool, unchecked: bool) -> KnowledgeGraph:
    """The graph, which must have passed the gate; with ``unchecked`` a mark goes before what is shown."""
    from rrm_kg.errors import RrmError, text

    graph = opened(lang, root, no_cache)
    if not graph.checked:
        if not unchecked:
            raise RrmError("E101")
        click.echo(text("unchecked", lang), err=True)
    return graph


def node(iri: str) -> Any:
    import pyoxigraph as ox

    return ox.NamedNode(iri)


def console() -> Console:
    import rich.console

    class Quiet(rich.console.Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # nobody reads on, which is no error of ours

    width = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else 100
    return Quiet(markup=False, highlight=False, emoji=False, width=width)


def chosen(form: str | None) -> str:
    return form or ("table" if sys.stdout.isatty() else "json")


def print_answer(
    answer: Answer,
    form: str | None,
    lang: str,
    labels: dict[str, str],
    title: str | None,
    endpoint: str | None = None,
) -> None:
    from rrm_kg.errors import text

    if endpoint is not None:
        click.echo(text("answer-from", lang, where=endpoint), err=True)

    form = form or ("table" if sys.stdout.isatty() else "turtle" if answer.triples is not None else "json")
    if form == "table":
        from rrm_kg import render

        out = console()
        if title:
            render.heading(out, title)
        render.answer(out, answer, lang, labels, warn=endpoint is None)
        return
    if not answer.checked and endpoint is None:
        click.echo(text("unchecked", lang), err=True)
    click.echo(answer.serialize(form), nl=False)


def plain(row: Any) -> dict[str, Any]:
    return {
        name: value if isinstance(value, (bool, int)) or value is None else str(value) for name, value in row.items()
    }


def print_json(tree: Any) -> None:
    import json

    click.echo(json.dumps(tree, ensure_ascii=False, indent=1))


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A line on a terminal's standard error that each message replaces, and that is wiped in the end."""
    if not sys.stderr.isatty():
        yield lambda message: None
        return
    try:
        yield lambda message: click.echo(f"\r\x1b[K{message[:78]}", err=True, nl=False)
    finally:
        click.echo("\r\x1b[K", err=True, nl=False)
