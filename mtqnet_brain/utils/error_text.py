"""Errors of the operating system in words that help a user.

Authors
 * The mtqnet-brain developers 2026
"""

import errno
import os

# By number: what is wrong, and what to do.
ADVICE = {
    errno.ENOENT: "no such file or folder; check the path",
    errno.EISDIR: "is a folder; give the path of a file",
    errno.ENOTDIR: "a part of this path is a file, not a folder; check it",
    errno.EEXIST: "exists already and is not a folder; give another path",
    errno.EACCES: "no permission; allow it (chmod) or give another path",
    errno.EPERM: "not permitted; give another path",
    errno.EROFS: "on a read-only file system; give another path",
    errno.ENOSPC: "the disk is full; free some space and run it again",
    errno.EDQUOT: "the disk quota is used up; free some space, run it again",
    errno.ENAMETOOLONG: "the name is too long; give a shorter one",
    errno.EBADF: "the output is closed; keep it open or write to a file",
    errno.ELOOP: "its links form a circle; give another path",
}


def one_line(text: object) -> str:
    """Return a text, or the message of an error, in one line."""
    return " ".join(str(text).split())


def reason_of(err: Exception, path: str | bytes | os.PathLike) -> str:
    """Return the message of an error without the path that it begins with."""
    return str(err).removeprefix(f"{os.fsdecode(path)}: ")


def error_text(err: Exception) -> str:
    """Return the message of an error, with a remedy where a file is at fault.

    Control characters are escaped, except line breaks.

    Example
    -------
    >>> error_text(FileNotFoundError(2, "No such file or directory", "a.csv"))
    'a.csv: no such file or folder; check the path'
    """
    text = str(err)
    advice = ADVICE.get(getattr(err, "errno", None) or 0)
    named = getattr(err, "filename", None)
    if advice and isinstance(named, (str, bytes, os.PathLike)):
        text = f"{os.fsdecode(named)}: {advice}"
    elif advice and text.startswith("[Errno"):  # of a stream
        text = advice
    return "".join(
        c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text
    )
