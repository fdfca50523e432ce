"""From one planned utterance to its wavs.

Authors
 * The mtqnet-brain developers 2026
"""

from functools import lru_cache
from pathlib import Path

from mtqnet_brain.audio import load_audio, save_audio
from mtqnet_brain.corpus.enhancers import ENHANCERS
from mtqnet_brain.corpus.mixing import mix_at_snr, normalize_speech
from mtqnet_brain.corpus.noises import GENERATORS, babble_noise
from mtqnet_brain.corpus.parts import BABBLE, rng_for
from mtqnet_brain.corpus.plan import NOISY, clip_name

# Clips kept in memory by each process: babble and noise files recur.
_load = lru_cache(maxsize=64)(load_audio)


def render_item(job):
    """Write the missing wavs of one utterance.

    Arguments
    ---------
    job : tuple
        Folder of the corpus, seed, `Item`.

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
    folder, seed, item = job
    missing = missing_clips(folder, item)
    if not missing:
        return 0
    name, _, path = item.utterance
    clean = _named(path, normalize_speech, load_audio(path))
    if f"{item.part}/{name}.wav" in missing:
        save_audio(Path(folder, item.part, f"{name}.wav"), clean)
    for mixture in item.mixtures:
        targets = {
            method: Path(folder, item.part, f"{stem}.wav")
            for method in mixture.methods
            for stem in [clip_name(method, mixture, name).stem]
            if f"{item.part}/{stem}.wav" in missing
        }
        if targets:
            _render_mixture(clean, mixture, name, seed, targets)
    return len(missing)


def missing_clips(folder, item):
    """Return the relative paths of an item's wavs that do not exist.

    Arguments
    ---------
    folder : str or Path
        Of the corpus.
    item : Item
        What is planned.

    Returns
    -------
    set of str
        E.g. ``train/MMSE_snr5_pink_ESPEAK_m1_007.wav``. Wavs are written
        whole: one that exists is complete.
    """
    return {clip for clip in item.clips if not Path(folder, clip).exists()}


def _render_mixture(clean, mixture, name, seed, targets):
    """Write the wanted clips of one mixture."""
    # The same draws for all methods: they enhance the very same mixture.
    stem = clip_name(NOISY, mixture, name).stem
    rng = rng_for(seed, stem, "samples")
    noise = _noise(mixture, len(clean), rng)
    source = mixture.paths[0] if mixture.paths else mixture.noise
    noisy = _named(source, mix_at_snr, clean, noise, mixture.snr, rng)
    for method, target in targets.items():
        enhance = ENHANCERS.get(method)
        save_audio(target, enhance(noisy) if enhance else noisy)


def _noise(mixture, n_samples, rng):
    """Return the noise of a mixture, shape (n_noise,)."""
    if mixture.noise in GENERATORS:
        return GENERATORS[mixture.noise](n_samples, rng)
    loaded = [_load(path) for path in mixture.paths]
    if mixture.noise == BABBLE:
        return _named(mixture.paths[0], babble_noise, loaded, n_samples, rng)
    return loaded[0]


def _named(path, function, *args):
    """Call a function; its ValueError gets the name of the file."""
    try:
        return function(*args)
    except ValueError as err:
        raise ValueError(f"{path}: {err}") from err
