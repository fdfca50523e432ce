"""The intrusive labels of a corpus' clips.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mtqnet_brain.data.table_files import read_csv

if TYPE_CHECKING:
    from mtqnet_brain.corpus.plan import Item


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
    clips = [folder / clip for item in items for clip in item.clips]
    newest = max(clip.stat().st_mtime_ns for clip in clips)
    if target.exists() and target.stat().st_mtime_ns >= newest:
        return sum(1 for row in read_csv(target) if row["error"])
    pairs = [
        Pair(
            clip,
            folder / item.split / f"{item.utterance.name}.wav",
            folder / clip,
        )
        for item in items
        for clip in item.clips
    ]
    return label_pairs(pairs, target, workers=workers)
