"""A report against an earlier one."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from rrm_kg import RrmError, baseline, reports
from rrm_kg.findings import Finding, Severity, Where, report


def found(focus: str, said: str = "no date", **more: str | None) -> Finding:
    return Finding(
        rule="R18",
        shape="https://w3id.org/rrm-kg/shapes#Event-date",
        component="MinCountConstraintComponent",
        severity=Severity.VIOLATION,
        focus=focus,
        path=more.get("path"),
        value=more.get("value"),
        message={"en": said, "es": said},
        where=Where("data/a.ttl", 3, "subject"),
    )


def test_a_finding_on_another_line_in_other_words_is_known() -> None:
    earlier = report([found("a"), found("b")], {"data": "1"})
    moved = replace(found("a", "a date is missing"), where=Where("data/a.ttl", 99, "subject"))
    split = baseline.split(report([moved, found("c")], {"data": "2"}), earlier)
    assert [finding.focus for finding in split.known.findings] == ["a"]
    assert [finding.focus for finding in split.new.findings] == ["c"]
    assert [finding.focus for finding in split.gone] == ["b"]
    assert split.new.validated == {"data": "2"}


@pytest.mark.parametrize(
    "change",
    [
        {"rule": "R19"},
        {"shape": "https://w3id.org/rrm-kg/shapes#Other"},
        {"focus": "z"},
        {"path": "https://example.org/p"},
        {"value": "v"},
    ],
)
def test_another_rule_shape_focus_path_or_value_is_new(change: dict[str, str]) -> None:
    earlier = report([found("a")], {})
    split = baseline.split(report([replace(found("a"), **change)], {}), earlier)  # type: ignore[arg-type]
    assert len(split.new.findings) == len(split.gone) == 1
    assert split.known.findings == ()


def test_under_one_key_those_worded_alike_are_known_first() -> None:
    earlier = report([found("a", "points to y")], {})
    split = baseline.split(report([found("a", "points to x"), found("a", "points to y")], {}), earlier)
    assert [finding.message["en"] for finding in split.new.findings] == ["points to x"]
    assert split.gone == ()
    back = baseline.split(earlier, report([found("a", "points to x"), found("a", "points to y")], {}))
    assert [finding.message["en"] for finding in back.gone] == ["points to x"]


def test_new_violations_alone_decide() -> None:
    earlier = report([found("a")], {})
    assert baseline.split(earlier, earlier).new.conforms
    assert not baseline.split(report([found("a"), found("b")], {}), earlier).new.conforms


def test_a_kept_report_is_read_again(tmp_path: Path) -> None:
    given = report([found("a", value="=1"), found("b", "\u202eleft\x00")], {"data": "1"})
    path = tmp_path / "base.json"
    path.write_text(reports.render("json", given), encoding="utf-8")
    assert baseline.read(path) == given
    path.write_text(json.dumps(given.as_dict()), encoding="utf-8")
    assert baseline.read(path) == given


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '"x"',
        "\ufffd",
        "[" * 100_000,
        '{"findings": [{"rule": "R1"}], "validated": {}}',
        '{"findings": 5, "validated": {}}',
    ],
)
def test_what_is_no_report_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "base.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RrmError) as caught:
        baseline.read(path)
    assert caught.value.code == "E223"
    assert "base.json" in str(caught.value)
    assert "línea base" in caught.value.message("es")


@pytest.mark.parametrize("broken", [{"rule": 5}, {"focus": None}, {"message": {"en": "x"}}, {"value": ["x"]}])
def test_a_finding_of_another_form_is_refused(tmp_path: Path, broken: dict[str, object]) -> None:
    tree = report([found("a")], {}).as_dict()
    tree["findings"][0] |= broken
    path = tmp_path / "base.json"
    path.write_text(json.dumps(tree), encoding="utf-8")
    with pytest.raises(RrmError, match="baseline"):
        baseline.read(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RrmError) as caught:
        baseline.read(tmp_path / "none.json")
    assert caught.value.code == "E305"


def test_names_of_findings_are_stable_and_distinct() -> None:
    one, two = found("a", "x"), found("a", "y")
    names = baseline.fingerprints([one, two, found("b")])
    assert names[1] == f"{names[0]}-2"
    assert len(set(names)) == 3
    assert baseline.fingerprints([replace(one, where=None)]) == names[:1]
    known_by = '["R18", "https://w3id.org/rrm-kg/shapes#Event-date", "a", null, null]'
    assert names[0] == hashlib.sha256(known_by.encode()).hexdigest()[:32]
