"""Takes: clean clips that are cropped, joined, or padded with silence.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mtqnet_brain.audio.io import SAMPLE_RATE, audio_info, load_audio
from mtqnet_brain.corpus.mixing import limit_peak, normalize_speech
from mtqnet_brain.corpus.noises import pink_noise
from mtqnet_brain.corpus.talker_split import rng_for

if TYPE_CHECKING:
    from mtqnet_brain.corpus.recordings import Utterance

UNCHANGED = 0.25  # of the utterances, where lengths are drawn
GAP = (0.2, 0.6)  # s, between two utterances
SILENCE = (0.5, 3.0)  # s
DIGITAL = 1 / 3  # of the silences; the others have the noise of a room
FLOOR = (-85.0, -65.0)  # dBov, RMS of that noise
FADE = 160  # samples (10 ms) at the ends of a crop


class Take(NamedTuple):
    """How a clean clip is made of one or two recordings.

    Arguments
    ---------
    second : Path
        Another utterance of the talker that follows, or None.
    gap_s : float
        Pause between the two.
    start_s, seconds : float
        Crop of the speech; the whole of it from 0.
    before_s, after_s : float
        Silence around it.
    floor_dbov : float
        Level of a room's noise throughout the clip; None for none.
    """

    second: Path | None
    gap_s: float
    start_s: float
    seconds: float
    before_s: float
    after_s: float
    floor_dbov: float | None

    @property
    def span(self) -> slice:
        """The speech in the clip, in samples."""
        start = _samples(self.before_s)
        return slice(start, start + _samples(self.seconds))

    @property
    def row(self) -> dict[str, object]:
        """Its row of takes.csv, without the file."""
        row = self._asdict()
        return row | {"second": self.second.name if self.second else ""}


def draw_take(
    utterance: Utterance,
    own: Sequence[Utterance],
    seed: int,
    lengths: Sequence[float] | None,
    pauses: float,
) -> Take | None:
    """Draw how a clean clip is made.

    Arguments
    ---------
    utterance : Utterance
        The first, or only, recording.
    own : list of Utterance
        All of the talker.
    seed : int
        Decides the draws, with the utterance's name.
    lengths : tuple of float
        Shortest and longest speech in s, drawn evenly in their logarithm and
        reached by joining and cropping, where the talker has so much speech;
        None for utterances as they are.
    pauses : float
        Fraction of the clips that get silence before, after or between.

    Returns
    -------
    Take
        None for the utterance as it is.
    """
    rng = rng_for(seed, utterance.name, "take")
    second, wanted = None, math.inf
    total = audio_info(utterance.path).duration if lengths or pauses else 0.0
    if lengths and rng.uniform() >= UNCHANGED:
        wanted = math.exp(rng.uniform(*np.log(lengths)))
        others = [u.path for u in own if u.path != utterance.path]
        if total < wanted and others:
            second = others[rng.integers(len(others))]
    place = _draw_place(second, rng) if rng.uniform() < pauses else ""
    if second is None and wanted >= total and not place:
        return None
    gap = 0.0
    if second is not None:
        gap = round(rng.uniform(*(SILENCE if place == "between" else GAP)), 3)
        total += gap + audio_info(second).duration
    seconds = round(min(wanted, total), 4)
    start = round(rng.uniform(0, max(0.0, total - seconds)), 4)
    before, after = (
        round(rng.uniform(*SILENCE), 3) if place in (side, "around") else 0.0
        for side in ("before", "after")
    )
    digital = not place or rng.uniform() < DIGITAL
    floor = None if digital else round(rng.uniform(*FLOOR), 1)
    return Take(second, gap, start, seconds, before, after, floor)


def _draw_place(second, rng):
    """Draw where silence goes."""
    places = ["before", "after", "around", *(["between"] if second else [])]
    return places[rng.integers(len(places))]


def make_clean(
    utterance: Utterance, take: Take | None, seed: int
) -> np.ndarray:
    """Return a clean clip at its final level.

    Arguments
    ---------
    utterance : Utterance
        What is read.
    take : Take
        What is done with it, or None.
    seed : int
        Draws the noise of the room.

    Returns
    -------
    np.ndarray
        Shape (n_samples,), float32; the speech at -26 dBov, so quieter with
        peaks above 0.99.

    Raises
    ------
    AudioError
        If a recording cannot be read.
    ValueError
        If the speech is silent.
    """
    samples = normalize_speech(load_audio(utterance.path))
    if take is None:
        return samples
    if take.second is not None:
        gap = np.zeros(_samples(take.gap_s), np.float32)
        second = normalize_speech(load_audio(take.second))
        samples = np.concatenate([samples, gap, second])
    speech = normalize_speech(_crop(samples, take))
    around = (_samples(take.before_s), _samples(take.after_s))
    clip = np.pad(speech, around)  # (n_samples,)
    if take.floor_dbov is not None:
        rng = rng_for(seed, utterance.name, "floor")
        noise = pink_noise(len(clip), rng)
        clip = limit_peak(clip + 10 ** (take.floor_dbov / 20) * noise)
    return clip


def _crop(samples, take):
    """Cut the speech of a take; of its exact length, faded where cut."""
    start, length = _samples(take.start_s), _samples(take.seconds)
    cut = np.array(samples[start : start + length])
    fade = np.linspace(0, 1, min(FADE, len(cut)), dtype=cut.dtype)
    if start:
        cut[: len(fade)] *= fade
    if start + length < len(samples):
        cut[len(cut) - len(fade) :] *= fade[::-1]
    return np.pad(cut, (0, length - len(cut)))


def _samples(seconds):
    """Return a number of samples."""
    return round(seconds * SAMPLE_RATE)
