"""Servo files: TOML with `[models]` that can be bought and `[tables]` that they have in common.

Either may say `extends` with the name of one: tables within it are merged key by key, `lacks` and
`notes` are added to, `aliases` and `price` are its own, everything else is replaced.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from ..controller.errors import key_text, unknown
from .servo import IndirectBlock, Price, ServoModel
from .servo_errors import CatalogueError
from .servo_motor import Motor, OperatingPoint
from .servo_text import RegisterText, ServoText, UnitText

_ADDED_TO = ("lacks", "notes")
_ITS_OWN = ("aliases", "price")

_Key = tuple[str | int, ...]
Entries = Mapping[str, Mapping[str, Any]]
"""Tables and models as read, by name."""


def read_servo_file(file: Path, known: Entries) -> tuple[dict[str, Any], dict[str, ServoModel]]:
    """Reads a servo file.

    Args:
        file: the TOML file.
        known: tables and models that it may extend.

    Returns:
        Its tables and models as read, and its models.

    Raises:
        CatalogueError: the file is missing or is not TOML, or a key in it is wrong.
    """
    content = _read(file)
    entries: dict[str, Any] = {**content["tables"], **content["models"]}
    for name in entries:
        if name in known:
            raise CatalogueError(f"{file}: '{name}' is in the catalogue; give it another name")
    models = {name: _model(file, name, {**known, **entries}) for name in content["models"]}
    return entries, models


def _read(file: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise CatalogueError(f"{file}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{file}: is not valid TOML: {error}") from None
    if content.pop("schema", None) != 1:
        raise CatalogueError(f"{file}: schema: is missing or another one; say schema = 1")
    for key in content:
        if key not in {"tables", "models"}:
            message = unknown("key", key, ["schema", "tables", "models"], "a servo file")
            raise CatalogueError(f"{file}: {key}: {message}")
    for kind in ("tables", "models"):
        named = content.setdefault(kind, {})
        if not isinstance(named, dict) or not all(isinstance(v, dict) for v in named.values()):
            raise CatalogueError(f"{file}: {kind}: must hold tables; write [{kind}.NAME]")
    return content


def _model(file: Path, name: str, entries: Entries) -> ServoModel:
    content = _merged(file, name, entries, ())
    try:
        return ServoText.model_validate(content).model(name)
    except ValidationError as error:
        raise CatalogueError("\n".join(_explain(file, name, error))) from None


def _merged(file: Path, name: str, entries: Entries, below: tuple[str, ...]) -> dict[str, Any]:
    """An entry with what it extends; `below` are the ones that extend it."""
    entry = dict(entries[name])
    base = entry.pop("extends", None)
    if base is None:
        return entry
    if base in (*below, name):
        raise CatalogueError(f"{file}: {base}: extends: goes round in a circle; end it")
    if not isinstance(base, str) or base not in entries:
        message = unknown("table or model", str(base), entries, "the catalogue")
        raise CatalogueError(f"{file}: {name}: extends: {message}")
    inherited = _merged(file, base, entries, (*below, name))
    return _merge({k: v for k, v in inherited.items() if k not in _ITS_OWN}, entry)


def _merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            merged[key] = _merge(old, value)
        elif key in _ADDED_TO and isinstance(value, list) and isinstance(old, list):
            merged[key] = [*old, *value]
        else:
            merged[key] = value
    return merged


def _explain(file: Path, name: str, error: ValidationError) -> Iterator[str]:
    for item in error.errors(include_url=False):
        key: _Key = ("models", name, *item["loc"])
        context = item.get("ctx", {})
        if item["type"] == "misfit":
            key, message = (*key, *context["key"]), context["message"]
        elif item["type"] == "extra_forbidden":
            known = [*_table_at(item["loc"]).model_fields, *(["extends"] if len(key) == 3 else [])]
            message = unknown("key", str(key[-1]), known, key_text(key[:-1]))
        elif item["type"] == "missing":
            message = "is missing"
        else:
            value = "" if isinstance(item["input"], dict | list) else f" (is {item['input']!r})"
            message = f"{item['msg'][0].lower()}{item['msg'][1:]}{value}"
        yield f"{file}: {key_text(key)}: {message}"


_TABLES: dict[str, type[BaseModel]] = {
    "units": UnitText,
    "registers": RegisterText,
    "indirect": IndirectBlock,
    "points": OperatingPoint,
    "motor": Motor,
    "price": Price,
}


def _table_at(key: _Key) -> type[BaseModel]:
    tables = [_TABLES[part] for part in key[:-1] if isinstance(part, str) and part in _TABLES]
    return tables[-1] if tables else ServoText
