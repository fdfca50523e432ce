"""Frames, features and convolutions against independent calculations.

Authors
 * The mtqnet-brain developers 2026
"""

from pathlib import Path

import numpy as np
import pytest
import torch

from mtqnet_brain.model.cnn import ConvStack, MaskedBatchNorm, same_padding
from mtqnet_brain.model.filter_banks import (
    FixedFilterBank,
    SincFilterBank,
    mosanet_filters,
)
from mtqnet_brain.model.frames import join, length_mask
from mtqnet_brain.model.streams import MagnitudeSpectrum, normalize_waveform

GOLDEN = Path(__file__).parents[2] / "golden" / "mosanet_filters.npz"


@pytest.mark.parametrize(
    "stream", [MagnitudeSpectrum(), SincFilterBank(), FixedFilterBank()]
)
def test_frame_counts_agree_with_the_modules(stream):
    """The arithmetic holds for every length from 400 to 2000."""
    for n in range(400, 2001):
        with torch.no_grad():
            frames = stream(torch.zeros(1, n), [n])
        assert frames.shape == (1, stream.n_frames(n), 257), n


def test_join_leaves_no_padding_inside():
    """Each item is cut, joined and only then padded."""
    a = torch.tensor([[1.0, 9.0], [1.0, 2.0]]).unsqueeze(-1)
    b = torch.tensor([[3.0, 4.0], [5.0, 9.0]]).unsqueeze(-1)
    joined, lengths = join([a, b], [[1, 2], [2, 1]])
    assert joined.squeeze(-1).tolist() == [[1, 3, 4], [1, 2, 5]]
    assert lengths == [3, 3]
    joined, lengths = join([a, b], [[1, 2], [1, 2]])
    assert joined.squeeze(-1).tolist() == [[1, 3, 0, 0], [1, 2, 5, 9]]
    assert lengths == [2, 4]


def test_length_mask():
    """True inside the items."""
    mask = length_mask([1, 3], 3)
    assert mask.tolist() == [[True, False, False], [True, True, True]]


def reference_magnitude(wave):
    """Centred STFT magnitude in plain NumPy, periodic Hamming window."""
    window = 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(512) / 512)
    padded = np.pad(wave, 256)
    starts = range(0, len(wave) + 1, 256)
    frames = [padded[s : s + 512] * window for s in starts]
    return np.abs(np.fft.rfft(frames, axis=1))


def test_magnitude_is_that_of_numpy():
    """|X|, not the power, in every frame."""
    wave = np.random.default_rng(0).standard_normal(5000)
    ours = MagnitudeSpectrum()(torch.tensor(wave).float()[None], [5000])
    np.testing.assert_allclose(
        ours[0].numpy(), reference_magnitude(wave), atol=2e-4
    )


def test_compressed_magnitude_has_a_floor():
    """(|X|^2 + floor^2)^0.15, silence included."""
    wave = np.random.default_rng(0).standard_normal(3000) * 0.1
    wave[1500:] = 0
    stream = MagnitudeSpectrum("power", exponent=0.3, floor=0.01)
    ours = stream(torch.tensor(wave).float()[None], [3000])[0].numpy()
    magnitude = reference_magnitude(wave)
    np.testing.assert_allclose(
        ours, (magnitude**2 + 0.01**2) ** 0.15, atol=1e-5
    )
    assert ours[-1].max() == pytest.approx(0.01**0.3, rel=1e-5)


def test_fixed_filters_are_those_of_the_published_network():
    """Nine filters as TensorFlow computed them."""
    golden = np.load(GOLDEN)
    ours = mosanet_filters().numpy()[golden["rows"]]
    np.testing.assert_allclose(ours, golden["filters"], atol=2e-5)


@pytest.mark.parametrize(
    "n_samples, left", [(16000, 61), (16001, 61), (16128, 0)]
)
def test_fixed_bank_pads_as_tensorflow(n_samples, left):
    """SAME padding at stride 256: the published left sides."""
    wave = torch.randn(n_samples)
    bank = FixedFilterBank()
    span = (-(-n_samples // 256) - 1) * 256 + 251
    padded = np.zeros(max(span, n_samples + left))
    padded[left : left + n_samples] = wave.numpy()
    filters = mosanet_filters().numpy()
    frame = 7
    expected = filters @ padded[256 * frame : 256 * frame + 251]
    ours = bank(wave[None], [n_samples])[0, frame].numpy()
    np.testing.assert_allclose(ours, expected, atol=1e-3)


def test_level_normalisation_ignores_padding():
    """Each item by its own samples: no mean, an RMS of 0.1; near silence less.

    Mean of the second: 0.03; what is left is 0.06, -0.03, -0.03.
    """
    wavs = torch.tensor([[0.7, 0.3, 7.0], [0.09, 0.0, 0.0], [0.0] * 3])
    out = normalize_waveform(wavs, [2, 3, 3], "level")
    third = 0.1 / 2**0.5
    expected = [[0.1, -0.1, 0.0], [2 * third, -third, -third], [0.0] * 3]
    np.testing.assert_allclose(out, expected, rtol=2e-4, atol=0)
    faint = torch.tensor([[1e-5, -1e-5]])  # -100 dBFS: 3 dB are missing
    out = normalize_waveform(faint, [2], "level")
    np.testing.assert_allclose(out.abs(), 0.1 / 2**0.5, rtol=1e-5)


def test_peak_normalisation_ignores_padding():
    """Each item by its own peak; silence stays silent."""
    wavs = torch.tensor([[0.5, -0.25, 9.0], [0.0, 0.0, 0.0]])
    out = normalize_waveform(wavs, [2, 3], "peak")
    assert out.tolist() == [[1.0, -0.5, 0.0], [0.0, 0.0, 0.0]]


def test_frequency_padding_is_that_of_keras():
    """Asymmetric for 257, 86 and 29 bins, symmetric for 10."""
    pads = [same_padding(size) for size in (257, 86, 29, 10)]
    assert pads == [(0, 1), (0, 1), (0, 1), (1, 1)]
    assert same_padding(257, stride=1) == (1, 1)


def test_conv_stack_shape_and_order():
    """512 outputs per frame; the channel runs fastest."""
    stack = ConvStack()
    assert stack.n_outputs == 512
    x = torch.randn(1, 6, 257)
    with torch.no_grad():
        out, n_frames = stack(x, [6])  # (1, 6, 512)
        for parameter in stack.parameters():
            parameter.zero_()
        stack.convs[-1].bias[5] = 1.0
        marked = stack(x, [6])[0][0, 0]
    assert out.shape == (1, 6, 512) and n_frames == [6]
    assert marked.nonzero().flatten().tolist() == [5, 133, 261, 389]


def test_early_strides_see_the_same_frames():
    """Half the frames; output i sees what lies around frame 2 i."""
    stack = ConvStack((1, 1, 1, 1), strides="early")
    assert stack.n_outputs == 4
    for conv in stack.convs:
        torch.nn.init.constant_(conv.weight, 1.0)
        torch.nn.init.zeros_(conv.bias)
    # 3 convolutions, 9 after the stride by 2: 3 + 1 + 2 * 8 frames each way.
    x = torch.zeros(1, 101, 257)
    x[0, 50] = 1.0
    with torch.no_grad():
        out, n_frames = stack(x, [101])
    assert n_frames == [51] and out.shape == (1, 51, 4)
    seen = out[0].sum(dim=1).nonzero().flatten()
    assert (seen[0] + seen[-1]) / 2 == 25
    assert seen[-1] == (50 + 3 + 1 + 2 * 8) // 2
    with torch.no_grad():
        _, n_frames = stack(torch.zeros(2, 8, 257), [8, 7])
    assert n_frames == [4, 4]


def test_masked_batch_norm_equals_unpadded_batch_norm():
    """Statistics over true frames only, running ones included."""
    torch.manual_seed(0)
    a, b = torch.randn(1, 3, 5, 4) + 2, torch.randn(1, 3, 2, 4)
    padded = torch.cat([a, torch.nn.functional.pad(b, (0, 0, 0, 3))])
    ours = MaskedBatchNorm(3)
    out = ours(padded, length_mask([5, 2], 5))
    plain = torch.nn.BatchNorm2d(3)
    flat = plain(torch.cat([a, b], dim=2))
    torch.testing.assert_close(out[:1], flat[:, :, :5])
    torch.testing.assert_close(out[1:, :, :2], flat[:, :, 5:])
    assert not out[1, :, 2:].any()
    torch.testing.assert_close(ours.running_mean, plain.running_mean)
    torch.testing.assert_close(ours.running_var, plain.running_var)
