"""Commands that check: the whole graph, files in its context, and what may be one thing under two names."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
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
    from rrm_kg.errors import RrmError
    from rrm_kg.findings import Finding, Report
    from rrm_kg.graph import Sources
    from rrm_kg.intake import Outcome


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
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--fail-on", type=click.Choice(["violation", "warning", "info"]), default="violation")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default=None)
@click.option("--report", "requests", multiple=True, metavar="FORMAT[=FILE]")
@click.option("--baseline", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--limit", type=click.IntRange(0), default=1000, metavar="NUMBER")
@click.option("--quiet", is_flag=True)
@click.option("--each", is_flag=True)
@click.option("--jobs", type=click.IntRange(1, 64), default=1, metavar="NUMBER")
@click.option("--engine", type=click.Choice(["compiled", "reference"]), default="compiled")
@click.option("--compare", is_flag=True)
@click.option("--endpoint", metavar="URL")
@TIMEOUT
@common
def check(
    paths: tuple[Path, ...],
    fail_on: str,
    form: str | None,
    requests: tuple[str, ...],
    baseline: Path | None,
    limit: int,
    quiet: bool,
    each: bool,
    jobs: int,
    engine: str,
    compare: bool,
    endpoint: str | None,
    timeout: int,
    lang: str,
    root: Path | None,
    no_cache: bool,
) -> None:
    from rrm_kg import baseline as baselines
    from rrm_kg import graph as graphs
    from rrm_kg import intake, reports
    from rrm_kg.errors import RrmError, text
    from rrm_kg.findings import Severity
    from rrm_kg.vocabulary import within

    click.get_current_context().with_resource(within(root))
    wanted = [reports.parse_request(request) for request in requests]
    if sum(place is None for _, place in wanted) > 1:
        raise RrmError("E228")
    if endpoint and (paths or compare or engine != "compiled"):
        raise RrmError("E200", detail=text("endpoint-alone", lang))
    earlier = baselines.read(baseline) if baseline else None
    files = intake.files(paths)
    if compare:
        _compare_engines(files, lang, root)
        return
    done = _Done()
    sources = graphs.read_sources(root)
    if endpoint:
        done.take(_remote_report(endpoint, timeout, root))
    elif not files:
        done.take(_whole_report(sources, lang, root, no_cache, engine))
    elif engine == "reference":
        done.take(_reference_report(files, root))
    else:
        if not no_cache:
            _keep_whole(sources, lang, root)  # what a verdict in its context rests on
        outcomes = intake.check(
            files, root, together=not each, jobs=jobs, use_cache=not no_cache, meanwhile=_load_what_shows
        )
        for outcome in outcomes:
            done.add(outcome, raising=len(files) == 1 and not wanted)
    shown = done.report
    if earlier is not None:
        parts = baselines.split(shown, earlier)
        shown = parts.new
        click.echo(text("against-baseline", lang, known=len(parts.known.findings), gone=len(parts.gone)), err=True)
    _show(shown, files, wanted, _Form(form, quiet, limit, use_cache=not no_cache), lang, sources)
    if len(files) > 1:
        _lines(shown, [_path(path, root) for path in files], quiet, lang)
    if files and not done.read and not any(finding.component == intake.REFUSAL for finding in shown.findings):
        click.echo(text("nothing-said", lang), err=True)
    if files and not wanted and chosen(form) != "json":
        if done.left:
            click.echo(text("left-out", lang, left=done.left))
        click.echo(text("in-context", lang, gone=done.gone))
    if files and shown.conforms and not done.conforms and earlier is None:
        click.echo(text("graph-fails", lang), err=True)
        sys.exit(1)
    if any(finding.component == intake.REFUSAL for finding in shown.findings):
        sys.exit(3)
    if shown.at_least(Severity.named(fail_on)):
        sys.exit(1)


def _load_what_shows() -> None:
    from rrm_kg import reports, rulebook  # noqa: F401 (needed when the outcome is there)


@dataclass
class _Done:
    """What came out so far."""

    findings: list[Finding] = field(default_factory=list)
    validated: dict[str, str] = field(default_factory=dict)
    conforms: bool = True
    gone: int = 0
    read: int = 0
    left: int = 0

    @property
    def report(self) -> Report:
        from rrm_kg.findings import Report

        return Report(tuple(self.findings), self.validated)

    def take(self, report: Report) -> None:
        self.findings += report.findings
        self.validated = report.validated
        self.conforms = self.conforms and report.conforms

    def add(self, outcome: Outcome | RrmError, raising: bool) -> None:
        from rrm_kg import intake

        if not isinstance(outcome, intake.Outcome):
            if raising:
                raise outcome
            self.findings += intake.refusals(outcome, intake.file_of(outcome))
            return
        self.take(outcome.report)
        self.conforms = self.conforms and outcome.conforms
        self.gone += outcome.gone
        self.read += outcome.read
        self.left += outcome.left


@dataclass(frozen=True)
class _Form:
    """How findings are shown on the screen."""

    form: str | None
    quiet: bool
    limit: int
    use_cache: bool


def _show(
    shown: Report,
    files: tuple[Path, ...],
    wanted: list[tuple[str, Path | None]],
    how: _Form,
    lang: str,
    sources: Sources,
) -> None:
    from rrm_kg import graph as graphs
    from rrm_kg import intake, pipeline, reports, rulebook
    from rrm_kg.errors import text

    if not wanted:
        if how.quiet and how.form != "json":
            from rrm_kg import render

            render.verdict(console(), shown, lang)
        else:
            wanted = [("json" if chosen(how.form) == "json" else "text", None)]
    kept = pipeline.kept(sources) if how.use_cache and wanted else None
    known = rulebook.described(sources, kept) | intake.rules(shown.findings)
    checked = [graphs.read_file(path, sources.root) for path in files if path.is_file()]
    for form, place in wanted:
        written = reports.render(form, shown, lang, limit=how.limit, shapes=known, checked=checked)
        if place is None:
            click.echo(written, nl=False)
        else:
            _write(place, written)
            click.echo(text("report-written", lang, file=place), err=True)
    if wanted and all(place is not None for _, place in wanted):
        from rrm_kg import render

        render.verdict(console(), shown, lang)


def _path(path: Path, root: Path | None) -> str:
    """The name that findings give a file."""
    from rrm_kg import graph as graphs

    return graphs.path_of(path, graphs.default_root() if root is None else root)


def _write(place: Path, written: str) -> None:
    from rrm_kg.errors import RrmError, reason

    try:
        place.write_text(written, encoding="utf-8", newline="")
    except OSError as error:
        raise RrmError("E318", where=str(place), detail=reason(error)) from None


def _lines(shown: Report, files: list[str], quiet: bool, lang: str) -> None:
    """A line for each file, then the names of those that fail; on standard error, beside any report."""
    from rrm_kg import intake
    from rrm_kg.errors import text
    from rrm_kg.findings import Severity

    failing = []
    for file in files:
        found = [one for one in shown.findings if one.where is not None and one.where.file == file]
        counts = {severity: sum(one.severity is severity for one in found) for severity in Severity}
        refused = next((one for one in found if one.component == intake.REFUSAL), None)
        fails = refused is not None or counts[Severity.VIOLATION] > 0
        if fails:
            failing.append(file)
        if refused is not None:
            said = f"{refused.rule} {refused.message[lang]}"
        elif found:
            said = ", ".join(f"{n} {text(severity.label, lang)}" for severity, n in reversed(counts.items()) if n)
        else:
            said = text("file-fine", lang)
        if fails or not quiet:
            click.echo(f"{file}: {said}", err=True)
    if failing:
        click.echo(text("files-failing", lang, count=len(failing), files=len(files)), err=True)
        for file in failing:
            click.echo(f"  {file}", err=True)


def _remote_report(endpoint: str, timeout: int, root: Path | None) -> Report:
    from rrm_kg import remote

    with progress() as said:
        return remote.check(
            remote.endpoint(endpoint, timeout=timeout),
            root=root,
            progress=lambda rule, done, total: said(f"{rule} {done}/{total}"),
        )


def _keep_whole(sources: Sources, lang: str, root: Path | None) -> None:
    from rrm_kg.pipeline import kept

    if kept(sources) is None:
        opened(lang, root, no_cache=False)


def _whole_report(sources: Sources, lang: str, root: Path | None, no_cache: bool, engine: str) -> Report:
    from rrm_kg.pipeline import kept_verdict

    report = None if no_cache else kept_verdict(sources, engine=engine)
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
