"""The command line: ``rrm-kg``. Only this module and the commands print."""

from __future__ import annotations

import os
import signal
import sys
from typing import IO, NoReturn

import click

from rrm_kg.commands import asking, checking, drafting, looking, publishing, ruling, serving  # noqa: F401 (each adds commands)
from rrm_kg.commands.frame import cli, language


def main() -> NoReturn:
    """Run the command line and leave with its exit code: 0 fine, 1 findings, 2 usage, 3 input, 4 our own failure."""
    lang = language()
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
