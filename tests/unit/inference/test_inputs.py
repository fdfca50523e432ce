"""Lists of files that hold what no file name can.

Authors
 * The mtqnet-brain developers 2026
"""

import pytest

from mtqnet_brain.inference.inputs import find_inputs, read_list
from mtqnet_brain.utils.text_files import TextError


def test_a_line_with_a_nul_is_one_missing_file(tmp_path):
    """The others are scored; the name shows where the NUL was."""
    (tmp_path / "list.txt").write_bytes(b"a.wav\nb\0.wav\n\nc.wav\n")
    found = find_inputs([str(tmp_path / "list.txt")])
    assert found == ["a.wav", "b\u2400.wav", "c.wav"]


@pytest.mark.parametrize(
    "content",
    [
        "a.wav\nb.wav\n".encode("utf-16-le"),
        b"a.wav\0b.wav\0",
        b"RIFF\0\0\n\0\1\n\0",
    ],
)
def test_what_is_not_text_is_refused(content):
    """Most lines have a NUL."""
    with pytest.raises(TextError, match="list: line 1 has a NUL"):
        read_list(content, "list")
