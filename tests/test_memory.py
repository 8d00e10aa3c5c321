"""Where work of many small things puts them, and that the collector is left as it was."""

from __future__ import annotations

import gc
import threading
from contextvars import ContextVar

import pytest

from rrm_kg.errors import RrmError
from rrm_kg.memory import nearby, uncollected


def test_the_collector_rests_while_it_would_be_in_vain_and_works_again_after_an_error() -> None:
    assert gc.isenabled()
    seen = []

    @uncollected()
    def refused() -> None:
        with uncollected():
            seen.append(gc.isenabled())
        seen.append(gc.isenabled())
        raise RrmError("E309", detail="x")

    with pytest.raises(RrmError):
        refused()
    assert seen == [False, False]
    assert gc.isenabled()


def test_who_works_without_the_collector_is_left_without_it() -> None:
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_work_of_a_thread_sees_the_words_in_use_and_its_errors_are_raised() -> None:
    language = ContextVar("language", default="en")
    language.set("es")
    assert nearby(language.get) == "es"
    assert nearby(threading.current_thread) is not threading.current_thread()

    def refused() -> None:
        raise RrmError("E309", detail="x")

    with pytest.raises(RrmError, match="x"):
        nearby(refused)
