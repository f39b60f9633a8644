"""How a command ends that cannot do what it was asked, before the work where possible."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Turns an error that the user can mend into one red line on stderr and exit code 1."""
    try:
        yield
    except (typer.Exit, typer.Abort):  # RuntimeErrors, too, but no errors
        raise
    except BrokenPipeError:  # whoever reads the output has had enough
        sys.stderr.close()
        raise typer.Exit(1) from None
    except (ValueError, OSError, RuntimeError) as error:  # HandError is a ValueError
        Console(stderr=True, soft_wrap=True).print(
            f"error: {error}", style="red", markup=False, highlight=False
        )
        raise typer.Exit(1) from None


def check_folder(folder: Path | None) -> None:
    """Complains of an output folder before the work, and makes none.

    Args:
        folder: What will be written into; None: nothing.

    Raises:
        ValueError: It is a file or lies in one.
        OSError: Nothing can be written there.
    """
    if folder is None:
        return
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not there.is_dir():
        raise ValueError(f"{there} is a file; name a folder to write into")
    if not os.access(there, os.W_OK | os.X_OK):
        raise OSError(f"{there} cannot be written into; name another folder")


def check_writable(file: Path | None, suffixes: tuple[str, ...] = ()) -> None:
    """Complains of an output file before the work, and leaves none behind if that fails.

    Args:
        file: What will be written; None: nothing.
        suffixes: One of which it must have; none: any will do.

    Raises:
        ValueError: It is a folder, or of a kind that cannot be written.
        OSError: It cannot be written there.
    """
    if file is None:
        return
    if file.is_dir():
        raise ValueError(f"{file} is a folder; name a file in it")
    if suffixes and file.suffix.lower() not in suffixes:
        raise ValueError(f"{file} must end in {', '.join(suffixes[:-1])} or {suffixes[-1]}")
    file.parent.mkdir(parents=True, exist_ok=True)
    existed = file.exists()
    file.open("a").close()
    if not existed:
        file.unlink()
