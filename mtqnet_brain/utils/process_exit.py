"""The end of a process whose libraries cannot be taken apart.

Authors
 * The mtqnet-brain developers 2026
"""

import logging
import os
import sys


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
