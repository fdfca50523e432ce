"""The model that ships.

Authors
 * The mtqnet-brain developers 2026
"""

import csv
import io

import numpy as np
import pytest
import soundfile
import torch
from scipy.signal import butter, sosfilt

from mtqnet_brain.cli import main
from mtqnet_brain.corpus.mixing import mix_at_snr
from mtqnet_brain.corpus.noises import pink_noise
from mtqnet_brain.corpus.synthesis import synthesize
from mtqnet_brain.inference.export import check_golden
from mtqnet_brain.inference.predictor import SHIPPED, SpeechQualityPredictor

NAMES = ["s_mos", "n_mos", "g_mos"]
ENGLISH = (
    "The birch canoe slid on the smooth planks. Glue the sheet to the dark "
    "blue background."
)
TEXTS = {
    "en-us": ENGLISH,
    "en-us+f3": ENGLISH,
    "de": "Der Ball liegt heute im Garten. Morgen wird es kalt.",
    "es": "El perro corre por la calle. Mañana lloverá en el norte.",
    "it": "Il gatto dorme sul tavolo della cucina. Domani andiamo al mare.",
}


@pytest.fixture(scope="module")
def predictor():
    """The shipped model, loaded once."""
    return SpeechQualityPredictor.from_pretrained()


@pytest.fixture(scope="module")
def voice():
    """Speech of no talker that trained it, shape (n_samples,)."""
    return synthesize(ENGLISH, "en-us")


def scores(predictor, samples):
    """Return the three scores of some samples."""
    found = predictor.score_array(samples, 16000)
    return [found[name] for name in NAMES]


def test_it_scores_its_golden_wav_as_its_card_says():
    """In another process on another machine it did."""
    check_golden(SHIPPED)


def test_its_folder_is_small_and_complete():
    """At most 10 MB, with a card that names data, limits and licence."""
    files = list(SHIPPED.iterdir())
    assert sum(path.stat().st_size for path in files) <= 10_000_000
    card = (SHIPPED / "README.md").read_text(encoding="utf-8")
    for words in ("CSIG", "speechocean762", "AISHELL", "Limits", "Apache-2.0"):
        assert words in card


def test_it_needs_no_name_on_the_command_line(tmp_path, capsys, voice):
    """Files in, CSV out, as with ``from_pretrained``."""
    path = tmp_path / "a.wav"
    soundfile.write(path, voice, 16000, subtype="FLOAT")
    assert main(["score", str(path), "--precision", "fp32"]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert list(row) == ["file", *NAMES, "warning", "error"]
    own = SpeechQualityPredictor.from_pretrained().score_file(path)
    for name in NAMES:
        assert float(row[name]) == pytest.approx(own[name], abs=1e-4)


def test_noise_lowers_every_score(predictor):
    """The more, the lower: 30 dB, 20 dB, 10 dB, 0 dB, over five voices.

    Without any noise a synthesiser is scored lower than at 30 dB, as the
    teachers do: the card says so.
    """
    found = []
    for language, text in TEXTS.items():
        voice = synthesize(text, language)
        rng = np.random.default_rng(0)
        noise = pink_noise(len(voice), rng)
        mixtures = [mix_at_snr(voice, noise, s, rng) for s in (30, 20, 10, 0)]
        found.append([scores(predictor, mixture) for mixture in mixtures])
    assert (np.diff(np.mean(found, axis=0), axis=0) < -0.2).all()


def test_level_and_microphone_matter_little(predictor, voice):
    """30 dB less, or treble turned down by a first-order low-pass."""
    plain = np.array(scores(predictor, voice))
    softer = np.array(scores(predictor, 10**-1.5 * voice))
    dull = voice + sosfilt(butter(1, 1500, fs=16000, output="sos"), voice)
    duller = np.array(scores(predictor, dull))
    assert np.abs(softer - plain).max() < 0.1
    assert np.abs(duller - plain).max() < 0.6


def test_it_serves_as_a_loss(predictor, voice):
    """A step along the gradient raises the score."""
    rng = np.random.default_rng(0)
    mixture = mix_at_snr(voice, pink_noise(len(voice), rng), 5, rng)
    wavs = torch.from_numpy(np.float32(mixture))[None].requires_grad_()
    before = predictor.score_batch(wavs)["g_mos"].sum()
    before.backward()
    step = 1e-3 * wavs.grad / wavs.grad.abs().max()
    after = predictor.score_batch((wavs + step).detach())["g_mos"].sum()
    assert torch.isfinite(wavs.grad).all() and after > before
