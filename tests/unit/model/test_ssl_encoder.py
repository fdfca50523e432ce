"""The SSL stream's encoder: padding, dropout, precision, families.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
import torch
from synthetic import make_wave
from transformers import WavLMModel

from mtqnet_brain.model.ssl import SSLEncoder


def test_ssl_embedding_ignores_dropout_and_padding(tiny_ssl):
    """Two calls agree, and a padded item with itself alone."""
    encoder = SSLEncoder(tiny_ssl("wav2vec2"), freeze=True).train()
    wavs = torch.from_numpy(np.stack([make_wave(1.0, 1), make_wave(1.0, 2)]))
    wavs[1, 9000:] = 0
    both = encoder(wavs, [16000, 9000])
    torch.testing.assert_close(both, encoder(wavs, [16000, 9000]))
    alone = encoder(wavs[1:, :9000], [9000])
    n = encoder.n_frames(9000)
    assert alone.shape[1] == n
    torch.testing.assert_close(both[1, :n], alone[0], atol=1e-5, rtol=1e-4)


def batched_products(network, *given):
    """Return the shape of the second factor of each batched product."""
    with torch.profiler.profile(record_shapes=True) as profile:
        network(*given)
    return [
        tuple(event.input_shapes[1])
        for event in profile.events()
        if event.name == "aten::bmm"
    ]


def test_wavlm_copies_no_weights_per_frame(tiny_ssl):
    """In bf16 too; its embeddings are those of transformers' own model."""
    source = tiny_ssl("wavlm")
    own = WavLMModel.from_pretrained(source).eval().requires_grad_(False)
    encoder = SSLEncoder(source, freeze=True, normalize=False)
    wavs = torch.from_numpy(np.stack([make_wave(0.5, 1), make_wave(0.5, 2)]))
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        copied = batched_products(own, wavs)
        products = batched_products(encoder, wavs, [8000, 8000])
    n_frames = encoder.n_frames(8000)
    assert n_frames in [size[0] for size in copied]  # what is to go
    assert n_frames not in [size[0] for size in products]
    with torch.no_grad():
        expected = own(wavs).last_hidden_state
        found = encoder(wavs, [8000, 8000])
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)


def test_other_families_are_refused(tmp_path):
    """A folder of another model, and a revision of a local one."""
    from transformers import BertConfig, BertModel

    config = BertConfig(
        hidden_size=8, num_attention_heads=1, num_hidden_layers=1
    )
    BertModel(config).save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="a 'bert' model"):
        SSLEncoder(tmp_path)
    with pytest.raises(ValueError, match="no revision main"):
        SSLEncoder(tmp_path, revision="main")
