"""Stepping from Python on shared buffers: the same torques, no copies, and nothing out of reach."""

import numpy as np
import pytest

from handloop import _core
from handloop.controller import Hand
from handloop.latency.exercise import exercise


@pytest.fixture(scope="module")
def hand() -> Hand:
    return Hand.load("hand27_right")


def controller(hand: Hand) -> _core.Controller:
    return _core.Controller(hand.bind(hand.model).hand_model, hand.controller_config())


def test_steps_equal_ticks(hand: Hand) -> None:
    samples = exercise(hand)
    ticked, stepped = controller(hand), controller(hand)
    buffers = stepped.buffers()
    torque = buffers.torque
    for sample in samples:
        buffers.load(sample)
        buffers.step()
        assert np.array_equal(torque, ticked.tick(sample, sample.time))
    assert stepped.slip_count == ticked.slip_count > 0


def test_arrays_are_the_memory_of_the_buffers(hand: Hand) -> None:
    sample = exercise(hand)[950]
    by_load, by_hand = (controller(hand).buffers() for _ in range(2))
    by_load.load(sample)
    by_hand.time[0] = sample.time
    by_hand.q[:], by_hand.dq[:] = sample.q, sample.dq
    for name in ("touching", "position", "normal", "tangent", "force", "slip_speed"):
        one = [getattr(sample.contact(f), name) for f in range(len(hand.finger_names))]
        getattr(by_hand, name)[:] = one
        assert np.array_equal(getattr(by_load, name), one)
    by_load.step()
    by_hand.step()
    assert np.array_equal(by_hand.torque, by_load.torque)
    assert by_hand.torque.any()
    assert np.shares_memory(by_hand.q, by_hand.q)


def test_torque_is_for_reading(hand: Hand) -> None:
    with pytest.raises(ValueError, match="read-only"):
        controller(hand).buffers().torque[0] = 1.0


def test_a_view_keeps_all_it_needs_alive(hand: Hand) -> None:
    buffers = controller(hand).buffers()
    q, step, torque = buffers.q, buffers.step, buffers.torque
    del buffers
    q[:] = 0.1
    step()
    assert np.isfinite(torque).all()


def test_a_bad_sample_is_a_matter_of_safety(hand: Hand) -> None:
    c = controller(hand)
    buffers = c.buffers()
    buffers.q[0] = np.nan
    buffers.step()
    assert c.fault == _core.Fault.NOT_A_NUMBER
    assert not buffers.torque.any()


def test_a_sample_of_another_hand_is_refused(hand: Hand) -> None:
    with pytest.raises(ValueError, match="3 joints, the hand 27"):
        controller(hand).buffers().load(_core.HandState(3))


def test_only_a_controller_makes_them() -> None:
    with pytest.raises(TypeError):
        _core.ControllerBuffers()
