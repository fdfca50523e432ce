"""Runs steps side by side, and resumes where it stopped.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from tqdm import tqdm

from mtqnet_brain.reproduction.step_state import (
    last_line,
    lock_step,
    log_path,
    stored_state,
    write_state,
)
from mtqnet_brain.utils.counts import check_at_least_one
from mtqnet_brain.utils.parallel import THREAD_VARIABLES

if TYPE_CHECKING:
    from mtqnet_brain.reproduction.plan import Step

LOCK_SECONDS = 0.5  # between two looks at a lock that another process holds


class Job(NamedTuple):
    """A running step: its slot, process, time of start and lock."""

    step: Step
    slot: int
    process: subprocess.Popen
    start: float
    lock: IO[str]


class Runner:
    """Runs each step once those before it are done.

    Every step leaves ``status/NAME.json`` and ``logs/NAME.log``. A step that
    is done is not run again; one that failed is tried again by the next call.

    Arguments
    ---------
    output : str or Path
        Folder of the reproduction.
    steps : list of Step
        Result of `plan.make_steps`.
    jobs : int
        Steps at the same time.
    devices : list of str
        Values of ``CUDA_VISIBLE_DEVICES``, one per job in turn. Default: the
        variable stays as it is.

    Raises
    ------
    ValueError
        If a step was done, or stopped in its training, by another command.
    """

    def __init__(
        self,
        output: str | Path,
        steps: Sequence[Step],
        jobs: int = 1,
        devices: Sequence[str] = (),
    ) -> None:
        check_at_least_one("jobs", jobs)
        self.output = Path(output)
        self.steps = {step.name: step for step in steps}
        self.jobs, self.devices = jobs, devices
        self.states = {
            step.name: stored_state(self.output, step) for step in steps
        }
        self.running: dict[Future, Job] = {}
        self.bar: tqdm  # made when it runs

    def run(
        self, on_done: Callable[[Step], object] = lambda step: None
    ) -> list[str]:
        """Run everything that is not done.

        Arguments
        ---------
        on_done : callable
            Called with every step that has just been done.

        Returns
        -------
        list of str
            Steps that failed, or could not start because another failed.

        Raises
        ------
        KeyboardInterrupt
            If the process is interrupted or terminated, once the running
            steps have been terminated too.
        """
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        n_done = sum(state == "done" for state in self.states.values())
        self.bar = tqdm(total=len(self.steps), initial=n_done, unit="step")
        try:
            with self.bar, ThreadPoolExecutor(self.jobs) as pool:
                try:
                    self._run(pool, on_done)
                finally:
                    self._terminate()
        finally:
            signal.signal(signal.SIGTERM, before)
        return [n for n, state in self.states.items() if state != "done"]

    def _run(self, pool, on_done):
        """Start steps as their needs are met and slots get free."""
        sorter = TopologicalSorter(
            {
                step.name: [name for name in step.after if name in self.steps]
                for step in self.steps.values()
            }
        )
        sorter.prepare()
        order, ready = list(self.steps), set()
        while sorter.is_active():
            ready |= {*sorter.get_ready()}
            for name in sorted(ready, key=order.index):
                if self._settled(self.steps[name]):
                    sorter.done(name)
                    ready.remove(name)
                elif len(self.running) < self.jobs and self._start(name, pool):
                    ready.remove(name)
            self._show(len(ready))
            for step in self._collect(bool(ready)):
                sorter.done(step.name)
                if self.states[step.name] == "done":
                    on_done(step)

    def _settled(self, step):
        """Return whether a step is done already, or cannot be done."""
        if self.states[step.name] == "done":
            return True
        failed = [n for n in step.after if self.states.get(n) == "failed"]
        if failed:
            self._finish(step, "failed", reason=f"needs {failed[0]}")
        return bool(failed)

    def _start(self, name, pool):
        """Start a step in the first free slot; False if it is locked."""
        step = self.steps[name]
        lock = lock_step(self.output, step)
        if lock is None:
            return False
        slots = {job.slot for job in self.running.values()}
        slot = min({*range(self.jobs)} - slots)
        path = log_path(self.output, step)
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "ab") as log:
            process = subprocess.Popen(
                step.command,
                cwd=step.folder,
                env=job_environment(slot, self.jobs, self.devices),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=(lock.fileno(),),
            )
        job = Job(step, slot, process, time.monotonic(), lock)
        self.running[pool.submit(process.wait)] = job
        # If it is killed now, only the same command may resume it.
        write_state(self.output, step, "started")
        return True

    def _collect(self, some_ready):
        """Wait for the next steps to end; return them."""
        # A step that is ready but not started may be locked.
        locked = some_ready and len(self.running) < self.jobs
        seconds = LOCK_SECONDS if locked else None
        if not self.running:
            time.sleep(seconds or 0)
            return []
        ended = wait(self.running, seconds, FIRST_COMPLETED).done
        jobs = [self.running.pop(future) for future in ended]
        for step, _, process, start, lock in jobs:
            lock.close()
            seconds = time.monotonic() - start
            if process.returncode == 0:
                self._finish(step, "done", seconds)
            else:
                why = last_line(log_path(self.output, step))
                reason = f"exit code {process.returncode}: {why}"
                self._finish(step, "failed", seconds, reason)
        return [job.step for job in jobs]

    def _finish(self, step, state, seconds=0.0, reason=None):
        """Keep how a step ended, and print it."""
        self.states[step.name] = state
        write_state(self.output, step, state, seconds, reason)
        self.bar.update()
        text = f"{step.name}: {state} after {seconds / 60:.1f} min"
        if reason:
            log = log_path(self.output, step)
            text = f"{step.name}: {state}, {reason} (see {log})"
        self.bar.write(text)

    def _show(self, n_ready):
        """Show what runs and how many steps could run too."""
        names = [job.step.name for job in self.running.values()]
        text = f"running {', '.join(names)}" if names else "waiting"
        self.bar.set_postfix_str(f"{text}; {n_ready} ready")

    def _terminate(self):
        """End what runs; a train.py resumes from its last checkpoint."""
        for job in self.running.values():
            os.killpg(job.process.pid, signal.SIGTERM)
        for job in self.running.values():
            job.process.wait()
            job.lock.close()
        self.running = {}


def job_environment(
    slot: int, jobs: int, devices: Sequence[str] = ()
) -> dict[str, str]:
    """Return our environment with threads and device of one of several jobs.

    Arguments
    ---------
    slot : int
        Number of the job, from 0.
    jobs : int
        Jobs at the same time, which share the cores.
    devices : list of str
        Values of ``CUDA_VISIBLE_DEVICES``, taken in turn.
    """
    threads = str(max(1, (os.cpu_count() or 1) // jobs))
    environment = dict.fromkeys(THREAD_VARIABLES, threads) | dict(os.environ)
    if devices:
        environment["CUDA_VISIBLE_DEVICES"] = devices[slot % len(devices)]
    return environment
