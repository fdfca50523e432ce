"""Sources that no clip can be made of: found before anything is mixed.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from mtqnet_brain.audio.io import (
    MIN_SAMPLES,
    SAMPLE_RATE,
    AudioError,
    load_audio,
)
from mtqnet_brain.utils.parallel import run_parallel

if TYPE_CHECKING:
    from mtqnet_brain.corpus.plan import Item
    from mtqnet_brain.corpus.source_files import Utterance
    from mtqnet_brain.corpus.talker_split import Part

MIN_NOISE_SAMPLES = SAMPLE_RATE // 4  # what is shorter hums when repeated
N_SHOWN = 5


def find_copies(paths: list[Path]) -> dict:
    """Find files of equal content: one in train/ would be in test/ too.

    Arguments
    ---------
    paths : list of Path
        Noise files.

    Returns
    -------
    dict
        Reason by path, for all but the first of each content.
    """
    first, copies = {}, {}
    sizes = Counter(path.stat().st_size for path in paths)
    for path in sorted(paths):
        if sizes[path.stat().st_size] > 1:
            digest = hashlib.sha256(path.read_bytes()).digest()
            if digest in first:
                copies[path] = f"the same content as {first[digest]}"
            first.setdefault(digest, path)
    return copies


def plan_sound(
    plan: Callable,
    utterances: list[Utterance],
    noise_files: dict,
    bad: dict,
    workers: int,
) -> tuple[list[Part], list[Item], dict]:
    """Plan a corpus of sources that can be used.

    Only the sources that a plan uses are decoded. While some of them turn out
    to be bad, they are left out and a new plan is made of the others.

    Arguments
    ---------
    plan : callable
        Of utterances and noise files; returns parts and items.
    utterances : list of Utterance
        Clean clips.
    noise_files : dict
        Path by noise name.
    bad : dict
        Reason by path: files that are known to be bad.
    workers : int
        Processes.

    Returns
    -------
    parts : list of Part
        Without the bad sources.
    items : list of Item
        The plan.
    bad : dict
        Reason by path.

    Raises
    ------
    ValueError
        If what is left does not suffice.
    """
    sound = set()
    while True:
        speech = [u for u in utterances if u.path not in bad]
        noises = {n: path for n, path in noise_files.items() if path not in bad}
        _refuse_nothing(speech, "speech", bad)
        if noise_files:
            _refuse_nothing(noises, "noise", bad)
        parts, items = _try_plan(plan, speech, noises, bad)
        kinds = _kinds(items, set(noise_files.values()))
        pending = sorted((p, kinds[p]) for p in set(kinds) - sound)
        found = _check(pending, workers) if pending else {}
        if not found:
            return parts, items, bad
        bad = bad | found
        sound.update(path for path, _ in pending)


def _refuse_nothing(left, kind, bad):
    """Refuse a kind of source of which nothing is left."""
    if bad and not left:
        raise ValueError(f"no {kind} file can be used: {_summary(bad)}")


def _try_plan(plan, speech, noises, bad):
    """Make a plan; an error says what had to be left out."""
    try:
        return plan(speech, noises)
    except ValueError as err:
        if not bad:
            raise
        raise ValueError(f"{err}; not counted: {_summary(bad)}") from err


def _summary(bad):
    """Count the bad files and name the first one."""
    path, reason = min(bad.items())
    return f"{len(bad)} bad files, first {path}: {reason}"


def _kinds(items, noise_paths):
    """Return ``noise`` or ``speech`` for every file that a plan uses."""
    paths = {item.utterance.path for item in items}
    for item in items:
        for mixture in item.mixtures:
            paths.update(mixture.paths)
    return {
        path: "noise" if path in noise_paths else "speech" for path in paths
    }


def _check(jobs, workers):
    """Decode sources; return the reason by path of the bad ones."""
    progress = tqdm(
        run_parallel(check_source, jobs, workers),
        desc="sources",
        unit="file",
        total=len(jobs),
    )
    return {path: reason for path, reason in progress if reason}


def check_source(job: tuple) -> tuple[Path, str]:
    """Decode one source.

    Arguments
    ---------
    job : tuple
        Path and kind, ``speech`` or ``noise``.

    Returns
    -------
    path : Path
        The source.
    reason : str
        Why it cannot be used; empty if it can.
    """
    path, kind = job
    least = MIN_NOISE_SAMPLES if kind == "noise" else MIN_SAMPLES
    try:
        samples = load_audio(path, min_samples=least)
    except (AudioError, OSError) as err:
        return path, str(err).removeprefix(f"{path}: ")
    return path, "" if samples.any() else f"{kind} is silent"


def list_skipped(
    counts: dict, bad: dict, speech: str | Path, noise: str | Path
) -> dict:
    """Describe what was left out, for corpus.json.

    Arguments
    ---------
    counts : dict
        Speech files that are no clips, by reason.
    bad : dict
        Reason by path.
    speech, noise : str or Path
        Folders; None for none.

    Returns
    -------
    dict
        ``speech_skipped``: the counts and, where files are bad, ``bad``, the
        reason by path inside the folder; ``noise_skipped`` only then.
    """
    bad_speech, bad_noise = _inside(bad, speech), _inside(bad, noise)
    skipped = {"speech_skipped": counts | bad_speech}
    return skipped | ({"noise_skipped": bad_noise} if bad_noise else {})


def _inside(bad, folder):
    """Return the bad files of a folder; nothing if there are none."""
    found = {
        path.relative_to(folder).as_posix(): reason
        for path, reason in sorted(bad.items())
        if folder is not None and path.is_relative_to(folder)
    }
    return {"bad": found} if found else {}


def report_bad(bad: dict) -> None:
    """Print the bad files, the first few by name.

    Arguments
    ---------
    bad : dict
        Reason by path.
    """
    if bad:
        print(f"{len(bad)} bad files were left out, listed in corpus.json:")
    for path, reason in sorted(bad.items())[:N_SHOWN]:
        print(f"  {path}: {reason}")
