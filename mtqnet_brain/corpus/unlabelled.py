"""Clips without labels: recordings as they are found, and non-speech.

They lie in ``unlabelled/``, beside the labelled clips and listed in
``unlabelled.csv``, for teachers that need no reference. Non-speech has no
score at all: it shows a model what it should warn of.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mtqnet_brain.audio.io import SAMPLE_RATE, load_audio, save_audio
from mtqnet_brain.corpus.mixing import cut_noise, limit_peak
from mtqnet_brain.corpus.noises import GENERATORS
from mtqnet_brain.corpus.talker_split import TEST_FRACTION, rng_for

if TYPE_CHECKING:
    from mtqnet_brain.corpus.talker_split import Split

UNLABELLED = "unlabelled"
UNLABELLED_FILE = "unlabelled.csv"
COLUMNS = ("file", "kind", "source", "language", "talker", "origin")
FOUND, NOISE = "found", "noise"
SECONDS = (2.0, 10.0)  # of non-speech
LEVEL = (-45.0, -20.0)  # dBov, RMS of non-speech
FADE = 0.02 * SAMPLE_RATE  # samples, of a tone


class Unlabelled(NamedTuple):
    """A clip without labels.

    Arguments
    ---------
    file : str
        Relative path, ``unlabelled/train/...wav``.
    kind : str
        ``found``, ``noise`` (from a file), ``tone``, ``clicks``, or the name
        of a generated noise.
    source, language, talker : str
        Of a recording that was found; empty where unknown.
    origin : Path
        Recording or noise file; None for what is generated.
    """

    file: str
    kind: str
    source: str
    language: str
    talker: str
    origin: Path | None

    @property
    def row(self) -> dict[str, str]:
        """Its row of unlabelled.csv."""
        origin = self.origin.name if self.origin else ""
        return self._asdict() | {"origin": origin}


def plan_unlabelled(
    splits: Sequence[Split], n_non_speech: int, seed: int
) -> list[Unlabelled]:
    """List the clips without labels.

    Arguments
    ---------
    splits : list of Split
        Their ``found`` recordings are all taken, and their noise files drawn.
    n_non_speech : int
        Clips of noise, music (a kind of noise here), tones and clicks; a
        fifth of them for the test.
    seed : int
        Decides the draws.

    Returns
    -------
    list of Unlabelled
        In a fixed order.
    """
    n_test = round(TEST_FRACTION * n_non_speech)
    clips = []
    for split, n_own in zip(splits, (n_non_speech - n_test, n_test)):
        folder = f"{UNLABELLED}/{split.name}"
        for name, talker, path, source, language, _ in split.found:
            file = f"{folder}/{name}.wav"
            clips.append(
                Unlabelled(file, FOUND, source, language, talker, path)
            )
        clips += _plan_non_speech(split, folder, n_own, seed)
    return clips


def _plan_non_speech(split, folder, n_clips, seed):
    """Draw kinds and noise files; half are files, if there are any."""
    files = [path for path in split.noises.values() if path is not None]
    rng = rng_for(seed, split.name, "non-speech")
    order = [files[i] for i in rng.permutation(len(files))]
    generated = sorted(GENERATED)
    clips = []
    for number in range(n_clips):
        kind, origin = generated[number // 2 % len(generated)], None
        if files and number % 2 == 0:
            kind, origin = NOISE, order[number // 2 % len(order)]
        file = f"{folder}/{kind}-{split.name}_{number:05d}.wav"
        clips.append(Unlabelled(file, kind, "", "", "", origin))
    return clips


def render_unlabelled(job: tuple[Path, int, Unlabelled]) -> None:
    """Write one clip without labels.

    Arguments
    ---------
    job : tuple
        Folder of the corpus, seed, `Unlabelled`.

    Raises
    ------
    AudioError
        If its recording cannot be read.
    """
    folder, seed, clip = job
    if clip.kind == FOUND and clip.origin:
        samples = load_audio(clip.origin)
    else:
        samples = non_speech(clip, rng_for(seed, clip.file))
    save_audio(folder / clip.file, samples)


def non_speech(clip: Unlabelled, rng: np.random.Generator) -> np.ndarray:
    """Return 2 to 10 s of something other than speech.

    Shape (n_samples,), float32; -45 to -20 dBov RMS, the peak at most 0.99.
    """
    n_samples = round(rng.uniform(*SECONDS) * SAMPLE_RATE)
    if clip.origin:
        samples = cut_noise(load_audio(clip.origin), n_samples, rng)
    else:
        samples = GENERATED[clip.kind](n_samples, rng)
    samples = np.asarray(samples, np.float64)
    level = 10 ** (rng.uniform(*LEVEL) / 20)
    return limit_peak(samples * level / np.sqrt(np.mean(samples**2)))


def tones(n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """One to four sines of 100 to 4000 Hz, on and off as in call signals.

    Shape (n_samples,); periods of 0.3 to 2 s, half of them sound, or no gaps.
    """
    time = np.arange(n_samples) / SAMPLE_RATE
    hertz = rng.uniform(100, 4000, rng.integers(1, 5))
    phase = rng.uniform(0, 2 * np.pi, len(hertz))
    tone = np.sin(2 * np.pi * np.outer(hertz, time).T + phase).sum(1)
    if rng.integers(2):
        period = rng.uniform(0.3, 2) * SAMPLE_RATE
        place = np.arange(n_samples) % period  # samples
        tone *= np.clip(np.minimum(place, period / 2 - place) / FADE, 0, 1)
    return tone


def clicks(n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Digital silence with one to ten clicks a second, of 1 to 20 ms.

    Shape (n_samples,).
    """
    samples = np.zeros(n_samples)
    n_clicks = max(1, round(rng.uniform(1, 10) * n_samples / SAMPLE_RATE))
    for start in rng.integers(n_samples, size=n_clicks):
        length = min(n_samples - start, round(rng.uniform(16, 320)))
        decay = np.exp(-5 * np.arange(length) / max(length, 1))
        burst = rng.standard_normal(length) * decay
        samples[start : start + length] += rng.uniform(0.2, 1) * burst
    return samples


GENERATED: dict[str, Callable[[int, np.random.Generator], np.ndarray]] = {
    **GENERATORS,
    "tone": tones,
    "clicks": clicks,
}
