"""The recipe tables, run on a miniature corpus; and what the runner checks.

Authors
 * The mtqnet-brain developers 2026
"""

import pytest
from recipe_data import write_any_corpus, write_ssl_models, write_voicebank
from recipe_tests import (
    Recipe,
    failed_checks,
    read_recipes,
    recipe_command,
    run_recipe,
    run_recipes,
)

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


@pytest.fixture
def recipe_folder(mini_corpus, tmp_path):
    """An output folder with a miniature of every corpus, tiny SSL models."""
    (tmp_path / "corpus").symlink_to(mini_corpus)
    write_voicebank(tmp_path / "voicebank")
    write_any_corpus(tmp_path / "anycorpus")
    write_ssl_models(tmp_path / "ssl")
    return tmp_path


def test_every_recipe_runs(recipe_folder):
    """Nothing fails, and every row has left its results."""
    assert run_recipes(recipe_folder) == []
    for recipe in read_recipes():
        assert (recipe_folder / recipe.name / "metrics.json").exists()


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
