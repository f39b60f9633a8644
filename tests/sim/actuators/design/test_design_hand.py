"""A whole hand: all joints served, the files load, and their limits are those designed."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import mujoco
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from handloop.commands.actuators_design import design
from handloop.controller import Hand
from handloop.controller.actuator import Actuator
from handloop.controller.errors import HandError
from handloop.sim.actuators.design import gear
from handloop.sim.actuators.design.bill import COLUMNS, bill
from handloop.sim.actuators.design.hand_files import carried_joints, torque_limit, write_hand
from handloop.sim.actuators.design.joint_actuator import Kind, one
from handloop.sim.actuators.design.need import SPEED_MARGIN, need_of, needs_by_limits
from handloop.sim.actuators.design.sensitivity import OPTIONS, asked, effects
from handloop.sim.actuators.design.space import Need, default_space
from handloop.sim.actuators.design.tendon import ARM
from handloop.sim.actuators.design.whole_hand import HandDesign, design_hand
from handloop.sim.actuators.require.requirement import packaged_requirements

HAND = "hand27_right"


@pytest.fixture(scope="module")
def base() -> Hand:
    return Hand.load(HAND)


@pytest.fixture(scope="module")
def made(base: Hand) -> HandDesign:
    return design_hand(packaged_requirements(), carried_joints(base), kinds=4)


@pytest.fixture(scope="module")
def written(made: HandDesign, base: Hand, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_hand(made, base, HAND, tmp_path_factory.mktemp("hand"))


def test_the_wrist_carries_the_palm(base: Hand) -> None:
    assert carried_joints(base) == ("forearm_rotation", "wrist_flexion", "wrist_deviation")


def test_a_need_encloses_its_cloud() -> None:
    joint = packaged_requirements().joint("index_pip_flexion")
    need = need_of(joint)
    assert need.no_load_speed == pytest.approx(SPEED_MARGIN * joint.peak_speed)
    torque, speed = np.abs(joint.cloud).T
    driving = joint.cloud.prod(axis=1) > 0.0
    line = need.stall * (1.0 - np.where(driving, speed, 0.0) / need.no_load_speed)
    slow = speed <= joint.peak_speed
    assert (torque[slow] <= line[slow] + 1e-9).all()


def test_every_joint_has_what_it_needs(made: HandDesign) -> None:
    assert len(made.kinds) <= 4
    assert sum(kind.count for kind in made.kinds) == len(made.joints) == 27
    assert all(joint.margin >= 1.0 - 1e-9 for joint in made.joints)
    assert all(joint.winding_temperature <= 125.0 + 1e-6 for joint in made.joints)
    assert all(one(j.kind.drive.gear.stages) for j in made.joints if j.efficiency == 1.0)
    assert made.weakest.margin == min(joint.margin for joint in made.joints)


def test_more_kinds_are_not_heavier_and_more_hands_are_cheaper(
    made: HandDesign, base: Hand
) -> None:
    single = design_hand(packaged_requirements(), carried_joints(base), kinds=1)
    assert made.mass < single.mass
    prices = list(made.prices.values())
    assert prices == sorted(prices, reverse=True)


def test_a_written_hand_loads_with_its_limits(made: HandDesign, base: Hand, written: Path) -> None:
    hand = Hand.load(written)
    model, before = hand.model, base.model
    for joint, name in zip(made.joints, hand.description.joints.actuators or (), strict=True):
        actuator, old = model.actuator(name), before.actuator(name)
        limit = torque_limit(joint, old.ctrlrange[1])
        assert actuator.ctrlrange[1] == pytest.approx(limit, rel=1e-4)
        assert model.joint(joint.joint).armature[0] == pytest.approx(joint.inertia, rel=1e-4)
    config = hand.controller_config()
    assert config.motors.motors[5].torque_constant == pytest.approx(
        made.joints[5].efficiency * one(made.joints[5].kind.drive.torque_constant)
    )
    assert model.body_mass.sum() - before.body_mass.sum() == pytest.approx(
        made.mass - made.cord_mass, rel=1e-4
    )


def test_a_written_motor_gives_what_it_is_told_up_to_its_line(
    made: HandDesign, written: Path
) -> None:
    model = Hand.load(written).model
    data = mujoco.MjData(model)
    chosen = made.joints[9]
    limit = model.actuator(f"{chosen.joint}_motor").ctrlrange[1]
    index, dof = model.actuator(f"{chosen.joint}_motor").id, model.joint(chosen.joint).dofadr[0]
    told = {0.0: limit, chosen.kind.drive.no_load_speed: 0.0}
    for speed, torque in told.items():
        data.qvel[:] = 0.0
        data.qvel[dof], data.ctrl[index] = speed, limit
        mujoco.mj_forward(model, data)
        assert data.actuator_force[index] == pytest.approx(torque, abs=1e-3 * limit)


def test_actuator_files_say_the_same(made: HandDesign, written: Path) -> None:
    for kind in made.kinds:
        actuator = Actuator.read(written.parent / "actuators" / f"{kind.name}.toml")
        assert actuator.mass == pytest.approx(one(kind.drive.mass))
        assert actuator.gear.inertia == pytest.approx(one(kind.drive.inertia))
        assert actuator.no_load_speed == pytest.approx(kind.drive.no_load_speed, rel=0.15)


def test_a_written_screw_is_a_gear_of_its_lead(
    made: HandDesign, base: Hand, tmp_path: Path
) -> None:
    values = np.array([0.012, 3.0, 0.12, 1.0, 0.0, 0.0, 4.0, 0.4])  # thread of 4.8 mm, lead of 1.2
    drive = default_space(Need(0.0, 0.0, 0.0, 0.0, 5.0, cords=True)).build(values[None])
    kind = Kind("screwed", values, drive, 1)
    joints = tuple(replace(j, kind=kind) if "pip" in j.joint else j for j in made.joints)
    design = replace(made, joints=joints, kinds=(*made.kinds, kind))
    assert dict(zip(COLUMNS, bill(design)[-1], strict=True))["gear"] == "ball screw"
    hand = Hand.load(write_hand(design, base, HAND, tmp_path))
    actuator = Actuator.read(tmp_path / "actuators" / "screwed.toml")
    assert actuator.gear.ratio == pytest.approx(2.0 * np.pi * ARM / 1.2e-3)
    pulled = design.of("index_pip_flexion")
    assert hand.model.joint(pulled.joint).armature[0] == pytest.approx(pulled.inertia, rel=1e-4)
    motor = hand.controller_config().motors.motors[hand.joint_names.index(pulled.joint)]
    lost = pulled.efficiency * one(drive.gear.efficiency)
    assert motor.torque_constant == pytest.approx(lost * one(drive.back_emf))
    assert 0.8 < one(drive.gear.efficiency) < 0.95


def test_a_hand_with_tendons_is_refused(made: HandDesign, tmp_path: Path) -> None:
    with pytest.raises(HandError, match="has no actuator for each joint"):
        write_hand(made, Hand.load("hand27_right_tendon"), "hand27_right_tendon", tmp_path)


def test_a_hand_without_a_forearm_leaves_its_motors_to_the_arm(tmp_path: Path) -> None:
    palm = Hand.load("hand22_right")
    chosen = design_hand(needs_by_limits(palm), carried_joints(palm), kinds=2)
    hand = Hand.load(write_hand(chosen, palm, "hand22_right", tmp_path))
    assert hand.model.body_mass.sum() == pytest.approx(palm.model.body_mass.sum())
    at_joints = replace(chosen, joints=tuple(replace(j, efficiency=1.0) for j in chosen.joints))
    heavy = Hand.load(write_hand(at_joints, palm, "hand22_right", tmp_path))
    assert heavy.model.body_mass.sum() > palm.model.body_mass.sum() + 0.9 * chosen.mass


def test_limits_stand_in_for_tasks(base: Hand) -> None:
    needs = needs_by_limits(base)
    limits = base.bind(base.model).torque_max()
    assert [joint.peak_torque for joint in needs.joints] == pytest.approx(limits.tolist())


def test_sensitivity_changes_one_thing_at_a_time_and_puts_it_back(made: HandDesign) -> None:
    loss, seen = gear.STAGE_LOSS, []

    def counted(_: object, **changes: object) -> HandDesign:
        seen.append((gear.STAGE_LOSS != loss, *changes))
        return replace(made, cord_mass=made.cord_mass + 0.1 * len(changes))

    found = effects(counted, packaged_requirements())
    assert gear.STAGE_LOSS == loss
    assert sum(changed for changed, *_ in seen) == 2
    moved = [effect for effect in found if effect.mass[0] > 1.0]
    assert {effect.assumption for effect in moved} == set(OPTIONS)
    assert found[: len(moved)] == moved


def test_more_is_asked() -> None:
    more = asked(packaged_requirements(), torque=1.2, speed=2.0).joints[4]
    plain = packaged_requirements().joints[4]
    assert more.mean_square == pytest.approx(1.44 * plain.mean_square)
    assert more.cloud[:, 1] == pytest.approx(2.0 * plain.cloud[:, 1])


def test_the_command_writes_a_study_a_bill_and_a_hand(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(design)
    run = CliRunner().invoke(app, ["--kinds", "3", "--no-sensitivity", "--out", str(tmp_path)])
    assert run.exit_code == 0, run.output
    said = json.loads((tmp_path / "design.json").read_text())
    with (tmp_path / "bom.csv").open() as file:
        rows = list(csv.DictReader(file))
    grams = sum(float(row["mass [g]"]) * float(row["in a hand [1]"]) for row in rows)
    assert 1e-3 * grams + said["cord_mass_kg"] == pytest.approx(said["mass_kg"])
    assert len(said["joints"]) == 27
    assert "hypervolume" in (tmp_path / "report.html").read_text()
    assert Hand.load(tmp_path / "hand" / "hand.toml").can_be_driven
