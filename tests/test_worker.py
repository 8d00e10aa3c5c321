"""Whatever happens while a file is worked on, the next ones are worked on too, and one error says what happened."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rrm_kg import worker
from rrm_kg.errors import RrmError
from rrm_kg.graph import Source

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="limits and signals are those of Unix")


def double(number: int) -> int:
    return 2 * number


def slow_if_even(number: int) -> int:
    if number % 2 == 0:
        time.sleep(0.2)
    return number


def loop(_: object) -> None:
    while True:
        pass


def sleep(_: object) -> None:
    time.sleep(600)


def runaway_pattern(_: object) -> bool:
    return bool(re.search(r"^(a+)+$", "a" * 60 + "b"))


def hog(_: object) -> int:
    return len(bytearray(3_000_000_000))


def hog_in_the_engine(_: object) -> int:
    import pyoxigraph as ox

    store = ox.Store()
    while True:
        store.update("INSERT { ?s ?p ?o } WHERE { ?s ?p ?o }")
        store.extend(ox.Quad(ox.BlankNode(), ox.NamedNode("urn:p"), ox.Literal("x" * 500)) for _ in range(50_000))


def leave(_: object) -> None:
    os._exit(3)


def leave_politely(_: object) -> None:
    sys.exit(0)


def segfault(_: object) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def recurse(depth: int) -> int:
    return recurse(depth + 1) + 1


def bug(_: object) -> None:
    raise ZeroDivisionError("oops")


def refuse(source: Source) -> None:
    raise RrmError("E303", where=source.path, detail="PDF")


def unpicklable(_: object) -> object:
    return lambda: None


def connect(_: object) -> str:
    try:
        socket.create_connection(("127.0.0.1", 9), timeout=1)
    except PermissionError as error:
        return str(error)
    return "connected"


def connect_from_a_program(port: int) -> int:
    """The exit code of a program, outside of Python's trap, that connects to a port: 0 when it can."""
    code = f"import socket; socket.create_connection(('127.0.0.1', {port}), timeout=2)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True).returncode


def write_much(path: str) -> str:
    try:
        Path(path).write_bytes(bytes(worker._FILE_BYTES + 1))
    except OSError as error:
        return type(error).__name__
    return "written"


def chatter(_: object) -> None:
    sys.stdout.write("noise")
    os.write(2, b"noise")


def only(function: Callable[..., object], item: object = None, **limits: float) -> object:
    """What comes of one item."""
    (answer,) = worker.each(function, [item], **limits)  # type: ignore[arg-type]
    return answer


def error(function: Callable[..., object], item: object = None, **limits: float) -> RrmError:
    """The error that comes of one item."""
    answer = only(function, item, **limits)
    assert isinstance(answer, RrmError), answer
    return answer


def test_answers_come_in_the_order_of_the_items() -> None:
    assert list(worker.each(slow_if_even, range(9), jobs=3)) == list(range(9))


def test_items_are_taken_as_they_are_needed() -> None:
    taken = []

    def items() -> object:
        for number in range(1000):
            taken.append(number)
            yield number

    answers = worker.each(double, items())  # type: ignore[arg-type]
    assert next(answers) == 0
    assert len(taken) < 10
    answers.close()  # type: ignore[attr-defined]


def test_no_items_no_answers() -> None:
    assert list(worker.each(double, [])) == []


@pytest.mark.parametrize("function", [loop, sleep, runaway_pattern])
def test_the_deadline_ends_what_does_not_end(function: Callable[..., object]) -> None:
    answer = error(function, Path("slow.ttl"), seconds=0.5)
    assert (answer.code, answer.exit_code, answer.where) == ("E360", 3, "slow.ttl")
    assert "0.5 seconds" in answer.message("en")


def test_want_of_memory_is_said() -> None:
    answer = error(hog, Source("big.ttl", b""), memory=300)
    assert (answer.code, answer.where) == ("E361", "big.ttl")
    assert "300 MB" in answer.message("es")


def test_want_of_memory_inside_an_engine_ends_only_the_process() -> None:
    assert error(hog_in_the_engine, memory=300, seconds=60).code in ("E361", "E362")


@pytest.mark.parametrize(
    ("function", "detail"),
    [
        (leave, "exit code 3"),
        (leave_politely, "SystemExit"),
        (segfault, "SIGSEGV"),
        (recurse, "RecursionError"),
        (bug, "ZeroDivisionError: oops"),
        (unpicklable, "pickle"),
    ],
)
def test_a_breakdown_is_one_clear_error(function: Callable[..., object], detail: str) -> None:
    answer = error(function, 0)
    assert answer.code == "E362"
    assert detail in answer.message("en")


def test_an_error_of_ours_comes_back_as_it_was() -> None:
    answer = error(refuse, Source("x.ttl", b""))
    assert (answer.code, answer.where) == ("E303", "x.ttl")
    assert str(answer)


def half_fail(number: int) -> int:
    if number % 3 == 1:
        leave(None)
    if number % 3 == 2:
        loop(None)
    return number


def test_the_others_are_worked_on_all_the_same() -> None:
    answers = list(worker.each(half_fail, range(7), jobs=2, seconds=0.5))
    assert [a.code if isinstance(a, RrmError) else a for a in answers] == [0, "E362", "E360", 3, "E362", "E360", 6]


def test_there_is_no_network_inside() -> None:
    assert "no network" in str(only(connect))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="network namespaces are of Linux")
def test_there_is_no_network_for_programs_started_inside() -> None:
    if not only(_left):
        pytest.skip("the system gives no network namespace")
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        assert connect_from_a_program(port) == 0
        assert only(connect_from_a_program, port) == 1


def _left(_: object) -> bool:
    return worker.leave_network()


def test_files_have_a_limit(tmp_path: Path) -> None:
    assert only(write_much, str(tmp_path / "x")) == "OSError"


def test_the_process_is_silent(capfd: pytest.CaptureFixture[str]) -> None:
    assert only(chatter) is None
    assert capfd.readouterr() == ("", "")


def test_where_threads_run_the_process_is_spawned() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert worker._threads() > 1
        assert list(worker.each(double, [1, 2])) == [2, 4]
        assert error(segfault).code == "E362"
    finally:
        stop.set()
        thread.join()


def spawn_a_sleeper(path: str) -> None:
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(path).write_text(str(sleeper.pid))
    time.sleep(600)


def test_what_the_process_started_ends_with_it(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    assert error(spawn_a_sleeper, str(path), seconds=2).code == "E360"
    pid = int(path.read_text())
    for _ in range(50):
        if not Path(f"/proc/{pid}").exists() or "Z" in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[-1][:3]:
            return
        time.sleep(0.1)
    pytest.fail("the process outlived its parent")
