"""Outputs of long commands: checked before the work, one writer at a time.

Authors
 * The mtqnet-brain developers 2026
"""

import errno
import fcntl
import os
import stat
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mtqnet_brain.utils.error_text import ADVICE

LOCK = ".lock"
# Suffixes of the files next to an output while it is written.
BESIDE = (LOCK, ".partial", ".partial.fresh", ".whole")
# What file systems without locks answer.
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)

# By the real path of a lock: the thread of this process that holds it.
_held: dict[str, int] = {}


@contextmanager
def claim_output(
    output: str | Path, inputs: Iterable[str | Path] = ()
) -> Iterator[None]:
    """Check that an output can be written, and keep other writers away.

    The operating system holds the lock, on ``OUTPUT.lock``: it ends with the
    process, however that ends. A thread may claim again what it has claimed.

    Arguments
    ---------
    output : str or Path
        File to write; its folder is made.
    inputs : iterable of str or Path
        Files that the command reads; none of them may be the output.

    Raises
    ------
    ValueError
        If the output is a folder, a device or one of the inputs, or if
        another command is writing it.
    OSError
        If its folder cannot be written.
    """
    check_output(output, inputs)
    path = f"{os.path.realpath(output)}{LOCK}"
    if _held.get(path) == threading.get_ident():
        yield
        return
    lock = _lock(path, output)
    _held[path] = threading.get_ident()
    try:
        yield
    finally:
        del _held[path]
        # Before it is released: a command that waits sees that it is gone.
        # A user may have removed it already, which is no reason to fail now.
        Path(path).unlink(missing_ok=True)
        os.close(lock)


def target_of(output: str | Path) -> Path:
    """Return the file that an output leads to, links resolved.

    A rename onto a link would replace the link. Only for names that a user
    gives: a link under a name of ours, in a folder that may be somebody
    else's, is not followed.
    """
    is_link = os.path.islink(output)
    return Path(os.path.realpath(output) if is_link else output)


def check_output(output: str | Path, inputs: Iterable[str | Path] = ()) -> None:
    """Refuse an output that could not be written when the work is done.

    Raises
    ------
    ValueError
        If the output is a folder, a device or one of the inputs.
    """
    _check_kind(output)
    for suffix in ("", *BESIDE):
        try:
            there = os.stat(f"{target_of(output)}{suffix}")
        except FileNotFoundError:
            continue
        for path in inputs:
            if _is_that_file(path, there):
                raise ValueError(
                    f"output {output}: is read by this command ({path}), "
                    "itself or as a temporary file; give another name"
                )


def _check_kind(output):
    """Refuse an output that exists and is not a file."""
    try:
        there = os.stat(output)
    except FileNotFoundError:
        return
    except NotADirectoryError as err:
        raise ValueError(f"output {output}: its folder is a file") from err
    if stat.S_ISDIR(there.st_mode):
        raise ValueError(f"output {output}: a folder, need the name of a file")
    if not stat.S_ISREG(there.st_mode):
        raise ValueError(f"output {output}: not a regular file")


def _is_that_file(path, there):
    """Whether a path leads to the file with these attributes."""
    try:
        return os.path.samestat(os.stat(path), there)
    except (OSError, ValueError):  # it is missed where it is read
        return False


def _lock(path, output):
    """Return the descriptor of a locked file; refuse one that is in use."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        while True:
            # A link could make us empty somebody else's file.
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
            lock = os.open(path, flags, 0o666)
            if _take(lock, output) and _is_that_file(path, os.fstat(lock)):
                os.ftruncate(lock, 0)
                os.write(lock, str(os.getpid()).encode())
                return lock
            os.close(lock)  # its holder has just removed it
    except OSError as err:
        reason = ADVICE.get(err.errno or 0) or err.strerror or err
        folder = Path(output).parent
        raise type(err)(
            f"output {output}: cannot be written into {folder}: {reason}"
        ) from err


def _take(lock, output):
    """Lock a file or name its holder; True also where locks do not exist."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as err:
        holder = os.read(lock, 20).decode(errors="replace")
        os.close(lock)
        raise ValueError(
            f"output {output}: another command is writing it (process "
            f"{holder or 'unknown'}); wait until it ends or give another output"
        ) from err
    except OSError as err:
        if err.errno not in NO_LOCKS:
            raise
        print(
            f"output {output}: this file system has no locks ({err.strerror});"
            " do not start a second command with this output",
            file=sys.stderr,
        )
    return True
