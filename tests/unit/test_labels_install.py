"""What the labels need installed, and what importing them costs.

Authors
 * The mtqnet-brain developers 2026
"""

import subprocess
import sys

import pytest

from mtqnet_brain.labels import pesq_stoi


def test_missing_packages_are_named_with_the_remedy(monkeypatch):
    """The pip command, and the compiler where there is none."""
    monkeypatch.setattr(pesq_stoi, "PACKAGES", ("no_such_package",))
    monkeypatch.setattr(pesq_stoi.shutil, "which", lambda name: None)
    with pytest.raises(ImportError) as error:
        pesq_stoi.require_packages()
    assert 'pip install "mtqnet-brain[labels]"' in str(error.value)
    assert "apt-get install gcc python3-dev" in str(error.value)
    monkeypatch.setattr(pesq_stoi.shutil, "which", lambda name: "/bin/cc")
    with pytest.raises(ImportError) as error:
        pesq_stoi.require_packages()
    assert "gcc" not in str(error.value)


def test_the_import_is_cheap():
    """Neither torch nor SciPy nor the label packages are imported."""
    code = (
        "import sys, mtqnet_brain.labels; "
        "print({'torch', 'scipy', 'pesq', 'pystoi'} & set(sys.modules))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert found.stdout.strip() == "set()"
