"""The cup of `handloop demo`, held through controller, codec, line and virtual servos.

Everything is as in the demo but for the way from the controller to the motors and back: the joints
are read and told over virtual lines in lockstep, with their bytes, delays and quantisation, and the
motors are those of the virtual servos. The fingertips are read beside the bus, as a device of their
own, or not at all: then forces are told from the motors.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from .. import _core
from ..controller import Hand
from ..controller.description_bus import BusLine
from ..controller.description_control import Observer
from ..firmware_bridge import CatalogueError, HandDriver, HandServos, ServoCatalogue
from ..firmware_bridge.hand_ports import bus_of
from ..firmware_bridge.preflight import preflight, refuse_if_blocked
from ..firmware_bridge.preflight_settings import configure
from ..firmware_bridge.virtual_faults import VirtualFault
from ..firmware_bridge.virtual_hand import VirtualHand
from ..sim.demo import Condition
from ..sim.tasks.cup import END, PERIOD, CupScene
from ..sim.tasks.cup_result import CupResult, judge
from ..sim.tasks.cup_trial import CupTrial
from ..sim.tasks.rigid_pinch import pinch_creep

Feedback = Literal["tips", "motors"]
Progress = Callable[[str, int, int], None]
"""Told what is run, how many of its runs are done, and how many there are."""

_MILLISECONDS = round(END * 1000.0)


@dataclass(frozen=True)
class HilSetup:
    """A way to the servos.

    Attributes:
        baud: Of every line [bit/s]; 0: no bus, as in the demo.
        lines: Over which the servos are spread.
        feedback: Where forces are felt.
        faults: What goes wrong with the servos, in seconds from the start.
    """

    baud: int = 4_000_000
    lines: int = 2
    feedback: Feedback = "tips"
    faults: tuple[VirtualFault, ...] = ()

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
        condition: What became of the cups.
    """

    setup: HilSetup
    period: float
    condition: Condition


def spread(hand: Hand, setup: HilSetup) -> Hand:
    """The hand with its servos in equal parts on so many lines of that rate, torque at once.

    Raises:
        HandError: the hand has no `[bus]`.
    """
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
    return hand.changed(bus=bus.model_copy(update={"lines": lines, "servos": servos, "ramp": 0.0}))


class HilRunner:
    """Runs cups through one way to the servos."""

    def __init__(self, scene: CupScene, setup: HilSetup, creep: float) -> None:
        """Nothing runs yet.

        Raises:
            HandError: the hand has no `[bus]`.
        """
        self.scene, self.setup, self.creep = scene, setup, creep
        feeling = Observer(force_source="motors" if setup.feedback == "motors" else "sensors")
        hand = scene.hand.changed(observer=feeling)
        self.hand = hand if setup.direct else spread(hand, setup)

    def refusal(self) -> str:
        """Why the servos do not go at this rate; empty: they do."""
        catalogue = ServoCatalogue.packaged()
        names = {} if self.setup.direct else {s.model for s in bus_of(self.hand).servos.values()}
        for name in sorted(names):
            try:
                catalogue.named(name).baud_code(self.setup.baud)
            except CatalogueError as error:
                return str(error)
        return ""

    def run(self, trial: CupTrial) -> tuple[float, CupResult]:
        """One cup.

        Returns:
            The period of control [s], and what came of it.

        Raises:
            HandError: the servos cannot be driven as the hand's description says.
            BusError: a servo does not do what it is told.
        """
        return self._direct(trial) if self.setup.direct else self._on_bus(trial)

    def _direct(self, trial: CupTrial) -> tuple[float, CupResult]:
        episode = self.scene.episode(trial, config=self.hand.controller_config(PERIOD))
        _core.run_episodes([episode], 1)
        return PERIOD, judge(self.scene, trial, episode, self.creep)

    def _on_bus(self, trial: CupTrial) -> tuple[float, CupResult]:
        plant, data = self.scene.plant(trial)
        simulated = _core.SimulatedHand(plant)
        virtual = VirtualHand.build(self.hand, simulated)
        servos = HandServos.on(self.hand, virtual.lockstep())
        configure(servos)
        refuse_if_blocked(preflight(servos, virtual=True))
        with HandDriver(servos, model=self.scene.bound.hand_model) as driver:
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
            loop, ticks = _core.Loop(hil, driver.controller), 0
            for fault in sorted(self.setup.faults, key=lambda one: one.time):
                until = round(min(fault.time, END) / driver.period)
                ticks += loop.run(until - ticks)
                virtual.suffer(fault)
            loop.run(math.ceil(END / driver.period) - ticks)
        del data  # the plant worked on it up to here
        return driver.period, judge(self.scene, trial, hil, self.creep)


def run_hil(
    hand: Hand,
    setups: Sequence[HilSetup],
    seeds: int = 20,
    *,
    first_seed: int = 0,
    threads: int = 0,
    progress: Progress = lambda stage, done, of: None,
) -> tuple[list[HilResult], dict[HilSetup, str]]:
    """Holds the same cups over each way to the servos.

    Args:
        hand: With a `[bus]`.
        setups: The ways.
        seeds: How many cups.
        first_seed: Of the first cup; the others follow.
        threads: That simulate; 0: one per core. Results do not depend on it.
        progress: Told how far it is.

    Returns:
        What became of them, and why a way cannot be had: some servos do not go at some rates.

    Raises:
        ValueError: The hand cannot reach around the cup.
        HandError: The hand has no `[bus]`, or cannot be driven as it says.
    """
    scene = CupScene.build(hand)
    trials = [CupTrial.draw(seed) for seed in range(first_seed, first_seed + seeds)]
    creep = pinch_creep(scene, min(trials, key=lambda trial: trial.friction))
    results, refused = [], {}
    with ThreadPoolExecutor(threads or len(os.sched_getaffinity(0))) as pool:
        for setup in setups:
            runner = HilRunner(scene, setup, creep)
            if why := runner.refusal():
                refused[setup] = why
                continue
            done: list[tuple[float, CupResult]] = []
            progress(str(setup), 0, seeds)
            for run in pool.map(runner.run, trials):
                done.append(run)
                progress(str(setup), len(done), seeds)
            condition = Condition(None, tuple(result for _, result in done))
            results.append(HilResult(setup, done[0][0], condition))
    return results, refused
