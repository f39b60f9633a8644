"""Choosing actuators: what suffices, what limits, and what a whole hand comes to."""

import csv
import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from handloop.commands.actuators_choose import Waived
from handloop.commands.actuators_choose import choose as command
from handloop.controller.description_thermal import Thermal
from handloop.sim.actuators.choose.hand_choice import choose
from handloop.sim.actuators.choose.page import choice_study
from handloop.sim.actuators.choose.places import TENDON, Route, place_of
from handloop.sim.actuators.choose.tables import (
    choice_table,
    limit_table,
    sensitivity_table,
    totals,
)
from handloop.sim.actuators.choose.verdict import CHECKS, Rules, judge
from handloop.sim.actuators.design.tendon import Tendon
from handloop.sim.actuators.forearm import ROOM
from handloop.sim.actuators.parts.candidate import Candidate
from handloop.sim.actuators.require.requirement import JointRequirement, Requirements

HEAT = Thermal(
    winding_resistance=10.0,
    housing_resistance=30.0,
    winding_capacity=0.5,
    housing_capacity=5.0,
    winding_max=100.0,
)
WEAK = Candidate(
    name="weak",
    source="made up",
    kind="motor+gear",
    mass=0.010,
    price=100.0,
    size=(0.010, 0.010, 0.030),
    torque_continuous=0.1,
    torque_peak=0.2,
    speed_no_load=10.0,
    torque_constant=0.4,
    back_emf=0.5,
    resistance=6.0,
    inertia=1e-4,
    voltage=6.0,
    thermal=HEAT,
)
STRONG = dataclasses.replace(
    WEAK,
    name="strong",
    mass=0.1,
    price=None,
    torque_continuous=0.5,
    torque_peak=1.0,
    resistance=2.0,
)
WRAPPED = dataclasses.replace(STRONG, thermal=HEAT.model_copy(update={"housing_resistance": 1e4}))
CHEAP = dataclasses.replace(STRONG, name="cheap", mass=0.2, price=20.0)


def requirement(joint: str = "wrist_flexion", peak: float = 0.4) -> JointRequirement:
    cloud = np.array([(peak, 0.0), (-0.5 * peak, -3.0), (0.2 * peak, -3.0)])
    return JointRequirement(
        joint=joint,
        rms_torque=0.3 * peak,
        peak_torque=peak,
        peak_speed=3.0,
        cloud=cloud,
        duty=0.1,
        mean_square=(0.4 * peak) ** 2,
        thermal=np.array([(1.0, peak), (10.0, 0.5 * peak)]),
        resolution=0.01,
        bandwidth=5.0,
        inertia_max=1e-3,
    )


def hand(*joints: JointRequirement) -> Requirements:
    return Requirements("a hand", "made up", joints)


ROOMY = place_of("wrist_flexion", "hand")


def test_uses_are_what_is_asked_over_what_is_given() -> None:
    joint = requirement()
    uses = judge(STRONG, joint, ROOMY).uses
    assert uses["continuous torque"] == pytest.approx(joint.rms_torque / 0.5)
    assert uses["speed"] == pytest.approx(0.3)
    assert uses["reflected inertia"] == pytest.approx(0.1)
    assert uses["peak torque"] == pytest.approx(0.4 / 1.0)
    assert uses["backlash"] == 0.0


def test_a_winding_at_its_limit_is_used_up() -> None:
    joint = requirement()
    verdict = judge(STRONG, joint, ROOMY)
    held = math.sqrt(joint.mean_square) / verdict.uses["temperature"]
    full = judge(STRONG, dataclasses.replace(joint, mean_square=held**2), ROOMY)
    assert full.temperature == pytest.approx(HEAT.winding_max)
    assert full.uses["temperature"] == pytest.approx(1.0)


def test_the_peak_is_held_against_the_envelope_at_its_speed() -> None:
    slow = requirement()
    fast = dataclasses.replace(slow, cloud=np.array([(0.4, 9.0)]))
    at_rest = judge(STRONG, dataclasses.replace(slow, cloud=np.array([(0.4, 0.0)])), ROOMY)
    assert judge(STRONG, fast, ROOMY).uses["peak torque"] > at_rest.uses["peak torque"]


def test_the_lightest_that_suffices_is_first_and_the_others_say_why_not() -> None:
    choice = choose(hand(requirement()), [WEAK, STRONG, CHEAP])
    (joint,) = choice.joints
    assert [v.candidate.name for v in joint.ranked] == ["strong", "cheap"]
    assert joint.limits == {"peak torque": 1}
    assert choice.mass == STRONG.mass
    assert choice.unpriced == 1


def test_an_unknown_price_is_ranked_last_by_cost() -> None:
    choice = choose(hand(requirement()), [WEAK, STRONG, CHEAP], Rules(by="cost"))
    assert choice.joints[0].best.candidate.name == "cheap"
    assert choice.price == 20.0


def test_where_nothing_suffices_the_nearest_is_shown() -> None:
    choice = choose(hand(requirement(peak=30.0)), [WEAK, STRONG])
    joint = choice.joints[0]
    assert not joint.ranked
    assert joint.best.candidate.name == "strong"
    assert any("Nothing in the catalogue suffices" in line for line in totals(choice))


def test_tendons_ask_more_of_their_motors() -> None:
    joint = requirement("index_pip_flexion")
    room = place_of(joint.joint, "forearm")
    direct, tendon = (judge(STRONG, joint, room, Rules(where=w)) for w in ("hand", "forearm"))
    lost = math.exp(-TENDON.friction * TENDON.wrap)
    for asked in ("peak torque", "continuous torque", "temperature"):
        assert tendon.uses[asked] == pytest.approx(direct.uses[asked] / lost)
    assert tendon.uses["speed"] == direct.uses["speed"]
    assert Route(0.1, math.pi).efficiency == pytest.approx(0.730, abs=1e-3)


def test_a_finger_has_less_room_than_a_forearm() -> None:
    pip = place_of("index_pip_flexion", "hand")
    assert pip.name == "index_proximal"
    assert pip.use(STRONG) < 1.0
    assert place_of("index_dip_flexion", "hand").use(STRONG) > 1.0
    assert place_of("index_dip_flexion", "forearm").use(STRONG) < 1.0
    box = dataclasses.replace(STRONG, kind="servo", size=(0.020, 0.034, 0.026))
    assert pip.use(box) == pytest.approx(math.hypot(0.020, 0.026) / pip.diameter)


def test_backlash_counts_only_if_it_is_asked_for() -> None:
    loose = dataclasses.replace(STRONG, backlash=0.02)
    assert choose(hand(requirement()), [loose]).joints[0].ranked
    strict = choose(hand(requirement()), [loose], Rules(backlash_max=0.01)).joints[0]
    assert strict.limits == {"backlash": 1}


def test_what_is_waived_does_not_count() -> None:
    heavy = dataclasses.replace(STRONG, inertia=1.0)
    strict = choose(hand(requirement()), [heavy])
    assert strict.joints[0].limits == {"reflected inertia": 1}
    waived = choose(hand(requirement()), [heavy], Rules(waived=frozenset({"reflected inertia"})))
    assert waived.joints[0].ranked
    assert any("Not asked for: reflected inertia" in line for line in totals(waived))


def test_the_sensitivity_says_what_one_thing_less_would_buy() -> None:
    heavy = dataclasses.replace(STRONG, inertia=1.0)
    choice = choose(hand(requirement()), [heavy, dataclasses.replace(CHEAP, inertia=1.0)])
    rows = {row[0]: row[1:3] for row in sensitivity_table(choice).rows}
    assert rows["nothing more"] == ["0 of 1", 0.1]
    assert rows["reflected inertia"] == ["1 of 1", 0.1]
    assert rows["speed"] == ["0 of 1", 0.1]
    again = choose(hand(requirement()), [heavy], Rules(waived=frozenset({"reflected inertia"})))
    assert choice.waiving("reflected inertia").joints[0].best == again.joints[0].best


def test_all_that_can_be_waived_is_asked_for() -> None:
    asked = {check.replace(" ", "-") for check in CHECKS}
    assert {one.value for one in Waived} == asked - {"backlash"}  # which has a limit of its own


def test_without_thermal_figures_the_worst_task_is_held_against_the_rating() -> None:
    joint = requirement()
    servo = dataclasses.replace(STRONG, thermal=None)
    verdict = judge(servo, joint, ROOMY)
    assert verdict.temperature is None
    assert verdict.uses["temperature"] == pytest.approx(math.sqrt(joint.mean_square) / 0.5)


def test_an_unknown_joint_is_named_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"'elbow'.*wrist_flexion"):
        choose(hand(requirement()), [WEAK], joints=["elbow"])


def test_the_study_has_all_it_shows_as_data(tmp_path: Path) -> None:
    asked = hand(requirement(), requirement("index_pip_flexion", 0.05))
    choice = choose(asked, [WEAK, STRONG, CHEAP])
    study = choice_study(choice, asked, [WEAK, STRONG, CHEAP])
    files = study.write(tmp_path)
    assert files[0].name == "report.html"
    document = json.loads((tmp_path / "study.json").read_text("utf-8"))
    assert document["limits"]
    data = {
        part["caption"]: list(csv.DictReader((tmp_path / part["file"]).open(encoding="utf-8")))
        for part in document["content"]
        if "file" in part
    }
    chosen, limits, waived = (
        data[table(choice).caption] for table in (choice_table, limit_table, sensitivity_table)
    )
    names = ["wrist_flexion", "index_pip_flexion"]
    assert [row["joint"] for row in chosen] == [row["joint"] for row in limits] == names
    assert [row["actuator"] for row in chosen] == ["strong", "weak"]
    assert [float(row["mass [g]"]) for row in chosen] == pytest.approx([100.0, 10.0])
    assert limits[0]["place"] == "forearm"
    assert waived[0]["waived"] == "nothing more"
    shown = [row for caption in data if "what the tasks ask" in caption for row in data[caption]]
    cloud = [(row["speed along the torque [rad/s]"], row["torque [N m]"]) for row in shown]
    assert ("0.0", "0.4") in cloud, "the peak that the wrist was asked for"
    everything = data["Continuous torque over mass of everything that there is"]
    assert {row["actuator"] for row in everything} == {"weak", "strong", "cheap"}


def test_a_winding_that_runs_away_is_told_from_one_that_nobody_knows() -> None:
    servo = dataclasses.replace(STRONG, thermal=None)
    cells = []
    for found in (STRONG, WRAPPED, servo):
        table = choice_table(choose(hand(requirement()), [found]))
        cells.append(table.rows[0][table.columns.index("winding [deg C]")])
    assert cells == [judge(STRONG, requirement(), ROOMY).temperature, "runs away", "not known"]


def test_a_use_is_named_by_what_it_is_part_of() -> None:
    choice = choose(hand(requirement()), [WRAPPED])
    (said,) = (line for line in totals(choice) if "Least to spare" in line)
    assert said.endswith("% of the torque that the winding of a strong bears in the worst task.")
    table = choice_table(choice)
    assert table.rows[0][table.columns.index("least of")] == "winding"


def test_what_does_not_fit_into_the_forearm_is_said_to() -> None:
    joints = [requirement("index_pip_flexion", 0.05), requirement("middle_pip_flexion", 0.05)]
    long = math.sqrt(4.0 / math.pi * ROOM / 2.0 / 0.1)  # two of it fill the room
    for size, words in ((0.999 * long, "(100%)."), (1.01 * long, "(102%): they do not fit in.")):
        large = dataclasses.replace(WEAK, size=(size, size, 0.1))
        rules = Rules(where="forearm", waived=frozenset({"size"}))
        choice = choose(hand(*joints), [large], rules)
        assert any(line.endswith(words) for line in totals(choice)), words
        fill = choice.forearm_volume / ROOM
        assert sensitivity_table(choice).rows[0][-1] == pytest.approx(100.0 * fill)


def test_choose_and_design_lose_as_much_in_a_cord() -> None:
    assert TENDON.efficiency == pytest.approx(Tendon(np.ones(1), np.ones(1)).efficiency)


def test_a_hand_whose_segments_are_not_known_is_asked_for_no_size() -> None:
    huge = dataclasses.replace(STRONG, size=(1.0, 1.0, 1.0))
    choice = choose(hand(requirement("rh_FFJ3"), requirement()), [huge])
    assert [bool(joint.ranked) for joint in choice.joints] == [True, False]
    assert choice.forearm_volume == pytest.approx(math.pi / 4.0), "the wrist's alone"
    said = [line for line in totals(choice) if "segments" in line]
    assert said == [
        "The segments of rh_FFJ3 are not known: no size is asked for there, and actuators turn "
        "these joints directly."
    ]
    assert not any("segments" in line for line in totals(choose(hand(requirement()), [STRONG])))
    in_forearm = choose(hand(requirement("rh_FFJ3")), [huge], Rules(where="forearm"))
    assert in_forearm.joints[0].limits == {"size": 1}


def run(*arguments: str) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(command)
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})
    return result.exit_code, result.output


def test_the_command_ranks_and_writes_a_report(tmp_path: Path) -> None:
    asked = tmp_path / "asked.json"
    hand(requirement("index_pip_flexion", 0.3)).write(asked)
    code, said = run(
        *("--requirements", str(asked), "--where", "forearm", "--joint", "index_pip_flexion"),
        *("--out", str(tmp_path / "study")),
    )
    assert code == 0, said
    assert "Chosen for every joint" in said
    assert "In all" in said
    assert "[kg]" in said, "units are no styles"
    assert (tmp_path / "study" / "report.html").exists()


def test_the_command_names_what_is_wrong(tmp_path: Path) -> None:
    asked = tmp_path / "asked.json"
    hand(requirement()).write(asked)
    code, said = run("--requirements", str(asked), "--catalogue", str(tmp_path / "none.toml"))
    assert code == 1
    assert "none.toml: cannot be read" in said.replace("\n", "")
