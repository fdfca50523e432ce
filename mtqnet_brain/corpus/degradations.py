"""Degradations besides noise, by name: what is drawn, what is applied.

Parameters are drawn per clip and written to ``degradations.csv``; uniformly,
or with ``log`` as often in every octave:

==========  ================  =============================================
method      columns           range
==========  ================  =============================================
Lowpass     low_hz, high_hz   300 to 3400 Hz (telephone) or 0 to 4000 Hz
Clip        clipped_share     0.002 to 0.2 of the samples, log
MNRU        q_db              5 to 40 dB
Reverb      rt60_s            0.2 to 1.0 s
..          length_m, ...     4 to 8, 3 to 6, 2.5 to 3.5 m (width_m, height_m)
..          distance_m        0.5 to 2 m from talker to microphone
Mask        mask_exponent     0.5 to 2.5, power of the ratio mask
..          mask_error_db     0 to 12 dB
..          extent            0 to 2 frames and bins, size of an error
..          floor_db          -40 to -8 dB, smallest gain
Complex     left_db           -40 to -3 dB, gain of the remaining noise
..          error_db          0 to 30 dB below the speech
..          extent            0 to 2 frames and bins, size of an error
Phase       phase_error       0 to 2 radians
..          noisy_phase       0 or 1: the speech's phase, or the mixture's
Band        low_hz, high_hz   200-500 to 2800-3800 Hz (telephone), 0 to
..                            1000-7500 Hz, or 50-800 to 8000 Hz, log
Echo        echo_ms           30 to 300 ms, log
..          echo_db           -40 to -3 dB
MNRUNoise   q_db              5 to 40 dB
..          noise_snr_db      0 to 40 dB
..          noise_colour      white, pink
Hum         mains_hz          50, 60
..          harmonics         1 to 20
..          hum_snr_db        10 to 50 dB
Wind        wind_hz           60 to 400 Hz, log, where it begins to fall
..          gust_s            0.2 to 2 s between gusts, log
..          wind_snr_db       -10 to 30 dB
Clicks      clicks_per_s      0.3 to 30, log
..          click_db          -30 to 0 dB, peak relative to the clip's
Overload    drive_db          -3 to 24 dB
Quantise    bits              4 to 12
Gain        gain_kind         jumps, fades, control
..          gain_db           2 to 40 dB, log
..          gain_s            0.2 to 4 s, log
Holes       hole_share        0.01 to 0.6 of time and frequency, log
..          hole_ms           32 to 400 ms, log
..          hole_hz           150 to 3000 Hz, log
Musical     over              0.5 to 6, factor of the subtracted noise, log
..          residual_db       -40 to -6 dB, smallest gain
..          pumping_db        0 to 10 dB, error of the noise's level
..          hiss_snr_db       5 to 35 dB, noise given to clean speech
Opus        kbps              6 to 32 kbit/s, about log
..          input_db          -30 to 0 dB, gain before the codec, undone
MP3         kbps, input_db    16 to 64 kbit/s
Vorbis      kbps, input_db    17 to 38 kbit/s, about
GSM         kbps, input_db    13 kbit/s
MuLaw       kbps, input_db    64 kbit/s at 8 kHz
ADPCM       kbps, input_db    32 kbit/s at 8 kHz or 64 at 16 kHz
AMR         kbps, input_db    4.75 to 12.2 kbit/s, narrow-band
G722        kbps, input_db    64 kbit/s
G723        kbps, input_db    6.3 kbit/s
G726        kbps, input_db    16, 24, 32, 40 kbit/s
Telephone   codec             MuLaw, GSM, AMR, G723, G726 behind a handset
..          kbps, input_db    as for that codec
Tandem      codec, kbps       any of the codecs
..          codec_2, kbps_2   any, after it
..          input_db          as for one
Loss        loss_share        0.005 to 0.4 of the frames, log
..          frame_ms          10, 20, 40
..          burst_frames      1 to 8, log, or as at random
..          concealment       silence, repeat, pitch, interpolate
Dropouts    mute_share        0.01 to 0.4 of the clip, log
..          mute_ms           20 to 500 ms, log
Several     chain             two or three of the others, with their columns
==========  ================  =============================================

AMR, G722, G723, G726, Telephone, Tandem and Several need PyAV.

Authors
 * The mtqnet-brain developers 2026
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.signal import fftconvolve

from mtqnet_brain.corpus.damage.amplitude import AMPLITUDE, CLIP
from mtqnet_brain.corpus.damage.bands import BAND, LOWPASS
from mtqnet_brain.corpus.damage.coding import CODING, NEED_CODECS
from mtqnet_brain.corpus.damage.drawing import (
    Degradation,
    degradation,
    one_of,
    uniform,
)
from mtqnet_brain.corpus.damage.interference import INTERFERENCE, MNRU
from mtqnet_brain.corpus.damage.levels import LEVELS
from mtqnet_brain.corpus.damage.packet_loss import TRANSMISSION
from mtqnet_brain.corpus.damage.several import several
from mtqnet_brain.corpus.damage.suppression import SUPPRESSION
from mtqnet_brain.corpus.mixing import limit_peak
from mtqnet_brain.corpus.rooms import load_pyroomacoustics, room_response
from mtqnet_brain.corpus.spectral_faults import (
    complex_error,
    imperfect_mask,
    wrong_phase,
)
from mtqnet_brain.utils.installation import require

REVERB = "Reverb"
SEVERAL = "Several"


def reverberate(
    samples: np.ndarray,
    rt60: float,
    size: Sequence[float],
    distance: float,
) -> np.ndarray:
    """Put samples (n_samples,) into a `rooms.room_response`, without delay.

    Returns float32, peak at most 0.99. The direct path is the dry speech
    itself unless the peak is limited; the reverberation that would follow its
    last sample is cut off.

    Raises
    ------
    ImportError
        If pyroomacoustics is missing.
    """
    response = room_response(rt60, size, distance)
    return limit_peak(fftconvolve(samples, response)[: len(samples)])


def _reverberate(samples, _clean, _rng, rt60_s, distance_m, **size):
    """Apply `reverberate` with drawn parameters."""
    sides = [size[f"{side}_m"] for side in ("length", "width", "height")]
    return reverberate(samples, rt60_s, sides, distance_m)


# Those of the first release: they are columns of every degradations.csv.
FIRST = {
    "Lowpass": LOWPASS,
    "Clip": CLIP,
    "MNRU": MNRU,
    REVERB: degradation(
        _reverberate,
        rt60_s=uniform(0.2, 1.0, 3),
        length_m=uniform(4, 8, 3),
        width_m=uniform(3, 6, 3),
        height_m=uniform(2.5, 3.5, 3),
        distance_m=uniform(0.5, 2, 3),
    ),
    "Mask": degradation(
        imperfect_mask,
        mask_exponent=uniform(0.5, 2.5, 2),
        mask_error_db=uniform(0, 12, 2),
        extent=uniform(0, 2, 2),
        floor_db=uniform(-40, -8, 1),
    ),
    "Complex": degradation(
        complex_error,
        left_db=uniform(-40, -3, 1),
        error_db=uniform(0, 30, 2),
        extent=uniform(0, 2, 2),
    ),
    "Phase": degradation(
        wrong_phase, phase_error=uniform(0, 2, 3), noisy_phase=one_of(0, 1)
    ),
}
DEGRADATIONS: dict[str, Degradation] = {
    **FIRST,
    "Band": BAND,
    **INTERFERENCE,
    **AMPLITUDE,
    **LEVELS,
    **SUPPRESSION,
    **CODING,
    **TRANSMISSION,
}
# From the room to the receiver, for `Several`. Rooms are left out, which need
# another extra, and masks and phases, which need the very mixture.
CHAIN = (
    ("MNRU", *INTERFERENCE),
    ("Band", "Clip", *AMPLITUDE),
    tuple(LEVELS),
    tuple(SUPPRESSION),
    tuple(CODING),
    tuple(TRANSMISSION),
)
DEGRADATIONS[SEVERAL] = several(CHAIN, DEGRADATIONS)
FIRST_PARAMETERS = tuple(
    "low_hz high_hz clipped_share q_db rt60_s length_m width_m height_m "
    "distance_m mask_exponent mask_error_db error_db extent floor_db left_db "
    "phase_error noisy_phase".split()
)
PARAMETERS = tuple(
    dict.fromkeys(
        [
            *FIRST_PARAMETERS,
            *(key for one in DEGRADATIONS.values() for key in one.columns),
        ]
    )
)


def parameter_columns(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """List the columns of degradations.csv: the first ones, and what occurs."""
    used = {key for row in rows for key in row} | {*FIRST_PARAMETERS}
    return [name for name in PARAMETERS if name in used]


def check_installed(methods: Iterable[str]) -> None:
    """Check that some of `DEGRADATIONS` have the packages they need.

    Raises
    ------
    ImportError
        If pyroomacoustics or PyAV is missing, with what to type.
    """
    wanted = set(methods)
    if REVERB in wanted:
        load_pyroomacoustics()
    if wanted & {*NEED_CODECS, SEVERAL}:
        require("codecs", "av")


def draw_parameters(method: str, rng: np.random.Generator) -> dict[str, Any]:
    """Draw the `PARAMETERS` of one of `DEGRADATIONS`."""
    return DEGRADATIONS[method].draw(rng)


def degrade(
    samples: np.ndarray,
    clean: np.ndarray,
    method: str,
    rng: np.random.Generator,
) -> np.ndarray:
    """Degrade samples (n_samples,), given the clean speech in them.

    The parameters are those that `draw_parameters` draws from an equal
    generator. Returns float32, peak at most 0.99.
    """
    draw, apply, _ = DEGRADATIONS[method]
    return apply(samples, clean, rng, **draw(rng))
