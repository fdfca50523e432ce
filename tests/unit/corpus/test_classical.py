"""MMSE and KLT: less noise, same length, gains as published.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
from scipy.integrate import quad

from mtqnet_brain.corpus.enhancement.classical import (
    ENHANCERS,
    analyse,
    filter_vectors,
    lsa_gains,
    track_noise,
)

RATE = 16000


def harmonic_speech(seconds=2.5):
    """Gliding harmonics under syllables of 4 Hz, with pauses."""
    time = np.arange(int(seconds * RATE)) / RATE
    angle = 2 * np.pi * np.cumsum(150 + 30 * np.sin(2 * np.pi * time)) / RATE
    tones = sum(np.sin(k * angle) / k for k in range(1, 16))
    return 0.1 * tones * np.maximum(np.sin(2 * np.pi * 2 * time), 0)


def segmental_snr(clean, other):
    """Mean SNR in dB of active 32-ms segments, each within -10..35."""
    n = len(clean) // 512 * 512
    power = np.sum(clean[:n].reshape(-1, 512) ** 2, axis=1)
    error = np.sum((clean - other)[:n].reshape(-1, 512) ** 2, axis=1)
    active = power > 1e-3 * power.max()
    snr = 10 * np.log10(power[active] / error[active])
    return np.clip(snr, -10, 35).mean()


@pytest.mark.parametrize("method", sorted(ENHANCERS))
def test_segmental_snr_rises(method):
    """Harmonics in white noise at 5 dB gain at least 3 dB."""
    clean = harmonic_speech()
    rng = np.random.default_rng(0)
    noise = rng.standard_normal(len(clean))
    noise *= np.sqrt(np.mean(clean**2) / np.mean(noise**2)) * 10 ** (-5 / 20)
    noisy = clean + noise
    before = segmental_snr(clean, noisy)
    after = segmental_snr(clean, ENHANCERS[method](noisy))
    assert after > before + 3


@pytest.mark.parametrize("method", sorted(ENHANCERS))
def test_clean_speech_is_kept(method):
    """Speech with next to no noise comes back above 20 dB."""
    clean = harmonic_speech()
    noise = 1e-5 * np.random.default_rng(0).standard_normal(len(clean))
    enhanced = ENHANCERS[method](clean + noise)
    assert segmental_snr(clean, enhanced) > 20


@pytest.mark.parametrize("method", sorted(ENHANCERS))
@pytest.mark.parametrize("n_samples", [400, 511, 512, 513, 16001])
def test_length(method, n_samples):
    """The output is as long as the input and within full scale."""
    noisy = np.random.default_rng(0).uniform(-1, 1, n_samples)
    enhanced = ENHANCERS[method](noisy)
    assert enhanced.shape == (n_samples,)
    assert enhanced.dtype == np.float32
    assert np.max(np.abs(enhanced)) <= 0.99


@pytest.mark.parametrize("method", sorted(ENHANCERS))
def test_silence(method):
    """Digital silence stays silent."""
    assert not np.any(np.abs(ENHANCERS[method](np.zeros(8000))) > 1e-6)


def test_subspace_filter_without_noise_reduction():
    """With the identity as filter, the vectors add up to the input."""
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, 5000)
    n_frames = len(analyse(samples))
    filters = np.broadcast_to(np.eye(32), (n_frames, 32, 32))
    output = filter_vectors(samples, filters)
    np.testing.assert_allclose(output, samples, atol=1e-6)


@pytest.mark.parametrize("posterior", [0.2, 1.0, 4.0, 50.0])
def test_lsa_gain_of_the_first_frame(posterior):
    """Ephraim and Malah's gain with the integral done by quadrature."""
    gain = lsa_gains(np.array([[posterior]]), np.array([[1.0]])).item()
    # Eq. 51 of their 1984 paper; the first frame's own power as history.
    prior = 0.98 * posterior + 0.02 * max(posterior - 1, 0)
    v = prior / (1 + prior) * posterior
    integral = quad(lambda t: np.exp(-t) / t, v, np.inf)[0]
    expected = min(prior / (1 + prior) * np.exp(0.5 * integral), 1.0)
    assert gain == pytest.approx(expected, rel=1e-6)


def test_noise_tracker_finds_a_steady_level():
    """The PSD of stationary noise is found within 1.5 dB on average."""
    rng = np.random.default_rng(0)
    # |X|^2 of Gaussian noise is exponentially distributed.
    powers = 0.3 * rng.exponential(size=(300, 257))
    tracked = track_noise(powers)[50:]
    assert 10 * abs(np.log10(tracked.mean() / 0.3)) < 1.5


def test_noise_tracker_follows_a_rise():
    """After a rise by 10 dB the estimate is within 3 dB in a second."""
    rng = np.random.default_rng(0)
    powers = rng.exponential(size=(200, 257))
    powers[100:] *= 10
    tracked = track_noise(powers)[162:]
    assert 10 * abs(np.log10(tracked.mean() / 10)) < 3
