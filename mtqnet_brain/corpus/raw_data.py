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

COLUMNS = (
    "idx",
    "method",
    "uttr",
    "snr",
    "noise",
    "quality_score",
    "intelligibility_score",
    "file_name",
)


def raw_rows(items: Iterable[Item]) -> list[dict]:
    """Return the rows of a plan; the listeners' columns stay empty."""
    clips = [clip for item in items for clip in item.clips]
    rows = []
    for index, clip in enumerate(clips):
        stem = Path(clip).stem
        name = parse_name(stem)
        rows.append(
            {
                "idx": index,
                # TMHINT-QI writes the method of a clean clip like this.
                "method": "None" if name.method == CLEAN else name.method,
                "uttr": name.utterance,
                "snr": name.snr_cell,
                "noise": name.noise or "",
                "file_name": f"{stem}.wav",
            }
        )
    return rows
