"""Fixtures of the unit tests.

Authors
 * The mtqnet-brain developers 2026
"""

import importlib.util

import pytest
from tmhintqi_release import RECIPE, write_release


@pytest.fixture(scope="session")
def recipe():
    """Return the preparation script, which is part of no package."""
    path = RECIPE / "tmhintqi_prepare.py"
    spec = importlib.util.spec_from_file_location("tmhintqi_prepare", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def release(tmp_path):
    """Return the folder of a miniature TMHINT-QI release."""
    root = tmp_path / "release"
    write_release(root)
    return root
