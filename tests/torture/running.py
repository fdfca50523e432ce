"""Runs a command in a child process within bounds, and watches it.

The child is forked from a process that has imported everything and computed
nothing, which saves the four seconds that PyTorch needs for its import. Its
memory is counted from that start.

Authors
 * The mtqnet-brain developers 2026
"""

import ctypes
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from .processes import (
    MB,
    STEP,
    computed,
    end_session,
    memory,
    signal_group,
    waited,
)

COMMAND = Path(sys.executable).with_name("mtqnet")
LARGEST_FILE = 4 << 30
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Bounds:
    """What a command may use.

    Arguments
    ---------
    seconds : float
        Time on the clock, except that spent waiting for a processor.
    megabytes : float
        Memory beyond that of the imports.
    cpu_seconds : float
        Processor time.
    """

    seconds: float
    megabytes: float
    cpu_seconds: float = float("inf")


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Arguments
    ---------
    code : int
        Exit code; negative for a signal.
    stdout, stderr : str
        What it printed.
    seconds, cpu_seconds, megabytes : float
        What it used.
    faults : list of str
        Bounds that it broke, processes that outlived it, input that it read.
    """

    code: int
    stdout: str
    stderr: str
    seconds: float
    cpu_seconds: float
    megabytes: float
    faults: list

    @property
    def last_line(self) -> str:
        """Last line that it printed."""
        lines = (self.stderr or self.stdout).replace("\r", "\n").split("\n")
        return next((x for x in reversed(lines) if x.strip()), "")[:400]


def command(*arguments):
    """Return an action: ``mtqnet`` with arguments, in this interpreter."""

    def act():
        """Run the command."""
        from mtqnet_brain.cli import main

        sys.argv = ["mtqnet", *map(str, arguments)]
        return main([*map(str, arguments)])

    return act


def real_command(*arguments):
    """Return an action: ``mtqnet`` as it is installed, started afresh."""
    argv = [str(COMMAND), *map(str, arguments)]
    return lambda: os.execv(argv[0], argv)


def run(action, box, bounds, watch=None, stdin=None):
    """Run an action in a child.

    Arguments
    ---------
    action : callable
        Returns an exit code.
    box : Box
        Its folders.
    bounds : Bounds
        A child that breaks one is killed.
    watch : callable
        Called with the child's process number while it runs.
    stdin : str or Path
        File that it may read. Default: one that it must not read.

    Returns
    -------
    Ended
        The child's end.
    """
    source = os.open(stdin or box.log("stdin"), os.O_RDONLY)
    began, base = time.monotonic(), memory(os.getpid())
    child = os.fork()
    if child == 0:
        _become(action, box, source)
    faults, status, usage = _watch(child, began, base, bounds, watch)
    seconds = time.monotonic() - began
    faults += end_session(child)
    if stdin is None and os.lseek(source, 0, os.SEEK_CUR):
        faults.append("standard input was read")
    os.close(source)
    megabytes = usage.ru_maxrss * 1024 / MB - base
    cpu_seconds = usage.ru_utime + usage.ru_stime
    if megabytes > bounds.megabytes and not faults:
        faults.append(f"{megabytes:.0f} MB")
    if cpu_seconds > bounds.cpu_seconds and not faults:
        faults.append(f"{bounds.cpu_seconds} s of processor time")
    return Ended(
        os.waitstatus_to_exitcode(status),
        _text(box.log("stdout")),
        _text(box.log("stderr")),
        seconds,
        cpu_seconds,
        megabytes,
        faults,
    )


def _become(action, box, source):
    """Run the action in the child, and end it."""
    code = 1
    try:
        _set_up(box, source)
        code = action()
    except SystemExit as end:
        code = end.code
        if isinstance(code, str):
            print(code, file=sys.stderr)
            code = 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code or 0)


def _set_up(box, source):
    """Give the child its session, streams, folders and limits."""
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(source, 0)
    for number, name in ((1, "stdout"), (2, "stderr")):
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        os.dup2(os.open(box.log(name), flags), number)
    sys.stdin = open(0, closefd=False)
    sys.stdout, sys.stderr = (open(n, "w", closefd=False) for n in (1, 2))
    os.environ |= {"HOME": str(box.home), "TMPDIR": str(box.root / "tmp")}
    tempfile.tempdir = None
    os.chdir(box.cwd)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE,) * 2)


def _watch(child, began, base, bounds, watch):
    """Wait for a child; kill it when it breaks a bound."""
    faults = []
    while True:
        pid, status, usage = os.wait4(child, os.WNOHANG)
        if pid:
            return faults, status, usage
        seconds = time.monotonic() - began - waited(child)
        if not faults and seconds > bounds.seconds:
            faults.append(f"still running after {seconds:.0f} s")
        # Memory first: to take it costs time, too, more on a busy machine.
        if not faults and memory(child) - base > bounds.megabytes:
            faults.append(f"took more than {bounds.megabytes:.0f} MB")
        if not faults and computed(child) > bounds.cpu_seconds:
            faults.append(f"{bounds.cpu_seconds} s of processor time")
        if faults:
            signal_group(child, signal.SIGKILL)
        elif watch is not None:
            watch(child)
        time.sleep(STEP)


def _text(path):
    """Return what was written to a stream."""
    return path.read_text("utf-8", "replace") if path.exists() else ""
