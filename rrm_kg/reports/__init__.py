"""A report in the forms that its readers use: people, other programs, editors, and platforms that run checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

from rrm_kg.errors import RrmError
from rrm_kg.findings import Report
from rrm_kg.graph import Source
from rrm_kg.reports.content import Content
from rrm_kg.shapes import Shape

_MODULES: Final = {
    "text": "plain",
    "json": "tree",
    "turtle": "turtle",
    "jsonld": "jsonld",
    "html": "html",
    "sarif": "sarif",
    "junit": "junit",
    "markdown": "markdown",
    "csv": "table",
    "github": "github",
}
FORMATS: Final = tuple(_MODULES)


def render(
    form: str,
    report: Report,
    lang: str = "en",
    *,
    limit: int | None = None,
    shapes: Mapping[str, Shape] | None = None,
    checked: Iterable[Source] = (),
) -> str:
    """A report in one of FORMATS, with its last line ended; the same report gives the same text.

    ``lang`` is the reader's language. ``limit`` is how many findings text, html, markdown and github show, which say
    how many there are; the other formats are read by programs and hold them all. ``shapes`` tells what the rules want
    (rulebook.described), ``checked`` are the files that were checked, whose hashes are named and in which the datatype
    of a value is looked up. Raises RrmError E222 for another format.
    """
    content = Content(report, lang, limit, shapes or {}, tuple(checked))
    written: str = import_module(f"{__name__}.{_MODULES[_known(form)]}").render(content)
    return written


def parse_request(request: str) -> tuple[str, Path | None]:
    """The format and the file of a request such as ``sarif=out.sarif``; no file is standard output.

    Raises RrmError E222 for another format and for an equals sign without a file.

    >>> parse_request("text")
    ('text', None)
    """
    form, equals, file = request.partition("=")
    if equals and not file:
        raise RrmError("E222", given=request, fitting=", ".join(FORMATS))
    return _known(form), Path(file) if file else None


def _known(form: str) -> str:
    if form not in _MODULES:
        raise RrmError("E222", given=form, fitting=", ".join(FORMATS))
    return form
