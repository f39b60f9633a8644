"""The weakest hand that still holds, and how long a trial asks for anything."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handloop.controller import Hand
from handloop.sim.actuators.require import least
from handloop.sim.actuators.require.least import FACTORS, least_loads, weaker
from handloop.sim.actuators.require.load_cache import loads_of
from handloop.sim.actuators.require.runs import Choice, choose_trials
from handloop.sim.bench.contestant import Contestant, Entry
from handloop.sim.bench.log import Record
from handloop.sim.bench.registry import task
from handloop.sim.bench.task import Options
from handloop.sim.tasks.bat import BLOWS
from handloop.sim.tasks.handle_task import HandleTask

LIMITS = np.array(Hand.load("hand27_right").controller_config().safety.torque_max)


def limits(entry: Entry) -> np.ndarray:
    return np.array(Contestant.load(entry).hand.controller_config().safety.torque_max)


def test_a_weaker_hand_differs_in_its_limits_alone() -> None:
    with weaker(Entry("hand27_right"), 0.5) as entry:
        file = Path(entry.hand)
        assert limits(entry) == pytest.approx(0.5 * LIMITS)
        assert (
            Contestant.load(entry).hand.description.gains
            == Hand.load("hand27_right").description.gains
        )
        with weaker(entry, 0.5) as again:
            assert limits(again) == pytest.approx(0.25 * LIMITS)
    assert not file.exists()


@pytest.mark.parametrize("needed", [0.9, 0.5, 0.26, 0.1])
def test_search_ends_at_the_weakest_hand_that_holds_all_trials(
    bench_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, needed: float
) -> None:
    """The second trial takes more than the first."""
    sample = choose_trials(bench_folder, Choice(2))
    stored = list(loads_of(sample, 1))

    def each_of(
        work: Callable[..., Any], entry: Entry, records: Sequence[Record], jobs: int
    ) -> Iterator[Any]:
        strength = float(np.mean(limits(entry) / LIMITS))
        for i, _ in enumerate(records):
            takes = needed * (0.7, 1.0)[i]
            yield strength >= takes - 1e-9, stored[i]

    monkeypatch.setattr(least, "each_of", each_of)
    for name in ("run.json", "trials.jsonl"):
        (tmp_path / name).write_bytes((bench_folder / name).read_bytes())
    copied = choose_trials(tmp_path, Choice(2))
    found = least_loads(copied, ["nist"], 1)
    expected = min(factor for factor in FACTORS if factor >= needed - 1e-9)
    assert found.found[0].factor == pytest.approx(expected)
    assert all((n == 2) == (f >= needed - 1e-9) for f, n in found.found[0].held.items())
    assert len(list(found.histories())) == 2
    monkeypatch.setattr(least, "each_of", lambda *_: pytest.fail("searched again"))
    assert least_loads(copied, ["nist"], 1).found == found.found
    assert least_loads(copied, ["cup"], 1).found == ()


def test_a_handle_is_asked_for_until_the_rung_that_is_its_gate() -> None:
    for name in ("bat", "wrench", "screwdriver-torque"):
        handle = task(name)
        assert isinstance(handle, HandleTask)
        for trial in list(handle.trials(Options(range(9))))[::40]:
            ladder, asked = handle.ladder(trial), handle.asked(trial)
            gate = handle.blow_gate if trial.case == BLOWS else handle.gate  # type: ignore[attr-defined]
            assert ladder.borne(asked) >= gate > ladder.borne(asked - 0.01)


def test_what_asks_for_all_a_hand_has_is_no_requirement() -> None:
    nist = task("nist")
    asked = {t.case.name: nist.asked(t) for t in nist.trials(Options(range(5)))}
    assert asked["finger strength"] == asked["grasp strength"] == 0.0
    assert asked["force tracking"] == np.inf
    assert asked["slip resistance"] == pytest.approx(1.2 + 2.5 / 6.0), "10 of 60 N in 2.5 s"
