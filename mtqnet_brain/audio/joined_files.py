"""The audio files in a file: most often one, sometimes several, end to end.

``cat a.ogg b.ogg`` is a legal ogg, and mp3s are joined so too. libsndfile
reads the first part alone, or nothing. A part is opened through a view of the
bytes that it has in the whole.

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
        Of the open file.
    start, stop : int
        Its first byte and the one after its last.
    patch : dict of int to bytes
        What is read instead of the file's own bytes, by their place.
    is_endless : bool
        Whether its end is hidden from libsndfile, which would stop at an
        estimate of it: an mp3 that does not say how long it is.
    n_held, n_promised : int
        Samples, where they were counted: of such an mp3, a cut one, and one
        whose header promises too few, as a flac's may.
    """

    descriptor: int
    start: int
    stop: int
    patch: dict = field(default_factory=dict)
    is_endless: bool = False
    n_held: int = None
    n_promised: int = 0

    def open(self):
        """Return it as a new ``soundfile.SoundFile``."""
        size = os.fstat(self.descriptor).st_size
        whole = (self.start, self.stop) == (0, size)
        if whole and not self.patch and not self.is_endless:
            os.lseek(self.descriptor, 0, os.SEEK_SET)
            return soundfile.SoundFile(self.descriptor, closefd=False)
        return soundfile.SoundFile(_View(self))


class _View:
    """Bytes of a part as a file for libsndfile."""

    def __init__(self, part):
        self.part, self.position = part, 0
        self.size = part.stop - part.start
        self.asked_for_end = False

    def seek(self, offset, whence=os.SEEK_SET):
        """Move; an end that libsndfile may not know lies at infinity."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self.position}
        self.position = base.get(whence, self.size) + offset
        self.asked_for_end = whence == os.SEEK_END and offset == 0
        return self.tell()

    def tell(self):
        """Return the place; of the end, if asked for it, none that is real.

        Else libsndfile ends an mp3 where it believes the end to be.
        """
        if self.part.is_endless and self.asked_for_end:
            return (1 << 63) - 1
        return self.position

    def readinto(self, buffer):
        """Fill a buffer; return the number of bytes."""
        self.asked_for_end = False
        n_bytes = max(0, min(len(buffer), self.size - self.position))
        place = self.part.start + self.position
        content = os.pread(self.part.descriptor, n_bytes, place)
        for at, patch in self.part.patch.items():
            content = _overlay(content, patch, at - place)
        buffer[: len(content)] = content
        self.position += len(content)
        return len(content)


def _overlay(content, patch, at):
    """Put the bytes of a patch over those of the content at a place."""
    if at <= -len(patch) or at >= len(content):
        return content
    patch = patch[max(0, -at) : len(content) - at]
    at = max(0, at)
    return content[:at] + patch + content[at + len(patch) :]


def find_parts(descriptor: int, thorough: bool) -> list[Part]:
    """Find the audio files in a file.

    Arguments
    ---------
    descriptor : int
        Of the open file.
    thorough : bool
        Whether a flac is searched: only its bytes tell where it ends.

    Returns
    -------
    list of Part
        In order, at least one.
    """
    size = os.fstat(descriptor).st_size
    magic = os.pread(descriptor, 12, 0)
    if magic[:4] == b"OggS":
        return _cut(descriptor, size, find_starts(descriptor))
    if magic[:4] == b"fLaC":
        return _flac_parts(descriptor, size, thorough)
    if magic[:4] in LENGTHS:
        return _container_parts(descriptor, size, magic[:4])
    parts = []
    if magic[:1] == b"\xff" or _is_tagged_mp3(descriptor, magic, size):
        parts = _mp3_parts(descriptor, size)
    return parts or [Part(descriptor, 0, size)]


def _cut(descriptor, size, starts):
    """Return parts that begin at the starts; the first one begins at 0."""
    edges = [0, *starts[1:], size]
    return [Part(descriptor, *edge) for edge in zip(edges, edges[1:])]


def _flac_parts(descriptor, size, thorough):
    """Return the files in a flac; where a header tells too few, corrected."""
    whole = [Part(descriptor, 0, size)]
    if not thorough and not understated_length(descriptor, 0, size):
        return whole
    starts = search(descriptor, _FLAC_START)
    parts = _cut(descriptor, size, [place for place, _ in starts])
    for part in parts:
        place = part.start, part.stop
        part.n_promised = understated_length(descriptor, *place)
        if part.n_promised:
            part.patch = unknown_length(descriptor, part.start)
    return parts


def _container_parts(descriptor, size, magic):
    """Return parts whose lengths stand in their headers."""
    starts = next_starts(descriptor, size, magic)
    parts = _cut(descriptor, size, starts)
    for part in parts:
        if magic == b"RIFF":
            part.patch = unknown_size(descriptor, part.start, part.stop)
        if magic == b"riff":
            part.stop = end_of_w64(descriptor, part.start, part.stop)
    return parts


def _is_tagged_mp3(descriptor, magic, size):
    """Whether a file with a tag in front, as a flac may have, is an mp3."""
    if magic[:3] != b"ID3":
        return False
    with Part(descriptor, 0, size).open() as file:
        return file.format == "MP3"


def _mp3_parts(descriptor, size):
    """Return the streams of an mp3 as parts; none if it is no mp3."""
    parts = []
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
