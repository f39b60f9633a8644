"""A whole hand: all joints served, the files load, and their limits are those designed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import mujoco
import numpy as np
import pytest

from handloop.controller import Hand
from handloop.controller.actuator import Actuator
from handloop.controller.errors import HandError
from handloop.sim.actuators.design import gear
from handloop.sim.actuators.design.bill import COLUMNS, bill, document
from handloop.sim.actuators.design.drive import CASE
from handloop.sim.actuators.design.hand_files import carried_joints, torque_limit, write_hand
from handloop.sim.actuators.design.joint_actuator import Kind, one
from handloop.sim.actuators.design.need import SPEED_MARGIN, need_of, needs_by_limits
from handloop.sim.actuators.design.page import said_of_drag, summary
from handloop.sim.actuators.design.sensitivity import OPTIONS, asked, effects
from handloop.sim.actuators.design.space import Need, default_space
from handloop.sim.actuators.design.tendon import ARM
from handloop.sim.actuators.design.whole_hand import HandDesign, design_hand
from handloop.sim.actuators.forearm import ROOM
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


def test_the_summary_says_whether_they_fit_into_the_forearm(made: HandDesign, base: Hand) -> None:
    pulling = [joint.kind for joint in made.joints if joint.efficiency < 1.0]
    bulks = [
        0.25 * np.pi * one(kind.drive.gear.diameter) ** 2 * one(kind.drive.length)
        for kind in pulling
    ]
    assert len(bulks) == 27 - len(carried_joints(base))
    assert made.forearm_volume == pytest.approx(sum(bulks))
    assert made.forearm_volume > ROOM
    assert "of the 577 cm3 that it has for them" in summary(made)
    assert summary(made).endswith(": they do not fit in.")
    few = replace(made, joints=made.joints[:6])
    assert 0.0 < few.forearm_volume < ROOM
    assert "do not fit" not in summary(few)
    at_joints = replace(made, joints=tuple(replace(j, efficiency=1.0) for j in made.joints))
    assert "577" not in summary(at_joints)


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


def test_the_bill_adds_up(made: HandDesign) -> None:
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in bill(made)]
    for row in rows:
        parts = [row[c] or 0.0 for c in COLUMNS if c.endswith("[g]") and c != "mass [g]"]
        assert sum(parts) == pytest.approx(row["mass [g]"]), row["kind"]
        case = row["brackets, cable and plug [g]"]
        assert case is None or case == pytest.approx(row["mass [g]"] * CASE / (1.0 + CASE))
    assert sum(row["mass [g]"] * row["in a hand [1]"] for row in rows) == pytest.approx(
        1e3 * made.mass
    )
    assert (rows[-1]["kind"], rows[-1]["in a hand [1]"]) == ("cord", 2 * 24)


def test_a_hand_without_cords_has_none_in_its_bill(base: Hand) -> None:
    beside = design_hand(packaged_requirements(), base.joint_names, kinds=2)
    assert [row[0] for row in bill(beside)] == [kind.name for kind in beside.kinds]


def test_actuator_files_say_the_same(made: HandDesign, written: Path) -> None:
    for kind in made.kinds:
        actuator = Actuator.read(written.parent / "actuators" / f"{kind.name}.toml")
        assert actuator.mass == pytest.approx(one(kind.drive.mass))
        assert actuator.gear.inertia == pytest.approx(one(kind.drive.inertia))
        assert actuator.no_load_speed == pytest.approx(kind.drive.no_load_speed, rel=0.15)


def test_a_designed_hand_takes_the_place_of_another(
    made: HandDesign, base: Hand, tmp_path: Path
) -> None:
    before = replace(made, kinds=(replace(made.kinds[0], name="D7b"), *made.kinds))
    named = replace(made.joints[5], kind=before.kinds[0])
    before = replace(before, joints=(*made.joints[:5], named, *made.joints[6:]))
    for design_of, kinds in ((before, before.kinds), (made, made.kinds)):
        write_hand(design_of, base, HAND, tmp_path)
        (tmp_path / "actuators" / "mine.toml").touch()
        files = {file.stem for file in (tmp_path / "actuators").iterdir()}
        assert files == {*(kind.name for kind in kinds), "mine"}


def test_a_hand_of_others_loses_nothing(made: HandDesign, base: Hand, tmp_path: Path) -> None:
    (tmp_path / "actuators").mkdir()
    (tmp_path / "actuators" / "D7.toml").touch()
    text = 'name = "hand27_right"\n[motors]\nkind = ["D7 tendon"]\n'
    (tmp_path / "hand.toml").write_text(text)
    write_hand(made, base, HAND, tmp_path)
    assert (tmp_path / "actuators" / "D7.toml").exists()


def test_a_written_screw_is_a_gear_of_its_lead(
    made: HandDesign, base: Hand, tmp_path: Path
) -> None:
    values = np.array([0.012, 3.0, 0.12, 1.0, 0.0, 0.0, 4.0, 0.4])  # thread of 4.8 mm, lead of 1.2
    drive = default_space(Need(0.0, 0.0, 0.0, 0.0, 5.0, cords=True)).build(values[None])
    kind = Kind("screwed", values, drive, 1)
    joints = tuple(replace(j, kind=kind) if "pip" in j.joint else j for j in made.joints)
    design = replace(made, joints=joints, kinds=(*made.kinds, kind))
    row = next(row for row in bill(design) if row[0] == "screwed")
    assert dict(zip(COLUMNS, row, strict=True))["gear"] == "ball screw"
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


@pytest.mark.parametrize("name", ["shadow_right", "adroit_right"])
def test_an_equipped_hand_keeps_what_was_put_on(
    name: str, load_hand: Callable[[str], Hand], tmp_path: Path
) -> None:
    before = load_hand(name)
    chosen = design_hand(needs_by_limits(before), carried_joints(before), kinds=2)
    hand = Hand.load(write_hand(chosen, before, name, tmp_path))
    assert hand.simulates_motors is False
    assert hand.joint_names == before.joint_names
    assert hand.controller_config().motors.motors[0].current_max > 0.0
    for joint in chosen.joints:
        assert hand.model.joint(joint.joint).armature[0] == pytest.approx(joint.inertia, rel=1e-4)
    kept = [before.model.geom(g).name for g in range(before.model.ngeom)]
    assert any(geom.endswith("_pad") for geom in kept)
    for geom in filter(None, kept):
        for figure in ("pos", "size", "friction", "solref", "solmix"):
            old, new = (getattr(h.model.geom(geom), figure) for h in (before, hand))
            assert new == pytest.approx(old, rel=1e-4, abs=1e-6), (geom, figure)
    for tip in range(before.model.nsite):
        site = before.model.site(tip)
        assert hand.model.site(site.name).pos == pytest.approx(site.pos, abs=1e-6)
    assert hand.model.nsensor == before.model.nsensor
    assert hand.model.opt.timestep == before.model.opt.timestep


def test_a_hand_of_real_motors_can_be_designed_anew(tmp_path: Path) -> None:
    before = Hand.load("hand27_right_real")
    chosen = design_hand(packaged_requirements(), carried_joints(before), kinds=2)
    hand = Hand.load(write_hand(chosen, before, "hand27_right_real", tmp_path))
    assert not hand.simulates_motors


def test_limits_stand_in_for_tasks(base: Hand) -> None:
    needs = needs_by_limits(base)
    limits = base.bind(base.model).torque_max()
    assert [joint.peak_torque for joint in needs.joints] == pytest.approx(limits.tolist())


def test_sensitivity_changes_one_thing_at_a_time_and_puts_it_back(made: HandDesign) -> None:
    before, seen, drags = (gear.STAGE_LOSS, gear.SOLID), [], []

    def counted(_: object, **changes: object) -> HandDesign:
        now = gear.STAGE_LOSS, gear.SOLID
        seen.append([a / b for a, b in zip(now, before, strict=True)])
        drags.append(changes.get("drag"))
        return replace(made, cord_mass=made.cord_mass + 0.1 * len(changes))

    found = effects(counted, packaged_requirements(), drag=0.05)
    assert (gear.STAGE_LOSS, gear.SOLID) == before
    other = [factors for factors in seen if factors != [1.0, 1.0]]
    assert other == [pytest.approx(f) for f in ([0.8, 1.0], [1.2, 1.0], [1.0, 0.8], [1.0, 1.2])]
    moved = [effect for effect in found if effect.mass[0] > 1.0]
    assert {effect.assumption for effect in moved} == {*OPTIONS, "drag that is wanted"}
    assert found[: len(moved)] == moved
    assert [drag for drag in drags if drag] == pytest.approx([0.04, 0.06])


def test_drag_wanted_and_drag_reached_are_both_told(made: HandDesign) -> None:
    beyond = [j for j in made.joints if one(j.kind.drive.friction) * j.efficiency > j.need.drag]
    assert len(beyond) == len(made.dragging) > 0
    worst = made.dragging[0]
    assert worst.drag / worst.need.drag == max(j.drag / j.need.drag for j in made.joints)
    assert f"{len(beyond)} of 27 joints have more drag than was wanted" in said_of_drag(made)
    assert f"{worst.joint} {100 * worst.drag / worst.need.drag - 100:.0f} %" in said_of_drag(made)
    told = next(j for j in document(made)["joints"] if j["joint"] == worst.joint)
    assert (told["drag_asked_nm"], told["drag_nm"]) == (worst.need.drag, worst.drag)


def test_less_drag_wanted_is_less_drag(made: HandDesign, base: Hand) -> None:
    strict = design_hand(packaged_requirements(), carried_joints(base), kinds=4, drag=0.01)
    assert sum(joint.drag for joint in strict.joints) < sum(joint.drag for joint in made.joints)


@pytest.mark.parametrize("wrong", [{"drag": 0.0}, {"drag": float("nan")}, {"inertia": -1.0}])
def test_a_wish_that_no_drive_fulfils_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=f"no drive has a {next(iter(wrong))} of .* more than 0"):
        design_hand(packaged_requirements(), **wrong)


def test_more_is_asked() -> None:
    more = asked(packaged_requirements(), torque=1.2, speed=2.0).joints[4]
    plain = packaged_requirements().joints[4]
    assert more.mean_square == pytest.approx(1.44 * plain.mean_square)
    assert more.cloud[:, 1] == pytest.approx(2.0 * plain.cloud[:, 1])


def test_too_much_is_refused_with_joint_units_and_mend() -> None:
    more = asked(packaged_requirements(), torque=100.0)
    first = more.joints[0]
    said = rf"forearm_rotation: .* needs, .* N m for good, {first.peak_torque:.3g} N m for a moment"
    with pytest.raises(ValueError, match=rf"{said}, .* rad/s without load; ask for less"):
        design_hand(more, ("forearm_rotation",), kinds=1)
