"""What there is to look at after the demo: plots and, given OpenGL, a picture and a film."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..controller import Hand
from .demo import DemoResult, Progress
from .film import make_pictures
from .plots import plot_run, plot_seeds
from .studio import NoOpenGLError
from .tasks.cup import CupScene
from .trace import run_traces


@dataclass(frozen=True)
class Gallery:
    """What was written, and why not more."""

    files: tuple[Path, ...]
    note: str = ""

    def lines(self) -> Iterator[str]:
        """For the terminal."""
        names = ", ".join(file.name for file in self.files)
        yield f"written     {self.files[0].parent}/: {names}"
        if self.note:
            yield self.note


def write_gallery(
    hand: Hand, result: DemoResult, out: Path, pictures: bool, progress: Progress
) -> Gallery:
    """Writes `seeds.png` over all cups and `run.png` of one, `cup.png` and `cup.mp4` of the same.

    Args:
        hand: The one of the result.
        result: Of the demo.
        out: A folder.
        pictures: False: only the plots.
        progress: Told how far it is.
    """
    scene = CupScene.build(hand)
    trial = result.trials[telling_cup(result)]
    closed, opened = run_traces(scene, trial, [None, result.opened.squeeze], result.creep)
    plots = (out / "seeds.png", out / "run.png")
    plot_seeds(result, plots[0])
    plot_run(closed, opened, plots[1])
    if not pictures:
        return Gallery(plots)
    try:
        return Gallery((*plots, *make_pictures(scene, closed, opened, out, progress)))
    except NoOpenGLError as error:
        return Gallery(plots, str(error))


def telling_cup(result: DemoResult) -> int:
    """Index of the cup to show: one that only the closed loop held, best one that fell far."""

    def worth(i: int) -> tuple[bool, bool, float]:
        closed, opened = result.closed.results[i], result.opened.results[i]
        lost = closed.success and not opened.success
        return lost, opened.outcome == "dropped", opened.slip

    return max(range(len(result.trials)), key=worth)
