"""The benchmark of the networks: what it runs, counts and prints.

Authors
 * The mtqnet-brain developers 2026
"""

import sys
from pathlib import Path

import pytest
import torch

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
NAMES = ("networks", "timing", "network_speed")


@pytest.fixture
def modules(monkeypatch):
    """Return the modules of `NAMES`, which are scripts."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    for name in NAMES:
        monkeypatch.delitem(sys.modules, name, raising=False)
    return [__import__(name) for name in NAMES]


def batch(n_items, n_samples=16000):
    """Return wavs and their true samples."""
    torch.manual_seed(1)
    return torch.randn(n_items, n_samples), torch.full((n_items,), n_samples)


@pytest.mark.parametrize("case", ["paper", "lite"])
def test_the_plain_path_scores_alike(case, modules):
    """It is the same network, run another way."""
    networks, _, _ = modules
    ours = networks.make_network(case).eval()
    plain = networks.make_plain(networks.make_network(case)).eval()
    wavs, n_samples = batch(1)
    with torch.no_grad():
        expected = ours(wavs, n_samples).utterance
        found = plain(wavs, n_samples).utterance
    for name, score in expected.items():
        torch.testing.assert_close(found[name], score, atol=1e-4, rtol=1e-4)


def test_operations_by_hand(modules):
    """257 bins at 63 frames twice (two streams), strides 1, 1 and 3."""
    networks, _, _ = modules
    bins = {16: (257, 257, 86), 32: (86, 86, 29)}
    bins |= {64: (29, 29, 10), 128: (10, 10, 4)}
    total, n_inputs = 0, 1
    for width, sizes in bins.items():
        for size in sizes:
            total += 2 * 9 * n_inputs * width * size * 126
            n_inputs = width
    network = networks.make_network("paper").eval()
    assert networks.count_conv_flops(network, *batch(1)) == total


def test_ratios_are_taken_within_a_round(modules):
    """2, 2 and 8 times: the median is 2."""
    _, timing, _ = modules
    assert timing.median_ratio([2.0, 4.0, 8.0], [1.0, 2.0, 1.0]) == 2.0


def test_a_report_of_every_way(modules):
    """Lite on two clips: all rows, and a rate above zero everywhere."""
    _, _, speed = modules
    found = speed.measure(["lite"], torch.device("cpu"), 2, 1)
    (row,) = found["rows"]
    assert all(value > 0 for key, value in row.items() if key != "network")
    assert row["step_plain_ratio"] == 1.0
    lines = speed.table(found).splitlines()
    assert [line.split("|")[2].strip() for line in lines[4:6]] == [
        "score",
        "step",
    ]
