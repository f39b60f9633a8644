"""How a command ends that cannot do what it was asked."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Turns an error that the user can mend into one red line on stderr and exit code 1."""
    try:
        yield
    except BrokenPipeError:  # whoever reads the output has had enough
        sys.stderr.close()
        raise typer.Exit(1) from None
    except (ValueError, OSError) as error:  # HandError is a ValueError
        Console(stderr=True, soft_wrap=True).print(
            f"error: {error}", style="red", markup=False, highlight=False
        )
        raise typer.Exit(1) from None
