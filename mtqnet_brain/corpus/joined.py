"""Joined clips: two parts of known quality with a known boundary.

The first part is cut from one clip of an utterance, the second from another
one, so that both have the same clean reference. Each part is a wav of its own
in ``parts/``, beside its reference, and has a row of labels in ``parts.csv``.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mtqnet_brain.audio.io import (
    SAMPLE_RATE,
    audio_info,
    load_audio,
    save_audio,
)
from mtqnet_brain.corpus.talker_split import TEST_FRACTION, rng_for

if TYPE_CHECKING:
    from mtqnet_brain.corpus.plan import Item

JOINED = "Joined"  # the method of joined clips
PARTS = "parts"
MIN_SECONDS = 3.0  # of speech
BOUNDARY = (0.35, 0.65)  # of the speech
WITH_CLEAN = 0.5  # of the joined clips have a clean part
CROSSFADE = 160  # samples, 10 ms


class Part(NamedTuple):
    """A part of a joined clip.

    Arguments
    ---------
    clip : str
        Relative path of the clip that it is cut from.
    start_s, end_s : float
        In that clip and in the joined one.
    """

    clip: str
    start_s: float
    end_s: float

    @property
    def span(self) -> slice:
        """The part in samples."""
        return slice(
            round(self.start_s * SAMPLE_RATE), round(self.end_s * SAMPLE_RATE)
        )


def plan_joined(
    items: Sequence[Item], n_clips: int, seed: int
) -> list[tuple[Part, ...]]:
    """Choose the parts of joined clips.

    Arguments
    ---------
    items : list of Item
        The plan of the other clips.
    n_clips : int
        Joined clips, a fifth of them for the test if it has such utterances;
        at most one an utterance.
    seed : int
        Decides the draws.

    Returns
    -------
    list of tuple
        The parts in each item's joined clip; empty for none.

    Raises
    ------
    ValueError
        If there are too few utterances of 3 s and more.
    """
    if not n_clips:
        return [()] * len(items)
    parts: list[tuple[Part, ...]] = [_draw_parts(item, seed) for item in items]
    able: dict[str, list[int]] = {"train": [], "test": []}
    for index, (item, own) in enumerate(zip(items, parts)):
        if own:
            able[item.split].append(index)
    n_test = min(round(TEST_FRACTION * n_clips), len(able["test"]))
    if len(able["train"]) < n_clips - n_test:
        raise ValueError(
            f"{n_clips} joined clips wanted, {len(able['train'])} training "
            f"utterances of {MIN_SECONDS:g} s and more with two clips; give a "
            "smaller --joined, more --clips or longer speech"
        )
    kept: set[int] = set()
    for split, wanted in (("train", n_clips - n_test), ("test", n_test)):
        order = rng_for(seed, split, "joined").permutation(able[split])
        kept.update(order[:wanted].tolist())
    return [own if i in kept else () for i, own in enumerate(parts)]


def _draw_parts(item, seed):
    """Draw the parts of one item's joined clip; none if it is short."""
    before, after, take = 0.0, 0.0, item.take
    seconds = take.seconds if take else audio_info(item.utterance.path).duration
    if take:
        before, after = take.before_s, take.after_s
    clean, *others = item.clips
    if not others or seconds < MIN_SECONDS:
        return ()
    rng = rng_for(seed, item.utterance.name, "joined")
    with_clean = len(others) == 1 or rng.uniform() < WITH_CLEAN
    pool = [clean, others[rng.integers(len(others))]] if with_clean else others
    first, second = rng.permutation(pool)[:2].tolist()
    boundary = round(before + seconds * rng.uniform(*BOUNDARY), 3)
    end = round(before + seconds + after, 4)
    return Part(first, 0.0, boundary), Part(second, boundary, end)


def joined_path(item: Item) -> str:
    """Return the relative path of an item's joined clip."""
    return f"{item.split}/{JOINED}_snrinf_none_{item.utterance.name}.wav"


def part_paths(joined: str) -> list[tuple[str, str]]:
    """Return the relative paths of two parts and of their references.

    Example
    -------
    >>> part_paths("train/Joined_snrinf_none_a_b_c.wav")[0][1]
    'parts/train/Joined_snrinf_none_a_b_c_1_clean.wav'
    """
    stem = f"{PARTS}/{joined.removesuffix('.wav')}"
    return [(f"{stem}_{n}.wav", f"{stem}_{n}_clean.wav") for n in (1, 2)]


def render_joined(folder: Path, item: Item) -> None:
    """Write the joined clip of an item, whose other clips are there."""
    first, second = (load_audio(folder / part.clip) for part in item.joined)
    n_samples = min(len(first), len(second))
    boundary = item.joined[1].span.start
    time = np.arange(n_samples) - boundary
    weight = np.clip(time / CROSSFADE + 0.5, 0, 1)  # (n_samples,)
    samples = first[:n_samples] * (1 - weight) + second[:n_samples] * weight
    save_audio(folder / joined_path(item), samples.astype(np.float32))


def render_parts(job: tuple[Path, Item]) -> None:
    """Write the parts of an item's joined clip and their references.

    Without the silence before and after the speech, as for `label_corpus`.
    The job is the folder of the corpus and the item.
    """
    folder, item = job
    clean = load_audio(folder / next(iter(item.clips)))
    paths = part_paths(joined_path(item))
    speech = item.take.span if item.take else slice(0, len(clean))
    for part, (path, reference) in zip(item.joined, paths):
        start = max(part.span.start, speech.start)
        own = slice(start, min(part.span.stop, speech.stop))
        save_audio(folder / path, load_audio(folder / part.clip)[own])
        save_audio(folder / reference, clean[own])


def part_rows(items: Sequence[Item]) -> Iterator[dict[str, object]]:
    """Yield the rows of parts.csv, without labels."""
    for item in items:
        paths = part_paths(joined_path(item))
        for part, (path, _) in zip(item.joined, paths):
            yield {
                "file": joined_path(item),
                "start_s": part.start_s,
                "end_s": part.end_s,
                "clip": part.clip,
                "part": path,
            }
