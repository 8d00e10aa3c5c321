"""Pictures are well-formed SVG that say in marks what their data say, and name themselves."""

from __future__ import annotations

import itertools
import json
import re
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from rrm_kg.publish.pictures import map as maps
from rrm_kg.publish.pictures.roles import Part, roles
from rrm_kg.publish.pictures.timeline import Act, Clock, Legend, timeline

STATES = frozenset(
    re.findall(
        "...", "AGUBCNBCSCAMCHHCHPCMXCOACOLDURGROGUAHIDJALMEXMICMORNAYNLEOAXPUEQUEROOSINSLPSONTABTAMTLAVERYUCZAC"
    )
)
LEGEND = Legend("Steps", "Clocks", "used", "beyond", "allowed", "not certain")


def read(picture: Markup) -> ElementTree.Element:
    return ElementTree.fromstring(picture)


def classed(svg: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [one for one in svg.iter() if name in (one.get("class") or "").split()]


def number(one: ElementTree.Element, name: str) -> float:
    return float(one.get(name) or "nan")


@pytest.fixture
def without_outlines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RRM_KG_ASSETS", str(tmp_path))


@pytest.fixture
def with_outlines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two square states, the first with a bay that is far too small to see and a rock off its coast."""
    package = tmp_path / "@svg-maps" / "mexico"
    package.mkdir(parents=True)
    square = "m 10,10 50,0 0.2,0.2 -0.2,0.2 0,49.6 -50,0 z m 100,100 1,0 0,1 z"
    states = [
        {"name": "Hidalgo", "id": "hid", "path": square},
        {"name": "Puebla", "id": "pue", "path": "M 100,10 l 20,0 0,20 -20,0 z"},
    ]
    (package / "index.js").write_text(f"export default {json.dumps({'locations': states})};\n", encoding="utf-8")
    monkeypatch.setenv("RRM_KG_ASSETS", str(tmp_path))


@pytest.mark.usefixtures("without_outlines")
def test_without_outlines_every_state_is_a_tile_of_its_own() -> None:
    assert not maps.outlined()
    svg = read(maps.mexico("map", "Mexico", "32 states"))
    tiles = [one for one in svg.iter() if one.tag.endswith("rect")]
    assert {one.text for one in classed(svg, "code")} == STATES
    assert len({(one.get("x"), one.get("y")) for one in tiles}) == 32


@pytest.mark.usefixtures("without_outlines")
def test_neighbours_on_the_ground_are_near_on_the_grid() -> None:
    """Baja California in the north-west, Quintana Roo in the east, Chiapas in the south."""
    svg = read(maps.mexico("map", "Mexico", "32 states"))
    at = {str(one.text): (number(one, "x"), number(one, "y")) for one in classed(svg, "code")}
    assert at["BCN"] == min(at.values())
    assert at["ROO"][0] == max(x for x, _ in at.values())
    assert at["CHP"][1] == max(y for _, y in at.values())
    assert at["HID"][1] < at["OAX"][1]


@pytest.mark.usefixtures("without_outlines")
def test_a_map_names_itself_and_shows_counts_and_links() -> None:
    svg = read(
        maps.mexico(
            "map",
            "Cases",
            "By state",
            counts={"MX-GUA": 8, "MX-HID": 1},
            names={"MX-GUA": "Guanajuato", "MX-HID": "Hidalgo"},
            highlight=("MX-HID",),
            link=lambda code: f"{code}.html",
        )
    )
    assert svg.get("role") == "group"  # the parts of an image could not be walked through
    assert svg.get("aria-labelledby") == "map-title"
    assert [one.text for one in svg.iter() if one.get("id") in ("map-title", "map-desc")] == ["Cases", "By state"]
    assert {one.get("href"): one[0].text for one in svg.iter() if one.tag.endswith("a")} == {
        "MX-GUA.html": "Guanajuato: 8",
        "MX-HID.html": "Hidalgo: 1",
    }
    assert len(classed(svg, "count-4")) == len(classed(svg, "count-1")) == 1
    assert len(classed(svg, "in")) == 1
    assert [one.text for one in classed(svg, "count")] == ["8", "1"]


@pytest.mark.usefixtures("without_outlines")
def test_a_map_without_links_is_an_image() -> None:
    assert read(maps.mexico("map", "Mexico", "")).get("role") == "img"


@pytest.mark.usefixtures("with_outlines")
def test_outlines_are_drawn_where_the_package_is_there() -> None:
    assert maps.outlined()
    svg = read(maps.mexico("map", "Mexico", "", highlight=("MX-HID",)))
    paths = [one.get("d") for one in svg.iter() if one.tag.endswith("path")]
    assert paths == ["M100 10l 20 0 0 20-20 0z", "M10 10l 50 0 0 50-50 0z"]  # what is highlighted lies on top


@pytest.mark.parametrize(
    "ring",
    [
        [(0, 0), (40, 0), (40, 4), (4, 4), (4, 36), (40, 36), (40, 40), (0, 40)],  # the middle of its box is outside
        [(0, 0), (2, 0), (2, 50), (30, 50), (30, 80), (0, 80)],  # a narrow arm, and a wide body far from the middle
    ],
)
def test_a_number_stands_inside_its_state_where_there_is_room(ring: list[tuple[float, float]]) -> None:
    x, y = maps._middle(ring)
    if len(ring) == 8:
        assert 0 < x < 4 or 0 < y < 4 or 36 < y < 40
    else:
        assert (x, y) == (pytest.approx(15, abs=1.5), pytest.approx(65, abs=1.5))


@pytest.mark.usefixtures("with_outlines")
def test_no_state_is_drawn_above_a_number() -> None:
    svg = read(maps.mexico("map", "Mexico", "", counts={"MX-HID": 1, "MX-PUE": 2}))
    marks = [one.tag.rsplit("}", 1)[-1] for one in svg.iter() if one.tag.endswith(("path", "text"))]
    assert marks == ["path", "path", "text", "text"]


def test_a_command_that_no_outline_has_is_refused() -> None:
    with pytest.raises(ValueError, match="c"):
        maps._rings("m 0,0 c 1,1 2,2 3,3 z")


def drawn(acts: list[Act], clocks: list[Clock]) -> ElementTree.Element:
    return read(timeline("time", "Timeline", "What happened", acts, clocks, LEGEND, str))


def test_acts_lie_on_the_axis_by_their_days() -> None:
    days = (date(2024, 1, 1), date(2024, 7, 1), date(2024, 12, 30))  # 182 days each
    svg = drawn([Act(str(day), day, day) for day in days], [])
    first, middle, last = (number(one, "cx") for one in classed(svg, "act"))
    assert middle - first == pytest.approx(last - middle, abs=0.2)
    assert svg.get("role") == "img"


def test_how_exact_a_date_is_can_be_seen() -> None:
    first, last = date(2024, 1, 1), date(2024, 12, 31)
    svg = drawn(
        [
            Act("exact", first, first),
            Act("lasted", first, last, True),
            Act("between", first, last),
            Act("by", None, last),
        ],
        [],
    )
    assert len(classed(svg, "act")) == 1
    assert len(classed(svg, "act-lasting")) == 1
    assert len(classed(svg, "act-between")) == 2
    assert [(one.get("d") or "").count("M") for one in classed(svg, "act-end")] == [2, 2, 1]


def clock(start: date, end: date, allowed: int | None, result: str) -> Clock:
    return Clock("limit", "note", (start, start), (end, end), allowed, result)


def bars(svg: ElementTree.Element, kind: str) -> list[ElementTree.Element]:
    return classed(svg, kind)[:-1] if kind in ("used", "over", "allowed", "unsure") else classed(svg, kind)  # - legend


def test_an_overrun_begins_where_the_allowance_ends() -> None:
    svg = drawn([], [clock(date(2024, 1, 1), date(2024, 1, 31), 10, "exceeded")])
    (used,), (over,), (allowed,) = (bars(svg, kind) for kind in ("used", "over", "allowed"))
    assert number(over, "x") == pytest.approx(number(used, "x") + number(used, "width"), abs=0.2)
    assert number(over, "width") == pytest.approx(2 * number(used, "width"), rel=0.01)
    assert number(allowed, "width") == pytest.approx(number(used, "width"), abs=0.2)


def test_a_clock_that_was_met_has_no_overrun() -> None:
    svg = drawn([], [clock(date(2024, 1, 1), date(2024, 1, 11), 30, "met")])
    assert not bars(svg, "over")
    (used,), (allowed,) = bars(svg, "used"), bars(svg, "allowed")
    assert number(allowed, "width") == pytest.approx(3 * number(used, "width"), rel=0.01)


def test_an_interval_without_a_number_has_no_allowance() -> None:
    svg = drawn([], [clock(date(2024, 1, 1), date(2025, 1, 11), None, "no-number")])
    assert not bars(svg, "allowed")
    assert len(bars(svg, "unlimited")) == 1


def test_what_is_not_certain_of_a_clock_is_marked() -> None:
    day = date(2024, 1, 1)
    one = Clock("limit", "note", (day, day), (day, date(2024, 2, 21)), 30, "undeterminable")
    svg = drawn([], [one])
    assert len(bars(svg, "unsure")) == 1
    assert not bars(svg, "used")


def test_nothing_is_drawn_of_nothing() -> None:
    assert timeline("time", "Timeline", "", [], [], LEGEND, str) == ""


def test_words_in_a_timeline_cannot_be_marks() -> None:
    svg = drawn([Act("<script>&", date(2024, 1, 1), date(2024, 1, 1))], [])
    assert "<script>&" in [one.text for one in svg.iter()]


def test_every_part_has_its_box_its_roles_and_its_side() -> None:
    parts = [
        Part(
            "Sindicato de Telefonistas de la República Mexicana",
            "strm.html",
            ("petitioner", "affected union"),
            "asking",
            "union",
        ),
        Part("Mexico", "mx.html", ("respondent Party",), "answering", "state"),
        Part("The panel", "panel.html", ("panel",), "above", "panel"),
        Part("Mediator", "", ("mediator",), "below", "publicbody"),
    ]
    svg = read(roles("parties", "Parties", "Four", parts, [("The facility", "facility.html")]))
    assert svg.get("role") == "group"
    links = {one.get("href"): " ".join("".join(one.itertext()).split()) for one in svg.iter() if one.tag.endswith("a")}
    assert links == {
        "facility.html": "The facility",
        "strm.html": "Sindicato de Telefonistas de la República Mexicana",
        "mx.html": "Mexico",
        "panel.html": "The panel",
    }
    assert {one.text for one in classed(svg, "role")} == {
        "petitioner",
        "affected union",
        "respondent Party",
        "panel",
        "mediator",
    }
    boxes = {str(one.get("class")): number(one, "x") for one in classed(svg, "box")}
    assert (
        boxes["box union"] < boxes["box matter"] == boxes["box panel"] == boxes["box publicbody"] < boxes["box state"]
    )
    assert len(classed(svg, "edge")) == 4


def test_boxes_of_a_side_do_not_overlap() -> None:
    parts = [
        Part(f"Union {place} " + "with a long name " * place, "", ("petitioner",) * 3, "asking", "union")
        for place in range(6)
    ]
    svg = read(roles("parties", "Parties", "", parts, [("The facility", "")]))
    spans = []
    for group in svg.iter():
        for box in classed(group, "union"):
            if group.get("transform"):
                top = float(str(group.get("transform")).removeprefix("translate(0 ").rstrip(")"))
                spans.append((top, top + number(box, "height")))
    spans.sort()
    assert len(spans) == 6
    assert all(one[1] < other[0] for one, other in itertools.pairwise(spans))
    assert spans[-1][1] <= float(str(svg.get("viewBox")).split()[3])
