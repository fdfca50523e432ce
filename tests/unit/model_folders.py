"""Copies of model folders, and how to change them.

Authors
 * The mtqnet-brain developers 2026
"""

import json
from pathlib import Path

from mtqnet_brain.utils.files import file_hash

GOLDEN = Path(__file__).parents[1] / "golden" / "tiny_model"


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
