"""The network: batch-invariance, heads, settings, errors.

Authors
 * The mtqnet-brain developers 2026
"""

import itertools
import math

import numpy as np
import pytest
import torch

from mtqnet_brain.checkpoints.run_folder import load_model, save_model
from mtqnet_brain.model.mtqnet import Head, MTQNet
from mtqnet_brain.tasks import Task
from mtqnet_brain.training.losses import QualityLoss

SMALL = {"channels": (4, 4, 8, 8), "blstm_hidden": 16, "dense_units": 16}
TASKS = [
    Task("s_mos", 1, 5),
    Task("g_mos", 1, 5),
    Task("stoi", 0, 1, role="auxiliary", activation="sigmoid"),
]


def noise_batch(n_samples, seed=0):
    """Return white noise of levels from 0.001 to 1, one per item."""
    generator = torch.Generator().manual_seed(seed)
    wavs = torch.randn(len(n_samples), max(n_samples), generator=generator)
    levels = 10 ** torch.linspace(-3, 0, len(n_samples))
    return wavs * levels[:, None], torch.tensor(n_samples)


def train_briefly(network, steps=60):
    """Teach a network the level of noise, until its scores spread."""
    torch.manual_seed(0)
    loss = QualityLoss(network.tasks)
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    wavs, n_samples = noise_batch([2000] * 8)
    labels = torch.linspace(1, 5, 8)[:, None].repeat(1, len(network.tasks))
    for _ in range(steps):
        optimizer.zero_grad()
        loss(network(wavs, n_samples), labels).backward()
        optimizer.step()
    return network.eval()


CONFIGURATIONS = {
    "paper": {},
    "spectrum only": {"filter_bank": "none"},
    "filter bank only": {"spectrum": False, "conv_norm": "batch"},
    "as published": {"filter_bank": "fixed", "spectrum_ends": "reflect"},
    "compressed, batch norm": {"compression": "power", "conv_norm": "batch"},
    "early strides": {"conv_strides": "early"},
    "early strides, batch norm": {
        "conv_strides": "early",
        "conv_norm": "batch",
        "filter_bank": "none",
    },
    "local attention": {
        "conv_strides": "early",
        "conv_norm": "batch",
        "filter_bank": "none",
        "attention_seconds": 0.1,
    },
    "local attention, three streams": {
        "ssl": ("wavlm", "layer"),
        "conv_strides": "early",
        "attention_seconds": 0.2,
    },
    "with ssl": {"ssl": ("wavlm", "layer")},
    "with group-norm ssl": {"ssl": ("hubert", "group")},
    "ssl only": {
        "spectrum": False,
        "filter_bank": "none",
        "ssl": ("wav2vec2", "layer"),
    },
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_score_does_not_depend_on_the_batch(name, tiny_ssl):
    """|batched - alone| <= 1e-5 over 50 random length combinations."""
    settings = dict(CONFIGURATIONS[name])
    if "ssl" in settings:
        source = tiny_ssl(*settings["ssl"])
        settings["ssl"] = {"source": source}
    torch.manual_seed(1)
    network = train_briefly(MTQNet(TASKS, **SMALL, **settings))
    rng = np.random.default_rng(0)
    scores, worst = [], 0.0
    with torch.no_grad():
        for trial in range(50):
            lengths = rng.integers(400, 9000, size=3).tolist()
            lengths[trial % 3] = (400, 401, 511, 512, 16000)[trial % 5]
            wavs, n_samples = noise_batch(lengths, seed=trial)
            wavs = wavs[torch.randperm(3)]
            batched = network(wavs, n_samples)
            for i, n in enumerate(lengths):
                alone = network(wavs[i : i + 1, :n], n_samples[i : i + 1])
                for task, score in batched.utterance.items():
                    difference = (score[i] - alone.utterance[task][0]).abs()
                    frames = batched.frames[task][i]
                    true = alone.frames[task][0]
                    difference = difference.max(
                        (frames[: len(true)] - true).abs().max()
                    )
                    worst = max(worst, float(difference))
                    assert not frames[len(true) :].any()
                scores.append(float(batched.utterance["s_mos"][i]))
    assert max(scores) - min(scores) >= 1
    assert worst <= 1e-5


def test_dropping_auxiliary_heads_changes_no_bit():
    """Primary scores are equal with and without the other heads."""
    network = MTQNet(TASKS, **SMALL).eval()
    wavs, n_samples = noise_batch([3000, 800, 1600])
    before = network(wavs, n_samples)
    after = network.drop_auxiliary()(wavs, n_samples)
    assert list(after.utterance) == ["s_mos", "g_mos"]
    for name in after.utterance:
        assert torch.equal(after.utterance[name], before.utterance[name])
        assert torch.equal(after.frames[name], before.frames[name])


def test_head_is_the_published_attention():
    """Softmax of x W x^T over true frames, linear layer, mean over frames."""
    torch.manual_seed(0)
    head = Head(3)
    x = torch.randn(1, 5, 3)
    mask = torch.tensor([[True, True, True, True, False]])
    utterance, frames = head(x, mask, torch.tensor([4]))
    v = x[0, :4].numpy().astype(np.float64)
    e = v @ head.attention.detach().numpy() @ v.T
    weights = np.exp(e - e.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    weight = head.linear.weight.detach().numpy()[0]
    expected = (weights @ v) @ weight + head.linear.bias.item()
    np.testing.assert_allclose(
        frames[0, :4].detach().numpy(), expected, atol=1e-5
    )
    assert float(utterance) == pytest.approx(expected.mean(), abs=1e-5)


def test_mosanet_has_the_published_size():
    """1,753,958 parameters in the published file, SSL bottleneck included.

    Less that bottleneck (1024 x 512 + 512) and three attention biases that
    change nothing, more the 2 x 257 band edges of a learnable filter bank.
    """
    network = MTQNet([Task(n, 0, 5) for n in ("pesq", "stoi", "sdi")])
    count = sum(p.numel() for p in network.parameters())
    assert count == 1_753_958 - (1024 * 512 + 512) - 3 + 2 * 257


def test_sigmoid_head_stays_in_range():
    """STOI's head cannot leave 0..1."""
    network = MTQNet(TASKS, **SMALL).eval()
    with torch.no_grad():
        network.heads["stoi"].linear.bias.fill_(50.0)
        scores = network(*noise_batch([1000]))
    assert float(scores.utterance["stoi"][0]) == pytest.approx(1.0)


def test_bf16_leaves_scores_in_float32():
    """Autocast touches the CNN only; the scores move by less than 0.05."""
    network = train_briefly(MTQNet(TASKS, **SMALL))
    wavs, n_samples = noise_batch([4000, 2000, 900])
    with torch.no_grad():
        exact = network(wavs, n_samples).utterance["s_mos"]
        with torch.autocast("cpu", torch.bfloat16):
            rounded = network(wavs, n_samples).utterance["s_mos"]
    assert rounded.dtype == torch.float32
    assert 0 < float((rounded - exact).abs().max()) < 0.05


def test_saved_network_scores_bit_equal(tmp_path, tiny_ssl):
    """Settings and weights survive; a frozen SSL model is not written."""
    ssl = {"source": tiny_ssl(), "freeze": True}
    network = MTQNet(TASKS, ssl=ssl, **SMALL).eval()
    save_model(tmp_path, network, {"note": "test"})
    loaded, info = load_model(tmp_path)
    batch = noise_batch([3000, 1000])
    with torch.no_grad():
        before, after = network(*batch), loaded(*batch)
    assert torch.equal(before.utterance["s_mos"], after.utterance["s_mos"])
    assert info["provenance"] == {"note": "test"}
    assert not [key for key in loaded.state_dict() if "ssl" in key]
    with open(tmp_path / "model.safetensors", "r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x55")
    with pytest.raises(ValueError, match="sha256"):
        load_model(tmp_path)


def test_no_model_names_the_folder(tmp_path):
    """A folder without a model is refused."""
    with pytest.raises(FileNotFoundError, match=str(tmp_path)):
        load_model(tmp_path)


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"filter_bank": "mel"}, "filter_bank: 'mel'"),
        ({"conv_norm": "layer"}, "conv_norm: 'layer'"),
        ({"spectrum": False, "filter_bank": "none"}, "no input left"),
    ],
)
def test_wrong_settings_are_named(settings, message):
    """Value and choices stand in the error."""
    with pytest.raises(ValueError, match=message):
        MTQNet(TASKS, **settings)


@pytest.mark.parametrize(
    "names, values, need",
    [
        (
            ("blstm_hidden", "dense_units"),
            (0, -1, 1e9, "many", [1], math.nan, None),
            "a whole number from 1 to ",
        ),
        (("channels",), (0, [1, 1, 1], "many"), "a list of 4 values"),
        (("channels",), ([0, 1, 1, 1], (1, 1, 1, 1.5)), "a whole number"),
        (
            ("dropout", "compression_power", "compression_floor"),
            (-1, 1e9, "much", math.nan, True),
            "a number from ",
        ),
        (("spectrum",), (0, "no", None), "true or false"),
        (("conv_strides", "compression"), (0, "lat", []), "one of "),
    ],
)
def test_sizes_and_choices_are_checked(names, values, need, monkeypatch):
    """Setting, value and what is admitted, before an SSL model is sought."""
    monkeypatch.setattr(
        "mtqnet_brain.model.mtqnet.SSLEncoder",
        lambda **settings: pytest.fail("an SSL model was looked for"),
    )
    for name, value in itertools.product(names, values):
        with pytest.raises(ValueError) as caught:
            MTQNet(TASKS, ssl={"source": "x"}, **{name: value})
        assert str(caught.value).startswith(f"network {name}")
        assert f"is invalid, need {need}" in str(caught.value)


def test_wrong_lengths_are_named():
    """Too short, and longer than the batch."""
    network = MTQNet(TASKS, **SMALL)
    with pytest.raises(ValueError, match="399 samples"):
        network(torch.zeros(1, 399), torch.tensor([399]))
    with pytest.raises(ValueError, match="exceeds"):
        network(torch.zeros(1, 500), torch.tensor([600]))
    with pytest.raises(ValueError, match="distinct"):
        MTQNet([TASKS[0], TASKS[0]])
