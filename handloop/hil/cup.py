"""The cup of `handloop demo`, held through controller, codec, line and virtual servos.

Everything is as in the demo but for the way from the controller to the motors and back: the joints
are read and told over virtual lines in lockstep, with their bytes, delays and quantisation, and the
motors are those of the virtual servos. The fingertips are read beside the bus, as a device of their
own, or not at all: then forces are told from the motors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from .. import _core
from ..controller import Hand
from ..controller.description_bus import Bus, BusLine
from ..firmware_bridge import HandServos, configure, preflight, refuse_if_blocked
from ..firmware_bridge.driver import HandDriver, controller_config
from ..firmware_bridge.virtual_hand import VirtualHand
from ..sim.tasks.cup import END, CupScene
from ..sim.tasks.cup_result import CupResult, judge
from ..sim.tasks.cup_trial import CupTrial

Feedback = Literal["tips", "motors"]
Progress = Callable[[str, int, int], None]
"""Told what is run, how many of its runs are done, and how many there are."""

_MILLISECONDS = round(END * 1000.0)
_DAMPED_FOR = 2.5  # periods that a sample may be old and still damp


@dataclass(frozen=True)
class HilSetup:
    """A way to the servos.

    Attributes:
        baud: Of every line [bit/s]; 0: no bus, as in the demo.
        lines: Over which the servos are spread.
        feedback: Where forces are felt.
    """

    baud: int = 4_000_000
    lines: int = 2
    feedback: Feedback = "tips"

    @property
    def direct(self) -> bool:
        """No bus in between."""
        return self.baud == 0

    def __str__(self) -> str:
        if self.direct:
            return "no bus"
        return f"{self.baud / 1e6:g} Mbaud, {self.lines} line{'s' if self.lines > 1 else ''}"


@dataclass(frozen=True)
class HilResult:
    """All seeds with one way to the servos.

    Attributes:
        setup: The way.
        period: Of control [s].
        results: One per seed.
    """

    setup: HilSetup
    period: float
    results: tuple[CupResult, ...]

    @property
    def successes(self) -> int:
        """How many cups were neither crushed nor dropped."""
        return sum(result.success for result in self.results)


def spread(hand: Hand, setup: HilSetup) -> Hand:
    """The hand with its servos in equal parts on so many lines of that rate.

    Raises:
        HandError: the hand has no `[bus]`.
    """
    from ..firmware_bridge.hand_ports import bus_of

    bus, names = bus_of(hand), [f"line{i + 1}" for i in range(setup.lines)]
    line_of = {
        joint: names[i * setup.lines // len(hand.joint_names)]
        for i, joint in enumerate(hand.joint_names)
    }
    servos = {
        joint: place.model_copy(update={"line": line_of[joint]})
        for joint, place in bus.servos.items()
    }
    protocol = next(iter(bus.lines.values())).protocol
    lines = {name: BusLine(baud=setup.baud, protocol=protocol) for name in names}
    return hand.with_bus(bus.model_copy(update={"lines": lines, "servos": servos}))


class HilRunner:
    """Runs cups through one way to the servos."""

    def __init__(self, scene: CupScene, setup: HilSetup, creep: float) -> None:
        """Nothing runs yet.

        Raises:
            HandError: the hand has no `[bus]`.
        """
        self.scene, self.setup, self.creep = scene, setup, creep
        self.hand = spread(scene.hand, setup)

    def run(self, trial: CupTrial) -> tuple[float, CupResult]:
        """One cup.

        Returns:
            The period of control [s], and what came of it.

        Raises:
            CatalogueError: a servo does not go at that rate.
            BusError: the servos cannot be driven.
        """
        plant, data = self.scene.plant(trial)
        simulated = _core.SimulatedHand(plant)
        virtual = VirtualHand.build(self.hand, simulated, seed=trial.seed + 1)
        servos = HandServos.on(self.hand, virtual.lockstep())
        configure(servos)
        refuse_if_blocked(preflight(servos))
        with HandDriver(servos, controller=self._controller(servos), plant=None) as driver:
            self.scene.aim(driver.controller)
            hil = _core.HilPlant(
                driver.plant,
                simulated,
                driver.controller,
                touches=self.setup.feedback == "tips",
                sensors=self.scene.logged_sensors,
                capacity=_MILLISECONDS,
            )
            driver.plant.start()
            period = driver.controller.period
            _core.Loop(hil, driver.controller).run(int(np.ceil(END / period)))
        del data  # was in use up to here
        return period, judge(self.scene, trial, hil, self.creep)
