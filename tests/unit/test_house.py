"""The house: which room may import from which, and what lies at the root.

Authors
 * The mtqnet-brain developers 2026
"""

import ast
import importlib
from collections import Counter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "mtqnet_brain"
# From the ground up: a room imports only from floors below its own.
FLOORS = (
    {"utils", "tasks"},
    {"audio"},
    {"model", "data"},
    {"labels", "checkpoints", "evaluation"},
    {"inference"},
    {"teacher", "training", "reproduction"},
    {"cluster", "corpus", "preparation"},
    {"commands"},
    {"cli"},
)
FLOOR_OF = {room: i for i, floor in enumerate(FLOORS) for room in floor}
# Paths that stand in exported folders and in users' programs.
WIRE = (
    "mtqnet_brain.inference.SpeechQualityPredictor",
    "mtqnet_brain.model.MTQNet",
    "mtqnet_brain.mos_ssl.MOSSSL",
    "mtqnet_brain.tasks.Task",
)
MODULES = sorted(PACKAGE.rglob("*.py"))


def imported(path):
    """Return the modules of the package that a file imports, lazily too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute here"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.startswith("mtqnet_brain.")}


def room_of(module):
    """Return the room of a dotted module path."""
    return module.split(".")[1]


def test_rooms_import_from_below():
    """No import goes up or across, not even a lazy one."""
    wrong = []
    for path in MODULES:
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] not in FLOOR_OF:  # the root: paths of old folders
            continue
        for module in imported(path):
            other = room_of(module)
            below = FLOOR_OF.get(other, -1) < FLOOR_OF[parts[0]]
            if other != parts[0] and not below:
                wrong.append(f"{'/'.join(parts)} imports {module}")
    assert not wrong


def test_an_import_that_goes_up_is_seen(tmp_path):
    """Within a function, too."""
    path = tmp_path / "module.py"
    path.write_text(
        "def f():\n    from mtqnet_brain.inference.predictor import engine\n"
    )
    assert {room_of(module) for module in imported(path)} == {"inference"}


def test_root_holds_what_old_names_need_and_no_more():
    """A file has a room, unless its path is in exported folders."""
    files = {path.name for path in PACKAGE.iterdir() if path.is_file()}
    assert files == {
        "__init__.py",
        "cli.py",
        "mos_ssl.py",
        "py.typed",
        "tasks.py",
        "version.txt",
    }
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    rooms -= {"__pycache__", "pretrained"}
    assert rooms == set(FLOOR_OF) - {"cli", "tasks"}


def test_base_names_are_unique():
    """A file name tells its role; a command is called as what it runs."""
    names = [
        path.name
        for path in MODULES
        if path.name != "__init__.py" and path.parent.name != "commands"
    ]
    double = {name for name, count in Counter(names).items() if count > 1}
    # The folder tells: labels of a pair, and the teacher that gives them;
    # the plan of a corpus, and of a reproduction; a path that folders name.
    assert double == {"intrusive.py", "mos_ssl.py", "plan.py"}


@pytest.mark.parametrize("path", WIRE)
def test_paths_of_old_folders_are_there(path):
    """A folder that was exported before the rooms were made loads."""
    module, _, name = path.rpartition(".")
    assert getattr(importlib.import_module(module), name).__name__ == name


def test_every_module_has_a_line_on_what_it_is():
    """The tree can be read by first lines."""
    for path in MODULES:
        first = ast.get_docstring(ast.parse(path.read_text("utf-8")))
        assert first and first.splitlines()[0].endswith("."), path
