"""LLR, WSS, segmental SNR and the composite measures, frame by frame.

Expected values come from loops written from the published formulas, or by
hand.

Authors
 * The mtqnet-brain developers 2026
"""

import math

import numpy as np
import pytest
from scipy.linalg import solve_toeplitz, toeplitz
from scipy.signal import lfilter

from mtqnet_brain.labels.composite import (
    best_mean,
    composite_labels,
    composite_scores,
    segmental_snrs,
)
from mtqnet_brain.labels.llr import linear_prediction, log_likelihood_ratios
from mtqnet_brain.labels.spectra import power_spectra
from mtqnet_brain.labels.wss import (
    BAND_CENTRES,
    BAND_WIDTHS,
    weighted_spectral_slopes,
)

N_FRAMES = 36


@pytest.fixture(scope="module")
def clips():
    """A vowel-like clip of 0.3 s and the same with noise and less treble."""
    rng = np.random.default_rng(3)
    source = rng.standard_normal(4800) * 0.02
    source[::130] += 0.6
    clean = lfilter([1.0], [1.0, -1.5, 0.9, -0.2, 0.1], source) * 0.1
    noisy = lfilter([0.8, 0.2], [1.0], clean)
    return clean, noisy + rng.standard_normal(4800) * 0.003


def loop_frames(samples):
    """Windowed frames, one at a time: 480 samples every 120."""
    window = [
        0.5 * (1 - math.cos(2 * math.pi * i / 481)) for i in range(1, 481)
    ]
    for start in range(0, len(samples) - 480, 120):
        yield samples[start : start + 480] * np.array(window)


def loop_llr(clean, noisy):
    """LLR of one frame by the normal equations, solved by SciPy."""
    lags, filters = [], []
    for frame in (clean, noisy):
        r = np.array([frame[: 480 - k] @ frame[k:] for k in range(17)])
        lags.append(r)
        filters.append(np.r_[1.0, -solve_toeplitz(r[:16], r[1:])])
    matrix = toeplitz(lags[0])
    return math.log(
        (filters[1] @ matrix @ filters[1]) / (filters[0] @ matrix @ filters[0])
    )


def loop_levels(frame):
    """Levels of the critical bands in dB."""
    power = np.abs(np.fft.fft(frame, 1024)) ** 2
    levels = []
    for centre, width in zip(BAND_CENTRES, BAND_WIDTHS, strict=True):
        energy = 0.0
        middle = math.floor(centre / 8000 * 512)
        for j in range(512):
            gain = math.exp(-11 * ((j - middle) / (width / 8000 * 512)) ** 2)
            gain *= 70 / width
            if gain > math.exp(-30 / (2 * 2.303)):
                energy += gain * power[j]
        levels.append(10 * math.log10(max(energy, 1e-10)))
    return levels


def loop_weights(levels):
    """Klatt's weights, with a search for the peak band by band."""
    slopes = [levels[i + 1] - levels[i] for i in range(24)]
    weights = []
    for i in range(24):
        n = i
        if slopes[i] > 0:
            while n < 24 and slopes[n] > 0:
                n += 1
            peak = levels[n - 1]
        else:
            while n >= 0 and slopes[n] <= 0:
                n -= 1
            peak = levels[n + 1]
        weights.append(
            20 / (20 + max(levels) - levels[i]) / (1 + peak - levels[i])
        )
    return weights


def loop_wss(clean, noisy):
    """WSS of one frame by the formula of Klatt (1982)."""
    a, b = loop_levels(clean), loop_levels(noisy)
    weights = [
        (u + v) / 2
        for u, v in zip(loop_weights(a), loop_weights(b), strict=True)
    ]
    total = sum(
        w * ((a[i + 1] - a[i]) - (b[i + 1] - b[i])) ** 2
        for i, w in enumerate(weights)
    )
    return total / sum(weights)


@pytest.mark.parametrize(
    "fast, slow",
    [(log_likelihood_ratios, loop_llr), (weighted_spectral_slopes, loop_wss)],
)
def test_all_frames_at_once_equal_the_loop(clips, fast, slow):
    """LLR and WSS of every frame equal a direct calculation."""
    frames = zip(*map(loop_frames, clips), strict=True)
    expected = [slow(*pair) for pair in frames]
    found = fast(*map(power_spectra, clips))
    assert len(expected) == N_FRAMES and np.ptp(expected) > 0.05
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7)


def test_linear_prediction_of_a_known_process():
    """An autoregressive process of order 1 has its own filter as answer."""
    lags = 0.9 ** np.arange(4)[None]  # (1, 4)
    filters, errors = linear_prediction(lags)
    np.testing.assert_allclose(filters, [[1.0, -0.9, 0.0, 0.0]], atol=1e-12)
    np.testing.assert_allclose(errors, [1 - 0.81])


def test_segmental_snr_by_hand():
    """A noise of a tenth of the signal in every sample is 20 dB down."""
    clean = np.tile([0.5, -0.5], 600)
    clean[0], clean[1] = 1.0, -1.0
    noisy = clean * np.tile([0.9, 0.9, 1.1, 1.1], 300)
    # Same peak and mean, so that nothing is removed or scaled.
    noisy[0], noisy[1] = 1.0, -1.0
    found = segmental_snrs(clean, noisy)
    np.testing.assert_allclose(found[1:], 20.0, atol=1e-9)


def test_segmental_snr_ignores_level_and_offset():
    """The level of the degraded clip and both offsets do not count."""
    rng = np.random.default_rng(0)
    clean = rng.uniform(-0.5, 0.5, 2000)
    found = segmental_snrs(clean + 0.2, 0.25 * clean + 0.1)
    assert (found == 35.0).all()


def test_segmental_snr_limits():
    """The frames stay within -10..35 dB; equal silence counts as perfect."""
    rng = np.random.default_rng(0)
    clean = rng.uniform(-0.5, 0.5, 2400)
    clean -= clean.mean()
    assert (segmental_snrs(clean, clean[::-1] * 1e-3) >= -10.0).all()
    burst = np.zeros(2400)
    burst[:2] = 0.5, -0.5
    assert (segmental_snrs(burst, burst) == 35.0).all()
    noisy = burst + np.tile([0.1, -0.1], 1200)
    assert segmental_snrs(burst, noisy)[-1] == -10.0


@pytest.mark.parametrize("n_frames, n_best", [(20, 19), (30, 29), (7, 7)])
def test_best_mean_drops_the_worst_frames(n_frames, n_best):
    """0.95 x 20 = 19, 0.95 x 30 = 28.5 and 0.95 x 7 = 6.65 frames count."""
    values = np.arange(n_frames, dtype=float)[::-1]
    assert best_mean(values) == pytest.approx((n_best - 1) / 2)


def test_composite_scores_by_hand():
    """The published regressions, worked out on paper."""
    found = composite_scores(pesq=2.0, llr=0.5, wss=40.0, segmental_snr=4.0)
    assert found == pytest.approx(
        {
            "csig": 3.4245,  # 3.093 + 1.206 - 0.5145 - 0.36
            "cbak": 2.562,  # 1.634 + 0.956 - 0.28 + 0.252
            "covl": 2.668,  # 1.594 + 1.61 - 0.256 - 0.28
        }
    )


def test_composite_scores_are_limited():
    """No rating leaves 1..5."""
    worst = composite_scores(1.0, 5.0, 300.0, -10.0)
    best = composite_scores(4.6, 0.0, 0.0, 35.0)
    assert set(worst.values()) == {1.0} and set(best.values()) == {5.0}


def test_digital_silence_gives_numbers(clips):
    """Exact zeros in either clip lead to no NaN."""
    clean, noisy = (clip.copy() for clip in clips)
    clean[:1500] = 0.0
    noisy[1000:2500] = 0.0
    scores = composite_labels(clean, noisy, 2.0)
    assert np.isfinite(list(scores.values())).all()
