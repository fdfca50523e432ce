"""The pages of an ogg: where streams begin, and whether one has ended.

Source: RFC 3533, "The Ogg Encapsulation Format Version 0", section 6.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import re
from collections.abc import Iterator

CHUNK = 1 << 20
# A page that begins a stream, with the first bytes of that stream.
_START = re.compile(
    rb"OggS\0[\x02\x06].{12}\0{4}.{4}\x01(.)"
    rb"(?:\x01vorbis|OpusHead|\x7fFLAC|Speex   )",
    re.S,
)
_LAST = re.compile(rb"OggS\0[\x04-\x07]")
_ONE_SEGMENT = 28  # bytes before the content of a page of one segment
_HEADER = 27  # bytes before the lengths of the segments
_SERIAL = slice(14, 18)
_LONGEST_MATCH = 64


def find_starts(descriptor: int) -> list[int]:
    """Return where streams begin that do not run parallel to the one before."""
    starts, beside = [], -1
    for offset, match in search(descriptor, _START):
        if offset != beside:
            starts.append(offset)
        beside = offset + _ONE_SEGMENT + match[1][0]
    return starts


def has_last_page(descriptor: int, start: int, stop: int) -> bool:
    """Whether the last page of a stream exists and is whole.

    If several streams run side by side, the first one counts. libsndfile
    calls an ogg truncated if anything follows its last page.
    """
    serial = os.pread(descriptor, _HEADER, start)[_SERIAL]
    for offset, _ in search(descriptor, _LAST, start, stop):
        header = os.pread(descriptor, _HEADER + 255, offset)
        if len(header) < _HEADER or header[_SERIAL] != serial:
            continue
        sizes = header[_HEADER : _HEADER + header[_HEADER - 1]]
        if offset + _HEADER + len(sizes) + sum(sizes) <= stop:
            return True
    return False


def search(
    descriptor: int,
    pattern: re.Pattern[bytes],
    start: int = 0,
    stop: int | None = None,
) -> Iterator[tuple[int, re.Match[bytes]]]:
    """Yield the offset and the match of a pattern of at most 64 bytes."""
    found: dict[int, re.Match[bytes]] = {}
    before, offset = b"", start
    while chunk := os.pread(descriptor, _n_bytes(offset, stop), offset):
        text = before + chunk
        for match in pattern.finditer(text):
            found.setdefault(offset - len(before) + match.start(), match)
        before = text[-_LONGEST_MATCH:]
        offset += len(chunk)
    yield from sorted(found.items())


def _n_bytes(offset: int, stop: int | None) -> int:
    """Return how many bytes to read from an offset on."""
    return CHUNK if stop is None else max(0, min(CHUNK, stop - offset))
