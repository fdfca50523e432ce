"""The start of a run: objects that fail late, and the precision.

Authors
 * The mtqnet-brain developers 2026
"""

from functools import partial

import pytest
import torch
from speechbrain.utils.checkpoints import Checkpointer
from speechbrain.utils.epoch_loop import EpochCounter, EpochCounterWithStopper
from speechbrain.utils.train_logger import FileTrainLogger

from mtqnet_brain.training.command_line import parse_recipe
from mtqnet_brain.training.run_settings import begin_run
from mtqnet_brain.utils import precision

DATA = "--data_folder=."


@pytest.fixture
def hparams(tmp_path):
    """What a hyperparameter file holds, as it should be."""
    network = torch.nn.Linear(1, 1)
    counter = EpochCounter(3)  # without early stopping
    return {
        "output_folder": str(tmp_path),
        "select_by": "lcc",
        "epoch_counter": counter,
        "train_logger": FileTrainLogger(str(tmp_path / "log.txt")),
        "modules": {"network": network},
        "checkpointer": Checkpointer(
            tmp_path / "save", {"network": network, "counter": counter}
        ),
        "opt_class": partial(torch.optim.Adam, lr=0.1),
    }


def options(hparams_file, *flags):
    """Return the run options of a command line."""
    return parse_recipe([hparams_file, DATA, "--device=cpu", *flags])[1]


@pytest.mark.parametrize(
    "change, message",
    [
        ({"grad_accumulation_factor": 0}, "need a whole number from 1"),
        ({"remove_vector_weight_decay": True}, "not supported, SpeechBrain"),
        ({"precision": "fp16"}, "--precision=fp16: need auto, fp32, bf16"),
        ({"epoch_counter": 3}, "not an EpochCounter"),
        (
            {"epoch_counter": EpochCounterWithStopper(3, 2, 0, "min")},
            "give direction: max",
        ),
        ({"select_by": "pcc"}, "'pcc' is not one of"),
        ({"train_logger": None}, "has no log_stats"),
        (
            {"train_logger": FileTrainLogger("/nowhere/log.txt")},
            "/nowhere/log.txt",
        ),
        ({"checkpointer": None}, "not a Checkpointer"),
        ({"modules": {"network": torch.nn.GRU(1, 1)}}, "lack GRU"),
        ({"opt_class": partial(torch.optim.Adam, lr=-1)}, "opt_class: Inv"),
        ({"opt_class": partial(torch.optim.Adam, lr="x")}, "opt_class: "),
        ({"opt_class": torch.nn.Linear(1, 1)}, "opt_class: "),
        ({"data_parallel_backend": True}, "torchrun --nproc_per_node"),
    ],
)
def test_objects_used_late_are_checked_at_the_start(
    hparams_file, hparams, change, message
):
    """Not after an epoch of work."""
    begin_run(options(hparams_file), hparams)
    with pytest.raises(ValueError) as caught:
        begin_run(options(hparams_file), hparams | change)
    assert message in str(caught.value)


def test_nothing_to_train_and_to_test(hparams_file, hparams):
    """Unless the run has begun, or a trained network is to be tested."""
    run_opts = options(hparams_file)
    hparams["epoch_counter"].limit = 0
    with pytest.raises(ValueError, match="number_of_epochs: 0"):
        begin_run(run_opts, hparams)
    begin_run(run_opts, hparams | {"pretrained": "run"})
    hparams["checkpointer"].save_checkpoint()
    begin_run(run_opts, hparams)


def test_a_device_that_is_not_there(hparams_file, hparams):
    """Named, before the data are prepared."""
    run_opts = options(hparams_file, "--device=cuda:77")
    with pytest.raises(ValueError, match="--device cuda:77: "):
        begin_run(run_opts, hparams)


@pytest.fixture
def flags(monkeypatch):
    """The flags of the processor, to be changed."""
    flags = set()
    monkeypatch.setattr(precision, "processor_flags", lambda: flags)
    return flags


def test_a_run_keeps_its_precision(hparams_file, hparams, flags):
    """On another machine too, unless another one is asked for."""
    plain = options(hparams_file)
    asked = options(hparams_file, "--precision=bf16")
    assert begin_run(plain, hparams).precision == "fp32"
    flags.add("avx512_bf16")
    assert begin_run(plain, hparams).precision == "fp32"
    assert begin_run(asked, hparams).precision == "bf16"
    flags.clear()
    assert begin_run(plain, hparams).precision == "bf16"
    fixed = hparams | {"precision": "fp32"}
    assert begin_run(plain, fixed).precision == "fp32"
