"""The command line: ``rrm-kg``. Only this module and the commands print."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, NoReturn

    from rrm_kg.errors import RrmError


def main() -> NoReturn:
    """Run the command line and leave with its exit code: 0 fine, 1 findings, 2 usage, 3 input, 4 our own failure."""
    from rrm_kg import manual

    for stream in (sys.stdout, sys.stderr):
        _utf8(stream)
    page = manual.name(sys.argv[1:])
    shown = manual.kept(page) if page else None
    if shown is not None:
        _show(shown)
    _run(page)


def _show(page: str) -> NoReturn:
    try:
        sys.stdout.write(page)
        sys.stdout.flush()
    except BrokenPipeError:
        _stop_writing()
    sys.exit(0)


def _stop_writing() -> None:
    """Nobody reads on: what is still to be written goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _run(page: str | None) -> NoReturn:
    """Run a command; what it shows is kept where it is a page of help."""
    import contextlib
    import io
    import signal

    import click

    # Each adds its own commands.
    from rrm_kg.commands import asking, checking, drafting, looking, publishing, ruling, serving  # noqa: F401
    from rrm_kg.commands.frame import cli, language

    lang = language()
    if lang != "en":
        from rrm_kg.commands.wording import speak

        speak(lang)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the engine does not hear Ctrl-C while it works
    try:
        if page is not None:
            from rrm_kg import manual

            with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.suppress(click.exceptions.Exit):
                cli.main(standalone_mode=False)
            manual.keep(page, said.getvalue())
            _show(said.getvalue())
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
        _stop_writing()
        sys.exit(0)
    except Exception as error:
        from rrm_kg.errors import RrmError

        if isinstance(error, RrmError):
            _fail_all([error, *error.others], lang)
        if os.environ.get("RRM_KG_DEBUG"):
            raise
        _fail("E404", 4, lang, detail=f"{type(error).__name__}: {error}")
    sys.exit(0)


def _fail(code: str, exit_code: int, lang: str, **values: object) -> NoReturn:
    from rrm_kg.errors import RrmError

    _fail_all([RrmError(code, where=None, **values)], lang, exit_code)


def _fail_all(errors: list[RrmError], lang: str, exit_code: int | None = None) -> NoReturn:
    """Say each error once, with all places where it is, and leave."""
    import click

    from rrm_kg.errors import text

    places: dict[tuple[str, str, str], list[str]] = {}
    for error in errors:
        places.setdefault((error.code, error.message(lang), error.hint(lang)), []).append(error.where or "")
    for (code, message, hint), where in places.items():
        click.echo(f"{text('error', lang)} {code}: {where[0]}{': ' if where[0] else ''}{message}", err=True)
        for other in where[1:]:
            click.echo(f"  {other}", err=True)
        click.echo(f"  → {hint}", err=True)
    sys.exit(errors[0].exit_code if exit_code is None else exit_code)


def _utf8(stream: IO[str]) -> None:
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="replace")
