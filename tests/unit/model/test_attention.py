"""Local attention: against a softmax by hand, stream by stream.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
import torch
from scipy.special import softmax

from mtqnet_brain.model.attention import LocalFrames, frames_within
from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.tasks import Task

SMALL = {"channels": (2, 2, 2, 2), "blstm_hidden": 4, "dense_units": 4}


def attend_by_hand(queries, x, near):
    """Softmax over the keys that are near, in float64."""
    logits = queries.astype(np.float64) @ x.T.astype(np.float64)
    logits[~near] = -np.inf
    return softmax(logits, axis=1) @ x


@pytest.mark.parametrize("seconds", [0.1, 0.25, 0.5, 5])
def test_neighbours_within_reach_alone(seconds):
    """Two streams of other rates, items of other lengths."""
    generator = torch.Generator().manual_seed(0)
    lengths = [(40, 33), (7, 5), (25, 20)]
    tracks = [
        [range(0, n * 512, 512), range(200, 200 + m * 320, 320)]
        for n, m in lengths
    ]
    shape = (3, 73, 4)
    x, queries = (torch.randn(shape, generator=generator) for _ in range(2))
    found = LocalFrames(x, tracks, seconds).attend(queries).numpy()
    for i, item in enumerate(tracks):
        centres = np.concatenate(item)
        stream = np.repeat([0, 1], [len(track) for track in item])
        gaps = np.abs(centres[:, None] - centres) / 16000
        near = (gaps <= seconds) & (stream[:, None] == stream)
        n = len(centres)
        expected = attend_by_hand(
            queries[i, :n].numpy(), x[i, :n].numpy(), near
        )
        np.testing.assert_allclose(found[i, :n], expected, atol=1e-5)


def test_a_reach_of_the_clip_is_the_attention_of_the_paper():
    """For a network of one stream."""
    torch.manual_seed(0)
    settings = {"filter_bank": "none", **SMALL}
    plain = MTQNet([Task("q", 1, 5)], **settings).eval()
    local = MTQNet([Task("q", 1, 5)], attention_seconds=2, **settings).eval()
    local.load_state_dict(plain.state_dict())
    wavs, n_samples = torch.randn(2, 32000), torch.tensor([32000, 9000])
    with torch.no_grad():
        whole, near = (
            net(wavs, n_samples).frames["q"] for net in (plain, local)
        )
    torch.testing.assert_close(whole, near, atol=1e-5, rtol=0)


def test_padding_gives_finite_gradients():
    """Frames after an item have no neighbour but themselves."""
    network = MTQNet([Task("q", 1, 5)], attention_seconds=0.1, **SMALL)
    scores = network(torch.randn(2, 64000), torch.tensor([64000, 400]))
    scores.utterance["q"].sum().backward()
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    assert all(torch.isfinite(g).all() for g in gradients)


def test_frames_within_reach():
    """1 s is 31 hops of 32 ms and a bit, 50 of 20 ms."""
    assert frames_within(1.0, 512) == 31
    assert frames_within(1.0, 320) == 50
