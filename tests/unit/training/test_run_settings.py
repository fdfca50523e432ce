"""What a recipe's user types wrong: one line, before any work.

Authors
 * The mtqnet-brain developers 2026
"""

import sys
from functools import partial

import pytest
import torch
from speechbrain.utils.checkpoints import Checkpointer
from speechbrain.utils.epoch_loop import EpochCounter, EpochCounterWithStopper
from speechbrain.utils.train_logger import FileTrainLogger

from mtqnet_brain.training.run_settings import begin_run, parse_recipe
from mtqnet_brain.training.user_errors import plain_errors
from mtqnet_brain.utils import precision

YAML = """
data_folder: !PLACEHOLDER
output_folder: results
split: paper
note: none
lr: 0.001
number_of_epochs: 3
skip_prep: False
network: {channels: 3}
loss: !new:mtqnet_brain.training.losses.QualityLoss {tasks: [], kind: mse}
"""
DATA = "--data_folder=."


@pytest.fixture
def hparams_file(tmp_path):
    """A hyperparameter file."""
    path = tmp_path / "x.yaml"
    path.write_text(YAML)
    return str(path)


@pytest.mark.parametrize(
    "flags, message",
    [
        ([], "give --data_folder"),
        ([DATA, "--lrr=1"], "no setting 'lrr'; it has lr"),
        ([DATA, "--lr"], "--lr: no value"),
        ([DATA, "--lr="], "--lr: no value"),
        ([DATA, "--lr=fast"], "--lr: need a number"),
        ([DATA, "--lr=[1, 2]"], "--lr: need a number"),
        ([DATA, "--skip_prep=no"], "--skip_prep=no: need True or False"),
        ([DATA, "--split=a", "--split=b"], "split is given twice"),
        ([DATA, "--network={channels: [4"], "the command line, line"),
        (["more", DATA], "more: not of the form --NAME=VALUE"),
        ([DATA, "--lr", "1", "more"], "more: not of the form --NAME=VALUE"),
        ([DATA, "--network=big"], "--network=big: need {NAME: VALUE}"),
        ([DATA, "--network=null"], "--network=null: need {NAME: VALUE}"),
        ([DATA, "--note={a: 1}"], "--note: {NAME: VALUE} changes parts of"),
        ([DATA, "--label", "s_mos"], "--label s_mos: expected LABEL=COLUMN"),
        (
            [DATA, "--debug_batches=x"],
            "--debug_batches: invalid int value: 'x'",
        ),
        ([DATA, "--precision=fp8"], "--precision: invalid choice: 'fp8'"),
        ([DATA, "--max_grad_norm=-1"], "--max_grad_norm: -1.0 is invalid"),
        ([DATA, "--loss=mse"], "--loss=mse: need {NAME: VALUE}"),
        (
            [DATA, "--loss={knd: mse}"],
            "--loss: 'knd' is invalid, need key",
        ),
    ],
)
def test_wrong_settings_are_named(hparams_file, flags, message):
    """With what would be right."""
    with pytest.raises(ValueError) as caught:
        parse_recipe([hparams_file, *flags])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content, message",
    [
        (b"a: 1\n b: [\n", "x.yaml, line 2"),
        (b"words\n", "'words' is not of the form"),
        (b"\xff\xfe\x00\x81", "x.yaml"),
    ],
)
def test_what_is_no_yaml_is_named(hparams_file, content, message):
    """With the line, where there is one."""
    with open(hparams_file, "wb") as file:
        file.write(content)
    with pytest.raises(ValueError, match=message):
        parse_recipe([hparams_file])


def test_right_settings_pass(hparams_file):
    """Numbers in YAML 1.2's forms, null, nested ones."""
    flags = ["--lr=1e-4", "--note", "null", "--network={channels: 4}"]
    path, run_opts, overrides = parse_recipe(
        [hparams_file, DATA, *flags, "--skip_prep=True", "--precision", "auto"]
    )
    assert path == hparams_file and run_opts.precision == "auto"
    assert "precision" in run_opts.overridden_args
    assert overrides.splitlines()[1:] == [
        "lr: 1e-4",
        "note: null",
        "network: {channels: 4}",
        "skip_prep: True",
    ]


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
        ({"precision": "fp16"}, "--precision=fp16: need auto, fp32, bf16"),
        ({"epoch_counter": 3}, "no EpochCounter"),
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
        ({"checkpointer": None}, "no Checkpointer"),
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


def raised(err, monkeypatch, *argv, **settings):
    """Return the exit code of a script that raises an error."""
    monkeypatch.setattr(sys, "argv", ["/recipes/train.py", *argv])
    with pytest.raises(SystemExit) as end, plain_errors(**settings):
        raise err
    return end.value.code


def test_the_users_errors_end_in_one_line(monkeypatch, capsys, caplog):
    """The traceback is for the log."""
    caplog.set_level("DEBUG")
    assert raised(ValueError("x.csv: no column S"), monkeypatch) == 2
    assert capsys.readouterr().err == "train.py: x.csv: no column S\n"
    assert "Traceback" in caplog.text
    monkeypatch.setenv("RANK", "1")
    assert raised(OSError("no x"), monkeypatch) == 2
    assert capsys.readouterr().err == "train.py (rank 1): no x\n"
    lost = RuntimeError("gloo/pair.cc: Connection closed by peer [::1]:1")
    assert raised(lost, monkeypatch) == 2
    line = "train.py (rank 1): another rank has ended\n"
    assert capsys.readouterr().err == line
    assert raised(KeyboardInterrupt(), monkeypatch) == 130


def test_errors_of_a_workers_process_lose_its_traceback(monkeypatch, capsys):
    """As DataLoader hands them on."""
    text = "Caught AudioError in DataLoader worker process 0.\nOriginal "
    text += 'Traceback:\n  File "x"\nmtqnet_brain.audio.AudioError: a.wav: cut'
    assert raised(ValueError(text), monkeypatch) == 2
    assert capsys.readouterr().err == "train.py: a.wav: cut\n"


def test_debug_and_faults_of_the_code_show_the_traceback(monkeypatch):
    """The first as SpeechBrain's option, and for scripts without it."""
    monkeypatch.setattr(sys, "argv", ["train.py", "--debug", "x"])
    with pytest.raises(ValueError), plain_errors(passes_debug=True):
        assert "--debug" in sys.argv
        raise ValueError
    with pytest.raises(ValueError), plain_errors():
        assert sys.argv == ["train.py", "x"]
        raise ValueError
    monkeypatch.setattr(sys, "argv", ["train.py"])
    with pytest.raises(RuntimeError), plain_errors():
        raise RuntimeError
    with pytest.raises(KeyError), plain_errors():
        raise KeyError


def test_what_hyperparameters_raise_is_the_users(monkeypatch, capsys):
    """Whatever it is."""
    code = "raise TypeError('Invalid argument', 'no blstm')"
    monkeypatch.setattr(sys, "argv", ["train.py"])
    with pytest.raises(SystemExit), plain_errors():
        exec(code, {"__name__": "hyperpyyaml.core"})
    assert capsys.readouterr().err == "train.py: Invalid argument: no blstm\n"
