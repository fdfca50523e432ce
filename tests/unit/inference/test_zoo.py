"""An export as a model of SpeechBrain's zoo.

Authors
 * The mtqnet-brain developers 2026
"""

import contextlib
import io
import json
import re
from pathlib import Path

import pytest
import torch
from speechbrain.inference.interfaces import foreign_class

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


def test_own_loader_runs_no_interface_file(zoo):
    """A hostile custom.py is never imported."""
    (zoo / "custom.py").write_text("raise SystemExit('ran')")
    SpeechQualityPredictor.from_hparams(zoo)


def test_snippets_of_the_card_run(zoo, monkeypatch):
    """Each prints the golden scores, pasted in the folder."""
    monkeypatch.chdir(zoo)
    card = (zoo / "README.md").read_text()
    golden = json.loads((zoo / "golden.json").read_text())
    snippets = re.findall(r"```python\n(.*?)```", card, re.DOTALL)
    assert len(snippets) == 2
    for snippet in snippets:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(snippet, {})
        assert f"'s_mos': {golden['s_mos']}" in out.getvalue()


def test_licence_is_never_assumed(zoo, tmp_path):
    """Front matter has the licence asked for, or none."""
    assert "\nlicense: cc-by-4.0\n" in (zoo / "README.md").read_text()
    export_model(GOLDEN, tmp_path / "none")
    assert "\nlicense:" not in (tmp_path / "none" / "README.md").read_text()


def test_shipped_model_is_exported_again(tmp_path):
    """Its weights stay bit-equal."""
    export_model(SHIPPED, tmp_path / "again")
    for name in ("network.ckpt",):
        old, new = (
            torch.load(folder / name, weights_only=True)
            for folder in (SHIPPED, tmp_path / "again")
        )
        assert old.keys() == new.keys()
        assert all(torch.equal(old[key], new[key]) for key in old)


def test_keywords_of_speechbrain(zoo):
    """Harmless ones are taken; others are refused with the word trust."""
    SpeechQualityPredictor.from_hparams(
        source=zoo,
        run_opts={"device": "cpu"},
        freeze_params=True,
        hparams_file="hyperparams.yaml",
        overrides={},
        overrides_must_match=True,
        download_only=False,
        use_auth_token=False,
        revision=None,
    )
    with pytest.raises(ValueError, match=r"overrides: .*trust"):
        SpeechQualityPredictor.from_hparams(zoo, overrides={"a": 1})


def test_one_wav_is_a_batch_of_one(zoo):
    """As EncoderClassifier takes it."""
    model = SpeechQualityPredictor.from_hparams(zoo)
    wav = torch.rand(16000) - 0.5
    one, batch = model.score_batch(wav), model.score_batch(wav[None])
    assert one.keys() == batch.keys()
    assert all(torch.equal(one[name], batch[name]) for name in one)
