"""The end of a process whose libraries cannot be taken apart.

Authors
 * The mtqnet-brain developers 2026
"""

import logging
import os
import sys

# Exit codes besides 0, all done, and 1, some items failed.
WRONG = 2  # a wrong call or input
STOPPED = 130  # by Ctrl-C, as shells say it: 128 + SIGINT
STOPPED_TEXT = "stopped; run the same command again to resume"


def leave_now(code: int) -> None:
    """End this process without taking the interpreter apart.

    Arguments
    ---------
    code : int
        Exit code.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
