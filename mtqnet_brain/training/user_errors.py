"""User errors of a recipe: one line and exit code 2, no traceback.

Authors
 * The mtqnet-brain developers 2026
"""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import walk_tb

from mtqnet_brain.utils.error_text import error_text
from mtqnet_brain.utils.process_exit import STOPPED, STOPPED_TEXT, WRONG

logger = logging.getLogger(__name__)

# Raised by this library for wrong input.
USER_ERRORS = (ValueError, OSError, ImportError)
# Packages that read hyperparameter files and make their objects.
SETTINGS = ("hyperpyyaml", "ruamel", "yaml")
PEER = "by peer"  # the connection is closed or reset
IN_WORKER = "Caught "  # start of an error in a DataLoader worker
DEBUG = "--debug"


@contextmanager
def plain_errors(passes_debug: bool = False) -> Iterator[None]:
    """Report an error that the user can correct in one line.

    The traceback goes to the run's ``log.txt``, and with ``--debug`` to the
    screen instead of that line.

    Arguments
    ---------
    passes_debug : bool, optional
        Whether the script's own parser accepts ``--debug``, as SpeechBrain's
        does.
    """
    name, debug = Path(sys.argv[0]).name, DEBUG in sys.argv
    if debug and not passes_debug:
        sys.argv.remove(DEBUG)
    try:
        yield
    except KeyboardInterrupt:
        print(f"{name}: {STOPPED_TEXT}", file=sys.stderr)
        sys.exit(STOPPED)
    except Exception as err:
        if debug or not (is_user_error(err) or _lost(err)):
            raise
        logger.debug("The error in full:", exc_info=True)
        print(f"{name}{_rank()}: {plain_text(err)}", file=sys.stderr)
        sys.exit(WRONG)


def _rank():
    """Return the rank of this process, unless it is the first."""
    rank = os.environ.get("RANK", "0")  # of torchrun
    return "" if rank == "0" else f" (rank {rank})"


def is_user_error(err: Exception) -> bool:
    """Whether an error is the user's, such as any in a hyperparameter file."""
    return isinstance(err, USER_ERRORS) or _in_settings(err)


def _lost(err):
    """Whether gloo misses another rank, which reports its own error."""
    several = "RANK" in os.environ
    return several and isinstance(err, RuntimeError) and PEER in str(err)


def _in_settings(err):
    """Whether an error was raised while hyperparameters were read."""
    modules = {
        frame.f_globals.get("__name__", "").partition(".")[0]
        for frame, _ in walk_tb(err.__traceback__)
    }
    return bool(modules & set(SETTINGS))


def plain_text(err: Exception) -> str:
    """Return the message of an error, without another process's traceback."""
    if isinstance(err, (KeyError, TypeError)):  # read from hyperparameters
        return ": ".join(map(str, err.args))
    text = error_text(err)
    if _lost(err):
        return "another rank has ended"
    if text.startswith(IN_WORKER):
        return text.strip().splitlines()[-1].partition(": ")[2]
    return text
