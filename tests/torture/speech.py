"""Speech-like samples, and files of them in every format.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import soundfile

RATE = 16000
# Ending, container and coding of what a user may have.
FORMATS = (
    (".wav", "WAV", "PCM_16"),
    (".wav", "WAV", "PCM_24"),
    (".wav", "WAV", "FLOAT"),
    (".wav", "WAVEX", "PCM_16"),
    (".flac", "FLAC", "PCM_16"),
    (".ogg", "OGG", "VORBIS"),
    (".opus", "OGG", "OPUS"),
    (".mp3", "MP3", "MPEG_LAYER_III"),
    (".aiff", "AIFF", "PCM_16"),
    (".au", "AU", "PCM_16"),
    (".caf", "CAF", "PCM_16"),
    (".w64", "W64", "PCM_16"),
)


def make_speech(rng, seconds=0.8, rate=RATE):
    """Return harmonics under syllables, with a little noise.

    Arguments
    ---------
    rng : np.random.Generator
        Draws pitch and noise.
    seconds : float
        Length.
    rate : int
        Sample rate in Hz.

    Returns
    -------
    np.ndarray
        Shape (samples,), float64, peak about 0.3.
    """
    time = np.arange(max(int(seconds * rate), 1)) / rate
    pitch = rng.uniform(90, 220) * (1 + 0.05 * np.sin(8 * time))
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    voice = sum(np.sin(k * phase) / k for k in range(1, 12))
    voice = voice * np.sin(np.pi * 3 * time) ** 2
    return 0.1 * voice + 0.002 * rng.standard_normal(len(time))


def write(path, samples, rate=RATE, container="WAV", coding="FLOAT"):
    """Write samples in a format of libsndfile, whatever the path's ending.

    Their shape is (samples,) or (samples, channels). Returns the path.
    """
    soundfile.write(str(path), samples, rate, coding, format=container)
    return path


def write_speech(path, rng, kind, seconds=0.8):
    """Write speech in one of `FORMATS`; return the path with its ending."""
    ending, container, coding = kind
    path = path.with_name(path.name + ending)
    return write(path, make_speech(rng, seconds), RATE, container, coding)
