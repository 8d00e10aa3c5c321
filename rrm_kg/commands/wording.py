"""The words of the command-line library itself ("Usage", "Missing argument"), in the reader's language."""

from __future__ import annotations

from functools import cache

import click.core
import click.decorators
import click.exceptions
import click.formatting
import click.parser
import click.types

MODULES = (click.core, click.decorators, click.exceptions, click.formatting, click.parser, click.types)


def speak(lang: str) -> None:
    """Let the library say in a language what it would say in English; what has no entry stays as it is."""

    def one(words: str) -> str:
        return _words(lang).get(words, words)

    def several(single: str, many: str, count: int) -> str:
        return one(single if count == 1 else many)

    for module in MODULES:
        for name, said in (("_", one), ("ngettext", several)):
            if hasattr(module, name):
                setattr(module, name, said)


@cache
def _words(lang: str) -> dict[str, str]:
    from rrm_kg.errors import translations

    return translations("click-", lang)
