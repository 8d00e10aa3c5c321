"""The query page: SPARQL in the browser over the dump of the release, with the questions of the catalogue as examples.

The engine is Oxigraph as WebAssembly, from the npm packages; a release that was built without them says how to ask
with the package instead.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from rrm_kg import questions
from rrm_kg.publish import assets
from rrm_kg.publish.pages import page
from rrm_kg.publish.site import SUFFIX, File, Site
from rrm_kg.publish.words import say
from rrm_kg.terms import BASE, CODE, ID, PREFIXES

DUMP: Final = "dumps/kg.nq.gz"
CATALOGUE: Final = "query/catalogue.json"
_LICENSE: Final = Path(__file__).parent / "client" / "licenses" / "oxigraph.txt"
_SCALARS: Final = frozenset({"date", "integer", "string"})
_SAID: Final = (
    "any",
    "engine",
    "data",
    "load",
    "run",
    "stopped",
    "late",
    "rows",
    "some",
    "one",
    "none",
    "triples",
    "yes",
    "no",
    "asked",
    "first",
    "syntax",
    "engine-says",
    "form",
    "failed",
    "unloaded",
    "no-worker",
    "no-catalogue",
)
_BLANKS: Final = {
    name: f"{{{name}}}" for name in ("count", "shown", "seconds", "line", "column", "near", "detail", "first")
}


def files(site: Site) -> Iterator[File]:
    """The query page in both languages, the questions that it offers, and the engine where it is installed."""
    asked = questions.catalogue(site.graph.sources.root)
    engine = tuple(_engine())
    for lang in ("es", "en"):
        yield page(
            site,
            "query.html.jinja",
            "query",
            lang,
            say("query-title", lang),
            say("query-about", lang),
            engine=bool(engine),
            catalogue=CATALOGUE,
            dump=DUMP,
            base=BASE,
            # One line, so that the lines of an error are those of the text.
            prefixes=" ".join(f"PREFIX {prefix}: <{iri}>" for prefix, iri in PREFIXES.items()) + " ",
            questions=asked,
            script_words={key: say(f"query-say-{key}", lang, **_BLANKS) for key in _SAID},
        )
    yield File(CATALOGUE, _catalogue(site, asked))
    yield from engine


def _engine() -> Iterator[File]:
    found = assets.folder()
    package = None if found is None else found / "oxigraph"
    if package is not None and package.is_dir():
        yield File("static/engine/LICENSE.txt", _LICENSE.read_bytes())
        for name in ("web.js", "web_bg.wasm"):
            yield File(f"static/engine/{name}", (package / name).read_bytes())


def _catalogue(site: Site, asked: tuple[questions.Question, ...]) -> bytes:
    """The questions with their queries, and the things that can be named in them, as JSON."""
    kinds = sorted({p.type for one in asked for p in one.parameters} - _SCALARS)
    tree: dict[str, Any] = {
        "questions": [
            {
                "id": one.id,
                "question": one.question,
                "query": _bare(one.query),
                "parameters": [
                    {"name": p.name, "type": p.type, "label": p.label, "default": p.default} for p in one.parameters
                ],
                "columns": {column.name: column.label for column in one.columns},
            }
            for one in asked
        ],
        "things": {kind: _things(site, kind) for kind in kinds},
    }
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _bare(query: str) -> str:
    """A query without its header, which the page shows as a form."""
    return "".join(line for line in query.splitlines(keepends=True) if not line.startswith("#+"))


def _things(site: Site, kind: str) -> list[dict[str, str]]:
    prefixes = tuple(f"{space}{one}/" for one in kind.split("|") for space in (ID, CODE))
    return [
        {"iri": iri, **{lang: site.name(iri, lang) for lang in SUFFIX}}
        for iri in site.things
        if iri.startswith(prefixes)
    ]
