"""Answers that were given, for who asks the same of the same release."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Final

_MOST: Final = 64_000_000  # bytes
_LARGEST: Final = 1_000_000  # bytes of an answer that is kept
_BESIDE: Final = 2_000  # bytes that an answer takes beside its body: its tag, head and place


@dataclass
class Kept:
    """Answers that were given, the longest unused of which go first: status line parts and bodies by their tag.

    ``size`` is what they take in bytes, with what comes beside the bodies: short answers would else be without number.
    """

    size: int = 0
    hits: int = 0
    most: int = _MOST
    _answers: OrderedDict[str, tuple[dict[str, Any], bytes]] = field(default_factory=OrderedDict)

    def get(self, tag: str) -> tuple[dict[str, Any], bytes] | None:
        """The answer behind a tag."""
        found = self._answers.get(tag)
        if found is not None:
            self.hits += 1
            self._answers.move_to_end(tag)
        return found

    def put(self, tag: str, answer: tuple[dict[str, Any], bytes]) -> None:
        """Keep an answer."""
        if tag in self._answers or len(answer[1]) > _LARGEST:
            return
        self._answers[tag] = answer
        self.size += _size(answer)
        while self.size > self.most:
            self.size -= _size(self._answers.popitem(last=False)[1])


def _size(answer: tuple[dict[str, Any], bytes]) -> int:
    head, body = answer
    return len(body) + sum(len(str(value)) for value in head.values()) + _BESIDE
