"""The intrusive labels of a corpus' clips, and of parts of them.

A clip with silence before or after its speech is labelled on the speech: the
silence of the reference would count as noise, though listeners do not mind.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mtqnet_brain.audio.io import load_audio, save_audio
from mtqnet_brain.corpus.joined import (
    PARTS,
    joined_path,
    part_paths,
    part_rows,
    render_parts,
)
from mtqnet_brain.data.table_files import read_csv
from mtqnet_brain.utils.files import write_csv
from mtqnet_brain.utils.parallel import run_parallel

if TYPE_CHECKING:
    from mtqnet_brain.corpus.plan import Item

EXCERPTS = "excerpts"  # while labels are computed
PARTS_FILE = "parts.csv"
PARTS_LABELS = "parts_labels.csv"  # while labels are computed


def label_corpus(folder: Path, items: Sequence[Item], workers: int) -> int:
    """Write labels.csv unless it is there.

    Arguments
    ---------
    folder : Path
        Of the corpus, with all its wavs.
    items : list of Item
        The plan.
    workers : int
        Number of processes.

    Returns
    -------
    int
        Number of pairs that could not be labelled.
    """
    from mtqnet_brain.labels import Pair, label_pairs

    target = folder / "labels.csv"
    clips = [clip for item in items for clip in item.clips]
    if not _is_newer(target, folder, clips):
        jobs = [(folder, item) for item in items if _is_padded(item)]
        for _ in run_parallel(_cut_excerpts, jobs, workers):
            pass
        pairs = []
        for item in items:
            base = folder / EXCERPTS if _is_padded(item) else folder
            reference = base / item.split / f"{item.utterance.name}.wav"
            pairs += [Pair(clip, reference, base / clip) for clip in item.clips]
        label_pairs(pairs, target, workers=workers)
        shutil.rmtree(folder / EXCERPTS, ignore_errors=True)
    return sum(1 for row in read_csv(target) if row["error"])


def _is_newer(target, folder, clips):
    """Whether a table is there and no clip is younger."""
    newest = max((folder / clip).stat().st_mtime_ns for clip in clips)
    return target.exists() and target.stat().st_mtime_ns >= newest


def _is_padded(item):
    """Whether a clip has silence before or after the speech."""
    return bool(item.take and (item.take.before_s or item.take.after_s))


def _cut_excerpts(job):
    """Write the speech of an item's clips without the silence around it."""
    folder, item = job
    for clip in item.clips:
        target = folder / EXCERPTS / clip
        # One that is there has labels perhaps, which its date would undo.
        if not target.exists():
            save_audio(target, load_audio(folder / clip)[item.take.span])


def label_parts(folder: Path, items: Sequence[Item], workers: int) -> None:
    """Write the parts of joined clips and parts.csv, unless it is there.

    Its columns: ``file``, the joined clip; ``start_s`` and ``end_s`` of the
    part; ``clip``, from which it is cut; ``part``, the wav of its speech
    alone; and the labels of that wav, as in labels.csv.

    Arguments
    ---------
    folder, items, workers
        As for `label_corpus`.
    """
    from mtqnet_brain.labels import Pair, label_pairs

    own = [item for item in items if item.joined]
    target = folder / PARTS_FILE
    names = [joined_path(item) for item in own]
    if not own or _is_newer(target, folder, names):
        return
    shutil.rmtree(folder / PARTS, ignore_errors=True)
    for _ in run_parallel(
        render_parts, [(folder, item) for item in own], workers
    ):
        pass
    pairs = [
        Pair(path, folder / reference, folder / path)
        for name in names
        for path, reference in part_paths(name)
    ]
    table = folder / PARTS_LABELS
    label_pairs(pairs, table, workers=workers, restart=True)
    labels = {row.pop("file"): row for row in read_csv(table)}
    rows = [row | labels[str(row["part"])] for row in part_rows(own)]
    write_csv(target, rows)
    table.unlink()
