"""`handloop actuators design`: motors and gears from geometry for a whole hand."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .errors import check_folder, one_line_errors
from .progress import Stages

if TYPE_CHECKING:
    from rich.table import Table

    from ..controller import Hand
    from ..sim.actuators.design.whole_hand import HandDesign
    from ..sim.actuators.require.requirement import Requirements

KINDS = 5
DRAG = 0.02  # as `sim.actuators.design.need` has it, needed before that is loaded
DOCUMENT = "design.json"


class Aim(StrEnum):
    """What is made small."""

    MASS = "mass"
    COST = "cost"


class Place(StrEnum):
    """Where the actuators of fingers sit."""

    FOREARM = "forearm"
    JOINT = "joint"


def design(
    hand: Annotated[
        str, typer.Option(help="A packaged hand or a hand.toml, with an actuator for each joint.")
    ] = "hand27_right",
    requirements: Annotated[
        Path | None,
        typer.Option(
            help="A requirements.json of `require`.  [default: the packaged ones of hand27, for "
            "other hands the limits of their joints]"
        ),
    ] = None,
    kinds: Annotated[int, typer.Option(min=1, help="Of actuators, at most.")] = KINDS,
    volume: Annotated[int, typer.Option(min=1, help="Hands that are made.")] = 1000,
    aim: Annotated[Aim, typer.Option(help="What is made small.")] = Aim.MASS,
    place: Annotated[
        Place, typer.Option(help="Where fingers have theirs: pulling cords, or before the joint.")
    ] = Place.FOREARM,
    drag: Annotated[
        float,
        typer.Option(
            help="Dry friction that is wanted, over a joint's peak torque; more counts as mass, so "
            "some joints have more."
        ),
    ] = DRAG,
    joint: Annotated[
        str, typer.Option(help="Whose front is searched.  [default: the finger's weakest]")
    ] = "",
    sensitivity: Annotated[
        bool, typer.Option(help="Change what matters most by a fifth each: two minutes.")
    ] = True,
    seed: Annotated[int, typer.Option(min=0, help="Of the search.")] = 0,
    out: Annotated[Path, typer.Option(help="Folder of the study.")] = Path("runs/design"),
) -> None:
    """Design motors, gears and boards for all joints of a hand, from geometry.

    OUT/report.html shows what came of it, OUT/01-bill-of-materials.csv and OUT/design.json hold
    it, and OUT/hand/hand.toml is that hand: `handloop bench cup --hand OUT/hand/hand.toml` runs it.
    """
    with one_line_errors():
        from ..controller import Hand
        from ..controller.errors import unknown
        from ..sim.actuators.design.hand_files import carried_joints, check_direct, write_hand
        from ..sim.actuators.design.whole_hand import design_hand

        check_folder(out)
        base = Hand.load(hand)
        check_direct(base)
        if not drag > 0.0:
            raise ValueError(f"--drag {drag:g}: give more than 0, such as {DRAG}")
        if joint and joint not in base.joint_names:
            raise ValueError(unknown("joint", joint, base.joint_names, hand))
        needs = _requirements(base, requirements)
        carried = carried_joints(base)

        def make(asked: Requirements, **changes: Any) -> HandDesign:
            options = {"drag": drag, **changes}
            return design_hand(asked, carried, kinds, aim.value, volume, place.value, **options)

        with Stages() as stages:
            stages.show("hand", 0, 1)
            made = make(needs)
            stages.show("hand", 1, 1)
            files = _study(made, make, needs, joint, drag, seed, sensitivity, out, stages)
        _show(made, [*files, write_hand(made, base, hand, out / "hand")], out)


def _requirements(hand: Hand, file: Path | None) -> Requirements:
    from ..sim.actuators.design.need import needs_by_limits
    from ..sim.actuators.require.requirement import Requirements, packaged_requirements

    if file is None:
        packaged = packaged_requirements()
        fits = tuple(joint.joint for joint in packaged.joints) == hand.joint_names
        return packaged if fits else needs_by_limits(hand)
    said = Requirements.read(file)
    said.check_hand(hand.name, hand.joint_names)
    return said


def _study(
    made: HandDesign,
    make: Any,
    needs: Requirements,
    joint: str,
    drag: float,
    seed: int,
    sensitivity: bool,
    out: Path,
    stages: Stages,
) -> list[Path]:
    from ..sim.actuators.design.bill import document
    from ..sim.actuators.design.joint_front import front_for
    from ..sim.actuators.design.page import study_of
    from ..sim.actuators.design.sensitivity import effects

    chosen = made.of(joint) if joint else made.weakest_finger
    front = front_for(made, chosen, seed, lambda done, of: stages.show("search", done, of))
    found = (
        effects(make, needs, drag, lambda done, of: stages.show("sensitivity", done, of))
        if sensitivity
        else []
    )
    facts = {
        "requirements": made.source,
        "made small": f"{made.aim} at {made.hands:,} hands",
        "fingers' actuators": made.place,
        "drag wanted": f"{drag:g} of a joint's peak torque",
        "seed": str(seed),
    }
    files = study_of(made, chosen.joint, front, found, facts).write(out)
    text = json.dumps(document(made), indent=1, allow_nan=False)
    (out / DOCUMENT).write_text(text + "\n", encoding="utf-8")
    return [files[0], files[2], out / DOCUMENT]


def _show(made: HandDesign, files: list[Path], out: Path) -> None:
    from rich.console import Console

    from ..sim.actuators.design.page import said_of_drag, summary

    console = Console()
    console.print(_kinds(made))
    console.print(summary(made), said_of_drag(made), highlight=False)
    console.print(f"written     {', '.join(map(str, files))}", highlight=False, soft_wrap=True)
    toml = out / "hand" / "hand.toml"
    console.print(f"try it      handloop bench cup --hand {toml}", highlight=False, soft_wrap=True)


def _kinds(made: HandDesign) -> Table:
    from rich.table import Table

    from ..sim.actuators.design.joint_actuator import one

    columns = (
        "kind", "count", "g", "N m", "peak", "rad/s", "ratio", "g cm2", "drag mN m", "wanted",
        "USD",
    )  # fmt: skip
    table = Table(*columns, box=None)
    for kind in made.kinds:
        drive = kind.drive
        wanted = [j.need.drag / j.efficiency for j in made.joints if j.kind.name == kind.name]
        table.add_row(
            kind.name,
            str(kind.count),
            f"{1e3 * one(drive.mass):.0f}",
            f"{one(drive.torque_continuous()):.2f}",
            f"{one(drive.torque_peak):.2f}",
            f"{drive.no_load_speed:.1f}",
            f"{one(drive.gear.ratio):.0f}",
            f"{1e7 * one(drive.inertia):.0f}",
            f"{1e3 * one(drive.friction):.0f}",
            f"{1e3 * min(wanted):.0f}",
            f"{one(kind.cost(made.hands).total):.0f}",
        )
    return table
