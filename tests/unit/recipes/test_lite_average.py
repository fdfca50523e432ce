"""Weighted averages of networks for the model that ships.

Authors
 * The mtqnet-brain developers 2026
"""

import pytest
import torch
from recipe_scripts import load_script


def network(weight, batches):
    """Return batch norm with one weight and a count of batches."""
    made = torch.nn.BatchNorm1d(1)
    torch.nn.init.constant_(made.weight, weight)
    made.running_mean.fill_(10 * weight)
    made.num_batches_tracked.fill_(batches)
    return made


def test_weights_and_statistics_are_averaged():
    """By the share of the second; its count of batches stays."""
    before, after = network(1.0, 7), network(3.0, 9)
    load_script("Lite", "average").average(before, after, 0.25)
    assert after.weight.item() == pytest.approx(1.5)
    assert after.running_mean.item() == pytest.approx(15.0)
    assert after.num_batches_tracked.item() == 9
    assert before.weight.item() == 1.0
