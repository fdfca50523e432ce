"""Requests that no corpus can be made of.

Authors
 * The mtqnet-brain developers 2026
"""

import math

from mtqnet_brain.corpus.degradations import DEGRADATIONS, REVERB
from mtqnet_brain.corpus.noises import FROM_SPEECH, GENERATORS
from mtqnet_brain.corpus.presets import PRESETS
from mtqnet_brain.corpus.rooms import load_pyroomacoustics
from mtqnet_brain.corpus.talker_split import FILES

CHOICES = {
    "noises": (*FROM_SPEECH, *GENERATORS, FILES),
    "degradations": tuple(DEGRADATIONS),
}


def check_request(settings: dict) -> None:
    """Refuse settings that no corpus can be made of.

    Arguments
    ---------
    settings : dict
        Those of `build_corpus`, complete.

    Raises
    ------
    ValueError
        If they contradict each other or name what does not exist.
    ImportError
        If reverberation is asked for and pyroomacoustics is missing.
    """
    preset = settings["preset"]
    if (settings["speech"] is None) == (preset is None):
        raise ValueError(
            f"give either --speech FOLDER or --preset {{{','.join(PRESETS)}}}"
        )
    if preset is not None and preset not in PRESETS:
        raise ValueError(
            f"preset {preset!r} is not one of {', '.join(PRESETS)}"
        )
    for name, choices in CHOICES.items():
        unknown = sorted(set(settings[name]) - set(choices))
        if unknown:
            raise ValueError(
                f"{name} {unknown} are not among {', '.join(choices)}"
            )
    _check_noises(settings)
    if REVERB in settings["degradations"]:
        load_pyroomacoustics()  # now, not after an hour


def _check_noises(settings):
    """Refuse SNRs and noises that no mixture can be made of."""
    snrs = settings["snrs"]
    if not snrs:
        raise ValueError("no SNR given; e.g. --snr 0 5 10")
    if not all(map(math.isfinite, snrs)):
        raise ValueError(f"SNRs {snrs} are not all finite; drop the others")
    has_folder, noises = settings["noise"] is not None, settings["noises"]
    if has_folder and FILES not in noises:
        raise ValueError(
            f"noise folder {settings['noise']}, but noises {noises}: add "
            f"{FILES} to --noises or leave out --noise"
        )
    if not has_folder and not set(noises) - {FILES}:
        raise ValueError(
            f"noises {noises} without a folder: give --noise FOLDER or "
            "another kind, e.g. --noises pink babble"
        )
