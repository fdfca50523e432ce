"""Random channels and speeds of training utterances.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import torch
from scipy.interpolate import interp1d
from scipy.signal import resample_poly

from mtqnet_brain.training.augmentation import (
    N_POINTS,
    draw_channels,
    draw_speeds,
    interpolate_gains,
)

# log2(1 + f / 125 Hz) rises from 0 to log2(65) in equal steps.
POINTS = 125 * (65 ** (np.arange(N_POINTS) / (N_POINTS - 1)) - 1)  # Hz


def tones(frequencies, n_samples=16000):
    """Return one sine per frequency, shape (tones, n_samples)."""
    time = np.arange(n_samples) / 16000
    waves = np.sin(2 * np.pi * np.outer(frequencies, time))
    return torch.from_numpy(waves.astype(np.float32))


def test_gains_are_interpolated_over_octaves():
    """At the points the gains themselves; between them as scipy does."""
    gains = torch.arange(N_POINTS).float()[None] ** 2
    found = interpolate_gains(gains, 8001)[0]  # one bin per Hz
    place = np.log2(1 + POINTS / 125)
    expected = interp1d(place, gains[0], fill_value="extrapolate")
    hertz = np.arange(8001)
    np.testing.assert_allclose(
        found, expected(np.log2(1 + hertz / 125)), atol=0.02
    )


def test_a_channel_scales_a_tone_and_keeps_its_phase():
    """Within the range, more or less from utterance to utterance."""
    torch.manual_seed(0)
    wavs = tones([800.0] * 64)
    n_samples = torch.full((64,), 16000)
    filtered = draw_channels(wavs, n_samples, 6.0)[:, 4000:12000]
    middle = wavs[:, 4000:12000]
    gains = (filtered * middle).sum(1) / middle.square().sum(1)
    torch.testing.assert_close(
        filtered, gains[:, None] * middle, atol=2e-3, rtol=0
    )
    decibels = 20 * torch.log10(gains)
    assert decibels.abs().max() <= 6.01 and decibels.std() > 1


def test_behind_an_item_stays_zero():
    """The filter rings, but not into the padding."""
    torch.manual_seed(0)
    wavs = tones([300.0, 300.0])
    wavs[1, 9000:] = 0
    filtered = draw_channels(wavs, torch.tensor([16000, 9000]), 6.0)
    assert (filtered[1, 9000:] == 0).all() and (filtered[1] != 0).sum() > 8900
    assert filtered.shape == wavs.shape


def test_no_range_changes_nothing():
    """Gains of 0 dB give the wavs back."""
    wavs = tones([300.0, 5000.0], 7001)
    filtered = draw_channels(wavs, torch.tensor([7001, 7001]), 0.0)
    torch.testing.assert_close(filtered, wavs, atol=1e-5, rtol=0)


def test_a_speed_resamples_as_scipy_does():
    """80 %: five samples for four; 125 %: four for five."""
    noise = np.random.default_rng(0).standard_normal(5000)
    wav = resample_poly(noise, 3, 1)  # up to 2.7 kHz: filters differ little
    for speed, up, down in ((80, 5, 4), (125, 4, 5)):
        played, n_samples = draw_speeds(
            torch.tensor(wav[None]), torch.tensor([len(wav)]), [speed]
        )
        expected = resample_poly(wav, up, down, window=("kaiser", 12.0))
        assert n_samples.tolist() == [len(expected)] == [played.shape[1]]
        inside = slice(100, -100)  # where neither filter meets an end
        np.testing.assert_allclose(
            played[0, inside], expected[inside], atol=2e-3 * wav.std()
        )


def test_every_item_has_its_own_speed():
    """All speeds occur; lengths and pitches follow; padding stays zero."""
    torch.manual_seed(0)
    true_samples = torch.tensor([16000, 12000] * 20)
    wavs = tones([1000.0] * 40)
    wavs[1::2, 12000:] = 0
    played, n_samples = draw_speeds(wavs, true_samples, [80, 100, 125])
    found = (100 * true_samples / n_samples).round().int().tolist()
    assert set(found) == {80, 100, 125}
    assert played.shape == (40, int(n_samples.max()))
    for wav, n, speed in zip(played, n_samples.tolist(), found):
        assert (wav[n:] == 0).all()
        peak = np.argmax(np.abs(np.fft.rfft(wav[:n]))) * 16000 / n  # Hz
        assert abs(peak - 10 * speed) < 2


def test_the_recorded_speed_changes_nothing():
    """To the last bit, lengths too."""
    wavs, lengths = tones([300.0, 5000.0], 7001), torch.tensor([7001, 7001])
    played, n_samples = draw_speeds(wavs, lengths, [100])
    assert torch.equal(played, wavs) and torch.equal(n_samples, lengths)
