"""Runs steps side by side, and goes on where it was stopped.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import fcntl
import json
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from mtqnet_brain.utils.files import write_json
from mtqnet_brain.utils.parallel import THREAD_VARIABLES

if TYPE_CHECKING:
    from mtqnet_brain.reproduction.plan import Step

POLL_SECONDS = 0.5
STATUS, LOGS, LOCKS = "status", "logs", "locks"


class Runner:
    """Runs each step once those before it are done.

    Every step leaves ``status/NAME.json`` and ``logs/NAME.log``. One that is
    done is not run again; one that failed is, with the next call.

    Arguments
    ---------
    output : str or Path
        Folder of the reproduction.
    steps : list of Step
        Of `plan.make_steps`.
    jobs : int
        Steps at the same time.
    devices : list of str
        Of ``CUDA_VISIBLE_DEVICES``, dealt to the jobs. Default: as it is.

    Raises
    ------
    ValueError
        If a step was done, or stopped in its training, by another command.
    """

    def __init__(
        self,
        output: str | Path,
        steps: list[Step],
        jobs: int = 1,
        devices: list[str] = (),
    ) -> None:
        if jobs < 1:
            raise ValueError(f"jobs: {jobs}, need at least 1")
        self.output = Path(output)
        self.jobs, self.devices = jobs, list(devices)
        self.states = {step.name: self._stored_state(step) for step in steps}
        self.waiting = [s for s in steps if self.states[s.name] != "done"]
        self.running = {}  # slot: (step, process, start, lock)
        self.bar, self.shown = None, ""

    def run(self, on_done: Callable = lambda step: None) -> list[str]:
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
        n_steps, n_waiting = len(self.states), len(self.waiting)
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        self.bar = tqdm(total=n_steps, initial=n_steps - n_waiting, unit="step")
        try:
            with self.bar:
                while self.waiting or self.running:
                    self._start_ready()
                    for step in self._collect():
                        on_done(step)
                    time.sleep(POLL_SECONDS)
        finally:
            self._terminate()
            signal.signal(signal.SIGTERM, before)
        return [n for n, state in self.states.items() if state != "done"]

    def _stored_state(self, step):
        """Return what the last call left of a step; None if nothing."""
        path = self._status_path(step)
        if not path.is_file():
            return None
        stored = json.loads(path.read_text(encoding="utf-8"))
        done = stored["state"] == "done"
        if not (done or _has_checkpoint(step)):
            return None
        if stored["command"] != list(step.command):
            places = [str(p) for p in (path, step.output) if p]
            raise ValueError(
                f"{step.name} was run by another command "
                f"({stored['state']}):\n"
                f"  {shlex.join(stored['command'])}\nnow:\n"
                f"  {shlex.join(step.command)}\nchoose another --output, or "
                f"delete {' and '.join(places)} to run it again"
            )
        return "done" if done else None

    def _status_path(self, step):
        """Return where a step's state is kept."""
        return self.output / STATUS / f"{step.name}.json"

    def _start_ready(self):
        """Start steps in free slots; give up those whose needs failed."""
        for step in list(self.waiting):
            states = [self.states.get(name, "done") for name in step.after]
            if "failed" in states:
                self.waiting.remove(step)
                failed = step.after[states.index("failed")]
                self._finish(step, "failed", reason=f"needs {failed}")
            elif len(self.running) < self.jobs and set(states) <= {"done"}:
                lock = self._lock(step)
                if lock is not None:
                    self.waiting.remove(step)
                    self._start(step, lock)
        self._show()

    def _lock(self, step):
        """Lock a step; None while a process of a killed call still runs it.

        The child inherits the lock, and keeps it as long as it lives.
        """
        path = self.output / LOCKS / step.name
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = open(path, "w", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return None
        return lock

    def _start(self, step, lock):
        """Start a step in the first free slot."""
        slot = min(set(range(self.jobs)) - set(self.running))
        log_path = self.output / LOGS / f"{step.name}.log"
        log_path.parent.mkdir(parents=True, exist_ok=True)
        with open(log_path, "ab") as log:
            process = subprocess.Popen(
                step.command,
                cwd=step.folder,
                env=self._environment(slot),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=(lock.fileno(),),
            )
        self.running[slot] = (step, process, time.monotonic(), lock)
        # Killed, it is gone on with by this command and no other.
        self._write_status(step, "started")

    def _environment(self, slot):
        """Share cores and devices among the jobs."""
        threads = str(max(1, (os.cpu_count() or 1) // self.jobs))
        environment = dict.fromkeys(THREAD_VARIABLES, threads) | os.environ
        if self.devices:
            device = self.devices[slot % len(self.devices)]
            environment["CUDA_VISIBLE_DEVICES"] = device
        return environment

    def _collect(self):
        """Return the steps that have just been done."""
        done = []
        for slot, (step, process, start, lock) in list(self.running.items()):
            if process.poll() is None:
                continue
            del self.running[slot]
            lock.close()
            seconds = time.monotonic() - start
            if process.returncode == 0:
                self._finish(step, "done", seconds)
                done.append(step)
            else:
                reason = f"exit code {process.returncode}: {self._why(step)}"
                self._finish(step, "failed", seconds, reason)
        return done

    def _why(self, step):
        """Return the last line of a step's log."""
        log = self.output / LOGS / f"{step.name}.log"
        text = log.read_text(encoding="utf-8", errors="replace")
        lines = [line for line in text.splitlines() if line.strip()]
        return lines[-1].strip() if lines else "nothing in its log"

    def _finish(self, step, state, seconds=0.0, reason=None):
        """Keep what became of a step, and say so."""
        self.states[step.name] = state
        self._write_status(step, state, seconds, reason)
        self.bar.update()
        text = f"{step.name}: {state} after {seconds / 60:.1f} min"
        if reason:
            log = self.output / LOGS / f"{step.name}.log"
            text = f"{step.name}: {state}, {reason} (see {log})"
        self.bar.write(text)

    def _write_status(self, step, state, seconds=0.0, reason=None):
        """Write a step's state where the next call finds it."""
        write_json(
            self._status_path(step),
            {
                "state": state,
                "command": list(step.command),
                "folder": str(step.folder),
                "seconds": round(seconds, 1),
                "reason": reason,
            },
        )

    def _show(self):
        """Show what runs and how much waits."""
        names = [step.name for step, *_ in self.running.values()]
        text = f"running {', '.join(names)}" if names else "waiting"
        text += f"; {len(self.waiting)} to start"
        if text != self.shown:
            self.shown = text
            self.bar.set_postfix_str(text)

    def _terminate(self):
        """End what runs; a train.py goes on from its last checkpoint."""
        for _, process, _, _ in self.running.values():
            os.killpg(process.pid, signal.SIGTERM)
        for _, process, _, lock in self.running.values():
            process.wait()
            lock.close()
        self.running = {}


def _has_checkpoint(step):
    """Return whether a step has trained something that it would go on with."""
    return step.output is not None and any(step.output.glob("save/CKPT*"))
