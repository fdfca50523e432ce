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
    """Find where files begin that are joined end to end.

    Arguments
    ---------
    descriptor : int
        Descriptor of the open file.
    size : int
        Its size in bytes.
    magic : bytes
        Its first four bytes, a key of `LENGTHS`.

    Returns
    -------
    list of int
        First byte of each file, beginning with 0.
    """
    starts = [0]
    while True:
        end = starts[-1] + LENGTHS[magic](descriptor, starts[-1])
        # A byte of padding may be missing, or not counted.
        following = [
            place
            for place in (end, end + 1, end - 1)
            if starts[-1] + 12 < place < size - 12
            and os.pread(descriptor, 4, place) == magic
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
    place = start + 8
    for _ in range(MAX_CHUNKS):
        head = os.pread(descriptor, 12, place)
        kind, n_bytes = struct.unpack(">4sq", head.ljust(12, b"\xff"))
        if kind == b"caff" or n_bytes < 0:
            break
        place += 12 + n_bytes
    return place - start


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
    """Find the end of a w64; libsndfile takes what follows for sound.

    Arguments
    ---------
    descriptor : int
        Descriptor of the open file.
    start, stop : int
        First byte of the w64, and the one after the last that exists.

    Returns
    -------
    int
        The byte after the last of the w64. A length shorter than a header
        was unknown to the writer.
    """
    length = LENGTHS[b"riff"](descriptor, start)
    return min(stop, start + length) if length > W64_HEADER else stop


def unknown_size(descriptor: int, start: int, stop: int) -> dict[int, bytes]:
    """Find the true length of the samples of a wav whose header says 0.

    soundfile, Python's wave and others write 0 into a pipe. Chunks after the
    samples that end with the file are not samples.

    Arguments
    ---------
    descriptor : int
        Descriptor of the open file.
    start, stop : int
        First byte of the wav, and the one after its last.

    Returns
    -------
    dict of int to bytes
        Corrected bytes by their place; empty if the length is right.
    """
    for kind, n_bytes, place in _chunks(descriptor, start + 12, stop):
        if kind == b"data":
            rest = stop - place
            if n_bytes or not rest or _holds_chunks(descriptor, place, stop):
                return {}
            return {place - 4: struct.pack("<I", min(rest, 0xFFFFFFFF))}
    return {}


def _holds_chunks(descriptor: int, place: int, stop: int) -> bool:
    """Whether there are only chunks from a place to the end."""
    for kind, n_bytes, start in _chunks(descriptor, place, stop):
        if not (kind.isascii() and kind.decode("ascii").isprintable()):
            return False
        place = start + n_bytes
    return place in (stop, stop - 1)


def _chunks(
    descriptor: int, place: int, stop: int
) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, length and place of the chunks of a wav."""
    for _ in range(MAX_CHUNKS):
        if place + 8 > stop:
            return
        head = os.pread(descriptor, 8, place)
        if len(head) < 8:
            return
        kind, n_bytes = struct.unpack("<4sI", head)
        yield kind, n_bytes, place + 8
        place += 8 + n_bytes + n_bytes % 2
