"""The recipe tables, run on a miniature corpus; and what the runner checks.

Authors
 * The mtqnet-brain developers 2026
"""

import copy
import os
from pathlib import Path

import pytest
import torch
from hyperpyyaml import load_hyperpyyaml
from recipe_data import write_any_corpus, write_ssl_models, write_voicebank
from recipe_tests import (
    ROOT,
    Recipe,
    failed_checks,
    read_recipes,
    recipe_command,
    run_recipe,
    run_recipes,
)

from mtqnet_brain.checkpoints.transfer import build_network
from mtqnet_brain.training.command_line import parse_recipe
from mtqnet_brain.training.run_settings import begin_run

LOG = "epoch: 1, lr: 0.1 - train loss: 0.90 - valid loss: 0.80\n"
LOG += "epoch: 2, lr: 0.1 - train loss: 4.0e-01 - valid loss: 0.70\n"
LOG += "epoch: 12, lr: 0.1 - train loss: 0.01 - valid loss: 0.01\n"


def row(checks, script="train.py"):
    """Return a recipe with the given checks."""
    cells = {
        "Script_file": script,
        "Hparam_file": "x.yaml",
        "test_debug_flags": "--data_folder=tests/tmp/corpus --a='b c'",
        "test_debug_checks": checks,
    }
    return Recipe("DATA_row_02", cells)


# Rows that differ from another one in a number or in the name of a network.
ALIKE = [f"TMHINT-QI_row_{number:02d}" for number in (5, 6, 8, 11, 14, 15)]


@pytest.fixture(scope="module")
def recipe_folder(mini_corpus, tmp_path_factory):
    """An output folder with a miniature of every corpus, tiny SSL models."""
    folder = tmp_path_factory.mktemp("recipes")
    (folder / "corpus").symlink_to(mini_corpus)
    write_voicebank(folder / "voicebank")
    write_any_corpus(folder / "anycorpus")
    write_ssl_models(folder / "ssl")
    return folder


@pytest.fixture(scope="module")
def chosen():
    """The rows that are run: one of each kind, or all."""
    rows = read_recipes()
    if os.environ.get("MTQNET_ALL_RECIPES"):
        return rows
    return [row for row in rows if row.name not in ALIKE]


@pytest.fixture(scope="module")
def failures(recipe_folder, chosen):
    """What failed in the rows that are run."""
    return run_recipes(recipe_folder, chosen)


def test_recipes_run(recipe_folder, chosen, failures):
    """Nothing fails, and every row has left its results."""
    assert failures == []
    for recipe in chosen:
        assert (recipe_folder / recipe.name / "metrics.json").exists()


@pytest.mark.parametrize("name", ALIKE)
@pytest.mark.usefixtures("failures")  # their teacher is among the rows
def test_alike_recipes_learn(name, recipe_folder, monkeypatch):
    """The row's flags fit its file, whose network and loss make a step."""
    monkeypatch.chdir(ROOT)
    (recipe,) = (row for row in read_recipes() if row.name == name)
    script, *flags = recipe_command(recipe, recipe_folder)[1:]
    # One begins with a run that is itself among these; any other serves.
    begin = f"--pretrained={recipe_folder}/TMHINT-QI_row_0"
    flags = [begin + "7" if flag == begin + "8" else flag for flag in flags]
    monkeypatch.syspath_prepend(ROOT / Path(script).parent)
    hparams_file, run_opts, overrides = parse_recipe(flags)
    with open(hparams_file, encoding="utf-8") as file:
        hparams = load_hyperpyyaml(file, overrides)
    Path(hparams["output_folder"]).mkdir(exist_ok=True)
    begin_run(run_opts, hparams)
    network = hparams["modules"].get("network") or made_network(hparams)
    optimizer = hparams["opt_class"](network.parameters())
    before = copy.deepcopy(network.state_dict())
    loss = one_loss(network, hparams)
    loss.backward()
    optimizer.step()
    assert torch.isfinite(loss)
    learnt = [
        parameter_name
        for parameter_name, weight in network.named_parameters()
        if not weight.equal(before[parameter_name])
    ]
    assert learnt


def made_network(hparams):
    """Build the network as train.py does."""
    return build_network(
        hparams["network"],
        hparams["tasks"],
        hparams.get("pretrained"),
        hparams["adopt_settings"],
        seed=hparams["seed"],
    )


def one_loss(network, hparams):
    """Return the loss of two clips, as the recipe's Brain computes it."""
    wavs, n_samples = 0.1 * torch.randn(2, 8000), torch.tensor([8000, 6000])
    if "loss" in hparams:
        labels = torch.full((2, len(hparams["tasks"])), 1.5)
        return hparams["loss"](network(wavs, n_samples), labels)
    return (network(wavs) - network.represent(wavs)).square().mean()


def test_command():
    """In SpeechBrain's form; the flags' folder moves with the output."""
    command = recipe_command(row(""), "elsewhere")[1:]
    assert command == [
        "train.py",
        "x.yaml",
        "--data_folder=elsewhere/corpus",
        "--a=b c",
        "--device=cpu",
        "--output_folder=elsewhere/DATA_row_02",
        "--debug",
        "--debug_persistently",
    ]
    checked = row("performance_check=[log, loss, <1, epoch: 2]")
    assert "--debug" not in recipe_command(checked)


@pytest.mark.parametrize(
    "limit, epoch, failure",
    [
        ("<0.5", "epoch: 2", None),
        (">=0.4", "epoch: 2", None),
        ("<0.3", "epoch: 2", "train loss of epoch: 2 is 4.0e-01"),
        ("<0.5", "epoch: 1", "train loss of epoch: 1 is 0.90"),
        ("<0.5", "epoch: 3", "no train loss of epoch: 3"),
    ],
)
def test_performance_check(limit, epoch, failure, tmp_path):
    """The epoch asked for counts, not one whose number begins alike."""
    (tmp_path / "log.txt").write_text(LOG)
    check = f"performance_check=[log.txt, train loss, {limit}, {epoch}]"
    failed = failed_checks(row(check), tmp_path)
    assert len(failed) == (failure is not None)
    assert failure is None or failure in failed[0]


def test_missing_files_and_unknown_checks_fail(tmp_path):
    """Each is named."""
    (tmp_path / "a").touch()
    failed = failed_checks(row("file_exists=[a, b] size=[3]"), tmp_path)
    assert failed == ["b is missing", "size is no check"]


def test_a_failing_script_is_reported(tmp_path):
    """With its exit code and what it printed last."""
    script = tmp_path / "train.py"
    script.write_text("raise SystemExit('no corpus here')")
    (failed,) = run_recipe(row("", str(script)), tmp_path)
    assert "ended with 1" in failed and "no corpus here" in failed
