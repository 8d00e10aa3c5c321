"""The synthetic cases: the same each time, and with exactly the seeded defects. The benchmark: results before times."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from benchmarks import bench, defects, generate, goals, report
from benchmarks.bench import Limits, Measured
from benchmarks.case import Case
from benchmarks.prepare import Folder, prepare
from rrm_kg import gate, infer
from rrm_kg import graph as graphs
from rrm_kg.findings import Report, Severity

ROOT = Path(__file__).parent.parent


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its path."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def checked(root: Path) -> Report:
    """The gate's report on a root."""
    sources = graphs.read_sources(root)
    written = list(graphs.load(sources.content))
    derived = infer.derive(written, root)
    return gate.check(sources, written, derived, infer.closure([*written, *derived]))


def violations(report: Report) -> Counter[defects.Expected]:
    """The Violations by rule, shape and focus node."""
    return Counter(defects.Expected(f.rule, f.shape, f.focus) for f in report.at_least(Severity.VIOLATION))


def test_the_same_seed_gives_the_same_bytes_whatever_the_order_of_sets(tmp_path: Path) -> None:
    generate.write(tmp_path / "here", 12, seed=7, defective=3)
    command = [sys.executable, "-m", "benchmarks.generate", str(tmp_path / "there"), "--cases", "12", "--seed", "7"]
    environment = os.environ | {"PYTHONHASHSEED": "99", "PYTHONPATH": str(ROOT)}
    told = subprocess.run(
        [*command, "--defects", "3"], env=environment, cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert files(tmp_path / "here") == files(tmp_path / "there")
    assert told.stdout.startswith("seed 7, 12 cases, 3 defects\n")


def test_another_seed_gives_other_cases(tmp_path: Path) -> None:
    generate.write(tmp_path / "one", 3, seed=1)
    generate.write(tmp_path / "two", 3, seed=2)
    one, two = files(tmp_path / "one"), files(tmp_path / "two")
    assert one.keys() == two.keys()
    changed = {path for path in one if one[path] != two[path]}
    assert changed == {f"data/cases/synthetic-{n:06}.ttl" for n in range(3)}


def test_cases_without_defects_have_no_violation(tmp_path: Path) -> None:
    generate.write(tmp_path / "root", 20, seed=3)
    found = checked(tmp_path / "root")
    assert not violations(found)
    # What may be left is true of the made-up cases: late or doubtful clocks, single sources, companies with no role.
    assert {f.rule for f in found.findings} <= {"R17", "R23", "R35", "R39"}


def test_the_gate_finds_the_seeded_defects_and_nothing_else(tmp_path: Path) -> None:
    generate.write(tmp_path / "root", 24, seed=5, defective=len(defects.KINDS))
    kept = json.loads((tmp_path / "root" / "defects.json").read_text(encoding="utf-8"))
    assert {kind for kind, _ in kept["seeded"]} == {kind.__name__ for kind in defects.KINDS}
    assert violations(checked(tmp_path / "root")) == Counter(defects.Expected(**one) for one in kept["expected"])


def test_more_defects_than_cases_can_hold_are_refused() -> None:
    with pytest.raises(ValueError, match="10 cases have room for 5 defects, not for 6"):
        defects.Plan(6, 10)


def test_a_defect_that_fits_no_case_is_not_forgotten() -> None:
    plan = defects.Plan(1, 2)
    plan.spoil(Case("empty"))
    with pytest.raises(ValueError, match="ended before every defect had one"):
        plan.expected_json()


def test_the_mix_is_that_of_the_recorded_cases(tmp_path: Path) -> None:
    count = generate.write(tmp_path / "root", 200, seed=1)
    recorded = {"rrm:ProcedureEvent": 314 / 49, "rrm:Participation": 360 / 49, "rrm:Evidence": 1514 / 49}
    for name, mean in recorded.items():
        assert count[name] / 200 == pytest.approx(mean, rel=0.25)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """Ten cases made ready for the engines."""
    made = Folder(tmp_path_factory.mktemp("bench"))
    prepare(made, 10)
    return made


LIMITS = Limits(60, 60, 4 << 30)


def test_a_work_is_measured_in_a_process_of_its_own_and_compared(folder: Folder) -> None:
    ours, theirs = bench.together(folder, 10, "load", ["ours", "rdflib"], LIMITS)
    assert ours.wall is not None
    assert theirs.wall is not None
    assert ours.rounds == bench.ROUNDS
    assert ours.peak is not None
    assert ours.peak > 10_000_000
    assert theirs.equal is True


def test_the_gate_of_the_benchmark_is_held_to_the_seeded_defects(folder: Folder) -> None:
    bench.once(folder, "gate", "ours", LIMITS)
    assert bench.defects_missed(folder) is None
    kept = json.loads(folder.file("violations.txt").read_text(encoding="utf-8"))
    folder.file("violations.txt").write_text(json.dumps(kept[1:]), encoding="utf-8")
    assert (bench.defects_missed(folder) or "").startswith("void: misses [(")


def test_the_submission_of_the_benchmark_has_its_defects_and_no_others(folder: Folder) -> None:
    bench.once(folder, "gate", "ours", LIMITS)
    bench.once(folder, "submission", "ours", LIMITS)
    told = folder.file("result submission ours.txt").read_text(encoding="utf-8").splitlines()
    shapes = [line.split()[0] for line in told]
    faults = ["GapMarker-summary-present", "ProcedureEvent-after-predecessor", "Count-unit-present"]
    assert sorted(shapes) == sorted([*faults, "Dispute-single-source"])


def test_a_work_past_its_limit_is_stopped(folder: Folder) -> None:
    told = bench.once(folder, "derive", "ours", Limits(60, 0.0, 4 << 30))
    assert told.stopped in ("after 0 s", "while it made ready, after 0 s")
    assert not any("wall" in line for line in told.lines)


def test_a_question_that_does_not_end_costs_its_limit_and_the_others_are_answered(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The engine is deep in a query when its process is stopped: no signal of Python's reaches it.
    stuck = """
import sys, signal, time
from benchmarks import works
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
run = lambda name: time.sleep(60 * (name == "two")) or [name]
works.answered.update(sys.argv[1:])
works.say(ready=True)
works.each({n: n for n in ("one", "two", "three")}, run, str).run()
works.say(wall=1.0, cpu=1.0, cold=1.0, runs=1, peak=1, bytes=None)
"""
    monkeypatch.setattr(bench, "command", lambda *given: [sys.executable, "-c", stuck, *given[4:]])
    monkeypatch.setattr(bench, "GRACE", 0.0)
    told = bench.once(folder, "questions", "ours", Limits(60, 60, 4 << 30, question=1.0))
    answers = {line["question"]: line.get("error") for line in told.lines if "question" in line}
    assert answers == {"one": None, "two": "stopped after 1 s", "three": None}
    assert told.stopped == "after 1 s at two"
    assert not any("wall" in line for line in told.lines if "question" not in line)


def test_answers_are_compared_by_their_rows() -> None:
    ours, theirs = measured("ours", 1.0), measured("maplib", 1.0)
    ours.questions = {"one": {"rows": "a"}, "two": {"rows": "b"}, "three": {"error": "stopped"}}
    theirs.questions = {"one": {"rows": "a"}, "two": {"rows": "c"}, "three": {"error": "stopped"}}
    bench._compare_answers(theirs, ours)
    assert [told["equal"] for told in theirs.questions.values()] == [True, False, False]


def test_a_run_that_is_over_begins_nothing_and_names_it(tmp_path: Path) -> None:
    limits = Limits(60, 60, 4 << 30, end=0.0)
    run = report.Run(60, 60, 4, {})
    bench.measure(run, [30], tmp_path, limits, None)
    assert run.left_out == {30: bench.LATE}
    assert [one.stopped for one in bench.together(Folder(tmp_path), 30, "load", ["ours"], limits)] == [bench.LATE]
    assert "Not run: not begun: the time for the whole run was over." in report.tables(run)


def measured(engine: str, wall: float | None, **more: object) -> Measured:
    return Measured(1000, "gate", engine, wall, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("peer", "said"),
    [
        (measured("topbraid", 8.0, equal=True), "4.0"),
        (measured("topbraid", 8.0, equal=False), "void"),
        (measured("topbraid", 8.0), "not compared"),
        (measured("topbraid", None, stopped="after 120 s", least=100.0), "> 50"),
        (measured("topbraid", None, stopped="at 12 GiB"), ""),
    ],
)
def test_a_time_counts_only_beside_the_same_result(peer: Measured, said: str) -> None:
    assert report.ratio(peer, measured("ours", 2.0)) == said


@pytest.mark.parametrize(
    ("peer", "met"),
    [
        (measured("topbraid", 8.0, equal=True), True),
        (measured("topbraid", 5.0, equal=True), False),
        (measured("topbraid", 8.0, equal=False), None),
        (measured("topbraid", None, stopped="after 120 s", least=6.1), True),
        (measured("topbraid", None, stopped="after 120 s", least=5.9), None),
        (measured("topbraid", None, stopped="at a smaller size"), None),
    ],
)
def test_a_goal_is_met_only_by_what_was_measured(peer: Measured, met: bool | None) -> None:
    run = report.Run(120, 1200, 12, {}, facts={1000: {}}, measured=[measured("ours", 2.0), peer])
    goal = next(g for g in goals.goals(run) if g.peer == "topbraid")
    assert goal.met is met


def test_what_time_is_left_goes_to_peers_that_could_not_tell_a_goal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    peers = [
        measured("topbraid", None, stopped="after 1 s", least=1.0),
        measured("pyshacl", None, stopped="at a smaller size"),
        Measured(1000, "closure", "owlrl", 4.0, equal=True),
        Measured(1000, "closure", "ours", 1.0),
    ]
    run = report.Run(1, 1200, 12, {}, facts={1000: {}}, measured=[measured("ours", 2.0), *peers])
    assert sorted(goals.untold(run)) == [(1000, "gate", "pyshacl", 2000.0), (1000, "gate", "topbraid", 6.0)]
    given = []

    def once(folder: Folder, work: str, engine: str, limits: Limits) -> bench.Told:
        given.append((folder.path.name, work, engine, round(limits.peer)))
        return bench.Told([], f"after {limits.peer:.0f} s", limits.peer, limits.peer)

    monkeypatch.setattr(bench, "once", once)
    monkeypatch.setattr(bench.time, "monotonic", lambda: 1000.0)
    for one in bench.longer(run, tmp_path, Limits(1, 1200, 1 << 30, end=1500.0)):
        run.replace(one)
    assert given == [("1000", "gate", "topbraid", 7), ("1000", "gate", "pyshacl", 500)]
    told = {(goal.peer, goal.number): (goal.met, goal.measured) for goal in goals.goals(run) if goal.number == "2"}
    assert told["topbraid", "2"] == (True, "ours 2.00 s, topbraid stopped after 7 s: at least 3")
    assert told["pyshacl", "2"] == (None, "ours 2.00 s, pyshacl stopped after 500 s: at least 250")


def test_a_size_that_memory_cannot_hold_is_reckoned_from_the_one_before() -> None:
    run = report.Run(120, 1200, 12, {})
    assert run.memory_needed(30) == 0
    run.facts[1000] = {"peak": 2 << 30}
    run.measured.append(measured("ours", 2.0, peak=3 << 30))
    assert run.memory_needed(10_000) == 30 << 30
