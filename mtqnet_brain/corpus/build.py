"""Build a corpus in the layout of TMHINT-QI.

::

    OUTPUT/train/, OUTPUT/test/   wavs, mixtures and their references
    OUTPUT/raw_data.csv           one row per wav, no listeners' scores
    OUTPUT/labels.csv             PESQ, STOI, SDI, CSIG, CBAK, COVL
    OUTPUT/labels.png             their distribution per SNR and system
    OUTPUT/degradations.csv       parameters drawn for each degraded clip
    OUTPUT/takes.csv              clips cropped, lengthened, with silence
    OUTPUT/parts.csv, parts/      parts of joined clips, labelled alone
    OUTPUT/unlabelled.csv, unlabelled/  recordings found, and non-speech
    OUTPUT/corpus.json            settings and counts; written last
    OUTPUT/clean_speech/          speech of a preset's talkers

Authors
 * The mtqnet-brain developers 2026
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from mtqnet_brain.corpus.balance import CLEAN_SHARE
from mtqnet_brain.corpus.clip_counts import count_clips
from mtqnet_brain.corpus.corpus_labels import label_corpus, label_parts
from mtqnet_brain.corpus.corpus_settings import (
    check_settings,
    without_defaults,
)
from mtqnet_brain.corpus.degradations import parameter_columns
from mtqnet_brain.corpus.enhancement.enhancers import (
    known_talkers,
    parse_systems,
    system_hashes,
)
from mtqnet_brain.corpus.folder import DEGRADATIONS_FILE, CorpusFolder
from mtqnet_brain.corpus.held_out import HeldOut
from mtqnet_brain.corpus.label_plot import PLOT_FILE, plot_labels
from mtqnet_brain.corpus.measured_rooms import ROOM_PARAMETERS
from mtqnet_brain.corpus.planning import plan_corpus, speech_words
from mtqnet_brain.corpus.recording_checks import report_bad
from mtqnet_brain.corpus.render import (
    degradation_rows,
    is_whole,
    missing_clips,
    render_item,
)
from mtqnet_brain.corpus.speech_sources import parse_folders
from mtqnet_brain.corpus.talker_split import FILES, GENERATED
from mtqnet_brain.corpus.unlabelled import render_unlabelled
from mtqnet_brain.data.table_files import read_csv
from mtqnet_brain.utils.files import write_csv
from mtqnet_brain.utils.outputs import claim_output
from mtqnet_brain.utils.parallel import run_parallel


def build_corpus(
    output: str | Path,
    speech: str | Path | Sequence[str | Path] | None = None,
    noise: str | Path | None = None,
    preset: str | None = None,
    clips: int = 1500,
    snrs: Sequence[float] = (-2, 0, 2, 5, 10, 20, 30),
    enhancers: Sequence[str] = ("MMSE", "KLT"),
    noises: Sequence[str] = (*GENERATED, FILES),
    degradations: Sequence[str] = (),
    seed: int = 1986,
    workers: int = 1,
    restart: bool = False,
    speech_table: str | Path | None = None,
    hold_out: Sequence[str] = (),
    whole: Sequence[str] = (),
    rir: str | Path | None = None,
    seconds: Sequence[float] | None = None,
    pauses: float = 0.0,
    joined: int = 0,
    non_speech: int = 0,
    found: Sequence[str | Path] = (),
    clean: float = CLEAN_SHARE,
    split_seed: int | None = None,
) -> dict[str, Any]:
    """Mix speech and noise, enhance the mixtures, label every clip.

    The same arguments give the same bytes, whatever the number of workers.
    An interrupted run resumes where it stopped; damaged clips are made again,
    and speech or noise that has changed is refused. Talkers and noise files
    are split 80/20 between ``train`` and ``test``.

    Arguments
    ---------
    output : str or Path
        Folder of the corpus.
    speech : str or Path, or list
        Folder of clean clips; the talker is what precedes ``__`` in a name,
        else the clip's folder. Clips under 1 s or over 12 s are left out, and
        so are bad speech and noise files (truncated, silent, not finite ...).
        Several folders, each ``FOLDER`` or ``FOLDER=WEIGHT``, are sources by
        their names; see `balance.share_clips` for how they share the clips.
    noise : str or Path
        Folder of noise files.
    preset : str
        ``demo`` or ``demo_teacher`` instead of speech: synthetic talkers.
    clips : int
        Number of wavs, clean ones included.
    snrs : list of float
        In dB, active speech level over noise.
    enhancers : list of str
        ``MMSE``, ``KLT``, or ``NAME=RUN`` with a trained system, as for
        `enhancers.parse_systems`.
    noises : list of str
        Kinds: ``babble``, ``pink``, ``street``, ``white``, ``brown``,
        ``ssn`` (speech-shaped), and ``files``, those of the noise folder.
    degradations : list of str
        ``Lowpass``, ``Clip``, ``MNRU``, ``Reverb``, ``Mask``, ``Complex``,
        ``Phase``, applied to mixtures and clean speech; see
        `corpus.degradations`.
    seed : int
        Seed of every random draw.
    workers : int
        Number of processes.
    restart : bool
        Whether a corpus of this command in the folder is removed first.
    speech_table : str or Path
        Talker, language and licence by file: `read_speech_table`.
    hold_out : list of str
        Sources, languages, talkers, noise files and rooms for the test alone.
    whole : list of str
        Sources that are not split by talkers; with `hold_out`, see `HeldOut`.
    rir : str or Path
        Folder of measured room responses, for the method ``Room``.
    seconds : tuple of float
        Shortest and longest speech, reached by joining two utterances of a
        talker and by cropping: see `takes.draw_take`.
    pauses : float
        Fraction of the utterances with silence before, after or between.
    joined : int
        Further clips, of two parts whose qualities differ: see `joined`.
    non_speech : int
        Clips of noise, tones and clicks without labels.
    found : list of str or Path
        Folders of recordings without a reference, for pseudo-labels alone.
    clean : float
        Fraction of the clips that is clean, one clip of each utterance: the
        more, the more utterances and the fewer mixtures of each.
    split_seed : int
        Decides which talkers, noises and rooms are for the test, so that
        corpora of several seeds can have one split; ``seed`` by default.

    Returns
    -------
    dict
        Content of ``corpus.json``.

    Raises
    ------
    ValueError
        If the arguments contradict each other, the folder holds something
        else or lies in a folder of speech or noise, another command writes
        it, or the speech does not suffice.
    ImportError
        If a package is missing that synthesis, reverberation or labels need.
    """
    systems = parse_systems(enhancers)
    settings = {
        "speech": _speech_setting(speech),
        "noise": None if noise is None else str(noise),
        "preset": preset,
        "clips": clips,
        "snrs": sorted({float(snr) for snr in snrs}),
        "enhancers": sorted(systems),
        "seed": seed,
        "noises": sorted(set(noises)),
        "degradations": sorted(set(degradations)),
        "trained_enhancers": system_hashes(systems),
        "speech_table": None if speech_table is None else str(speech_table),
        "hold_out": sorted(set(hold_out)),
        "whole": sorted(set(whole)),
        "rir": None if rir is None else str(rir),
        "seconds": None if seconds is None else [float(s) for s in seconds],
        "pauses": float(pauses),
        "joined": joined,
        "non_speech": non_speech,
        "found": [str(folder) for folder in found],
        "clean": float(clean),
        "split_seed": split_seed,
    }
    check_settings(settings)
    settings = without_defaults(settings)
    folder = CorpusFolder(output)
    folder.refuse_inputs(*_input_folders(settings))
    with claim_output(folder.marker):
        if restart:
            folder.remove()
        folder.claim(settings)
        return _build(folder, settings, systems, workers)


def _speech_setting(speech):
    """Return the speech as corpus.json has it: None, a text or a list."""
    if speech is None or isinstance(speech, (str, Path)):
        return None if speech is None else str(speech)
    words = [str(folder) for folder in speech]
    return words[0] if len(words) == 1 else words or None


def _input_folders(settings):
    """List the folders that a corpus is made of."""
    words = [*speech_words(settings["speech"]), *settings.get("found", ())]
    folders = parse_folders(words)
    others = (settings.get(name) for name in ("noise", "rir"))
    return [*(folder.path for folder in folders), *filter(None, others)]


def _build(
    folder: CorpusFolder,
    settings: dict[str, Any],
    systems: dict[str, str],
    workers: int,
) -> dict[str, Any]:
    """Make what is missing of a corpus."""
    seed = settings["seed"]
    plan = plan_corpus(folder.path, settings, workers)
    items = plan.items
    folder.fix_plan(items, plan.unlabelled)
    _write_degradations(folder.path, items, seed)
    _render(folder.path, items, seed, systems, workers)
    _render_unlabelled(folder.path, plan.unlabelled, seed, workers)
    failed = label_corpus(folder.path, items, workers)
    label_parts(folder.path, items, workers)
    plot_labels(folder.path / PLOT_FILE, read_csv(folder.path / "labels.csv"))
    content = settings | plan.left_out | {"labels_failed": failed}
    content["parts"] = {s.name: count_clips(s, items) for s in plan.splits}
    known = known_talkers(systems, content["parts"]["test"]["talkers"])
    content |= {"test_talkers_learnt": known} if known else {}
    folder.finish(content)
    report_bad(plan.bad)
    _report_untested(plan, settings)
    for name, talkers in known.items():
        print(
            f"enhancer {name} was trained on {len(talkers)} of the talkers in "
            f"test/ ({talkers[0]}): train it on a corpus of the same speech, "
            "noise and seed"
        )
    return content


def _report_untested(plan, settings):
    """Name what is held out for the test but not in it."""
    heard = [
        utterance
        for split in plan.splits
        for own in split.utterances.values()
        for utterance in own
    ]
    tested = [item.utterance for item in plan.items if item.split == "test"]
    held_out = HeldOut(tuple(settings.get("hold_out", ())))
    for name in held_out.without(heard, tested):
        print(
            f"{name}: held out, but none of the {len(tested)} utterances of "
            "test/ is of it: give more --clips, or a larger share --clean"
        )


def _write_degradations(folder, items, seed):
    """Write the parameters drawn for each degraded clip, if there is one."""
    rows = degradation_rows(items, seed)
    target = folder / DEGRADATIONS_FILE
    if rows and not target.exists():
        in_rooms = any(ROOM_PARAMETERS[0] in row for row in rows)
        rooms = ROOM_PARAMETERS if in_rooms else ()
        columns = [*parameter_columns(rows), *rooms]
        write_csv(target, rows, ["file", "method", *columns])


def _render(folder, items, seed, systems, workers):
    """Write the wavs that are missing."""
    pending = [item for item in items if missing_clips(folder, item)]
    total = sum(len(item.clips) for item in items)
    done = total - sum(len(missing_clips(folder, item)) for item in pending)
    jobs = [(folder, seed, systems, item) for item in pending]
    with tqdm(total=total, initial=done, desc="wavs", unit="wav") as progress:
        for n_written in run_parallel(render_item, jobs, workers):
            progress.update(n_written)


def _render_unlabelled(folder, clips, seed, workers):
    """Write the clips without labels that are missing."""
    jobs = [(folder, seed, c) for c in clips if not is_whole(folder / c.file)]
    for _ in run_parallel(render_unlabelled, jobs, workers):
        pass
