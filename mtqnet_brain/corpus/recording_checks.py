"""Speech and noise files that cannot be used: found before any mixing.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from mtqnet_brain.audio.io import (
    MIN_SAMPLES,
    SAMPLE_RATE,
    AudioError,
    load_audio,
)
from mtqnet_brain.utils.error_text import reason_of
from mtqnet_brain.utils.files import file_hash
from mtqnet_brain.utils.parallel import run_parallel

if TYPE_CHECKING:
    from mtqnet_brain.corpus.plan import Item
    from mtqnet_brain.corpus.recordings import Utterance
    from mtqnet_brain.corpus.talker_split import Split

    Plan = tuple[list[Split], list[Item]]

MIN_NOISE_SAMPLES = SAMPLE_RATE // 4  # shorter noise hums when repeated
N_SHOWN = 5


def find_copies(paths: Collection[Path]) -> dict[Path, str]:
    """Find noise files of equal content: both splits could get one.

    Returns the reason by path, for all but the first of each content.
    """
    first: dict[str, Path] = {}
    copies = {}
    sizes = Counter(path.stat().st_size for path in paths)
    for path in sorted(paths):
        if sizes[path.stat().st_size] > 1:
            original = first.setdefault(file_hash(path), path)
            if original != path:
                copies[path] = f"the same content as {original}"
    return copies


def plan_usable(
    plan: Callable[[list[Utterance], dict[str, Path]], Plan],
    utterances: Sequence[Utterance],
    noise_files: dict[str, Path],
    bad: dict[Path, str],
    workers: int,
) -> tuple[list[Split], list[Item], dict[Path, str]]:
    """Plan a corpus from the files that can be used.

    Only the files that a plan needs are decoded. While some of them turn out
    to be bad, they are left out and the others are planned again.

    Arguments
    ---------
    plan : callable
        Function of utterances and noise files; returns splits and items.
    utterances : list of Utterance
        Clean clips.
    noise_files : dict
        Path by noise name.
    bad : dict
        Reason by path: files that are known to be bad.
    workers : int
        Number of processes.

    Returns
    -------
    splits : list of Split
        Without the bad files.
    items : list of Item
        The plan.
    bad : dict
        Reason by path.

    Raises
    ------
    ValueError
        If what is left does not suffice.
    """
    decoded: set[Path] = set()
    while True:
        speech = [u for u in utterances if u.path not in bad]
        noises = {n: path for n, path in noise_files.items() if path not in bad}
        _refuse_nothing(speech, "speech", bad)
        if noise_files:
            _refuse_nothing(noises, "noise", bad)
        splits, items = _try_plan(plan, speech, noises, bad)
        kinds = _kinds(items, set(noise_files.values()))
        pending = sorted((p, kinds[p]) for p in set(kinds) - decoded)
        found = check_recordings(pending, workers)
        if not found:
            return splits, items, bad
        bad = bad | found
        decoded.update(path for path, _ in pending)


def _refuse_nothing(left, kind, bad):
    """Raise an error if all files of one kind are invalid."""
    if bad and not left:
        raise ValueError(f"no {kind} file can be used: {_summary(bad)}")


def _try_plan(plan, speech, noises, bad):
    """Make a plan; its error also names what was left out."""
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
    paths = {path for item in items for path in item.recordings}
    for item in items:
        for mixture in item.mixtures:
            paths.update(mixture.paths)
    return {
        path: "noise" if path in noise_paths else "speech" for path in paths
    }


def check_recordings(
    jobs: Sequence[tuple[Path, str]], workers: int
) -> dict[Path, str]:
    """Decode files; return the reason by path of the bad ones.

    Arguments
    ---------
    jobs : list of tuple
        As for `check_recording`.
    workers : int
        Number of processes.
    """
    if not jobs:
        return {}
    progress = tqdm(
        run_parallel(check_recording, jobs, workers),
        desc="recordings",
        unit="file",
        total=len(jobs),
    )
    return {path: reason for path, reason in progress if reason}


def check_recording(job: tuple[Path, str]) -> tuple[Path, str]:
    """Decode a speech or noise file.

    The job is its path and kind, ``speech`` or ``noise``. Returns the path and
    why it cannot be used, empty if it can.
    """
    path, kind = job
    least = MIN_NOISE_SAMPLES if kind == "noise" else MIN_SAMPLES
    try:
        samples = load_audio(path, min_samples=least)
    except (AudioError, OSError) as err:
        return path, reason_of(err, path)
    return path, "" if samples.any() else f"{kind} is silent"


def list_skipped(
    counts: dict[str, int],
    bad: dict[Path, str],
    speech: Sequence[Path],
    noise: str | None,
) -> dict[str, dict]:
    """Describe what was left out, for corpus.json.

    Arguments
    ---------
    counts : dict
        Number of speech files of the wrong length, by reason.
    bad : dict
        Reason by path.
    speech : list of Path
        Folders.
    noise : str
        Folder; None for none.

    Returns
    -------
    dict
        ``speech_skipped`` and ``noise_skipped``, the latter only for bad
        noise. Under ``bad`` of each: the reason by path inside the folder,
        the whole path where there are several.
    """
    bad_noise = _inside(bad, noise)
    if len(speech) == 1:
        bad_speech = _inside(bad, speech[0])
    else:
        bad_speech = _whole_paths(bad, speech)
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


def _whole_paths(bad, folders):
    """Return the bad files of several folders; nothing if there are none."""
    found = {
        path.as_posix(): reason
        for path, reason in sorted(bad.items())
        if any(path.is_relative_to(folder) for folder in folders)
    }
    return {"bad": found} if found else {}


def report_bad(bad: dict[Path, str]) -> None:
    """Print how many files are bad, and the first few with the reason."""
    if bad:
        print(f"{len(bad)} bad files were left out, listed in corpus.json:")
    for path, reason in sorted(bad.items())[:N_SHOWN]:
        print(f"  {path}: {reason}")
