"""Audio files as blocks of mono 16 kHz samples, in bounded memory.

Authors
 * The mtqnet-brain developers 2026
"""

import math
import os
from pathlib import Path

import numpy as np

from mtqnet_brain.audio import (
    SAMPLE_RATE,
    AudioError,
    audio_info,
    resample_audio,
)
from mtqnet_brain.scoring.inputs import SCORED

BLOCK_SECONDS = 10
# Samples on either side that torchaudio's kernel reaches at its lower rate,
# and some more: 6 zero crossings of a filter that cuts off at 0.99.
REACH = 8


def check_file(path):
    """Refuse what cannot be opened as an audio file.

    Arguments
    ---------
    path : str or Path
        The file.

    Returns
    -------
    AudioInfo
        Of `audio.audio_info`.

    Raises
    ------
    AudioError
        With the reason alone, without the path.
    """
    path = Path(path)
    if not path.exists():
        raise AudioError("no such file")
    if not os.access(path, os.R_OK):
        raise AudioError("no permission to read it")
    if path.is_dir():
        holds_audio = any(p.suffix.lower() in SCORED for p in path.iterdir())
        raise AudioError(
            "a folder, not an audio file"
            if path.suffix or holds_audio
            else "a folder without audio files; --recursive looks deeper"
        )
    if path.stat().st_size == 0:
        raise AudioError("empty: 0 bytes")
    try:
        info = audio_info(path)
    except AudioError as err:
        raise AudioError(str(err).removeprefix(f"{path}: ")) from err
    if info.n_samples == 0:
        raise AudioError("a header without samples")
    return info


def read_blocks(path, info, screening):
    """Read, mix down and resample a file block by block.

    The same samples as from the whole file at once, up to rounding.

    Arguments
    ---------
    path : str or Path
        The file.
    info : AudioInfo
        Of `check_file`.
    screening : Screening
        Sees every block before and after resampling.

    Yields
    ------
    np.ndarray
        Mono samples at 16 kHz, shape (n,), float32.

    Raises
    ------
    AudioError
        If the file cannot be decoded, with the reason alone.
    """
    raw = _raw_blocks(path, info, screening)
    for block in _resample_blocks(raw, info.sample_rate):
        screening.add(block)
        yield block


def _raw_blocks(path, info, screening):
    """Yield mono blocks at the file's own rate."""
    import soundfile

    size = _unit(info.sample_rate)
    size *= max(1, int(BLOCK_SECONDS * info.sample_rate) // size)
    # No more than a file holds: a cut flac cannot be decoded to its end.
    left = info.n_samples
    try:
        with soundfile.SoundFile(os.fsencode(path)) as file:
            # Else soundfile seeks after every read: an mp3 decoder forgets
            # what its next frames build on.
            file.seekable = lambda: False
            while left > 0:
                block = file.read(
                    min(size, left), dtype="float32", always_2d=True
                )  # (n, channels)
                if not len(block):
                    break
                left -= len(block)
                screening.add_raw(block)
                yield block.mean(axis=1)  # (n,)
    except soundfile.LibsndfileError as err:
        raise AudioError(f"cannot be decoded: {err.error_string}") from err


def _unit(rate):
    """Return the samples after which resampling starts anew."""
    return rate // math.gcd(rate, SAMPLE_RATE)


def _resample_blocks(blocks, rate):
    """Resample blocks, each together with what its neighbours know."""
    if rate == SAMPLE_RATE:
        yield from blocks
        return
    unit = _unit(rate)
    # Reached samples at the file's rate, in whole units.
    reach = REACH * max(1, math.ceil(rate / SAMPLE_RATE))
    context = unit * math.ceil(reach / unit)
    before, current = np.zeros(0, dtype=np.float32), None
    for block in blocks:
        if current is not None:
            yield _resample_one(before, current, block[:context], rate)
            before = np.concatenate([before, current])[-context:]
        current = block
    if current is not None:
        yield _resample_one(before, current, current[:0], rate)


def _resample_one(before, block, after, rate):
    """Resample a block with context; return what belongs to the block."""
    wide = np.concatenate([before, block, after])
    narrow = resample_audio(wide, rate, SAMPLE_RATE)
    start = len(before) * SAMPLE_RATE // rate
    length = math.ceil(len(block) * SAMPLE_RATE / rate)
    return narrow[start : start + length]
