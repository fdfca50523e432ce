"""What a corpus holds, in counts.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtqnet_brain.corpus.plan import Item
    from mtqnet_brain.corpus.talker_split import Part


def describe_parts(parts: list[Part], items: list[Item]) -> dict:
    """Count the clips of each part by method, SNR and noise.

    Arguments
    ---------
    parts : list of Part
        Talkers and noises.
    items : list of Item
        The plan.

    Returns
    -------
    dict
        ``parts``: per part counts, talkers and noise files.
    """
    return {"parts": {part.name: _describe(part, items) for part in parts}}


def _describe(part, items):
    """Return counts, talkers and noise files of one part."""
    own = [item for item in items if item.part == part.name]
    mixed = [
        (method, mixture)
        for item in own
        for mixture in item.mixtures
        for method in mixture.methods
    ]
    return {
        "clips": len(own) + len(mixed),
        "clean": len(own),
        "method": _counts(method for method, _ in mixed),
        "snr": _counts((f"{mixture.snr:g}" for _, mixture in mixed), float),
        "noise": _counts(mixture.noise or "none" for _, mixture in mixed),
        "talkers": sorted(part.utterances),
        "noise_files": {
            noise: Path(path).name
            for noise, path in sorted(part.noises.items())
            if path is not None
        },
    }


def _counts(values, key=str):
    """Count values, sorted by a key."""
    counts = Counter(values)
    return {value: counts[value] for value in sorted(counts, key=key)}
