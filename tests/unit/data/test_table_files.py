"""Lists and tables in the encodings and forms that people have.

Authors
 * The mtqnet-brain developers 2026
"""

import csv
import io
import json
import os

import pytest

from mtqnet_brain.data.table_files import ScoreError, read_csv, read_table
from mtqnet_brain.data.table_numbers import parse_score
from mtqnet_brain.utils.text_files import (
    TextError,
    compose,
    read_text,
    split_lines,
)

NAMES = ["new\nline", "u\u2028sep", "nel\x85.wav", 'q"uo;te', "a, b\tc", "é"]


@pytest.fixture
def table(tmp_path):
    """Return a function that writes bytes and reads them as a table."""

    def read(content, name="t.csv", reader=read_table):
        """Write and read."""
        if isinstance(content, str):
            content = content.encode()
        (tmp_path / name).write_bytes(content)
        return reader(tmp_path / name)

    return read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_csv_writes_is_read(delimiter, encoding, table):
    """Any name and any separator in a header, in any encoding with a mark."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(["file", "mos; 1-5", "a,b\tc", ""])
    writer.writerows([name, i, "", "x"] for i, name in enumerate(NAMES))
    header, rows = table(file.getvalue().encode(encoding))
    assert header == ["file", "mos; 1-5", "a,b\tc", ""]
    assert [row["file"] for _, row in rows] == NAMES
    assert [row["mos; 1-5"] for _, row in rows] == list("012345")
    # The first name has a line break of its own.
    assert [line for line, _ in rows] == [2, 4, 5, 6, 7, 8]


def test_blanks_and_quotes_around(table):
    """Typed by hand; empty columns and rows of a spreadsheet."""
    text = "file , 'mos' ,,\r\n \"a b.wav\" , '3' ,,\r\n,,,\r\n\r\n  \r\n"
    header, rows = table(text)
    assert header == ["file", "mos", ""]
    assert rows == [(2, {"file": "a b.wav", "mos": "3", "": ""})]


def test_bytes_that_are_no_utf_8_stay(table):
    """In a name; a header is taken for Latin-1, and composed."""
    header, rows = table(b"caf\xe9;e\xcc\x81\ncaf\xe9;1\n")
    assert header == ["caf\u00e9", "\u00e9"]
    assert (
        rows[0][1]["caf\u00e9"].encode(errors="surrogateescape") == b"caf\xe9"
    )


def test_decimal_commas_beside_another_separator(table):
    """Every row has as many cells as the header with the semicolon alone."""
    _, rows = table("file;S-MOS, total;N\na;3,25;1,5\n")
    assert rows[0][1] == {"file": "a", "S-MOS, total": "3,25", "N": "1,5"}
    assert parse_score(rows[0][1]["N"]) == parse_score("1.5") == 1.5


@pytest.mark.parametrize(
    "content, reason",
    [
        (b"", "empty; a table has a header and rows"),
        (b"\xef\xbb\xbf \n\n", "empty"),
        (b"file,mos\n", "no row below the header"),
        (b"file,mos\n , \n", "no row below the header"),
        (b",,,\n,,,\n", "row 1: no column has a name"),
        (b"a,b\n1,2\n3\n", "row 3: 1 cells, the header has 2"),
        (b"a,b\n1,2,3\n", "row 2: 3 cells, the header has 2"),
        (
            b'a,b\n1,2\n3,"4\n5,6\n',
            r"row 3: a quote \(\"\) is opened in this row and never",
        ),
        (b'a,b\n1,"' + b"x" * 140_000, "row 2: .* 131,072 characters at most"),
        (b"a,b,a\n1,2,3\n", "2 columns are called 'a'"),
        (b"a, 'a'\n1,2\n", "2 columns are called 'a'"),
        (b"\x89PNG\r\n\x1a\n\0\0", "line 3 has a NUL, so this is not text"),
        ("a,b\n1,2".encode("utf-16-le"), "line 1 has a NUL"),
        (b"\xff\xfea\0,", "damaged UTF-16: truncated data, byte 4"),
    ],
)
def test_what_is_no_table_is_refused(content, reason, table):
    """In one line, with the file and where it can be the row."""
    with pytest.raises(ScoreError, match=f"t.csv[:,] {reason}") as caught:
        table(content)
    assert "\n" not in str(caught.value)


ROWS = [
    {"file": "a\n.wav", "g_mos": 3.5, "error": None, "frames": {"g_mos": [1]}},
    {"file": "b.wav", "g_mos": None, "error": "too short"},
]


@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_json_of_score_is_a_table(ending, table):
    """Null is an empty cell, lists are left out."""
    text = json.dumps(ROWS)
    if ending == "jsonl":
        text = "\n".join(map(json.dumps, ROWS)) + "\n"
    header, rows = table(text, f"s.{ending}")
    assert header == ["file", "g_mos", "error"]
    assert [row["g_mos"] for _, row in rows] == ["3.5", ""]
    assert [row["file"] for _, row in rows] == ["a\n.wav", "b.wav"]


@pytest.mark.parametrize(
    "text, reason",
    [
        ("[" * 99_999, "nested too deeply"),
        ("[1]", "row 1: 1 is not an object"),
        ('{"a": 1}', "not a list of objects"),
        ("[]", "not a list of objects"),
        ('[{"a": 1, "a": 2}]', "key 'a' occurs twice"),
        ('[{"a": "\\u0000"}]', "a NUL"),
        ('[{"a": "\\ud800"}]', "not JSON"),
        ("[{}, ", "not JSON"),
    ],
)
def test_other_json_is_refused(text, reason, table):
    """In one line, with the file."""
    with pytest.raises(ScoreError, match=f"s.json.*{reason}") as caught:
        table(text, "s.json")
    assert "\n" not in str(caught.value)


def test_tables_of_ours_keep_their_blanks(table):
    """A name may begin with one; no row is no fault here."""
    assert table(" a,b\n x ,1\n", reader=read_csv) == [{" a": " x ", "b": "1"}]
    assert table("a,b\n", reader=read_csv) == []


def test_lines_of_a_list(tmp_path):
    """Ended by LF, CRLF or CR, in UTF-16 too; not by U+2028 or U+0085."""
    path = tmp_path / "l.txt"
    path.write_bytes("a\r\nb\u2028\x85c\rd".encode("utf-16"))
    assert split_lines(read_text(path)) == ["a", "b\u2028\x85c", "d"]
    path.write_bytes(b"a\0b")
    with pytest.raises(TextError, match="l.txt: line 1 has a NUL"):
        read_text(path)


def test_one_spelling_of_accents():
    """A Mac's, Unicode's and Latin-1's."""
    latin = b"f\xfcr".decode("utf-8", "surrogateescape")
    assert {compose(t) for t in ("fu\u0308r", "f\u00fcr", latin)} == {
        "f\u00fcr"
    }


def test_pipes_and_devices_are_refused(tmp_path):
    """/dev/zero never ends, nor does a pipe that nobody writes into."""
    os.mkfifo(tmp_path / "pipe.csv")
    for path in ("/dev/zero", tmp_path / "pipe.csv"):
        with pytest.raises(ScoreError, match=f"{path}: a pipe or device"):
            read_table(path)
