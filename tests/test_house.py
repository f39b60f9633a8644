"""What holds the house together: the layout that is installed, and who may import whom."""

import ast
import subprocess
import sys
from importlib import import_module, metadata
from pathlib import Path

import pytest

import handloop

ROOMS = ["controller", "sim", "firmware_bridge", "models"]

# Imports run downwards only: what each room may import of the others.
MAY_IMPORT = {
    "models": set(),
    "controller": {"_core", "models"},
    "sim": {"_core", "models", "controller"},
    "firmware_bridge": {"_core", "models", "controller"},
}


def room(name: str) -> Path:
    origin = import_module(f"handloop.{name}").__file__
    assert origin
    return Path(origin).parent


def imported_rooms(path: Path, depth: int) -> set[str]:
    """Rooms a file imports, `depth` folders below its own room."""
    rooms: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == depth + 2:
            names = [node.module] if node.module else [alias.name for alias in node.names]
            rooms |= {name.split(".")[0] for name in names}
        elif isinstance(node, ast.ImportFrom | ast.Import) and not getattr(node, "level", 0):
            names = [getattr(node, "module", None) or alias.name for alias in node.names]
            absolute = [n for n in names if n.split(".")[0] in {"handloop", *ROOMS}]
            assert not absolute, f"{path}:{node.lineno}: import {absolute} relatively"
    return rooms


@pytest.mark.parametrize("name", ROOMS)
def test_imports_run_downwards(name: str) -> None:
    for path in room(name).rglob("*.py"):
        depth = len(path.relative_to(room(name)).parts) - 1
        above = imported_rooms(path, depth) - MAY_IMPORT[name]
        assert not above, f"{path} imports {above}"


def test_nothing_generic_is_installed_at_the_top() -> None:
    files = metadata.files("handloop")
    assert files
    tops = {f.parts[0] for f in files if f.parts[0] not in {"..", "__pycache__"}}
    assert all("handloop" in top for top in tops), tops


def test_version_is_stated_once() -> None:
    assert metadata.version("handloop") == handloop.__version__


def test_types_are_shipped() -> None:
    home = Path(handloop.__file__).parent
    assert (home / "py.typed").is_file()
    assert (home / "_core.pyi").is_file()


def import_with_core(stub: str) -> str:
    """What `import handloop` prints when its native core is replaced by `stub`."""
    code = f"import sys, types\n{stub}\nsys.modules['handloop._core'] = core\nimport handloop"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode
    return run.stderr


def test_another_mujoco_is_refused_with_its_name_and_the_mend() -> None:
    error = import_with_core(
        "core = types.SimpleNamespace(mujoco_version=lambda: 4001000)\n"
        "core.MUJOCO_HEADER_VERSION = 4000000"
    )
    assert "ImportError: handloop" in error
    assert "compiled against MuJoCo 4000000" in error
    assert "Reinstall handloop" in error


def test_a_missing_mujoco_library_is_refused_with_the_mend() -> None:
    error = import_with_core("core = None")  # None makes Python raise ImportError
    assert "ImportError: handloop" in error
    assert "Reinstall handloop" in error
