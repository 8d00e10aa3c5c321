"""html: one page in both languages, to be opened, mailed or printed; no script, nothing fetched."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import jinja2

from rrm_kg import errors, templating
from rrm_kg.findings import Severity
from rrm_kg.reports.content import Content, local, visible


def render(content: Content) -> str:
    """The report as a page, which shows the reader's language first."""
    parts = [replace(content, lang=lang) for lang in errors.LANGUAGES]
    return _template().render(lang=content.lang, parts=parts, say=errors.text, severities=[*reversed(Severity)])


@cache
def _template() -> jinja2.Template:
    environment = templating.environment(Path(__file__).parent)
    environment.filters |= {"visible": visible, "local": local}
    return environment.get_template("page.html.jinja")
