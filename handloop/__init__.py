"""One controller for dexterous robot hands: MuJoCo and commodity servos, one native loop."""

import os

# First: it loads the MuJoCo library that _core is linked against, by name and without a path.
try:
    import mujoco
except ImportError:
    raise
except Exception:  # MUJOCO_GL names an OpenGL that is not here: nobody asked for pictures yet
    _wanted = os.environ.pop("MUJOCO_GL", "")
    os.environ["MUJOCO_GL"] = "disabled"
    import mujoco

    os.environ["MUJOCO_GL"] = _wanted

__version__ = "0.1.0"


def _refusal(reason: object) -> ImportError:
    return ImportError(
        f"handloop {__version__} cannot use its native core: {reason}. It works with the one "
        f"MuJoCo it was compiled against; {mujoco.__file__} is version {mujoco.__version__}. "
        "Reinstall handloop, which brings the matching one."
    )


try:
    from . import _core
except ImportError as error:  # another MuJoCo is a library of another name, which _core misses
    raise _refusal(error) from error

if _core.mujoco_version() != _core.MUJOCO_HEADER_VERSION:
    raise _refusal(f"it was compiled against MuJoCo {_core.MUJOCO_HEADER_VERSION}")

from ._core import (
    Controller,
    ControllerConfig,
    Episode,
    Fault,
    HandKinematics,
    HandModel,
    HandState,
    Loop,
    PostureStream,
    SafetyState,
    SensorModel,
    SimPlant,
    TaskKind,
    TaskStep,
    advance_episodes,
    begin_episodes,
    replay_episodes,
    run_episodes,
)
from .controller import (
    BoundHand,
    ControlLaw,
    Hand,
    HandError,
    LawError,
    control_law,
    packaged_hands,
)

__all__ = [
    "BoundHand",
    "ControlLaw",
    "Controller",
    "ControllerConfig",
    "Episode",
    "Fault",
    "Hand",
    "HandError",
    "HandKinematics",
    "HandModel",
    "HandState",
    "LawError",
    "Loop",
    "PostureStream",
    "SafetyState",
    "SensorModel",
    "SimPlant",
    "TaskKind",
    "TaskStep",
    "advance_episodes",
    "begin_episodes",
    "control_law",
    "packaged_hands",
    "replay_episodes",
    "run_episodes",
]
