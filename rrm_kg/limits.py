"""What the terms of a file may be, beyond what the standards say: their length, their characters, their scheme."""

from __future__ import annotations

import re
from typing import Any, Final

import pyoxigraph as ox

from rrm_kg import safety
from rrm_kg.errors import Phrase, RrmError

_MAX_SHOWN: Final = 80


def short(text: str) -> str:
    """A text as it is shown in an error: the first 80 characters."""
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"


_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_IN_LITERAL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_IN_IRI: Final = re.compile(
    r"[\x00-\x20\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_CONTROLS: Final = bytes([*range(9), 11, 12, *range(14, 32), 127])
_ESCAPES: Final = (b"\\u", b"\\U", b"\\b", b"\\f")
_UNUSUAL: Final = tuple(  # one by one: a search for what begins with a given byte is much quicker than one for all
    re.compile(pattern)
    for pattern in (
        rb"<(?!https?:|mailto:|urn:)",
        rb"--(?:ltr|rtl)",
        rb"\xc2[\x80-\x9f\xad]",  # the UTF-8 of what _IN_IRI finds
        rb"\xd8\x9c",
        rb"\xe1\xa0\x8e",
        rb"\xe2(?:\x80[\x8b-\x8f\xa8-\xae]|\x81[\xa0-\xaf])",
        rb"\xef(?:\xbb\xbf|\xbf[\xb9-\xbb])",
        rb"\xf3\xa0[\x80\x81]",
    )
)


def suspicious(data: bytes) -> bool:
    """Whether each term of a Turtle document needs to be looked at: nothing in its bytes shows that it need not."""
    long = safety.MAX_IRI_LENGTH // 4  # an IRI over the limit has a prefix or a local part that fills such a window
    return (
        len(data) > safety.MAX_LITERAL_BYTES
        or len(data.translate(None, _CONTROLS)) != len(data)
        or any(escape in data for escape in _ESCAPES)
        or any(unusual.search(data) for unusual in _UNUSUAL)
        or any(len(data[start : start + long].split(None, 1)) < 2 for start in range(0, len(data) - long, long))
    )


def check(quad: ox.Quad, name: str, seen: set[str]) -> None:
    """Refuse a named graph (E346) and terms as _check_term does; ``seen`` are the IRIs that were looked at before."""
    if not isinstance(quad.graph_name, ox.DefaultGraph):
        named = isinstance(quad.graph_name, ox.NamedNode)
        raise RrmError("E346", where=name, detail=short(quad.graph_name.value) if named else "@graph")
    for term in (quad.subject, quad.predicate, quad.object):
        _check_term(term, name, seen)


def _check_term(term: Any, name: str, seen: set[str]) -> None:
    """Refuse a term that goes past a limit: E342 for its length, E343 for a character, E344 for a scheme."""
    if isinstance(term, ox.Literal):
        value = term.value
        if len(value) * 4 > safety.MAX_LITERAL_BYTES and len(value.encode()) > safety.MAX_LITERAL_BYTES:
            limit = safety.MAX_LITERAL_BYTES // 1024
            raise RrmError("E342", where=name, detail=Phrase("limit-literal", limit=limit, text=value[:40]))
        control = _IN_LITERAL.search(value)
        if control:
            raise RrmError("E343", where=name, detail=f"U+{ord(control[0]):04X}", text=short(_seen(value)))
        if term.direction is not None:
            raise RrmError("E349", where=name, detail=f"@{term.language}--{term.direction}")
        _check_term(term.datatype, name, seen)
    elif isinstance(term, ox.NamedNode) and term.value not in seen:
        iri = term.value
        seen.add(iri)
        if len(iri) > safety.MAX_IRI_LENGTH:
            limit = safety.MAX_IRI_LENGTH
            raise RrmError("E342", where=name, detail=Phrase("limit-iri", limit=limit, text=iri[:40]))
        control = _IN_IRI.search(iri)
        if control:
            raise RrmError("E343", where=name, detail=f"U+{ord(control[0]):04X}", text=short(_seen(iri)))
        scheme = _SCHEME.match(iri)
        if scheme is None or scheme[1].lower() not in safety.SCHEMES:
            raise RrmError("E344", where=name, detail=short(iri))


def _seen(text: str) -> str:
    """A text with the characters that are not seen as their code points."""
    return _IN_IRI.sub(lambda found: found[0] if found[0] == " " else f"<U+{ord(found[0]):04X}>", text)
