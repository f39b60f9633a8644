"""A study: what was asked, what was found, how far it holds; a page, and all of it as data."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from .markup import Html, tag
from .markup import table as grid
from .page import whole_page
from .table import Table

REPORT: Final = "report.html"
DOCUMENT: Final = "study.json"
_STYLE: Final = Path(__file__).with_name("study.css")
_SCRIPT: Final = Path(__file__).with_name("hover.js")
_FILE: Final = re.compile(r"\d{2,}-[a-z0-9-]+\.csv")  # of a table or a figure
_LETTERS: Final = 48  # of a file's name


class Shown(Protocol):
    """A table or a figure."""

    @property
    def caption(self) -> str:
        """Says what it shows."""

    @property
    def data(self) -> Table:
        """All that it shows."""

    def html(self, place: str) -> Html:
        """As it stands on a page, where it has a name of its own."""


@dataclass(frozen=True)
class _Heading:
    text: str


@dataclass(frozen=True)
class _Text:
    text: str


@dataclass
class Study:
    """Grows as one adds to it; the same bytes for the same content.

    Attributes:
        title: Of the page.
        question: That it answers.
        facts: What it rests on: options, versions, seeds, sources.
    """

    title: str
    question: str
    facts: Mapping[str, str] = field(default_factory=dict)
    _parts: list[_Heading | _Text | Shown] = field(default_factory=list)
    _limits: list[str] = field(default_factory=list)

    def section(self, heading: str) -> None:
        """Begins a part of the page."""
        self._parts.append(_Heading(heading))

    def text(self, said: str) -> None:
        """Adds a paragraph."""
        self._parts.append(_Text(said))

    def table(self, table: Table) -> None:
        """Adds a table."""
        self._parts.append(table)

    def figure(self, figure: Shown) -> None:
        """Adds a figure."""
        self._parts.append(figure)

    def limits(self, limits: Sequence[str]) -> None:
        """Says how far all of it holds: assumptions, what was left out; stands at the end."""
        self._limits.extend(limits)

    def write(self, folder: Path) -> tuple[Path, ...]:
        """Writes the page, all of it as JSON, and every table and figure as CSV.

        What a study wrote there before goes, as its JSON lists it; all else in the folder stays.

        Args:
            folder: Made if it is not there.

        Returns:
            The files, the page first.
        """
        folder.mkdir(parents=True, exist_ok=True)
        texts = {REPORT: self.html(), DOCUMENT: self._json()}
        texts |= {file: shown.data.csv() for file, shown in self._files()}
        _clear(folder, texts)
        for name, text in texts.items():
            (folder / name).write_text(text, "utf-8", "replace", "\n")
        return tuple(folder / name for name in texts)

    def html(self) -> Html:
        """The page."""
        style = _STYLE.read_text(encoding="utf-8")
        script = _SCRIPT.read_text(encoding="utf-8")
        return whole_page(self.title, *self._body(), style=style, script=script)

    def document(self) -> dict[str, Any]:
        """All of it for other programs."""
        return {
            "title": self.title,
            "question": self.question,
            "facts": dict(self.facts),
            "content": list(self._contents()),
            "limits": self._limits,
        }

    def _json(self) -> str:
        return json.dumps(self.document(), indent=1, allow_nan=False, ensure_ascii=False) + "\n"

    def _contents(self) -> Iterator[dict[str, Any]]:
        files = {id(shown): file for file, shown in self._files()}
        for part in self._parts:
            match part:
                case _Heading():
                    yield {"section": part.text}
                case _Text():
                    yield {"text": part.text}
                case _:
                    kind = type(part).__name__.lower()
                    yield {"kind": kind, "file": files[id(part)], **part.data.document()}

    def _files(self) -> Iterator[tuple[str, Shown]]:
        """Tables and figures by the names of their files."""
        shown = [part for part in self._parts if not isinstance(part, _Heading | _Text)]
        for i, part in enumerate(shown, 1):
            yield f"{i:02d}-{_slug(part.caption)}.csv", part

    def _body(self) -> Iterator[Html]:
        yield tag("h1", self.title)
        yield tag("p", self.question, class_="question")
        if self.facts:
            yield grid(("", ""), self.facts.items(), "facts")
        files = iter(self._files())
        for part in self._parts:
            match part:
                case _Heading():
                    yield tag("h2", part.text)
                case _Text():
                    yield tag("p", part.text)
                case _:
                    yield from self._shown(*next(files))
        if self._limits:
            yield tag("h2", "Limits of validity")
            yield tag("ul", *(tag("li", limit) for limit in self._limits), class_="limits")

    def _shown(self, file: str, part: Shown) -> Iterator[Html]:
        yield part.html(f"part-{file[:2]}")
        yield tag("p", tag("a", file, href=file), class_="note file")


def _clear(folder: Path, kept: Container[str]) -> None:
    """Removes the files of tables and figures that the study in a folder lists, but for some."""
    try:
        content = json.loads((folder / DOCUMENT).read_text(encoding="utf-8"))["content"]
        files = [part["file"] for part in content if "file" in part]
    except (OSError, ValueError, KeyError, TypeError):
        return  # there is none, or it is none of ours
    for file in files:
        if isinstance(file, str) and _FILE.fullmatch(file) and file not in kept:
            (folder / file).unlink(missing_ok=True)


def _slug(caption: str) -> str:
    """A caption as part of a file's name on any system."""
    plain = unicodedata.normalize("NFKD", caption).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_LETTERS].strip("-") or "data"
