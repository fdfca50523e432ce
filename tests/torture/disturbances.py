"""What happens between a kill and the next try.

Authors
 * The mtqnet-brain developers 2026
"""

import shutil


def _some_clip(box):
    """Return a clip that is read early."""
    return box.cwd / "clips" / "clip00.wav"


def _empty(box):
    """Empty an input."""
    _some_clip(box).write_bytes(b"")


def _exchange(box):
    """Put another clip in the place of one."""
    path = _some_clip(box)
    shutil.copyfile(path.with_name("clip40.wav"), path)


def _line(new):
    """Return what puts something in a line's place."""

    def damage(content, rng):
        """Put it behind the settings."""
        lines = content.split(b"\n")
        lines[int(rng.integers(1, max(len(lines) - 1, 2)))] = new
        return b"\n".join(lines)

    return damage


def _cut(content, rng):
    """Cut the last line."""
    return content[: -int(rng.integers(1, 30))]


# Of the inputs of a box: the rows are to be those of the new inputs.
CHANGES = {"a clip is emptied": _empty, "a clip is exchanged": _exchange}
# Of the bytes that hold the rows so far.
DAMAGES = {
    "its last line is cut": _cut,
    "a line is damaged": _line(b'{"file": "x", nonsense'),
    "a line is no object": _line(b"[1, 2]"),
    "a line lacks its cells": _line(b'{"other": 1}'),
    "a line is no UTF-8": _line(b'{"file": "\xff\xfe'),
    "a line is deep": _line(b"[" * 100_000),
    "NULs follow": lambda content, rng: content + bytes(4096) + b"\n",
    "it is noise": lambda content, rng: rng.bytes(3000) + b"\n" + rng.bytes(9),
    "its settings are damaged": lambda content, rng: b"{\n" + content,
}


def disturb(long_run, box, then, rng):
    """Do what happens between a kill and the next try.

    Arguments
    ---------
    long_run : LongRun
        What was killed.
    box : Box
        Its folders.
    then : str
        Of `CHANGES` or `DAMAGES`; nothing else does anything.
    rng : np.random.Generator
        Of places.
    """
    if then in CHANGES:
        CHANGES[then](box)
    if then in DAMAGES:
        for path in box.output.glob(long_run.partial):
            path.write_bytes(DAMAGES[then](path.read_bytes(), rng))
    box.close()
