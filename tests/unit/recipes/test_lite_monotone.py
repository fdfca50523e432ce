"""Severity ladders, and the script that takes a model down them.

Authors
 * The mtqnet-brain developers 2026
"""

import sys

import numpy as np
import pytest
import soundfile
from recipe_scripts import load_script
from synthetic import RATE, make_wave

from mtqnet_brain.corpus.ladders import LADDERS
from mtqnet_brain.inference import SpeechQualityPredictor


def snr_db(clean, degraded):
    """Return the ratio of speech to what is not speech, in dB."""
    gain = degraded @ clean / (clean @ clean)
    rest = degraded - gain * clean
    return 10 * np.log10(np.mean((gain * clean) ** 2) / np.mean(rest**2))


@pytest.mark.parametrize("name", ["noise", "MNRU", "clipping", "low-pass"])
def test_steps_leave_less_and_less_of_the_speech(name):
    """Measured by the ratio of speech to error."""
    clean = make_wave(2, 1)
    clean += 0.01 * np.random.default_rng(1).standard_normal(len(clean))
    noise = np.random.default_rng(2).standard_normal(RATE)
    ratios = [
        snr_db(
            clean,
            LADDERS[name].apply(clean, step, np.random.default_rng(3), noise),
        )
        for step in LADDERS[name].steps
    ]
    assert np.diff(ratios).max() < 0.1 and ratios[0] - ratios[-1] > 3


def test_noise_after_speech_has_its_level():
    """Twenty seconds at so many dBFS; the speech is as it was."""
    clean = make_wave(1, 1)
    rungs = LADDERS["noise after the speech"]
    made = rungs.apply(clean, -75, np.random.default_rng(3), None)
    np.testing.assert_array_equal(made[:RATE], clean)
    assert len(made) == 21 * RATE
    level = 10 * np.log10(np.mean(np.square(made[RATE:], dtype=float)))
    assert level == pytest.approx(-75, abs=0.1) and not rungs.audible


def test_a_clip_is_looped():
    """Up to the length asked for."""
    clean = make_wave(1.5, 1)
    made = LADDERS["length"].apply(clean, 8, None, None)
    assert len(made) == 8 * RATE
    np.testing.assert_array_equal(made[len(clean) : 2 * len(clean)], clean)


def test_the_script_scores_every_step(tmp_path, monkeypatch, capsys):
    """Two sources, one ladder; the clean clips are the first step."""
    for i, source in enumerate(["phones", "studio"]):
        (tmp_path / source).mkdir()
        for k in range(2):
            wave = make_wave(1.6, 2 * i + k)
            soundfile.write(tmp_path / source / f"{k}.wav", wave, RATE)
    output = tmp_path / "out"
    words = [tmp_path / "phones", tmp_path / "studio", "--output", output]
    words += ["--ladders", "DC", "--clips", 3, "--expected", "g_mos=5"]
    monkeypatch.setattr(sys, "argv", ["monotone.py", *map(str, words)])
    script = load_script("Lite", "monotone")
    script.main()
    text = (output / "monotone.md").read_text()
    assert "Means of 3 clips of\n2 sources" in text
    assert "bias of g_mos" in text and "| studio | 2 |" in text
    assert (output / "monotone.png").exists()
    rows = (output / "monotone.csv").read_text().splitlines()
    assert len(rows) == 1 + 4 + 3 * len(LADDERS["DC"].steps)
    (path, samples), _ = script.choose_clips(tmp_path / "phones", 2)
    key = f"DC 0.01 {path}"
    kept = next(row.split(",") for row in rows if row.startswith(key))
    predictor = SpeechQualityPredictor.from_pretrained()
    alone = predictor.score_array(samples + np.float32(0.01), RATE)
    assert float(kept[3]) == pytest.approx(alone["g_mos"], abs=1e-3)
