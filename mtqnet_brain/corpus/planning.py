"""From the settings of a corpus to its plan: speech, noise and rooms found.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mtqnet_brain.corpus.balance import CLEAN_SHARE
from mtqnet_brain.corpus.held_out import HeldOut
from mtqnet_brain.corpus.measured_rooms import ROOM, find_rooms
from mtqnet_brain.corpus.plan import NOISY, plan_items
from mtqnet_brain.corpus.presets import synthesize_preset
from mtqnet_brain.corpus.recording_checks import (
    check_recordings,
    find_copies,
    list_skipped,
    plan_usable,
)
from mtqnet_brain.corpus.recordings import (
    NamesInUse,
    find_noises,
    find_speech,
)
from mtqnet_brain.corpus.speech_sources import (
    SpeechFolder,
    find_sources,
    is_plain,
    parse_folders,
    read_speech_table,
    refuse_other_table,
    weights_of,
)
from mtqnet_brain.corpus.talker_split import FILES, GENERATED, split_talkers
from mtqnet_brain.corpus.unlabelled import (
    NOISE,
    Unlabelled,
    plan_unlabelled,
)

if TYPE_CHECKING:
    from mtqnet_brain.corpus.plan import Item
    from mtqnet_brain.corpus.talker_split import Split

CLEAN_SPEECH = "clean_speech"
PRESET_PREFIX = "ESPEAK"


class Plan(NamedTuple):
    """What a corpus will hold.

    Arguments
    ---------
    splits : list of Split
        ``train`` and ``test``.
    items : list of Item
        Utterances and what is made of them.
    left_out : dict
        What was skipped, for corpus.json.
    bad : dict
        Reason by path, of files that cannot be used.
    unlabelled : list of Unlabelled
        Clips without labels.
    """

    splits: list[Split]
    items: list[Item]
    left_out: dict[str, Any]
    bad: dict[Path, str]
    unlabelled: list[Unlabelled]


def plan_corpus(path: Path, settings: dict[str, Any], workers: int) -> Plan:
    """Find speech, noise and rooms, and choose the clips.

    Arguments
    ---------
    path : Path
        Folder of the corpus; the speech of a preset is written there.
    settings : dict
        Those of `build_corpus`, without defaults.
    workers : int
        Number of processes.

    Returns
    -------
    Plan
        The same for the same settings and files.

    Raises
    ------
    ValueError
        If the speech does not suffice.
    AudioError
        If a folder has no audio file.
    """
    folders = _speech_folders(path, settings, workers)
    speech = _find_speech(folders, settings)
    utterances, skipped, bad = speech[0]
    found, _, bad_found = speech[1]
    weights = weights_of(folders)
    generated = [
        kind for kind in settings.get("noises", GENERATED) if kind != FILES
    ]
    noise_files = find_noises(settings["noise"], generated)
    rooms, bad_rooms = find_rooms(settings.get("rir"))
    methods = [NOISY, *settings["enhancers"]]
    more = [*settings.get("degradations", ()), *([ROOM] if rooms else [])]
    held_out = HeldOut(
        tuple(settings.get("hold_out", ())), tuple(settings.get("whole", ()))
    )

    takes = [
        settings.get("seconds"),
        settings.get("pauses", 0),
        settings.get("joined", 0),
        settings.get("clean", CLEAN_SHARE),
    ]

    def plan(utterances, noise_files):
        """Split the talkers and choose the clips."""
        seed = settings["seed"]
        splits = split_talkers(
            utterances,
            noise_files,
            settings.get("split_seed", seed),
            generated,
            held_out,
            rooms,
            found,
        )
        clips, snrs = settings["clips"], settings["snrs"]
        return splits, plan_items(
            splits, clips, snrs, methods, seed, more, weights, *takes
        )

    bad |= bad_found | find_copies(noise_files.values())
    splits, items, bad = plan_usable(
        plan, utterances, noise_files, bad, workers
    )
    unlabelled, bad_more = _plan_unlabelled(splits, settings, workers)
    bad |= bad_more
    read = [folder.path for folder in folders]
    left_out = list_skipped(skipped, bad, read, settings["noise"])
    other = {p.as_posix(): why for p, why in (bad_found | bad_rooms).items()}
    if other:
        left_out["others_skipped"] = dict(sorted(other.items()))
    return Plan(splits, items, left_out, bad | bad_rooms, unlabelled)


def _plan_unlabelled(splits, settings, workers):
    """List the clips without labels that can be used, and bad files."""
    clips = plan_unlabelled(
        splits, settings.get("non_speech", 0), settings["seed"]
    )
    kinds = {c.origin: NOISE if c.kind == NOISE else "speech" for c in clips}
    jobs = sorted((path, kind) for path, kind in kinds.items() if path)
    bad = check_recordings(jobs, workers)
    return [clip for clip in clips if clip.origin not in bad], bad


def _speech_folders(path, settings, workers):
    """Return the folders of clean speech, that of a preset written."""
    if settings["preset"]:
        synthesize_preset(settings["preset"], path / CLEAN_SPEECH, workers)
        return [SpeechFolder(path / CLEAN_SPEECH, None)]
    return parse_folders(speech_words(settings["speech"]))


def speech_words(speech: str | list[str] | None) -> list[str]:
    """Return the speech of corpus.json as a list: one folder is a text."""
    return [speech] if isinstance(speech, str) else speech or []


def _find_speech(folders, settings):
    """List what `find_sources` finds of the speech, and of the found."""
    path, names = settings.get("speech_table"), NamesInUse()
    table = read_speech_table(path) if path else {}
    if settings["preset"]:
        speech = find_speech(folders[0].path, PRESET_PREFIX, names=names)
    else:
        speech = find_sources(folders, table, is_plain(folders, path), names)
        if path:
            refuse_other_table(path, table, speech[0])
    others = parse_folders(settings.get("found", ()))
    return speech, find_sources(others, table, False, names)
