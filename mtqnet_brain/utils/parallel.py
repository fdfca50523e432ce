"""One function over many items, on several processes.

Authors
 * The mtqnet-brain developers 2026
"""

import multiprocessing
import os
import signal
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
SAFE_PATH = "PYTHONSAFEPATH"

_number = 0


def run_parallel(
    function: Callable, items: list, workers: int
) -> Iterator[object]:
    """Yield the results of a function over items, as they are ready.

    Arguments
    ---------
    function : callable
        Of one item; a module's own function, so that it can be pickled.
    items : list
        What it is called with.
    workers : int
        Processes, started afresh (spawn), one arithmetic thread each; with 1
        the caller's process does the work, in order.

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
    if workers < 1:
        raise ValueError(f"workers: {workers}, need at least 1")
    workers = min(workers, len(items))
    if workers <= 1:
        yield from map(function, items)
        return
    with _environment(), _pool(workers) as pool:
        try:
            with _interrupts_held():  # processes start here
                futures = [pool.submit(function, item) for item in items]
            for future in as_completed(futures):
                yield future.result()
        except BrokenProcessPool as err:
            raise OSError(
                "a worker was killed, perhaps for want of memory; repeat the "
                "command with fewer workers, it goes on where it stopped"
            ) from err
        finally:
            pool.shutdown(cancel_futures=True)


def worker_number() -> int:
    """Return which worker of `run_parallel` this is, from 1; outside, 0."""
    return _number


def _pool(workers):
    """Return a pool of fresh processes."""
    context = multiprocessing.get_context("spawn")
    numbers = context.SimpleQueue()
    for number in range(1, workers + 1):
        numbers.put(number)
    return ProcessPoolExecutor(
        workers,
        mp_context=context,
        initializer=_start_worker,
        initargs=(numbers,),
    )


@contextmanager
def _environment():
    """Let processes started inside use one thread, and no module from here.

    A Python that is started as they are looks for modules in the current
    folder first, where anybody's ``multiprocessing.py`` may lie.
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
    """Let Ctrl-C wait; processes started inside never get it.

    Before `_start_worker` has run in them they would print a traceback.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_worker(numbers):
    """Leave Ctrl-C to the parent and end with it, even if it is killed."""
    global _number
    _number = numbers.get()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    warnings.formatwarning = plain_warning
    threading.Thread(target=_end_with_parent, daemon=True).start()


def plain_warning(message, category, filename, lineno, line=None):
    """Return a warning in a line of its own, without the place in the code."""
    return f"\nwarning: {message}\n"


def _end_with_parent():
    """End this process when its parent has ended."""
    multiprocessing.parent_process().join()
    os._exit(1)
