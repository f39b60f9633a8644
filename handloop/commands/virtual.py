"""`handloop virtual`: the servos of a hand, or any servos, on pseudo-terminals."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from .bus_options import say
from .errors import one_line_errors

if TYPE_CHECKING:
    from ..firmware_bridge.virtual_faults import VirtualFault
    from ..firmware_bridge.virtual_hand import VirtualHand

FAULTS = (
    "KIND=WHAT@SECONDS, more than once. Of a servo, by its id or LINE/ID: dead=3, stuck=3, loose=3 "
    "(its data plug), hot=3:85 (degrees Celsius), mend=3. Of all lines or, as LINE/NUMBER, of one: "
    "flip=1e-5 (so likely each bit), lose=1e-3 (each byte), burst=0.01 (seconds of noise), "
    "unplug=0.5 (seconds), brown-out=4.0 (volts)."
)
FaultsOption = Annotated[list[str] | None, typer.Option("--fault", help=FAULTS)]


def virtual(
    hand: Annotated[
        str, typer.Argument(help="A packaged hand, or the path of a hand.toml, with a [bus].")
    ] = "hand22_right_light",
    inertias: Annotated[
        bool, typer.Option("--inertias", help="An inertia for each servo instead of the hand.")
    ] = False,
    fault: FaultsOption = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the noise.")] = 1,
    duration: Annotated[
        float | None, typer.Option(min=0.0, help="Seconds to run; default: until Ctrl-C.")
    ] = None,
) -> None:
    """Serve virtual servos on pseudo-terminals: what drives real ones drives these.

    They keep registers, obey the baud rate, heat up and fail; faults come on the command line, or
    typed in while it runs, without @SECONDS. Clients open the printed ports as serial ports.
    """
    with one_line_errors():
        from ..firmware_bridge.virtual_faults import VirtualFault

        _serve(hand, inertias, seed, [VirtualFault.parse(one) for one in fault or []], duration)


def _serve(
    name: str, inertias: bool, seed: int, faults: Sequence[VirtualFault], duration: float | None
) -> None:
    from ..controller import Hand
    from ..drive.virtual import scene_of, virtual_rig
    from ..firmware_bridge.virtual_faults import playing

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    hand = Hand.load(name)
    with virtual_rig(hand, None if inertias else scene_of(hand), seed=seed) as rig:
        for line, path in rig.ports.items():
            ids = rig.servos.ids[line]
            typer.echo(f"{line}: {path}, servos {min(ids)} to {max(ids)}")
        rig.begin()
        threading.Thread(target=_listen, args=[rig.servos], daemon=True).start()
        with suppress(KeyboardInterrupt), playing(rig.servos, faults):
            time.sleep(sys.maxsize if duration is None else duration)


def _listen(servos: VirtualHand) -> None:
    """Faults that are typed in."""
    from ..firmware_bridge.virtual_faults import VirtualFault

    for line in sys.stdin:
        if not line.strip():
            continue
        try:
            servos.suffer(VirtualFault.parse(line))
        except ValueError as error:
            say(f"error: {error}")
