"""One function over many items, on several processes.

``concurrent.futures`` does the work; around it stands what neither it nor
joblib offers: one thread per worker (both start before OMP_NUM_THREADS could
be set in them), no module from the current folder, one report of Ctrl-C, and
workers that end with a parent that is killed. joblib would add workers that
stay behind and its own serializer.

Authors
 * The mtqnet-brain developers 2026
"""

import multiprocessing
import os
import signal
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TypeVar

from mtqnet_brain.utils.counts import check_at_least_one

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
SAFE_PATH = "PYTHONSAFEPATH"

_number = 0


def run_parallel(
    function: Callable[[Item], Outcome], items: Sequence[Item], workers: int
) -> Iterator[Outcome]:
    """Yield the results of a function over items, as they are ready.

    Arguments
    ---------
    function : callable
        Takes one item; defined in a module, so that it can be pickled.
    items : list
        The items.
    workers : int
        Processes, spawned, with one arithmetic thread each; with 1 the
        caller's process does the work, in order.

    Yields
    ------
    object
        One result per item, in any order.

    Raises
    ------
    ValueError
        If workers is below 1.
    OSError
        If a worker was killed.
    """
    check_at_least_one("workers", workers)
    workers = min(workers, len(items))
    if workers <= 1:
        yield from map(function, items)
        return
    # Made inside, since it starts a process that tracks its semaphores.
    with _environment(), _pool(workers) as pool:
        try:
            with _interrupts_held():  # processes start here
                futures = [pool.submit(function, item) for item in items]
            for future in as_completed(futures):
                yield future.result()
        except BrokenProcessPool as err:
            raise OSError(
                "a worker was killed, perhaps for lack of memory; repeat the "
                "command with fewer workers, it resumes where it stopped"
            ) from err
        finally:
            pool.shutdown(cancel_futures=True)


def worker_number() -> int:
    """Return which worker of `run_parallel` this is, from 1; outside, 0."""
    return _number


def _pool(workers):
    """Return a pool of spawned processes, each with a number."""
    context = multiprocessing.get_context("spawn")
    numbers = context.SimpleQueue()
    for number in range(1, workers + 1):
        numbers.put(number)
    return ProcessPoolExecutor(
        workers, context, initializer=_start_worker, initargs=(numbers,)
    )


@contextmanager
def _environment():
    """Give processes started inside one thread, and no module from here.

    A spawned Python looks for modules in the current folder first, where
    anybody's ``multiprocessing.py`` may lie.
    """
    own = dict.fromkeys(THREAD_VARIABLES, "1") | {SAFE_PATH: "1"}
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _interrupts_held():
    """Delay Ctrl-C; processes started inside inherit that and never get it.

    Before `_start_worker` has run in them they would print a traceback.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_worker(numbers):
    """Leave Ctrl-C to the parent; end with it, even if it is killed."""
    global _number
    _number = numbers.get()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.formatwarning = plain_warning
    threading.Thread(target=_end_with_parent, daemon=True).start()


def plain_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    line: str | None = None,
) -> str:
    """Format a warning on a line of its own, without its code location."""
    return f"\nwarning: {message}\n"


def _end_with_parent():
    """End this process when its parent has ended."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
