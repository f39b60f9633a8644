"""The project's own hands, generated from one table of human anatomy.

`python -m handloop.sim.hands` writes the MJCF files in `models/`.
"""

from .builder import HandSpec, build

__all__ = ["HandSpec", "build"]
