"""Commands that publish: releases, whether they are whole, and what sets two of them apart."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from rrm_kg.commands.frame import Localized, cli, common, console, language, print_json, progress

_STATES = {
    "none": "signature-none",
    "good": "signature-good",
    "unknown": "signature-unknown",
    "bad": "signature-bad",
}
_LANG = click.option("--lang", type=click.Choice(["en", "es"]), default=language)


@cli.command(cls=Localized)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--base", metavar="URL", default=None)
@click.option("--contact", metavar="ADDRESS", default=None)
@click.option("--sign", metavar="KEYFILE", type=click.Path(path_type=Path), default=None)
@common
def publish(
    folder: Path,
    base: str | None,
    contact: str | None,
    sign: Path | None,
    lang: str,
    root: Path | None,
    no_cache: bool,
) -> None:
    from rrm_kg.errors import text
    from rrm_kg.pipeline import open_graph
    from rrm_kg.releases import release
    from rrm_kg.terms import BASE

    graph = open_graph(root, use_cache=not no_cache, progress=lambda stage: click.echo(text(stage, lang), err=True))
    with progress() as show:
        done = release.publish(
            graph,
            folder,
            base=base or BASE,
            contact=contact,
            key=sign,
            say=lambda count: show(text("publish-writing", lang, count=f"{count:,}")),
        )
    key = "publish-new" if done.new else "publish-moved" if done.moved else "publish-same"
    size = f"{done.bytes / 1_000_000:,.1f}"
    click.echo(text(key, lang, name=done.name, folder=folder, files=f"{done.files:,}", size=size))


@cli.command(cls=Localized)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--signers", metavar="FILE", type=click.Path(path_type=Path), default=None)
@_LANG
def verify(folder: Path, signers: Path | None, lang: str) -> None:
    from rrm_kg.errors import text
    from rrm_kg.releases import verify as verifying
    from rrm_kg.reports.content import visible

    found = verifying.verify(folder, signers)
    for flaw in found.flaws:
        words = text(flaw.kind, lang, path=flaw.path, detail=flaw.detail)
        click.echo(visible(f"{text('verify-flaw', lang)}: {words}"))
    if found.dataset:
        click.echo(text("verify-dataset", lang, hash=found.dataset))
    state = found.signature
    click.echo(visible(text(_STATES[state.state.value], lang, fingerprint=state.key, signer=state.signer)))
    verdict = "verify-fails" if found.flaws else "verify-holds"
    click.echo(visible(text(verdict, lang, name=found.name, files=f"{found.files:,}", flaws=f"{len(found.flaws):,}")))
    if found.flaws:
        sys.exit(1)


@cli.command(cls=Localized)
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "markdown", "json", "html"]), default="text")
@click.option("--derived", is_flag=True)
@_LANG
def diff(old: Path, new: Path, form: str, derived: bool, lang: str) -> None:
    from rrm_kg.releases import changes, difference

    found = difference.between(old, new, made=derived)
    if form == "text":
        changes.show(console(), found, lang)
    elif form == "json":
        print_json(found.as_dict(lang))
    else:
        click.echo({"markdown": changes.markdown, "html": changes.html}[form](found, lang), nl=False)
