"""torchrun with two processes on the CPU, as a user runs it.

Authors
 * The mtqnet-brain developers 2026
"""

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from safetensors.torch import load_file
from warm import WarmRun, run_warm

RECIPES = Path(__file__).parents[2] / "recipes"
RECIPE = RECIPES / "TMHINT-QI" / "MTQ-Net"
SMALL = "{channels: [4, 4, 4, 8], blstm_hidden: 8, dense_units: 8, "
LABELS = ("--label", "s_mos=S", "n_mos=S", "g_mos=S", "--label_source=invented")


def free_port():
    """Return a port that nobody uses."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        return free.getsockname()[1]


def script(
    corpus, output, *flags, n_ranks=2, network="conv_norm: batch}", seconds=1.5
):
    """Return the command line of a short run, without torchrun."""
    return [
        sys.executable,
        "train.py",
        "hparams/scratch_hubert.yaml",
        f"--data_folder={corpus}",
        f"--output_folder={output}",
        f"--ssl_cache={Path(output).parent / 'ssl_cache'}",
        f"--network={SMALL}{network}",
        f"--label_csv={corpus / 'scores.csv'}",
        *LABELS,
        "--split=official",
        *common(n_ranks, seconds),
        *flags,
    ]


def common(n_ranks, seconds):
    """Return what every run is given."""
    return [
        "--device=cpu",
        *(["--distributed_backend=gloo"] if n_ranks > 1 else []),
        "--num_workers=0",
        f"--max_batch_seconds={seconds}",
    ]


def run(*args, n_ranks=2, **settings):
    """Run a command to its end; return what it printed.

    The ranks get the variables that torchrun would give them.
    """
    command = script(*args, n_ranks=n_ranks, **settings)
    variables = {"HF_HUB_OFFLINE": "1"}
    if n_ranks == 1:
        return run_warm(command, RECIPE, **variables)
    variables |= {"MASTER_ADDR": "localhost", "MASTER_PORT": str(free_port())}
    variables |= {"WORLD_SIZE": str(n_ranks)}
    ranks = [
        WarmRun(command, RECIPE, RANK=str(i), LOCAL_RANK=str(i), **variables)
        for i in range(n_ranks)
    ]
    ends = [rank.finish() for rank in ranks]
    return max(code for code, _ in ends), "".join(text for _, text in ends)


def torchrun(corpus, output, *flags):
    """Return the command line of the Lite recipe on two ranks."""
    return [
        *(sys.executable, "-m", "torch.distributed.run"),
        *("--nproc_per_node=2", f"--master_port={free_port()}"),
        *("train.py", "hparams/lite.yaml"),
        f"--data_folder={corpus}",
        f"--output_folder={output}",
        f"--network={SMALL}}}",
        *("--label_source=composite", "--teacher=plcmos"),
        "--prepare_workers=1",
        *common(2, 1.5),
        *flags,
    ]


def environment():
    """Return the environment: one thread per process, no hub."""
    return {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}


def predictions(output):
    """Return the rows of the test set's predictions by ID."""
    with open(output / "predictions_test.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {row["ID"]: row for row in rows}
    assert len(found) == len(rows)  # none twice
    return found


def scores(output):
    """Return the predicted scores by ID."""
    return {
        name: [float(row[f"{task}_mos_predicted"]) for task in "sng"]
        for name, row in predictions(output).items()
    }


def test_two_ranks_evaluate_as_one(mini_corpus, tiny_ssl, tmp_path):
    """Each utterance once, with the scores and the loss of one process.

    With a frozen SSL model, whose embeddings the ranks computed together.
    """
    ssl = f"--ssl={{source: {tiny_ssl('hubert', 'layer')}, freeze: True}}"
    output = tmp_path / "run"
    flags = (ssl, "--number_of_epochs=2")
    code, text = run(mini_corpus, output, *flags)
    assert code == 0, text
    two, loss = scores(output), test_line(output)
    assert len(two) == 6
    log = (output / "train_log.txt").read_text().splitlines()
    assert [line.split(" ")[1] for line in log[:2]] == ["1", "2"]
    assert len(log) == 3  # one rank writes
    shards = list(tmp_path.glob("ssl_cache/*/*.safetensors"))
    assert len(shards) == 2
    # The finished run is only evaluated again.
    code, text = run(mini_corpus, output, *flags, n_ranks=1)
    assert code == 0, text
    one = scores(output)
    assert list(one) == list(two)
    for name, expected in one.items():
        assert two[name] == pytest.approx(expected, abs=1e-5)
    assert test_line(output) == loss


def test_line(output):
    """Return the log's last line: figures of the test set."""
    return (output / "train_log.txt").read_text().splitlines()[-1]


test_line.__test__ = False


def test_same_steps_same_result(mini_corpus, tmp_path):
    """Two ranks learn as one process does with batches twice as long."""
    network = "dropout: 0.0}"  # and no batch norm: nothing of chance is left
    flags = ("--ssl=null", "--number_of_epochs=6", "--lr=0.003")
    flags += ("--patience=50",)
    figures = {}
    for n_ranks, seconds in ((1, 6), (2, 3)):
        output = tmp_path / str(n_ranks)
        code, text = run(
            mini_corpus,
            output,
            *flags,
            n_ranks=n_ranks,
            network=network,
            seconds=seconds,
        )
        assert code == 0, text
        figures[n_ranks] = json.loads((output / "metrics.json").read_text())
    for task in ("s_mos", "n_mos", "g_mos"):
        one, two = (figures[n][task]["mse"] for n in (1, 2))
        assert two == pytest.approx(one, rel=0.25)


def test_a_killed_rank_ends_the_run_which_resumes(mini_corpus, tmp_path):
    """kill -9 of one: torchrun names it; the same command goes on.

    Dropout ends after the first of the epochs.
    """
    output, epochs = tmp_path / "run", 8
    flags = (f"--number_of_epochs={epochs}", "--patience=50")
    command = torchrun(mini_corpus, output, *flags, "--dropout_epochs=1")
    settings = {"cwd": RECIPES / "Lite", "env": environment(), "text": True}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **settings
    )
    deadline = time.time() + 240
    while not list(output.glob("save/CKPT*/CKPT.yaml")):
        assert time.time() < deadline and process.poll() is None
        time.sleep(0.05)
    os.kill(rank_of(process.pid, 1), signal.SIGKILL)
    text, _ = process.communicate(timeout=240)
    assert process.returncode != 0 and "SIGKILL" in text.upper(), text
    assert not (output / "metrics.json").exists()
    before = (output / "train_log.txt").read_text().splitlines()
    done = subprocess.run(command, capture_output=True, timeout=600, **settings)
    assert done.returncode == 0, done.stdout + done.stderr
    log = (output / "train_log.txt").read_text().splitlines()
    assert log[: len(before)] == before and len(log) == epochs + 1
    assert load_file(output / "model" / "model.safetensors")


def rank_of(launcher, rank):
    """Return the process number of one rank of a torchrun."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()[1]
            variables = (folder / "environ").read_text().split("\0")
        except OSError:
            continue  # it has ended meanwhile
        if int(parent) == launcher and f"RANK={rank}" in variables:
            return int(folder.name)
    raise AssertionError(f"no rank {rank}")
