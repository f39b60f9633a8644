"""`python -m handloop.sim.hands`: regenerates the hands in `models/`."""

from __future__ import annotations

from pathlib import Path

from .builder import ALL_HANDS
from .mjcf import document


def main() -> None:
    """Writes every hand next to the package, in the tree's `models/`."""
    folder = Path(__file__).resolve().parents[2] / "models"
    for hand in ALL_HANDS:
        path = folder / f"{hand.name}.xml"
        path.write_text(document(hand), encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main()
