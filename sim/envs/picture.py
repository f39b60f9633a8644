"""What an environment looks like, where there is OpenGL."""

from __future__ import annotations

from typing import Any, Final

import mujoco
import numpy as np
from numpy.typing import NDArray

from ... import _core
from ..scene import PREFIX

WIDTH: Final = 480
HEIGHT: Final = 360


class Camera:
    """Looks at the hand, with an OpenGL context from the first picture on; blind without one."""

    def __init__(self) -> None:
        """Takes nothing yet."""
        self._model: mujoco.MjModel | None = None
        self._renderer: Any = None
        self._blind = False

    def picture(self, model: mujoco.MjModel, episode: _core.Episode) -> NDArray[np.uint8] | None:
        """An episode as it stands, shape (height, width, 3); None without OpenGL."""
        if self._blind or not self._open(model):
            return None
        data = mujoco.MjData(model)
        episode.copy_data(data)
        mujoco.mj_kinematics(model, data)
        mujoco.mj_camlight(model, data)
        self._renderer.update_scene(data, _at_hand(model, data))
        return np.asarray(self._renderer.render()).copy()

    def close(self) -> None:
        """Gives the context back."""
        if self._renderer is not None:
            self._renderer.close()
        self._renderer = self._model = None

    def _open(self, model: mujoco.MjModel) -> bool:
        if self._model is model:
            return True
        self.close()
        try:
            self._renderer = mujoco.Renderer(model, HEIGHT, WIDTH)
        except Exception:  # whatever a graphics library comes up with
            self._blind = True
            return False
        self._model = model
        return True


def _at_hand(model: mujoco.MjModel, data: mujoco.MjData) -> mujoco.MjvCamera:
    places = np.array(
        [data.xpos[i] for i in range(model.nbody) if model.body(i).name.startswith(PREFIX)]
    )
    camera = mujoco.MjvCamera()
    camera.lookat = places.mean(axis=0)
    camera.distance = 1.5 * float(np.ptp(places, axis=0).max())
    camera.azimuth, camera.elevation = 232.0, -24.0
    return camera
