"""Whatever is wrong with a file is an AudioError with one line.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import random
import struct

import numpy as np
import pytest
import soundfile

from mtqnet_brain.audio import decoding
from mtqnet_brain.audio.blocks import check_file, read_blocks
from mtqnet_brain.audio.io import AudioError, audio_info, load_audio
from mtqnet_brain.audio.screening import Screening
from mtqnet_brain.inference.predictor import SpeechQualityPredictor

RATE = 16000
WAVE = np.random.default_rng(0).normal(0, 0.1, RATE)


@pytest.fixture
def folder(tmp_path):
    """A folder with a good wav and much that is none."""
    soundfile.write(tmp_path / "good.wav", WAVE, RATE)
    (tmp_path / "no_header.raw").write_bytes(bytes(3000))
    for name in ("noise.vox", "noise.gsm", "noise.snd", "noise.au"):
        (tmp_path / name).write_bytes(random.Random(0).randbytes(3000))
    (tmp_path / "folder.wav").mkdir()
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "circle.wav").symlink_to(tmp_path / "circle.wav")
    return tmp_path


def read(path):
    """Return a file block by block."""
    info = check_file(path)
    return list(read_blocks(path, info, Screening(info)))


@pytest.mark.parametrize(
    "name, reason",
    [
        ("no_header.raw", "not readable as audio"),
        ("noise.vox", "not readable as audio"),
        ("noise.gsm", "not readable as audio"),
        ("noise.snd", "not readable as audio"),
        ("noise.au", "not readable as audio"),
        ("folder.wav", "a folder, not an audio file"),
        ("pipe.wav", "a pipe, socket or device, not an audio file"),
        ("circle.wav", "Too many levels of symbolic links"),
        ("good.wav/x.wav", "no such file"),
        ("nul\0.wav", "not readable as audio"),
        ("long" * 100 + ".wav", "File name too long"),
    ],
)
def test_what_is_no_audio_file(name, reason, folder):
    """Nothing hangs, guesses or raises anything else."""
    path = f"{folder}/{name}"
    for function in (audio_info, load_audio):
        with pytest.raises(AudioError) as caught:
            function(path)
        assert str(caught.value).startswith(f"{path}: {reason}")
    with pytest.raises(AudioError, match=f"^{reason}"):
        read(path)


def test_one_file_does_not_end_a_run(folder):
    """Between two good ones, each has its row."""
    names = [path.name for path in folder.iterdir()] + ["good.wav"]
    predictor = SpeechQualityPredictor.from_pretrained()
    rows = predictor.score_files([folder / name for name in names])
    good = [not row["error"] for row in rows]
    assert good == [name == "good.wav" for name in names]


def test_the_ending_says_nothing(folder):
    """A wav called raw is a wav."""
    (folder / "good.wav").rename(folder / "good.raw")
    assert len(load_audio(folder / "good.raw")) == RATE


def test_names_that_are_no_utf8(folder):
    """As bytes, or as Python writes them."""
    name = os.fsencode(folder) + b"/\xff.wav"
    os.rename(folder / "good.wav", name)
    for path in (name, os.fsdecode(name)):
        assert len(load_audio(path)) == RATE
        assert len(read(path)[0]) == RATE


@pytest.mark.parametrize(
    "error",
    [
        TypeError("samplerate must be specified"),
        RuntimeError("no"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no"),
        OverflowError("too large"),
        OSError(5, "Input/output error"),
        MemoryError(),
    ],
)
def test_what_soundfile_raises(error, folder, monkeypatch):
    """Any of it is an AudioError."""

    def fail(*_):
        """Raise it in the middle of a file."""
        raise error

    monkeypatch.setattr(decoding, "_blocks", fail)
    for function in (load_audio, read):
        with pytest.raises(AudioError, match="memory|readable|Input/output"):
            function(folder / "good.wav")


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3", "aiff"])
def test_flipped_bits_and_cuts(ending, tmp_path):
    """Samples or an AudioError; blocks are as many samples as the whole."""
    path = tmp_path / f"a.{ending}"
    soundfile.write(path, WAVE, RATE)
    whole, generator = path.read_bytes(), random.Random(1)
    for _ in range(12):
        content = bytearray(whole[: generator.randrange(100, len(whole))])
        for _ in range(generator.choice([0, 1, 100])):
            content[generator.randrange(len(content))] ^= 128
        content[generator.randrange(60)] = generator.randrange(256)
        path.write_bytes(content)
        try:
            n_samples = len(load_audio(path))
            assert n_samples == sum(map(len, read(path)))
        except AudioError as err:
            assert str(err)


def streamed(path, data, riff, rest=b""):
    """Write a wav with other lengths than it has."""
    soundfile.write(path, WAVE, RATE)
    content = bytearray(path.read_bytes() + rest)
    struct.pack_into("<I", content, 4, riff)
    struct.pack_into("<I", content, 40, data)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("data", [0, 2_000_000_000, 0x7FFFFFFF, 0xFFFFFFFF])
@pytest.mark.parametrize("riff", [None, 0, 36, 0xFFFFFFFF])
def test_streamed_wavs_are_whole(data, riff, tmp_path):
    """Lengths that their writers did not know."""
    riff = (data + 36) & 0xFFFFFFFF if riff is None else riff
    path = streamed(tmp_path / "a.wav", data, riff)
    expected = np.round(WAVE * 32768).clip(-32768, 32767) / 32768
    np.testing.assert_allclose(load_audio(path), expected, atol=4e-5)
    assert not audio_info(path).truncation
    assert sum(map(len, read(path))) == RATE


def test_an_empty_wav_stays_empty(tmp_path):
    """No data, but a chunk behind them."""
    soundfile.write(tmp_path / "a.wav", WAVE[:0], RATE)
    path = tmp_path / "a.wav"
    note = b"LIST" + struct.pack("<I", 16) + b"INFOISFT\4\0\0\0abc\0"
    path.write_bytes(path.read_bytes()[:44] + note)
    with pytest.raises(AudioError, match="^a header without samples"):
        check_file(path)


@pytest.mark.parametrize("data", [1_999_999_998, 64000, 1_073_741_824])
def test_a_length_that_a_recording_has_is_believed(data, tmp_path):
    """What is missing of it is missing."""
    path = streamed(tmp_path / "a.wav", data, data + 36)
    assert "truncated" in audio_info(path).truncation


@pytest.mark.parametrize("ending", ["aiff", "au", "w64"])
def test_other_kinds_that_are_cut(ending, tmp_path):
    """A third is missing."""
    path = tmp_path / f"a.{ending}"
    soundfile.write(path, WAVE, RATE)
    assert not audio_info(path).truncation
    path.write_bytes(path.read_bytes()[: RATE * 4 // 3])
    assert "truncated: the header promises more" in audio_info(path).truncation
