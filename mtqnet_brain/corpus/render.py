"""From one planned utterance to its wavs.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from mtqnet_brain.audio.io import AudioError, audio_info, load_audio, save_audio
from mtqnet_brain.corpus.degradations import (
    DEGRADATIONS,
    degrade,
    draw_parameters,
)
from mtqnet_brain.corpus.enhancement.enhancers import enhance_with
from mtqnet_brain.corpus.joined import joined_path, render_joined
from mtqnet_brain.corpus.measured_rooms import (
    ROOM,
    put_in_room,
    room_parameters,
)
from mtqnet_brain.corpus.mixing import mix_at_snr
from mtqnet_brain.corpus.noises import FROM_SPEECH, GENERATORS
from mtqnet_brain.corpus.plan import NOISY, clip_name
from mtqnet_brain.corpus.takes import make_clean
from mtqnet_brain.corpus.talker_split import rng_for
from mtqnet_brain.data.clip_names import parse_name

if TYPE_CHECKING:
    from mtqnet_brain.corpus.plan import Item

T = TypeVar("T")
# Clips kept in memory by each process: babble and noise files recur.
_load = lru_cache(maxsize=64)(load_audio)


def render_item(job: tuple[Path, int, dict[str, str], Item]) -> int:
    """Write the missing wavs of one utterance.

    Arguments
    ---------
    job : tuple
        Folder of the corpus, seed, systems as `parse_systems` returns them,
        `Item`.

    Returns
    -------
    int
        Number of wavs written.

    Raises
    ------
    AudioError
        If speech or noise cannot be read.
    ValueError
        If speech or noise is silent, with the file's name.
    """
    folder, seed, systems, item = job
    missing = missing_clips(folder, item)
    if not missing:
        return 0
    name, path = item.utterance.name, item.utterance.path
    clean = _named(path, make_clean, item.utterance, item.take, seed)
    if f"{item.split}/{name}.wav" in missing:
        save_audio(Path(folder, item.split, f"{name}.wav"), clean)
    for mixture in item.mixtures:
        targets = {
            method: Path(folder, item.split, f"{stem}.wav")
            for method in mixture.methods
            for stem in [clip_name(method, mixture, name).stem]
            if f"{item.split}/{stem}.wav" in missing
        }
        if targets:
            _render_mixture(clean, mixture, name, seed, systems, targets)
    if item.joined and joined_path(item) in missing:  # of clips that are there
        render_joined(Path(folder), item)
    return len(missing)


def missing_clips(folder: str | Path, item: Item) -> set[str]:
    """Return the relative paths of an item's wavs that are missing.

    E.g. ``train/MMSE_snr5_pink_ESPEAK_m1_007.wav``; an empty or truncated wav
    counts as missing.
    """
    return {clip for clip in item.clips if not is_whole(Path(folder, clip))}


def is_whole(path: Path) -> bool:
    """Whether a file has the length that its header declares."""
    try:
        info = audio_info(path)
    except AudioError:
        return False
    return not info.truncation and info.n_samples > 0


def degradation_rows(items: Iterable[Item], seed: int) -> list[dict[str, Any]]:
    """Return the rows of degradations.csv: what is drawn for each clip."""
    rows = []
    for item in items:
        for clip, mixture in item.clips.items():
            stem = Path(clip).stem
            method = parse_name(stem).method
            if mixture and mixture.room and method == ROOM:
                drawn = room_parameters(mixture.room)
                rows.append({"file": clip, "method": method} | drawn)
            elif method in DEGRADATIONS:
                rng = _degradation_rng(seed, stem)
                drawn = draw_parameters(method, rng)
                rows.append({"file": clip, "method": method} | drawn)
    return rows


def _render_mixture(clean, mixture, name, seed, systems, targets):
    """Write the wanted clips of one mixture."""
    noisy = clean
    if mixture.noise is not None:
        noisy = _mix(clean, mixture, name, seed)
    for method, target in targets.items():
        if method == ROOM:
            save_audio(target, _in_room(clean, mixture, name, seed))
            continue
        samples = _process(noisy, clean, method, target.stem, seed, systems)
        save_audio(target, samples)


def _in_room(clean, mixture, name, seed):
    """Return speech in a room, and the noise as it is; (n_samples,)."""
    wet = put_in_room(clean, mixture.room)
    return wet if mixture.noise is None else _mix(wet, mixture, name, seed)


def _mix(clean, mixture, name, seed):
    """Return speech and noise, shape (n_samples,)."""
    # The same draws for all methods: they process the very same mixture.
    stem = clip_name(NOISY, mixture, name).stem
    rng = rng_for(seed, stem, "samples")
    noise = _noise(mixture, len(clean), rng)
    origin = mixture.paths[0] if mixture.paths else mixture.noise
    return _named(origin, mix_at_snr, clean, noise, mixture.snr, rng)


def _process(noisy, clean, method, stem, seed, systems):
    """Apply a method to a mixture; shape (n_samples,)."""
    if method in DEGRADATIONS:
        return degrade(noisy, clean, method, _degradation_rng(seed, stem))
    return noisy if method == NOISY else enhance_with(noisy, systems[method])


def _degradation_rng(seed, stem):
    """Return the generator that draws the degradation of one clip."""
    return rng_for(seed, stem, "degradation")


def _noise(mixture, n_samples, rng):
    """Return the noise of a mixture, shape (n_noise,)."""
    if not mixture.paths:
        return GENERATORS[mixture.noise](n_samples, rng)
    loaded = [_load(path) for path in mixture.paths]
    if len(loaded) == 1:  # a noise file; voices are several
        return loaded[0]
    generate = FROM_SPEECH[mixture.noise]
    return _named(mixture.paths[0], generate, loaded, n_samples, rng)


def _named(path: object, function: Callable[..., T], *args: object) -> T:
    """Call a function and put the file's name in front of its ValueError."""
    try:
        return function(*args)
    except ValueError as err:
        raise ValueError(f"{path}: {err}") from err
