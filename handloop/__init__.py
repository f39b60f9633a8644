"""One controller for dexterous robot hands: MuJoCo and commodity servos, one native loop."""

# First: it loads the MuJoCo library that _core is linked against, by name and without a path.
import mujoco

from . import _core

__version__ = "0.1.0"

if _core.mujoco_version() != _core.MUJOCO_HEADER_VERSION:
    raise ImportError(
        f"handloop {__version__} was compiled against MuJoCo {_core.MUJOCO_HEADER_VERSION}, but "
        f"version {_core.mujoco_version()} is loaded from {mujoco.__file__}; "
        "install the matching one: pip install mujoco==4.0.0"
    )
