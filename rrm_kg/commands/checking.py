"""Commands that check: the whole graph, files in its context, and what may be one thing under two names."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rrm_kg.commands.frame import (
    TIMEOUT,
    UNCHECKED,
    Localized,
    chosen,
    cli,
    common,
    console,
    open_to_read,
    opened,
    print_json,
    progress,
)

if TYPE_CHECKING:
    from rrm_kg.findings import Report
    from rrm_kg.graph import Sources


@cli.command(cls=Localized)
@click.option("--case", default="atento", metavar="NAME")
@common
def run(case: str, lang: str, root: Path | None, no_cache: bool) -> None:
    from rrm_kg import cache, overview, render
    from rrm_kg.errors import text

    graph = opened(lang, root, no_cache)
    iri = graph.resolve(case, "case")
    out = console()
    render.heading(out, text("loaded", lang))
    loaded = overview.loaded(graph, lang)
    out.print(text("loaded-line", lang, **loaded.sizes))
    out.print(" · ".join(f"{row.label} {row['count']}" for row in loaded.classes), style="dim")
    if not no_cache:
        out.print(text("cache-line", lang, place=cache.folder()), style="dim", soft_wrap=True)
    render.heading(out, text("gate", lang))
    assert graph.report is not None
    render.report(out, graph.report, lang, limit=3)
    if not graph.checked:
        sys.exit(1)
    render.heading(out, text("the-case", lang))
    overview.show_case(out, graph, iri, lang)
    render.heading(out, text("answers", lang))
    overview.show_answers(out, graph, iri, lang)
    out.print()
    out.print(text("ask-more", lang), style="dim")


@cli.command(cls=Localized)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@click.option("--fail-on", type=click.Choice(["violation", "warning", "info"]), default="violation")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default=None)
@click.option("--quiet", is_flag=True)
@click.option("--engine", type=click.Choice(["compiled", "reference"]), default="compiled")
@click.option("--compare", is_flag=True)
@click.option("--endpoint", metavar="URL")
@TIMEOUT
@common
def check(
    files: tuple[Path, ...],
    fail_on: str,
    form: str | None,
    quiet: bool,
    engine: str,
    compare: bool,
    endpoint: str | None,
    timeout: int,
    lang: str,
    root: Path | None,
    no_cache: bool,
) -> None:
    from rrm_kg import render
    from rrm_kg.errors import RrmError, text
    from rrm_kg.findings import Report, Severity

    if endpoint and (files or compare or engine != "compiled"):
        raise RrmError("E200", detail=text("endpoint-alone", lang))
    if compare:
        _compare_engines(files, lang, root)
        return
    gone = 0
    if endpoint:
        shown = whole = _remote_report(endpoint, timeout, root)
    elif not files:
        shown = whole = _whole_report(lang, root, no_cache, engine)
    elif engine == "reference":
        shown = whole = _reference_report(files, root)
    else:
        verdict = opened(lang, root, no_cache).check(*files)
        whole, gone = verdict.report, len(verdict.gone)
        shown = Report(verdict.found, whole.validated)
    if quiet and form != "json":
        render.verdict(console(), shown, lang)
    elif chosen(form) == "json":
        print_json(shown.as_dict())
    else:
        render.report(console(), shown, lang)
    if files and chosen(form) != "json":
        click.echo(text("in-context", lang, gone=gone))
    if shown.at_least(Severity.named(fail_on)) or not whole.conforms:
        if files and shown.conforms and not whole.conforms:
            click.echo(text("graph-fails", lang), err=True)
        sys.exit(1)


def _remote_report(endpoint: str, timeout: int, root: Path | None) -> Report:
    from rrm_kg import remote

    with progress() as said:
        return remote.check(
            remote.endpoint(endpoint, timeout=timeout),
            root=root,
            progress=lambda rule, done, total: said(f"{rule} {done}/{total}"),
        )


def _whole_report(lang: str, root: Path | None, no_cache: bool, engine: str) -> Report:
    from rrm_kg.pipeline import kept_verdict

    report = None if no_cache else kept_verdict(root, engine=engine)
    if report is None:
        report = opened(lang, root, no_cache, engine=engine).report
    assert report is not None
    return report


def _reference_report(files: tuple[Path, ...], root: Path | None) -> Report:
    from rrm_kg import gate, infer

    sources, written, derived = _with_files(files, root)
    return gate.check(sources, written, derived, infer.closure([*written, *derived]), "reference")


def _compare_engines(files: tuple[Path, ...], lang: str, root: Path | None) -> None:
    from rrm_kg import gate
    from rrm_kg.errors import text

    only = gate.compare(*_with_files(files, root))
    for finding in only:
        click.echo(f"{finding.rule}  {finding.shape}  {finding.focus}  {finding.message[lang]}")
    if only:
        sys.exit(1)
    click.echo(text("engines-agree", lang))


def _with_files(files: tuple[Path, ...], root: Path | None) -> tuple[Sources, list[Any], list[Any]]:
    """The sources with some files in their places, their quads and those derived."""
    from rrm_kg import graph as graphs
    from rrm_kg import infer

    sources = graphs.read_sources(root)
    sources = sources.changed(graphs.read_file(path, sources.root) for path in files)
    written = list(graphs.load(sources.content))
    return sources, written, infer.derive(written, sources.root)


@cli.command(cls=Localized)
@click.argument("url")
@click.option("--update", metavar="URL")
@click.option("--store", metavar="URL")
@click.option("--inferred", is_flag=True)
@TIMEOUT
@common
def push(
    url: str,
    update: str | None,
    store: str | None,
    inferred: bool,
    timeout: int,
    lang: str,
    root: Path | None,
    no_cache: bool,
) -> None:
    from rrm_kg import remote
    from rrm_kg.errors import text

    graph = opened(lang, root, no_cache)
    engine = remote.endpoint(url, update=update, store=store, timeout=timeout)
    with progress() as said:
        done = remote.push(
            graph,
            engine,
            inferred=inferred,
            progress=lambda name, sent, total: said(f"{name} {sent}/{total}"),
        )
    sizes = {"sent": len(done.sent), "skipped": len(done.skipped), "removed": len(done.removed)}
    click.echo(text("pushed", lang, triples=done.triples, **sizes))
    if done.altered:
        click.echo(text("pushed-altered", lang, count=len(done.altered)))
        for line in done.altered[:10]:
            click.echo(f"  {line}")


@cli.command(cls=Localized)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default=None)
@UNCHECKED
@common
def lookalikes(form: str | None, unchecked: bool, lang: str, root: Path | None, no_cache: bool) -> None:
    from dataclasses import asdict

    from rrm_kg import lookalikes as names
    from rrm_kg.errors import text

    pairs = names.propose(open_to_read(lang, root, no_cache, unchecked))
    if chosen(form) == "json":
        print_json([asdict(pair) for pair in pairs])
        return
    for pair in pairs:
        click.echo(f"{pair.score:5.1f}  {pair.one}  {pair.other}  “{pair.names[0]}” / “{pair.names[1]}”")
    click.echo(text("lookalikes-count", lang, count=len(pairs)))
