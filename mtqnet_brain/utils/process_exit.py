"""The exit of a process whose libraries crash in Python's clean-up.

Authors
 * The mtqnet-brain developers 2026
"""

import logging
import os
import sys
from typing import NoReturn

# Exit codes besides 0, all done, and 1, some items failed.
WRONG = 2  # a wrong call or input
STOPPED = 130  # by Ctrl-C, as shells say it: 128 + SIGINT
STOPPED_TEXT = "stopped; run the same command again to resume"


def leave_now(code: int) -> NoReturn:
    """End this process with an exit code, without Python's own clean-up."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
