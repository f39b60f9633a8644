"""The report stands alone, is whole, and says nothing that a user's file name could make it say."""

import json
import re
from base64 import b64decode
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import nullcontext
from html.parser import HTMLParser
from pathlib import Path

import mujoco
import numpy as np
import pytest

from handloop.sim import studio
from handloop.sim.bench import pictures
from handloop.sim.bench.contestant import Contestant, Entry
from handloop.sim.bench.log import Record
from handloop.sim.bench.measures import Rate
from handloop.sim.bench.page import page
from handloop.sim.bench.pictures import Picture, SnapshotPainter, camera, telling
from handloop.sim.bench.report import Report, write_report
from handloop.sim.bench.section import Facts
from handloop.sim.bench.summary import HalfStep, summarise
from handloop.sim.bench.svg import svg
from handloop.sim.bench.task import Snapshot
from handloop.sim.bench.trial import HALF_STEP, Case, Trial
from handloop.sim.bench.words import half_step_text, percent
from handloop.sim.study.words import number

from .records import FIRM, LIGHT, FakeTask, bench, fake_task, run

VOID = {"meta", "img", "br"}
PICTURE = Picture(b"\x89PNG as it were", 'held: "hand", seed 0', True)


class Checker(HTMLParser):
    """Reads a page and complains of what does not fit."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data.strip())

    @property
    def text(self) -> str:
        return " ".join(filter(None, self.words))


def html_of(records: Sequence[Record], facts: Facts = Facts()) -> str:  # noqa: B008
    standings = summarise(records)
    return page(standings, {s.task: FakeTask() for s in standings}, facts)


def tasks(*names: str) -> list[Record]:
    return [r for name in names for r in run("hhs", task=name) + run("hss", FIRM, task=name)]


def test_page_is_well_formed_and_whole() -> None:
    facts = Facts(
        {"command": "handloop bench"},
        {"handloop": "1.2.3"},
        {"cup": {"hand27_right": {"timestep_s": 0.001}}},
        {"cup": [PICTURE]},
    )
    found = Checker(html_of(bench(), facts))
    for said in (
        "handloop bench", "1.2.3", "timestep_s 0.001", "88 %", "7/8", "at 6 N", "hold nearly all",
        "Author 1999", "friction [1]", "people: 1.5 mm", "closed loop: joint positions, skin",
        "moves by", "cannot resolve 2 points", "has no skin", "crushed",
    ):  # fmt: skip
        assert said in found.text, said


def test_page_needs_nothing_from_elsewhere() -> None:
    html = html_of(bench(), Facts(pictures={"cup": [PICTURE]}))
    found = Checker(html)
    assert not {tag for tag, _ in found.tags} & {"script", "link", "iframe", "object"}
    sources = [attrs["src"] for _, attrs in found.tags if "src" in attrs]
    links = [attrs["href"] for tag, attrs in found.tags if "href" in attrs]
    assert [b64decode(str(s).partition("base64,")[2]) for s in sources] == [PICTURE.png]
    assert all(str(source).startswith("data:image/png;base64,") for source in sources)
    assert all(str(link).startswith("#") for link in links)
    assert "://" not in html
    assert not re.search(r"url\((?!#)|@import", html)


def test_every_link_and_mark_leads_somewhere() -> None:
    html = html_of(bench())
    found = Checker(html)
    ids = [str(attrs["id"]) for _, attrs in found.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    wanted = {str(attrs["href"])[1:] for _, attrs in found.tags if "href" in attrs}
    wanted |= set(re.findall(r"url\(#(\w+)\)", html))
    assert wanted
    assert wanted <= set(ids)


def test_page_has_a_section_for_every_task() -> None:
    found = Checker(html_of(tasks("cup", "bat", "nist")))
    sections = [attrs["id"] for tag, attrs in found.tags if tag == "h2"]
    assert sections == ["all", "task-cup", "task-bat", "task-nist"]


def test_what_users_name_is_escaped() -> None:
    odd = "<script>alert('&')</script> $x_1$"
    html = html_of(run("hs", contestant=odd, note=odd, slip=(1.0, 2.0)), Facts({odd: odd}))
    assert "<script" not in html
    found = Checker(html)
    assert odd in found.text
    case = Case(odd, odd, 1.0, headline=False)
    assert "<script" not in html_of(run("hs", case=case) + run("hs"))


def test_every_colour_of_a_figure_is_one_of_the_page() -> None:
    html = html_of(bench())
    drawn = "".join(re.findall(r"<svg.*?</svg>", html, re.DOTALL))
    assert set(re.findall(r"#[0-9a-f]{6}\b", drawn)) <= {"#ffffff"}
    used = set(re.findall(r"var\((--[\w-]+)\)", html))
    assert used <= set(re.findall(r"(--[\w-]+):", html))


@pytest.mark.parametrize(
    "records",
    [
        [],
        run("mm", note="no palm"),
        run("h", case=Case("aside", headline=False)),
        run("h", HALF_STEP, slip=(1.0,)),
        run("h", HALF_STEP, case=Case("1", "rate [1]", 1.0, headline=False)),
        run("hh", slip=(1.0, 1.0)),
        run("h", case=Case("0", "rate [1]", 0.0)),
    ],
)
def test_a_run_with_little_to_draw_is_reported_too(records: list[Record]) -> None:
    Checker(html_of(records))


def test_a_wild_trial_does_not_hide_the_others() -> None:
    records = run("h" * 50, slip=[1.0 + 0.01 * i for i in range(49)] + [1e6])
    assert "slip [mm]; 1 off the axis" in Checker(html_of(records)).text


def test_cases_are_told_apart() -> None:
    records = run("hh", case=Case("ball")) + run("ss", case=Case("box"))
    assert "case by case" in Checker(html_of(records)).text


def test_figure_is_the_same_every_time() -> None:
    drawn = [svg(lambda figure: figure.subplots().plot([0, 1]), 2.0, "it") for _ in range(2)]
    assert drawn[0] == drawn[1]


def test_one_success_and_one_failure_are_shown() -> None:
    records = bench()
    shown = [
        (r.result.outcome, r.trial.condition.kind, r.trial.seed)
        for r in telling(summarise(records))
    ]
    assert shown == [("held", "closed", 0), ("crushed", "closed", 7)]
    held = run("hh") + run("hs", LIGHT)
    assert [r.trial.condition.kind for r in telling(summarise(held))] == ["closed", "open"]
    assert [r.result.outcome for r in telling(summarise(run("cc")))] == ["crushed"]
    assert not list(telling(summarise(run("mm", note="no palm"))))


def written(folder: Path, shown: bool = True) -> Report:
    entries, options = [Entry("hand27_right")], {"command": "handloop bench"}
    physics = {record.task: {"hand27_right": {"timestep_s": 0.001}} for record in bench()}
    return write_report(bench(), entries, options, physics, folder, shown, task_of=fake_task)


def test_report_lies_in_the_folder_and_is_the_same_every_time(tmp_path: Path) -> None:
    one, other = (written(tmp_path, shown=False) for _ in range(2))
    html = (tmp_path / "report.html").read_bytes()
    assert one.files == other.files == (tmp_path / "report.html", tmp_path / "summary.json")
    assert b"timestep_s 0.001" in html
    assert html == (written(tmp_path, shown=False).files[0]).read_bytes()
    assert len(json.loads((tmp_path / "summary.json").read_text())["standings"]) == 2


def test_report_without_opengl_says_so_and_stays_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise studio.NoOpenGLError(studio.MISSING)

    monkeypatch.setattr(pictures, "open_studios", fails)
    found = written(tmp_path)
    assert found.note == studio.MISSING
    text = Checker(found.files[0].read_text(encoding="utf-8")).text
    assert studio.MISSING in text
    assert "How trials ended" in text


def test_camera_sees_the_hand_and_what_it_holds() -> None:
    hand = Contestant.load(Entry("hand27_right")).hand
    model = hand.model
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    view = camera(model, data)
    tips = data.geom_xpos[model.geom_bodyid == model.nbody - 1]
    assert np.linalg.norm(view.lookat - tips, axis=1).max() < view.distance * np.sin(
        np.radians(model.vis.global_.fovy / 2)
    )


def test_painter_shows_a_scene(tmp_path: Path) -> None:
    model = mujoco.MjModel.from_xml_string(
        "<mujoco><worldbody><light pos='0 0 3'/><body><joint axis='0 1 0'/>"
        "<geom size='.05' rgba='1 0 0 1'/></body></worldbody></mujoco>"
    )
    try:
        with studio.open_studios(SnapshotPainter, [studio.Format(80, 60, shadows=False)]) as (one,):
            image = one.render([Snapshot(model, np.zeros(1))]).result()[0]
    except studio.NoOpenGLError:
        pytest.skip("no OpenGL here")
    assert image.shape == (60, 80, 3)
    red = image[..., 0].astype(int) > image[..., 1].astype(int) + 40
    assert 0.05 < red.mean() < 0.9
    assert red[30, 40]


def test_a_picture_that_fails_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    class Blank:
        def render(self, what: Sequence[Snapshot]) -> Future[studio.Image]:
            future: Future[studio.Image] = Future()
            future.set_result(np.zeros((1, 4, 4, 3), dtype=np.uint8))
            return future

    class Shown(FakeTask):
        def snapshot(self, contestant: Contestant, trial: Trial) -> Snapshot:
            if trial.seed:
                raise RuntimeError("gone")
            return Snapshot(mujoco.MjModel.from_xml_string("<mujoco/>"), np.zeros(0))

    monkeypatch.setattr(pictures, "open_studios", lambda *_: nullcontext([Blank()]))
    contestants = {"hand27_right": Contestant.load(Entry("hand27_right"))}
    found, note = pictures.make_pictures(summarise(bench()), contestants, lambda _: Shown())
    assert [p.held for p in found["cup"]] == [True]
    assert found["cup"][0].caption == "held: hand27_right, closed loop, seed 0"
    assert found["cup"][0].png.startswith(b"\x89PNG")
    assert note == "no picture of cup: gone"


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0.12345, "0.123"), (12345.6, "12,346"), (999.4, "999"), (0, "0")],
)
def test_numbers_have_three_digits(value: float | None, text: str) -> None:
    assert number(value) == text


def test_percent_is_all_or_nothing_only_where_it_is() -> None:
    assert percent(Rate(100, 100)) == "100 %"
    assert percent(Rate(999, 1000)) == "99.9 %"
    assert percent(Rate(1, 1000)) == "0.1 %"
    assert percent(Rate(1, 3)) == "33 %"


def test_half_step_is_told_with_its_trials() -> None:
    few = HalfStep(Rate(4, 4), Rate(3, 4), (-0.7, 0.4))
    assert "over 4 trials; fewer than 50 cannot resolve 2 points" in half_step_text(few)
    many = HalfStep(Rate(100, 100), Rate(95, 100), (-0.1, 0.0))
    assert half_step_text(many).endswith("more than the 2 that a sound simulation may")
    sound = HalfStep(Rate(100, 100), Rate(99, 100), (-0.05, 0.02))
    assert half_step_text(sound) == "success moves by -1.0 points (-5.0 to +2.0) over 100 trials"
