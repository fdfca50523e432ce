"""Model folders of one's own, and a file that no code may make.

Authors
 * The mtqnet-brain developers 2026
"""

import pytest
from model_folders import GOLDEN, copy

from mtqnet_brain.inference.export import export_model


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """Return a zoo model. Not to be changed."""
    folder = tmp_path_factory.mktemp("zoo") / "model"
    export_model(GOLDEN, folder)
    return folder


@pytest.fixture
def exported(template, tmp_path):
    """Return a zoo model of one's own."""
    return copy(template, tmp_path / "zoo")


@pytest.fixture
def run(tmp_path):
    """Return the folder of a trained network."""
    return copy(GOLDEN, tmp_path / "run" / "model")


@pytest.fixture
def trace(tmp_path):
    """Return a path that no code may make."""
    path = tmp_path / "trace"
    yield path
    assert not path.exists()
