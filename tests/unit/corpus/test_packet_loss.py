"""Lost packets are counted, and what conceals them is known.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
from damage_measures import RATE, generator, snr, spectral_distance, speech

from mtqnet_brain.corpus.damage.packet_loss import (
    TRANSMISSION,
    draw_losses,
    lose_packets,
    mute,
)

CONCEALMENTS = ("silence", "repeat", "pitch", "interpolate")
NOISE = (0.05 * generator().standard_normal(30 * RATE)).astype(np.float32)


def bursts(lost):
    """Lengths of what is lost in a row."""
    edges = np.flatnonzero(np.diff([0, *lost.astype(int), 0]))
    return np.diff(edges)[::2]


@pytest.mark.parametrize("share", [0.01, 0.1, 0.4])
@pytest.mark.parametrize("burst", [1.7, 4, 8])
def test_rate_and_bursts(share, burst):
    """Over 100,000 frames as many are lost as wanted, so many in a row."""
    lost = draw_losses(100_000, generator(1), share, burst)
    assert lost.mean() == pytest.approx(share, rel=0.15)
    assert bursts(lost).mean() == pytest.approx(burst, rel=0.15)


def test_random_loss():
    """A mean burst of 1 / (1 - share) makes frames independent."""
    lost = draw_losses(100_000, generator(2), 0.3, 1 / 0.7)
    after_loss = lost[1:][lost[:-1]].mean()
    assert after_loss == pytest.approx(0.3, abs=0.015)


def test_one_frame_is_lost_and_one_is_not():
    """However rarely, and however often; never the only frame."""
    for seed in range(20):
        assert draw_losses(5, generator(seed), 0.005, 1.01).sum() >= 1
        assert draw_losses(3, generator(seed), 0.4, 8).sum() < 3
    assert not draw_losses(1, generator(), 0.4, 8).any()


@pytest.mark.parametrize("frame_ms", [10, 20, 40])
def test_silence_is_counted(frame_ms):
    """Whole frames are zero, at the wanted rate; the others are untouched."""
    damaged = lose_packets(NOISE, generator(), 0.2, frame_ms, 2, "silence")
    frames = damaged.reshape(-1, RATE * frame_ms // 1000)
    lost = ~frames.any(axis=1)
    assert lost.mean() == pytest.approx(0.2, abs=0.06)
    assert np.array_equal(frames[~lost], NOISE.reshape(frames.shape)[~lost])


@pytest.mark.parametrize("concealment", CONCEALMENTS)
def test_what_is_received_stays(concealment):
    """But for 2.5 ms after a loss; all four lose the same frames."""
    silent = lose_packets(NOISE, generator(), 0.1, 20, 2, "silence")
    received = silent != 0
    after = np.convolve(~received, np.ones(41))[: len(received)] > 0
    damaged = lose_packets(NOISE, generator(), 0.1, 20, 2, concealment)
    assert np.array_equal(damaged[~after], NOISE[~after])
    changed = damaged[~received] != NOISE[~received]
    assert changed.mean() > 0.99


def test_repetition_fades():
    """The last frame, then the same at 0.6, at 0.36."""
    damaged = lose_packets(NOISE, generator(), 0.2, 20, 4, "repeat")
    silent = lose_packets(NOISE, generator(), 0.2, 20, 4, "silence")
    lost = ~silent.reshape(-1, 320).any(axis=1)
    start = next(
        i
        for i in range(1, len(lost))
        if not lost[i - 1] and lost[i : i + 3].all()
    )
    frames = damaged.reshape(-1, 320)
    last = NOISE.reshape(-1, 320)[start - 1]
    for number, gain in enumerate((1, 0.6, 0.36)):
        found = frames[start + number]
        np.testing.assert_allclose(found, gain * last, rtol=1e-5)


def test_pitch_goes_on():
    """A steady voice of 125 Hz is continued in phase, until it fades."""
    time = np.arange(2 * RATE) / RATE
    voice = sum(np.sin(2 * np.pi * 125 * k * time) / k for k in range(1, 9))
    voice = (0.05 * voice).astype(np.float32)
    ratios = {
        name: snr(
            lose_packets(voice, generator(5), 0.05, 10, 1.06, name), voice
        )
        for name in CONCEALMENTS
    }
    assert ratios["pitch"] > 18
    assert ratios["pitch"] > max(ratios["repeat"], ratios["silence"]) + 6


def test_interpolation_meets_both_sides():
    """A tone whose level falls is bridged without a step."""
    time = np.arange(RATE) / RATE
    tone = np.sin(2 * np.pi * 200 * time) * np.linspace(0.5, 0.05, RATE)
    # Periods of 80 samples: frames of 320 repeat in phase.
    filled = lose_packets(tone, generator(), 0.3, 20, 1.43, "interpolate")
    repeated = lose_packets(tone, generator(), 0.3, 20, 1.43, "silence")
    assert snr(filled, tone) > snr(repeated, tone)
    assert np.abs(np.diff(filled)).max() < 2 * np.abs(np.diff(tone)).max()


@pytest.mark.parametrize("concealment", CONCEALMENTS)
def test_more_loss_is_worse(concealment):
    """From 1 to 40 % the log-spectral distance grows."""
    clean = speech()
    found = []
    for share in (0.01, 0.08, 0.4):
        distances = [
            spectral_distance(
                lose_packets(clean, generator(i), share, 20, 2, concealment),
                clean,
            )
            for i in range(4)
        ]
        found.append(np.mean(distances))
    assert found == sorted(found)


def test_half_of_the_losses_are_random():
    """Then the mean burst is that of random loss; never shorter."""
    loss = TRANSMISSION["Loss"]
    rng = generator()
    drawn = [loss.draw(rng) for _ in range(1000)]
    shortest = np.array([1 / (1 - one["loss_share"]) for one in drawn])
    burst = np.array([one["burst_frames"] for one in drawn])
    assert (burst >= shortest - 1e-3).all() and burst.max() < 8.01
    at_random = np.abs(burst - shortest) < 1e-3
    assert at_random.mean() == pytest.approx(0.55, abs=0.1)
    # Mild and severe: the median is the geometric mean of 0.5 and 40 %.
    shares = [one["loss_share"] for one in drawn]
    assert np.median(shares) == pytest.approx(np.sqrt(0.005 * 0.4), rel=0.25)


@pytest.mark.parametrize("milliseconds", [20, 100, 500])
@pytest.mark.parametrize("share", [0.01, 0.1, 0.4])
def test_mutes(milliseconds, share):
    """Pieces of that length, in all that share, and one at least."""
    muted = mute(NOISE[: 10 * RATE], generator(), share, milliseconds)
    silent = muted == 0
    expected = max(share, milliseconds / 10000)
    assert silent.mean() == pytest.approx(expected, abs=0.03)
    assert bursts(silent).min() == RATE * milliseconds // 1000
    assert np.array_equal(muted[~silent], NOISE[: 10 * RATE][~silent])
