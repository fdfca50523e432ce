"""A worker of the Ray engine is killed.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ray_runs import (
    ON_RAY,
    SCORE,
    assert_same,
    read_shards,
    score_here,
    write_wavs,
)

pytest.importorskip("ray")


def processes_below(pid):
    """Return PIDs and names of all processes that one has started."""
    below, found = {pid}, {}
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
            found[int(folder.name)] = name
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc")
def test_a_killed_worker_harms_nothing(tmp_path):
    """Its clips are scored by another; every clip once, as locally."""
    paths = write_wavs(tmp_path / "in", 32, 10)
    out = tmp_path / "out"
    command = [sys.executable, "-c", ON_RAY, "score", str(tmp_path / "in")]
    run = subprocess.Popen(
        [*command, *SCORE, "--output", str(out)], stderr=subprocess.DEVNULL
    )
    while not (shards := list(out.glob("scores-*"))):
        assert run.poll() is None
        time.sleep(0.01)
    workers = [
        pid
        for pid, name in processes_below(run.pid).items()
        if "ray::MapWorker" in name
    ]
    os.kill(workers[0], signal.SIGKILL)
    assert len(shards) < 8  # it is killed before the end
    assert run.wait(300) == 0
    assert_same(read_shards(out), score_here(paths, tmp_path / "here.csv"))
