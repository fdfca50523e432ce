"""What is refused, what is scored with a warning, what plainly.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
import soundfile
from scipy.signal import cheby2, sosfilt

from mtqnet_brain.audio.arrays import mono_samples
from mtqnet_brain.audio.blocks import check_file, read_blocks
from mtqnet_brain.audio.io import SAMPLE_RATE, AudioError, load_audio
from mtqnet_brain.audio.screening import Screening


def voice(seconds=2.0, seed=0):
    """Return a full-band signal with speech's slope: 8 dB per octave."""
    n = int(seconds * SAMPLE_RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(size=n))
    frequency = np.fft.rfftfreq(n, 1 / SAMPLE_RATE)
    spectrum *= np.maximum(frequency, 100) ** -1.3 * (frequency > 60)
    wave = np.fft.irfft(spectrum, n)
    return (0.05 * wave / wave.std()).astype(np.float32)


def tone(frequency, amplitude):
    """Return 2 s of a tone."""
    time = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    wave = amplitude * np.sin(2 * np.pi * frequency * time)
    return wave.astype(np.float32)


def screen(samples, rate=SAMPLE_RATE):
    """Return refusal and warnings of samples at hand."""
    screening = Screening()
    screening.add_raw(samples[:, None])
    for block in np.array_split(samples, 3):
        screening.add(block)
    return screening.refusal(), screening.warnings()


def test_a_good_clip_passes():
    """Nothing to say."""
    assert screen(voice()) == ("", [])


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        (voice(0.02), "320 samples at 16000 Hz, need at least 400"),
        (np.zeros(16000, np.float32), "digital silence"),
        (np.full(16000, 0.25, np.float32), "constant: all samples are 0.25"),
        (np.r_[voice(), np.float32("nan")], "1 NaN or infinite samples"),
        (np.r_[np.float32("-inf"), voice()], "1 NaN or infinite samples"),
        (np.float32(1e18) * voice(), "peak "),
        (np.float32(1e-10) * voice(), "silence: "),
        (np.float32(0.1) + 1e-6 * voice(), "silence: "),
        (np.float32(1e-10) * voice(0.03), "silence: "),
    ],
)
def test_refusals(samples, reason):
    """No plausible number for what holds no sound."""
    assert screen(samples)[0].startswith(reason)


def low_passed(edge):
    """Return a clip without energy above a frequency, at 16 bits."""
    sos = cheby2(10, 90, edge, fs=SAMPLE_RATE, output="sos")
    return (np.round(sosfilt(sos, voice()) * 32767) / 32767).astype(np.float32)


@pytest.mark.parametrize(
    ("samples", "warning"),
    [
        (voice(0.3), "short: 0.30 s"),
        (20 * voice(), "above full scale: peak "),
        (np.clip(6 * voice(), -0.5, 0.5), "clipped: "),
        (1e-3 * voice(), "hardly any speech level: -"),
        (voice() + tone(8, 0.005), "rumble below 20 Hz at -2"),
        (voice() + tone(15, 0.1), "rumble below 20 Hz at 2 dB of"),
        (low_passed(4000), "bandwidth 3."),
        (low_passed(6000), "bandwidth 5."),
    ],
)
def test_warnings(samples, warning):
    """Exactly the one that fits."""
    refusal, warnings = screen(samples)
    assert refusal == "" and len(warnings) == 1
    assert warnings[0].startswith(warning)


def test_integers_as_floats_are_scored():
    """The largest scale is that of 32 bits."""
    assert screen(np.float32(2**31) * voice())[0] == ""


@pytest.mark.parametrize(
    "samples",
    [
        voice() + tone(8, 0.03),  # removed before a network hears it
        voice() + tone(0.5, 0.1),  # drift
        voice() + tone(8, 0.001),
        voice() + np.float32(0.3),
        voice() + tone(30, 0.01),
    ],
)
def test_rumble_that_harms_no_score(samples):
    """Removed, faint, an offset, or a tone that is heard."""
    assert screen(samples) == ("", [])


def test_doubles_beyond_float32_are_no_samples(tmp_path):
    """One peak, not many infinite samples; what float32 holds is the same."""
    path = tmp_path / "x.wav"
    soundfile.write(
        path, voice().astype(float) * 1e199, SAMPLE_RATE, subtype="DOUBLE"
    )
    with pytest.raises(
        AudioError, match=r"^peak .*e\+19.: samples of no known"
    ):
        list(read_blocks(path, check_file(path), Screening()))
    with pytest.raises(AudioError, match="peak 1e.199: samples of no known"):
        mono_samples(np.full(800, 1e199))
    samples = np.random.default_rng(0).normal(0, 0.1, 8000)
    soundfile.write(path, samples, SAMPLE_RATE, subtype="DOUBLE")
    expected, _ = soundfile.read(path, dtype="float32")
    np.testing.assert_array_equal(load_audio(path), expected)


@pytest.mark.parametrize("n_steps, is_silent", [(1, True), (2, False)])
def test_a_step_of_16_bits_is_silence(n_steps, is_silent):
    """-90.3 dBFS by hand; two are scored with a warning."""
    signs = np.random.default_rng(0).choice([-1, 1], 16000)
    refusal, _ = screen((n_steps * signs / 32768).astype(np.float32))
    assert refusal.startswith("silence: ") == is_silent == bool(refusal)


def test_a_word_in_a_long_silence_is_scored():
    """0.2 s of a minute."""
    samples = np.zeros(60 * SAMPLE_RATE, np.float32)
    samples[:3200] = voice(0.2)
    refusal, warnings = screen(samples)
    assert refusal == ""
    assert warnings == ["hardly any speech level: -200 dBFS"]


@pytest.mark.parametrize("rate", [48000, 44099])
def test_what_resampling_removes_is_not_heard(rate, tmp_path):
    """A tone at 20 kHz is no clip."""
    tone = 0.5 * np.sin(2 * np.pi * 20000 * np.arange(2 * rate) / rate)
    soundfile.write(tmp_path / "x.wav", tone * np.hanning(2 * rate), rate)
    info = check_file(tmp_path / "x.wav")
    screening = Screening(info)
    list(read_blocks(tmp_path / "x.wav", info, screening))
    assert screening.refusal().startswith("silence: what is left at 16000 Hz")


def test_the_click_where_an_unheard_tone_begins_is_no_sound(tmp_path):
    """30 kHz without a fade: resampling leaves a frame of it."""
    tone = 0.5 * np.sin(2 * np.pi * 30000 * np.arange(192000) / 96000)
    soundfile.write(tmp_path / "x.wav", tone, 96000)
    info = check_file(tmp_path / "x.wav")
    screening = Screening(info)
    list(read_blocks(tmp_path / "x.wav", info, screening))
    assert screening.refusal().startswith("silence: what is left at 16000 Hz")


def test_peak_of_a_clip_is_not_clipping():
    """One sample at full scale; or a quiet 8-bit clip with few levels."""
    samples = voice()
    samples[100] = 1.0
    assert screen(samples)[1] == []
    coarse = np.round(0.1 * voice() * 128) / 128
    assert not any("clipped" in w for w in screen(coarse)[1])


def test_truncated_file_is_named(tmp_path):
    """With both lengths; an 8 kHz file by its bandwidth."""
    path = tmp_path / "x.wav"
    soundfile.write(path, voice(), SAMPLE_RATE)
    path.write_bytes(path.read_bytes()[:40000])
    info = check_file(path)
    screening = Screening(info)
    list(read_blocks(path, info, screening))
    (warning,) = screening.warnings()
    assert warning.startswith("truncated: the header promises 32000 samples")
    soundfile.write(path, voice(4.0)[::2], 8000)
    info = check_file(path)
    screening = Screening(info)
    list(read_blocks(path, info, screening))
    assert screening.warnings()[0].startswith("bandwidth 4.0 kHz, not 8")
