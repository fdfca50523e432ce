"""Speech and music codecs: 16 kHz in and out, without delay.

libsndfile brings Opus, MP3, Vorbis, GSM, mu-law and ADPCM; PyAV (FFmpeg) has
AMR, G.722, G.723.1 and G.726. Neither has an encoder for AMR-WB or EVS.

Samples go to the codec's rate, through encoder and decoder, and back. A
codec's delay is a constant of its encoder (frame and look-ahead), was found
as the largest cross-correlation over the speech of twelve talkers, and is cut
off; the decoders of Opus, Vorbis and most of MP3 cut it off themselves.

Authors
 * The mtqnet-brain developers 2026
"""

import io
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import soundfile
import soxr

from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.corpus.mixing import limit_peak
from mtqnet_brain.utils.installation import require

NARROW = 8000  # Hz
MP3_DELAY = 1105  # samples of encoder and decoder, where no tag tells them
FRAME = 320  # samples, for encoders that take any number
# libsndfile's compression level runs over bit rates in kbit/s; MP3's are
# those of MPEG-2.
OPUS_KBPS = (256, 6)
MP3_KBPS = (160, 8)
# Rate and compression level by the kbit/s that speech takes, about.
VORBIS = {
    17: (NARROW, 1.0),
    22: (NARROW, 0.8),
    27: (SAMPLE_RATE, 1.0),
    31: (SAMPLE_RATE, 0.8),
    38: (SAMPLE_RATE, 0.6),
}


class Codec(NamedTuple):
    """A codec and its bit rates.

    Arguments
    ---------
    kbps : tuple of float
        Bit rates in kbit/s that may be chosen.
    run : Callable
        Takes samples at 16 kHz, float32, and a bit rate; returns what is
        decoded at 16 kHz, without delay, in about the same length.
    extra : str
        Extra of setup.py that it needs, if any.
    """

    kbps: tuple[float, ...]
    run: Callable[[np.ndarray, float], np.ndarray]
    extra: str | None = None


def code(
    samples: np.ndarray, codec: str, kbps: float, input_db: float = 0.0
) -> np.ndarray:
    """Encode and decode samples.

    Arguments
    ---------
    samples : np.ndarray
        At 16 kHz, shape (n_samples,).
    codec : str
        One of `CODECS`.
    kbps : float
        One of its bit rates, in kbit/s.
    input_db : float
        Gain before the encoder, undone after the decoder.

    Returns
    -------
    np.ndarray
        Shape (n_samples,), float32, peak at most 0.99, without delay.

    Raises
    ------
    ImportError
        If the codec needs PyAV and it is missing.
    """
    gain = 10 ** (input_db / 20)
    quiet = (limit_peak(samples) * gain).astype(np.float32)
    decoded = CODECS[codec].run(quiet, kbps)
    output = np.zeros(len(samples))
    n_samples = min(len(samples), len(decoded))
    output[:n_samples] = decoded[:n_samples] / gain
    return limit_peak(output)


def through_sndfile(
    samples: np.ndarray, rate: int, container: str, subtype: str, **options: Any
) -> np.ndarray:
    """Write samples (n_samples,) to memory and read them back, float32."""
    file = io.BytesIO()
    soundfile.write(
        file, samples, rate, format=container, subtype=subtype, **options
    )
    file.seek(0)
    return soundfile.read(file, dtype="float32")[0]


def through_av(
    samples: np.ndarray,
    rate: int,
    encoder: str,
    decoder: str,
    kbps: float,
    decoder_options: dict[str, str] | None = None,
) -> np.ndarray:
    """Encode samples (n_samples,) by FFmpeg and decode them, float32."""
    (av,) = require("codecs", "av")
    context = av.CodecContext.create(encoder, "w")
    context.sample_rate, context.layout = rate, "mono"
    context.format, context.time_base = "s16", Fraction(1, rate)
    context.bit_rate = round(1000 * kbps)
    context.open()
    size = context.frame_size or FRAME
    receiver = av.CodecContext.create(decoder, "r")
    receiver.sample_rate, receiver.layout = rate, "mono"
    receiver.options = decoder_options or {}
    padded = np.pad(samples, (0, -len(samples) % size))
    frames = np.int16(np.round(np.clip(padded, -1, 1) * 32767))
    packets = []
    for number, values in enumerate(frames.reshape(-1, 1, size)):
        frame = av.AudioFrame.from_ndarray(values, "s16", "mono")
        frame.sample_rate, frame.pts = rate, number * size
        packets += context.encode(frame)
    packets += [*context.encode(None), None]
    decoded = [f for packet in packets for f in receiver.decode(packet)]
    joined = np.concatenate([frame.to_ndarray().ravel() for frame in decoded])
    # The decoder of AMR returns floats, the others 16-bit integers.
    scale = 32768 if joined.dtype == np.int16 else 1
    return joined.astype(np.float32) / scale


def _at(rate, run, samples, delay=0):
    """Run a codec at another rate and cut its delay off."""
    there = soxr.resample(samples, SAMPLE_RATE, rate)
    decoded = run(np.pad(there, (0, delay)))[delay:]
    return soxr.resample(decoded, rate, SAMPLE_RATE)


def _sndfile(rate, container, subtype):
    """Return a codec of libsndfile that has one bit rate per sampling rate."""
    return lambda samples, _kbps: _at(
        rate, lambda x: through_sndfile(x, rate, container, subtype), samples
    )


def _av(rate, encoder, decoder, delay):
    """Return a codec of FFmpeg."""
    return lambda samples, kbps: _at(
        rate,
        lambda x: through_av(x, rate, encoder, decoder, kbps),
        samples,
        delay,
    )


def _g726(samples, kbps):
    """G.726; its decoder must be told the bits per sample."""
    bits = {"bits_per_coded_sample": f"{kbps / 8:.0f}"}
    return _at(
        NARROW,
        lambda x: through_av(x, NARROW, "g726", "g726", kbps, bits),
        samples,
    )


def _level(kbps, ends):
    """Return libsndfile's compression level for a bit rate."""
    return (ends[0] - kbps) / (ends[0] - ends[1])


def _opus(samples, kbps):
    """Opus at a variable rate, for any sound."""
    level = _level(kbps, OPUS_KBPS)
    return through_sndfile(
        samples, SAMPLE_RATE, "OGG", "OPUS", compression_level=level
    )


def _mp3(samples, kbps):
    """MPEG-2 layer III at a constant rate."""
    decoded = through_sndfile(
        samples,
        SAMPLE_RATE,
        "MP3",
        "MPEG_LAYER_III",
        compression_level=_level(kbps, MP3_KBPS),
        bitrate_mode="CONSTANT",
    )
    # A frame below 40 kbit/s is too short for the tag that tells the delay.
    return decoded[0 if len(decoded) == len(samples) else MP3_DELAY :]


def _vorbis(samples, kbps):
    """Vorbis at its lowest qualities."""
    rate, level = VORBIS[round(kbps)]

    def run(there):
        """Code at that rate."""
        return through_sndfile(
            there, rate, "OGG", "VORBIS", compression_level=level
        )

    return _at(rate, run, samples)


def _adpcm(samples, kbps):
    """IMA's ADPCM: four bits per sample."""
    return _sndfile(round(250 * kbps), "WAV", "IMA_ADPCM")(samples, kbps)


CODECS = {
    "Opus": Codec((6, 7, 8, 9, 10, 12, 14, 16, 20, 24, 28, 32), _opus),
    "MP3": Codec((16, 24, 32, 40, 48, 56, 64), _mp3),
    "Vorbis": Codec(tuple(VORBIS), _vorbis),
    "GSM": Codec((13,), _sndfile(NARROW, "WAV", "GSM610")),
    "MuLaw": Codec((64,), _sndfile(NARROW, "WAV", "ULAW")),
    "ADPCM": Codec((32, 64), _adpcm),
    "AMR": Codec(
        (4.75, 5.15, 5.9, 6.7, 7.4, 7.95, 10.2, 12.2),
        _av(NARROW, "libopencore_amrnb", "amrnb", 40),
        "codecs",
    ),
    "G722": Codec((64,), _av(SAMPLE_RATE, "g722", "g722", 22), "codecs"),
    "G723": Codec((6.3,), _av(NARROW, "g723_1", "g723_1", 60), "codecs"),
    "G726": Codec((16, 24, 32, 40), _g726, "codecs"),
}
TELEPHONE = ("MuLaw", "GSM", "AMR", "G723", "G726")
