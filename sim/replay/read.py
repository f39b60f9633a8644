"""A set of grasps in whichever of the known layouts it is."""

from __future__ import annotations

from pathlib import Path

from .dexgraspbench import is_dexgraspbench, read_dexgraspbench
from .grasp_set import GRASPS, GraspSet, GraspSetError, read_grasp_set, write_grasp_set


def read_grasps(folder: Path) -> GraspSet:
    """Reads a set.

    A folder of DexGraspBench says in its name whose hand it is: `example_shadow`.

    Args:
        folder: In the open format, or in the layout of DexGraspBench.

    Raises:
        GraspSetError: It is neither, or damaged.
    """
    if (folder / GRASPS).is_file():
        return read_grasp_set(folder)
    if folder.is_dir() and is_dexgraspbench(folder):
        parts = folder.resolve().parts
        shadow = any(part.endswith("_shadow") and "ur10e" not in part for part in parts)
        return read_dexgraspbench(folder, hand="shadow" if shadow else "")
    raise GraspSetError(
        f"{folder} holds no grasps: neither {GRASPS} nor .npy files; see docs/grasp-format.md"
    )


def convert(source: Path, target: Path) -> GraspSet:
    """Reads a set in any layout and writes it in the open format.

    Args:
        source: Folder to read.
        target: Folder to write; without a set in it.

    Raises:
        GraspSetError: One of the two cannot be used.
    """
    grasps = read_grasps(source)
    write_grasp_set(target, grasps)
    return grasps
