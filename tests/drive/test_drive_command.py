"""`handloop drive`, on virtual servos."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from handloop._core import PtyServer, Role
from handloop.cli import app
from handloop.controller import Hand
from handloop.controller.log import read_log
from handloop.firmware_bridge.virtual_hand import VirtualHand

# Time for a machine that does other things: late answers are no fault of these tests'.
SLOW = """
schema = 1
extends = "hand22_right_light"
name = "slow"
[bus]
period = 0.01
watchdog = 2.0
ramp = 0.05
[safety]
stale_after = 5.0
hold_after = 4.0
limp_after = 6.0
frozen_after = 60.0
""" + "".join(
    # They stand where the file says, which nobody knows of real ones before calibration.
    f"[bus.servos.{joint}]\noffset = 0.0\n"
    for joint in Hand.load("hand22_right_light").joint_names
)
IMPATIENT = SLOW.replace("5.0", "0.4").replace("4.0", "0.3").replace("6.0", "0.6")
TIMES_OUT = 30.0  # [s]; nothing is measured by it


@pytest.fixture
def hand(tmp_path: Path) -> Path:
    return write(tmp_path, SLOW)


def write(folder: Path, text: str) -> Path:
    file = folder / "hand.toml"
    file.write_text(text)
    return file


def run(*words: object):
    command = ["drive", *map(str, words)]
    result = CliRunner().invoke(app, command, env={"COLUMNS": "240"})
    assert result.exception is None or isinstance(result.exception, SystemExit), result
    return result


def driven(*words: object) -> list[dict]:
    """All views of a short run on virtual servos that ends well."""
    result = run(*words, "--virtual", "--json", "--rate", 20)
    assert result.exit_code == 0, result.stderr
    assert "the hand is limp" in result.stderr
    views = [json.loads(line) for line in result.stdout.splitlines()]
    assert views[-1]["safety"] in {"OK", "DEGRADED"}
    return views


def posture(view: dict, what: str = "q") -> np.ndarray:
    return np.array([joint[what] for joint in view["joints"].values()])


@contextmanager
def served(file: Path) -> Iterator[tuple[VirtualHand, list[str], PtyServer]]:
    """Virtual servos in this process, how to say where they are, and who serves them."""
    virtual = VirtualHand.build(Hand.load(file))
    server, ports = virtual.serve()
    words = [word for line in ports.items() for word in ("--port", "=".join(line))]
    with server:
        yield virtual, words, server


def torques(virtual: VirtualHand) -> list[int]:
    return [
        bus.register(i, Role.TORQUE_ENABLE)
        for bus in virtual.buses.values()
        for i in range(len(bus))
    ]


def wait_for_torque(virtual: VirtualHand, wanted: int) -> None:
    deadline = time.monotonic() + TIMES_OUT
    while set(torques(virtual)) != {wanted}:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_goes_to_a_posture_and_holds_it(hand: Path) -> None:
    fist = Hand.load(hand).model.key("fist").qpos
    views = driven(hand, "--posture", "fist", "--time", 0.3, "--duration", 0.8)
    assert np.abs(posture(views[0]) - fist).max() > 0.5
    assert posture(views[-1], "target") == pytest.approx(fist)
    assert posture(views[-1]) == pytest.approx(fist, abs=0.1)
    assert np.isfinite(posture(views[-1], "current")).all()


def test_it_stays_as_it_is_found(hand: Path) -> None:
    views = driven(hand, "--duration", 0.5)
    assert posture(views[-1]) == pytest.approx(Hand.load(hand).model.key("rest").qpos, abs=0.05)


def test_it_follows_a_recording(hand: Path, tmp_path: Path) -> None:
    wave = tmp_path / "wave.csv"
    wave.write_text("time,index_pip_flexion\n0,0.5\n0.3,1.2\n0.5,1.2\n")
    log = tmp_path / "wave.npz"
    views = driven(
        hand, "--mode", "follow", "--trajectory", wave, "--time", 0.2, "--duration", 1, "--log", log
    )
    assert views[-1]["joints"]["index_pip_flexion"]["q"] == pytest.approx(1.2, abs=0.05)
    assert views[-1]["joints"]["ring_pip_flexion"]["q"] == pytest.approx(0.63, abs=0.05)
    with np.load(log) as box:
        q = box["q"][:, Hand.load(hand).joint_names.index("index_pip_flexion")]
    assert q.max() - q.min() == pytest.approx(0.7, abs=0.1)


def test_it_grasps_what_it_touches(hand: Path, tmp_path: Path) -> None:
    log = tmp_path / "grasp.mcap"
    views = driven(
        hand, "--mode", "grasp", "--force", 3, "--time", 0.4, "--duration", 1.3, "--log", log
    )
    forces = views[-1]["normal_force"]
    assert forces["thumb"] == pytest.approx(3.0, abs=0.7)
    assert sum(force for finger, force in forces.items() if finger != "thumb") > 1.0
    gripping = read_log(log)["gripping"]
    assert gripping[0].tolist() == [0.0] * 5
    assert gripping[-20:, 0].all()


def test_it_mirrors_a_simulated_hand(hand: Path) -> None:
    words = ["--mode", "mirror", "--postures", "rest,fist", "--period", 0.6, "--time", 0.2]
    views = driven(hand, *words, "--duration", 1.2)
    bent = [view["joints"]["index_pip_flexion"]["q"] for view in views]
    assert min(bent) == pytest.approx(0.52, abs=0.1)
    assert max(bent) == pytest.approx(1.68, abs=0.1)


def test_without_json_it_shows_a_table(hand: Path) -> None:
    result = run(hand, "--virtual", "--duration", 0.3)
    assert result.exit_code == 0, result.stderr
    assert "little_dip_flexion" in result.stdout
    assert "OK" in result.stdout
    assert "operating_mode" in result.stderr


def test_a_dry_run_says_what_would_happen(hand: Path) -> None:
    result = run(hand, "--virtual", "--dry-run")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    for text in (
        "period: 10 ms, 100 ticks a second",
        "line 'back': ",
        "at the end the hand goes limp",
        "after 2 s the servos let go; a guardian process switches torque off on all",
    ):
        assert text in result.stderr


def test_settings_that_block_are_mended_only_if_that_is_wanted(hand: Path) -> None:
    with served(hand) as (virtual, ports, _):
        result = run(hand, *ports, "--yes", "--patience", 0.2)
        assert result.exit_code == 1
        assert "torque stays off" in result.stderr
        assert "operating mode is position, wanted pwm; --fix sets it" in result.stderr
        result = run(hand, *ports, "--fix", "--patience", 0.2)
        assert result.exit_code == 1
        assert "nobody is there to be asked; --yes goes without" in result.stderr
        assert set(torques(virtual)) == {0}
        result = run(hand, *ports, "--yes", "--duration", 0.2, "--patience", 0.2)
        assert result.exit_code == 0, result.stderr


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--posture", "first"], "no posture 'first' in the MJCF of slow; did you mean 'fist'?"),
        (["--mode", "follow"], "name the file with --trajectory"),
        (["--mode", "follow", "--trajectory", "wave.csv"], "row 2: index_pip_flexion = 9 rad is"),
        (["--mode", "follow", "--trajectory", "gone.csv"], "gone.csv"),
        (["--mode", "mirror", "--postures", "open"], "name two at least"),
        (["--log", "run.txt"], "run.txt must end in .mcap or .npz"),
        (["--port", "front"], "--port front: name the line, too"),
        ([], "line 'front' has no port"),
    ],
)
def test_what_is_wrong_is_said_before_torque(
    hand: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words, complaint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wave.csv").write_text("time,index_pip_flexion\n0,0.5\n1,9\n")
    result = run(hand, *words)
    assert result.exit_code == 1
    assert complaint in result.stderr


@contextmanager
def driving(
    file: Path,
) -> Iterator[tuple[VirtualHand, "subprocess.Popen[bytes]", PtyServer]]:
    """The command in a process of its own, when torque is on and its first view has come."""
    with served(file) as (virtual, ports, server):
        words = ["drive", file, *ports, "--fix", "--yes", "--patience", "0.03", "--json"]
        process = subprocess.Popen(
            [sys.executable, "-c", "from handloop.cli import app; app()", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stdout.readline()
        assert set(torques(virtual)) == {1}
        yield virtual, process, server


def test_an_unplugged_line_is_named_and_leaves_the_hand_limp(tmp_path: Path) -> None:
    with driving(write(tmp_path, IMPATIENT)) as (virtual, process, _):
        virtual.buses["back"].unplug(TIMES_OUT)
        _, said = process.communicate(timeout=TIMES_OUT)
        left = torques(virtual)
    assert process.returncode == 3, said
    assert b"ended by a fault: LIMP: nobody answers on line 'back'" in said
    assert b"these did not confirm that it is off: all 12 servos of line 'back'" in said
    assert left == [0] * 10 + [1] * 12  # nobody can be reached on a line that is unplugged


def test_ports_that_vanish_end_it(hand: Path) -> None:
    with driving(hand) as (_, process, server):
        server.stop()
        _, said = process.communicate(timeout=TIMES_OUT)
    assert process.returncode == 3, said
    assert b"ended by a fault: STOPPED: nobody answers on line 'front'" in said
    assert b"is it unplugged" in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_whichever_way_it_is_ended_no_torque_is_left(hand: Path, number: signal.Signals) -> None:
    with driving(hand) as (virtual, process, _):
        os.kill(process.pid, number)
        _, said = process.communicate(timeout=TIMES_OUT)
        wait_for_torque(virtual, 0)
    if number == signal.SIGKILL:
        assert process.returncode == -number
    else:
        assert process.returncode == 0, said
        assert b"the hand is limp" in said
