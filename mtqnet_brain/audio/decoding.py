"""Opens and decodes audio files, intact or not.

Authors
 * The mtqnet-brain developers 2026
"""

import math
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

from mtqnet_brain.audio.joined_files import Part, find_parts
from mtqnet_brain.audio.truncation import (
    describe_excess,
    describe_truncation,
    held_and_promised,
)

# At a lower rate hardly a word is left; no converter has a higher one.
MIN_RATE, MAX_RATE = 4000, 768000
# Twice what 32-bit integers reach that were never scaled to 1.
MAX_SCALE = 2.0**32
MAX_VALUES = 1 << 22  # samples of all channels that are decoded at once


class AudioError(ValueError):
    """An audio file cannot be used; the message says why, and the remedy."""


class AudioInfo(NamedTuple):
    """Rate in Hz, samples per channel, channels; samples by the header."""

    sample_rate: int
    n_samples: int
    channels: int
    n_promised: float

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.n_samples / self.sample_rate

    @property
    def truncation(self) -> str:
        """What is missing from the file, in one line; empty if nothing is."""
        return describe_truncation(
            self.n_samples, self.n_promised, self.sample_rate
        )

    @property
    def excess(self) -> str:
        """What the file holds beyond its header, in one line; or empty."""
        return describe_excess(
            self.n_samples, self.n_promised, self.sample_rate
        )


def audio_info(path: str | bytes | Path) -> AudioInfo:
    """Read the header of an audio file and check whether the rest exists.

    A truncated file is not an error here. Nothing is decoded but the last
    sample of a flac; an ogg or mp3 is searched for files joined to it.

    Arguments
    ---------
    path : str, bytes or Path
        Audio file that libsndfile can read.

    Returns
    -------
    AudioInfo
        ``n_samples`` is what the file holds, ``n_promised`` what its header
        says, 0 where that is unknown (a wav written into a pipe, an mp3).

    Raises
    ------
    AudioError
        If the file is missing, not audio, or of a rate that nobody uses.
    """
    with _opened(path) as descriptor:
        parts = find_parts(descriptor, thorough=False)
        info = _join([_part_info(part) for part in parts])
    fault = rate_fault(info.sample_rate)
    if fault:
        raise AudioError(f"{os.fsdecode(path)}: {fault}")
    return info


def rate_fault(sample_rate: int) -> str:
    """Say what is wrong with a rate in Hz; empty if it can be resampled."""
    if MIN_RATE <= sample_rate <= MAX_RATE:
        return ""
    return (
        f"{sample_rate} Hz, a rate at which no speech is stored: need "
        f"{MIN_RATE} to {MAX_RATE}; correct the rate"
    )


def scale_fault(peak: float) -> str:
    """Say what is wrong with the largest sample; empty if nothing is."""
    if peak <= MAX_SCALE:
        return ""
    return f"peak {peak:.4g}: samples of no known scale; full scale is 1"


def to_float32(samples: np.ndarray) -> np.ndarray:
    """Return samples as float32; those that are finite stay so.

    Raises
    ------
    AudioError
        If one is too large for float32.
    """
    with np.errstate(over="ignore"):
        narrow = samples.astype(np.float32, copy=False)
    if samples.dtype.itemsize > narrow.dtype.itemsize:
        finite = samples[np.isfinite(samples)]
        if len(finite) > np.isfinite(narrow).sum():
            raise AudioError(scale_fault(float(np.abs(finite).max())))
    return narrow


def decode(path: str | bytes | Path, size: int) -> Iterator[np.ndarray]:
    """Decode an audio file block by block, to the end of its last part.

    The length in the header does not count: for an mp3 it is an estimate,
    and files joined end to end are read one after the other.

    Arguments
    ---------
    path : str, bytes or Path
        Audio file.
    size : int
        Most samples per channel in a block.

    Yields
    ------
    np.ndarray
        Shape (n, channels), float32, full scale = 1.

    Raises
    ------
    AudioError
        If the file cannot be decoded.
    """
    with _opened(path) as descriptor:
        parts = find_parts(descriptor, thorough=True)
        if len(parts) > 1:
            _join([_part_info(part) for part in parts])
        for part in parts:
            yield from _decode_part(part, size)


def _decode_part(part: Part, size: int) -> Iterator[np.ndarray]:
    """Yield the blocks of one of the files joined in a file."""
    with part.open() as file:
        if file.format != "FLAC":
            yield from _blocks(file, size, math.inf)
            return
        # The rest of a truncated one cannot be decoded.
        most, _ = held_and_promised(file, part)
    with part.open() as file:
        yield from _blocks(file, size, most)


@contextmanager
def _opened(path: str | bytes | Path) -> Iterator[int]:
    """Open a regular file; errors while it is read become AudioErrors."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            kind = "folder" if os.path.isdir(path) else "pipe, socket or device"
            raise AudioError(f"a {kind}, not an audio file")
        with open(os.fsencode(path), "rb", buffering=0) as file:
            yield file.fileno()
    except Exception as err:
        reason = _reason(err)
        if reason is None:
            raise
        raise AudioError(f"{os.fsdecode(path)}: {reason}") from err


def _reason(err: Exception) -> str | None:
    """Say why a file cannot be read; None if the file is not at fault."""
    if isinstance(err, AudioError):
        return str(err)
    if isinstance(err, (FileNotFoundError, NotADirectoryError)):
        return "no such file"
    if isinstance(err, MemoryError):
        return "not enough memory to read it; cut it into shorter files"
    if isinstance(err, soundfile.LibsndfileError):
        return f"not readable as audio ({err.error_string})"
    if isinstance(err, OSError):
        return err.strerror or str(err)
    # soundfile and NumPy raise these for a header that makes no sense, Python
    # for a name that no file can have.
    invalid = (soundfile.SoundFileError, RuntimeError, ValueError, TypeError)
    if isinstance(err, (*invalid, ArithmeticError, LookupError)):
        return f"not readable as audio ({err})"
    return None


def _part_info(part: Part) -> AudioInfo:
    """Return the AudioInfo of one of the files joined in a file."""
    with part.open() as file:
        held, promised = held_and_promised(file, part)
        return AudioInfo(file.samplerate, held, file.channels, promised)


def _join(infos: list[AudioInfo]) -> AudioInfo:
    """Return one AudioInfo for all parts; refuse parts that do not match."""
    first = infos[0]
    for number, info in enumerate(infos[1:], start=2):
        for name, unit in (("sample_rate", "Hz"), ("channels", "channels")):
            here, there = getattr(info, name), getattr(first, name)
            if here != there:
                raise AudioError(
                    f"several files joined into one: part {number} has "
                    f"{here} {unit}, part 1 {there}; split it"
                )
    if len(infos) == 1:
        return first
    return first._replace(
        n_samples=sum(info.n_samples for info in infos),
        n_promised=sum(info.n_promised or info.n_samples for info in infos),
    )


def _blocks(
    file: soundfile.SoundFile, size: int, most: float
) -> Iterator[np.ndarray]:
    """Yield blocks of an open file, at most ``most`` samples in all."""
    # Otherwise soundfile seeks after every read, and an mp3 decoder forgets
    # what its next frames build on.
    file.seekable = lambda: False
    size = max(1, min(size, MAX_VALUES // file.channels))
    kind = "float64" if file.subtype == "DOUBLE" else "float32"
    left = most
    while left > 0:
        n = min(size, left)
        block = file.read(n, dtype=kind, always_2d=True)
        if not len(block):  # (n, channels)
            return
        left -= len(block)
        yield to_float32(block)
