"""Settings of the networks: defaults, rules, plain form.

Authors
 * The mtqnet-brain developers 2026
"""

import json
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
import yaml

from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.model.network_settings import NetworkSettings, SSLSettings
from mtqnet_brain.tasks import Task

ROOT = Path(__file__).parents[3]
TASKS = [Task("s_mos", 1, 5)]
# As model.json and exported hyperparameters have them, in this order.
PAPER = {
    "spectrum": True,
    "spectrum_ends": "zeros",
    "filter_bank": "sinc",
    "waveform_norm": "none",
    "compression": "none",
    "compression_power": 0.3,
    "compression_floor": 0.01,
    "conv_norm": "none",
    "conv_strides": "late",
    "channels": [16, 32, 64, 128],
    "blstm_hidden": 128,
    "dense_units": 128,
    "dropout": 0.3,
    "attention_seconds": None,
}


def test_defaults_and_plain_form_are_those_of_old_folders():
    """Keys in the order written before, lists for JSON."""
    settings = NetworkSettings()
    assert list(settings.to_dict().items()) == list(PAPER.items())
    assert NetworkSettings.of(json.loads(json.dumps(PAPER))) == settings
    old = {k: v for k, v in PAPER.items() if k != "attention_seconds"}
    assert NetworkSettings.of(old) == settings
    plain = MTQNet(TASKS, channels=(1, 1, 1, 1)).settings()
    assert list(plain) == ["tasks", "ssl", *PAPER]
    with pytest.raises(FrozenInstanceError):
        settings.dropout = 0.5


def test_hyperparameter_file_lists_every_setting_and_default():
    """hparams/mtqnet.yaml and the dataclass agree."""
    text = (ROOT / "hparams" / "mtqnet.yaml").read_text()
    content = yaml.safe_load(text.replace("!name:", "# "))
    assert content.pop("ssl") == {}
    assert content == PAPER


@pytest.mark.parametrize(
    "name, value, need",
    [
        ("dense_units", 0, "a whole number from 1 to 1024"),
        ("dense_units", "many", "a whole number from 1 to 1024"),
        ("blstm_hidden", -1, "a whole number from 1 to 512"),
        ("blstm_hidden", 2.5, "a whole number from 1 to 512"),
        ("blstm_hidden", True, "a whole number from 1 to 512"),
        ("channels", [1, 2], "a list of 4 values"),
        ("channels", 16, "a list of 4 values"),
        ("dropout", 1, "a number from 0 to 0.99"),
        ("dropout", float("nan"), "a number from 0 to 0.99"),
        ("compression_power", None, "a number from 0.01 to 2"),
        ("spectrum", "yes", "true or false"),
        ("conv_strides", "soon", "one of late, early"),
        ("attention_seconds", 0, "a number from 0.1 to 60"),
    ],
)
def test_invalid_values_are_named(name, value, need):
    """Setting, value and valid values, in one line."""
    with pytest.raises(ValueError) as caught:
        MTQNet(TASKS, **{name: value})
    assert str(caught.value) == (
        f"network {name}: {value!r} is invalid, need {need}"
    )


def test_a_width_is_named_by_its_place():
    """Of four."""
    with pytest.raises(ValueError, match=r"network channels\[2\]: 0 is"):
        NetworkSettings(channels=(16, 32, 0, 128))


def test_unknown_settings_are_refused():
    """With those that there are."""
    with pytest.raises(ValueError, match="'blstm' is invalid, need keys amo"):
        MTQNet(TASKS, blstm=3)


def test_mismatches_are_those_that_change_the_meaning_of_weights():
    """Sizes may differ; what no compression uses, too."""
    paper = NetworkSettings()
    assert paper.mismatches(NetworkSettings(blstm_hidden=8, dropout=0)) == []
    assert paper.mismatches(NetworkSettings(compression_floor=0.1)) == []
    other = NetworkSettings(compression="power", compression_floor=0.1)
    assert paper.mismatches(other) == [
        "compression: none here, power there",
        "compression_floor: 0.01 here, 0.1 there",
    ]
    ssl = SSLSettings("a", freeze=True, revision="x")
    assert ssl.mismatches(SSLSettings("a")) == []
    assert ssl.mismatches(SSLSettings("b")) == ["source: a here, b there"]
