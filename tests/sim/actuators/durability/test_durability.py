"""S-N lines and Miner's rule in closed form; parts by their sizes; a hand's grasps."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from handloop.commands.actuators_durability import SAMPLES, durability
from handloop.sim.actuators.durability import life as module
from handloop.sim.actuators.durability.life import PartLife, Wear, count_wear, first_of_each, lives
from handloop.sim.actuators.durability.parts import BALLS, FLANKS, STEEL, PartSizes
from handloop.sim.actuators.durability.sn_line import SNLine
from handloop.sim.bench.log import LogError
from handloop.sim.tasks import endurance
from handloop.sim.wear import BACKLASH, LoadSpectrum, backlash_growth

from ..require.bench_run import make_run

LINE = SNLine(strength=100.0, cycles=1e6, exponent=4.0)


def test_constant_amplitude_lasts_as_long_as_the_line_says() -> None:
    assert LINE.life([100.0, 200.0, 50.0]) == pytest.approx([1e6, 1e6 / 16.0, 16e6])
    assert LINE.life(0.0) == np.inf
    assert LINE.damage(200.0, 1e6 / 16.0) == pytest.approx(1.0)


def test_two_levels_use_a_part_up_by_the_sum_of_their_parts() -> None:
    damage = LINE.damage([100.0, 200.0], [0.25e6, 0.75e6 / 16.0])
    assert damage == pytest.approx(1.0)


@pytest.mark.parametrize("exponent", [3.0, 5.0, 8.74])
def test_a_factor_on_loads_changes_life_by_its_exponent(exponent: float) -> None:
    line = dataclasses.replace(LINE, exponent=exponent)
    ranges, counts = np.array([30.0, 80.0, 140.0]), np.array([10.0, 3.0, 1.0])
    gain = line.damage(1.2 * ranges, counts) / line.damage(ranges, counts)
    assert gain == pytest.approx(1.2**exponent)
    assert line.scaled(1.2).damage(1.2 * ranges, counts) == pytest.approx(
        line.damage(ranges, counts)
    )


def test_line_is_flatter_beyond_its_knee_and_whole_at_it() -> None:
    bent = dataclasses.replace(LINE, beyond=50.0)
    assert bent.life([100.0, 200.0]) == pytest.approx(LINE.life([100.0, 200.0]))
    assert bent.life(99.0) == pytest.approx(1e6 * (100.0 / 99.0) ** 50.0)


def test_standards_hold_at_their_anchors() -> None:
    assert STEEL.life(2.5 * STEEL.strength) == pytest.approx(1e3), "ISO 6336-3: Y_NT 2.5"
    assert STEEL.life(0.85 * STEEL.strength) == pytest.approx(1e10), "and 0.85"
    assert STEEL.exponent == pytest.approx(8.738, abs=1e-3)
    assert BALLS.life(64.0) == pytest.approx(1e9), "ISO 281: a tenth of C, a thousand times"
    assert FLANKS.strength * backlash_growth(1.0) == pytest.approx(BACKLASH)


def test_teeth_are_stressed_by_the_force_at_the_pitch_circle() -> None:
    sizes = PartSizes(pitch=0.01, module=0.001, face=0.01, form=4.0)
    torque = 3.0
    stress = torque / 0.01 / (0.001 * 0.01) * 4.0
    assert sizes.teeth(1.0).life(torque) == pytest.approx(STEEL.life(stress))
    assert sizes.teeth(2.0).life(2.0 * torque) == pytest.approx(STEEL.life(stress)), "twice as big"
    assert sizes.balls(1.0).life(torque) == pytest.approx(BALLS.life(torque / sizes.bearing))
    drum = sizes.drum_teeth(200.0)
    assert drum.life(200.0) == pytest.approx(sizes.teeth(1.0).life(1.0)), "1 N m at 5 mm"


def test_a_torque_that_swings_evenly_uses_up_one_cycle_a_swing() -> None:
    swings = 25
    torque = 10.0 * np.sin(2.0 * np.pi * np.linspace(0.0, swings, 5001))
    spectrum = LoadSpectrum.count(torque, grasps=swings)
    life = module._life("joint", "bearing", [spectrum], SNLine(20.0, 1e6, 3.0))
    assert life.grasps == pytest.approx(1e6, rel=0.04), "but for the ends of the history"
    assert life.load == pytest.approx(20.0, rel=0.02)
    assert life.hours == pytest.approx(life.grasps * 1.5 / 3600.0)


@pytest.fixture(scope="module")
def worn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Wear]:
    """One run of five grasps instead of four."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(endurance, "_RUNS", 1)
        folder = make_run(tmp_path_factory.mktemp("bench") / "run", "endurance", 1)
        return folder, count_wear(folder)


def test_every_joint_has_a_life_that_falls_with_its_load(worn: tuple[Path, Wear]) -> None:
    _, wear = worn
    found = lives(wear)
    assert {(life.where, life.part) for life in found} == {
        (joint, part) for joint in wear.joints for part in ("teeth", "flanks", "bearing")
    }
    assert all(np.diff([life.grasps for life in found]) >= 0.0)
    assert found[0] == first_of_each(found)[found[0].where]
    for life in found:
        if life.part == "bearing":
            j = wear.joints.index(life.where)
            spectrum = wear.grasps[0].joints[j]
            assert life.load == pytest.approx(spectrum.equivalent_range(3.0))
    weaker = {(x.where, x.part): x for x in lives(wear, PartSizes(bearing=0.004))}
    for life in found:
        ratio = weaker[life.where, life.part].grasps / life.grasps
        assert ratio == pytest.approx(0.8**3 if life.part == "bearing" else 1.0)


def test_a_log_of_other_loads_is_refused(worn: tuple[Path, Wear], tmp_path: Path) -> None:
    folder, wear = worn
    for name in ("run.json", "trials.jsonl"):
        (tmp_path / name).write_text((folder / name).read_text())
    line = json.loads((tmp_path / "trials.jsonl").read_text())
    line["metrics"][f"tooth_range_nm.{wear.joints[5]}"] *= 1.01
    (tmp_path / "trials.jsonl").write_text(json.dumps(line) + "\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(endurance.EnduranceTask, "life", lambda *_: _Life(wear.grasps[0]))
        with pytest.raises(LogError, match=f"tooth_range_nm.{wear.joints[5]} is .* not "):
            count_wear(tmp_path)


@dataclasses.dataclass
class _Life:
    new: object


def test_command_tells_what_fails_first(worn: tuple[Path, Wear], tmp_path: Path) -> None:
    folder, wear = worn
    app = typer.Typer()
    app.command()(durability)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_new_grasps", lambda *_: wear.grasps[0])
        result = CliRunner().invoke(app, [str(folder), "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    first: PartLife = lives(wear)[0]
    assert first.where in result.output and first.part in result.output
    document = json.loads((tmp_path / "study.json").read_text())
    gains = next(p for p in document["content"] if p.get("caption", "").startswith("Shortest"))
    told = {(row[0], row[1]): row[2] for row in gains["rows"]}
    assert told["bearing", "bearing"] == pytest.approx(1.2**3)
    assert told["flanks: strength", "flanks"] == pytest.approx(1.2)
    lines = next(p for p in document["content"] if p.get("caption") == "S-N lines")
    failing = lines["columns"].index("failed by then [1]")
    told = {row[0]: row[failing] for row in lines["rows"]}
    assert told == {"steel": 0.01, "flanks": None, "balls": 0.1, "cord": 0.5}, "flanks wear alike"
    missing = CliRunner().invoke(app, [str(tmp_path / "none")])
    assert missing.exit_code == 1 and "holds no run" in missing.output
    assert SAMPLES == module.SAMPLES
