"""Addresses of clips: folders, lists.

Authors
 * The mtqnet-brain developers 2026
"""

import os

import pytest

from mtqnet_brain.cluster.addresses import find_addresses

pytest.importorskip("fsspec")


def test_addresses_of_a_folder(tmp_path):
    """Audio files alone, subfolders if asked; a list of lines."""
    (tmp_path / "a b" / "deep").mkdir(parents=True)
    for name in ("0.wav", "1.wav", "x.md", "deep/0.wav"):
        (tmp_path / "a b" / name).touch()
    address = "file://" + str(tmp_path / "a b")
    found = find_addresses([address])
    assert list(found) == [f"{address}/0.wav", f"{address}/1.wav"]
    assert found[f"{address}/0.wav"] == f"{address}/0.wav"
    assert f"{address}/deep/0.wav" in find_addresses([address], True)
    (tmp_path / "l.txt").write_text("s3://b/x.wav\n\nrel.wav\n")
    found = find_addresses(["file://" + str(tmp_path / "l.txt")])
    assert found == {
        "s3://b/x.wav": "s3://b/x.wav",
        "rel.wav": os.path.abspath("rel.wav"),
    }
