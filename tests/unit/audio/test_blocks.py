"""Files read in blocks: the same samples as of the whole at once.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
import soundfile
from synthetic import make_wave

from mtqnet_brain.audio import blocks as blocks_module
from mtqnet_brain.audio.blocks import check_file, read_blocks
from mtqnet_brain.audio.io import SAMPLE_RATE, AudioError, load_audio
from mtqnet_brain.audio.screening import Screening


def read(path):
    """Return all blocks of a file."""
    info = check_file(path)
    return list(read_blocks(path, info, Screening(info)))


@pytest.mark.parametrize(
    ("rate", "channels", "ending"),
    [
        (16000, 1, "wav"),
        (8000, 1, "flac"),
        (44100, 2, "ogg"),
        (48000, 2, "wav"),
        (96000, 6, "wav"),
        (22050, 1, "mp3"),
    ],
)
def test_blocks_are_the_file(rate, channels, ending, tmp_path, monkeypatch):
    """As read, mixed down and resampled at once."""
    monkeypatch.setattr(blocks_module, "BLOCK_SECONDS", 0.1)
    generator = np.random.default_rng(0)
    samples = generator.uniform(-0.5, 0.5, size=(int(0.97 * rate), channels))
    path = tmp_path / f"x.{ending}"
    soundfile.write(path, samples, rate)
    found = read(path)
    assert len(found) > 5
    whole = load_audio(path)
    joined = np.concatenate(found)
    assert len(joined) == len(whole)
    np.testing.assert_allclose(joined, whole, atol=2e-6)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.wav", b"", "empty: 0 bytes"),
        ("text.wav", b"not sound at all\n", "not readable as audio"),
        ("folder.wav", None, "a folder, not an audio file"),
        ("missing.wav", ..., "no such file"),
    ],
)
def test_what_is_no_audio_is_refused(name, content, reason, tmp_path):
    """With the reason, without the path."""
    path = tmp_path / name
    if content is None:
        path.mkdir()
    elif content is not ...:
        path.write_bytes(content)
    with pytest.raises(AudioError, match=f"^{reason}"):
        check_file(path)


def test_header_alone_is_refused(tmp_path):
    """A wav without samples."""
    soundfile.write(tmp_path / "x.wav", np.zeros(0), SAMPLE_RATE)
    with pytest.raises(AudioError, match="^a header without samples"):
        check_file(tmp_path / "x.wav")


def test_unreadable_file_is_refused(tmp_path, monkeypatch):
    """Where the system says so; root may read everything."""
    soundfile.write(tmp_path / "x.wav", make_wave(0.1, 0), SAMPLE_RATE)
    monkeypatch.setattr(blocks_module.os, "access", lambda *_: False)
    with pytest.raises(AudioError, match="^no permission"):
        check_file(tmp_path / "x.wav")
