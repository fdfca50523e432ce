"""The runner: order, side by side, failures, resume, kills.

Authors
 * The mtqnet-brain developers 2026
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mtqnet_brain.reproduction.plan import Step
from mtqnet_brain.reproduction.runner import Runner, job_environment

# Writes a line to a file when it begins and when it ends.
SCRIPT = (
    "import sys, time; f = open(sys.argv[1], 'a'); n = sys.argv[2]; "
    "print('begin', n, file=f, flush=True); time.sleep(float(sys.argv[3])); "
    "print('end', n, file=f, flush=True); sys.exit(int(sys.argv[4]))"
)


@pytest.fixture
def diary(tmp_path):
    """File that the steps write to."""
    return tmp_path / "diary.txt"


@pytest.fixture
def make(diary, tmp_path):
    """Return a function that makes a step."""

    def make_step(name, after=(), seconds=0, code=0):
        """It writes, sleeps and ends with a code."""
        arguments = (str(diary), name, str(seconds), str(code))
        command = (sys.executable, "-c", SCRIPT, *arguments)
        return Step(name, command, tmp_path, tuple(after), tmp_path / name)

    return make_step


def lines(path):
    """Return what was written."""
    return path.read_text().split("\n")[:-1] if path.exists() else []


def test_a_step_waits_for_what_it_needs(make, diary, tmp_path):
    """Given in the wrong order."""
    steps = [make("c", ["a", "b"]), make("b", ["a"]), make("a", [], 0.2)]
    done = []
    failed = Runner(tmp_path, steps, jobs=3).run(lambda s: done.append(s.name))
    assert failed == [] and done == ["a", "b", "c"]
    assert [line for line in lines(diary) if "begin" in line] == [
        *("begin a", "begin b", "begin c"),
    ]
    assert lines(diary)[1] == "end a"


def test_steps_run_side_by_side(make, diary, tmp_path):
    """As many as there are jobs, and no more."""
    steps = [make(name, [], 1.5) for name in "abc"]
    Runner(tmp_path, steps, jobs=2).run()
    first = [line.split()[0] for line in lines(diary)]
    assert first[:2] == ["begin", "begin"] and first[2] == "end"


def test_failure_stops_only_what_needs_it(make, diary, tmp_path, capfd):
    """With the reason; the next call tries again."""
    steps = [
        make("a", code=3),
        make("b", ["a"]),
        make("c"),
        make("d", ["b"]),
    ]
    assert Runner(tmp_path, steps).run() == ["a", "b", "d"]
    assert lines(diary) == ["begin a", "end a", "begin c", "end c"]
    status = json.loads((tmp_path / "status" / "a.json").read_text())
    assert status["state"] == "failed" and "exit code 3" in status["reason"]
    status = json.loads((tmp_path / "status" / "b.json").read_text())
    assert status["reason"] == "needs a"
    assert "a: failed, exit code 3" in capfd.readouterr().out
    diary.unlink()
    assert Runner(tmp_path, steps).run() == ["a", "b", "d"]
    assert lines(diary) == ["begin a", "end a"]  # c was done


def test_reason_is_the_last_line_of_the_log(tmp_path):
    """What a person would look for."""
    code = "print('fine'); raise ValueError('no wav in train/')"
    step = Step("x", (sys.executable, "-c", code), tmp_path)
    Runner(tmp_path, [step]).run()
    reason = json.loads((tmp_path / "status" / "x.json").read_text())["reason"]
    assert reason == "exit code 1: ValueError: no wav in train/"


def test_done_by_another_command_is_refused(make, tmp_path):
    """Results of other settings would stand under the new ones' name."""
    Runner(tmp_path, [make("a")]).run()
    with pytest.raises(ValueError, match="a was run by another command .done."):
        Runner(tmp_path, [make("a", seconds=1)])


def test_half_a_training_goes_on_with_its_own_command_alone(make, tmp_path):
    """Else two learning rates would stand under the second one's name."""
    step = make("a", code=1)
    Runner(tmp_path, [step]).run()
    Runner(tmp_path, [make("a", code=2)])  # it has trained nothing yet
    (tmp_path / "a" / "save" / "CKPT+1").mkdir(parents=True)
    with pytest.raises(
        ValueError, match="a was run by another command .failed."
    ):
        Runner(tmp_path, [make("a", code=2)])
    assert Runner(tmp_path, [step]).run() == ["a"]


def test_jobs_share_cores_and_devices(tmp_path, monkeypatch):
    """Each has its threads and its GPU."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    found = [job_environment(slot, 3, ["4", "7"]) for slot in range(3)]
    assert [e["OMP_NUM_THREADS"] for e in found] == ["2"] * 3
    assert [e["CUDA_VISIBLE_DEVICES"] for e in found] == ["4", "7", "4"]
    with pytest.raises(ValueError, match="jobs must be at least 1, got 0"):
        Runner(tmp_path, [], jobs=0)


PARENT = """
import sys
from pathlib import Path
from mtqnet_brain.reproduction.plan import Step
from mtqnet_brain.reproduction.runner import Runner
folder = Path(sys.argv[1])
step = Step("a", tuple(sys.argv[2:]), folder)
try:
    Runner(folder, [step]).run()
except KeyboardInterrupt:
    sys.exit(130)
"""


def start_and_wait(step, folder, diary):
    """Run one step in a process of its own, until it has begun."""
    command = [sys.executable, "-c", PARENT, str(folder), *step.command]
    root = Path(__file__).parents[3]
    process = subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(root)}
    )
    deadline = time.monotonic() + 60
    while not lines(diary) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert lines(diary) == ["begin a"]
    return process


def test_terminated_runner_ends_its_steps(make, diary, tmp_path):
    """And the next call runs them."""
    process = start_and_wait(make("a", seconds=30), tmp_path, diary)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 130
    status = json.loads((tmp_path / "status" / "a.json").read_text())
    assert status["state"] == "started"
    diary.unlink()
    assert Runner(tmp_path, [make("a")]).run() == []
    assert lines(diary) == ["begin a", "end a"]


def test_orphan_of_a_killed_runner_is_waited_for(make, diary, tmp_path):
    """Two processes in one run folder would spoil it."""
    process = start_and_wait(make("a", seconds=1.5), tmp_path, diary)
    process.kill()
    process.wait()
    Runner(tmp_path, [make("a", seconds=0)]).run()
    assert lines(diary) == ["begin a", "end a", "begin a", "end a"]
