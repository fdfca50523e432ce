"""train.py end to end on short clips, as a user runs it.

Authors
 * The mtqnet-brain developers 2026
"""

import csv
import json
import os
import re
import signal
import sys
import time
from pathlib import Path

import pytest
from safetensors.torch import load_file
from warm import WarmRun, run_warm

RECIPE = Path(__file__).parents[2] / "recipes" / "TMHINT-QI"
SMALL = "{channels: [4, 4, 4, 8], blstm_hidden: 8, dense_units: 8}"


def command(folder, recipe, yaml, output, *flags):
    """Return the command line of a short run."""
    return [
        sys.executable,
        "train.py",
        f"hparams/{yaml}.yaml",
        f"--data_folder={folder}",
        f"--output_folder={output}",
        f"--ssl_cache={Path(output).parent / 'ssl_cache'}",
        *([] if "--network" in " ".join(flags) else [f"--network={SMALL}"]),
        "--split=official",
        "--device=cpu",
        "--num_workers=0",
        "--max_batch_seconds=3",
        "--lr=0.01",
        *flags,
    ]


def run(folder, recipe, yaml, output, *flags):
    """Run train.py to its end; return what it printed."""
    return run_warm(
        command(folder, recipe, yaml, output, *flags),
        RECIPE / recipe,
        HF_HUB_OFFLINE="1",
    )


SCORES = [
    "--label",
    "s_mos=S",
    "n_mos=S",
    "g_mos=S",
    "--label_source=invented",
]


@pytest.fixture(scope="session")
def teacher(mini_corpus, tmp_path_factory):
    """Output folder of a teacher trained for one epoch by its recipe."""
    output = tmp_path_factory.mktemp("teacher") / "mosanet"
    flags = [f"--label_csv={mini_corpus / 'teacher.csv'}", "--label"]
    flags += ["pesq=P", "stoi=T", "sdi=D", "--label_source=invented"]
    with open(mini_corpus / "scores.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    with open(mini_corpus / "teacher.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, ["file", "P", "T", "D"])
        writer.writeheader()
        for row in rows:
            score = min(float(row["S"]), 4.6)
            writer.writerow(
                {
                    "file": row["file"],
                    "P": score,
                    "T": score / 5,
                    "D": 5 - score,
                }
            )
    code, text = run(
        mini_corpus,
        "MOSA-Net",
        "mosanet_no_ssl",
        output,
        "--number_of_epochs=1",
        *flags,
    )
    assert code == 0, text
    return output


@pytest.mark.parametrize(
    "family, norm, freeze",
    [
        (None, None, None),
        ("wavlm", "layer", True),
        ("wavlm", "layer", False),
        ("hubert", "layer", True),
        ("wav2vec2", "group", True),
    ],
)
def test_recipe_ends_with_results(
    family, norm, freeze, mini_corpus, teacher, tiny_ssl, tmp_path
):
    """Log, checkpoint, predictions, figures, plots; SSL kept as asked."""
    ssl = "null"
    if family:
        ssl = f"{{source: {tiny_ssl(family, norm)}, freeze: {freeze}}}"
    code, text = run(
        mini_corpus,
        "MTQ-Net",
        "mpl_huber",
        tmp_path / "run",
        f"--ssl={ssl}",
        f"--teacher={teacher}",
        f"--label_csv={mini_corpus / 'scores.csv'}",
        *SCORES,
        "--number_of_epochs=2",
        "--precision=bf16",
    )
    assert code == 0, text
    shards = list(tmp_path.glob("ssl_cache/*/*.safetensors"))
    assert bool(shards) == (freeze is True)
    output = tmp_path / "run"
    metrics = json.loads((output / "metrics.json").read_text())
    assert metrics["g_mos"]["n"] == 6
    assert metrics["g_mos"]["source"] == "invented"
    assert metrics["without_clean"]["pesq"]["n"] == 3
    with open(output / "predictions_test.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    assert rows[0]["s_mos_true"] and rows[0]["pesq_predicted"]
    for task in ("s_mos", "n_mos", "g_mos", "pesq", "stoi", "sdi"):
        assert (output / f"scatter_{task}.png").stat().st_size > 5000
    assert "epoch: 2" in (output / "train_log.txt").read_text()
    weights = load_file(output / "model" / "model.safetensors")
    held = [key for key in weights if ".ssl." in key]
    assert bool(held) == (freeze is False)
    if freeze is False:
        before = load_file(Path(tiny_ssl(family, norm)) / "model.safetensors")
        name = "encoder.layers.0.attention.q_proj.weight"
        tuned = weights[f"encoder.ssl.model.{name}"]
        assert not tuned.equal(before[name])


def kill_in_the_middle(process, save_folder):
    """kill -9 when the newest checkpoint is one inside a later epoch."""
    deadline = time.time() + 300
    while time.time() < deadline and process.poll() is None:
        process.send_signal(signal.SIGSTOP)
        saved = list(save_folder.glob("CKPT*/CKPT.yaml"))
        saved.sort(key=os.path.getmtime)
        inside = saved and "end-of-epoch: false" in saved[-1].read_text()
        if inside and len(saved) > 1:
            process.kill()
            process.wait()
            return
        process.send_signal(signal.SIGCONT)
        time.sleep(0.02)
    pytest.fail("the run ended before it could be killed")


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_killed_run_resumes_bit_equal(
    precision, mini_corpus, teacher, tmp_path
):
    """kill -9 in the middle of an epoch, the same command, equal weights."""
    flags = [
        "--ssl=null",
        f"--teacher={teacher}",
        f"--label_csv={mini_corpus / 'scores.csv'}",
        *SCORES,
        "--number_of_epochs=5",
        "--patience=50",
        "--ckpt_interval_steps=2",
        "--ckpt_interval_minutes=0",
        f"--precision={precision}",
    ]
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    code, text = run(mini_corpus, "MTQ-Net", "mpl_huber", whole, *flags)
    assert code == 0, text
    process = WarmRun(
        command(mini_corpus, "MTQ-Net", "mpl_huber", killed, *flags),
        RECIPE / "MTQ-Net",
    )
    kill_in_the_middle(process, killed / "save")
    assert not (killed / "metrics.json").exists()
    code, text = run(mini_corpus, "MTQ-Net", "mpl_huber", killed, *flags)
    assert code == 0, text
    a = load_file(whole / "model" / "model.safetensors")
    b = load_file(killed / "model" / "model.safetensors")
    assert all(a[name].equal(b[name]) for name in a)
    predictions = "predictions_test.csv"
    assert (whole / predictions).read_bytes() == (
        killed / predictions
    ).read_bytes()


def test_mpl_without_teacher_is_refused(mini_corpus, tmp_path):
    """The error shows the command that makes pseudo-labels."""
    code, text = run(
        mini_corpus,
        "MTQ-Net",
        "mpl_huber",
        tmp_path,
        "--ssl=null",
        f"--label_csv={mini_corpus / 'scores.csv'}",
        *SCORES,
    )
    assert code != 0
    assert "mtqnet pseudo-label" in text and "--teacher" in text


@pytest.mark.parametrize(
    "flag, name",
    [
        ("--learning_rate=1", "learning_rate"),
        ("--network={blstm: 3}", "blstm"),
        ("--select_by=pesq", "pesq"),
        ("--loss_kind=l2", "l2"),
    ],
)
def test_unknown_keys_are_named(flag, name, mini_corpus, tmp_path):
    """Refused before anything is prepared."""
    code, text = run(
        mini_corpus, "MTQ-Net", "mpl_huber", tmp_path, "--ssl=null", flag
    )
    assert code != 0 and f"{name}'" in text
    assert not (tmp_path / "manifests").exists()


def test_knowledge_transfer_begins_with_the_teacher(
    mini_corpus, teacher, tmp_path
):
    """What is taken is logged and remembered; its wavs are recognised."""
    code, text = run(
        mini_corpus,
        "MTQ-Net",
        "mpl_huber",
        tmp_path,
        "--ssl=null",
        f"--pretrained={teacher}",
        f"--teacher={teacher}",
        f"--label_csv={mini_corpus / 'scores.csv'}",
        *SCORES,
        "--number_of_epochs=1",
    )
    assert code == 0, text
    info = json.loads((tmp_path / "model" / "model.json").read_text())
    assert info["provenance"]["pretrained"].startswith("teacher0/mosanet ")
    log = (tmp_path / "log.txt").read_text()
    assert "new here: heads.s_mos, heads.n_mos, heads.g_mos" in log
    assert re.search(r"train.csv: .*trained on (\d\d) of these \1 wavs", log)
