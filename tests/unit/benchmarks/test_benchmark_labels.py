"""The benchmark of the labels: what it times and what it prints.

Authors
 * The mtqnet-brain developers 2026
"""

import sys
from pathlib import Path

import numpy as np
import pytest
from label_clips import syllables, write

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def benchmark_modules(monkeypatch):
    """Return the modules labels and noisy_clips, which are scripts."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    for name in ("labels", "noisy_clips"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import labels
    import noisy_clips

    return labels, noisy_clips


def test_ratios_are_taken_within_a_round(benchmark_modules):
    """STOI: 5 of 10, 12 of 20 and 8 of 40 ms are 0.5, 0.6 and 0.2."""
    labels, _ = benchmark_modules
    seconds = {"PESQ": [0.010, 0.020, 0.040], "STOI": [0.005, 0.012, 0.008]}
    assert labels.table(seconds).splitlines()[2:] == [
        "| PESQ | 20.0 | 1.000 | 1.000 | 1.000 |",
        "| STOI | 8.0 | 0.500 | 0.200 | 0.600 |",
    ]


def test_clips_of_a_folder_are_mixed_and_timed(benchmark_modules, tmp_path):
    """Five pairs of 3 s, noisiest first; a time per measure and round."""
    labels, noisy_clips = benchmark_modules
    for i in range(4):
        write(tmp_path / f"{i}.wav", syllables(3.2, seed=i))
    write(tmp_path / "short.wav", syllables(2.9))
    with pytest.raises(ValueError, match="4 wav or flac files of 3 s"):
        noisy_clips.speech_clips(tmp_path)
    write(tmp_path / "4.wav", syllables(3.0, seed=4))
    pairs = noisy_clips.noisy_pairs(noisy_clips.speech_clips(tmp_path))
    assert [clean.shape for clean, _ in pairs] == [(48000,)] * 5
    noise_powers = [np.mean((noisy - clean) ** 2) for clean, noisy in pairs]
    decibels = 10 * np.log10(np.divide(noise_powers[:-1], noise_powers[1:]))
    # One voice, another seed: the level is the same to 0.5 dB.
    np.testing.assert_allclose(decibels, 5.0, atol=0.5)
    seconds = labels.measure(pairs[:1], rounds=2)
    assert {"PESQ", "STOI", "LLR", "WSS", "SDI"} < set(seconds)
    assert all(len(times) == 2 for times in seconds.values())
    assert min(seconds["PESQ"]) > 0
