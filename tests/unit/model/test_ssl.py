"""The SSL stream: counts of frames, settings, given embeddings.

Authors
 * The mtqnet-brain developers 2026
"""

import pytest
import torch
import transformers

from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.model.ssl import GivenEmbeddings, SSLEncoder
from mtqnet_brain.tasks import Task

LENGTHS = (400, 719, 720, 8000, 8001, 12345)


@pytest.fixture(scope="module")
def adapted(tmp_path_factory):
    """A tiny wav2vec 2.0 model with an adapter that halves the frames."""
    folder = tmp_path_factory.mktemp("adapted")
    config = transformers.Wav2Vec2Config(
        hidden_size=16,
        output_hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        conv_dim=(8,) * 7,
        feat_extract_norm="layer",
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=2,
        add_adapter=True,
        num_adapter_layers=1,
    )
    transformers.Wav2Vec2Model(config).save_pretrained(folder)
    transformers.Wav2Vec2FeatureExtractor().save_pretrained(folder)
    return str(folder)


@pytest.mark.parametrize("family", ["wavlm", "hubert", "wav2vec2", None])
def test_frames_are_counted_without_the_model(family, tiny_ssl, adapted):
    """As many as there are embeddings, also behind an adapter."""
    source = tiny_ssl(family) if family else adapted
    encoder = SSLEncoder(source, freeze=True)
    with torch.no_grad():
        for n in LENGTHS:
            found = encoder(torch.zeros(1, n), [n]).shape[1]
            assert encoder.n_frames(n) == found, n


def test_settings_are_those_that_were_given(tiny_ssl):
    """All but the folder of downloads."""
    source = tiny_ssl()
    encoder = SSLEncoder(source, freeze=True, save_path="x")
    assert encoder.settings() == {
        "source": source,
        "freeze": True,
        "revision": None,
        "normalize": True,
    }
    with pytest.raises(ValueError, match="ssl freeze: 'yes' is invalid"):
        SSLEncoder(source, freeze="yes")


def test_wavs_need_the_model():
    """A network of given embeddings says where to find it."""
    network = MTQNet(
        [Task("s_mos", 1, 5)],
        ssl=GivenEmbeddings(4, source="x"),
        channels=(1,) * 4,
        blstm_hidden=2,
    )
    with pytest.raises(RuntimeError, match="scores given embeddings only"):
        network(torch.zeros(1, 800), torch.tensor([800]))
