"""reproduce.py as a user types it, on a miniature corpus.

Authors
 * The mtqnet-brain developers 2026
"""

import shlex
import sys
from pathlib import Path

import pytest
from warm import run_warm

TESTS = Path(__file__).parents[1]
RECIPES = TESTS.parent / "recipes" / "TMHINT-QI"
STEPS = str(TESTS / "warm_steps.py")
SMALL = "{channels: [2, 2, 2, 4], blstm_hidden: 4, dense_units: 4}"
RUN_OPTIONS = (
    f"--network={SMALL}",
    "--number_of_epochs=1",
    "--max_batch_seconds=3",
    "--num_workers=0",
    "--device=cpu",
)


def reproduce(*arguments):
    """Run the script; return exit code and what it printed.

    The steps are processes forked from it.
    """
    command = [sys.executable, STEPS, "reproduce.py", *map(str, arguments)]
    return run_warm(command, RECIPES)


@pytest.fixture(scope="module")
def call(mini_corpus, tmp_path_factory):
    """Arguments of a small reproduction, and where it goes."""
    output = tmp_path_factory.mktemp("reproduction") / "out"
    labels = [f"{score}=S" for score in ("s_mos", "n_mos", "g_mos")]
    return output, (
        *("--data_folder", mini_corpus, "--split", "official"),
        *("--label_csv", mini_corpus / "scores.csv", "--label", *labels),
        *("--label_source", "invented", "--teacher", "intrusive"),
        *("--output", output, "--jobs", 2, "--no_ssl", *RUN_OPTIONS),
    )


def test_runs_report_and_resume(call):
    """KT fails for want of weights; the others end; nothing runs twice."""
    output, arguments = call
    systems = ("scratch_no_ssl", "kt_no_ssl", "mpl_huber_no_ssl")
    code, text = reproduce(*arguments, "--systems", *systems)
    assert code == 1, text
    assert "Failed: kt_no_ssl_1986" in text
    assert "mpl_huber_no_ssl seed 1986 g_mos: LCC" in text
    report = (output / "report" / "report.md").read_text(encoding="utf-8")
    assert "Labels: invented." in report
    assert "failed (seed 1986)" in report
    assert "- kt_no_ssl, seed 1986: exit code 2: " in report
    assert (output / "results.csv").read_text().count("scratch_no_ssl") == 3
    logs = output / "logs"
    sizes = {path.name: path.stat().st_size for path in logs.iterdir()}
    code, text = reproduce(*arguments, "--systems", *systems)
    assert code == 1, text
    grown = {
        path.name
        for path in logs.iterdir()
        if path.stat().st_size > sizes[path.name]
    }
    assert grown == {"kt_no_ssl_1986.log"}


def test_dry_run_prints_commands(call, tmp_path):
    """One per system, of which none is run."""
    output, arguments = call
    code, text = reproduce(
        *arguments, "--tables", 1, 2, "--seeds", 1, 2, "--dry_run"
    )
    assert code == 0, text
    runs = text.split("# Then, in any order:\n")[1].splitlines()
    assert len(runs) == 10  # five systems, two seeds
    for line in runs:
        folder, command = line.removeprefix("cd ").split(" && ")
        script, hparams = shlex.split(command)[1:3]
        assert (Path(folder) / script).exists()
        assert (Path(folder) / hparams).exists()
