"""Runs the cases of all kinds on some processes, within a time.

Authors
 * The mtqnet-brain developers 2026
"""

import ctypes
import multiprocessing
import os
import signal
import time
import traceback
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from tqdm import tqdm

from . import audio, models, tables
from .box import Box
from .outcome import Outcome
from .running import PR_SET_PDEATHSIG

KINDS = {kind.NAME: kind for kind in (audio, tables, models)}
_workspace = None


def import_all():
    """Import what the commands do, so that children need not."""
    import speechbrain.integrations.huggingface.wav2vec2  # noqa: F401
    import transformers  # noqa: F401

    import mtqnet_brain.cli  # noqa: F401
    import mtqnet_brain.evaluation  # noqa: F401
    import mtqnet_brain.inference  # noqa: F401
    import mtqnet_brain.labels.run  # noqa: F401
    import mtqnet_brain.scoring.run  # noqa: F401
    import mtqnet_brain.teacher.network  # noqa: F401
    import mtqnet_brain.transfer  # noqa: F401
    import mtqnet_brain.zoo.export  # noqa: F401


def choose_jobs(kinds, numbers=None, every=1):
    """Return the jobs of some kinds: cases that share a command.

    Arguments
    ---------
    kinds : list of str
        Of `KINDS`.
    numbers : list of int
        Cases. Default: all.
    every : int
        Only every so many cases.

    Returns
    -------
    list of tuple
        Kind and numbers.
    """
    jobs = []
    for name in kinds:
        kind = KINDS[name]
        chosen = numbers or range(0, len(kind.names()), every)
        jobs += [(name, job) for job in _groups(kind, list(chosen))]
    return jobs


def _groups(kind, numbers):
    """Deal cases into jobs."""
    if hasattr(kind, "groups"):
        return kind.groups(numbers)
    return [[number] for number in numbers]


def run_jobs(jobs, seed, workspace, workers=2, seconds=None, keep=False):
    """Yield the outcomes of jobs, in any order.

    Arguments
    ---------
    jobs : list of tuple
        Of `choose_jobs`.
    seed : int
        Of the campaign.
    workspace : Path
        Folder for boxes.
    workers : int
        Processes.
    seconds : float
        After which no job begins.
    keep : bool
        Whether boxes stay.

    Yields
    ------
    list of Outcome
        Of a job; empty if it was not begun for want of time.
    """
    end = time.monotonic() + seconds if seconds else float("inf")
    context = multiprocessing.get_context("fork")
    parent = os.getpid()
    with ProcessPoolExecutor(workers, context, _begin, [parent]) as pool:
        futures = [
            pool.submit(_run_job, *job, seed, workspace, end, keep)
            for job in jobs
        ]
        bar = tqdm(total=sum(len(n) for _, n in jobs), unit="case")
        with bar:
            for future in as_completed(futures):
                outcomes = future.result()
                bar.update(len(outcomes))
                yield outcomes


def _begin(parent):
    """Let a worker end with the campaign, even if that is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _run_job(name, numbers, seed, workspace, end, keep):
    """Run cases in a box of their own."""
    if time.monotonic() > end:
        return []
    box = Box(Path(workspace) / f"{name}_{numbers[0]}")
    try:
        return KINDS[name].run_cases(numbers, seed, box)
    except Exception:
        trace = traceback.format_exc()
        fault = "the campaign itself failed: " + trace.splitlines()[-1]
        what = KINDS[name].names()
        return [
            Outcome(name, n, what[n], [fault], trace, str(box.root))
            for n in numbers
        ]
    finally:
        if not keep:
            box.remove()
