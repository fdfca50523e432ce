"""Any rate in bounded memory; the common ones bit by bit as torchaudio has it.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
import soundfile
import torch
import torchaudio

from mtqnet_brain.audio.io import AudioError, audio_info, load_audio
from mtqnet_brain.audio.resampling import resample_audio, resample_blocks

KILOHERTZ = (8, 11.025, 12, 22.05, 24, 32, 44.1, 48, 88.2, 96, 176.4, 192)
COMMON = [int(1000 * rate) for rate in KILOHERTZ]
ODD = (4001, 7999, 15999, 22254, 44099, 192001, 767999)


@pytest.mark.parametrize("rate", COMMON)
def test_common_rates_are_those_of_torchaudio(rate):
    """Scores of such files stay as they were."""
    wave = np.random.default_rng(0).normal(0, 0.1, rate // 4)
    wave = wave.astype(np.float32)
    expected = torchaudio.functional.resample(
        torch.from_numpy(wave), rate, 16000
    )
    found = resample_audio(wave, rate, 16000)
    np.testing.assert_array_equal(found, expected.numpy())


@pytest.mark.parametrize("rate", ODD)
def test_odd_rates(rate, monkeypatch):
    """A tone keeps its pitch, level and place, whole or in blocks."""

    def refuse(*_):
        """The kernel from 192,001 Hz has 12 GB."""
        raise AssertionError("torchaudio")

    monkeypatch.setattr(torchaudio.functional, "resample", refuse)
    n_samples = rate // 2 + 1
    wave = np.sin(2 * np.pi * 440 * np.arange(n_samples) / rate)
    wave = wave.astype(np.float32)
    found = resample_audio(wave, rate, 16000)
    assert found.dtype == np.float32
    assert len(found) == -(-n_samples * 16000 // rate)
    times = np.arange(len(found)) / 16000
    expected = np.sin(2 * np.pi * 440 * times)
    inner = slice(500, -500)
    np.testing.assert_allclose(found[inner], expected[inner], atol=1e-3)
    blocks = np.array_split(wave, 7)
    joined = np.concatenate(list(resample_blocks(blocks, rate, 16000, 999)))
    np.testing.assert_array_equal(joined, found)


@pytest.mark.parametrize("rate", [44100, 22254])
def test_blocks_of_any_lengths(rate):
    """As from files joined end to end; none at all; no sample."""
    wave = np.random.default_rng(0).normal(0, 0.1, rate).astype(np.float32)
    blocks = np.split(wave, [1, 2, 700, 700, 8000])
    found = list(resample_blocks(blocks, rate, 16000, 3000))
    whole = resample_audio(wave, rate, 16000)
    np.testing.assert_allclose(np.concatenate(found), whole, atol=2e-6)
    nothing = np.zeros(0, np.float32)
    assert len(resample_audio(nothing, rate, 16000)) == 0
    assert not any(map(len, resample_blocks([nothing], rate, 16000, 3000)))


@pytest.mark.parametrize("rate", [1, 3999, 768001, 2**31 - 1])
def test_rates_that_make_no_sense(rate, tmp_path):
    """Refused with their range, by the header alone."""
    soundfile.write(tmp_path / "a.wav", np.zeros(1000), rate)
    message = f"a.wav: {rate} Hz, .* need 4000 to 768000"
    for read in (audio_info, load_audio):
        with pytest.raises(AudioError, match=message):
            read(tmp_path / "a.wav")
    with pytest.raises(AudioError, match=f"^{rate} Hz"):
        resample_audio(np.zeros(1000, np.float32), rate, 16000)
