"""From a file to checked mono 16 kHz samples: every input check lives here.

Reading goes through soundfile; torchaudio only resamples and is imported
only when a file needs it.

Authors
 * The mtqnet-brain developers 2026
"""

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mtqnet_brain.truncation import describe_truncation, held_and_promised

SAMPLE_RATE = 16000
# Shortest input that the convolutions of wav2vec 2.0 and its kin accept.
MIN_SAMPLES = 400


class AudioError(ValueError):
    """A wav that cannot be used; the message names file, value, remedy."""


class AudioInfo(NamedTuple):
    """Hz, samples per channel, channels, and samples the header promises."""

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
        """What is missing of the file, in one line; empty if nothing is."""
        return describe_truncation(
            self.n_samples, self.n_promised, self.sample_rate
        )


def audio_info(path) -> AudioInfo:
    """Read the header of an audio file and see whether the rest is there.

    A truncated file is no error here. Nothing is decoded but the last sample
    of a flac.

    Arguments
    ---------
    path : str or Path
        Audio file that soundfile can open.

    Returns
    -------
    AudioInfo
        ``n_samples`` is what the file holds, ``n_promised`` what its header
        says, 0 where that is unknown (a wav written into a pipe).

    Raises
    ------
    AudioError
        If the file is missing or is no audio.
    """
    import soundfile

    if not Path(path).is_file():
        raise AudioError(f"{path}: no such file")
    try:
        with soundfile.SoundFile(os.fsencode(path)) as file:
            n_held, n_promised = held_and_promised(file)
            return AudioInfo(file.samplerate, n_held, file.channels, n_promised)
    except soundfile.LibsndfileError as err:
        reason = f"not readable as audio ({err.error_string})"
        raise AudioError(f"{path}: {reason}") from err


def load_audio(path, resample=True, min_samples=MIN_SAMPLES):
    """Load an audio file as mono samples at 16 kHz.

    Arguments
    ---------
    path : str or Path
        Audio file of any rate and channel count; channels are averaged.
    resample : bool
        Whether another rate is resampled; if not, it is refused.
    min_samples : int
        Fewest samples at 16 kHz that are accepted.

    Returns
    -------
    np.ndarray
        Samples, shape (n_samples,), float32, full scale = 1.

    Raises
    ------
    AudioError
        If the file is missing, unreadable, truncated, of a refused rate, too
        short, or holds NaN or infinite samples.
    """
    import soundfile

    info = audio_info(path)
    check_rate(info.sample_rate, path, resample)
    _refuse_truncated(info, path)
    try:
        samples, rate = soundfile.read(
            str(path), dtype="float32", always_2d=True
        )  # (n_samples, channels)
    except soundfile.LibsndfileError as err:
        reason = f"not readable as audio ({err.error_string})"
        raise AudioError(f"{path}: {reason}") from err
    _refuse_truncated(info._replace(n_samples=len(samples)), path)
    samples = samples.mean(axis=1)  # (n_samples,)
    return check_samples(
        resample_audio(samples, rate, SAMPLE_RATE), path, min_samples
    )


def check_rate(sample_rate, name, resample):
    """Refuse another rate than 16 kHz unless it may be resampled.

    Arguments
    ---------
    sample_rate : int
        Rate of the file in Hz.
    name : str or Path
        What the error names.
    resample : bool
        Whether another rate is allowed.

    Raises
    ------
    AudioError
        If the rate differs and may not be resampled.
    """
    if sample_rate != SAMPLE_RATE and not resample:
        raise AudioError(
            f"{name}: {sample_rate} Hz, expected {SAMPLE_RATE}; convert the "
            "file or allow resampling (resample: True)"
        )


def _refuse_truncated(info, name):
    """Refuse a file that holds less than its header promises."""
    if info.truncation:
        raise AudioError(f"{name}: {info.truncation}")


def check_samples(samples, name, min_samples=MIN_SAMPLES):
    """Return the samples if a network can score them.

    Arguments
    ---------
    samples : np.ndarray
        Mono samples, shape (n_samples,).
    name : str or Path
        What the error names.
    min_samples : int
        Fewest samples that are accepted.

    Returns
    -------
    np.ndarray
        The same samples.

    Raises
    ------
    AudioError
        If there are too few samples, or NaN or infinite ones.
    """
    if len(samples) < min_samples:
        raise AudioError(
            f"{name}: {len(samples)} samples at {SAMPLE_RATE} Hz, need at "
            f"least {min_samples}; remove the clip"
        )
    if not np.isfinite(samples).all():
        bad = int((~np.isfinite(samples)).sum())
        raise AudioError(f"{name}: {bad} NaN or infinite samples")
    return samples


def resample_audio(samples, from_rate, to_rate):
    """Resample mono samples with torchaudio's windowed sinc.

    Arguments
    ---------
    samples : np.ndarray
        Shape (n_samples,), float32.
    from_rate, to_rate : int
        Rates in Hz.

    Returns
    -------
    np.ndarray
        Shape (ceil(n_samples * to_rate / from_rate),), float32.
    """
    if from_rate == to_rate:
        return samples
    import torch
    from torchaudio.functional import resample

    wave = torch.from_numpy(np.ascontiguousarray(samples))
    return resample(wave, from_rate, to_rate).numpy()


def save_audio(path, samples, sample_rate=SAMPLE_RATE):
    """Write mono samples as a 16-bit wav, whole or not at all.

    Arguments
    ---------
    path : str or Path
        Target; its folder is made.
    samples : np.ndarray
        Shape (n_samples,), within -1..1.
    sample_rate : int
        In Hz.

    Raises
    ------
    AudioError
        If a sample lies outside -1..1: it would be clipped.
    """
    import soundfile

    peak = float(np.max(np.abs(samples), initial=0.0))
    if not peak <= 1.0:
        raise AudioError(f"{path}: peak {peak:.3f} would clip; scale it down")
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    soundfile.write(
        str(partial), samples, sample_rate, subtype="PCM_16", format="WAV"
    )
    os.replace(partial, path)
