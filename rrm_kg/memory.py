"""When memory is looked through for what nobody uses any more."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Work that makes many things and hardly a cycle: looking for cycles would take up to half of its time.

    What is freed by its count of references is freed as ever. Whoever found the collector at work starts it again.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
