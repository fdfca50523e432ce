"""The check of timelines, with a model that knows the answer.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
from recipe_scripts import load_script


@pytest.fixture(scope="module")
def script():
    """The script as a module."""
    return load_script("Lite", "timeline_check")


class Loudness:
    """A model whose score is 4 times the level, over time shifted by hand."""

    def __init__(self, late):
        self.late = late

    def score_array(self, samples, rate, frames=False):
        """Score as the predictor does."""
        levels = 4 * np.abs(samples[:: rate // 100])
        scores = {"q": levels.mean(), "warning": ""}
        if frames:
            curve = np.concatenate([np.full(self.late, levels[0]), levels])
            time = np.arange(len(levels)) / 100
            scores["frames"] = {"time": time, "q": curve[: len(levels)]}
        return scores


@pytest.mark.parametrize("late, error, shift", [(0, 0, 0), (130, 0.27, 1.3)])
def test_curves_against_halves(script, late, error, shift):
    """Exact in time, and 1.3 s late: wrong for 0.3 s of the 2.3 judged."""
    found = script.check_clip(
        Loudness(late),
        np.ones(80000, np.float32),
        lambda speech, rng: speech / 2,
        np.random.default_rng(0),
        swap=False,
    )
    assert found["gaps"] == {"q": pytest.approx(2)}
    assert found["shift"] == pytest.approx(shift, abs=0.02)
    assert found["errors"]["q"].mean() == pytest.approx(error, abs=0.1)
    table = script.describe({"half": [found], "other": [found]}, ["q"])
    share = found["shift"] <= 0.5
    assert f"| all | 2 | 2.00 | {found['errors']['q'].mean():.2f} |" in table
    assert table.count(f"| {100 * share:.0f} % |") == 3


def test_degradations_change_what_they_say(script):
    """Each of half a second of noise, by a measure of its own."""
    rng = np.random.default_rng(0)
    speech = (0.1 * rng.normal(size=16000)).astype(np.float32)
    made = {k: f(speech, rng) for k, f in script.DEGRADATIONS.items()}
    lost = (made["packet loss, 10 %"].reshape(-1, 320) == 0).all(axis=1)
    assert 1 <= lost.sum() <= 12
    spectrum = np.abs(np.fft.rfft(made["low-pass, 2 kHz"])) ** 2
    assert spectrum[2200:].sum() < 1e-3 * spectrum.sum()
    top = np.abs(made["clipping, 10 %"])
    assert (top >= 0.999 * top.max()).mean() == pytest.approx(0.1, abs=0.01)
    noise = made["noise, 5 dB"] - speech
    ratio = 10 * np.log10((speech**2).mean() / (noise**2).mean())
    assert ratio == pytest.approx(5, abs=1)
