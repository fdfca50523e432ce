"""What each step of a reproduction leaves: its state, its log and its lock.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import fcntl
import json
import shlex
from pathlib import Path
from typing import IO, TYPE_CHECKING

from mtqnet_brain.utils.files import write_json

if TYPE_CHECKING:
    from mtqnet_brain.reproduction.plan import Step


def status_path(output: Path, name: str) -> Path:
    """Return the file of a step's state."""
    return output / "status" / f"{name}.json"


def log_path(output: Path, step: Step) -> Path:
    """Return the file that gets what a step prints."""
    return output / "logs" / f"{step.name}.log"


def stored_state(output: Path, step: Step) -> str | None:
    """Return ``done`` if an earlier call did the step, else None.

    Arguments
    ---------
    output : Path
        Folder of the reproduction.
    step : Step
        The step to run now.

    Raises
    ------
    ValueError
        If the step was done, or stopped in its training, by another command.
    """
    path = status_path(output, step.name)
    if not path.is_file():
        return None
    stored = json.loads(path.read_text(encoding="utf-8"))
    done = stored["state"] == "done"
    trained = step.output is not None and any(step.output.glob("save/CKPT*"))
    if not (done or trained):
        return None
    if tuple(stored["command"]) not in (step.command, step.former):
        paths = [str(p) for p in (path, step.output) if p]
        raise ValueError(
            f"{step.name} was run by another command ({stored['state']}):\n"
            f"  {shlex.join(stored['command'])}\nnow:\n"
            f"  {shlex.join(step.command)}\nchoose another --output, or "
            f"delete {' and '.join(paths)} to run it again"
        )
    return "done" if done else None


def write_state(
    output: Path,
    step: Step,
    state: str,
    seconds: float = 0.0,
    reason: str | None = None,
) -> None:
    """Write a step's state for the next call.

    Arguments
    ---------
    output : Path
        Folder of the reproduction.
    step : Step
        The step.
    state : str
        ``started``, ``done`` or ``failed``.
    seconds : float
        How long it ran.
    reason : str, optional
        Why it failed.
    """
    content = {
        "state": state,
        "command": list(step.command),
        "folder": str(step.folder),
        "seconds": round(seconds, 1),
        "reason": reason,
    }
    write_json(status_path(output, step.name), content)


def lock_step(output: Path, step: Step) -> IO[str] | None:
    """Lock a step; None while a process of a killed call still runs it.

    The child inherits the lock, and keeps it as long as it lives.
    """
    path = output / "locks" / step.name
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = open(path, "w", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def last_line(log: Path) -> str:
    """Return the last non-blank line of a log."""
    text = log.read_text(encoding="utf-8", errors="replace")
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "nothing in its log"
