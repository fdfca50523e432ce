"""Long quiet pauses are cut out of the windows, and out of nothing else.

Authors
 * The mtqnet-brain developers 2026
"""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import torch

from mtqnet_brain.checkpoint import load_model
from mtqnet_brain.scoring.engine import Engine
from mtqnet_brain.scoring.pauses import kept_hops
from mtqnet_brain.scoring.windows import cut_windows

GOLDEN = Path(__file__).parents[1] / "golden" / "tiny_model"
WINDOW = 200000


def sound(n_hops, decibels, seed=0):
    """Return white noise of a level, as speech or as what is between."""
    noise = np.random.default_rng(seed).normal(size=n_hops * 256)
    return (0.1 * 10 ** (decibels / 20) * noise).astype(np.float32)


def talk(pause_hops, decibels):
    """Return 3.2 s of sound, a pause and 3.2 s."""
    pause = sound(pause_hops, decibels, 1)
    return np.r_[sound(200, 0), pause, sound(200, 0, 2)]


@pytest.mark.parametrize("decibels", [-40, -50, -70, -np.inf])
@pytest.mark.parametrize("block", [777, 16000, 10**6])
def test_long_pauses_are_cut_out(decibels, block):
    """By hand: quiet frames are 201 to 499, 8 hops stay on each side."""
    wave = talk(300, decibels)
    blocks = [wave[i : i + block] for i in range(0, len(wave), block)]
    (window,) = cut_windows(blocks, WINDOW)
    expected = np.r_[0:209, 491:700]
    np.testing.assert_array_equal(window.hops, expected)
    hand = wave.reshape(-1, 256)[expected].ravel()
    np.testing.assert_array_equal(window.samples, hand)


@pytest.mark.parametrize(("hops", "decibels"), [(60, -50), (300, -25)])
def test_short_pauses_and_loud_noise_stay(hops, decibels):
    """To the bit."""
    wave = talk(hops, decibels)[:-100]
    (window,) = cut_windows([wave], WINDOW)
    np.testing.assert_array_equal(window.samples, wave)
    np.testing.assert_array_equal(window.hops, np.arange(400 + hops))


def test_noise_throughout_stays():
    """15 dB below the speech: it is heard with it."""
    wave = talk(300, -np.inf) + sound(700, -15, 5)
    (window,) = cut_windows([wave], WINDOW)
    np.testing.assert_array_equal(window.samples, wave)


def test_pauses_at_the_ends():
    """Before the speech 8 hops stay, behind it 8 at the clip's very end."""
    power = np.r_[np.full(101, 1e-4), np.ones(50), np.full(101, 1e-4)]
    kept = kept_hops(power, 1.0, ended=True)
    np.testing.assert_array_equal(np.flatnonzero(kept), np.arange(92, 159))
    # More may come: what is behind may stand before speech.
    kept = kept_hops(power, 1.0, ended=False)
    expected = np.r_[92:159, 243:251]
    np.testing.assert_array_equal(np.flatnonzero(kept), expected)


def test_windows_do_not_depend_on_blocks():
    """Noise, speech, a pause, speech louder by 15 dB, a pause."""
    parts = [(900, -45), (700, -15), (400, -60), (1500, 0), (700, -55)]
    wave = np.concatenate([sound(n, db, n) for n, db in parts])[:-77]
    whole = list(cut_windows([wave], 64000))
    for size in (999, 50000):
        blocks = [wave[i : i + size] for i in range(0, len(wave), size)]
        found = list(cut_windows(blocks, 64000))
        assert len(found) == len(whole)
        for one, other in zip(found, whole):
            np.testing.assert_array_equal(one.samples, other.samples)
            np.testing.assert_array_equal(one.hops, other.hops)
    hops = np.concatenate([window.hops for window in whole])
    assert (np.diff(hops) > 0).all()
    by_hop = np.pad(wave, (0, 77)).reshape(-1, 256)
    samples = np.concatenate([window.samples for window in whole])
    np.testing.assert_array_equal(samples, by_hop[hops].ravel()[: len(samples)])
    speech = np.r_[900:1600, 2000:3500]
    assert np.isin(speech, hops).all()


def test_memory_is_bounded_in_a_long_pause():
    """Three minutes are 12 MB; what is held is some seconds."""

    def blocks():
        """Speech, three minutes of quiet noise, speech."""
        yield sound(250, 0)
        quiet = sound(250, -50)
        for _ in range(45):
            yield quiet
        yield sound(250, 0)

    tracemalloc.start()
    windows = list(cut_windows(blocks(), 16000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6e6
    assert sum(len(window.hops) for window in windows) < 600
    assert windows[-1].hops[-1] == 47 * 250 - 1


@pytest.mark.parametrize("window", [10.0, 4.0])
def test_a_pause_moves_no_score(window):
    """As without it; the curve leads from one side to the other."""
    network = load_model(GOLDEN)[0].drop_auxiliary()
    engine = Engine(network, window=window, frames=True)
    wave = talk(900, -50)
    clip = engine.open_samples("x", wave)
    (found,) = engine.score_clips([clip])
    hand = np.r_[wave[: 209 * 256], wave[-209 * 256 :]]
    if window == 10.0:
        with torch.no_grad():
            alone = network(torch.tensor(hand)[None], torch.tensor([len(hand)]))
        expected = {t: float(s[0]) for t, s in alone.utterance.items()}
    else:
        (short,) = engine.score_clips([engine.open_samples("y", hand)])
        expected = short.scores
    assert found.scores == pytest.approx(expected, abs=1e-5)
    curve = found.frames["g_mos"]
    assert len(curve) == len(found.frames["time"]) == 1301
    np.testing.assert_allclose(np.diff(curve[220:1080], 2), 0, atol=1e-6)
    (bare,) = Engine(network, window=window).score_clips(
        [engine.open_samples("z", wave)]
    )
    assert bare.scores == pytest.approx(found.scores, abs=1e-6)
