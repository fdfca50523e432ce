"""What the tests of the Ray engine share: clips, commands, what they made.

Authors
 * The mtqnet-brain developers 2026
"""

import os
from pathlib import Path

import pytest
import soundfile
from synthetic import RATE, make_wave

from mtqnet_brain.cli import main
from mtqnet_brain.data.table_files import read_csv

parquet = pytest.importorskip("pyarrow.parquet")

MODEL = str(Path(__file__).parents[1] / "golden" / "tiny_model")
TASKS = ("s_mos", "n_mos", "g_mos")
FP32 = ["--precision", "fp32"]
SCORE = ["--model", MODEL, "--engine", "ray", "--workers", "2", *FP32]


def write_wavs(folder, count, seconds):
    """Write wavs of different noise; return their paths."""
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{i}.wav" for i in range(count)]
    for i, path in enumerate(paths):
        wave = make_wave(seconds + 0.1 * i, i, 3 * i)
        soundfile.write(path, wave, RATE)
    return paths


def score_here(paths, output):
    """Return the local engine's rows by file."""
    command = ["score", *map(str, paths), "--model", MODEL, *FP32]
    main([*command, "--output", str(output)])
    return {row["file"]: row for row in read_csv(output)}


def read_shards(folder):
    """Return the rows of all shards."""
    return parquet.read_table(folder).to_pylist()


def assert_same(found, expected):
    """Compare scores to 1e-5, warnings and errors."""
    assert sorted(row["file"] for row in found) == sorted(expected)
    for row in found:
        own = expected[row["file"]]
        assert (row["warning"], row["error"]) == (own["warning"], own["error"])
        if not own["error"]:
            scores = [float(own[task]) for task in TASKS]
            assert [row[t] for t in TASKS] == pytest.approx(scores, abs=1e-5)


def map_workers():
    """Return the PIDs of this process's Ray workers that map a dataset."""
    below, found = {os.getpid()}, set()
    for folder in sorted(
        Path("/proc").glob("[0-9]*"), key=lambda p: int(p.name)
    ):
        try:
            parent = int(
                (folder / "stat").read_text().rpartition(")")[2].split()[1]
            )
            name = (folder / "cmdline").read_text()
        except OSError:  # it has ended
            continue
        if parent in below:
            below.add(int(folder.name))
            if "ray::MapWorker" in name:
                found.add(int(folder.name))
    return found
