"""Channels that cancel each other are not averaged to silence.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
import soundfile

from mtqnet_brain.audio import io as audio_io
from mtqnet_brain.audio.blocks import check_file, read_blocks
from mtqnet_brain.audio.downmix import mix_down
from mtqnet_brain.audio.io import AudioError, load_audio
from mtqnet_brain.audio.screening import Screening

RATE = 16000
GENERATOR = np.random.default_rng(0)
SPEECH, OTHER = GENERATOR.normal(0, 0.1, (2, 3 * RATE)).astype(np.float32)


def stack(*waves):
    """Return waves as channels."""
    return np.stack(waves, axis=1)


@pytest.mark.parametrize(
    "channels, expected",
    [
        ((SPEECH, SPEECH), None),
        ((SPEECH, 0 * SPEECH), None),
        ((SPEECH, OTHER), None),
        ((SPEECH, 0.9 * SPEECH + 0.3 * OTHER), None),
        ((0 * SPEECH, 0 * SPEECH), None),
        ((SPEECH, -SPEECH), 0),
        ((-0.5 * SPEECH, SPEECH), 1),
        # Their mean is the noise alone.
        ((SPEECH + 0.3 * OTHER, 0.3 * OTHER - SPEECH), 0),
        # An offset is not heard.
        ((0.5 + SPEECH, 0.5 - 1.1 * SPEECH), 1),
        ((SPEECH, -SPEECH, 0 * SPEECH), 0),
        ((1.2 * SPEECH, OTHER, -OTHER), 0),
        ((SPEECH, np.full_like(SPEECH, np.nan)), None),
    ],
)
def test_the_loudest_of_channels_that_cancel(channels, expected):
    """Else the mean, bit by bit."""
    samples = stack(*channels)
    mono, warning = mix_down(samples)
    if expected is None:
        np.testing.assert_array_equal(mono, samples.mean(axis=1))
        assert warning == ""
        return
    np.testing.assert_array_equal(mono, samples[:, expected])
    assert f"channel {expected + 1} of {len(channels)} alone" in warning


def read(path):
    """Return a file block by block, and its screening."""
    info = check_file(path)
    screening = Screening(info)
    return np.concatenate(list(read_blocks(path, info, screening))), screening


def test_files_in_antiphase(tmp_path):
    """Scored with a warning and learnt from, both as the louder channel."""
    path = tmp_path / "a.wav"
    samples = stack(0.8 * SPEECH, -SPEECH)
    soundfile.write(path, samples, RATE, subtype="FLOAT")
    found, screening = read(path)
    np.testing.assert_array_equal(found, -SPEECH)
    assert screening.refusal() == ""
    (warning,) = screening.warnings()
    assert warning.startswith("channels cancel each other: channel 2 of 2")
    with pytest.warns(UserWarning, match="a.wav: channels cancel"):
        np.testing.assert_array_equal(load_audio(path), -SPEECH)


def test_channels_that_cancel_in_a_part(tmp_path):
    """Averaged as ever, with a warning: half of the speech is lost."""
    path = tmp_path / "a.wav"
    other = SPEECH.copy()
    other[: len(other) // 2] *= -1
    soundfile.write(path, stack(SPEECH, other), RATE, subtype="FLOAT")
    found, screening = read(path)
    np.testing.assert_array_equal(found, stack(SPEECH, other).mean(axis=1))
    (warning,) = screening.warnings()
    expected = "channels cancel each other in parts that hold 5"
    assert warning.startswith(expected)
    assert mix_down(stack(SPEECH, other))[1].startswith(expected)
    other = SPEECH.copy()
    other[:RATE] *= -1
    faint = np.where(np.arange(len(SPEECH)) < RATE, np.float32(0.1), 1)
    assert mix_down(stack(faint * SPEECH, faint * other))[1] == ""


def test_a_long_file_is_mixed_in_one_way(tmp_path, monkeypatch):
    """By its beginning; what cancels only later is refused."""
    monkeypatch.setattr(audio_io, "MIXDOWN_SECONDS", 1)
    monkeypatch.setattr(audio_io, "BLOCK_SECONDS", 1)
    path = tmp_path / "a.wav"
    later = SPEECH.copy()
    later[RATE:] *= -1
    soundfile.write(path, stack(SPEECH, -later), RATE, subtype="FLOAT")
    with pytest.warns(UserWarning, match="channels cancel"):
        np.testing.assert_array_equal(load_audio(path), SPEECH)
    soundfile.write(path, stack(SPEECH, later), RATE, subtype="FLOAT")
    # -1/3 of the power is in common.
    with pytest.warns(UserWarning, match="in parts that hold 6"):
        np.testing.assert_allclose(load_audio(path)[RATE:], 0, atol=1e-7)
    later[: RATE // 2] *= -1
    later[RATE // 2 :] *= 1.5
    soundfile.write(path, stack(SPEECH, later), RATE, subtype="FLOAT")
    with pytest.raises(AudioError, match="though not at the beginning"):
        load_audio(path)
    with pytest.raises(AudioError, match="^channels cancel each other, tho"):
        monkeypatch.setattr("mtqnet_brain.audio.blocks.BLOCK_SECONDS", 1)
        read(path)
