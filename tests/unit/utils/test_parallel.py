"""Parallel work: all results, one thread each, workers that die.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import signal
import subprocess
import sys

import pytest

from mtqnet_brain.utils.parallel import run_parallel, worker_number


@pytest.mark.parametrize("workers", [1, 2, 9])
def test_every_item_once(workers):
    """Results of all items, whatever the number of processes."""
    assert sorted(run_parallel(abs, [-3, 1, -2], workers)) == [1, 2, 3]


def test_nothing_to_do():
    """No items, no results."""
    assert list(run_parallel(abs, [], 2)) == []


def test_workers_use_one_thread(monkeypatch):
    """The limit holds in the workers and is gone afterwards."""
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    names = ["OMP_NUM_THREADS", "MKL_NUM_THREADS"]
    assert list(run_parallel(os.getenv, names, 2)) == ["1", "1"]
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "MKL_NUM_THREADS" not in os.environ


def test_error_of_an_item_is_raised():
    """The caller sees the worker's own exception."""
    with pytest.raises(ValueError, match="invalid literal"):
        list(run_parallel(int, ["1", "x"], 2))


def test_killed_worker():
    """A worker that ends without a word is reported with a remedy."""
    with pytest.raises(OSError, match="fewer workers"):
        list(run_parallel(os._exit, [1, 1], 2))


def test_no_workers():
    """Zero processes can do nothing."""
    with pytest.raises(ValueError, match="workers must be at least 1, got 0"):
        list(run_parallel(abs, [1], 0))


def _number_of(_):
    """Return the number of this worker, and its process."""
    return worker_number(), os.getpid()


def test_workers_are_numbered():
    """Each process has its own number; the caller is no worker."""
    found = set(run_parallel(_number_of, list(range(6)), 2))
    assert len(found) == len({number for number, _ in found})
    assert {number for number, _ in found} <= {1, 2}
    assert worker_number() == 0


def _waits_for_interrupts(_):
    """Whether SIGINT is held back from this process."""
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_interrupts_reach_no_worker():
    """From its first instruction on; the caller gets them again."""
    assert all(run_parallel(_waits_for_interrupts, [1, 2], 2))
    assert not _waits_for_interrupts(0)


SCRIPT = """
from mtqnet_brain.utils.parallel import run_parallel
if __name__ == "__main__":
    print(sorted(run_parallel(abs, [-1, -2], 2)))
"""


def test_no_module_is_taken_from_the_current_folder(tmp_path):
    """Names that each starting Python imports before it knows its script."""
    here = tmp_path / "here"
    here.mkdir()
    for name in ("multiprocessing", "pickle", "signal", "threading", "numpy"):
        trace = tmp_path / f"{name}.trace"
        code = f"open({str(trace)!r}, 'w').close()\n"
        (here / f"{name}.py").write_text(code)
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, script], cwd=here, capture_output=True, text=True
    )
    assert done.stdout == "[1, 2]\n", done.stderr
    assert not list(tmp_path.glob("*.trace"))
