"""The last frame of a flac, since its header may state too few samples.

Source: RFC 9639, "Free Lossless Audio Codec (FLAC)", sections 8.2 and 9.1.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import re

STREAMINFO = 8  # bytes before it: fLaC and the header of the block
_COUNT = 21  # offset of the last 36 bits before the checksum: the samples
_SYNC = re.compile(rb"\xff[\xf8\xf9]")
_LONGEST_HEADER = 16
# Used if the header does not state the bytes of a frame; 4608 samples of two
# channels and 24 bits take less.
_TAIL = 1 << 15
_LONGEST_TAIL = 1 << 18


def understated_length(descriptor: int, start: int, stop: int) -> int:
    """Return the samples that a flac's header states, if there are more.

    Returns
    -------
    int
        Samples per channel; 0 if the last frame does not lie after them, or
        if the header states none.
    """
    head = os.pread(descriptor, 26, start)
    if len(head) < 26:
        return 0
    told = int.from_bytes(head[_COUNT:26], "big") & (1 << 36) - 1
    block = int.from_bytes(head[STREAMINFO + 2 : STREAMINFO + 4], "big")
    longest = int.from_bytes(head[STREAMINFO + 7 : STREAMINFO + 10], "big")
    # Tags may follow the last frame.
    n_bytes = min(2 * longest or _TAIL, _LONGEST_TAIL, stop - start)
    tail = os.pread(descriptor, n_bytes, stop - n_bytes)
    ends = (
        frame_end(tail[match.start() :][:_LONGEST_HEADER], block)
        for match in _SYNC.finditer(tail)
    )
    return told if 0 < told < max(ends, default=0) else 0


def unknown_length(descriptor: int, start: int) -> dict[int, bytes]:
    """Return the bytes, by offset, that make a flac's length unknown."""
    bits = os.pread(descriptor, 1, start + _COUNT)[0] & 0xF0
    return {start + _COUNT: bytes([bits, 0, 0, 0, 0])}


def frame_end(header: bytes, block: int) -> int:
    """Return the samples up to a frame's end, 0 if this is not a header.

    Arguments
    ---------
    header : bytes
        Bytes from the sync code on.
    block : int
        Samples per block, in a stream whose blocks all have one size.
    """
    if len(header) < 6:
        return 0
    number, at = _coded_number(header)
    code, rate = header[2] >> 4, header[2] & 15
    if number is None or not code or rate == 15 or header[3] & 1:
        return 0
    n_more = {6: 1, 7: 2}.get(code, 0)
    size = int.from_bytes(header[at : at + n_more], "big") + 1
    if not n_more:
        size = 192 if code == 1 else 576 << code - 2 if code < 6 else 1 << code
    at += n_more + {12: 1, 13: 2, 14: 2}.get(rate, 0)
    if header[at : at + 1] != bytes([_crc8(header[:at])]):
        return 0
    return number * (1 if header[1] & 1 else block) + size


def _coded_number(header: bytes) -> tuple[int | None, int]:
    """Return the number of a frame or sample, and the offset after it.

    Coded as in UTF-8, in up to seven bytes.
    """
    first = header[4]
    n_ones = 8 - (first ^ 0xFF).bit_length()
    if n_ones == 0:
        return first, 5
    rest = header[5 : 4 + n_ones]
    if n_ones in (1, 8) or any(byte >> 6 != 2 for byte in rest):
        return None, 5
    number = first & (1 << 7 - n_ones) - 1 if n_ones < 7 else 0
    for byte in rest:
        number = number << 6 | byte & 63
    return number, 4 + n_ones


def _crc8(content: bytes) -> int:
    """Return the checksum of a frame's header, with polynomial 0x07."""
    crc = 0
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = crc << 1 ^ (0x107 if crc & 0x80 else 0)
    return crc
