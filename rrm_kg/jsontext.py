"""JSON with the range of each value in the text, read strictly."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]
from typing import Any, Final

from rrm_kg import safety
from rrm_kg.errors import Phrase, RrmError
from rrm_kg.places import Span

_SPACE: Final = re.compile(r"[ \t\r\n]*+")
_SCALAR: Final = re.compile(r"(?P<number>-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][+-]?\d++)?)|true|false|null", re.ASCII)
_LONGEST_NUMBER: Final = 32
_EXACT: Final = 2**53


_NO_KEYS: Final[dict[str, Span]] = {}


@dataclass(slots=True)
class Value:
    """A value: an object as members by key, an array as values, anything else as in Python; and its range.

    ``keys`` are the ranges of the keys of an object. ``text`` is a number as it is written.
    """

    value: Any
    start: int
    end: int
    keys: dict[str, Span]
    text: str = ""

    @property
    def span(self) -> Span:
        return self.start, self.end

    def plain(self) -> Any:
        """The value without ranges."""
        if isinstance(self.value, dict):
            return {key: member.plain() for key, member in self.value.items()}
        if isinstance(self.value, list):
            return [one.plain() for one in self.value]
        return self.value


def read(text: str, name: str) -> Value:
    """The value that a JSON text is.

    Raises RrmError E304 for a syntax error, E342 for one with too many values or nested too deep, E347 for a key that
    stands twice in an object, a number that cannot be kept as it is written, or half of a surrogate pair; each with
    line and column.
    """
    return _Reader(text, name).whole()


class _Reader:
    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self.at = 0
        self.values = 0

    def whole(self) -> Value:
        value = self._value(0)
        self._space()
        if self.at < len(self.text):
            raise self._broken()
        return value

    def _value(self, depth: int) -> Value:
        self._space()
        start = self.at
        self.values += 1
        if self.values > safety.MAX_JSON_VALUES:
            raise RrmError(
                "E342", where=self._where(start), detail=Phrase("limit-values", limit=safety.MAX_JSON_VALUES)
            )
        sign = self.text[start : start + 1]
        if sign in ("{", "[") and depth == safety.MAX_DEPTH:
            raise RrmError("E342", where=self._where(start), detail=Phrase("limit-depth", limit=safety.MAX_DEPTH))
        if sign == "{":
            return self._object(depth)
        if sign == "[":
            return self._array(depth)
        if sign == '"':
            return Value(self._string(), start, self.at, _NO_KEYS)
        found = _SCALAR.match(self.text, start)
        if not found:
            raise self._broken()
        self.at = found.end()
        if found["number"]:
            return Value(self._number(found[0], start), start, self.at, _NO_KEYS, found[0])
        return Value({"true": True, "false": False, "null": None}[found[0]], start, self.at, _NO_KEYS)

    def _object(self, depth: int) -> Value:
        keys: dict[str, Span] = {}
        made = Value({}, self.at, 0, keys)
        self.at += 1
        self._space()
        while not (not made.value and self._take("}")):
            self._space()
            start = self.at
            if self.text[start : start + 1] != '"':
                raise self._broken()
            key = self._string()
            if key in made.value:
                raise RrmError("E347", where=self._where(start), detail=Phrase("json-twice", name=key[:80]))
            keys[key] = start, self.at
            self._space()
            if not self._take(":"):
                raise self._broken()
            made.value[key] = self._value(depth + 1)
            self._space()
            if self._take("}"):
                break
            if not self._take(","):
                raise self._broken()
        made.end = self.at
        return made

    def _array(self, depth: int) -> Value:
        made = Value([], self.at, 0, _NO_KEYS)
        self.at += 1
        self._space()
        while not (not made.value and self._take("]")):
            made.value.append(self._value(depth + 1))
            self._space()
            if self._take("]"):
                break
            if not self._take(","):
                raise self._broken()
        made.end = self.at
        return made

    def _string(self) -> str:
        start = self.at
        try:
            string, self.at = scanstring(self.text, start + 1, True)
        except JSONDecodeError as error:
            self.at = error.pos
            raise self._broken() from None
        if "\\u" in self.text[start : self.at] and any("\ud800" <= sign <= "\udfff" for sign in string):
            raise RrmError("E347", where=self._where(start), detail=Phrase("json-surrogate"))
        return str(string)

    def _number(self, written: str, start: int) -> int | float:
        value = json.loads(written) if len(written) <= _LONGEST_NUMBER else math.inf
        whole = isinstance(value, int) or (math.isfinite(value) and value.is_integer())
        if not math.isfinite(value) or (whole and abs(value) >= _EXACT):
            raise RrmError("E347", where=self._where(start), detail=Phrase("json-number", number=written[:40]))
        return value

    def _space(self) -> None:
        found = _SPACE.match(self.text, self.at)
        assert found
        self.at = found.end()

    def _take(self, sign: str) -> bool:
        here = self.text.startswith(sign, self.at)
        self.at += here
        return here

    def _broken(self) -> RrmError:
        what = self.text[self.at : self.at + 1]
        detail = Phrase("syntax-unexpected", found=what) if what else Phrase("syntax-end")
        return RrmError("E304", where=self._where(self.at), format="JSON", detail=detail)

    def _where(self, offset: int) -> str:
        return f"{self.name}, {safety.place(self.text, offset)}"
