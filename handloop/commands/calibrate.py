"""`handloop calibrate`: find the zero and the range of every joint of a hand on servos."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .bus_options import PatienceOption, say
from .bus_show import print_table
from .errors import check_writable, one_line_errors
from .hand_show import calibrations_table, findings_table
from .progress import Stages

if TYPE_CHECKING:
    from ..controller import Hand
    from ..firmware_bridge.calibration import CalibrationConfig, Failure, JointCalibration
    from ..firmware_bridge.hand_servos import HandServos

PortsOption = Annotated[
    list[str] | None,
    typer.Option("--port", help="LINE=PATH, or the path alone. Default: that of hand.toml."),
]
CatalogueOption = Annotated[
    list[Path] | None, typer.Option("--servos", help="A file with servos of your own.")
]


def calibrate(
    hand: Annotated[str, typer.Argument(help="The path of a hand.toml with a [bus].")],
    port: PortsOption = None,
    joints: Annotated[
        str | None, typer.Option("--joints", help="Which: thumb_ip_flexion,... Default: all.")
    ] = None,
    effort: Annotated[
        float, typer.Option("--effort", min=0.01, max=1.0, help="Part of the servo's limit.")
    ] = 0.2,
    current: Annotated[
        float | None, typer.Option("--current", min=0.001, help="Amperes, instead of --effort.")
    ] = None,
    speed: Annotated[
        float, typer.Option("--speed", min=0.05, max=5.0, help="Of the joint, in rad/s.")
    ] = 0.5,
    servos: CatalogueOption = None,
    patience: PatienceOption = None,
    write: Annotated[bool, typer.Option("--write", help="Write hand.toml without asking.")] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write all numbers to this file.")
    ] = None,
) -> None:
    """Push every joint gently to both of its stops, and tell its zero and range from them.

    One joint moves at a time, slowly and with little current; the others are limp. Ctrl-C lets go
    of all. Nothing is written to the hand.toml before you have seen what was found.
    """
    with one_line_errors():
        from ..controller import Hand
        from ..firmware_bridge.calibration import CalibrationConfig, JointCalibration
        from ..firmware_bridge.hand_file import check_own_file

        check_writable(json_file)
        file = check_own_file(hand)
        loaded = Hand.load(file)
        chosen = _chosen(loaded, joints)
        config = CalibrationConfig(effort=effort, current=current, speed=speed)
        found = _measure(loaded, port or [], chosen, config, servos or [], patience)
        if json_file:
            document = {"hand": loaded.name, "joints": [joint.to_json() for joint in found]}
            json_file.write_text(json.dumps(document, indent=2, allow_nan=False) + "\n")
        print_table(calibrations_table(found))
        good = [joint for joint in found if isinstance(joint, JointCalibration)]
        if good:
            _write(file, good, write)
        if len(good) < len(found):
            raise typer.Exit(1)


def _chosen(hand: Hand, joints: str | None) -> Sequence[str]:
    """The joints that are meant."""
    from ..controller.errors import unknown

    if joints is None:
        return hand.joint_names
    names = [name.strip() for name in joints.split(",")]
    for name in names:
        if name not in hand.joint_names:
            raise ValueError(f"--joints: {unknown('joint', name, hand.joint_names, hand.name)}")
    return names


def _measure(
    hand: Hand,
    ports: Sequence[str],
    joints: Sequence[str],
    config: CalibrationConfig,
    files: Sequence[Path],
    patience: float | None,
) -> list[JointCalibration | Failure]:
    from ..firmware_bridge import ServoCatalogue
    from ..firmware_bridge.calibration import calibrate as push
    from ..firmware_bridge.hand_ports import parse_ports
    from ..firmware_bridge.hand_servos import HandServos

    catalogue = ServoCatalogue.packaged()
    for file in files:
        catalogue = catalogue.with_file(file)
    where = parse_ports(hand, ports)
    with HandServos.open(hand, where, catalogue, patience=patience) as servos:
        _check(servos)
        _announce(len(joints), config)
        with Stages() as stages:
            return push(servos, joints, config, stages.show)


def _check(servos: HandServos) -> None:
    """Health only: settings are made, and places are what is to be found."""
    from ..firmware_bridge.preflight import preflight, refuse_if_blocked

    found = preflight(servos, placed=False, settings=False)
    if found:
        print_table(findings_table(found))
    refuse_if_blocked(found)


def _announce(joints: int, config: CalibrationConfig) -> None:
    how = f"{config.current:g} A" if config.current else f"{100 * config.effort:.0f} % of its limit"
    one_by_one = f"{joints} joints, one after the other" if joints > 1 else "One joint"
    say(
        f"{one_by_one}: pushed to both stops twice, with {how}, at {config.speed:g} rad/s. "
        "Keep clear of the hand; Ctrl-C lets go."
    )


def _write(file: Path, found: Sequence[JointCalibration], unasked: bool) -> None:
    from ..firmware_bridge.hand_file import write_calibration

    count = f"{len(found)} joint{'' if len(found) == 1 else 's'}"
    question = f"Write what was found of {count} to {file}?"
    if not unasked and not _agreed(question):
        say(f"{file} is as before; --write writes it", "yellow")
        return
    write_calibration(file, found)
    say(f"{file} has offset and range of {count} now", "green")


def _agreed(question: str) -> bool:
    """No is also what nobody says."""
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:
        return False
