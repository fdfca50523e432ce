"""The package works where the repository is not.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import shutil
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from mtqnet_brain.utils.installation import NEWEST_MINOR, OLDEST

ROOT = Path(__file__).parents[2]
INTERFACE = ROOT / "mtqnet_brain/pretrained/lite/custom.py"
SOURCES = ("setup.py", "pyproject.toml", "README.md", "LICENSE")
IMPORT_ALL = """
import importlib, pkgutil, mtqnet_brain
print(mtqnet_brain.__file__)
for module in pkgutil.walk_packages(mtqnet_brain.__path__, "mtqnet_brain."):
    print(importlib.import_module(module.name).__file__)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Folder with the contents of the wheel, built from a copy."""
    # A copy: setuptools would reuse a stale build/ and leave one behind.
    source = tmp_path_factory.mktemp("source")
    for name in SOURCES:
        shutil.copy(ROOT / name, source)
    shutil.copytree(
        ROOT / "mtqnet_brain",
        source / "mtqnet_brain",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps"]
    command += ["--no-build-isolation", "--no-index", "--wheel-dir", "dist"]
    done = subprocess.run(
        [*command, "."], cwd=source, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = (source / "dist").iterdir()
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run_elsewhere(installed, folder, *arguments):
    """Run Python with the installed package, outside of the repository."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_module_imports(installed, tmp_path):
    """As many as the repository has, all from the wheel.

    But for the interface file of the shipped model, which is no module.
    """
    paths = run_elsewhere(installed, tmp_path, "-c", IMPORT_ALL).split()
    assert all(Path(path).is_relative_to(installed) for path in paths)
    modules = {*(ROOT / "mtqnet_brain").rglob("*.py")}
    assert len(paths) == len(modules - {INTERFACE})


def test_the_command_runs(installed, tmp_path):
    """With its subcommands."""
    text = run_elsewhere(
        installed, tmp_path, "-m", "mtqnet_brain.cli", "--help"
    )
    assert text.startswith("usage: mtqnet")
    assert "pseudo-label" in text


def test_every_data_file_is_in_the_wheel(installed):
    """Whatever the package's folders hold beside Python code."""
    folder = ROOT / "mtqnet_brain"
    files = {
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    }
    shipped = installed / "mtqnet_brain"
    assert [str(name) for name in files if not (shipped / name).exists()] == []
    assert Path("py.typed") in files


def test_metadata(installed):
    """Name, version, command, licence, and the range that is checked."""
    (folder,) = installed.glob("*.dist-info")
    metadata = Parser().parsestr((folder / "METADATA").read_text("utf-8"))
    version = (ROOT / "mtqnet_brain" / "version.txt").read_text().strip()
    assert metadata["Name"] == "mtqnet-brain"
    assert metadata["Version"] == version
    assert metadata["Requires-Python"] == ">=3.11"
    oldest = ".".join(map(str, OLDEST))
    beyond = f"{NEWEST_MINOR[0]}.{NEWEST_MINOR[1] + 1}"
    needs = metadata.get_all("Requires-Dist")
    for name in ("torch", "torchaudio"):
        assert f"{name}<{beyond},>={oldest}" in needs
    commands = (folder / "entry_points.txt").read_text()
    assert "mtqnet = mtqnet_brain.cli:command" in commands
    assert list(folder.rglob("LICENSE"))
