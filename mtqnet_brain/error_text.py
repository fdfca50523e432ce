"""What errors of the operating system say to a user.

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
    errno.EEXIST: "is there already and is no folder; give another path",
    errno.EACCES: "no permission; allow it (chmod) or give another path",
    errno.EPERM: "is not permitted; give another path",
    errno.EROFS: "lies on a read-only file system; give another path",
    errno.ENOSPC: "the disk is full; free some space and run it again",
    errno.EDQUOT: "the disk quota is used up; free some space, run it again",
    errno.ENAMETOOLONG: "the name is too long; give a shorter one",
    errno.EBADF: "the output is closed; leave it open or send it to a file",
    errno.ELOOP: "its links lead in a circle; give another path",
}


def error_text(err):
    """Return what an error says: of a file, its name and the remedy.

    Arguments
    ---------
    err : Exception
        An ``OSError`` of the operating system says no more than a number and
        a reason; any other error says what it says.

    Returns
    -------
    str
        What would steer a terminal is escaped; line breaks stay.

    Example
    -------
    >>> error_text(FileNotFoundError(2, "No such file or directory", "a.csv"))
    'a.csv: no such file or folder; check the path'
    """
    text = str(err)
    named = getattr(err, "filename", None)
    if isinstance(named, (str, bytes, os.PathLike)) and err.errno in ADVICE:
        text = f"{os.fsdecode(named)}: {ADVICE[err.errno]}"
    elif text.startswith("[Errno") and err.errno in ADVICE:  # of a stream
        text = ADVICE[err.errno]
    return "".join(
        c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text
    )
