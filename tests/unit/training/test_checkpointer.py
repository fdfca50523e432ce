"""Checkpoints that a kill has cut in the middle.

Authors
 * The mtqnet-brain developers 2026
"""

import pytest
import torch

from mtqnet_brain.training.checkpointer import WholeCheckpointer


class Killed(Exception):
    """Stands for a kill."""


def make_checkpointer(folder, value):
    """Return a checkpointer of two one-weight modules, and the second."""
    modules = {name: torch.nn.Linear(1, 1) for name in ("first", "second")}
    for module in modules.values():
        torch.nn.init.constant_(module.weight, value)
    return WholeCheckpointer(folder, recoverables=modules), modules["second"]


def test_half_a_checkpoint_is_none(tmp_path):
    """Killed between two files, the run goes on from the checkpoint before."""
    checkpointer, second = make_checkpointer(tmp_path, 1.0)
    checkpointer.save_and_keep_only(meta={"loss": 3.0}, min_keys=["loss"])

    def kill(obj, path):
        """Stop before the second file is written."""
        raise Killed

    torch.nn.init.constant_(second.weight, 2.0)
    checkpointer.custom_save_hooks["second"] = kill
    with pytest.raises(Killed):
        checkpointer.save_and_keep_only(meta={"loss": 2.0}, min_keys=["loss"])
    assert len(list(tmp_path.glob("CKPT+*"))) == 2
    resumed, second = make_checkpointer(tmp_path, 0.0)
    assert resumed.recover_if_possible().meta["loss"] == 3.0
    assert second.weight.item() == 1.0
    resumed.save_and_keep_only(meta={"loss": 1.0}, min_keys=["loss"])
    assert len(list(tmp_path.glob("CKPT+*"))) == 1
    assert resumed.find_checkpoint(min_key="loss").meta["loss"] == 1.0
