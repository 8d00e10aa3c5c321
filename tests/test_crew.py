"""Files of a release made in several processes: the same ones, errors passed on, nobody left behind."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rrm_kg import RrmError
from rrm_kg.publish.crew import made
from rrm_kg.publish.site import File
from rrm_kg.releases import swap

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")


def work(name: str, count: int = 3, size: int = 400_000) -> Callable[[], Iterator[File]]:
    return lambda: (File(f"{name}/{one}", f"{name}{one}".encode() * size) for one in range(count))


def test_all_files_come_whole_and_those_of_each_work_in_order() -> None:
    works = [work(name) for name in "abcde"]
    found = list(made(works, jobs=2))
    assert len(found) == 15
    for name, one in zip("abcde", works, strict=True):
        assert [file for file in found if file.path.startswith(f"{name}/")] == list(one())


def test_works_are_done_in_other_processes_unless_there_is_one_alone_or_a_second_thread() -> None:
    def tell() -> Iterator[File]:
        yield File("pid", str(os.getpid()).encode())

    def pids(jobs: int) -> set[int]:
        return {int(file.data) for file in made([tell, tell, tell, tell], jobs)}

    assert os.getpid() not in pids(2)
    assert pids(1) == {os.getpid()}
    end = threading.Event()
    beside = threading.Thread(target=end.wait)
    beside.start()
    try:
        assert pids(2) == {os.getpid()}
    finally:
        end.set()
        beside.join()


class AwkwardError(Exception):
    """An error that does not survive being sent."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(one)


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (RrmError("E405", where="x", detail="x"), "E405"),
        (AwkwardError("a", "b"), "E404"),
        (SystemExit(3), "E404"),
    ],
)
def test_what_a_work_raises_is_raised_here(raised: BaseException, code: str) -> None:
    def fails() -> Iterator[File]:
        yield File("a", b"a")
        raise raised

    with pytest.raises(RrmError) as found:
        list(made([fails, work("b")], jobs=2))
    assert found.value.code == code


def test_a_process_that_is_killed_ends_the_publication() -> None:
    def dies() -> Iterator[File]:
        os.kill(os.getpid(), signal.SIGKILL)
        yield File("a", b"a")

    with pytest.raises(RrmError, match="ended") as found:
        list(made([dies, work("b")], jobs=2))
    assert found.value.code == "E404"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_nobody_outlives_the_process_that_publishes_nor_holds_its_folder(tmp_path: Path, ending: int) -> None:
    heard, said = os.pipe()

    def rests() -> Iterator[File]:
        os.write(said, b"%d\n" % os.getpid())
        signal.pause()
        yield File("a", b"a")

    child = os.fork()
    if not child:
        with swap.locked(tmp_path):
            list(made([rests, rests], jobs=2))
        os._exit(0)
    os.close(said)
    told = b""
    while told.count(b"\n") < 2:
        told += os.read(heard, 100)
    os.kill(child, ending)
    os.waitpid(child, 0)
    with swap.locked(tmp_path):
        pass
    assert select.select([heard], [], [], 20)[0], "somebody still holds the pipe"
    assert os.read(heard, 1) == b""
    assert not any(Path(f"/proc/{pid}/cmdline").exists() and _alive(int(pid)) for pid in told.split())


def test_a_fork_that_has_just_begun_does_not_hold_the_folder_of_a_publisher_that_was_killed(tmp_path: Path) -> None:
    rest, end = os.pipe()
    heard, said = os.pipe()
    publisher = os.fork()
    if not publisher:
        os.close(end)
        with swap.locked(tmp_path):
            if not ctypes.PyDLL(None).fork():  # one that has run no line of Python yet
                os.read(rest, 1)
                os._exit(0)
            os.write(said, b"x")
            signal.pause()
    os.read(heard, 1)
    with pytest.raises(RrmError) as raised, swap.locked(tmp_path):
        pass
    assert raised.value.code == "E370"
    os.kill(publisher, signal.SIGKILL)
    os.waitpid(publisher, 0)
    try:
        with swap.locked(tmp_path):
            pass
    finally:
        os.close(end)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False
