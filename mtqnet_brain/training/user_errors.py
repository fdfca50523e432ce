"""How a recipe ends whose user has typed something wrong.

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

# What the library raises where the user's input is wrong.
USER_ERRORS = (ValueError, OSError, ImportError)
# What reads hyperparameter files and makes what they name.
SETTINGS = ("hyperpyyaml", "ruamel", "yaml")
PEER = "by peer"  # closed or reset is the connection
IN_WORKER = "Caught "  # begins the error of a DataLoader's worker
DEBUG = "--debug"


@contextmanager
def plain_errors(passes_debug: bool = False) -> Iterator[None]:
    """End the script in one line where the user can mend what is wrong.

    The traceback goes to the run's ``log.txt``, and with ``--debug`` to the
    screen instead of that line.

    Arguments
    ---------
    passes_debug : bool
        Whether the script's own parser takes ``--debug``, as SpeechBrain's
        does.

    Yields
    ------
    None
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
        if debug or not (users_own(err) or _lost(err)):
            raise
        logger.debug("The error in full:", exc_info=True)
        print(f"{name}{_rank()}: {plain_text(err)}", file=sys.stderr)
        sys.exit(WRONG)


def _rank():
    """Return which of several processes speaks, unless it is the first."""
    rank = os.environ.get("RANK", "0")  # of torchrun
    return "" if rank == "0" else f" (rank {rank})"


def users_own(err: Exception) -> bool:
    """Tell whether an error is the user's, not a fault of the code.

    Arguments
    ---------
    err : Exception
        With its traceback.

    Returns
    -------
    bool
        True for any that hyperparameters raise when they are read.
    """
    return isinstance(err, USER_ERRORS) or _in_settings(err)


def _lost(err):
    """Tell whether gloo misses a rank, which says by itself why it ended."""
    several = "RANK" in os.environ
    return several and isinstance(err, RuntimeError) and PEER in str(err)


def _in_settings(err):
    """Tell whether an error comes from reading the hyperparameters."""
    modules = {
        frame.f_globals.get("__name__", "").partition(".")[0]
        for frame, _ in walk_tb(err.__traceback__)
    }
    return bool(modules & set(SETTINGS))


def plain_text(err: Exception) -> str:
    """Return what an error says, without the traceback of another process.

    Arguments
    ---------
    err : Exception
        Of the user.

    Returns
    -------
    str
        As short as it can be.
    """
    if isinstance(err, (KeyError, TypeError)):  # read from hyperparameters
        return ": ".join(map(str, err.args))
    text = error_text(err)
    if _lost(err):
        return "another rank has ended"
    if text.startswith(IN_WORKER):
        return text.strip().splitlines()[-1].partition(": ")[2]
    return text
