"""SSL models that another person's model names: checked before they are read.

Authors
 * The mtqnet-brain developers 2026
"""

import json
import os
import pickle
import shutil
import sys

import pytest
import torch
from safetensors.torch import load_file

from mtqnet_brain.model.ssl import SSLEncoder
from mtqnet_brain.utils.untrusted_json import ModelError


@pytest.fixture
def folder(tiny_ssl, tmp_path):
    """Return the folder of a tiny WavLM of one's own."""
    return shutil.copytree(tiny_ssl("wavlm"), tmp_path / "ssl")


def edit(path, **changes):
    """Change a JSON file."""
    content = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(content | changes))


CONFIGS = {
    "another family": {"model_type": "whisper"},
    "no family": {"model_type": None},
    "code": {"model_type": "mine", "auto_map": {"AutoConfig": "x.Y"}},
    "layers": {"num_hidden_layers": 10**9},
    "many layers": {"num_hidden_layers": 120, "hidden_size": 8192},
    "width": {"hidden_size": 10**5},
    "float": {"hidden_size": 1e300},
    "text": {"hidden_size": "16"},
    "filters": {"conv_dim": [10**6] * 7},
    "list": {"conv_stride": [1] * 10**4},
    "filters by default": {"conv_dim": [20000] * 7, "conv_kernel": [10] * 7},
    "renamed": {"attribute_map": {"hidden_size": "x"}, "x": 30000},
    "adapters": {"add_adapter": True, "output_hidden_size": 16384},
    "many adapters": {"add_adapter": True, "num_adapter_layers": 10**6},
    "labels": {"num_labels": 10**6},
    "heads": {"num_attention_heads": 0},
    "method": {"get_text_config": "x"},
    "kind of number": {"dtype": "save"},
    "activation": {"hidden_act": ["gelu"]},
    "kernel of the hub": {"attn_implementation": "a/b"},
}


@pytest.mark.parametrize("kind", CONFIGS)
def test_configuration_is_bounded(kind, folder):
    """Families, sizes, lists; nothing is asked on standard input."""
    edit(folder / "config.json", **CONFIGS[kind])
    with pytest.raises(ModelError) as error:
        SSLEncoder(str(folder))
    assert "\n" not in str(error.value)


def test_code_of_a_repository_is_not_run(folder, tmp_path, monkeypatch):
    """With `auto_map` beside a known family our own class is used."""
    trace = tmp_path / "trace"
    (folder / "x.py").write_text(f"open({str(trace)!r}, 'w')\nclass Y: pass\n")
    for name in ("config.json", "preprocessor_config.json"):
        edit(
            folder / name,
            auto_map={
                "AutoConfig": "x.Y",
                "AutoModel": "x.Y",
                "AutoFeatureExtractor": "x.Y",
            },
        )
    monkeypatch.setattr(sys, "stdin", None)  # a question would fail
    assert SSLEncoder(str(folder)).n_channels == 16
    assert not trace.exists()


def test_other_extractors_and_files(folder):
    """Another class could make filters of any size; a FIFO never ends."""
    path = folder / "preprocessor_config.json"
    edit(path, feature_extractor_type="WhisperFeatureExtractor")
    with pytest.raises(ModelError, match="Wav2Vec2FeatureExtractor"):
        SSLEncoder(str(folder))
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ModelError, match="not a regular file"):
        SSLEncoder(str(folder))


@pytest.mark.parametrize(
    "name, content",
    [
        ("adapter_config.json", {"base_model_name_or_path": "/elsewhere"}),
        (
            "processor_config.json",
            {"feature_extractor": {"feature_extractor_type": "Whisper"}},
        ),
        ("model.safetensors.index.json", {"weight_map": {"a": "../b"}}),
        ("model.safetensors.index.json", {"weight_map": {"a": "sub/fifo"}}),
    ],
)
def test_files_that_lead_elsewhere(name, content, folder):
    """Of PEFT, of processors, of weights in parts."""
    (folder / name).write_text(json.dumps(content))
    with pytest.raises(ModelError, match=name.partition("_config")[0][:5]):
        SSLEncoder(str(folder))


class Bomb:
    """Runs a command when it is unpickled."""

    def __reduce__(self):
        """Tell pickle what to call."""
        return os.system, ("true",)


def test_pickled_weights(folder):
    """Read where they are tensors, as most of the hub's models have them."""
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    path = folder / "pytorch_model.bin"
    torch.save(weights, path)
    own = SSLEncoder(str(folder)).encoder.state_dict()
    assert all(torch.equal(own[name], weights[name]) for name in weights)
    torch.save({**weights, "x": Bomb()}, path)
    with pytest.raises(ModelError, match="posix system"):
        SSLEncoder(str(folder))
    path.write_bytes(pickle.dumps(Bomb()))
    with pytest.raises((ValueError, OSError, pickle.UnpicklingError)):
        SSLEncoder(str(folder))
