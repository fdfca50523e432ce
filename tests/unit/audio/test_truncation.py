"""Files that hold less than their header promises, and those that do not.

Authors
 * The mtqnet-brain developers 2026
"""

import struct

import numpy as np
import pytest
import soundfile

from mtqnet_brain.audio import io as audio_io
from mtqnet_brain.audio.io import AudioError, audio_info, load_audio
from mtqnet_brain.data.manifest import ManifestError
from mtqnet_brain.data.validation import validate_manifests

RATE = 16000


def save(path, n_samples=48000, **settings):
    """Write noise, reproducibly; return the path."""
    samples = np.random.default_rng(0).normal(0, 0.1, n_samples)
    soundfile.write(path, samples, RATE, **settings)
    return path


def keep(path, n_bytes):
    """Cut a file after a number of bytes."""
    path.write_bytes(path.read_bytes()[:n_bytes])
    return path


def test_a_cut_wav_knows_both_lengths(tmp_path):
    """3 s promised, 1.2 s there: 19200 samples after 44 bytes of header."""
    path = keep(save(tmp_path / "a.wav"), 44 + 38400)
    info = audio_info(path)
    assert info == (RATE, 19200, 1, 48000)
    assert info.truncation == (
        "truncated: the header promises 48000 samples (3.00 s), the file "
        "holds 19200 (1.20 s); copy it again"
    )
    with pytest.raises(AudioError, match=r"a\.wav: truncated: the header"):
        load_audio(path)


@pytest.mark.parametrize(
    "settings, header, block",
    [
        ({"subtype": "FLOAT"}, 80, 4),  # fmt, fact and PEAK
        ({"subtype": "PCM_24"}, 44, 3),
        ({"format": "WAVEX"}, 80, 2),
        ({"format": "RF64"}, 104, 2),
    ],
)
def test_other_kinds_of_wav(settings, header, block, tmp_path):
    """19200 of 48000 samples, whatever their size and the header's."""
    whole = save(tmp_path / "a.wav", **settings)
    assert len(whole.read_bytes()) == header + 48000 * block
    assert audio_info(whole) == (RATE, 48000, 1, 48000)
    keep(whole, header + 19200 * block)
    assert audio_info(whole) == (RATE, 19200, 1, 48000)


def test_blocks_of_adpcm(tmp_path):
    """48 blocks of 1017 samples; 10 of them are left."""
    path = save(tmp_path / "a.wav", subtype="IMA_ADPCM")
    header = len(path.read_bytes()) - 48 * 512
    keep(path, header + 10 * 512)
    assert audio_info(path) == (RATE, 10170, 1, 48816)


def test_a_codec_that_does_not_tell_its_blocks(tmp_path):
    """It is known to be cut, not by how much."""
    path = save(tmp_path / "a.wav", subtype="G721_32")
    assert audio_info(path) == (RATE, 48000, 1, 48000)
    keep(path, len(path.read_bytes()) // 2)
    assert "promises more, the file holds" in audio_info(path).truncation


def test_only_the_header_is_left(tmp_path):
    """Nothing of 3 s is no empty clip."""
    info = audio_info(keep(save(tmp_path / "a.wav"), 44))
    assert info.truncation.endswith("holds 0 (0.00 s); copy it again")


def test_a_long_comment_before_the_samples(tmp_path):
    """As ffmpeg writes it; the comment exceeds libsndfile's log."""
    path = save(tmp_path / "a.wav")
    content = path.read_bytes()
    words = b"INFOICMT" + struct.pack("<I", 3000) + b"x" * 3000
    chunk = b"LIST" + struct.pack("<I", len(words)) + words
    size = struct.pack("<I", len(content) - 8 + len(chunk))
    content = b"RIFF" + size + content[8:36] + chunk + content[36:]
    path.write_bytes(content)
    assert not audio_info(path).truncation
    path.write_bytes(content[:-20000])
    assert audio_info(path) == (RATE, 38000, 1, 48000)


@pytest.mark.parametrize(
    "size",
    [0xFFFFFFFF, 0xFFFFFFDB, 0x80000000, 0x7FFFFFFF, 0x7FFFF000],
)
def test_a_stream_of_unknown_length_is_whole(size, tmp_path):
    """What ffmpeg, sox and arecord write into a pipe."""
    path = save(tmp_path / "a.wav")
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, 40, size)
    struct.pack_into("<I", content, 4, min(size + 36, 0xFFFFFFFF))
    path.write_bytes(content)
    assert audio_info(path) == (RATE, 48000, 1, 0)
    assert len(load_audio(path)) == 48000


def test_a_recording_that_was_not_closed_is_whole(tmp_path):
    """Data of length 0 in a RIFF of length 8, and samples behind."""
    path = save(tmp_path / "a.wav")
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, 40, 0)
    struct.pack_into("<I", content, 4, 8)
    path.write_bytes(content)
    assert not audio_info(path).truncation
    assert len(load_audio(path)) == 48000


@pytest.mark.parametrize("size", [1001, 1002])
def test_a_missing_pad_byte_is_no_truncation(size, tmp_path):
    """1001 samples of one byte; the pad byte is left out, counted or not."""
    path = save(tmp_path / "a.wav", 1001, subtype="PCM_U8")
    content = bytearray(path.read_bytes()[: 44 + 1001])
    struct.pack_into("<I", content, 40, size)
    path.write_bytes(content)
    assert audio_info(path) == (RATE, 1001, 1, 1001)


def test_sony_wave64_is_read(tmp_path):
    """Whole or cut, it is no error."""
    path = save(tmp_path / "a.w64", format="W64")
    assert audio_info(path).n_samples == 48000
    keep(path, 40000)
    assert 0 < audio_info(path).n_samples < 48000


def test_a_cut_flac_tells_what_it_holds(tmp_path):
    """About half, where noise has equal blocks; the header promises all."""
    path = save(tmp_path / "a.flac")
    assert audio_info(path) == (RATE, 48000, 1, 48000)
    keep(path, len(path.read_bytes()) // 2)
    info = audio_info(path)
    assert info.n_promised == 48000
    assert 4 * 4096 <= info.n_samples <= 24000  # all but a started block
    with pytest.raises(AudioError, match=r"a\.flac: truncated"):
        load_audio(path)


@pytest.mark.parametrize("share", [0.999, 0.9, 0.3])
def test_a_cut_ogg_has_no_last_page(share, tmp_path):
    """Its header does not say how long it should be."""
    path = save(tmp_path / "a.ogg", 20 * RATE)
    assert audio_info(path) == (RATE, 20 * RATE, 1, 20 * RATE)
    keep(path, int(share * len(path.read_bytes())))
    info = audio_info(path)
    assert 0 < info.n_samples < 20 * RATE
    assert "promises more, the file holds" in info.truncation
    with pytest.raises(AudioError, match=r"a\.ogg: truncated"):
        load_audio(path)


def test_what_decodes_to_less_is_refused(tmp_path, monkeypatch):
    """A stream that breaks off without an error."""
    path = save(tmp_path / "a.flac")
    half = [np.zeros((24000, 1), np.float32)]
    monkeypatch.setattr(audio_io, "decode", lambda *_: iter(half))
    with pytest.raises(AudioError, match=r"holds 24000 \(1.50 s\)"):
        load_audio(path)


def test_validation_lists_truncated_wavs(tmp_path):
    """A fault of the manifest, with its row."""
    rows = [
        {"ID": name, "wav": str(save(tmp_path / f"{name}.wav"))}
        for name in ("a", "b")
    ]
    keep(tmp_path / "b.wav", 44 + 38400)
    with pytest.raises(ManifestError) as caught:
        validate_manifests({"train": rows}, [])
    message = str(caught.value)
    assert "1 fault:" in message
    assert f"train, row 3, wav = '{tmp_path}/b.wav': truncated" in message
    assert "48000 samples (3.00 s)" in message


def test_a_flac_of_unknown_length_is_whole(tmp_path):
    """As written into a pipe: 0 samples in the 36 bits of STREAMINFO.

    Its last block is shorter than those before.
    """
    path = save(tmp_path / "a.flac", 42481)
    content = bytearray(path.read_bytes())
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    path.write_bytes(content)
    info = audio_info(path)
    assert (info.n_samples, info.n_promised) == (42481, 0)
    assert not info.truncation
    assert len(load_audio(path)) == 42481


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_an_ogg_with_something_behind_it_is_whole(subtype, tmp_path):
    """Its last page says that it is the last."""
    path = save(tmp_path / "a.ogg", format="OGG", subtype=subtype)
    whole = path.read_bytes()
    last_page = whole.rindex(b"OggS")
    for junk in (np.random.default_rng(0).bytes(3500), bytes(3500)):
        path.write_bytes(whole + junk)
        assert audio_info(path) == (RATE, 48000, 1, 48000)
        assert len(load_audio(path)) == 48000
        path.write_bytes(whole[:last_page] + junk)
        assert audio_info(path).truncation
    keep(path, last_page)
    assert audio_info(path).truncation
