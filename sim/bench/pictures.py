"""Pictures for the report: per task how one trial went well, and how one did not."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ..studio import Format, Image, NoOpenGLError, open_studios
from .contestant import Contestant
from .log import Record
from .measures import headline
from .registry import task
from .summary import Standing
from .task import Snapshot, Task
from .words import OUTCOMES, condition_text

Progress = Callable[[str, int, int], None]
Array = NDArray[np.float64]

FORMAT: Final = Format(560, 420, shadows=True)
COLOURS: Final = 160  # of a picture's palette: a quarter of the bytes, and hardly to be seen
_HAND: Final = 0.13  # [m] about its middle; what else hangs on it, a forearm, may be cut off
_NEAR: Final = 0.3  # [m] from there: objects further off do not widen the view
_VIEW: Final = (232.0, -24.0)  # azimuth, elevation [deg]
_ORDER: Final = ("closed", "open", "rigid")


@dataclass(frozen=True)
class Picture:
    """Where a trial ended.

    Attributes:
        png: The picture.
        caption: What it shows.
        held: Whether it is one of a success.
    """

    png: bytes
    caption: str
    held: bool


def make_pictures(
    standings: Sequence[Standing],
    contestants: Mapping[str, Contestant],
    task_of: Callable[[str], Task] = task,
    progress: Progress = lambda stage, done, of: None,
) -> dict[str, list[Picture]]:
    """Runs one success and one failure of every task again, and renders where they ended.

    Args:
        standings: Of a run.
        contestants: By label; those who are not there are not shown.
        task_of: Finds a task by name.
        progress: Told the stage, how many pictures are done, and how many there are.

    Returns:
        Pictures by task; none where there is nothing to see.

    Raises:
        NoOpenGLError: Nothing here can render; the message says what to install.
    """
    wanted = [r for r in telling(standings) if r.contestant in contestants]
    pictures: dict[str, list[Picture]] = {}
    if not wanted:
        return pictures
    with open_studios(SnapshotPainter, [FORMAT]) as (studio,):
        for done, record in enumerate(wanted):
            progress("pictures", done, len(wanted))
            contestant = contestants[record.contestant]
            snapshot = task_of(record.task).snapshot(contestant, record.trial)
            if snapshot is None:
                continue
            try:
                image = studio.render([snapshot]).result()[0]
            except (
                Exception
            ) as error:  # whatever a graphics library comes up with, or a dead process
                raise NoOpenGLError(
                    f"no pictures: {record.task} cannot be rendered: {error}"
                ) from None
            picture = Picture(_png(image), _caption(record), record.result.success)
            pictures.setdefault(record.task, []).append(picture)
    progress("pictures", len(wanted), len(wanted))
    return pictures


def telling(standings: Sequence[Standing]) -> Iterator[Record]:
    """Per task the first success, and the first failure of the same contestant if it has any."""
    for name in dict.fromkeys(s.task for s in standings):
        here = [s for s in standings if s.task == name and not s.absence]
        hero = next((s for s in here if _first(s, True)), None)
        found = (_first(hero, True), _first_of([hero, *here], False)) if hero else (
            None, _first_of(here, False)
        )  # fmt: skip
        yield from filter(None, found)


def _first_of(standings: Sequence[Standing], held: bool) -> Record | None:
    return next(filter(None, (_first(s, held) for s in standings)), None)


def _first(standing: Standing, held: bool) -> Record | None:
    """The first of the headline pool that ended so: closed loop, else best squeeze, else rigid."""
    names = ("closed", standing.best_open, "rigid")
    pool = [
        r
        for r in headline(standing.records)
        if r.result.success == held and r.trial.condition.name in names
    ]
    return min(pool, key=lambda r: _ORDER.index(r.trial.condition.kind), default=None)


def _caption(record: Record) -> str:
    trial = record.trial
    parts = [record.contestant, condition_text(trial.condition), trial.case.name]
    return f"{OUTCOMES[record.result.outcome]}: {', '.join(filter(None, parts))}, seed {trial.seed}"


def _png(image: Image) -> bytes:
    from PIL import Image as Pillow

    file = io.BytesIO()
    Pillow.fromarray(image).quantize(COLOURS).save(file, "png", optimize=True)
    return file.getvalue()


class SnapshotPainter:
    """Renders moments of any scene: a `studio.Painter`."""

    def __init__(self, format_: Format) -> None:
        """Opens nothing yet: every scene needs a renderer of its own.

        Args:
            format_: Of the pictures.
        """
        self.format = format_
        mujoco.GLContext(8, 8).free()  # shows whether there is an OpenGL

    def paint(self, snapshot: Snapshot) -> Image:
        """A picture of shape (height, width, 3)."""
        model, data = snapshot.model, mujoco.MjData(snapshot.model)
        width, height = self.format.width, self.format.height
        model.vis.global_.offwidth, model.vis.global_.offheight = width, height
        model.vis.quality.shadowsize = 4096 if self.format.shadows else 0
        model.vis.quality.offsamples = 4
        _hide_what_is_led(model)
        data.qpos[:] = snapshot.qpos
        mujoco.mj_fwdPosition(model, data)
        with mujoco.Renderer(model, height, width) as renderer:
            renderer.update_scene(data, camera(model, data))
            return np.asarray(renderer.render()).copy()


def _hide_what_is_led(model: mujoco.MjModel) -> None:
    """A snapshot does not tell where bodies are that the script of a task moves."""
    model.geom_rgba[model.body_mocapid[model.geom_bodyid] >= 0, 3] = 0.0


def camera(model: mujoco.MjModel, data: Any) -> mujoco.MjvCamera:
    """One that sees the hand, which is the body with most hinges, and the objects near it."""
    middle, radius = _ball(_points(model, data))
    view = mujoco.MjvCamera()
    view.lookat = middle
    view.distance = radius / np.sin(np.radians(model.vis.global_.fovy) / 2.0)
    view.azimuth, view.elevation = _VIEW
    return view


def _points(model: mujoco.MjModel, data: Any) -> Array:
    """Centres of the geoms of the hand and of what is near it, shape (n, 3)."""
    body = model.geom_bodyid
    hinges = model.jnt_bodyid[model.jnt_type == mujoco.mjtJoint.mjJNT_HINGE]
    of_hand = model.body_rootid == np.argmax(np.bincount(model.body_rootid[hinges]))
    moving = (model.body_weldid[body] != 0) & (model.body_mocapid[body] < 0)
    hand = data.geom_xpos[moving & of_hand[body]]
    other = np.vstack([data.geom_xpos[moving & ~of_hand[body]], data.flexvert_xpos])
    centre = np.median(hand, axis=0)
    return np.vstack([_within(_HAND, centre, hand), _within(_NEAR, centre, other)])


def _within(reach: float, centre: Array, points: Array) -> Array:
    near: Array = points[np.linalg.norm(points - centre, axis=1) < reach]
    return near


def _ball(points: Array) -> tuple[Array, float]:
    """Middle and radius [m] of a ball about points, with room for what is around them."""
    middle = (points.min(axis=0) + points.max(axis=0)) / 2.0
    return middle, float(np.linalg.norm(points - middle, axis=1).max()) + 0.03
