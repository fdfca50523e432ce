"""Hyperparameter files of people who mean harm: refused, nothing runs.

Authors
 * The mtqnet-brain developers 2026
"""

import time

import pytest
from model_folders import PYTHON, SSL, rewrite

from mtqnet_brain.checkpoints.loading import load_network
from mtqnet_brain.inference.predictor import SpeechQualityPredictor
from mtqnet_brain.utils.untrusted_json import ModelError

HYPERPARAMETERS = {
    "apply": ("provenance:", "modules_: !apply:os.system ['touch {trace}']\n"),
    "apply below": (SSL, "    ssl: !apply:os.system ['touch {trace}']"),
    "name": (SSL, "    ssl: !name:os.system ['touch {trace}']"),
    "new": (SSL, "    ssl: !new:subprocess.Popen ['touch {trace}']"),
    "module": (SSL, "    ssl: !module:antigravity"),
    "python tag": (SSL, "    ssl: " + PYTHON),
    "include": (SSL, "    ssl: !include:/etc/hostname"),
    "applyref": (SSL, "    ssl: !applyref:os.system ['touch {trace}']"),
    "arithmetic": (SSL, "    ssl: !ref 9**9**9"),
    "reference": (SSL, "    ssl: !ref <weights_sha256>"),
    "copy": (SSL, "    ssl: !copy <tasks>"),
    "tuple in a setting": ("dropout: 0.3", f"dropout: ({PYTHON})"),
    "quoted tuple": ("dropout: 0.3", f"dropout: '({PYTHON})'"),
    "network of a reference": (
        "modules:\n    network: !ref <network>",
        "modules: {}",
    ),
    "paths": (
        "    loadables:",
        "    paths:\n        network: ../../elsewhere.ckpt\n    loadables:",
    ),
    "save path": (
        SSL,
        "    ssl:\n        source: a/b\n        save_path: /etc",
    ),
    "save path of a reference": (
        SSL,
        "    ssl: !ref <x>\nx:\n    source: a/b\n    save_path: /etc\ny:",
    ),
    "alias bomb": (SSL, "    ssl: &a [*a, *a]"),
    "merge": (SSL, "    <<: {ssl: null}"),
    "tag in key": (
        "provenance:",
        "? !apply:os.system ['touch {trace}']\n: 1\n",
    ),
    "key twice": (SSL, SSL + "\n" + SSL),
    "huge number": ("dropout: 0.3", "dropout: " + "9" * 5000),
    "huge network": ("blstm_hidden: ", "blstm_hidden: 100000"),
    "negative": ("blstm_hidden: ", "blstm_hidden: -1"),
    "not finite": ("dropout: 0.3", "dropout: .nan"),
    "boolean for a number": ("dropout: 0.3", "dropout: true"),
    "no number": ("dropout: 0.3", "dropout: a lot"),
    "too deep": (SSL, "    ssl: " + "[" * 5000),
    "too long": (SSL, "    ssl: '" + "x" * 100_000 + "'"),
    "name of a head": ("name: s_mos", "name: keys"),
    "path as a name": ("name: s_mos", "name: ../../x"),
    "no UTF-8": (SSL, "    ssl: \udcff"),
}


@pytest.mark.parametrize("kind", HYPERPARAMETERS)
def test_hyperparameters_are_data(kind, exported, trace):
    """Whatever they say is refused in a line that names the file."""
    old, new = HYPERPARAMETERS[kind]
    path = exported / "hyperparams.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    text = text.replace(old, new.replace("{trace}", str(trace)), 1)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    started = time.process_time()
    with pytest.raises(ModelError, match=r"hyperparams\.yaml") as error:
        load_network(exported)
    assert time.process_time() - started < 5
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_tuples_stay_text(quote, exported, trace):
    """HyperPyYAML takes text in round brackets for a tuple, and runs it."""
    payload = f"({PYTHON})".replace("{trace}", str(trace))
    payload = payload.replace('"', "''" if quote == "'" else "")
    rewrite(exported, "    {}", f"    note: {quote}{payload}{quote}")
    assert load_network(exported)[1]["provenance"] == {
        "note": payload.replace("''", "'")
    }


def test_line_of_an_offence_is_named(exported):
    """A tag that YAML's own reader would act upon."""
    rewrite(exported, "provenance:", "provenance: !!binary aGk=\nx:")
    lines = (exported / "hyperparams.yaml").read_text().splitlines()
    number = next(i for i, x in enumerate(lines, 1) if "!!binary" in x)
    with pytest.raises(ModelError, match=f"line {number}: "):
        load_network(exported)


def test_trust_opts_out(exported, tmp_path):
    """The same file, loaded on request."""
    made = tmp_path / "made"
    new = f"extra: !apply:os.system ['touch {made}']\nprovenance:"
    rewrite(exported, "provenance:", new)
    with pytest.raises(ModelError, match="extra"):
        load_network(exported)
    assert not made.exists()
    load_network(exported, trust=True)
    assert made.exists()


def test_predictor_refuses_what_the_loader_refuses(exported):
    """The class that users call."""
    rewrite(exported, SSL, "    ssl: !ref 9**9**9")
    with pytest.raises(ModelError):
        SpeechQualityPredictor.from_hparams(exported)
