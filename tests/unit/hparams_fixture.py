"""A hyperparameter file for the tests of command lines and settings.

Authors
 * The mtqnet-brain developers 2026
"""

import pytest

YAML = """
data_folder: !PLACEHOLDER
output_folder: results
split: paper
note: none
lr: 0.001
number_of_epochs: 3
skip_prep: False
teacher: null
network: {channels: 3}
loss: !new:mtqnet_brain.training.losses.QualityLoss {tasks: [], kind: mse}
"""


@pytest.fixture
def hparams_file(tmp_path):
    """A hyperparameter file."""
    path = tmp_path / "x.yaml"
    path.write_text(YAML)
    return str(path)
