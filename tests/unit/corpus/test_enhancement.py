"""Neural enhancement: networks, pieces, trained systems, measures.

Authors
 * The mtqnet-brain developers 2026
"""

import math

import numpy as np
import pytest
import speechbrain as sb
import torch
from synthetic import make_wave

from mtqnet_brain.checkpoints.run_folder import (
    load_admitted,
    load_model,
    save_model,
)
from mtqnet_brain.corpus.enhancement.comparison import (
    format_table,
    measure_clips,
    summarize,
)
from mtqnet_brain.corpus.enhancement.network_base import rms_gain
from mtqnet_brain.corpus.enhancement.networks import DDAE, FCN, Transformer
from mtqnet_brain.corpus.enhancement.recurrent_networks import CRN, GRUMask
from mtqnet_brain.corpus.enhancement.time_networks import ConvTasNet
from mtqnet_brain.corpus.enhancement.trained import (
    NETWORKS,
    enhance,
    plan_enhancer,
)
from mtqnet_brain.corpus.enhancement.training import (
    EnhancementBrain,
    cut_pieces,
)

SMALL = {
    "FCN": {"channels": 4, "kernel_size": 5, "dilations": [1, 2]},
    "DDAE": {"layers": 1, "units": 8, "context": 2},
    "Transformer": {"layers": 1, "heads": 2, "d_model": 8, "d_ffn": 8},
    "GRUMask": {"layers": 1, "units": 8},
    "CRN": {"channels": [4, 4], "units": 8},
    "ConvTasNet": {
        "filters": 8,
        "kernel_size": 16,
        "bottleneck": 4,
        "hidden": 8,
        "blocks": 2,
        "repeats": 1,
    },
}
KINDS = sorted(SMALL)


def make_network(kind):
    """Return a small network in eval mode, the same weights every time."""
    torch.manual_seed(1)
    return NETWORKS[kind](**SMALL[kind]).eval()


def waves(*seconds):
    """Return wavs of RMS one, each its own, shape (batch, samples)."""
    wavs = torch.stack(
        [torch.from_numpy(make_wave(s, i)) for i, s in enumerate(seconds)]
    )
    return wavs / wavs.square().mean(1, keepdim=True).sqrt()


@pytest.fixture
def run(tmp_path):
    """Return a function kind -> run folder with an untrained network."""

    def save(kind, name=None):
        """Write the network as the recipe does."""
        folder = tmp_path / (name or kind)
        provenance = {"run": f"{kind}/1"}
        save_model(folder / "model", make_network(kind), provenance)
        return str(folder)

    return save


def test_gain_by_hand():
    """A constant of 0.5 is doubled, whatever follows; silence is kept."""
    wavs = torch.zeros(2, 8)
    wavs[0, :4] = 0.5
    gain = rms_gain(wavs, torch.tensor([4, 8]))
    assert gain.tolist() == [[2.0], [1.0]]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_samples", [400, 512, 8191, 8192])
def test_lengths(kind, n_samples):
    """An estimate is as long as announced, a wav as long as the noisy one."""
    network, noisy = make_network(kind), torch.randn(2, n_samples)
    estimate = network.estimate(noisy)
    assert estimate.shape == network.represent(noisy).shape
    assert estimate.shape[1] == network.n_outputs(n_samples)
    assert network.waveform(estimate, noisy).shape == noisy.shape


@pytest.mark.parametrize("kind", KINDS)
def test_the_target_gives_the_wav_back(kind):
    """What is learnt holds the clean wav, but for the phase."""
    network, clean = make_network(kind), waves(1.0, 1.0)
    again = network.waveform(network.represent(clean), clean)
    # The floor of the log powers lies 40 dB under the error allowed.
    error = (again - clean).square().mean().sqrt()
    assert error < 1e-2


def test_transformer_only_attenuates():
    """A mask of 0..1: no bin of the estimate exceeds the noisy one."""
    network, noisy = make_network("Transformer"), waves(0.5)
    estimate, bound = network.estimate(noisy), network.represent(noisy)
    assert (estimate <= bound + 1e-6).all() and (estimate < bound).any()


def test_gru_mask_looks_only_back():
    """A click changes its own frames (hop 256) and those after them."""
    network, noisy = make_network("GRUMask"), waves(1.0)
    before = network.estimate(noisy)
    noisy[0, 8000:8010] += 5.0
    change = (network.estimate(noisy) - before).abs().sum(2)[0]  # (T,)
    frames = change.nonzero()[:, 0]
    assert frames.min() == 31 and frames.max() == len(change) - 1


def test_gru_mask_looks_ahead_if_told():
    """With both directions, a click changes the first frame too."""
    torch.manual_seed(1)
    network, noisy = GRUMask(1, 8, bidirectional=True).eval(), waves(1.0)
    before = network.estimate(noisy)
    noisy[0, 8000:8010] += 5.0
    change = (network.estimate(noisy) - before).abs().sum(2)[0]  # (T,)
    assert (change > 0).all()


def test_conv_tasnet_masks_its_own_basis():
    """Mask one, a basis of impulses: relu(x) + relu(-x) is the wav."""
    noisy = waves(0.5)
    taps = torch.cat((torch.eye(4), -torch.eye(4))).unsqueeze(1)
    network = ConvTasNet(8, 4, 4, 8, 2, 1).eval()
    network.encoder.conv1d.weight.data = taps
    network.decoder.weight.data = taps / 2  # each sample lies under two
    del network.mask
    network.mask = lambda basis: torch.ones_like(basis).unsqueeze(0)
    with torch.no_grad():
        again = network.estimate(noisy)
    torch.testing.assert_close(again, noisy)


def test_crn_changes_the_phase():
    """A complex mask turns the spectra, where a real one only scales them."""
    network, noisy = make_network("CRN"), waves(0.5)
    masked, before = network.estimate(noisy), network.represent(noisy)
    turned = [torch.complex(*x.chunk(2, dim=2)) for x in (masked, before)]
    angles = (turned[0] * turned[1].conj()).angle()
    assert angles.abs().median() > 0.1


def test_fcn_hears_its_receptive_field():
    """Taps 5, dilations 1 and 2, last layer 1: 2 + 4 + 2 samples."""
    network, wavs = make_network("FCN"), torch.zeros(1, 101)
    quiet = network.estimate(wavs)
    wavs[0, 50] = 1.0
    changed = (network.estimate(wavs) != quiet).nonzero()[:, 1].tolist()
    assert (min(changed), max(changed)) == (42, 58)


@pytest.mark.parametrize("kind", KINDS)
def test_level_does_not_matter(kind, run):
    """A clip at a tenth of the level gives a tenth of the output."""
    noisy = make_wave(0.5, 3, snr=5)
    loud, soft = enhance(noisy, run(kind)), enhance(0.1 * noisy, run(kind))
    assert np.abs(loud).max() > 1e-3
    np.testing.assert_allclose(soft, 0.1 * loud, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_silence_stays_finite(kind, run):
    """Digital silence gives finite samples of the same length."""
    enhanced = enhance(np.zeros(4000, np.float32), run(kind))
    assert enhanced.shape == (4000,) and np.isfinite(enhanced).all()


def test_threads_change_nothing(run):
    """The bits do not depend on the threads, whose number is restored."""
    before = torch.get_num_threads()
    outputs = []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            outputs.append(enhance(make_wave(1.0, 3, snr=5), run("FCN")))
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    assert np.array_equal(*outputs)


@pytest.mark.parametrize("kind", KINDS)
def test_weights_come_back(kind, run):
    """A saved network is loaded with its settings and weights."""
    loaded, info = load_admitted(run(kind), plan_enhancer)
    assert type(loaded).__name__ == info["network"]["kind"] == kind
    noisy = waves(0.5)
    expected = make_network(kind).estimate(noisy)
    assert torch.equal(loaded.estimate(noisy), expected)


def test_an_enhancer_is_no_teacher(run):
    """Where MTQ-Net is wanted, the folder is refused by name."""
    with pytest.raises(ValueError, match="FCN.*another kind of network"):
        load_model(run("FCN"))


def test_pieces_are_cut_alike():
    """Noisy and clean pieces come from one place, none with padding."""
    noisy = torch.arange(200.0).repeat(3, 1)
    noisy[1, 120:] = -1  # padding
    n_samples = torch.tensor([200, 120, 200])
    torch.manual_seed(0)
    cut, clean, lengths = cut_pieces(noisy, noisy + 1000, n_samples, 50)
    assert cut.shape == (3, 50) and lengths.tolist() == [50, 50, 50]
    assert torch.equal(clean, cut + 1000) and (cut >= 0).all()
    assert torch.equal(cut - cut[:, :1], torch.arange(50.0).repeat(3, 1))
    assert len(set(cut[:, 0].tolist())) > 1


def test_pieces_are_no_longer_than_the_shortest_clip():
    """A clip below the segment's length shortens the batch."""
    wavs = torch.ones(2, 60)
    cut, _, lengths = cut_pieces(wavs, wavs, torch.tensor([60, 30]), 50)
    assert cut.shape == (2, 30) and lengths.tolist() == [30, 30]


def test_padding_has_no_loss():
    """Only true values count: levels of (1 + 9) / 2 and of 4, in dB."""
    brain = EnhancementBrain.__new__(EnhancementBrain)
    predictions = {
        "estimate": torch.tensor([[1.0, 3.0], [2.0, 100.0]]),
        "target": torch.zeros(2, 2),
        "mask": torch.tensor([[True, True], [True, False]]),
    }
    loss = brain.compute_objectives(predictions, None, sb.Stage.VALID)
    expected = (10 * math.log10(5) + 10 * math.log10(4)) / 2
    assert loss.item() == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_each_learns_to_remove_noise(kind):
    """A clip not trained on comes nearer to what the clean one gives."""
    torch.manual_seed(0)
    network = {
        "FCN": lambda: FCN(8, 9, [1, 2, 4]),
        "DDAE": lambda: DDAE(1, 128, 2),
        "Transformer": lambda: Transformer(1, 2, 32, 64, 0.0),
        "GRUMask": lambda: GRUMask(1, 64),
        "CRN": lambda: CRN([8, 8], 32),
        "ConvTasNet": lambda: ConvTasNet(32, 16, 16, 32, 3, 1),
    }[kind]()
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
    clean = waves(*[1.0] * 9)
    noisy = clean + 0.5 * torch.randn(clean.shape)
    for _ in range(60):
        estimate = network.estimate(noisy[1:])
        error = estimate - network.represent(clean[1:])
        error.square().mean().backward()
        optimizer.step()
        optimizer.zero_grad()
    network.eval()
    target = network.represent(clean[:1])
    with torch.no_grad():
        after = (network.estimate(noisy[:1]) - target).square().mean()
    before = (network.represent(noisy[:1]) - target).square().mean()
    assert after < 0.5 * before


def test_summary_by_hand():
    """Means, and the fraction of clips that rose; equal is not better."""
    rows = []
    for before, after in ((1.0, 2.0), (2.0, 2.0), (3.0, 2.5), (2.0, 4.0)):
        row = {}
        for measure in ("pesq", "stoi", "segmental_snr"):
            row |= {f"{measure}_before": before, f"{measure}_after": after}
        rows.append(row)
    summary = summarize(rows)
    expected = {"before": 2.0, "after": 2.625, "better": 0.5, "n": 4}
    assert summary["stoi"] == expected
    assert "2.000 -> 2.625  50%" in format_table({"FCN": summary})


def test_measures_of_a_built_in_system(tmp_path):
    """MMSE raises the segmental SNR of a harmonic tone in white noise."""
    pytest.importorskip("pesq")
    from mtqnet_brain.audio.io import save_audio

    save_audio(tmp_path / "clean.wav", make_wave(2.0, 1))
    save_audio(tmp_path / "noisy.wav", make_wave(2.0, 1, snr=0))
    row = {
        "ID": "noisy",
        "noise": "white",
        "snr": "0",
        "wav": str(tmp_path / "noisy.wav"),
        "reference": str(tmp_path / "clean.wav"),
    }
    (measured,) = measure_clips([row], "MMSE", 1)
    gain = measured["segmental_snr_after"] - measured["segmental_snr_before"]
    assert measured["ID"] == "noisy" and gain > 2
