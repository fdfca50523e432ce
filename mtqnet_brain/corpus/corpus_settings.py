"""The settings that a corpus depends on, and which of them contradict.

Authors
 * The mtqnet-brain developers 2026
"""

import math
from typing import Any

from mtqnet_brain.corpus.balance import CLEAN_SHARE
from mtqnet_brain.corpus.degradations import DEGRADATIONS, check_installed
from mtqnet_brain.corpus.joined import JOINED
from mtqnet_brain.corpus.measured_rooms import ROOM
from mtqnet_brain.corpus.noises import FROM_SPEECH, GENERATORS
from mtqnet_brain.corpus.presets import PRESETS
from mtqnet_brain.corpus.talker_split import FILES, GENERATED

CHOICES = {
    "noises": (*FROM_SPEECH, *GENERATORS, FILES),
    "degradations": tuple(DEGRADATIONS),
}
# Recorded only where they differ: an earlier release did not have them.
DEFAULTS: dict[str, Any] = {
    "noises": sorted((*GENERATED, FILES)),
    "degradations": [],
    "trained_enhancers": {},
    "speech_table": None,
    "hold_out": [],
    "whole": [],
    "rir": None,
    "seconds": None,
    "pauses": 0.0,
    "joined": 0,
    "non_speech": 0,
    "found": [],
    "clean": CLEAN_SHARE,
    "split_seed": None,
}


def without_defaults(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings without those of `DEFAULTS` that are unchanged."""
    return {
        name: value
        for name, value in settings.items()
        if name not in DEFAULTS or value != DEFAULTS[name]
    }


def check_settings(settings: dict[str, Any]) -> None:
    """Refuse settings that no corpus can be made with.

    Arguments
    ---------
    settings : dict
        Those of `build_corpus`, complete.

    Raises
    ------
    ValueError
        If they contradict each other or name what does not exist.
    ImportError
        If a degradation needs a package that is missing.
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
                f"{name} {unknown}: choose from {', '.join(choices)}"
            )
    _check_noises(settings)
    _check_sources(settings)
    _check_takes(settings)
    check_installed(settings["degradations"])  # now, not after an hour


def _check_noises(settings):
    """Refuse SNRs and noises that no mixture can be made with."""
    snrs = settings["snrs"]
    if not snrs:
        raise ValueError("no SNR given; e.g. --snr 0 5 10")
    if not all(map(math.isfinite, snrs)):
        raise ValueError(
            f"SNRs {snrs} are not all finite; leave out the infinite ones"
        )
    has_folder, noises = settings["noise"] is not None, settings["noises"]
    if has_folder and FILES not in noises:
        raise ValueError(
            f"noise folder {settings['noise']} would not be used with noises "
            f"{noises}: add {FILES} to --noises or leave out --noise"
        )
    if not has_folder and not set(noises) - {FILES}:
        raise ValueError(
            f"noises {noises} need a folder: give --noise FOLDER or add "
            "another kind, e.g. --noises pink babble"
        )


def _check_sources(settings):
    """Refuse what goes with recordings alone, and a name that is taken."""
    if settings["speech"] is None and settings["speech_table"]:
        raise ValueError(
            f"--speech_table {settings['speech_table']} describes recordings: "
            "give --speech FOLDER instead of a preset"
        )
    for taken in {ROOM, JOINED} & set(settings["enhancers"]):
        raise ValueError(
            f"enhancer {taken}: clips in measured rooms and joined clips are "
            "named so; choose another name"
        )


def _check_takes(settings):
    """Refuse lengths and numbers that no clip can have."""
    seconds, pauses = settings["seconds"], settings["pauses"]
    if seconds and not 1 <= seconds[0] < seconds[1] <= 20:
        raise ValueError(
            f"lengths {seconds[0]:g} to {seconds[1]:g} s: give 1 to 20 s, the "
            "shorter one first, e.g. --seconds 2 10"
        )
    if not 0 <= pauses <= 1:
        raise ValueError(f"--pauses {pauses}: give a fraction from 0 to 1")
    if not 0 < settings["clean"] <= 1:
        raise ValueError(
            f"--clean {settings['clean']}: give a fraction above 0, 1 at most"
        )
    for name in ("joined", "non_speech"):
        if settings[name] < 0:
            raise ValueError(f"--{name} {settings[name]}: give 0 or more")
