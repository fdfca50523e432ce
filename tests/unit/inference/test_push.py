"""``mtqnet export --push``: up to the hub, and down again.

Authors
 * The mtqnet-brain developers 2026
"""

import contextlib
import io
import json
import re
from pathlib import Path

import pytest
from hub_stand_in import stand_in_hub

from mtqnet_brain.cli import main
from mtqnet_brain.inference.predictor import SpeechQualityPredictor

GOLDEN = Path(__file__).parents[2] / "golden" / "tiny_model"
NAME = "someone/quality-1"


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """The hub's stand-in."""
    with stand_in_hub(monkeypatch, tmp_path / "cache") as hub:
        yield hub


def push(tmp_path):
    """Export and upload the committed network."""
    return main(["export", str(GOLDEN), str(tmp_path / "zoo"), "--push", NAME])


def test_an_uploaded_model_is_used_as_its_card_says(
    hub, tmp_path, monkeypatch, capsys
):
    """Every file arrives whole; both snippets print the golden scores."""
    assert push(tmp_path) == 0
    assert f"uploaded: {hub.url}/{NAME}/commit/" in capsys.readouterr().out
    (made,) = hub.made
    assert (made["organization"], made["name"]) == tuple(NAME.split("/"))
    paths = {path.name: path for path in (tmp_path / "zoo").iterdir()}
    assert {n: p.read_bytes() for n, p in paths.items()} == hub.files
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    card, golden = (hub.files[n] for n in ("README.md", "golden.json"))
    snippets = re.findall(r"```python\n(.*?)```", card.decode(), re.DOTALL)
    assert len(snippets) == 2
    for snippet in snippets:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(snippet, {})
        assert f"'s_mos': {json.loads(golden)['s_mos']}" in out.getvalue()


def test_download_only_leaves_the_files_in_savedir(hub, tmp_path):
    """And returns nothing, as SpeechBrain's."""
    assert push(tmp_path) == 0
    savedir = tmp_path / "saved"
    found = SpeechQualityPredictor.from_hparams(
        NAME, savedir=savedir, download_only=True
    )
    assert found is None
    for name in ("hyperparams.yaml", "network.ckpt"):
        assert (savedir / name).read_bytes() == hub.files[name]


def test_revision_and_token_reach_the_hub(hub, tmp_path):
    """By SpeechBrain's keywords, for each file."""
    assert push(tmp_path) == 0
    SpeechQualityPredictor.from_hparams(
        NAME, revision="v2", use_auth_token="a-token"
    )
    for name in ("hyperparams.yaml", "network.ckpt", "calibration.json"):
        asked = (f"/{NAME}/resolve/v2/{name}", "Bearer a-token")
        assert asked in hub.asked


def test_a_refusal_is_named_and_the_folder_stays(hub, tmp_path, capsys):
    """With the command that uploads it later."""
    hub.refuse = True
    assert push(tmp_path) == 2
    error = capsys.readouterr().err
    assert "not uploaded" in error and f"hf upload {NAME}" in error
    assert (tmp_path / "zoo" / "hyperparams.yaml").exists()


@pytest.mark.parametrize("name", ["x", "a/b/c", "../x", "a/b..c", "a/-b"])
def test_names_that_the_hub_would_refuse(name, tmp_path, capsys):
    """Before anything is written."""
    out = tmp_path / "zoo"
    assert main(["export", str(GOLDEN), str(out), "--push", name]) == 2
    assert "need OWNER/NAME" in capsys.readouterr().err
    assert not out.exists()
