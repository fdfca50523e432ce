"""Every input check of audio.py.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
import soundfile

from mtqnet_brain.audio.io import AudioError, audio_info, load_audio, save_audio


def tone(rate, seconds=0.5):
    """Return a 440-Hz tone."""
    return 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate * seconds) / rate)


def test_other_rates_and_channels(tmp_path):
    """48 kHz stereo becomes the mono tone at 16 kHz, mixed down by mean."""
    stereo = np.stack([tone(48000), np.zeros(24000)], axis=1)
    soundfile.write(tmp_path / "a.wav", stereo, 48000, subtype="FLOAT")
    samples = load_audio(tmp_path / "a.wav")
    assert samples.shape == (8000,) and samples.dtype == np.float32
    np.testing.assert_allclose(
        samples[500:7500], 0.5 * tone(16000)[500:7500], atol=2e-3
    )
    assert audio_info(tmp_path / "a.wav") == (48000, 24000, 2, 24000)
    with pytest.raises(AudioError, match="48000 Hz, expected 16000"):
        load_audio(tmp_path / "a.wav", resample=False)


@pytest.mark.parametrize(
    "content, message",
    [
        (None, "no such file"),
        (b"", "not readable"),
        (b"no audio at all", "not readable"),
    ],
)
def test_unreadable_files_are_named(content, message, tmp_path):
    """Missing, empty, text renamed."""
    path = tmp_path / "a.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(AudioError, match=f"a.wav: {message}"):
        load_audio(path)


def test_short_and_nan_clips_are_refused(tmp_path):
    """Fewer than 400 samples; NaN samples."""
    samples = tone(16000).astype(np.float32)
    soundfile.write(tmp_path / "short.wav", samples[:399], 16000)
    with pytest.raises(AudioError, match="399 samples"):
        load_audio(tmp_path / "short.wav")
    samples[7] = np.nan
    soundfile.write(tmp_path / "nan.wav", samples, 16000, subtype="FLOAT")
    with pytest.raises(AudioError, match="1 NaN"):
        load_audio(tmp_path / "nan.wav")
    samples[7] = 1e18
    soundfile.write(tmp_path / "huge.wav", samples, 16000, subtype="FLOAT")
    with pytest.raises(
        AudioError, match=r"peak 1e\+18: samples of no known scale"
    ):
        load_audio(tmp_path / "huge.wav")


def test_saving_never_clips(tmp_path):
    """A peak above full scale is refused, and nothing is written."""
    with pytest.raises(AudioError, match="1.500 would clip"):
        save_audio(tmp_path / "a.wav", np.array([0.0, 1.5]))
    assert not list(tmp_path.iterdir())
    save_audio(tmp_path / "b" / "a.wav", tone(16000))
    assert soundfile.info(tmp_path / "b" / "a.wav").subtype == "PCM_16"
