"""What the pages say around the facts, in English and Spanish, from the Turtle files in ``words/``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from rrm_kg.terms import SKOS

_FOLDER: Final = Path(__file__).with_name("words")


def say(key: str, lang: str, **values: object) -> str:
    """The words behind a key in a language, with their blanks filled. Raises KeyError for a key that nothing has."""
    text = _words()[key, lang]
    return text.format(**values) if "{" in text or "}" in text else text


@cache
def patterns(lang: str) -> dict[str, str]:
    """All keys with their words in a language, for those who ask which there are."""
    return {key: text for (key, known), text in _words().items() if known == lang}


@cache
def _words() -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for path in sorted(_FOLDER.glob("*.ttl")):
        for triple in ox.parse(path=path, format=ox.RdfFormat.TURTLE):
            if isinstance(triple.subject, ox.NamedNode) and isinstance(triple.object, ox.Literal):
                if triple.predicate.value != SKOS + "prefLabel" or triple.object.language is None:
                    raise ValueError(f"{path.name}: {triple.subject.value} is not a prefLabel in a language")
                key = triple.subject.value.rsplit("/", 1)[-1], triple.object.language
                if key in found:
                    raise ValueError(f"{path.name}: {key[0]} is there twice")
                found[key] = triple.object.value
    return found
