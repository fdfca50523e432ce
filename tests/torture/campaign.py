"""Runs the cases of all kinds on several processes, within a time limit.

Authors
 * The mtqnet-brain developers 2026
"""

import ctypes
import multiprocessing
import os
import shutil
import signal
import time
import traceback
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from tqdm import tqdm

from . import audio, elsewhere, kills, models, self_check, tables
from .box import Box
from .outcome import Outcome, make_rng
from .running import PR_SET_PDEATHSIG

KINDS = {
    kind.NAME: kind
    for kind in (self_check, kills, elsewhere, models, tables, audio)
}


def import_all(kinds):
    """Import what the commands of these kinds import: children are forked."""
    if not {"kills", "models", "tables", "audio"} & set(kinds):
        return
    import speechbrain.integrations.huggingface.wav2vec2  # noqa: F401
    import transformers  # noqa: F401

    import mtqnet_brain.checkpoints.transfer  # noqa: F401
    import mtqnet_brain.cli  # noqa: F401
    import mtqnet_brain.evaluation.score_evaluation  # noqa: F401
    import mtqnet_brain.inference.export  # noqa: F401
    import mtqnet_brain.inference.predictor  # noqa: F401
    import mtqnet_brain.inference.score_run  # noqa: F401
    import mtqnet_brain.labels.labelling  # noqa: F401
    import mtqnet_brain.teacher.trained_network  # noqa: F401


def draw_cases(kinds, seed, quick=False, everything=False):
    """Return the cases of a campaign.

    Arguments
    ---------
    kinds : list of str
        Names in `KINDS`.
    seed : int
        Draws cases of a kind that has more than a campaign has time for.
    quick : bool
        Whether to draw a tenth of them only.
    everything : bool
        Whether to take all cases.

    Returns
    -------
    dict of str to list of int
        Numbers by kind.
    """
    found = {}
    for name in kinds:
        total = len(KINDS[name].names())
        count = min(total, getattr(KINDS[name], "CASES", total))
        if everything:
            count = total
        if quick and name != "self-check":
            count = -(-count // 10)
        rng = make_rng(seed, name, 0)
        found[name] = sorted(rng.choice(total, count, replace=False).tolist())
    return found


def make_jobs(cases, seed):
    """Group cases that share a command into jobs.

    Arguments
    ---------
    cases : dict of str to list of int
        Numbers by kind.
    seed : int
        Draws the order, so that all kinds are tried before time runs out.

    Returns
    -------
    list of tuple
        Kind and numbers of each job.
    """
    jobs = [
        (name, job)
        for name, numbers in cases.items()
        for job in _groups(KINDS[name], numbers)
    ]
    order = make_rng(seed, "order", 0).permutation(len(jobs))
    mixed = [jobs[i] for i in order]
    return sorted(mixed, key=lambda job: job[0] != "self-check")


def _groups(kind, numbers):
    """Group the cases of a kind into jobs."""
    if hasattr(kind, "groups"):
        return kind.groups(numbers)
    return [[number] for number in numbers]


def run_jobs(jobs, seed, workspace, workers=2, seconds=None, keep=None):
    """Yield the outcomes of jobs, in any order.

    Arguments
    ---------
    jobs : list of tuple
        Result of `make_jobs`.
    seed : int
        Seed of the campaign.
    workspace : Path
        Folder for boxes.
    workers : int
        Number of processes.
    seconds : float
        Time after which no job begins.
    keep : Path
        Folder in which the boxes are kept. Default: they are removed.

    Yields
    ------
    list of Outcome
        Outcomes of one job; empty if there was no time for it.
    """
    end = time.monotonic() + seconds if seconds else float("inf")
    context = multiprocessing.get_context("fork")
    parent = os.getpid()
    with ProcessPoolExecutor(workers, context, _begin, [parent]) as pool:
        futures = [
            pool.submit(_run_job, *job, seed, workspace, end, keep)
            for job in jobs
        ]
        total = sum(len(numbers) for _, numbers in jobs)
        try:
            with tqdm(total=total, unit="case") as bar:
                for future in as_completed(futures):
                    outcomes = future.result()
                    bar.update(len(outcomes))
                    yield outcomes
        finally:
            pool.shutdown(cancel_futures=True)


def _begin(parent):
    """Let a worker end with the campaign, even if that is killed.

    Ctrl-C is left to the campaign, which lets running cases finish.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _run_job(name, numbers, seed, workspace, end, keep):
    """Run cases in a box of their own."""
    if time.monotonic() > end:
        return []
    root = (keep or Path(workspace)).absolute() / f"{name}_{numbers[0]}"
    shutil.rmtree(root, ignore_errors=True)
    box = Box(root)
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
