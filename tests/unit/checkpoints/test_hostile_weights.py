"""Weights of people who mean harm: checked before they are loaded.

Authors
 * The mtqnet-brain developers 2026
"""

import collections
import os
import zipfile

import pytest
import torch
from model_folders import change, rehash
from safetensors.torch import load_file, save_file

from mtqnet_brain.checkpoints.loading import load_network
from mtqnet_brain.checkpoints.run_folder import load_model
from mtqnet_brain.utils.files import file_hash
from mtqnet_brain.utils.untrusted_json import ModelError


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
