"""Writes a hand as readable MJCF."""

from __future__ import annotations

import re

import mujoco

from . import shape
from .builder import HandSpec, build


def document(hand: HandSpec) -> str:
    """The MJCF text of a hand."""
    spec = build(hand)
    spec.compile()
    return _restore_builtin_meshes(spec.to_xml())


def _restore_builtin_meshes(xml: str) -> str:
    """Writes generated meshes by their recipe; MuJoCo itself saves every vertex."""
    params = " ".join(f"{v:g}" for v in (*shape.TAXEL_GRID, *shape.TAXEL_FOV, 0))
    return re.sub(
        r'(<mesh name="\w+_taxels") vertex="[^"]*" normal="[^"]*"',
        rf'\1 builtin="wedge" params="{params}"',
        xml,
    )
