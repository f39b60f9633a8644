"""A study stands alone, shows nothing without a unit, and gives away all that it shows."""

import csv
import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from handloop.sim.study import Axis, Bar, Bars, Cloud, HeatMap, Line, Plot, Points, Study, Table
from handloop.sim.study.plot import _DOTS
from handloop.sim.study.quantity import unit

ODD = "<script>alert('&')</script>\x00 $x_1$ \"a\""
SVG = "{http://www.w3.org/2000/svg}"
MOTORS = Points(
    "motors", [0.01, 0.02], [0.1, math.nan], {"name": ["a", "b"], "price [USD]": [12.5, None]}
)
LIMIT = Line("limit", [0.0, 1.0, 2.0], [1.0, 0.5, 0.0], low=[0.9, 0.4, -0.1], high=[1.1, 0.6, 0.1])


def plot(caption: str = "Torque by mass", **axes: Axis | str) -> Plot:
    return Plot(caption, **({"x": "mass [kg]", "y": "torque [N m]"} | axes), layers=[MOTORS, LIMIT])


def study(said: str = "A study") -> Study:
    whole = Study(said, "What does it take?", {"seed": "7", said: said})
    whole.section("Results")
    whole.text(f"It takes {said}.")
    whole.table(Table(said, ("joint", "torque [N m]"), [(said, 1.25), ("thumb", math.nan)]))
    whole.figure(plot(said))
    whole.figure(Plot(said, "speed [rad/s]", "torque [N m]", [Cloud(said, [1, 2], [3, 4])]))
    bars = [Bar(said, [1.5, math.nan], [(1.2, 1.9), (math.nan, math.nan)])]
    whole.figure(Bars("Gain", [said, "gear"], "gain [1]", bars, base=1.0))
    whole.figure(HeatMap("Gain", "gain [1]", ("speed", [said]), ("mass", ["s", "l"]), [[1, 2]]))
    whole.limits([f"Only {said}."])
    return whole


def svgs(html: str) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(s) for s in re.findall(r"<svg.*?</svg>", html, re.DOTALL)]


def test_all_that_is_shown_is_in_the_files(tmp_path: Path) -> None:
    files = study().write(tmp_path)
    assert {file.name for file in files} == {file.name for file in tmp_path.iterdir()}
    document = json.loads((tmp_path / "study.json").read_text(encoding="utf-8"))
    shown = [part for part in document["content"] if "file" in part]
    assert [part["kind"] for part in shown] == ["table", "plot", "plot", "bars", "heatmap"]
    for part in shown:
        rows = list(csv.reader((tmp_path / part["file"]).open(encoding="utf-8", newline="")))
        assert rows[0] == part["columns"]
        told = [["" if cell is None else str(cell) for cell in row] for row in part["rows"]]
        assert rows[1:] == told
    assert document["limits"] == ["Only A study."]
    assert document["facts"]["seed"] == "7"


def test_every_mark_says_all_that_is_known_of_it() -> None:
    titles = [t.text for svg in svgs(plot().html("here")) for t in svg.iter("title")]
    assert "motors\nmass [kg]: 0.01\ntorque [N m]: 0.1\nname: a\nprice [USD]: 12.5" in titles
    assert len([t for t in titles if t and t.startswith("motors")]) == 1, "NaN has no place"
    assert len([t for t in titles if t and t.startswith("limit")]) == 3


def test_figure_data_tells_series_and_intervals() -> None:
    data = plot().data
    assert data.columns[:3] == ["series", "mass [kg]", "torque [N m]"]
    assert set(data.columns[3:]) == {
        "name", "price [USD]", "low: torque [N m]", "high: torque [N m]",
    }  # fmt: skip
    assert [row[0] for row in data.rows] == ["motors"] * 2 + ["limit"] * 3


def test_page_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    files = study().write(tmp_path)
    html = files[0].read_text(encoding="utf-8")
    assert "://" not in html
    assert not re.search(r"url\((?!#)|@import|src=", html)
    links = set(re.findall(r'href="([^"#]*)"', html))
    assert links <= {file.name for file in files}


def test_drawings_are_valid_and_names_unique() -> None:
    html = study().html()
    assert len(svgs(html)) >= 4
    ids = re.findall(r' id="([^"]*)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([\w-]+)\)", html)) <= set(ids)


def test_every_colour_is_one_of_the_page() -> None:
    html = study().html()
    used = set(re.findall(r"var\((--[\w-]+)\)", html))
    assert used <= set(re.findall(r"(--[\w-]+):", html))
    drawn = "".join(re.findall(r"<svg.*?</svg>", html, re.DOTALL))
    assert set(re.findall(r"#[0-9a-f]{6}\b", drawn)) <= {"#ffffff"}


def test_what_users_name_is_escaped_and_harmless(tmp_path: Path) -> None:
    files = study(ODD).write(tmp_path)
    html = files[0].read_text(encoding="utf-8")
    assert html.count("<script") == 1, "that of the page itself"
    assert all(re.fullmatch(r"[\w.-]+", file.name) for file in files)
    assert len(svgs(html)) >= 4


@pytest.mark.parametrize(
    "make",
    [
        lambda: Axis("torque"),
        lambda: Axis("torque []"),
        lambda: Axis("torque [N m]", log=True, ends=(0.0, 1.0)),
        lambda: plot(x="mass"),
        lambda: Bars("b", ["a"], "gain", [Bar("s", [1.0])]),
        lambda: Bars("b", ["a"], "gain [1]", [Bar("s", [1.0, 2.0])]),
        lambda: HeatMap("h", "gain", ("a", ["b"]), ("c", ["d"]), [[1.0]]),
        lambda: HeatMap("h", "gain [1]", ("a", ["b"]), ("c", ["d"]), [[1.0, 2.0]]),
        lambda: Table("t", ("torque",), [(1.0,)]),
        lambda: Table("t", ("torque",), [(np.int64(1),)]),
        lambda: Table("t", ("torque [N m]",), [(1.0, 2.0)]),
        lambda: Plot("p", "a [1]", "b [1]", [Points("s", [1.0], [1.0], {"mass": [1.0]})]),
        lambda: Plot("p", "a [1]", "b [1]", [Points("s", [1.0], [1.0, 2.0])]),
    ],
)
def test_what_nobody_could_read_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"unit|from|values|shape|cells|columns"):
        make()


def test_unit_is_the_last_in_brackets() -> None:
    assert unit("torque [N m]") == "N m"
    assert unit("joint[0] torque [N m]") == "N m"
    assert unit("torque") is None


def test_same_study_same_bytes(tmp_path: Path) -> None:
    one, other = (study().write(tmp_path / where) for where in "ab")
    assert [f.read_bytes() for f in one] == [f.read_bytes() for f in other]


def test_a_study_takes_the_place_of_another_and_touches_nothing_else(tmp_path: Path) -> None:
    study().write(tmp_path)
    others = ["06-mine.csv", "notes.txt", "bom.csv"]
    for other in others:
        (tmp_path / other).write_text("mine")
    document = json.loads((tmp_path / "study.json").read_text(encoding="utf-8"))
    document["content"] += [{"file": "../outside.csv"}, {"file": "notes.txt"}, {"file": 7}]
    (tmp_path / "study.json").write_text(json.dumps(document))
    (tmp_path.parent / "outside.csv").touch()
    short = Study("Another", "What else?")
    short.table(Table("Other", ("joint",), [("thumb",)]))
    files = [file.name for file in short.write(tmp_path)]
    assert {file.name for file in tmp_path.iterdir()} == {*files, *others}
    assert files[2:] == ["01-other.csv"]
    assert (tmp_path.parent / "outside.csv").exists()


@pytest.mark.parametrize("there", ["{", "[]", '{"content": 3}', '{"content": [3]}'])
def test_a_study_takes_the_place_of_whatever_has_its_name(there: str, tmp_path: Path) -> None:
    (tmp_path / "study.json").write_text(there)
    (tmp_path / "01-other.csv").touch()
    files = study().write(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {f.name for f in files} | {"01-other.csv"}


def test_log_axis_places_decades_evenly_and_counts_what_it_cannot_show() -> None:
    axis = Axis("mass [kg]", log=True)
    html = Plot("p", axis, "b [1]", [Points("s", [0.0, 1.0, 10.0, 100.0], [1.0] * 4)]).html("x")
    assert "1 not positive" in html
    across = [float(x) for x in re.findall(r'class="mark"[^>]*|d="M([\d.]+),', html) if x]
    marks = sorted(across[-3:])
    assert marks[2] - marks[1] == pytest.approx(marks[1] - marks[0], abs=0.2)


def test_cloud_stays_light_and_keeps_all_in_its_file() -> None:
    n = 4 * _DOTS
    rng = np.random.default_rng(0)
    figure = Plot(
        "c", "a [1]", "b [1]", [Cloud("s", rng.random(n).tolist(), rng.random(n).tolist())]
    )
    assert len(figure.html("x")) < 120_000
    assert len(figure.data.rows) == n


@pytest.mark.parametrize("values", [[], [1.0], [0.0, 0.0], [math.nan]])
def test_little_to_draw_is_drawn_too(values: list[float]) -> None:
    for log in (False, True):
        layers = [
            Points("p", values, values),
            Line("l", values, values),
            Cloud("c", values, values),
        ]
        svgs(Plot("p", Axis("a [1]", log), Axis("b [1]", log), layers).html("x"))
        svgs(Bars("b", ["a"] * len(values), Axis("v [1]", log), [Bar("s", values)]).html("x"))


def test_long_table_is_folded() -> None:
    table = Table("t", ("torque [N m]",), [(1.0,), (2.0,)], folded=True)
    assert "<details><summary>t (2 rows)</summary>" in table.html("x")


@pytest.mark.parametrize(("low", "high"), [(1.3, 1.7), (0.02, 0.7), (1e-4, 10.0), (1e-9, 1e3)])
def test_log_axis_has_ticks_in_plain_numbers(low: float, high: float) -> None:
    axis = Axis("mass [kg]", log=True)
    (svg,) = svgs(Plot("p", axis, "b [1]", [Cloud("s", [low, high], [1.0, 1.0])]).html("x"))[-1:]
    said = [text.text or "" for text in svg.iter("text")]
    ticks = [float(text) for text in said if re.fullmatch(r"[\d.e-]+", text)]
    assert sum(0.9 * low <= tick <= 1.1 * high for tick in ticks) >= 2
    assert not any("$" in text for text in said)
