"""What is timed: the name of the processor.

Authors
 * The mtqnet-brain developers 2026
"""

import platform
from pathlib import Path


def processor_name():
    """Name the processor, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(": ")[2] for line in lines if "model name" in line]
    return names[0] if names else platform.machine()
