"""Virtual servos in place of a hand's own: behind pseudo-terminals, turned by a simulated hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from .. import _core
from ..controller import BoundHand, Hand
from ..firmware_bridge.catalogue import ServoCatalogue
from ..firmware_bridge.virtual_hand import VirtualHand
from ..sim.scene import rest_posture
from ..sim.tasks.cup import CupScene

Array = NDArray[np.float64]

_PERIOD = 0.001  # [s], of virtual servos


@dataclass(frozen=True, eq=False)
class VirtualScene:
    """What the virtual servos turn: a hand in simulation, with or without something to grasp.

    Attributes:
        bound: the hand in its scene.
        initial: all positions of the scene at first, shape (nq,).
        closed: the posture that grasps what is there [rad], shape (joints,). None: nothing is.
    """

    bound: BoundHand
    initial: Array
    closed: Array | None = None

    @classmethod
    def empty(cls, hand: Hand) -> VirtualScene:
        """The hand alone, at rest."""
        bound = hand.bind(hand.model)
        initial = np.array(hand.model.qpos0)
        initial[bound.qpos] = rest_posture(hand, range(len(hand.joint_names)))
        return cls(bound, initial)

    @classmethod
    def with_cup(cls, hand: Hand) -> VirtualScene:
        """The open hand around a full cup that stands on its coaster.

        Raises:
            ValueError: the hand cannot reach around the cup.
            HandError: nobody can tell what it touches.
        """
        scene = CupScene.build(hand)
        initial = np.array(scene.model.qpos0)
        initial[scene.bound.qpos] = scene.preshape.opened
        return cls(scene.bound, initial, scene.preshape.closed)

    def plant(self) -> _core.SimPlant:
        """The simulation, standing still."""
        model = self.bound.model
        plant = _core.SimPlant(model, self.bound.plant_ids(), _core.SensorModel(), _PERIOD)
        data = mujoco.MjData(model)
        data.qpos[:] = self.initial
        plant.start(data)
        return plant


@dataclass(frozen=True, eq=False)
class VirtualRig:
    """Virtual servos that are served.

    Attributes:
        servos: to look at them and to break them.
        ports: by line.
        simulated: what they turn. None: an inertia each.
    """

    servos: VirtualHand
    ports: dict[str, str]
    simulated: _core.SimulatedHand | None

    def begin(self) -> None:
        """Lets the simulated hand move; up to then it stands still, as if somebody held it."""
        if self.simulated:
            self.simulated.begin()


@contextmanager
def virtual_rig(
    hand: Hand,
    scene: VirtualScene | None,
    catalogue: ServoCatalogue | None = None,
    *,
    seed: int = 1,
) -> Iterator[VirtualRig]:
    """Serves virtual servos, on the wall clock, as long as the context lasts.

    Args:
        hand: with a `[bus]`.
        scene: what they turn. None: an inertia each.
        catalogue: which servos there are. None: the packaged ones.
        seed: of the noise.

    Raises:
        HandError: the hand has no `[bus]`.
        CatalogueError: the catalogue does not know one of its servos.
    """
    simulated = _core.SimulatedHand(scene.plant()) if scene else None
    servos = VirtualHand.build(hand, simulated, catalogue, seed=seed)
    server, ports = servos.serve()
    with server:
        yield VirtualRig(servos, ports, simulated)


def scene_of(hand: Hand) -> VirtualScene | None:
    """The hand alone in simulation; None where it has no motors that could be simulated."""
    return VirtualScene.empty(hand) if hand.can_be_driven else None
