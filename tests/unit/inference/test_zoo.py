"""An export as a model of SpeechBrain's zoo.

Authors
 * The mtqnet-brain developers 2026
"""

import json
import os
import shutil
from pathlib import Path

import pytest
import torch
import yaml
from speechbrain.inference.interfaces import foreign_class
from speechbrain.utils.fetching import FetchConfig, LocalStrategy

from mtqnet_brain.cli import main
from mtqnet_brain.inference.card import CardAdditions
from mtqnet_brain.inference.export import export_model
from mtqnet_brain.inference.predictor import (
    SHIPPED,
    SpeechQualityPredictor,
)

GOLDEN = Path(__file__).parents[2] / "golden" / "tiny_model"


@pytest.fixture
def zoo(tmp_path):
    """The committed network as a zoo model."""
    export_model(
        GOLDEN, tmp_path / "zoo", CardAdditions(license_name="cc-by-4.0")
    )
    return tmp_path / "zoo"


def test_foreign_class_gives_golden_scores(zoo):
    """Stock SpeechBrain loads the folder, by name and by default."""
    golden = json.loads((zoo / "golden.json").read_text())
    for options in ({}, {"classname": "SpeechQualityPredictor"}):
        model = foreign_class(
            source=str(zoo), pymodule_file="custom.py", **options
        )
        scores = model.score_file(zoo / "golden.wav")
        assert {name: scores[name] for name in golden} == golden


def test_own_loader_runs_no_interface_file(zoo, tmp_path):
    """A hostile custom.py is never imported, opened or copied."""
    ours = (zoo / "custom.py").read_bytes()
    for make in (
        os.mkfifo,  # would wait for ever
        lambda path: path.symlink_to("/dev/zero"),
        lambda path: path.write_text("raise SystemExit('ran')"),
    ):
        (zoo / "custom.py").unlink()
        make(zoo / "custom.py")
        SpeechQualityPredictor.from_hparams(zoo)
    SpeechQualityPredictor.from_hparams(zoo, trust=True)
    export_model(zoo, tmp_path / "again")
    assert (tmp_path / "again" / "custom.py").read_bytes() == ours


def test_shipped_model_is_exported_again(tmp_path):
    """Weights bit-equal; calibration, results and notes are carried over."""
    out = tmp_path / "out"
    command = ["export", str(SHIPPED), str(out), "--language", "zh,en"]
    assert main([*command, "--license", "apache-2.0"]) == 0
    old, new = (
        torch.load(folder / "network.ckpt", weights_only=True)
        for folder in (SHIPPED, out)
    )
    assert old.keys() == new.keys()
    assert all(torch.equal(old[key], new[key]) for key in old)
    old, new = ((f / "README.md").read_text() for f in (SHIPPED, out))
    front = yaml.safe_load(new.split("---\n")[1])
    assert (front["language"], front["license"]) == (["zh", "en"], "apache-2.0")
    old, new = (card.split("\n## Metrics\n")[1] for card in (old, new))
    old, new = (card.split("\n## Limits\n")[0] for card in (old, new))
    assert len(old) > 9000 and new == old
    scores = [
        SpeechQualityPredictor.from_hparams(folder).score_file(
            SHIPPED / "golden.wav", intervals=True
        )
        for folder in (SHIPPED, out)
    ]
    assert scores[0] == scores[1] and "g_mos_low" in scores[0]


def test_calibration_of_other_weights_is_not_carried(tmp_path, capsys):
    """It is refused, as when the model is loaded."""
    shutil.copytree(SHIPPED, tmp_path / "model")
    path = tmp_path / "model" / "calibration.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "weights_sha256": "0" * 64}))
    out = tmp_path / "out"
    assert main(["export", str(tmp_path / "model"), str(out)]) == 2
    assert "made for weights 000000000000" in capsys.readouterr().err
    assert not (out / "hyperparams.yaml").exists()


def test_keywords_of_speechbrain(zoo):
    """Harmless ones are taken; others are refused with the word trust."""
    SpeechQualityPredictor.from_hparams(
        source=zoo,
        run_opts={"device": "cpu"},
        freeze_params=True,
        hparams_file="hyperparams.yaml",
        overrides={},
        overrides_must_match=True,
        fetch_config=FetchConfig(allow_network=False),
        local_strategy=LocalStrategy.COPY,
        download_only=False,
        use_auth_token=False,
        revision=None,
    )
    for refused in ({"overrides": {"a": 1}}, {"hparams_file": "other.yaml"}):
        (name,) = refused
        with pytest.raises(ValueError, match=f"{name}: .*trust"):
            SpeechQualityPredictor.from_hparams(zoo, **refused)


def test_one_wav_is_a_batch_of_one(zoo):
    """As EncoderClassifier takes it."""
    model = SpeechQualityPredictor.from_hparams(zoo)
    wav = torch.rand(16000) - 0.5
    one, batch = model.score_batch(wav), model.score_batch(wav[None])
    assert one.keys() == batch.keys()
    assert all(torch.equal(one[name], batch[name]) for name in one)
