"""fine_tune.py end to end on short clips, as a user runs it.

Authors
 * The mtqnet-brain developers 2026
"""

import sys
from pathlib import Path

import pytest
from recipe_data import TABLE, write_any_corpus
from safetensors.torch import load_file
from test_train import kill_in_the_middle
from warm import WarmRun, run_warm

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "recipes" / "AnyCorpus"
RUN = ROOT / "tests" / "golden" / "tiny_model"
LABELS = ["--label", "mos=score:1:5", "s_mos=sig:1:5"]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A folder with clips and a table of votes."""
    folder = tmp_path_factory.mktemp("any") / "corpus"
    write_any_corpus(folder)
    return folder


def command(corpus, output, *flags):
    """Return the command line of a short run."""
    return [
        sys.executable,
        "fine_tune.py",
        "hparams/fine_tune.yaml",
        f"--csv={corpus / TABLE}",
        f"--data_folder={corpus / 'clips'}",
        "--wav_column=clip",
        f"--output_folder={output}",
        "--label_source=invented",
        "--device=cpu",
        "--num_workers=0",
        "--max_batch_seconds=1.5",
        *flags,
    ]


def run(corpus, output, *flags):
    """Run fine_tune.py to its end; return code and what it printed."""
    return run_warm(command(corpus, output, *flags), RECIPE)


def weights(output):
    """Return the weights of a run, or of the pretrained one."""
    return load_file(next(output.rglob("model.safetensors")))


def test_the_frozen_encoder_reaches_the_model_folder(corpus, tmp_path):
    """Bit by bit that of the pretrained run; the log says what was taken."""
    flags = [f"--pretrained={RUN}", "--freeze_encoder=True", "--lr=0.01"]
    code, text = run(corpus, tmp_path, *LABELS, *flags, "--number_of_epochs=2")
    assert code == 0, text
    before, after = weights(RUN), weights(tmp_path)
    for name, weight in after.items():
        if name.startswith("encoder."):
            assert weight.equal(before[name]), name
    name = "heads.s_mos.linear.weight"
    assert not after[name].equal(before[name])
    assert {name.split(".")[1] for name in after if "heads." in name} == {
        "mos",
        "s_mos",
    }
    assert "new here: heads.mos" in (tmp_path / "log.txt").read_text()


def test_killed_run_resumes_bit_equal(corpus, tmp_path):
    """kill -9 in the middle of an epoch, the same command, equal weights."""
    flags = [
        *LABELS,
        f"--pretrained={RUN}",
        "--number_of_epochs=5",
        "--patience=50",
        "--ckpt_interval_steps=2",
        "--ckpt_interval_minutes=0",
    ]
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    code, text = run(corpus, whole, *flags)
    assert code == 0, text
    process = WarmRun(command(corpus, killed, *flags), RECIPE)
    kill_in_the_middle(process, killed / "save")
    assert not (killed / "metrics.json").exists()
    code, text = run(corpus, killed, *flags)
    assert code == 0, text
    a, b = weights(whole), weights(killed)
    assert a.keys() == b.keys() and all(a[n].equal(b[n]) for n in a)


@pytest.mark.parametrize(
    "flags, problem",
    [
        (["--label", "mos=score"], "--label mos=score:1:5"),
        ([*LABELS, "--freeze_encoder=True"], "without --pretrained"),
    ],
)
def test_refusals(corpus, tmp_path, flags, problem):
    """A range is missing; a random encoder would be frozen."""
    code, text = run(corpus, tmp_path, *flags)
    assert code != 0 and problem in text
    assert not list(tmp_path.rglob("CKPT*"))
