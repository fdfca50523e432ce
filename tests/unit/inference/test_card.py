"""The card of a model: what it says, and that its code runs.

Authors
 * The mtqnet-brain developers 2026
"""

import contextlib
import io
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import pearsonr

from mtqnet_brain.cli import main
from mtqnet_brain.inference.card import CardAdditions
from mtqnet_brain.inference.export import export_model

GOLDEN = Path(__file__).parents[2] / "golden" / "tiny_model"


@pytest.fixture(scope="module")
def zoo(tmp_path_factory):
    """The committed network as a zoo model."""
    folder = tmp_path_factory.mktemp("card") / "zoo"
    export_model(GOLDEN, folder, CardAdditions(license_name="cc-by-4.0"))
    return folder


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


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--license", "mine\ntags: x"),
        ("--language", "English"),
        ("--language", "zh, en"),
        ("--datasets", "a/b/c"),
        ("--datasets", "x: y"),
    ],
)
def test_words_that_would_break_the_front_matter(
    option, value, tmp_path, capsys
):
    """Refused before anything is written."""
    out = tmp_path / "out"
    assert main(["export", str(GOLDEN), str(out), option, value]) == 2
    assert "need names of the hub, such as" in capsys.readouterr().err
    assert not out.exists()


def write_run(run):
    """Write a run with results and the names of private folders.

    Returns scipy's LCC of its predictions.
    """
    shutil.copytree(GOLDEN, run / "model")
    settings = json.loads((run / "model" / "model.json").read_text())
    settings["provenance"] = {
        "run": "secret/trial_7",
        "pretrained": "secret/trial_6 0123456789ab",
        "train_utterances": 12,
        "command": "python train.py x.yaml --lr 1",
        "commit": "f" * 40,
    }
    (run / "model" / "model.json").write_text(json.dumps(settings))
    values = np.random.default_rng(0).normal(3, 1, (400, 2)) @ [[1, 1], [0, 1]]
    lines = ["s_mos_true,s_mos_predicted"]
    lines += [f"{true:.6f},{predicted:.6f}" for true, predicted in values]
    (run / "predictions_test.csv").write_text("\n".join(lines) + "\n")
    lcc = pearsonr(*values.T)
    figures = {"n": 400, "lcc": lcc.statistic, "srcc": 0.7, "mse": 9.0}
    figures |= {"role": "primary", "source": "3QUEST"}
    (run / "metrics.json").write_text(json.dumps({"s_mos": figures}))
    return lcc


def test_card_of_a_run_and_of_its_export(tmp_path):
    """Command, commit, intervals near Fisher's; no name of a folder."""
    lcc = write_run(tmp_path / "secret" / "trial_7")
    ends = lcc.confidence_interval()
    expected = pytest.approx([lcc.statistic, ends.low, ends.high], abs=0.015)
    out, again = tmp_path / "out", tmp_path / "again"
    additions = CardAdditions(datasets=("a/b",))
    export_model(tmp_path / "secret" / "trial_7", out, additions)
    export_model(out, again, CardAdditions(notes="## More\n\nOf it."))
    for folder in (out, again):
        card = (folder / "README.md").read_text()
        assert "trial_" not in card and "secret" not in card
        assert "secret" not in (folder / "hyperparams.yaml").read_text()
        for text in (
            "\n12 clips.\n",
            "```bash\npython train.py x.yaml --lr 1\n```",
            f"at commit {'f' * 40}.",
            "began with the weights of another model (0123456789ab).",
            "\ndatasets:\n- a/b\n",
        ):
            assert text in card
        row = re.search(r"\| s_mos \| 400 \| ([\d.]+) \[(.*?), (.*?)\]", card)
        assert [float(x) for x in row.groups()] == expected
    assert "|\n\n## More\n\nOf it.\n\n## Limits" in card


def test_every_card_cites_paper_toolkit_and_project(zoo):
    """With their identifiers."""
    card = (zoo / "README.md").read_text()
    for text in ("2308.09262", "2106.04624", "mtqnet-brain developers"):
        assert text in card.split("## Citing")[1]
    assert "pip install mtqnet-brain" in card and '"cuda:0"' in card
