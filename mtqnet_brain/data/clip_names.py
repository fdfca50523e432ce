"""File names in the layout of TMHINT-QI.

A processed clip is named ``{method}_snr{snr}_{noise}_{utterance}``, a clean
one ``{utterance}``, and an utterance ``{prefix}_{speaker}_{sentence}``. A
method applied to clean speech has ``snrinf_none``::

    FCN_snr0_street_TMHINT_b2_22_03.wav
    |   |    |      |      |  └ sentence, 22_03
    |   |    |      |      └ speaker
    |   |    |      └ prefix
    |   |    └ noise, without underscores
    |   └ signal-to-noise ratio in dB
    └ method

Authors
 * The mtqnet-brain developers 2026
"""

import math
import re
from typing import NamedTuple

CLEAN = "clean"

_PROCESSED = re.compile(
    r"(?P<method>.+?)_snr"
    r"(?:inf_none|(?P<snr>-?\d+(?:\.\d+)?)_(?P<noise>[^_]+))"
    r"_(?P<utterance>.+)",
    re.ASCII | re.DOTALL,  # digits 0 to 9; a name may have a line break
)


class ClipName(NamedTuple):
    """The fields in the name of a clip.

    Arguments
    ---------
    method : str
        Enhancement system, ``Noisy`` for none, ``clean`` for a clean clip.
    snr : float
        Signal-to-noise ratio in dB; infinite where clean speech was
        processed, None for a clean clip.
    noise : str
        Kind of noise; None without noise.
    utterance : str
        Stem of the clean clip.

    Example
    -------
    >>> ClipName("FCN", 0, "street", "TMHINT_b2_22_03").stem
    'FCN_snr0_street_TMHINT_b2_22_03'
    """

    method: str
    snr: float | None
    noise: str | None
    utterance: str

    @property
    def stem(self) -> str:
        """File name without folder and extension.

        Raises
        ------
        ValueError
            If the stem could not be taken apart again.
        """
        if self.method == CLEAN and self.snr is None and self.noise is None:
            stem = self.utterance
        elif self.snr is None or (self.noise is None) != math.isinf(self.snr):
            raise ValueError(
                f"{self}: a processed clip needs snr and noise, or an "
                "infinite snr and None"
            )
        else:
            noise = self.noise or "none"
            stem = f"{self.method}_snr{self.snr:g}_{noise}_{self.utterance}"
        if parse_name(stem) != self:
            raise ValueError(
                f"{stem}: cannot be parsed back; use a noise name without "
                "underscores, no part with _snr, and a short decimal for snr"
            )
        return stem

    @property
    def snr_cell(self) -> str:
        """The snr in a table; empty without noise."""
        with_noise = self.snr is not None and math.isfinite(self.snr)
        return f"{self.snr:g}" if with_noise else ""

    @property
    def speaker(self) -> str | None:
        """Second part of the utterance; None where it has no three parts."""
        parts = self.utterance.split("_", 2)
        return parts[1] if len(parts) == 3 else None

    @property
    def sentence(self) -> str | None:
        """All parts of the utterance from the third; None without three."""
        parts = self.utterance.split("_", 2)
        return parts[2] if len(parts) == 3 else None


def parse_name(stem: str) -> ClipName:
    """Take the name of a clip apart; inverse of `ClipName.stem`.

    Arguments
    ---------
    stem : str
        File name without folder and extension.

    Returns
    -------
    ClipName
        A stem without an ``_snrN_`` part is the name of a clean clip.

    Example
    -------
    >>> parse_name("MMSE_snr-2_pink_TMHINT_b2_22_03").speaker
    'b2'
    >>> parse_name("TMHINT_b2_22_03").method
    'clean'
    >>> parse_name("Clip_snrinf_none_TMHINT_b2_22_03").snr
    inf
    """
    match = _PROCESSED.fullmatch(stem)
    if match is None:
        return ClipName(CLEAN, None, None, stem)
    return ClipName(
        match["method"],
        float(match["snr"] or "inf"),
        match["noise"],
        match["utterance"],
    )
