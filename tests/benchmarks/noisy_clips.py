"""Clean clips and their mixtures with noise, made on the spot or from files.

Authors
 * The mtqnet-brain developers 2026
"""

from pathlib import Path

import numpy as np

from mtqnet_brain.audio.io import SAMPLE_RATE, load_audio
from mtqnet_brain.corpus.mixing import mix_at_snr
from mtqnet_brain.corpus.noises import pink_noise
from mtqnet_brain.corpus.presets import PRESETS
from mtqnet_brain.corpus.synthesis import synthesize
from mtqnet_brain.labels.intrusive import check_pair

SECONDS = 3
SNRS = (0, 5, 10, 15, 20)  # dB, one clip each


def speech_clips(folder=None):
    """Return clean clips of 3 s.

    Arguments
    ---------
    folder : str
        Wav or flac files, the first five of 3 s or more. Default: sentences
        spoken by espeak-ng.

    Returns
    -------
    list of np.ndarray
        Samples at 16 kHz, shape (48000,).

    Raises
    ------
    ValueError
        If the folder holds fewer.
    """
    n_samples = SECONDS * SAMPLE_RATE
    if folder is None:
        return [_spoken(i)[:n_samples] for i in range(len(SNRS))]
    clips = []
    for path in sorted(Path(folder).rglob("*")):
        if path.suffix.lower() in (".wav", ".flac") and len(clips) < len(SNRS):
            samples = load_audio(path)
            if len(samples) >= n_samples:
                clips.append(samples[:n_samples])
    if len(clips) < len(SNRS):
        raise ValueError(
            f"{folder}: {len(clips)} wav or flac files of {SECONDS} s or "
            f"more, need {len(SNRS)}"
        )
    return clips


def _spoken(i):
    """Two sentences of one voice, shape (n_samples,), more than 3 s."""
    preset = PRESETS["demo"]
    sentences = list(preset.sentences.values())[2 * i : 2 * i + 2]
    voice = preset.voices[i]
    return np.concatenate(
        [
            synthesize(text, f"cmn+{voice.variant}", *voice[1:])
            for text in sentences
        ]
    )


def noisy_pairs(clips):
    """Return (clean, mixture with pink noise), each at its own SNR."""
    rng = np.random.default_rng(1986)
    return [
        check_pair(
            clean, mix_at_snr(clean, pink_noise(len(clean), rng), snr, rng)
        )
        for clean, snr in zip(clips, SNRS, strict=True)
    ]
