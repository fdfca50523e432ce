"""Hostile folders of models: odd files, SSL models of other people.

Authors
 * The mtqnet-brain developers 2026
"""

import json
import os
from functools import lru_cache
from pathlib import Path

from mtqnet_brain.reproduction.tiny_ssl import save_tiny_ssl

from .weight_attacks import saved, touch

MODULE = """import os
os.system("touch {canary}")
from transformers import Wav2Vec2Config, Wav2Vec2Model
class Config(Wav2Vec2Config):
    pass
class Model(Wav2Vec2Model):
    config_class = Config
"""
DECOYS = "torch pickle json yaml multiprocessing sitecustomize custom conftest"


def _fifo(path):
    """Replace a file by a FIFO."""
    path.unlink()
    os.mkfifo(path)


def _link(target):
    """Return a change that replaces a file by a link."""

    def change(path):
        """Put it there."""
        path.unlink()
        path.symlink_to(target)

    return change


def _outside(path):
    """Move a file out of its folder and link to it."""
    outside = path.parent.parent / ("outside_" + path.name)
    path.rename(outside)
    path.symlink_to(outside)


def _folder(path):
    """Replace a file by a folder."""
    path.unlink()
    path.mkdir()


def _sparse(path):
    """Lengthen a file to a gigabyte of zeros, which the disk does not hold."""
    os.truncate(path, 1 << 30)


def _decoys(path):
    """Put modules beside the file that must not be imported."""
    canary = path.parent.parent.parent / "canary" / "ran"
    for name in DECOYS.split():
        text = f"open({str(canary)!r}, 'w')\n"
        (path.parent / f"{name}.py").write_text(text)


ODD_FILES = {
    "a FIFO": _fifo,
    "a link to /dev/zero": _link("/dev/zero"),
    "a link to /etc/passwd": _link("/etc/passwd"),
    "a link to /proc/self/environ": _link("/proc/self/environ"),
    "a link to itself": lambda path: _link(path.name)(path),
    "a dangling link": _link("nowhere"),
    "a link out of its folder": _outside,
    "a folder": _folder,
    "a gigabyte of zeros behind": _sparse,
    "missing": lambda path: path.unlink(),
    "among modules": _decoys,
}


@lru_cache
def _tiny_ssl(folder):
    """Return the files of a tiny SSL model by name."""
    save_tiny_ssl(folder, "wav2vec2")
    return {p.name: p.read_bytes() for p in Path(folder).iterdir()}


def _write_ssl(box, changes):
    """Write an SSL model into the box, some of its files changed."""
    folder = box.inputs / "ssl"
    folder.mkdir()
    files = _tiny_ssl(str(box.root.parent / "tiny_ssl")) | changes
    for name, content in files.items():
        if content is not None:
            (folder / name).write_bytes(content)
    return folder


def _config(box, **changes):
    """Return the changed configuration of the SSL model."""
    files = _tiny_ssl(str(box.root.parent / "tiny_ssl"))
    config = json.loads(files["config.json"]) | changes
    return json.dumps(config).encode()


def _custom(box):
    """Write an SSL model that brings its own code."""
    names = {"AutoConfig": "own.Config", "AutoModel": "own.Model"}
    module = MODULE.format(canary=box.canary).encode()
    changes = {"own.py": module}
    changes["config.json"] = _config(box, auto_map=names, model_type="own")
    return _write_ssl(box, changes)


def _custom_of_a_known_kind(box):
    """Write one that calls itself wav2vec 2.0."""
    folder = _custom(box)
    names = {"AutoConfig": "own.Config", "AutoModel": "own.Model"}
    names["AutoFeatureExtractor"] = "own.Model"
    (folder / "config.json").write_bytes(_config(box, auto_map=names))
    return folder


def _pickled(box):
    """Write one whose weights are a pickle that runs code."""
    weights = saved(touch(box.canary))
    changes = {"model.safetensors": None, "pytorch_model.bin": weights}
    return _write_ssl(box, changes)


def _huge(box):
    """Write one of very many units."""
    config = _config(box, hidden_size=1 << 20, num_hidden_layers=1000)
    return _write_ssl(box, {"config.json": config})


def _deep(box):
    """Write one whose configuration is deep."""
    return _write_ssl(box, {"config.json": b"[" * 100_000})


def _linked(box):
    """Write one whose weights are /dev/zero."""
    folder = _write_ssl(box, {"model.safetensors": None})
    (folder / "model.safetensors").symlink_to("/dev/zero")
    return folder


SSL_MODELS = {
    "in a folder": lambda box: _write_ssl(box, {}),
    "with code": _custom,
    "with code, of a known kind": _custom_of_a_known_kind,
    "with pickled weights": _pickled,
    "of 1e12 weights": _huge,
    "with a deep configuration": _deep,
    "with endless weights": _linked,
    "without files": lambda box: _write_ssl(box, {"config.json": None}),
}


def ssl_settings(name, box):
    """Return the value of ``ssl`` of one of `SSL_SETTINGS`.

    An SSL model that it needs is written into the box.
    """
    if name in SSL_MODELS:
        return {"source": str(SSL_MODELS[name](box)), "freeze": True}
    return json.loads(
        json.dumps(PLAIN[name]).replace("CANARY", str(box.canary))
    )


PLAIN = {
    "a path to save to": {"source": "a/b", "save_path": "CANARY"},
    "a path above": {"source": "../../x", "freeze": True},
    "the root": {"source": "/", "freeze": True},
    "a device": {"source": "/dev/zero"},
    "an address": {"source": "http://127.0.0.1:9/x", "freeze": True},
    "a list": {"source": ["a", "b"]},
    "a number": {"source": 3, "freeze": "yes"},
    "a revision that is a path": {"source": "a/b", "revision": "../../../x"},
    "an unknown setting": {"source": "a/b", "trust_remote_code": True},
    "no source": {"freeze": True},
    "a name of 1 MB": {"source": "x" * 1_000_000},
    "a NUL": {"source": "a\0b"},
}
SSL_SETTINGS = [*SSL_MODELS, *PLAIN]
