"""The audio files in a file: usually one, sometimes several, end to end.

``cat a.ogg b.ogg`` is a legal ogg, and mp3s are joined like that too.
libsndfile reads the first part alone, or nothing. A part is opened through a
view of its bytes in the whole.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

import soundfile

from mtqnet_brain.audio.container_lengths import (
    LENGTHS,
    end_of_w64,
    next_starts,
    unknown_size,
)
from mtqnet_brain.audio.flac_frames import understated_length, unknown_length
from mtqnet_brain.audio.mp3_frames import find_streams
from mtqnet_brain.audio.ogg_pages import find_starts, search

_FLAC_START = re.compile(rb"fLaC[\0\x80]\0\0\x22")


@dataclass
class Part:
    """One of the audio files in a file.

    Arguments
    ---------
    descriptor : int
        Descriptor of the open file.
    start, stop : int
        First byte of the part, and the one after its last.
    patch : dict of int to bytes
        Bytes that are read instead of the file's own, by their offset.
    is_endless : bool
        Whether its end is hidden from libsndfile, which would stop at an
        estimate: for an mp3 that does not state its length.
    n_held, n_promised : int, optional
        Samples, where they were counted: in such an mp3, a truncated one, and
        one whose header promises too few, as a flac's may.
    """

    descriptor: int
    start: int
    stop: int
    patch: dict[int, bytes] = field(default_factory=dict)
    is_endless: bool = False
    n_held: int | None = None
    n_promised: int = 0

    def open(self) -> soundfile.SoundFile:
        """Open the part for reading."""
        size = os.fstat(self.descriptor).st_size
        whole = (self.start, self.stop) == (0, size)
        if whole and not self.patch and not self.is_endless:
            os.lseek(self.descriptor, 0, os.SEEK_SET)
            return soundfile.SoundFile(self.descriptor, closefd=False)
        return soundfile.SoundFile(_View(self))


class _View:
    """The bytes of a part as a file for libsndfile."""

    def __init__(self, part: Part) -> None:
        self.part, self.position = part, 0
        self.size = part.stop - part.start
        self.asked_for_end = False

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move; a hidden end lies at infinity."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self.position}
        self.position = base.get(whence, self.size) + offset
        self.asked_for_end = whence == os.SEEK_END and offset == 0
        return self.tell()

    def tell(self) -> int:
        """Return the offset; a hidden end is reported at infinity.

        Otherwise libsndfile ends an mp3 where it estimates the end.
        """
        if self.part.is_endless and self.asked_for_end:
            return (1 << 63) - 1
        return self.position

    def readinto(self, buffer: memoryview) -> int:
        """Fill a buffer; return the number of bytes."""
        self.asked_for_end = False
        n_bytes = max(0, min(len(buffer), self.size - self.position))
        offset = self.part.start + self.position
        content = os.pread(self.part.descriptor, n_bytes, offset)
        for at, patch in self.part.patch.items():
            content = _overlay(content, patch, at - offset)
        buffer[: len(content)] = content
        self.position += len(content)
        return len(content)


def _overlay(content: bytes, patch: bytes, at: int) -> bytes:
    """Replace the bytes of the content at an offset with those of a patch."""
    if at <= -len(patch) or at >= len(content):
        return content
    patch = patch[max(0, -at) : len(content) - at]
    at = max(0, at)
    return content[:at] + patch + content[at + len(patch) :]


def find_parts(descriptor: int, thorough: bool) -> list[Part]:
    """Find the audio files in a file, at least one.

    Arguments
    ---------
    descriptor : int
        Descriptor of the open file.
    thorough : bool
        Whether a flac is searched: its header does not tell where it ends.
    """
    size = os.fstat(descriptor).st_size
    magic = os.pread(descriptor, 12, 0)
    if magic[:4] == b"OggS":
        return _cut(descriptor, size, find_starts(descriptor))
    if magic[:4] == b"fLaC":
        return _flac_parts(descriptor, size, thorough)
    if magic[:4] in LENGTHS:
        return _container_parts(descriptor, size, magic[:4])
    parts: list[Part] = []
    if magic[:1] == b"\xff" or _is_tagged_mp3(descriptor, magic, size):
        parts = _mp3_parts(descriptor, size)
    return parts or [Part(descriptor, 0, size)]


def _cut(descriptor: int, size: int, starts: list[int]) -> list[Part]:
    """Return the parts that begin at the starts, the first one at 0."""
    edges = [0, *starts[1:], size]
    return [Part(descriptor, *edge) for edge in zip(edges, edges[1:])]


def _flac_parts(descriptor: int, size: int, thorough: bool) -> list[Part]:
    """Return the files in a flac, headers with too few samples corrected."""
    whole = [Part(descriptor, 0, size)]
    if not thorough and not understated_length(descriptor, 0, size):
        return whole
    starts = search(descriptor, _FLAC_START)
    parts = _cut(descriptor, size, [offset for offset, _ in starts])
    for part in parts:
        span = part.start, part.stop
        part.n_promised = understated_length(descriptor, *span)
        if part.n_promised:
            part.patch = unknown_length(descriptor, part.start)
    return parts


def _container_parts(descriptor: int, size: int, magic: bytes) -> list[Part]:
    """Return parts whose headers state their lengths."""
    starts = next_starts(descriptor, size, magic)
    parts = _cut(descriptor, size, starts)
    for part in parts:
        if magic == b"RIFF":
            part.patch = unknown_size(descriptor, part.start, part.stop)
        if magic == b"riff":
            part.stop = end_of_w64(descriptor, part.start, part.stop)
    return parts


def _is_tagged_mp3(descriptor: int, magic: bytes, size: int) -> bool:
    """Whether a file that begins with a tag is an mp3, not a flac."""
    if magic[:3] != b"ID3":
        return False
    with Part(descriptor, 0, size).open() as file:
        return file.format == "MP3"


def _mp3_parts(descriptor: int, size: int) -> list[Part]:
    """Return the streams of an mp3 as parts; none if it is not an mp3."""
    parts: list[Part] = []
    for stream in find_streams(descriptor, size):
        start = stream.start if parts else 0
        part = Part(descriptor, start, stream.stop)
        part.is_endless = not stream.promised
        if stream.is_cut or stream.is_understated or part.is_endless:
            part.n_held = stream.n_samples
        if stream.is_cut or stream.is_understated:
            part.n_promised = stream.n_promised
        if stream.is_understated:
            part.patch = stream.true_count
        parts.append(part)
    if parts:
        parts[-1].stop = size
    return parts
