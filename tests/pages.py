"""What the HTML pages below a folder promise: their links and anchors, and what they would run or fetch."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from lxml import etree

_FETCHED: Final = frozenset({"stylesheet", "icon", "preload", "modulepreload", "manifest", "prefetch"})
_DATA: Final = frozenset({"application/json", "application/ld+json"})
_PARSER: Final = etree.HTMLParser(encoding="utf-8")
_lang, _ids, _links, _fetches, _rels, _scripts, _inline = (
    etree.XPath(path, smart_strings=False)
    for path in (
        "string(/html/@lang)",
        "//@id",
        "//@href | //@*[name() = 'xlink:href'] | //@src | //@action | //@formaction | //@poster | //object/@data",
        "//@src | //@action | //@formaction | //@poster | //object/@data",
        "//link[@href]",
        "//script[not(@src)]",
        "//style | //@style | //@*[starts-with(name(), 'on')]",
    )
)


@dataclass(frozen=True)
class Page:
    """A page by its path: its language, its anchors, where its links lead, and what it does that it must not."""

    path: str
    lang: str
    anchors: frozenset[str]
    links: tuple[str, ...]
    faults: tuple[str, ...]


def read(folder: Path) -> dict[str, Page]:
    """The pages below a folder by their paths."""
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.html"))
    return {path: _page(path, (folder / path).read_bytes()) for path in paths}


def _page(path: str, data: bytes) -> Page:
    tree = etree.HTML(data, _PARSER)
    ids = _ids(tree)
    return Page(path, _lang(tree), frozenset(ids), tuple(_links(tree)), tuple(_faults(tree, ids)))


def _faults(tree: etree._Element, ids: list[str]) -> Iterator[str]:
    for name, times in Counter(ids).items():
        if times > 1:
            yield f"id {name} is there {times} times"
    for one in _inline(tree):
        yield f"inline: {one if isinstance(one, str) else etree.tostring(one)[:80]!r}"
    for script in _scripts(tree):
        if script.get("type") not in _DATA:
            yield f"inline script: {(script.text or '').strip()[:60]}"
    loaded = (link.get("href") for link in _rels(tree) if _FETCHED & set(link.get("rel", "").split()))
    for url in (*_fetches(tree), *loaded):
        if urlsplit(url).scheme or url.startswith("//"):
            yield f"from elsewhere: {url}"


def broken(pages: Mapping[str, Page], folder: Path, promised: Callable[[str], bool] = lambda path: False) -> list[str]:
    """The internal links that lead to no file or no anchor, as ``page → link``.

    A file that is not there but promised by ``promised`` counts as there, with any anchor.
    """
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    found = []
    for page in pages.values():
        for link in dict.fromkeys(page.links):
            url = urlsplit(link)
            if url.scheme or url.netloc:
                continue
            target = _target(page.path, unquote(url.path))
            if target not in files:
                if not promised(target):
                    found.append(f"{page.path} → {link}")
            elif url.fragment and target in pages and unquote(url.fragment) not in pages[target].anchors:
                found.append(f"{page.path} → {link} (no such anchor)")
    return found


def _target(here: str, path: str) -> str:
    if not path:
        return here
    target = posixpath.normpath(posixpath.join(posixpath.dirname(here), path))
    return posixpath.join(target, "index.html").removeprefix("./") if path.endswith("/") or target == "." else target


def kinds(pages: Mapping[str, Page], folder: Path, most: float = inf) -> dict[str, str]:
    """The largest page of each kind and language, which shows the most, by the pattern of the paths.

    ``most`` is how many bytes it may have; a kind of which every page has more is left out.
    """
    found: dict[str, tuple[int, str]] = {}
    for path in pages:
        kind = re.sub(r"^(id/[^/]+|[^/]+)/.*?(\.es)?\.html$", r"\1/*\2", path)
        size = (folder / path).stat().st_size
        if size <= most:
            found[kind] = max(found.get(kind, (-1, "")), (size, path))
    return {kind: path for kind, (_, path) in found.items()}
