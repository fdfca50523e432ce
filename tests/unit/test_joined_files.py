"""Audio files joined end to end are read to their end.

Authors
 * The mtqnet-brain developers 2026
"""

import struct

import numpy as np
import pytest
import soundfile

from mtqnet_brain.audio import AudioError, audio_info, load_audio
from mtqnet_brain.flac_frames import frame_end
from mtqnet_brain.mp3_frames import parse_frame
from mtqnet_brain.scoring.screening import Screening

RATE = 16000
GENERATOR = np.random.default_rng(0)
FIRST, SECOND = GENERATOR.normal(0, 0.1, 30000), GENERATOR.normal(0, 0.1, 9001)
OPUS = {"format": "OGG", "subtype": "OPUS"}


def write(path, samples=FIRST, rate=RATE, **settings):
    """Write samples; return the file's bytes."""
    soundfile.write(path, samples, rate, **settings)
    return path.read_bytes()


@pytest.mark.parametrize(
    "ending, settings",
    [
        ("ogg", {}),
        ("opus", OPUS),
        ("mp3", {}),
        ("flac", {}),
        ("wav", {}),
        ("wav", {"subtype": "PCM_U8"}),
        ("wav", {"format": "RF64"}),
        ("aiff", {}),
        ("au", {}),
        ("caf", {}),
        ("w64", {}),
    ],
)
def test_all_parts_are_read(ending, settings, tmp_path):
    """The samples of three files, one after the other."""
    path = tmp_path / f"a.{ending}"
    one = write(path, **settings)
    first = soundfile.read(path, dtype="float32")[0]
    two = write(path, SECOND, **settings)
    second = soundfile.read(path, dtype="float32")[0]
    assert (len(first), len(second)) == (30000, 9001)
    path.write_bytes(one + two + one)
    found = load_audio(path)
    expected = np.concatenate([first, second, first])
    np.testing.assert_allclose(found, expected, atol=1e-6)
    if ending != "flac":  # which is not searched for a header
        assert audio_info(path).n_samples == 69001
    assert not audio_info(path).truncation


@pytest.mark.parametrize(
    "ending, settings", [("ogg", {}), ("mp3", {}), ("flac", {})]
)
def test_parts_of_another_rate_are_refused(ending, settings, tmp_path):
    """With both rates; so are those with other channels."""
    path = tmp_path / f"a.{ending}"
    one, two = write(path), write(path, rate=48000)
    three = write(path, np.stack([FIRST, FIRST], axis=1))
    path.write_bytes(one + two)
    with pytest.raises(AudioError, match="part 2 has 48000 Hz, part 1 16000"):
        load_audio(path)
    path.write_bytes(one + three)
    with pytest.raises(AudioError, match="part 2 has 2 channels, part 1 1"):
        load_audio(path)


def test_a_part_that_is_cut(tmp_path):
    """An ogg without its last page, before another one."""
    path = tmp_path / "a.ogg"
    one = write(path)
    path.write_bytes(one[: len(one) // 2] + one)
    assert "promises more" in audio_info(path).truncation


def variable(path):
    """Write an mp3 of variable rate: noise, then silence.

    Returns its bytes, where its first frame ends, which holds the Xing
    header, and how many frames follow.
    """
    samples = np.r_[FIRST, FIRST, FIRST, np.zeros(4 * RATE)]
    settings = {"bitrate_mode": "VARIABLE", "compression_level": 0.2}
    with soundfile.SoundFile(path, "w", RATE, 1, format="MP3", **settings) as f:
        f.write(samples)
    content = path.read_bytes()
    place = content.index(b"Xing")
    n_frames = struct.unpack_from(">I", content, place + 8)[0]
    return content, content.index(b"\xff\xf3", 4), n_frames


def test_an_mp3_that_does_not_say_its_length(tmp_path):
    """As recorders write it: all frames, though libsndfile expects fewer."""
    path = tmp_path / "a.mp3"
    content, end, n_frames = variable(path)
    path.write_bytes(content[end:])
    assert soundfile.info(path).frames < 0.8 * 576 * n_frames
    assert audio_info(path)[1] == 576 * n_frames == len(load_audio(path))
    path.write_bytes(2 * content[end:])
    assert audio_info(path)[1] == 2 * 576 * n_frames == len(load_audio(path))
    # 154,000 samples, by its header, and frames behind it.
    path.write_bytes(content + content[end:])
    assert len(load_audio(path)) == 154000 + 576 * n_frames
    path.write_bytes(content[end:] + content)
    assert len(load_audio(path)) == 154000 + 576 * n_frames


def test_tags_between_mp3s_are_no_frames(tmp_path):
    """Of all three kinds, in front, between and behind."""
    path = tmp_path / "a.mp3"
    content = write(path)
    id3 = b"ID3\4\0\0\0\0\2\1" + b"\xff\xfb" + bytes(255)  # 257 bytes
    ape = b"APETAGEX" + struct.pack("<III", 2000, 40, 1) + bytes(12 + 40)
    tag = b"TAG" + bytes(125)
    path.write_bytes(id3 + content + ape + tag + id3 + content + tag)
    assert len(load_audio(path)) == 60000


def test_a_cut_mp3_is_said_to_be_truncated(tmp_path):
    """By the number of its frames; a frame more or less is none."""
    path = tmp_path / "a.mp3"
    content = write(path)
    path.write_bytes(content[: len(content) // 2])
    assert audio_info(path).truncation.startswith("truncated: the header prom")
    with pytest.raises(AudioError, match="truncated"):
        load_audio(path)
    path.write_bytes(content[:-100])
    assert not audio_info(path).truncation


@pytest.mark.parametrize("mode", ["VARIABLE", "CONSTANT"])
def test_an_mp3_that_promises_too_few_frames_is_one_stream(mode, tmp_path):
    """Decoded to its end as with the right header, with a warning."""
    path = tmp_path / "a.mp3"
    with soundfile.SoundFile(
        path, "w", RATE, 1, format="MP3", bitrate_mode=mode
    ) as file:
        file.write(np.r_[FIRST, FIRST])
    expected = soundfile.read(path, dtype="float32")[0]
    content = bytearray(path.read_bytes())
    place = max(content.find(b"Xing"), content.find(b"Info")) + 8
    n_frames = struct.unpack_from(">I", content, place)[0]
    struct.pack_into(">I", content, place, n_frames // 2)
    path.write_bytes(content)
    promised = n_frames // 2 * 576
    with pytest.warns(UserWarning, match=f"promises {promised} samples"):
        found = load_audio(path)
    # Else the frames after the first half begin anew, with a click.
    np.testing.assert_allclose(found, expected, atol=1e-6)
    info = audio_info(path)
    assert (info.n_samples, info.n_promised) == (n_frames * 576, promised)
    assert info.excess in screened(info)


def screened(info):
    """Return the warnings of a clip of noise with this header."""
    screening = Screening(info)
    screening.add(FIRST.astype(np.float32))
    return screening.warnings()


def test_a_flac_that_promises_too_few_samples(tmp_path):
    """Half of them in STREAMINFO; all are read, alone and joined to another.

    147 blocks: the number of the last one takes two bytes.
    """
    path = tmp_path / "a.flac"
    wave = np.tile(FIRST, 20)
    whole = write(path, wave)
    expected = soundfile.read(path, dtype="float32")[0]
    content = bytearray(whole)
    assert int.from_bytes(content[22:26], "big") == 600000
    struct.pack_into(">I", content, 22, 300000)
    path.write_bytes(content)
    info = audio_info(path)
    assert (info.n_samples, info.n_promised) == (600000, 300000)
    with pytest.warns(UserWarning, match="300000 samples .* of 600000"):
        np.testing.assert_array_equal(load_audio(path), expected)
    assert info.excess in screened(info)
    path.write_bytes(content + whole)
    with pytest.warns(UserWarning, match="900000 samples .* of 1200000"):
        assert len(load_audio(path)) == 1200000
    path.write_bytes(whole)
    assert not audio_info(path).excess


@pytest.mark.parametrize(
    "header, end",
    [
        ("fff869180000bf", 1),  # the first example of RFC 9639
        ("fff869180000be", 0),
        ("fff869190000bf", 0),
        ("fff8691800", 0),
    ],
)
def test_headers_of_flac_frames(header, end):
    """A wrong checksum, a reserved bit and a cut one are none."""
    assert frame_end(bytes.fromhex(header), 4096) == end


def test_sound_that_looks_like_a_frame_of_flac():
    """Whatever follows what may be a sync code; one in 256 has a checksum."""
    found = [
        frame_end(b"\xff\xf8" + GENERATOR.bytes(14), 4096) for _ in range(4000)
    ]
    assert 0 < sum(end > 0 for end in found) < 4000 / 50


@pytest.mark.parametrize(
    "header, expected",
    [
        # Of the standard's tables, by hand: 144 * 128000 / 44100 = 417.96.
        ("fb9000", (417, 1152, 44100)),
        ("fb9200", (418, 1152, 44100)),
        ("f388c4", (288, 576, 16000)),
        ("e344c4", (192, 576, 12000)),
        ("fd54c0", (240, 1152, 48000)),
        ("ff44c0", (128, 384, 48000)),
        ("fb0000", None),  # free format
        ("fbf000", None),
        ("fb9c00", None),
        ("eb9000", None),
        ("f99000", None),
    ],
)
def test_frame_headers(header, expected):
    """Bytes, samples and rate of layers 1 to 3 of MPEG 1, 2 and 2.5."""
    frame = parse_frame(bytes.fromhex(header))
    assert frame[:3] == expected if expected else frame is None
