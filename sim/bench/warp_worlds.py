"""Episodes whose physics is mujoco-warp's: a world each, stepped together, controlled natively.

mujoco-warp takes the steps and computes all sensors; after each control period they come to the
host, where every episode's own noise, delay, controller and log are those of the CPU engine. What
tracks drive goes to the device before each step.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ... import _core

if TYPE_CHECKING:
    from types import ModuleType

Array = NDArray[np.float64]

CONTACTS: Final = 128
"""Room for contacts, per world."""
CONSTRAINTS: Final = 512
"""Room for rows of constraints, per world."""

_OF_TRACKS: Final = ("body_mass", "body_inertia")
_TO_DEVICE: Final = ("ctrl", "xfrc_applied", "qfrc_applied", "mocap_pos", "eq_active")
_TO_HOST: Final = ("qpos", "qvel", "site_xpos", "site_xmat", "actuator_force", "sensordata")
_STATE: Final = ("qpos", "qvel", "act", "qacc_warmstart", "mocap_quat", *_TO_DEVICE)
_KINDS: Final = {
    "actuator_trntype": ("TrnType", mujoco.mjtTrn),
    "actuator_dyntype": ("DynType", mujoco.mjtDyn),
    "actuator_gaintype": ("GainType", mujoco.mjtGain),
    "actuator_biastype": ("BiasType", mujoco.mjtBias),
    "eq_type": ("EqType", mujoco.mjtEq),
    "geom_type": ("GeomType", mujoco.mjtGeom),
    "sensor_type": ("SensorType", mujoco.mjtSensor),
    "wrap_type": ("WrapType", mujoco.mjtWrap),
}
_OPTIONS: Final = {
    "integrator": ("IntegratorType", mujoco.mjtIntegrator),
    "cone": ("ConeType", mujoco.mjtCone),
    "solver": ("SolverType", mujoco.mjtSolver),
}


def load_warp() -> ModuleType:
    """mujoco-warp, which compiles its kernels when they are first used.

    Raises:
        ImportError: It is not installed.
    """
    try:
        import warp

        warp.config.log_level = warp.LOG_WARNING  # or it tells of every kernel
        import mujoco_warp
    except ImportError as error:
        raise ImportError(
            "--engine warp needs mujoco-warp, which is not installed; pip install 'handloop[warp]'"
        ) from error
    return mujoco_warp  # type: ignore[no-any-return,unused-ignore]


def unsupported(model: mujoco.MjModel) -> list[str]:
    """Names every feature of a model that mujoco-warp lacks; empty if it takes it."""
    warp = load_warp()
    types = sys.modules[warp.Model.__module__]
    lacks = []
    for field, (known, names) in _KINDS.items():
        values = {int(v) for v in getattr(model, field)} - {int(v) for v in getattr(types, known)}
        lacks += [f"{field} {names(v).name}" for v in sorted(values)]
    for option, (known, names) in _OPTIONS.items():
        value = int(getattr(model.opt, option))
        if value not in {int(v) for v in getattr(types, known)}:
            lacks.append(f"option {option} {names(value).name}")
    plugins = ("body_plugin", "actuator_plugin", "sensor_plugin", "geom_plugin")
    lacks += [field for field in plugins if (getattr(model, field) >= 0).any()]
    if lacks:
        return lacks
    try:
        warp.put_model(model)
    except (NotImplementedError, ValueError) as error:
        lacks.append(str(error))
    return lacks


def differences(model: mujoco.MjModel) -> list[str]:
    """How the physics differs from MuJoCo's for a model that mujoco-warp takes."""
    device = load_warp().put_model(model).opt
    found = ["float32 instead of float64", "collisions by mujoco-warp's own code"]
    for name in ("tolerance", "ls_tolerance", "noslip_tolerance", "ccd_tolerance"):
        here, there = float(getattr(model.opt, name)), float(getattr(device, name).numpy()[0])
        if abs(there - here) > 1e-6 * here:
            found.append(f"{name} {there:g} instead of {here:g}")
    names = ("integrator", "cone", "solver", "iterations", "ls_iterations", "noslip_iterations")
    for name in (*names, "ccd_iterations", "disableflags", "enableflags"):
        here, there = int(getattr(model.opt, name)), int(getattr(device, name))
        if here != there:
            found.append(f"{name} {there} instead of {here}")
    return found


class Worlds:
    """Episodes of copies of one model, a world each.

    Attributes:
        overflow: Of each world, once run: what mujoco-warp had no room for, empty if for all.
    """

    def __init__(self, episodes: Sequence[_core.Episode], device: str | None = None) -> None:
        """Begins the episodes.

        Args:
            episodes: Of models that differ in numbers only.
            device: Of warp; None: a GPU if there is one, else the CPU.

        Raises:
            ValueError: A difference between the models cannot be one between worlds, or a control
                period is shorter than a step.
        """
        self._mjw = load_warp()
        import warp

        self._wp, self._device = warp, warp.get_device(device)
        self._layouts: dict[str, tuple[tuple[int, ...], np.dtype[Any]]] = {}
        self._episodes = list(episodes)
        self._models = [episode.model for episode in episodes]
        self._datas = [mujoco.MjData(model) for model in self._models]
        for episode, data in zip(self._episodes, self._datas, strict=True):
            episode.begin(data)
        first = self._models[0]
        self._steps = round(episodes[0].period / first.opt.timestep)
        if self._steps < 1:
            raise ValueError("a control period shorter than a step is not for mujoco-warp")
        self.overflow = [""] * len(self._episodes)
        with warp.ScopedDevice(self._device):
            self._put(first)
        self._graph: Any = None

    def run(self) -> None:
        """Goes on until every episode is over."""
        with self._wp.ScopedDevice(self._device):
            while going := [i for i, e in enumerate(self._episodes) if e.under_way]:
                self._tick(going)

    def _put(self, first: mujoco.MjModel) -> None:
        fields = _differing(self._models)
        batched = {f.name for f in dataclasses.fields(self._mjw.Model) if _per_world(f)}
        if alien := [name for name in fields if name not in batched]:
            raise ValueError(f"models of one batch differ in {alien[0]}, which mujoco-warp shares")
        sizes = dict.fromkeys({*fields, *_OF_TRACKS}, len(self._models))
        self._model = self._mjw.put_model(first, batch_sizes=sizes)
        self._model.opt.warn_overflow = 0  # asked for at the end instead of printed in every step
        self._model.opt.deterministic = int(
            sys.modules[self._mjw.Model.__module__].DeterminismType.ALL
        )
        for name in sizes:
            self._assign(self._model, name, [getattr(m, name) for m in self._models])
        self._data = self._mjw.put_data(
            first, self._datas[0], nworld=len(self._models), nconmax=CONTACTS, njmax=CONSTRAINTS
        )
        for name in _STATE:
            self._assign(self._data, name, [getattr(d, name) for d in self._datas])

    def _assign(self, target: Any, name: str, rows: list[Any]) -> None:
        array = getattr(target, name)
        if not array.size:
            return
        if name not in self._layouts:  # asked for once: it copies from the device
            example = array.numpy()
            self._layouts[name] = example.shape, example.dtype
        shape, kind = self._layouts[name]
        array.assign(np.array(rows).astype(kind).reshape(shape))

    def _tick(self, going: list[int]) -> None:
        for i in going:
            self._episodes[i].control()
        for _ in range(self._steps):
            for i in going:
                self._episodes[i].plant.prepare_step()
            for name in _OF_TRACKS:
                self._assign(self._model, name, [getattr(m, name) for m in self._models])
            for name in _TO_DEVICE:
                self._assign(self._data, name, [getattr(d, name) for d in self._datas])
            self._step()
            self._fetch(going)
        for i in going:
            self._episodes[i].sense(moved=bool(np.isfinite(self._datas[i].qpos).all()))

    def _fetch(self, going: list[int]) -> None:
        for name in _TO_HOST:
            rows = getattr(self._data, name).numpy()
            for i in going:
                own = getattr(self._datas[i], name)
                own[:] = rows[i].reshape(own.shape)
        kinds = self._mjw.OverflowType
        limits = kinds.ITERATIONS | kinds.LS_ITERATIONS  # of the solver, which MuJoCo has, too
        flags = self._data.overflow.numpy() & ~int(limits)
        for i in going:
            self._datas[i].time += self._models[i].opt.timestep
            self.overflow[i] = str(kinds(int(flags[i])).name) if flags[i] else ""

    def _step(self) -> None:
        if not self._device.is_cuda:
            self._mjw.step(self._model, self._data)
            return
        if self._graph is None:
            with self._wp.ScopedCapture() as capture:
                self._mjw.step(self._model, self._data)
            self._graph = capture.graph
        self._wp.capture_launch(self._graph)


def _per_world(field: dataclasses.Field[Any]) -> bool:
    """Whether worlds may differ in a field of mujoco-warp's model."""
    return tuple(getattr(field.type, "shape", ()))[:1] == ("*",)


def _differing(models: Sequence[mujoco.MjModel]) -> list[str]:
    """Arrays in which models are not the same."""
    first = models[0]
    names = [n for n in dir(first) if isinstance(getattr(first, n, None), np.ndarray)]
    return [
        name
        for name in names
        if any(not np.array_equal(getattr(first, name), getattr(m, name)) for m in models[1:])
    ]
