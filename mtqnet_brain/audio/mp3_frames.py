"""Counts the frames of an mp3, whose header states an estimate.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

CHUNK = 1 << 16
MAX_JUNK = 1 << 20  # bytes between frames
HEAD = 48  # bytes of a frame up to the number of frames in a Xing header
SLACK = 2  # frames that encoders count or do not count
# kbit/s by index 1 to 14, of MPEG 1 layers 1 to 3, MPEG 2 layer 1 and others.
_RATES = {
    (1, 1): range(32, 449, 32),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES[2, 3] = _RATES[2, 2]
_HERTZ = (44100, 48000, 32000)


class Frame(NamedTuple):
    """Bytes, samples and rate of a frame; the offset of a Xing header."""

    n_bytes: int
    n_samples: int
    rate: int
    is_mono: bool
    xing: int


@dataclass
class Stream:
    """Frames of one encoder run.

    Arguments
    ---------
    start, stop : int
        First byte of the stream, and the one after its last.
    frame : Frame
        The first frame.
    n_frames : int
        Frames that the file holds, without that of the Xing header.
    promised : int
        Frames by the Xing header, 0 without one.
    end : int, optional
        Offset after as many frames as are promised.
    goes_on : bool
        Whether the frame at that offset builds on those before it, so that the
        header promises too few.
    """

    start: int
    stop: int
    frame: Frame
    n_frames: int = 0
    promised: int = 0
    end: int | None = None
    goes_on: bool = False

    @property
    def n_samples(self) -> int:
        """Samples per channel that the file holds."""
        return self.n_frames * self.frame.n_samples

    @property
    def n_promised(self) -> int:
        """Samples per channel by the Xing header, padding included."""
        return self.promised * self.frame.n_samples

    @property
    def is_cut(self) -> bool:
        """Whether frames are missing."""
        return self.n_frames < self.promised - SLACK

    @property
    def is_understated(self) -> bool:
        """Whether there are more frames than promised, all of one stream."""
        return self.goes_on and self.n_frames > self.promised + SLACK

    @property
    def true_count(self) -> dict[int, bytes]:
        """The number of frames for the Xing header, by its offset."""
        offset = self.start + self.frame.xing + 8
        return {offset: struct.pack(">I", self.n_frames)}


def find_streams(descriptor: int, size: int) -> list[Stream]:
    """Find the streams of an mp3 and count their frames.

    A stream begins with a Xing header, where rate or channels change, or
    after the last frame that such a header promises, if the next one can be
    a first one.
    """
    streams: list[Stream] = []
    stream: Stream | None = None
    for offset, frame, head in _frames(descriptor, size):
        promised = _xing_frames(frame, head)
        if stream is None or promised is not None or not _fits(frame, stream):
            stream = Stream(offset, offset, frame, promised=promised or 0)
            streams.append(stream)
        if stream.end == offset:
            stream.goes_on = _builds_on_others(head)
        if promised is None:
            stream.n_frames += 1
        stream.stop = offset + frame.n_bytes
        if stream.n_frames == stream.promised:
            stream.end = stream.stop
    return [part for stream in streams for part in _split(stream)]


def _fits(frame: Frame, stream: Stream) -> bool:
    """Whether a frame has the rate and channels of a stream."""
    wanted = stream.frame
    return (frame.rate, frame.is_mono) == (wanted.rate, wanted.is_mono)


def _builds_on_others(head: bytes) -> bool:
    """Whether a frame of layer 3 has bytes in frames before it.

    The first frame of an encoder has none.
    """
    if 4 - (head[1] >> 1 & 3) != 3:
        return False
    side = 4 if head[1] & 1 else 6  # after a checksum
    n_bits = 9 if head[1] >> 3 & 3 == 3 else 8  # MPEG 1, else 2 and 2.5
    both = int.from_bytes(head[side : side + 2], "big")
    return both >> 16 - n_bits > 0


def _split(stream: Stream) -> list[Stream]:
    """Split a stream after the frames that it promises."""
    n_more = stream.n_frames - stream.promised
    is_whole = not stream.promised or n_more <= SLACK or stream.goes_on
    if is_whole or stream.end is None:
        return [stream]
    rest = Stream(stream.end, stream.stop, stream.frame, n_more)
    stream.n_frames, stream.stop = stream.promised, stream.end
    return [stream, rest]


def _frames(descriptor: int, size: int) -> Iterator[tuple[int, Frame, bytes]]:
    """Yield offset, frame and first bytes of every frame."""
    offset: int | None = 0
    base, chunk = 0, b""
    while offset is not None and offset + 4 <= size:
        at = offset - base
        if at + HEAD > len(chunk) and base + len(chunk) < size or at < 0:
            base, at = offset, 0
            chunk = os.pread(descriptor, CHUNK, base)
        head = chunk[at : at + HEAD]
        frame = parse_frame(head[1:4]) if head[:1] == b"\xff" else None
        if frame is None:
            offset = _skip(descriptor, offset, head)
            continue
        yield offset, frame, head
        offset += frame.n_bytes


@lru_cache(maxsize=4096)
def parse_frame(header: bytes) -> Frame | None:
    """Read the header of a frame; None if it is not one.

    Arguments
    ---------
    header : bytes
        The three bytes after the first one, 255.
    """
    if len(header) < 3 or header[0] < 0xE0:
        return None
    version, layer = header[0] >> 3 & 3, 4 - (header[0] >> 1 & 3)
    index, hertz = header[1] >> 4, header[1] >> 2 & 3
    if version == 1 or layer == 4 or index in (0, 15) or hertz == 3:
        return None
    is_one = version == 3
    rate = _HERTZ[hertz] // {3: 1, 2: 2, 0: 4}[version]
    bits = 1000 * _RATES[1 if is_one else 2, layer][index - 1]
    n_samples = (384, 1152, 1152 if is_one else 576)[layer - 1]
    padding = header[1] >> 1 & 1
    n_bytes = n_samples // 8 * bits // rate + padding
    if layer == 1:
        n_bytes = (12 * bits // rate + padding) * 4
    is_mono = header[2] >> 6 == 3
    side = {(True, False): 32, (False, True): 9}.get((is_one, is_mono), 17)
    return Frame(n_bytes, n_samples, rate, is_mono, 4 + side)


def _xing_frames(frame: Frame, head: bytes) -> int | None:
    """Return the frames by a Xing header, 0 if not stated; None without."""
    if head[frame.xing : frame.xing + 4] not in (b"Xing", b"Info"):
        return None
    if len(head) < frame.xing + 12:
        return 0
    flags, n_frames = struct.unpack_from(">II", head, frame.xing + 4)
    return n_frames if flags & 1 else 0


def _skip(descriptor: int, offset: int, head: bytes) -> int | None:
    """Return the offset after a tag, or of the next frame; None at the end."""
    if head[:3] == b"ID3" and len(head) >= 10:
        size = 0
        for digit in head[6:10]:
            size = size << 7 | digit & 127
        return offset + 10 + size
    if head[:8] == b"APETAGEX" and len(head) >= 32:
        return offset + 32 + struct.unpack_from("<I", head, 12)[0]
    if head[:3] == b"TAG":
        return offset + 128
    return _next_frame(descriptor, offset + 1)


def _next_frame(descriptor: int, offset: int) -> int | None:
    """Return the offset of the next frame that another one follows, or None."""
    for _ in range(MAX_JUNK // CHUNK):
        chunk = os.pread(descriptor, CHUNK + 3, offset)
        at = chunk.find(b"\xff")
        while 0 <= at < CHUNK:
            frame = parse_frame(chunk[at + 1 : at + 4])
            if frame is not None:
                after = os.pread(descriptor, 4, offset + at + frame.n_bytes)
                if after[:1] == b"\xff" and parse_frame(after[1:]):
                    return offset + at
            at = chunk.find(b"\xff", at + 1)
        offset += CHUNK
    return None
