"""Scores of a committed network on synthetic waves stay what they were.

Authors
 * The mtqnet-brain developers 2026
"""

import json
from pathlib import Path

import pytest
import torch
from synthetic import make_wave

from mtqnet_brain.checkpoints.run_folder import load_model

GOLDEN = Path(__file__).parents[2] / "golden"
CASES = json.loads((GOLDEN / "tiny_scores.json").read_text())


def test_golden_scores():
    """All clips in one batch, against the scores of each alone."""
    network, _ = load_model(GOLDEN / "tiny_model")
    waves = [
        torch.from_numpy(make_wave(c["seconds"], c["seed"], c["snr"]))
        for c in CASES
    ]
    padded = torch.nn.utils.rnn.pad_sequence(waves, batch_first=True)
    with torch.no_grad():
        scores = network(padded, torch.tensor([len(w) for w in waves]))
    for i, case in enumerate(CASES):
        for task, expected in case["scores"].items():
            assert scores.utterance[task][i].item() == pytest.approx(
                expected, abs=2e-5
            ), (i, task)
