"""Inputs of `mtqnet score`: folders, lists, standard input.

Authors
 * The mtqnet-brain developers 2026
"""

import io
import os
import unicodedata

import pytest

from mtqnet_brain.inference.inputs import find_inputs


@pytest.fixture
def folder(tmp_path):
    """Audio by name alone, a subfolder, a folder that is named as a wav."""
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    for name in ("b.wav", "a b.flac", "sub/d.ogg", "f.wav", "notes.md"):
        (folder / name).touch()
    (folder / "g.wav").mkdir()
    return folder


def test_inputs(folder, tmp_path):
    """Folders, lists, standard input; what is missing stays in its place."""
    listed = tmp_path / "list.txt"
    listed.write_text(f"{folder / 'b.wav'}\n\nmissing.wav\r\n")
    stdin = io.BytesIO(b"x.wav\ny z.wav\n")
    found = find_inputs(["-", str(listed), "q.wav"], stdin=stdin)
    assert found == ["x.wav", "y z.wav", str(folder / "b.wav")] + [
        *("missing.wav", "q.wav"),
    ]
    recursive = find_inputs([str(folder)], recursive=True)
    assert str(folder / "sub" / "d.ogg") in recursive
    assert str(folder / "g.wav") not in recursive
    empty = tmp_path / "empty"
    empty.mkdir()
    assert find_inputs([str(empty)]) == [str(empty)]
    assert find_inputs([str(empty)], recursive=True) == [str(empty)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_lists_of_other_programs(encoding, tmp_path, monkeypatch):
    """Marks, quotes, blanks, back slashes, accents; or the very bytes."""
    monkeypatch.chdir(tmp_path)
    mac = unicodedata.normalize("NFD", "\u00e9t\u00e9.wav")
    bytes_name = os.fsdecode(b"f\xfcr.wav")
    names = ["a b.wav", "in/c.wav", mac, " d.wav", "e\u2028\x85.wav"]
    (tmp_path / "in").mkdir()
    for name in (*names, bytes_name):
        (tmp_path / name).touch()
    lines = ['"a b.wav"', ".\\in\\c.wav ", "\u00e9t\u00e9.wav", *names[3:]]
    text = "\r\n".join([*lines, " ", "'gone.wav'", "f\u00fcr.wav"])
    (tmp_path / "list.txt").write_bytes(text.encode(encoding))
    expected = [*names, "gone.wav", bytes_name]
    assert find_inputs(["list.txt"]) == expected
    stdin = io.TextIOWrapper(io.BytesIO(text.encode(encoding)))
    assert find_inputs(["-"], stdin=stdin) == expected


def test_a_latin_1_list_names_the_bytes(tmp_path, monkeypatch):
    """Whether a file has them or its name is UTF-8."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.lst").write_bytes(b"caf\xe9.wav\nf\xfcr.wav\n")
    (tmp_path / os.fsdecode(b"caf\xe9.wav")).touch()
    (tmp_path / "f\u00fcr.wav").touch()
    found = find_inputs(["list.lst"])
    assert [os.fsencode(name) for name in found] == [
        *(b"caf\xe9.wav", "f\u00fcr.wav".encode()),
    ]
