"""Mandarin speech from espeak-ng, offline, the same bytes every time.

The library comes with the pip package espeakng-loader. It keeps state from
one sentence to the next (phases, noise); therefore it is loaded again for
each sentence, which takes a few milliseconds.

Authors
 * The mtqnet-brain developers 2026
"""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from scipy.signal import resample_poly

from mtqnet_brain.utils.installation import require

# From espeak-ng's speak_lib.h.
SYNCHRONOUS = 2
POSITION_CHARACTER = 1
UTF8 = 1
RATE, VOLUME, PITCH, RANGE = 1, 2, 3, 4
SAFE_VOLUME = 50  # of 100; some voices clip above it
ESPEAK_RATE = 22050

_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


def synthesize(
    text: str,
    voice: str,
    rate: int = 175,
    pitch: int = 50,
    pitch_range: int = 50,
) -> np.ndarray:
    """Speak a text; equal arguments give equal samples.

    Not to be called from several threads of one process at a time.

    Arguments
    ---------
    text : str
        The sentence.
    voice : str
        Language and variant of espeak-ng, e.g. ``cmn+f1``.
    rate : int
        Words per minute.
    pitch, pitch_range : int
        0 to 100.

    Returns
    -------
    np.ndarray
        Samples at 16 kHz, shape (n_samples,), float32.

    Raises
    ------
    ImportError
        If espeakng-loader is missing.
    ValueError
        If espeak-ng knows no such voice or produces no samples.
    """
    with _espeak() as espeak:
        _choose_voice(espeak, voice, rate, pitch, pitch_range)
        samples = _speak(espeak, text)
    if not np.any(samples):
        raise ValueError(
            f"espeak-ng produced no samples for {text!r} as {voice}"
        )
    # 22050 Hz to 16000 Hz; scipy, to spare every worker the import of torch.
    speech = resample_poly(samples.astype(np.float64), 320, 441)
    return (speech / 2**15).astype(np.float32)


@contextmanager
def _espeak() -> Iterator[ctypes.CDLL]:
    """Load the library without any state of an earlier sentence."""
    (loader,) = require("corpus", "espeakng_loader")
    library, data = loader.get_library_path(), loader.get_data_path()
    # ctypes can neither unload a library nor load it twice by itself.
    system = ctypes.CDLL(None)
    system.dlopen.restype = ctypes.c_void_p
    handle = system.dlopen(os.fsencode(library), os.RTLD_NOW)
    if not handle:
        raise OSError(f"{library}: cannot be loaded; reinstall espeakng-loader")
    espeak = ctypes.CDLL(library, handle=handle)
    espeak.espeak_Synth.argtypes = (
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_uint,
        ctypes.c_int,
        ctypes.c_uint,
        ctypes.c_uint,
        ctypes.c_void_p,
        ctypes.c_void_p,
    )
    try:
        rate = espeak.espeak_Initialize(SYNCHRONOUS, 0, data.encode(), 0)
        if rate != ESPEAK_RATE:
            raise OSError(
                f"{library}: espeak-ng did not start (code {rate}); "
                "reinstall espeakng-loader"
            )
        yield espeak
    finally:
        espeak.espeak_Terminate()
        system.dlclose(ctypes.c_void_p(handle))


def _choose_voice(espeak, voice, rate, pitch, pitch_range):
    """Set the voice and how it speaks."""
    if espeak.espeak_SetVoiceByName(voice.encode()) != 0:
        raise ValueError(f"espeak-ng has no voice {voice}")
    espeak.espeak_ng_SetRandSeed(ctypes.c_long(1))
    manner = {
        RATE: rate,
        VOLUME: SAFE_VOLUME,
        PITCH: pitch,
        RANGE: pitch_range,
    }
    for parameter, value in manner.items():
        if espeak.espeak_SetParameter(parameter, value, 0) != 0:
            raise ValueError(f"espeak-ng refuses {value} for {voice}")


def _speak(espeak, text):
    """Return the speech of espeak-ng, shape (n_samples,), int16."""
    chunks = [np.zeros(0, np.int16)]

    def take(samples, n_samples, _events):
        """Keep a chunk; espeak-ng reuses its buffer."""
        if samples and n_samples > 0:
            chunks.append(np.ctypeslib.as_array(samples, (n_samples,)).copy())
        return 0

    callback = _Callback(take)
    espeak.espeak_SetSynthCallback(callback)
    data = text.encode() + b"\0"
    code = espeak.espeak_Synth(
        data, len(data), 0, POSITION_CHARACTER, 0, UTF8, None, None
    )
    if code != 0:
        raise ValueError(f"espeak-ng failed on {text!r} (code {code})")
    espeak.espeak_Synchronize()
    return np.concatenate(chunks)
