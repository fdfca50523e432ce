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
    """Return where streams begin that do not run beside the one before."""
    starts, beside = [], -1
    for place, match in search(descriptor, _START):
        if place != beside:
            starts.append(place)
        beside = place + _ONE_SEGMENT + match[1][0]
    return starts


def has_last_page(descriptor: int, start: int, stop: int) -> bool:
    """Whether a stream's last page is there and whole.

    libsndfile calls an ogg cut if anything follows that page.

    Arguments
    ---------
    descriptor : int
        Of the open file.
    start, stop : int
        First byte of the stream, and the one after its last.

    Returns
    -------
    bool
        Of the stream that begins first, where several run side by side.
    """
    serial = os.pread(descriptor, _HEADER, start)[_SERIAL]
    for place, _ in search(descriptor, _LAST, start, stop):
        header = os.pread(descriptor, _HEADER + 255, place)
        if len(header) < _HEADER or header[_SERIAL] != serial:
            continue
        sizes = header[_HEADER : _HEADER + header[_HEADER - 1]]
        if place + _HEADER + len(sizes) + sum(sizes) <= stop:
            return True
    return False


def search(
    descriptor: int,
    pattern: re.Pattern[bytes],
    start: int = 0,
    stop: int | None = None,
) -> Iterator[tuple[int, re.Match[bytes]]]:
    """Yield the place and the match of every start, chunk by chunk.

    Arguments
    ---------
    descriptor : int
        Of the open file.
    pattern : re.Pattern
        Matches at most 64 bytes.
    start, stop : int
        Bytes to search. Default: all.

    Yields
    ------
    place : int
        First byte of the match.
    match : re.Match
        Its groups.
    """
    found: dict[int, re.Match[bytes]] = {}
    before, place = b"", start
    while chunk := os.pread(descriptor, _n_bytes(place, stop), place):
        text = before + chunk
        for match in pattern.finditer(text):
            found.setdefault(place - len(before) + match.start(), match)
        before = text[-_LONGEST_MATCH:]
        place += len(chunk)
    yield from sorted(found.items())


def _n_bytes(place: int, stop: int | None) -> int:
    """Return how many bytes to read from a place on."""
    return CHUNK if stop is None else max(0, min(CHUNK, stop - place))
