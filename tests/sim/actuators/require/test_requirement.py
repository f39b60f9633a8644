"""Requirements in a file, and the ones that come along."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from handloop.controller import Hand
from handloop.sim.actuators.require.envelope import envelope_of, fit, outline
from handloop.sim.actuators.require.requirement import (
    JointRequirement,
    Requirements,
    TendonRequirement,
    packaged_requirements,
)
from handloop.sim.bench.log import LogError

JOINT = JointRequirement(
    joint="index_mcp_flexion",
    rms_torque=0.2,
    peak_torque=0.9,
    peak_speed=5.0,
    cloud=np.array([[0.9, 0.0], [0.1, 5.0], [-0.2, -1.0]]),
    duty=0.3,
    mean_square=0.09,
    thermal=np.array([[0.1, 0.8], [1.0, 0.5]]),
    resolution=3e-4,
    bandwidth=20.0,
    inertia_max=1e-4,
    travel=(-0.1, 1.2),
    set_by={"peak_torque": "bat"},
)
TENDON = TendonRequirement("motor", 20.0, 90.0, 0.1, 0.01, {"peak_tension": "bat"})


def test_a_file_gives_back_what_was_written(tmp_path: Path) -> None:
    needs = Requirements("hand", "a run", (JOINT,), (TENDON,), {"peak": 1.0})
    needs.write(tmp_path / "r.json")
    back = Requirements.read(tmp_path / "r.json")
    assert back.document() == needs.document()
    joint = back.joint("index_mcp_flexion")
    assert joint.cloud.tolist() == JOINT.cloud.tolist()
    assert joint.travel == JOINT.travel
    assert back.tendons == (TENDON,)
    with pytest.raises(KeyError, match="no joint 'thumb'"):
        back.joint("thumb")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "no JSON"),
        ("[]", "no requirements"),
        ("[]", "the file is a list, not a table of keys"),
        ('{"schema": 2}', r"schema: input should be 1 \(is 2\)"),
        ('{"schema": 1, "hand": "h", "source": "s"}', "joints is missing; mend that"),
        (
            '{"schema": 1, "hand": "h", "source": "s", "joints": []}',
            "joints is empty; give at least 1",
        ),
        ('{"schema": 1, "hand": "h", "source": "s", "joints": [{}]}', "joint 0, counted from 0, j"),
    ],
)
def test_another_file_is_refused_with_the_mend(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "r.json").write_text(text)
    with pytest.raises(LogError, match=message):
        Requirements.read(tmp_path / "r.json")
    with pytest.raises(LogError, match="cannot be read"):
        Requirements.read(tmp_path / "other.json")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("rms_torque", "x", r"rms_torque: .*valid number.* \(is 'x'\)"),
        ("rms_torque", None, r"rms_torque: .*valid number \(is None\)"),
        ("rms_torque", True, "rms_torque: should be a number"),
        ("peak_torque", -0.9, r"peak_torque: .* greater than 0 \(is -0.9\)"),
        ("mean_square", 0, r"mean_square: .* greater than 0 \(is 0\)"),
        ("peak_speed", -1, "peak_speed: .* greater than or equal to 0"),
        ("inertia_max", 0, r"inertia_max: .* greater than 0 \(is 0\)"),
        ("resolution", float("nan"), "resolution: .* finite number"),
        ("duty", 1.1, "duty: .* less than or equal to 1"),
        ("cloud", [[0.9, 0.0], [0.1]], r"cloud\[1\]\[1\] is missing"),
        ("cloud", [], "cloud is empty; give at least 1"),
        ("thermal", 3, "thermal: .* valid tuple"),
        ("travel", [0.1, "y"], r"travel\[1\]: .* valid number"),
        ("torque", 1.0, "torque: no key .torque. .*did you mean .rms_torque."),
    ],
)
def test_a_wrong_value_is_named_with_its_joint_and_the_mend(
    tmp_path: Path, key: str, value: object, message: str
) -> None:
    file = tmp_path / "r.json"
    Requirements("hand", "a run", (JOINT,)).write(file)
    said = json.loads(file.read_text())
    said["joints"][0][key] = value
    file.write_text(json.dumps(said))
    whole = f"r.json holds no requirements: joint 'index_mcp_flexion', {message}.*actuators require"
    with pytest.raises(LogError, match=whole):
        Requirements.read(file)


def test_a_joint_is_asked_for_once(tmp_path: Path) -> None:
    Requirements("hand", "a run", (JOINT, JOINT)).write(tmp_path / "r.json")
    with pytest.raises(LogError, match="joints: 'index_mcp_flexion' given twice"):
        Requirements.read(tmp_path / "r.json")


def test_packaged_ones_are_of_the_packaged_hand() -> None:
    needs, hand = packaged_requirements(), Hand.load("hand27_right")
    assert tuple(joint.joint for joint in needs.joints) == hand.joint_names
    limit = np.array(hand.controller_config().safety.torque_max)
    low, high = hand.bind(hand.model).position_range.T
    for i, joint in enumerate(needs.joints):
        largest, fastest = np.abs(joint.cloud).max(axis=0)
        assert largest == pytest.approx(joint.peak_torque, rel=2e-3), joint.joint
        assert fastest == pytest.approx(joint.peak_speed, rel=2e-3), joint.joint
        assert joint.peak_torque <= limit[i] * 1.001
        assert joint.rms_torque <= np.sqrt(joint.mean_square) * 1.001 <= joint.peak_torque * 1.002
        assert low[i] - 0.1 < joint.travel[0] < joint.travel[1] < high[i] + 0.1
        assert joint.resolution > 0.0 and joint.bandwidth > 0.0 and joint.inertia_max > 0.0
    assert len(needs.tendons) == 52, "a pair for each joint but the forearm's"


def test_servo_reaches_from_stall_to_no_load_and_brakes_with_all_it_has() -> None:
    servo = envelope_of("xl330-m288")
    stall, top = servo.actuator.stall_torque, servo.speed_no_load
    assert servo.envelope([-5.0, 0.0, 0.5 * top, top]) == pytest.approx(
        [stall, stall, stall / 2, 0]
    )
    speed, torque = outline(servo)
    assert speed[0] == speed[-1] and torque[0] == torque[-1], "once around"
    assert np.abs(torque).max() == pytest.approx(stall)
    assert np.allclose(torque[np.argmax(speed)], 0.0)


def test_fit_counts_what_lies_under_the_envelope() -> None:
    servo = envelope_of("xl330-m288")
    found = fit(servo, JOINT)
    assert found.inside == pytest.approx(2.0 / 3.0), "0.9 N m is more than it has"
    assert not found.suits
    weak = dataclasses.replace(JOINT, cloud=JOINT.cloud * [0.25, 1.0], peak_torque=0.225)
    assert fit(servo, weak).suits
    assert fit(servo, weak).peak == pytest.approx(servo.envelope(0.0) / 0.225)


def test_fit_compares_peak_speed_and_heat_with_what_is_required() -> None:
    """The actuator's file says 4.1 N m, 46 rpm, and that the winding may reach 100 deg C."""
    servo = envelope_of("xm430-w350")
    found = fit(servo, JOINT)
    assert found.peak == pytest.approx(4.1 / 0.9, rel=0.01)
    assert found.speed == pytest.approx(46.0 * 2.0 * np.pi / 60.0 / 5.0, rel=0.01)
    current = np.sqrt((100.0 - 25.0) / (7.0 + 10.0) / (5.217 * (1.0 + 0.00393 * 75.0)))  # [A]
    assert found.continuous == pytest.approx(2.35 * current / 0.3), "RMS of 0.3 N m"
    slow = dataclasses.replace(JOINT, cloud=JOINT.cloud * [1.0, 0.5])
    assert fit(servo, slow).suits
    hot = dataclasses.replace(slow, mean_square=(1.01 * 2.35 * current) ** 2)
    assert not fit(servo, hot).suits


def test_continuous_envelope_ends_at_the_lasting_torque_and_nowhere_without_one() -> None:
    servo = envelope_of("xm430-w350")
    _, peak = outline(servo)
    _, lasting = outline(servo, "continuous")
    at_most = servo.torque_continuous
    assert lasting == pytest.approx(np.clip(peak, -at_most, at_most))
    unknown = envelope_of("xl330-m288")
    assert np.isnan(unknown.envelope([0.0, 1.0], "continuous")).all()
    assert np.isnan(fit(unknown, JOINT).continuous)
