"""Processor time, memory and signals of a child process and its children.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import signal
import time
from pathlib import Path

GRACE = 3.0  # s that the children of a process may outlive it
STEP = 0.01  # s between two checks
MB = 1 << 20


def computed(process):
    """Return the processor seconds of a process; 0 if it has ended."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2]
    except OSError:
        return 0.0
    user, system = map(int, state.split()[11:13])
    return (user + system) / os.sysconf("SC_CLK_TCK")


def waited(process):
    """Return the seconds that a process waited for a processor."""
    try:
        waited = Path(f"/proc/{process}/schedstat").read_text().split()[1]
    except (OSError, IndexError):
        return 0.0
    return int(waited) / 1e9


def memory(process):
    """Return the resident memory of a process in MB; 0 if it has ended."""
    try:
        pages = Path(f"/proc/{process}/statm").read_text().split()[1]
    except (OSError, IndexError):
        return 0.0
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / MB


def end_session(leader):
    """End the processes of a child's session that outlive it.

    Returns
    -------
    list of str
        A fault if any did not end by itself in time.
    """
    deadline = time.monotonic() + GRACE
    while members := _session(leader):
        if time.monotonic() > deadline:
            for process in members:
                send(process, signal.SIGKILL)
            return [f"{len(members)} of its processes outlived it"]
        time.sleep(STEP)
    return []


def _session(leader):
    """Return the living processes of a session."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            state = Path(f"/proc/{int(entry)}/stat").read_text()
        except (ValueError, OSError):
            continue
        state, _, _, session = state.rpartition(")")[2].split()[:4]
        if session == str(leader) and state not in "ZX":
            found.append(int(entry))
    return found


def send(process, number):
    """Send a signal to a process that may have ended."""
    try:
        os.kill(process, number)
    except ProcessLookupError:
        pass


def signal_group(leader, number):
    """Send a signal to a process group that may have ended."""
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        pass
