"""S-, N- and G-MOS labels fused of measures and teachers.

No single label is the listener: composite measures lead on enhanced speech,
DNSMOS on backgrounds, DistillMOS and PLCMOS on codecs and lost packets. The
weights were fitted to listeners' votes (P.835, MUSHRA) by
``recipes/Lite/fit_fusion.py``; ``docs/fusion.md`` has how far they reach.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

WEIGHTS_FILE = Path(__file__).with_name("fusion.json")
OFFSET = "offset"
# Where the measures against the reference say less than the teachers do, in
# points: up to the first they count in full, from the second not at all.
# Narrow-band and reverberant speech has a CSIG and a COVL near 1 whatever
# listeners say.
DISAGREEMENT = (1.0, 2.0)
REFERENCE_SHARE = 0.7  # of measures and teachers together in a fused score
LOWEST, HIGHEST = 1.0, 5.0

Weights = Mapping[str, float]


@dataclass(frozen=True)
class Fusion:
    """Weights of measures and teachers, for each score.

    Arguments
    ---------
    name : str
        Label source.
    with_reference : dict of str to dict of str to float
        By score: weight by measure or teacher, and the ``offset``.
    alone : dict of str to dict of str to float
        The same for teachers that need no reference.
    """

    name: str
    with_reference: Mapping[str, Weights]
    alone: Mapping[str, Weights]

    def __call__(self, values: Mapping[str, float]) -> dict[str, float]:
        """Return the fused scores of a clip.

        Arguments
        ---------
        values : dict of str to float
            Measures and scores of teachers, NaN or absent where missing.

        Returns
        -------
        dict of str to float
            By score, 1 to 5; NaN where a teacher is missing.
        """
        return {
            score: _fuse(values, self.with_reference[score], weights)
            for score, weights in self.alone.items()
        }


def _fuse(values, with_reference, alone):
    """Return one fused score."""
    teachers = _weigh(values, alone)
    measured = _weigh(values, with_reference)
    if not math.isnan(measured):
        first, last = DISAGREEMENT
        doubt = (teachers - measured - first) / (last - first)
        share = REFERENCE_SHARE * (1 - min(max(doubt, 0.0), 1.0))
        teachers += share * (measured - teachers)
    return min(max(teachers, LOWEST), HIGHEST)  # NaN stays NaN


def _weigh(values, weights):
    """Return the weighted sum of values, NaN if one is missing."""
    return weights[OFFSET] + math.fsum(
        weight * values.get(name, math.nan)
        for name, weight in weights.items()
        if name != OFFSET
    )


@lru_cache(maxsize=1)
def load_fusion() -> Fusion:
    """Return the fusion that comes with the package."""
    return Fusion(**json.loads(WEIGHTS_FILE.read_text(encoding="utf-8")))
