"""Run folders of people who mean harm: refused in one line, nothing runs.

Authors
 * The mtqnet-brain developers 2026
"""

import os

import pytest
import yaml
from model_folders import GOLDEN, PYTHON, change, copy

from mtqnet_brain.checkpoints.loading import load_network
from mtqnet_brain.checkpoints.run_folder import load_model
from mtqnet_brain.checkpoints.transfer import initialize_from, network_like
from mtqnet_brain.cli import main
from mtqnet_brain.inference.export import export_model
from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.tasks import Task
from mtqnet_brain.utils.untrusted_json import ModelError


def test_only_regular_files_inside_are_opened(exported, run, tmp_path):
    """A FIFO would wait for ever, a link may lead anywhere."""
    for folder, names in (
        (exported, ("hyperparams.yaml", "network.ckpt")),
        (run, ("model.json", "model.safetensors")),
    ):
        for name in names:
            path, away = folder / name, tmp_path / name
            path.rename(away)
            for make in (
                lambda p, away: os.mkfifo(p),
                lambda p, away: p.symlink_to(away),
                lambda p, away: p.symlink_to("/dev/zero"),
                lambda p, away: p.mkdir(),
            ):
                make(path, away)
                with pytest.raises(ModelError, match=name):
                    load_network(folder)
                path.rmdir() if path.is_dir() else path.unlink()
            path.symlink_to(path)
            with pytest.raises((FileNotFoundError, ModelError)):
                load_network(folder)
            path.unlink()
            away.rename(path)
        load_network(folder)


def test_a_hub_snapshot_may_link_to_its_blobs(template, tmp_path):
    """As the Hugging Face cache lays models out."""
    home = tmp_path / "models--a--b"
    blobs = copy(template, home / "blobs")
    snapshot = home / "snapshots" / "0123"
    snapshot.mkdir(parents=True)
    for path in blobs.iterdir():
        (snapshot / path.name).symlink_to(f"../../blobs/{path.name}")
    load_network(snapshot)


RUN_EDITS = {
    "class": lambda c: c.update({"class": "Popen"}),
    "class kind": lambda c: c.update({"class": ["MTQNet"]}),
    "network": lambda c: c.update(network=[1]),
    "no network": lambda c: c.pop("network"),
    "no hash": lambda c: c.pop("weights_sha256"),
    "foreign key": lambda c: c.update(extra=1),
    "save path": lambda c: c["network"].update(
        ssl={"source": "a/b", "save_path": "/etc"}
    ),
    "ssl text": lambda c: c["network"].update(ssl="a/b"),
    "width": lambda c: c["network"].update(channels=[10**6] * 4),
    "widths": lambda c: c["network"].update(channels=[4] * 10**4),
    "float width": lambda c: c["network"].update(blstm_hidden=1e300),
    "no tasks": lambda c: c["network"].update(tasks=[]),
    "task": lambda c: c["network"]["tasks"][0].update(name="a.b"),
    "task kind": lambda c: c["network"].update(tasks=[["s_mos", 1, 5]]),
    "task range": lambda c: c["network"]["tasks"][0].update(low=9),
    "tasks twice": lambda c: c["network"]["tasks"].append(
        c["network"]["tasks"][0]
    ),
    "column": lambda c: c["network"]["tasks"][0].update(column="a\nb"),
    "escape": lambda c: c.update(provenance={"run": "\x1b[2J"}),
    "provenance": lambda c: c.update(provenance="x"),
    "sources": lambda c: c.update(provenance={"label_sources": ["x"]}),
    "count": lambda c: c.update(provenance={"train_utterances": "x"}),
}


@pytest.mark.parametrize("kind", RUN_EDITS)
def test_settings_of_a_run_are_data(kind, run, tmp_path):
    """By every way that leads to them."""
    change(run, RUN_EDITS[kind])
    network = MTQNet([Task("s_mos", 1, 5)], channels=(2, 2, 2, 2))
    for use in (
        load_model,
        load_network,
        lambda folder: export_model(folder, tmp_path / "out"),
        lambda folder: initialize_from(network, folder),
        lambda folder: network_like(folder, [Task("s_mos", 1, 5)]),
    ):
        with pytest.raises(ModelError) as error:
            use(run)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 100_000,
        '{"a": ' * 20 + "1" + "}" * 20,
        '{"weights_sha256": 1, "weights_sha256": 2}',
        '{"network": NaN}',
        '{"network": ' + "9" * 100 + "}",
        '"' + "x" * 5_000_000 + '"',
        "\ufeff\udcff",
    ],
)
def test_json_of_a_run_is_bounded(text, run):
    """No JSON, too deep, too large, doubled, not finite, not UTF-8."""
    content = text.encode("utf-8", "surrogateescape")
    (run / "model.json").write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.json"):
        load_model(run)


def test_no_text_of_a_run_becomes_code(run, tmp_path, trace, capsys):
    """`mtqnet export` wrote provenance into YAML that SpeechBrain runs."""
    payload = f"({PYTHON})".replace("{trace}", str(trace))
    for edit in (
        lambda c: c.update(provenance={"label_sources": {"s_mos": payload}}),
        lambda c: c.update(provenance={"label_sources": {payload: "x"}}),
        lambda c: c["network"]["tasks"][0].update(column=payload),
        lambda c: c["network"].update(ssl={"source": payload}),
    ):
        copy(GOLDEN, run.parent / "copy")
        change(run.parent / "copy", edit)
        out = tmp_path / "out"
        assert main(["export", str(run.parent / "copy"), str(out)]) == 2
        assert capsys.readouterr().err.count("\n") == 1
        assert not (out / "hyperparams.yaml").exists()
        for folder in (run.parent / "copy", out):
            if folder.exists():
                for path in folder.iterdir():
                    path.unlink()
                folder.rmdir()


def test_card_and_yaml_hold_text_as_text(run, tmp_path):
    """Marks of Markdown and HTML in a label's source."""
    source = "<script>x</script> | `a` [b](c)"
    change(
        run, lambda c: c.update(provenance={"label_sources": {"s_mos": source}})
    )
    export_model(run, tmp_path / "out")
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "<script>" not in card and "[b](c)" not in card
    text = (tmp_path / "out" / "hyperparams.yaml").read_text(encoding="utf-8")
    tail = text[text.index("provenance:") :]
    assert (
        yaml.safe_load(tail)["provenance"]["label_sources"]["s_mos"] == source
    )


@pytest.mark.parametrize(
    "metrics", ["[1]", '{"s_mos": 1}', '{"s_mos": {"role": "primary"}}', "{"]
)
def test_figures_of_a_run_are_data(metrics, run, tmp_path, capsys):
    """A report that is none is refused when a card is made of it."""
    (run.parent / "metrics.json").write_text(metrics)
    assert main(["export", str(run.parent), str(tmp_path / "out")]) == 2
    err = capsys.readouterr().err
    assert "metrics.json" in err and err.count("\n") == 1
