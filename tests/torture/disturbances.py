"""Changes of inputs and damage of partial files between two tries.

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
    """Replace a clip by another one."""
    path = _some_clip(box)
    shutil.copyfile(path.with_name("clip40.wav"), path)


def _line(new):
    """Return a change that replaces a line."""

    def damage(content, rng):
        """Replace a line after the settings."""
        lines = content.split(b"\n")
        lines[int(rng.integers(1, max(len(lines) - 1, 2)))] = new
        return b"\n".join(lines)

    return damage


def _cut(content, rng):
    """Cut the last line."""
    return content[: -int(rng.integers(1, 30))]


# Changes of a box's inputs: the rows must be those of the new inputs.
CHANGES = {"a clip is emptied": _empty, "a clip is exchanged": _exchange}
# Damages of the file that holds the rows so far.
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
    """Apply one of `CHANGES` or `DAMAGES`, or nothing, after a kill.

    Arguments
    ---------
    long_run : LongRun
        The command that was killed.
    box : Box
        Its folders.
    then : str
        Name of the change or the damage; others do nothing.
    rng : np.random.Generator
        Draws positions.
    """
    if then in CHANGES:
        CHANGES[then](box)
    if then in DAMAGES:
        for path in box.output.glob(long_run.partial):
            path.write_bytes(DAMAGES[then](path.read_bytes(), rng))
    box.close()
