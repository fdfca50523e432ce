"""MOS-SSL: mean of the SSL embeddings over true frames, one linear output.

Authors
 * The mtqnet-brain developers 2026
"""

import json

import numpy as np
import pytest
import torch
from synthetic import make_wave
from transformers import AutoModel

from mtqnet_brain.checkpoints.run_folder import load_model, save_model
from mtqnet_brain.model.mos_ssl import MOSSSL
from mtqnet_brain.tasks import Task
from mtqnet_brain.training.losses import QualityLoss

TASKS = [Task("g_mos", 1, 5, alpha=0)]
LENGTHS = (9600, 8000, 8000, 640)


@pytest.fixture(params=[("wav2vec2", "group"), ("wav2vec2", "layer")])
def source(request, tiny_ssl):
    """Folder of a tiny wav2vec 2.0, as the base or the large models are."""
    return tiny_ssl(*request.param)


@pytest.fixture
def network(source):
    """With random weights, in eval mode."""
    torch.manual_seed(1)
    return MOSSSL(TASKS, {"source": source, "normalize": False}).eval()


@pytest.fixture
def batch():
    """Four padded clips; garbage in the padding."""
    wavs = torch.full((len(LENGTHS), max(LENGTHS)), 7.0)
    for i, n in enumerate(LENGTHS):
        wave = make_wave(n / 16000, i)[:n]
        wavs[i, :n] = torch.from_numpy(np.asarray(wave, dtype=np.float32))
    return wavs, torch.tensor(LENGTHS)


def test_score_is_linear_in_the_mean_embedding(network, source, batch):
    """Against transformers' own model, a clip at a time."""
    model = AutoModel.from_pretrained(source).eval()
    weight, bias = (p.detach() for p in network.linear.parameters())
    scores = network(*batch)
    for i, (wav, n) in enumerate(zip(*batch)):
        with torch.no_grad():
            hidden = model(wav[None, :n]).last_hidden_state[0]
        expected = hidden.mean(dim=0) @ weight[0] + bias[0]
        torch.testing.assert_close(
            scores.utterance["g_mos"][i], expected, atol=1e-5, rtol=0
        )
        assert scores.n_frames[i] == len(hidden)
        assert not scores.frames["g_mos"][i, len(hidden) :].any()


def test_loss_is_l1_of_the_utterance(network, batch):
    """By hand; alpha 0 leaves no frame loss."""
    scores = network(*batch)
    labels = torch.tensor([[1.0], [2.0], [float("nan")], [4.0]])
    errors = (scores.utterance["g_mos"] - labels[:, 0]).abs()
    loss = QualityLoss(TASKS, "mae")(scores, labels)
    torch.testing.assert_close(loss, errors[[0, 1, 3]].mean())


def test_every_weight_of_the_model_learns(network, batch):
    """The SSL model is fine-tuned, its convolutions too."""
    network.train()
    scores = network(*batch)
    QualityLoss(TASKS, "mae")(scores, torch.full((4, 1), 4.0)).backward()
    idle = [
        name
        for name, weight in network.named_parameters()
        if weight.requires_grad and weight.grad is None
    ]
    assert idle == [] and network.linear.weight.grad.any()


def test_saved_network_is_loaded_as_what_it_is(network, batch, tmp_path):
    """Bit-identical; and not as an MTQ-Net."""
    save_model(tmp_path, network, {"run": "x"})
    loaded, info = load_model(tmp_path)
    assert isinstance(loaded, MOSSSL) and info["class"] == "MOSSSL"
    expected = network(*batch).utterance["g_mos"]
    assert torch.equal(loaded(*batch).utterance["g_mos"], expected)
    settings = json.loads((tmp_path / "model.json").read_text())
    (tmp_path / "model.json").write_text(
        json.dumps(settings | {"class": "MTQNet"})
    )
    with pytest.raises(ValueError, match="Missing key"):
        load_model(tmp_path)


@pytest.mark.parametrize(
    ("tasks", "ssl", "message"),
    [
        ([Task("s_mos", 1, 5), *TASKS], {}, "one score, not"),
        (TASKS, None, "--ssl null leaves none"),
    ],
)
def test_what_it_cannot_be_is_refused(tasks, ssl, message):
    """Two scores, or no SSL model."""
    with pytest.raises(ValueError, match=message):
        MOSSSL(tasks, ssl)
