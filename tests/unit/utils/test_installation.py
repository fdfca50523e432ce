"""What is reported when the installation does not fit.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mtqnet_brain.utils import installation

ROOT = Path(__file__).parents[3]


def install(monkeypatch, **versions):
    """Pretend that exactly these versions are installed."""

    def version(name):
        """Answer as importlib.metadata does."""
        if versions.get(name) is None:
            raise installation.metadata.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(installation.metadata, "version", version)


@pytest.mark.parametrize(
    "torch, torchaudio",
    [
        ("2.7.1", "2.7.0"),
        ("2.8.0+cu128", "2.8.0"),
        ("2.11.0", "2.11.0+cpu"),
        ("2.11.1", "2.11.0"),
    ],
)
def test_fitting_pairs_pass(torch, torchaudio, monkeypatch):
    """Patch releases and builds may differ."""
    install(monkeypatch, torch=torch, torchaudio=torchaudio)
    installation.check_torch_pair()


@pytest.mark.parametrize(
    "torch, torchaudio, pin",
    [
        ("2.9.1", "2.11.0", "2.9.*"),
        ("2.11.0", "2.1.0", "2.11.*"),
        ("2.15.0", "2.11.0", "2.11.*"),
        ("2.15.0", "2.10.0", "2.10.*"),
        ("2.12.0", "2.12.0", "2.11.*"),
        ("2.6.0", "2.6.0", "2.11.*"),
        ("2.6.0", "2.8.0", "2.8.*"),
        ("2.7.0", "2.7.0", "2.7.1"),
        ("2.8.0", None, "2.8.*"),
        (None, "2.9.0", "2.9.*"),
        (None, None, "2.11.*"),
        ("unknown", "2.9.0", "2.9.*"),
    ],
)
def test_other_pairs_are_refused(torch, torchaudio, pin, monkeypatch):
    """With what is there, and the command that keeps most of it."""
    install(monkeypatch, torch=torch, torchaudio=torchaudio)
    with pytest.raises(ImportError) as error:
        installation.check_torch_pair()
    command = f'pip install "torch=={pin}" "torchaudio=={pin}"'
    assert str(error.value).endswith(command)
    assert f"torch {torch or '(none)'}, " in str(error.value)


def run_python(code, **environment):
    """Run code in a fresh interpreter."""
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
    )


def test_the_import_reports_the_pair_before_speechbrain(tmp_path):
    """As in an environment with the newest torch."""
    folder = tmp_path / "torch-2.15.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: torch\nVersion: 2.15.0\n"
    )
    code = "import sys\ntry:\n    import mtqnet_brain.training.brain\n"
    code += "finally:\n    print('speechbrain' in sys.modules)"
    done = run_python(code, PYTHONPATH=str(tmp_path))
    assert done.returncode != 0
    assert done.stdout == "False\n"
    assert "InstallationError: found torch 2.15.0" in done.stderr
    assert "pip install" in done.stderr


def test_the_import_is_cheap():
    """Nothing beyond the standard library is imported."""
    code = (
        "import sys, mtqnet_brain; "
        "print({'torch', 'numpy', 'scipy', 'speechbrain'} & set(sys.modules))"
    )
    assert run_python(code).stdout == "set()\n"


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """Return a function that equips the machine with tools."""

    def equip(compiler, headers):
        """Install a compiler, the headers of Python, both or neither."""
        found = "/usr/bin/gcc" if compiler else None
        monkeypatch.setattr(
            installation.shutil, "which", lambda n: n == "gcc" and found
        )
        if headers:
            (tmp_path / "Python.h").touch()
        monkeypatch.setattr(
            installation.sysconfig, "get_path", lambda name: str(tmp_path)
        )

    return equip


@pytest.mark.parametrize(
    "compiler, headers, named",
    [
        (False, True, "needs a C compiler: first apt-get"),
        (True, False, "needs the Python headers: first apt-get"),
        (False, False, "a C compiler and the Python headers"),
    ],
)
def test_missing_build_tools_are_named(compiler, headers, named, machine):
    """pip's own message hides them in a page of build output."""
    machine(compiler, headers)
    with pytest.raises(ImportError) as error:
        installation.require("labels", "no_such_module")
    assert 'pip install "mtqnet-brain[labels]"; pesq' in str(error.value)
    assert named in str(error.value)
    assert "apt-get install gcc python3-dev" in str(error.value)


def test_the_advice_is_short_where_pip_suffices(machine):
    """Tools there, or an extra that needs none."""
    machine(compiler=True, headers=True)
    with pytest.raises(ImportError, match="no_such_module is needed") as error:
        installation.require("labels", "no_such_module")
    assert str(error.value).endswith('pip install "mtqnet-brain[labels]"')
    machine(compiler=False, headers=True)
    with pytest.raises(ImportError) as error:
        installation.require("dev", "no_such_module")
    assert str(error.value).endswith('pip install "mtqnet-brain[dev]"')


def test_require_returns_the_modules():
    """In the order asked for."""
    import colorsys
    import wave

    assert installation.require("labels", "wave", "colorsys") == [
        wave,
        colorsys,
    ]
