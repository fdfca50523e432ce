"""Finds audio files that hold less than their header promises.

libsndfile opens them without a word: for a wav it reports the shorter length,
for a flac the promised one, which then cannot be decoded.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import soundfile

from mtqnet_brain.audio.ogg_pages import has_last_page

if TYPE_CHECKING:
    from mtqnet_brain.audio.joined_files import Part

# libsndfile's log of a chunk that is longer than the rest of the file.
_CUT_DATA = re.compile(r"^data : (\d+) \(should be (-?\d+)\)", re.M)
_DS64_DATA = re.compile(r"^  Data size : (\d+)", re.M)
_BLOCK_BYTES = re.compile(r"^  Block Align\s*: (\d+)", re.M)
_BLOCK_SAMPLES = re.compile(r"^  Samples/Block\s*: (\d+)", re.M)
# A block is one sample.
_SAMPLEWISE = ("PCM", "FLOAT", "DOUBLE", "ULAW", "ALAW")
_CUT_OTHER = re.compile(
    r"^(?: SSND|  Data Size  |riff) : (-?\d+) \(should be (\d+)\)", re.M
)
_OGG_CUT = re.compile("lacks an end-of-stream|without an End-Of-Stream|Junk")
# Programs that write into pipes put 2 or 4 GiB, or a little less, for a length
# that they do not know: ffmpeg 0xFFFFFFFF, sox 0x7FFFF000, arecord 0x80000000.
# Others put a round number of bytes, such as 2,000,000,000, which no recording
# has.
_UNKNOWN_SIZE = 0x7FFF0000
_UNKNOWN_AIFF = 0x7F000000  # of sox, samples or bytes
_ROUND_SIZE = 100_000_000
# A flac written into a pipe states 0: libsndfile reports its largest number.
_UNKNOWN_FLAC = 1 << 36
_LEAST_ROUND_SIZE = 1_000_000_000
_PADDING = 1  # byte after an odd number of bytes, which may be missing
_BLOCK = 1024  # samples read at once; a damaged block fails as a whole


def held_and_promised(
    file: soundfile.SoundFile, part: Part
) -> tuple[int, float]:
    """Return how much an audio file holds and how much it promises.

    Arguments
    ---------
    file : soundfile.SoundFile
        Open for reading, at its beginning.
    part : joined_files.Part
        The part that it was opened from.

    Returns
    -------
    n_held : int
        Samples per channel that can be read.
    n_promised : float
        Samples per channel by the header, 0 where it does not say; infinite
        where an unknown number is missing, as from an ogg.
    """
    if file.format in ("WAV", "WAVEX", "RF64"):
        return file.frames, _promised_by_wav(file)
    if file.format == "FLAC":
        is_known = file.frames < _UNKNOWN_FLAC
        promised = file.frames if is_known else part.n_promised
        return _decodable(file, part), promised
    if file.format == "OGG":
        looks_cut = _OGG_CUT.search(file.extra_info)
        if looks_cut and not has_last_page(
            part.descriptor, part.start, part.stop
        ):
            return file.frames, math.inf
        return file.frames, file.frames
    if file.format in ("AIFF", "AU", "W64"):
        return file.frames, _promised_by_other(file)
    if part.n_held is not None:
        return part.n_held, part.n_promised
    return file.frames, 0


def describe_truncation(
    n_held: float, n_promised: float, sample_rate: int
) -> str:
    """Say in one line what is missing from a file; empty if nothing is.

    Example
    -------
    >>> describe_truncation(8000, 48000, 16000)[:54]
    'truncated: the header promises 48000 samples (3.00 s),'
    """
    if n_held >= n_promised:
        return ""
    promised = "more"
    if math.isfinite(n_promised):
        promised = f"{n_promised} samples ({n_promised / sample_rate:.2f} s)"
    return (
        f"truncated: the header promises {promised}, the file holds "
        f"{n_held} ({n_held / sample_rate:.2f} s); copy it again"
    )


def describe_excess(n_held: float, n_promised: float, sample_rate: int) -> str:
    """Say in one line how much more a file holds than it promises, or nothing.

    Example
    -------
    >>> describe_excess(48000, 16000, 16000)
    'the header promises 16000 samples (1.00 s) of 48000 that are there'
    """
    if not 0 < n_promised < n_held:
        return ""
    return (
        f"the header promises {n_promised} samples "
        f"({n_promised / sample_rate:.2f} s) of {n_held} that are there"
    )


def _promised_by_wav(file: soundfile.SoundFile) -> float:
    """Return the samples that the header of a wav promises, 0 if unknown."""
    log = file.extra_info
    block = _BLOCK_BYTES.search(log)
    cut = _DS64_DATA.search(log) or _CUT_DATA.search(log)
    if not (block and cut):
        return file.frames
    n_bytes, size = int(block[1]), int(cut[1])
    held = int(cut[2]) if cut.re is _CUT_DATA else file.frames * n_bytes
    if _is_placeholder(size):
        return 0
    if size - held <= _PADDING:
        return file.frames
    if file.subtype.startswith(_SAMPLEWISE):
        return size // n_bytes
    per_block = _BLOCK_SAMPLES.search(log)
    return size // n_bytes * int(per_block[1]) if per_block else math.inf


def _promised_by_other(file: soundfile.SoundFile) -> float:
    """Return infinity where bytes are missing from an aiff, au or w64."""
    cut = _CUT_OTHER.search(file.extra_info)
    if not cut:
        return file.frames
    size, held = int(cut[1]), int(cut[2])
    if size < 0 or size >= _UNKNOWN_AIFF or _is_placeholder(size):
        return 0
    return math.inf if size - held > _PADDING else file.frames


def _is_placeholder(size: int) -> bool:
    """Whether a number of bytes stands for an unknown length."""
    is_round = size >= _LEAST_ROUND_SIZE and size % _ROUND_SIZE == 0
    return size >= _UNKNOWN_SIZE or is_round


def _decodable(file: soundfile.SoundFile, part: Part) -> int:
    """Return how many samples of a flac can be decoded."""
    if not file.frames:
        return 0
    try:
        # Found by bisection: a fraction of the time that decoding takes.
        file.seek(file.frames - 1)
        if len(file.read(1)):
            return file.frames
    except soundfile.LibsndfileError:
        pass
    return _count_decodable(part)


def _count_decodable(part: Part) -> int:
    """Decode a flac up to the point where it breaks off."""
    n_samples = 0
    try:
        with part.open() as again:
            # Otherwise soundfile seeks after a read that reaches the end.
            again.seekable = lambda: False
            # No further than promised: a file joined to it may fail.
            while n_read := len(
                again.read(min(_BLOCK, again.frames - n_samples))
            ):
                n_samples += n_read
    except soundfile.LibsndfileError:
        pass
    return n_samples
