"""The lightest pair for a joint is what a search by hand finds; a designed hand gains as told."""

import math
from dataclasses import replace

import numpy as np
import pytest

from handloop.sim.actuators.bottleneck import design
from handloop.sim.actuators.bottleneck.catalogue import catalogue_pairs
from handloop.sim.actuators.bottleneck.design import design_gains, practice_of
from handloop.sim.actuators.bottleneck.joints import by_factor, choose, hand_gains
from handloop.sim.actuators.bottleneck.levers import AS_IS, COPPER, GEAR, HEAT, MOTOR, TENDON
from handloop.sim.actuators.bottleneck.rotors import ask_hand, changed
from handloop.sim.actuators.design.need import need_of
from handloop.sim.actuators.design.practice import MAKERS
from handloop.sim.actuators.design.whole_hand import HandDesign
from handloop.sim.actuators.parts.part_tables import Parts
from handloop.sim.actuators.require.requirement import Requirements, packaged_requirements

from .made_up import pairs_of, requirements_of

NEEDS = requirements_of(finger=0.1, thumb=0.4)


@pytest.mark.parametrize("most", [math.inf, 3e-3])
def test_lightest_pair_is_what_trying_all_finds(most: float) -> None:
    pairs = catalogue_pairs(Parts.packaged())
    for chosen in choose(pairs, NEEDS, [], [most, most])[AS_IS]:
        need = need_of(NEEDS.joint(chosen.joint))
        able = [
            pairs.mass(AS_IS)[i]
            for i in range(len(pairs))
            if min(pairs.motor_continuous[i], pairs.gear_continuous[i]) >= need.torque
            and min(pairs.motor_peak[i], pairs.gear_peak[i]) >= need.torque_peak
            and pairs.stall[i] >= need.stall
            and pairs.speed[i] >= need.no_load_speed
            and pairs.inertia[i] <= most
        ]
        assert chosen.mass == pytest.approx(min(able))


def test_a_lever_serves_joints_that_nothing_served_before() -> None:
    pairs = pairs_of([1.0], [0.3], speed=20.0)
    gains = {gain.lever: gain for gain in hand_gains(pairs, NEEDS, resamples=20)}
    assert (gains[GEAR].feasible, gains[GEAR].gained) == (2, ("thumb",))
    assert (gains[MOTOR].feasible, gains[MOTOR].gained) == (1, ())
    assert gains[GEAR].part == pytest.approx(1.0)


def test_a_lever_that_only_adds_mass_is_left_alone() -> None:
    found = hand_gains(pairs_of([1.0], [1.0]), NEEDS, [COPPER], 20)
    assert [gain.part for gain in found] == [1.0, 1.0]


def test_a_rotor_that_is_too_heavy_or_unknown_serves_no_joint_with_a_bound() -> None:
    heavy, unknown = (pairs_of([1.0], [1.0], inertia=i) for i in (2e-3, math.nan))
    for pairs in (heavy, unknown):
        (free, *_), (bound, *_) = (
            hand_gains(pairs, NEEDS, resamples=20, inertia=most) for most in ((), (1e-3, 1e-3))
        )
        assert (free.feasible, bound.feasible) == (2, 0)
        assert math.isnan(bound.part)
        assert np.isnan(bound.interval).all()
    (light, *_) = hand_gains(heavy, NEEDS, resamples=20, inertia=(2e-3, 1e-3))
    assert light.feasible == 1


def test_a_smaller_spool_reflects_twice_the_inertia() -> None:
    pairs = pairs_of([0.3], [0.3], inertia=1e-3)
    for most, served in ((2.1e-3, 2), (1.9e-3, 1)):
        found = hand_gains(pairs, NEEDS, [TENDON], 20, inertia=(most, most))
        assert found[1].feasible == served, "the thumb needs 1.41 times the torque"


def test_the_answer_changes_where_only_fast_gears_are_light_enough() -> None:
    # A strong motor behind a weak gear of high ratio; a weak one behind a strong gear of low ratio.
    pairs = pairs_of([0.8, 0.2], [0.2, 0.8])
    pairs = replace(pairs, inertia=np.array([1.0, 1e-5]))
    needs = requirements_of(thumb=0.4)
    needs = replace(needs, joints=(replace(needs.joints[0], inertia_max=1e-6),))
    any_rotor, as_design, as_choose = ask_hand(pairs, needs, 20)
    assert [gain.feasible for gain in any_rotor.gains[:3]] == [0, 1, 1]
    assert (any_rotor.winner, any_rotor.sure) == ("neither", False)
    assert (as_design.winner, as_design.sure) == ("motor", True)
    assert as_choose.winner == "neither", "nothing is as light as that"
    assert list(changed([any_rotor, as_design, as_choose])) == [as_design]


def test_hand27_asks_for_gears_until_it_asks_for_light_rotors() -> None:
    answers = list(ask_hand(catalogue_pairs(Parts.packaged()), packaged_requirements(), 20))
    assert [answer.winner for answer in answers] == ["gear", "motor", "motor"]
    assert [answer.of(AS_IS).feasible for answer in answers] == [27, 27, 4]
    assert [answer.of(MOTOR).feasible for answer in answers] == [27, 27, 12]


def test_better_parts_never_weigh_more() -> None:
    found = by_factor(catalogue_pairs(Parts.packaged()), NEEDS, 20)
    for gains in found.values():
        parts = [gain.part for gain in gains]
        assert parts[0] == 1.0
        assert parts == sorted(parts, reverse=True)
    for motor, gear, both in zip(*found.values(), strict=True):
        assert both.part <= min(motor.part, gear.part)


def test_double_is_double_of_what_makers_reach() -> None:
    assert practice_of(AS_IS) == MAKERS
    assert practice_of(MOTOR).motor_constant == pytest.approx(2.0 * MAKERS.motor_constant)
    assert practice_of(COPPER).motor_constant == pytest.approx(
        math.sqrt(2.0) * MAKERS.motor_constant
    )
    assert practice_of(GEAR).gear_torque == pytest.approx(2.0 * MAKERS.gear_torque)
    assert practice_of(HEAT).winding == pytest.approx(0.5 * MAKERS.winding)
    assert practice_of(HEAT).housing == pytest.approx(0.5 * MAKERS.housing)


def test_smaller_spools_ask_for_the_same_power(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Requirements] = []

    def made(needs: Requirements, *_: object, **__: object) -> HandDesign:
        asked.append(needs)
        if len(asked) == 2:
            raise ValueError("nothing does")
        return HandDesign(needs.hand, "", (), (), "joint", "mass", 1, cord_mass=float(len(asked)))

    monkeypatch.setattr(design, "design_hand", made)
    found = design_gains(NEEDS, ["thumb"], [GEAR, TENDON], draws=0)
    assert [(g.place, g.lever) for g in found] == [
        ("joint", AS_IS), ("joint", GEAR), ("forearm", AS_IS), ("forearm", GEAR),
        ("forearm", TENDON),
    ]  # fmt: skip
    assert [g.lacks for g in found] == ["", "nothing does", "", "", ""]
    assert [g.part for g in found[2:]] == pytest.approx([1.0, 4.0 / 3.0, 5.0 / 3.0])
    before, after = NEEDS.joint("finger"), asked[-1].joint("finger")
    assert after.rms_torque * math.sqrt(2.0) == pytest.approx(before.rms_torque)
    assert after.mean_square == pytest.approx(after.rms_torque**2)
    assert np.prod(after.cloud, axis=1) == pytest.approx(np.prod(before.cloud, axis=1))
    assert asked[-1].joint("thumb") is NEEDS.joint("thumb"), "its actuator pulls no cord"
