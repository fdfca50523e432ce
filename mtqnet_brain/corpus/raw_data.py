"""The table raw_data.csv of a corpus, with the columns of TMHINT-QI.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from mtqnet_brain.data.clip_names import CLEAN, parse_name

if TYPE_CHECKING:
    from mtqnet_brain.corpus.plan import Item

BASE_COLUMNS = (
    "idx",
    "method",
    "uttr",
    "snr",
    "noise",
    "quality_score",
    "intelligibility_score",
    "file_name",
)
# Of speech whose source is known.
SOURCE_COLUMNS = ("source", "language", "talker")


def raw_columns(items: Iterable[Item]) -> list[str]:
    """Return the columns of a plan, in order."""
    known = any(item.utterance.source for item in items)
    return [*BASE_COLUMNS, *(SOURCE_COLUMNS if known else ())]


def raw_rows(items: Iterable[Item]) -> list[dict]:
    """Return the rows of a plan; the listeners' columns stay empty."""
    items = list(items)
    columns = raw_columns(items)
    clips = [(clip, item.utterance) for item in items for clip in item.clips]
    rows = []
    for index, (clip, utterance) in enumerate(clips):
        stem = Path(clip).stem
        name = parse_name(stem)
        row = {
            "idx": index,
            # TMHINT-QI writes the method of a clean clip like this.
            "method": "None" if name.method == CLEAN else name.method,
            "uttr": name.utterance,
            "snr": name.snr_cell,
            "noise": name.noise or "",
            "file_name": f"{stem}.wav",
        }
        about = {name: getattr(utterance, name) for name in SOURCE_COLUMNS}
        rows.append({k: v for k, v in (row | about).items() if k in columns})
    return rows
