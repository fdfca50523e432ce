"""DNSMOS and DistillMOS against the packages themselves.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
import soundfile
import torch
from synthetic import make_wave

from mtqnet_brain.audio.io import load_audio, save_audio
from mtqnet_brain.teacher import open_teacher
from mtqnet_brain.teacher.windowed import spread_starts


class Recorder:
    """Stands for a network of speechmos and keeps what it is given."""

    def __init__(self):
        self.heard = []

    def run(self, _, inputs):
        """Keep the input; the scores are of no interest."""
        self.heard += list(inputs["input_1"])
        return [np.ones((1, 3))]


@pytest.mark.parametrize("seconds", [1.3, 4, 9.01, 12, 31])
def test_overlapping_windows_are_those_of_the_package(seconds):
    """Also where rounding in the package leaves some out (7 s to 23 s)."""
    dnsmos = pytest.importorskip("speechmos.dnsmos")
    wave = make_wave(seconds, 1)
    package = object.__new__(dnsmos.DNSMOS)
    package.onnx_sess, package.p808_onnx_sess = Recorder(), Recorder()
    package.audio_melspec = lambda audio: audio[None]
    package(wave, 16000, False)
    windows = open_teacher("dnsmos:overlapping").cut(wave)
    np.testing.assert_array_equal(windows, package.onnx_sess.heard)


def test_one_window_per_9_s():
    """A short clip is repeated; a long one is heard to its last sample."""
    pytest.importorskip("speechmos.dnsmos")
    teacher, wave = open_teacher("dnsmos"), make_wave(40, 2)
    counts = {4: 1, 9.01: 1, 9.5: 2, 18.01: 2, 18.02: 3, 40: 5}
    for seconds, count in counts.items():
        clip = wave[: round(seconds * 16000)]
        windows = teacher.cut(clip)
        assert windows.shape == (count, 144160), seconds
        repeated = np.tile(clip, 1 + 144160 // len(clip))
        np.testing.assert_array_equal(windows[0], repeated[:144160])
        if count > 1:
            np.testing.assert_array_equal(windows[-1], clip[-144160:])


def test_dnsmos_of_a_window(tmp_path):
    """The package's scores; a reason for what cannot be scored."""
    dnsmos = pytest.importorskip("speechmos.dnsmos")
    wave = 20 * make_wave(9.01, 3, snr=10)  # partly beyond full scale
    assert np.abs(wave).max() > 1
    soundfile.write(tmp_path / "a.wav", wave, 16000, subtype="FLOAT")
    save_audio(tmp_path / "zeros.wav", np.zeros(16000))
    rows = [{"wav": str(tmp_path / f"{n}.wav")} for n in ("zeros", "a", "no")]
    silent, scores, missing = open_teacher("dnsmos").score(rows)
    stored = np.clip(load_audio(rows[1]["wav"]), -1, 1)
    expected = dnsmos.run(stored, sr=16000)
    for name in ("sig", "bak", "ovrl"):
        assert scores[name] == pytest.approx(expected[f"{name}_mos"], abs=1e-4)
    assert silent["error"].endswith("zeros.wav: silence")
    assert "no.wav" in missing["error"]


def test_distillmos(tmp_path, capsys):
    """The package's scores of a short clip and of a long one, in a batch."""
    distillmos = pytest.importorskip("distillmos")
    rows = []
    for seconds in (2, 8.2):
        save_audio(tmp_path / f"{seconds}.wav", make_wave(seconds, 4, snr=15))
        rows.append({"wav": str(tmp_path / f"{seconds}.wav")})
    teacher = open_teacher("distillmos")
    found = [scores["distillmos"] for scores in teacher.score(rows)]
    assert "weights" not in capsys.readouterr().out
    assert teacher.name.startswith("DistillMOS (distillmos 0.9")
    network = distillmos.ConvTransformerSQAModel().eval()
    for row, score in zip(rows, found, strict=True):
        with torch.no_grad():
            expected = network(torch.from_numpy(load_audio(row["wav"]))[None])
        assert score == pytest.approx(expected.item(), abs=1e-4)


def test_windows_cover_a_clip():
    """No gap, no window beyond the end, no hop above the longest."""
    for n_samples in (1, 10, 11, 18, 19, 100):
        starts = spread_starts(n_samples, size=10, hop=8)
        assert starts[0] == 0 and starts[-1] == max(n_samples - 10, 0)
        assert all(np.diff(starts) <= 9) and all(np.diff(starts) > 0)
