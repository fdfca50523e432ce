"""Hostile files of weights.

Authors
 * The mtqnet-brain developers 2026
"""

import io
import json
import os
import pickle
import struct
import zipfile

import torch
from safetensors.torch import save


class _Run:
    """Calls a function when it is unpickled."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        """Return what the unpickler calls."""
        return self.call


def saved(content, **options):
    """Return the bytes that ``torch.save`` writes."""
    file = io.BytesIO()
    torch.save(content, file, **options)
    return file.getvalue()


def _first(weights, change):
    """Change the largest weight."""
    name = max(weights, key=lambda n: weights[n].numel())
    return {**weights, name: change(weights[name])}


def _zip_bomb(name, megabytes=1500):
    """Return an archive with a member of zeros."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/version", "3\n")
        archive.writestr("archive/byteorder", "little")
        with archive.open(f"archive/{name}", "w", force_zip64=True) as member:
            for _ in range(megabytes):
                member.write(bytes(1 << 20))
    return file.getvalue()


def _members(content, change):
    """Change the members of an archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        with zipfile.ZipFile(file, "w") as new:
            for info in old.infolist():
                name, data = change(info.filename, old.read(info))
                new.writestr(name, data)
    return file.getvalue()


def touch(canary):
    """Return an object that makes a file, the canary, when it is unpickled."""
    return _Run(os.system, f"touch {canary}")


# What is saved with torch.save, from good weights and the canary.
CONTENTS = {
    "a pickled command": lambda w, c: touch(c),
    "a command among weights": lambda w, c: {**w, "x": touch(c)},
    "a command as a name": lambda w, c: {**w, touch(c): 1},
    "exec": lambda w, c: _Run(exec, f"open({str(c)!r}, 'w')"),
    "eval": lambda w, c: _Run(eval, f"open({str(c)!r}, 'w')"),
    "a list": lambda w, c: list(w.values()),
    "a number": lambda w, c: 3,
    "words": lambda w, c: dict.fromkeys(w, "weight"),
    "a network": lambda w, c: torch.nn.Linear(2, 2),
    "NaN": lambda w, c: _first(w, lambda x: x * float("nan")),
    "one NaN": lambda w, c: _first(w, _one_nan),
    "infinity": lambda w, c: _first(w, lambda x: x / 0),
    "1e38": lambda w, c: {n: _scaled(x, 1e38) for n, x in w.items()},
    "int8": lambda w, c: _first(w, lambda x: x.to(torch.int8)),
    "float64": lambda w, c: _first(w, lambda x: x.double()),
    "float16": lambda w, c: _first(w, lambda x: x.half()),
    "complex": lambda w, c: _first(w, lambda x: x.to(torch.complex64)),
    "sparse": lambda w, c: _first(w, lambda x: x.to_sparse()),
    "of no device": lambda w, c: _first(w, lambda x: x.to("meta")),
    "another shape": lambda w, c: _first(w, lambda x: x[..., :-1]),
    "another rank": lambda w, c: _first(w, lambda x: x[None]),
    "of no size": lambda w, c: _first(w, lambda x: x[:0]),
    "1e12 values of one": lambda w, c: _first(w, _expanded),
    "a name less": lambda w, c: dict(list(w.items())[1:]),
    "a name more": lambda w, c: {**w, "more": torch.zeros(3)},
    "numbers as names": lambda w, c: dict(enumerate(w.values())),
    "nothing": lambda w, c: {},
    "100,000 more": lambda w, c: {**w, **_many()},
    "1 GB more": lambda w, c: {**w, "more": torch.zeros(1 << 28)},
}


def _one_nan(weight):
    """Return a weight with one NaN."""
    weight = weight.clone()
    weight.view(-1)[-1] = float("nan")
    return weight


def _scaled(weight, factor):
    """Return a weight times a factor, or a counter as it is."""
    return weight * factor if weight.is_floating_point() else weight


def _expanded(weight):
    """Return a tensor of 1e12 elements that share one value."""
    return torch.zeros(1).expand(1_000_000, 1_000_000)


def _many():
    """Return very many small weights."""
    one = torch.zeros(1)
    return {f"more{n}": one for n in range(100_000)}


# What the file holds, from good bytes and the canary.
FILES = {
    "a bare pickle": lambda b, c: pickle.dumps(touch(c)),
    "a pickle of protocol 0": lambda b, c: pickle.dumps(touch(c), 0),
    "an old archive": lambda b, c: saved(
        touch(c), _use_new_zipfile_serialization=False
    ),
    "a pickle in a good archive": lambda b, c: _members(
        b, lambda n, d: (n, pickle.dumps(touch(c)) if "pkl" in n else d)
    ),
    "a compiled module": lambda b, c: _members(
        b, lambda n, d: (n.replace("data.pkl", "constants.pkl"), d)
    ),
    "members outside": lambda b, c: _members(b, lambda n, d: ("../../" + n, d)),
    "a bomb as pickle": lambda b, c: _zip_bomb("data.pkl"),
    "a bomb as weight": lambda b, c: _zip_bomb("data/0"),
    "cut": lambda b, c: b[: len(b) // 2],
    "empty": lambda b, c: b"",
    "zeros": lambda b, c: bytes(100_000),
    "noise": lambda b, c: b"PK\3\4" + os.urandom(0) + b"\xff" * 9999,
    "bytes behind": lambda b, c: b + b"\0" * 1000,
    "a flipped byte": lambda b, c: b[:5000] + bytes([b[5000] ^ 255]) + b[5001:],
    "opcodes without end": lambda b, c: b"\x80\x02" + b"(" * 10_000_000,
    "a long of 2 GB": lambda b, c: b"\x80\x02\x8b\xff\xff\xff\x7f",
}


def torch_attacks():
    """Return attacks on ``network.ckpt`` by name.

    Each takes the bytes of a good file and the canary.
    """
    found = dict(FILES)
    for name, make in CONTENTS.items():
        found[name] = lambda content, canary, make=make: saved(
            make(torch.load(io.BytesIO(content), weights_only=True), canary)
        )
    return found


def _header(content, change):
    """Change the header of a safetensors file."""
    length = struct.unpack("<Q", content[:8])[0]
    header = change(json.loads(content[8 : 8 + length]))
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + content[8 + length :]


def _entry(header, **changes):
    """Change the largest entry of a header."""
    name = max(header, key=lambda n: header[n].get("data_offsets", [0, 0])[1])
    return {**header, name: {**header[name], **changes}}


SAFE_HEADERS = {
    "offsets beyond the end": lambda h: _entry(h, data_offsets=[0, 1 << 50]),
    "offsets that overlap": lambda h: {
        n: {**e, "data_offsets": [0, 4]} for n, e in h.items()
    },
    "a shape of 1e18": lambda h: _entry(h, shape=[10**9, 10**9]),
    "a shape of -1": lambda h: _entry(h, shape=[-1]),
    "a shape of 2**70": lambda h: _entry(h, shape=[1 << 70]),
    "another type": lambda h: _entry(h, dtype="F64"),
    "an unknown type": lambda h: _entry(h, dtype="F3"),
    "metadata": lambda h: {"__metadata__": {"format": "pt"}, **h},
    "metadata of lists": lambda h: {"__metadata__": [1], **h},
    "a deep header": lambda h: b"[" * 100_000,
    "an empty header": lambda h: b"{}",
    "no JSON": lambda h: b"{'a'",
}


def safetensors_attacks():
    """Return attacks on ``model.safetensors`` by name.

    Each takes the bytes of a good file and the canary.
    """
    found = {
        "a header of 2**63": lambda b, c: struct.pack("<Q", 1 << 63) + b[8:],
        "a header of 2 GB": lambda b, c: struct.pack("<Q", 1 << 31) + b[8:],
        "a pickle": lambda b, c: pickle.dumps(touch(c)),
        "cut": lambda b, c: b[: len(b) // 2],
        "empty": lambda b, c: b"",
        "bytes behind": lambda b, c: b + bytes(1000),
    }
    for name, change in SAFE_HEADERS.items():
        found[name] = lambda b, c, change=change: _header(b, change)
    for name in ("NaN", "one NaN", "infinity", "1e38", "int8", "float16"):
        found[name] = _safe(CONTENTS[name])
    for name in ("another shape", "of no size", "a name less", "a name more"):
        found[name] = _safe(CONTENTS[name])
    return found


def _safe(make):
    """Return what saves changed weights as safetensors."""
    from safetensors.torch import load

    def attack(content, canary):
        """Change the weights."""
        weights = make(load(content), canary)
        return save({n: w.contiguous() for n, w in weights.items()})

    return attack
