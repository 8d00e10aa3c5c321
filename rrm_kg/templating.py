"""Templates as this package fills them: escaped, no name left open, no line that only a command made."""

from __future__ import annotations

from pathlib import Path

import jinja2


def environment(folder: Path, *, autoescape: bool = True) -> jinja2.Environment:
    """The templates of a folder; without ``autoescape`` for texts that are no HTML."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=autoescape,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
