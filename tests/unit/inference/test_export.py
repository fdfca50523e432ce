"""Exported models: bit-identical, checked, and harmless to load.

Authors
 * The mtqnet-brain developers 2026
"""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from safetensors.torch import load_file
from speechbrain.inference.interfaces import pretrained_from_hparams
from synthetic import RATE, make_wave

from mtqnet_brain.checkpoints.loading import load_network
from mtqnet_brain.checkpoints.run_folder import (
    load_model,
    save_model,
)
from mtqnet_brain.cli import main
from mtqnet_brain.inference.export import check_golden, export_model
from mtqnet_brain.inference.predictor import SpeechQualityPredictor
from mtqnet_brain.model.mos_ssl import MOSSSL
from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.tasks import Task
from mtqnet_brain.utils.files import file_hash

GOLDEN = Path(__file__).parents[2] / "golden" / "tiny_model"
WAVE = make_wave(1.2, 4, 10)


@pytest.fixture
def exported(tmp_path):
    """The committed network as a zoo model."""
    export_model(GOLDEN, tmp_path / "zoo")
    return tmp_path / "zoo"


def score(network):
    """Return a network's scores of one wave."""
    with torch.no_grad():
        wavs = torch.from_numpy(WAVE)[None]
        return network(wavs, torch.tensor([len(WAVE)])).utterance


def test_exported_model_scores_bit_equal(exported):
    """Primary heads alone; also through SpeechBrain's own loader."""
    expected = score(load_model(GOLDEN)[0])
    network, hparams = load_network(exported)
    assert list(network.heads) == ["s_mos", "n_mos", "g_mos"]
    assert not network.training
    plain = pretrained_from_hparams(SpeechQualityPredictor, str(exported))
    for other in (network, plain.mods.network):
        for name, value in score(other).items():
            assert torch.equal(value, expected[name])
    weights = torch.load(exported / "network.ckpt", weights_only=True)
    assert not any("pesq" in name for name in weights)
    assert hparams["provenance"] == {}


def test_command_and_card(tmp_path, capsys):
    """The card names scales, labels, metrics; the golden score is right."""
    run = tmp_path / "run"
    (run / "model").mkdir(parents=True)
    for path in GOLDEN.iterdir():
        (run / "model" / path.name).write_bytes(path.read_bytes())
    figures = {"n": 9, "lcc": 0.5, "srcc": 0.25, "mse": 1.5}
    figures |= {"role": "primary", "source": "3QUEST"}
    (run / "metrics.json").write_text(json.dumps({"s_mos": figures}))
    out = tmp_path / "out"
    assert main(["export", str(run), str(out)]) == 0
    assert "checked, scores of golden.wav: s_mos" in capsys.readouterr().out
    card = (out / "README.md").read_text(encoding="utf-8")
    for text in (
        "library_name: speechbrain",
        "| s_mos | 9 | 0.500 | 0.250 | 1.500 | 3QUEST |",
        "| n_mos | how little the noise intrudes | 1 (worst) to 5 (best) |",
        "from mtqnet_brain.inference import SpeechQualityPredictor",
        "## Limits",
        "## Licence",
        "mtqnet score golden.wav --model .",
    ):
        assert text in card
    golden = json.loads((out / "golden.json").read_text())
    wave, _ = soundfile.read(out / "golden.wav", dtype="float32")
    with torch.no_grad():
        scores = load_model(GOLDEN)[0](
            torch.from_numpy(wave)[None], torch.tensor([len(wave)])
        )
    for name, value in golden.items():
        assert float(scores.utterance[name]) == pytest.approx(value, abs=1e-5)
    assert main(["export", str(run), str(out)]) == 2
    assert "has files already" in capsys.readouterr().err


def test_wrong_golden_score_is_noticed(exported):
    """As after a change that alters scores."""
    golden = json.loads((exported / "golden.json").read_text())
    golden["g_mos"] += 0.01
    (exported / "golden.json").write_text(json.dumps(golden))
    with pytest.raises(RuntimeError, match="golden.wav has g_mos"):
        check_golden(exported)


@pytest.mark.parametrize("freeze", [True, False])
def test_frozen_ssl_model_is_named_not_copied(freeze, tiny_ssl, tmp_path):
    """A fine-tuned one is part of the weights."""
    source = tiny_ssl("wavlm")
    torch.manual_seed(0)
    network = MTQNet(
        [Task("g_mos", 1, 5)],
        ssl={"source": source, "freeze": freeze},
        channels=(2, 2, 2, 2),
        blstm_hidden=4,
        dense_units=4,
    ).eval()
    save_model(tmp_path / "run", network, {"run": "x"})
    export_model(tmp_path / "run", tmp_path / "zoo")
    loaded, _ = load_network(tmp_path / "zoo")
    assert torch.equal(score(loaded)["g_mos"], score(network)["g_mos"])
    weights = torch.load(tmp_path / "zoo" / "network.ckpt", weights_only=True)
    ssl_weights = load_file(Path(source) / "model.safetensors")
    held = sum(len(weights[n]) for n in weights if "encoder.ssl" in n)
    assert (held == 0) == freeze and len(ssl_weights) > 10
    text = (tmp_path / "zoo" / "hyperparams.yaml").read_text()
    assert f"source: {source}" in text and "save_path" not in text


def rewrite(folder, old, new):
    """Change the hyperparameter file."""
    path = folder / "hyperparams.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def digest_line(folder):
    """Return the line with the hash of the weights."""
    return f"weights_sha256: {file_hash(folder / 'network.ckpt')}"


def test_weights_must_be_those_of_the_export(exported):
    """Another file; then other shapes, missing and foreign keys."""
    before = digest_line(exported)
    weights = torch.load(exported / "network.ckpt", weights_only=True)
    name = next(name for name in weights if name.startswith("heads."))
    foreign = {**weights, "heads.x.weight": torch.zeros(1)}
    missing = {n: w for n, w in weights.items() if n != name}
    wrong = {**weights, name: torch.zeros(3, 3)}
    other = {**weights, name: weights[name] + 1}
    torch.save(other, exported / "network.ckpt")
    with pytest.raises(ValueError, match="sha256"):
        load_network(exported)
    for content, text in (
        (foreign, "Unexpected key"),
        (missing, "Missing key"),
        (wrong, "size mismatch"),
    ):
        torch.save(content, exported / "network.ckpt")
        rewrite(exported, before, digest_line(exported))
        before = digest_line(exported)
        with pytest.raises(ValueError, match=text):
            load_network(exported)


def test_what_is_no_model_is_named(tmp_path, monkeypatch):
    """An empty folder, a broken YAML, a name that the hub lacks."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(FileNotFoundError, match="no hyperparams.yaml"):
        load_network(tmp_path)
    (tmp_path / "network.ckpt").touch()
    for text in ("a: [", "- 1\n", "x: 1\n"):
        (tmp_path / "hyperparams.yaml").write_text(text)
        with pytest.raises(ValueError, match="hyperparams.yaml"):
            load_network(tmp_path)


def test_onnx(tmp_path, capsys):
    """Any length, silence and low-passed sound, within 1e-4 of PyTorch."""
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    path = tmp_path / "m.onnx"
    assert main(["export", str(GOLDEN), str(path), "--onnx"]) == 0
    assert "scores differ from PyTorch's by" in capsys.readouterr().out
    session = onnxruntime.InferenceSession(str(path))
    network = load_model(GOLDEN)[0].drop_auxiliary()
    for wave in (WAVE, WAVE[:401], np.zeros(5000, np.float32), 3 * WAVE):
        (found,) = session.run(None, {"wav": wave[None]})
        with torch.no_grad():
            wavs = torch.from_numpy(wave)[None]
            scores = network(wavs, torch.tensor([len(wave)])).utterance
        expected = [float(score) for score in scores.values()]
        np.testing.assert_allclose(found[0], expected, atol=1e-4)
    assert main(["export", str(GOLDEN), str(tmp_path / "m"), "--onnx"]) == 2


@pytest.mark.parametrize(
    "settings",
    [
        {"conv_norm": "batch", "compression": "power"},
        {"waveform_norm": "peak", "spectrum_ends": "reflect"},
        {"waveform_norm": "level", "compression": "power"},
        {"filter_bank": "none"},
        {"spectrum": False},
        {"conv_strides": "early", "conv_norm": "batch"},
        {"conv_strides": "early", "attention_seconds": 0.2},
        {"filter_bank": "none", "attention_seconds": 0.1},
    ],
)
def test_onnx_of_every_kind_of_network(settings, tmp_path):
    """Each setting that changes what a network computes."""
    pytest.importorskip("onnx")
    from mtqnet_brain.inference.onnx import export_onnx

    torch.manual_seed(1)
    tasks = [Task("a", 1, 5), Task("b", 0, 1, activation="sigmoid")]
    sizes = {"channels": (2, 2, 2, 4), "blstm_hidden": 4, "dense_units": 4}
    network = MTQNet(tasks, **sizes, **settings).eval()
    for head in network.heads.values():
        head.attention.data *= 20  # else it is nearly an average
    assert export_onnx(network, tmp_path / "m.onnx") < 1e-4


def test_onnx_of_other_networks_is_refused(tiny_ssl, tmp_path):
    """With an SSL stream, or the published filter bank."""
    from mtqnet_brain.inference.onnx import OnnxNetwork

    tasks = [Task("a", 1, 5)]
    with pytest.raises(ValueError, match="not support networks with an SSL"):
        OnnxNetwork(MTQNet(tasks, ssl={"source": tiny_ssl()}))
    with pytest.raises(ValueError, match="MTQNet only, not MOSSSL"):
        OnnxNetwork(MOSSSL(tasks, {"source": tiny_ssl()}))
    with pytest.raises(ValueError, match="filter_bank: fixed"):
        OnnxNetwork(MTQNet(tasks, filter_bank="fixed"))


def test_predictor_takes_a_run_or_an_export(exported, tmp_path):
    """The same scores of a file."""
    soundfile.write(tmp_path / "x.wav", WAVE, RATE)
    found = [
        SpeechQualityPredictor.from_hparams(source).score_file(
            tmp_path / "x.wav"
        )
        for source in (GOLDEN, exported)
    ]
    assert found[0] == found[1] and found[0].keys() >= {"s_mos", "g_mos"}
