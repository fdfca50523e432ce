"""The exit of a process whose libraries crash in Python's clean-up.

Authors
 * The mtqnet-brain developers 2026
"""

import logging
import os
import sys
from typing import NoReturn


def leave_now(code: int) -> NoReturn:
    """End this process with an exit code, without Python's own clean-up."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
