"""What a run comes to, against what was counted by hand."""

import json
from dataclasses import replace

import pytest

from handloop.sim.bench.document import document
from handloop.sim.bench.log import Record
from handloop.sim.bench.measures import Rate, Spread
from handloop.sim.bench.summary import Standing, summarise
from handloop.sim.bench.trial import HALF_STEP, Case, Condition, Result

from .records import FIRM, LIGHT, bench, run


def one(records: list[Record]) -> Standing:
    (standing,) = summarise(records)
    return standing


def test_one_standing_per_task_and_contestant_in_their_order() -> None:
    records = run("h", task="b") + run("h", contestant="z", task="b") + run("s", task="a")
    found = [(s.task, s.contestant) for s in summarise(records)]
    assert found == [("b", "hand27_right"), ("b", "z"), ("a", "hand27_right")]


def test_showings_are_what_was_counted() -> None:
    standing, _ = summarise(bench())
    assert list(standing.showings) == ["closed", "open 3 N", "open 6 N", "half_step"]
    closed, light = standing.closed, standing.showings["open 3 N"]
    assert closed
    assert closed.rate == Rate(7, 8)
    assert closed.rate.interval == pytest.approx((0.5291, 0.9776), abs=1e-4)
    assert {k: v for k, v in closed.outcomes.items() if v} == {"held": 7, "crushed": 1}
    assert {k: v for k, v in light.outcomes.items() if v} == {"held": 3, "slipped": 4, "crushed": 1}
    assert closed.metrics == {"slip_mm": Spread(7, 4.0, pytest.approx(1.3), pytest.approx(6.7))}
    assert closed.sensors == ("joint positions", "skin")


def test_best_open_loop_holds_most_and_of_two_is_the_gentler() -> None:
    standing, _ = summarise(bench())
    assert standing.best_open == "open 6 N"
    assert one(run("hhs", FIRM) + run("hsh", LIGHT)).best_open == "open 3 N"
    assert one(run("hhh")).best_open is None


def test_best_open_loop_is_chosen_over_the_trials_of_the_closed_loop() -> None:
    beyond = run("hhhhhh", FIRM, first_seed=2)  # held what nobody asked of the closed loop
    assert one(run("hh") + run("hs", LIGHT) + run("ss", FIRM) + beyond).best_open == "open 3 N"


def test_only_the_headline_pool_counts() -> None:
    aside = run("ssss", case=Case("hard", headline=False))
    standing = one(run("hh") + aside)
    assert standing.closed
    assert standing.closed.rate == Rate(2, 2)
    assert standing.cases["hard"]["closed"].rate == Rate(0, 4)
    assert standing.cases[""]["closed"].rate == Rate(2, 2)


def test_curves_go_by_value() -> None:
    cases = [Case(str(v), "rate [kg/s]", v, headline=False) for v in (0.3, 0.1, 0.2)]
    records = run("h") + [r for case in cases for r in run("hs", case=case)]
    records += run("hh", FIRM, case=cases[1])
    closed, opened = one(records).curves
    assert (closed.name, closed.condition.kind) == ("rate [kg/s]", "closed")
    assert closed.points == ((0.1, Rate(1, 2)), (0.2, Rate(1, 2)), (0.3, Rate(1, 2)))
    assert opened.points == ((0.1, Rate(2, 2)),)
    assert one(records).cases == {}


def test_half_step_is_held_against_the_same_trials() -> None:
    half = one(run("hhhhs") + run("hhss", HALF_STEP)).half_step
    assert half
    assert (half.full, half.half) == (Rate(4, 4), Rate(2, 4))
    assert half.points == -50.0
    assert half.flagged and not half.resolved
    assert half.interval[0] < -0.5 < half.interval[1]


@pytest.mark.parametrize(
    ("moved", "n", "flagged", "resolved"),
    [(1, 51, False, True), (1, 50, True, True), (9, 9, True, True), (0, 9, False, False)],
)
def test_half_step_is_flagged_from_two_points_on(
    moved: int, n: int, flagged: bool, resolved: bool
) -> None:
    half = one(run("h" * n) + run("s" * moved + "h" * (n - moved), HALF_STEP)).half_step
    assert half
    assert (half.flagged, half.resolved) == (flagged, resolved)


def test_who_took_no_part_says_why() -> None:
    _, absent = summarise(bench())
    assert absent.absence.endswith("has no skin")
    assert absent.closed
    assert absent.closed.rate == Rate(0, 2)
    assert one(run("mm")).absence == ""
    assert one(run("ms", note="hm")).absence == ""


def test_notes_are_counted() -> None:
    standing = one(run("hs", note="odd") + run("s", note="even", first_seed=2))
    assert standing.closed
    assert standing.closed.notes == {"odd": 2, "even": 1}


def test_document_is_json_without_nan() -> None:
    records = bench()
    records[0] = replace(records[0], result=Result("held"))
    text = json.dumps(document(summarise(records)), allow_nan=False)
    first, absent = json.loads(text)["standings"]
    assert first["conditions"]["closed"]["wilson_95"] == pytest.approx([0.5291, 0.9776], abs=1e-4)
    assert first["conditions"]["open 6 N"]["squeeze_n"] == 6.0
    assert first["half_step"]["n"] == 4
    assert [p["value"] for p in first["curves"][0]["points"]] == [0.3, 0.5, 0.8]
    assert first["took_no_part"] is None
    assert absent["took_no_part"]


def test_a_condition_without_a_metric_has_none() -> None:
    showing = one(run("h", Condition("rigid"))).showings["rigid"]
    assert showing.metrics == {}
