"""Pictures for the report: per task how one trial went well, and how one did not."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ..studio import Format, Image, NoOpenGLError, Studio, open_studios
from .contestant import Contestant
from .log import Record
from .measures import headline
from .registry import task
from .run import Progress
from .summary import Standing
from .task import Snapshot, Task
from .words import OUTCOMES, condition_text

Array = NDArray[np.float64]

FORMAT: Final = Format(560, 420, shadows=True)
COLOURS: Final = 160  # of a picture's palette: a quarter of the bytes, and hardly to be seen
_HAND: Final = 0.15  # [m] about its middle; what else hangs on it, a forearm, may be cut off
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
) -> tuple[dict[str, list[Picture]], str]:
    """Runs one success and one failure of every task again, and renders where they ended.

    Args:
        standings: Of a run.
        contestants: By label; those who are not there are not shown.
        task_of: Finds a task by name.
        progress: Told the stage, how many pictures are done, and how many there are.

    Returns:
        Pictures by task, and why some or all are missing; empty if none is.
    """
    wanted = [r for r in telling(standings) if r.contestant in contestants]
    pictures: dict[str, list[Picture]] = {}
    notes: dict[str, None] = {}
    try:
        with open_studios(SnapshotPainter, [FORMAT] if wanted else []) as studios:
            for done, record in enumerate(wanted):
                progress("pictures", done, len(wanted))
                try:
                    picture = _picture(record, contestants, task_of, studios[0])
                except Exception as error:  # a report is worth more than a picture
                    notes[f"no picture of {record.task}: {error}"] = None
                else:
                    pictures.setdefault(record.task, []).extend(picture)
    except NoOpenGLError as error:
        return {}, str(error)
    progress("pictures", len(wanted), len(wanted))
    return pictures, "; ".join(notes)


def _picture(
    record: Record,
    contestants: Mapping[str, Contestant],
    task_of: Callable[[str], Task],
    studio: Studio,
) -> list[Picture]:
    """One, or none where there is nothing to see."""
    contestant = contestants[record.contestant]
    if snapshot := task_of(record.task).snapshot(contestant, record.trial):
        image = studio.render([snapshot]).result()[0]
        return [Picture(_png(image), _caption(record), record.result.success)]
    return []


def telling(standings: Sequence[Standing]) -> Iterator[Record]:
    """Per task the first success, and the first failure, of the same contestant if it has any."""
    for name in dict.fromkeys(s.task for s in standings):
        here = [s for s in standings if s.task == name and not s.absence]
        here.sort(key=lambda s: _first(s, held=True) is None)  # those with a success first
        for held in (True, False):
            found = (_first(standing, held) for standing in here)
            yield from islice(filter(None, found), 1)


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
    centres, radii = _balls(model, data)
    middle = (centres.min(axis=0) + centres.max(axis=0)) / 2.0
    reach = np.linalg.norm(centres - middle, axis=1) + radii
    view = mujoco.MjvCamera()
    view.lookat = middle
    view.distance = float(reach.max()) / np.sin(np.radians(model.vis.global_.fovy) / 2.0)
    view.azimuth, view.elevation = _VIEW
    return view


def _balls(model: mujoco.MjModel, data: Any) -> tuple[Array, Array]:
    """Centres, shape (n, 3), and radii of the hand's geoms and of what is near it."""
    body = model.geom_bodyid
    hinges = model.jnt_bodyid[model.jnt_type == mujoco.mjtJoint.mjJNT_HINGE]
    of_hand = model.body_rootid == np.argmax(np.bincount(model.body_rootid[hinges]))
    moving = (model.body_weldid[body] != 0) & (model.body_mocapid[body] < 0)
    hand, other = moving & of_hand[body], moving & ~of_hand[body]
    centres = np.vstack([data.geom_xpos, data.flexvert_xpos])
    radii = np.append(model.geom_rbound, np.zeros(len(data.flexvert_xpos)))
    away = np.linalg.norm(centres - np.median(data.geom_xpos[hand], axis=0), axis=1)
    flex = np.ones(len(data.flexvert_xpos), dtype=bool)
    seen = (np.append(hand, ~flex) & (away < _HAND)) | (np.append(other, flex) & (away < _NEAR))
    return centres[seen], radii[seen]
