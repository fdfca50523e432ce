"""Offset, drift and rumble are taken away; speech stays as it is.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
import torch
from synthetic import RATE, make_wave

from mtqnet_brain.audio.rumble_removal import remove_unheard
from mtqnet_brain.inference.predictor import SpeechQualityPredictor

TIME = np.arange(2 * RATE) / RATE
SPEECH = 0.2 * np.sin(2 * np.pi * 100 * TIME)


def cleaned(samples):
    """Return one item without what is not heard."""
    wav = torch.tensor(samples, dtype=torch.float32)[None]
    return remove_unheard(wav, torch.ones_like(wav))[0].numpy()


@pytest.mark.parametrize(
    ("unheard", "left"),
    [
        (0.0, 1e-4),
        (0.3, 1e-4),
        (0.1 * np.linspace(-1, 1, len(TIME)), 0.1),
        (0.2 * np.sin(2 * np.pi * 5 * TIME), 0.05),
        (0.2 * np.sin(2 * np.pi * 12 * TIME), 0.1),
    ],
)
def test_what_is_not_heard_goes(unheard, left):
    """RMS of what is left over, as a share; away from the ends."""
    found = cleaned(SPEECH + unheard) - SPEECH
    inside = slice(RATE // 4, -RATE // 4)
    rest = np.sqrt(np.mean(found[inside] ** 2))
    assert rest <= left * max(np.sqrt(np.mean(np.square(unheard))), 0.1)


@pytest.mark.parametrize("hz", [50, 80, 3000])
def test_what_is_heard_stays(hz):
    """Mains hum as well, alone or not."""
    tone = 0.1 * np.sin(2 * np.pi * hz * TIME)
    np.testing.assert_allclose(cleaned(tone), tone, atol=5e-3)


def test_padding_changes_nothing():
    """Items of any length, each as if it were alone."""
    waves = [make_wave(s, 1) + 0.1 * k for k, s in enumerate((0.025, 0.4, 2))]
    waves = [torch.from_numpy(np.float32(wave)) for wave in waves]
    padded = torch.nn.utils.rnn.pad_sequence(waves, batch_first=True)
    mask = torch.nn.utils.rnn.pad_sequence(
        [torch.ones(len(wave)) for wave in waves], batch_first=True
    )
    for row, wave in zip(remove_unheard(padded, mask), waves):
        alone = remove_unheard(wave[None], torch.ones(1, len(wave)))[0]
        np.testing.assert_allclose(row[: len(wave)], alone, atol=1e-6)
        assert not row[len(wave) :].any()


@pytest.mark.parametrize("offset", [0.01, -0.2])
def test_the_shipped_model_hears_no_offset(offset):
    """As nobody does; within 0.01 of the score without."""
    predictor = SpeechQualityPredictor.from_pretrained()
    wave = make_wave(2.0, 1, 20)
    expected = predictor.score_array(wave, RATE)
    found = predictor.score_array(wave + offset, RATE)
    for name in ("s_mos", "n_mos", "g_mos"):
        assert found[name] == pytest.approx(expected[name], abs=0.01)
