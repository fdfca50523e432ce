"""Lengths of audio files as their headers state them, right or wrong.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import struct
from collections.abc import Callable, Iterator

W64_HEADER = 104
MAX_CHUNKS = 1000  # read at most; a file made of chunks would take hours


def next_starts(descriptor: int, size: int, magic: bytes) -> list[int]:
    """Return where files begin that are joined end to end, the first at 0.

    ``magic`` is the first four bytes, a key of `LENGTHS`.
    """
    starts = [0]
    while True:
        end = starts[-1] + LENGTHS[magic](descriptor, starts[-1])
        # A byte of padding may be missing, or not counted.
        following = [
            offset
            for offset in (end, end + 1, end - 1)
            if starts[-1] + 12 < offset < size - 12
            and os.pread(descriptor, 4, offset) == magic
        ]
        if not following:
            return starts
        starts.append(following[0])


def _number(code: str, offset: int, more: int = 0) -> Callable[[int, int], int]:
    """Return a function that reads a length from a header."""

    def read(descriptor: int, start: int) -> int:
        """Return the length of the file that starts at a byte."""
        n_bytes = struct.calcsize(code)
        content = os.pread(descriptor, n_bytes, start + offset)
        if len(content) < n_bytes:
            return 0
        return sum(struct.unpack(code, content)) + more

    return read


def _caf_length(descriptor: int, start: int) -> int:
    """Return the sum of the lengths of a caf's chunks."""
    offset = start + 8
    for _ in range(MAX_CHUNKS):
        head = os.pread(descriptor, 12, offset)
        kind, n_bytes = struct.unpack(">4sq", head.ljust(12, b"\xff"))
        if kind == b"caff" or n_bytes < 0:
            break
        offset += 12 + n_bytes
    return offset - start


# By the first four bytes: the length of the file that starts at a byte.
LENGTHS: dict[bytes, Callable[[int, int], int]] = {
    b"RIFF": _number("<I", 4, 8),
    b"RF64": _number("<Q", 20, 8),
    b"FORM": _number(">I", 4, 8),
    b".snd": _number(">II", 4),
    b"riff": _number("<Q", 16),
    b"caff": _caf_length,
}


def end_of_w64(descriptor: int, start: int, stop: int) -> int:
    """Return the end of a w64 that lies between two offsets.

    libsndfile takes what follows for sound. A length shorter than a header
    was unknown to the writer.
    """
    length = LENGTHS[b"riff"](descriptor, start)
    return min(stop, start + length) if length > W64_HEADER else stop


def unknown_size(descriptor: int, start: int, stop: int) -> dict[int, bytes]:
    """Return the true length of the samples of a wav whose header gives 0.

    soundfile, Python's wave and others write 0 into a pipe. Chunks after the
    samples that end with the file are not samples.

    Returns
    -------
    dict of int to bytes
        Corrected bytes by their offset; empty if the length is right.
    """
    for kind, n_bytes, offset in _chunks(descriptor, start + 12, stop):
        if kind == b"data":
            rest = stop - offset
            if n_bytes or not rest or _holds_chunks(descriptor, offset, stop):
                return {}
            return {offset - 4: struct.pack("<I", min(rest, 0xFFFFFFFF))}
    return {}


def _holds_chunks(descriptor: int, offset: int, stop: int) -> bool:
    """Whether there are only chunks from an offset to the end."""
    for kind, n_bytes, start in _chunks(descriptor, offset, stop):
        if not (kind.isascii() and kind.decode("ascii").isprintable()):
            return False
        offset = start + n_bytes
    return offset in (stop, stop - 1)


def _chunks(
    descriptor: int, offset: int, stop: int
) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, length and offset of the chunks of a wav."""
    for _ in range(MAX_CHUNKS):
        if offset + 8 > stop:
            return
        head = os.pread(descriptor, 8, offset)
        if len(head) < 8:
            return
        kind, n_bytes = struct.unpack("<4sI", head)
        yield kind, n_bytes, offset + 8
        offset += 8 + n_bytes + n_bytes % 2
