"""What the kernel knows of a child and of its processes.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import signal
import time
from pathlib import Path

GRACE = 3.0  # s that processes of a child may outlive it
STEP = 0.01  # s between two looks
MB = 1 << 20


def computed(process):
    """Return the processor time of a process.

    Arguments
    ---------
    process : int
        Its number.

    Returns
    -------
    float
        Seconds; 0 if it is gone.
    """
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2]
    except OSError:
        return 0.0
    user, system = map(int, state.split()[11:13])
    return (user + system) / os.sysconf("SC_CLK_TCK")


def waited(process):
    """Return how long a process waited for a processor.

    Arguments
    ---------
    process : int
        Its number.

    Returns
    -------
    float
        Seconds; 0 if it is gone.
    """
    try:
        waited = Path(f"/proc/{process}/schedstat").read_text().split()[1]
    except (OSError, IndexError):
        return 0.0
    return int(waited) / 1e9


def memory(process):
    """Return the resident memory of a process.

    Arguments
    ---------
    process : int
        Its number.

    Returns
    -------
    float
        MB; 0 if it is gone.
    """
    try:
        pages = Path(f"/proc/{process}/statm").read_text().split()[1]
    except (OSError, IndexError):
        return 0.0
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / MB


def end_session(leader):
    """End what a child has left behind; say so if it does not go alone.

    Arguments
    ---------
    leader : int
        Number of the child, which had a session of its own.

    Returns
    -------
    list of str
        Fault.
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
    """Send a signal to a process that may be gone.

    Arguments
    ---------
    process : int
        Its number.
    number : int
        Of the signal.
    """
    try:
        os.kill(process, number)
    except ProcessLookupError:
        pass


def signal_group(leader, number):
    """Send a signal to all processes of a child that may be gone.

    Arguments
    ---------
    leader : int
        Number of the child.
    number : int
        Of the signal.
    """
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        pass
