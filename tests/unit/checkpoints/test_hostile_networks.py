"""Settings and weights that pass for a network's and are none to be used.

Authors
 * The mtqnet-brain developers 2026
"""

import json
import struct
import zipfile

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from mtqnet_brain.audio.io import save_audio
from mtqnet_brain.checkpoints.model_files import read_metrics
from mtqnet_brain.checkpoints.run_folder import save_model
from mtqnet_brain.checkpoints.trained_on import count_known_wavs
from mtqnet_brain.checkpoints.transfer import initialize_from
from mtqnet_brain.cli import main
from mtqnet_brain.corpus.enhancement.networks import DDAE
from mtqnet_brain.corpus.enhancement.trained import enhance, load_enhancer
from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.tasks import Task
from mtqnet_brain.utils.files import file_hash
from mtqnet_brain.utils.pickles import check_archive
from mtqnet_brain.utils.untrusted_json import ModelError
from mtqnet_brain.utils.untrusted_yaml import read_yaml

TUPLES = b")q\x00" + b"h\x00h\x00\x86q\x00" * 60  # 2 ** 60 leaves
PICKLES = {
    # Its hash takes for ever.
    "tuple of tuples": b"(" + TUPLES + b"t}h\x00K\x01s.",
    # A dict that is copied again and again.
    "copies": b"(}q\x01(K\x01\x88uccollections\nOrderedDict\n)Rq\x02"
    + b"h\x01b" * 1000
    + b"t.",
}


def archive(path, **entries):
    """Write an archive as torch.save lays it out."""
    with zipfile.ZipFile(path, "w") as file:
        for name, content in entries.items():
            file.writestr(f"archive/{name}.pkl", content)
    return path


@pytest.mark.parametrize("kind", PICKLES)
def test_pickles_that_grow_by_repetition(kind, tmp_path):
    """Few bytes, of opcodes that weights need too."""
    path = archive(tmp_path / "x.ckpt", data=b"\x80\x02" + PICKLES[kind])
    with pytest.raises(ModelError, match="reuses an object"):
        check_archive(path, "x.ckpt")


def test_entries_that_torch_confuses(tmp_path):
    """It takes ``DATA.PKL`` for ``data.pkl``."""
    path = archive(tmp_path / "x.ckpt", DATA=b"\x80\x02N.", data=b"\x80\x02N.")
    with pytest.raises(ModelError, match="DATA.pkl"):
        check_archive(path, "x.ckpt")


@pytest.mark.parametrize(
    "text", ["a: !!int ''", "a: !!bool x", "a: !!float ''", 'a: "\\UFFFFFFFF"']
)
def test_yaml_that_its_parser_stumbles_over(text, tmp_path):
    """It raised IndexError, KeyError, OverflowError."""
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(ModelError, match=r"x\.yaml"):
        read_yaml(path)


@pytest.mark.parametrize("number", ["1_28", "2:8", "1_0.5", "2:8.5"])
def test_numbers_of_yaml_1_1(number, tmp_path):
    """It reads 128 in the first two; quoted they are text."""
    path = tmp_path / "x.yaml"
    path.write_text(f"a: {number}")
    with pytest.raises(ModelError, match="line 1: .* is no plain number"):
        read_yaml(path)
    path.write_text(f"a: '{number}'")
    assert read_yaml(path) == {"a": number}


def enhancer(folder, kind, **settings):
    """Write the folder of an enhancer with weights of something else."""
    folder.mkdir()
    save_file({"x": torch.zeros(1)}, folder / "model.safetensors")
    network = {"kind": kind, **settings}
    (folder / "model.json").write_text(
        json.dumps({"class": kind, "network": network, "weights_sha256": "0"})
    )
    return str(folder)


ENHANCERS = {
    "8 GB": ("FCN", {"channels": 512, "kernel_size": 255}),
    "1 GB": ("DDAE", {"layers": 16, "units": 4096}),
    "deep": ("ConvTasNet", {"blocks": 16}),
    "even taps": ("FCN", {"kernel_size": 2}),
    "heads": ("Transformer", {"heads": 7, "d_model": 10}),
}


@pytest.mark.parametrize("kind", ENHANCERS)
def test_enhancers_are_bounded(kind, tmp_path):
    """No network of gigabytes is built before its weights are looked at."""
    name, settings = ENHANCERS[kind]
    with pytest.raises(ModelError, match=r"model\.json"):
        load_enhancer(enhancer(tmp_path / "x", name, **settings))


def test_enhanced_samples_are_numbers(tmp_path):
    """Finite weights may make NaN."""
    network = DDAE(layers=1, units=2, context=0)
    for weight in network.parameters():
        weight.data.fill_(1e30)
    save_model(tmp_path, network, {})
    samples = np.random.default_rng(0).normal(size=4000)
    with pytest.raises(ModelError, match="NaN"):
        enhance(samples, tmp_path)


def small(folder, task=None, weight=None):
    """Save a small network, its weights all alike if wanted."""
    network = MTQNet(
        [task or Task("s_mos", 1, 5)], channels=(2,) * 4, blstm_hidden=2
    )
    for parameter in network.parameters() if weight else ():
        parameter.data.fill_(weight)
    save_model(folder, network, {})
    return folder


def test_scores_are_numbers(tmp_path, capsys):
    """A model of finite weights whose score is NaN: the clip's error."""
    rng = np.random.default_rng(0)
    save_audio(tmp_path / "a.wav", rng.normal(size=16000) * 0.05)
    folder = small(tmp_path / "x", weight=1e30)
    wav = str(tmp_path / "a.wav")
    assert main(["score", wav, "--model", str(folder)]) == 1
    assert "not finite" in capsys.readouterr().out


@pytest.mark.parametrize(
    "task", [Task("error", 1, 5), Task("x", 1, 5, role="auxiliary")]
)
def test_tasks_that_cannot_be_scored(task, tmp_path, capsys):
    """A score named like a column of the table; none at all."""
    save_audio(tmp_path / "a.wav", np.zeros(16000))
    folder = small(tmp_path / "x", task)
    wav = str(tmp_path / "a.wav")
    assert main(["score", wav, "--model", str(folder)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_weights_of_an_ssl_model_that_is_not_there(tmp_path):
    """Of any size, since nothing said how large they may be."""
    folder = small(tmp_path)
    path = folder / "model.safetensors"
    weights = {**load_file(path), "encoder.ssl.x": torch.zeros(9)}
    save_file(weights, path)
    settings = json.loads((folder / "model.json").read_text())
    settings["weights_sha256"] = file_hash(path)
    (folder / "model.json").write_text(json.dumps(settings))
    with pytest.raises(ModelError, match=r"encoder\.ssl\.x"):
        initialize_from(MTQNet([Task("s_mos", 1, 5)]), folder)


def test_errors_do_not_steer_the_terminal(tmp_path, capsys):
    """A head of safetensors whose kind of number is an escape sequence."""
    folder = small(tmp_path / "x")
    entry = {"dtype": "\x1b[2J\n", "shape": [0], "data_offsets": [0, 0]}
    head = json.dumps({"a": entry}).encode()
    content = struct.pack("<Q", len(head)) + head
    (folder / "model.safetensors").write_bytes(content)
    save_audio(tmp_path / "a.wav", np.zeros(16000))
    wav = str(tmp_path / "a.wav")
    assert main(["score", wav, "--model", str(folder)]) == 2
    err = capsys.readouterr().err
    assert err.startswith("mtqnet: ") and err.count("\n") == 1
    assert "\x1b" not in err


def test_known_wavs_are_found_by_line(tmp_path):
    """In lines of 16 digits; others say nothing."""
    save_audio(tmp_path / "a.wav", np.zeros(1000))
    rows = [{"wav": tmp_path / "a.wav"}]
    digest = file_hash(rows[0]["wav"])[:16]
    others = "".join(f"{i:016x}\n" for i in range(100))
    path = tmp_path / "trained_on.txt"
    for text, count in (
        (others, 0),
        (others + digest + "\n", 1),
        (digest + "\n" + others, 1),
        ("ab\n" * 1000, 0),
    ):
        path.write_text(text)
        assert count_known_wavs(tmp_path, rows) == count


def test_names_in_figures_are_names():
    """They stand in the card: none of HTML."""
    figures = {"n": 1, "lcc": 1, "srcc": 1, "mse": 1, "source": "x"}
    with pytest.raises(ModelError, match="a name of letters"):
        read_metrics({"<b>": {**figures, "role": "primary"}}, "metrics.json")
