"""The command that answers over HTTP."""

from __future__ import annotations

from pathlib import Path

import click

from rrm_kg.commands.frame import Localized, cli, common


@cli.command(cls=Localized)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option("--processes", type=click.IntRange(1, 64), default=None)
@common
def serve(
    folder: Path,
    host: str,
    port: int,
    processes: int | None,
    lang: str,
    root: Path | None,
    no_cache: bool,
) -> None:
    from rrm_kg.errors import text
    from rrm_kg.serve import run

    def say(address: str) -> None:
        click.echo(text("serving", lang, address=address), err=True)

    run.serve(folder, root, host, port, processes, say)
