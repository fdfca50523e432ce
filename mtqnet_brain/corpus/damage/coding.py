"""Coding as degradations: one codec, two in a row, one behind a handset.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np

from mtqnet_brain.corpus.damage.bands import handset
from mtqnet_brain.corpus.damage.codecs import CODECS, TELEPHONE, code
from mtqnet_brain.corpus.damage.drawing import (
    Degradation,
    fixed_damage,
    one_of,
    uniform,
)

# Below the nominal level, the gain of a quiet talker.
INPUT_DB = uniform(-30, 0, 1)


def tandem(
    samples: np.ndarray,
    codec: str,
    kbps: float,
    codec_2: str,
    kbps_2: float,
    input_db: float,
) -> np.ndarray:
    """Code samples (n_samples,) by one of `codecs.CODECS`, then by another.

    Bit rates are in kbit/s, ``input_db`` as in `codecs.code`. Returns float32.
    """
    first = code(samples, codec, kbps, input_db)
    return code(first, codec_2, kbps_2, input_db)


def telephone(
    samples: np.ndarray, codec: str, kbps: float, input_db: float
) -> np.ndarray:
    """Pass samples (n_samples,) through a `bands.handset`, then a codec."""
    return code(handset(samples), codec, kbps, input_db)


def _draw_codec(rng, names, suffix=""):
    """Draw a codec and one of its bit rates."""
    codec = one_of(*names)(rng)
    kbps = one_of(*CODECS[codec].kbps)(rng)
    return {f"codec{suffix}": codec, f"kbps{suffix}": kbps}


def _draw_telephone(rng):
    """Draw a codec of telephony."""
    return _draw_codec(rng, TELEPHONE) | {"input_db": INPUT_DB(rng)}


def _draw_tandem(rng):
    """Draw two codecs, maybe the same one twice."""
    first = _draw_codec(rng, CODECS)
    second = _draw_codec(rng, CODECS, "_2")
    return first | second | {"input_db": INPUT_DB(rng)}


def _alone(name):
    """Return the degradation of one codec."""

    def run(samples, kbps, input_db):
        """Code by it."""
        return code(samples, name, kbps, input_db)

    kbps = one_of(*CODECS[name].kbps)
    return fixed_damage(run, kbps=kbps, input_db=INPUT_DB)


CODING = {name: _alone(name) for name in CODECS} | {
    "Telephone": Degradation(
        _draw_telephone,
        fixed_damage(telephone).apply,
        ("codec", "kbps", "input_db"),
    ),
    "Tandem": Degradation(
        _draw_tandem,
        fixed_damage(tandem).apply,
        ("codec", "kbps", "codec_2", "kbps_2", "input_db"),
    ),
}
NEED_CODECS = (
    *(name for name, codec in CODECS.items() if codec.extra),
    "Telephone",
    "Tandem",
)
