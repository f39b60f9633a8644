"""What `_core` says of the cost of ticks: exact where it claims to be."""

import numpy as np
import pytest

from handloop import _core
from handloop.controller import Hand
from handloop.latency.exercise import exercise

Rig = tuple[_core.Controller, list[_core.HandState]]


@pytest.fixture(scope="module")
def rig() -> Rig:
    hand = Hand.load("hand22_right")
    controller = _core.Controller(hand.bind(hand.model).hand_model, hand.controller_config())
    return controller, exercise(hand)


def trace(rig: Rig, stride: int) -> dict[str, float]:
    try:
        return _core.trace_ticks(*rig, stride)
    except RuntimeError as error:
        pytest.skip(str(error))


def test_tracing_counts_the_same_twice_and_leaves_the_controller_alone(rig: Rig) -> None:
    controller, samples = rig
    slips = controller.slip_count
    first, again = trace((controller, samples[:700]), 400), trace((controller, samples[:700]), 400)
    assert first == again
    assert first["ticks"] == 2
    assert 1000 < first["instructions"] <= first["instructions_max"] < 200_000
    assert controller.slip_count == slips


def test_a_tick_is_quiet(rig: Rig) -> None:
    found = trace(rig, 600)
    assert found["allocations"] == found["system_calls"] == 0


def test_a_warm_tick_waits_for_no_page(rig: Rig) -> None:
    _core.page_faults(*rig)
    assert _core.page_faults(*rig) == 0


def test_times_of_samples(rig: Rig) -> None:
    controller, samples = rig
    best = _core.best_times(controller, samples, 2)
    assert best.shape == (len(samples),)
    assert (best > 0.0).all()
    assert _core.batch_times(controller, samples[0], 5, 3).shape == (3,)


def test_buckets_hold_every_tick(rig: Rig) -> None:
    found = _core.time_ticks(*rig, 2000)
    times, counts = found["buckets"].T
    assert counts.sum() == found["ticks"] == 2000
    assert (np.diff(times) > 0.0).all()
    assert times[-1] == pytest.approx(found["max"], rel=1 / 64)


@pytest.mark.parametrize("function", [_core.time_ticks, _core.best_times, _core.trace_ticks])
def test_nothing_to_measure_is_refused(rig: Rig, function) -> None:
    with pytest.raises(ValueError, match="at least one"):
        function(rig[0], rig[1], 0)
    with pytest.raises(ValueError, match="joints"):
        function(rig[0], [_core.HandState(3)], 1)
