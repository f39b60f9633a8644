"""Scaled hands are what they say, and trials are compared each with itself."""

import math
from pathlib import Path

import numpy as np
import pytest

from handloop.controller import Hand
from handloop.sim.actuators.bottleneck.levers import LEVERS
from handloop.sim.actuators.bottleneck.pools import POOLS, Pool
from handloop.sim.actuators.bottleneck.scaled_hand import (
    AS_IS,
    COPPER,
    GEAR,
    HEAT,
    MOTOR,
    MOTOR_AND_GEAR,
    TENDON,
    Scale,
    write_scaled,
)  # fmt: skip
from handloop.sim.actuators.bottleneck.trials import HANDS, Effect, run_effects
from handloop.sim.bench.log import TRIALS
from handloop.sim.statistics import paired_difference

from .made_up import Fake

SERVO = "hand27_right_servo"


def written(hand: str, scale: Scale, folder: Path) -> tuple[Hand, Hand]:
    return Hand.load(hand), Hand.load(write_scaled(hand, scale, folder))


def torques(hand: Hand) -> np.ndarray:
    return np.array(hand.bind(hand.model).torque_max())


def test_as_it_is_nothing_changes(tmp_path: Path) -> None:
    before, after = written(SERVO, AS_IS, tmp_path)
    for name in ("actuator_ctrlrange", "actuator_gainprm", "actuator_biasprm", "body_mass"):
        assert np.array_equal(getattr(before.model, name), getattr(after.model, name)), name


def test_gear_limit_is_what_joints_may_bear(tmp_path: Path) -> None:
    before, after = written("hand27_right", GEAR, tmp_path)
    assert torques(after) == pytest.approx(2.0 * torques(before))


def test_stronger_gears_leave_a_servo_its_stall_torque(tmp_path: Path) -> None:
    before, after = written(SERVO, GEAR, tmp_path)
    kinds, names = before.description.motors.kinds, before.description.motors.kind
    stall = np.array([kinds[n].torque_constant * kinds[n].current_max for n in names])
    assert torques(after) == pytest.approx(np.minimum(2.0 * torques(before), stall), rel=1e-3)
    _, both = written(SERVO, MOTOR_AND_GEAR, tmp_path / "both")
    assert torques(both) == pytest.approx(2.0 * torques(before))


@pytest.mark.parametrize(("scale", "more"), [(MOTOR, 2.0), (COPPER, math.sqrt(2.0))])
def test_motor_gives_more_torque_at_the_same_heat(
    scale: Scale, more: float, tmp_path: Path
) -> None:
    before, after = written(SERVO, scale, tmp_path)
    assert torques(after) == pytest.approx(torques(before)), "joints bear what they did"
    for name, kind in before.description.motors.kinds.items():
        other = after.description.motors.kinds[name]
        assert other.resistance * more**2 == pytest.approx(kind.resistance), "current as torque"
        assert other.torque_constant == kind.torque_constant
        assert other.current_max == pytest.approx(more * kind.current_max)


def test_every_lever_is_run_on_tasks() -> None:
    run = {scale.name for _, scales in HANDS for scale in scales}
    assert run == {lever.name for lever in LEVERS} | {MOTOR_AND_GEAR.name}


def test_heat_leaves_twice_as_well(tmp_path: Path) -> None:
    before, after = written(SERVO, HEAT, tmp_path)
    for name, kind in before.description.motors.kinds.items():
        other = after.description.motors.kinds[name].thermal
        assert other.winding_resistance == pytest.approx(0.5 * kind.thermal.winding_resistance)
        assert other.winding_capacity == kind.thermal.winding_capacity


def test_tendons_pull_twice_as_much(tmp_path: Path) -> None:
    before, after = written("hand27_right_tendon", TENDON, tmp_path)
    assert torques(after)[3:] == pytest.approx(2.0 * torques(before)[3:])
    pulls = before.model.actuator_trntype == 3
    ranges = [hand.model.actuator_ctrlrange[pulls, 1] for hand in (before, after)]
    assert ranges[1] == pytest.approx(2.0 * ranges[0])


def test_what_a_hand_lacks_cannot_be_doubled(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no tendons"):
        write_scaled(SERVO, TENDON, tmp_path)
    with pytest.raises(ValueError, match="no motors that get warm"):
        write_scaled("hand27_right", HEAT, tmp_path)


def test_effects_are_paired(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    (effect,) = run_effects(
        Fake(), tmp_path, 10, POOLS[:1], [(SERVO, (GEAR,))], lambda *at: told.append(at)
    )
    assert effect.medians == (4.5, 5.5)
    assert (effect.change, effect.interval) == (1.0, (1.0, 1.0)), "each trial bears one more"
    assert effect.verdict == "more"
    assert (effect.before.successes, effect.after.successes) == (5, 10)
    assert effect.success == paired_difference(5, 0, 5, 0)
    assert told[0] == ("wrench, servo", 1, 20)
    assert told[-1] == ("wrench, servo", 20, 20)


def test_runs_that_were_begun_are_gone_on_with(tmp_path: Path) -> None:
    def effect(engine: Fake) -> Effect:
        (effect,) = run_effects(engine, tmp_path, 4, POOLS[:1], [(SERVO, (GEAR,))])
        return effect

    whole, log = effect(Fake()), tmp_path / "run-servo" / TRIALS
    log.write_text("".join(log.read_text().splitlines(keepends=True)[:5]))
    engine = Fake()
    again = effect(engine)
    assert engine.ran == 3, "of eight trials five were there"
    assert again.changes.tolist() == whole.changes.tolist()


def test_trials_without_the_measure_do_not_count(tmp_path: Path) -> None:
    nothing = Pool("wrench", "wrench", "slip_mm")
    (effect,) = run_effects(Fake(), tmp_path, 4, [nothing], [(SERVO, (GEAR,))])
    assert np.isnan(effect.medians).all()
    assert effect.verdict == "no difference"


@pytest.mark.parametrize("pool", POOLS, ids=lambda pool: pool.name)
def test_every_pool_has_its_cases_in_turn(pool: Pool) -> None:
    trials = pool.trials(12)
    assert [trial.seed for trial in trials] == list(range(12))
    assert all(trial.condition.kind == "closed" for trial in trials)
    if pool.cases:
        assert {trial.case.name for trial in trials} == set(pool.cases)
    else:
        assert len({trial.case.name for trial in trials}) > 1
