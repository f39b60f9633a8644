"""One controller for dexterous robot hands: MuJoCo and commodity servos, one native loop."""

# First: it loads the MuJoCo library that _core is linked against, by name and without a path.
import mujoco

__version__ = "0.1.0"

_MEND = (
    f"handloop {__version__} works with the one MuJoCo it was compiled against, but "
    f"{mujoco.__file__} is version {mujoco.__version__}; "
    "reinstall handloop, which brings the matching one"
)

try:
    from . import _core
except ImportError as error:  # another MuJoCo is a library of another name, which _core misses
    raise ImportError(f"{_MEND} ({error})") from error

if _core.mujoco_version() != _core.MUJOCO_HEADER_VERSION:
    raise ImportError(f"{_MEND} (compiled against {_core.MUJOCO_HEADER_VERSION})")
