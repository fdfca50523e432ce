"""The module paths in exported hyperparameters: a format that stays.

Authors
 * The mtqnet-brain developers 2026
"""

import pydoc
import re
from pathlib import Path

import pytest

import mtqnet_brain
from mtqnet_brain.checkpoints.loading import HYPERPARAMETERS, load_network
from mtqnet_brain.checkpoints.run_folder import save_model
from mtqnet_brain.inference.export import export_model
from mtqnet_brain.model.mos_ssl import MOSSSL
from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.tasks import Task

SHIPPED = Path(mtqnet_brain.__file__).parent / "pretrained" / "lite"
TASKS = [Task("s_mos", 1, 5)]
PRETRAINER = "speechbrain.utils.parameter_transfer.Pretrainer"
PATHS = {
    MTQNet: "mtqnet_brain.model.MTQNet",
    MOSSSL: "mtqnet_brain.mos_ssl.MOSSSL",
}


@pytest.mark.parametrize("kind", PATHS, ids=lambda kind: kind.__name__)
def test_an_export_writes_the_paths_of_older_ones(kind, tiny_ssl, tmp_path):
    """Our loader and SpeechBrain's find the classes there."""
    ssl = {"source": tiny_ssl("wavlm"), "freeze": True}
    sizes = {"channels": (1,) * 4, "blstm_hidden": 2, "dense_units": 2}
    network = kind(TASKS, ssl=ssl, **(sizes if kind is MTQNet else {}))
    save_model(tmp_path / "run", network, {})
    export_model(tmp_path / "run", tmp_path / "zoo")
    text = (tmp_path / "zoo" / HYPERPARAMETERS).read_text()
    found = re.findall(r"!new:(\S+)", text)
    assert found == ["mtqnet_brain.tasks.Task", PATHS[kind], PRETRAINER]
    assert pydoc.locate(found[0]) is Task and pydoc.locate(found[1]) is kind
    for trust in (False, True):
        assert type(load_network(tmp_path / "zoo", trust=trust)[0]) is kind


def test_the_shipped_model_is_written_as_it_was(tmp_path):
    """Letter by letter: tasks, paths, settings."""
    network, info = load_network(SHIPPED)
    save_model(tmp_path / "run", network, info["provenance"])
    export_model(tmp_path / "run", tmp_path / "zoo")
    before, after = (
        (folder / HYPERPARAMETERS).read_text().partition("modules:")[0]
        for folder in (SHIPPED, tmp_path / "zoo")
    )
    assert after == before
