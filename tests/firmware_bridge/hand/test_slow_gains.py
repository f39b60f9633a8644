"""Gains on a bus that is slow for them, against a joint that is told late."""

import numpy as np
import pytest

from handloop.controller import Hand
from handloop.firmware_bridge.plan import Block
from handloop.firmware_bridge.servo_drive import DriveFigures
from handloop.firmware_bridge.slow_gains import bearable, joint_inertia

HAND = Hand.load("leap_right")


def drives(mode: str = "current", natural: float = 0.0) -> list[DriveFigures]:
    nothing = Block(1, 0, 0, ())
    one = DriveFigures(
        id=1,
        line=0,
        mode=mode,
        ratio=1.0,
        zero=0.0,
        current_limit=1.0,
        stiffness=0.0,
        read=nothing,
        write=nothing,
        data=b"",
        sensed="present_current",
        sensed_unit=1.0,
        natural_damping=natural,
    )
    return [one] * len(HAND.joint_names)


def gains() -> tuple[np.ndarray, np.ndarray]:
    config = HAND.controller_config()
    return np.array(config.law.stiffness), np.array(config.law.damping)


def swings(inertia: float, stiffness: float, damping: float, period: float) -> float:
    """Largest swing [rad] of a joint let go at 0.1 rad, in the last of 200 periods.

    Its torque is told once a period, from the state of the period before, and comes 2 ms late.
    """
    step, late = 1e-4, 20
    hold = round(period / step)
    q, dq, told, queue, last = 0.1, 0.0, 0.0, [0.0] * (hold + late), 0.0
    for n in range(200 * hold):
        if n % hold == 0:
            told = -stiffness * q - damping * dq
        queue.append(told)
        dq += step * queue.pop(0) / inertia
        q += step * dq
        last = max(last, abs(q)) if n > 199 * hold else 0.0
    return last


def test_on_a_quick_bus_they_stay() -> None:
    stiffness, damping = gains()
    kept = bearable(HAND, 0.0005, drives(), stiffness, damping)
    assert np.allclose(kept[0], stiffness)
    assert np.allclose(kept[1], damping)


@pytest.mark.parametrize("period", [0.002, 0.004, 0.008, 0.016])
def test_what_is_left_settles(period: float) -> None:
    stiffness, damping = bearable(HAND, period, drives(), *gains())
    for joint, inertia in enumerate(joint_inertia(HAND)):
        assert swings(inertia, stiffness[joint], damping[joint], period) < 0.02


def test_what_was_wanted_would_not() -> None:
    stiffness, damping = gains()
    inertia = joint_inertia(HAND)
    assert (
        max(swings(inertia[i], stiffness[i], damping[i], 0.008) for i in range(len(inertia))) > 0.1
    )


def test_what_brakes_in_the_servo_is_no_reason_to_be_softer() -> None:
    stiffness, damping = gains()
    kept = bearable(HAND, 0.008, drives("voltage", damping.max()), stiffness, damping)
    assert np.allclose(kept[0], stiffness)
    assert np.allclose(kept[1], 0.0)


def test_a_model_without_rotors_is_not_believed_to_have_none() -> None:
    stiffness, damping = gains()
    heavy = bearable(HAND, 0.008, drives(natural=1.0), stiffness, damping)
    assert (heavy[1] > bearable(HAND, 0.008, drives(), stiffness, damping)[1]).all()
