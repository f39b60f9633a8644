"""Native core of handloop."""

MUJOCO_HEADER_VERSION: int
"""Version number of the MuJoCo headers that this module was compiled against."""

def mujoco_version() -> int:
    """Version number of the MuJoCo library that is loaded."""
