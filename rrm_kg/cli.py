"""The command line: ``rrm-kg``. Only this module prints."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from rich.console import Console

    from rrm_kg.pipeline import KnowledgeGraph
    from rrm_kg.query import Answer

GROUPS = ("year", "state", "sector", "outcome", "union", "petitioner", "conduct", "measure", "remedy", "mechanism")
FORMATS = ("table", "json", "csv", "tsv", "xml", "turtle", "ntriples", "rdfxml", "jsonld")


def _language(arguments: Sequence[str] | None = None) -> str:
    """The language of texts: --lang, else RRM_KG_LANG, else that of the system, else English."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for index, word in enumerate(words):
        if word == "--lang" and index + 1 < len(words):
            return words[index + 1] if words[index + 1] in ("en", "es") else "en"
        if word.startswith("--lang="):
            return word[7:] if word[7:] in ("en", "es") else "en"
    system = os.environ.get("RRM_KG_LANG") or next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "en"
    )
    return "es" if system.lower().startswith("es") else "en"


class _Localized(click.Command):
    """A command whose help is looked up in the reader's language when it is shown."""

    def get_help(self, ctx: click.Context) -> str:
        _localize(self, "help" if isinstance(self, click.Group) else f"help-{self.name}")
        return super().get_help(ctx)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None and any(word in sys.argv for word in ctx.help_option_names):
            from rrm_kg.errors import text

            option.help = text("help-option-help", _language())
        return option


class _Group(_Localized, click.Group):
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for command in self.commands.values():
            _localize(command, f"help-{command.name}")
        super().format_commands(ctx, formatter)


def _localize(command: click.Command, key: str) -> None:
    from rrm_kg.errors import has_text, text

    lang = _language()
    command.help = text(key, lang)
    command.short_help = text(key, lang).split(":")[0] if key != "help" else None
    for parameter in command.params:
        if isinstance(parameter, click.Option) and has_text(f"help-option-{_option_key(parameter)}"):
            parameter.help = text(f"help-option-{_option_key(parameter)}", lang)


def _option_key(option: click.Option) -> str:
    return (option.name or "").replace("_", "-")


def _common(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--no-cache", is_flag=True),
        click.option("--root", type=click.Path(path_type=Path), envvar="RRM_KG_ROOT"),
        click.option("--lang", type=click.Choice(["en", "es"]), default=_language),
    ):
        function = option(function)
    return function


_FORMAT = click.option("--format", "form", type=click.Choice(FORMATS), default=None)
_UNCHECKED = click.option("--unchecked", is_flag=True)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="rrm-kg", prog_name="rrm-kg")
@click.option("--lang", type=click.Choice(["en", "es"]), expose_value=False)  # read by _language
def cli() -> None:
    pass


@cli.command(cls=_Localized)
@click.option("--case", default="atento", metavar="NAME")
@_common
def run(case: str, lang: str, root: Path | None, no_cache: bool) -> None:
    from rrm_kg import cache, overview, render
    from rrm_kg.errors import text

    graph = _open(lang, root, no_cache)
    iri = graph.resolve(case, "case")
    console = _console()
    render.heading(console, text("loaded", lang))
    loaded = overview.loaded(graph, lang)
    console.print(text("loaded-line", lang, **loaded.sizes))
    console.print(" · ".join(f"{row.label} {row['count']}" for row in loaded.classes), style="dim")
    if not no_cache:
        console.print(text("cache-line", lang, place=cache.folder()), style="dim", soft_wrap=True)
    render.heading(console, text("gate", lang))
    assert graph.report is not None
    render.report(console, graph.report, lang, limit=3)
    if not graph.checked:
        sys.exit(1)
    render.heading(console, text("the-case", lang))
    overview.show_case(console, graph, iri, lang)
    render.heading(console, text("answers", lang))
    overview.show_answers(console, graph, iri, lang)
    console.print()
    console.print(text("ask-more", lang), style="dim")


@cli.command(cls=_Localized)
@click.option("--fail-on", type=click.Choice(["violation", "warning", "info"]), default="violation")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default=None)
@click.option("--quiet", is_flag=True)
@click.option("--engine", type=click.Choice(["compiled", "reference"]), default="compiled")
@click.option("--compare", is_flag=True)
@_common
def check(
    fail_on: str,
    form: str | None,
    quiet: bool,
    engine: str,
    compare: bool,
    lang: str,
    root: Path | None,
    no_cache: bool,
) -> None:
    from rrm_kg.findings import Severity

    if compare:
        _compare_engines(lang, root)
        return
    from rrm_kg.pipeline import kept_verdict

    report = None if no_cache else kept_verdict(root, engine=engine)
    if report is None:
        report = _open(lang, root, no_cache, engine=engine).report
    assert report is not None
    from rrm_kg import render

    if quiet and form != "json":
        render.verdict(_console(), report, lang)
    elif _form(form) == "json":
        _print_json(report.as_dict())
    else:
        render.report(_console(), report, lang)
    if report.at_least(Severity.named(fail_on)):
        sys.exit(1)


@cli.command(cls=_Localized)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default=None)
@_common
def questions(form: str | None, lang: str, root: Path | None, no_cache: bool) -> None:
    from rrm_kg import graph as graphs
    from rrm_kg import questions as catalogue

    listed = catalogue.catalogue(root or graphs.default_root())
    if _form(form) == "json":
        from dataclasses import asdict

        _print_json([{k: v for k, v in asdict(q).items() if k not in ("query", "path")} for q in listed])
    else:
        from rrm_kg import render

        render.questions(_console(), listed, lang)


@cli.command(cls=_Localized)
@click.argument("question")
@click.argument("parameters", nargs=-1, metavar="[NAME=VALUE]...")
@_FORMAT
@_UNCHECKED
@_common
def ask(
    question: str,
    parameters: tuple[str, ...],
    form: str | None,
    unchecked: bool,
    lang: str,
    root: Path | None,
    no_cache: bool,
) -> None:
    from rrm_kg import graph as graphs
    from rrm_kg import questions as catalogue
    from rrm_kg.errors import RrmError

    given = {}
    for parameter in parameters:
        name, equals, value = parameter.partition("=")
        if not equals:
            raise RrmError("E210", given=parameter)
        if name in given:
            raise RrmError("E215", name=name)
        given[name] = value
    asked = catalogue.find(root or graphs.default_root(), question)
    graph = _open(lang, root, no_cache, gate=not unchecked)
    answer = graph.ask(question, lang=lang, unchecked=unchecked, **given)
    asked_of = {p.label[lang]: given.get(p.name, p.default) for p in asked.parameters}
    title = "\n".join(
        [asked.question[lang], " · ".join(f"{name}: {value}" for name, value in asked_of.items() if value)]
    ).rstrip()
    _print_answer(answer, form, lang, {c.name: c.label[lang] for c in asked.columns}, title)


@cli.command(cls=_Localized)
@click.argument("file")
@_FORMAT
@_UNCHECKED
@_common
def query(file: str, form: str | None, unchecked: bool, lang: str, root: Path | None, no_cache: bool) -> None:
    from rrm_kg import safety
    from rrm_kg.errors import RrmError

    if file == "-":
        raw = sys.stdin.buffer.read(safety.MAX_QUERY_BYTES + 1)
    else:
        try:
            raw = Path(file).read_bytes()
        except OSError as error:
            raise RrmError("E305", where=file, detail=error.strerror or str(error)) from None
    try:
        sparql = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RrmError("E305", where=file, detail=f"UTF-8, byte {error.start}") from None
    safety.check_query(sparql)
    graph = _open(lang, root, no_cache, gate=not unchecked)
    _print_answer(graph.query(sparql, unchecked=unchecked), form, lang, {}, None)


@cli.command(cls=_Localized)
@click.argument("name")
@click.option("--format", "form", type=click.Choice(["table", "json", "turtle"]), default=None)
@_UNCHECKED
@_common
def show(name: str, form: str | None, unchecked: bool, lang: str, root: Path | None, no_cache: bool) -> None:
    from rrm_kg import show as pages

    graph = _open_to_read(lang, root, no_cache, unchecked)
    iri = graph.resolve(name)
    form = _form(form)
    if form == "turtle":
        answer = graph.query("DESCRIBE ?thing", unchecked=True, **{"thing": _node(iri)})
        click.echo(answer.serialize("turtle"), nl=False)
        return
    page = pages.page(graph, iri, lang)
    if form == "json":
        lists = {
            key: [_plain(row) for row in getattr(page, key)]
            for key in ("statements", "evidence", "records", "incoming")
        }
        _print_json({"iri": page.iri, "name": page.name, **lists})
    else:
        from rrm_kg import render

        render.page(_console(), page, lang)


@cli.command(cls=_Localized)
@click.option("--year", metavar="YYYY")
@click.option("--state", metavar="NAME")
@click.option("--sector", metavar="NAME")
@click.option("--union", metavar="NAME")
@click.option("--outcome", metavar="NAME")
@click.option("--mechanism", metavar="NAME")
@click.option("--on", metavar="YYYY-MM-DD")
@click.option("--open", "open_", is_flag=True)
@_FORMAT
@_UNCHECKED
@_common
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


@cli.command(cls=_Localized)
@click.argument("by", type=click.Choice(GROUPS), default="year")
@click.option("--mechanism", metavar="NAME")
@_FORMAT
@_UNCHECKED
@_common
def count(
    by: str, mechanism: str | None, form: str | None, unchecked: bool, lang: str, root: Path | None, no_cache: bool
) -> None:
    given = {"by": by} | ({"mechanism": mechanism} if mechanism else {})
    _print_view("tally", given, form, unchecked, lang, root, no_cache)


@cli.command(cls=_Localized)
@click.argument("form", type=click.Choice(["csv", "xlsx", "parquet", "ftm"]))
@click.argument("folder", type=click.Path(path_type=Path))
@_UNCHECKED
@_common
def export(form: str, folder: Path, unchecked: bool, lang: str, root: Path | None, no_cache: bool) -> None:
    from rrm_kg import export as exports

    graph = _open_to_read(lang, root, no_cache, unchecked)
    for path in exports.FORMATS[form](graph, folder, lang):
        click.echo(path)


@cli.command(cls=_Localized)
@click.argument("case", required=False)
@_FORMAT
@_UNCHECKED
@_common
def conflicts(
    case: str | None, form: str | None, unchecked: bool, lang: str, root: Path | None, no_cache: bool
) -> None:
    _print_view("conflicts", {"case": case} if case else {}, form, unchecked, lang, root, no_cache)


@cli.command(cls=_Localized)
@click.argument("case")
@_UNCHECKED
@_common
def timeline(case: str, unchecked: bool, lang: str, root: Path | None, no_cache: bool) -> None:
    from rrm_kg import overview

    graph = _open_to_read(lang, root, no_cache, unchecked)
    overview.show_timeline(_console(), graph, graph.resolve(case, "case"), lang)


@cli.command(cls=_Localized)
@click.argument("case")
@click.argument("other")
@_UNCHECKED
@_common
def compare(case: str, other: str, unchecked: bool, lang: str, root: Path | None, no_cache: bool) -> None:
    from rrm_kg import overview

    graph = _open_to_read(lang, root, no_cache, unchecked)
    both = graph.resolve(case, "case"), graph.resolve(other, "case")
    overview.show_comparison(_console(), graph, both, lang)


@cli.command(cls=_Localized)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default=None)
@_UNCHECKED
@_common
def lookalikes(form: str | None, unchecked: bool, lang: str, root: Path | None, no_cache: bool) -> None:
    from dataclasses import asdict

    from rrm_kg import lookalikes as names
    from rrm_kg.errors import text

    pairs = names.propose(_open_to_read(lang, root, no_cache, unchecked))
    if _form(form) == "json":
        _print_json([asdict(pair) for pair in pairs])
        return
    for pair in pairs:
        click.echo(f"{pair.score:5.1f}  {pair.one}  {pair.other}  “{pair.names[0]}” / “{pair.names[1]}”")
    click.echo(text("lookalikes-count", lang, count=len(pairs)))


@cli.command(cls=_Localized)
@click.argument("subject")
@click.argument("predicate")
@click.argument("value")
@_UNCHECKED
@_common
def explain(
    subject: str, predicate: str, value: str, unchecked: bool, lang: str, root: Path | None, no_cache: bool
) -> None:
    from rrm_kg import render
    from rrm_kg.errors import RrmError

    graph = _open_to_read(lang, root, no_cache, unchecked)
    step = graph.explain(subject, predicate, value)
    if step is None:
        raise RrmError("E212")
    render.explanation(_console(), step, lang)


def _print_view(
    name: str, given: dict[str, str], form: str | None, unchecked: bool, lang: str, root: Path | None, no_cache: bool
) -> None:
    from rrm_kg import questions as catalogue
    from rrm_kg import show as pages

    graph = _open(lang, root, no_cache, gate=not unchecked)
    asked = catalogue.read(pages.view_path(graph, name))
    bound = asked.bind(given, lang, graph.store)
    answer = graph.query(asked.query, unchecked=unchecked, **bound)
    _print_answer(answer, form, lang, {c.name: c.label[lang] for c in asked.columns}, None)


def _compare_engines(lang: str, root: Path | None) -> None:
    from rrm_kg import gate as gates
    from rrm_kg import graph as graphs
    from rrm_kg import infer
    from rrm_kg.errors import text

    sources = graphs.read_sources(root)
    written = list(graphs.load(sources.content))
    only = gates.compare(sources, written, infer.derive(written, sources.root))
    for finding in only:
        click.echo(f"{finding.rule}  {finding.shape}  {finding.focus}  {finding.message[lang]}")
    if only:
        sys.exit(1)
    click.echo(text("engines-agree", lang))


def _open(
    lang: str, root: Path | None, no_cache: bool, *, gate: bool = True, engine: str = "compiled"
) -> KnowledgeGraph:
    from rrm_kg.errors import text
    from rrm_kg.pipeline import open_graph

    return open_graph(
        root,
        gate=gate,
        engine=engine,
        use_cache=not no_cache,
        progress=lambda stage: click.echo(text(stage, lang), err=True),
    )


def _open_to_read(lang: str, root: Path | None, no_cache: bool, unchecked: bool) -> KnowledgeGraph:
    """The graph, which must have passed the gate; with ``unchecked`` a mark goes before what is shown."""
    from rrm_kg.errors import RrmError, text

    graph = _open(lang, root, no_cache)
    if not graph.checked:
        if not unchecked:
            raise RrmError("E101")
        click.echo(text("unchecked", lang), err=True)
    return graph


def _node(iri: str) -> Any:
    import pyoxigraph as ox

    return ox.NamedNode(iri)


def _console() -> Console:
    import rich.console

    class Quiet(rich.console.Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # nobody reads on, which is no error of ours

    width = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else 100
    return Quiet(markup=False, highlight=False, emoji=False, width=width)


def _form(form: str | None) -> str:
    return form or ("table" if sys.stdout.isatty() else "json")


def _print_answer(answer: Answer, form: str | None, lang: str, labels: dict[str, str], title: str | None) -> None:
    from rrm_kg.errors import text

    form = form or ("table" if sys.stdout.isatty() else "turtle" if answer.triples is not None else "json")
    if form == "table":
        from rrm_kg import render

        console = _console()
        if title:
            render.heading(console, title)
        render.answer(console, answer, lang, labels)
        return
    if not answer.checked:
        click.echo(text("unchecked", lang), err=True)
    click.echo(answer.serialize(form), nl=False)


def _plain(row: Any) -> dict[str, Any]:
    return {
        name: value if isinstance(value, (bool, int)) or value is None else str(value) for name, value in row.items()
    }


def _print_json(tree: Any) -> None:
    import json

    click.echo(json.dumps(tree, ensure_ascii=False, indent=1))


def main() -> NoReturn:
    """Run the command line and leave with its exit code: 0 fine, 1 findings, 2 usage, 3 input, 4 our own failure."""
    lang = _language()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the engine does not hear Ctrl-C while it works
    for stream in (sys.stdout, sys.stderr):
        _utf8(stream)
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.exceptions.Exit as leaving:
        sys.exit(leaving.exit_code)
    except click.exceptions.NoArgsIsHelpError as shown:
        click.echo(shown.format_message())
        sys.exit(2)
    except click.UsageError as error:
        _fail("E200", 2, lang, detail=error.format_message())
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nobody reads on
        sys.exit(0)
    except Exception as error:
        from rrm_kg.errors import RrmError

        if isinstance(error, RrmError):
            _fail(error.code, error.exit_code, lang, where=error.where, **error.values)
        if os.environ.get("RRM_KG_DEBUG"):
            raise
        _fail("E404", 4, lang, detail=f"{type(error).__name__}: {error}")
    sys.exit(0)


def _fail(code: str, exit_code: int, lang: str, where: str | None = None, **values: object) -> NoReturn:
    from rrm_kg.errors import RrmError, text

    error = RrmError(code, where=None, **values)
    place = f"{where}: " if where else ""
    click.echo(f"{text('error', lang)} {code}: {place}{error.message(lang)}", err=True)
    click.echo(f"  → {error.hint(lang)}", err=True)
    sys.exit(exit_code)


def _utf8(stream: IO[str]) -> None:
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="replace")
