"""The Ray engine: the local engine's numbers, refusals, a rerun, a kill.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ray_runs import (
    MODEL,
    SCORE,
    assert_same,
    map_workers,
    read_shards,
    score_here,
    write_wavs,
)

from mtqnet_brain.checkpoints.run_folder import save_model
from mtqnet_brain.cli import main
from mtqnet_brain.data.manifest import write_manifest
from mtqnet_brain.data.table_files import read_csv
from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.tasks import Task

ray = pytest.importorskip("ray")
pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    """The hub is not asked."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


@pytest.fixture(scope="module")
def cluster():
    """Two workers' worth of Ray in this process."""
    with pytest.MonkeyPatch.context() as patch:
        # Ray's workers are nice: beside other tests they would starve.
        patch.setenv("RAY_worker_niceness", "0")
        ray.init(num_cpus=2, log_to_driver=False)
        yield
        ray.shutdown()


def test_sources_of_all_kinds(cluster, tmp_path, monkeypatch, capsys):
    """A folder, an address, Parquet of paths, Parquet of bytes; errors."""
    monkeypatch.chdir(tmp_path)
    write_wavs(Path("plain"), 3, 0.6)
    (remote,) = write_wavs(tmp_path / "remote", 1, 1.0)
    Path("plain/bad.wav").write_text("text")
    (listed,) = write_wavs(tmp_path / "listed", 1, 0.8)
    table = pyarrow.table({"path": [str(listed), "gone.wav"]})
    parquet.write_table(table, "paths.parquet")
    Path("tables").mkdir()
    content = Path("plain/1.wav").read_bytes()
    table = pyarrow.table(
        {"path": ["b/1.wav", "b/none.wav"], "bytes": [content, None]}
    )
    parquet.write_table(table, "tables/bytes.parquet")
    inputs = ["plain", remote.parent.as_uri(), "paths.parquet", "tables"]
    assert main(["score", *inputs, *SCORE, "--output", "out"]) == 1
    assert "3 of 9 files refused" in capsys.readouterr().err
    rows = {row["file"]: row for row in read_shards("out")}
    expected = score_here(
        ["plain", remote, listed, "gone.wav"], tmp_path / "here.csv"
    )
    expected[remote.as_uri()] = expected.pop(str(remote))
    expected["b/1.wav"] = expected["plain/1.wav"]
    assert rows.pop("b/none.wav")["error"] == "no bytes"
    assert_same(rows.values(), expected)


def test_a_rerun_scores_what_is_left(cluster, tmp_path, capsys):
    """Shards that are there stay; other settings are refused."""
    paths = write_wavs(tmp_path / "in", 16, 0.5)
    out = tmp_path / "out"
    arguments = ["score", str(tmp_path / "in"), *SCORE, "--output", str(out)]
    assert main(arguments) == 0
    first, *others = sorted(out.glob("scores-*"))
    kept = {path: path.stat().st_mtime_ns for path in others}
    lost = {row["file"] for row in parquet.read_table(first).to_pylist()}
    first.unlink()
    assert main(arguments) == 0
    new = set(out.glob("scores-*")) - set(others)
    assert {row["file"] for path in new for row in read_shards(path)} == lost
    assert kept == {path: path.stat().st_mtime_ns for path in others}
    assert_same(read_shards(out), score_here(paths, tmp_path / "here.csv"))
    assert main([*arguments, "--window", "5"]) == 2
    assert "scores of other settings" in capsys.readouterr().err
    (out / "_settings.json").unlink()
    assert main(arguments) == 2
    assert "without _settings.json" in capsys.readouterr().err


def kill_a_worker(folder, others):
    """Kill one when the first shard is there; return the number of shards."""
    deadline = time.monotonic() + 300
    while not (shards := list(folder.glob("scores-*"))):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(min(map_workers() - others), signal.SIGKILL)
    return len(shards)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc")
def test_a_killed_worker_harms_nothing(cluster, tmp_path):
    """Its clips are scored by another; every clip once, as locally."""
    paths = write_wavs(tmp_path / "in", 32, 10)
    out = tmp_path / "out"
    with ThreadPoolExecutor(1) as pool:
        killed = pool.submit(kill_a_worker, out, map_workers())
        command = ["score", str(tmp_path / "in"), *SCORE, "--output", str(out)]
        assert main(command) == 0
    assert killed.result() < 8  # it is killed before the end
    assert_same(read_shards(out), score_here(paths, tmp_path / "here.csv"))


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--frames", "--output", "o"], "--frames: not with --engine ray"),
        (["--plot", "p", "--output", "o"], "--plot: not with --engine ray"),
        ([], "give --output FOLDER"),
        (["--output", "s.CSV"], "s.CSV: --engine ray writes a folder"),
        (["--output", "file"], "a file, need a folder"),
        (["--output", "o", "--workers", "99"], "has 2 cores"),
        (["--output", "o", "--device", "cuda"], "has 0 GPUs"),
        (
            ["--output", "o", "--window", "0"],
            "window must be 0.5 to 40 s, got 0.0",
        ),
        (["none.parquet", "--output", "o"], "none.parquet"),
        (["bad.parquet", "--output", "o"], "no column path, but wav"),
        (["empty.lst", "--output", "o"], "no clip to score"),
        (["what://x/a.wav", "--output", "what://x"], "what"),
    ],
)
def test_wrong_calls(
    arguments, message, cluster, tmp_path, monkeypatch, capsys
):
    """One line, and exit code 2."""
    monkeypatch.chdir(tmp_path)
    write_wavs(tmp_path / "in", 1, 0.5)
    Path("file").touch()
    Path("empty.lst").touch()
    parquet.write_table(pyarrow.table({"wav": ["a"]}), "bad.parquet")
    if not arguments or arguments[0].startswith("--"):
        arguments = ["in", *arguments]
    if "ray" not in arguments:
        arguments = [*arguments, "--engine", "ray", "--model", MODEL]
    assert main(["score", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_pseudo_labels_are_the_same(cluster, tmp_path, capsys):
    """As of the local engine, to the last digit; errors arrive plainly."""
    rows = [
        {"ID": path.stem, "duration": 0.5, "wav": str(path)}
        for path in write_wavs(tmp_path / "in", 6, 0.5)
    ]
    write_manifest(tmp_path / "in.csv", rows)
    other = tmp_path / "other"
    network = MTQNet(
        [Task("naturalness", 1, 5)],
        channels=(1, 1, 1, 1),
        blstm_hidden=2,
        dense_units=2,
    )
    save_model(other / "model", network, {"run": "other"})
    command = ["pseudo-label", str(tmp_path / "in.csv"), "--teacher"]
    command += [MODEL, str(other)]
    for engine in ("local", "ray"):
        output = ["--output", str(tmp_path / f"{engine}.csv")]
        output += ["--cache", str(tmp_path / engine)]
        called = [*command, *output, "--engine", engine, "--workers", "2"]
        assert main(called) == 0
    here, there = (read_csv(tmp_path / f"{e}.csv") for e in ("local", "ray"))
    assert here == there
    assert here[0]["pseudo_g_mos"] and here[0]["pseudo_naturalness"]
    Path(rows[3]["wav"]).write_text("text")
    assert main([*called[:-4], "--replace", *called[-4:], "--restart"]) == 2
    assert "3.wav" in capsys.readouterr().err


def test_pseudo_labels_of_clips_without_a_manifest(cluster, tmp_path, capsys):
    """Parquet in, shards out, refused clips included."""
    paths = write_wavs(tmp_path / "in", 3, 0.6)
    source = tmp_path / "clips.parquet"
    names = [*map(str, paths), str(tmp_path / "gone.wav")]
    parquet.write_table(pyarrow.table({"path": names}), source)
    out = tmp_path / "out"
    command = ["pseudo-label", str(source), "--engine", "ray"]
    command += ["--workers", "2", "--output", str(out), "--teacher"]
    assert main([*command, MODEL]) == 1
    assert "1 of 4 files refused" in capsys.readouterr().err
    assert_same(read_shards(out), score_here(names, tmp_path / "here.csv"))
    assert main([*command, "dnsmos"]) == 2
    assert "dnsmos: needs a manifest" in capsys.readouterr().err
    (tmp_path / "t.h5").touch()
    assert main([*command, str(tmp_path / "t.h5")]) == 2
    assert "give a run folder" in capsys.readouterr().err
