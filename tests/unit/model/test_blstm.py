"""The BLSTM against PyTorch's packed one.

Authors
 * The mtqnet-brain developers 2026
"""

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from mtqnet_brain.model.blstm import MaskedBLSTM


def test_equals_a_packed_lstm():
    """Outputs and gradients over items of unequal length."""
    torch.manual_seed(0)
    ours = MaskedBLSTM(5, 3)
    packed = torch.nn.LSTM(5, 3, batch_first=True, bidirectional=True)
    with torch.no_grad():
        for name, weight in packed.named_parameters():
            side = ours.backwards if "_reverse" in name else ours.forwards
            weight.copy_(getattr(side, name.replace("_reverse", "")))
    lengths = [7, 1, 4]
    x = torch.randn(3, 7, 5)
    out = ours(x, lengths)
    expected, _ = pad_packed_sequence(
        packed(
            pack_padded_sequence(
                x,
                torch.tensor(lengths),
                batch_first=True,
                enforce_sorted=False,
            )
        )[0],
        batch_first=True,
    )
    mask = torch.arange(7)[None, :, None] < torch.tensor(lengths)[:, None, None]
    torch.testing.assert_close(out * mask, expected, atol=1e-6, rtol=1e-5)
    (out * mask).square().sum().backward()
    expected.square().sum().backward()
    torch.testing.assert_close(
        ours.backwards.weight_hh_l0.grad,
        packed.weight_hh_l0_reverse.grad,
        atol=1e-5,
        rtol=1e-4,
    )


def test_forget_gate_starts_open():
    """Bias 1 for the second of four gates, as in Keras."""
    lstm = MaskedBLSTM(2, 2).forwards
    bias = (lstm.bias_ih_l0 + lstm.bias_hh_l0).tolist()
    assert bias == [0, 0, 1, 1, 0, 0, 0, 0]
