"""Renderers, each in a process of its own, which may fail without harm.

Which OpenGL there is shows only when it is used, and the first one that is tried stays for the life
of a process. So every renderer gets a process, told what to try by `MUJOCO_GL`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from types import TracebackType
from typing import Any, Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from .environment import environment

Image = NDArray[np.uint8]

BACKENDS: Final = ("egl", "osmesa")
MISSING: Final = (
    "no pictures: OpenGL is missing; apt-get install libegl1 libgl1-mesa-dri, or libosmesa6"
)


class NoOpenGLError(RuntimeError):
    """Nothing here can render."""


class Painter(Protocol):
    """Renders one thing after the other."""

    def paint(self, what: Any) -> Image:
        """A picture of shape (height, width, 3)."""


@dataclass(frozen=True)
class Format:
    """Width and height [pixels] of pictures, and whether things cast shadows: they cost most."""

    width: int
    height: int
    shadows: bool


class Studio:
    """A renderer in its own process."""

    def __init__(self, painter: Callable[[Format], Painter], format_: Format, backend: str) -> None:
        """Opens it.

        Args:
            painter: Makes the renderer, in the new process.
            format_: Of its pictures.
            backend: For `MUJOCO_GL`.
        """
        self.format = format_
        self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        with environment({"MUJOCO_GL": backend}):
            self._opened = self._pool.submit(_open, painter, format_)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def check(self) -> None:
        """Waits until it is open.

        Raises:
            NoOpenGLError: It could not be.
        """
        try:
            self._opened.result()
        except Exception as error:  # whatever a graphics library comes up with, or a dead process
            raise NoOpenGLError(str(error)) from None

    def render(self, what: Sequence[Any]) -> Future[Image]:
        """Pictures of shape (things, height, width, 3), later."""
        return self._pool.submit(_render, list(what))


@contextmanager
def open_studios(
    painter: Callable[[Format], Painter], formats: Sequence[Format]
) -> Iterator[list[Studio]]:
    """Opens renderers with the first OpenGL that works.

    Raises:
        NoOpenGLError: None does; the message says what to install.
    """
    for backend in [os.environ.get("MUJOCO_GL") or BACKENDS[0], *BACKENDS]:
        with ExitStack() as stack:
            studios = [stack.enter_context(Studio(painter, f, backend)) for f in formats]
            try:
                for studio in studios:
                    studio.check()
            except NoOpenGLError:
                continue
            yield studios
            return
    raise NoOpenGLError(MISSING)


# -- in the process of its own ---------------------------------------------------------------------

_painter: list[Painter] = []


def _open(painter: Callable[[Format], Painter], format_: Format) -> None:
    _painter.append(painter(format_))


def _render(what: Sequence[Any]) -> Image:
    return np.stack([_painter[0].paint(one) for one in what])
