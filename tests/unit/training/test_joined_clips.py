"""Joined clips and crops: parts in place, labels of their frames.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import torch

from mtqnet_brain.training.joined_clips import Parts, draw_parts, frame_labels


def tones(n_samples, amplitudes):
    """Return a sine per item, the i-th of 200 (i + 1) Hz."""
    time = torch.arange(max(n_samples)) / 16000
    hertz = 200.0 * (1 + torch.arange(len(n_samples)))
    wavs = torch.sin(2 * np.pi * hertz[:, None] * time)
    wavs = wavs * torch.tensor(amplitudes)[:, None]
    for wav, n in zip(wavs, n_samples):
        wav[n:] = 0
    return wavs, torch.tensor(n_samples)


def pitch(samples):
    """Return the number of the tone in a part, from its spectrum."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return round(spectrum.argmax() * 16000 / len(samples) / 200) - 1


def test_parts_are_where_they_are_said_to_be():
    """At least 1 s each, no longer than the longer, levels within 6 dB."""
    torch.manual_seed(0)
    lengths = [48000, 30000, 64000, 17000]
    wavs, n_samples = tones(lengths, [0.5, 0.001, 0.1, 0.3])
    orders = set()
    for _ in range(20):
        joined, parts = draw_parts(wavs, n_samples, 1.0, 0.0)
        for i, (one, other, edge, n) in enumerate(zip(*parts)):
            wav = joined[i].numpy()
            assert not wav[n:].any()
            if {one, other} == {1, 3} or one == other:
                assert one == other == i  # too short for two
                np.testing.assert_array_equal(wav[:n], wavs[i, :n])
                continue
            assert i in (one, other) and n <= max(lengths[one], lengths[other])
            assert 15900 <= edge <= n - 15900
            head, tail = wav[: edge - 80], wav[edge + 80 : n]
            assert (pitch(head), pitch(tail)) == (one, other)
            ratio = 20 * np.log10(tail.std() / head.std())
            assert abs(ratio) <= 6.1
            orders.add((i == one, round(ratio) > 0))
    assert len(orders) == 4


def test_cross_fade_has_no_click():
    """Of two constants it is a straight line of 10 ms."""
    torch.manual_seed(0)
    wavs = torch.stack([torch.ones(40000), -torch.ones(40000)])
    wavs[:, ::2] *= 1.5  # a constant has no level
    joined, parts = draw_parts(wavs, torch.tensor([40000, 40000]), 1.0, 0.0)
    changing = (joined[0, 1:] - joined[0, :-1]).abs().max()
    assert parts.first[0] != parts.second[0] and changing < 2.2


def test_crops_are_of_the_clip_and_not_of_its_pause():
    """At least 1 s, and of a clip that is nearly silent the speech."""
    torch.manual_seed(0)
    wavs = 1e-4 * torch.randn(40, 160000)
    wavs[:, 60000:100000] += torch.randn(40, 40000)
    made, parts = draw_parts(wavs, torch.full((40,), 160000), 0.0, 1.0)
    assert parts.first == parts.second == list(range(40))
    assert parts.boundary == parts.n_samples
    assert 16000 <= min(parts.n_samples) < 60000 < max(parts.n_samples)
    loud = sum(float(m[:n].std()) > 0.1 for m, n in zip(made, parts.n_samples))
    assert loud >= 36


def test_nothing_changes_at_fractions_of_zero():
    """Nor does a batch of one clip."""
    wavs, n_samples = tones([40000, 32000], [1.0, 1.0])
    made, parts = draw_parts(wavs, n_samples, 0.0, 0.0)
    assert torch.equal(made, wavs) and parts.n_samples == [40000, 32000]
    made, _ = draw_parts(wavs[:1], n_samples[:1], 1.0, 0.0)
    assert torch.equal(made, wavs[:1])


def test_frames_have_the_labels_of_their_part():
    """Two streams, by their times; NaN stays with its part."""
    labels = torch.tensor([[1.0, torch.nan], [4.0, 2.0]])
    parts = Parts([0, 1], [1, 1], [500, 900], [900, 900])
    tracks = [[range(0, 900, 256), range(200, 900, 320)], [range(0, 400, 256)]]
    found = frame_labels(labels, parts, tracks)
    nan = np.nan
    expected = [
        [[1, 1, 4, 4, 1, 4, 4], [nan, nan, 2, 2, nan, 2, 2]],
        [[4, 4, *[nan] * 5], [2, 2, *[nan] * 5]],
    ]
    np.testing.assert_array_equal(found, expected)
