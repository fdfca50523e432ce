"""Counts of a corpus' clips, for corpus.json.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mtqnet_brain.corpus.plan import Item
    from mtqnet_brain.corpus.talker_split import Split


def count_clips(split: Split, items: Iterable[Item]) -> dict[str, Any]:
    """Count the clips of a split by method, SNR and noise, for corpus.json.

    The names of its talkers and noise files are listed, too; where there are
    several sources, clips by source and language, licences, and rooms.
    """
    own = [item for item in items if item.split == split.name]
    mixed = [
        (method, mixture)
        for item in own
        for mixture in item.mixtures
        for method in mixture.methods
    ]
    content = {
        "clips": len(own) + len(mixed),
        "clean": len(own),
        "method": _count(method for method, _ in mixed),
        "snr": _count((f"{mixture.snr:g}" for _, mixture in mixed), float),
        "noise": _count(mixture.noise or "none" for _, mixture in mixed),
        "talkers": sorted(split.utterances),
        "noise_files": {
            noise: Path(path).name
            for noise, path in sorted(split.noises.items())
            if path is not None
        },
    }
    if any(item.utterance.source for item in own):
        content |= _by_source(own)
    if split.rooms:
        content["rooms"] = [path.name for path in split.rooms]
    return content


def _by_source(items):
    """Count clips by source and language, and list the licences."""
    clips = [item.utterance for item in items for _ in item.clips]
    licences: dict[str, set[str]] = {}
    for utterance in clips:
        own = licences.setdefault(utterance.source, set())
        own |= {utterance.licence} - {""}
    return {
        "source": _count(utterance.source for utterance in clips),
        "language": _count(u.language or "unknown" for u in clips),
        "licences": {name: sorted(own) for name, own in licences.items()},
    }


def _count(values: Iterable[str], key: Callable = str) -> dict[str, int]:
    """Count values, sorted by a key."""
    return dict(sorted(Counter(values).items(), key=lambda pair: key(pair[0])))
