"""Pictures of a cup that is filled, whole or crushed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from .studio import Format, Image
from .tasks.cup import CupScene, shake_position, sink_depth
from .tasks.cup_object import FLOOR, FULL, RADIUS
from .tasks.cup_trial import DROP_IN, FALL, GRAVITY, POUR
from .trace import Trace

Array = NDArray[np.float64]

_STREAM: Final = 0.16  # [m], where it comes from, over the cup
_BROKEN: Final = (0.86, 0.13, 0.10, 0.55)


@dataclass(frozen=True)
class Shot:
    """What is to be seen at one moment.

    Attributes:
        qpos: Of the whole scene, shape (nq,).
        coaster: Its height [m].
        filling: Height of what is in the cup [m].
        lump: Its height over the cup's floor [m]; None before it falls.
        pouring: Whether a stream runs into the cup.
        broken: Whether the cup is crushed.
    """

    qpos: Array
    coaster: float
    filling: float
    lump: float | None
    pouring: bool
    broken: bool


def shots(scene: CupScene, trace: Trace, times: Sequence[float]) -> list[Shot]:
    """What a run looked like at some times [s]."""
    return [_shot(scene, trace, trace.tick(time)) for time in times]


def _shot(scene: CupScene, trace: Trace, tick: int) -> Shot:
    model, time = scene.model, float(trace.time[tick])
    qpos = model.qpos0.copy()
    qpos[scene.bound.qpos] = trace.joints[tick]
    qpos[model.joint("carriage").qposadr[0]] = shake_position(np.clip(time, 8.0, 10.0))
    cup = int(model.body("cup").jntadr[0])
    qpos[model.jnt_qposadr[cup] : model.jnt_qposadr[cup] + 7] = trace.cup[tick]
    level = FULL * trace.trial.mass_scale[1] * float(np.interp(time, POUR, (0.0, 1.0)))
    return Shot(
        qpos=qpos,
        coaster=float(model.body("coaster").pos[2] - sink_depth(np.array(time))),
        filling=level,
        lump=_lump_height(time, level),
        pouring=POUR[0] < time < POUR[1],
        broken=trace.crushed <= min(tick, trace.lost),
    )


def _lump_height(time: float, level: float) -> float | None:
    """It falls onto the filling and then floats, half of it under."""
    falling = np.sqrt(2.0 * FALL / GRAVITY) - (DROP_IN - time)
    if falling < 0.0:
        return None
    return float(level + max(FALL - 0.5 * GRAVITY * falling**2, 0.0))


class CupPainter:
    """Renders a cup in a hand: a `studio.Painter`."""

    def __init__(self, model: mujoco.MjModel, format_: Format) -> None:
        """Opens a renderer, with whatever OpenGL the environment names."""
        self.model, self.data = model, mujoco.MjData(model)
        width, height = format_.width, format_.height
        model.vis.global_.offwidth, model.vis.global_.offheight = width, height
        model.vis.quality.shadowsize = 4096 if format_.shadows else 0
        model.vis.quality.offsamples = 4
        self.renderer = mujoco.Renderer(model, height, width)
        self.camera = mujoco.MjvCamera()
        mujoco.mj_kinematics(model, self.data)
        self.camera.lookat = self.data.body("cup").xpos + np.array([-0.04, 0.0, -0.005])
        self.camera.distance, self.camera.azimuth, self.camera.elevation = 0.42, 232.0, -24.0
        self.wall = next(
            i for i in range(model.ngeom)
            if model.geom_bodyid[i] == model.body("cup").id and model.geom_group[i] == 2
        )  # fmt: skip
        self.whole = model.geom_rgba[self.wall].copy()
        for name in ("filling", "lump"):  # their places may change
            model.geom_sameframe[model.geom(name).id] = 0

    def paint(self, shot: Shot) -> Image:
        """A picture of shape (height, width, 3)."""
        m, d = self.model, self.data
        d.qpos[:] = shot.qpos
        d.mocap_pos[m.body("coaster").mocapid[0], 2] = shot.coaster
        self._fill(shot)
        m.geom_rgba[self.wall] = _BROKEN if shot.broken else self.whole
        mujoco.mj_kinematics(m, d)
        mujoco.mj_camlight(m, d)
        self.renderer.update_scene(d, self.camera)
        if shot.pouring:
            self._stream(shot)
        return np.asarray(self.renderer.render()).copy()

    def _fill(self, shot: Shot) -> None:
        filling, lump = self.model.geom("filling"), self.model.geom("lump")
        filling.size[1] = max(shot.filling / 2.0, 1e-4)
        filling.pos[2] = FLOOR + filling.size[1] - self.model.body("filling").pos[2]
        filling.rgba[3] = 1.0 if shot.filling > 0.0 else 0.0
        lump.rgba[3] = 0.0 if shot.lump is None else 1.0
        lump.pos[2] = FLOOR + (shot.lump or 0.0) - self.model.body("lump").pos[2]

    def _stream(self, shot: Shot) -> None:
        cup = self.data.body("cup")
        above = self.model.body("cup").pos + np.array([0.0, 0.0, _STREAM])
        caught = np.linalg.norm(cup.xpos[:2] - above[:2]) < RADIUS and cup.xpos[2] > 0.2
        low = cup.xpos[2] + FLOOR + shot.filling if caught else 0.0
        colour = self.model.geom("filling").rgba
        self._connect(mujoco.mjtGeom.mjGEOM_CAPSULE, 0.0025, above, [*above[:2], low], colour)

    def _connect(self, kind: Any, width: float, start: Any, end: Any, rgba: Any) -> None:
        scene = self.renderer.scene
        geom = scene.geoms[scene.ngeom]
        mujoco.mjv_initGeom(
            geom, kind, np.zeros(3), np.zeros(3), np.eye(3).ravel(), rgba.astype(np.float32)
        )
        mujoco.mjv_connector(geom, kind, width, np.asarray(start), np.asarray(end))
        scene.ngeom += 1
