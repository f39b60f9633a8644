"""The film of the demo: the same cup in both hands, side by side, and how it goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from .render import CupPainter, shots
from .studio import Format, Image, Studio, open_studios
from .tasks.cup import END, SHAKEN, SINK, CupScene
from .tasks.cup_trial import DROP_IN, POUR
from .trace import Trace

if TYPE_CHECKING:
    from PIL import ImageDraw
    from PIL.ImageFont import FreeTypeFont

PANEL: Final = Format(480, 480, shadows=False)
STILL: Final = Format(960, 720, shadows=True)
STILL_TIME: Final = 5.0  # [s]
FPS: Final = 20
LAST_WORD: Final = 1.0  # [s], before the end: it is said that the cup was held
BATCH: Final = 10  # frames rendered at a time

INK: Final = (38, 44, 52)
GREEN: Final = (27, 127, 92)
RED: Final = (192, 48, 32)
GAUGE: Final = (446, 70, 462, 430)  # left, top, right, bottom [pixels]

EVENTS: Final = (
    (0.0, "the hand closes"),
    (SINK[0], "the coaster sinks"),
    (POUR[0], "0.45 kg are poured in"),
    (POUR[1], ""),
    (DROP_IN, "0.1 kg drops in"),
    (SHAKEN[0], "the wrist is shaken"),
)


def make_pictures(
    scene: CupScene,
    closed: Trace,
    opened: Trace,
    out: Path,
    progress: Callable[[str, int, int], None],
) -> list[Path]:
    """Writes `cup.png` and `cup.mp4` into `out`.

    Raises:
        NoOpenGLError: Nothing here can render; the message says what to install.
    """
    painter = partial(CupPainter, scene.model)
    with open_studios(painter, (PANEL, PANEL, STILL)) as (left, right, photo):
        still = photo.render(shots(scene, closed, [STILL_TIME]))
        _write_film(scene, ((left, closed), (right, opened)), out / "cup.mp4", progress)
        _write_still(still.result()[0], out / "cup.png")
    return [out / "cup.png", out / "cup.mp4"]


def _write_still(image: Image, path: Path) -> None:
    from PIL import Image as Pillow

    Pillow.fromarray(image).save(path, optimize=True)


def _write_film(
    scene: CupScene,
    panels: Sequence[tuple[Studio, Trace]],
    path: Path,
    progress: Callable[[str, int, int], None],
) -> None:
    from imageio_ffmpeg import write_frames

    times = [frame / FPS for frame in range(round(END * FPS))]
    batches = [times[i : i + BATCH] for i in range(0, len(times), BATCH)]
    wanted = [[s.render(shots(scene, t, batch)) for s, t in panels] for batch in batches]
    size = (sum(studio.format.width for studio, _ in panels), PANEL.height)
    film = write_frames(str(path), size, fps=FPS, codec="libx264", quality=7)
    film.send(None)
    done = 0
    progress("film", 0, len(times))
    try:
        for batch, futures in zip(batches, wanted, strict=True):
            images = [future.result() for future in futures]
            for k, time in enumerate(batch):
                parts = [caption(i[k], t, time) for i, (_, t) in zip(images, panels, strict=True)]
                film.send(np.ascontiguousarray(np.hstack(parts)))
            done += len(batch)
            progress("film", done, len(times))
    finally:
        film.close()


def caption(image: Image, trace: Trace, time: float) -> Image:
    """Writes onto a panel how the cup is held, what happens, and how it goes."""
    from PIL import Image as Pillow
    from PIL import ImageDraw

    tick = trace.tick(time)
    picture = Pillow.fromarray(image)
    draw = ImageDraw.Draw(picture, "RGBA")
    squeeze = trace.squeeze
    title = "closed loop: feels slip" if squeeze is None else f"open loop: {squeeze:.2f} N, blind"
    draw.text((16, 12), title, INK, _font(20, True))
    event = [name for begin, name in EVENTS if begin <= time][-1]
    draw.text((16, 40), f"{time:4.1f} s   {event}", INK, _font(15))
    _draw_gauge(draw, trace, tick)
    _draw_outcome(draw, trace, tick)
    return np.asarray(picture)


def _draw_outcome(draw: ImageDraw.ImageDraw, trace: Trace, tick: int) -> None:
    ended = trace.time[-1] - trace.time[tick] < LAST_WORD
    if tick >= trace.end:
        draw.text((16, 436), trace.result.outcome, RED, _font(26, True))
    elif trace.result.success and ended:
        draw.text((16, 436), "held", GREEN, _font(26, True))


def _draw_gauge(draw: ImageDraw.ImageDraw, trace: Trace, tick: int) -> None:
    """A column of force: too little, enough, too much; and a pointer for the grip."""
    left, top, right, bottom = GAUGE
    full = 1.25 * trace.crush_force

    def height(force: float) -> float:
        return bottom - (bottom - top) * min(force / full, 1.0)

    slips, crushes = height(float(trace.slip_force[tick])), height(trace.crush_force)
    draw.rectangle((left, slips, right, bottom), (150, 156, 164, 210))
    draw.rectangle((left, crushes, right, slips), (109, 187, 150, 210))
    draw.rectangle((left, top, right, crushes), (214, 96, 80, 210))
    grip = float(trace.thumb[tick])
    y = height(grip)
    draw.polygon([(left - 2, y), (left - 14, y - 7), (left - 14, y + 7)], INK)
    draw.rounded_rectangle((left - 78, y - 12, left - 13, y + 12), 5, (255, 255, 255, 170))
    draw.text((left - 19, y), f"{grip:.1f} N", INK, _font(15, True), anchor="rm")
    draw.text((right, top - 4), "crushes", INK, _font(12), anchor="rb")
    draw.text((right, bottom + 4), "slips", INK, _font(12), anchor="rt")


@lru_cache(maxsize=8)
def _font(size: int, bold: bool = False) -> FreeTypeFont:
    from matplotlib import get_data_path
    from PIL import ImageFont

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(Path(get_data_path(), "fonts", "ttf", name)), size)
