"""What the labels need installed, and what importing them costs.

Authors
 * The mtqnet-brain developers 2026
"""

import subprocess
import sys

import pytest

from mtqnet_brain.labels import label_pairs


@pytest.mark.parametrize("name", ["pesq", "pystoi"])
def test_a_missing_package_is_named_with_the_remedy(
    name, monkeypatch, tmp_path
):
    """Before anything is written."""
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=f"{name} is needed") as error:
        label_pairs([], tmp_path / "labels.csv")
    assert 'pip install "mtqnet-brain[labels]"' in str(error.value)
    assert list(tmp_path.iterdir()) == []


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
