"""Outputs: refused before the work, one writer at a time.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mtqnet_brain.data.manifest import read_manifest, write_manifest
from mtqnet_brain.utils.files import write_json
from mtqnet_brain.utils.outputs import claim_output
from mtqnet_brain.utils.resumable_tables import ResumableCsv

ROOT = Path(__file__).parents[3]
HOLD = """
import sys, time
from mtqnet_brain.utils.outputs import claim_output
with claim_output(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def other(tmp_path):
    """A process that writes o.csv."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "o.csv")],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def refused(path):
    """Return why a path cannot be claimed, None if it can."""
    try:
        with claim_output(path):
            return None
    except ValueError as err:
        return str(err)


def test_the_second_command_is_told_of_the_first(other, tmp_path):
    """With its process; another output is free; a kill frees this one."""
    path = tmp_path / "o.csv"
    assert f"another command is writing it (process {other.pid})" in refused(
        path
    )
    assert refused(tmp_path / "p.csv") is None
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert (tmp_path / "o.csv.lock").exists()
    assert refused(path) is None
    assert not (tmp_path / "o.csv.lock").exists()


def test_a_thread_may_claim_again_another_not(tmp_path):
    """And the lock is there until the first claim ends."""
    path, found = tmp_path / "o.csv", []
    with claim_output(path):
        assert refused(path) is None
        assert (tmp_path / "o.csv.lock").exists()
        thread = threading.Thread(target=lambda: found.append(refused(path)))
        thread.start()
        thread.join()
    assert f"process {os.getpid()}" in found[0]
    assert refused(path) is None


def test_a_lock_that_was_tidied_away_is_no_failure(tmp_path):
    """At the end of the work."""
    with claim_output(tmp_path / "o.csv"):
        (tmp_path / "o.csv.lock").unlink()


@pytest.mark.parametrize(
    "make, reason",
    [
        (os.mkdir, "a folder, need the name of a file"),
        (os.mkfifo, "not a regular file"),
        (lambda path: os.symlink(os.devnull, path), "not a regular file"),
    ],
)
def test_what_is_no_file_is_refused(tmp_path, make, reason):
    """Also by writers of whole files, which would rename onto it."""
    path = tmp_path / "o.json"
    make(path)
    assert refused(path) == f"output {path}: {reason}"
    with pytest.raises(ValueError, match=reason):
        write_json(path, {})
    assert not (tmp_path / "o.json.partial").exists()


def test_a_folder_that_is_a_file(tmp_path):
    """Named, at the start."""
    (tmp_path / "o").write_text("mine")
    assert "its folder is a file" in refused(tmp_path / "o" / "p.csv")


def test_inputs_are_not_overwritten(tmp_path):
    """By whatever path they are given; what is missing is none."""
    path = tmp_path / "a.csv"
    path.write_text("mine")
    link = tmp_path / "link"
    link.symlink_to(path)
    inputs = [tmp_path / "gone", "\0", link]
    with (
        pytest.raises(ValueError, match=r"is read by this command \(.*link\)"),
        claim_output(path, inputs),
    ):
        pass
    assert path.read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(tmp_path):
    """Named, with the reason."""
    (tmp_path / "o").mkdir(mode=0o500)
    with pytest.raises(OSError, match="cannot be written into .*permission"):
        refused(tmp_path / "o" / "p.csv")


def test_a_file_system_without_locks(tmp_path, monkeypatch, capsys):
    """Is said, and the work goes on."""

    def flock(*_):
        """Answer as a network file system does."""
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.flock", flock)
    assert refused(tmp_path / "o.csv") is None
    assert "has no locks (No locks available)" in capsys.readouterr().err


def test_a_lock_that_is_a_link_harms_no_file(tmp_path):
    """It would be emptied, and then removed."""
    other = tmp_path / "precious"
    other.write_text("kept")
    (tmp_path / "o.csv.lock").symlink_to(other)
    with pytest.raises(OSError, match=r"o\.csv: cannot be written into"):
        with claim_output(tmp_path / "o.csv"):
            pass
    assert other.read_text() == "kept"


@pytest.mark.parametrize(
    "ending", [".lock", ".partial", ".partial.fresh", ".whole"]
)
def test_what_is_written_on_the_way_is_no_input(ending, tmp_path):
    """It would be written over, or removed at the end."""
    wav = tmp_path / f"o.csv{ending}"
    wav.write_text("sound")
    with pytest.raises(ValueError, match="is read by this command"):
        with claim_output(tmp_path / "o.csv", [wav]):
            pass
    assert wav.read_text() == "sound"


@pytest.mark.parametrize("begin", ["old", None])
def test_an_output_that_is_a_link_stays_one(begin, tmp_path):
    """Its target, there or not yet, gets what is written; nothing beside."""
    (tmp_path / "disk").mkdir()
    target, link = tmp_path / "disk" / "real.csv", tmp_path / "o.csv"
    if begin:
        target.write_text(begin)
    link.symlink_to("disk/real.csv")
    with ResumableCsv(link, ["file", "error"], {}) as table:
        assert (tmp_path / "disk" / "real.csv.partial").exists()
        table.write({"file": "a.wav", "error": ""})
        table.finish(["a.wav"])
    assert target.read_text() == "file,error\na.wav,\n"
    write_manifest(link, [{"ID": "a", "wav": "/a.wav"}])
    assert read_manifest(target)[0]["wav"] == "/a.wav"
    assert link.is_symlink() and not target.is_symlink()
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "disk", target, link]


def test_a_link_and_its_target_have_one_writer(other, tmp_path):
    """Else the second command would write over the first one's rows."""
    (tmp_path / "link").symlink_to("o.csv")
    assert "another command is writing it" in refused(tmp_path / "link")


def test_what_lies_beside_a_link_s_target_is_no_input(tmp_path):
    """It would be written over on the way."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "o.csv").symlink_to("disk/real.csv")
    wav = tmp_path / "disk" / "real.csv.partial"
    wav.write_text("sound")
    with pytest.raises(ValueError, match="is read by this command"):
        with claim_output(tmp_path / "o.csv", [wav]):
            pass


def test_links_under_our_own_names_are_not_followed(tmp_path):
    """In a folder of somebody else's they may lead to any file."""
    mine = tmp_path / "mine"
    mine.write_text("kept")
    (tmp_path / "metrics.json").symlink_to(mine)
    write_json(tmp_path / "metrics.json", {"lcc": 1})
    assert mine.read_text() == "kept"
