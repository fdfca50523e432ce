"""Model folders of people who mean harm: refused in one line, nothing runs.

Authors
 * The mtqnet-brain developers 2026
"""

import collections
import json
import os
import time
import zipfile
from pathlib import Path

import pytest
import torch
import yaml
from safetensors.torch import load_file, save_file

from mtqnet_brain.checkpoints.loading import load_network
from mtqnet_brain.checkpoints.run_folder import file_hash, load_model
from mtqnet_brain.checkpoints.transfer import initialize_from, network_like
from mtqnet_brain.cli import main
from mtqnet_brain.inference.export import export_model
from mtqnet_brain.inference.predictor import SpeechQualityPredictor
from mtqnet_brain.model.mtqnet import MTQNet
from mtqnet_brain.tasks import Task
from mtqnet_brain.utils.untrusted_json import ModelError

GOLDEN = Path(__file__).parents[2] / "golden" / "tiny_model"


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """Return a zoo model. Not to be changed."""
    folder = tmp_path_factory.mktemp("zoo") / "model"
    export_model(GOLDEN, folder)
    return folder


@pytest.fixture
def exported(template, tmp_path):
    """Return a zoo model of one's own."""
    return copy(template, tmp_path / "zoo")


@pytest.fixture
def run(tmp_path):
    """Return the folder of a trained network."""
    return copy(GOLDEN, tmp_path / "run" / "model")


@pytest.fixture
def trace(tmp_path):
    """Return a path that no code may make."""
    path = tmp_path / "trace"
    yield path
    assert not path.exists()


def copy(source, target):
    """Copy a folder's files."""
    target.mkdir(parents=True)
    for path in source.iterdir():
        (target / path.name).write_bytes(path.read_bytes())
    return target


def rewrite(folder, old, new):
    """Change the hyperparameter file."""
    path = folder / "hyperparams.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def rehash(folder):
    """Write the hash of the weights that are there now."""
    path = folder / "hyperparams.yaml"
    lines = path.read_text().splitlines()
    digest = file_hash(folder / "network.ckpt")
    lines = [
        f"weights_sha256: {digest}" if line.startswith("weights_") else line
        for line in lines
    ]
    path.write_text("\n".join(lines) + "\n")


def change(folder, edit):
    """Change a run's settings."""
    path = folder / "model.json"
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))


PYTHON = '!!python/object/apply:os.system ["touch {trace}"]'
SSL = "    ssl: null"
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


class Bomb:
    """Runs a command when it is unpickled."""

    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        """Tell pickle what to call."""
        return os.system, (self.command,)


class Bloat:
    """Takes memory when it is unpickled, of names that torch admits."""

    def __reduce__(self):
        """Tell pickle what to call."""
        return bytearray, (10**11,)


def pickles(weights):
    """Return contents of a file of weights that must be refused, by kind."""
    name = next(name for name in weights if name.endswith("dense.weight"))
    wide = torch.zeros(1).expand(100_000, 100_000)
    return {
        "bytes": {**weights, name: Bloat()},
        "expanded": {**weights, name: wide},
        "shape": {**weights, name: torch.zeros(3, 3)},
        "kind": {**weights, name: weights[name].double()},
        "not finite": {**weights, name: weights[name] * float("nan")},
        "foreign": {**weights, "heads.x.weight": torch.zeros(1)},
        "missing": {n: w for n, w in weights.items() if n != name},
        "no tensor": {**weights, name: [1, 2]},
        "no mapping": list(weights.values()),
        "complex": {**weights, name: weights[name].to(torch.complex64)},
        "sparse": {**weights, name: weights[name].to_sparse()},
        "counter": collections.Counter(a=1),
        "too large": {**weights, "x": torch.zeros(3_000_000)},
    }


@pytest.mark.parametrize("trust", [False, True])
def test_weights_are_checked_first(trust, exported):
    """With the right hash."""
    path = exported / "network.ckpt"
    contents = pickles(torch.load(path, weights_only=True))
    for kind, content in contents.items():
        torch.save(content, path)
        rehash(exported)
        with pytest.raises(ModelError, match=r"network\.ckpt") as error:
            load_network(exported, trust=trust)
        assert "\n" not in str(error.value), kind


@pytest.mark.parametrize("trust", [False, True])
def test_pickle_bomb_does_not_go_off(trust, exported, trace):
    """Even with the right hash and with trust."""
    torch.save({"weight": Bomb(f"touch {trace}")}, exported / "network.ckpt")
    rehash(exported)
    with pytest.raises(ModelError, match="names 'posix system'"):
        load_network(exported, trust=trust)


def test_damaged_and_packed_weights(exported):
    """Cut, empty, text, a legacy pickle, a zip bomb."""
    path = exported / "network.ckpt"
    content = path.read_bytes()
    weights = torch.load(path, weights_only=True)
    with zipfile.ZipFile(path) as archive:
        entries = {i.filename: archive.read(i) for i in archive.infolist()}
    for kind in ("cut", "empty", "text", "legacy", "packed", "flipped"):
        if kind == "legacy":
            torch.save(weights, path, _use_new_zipfile_serialization=False)
        elif kind == "packed":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, data in entries.items():
                    archive.writestr(name, data)
                archive.writestr("bomb", bytes(10**8))
        else:
            cut = content[: len(content) // 2]
            flipped = content.replace(
                b"_rebuild_tensor_v2", b"_rebuild_tensor_v9"
            )
            path.write_bytes(
                {
                    "cut": cut,
                    "empty": b"",
                    "text": b"hello",
                    "flipped": flipped,
                }[kind]
            )
        rehash(exported)
        with pytest.raises(ModelError, match=r"network\.ckpt") as error:
            load_network(exported)
        assert "\n" not in str(error.value), kind


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


def test_safetensors_are_checked_first(run):
    """A head that lies, other names, shapes, kinds, NaN; the right hash."""
    path = run / "model.safetensors"
    weights, content = load_file(path), path.read_bytes()
    name = next(name for name in weights if name.endswith("dense.weight"))
    changed = [
        {**weights, name: torch.zeros(3, 3)},
        {**weights, name: weights[name].half()},
        {**weights, name: weights[name] * float("inf")},
        {**weights, "x": torch.zeros(1)},
        {n: w for n, w in weights.items() if n != name},
    ]
    broken = [
        b"",
        content[:100],
        (2**62).to_bytes(8, "little") + content[8:],
        (10**6).to_bytes(8, "little") + content[8:],
        content + bytes(100),
    ]
    for case in [*changed, *broken]:
        if isinstance(case, bytes):
            path.write_bytes(case)
        else:
            save_file(case, path)
        change(run, lambda c: c.update(weights_sha256=file_hash(path)))
        for use in (load_model, load_network):
            with pytest.raises(ModelError, match="safetensors"):
                use(run)


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


def test_predictor_refuses_what_the_loader_refuses(exported):
    """The class that users call."""
    rewrite(exported, SSL, "    ssl: !ref 9**9**9")
    with pytest.raises(ModelError):
        SpeechQualityPredictor.from_hparams(exported)
