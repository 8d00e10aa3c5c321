"""The reader's language."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # the module that has it takes longer to load than to show a page of help
if TYPE_CHECKING:
    from collections.abc import Sequence


def language(arguments: Sequence[str] | None = None) -> str:
    """The language of texts: --lang, else RRM_KG_LANG, else that of the system, else English."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for index, word in enumerate(words):
        if word == "--lang" and index + 1 < len(words):
            return words[index + 1] if words[index + 1] in ("en", "es") else "en"
        if word.startswith("--lang="):
            return word[7:] if word[7:] in ("en", "es") else "en"
    system = os.environ.get("RRM_KG_LANG") or next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "en"
    )
    return "es" if system.lower().startswith("es") else "en"
