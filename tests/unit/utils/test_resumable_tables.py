"""Tables that go on: what is kept of an interrupted run, and what is not.

Authors
 * The mtqnet-brain developers 2026
"""

import csv
import json
import os
import resource
import shutil

import pytest

from mtqnet_brain.utils.resumable_tables import ResumableCsv

FIELDS = ["file", "pesq", "error"]


def open_table(folder, restart=False, settings=None):
    """Return the table of three files of a folder."""
    names = ("a.wav", "b.wav", "c.wav")
    sources = {name: [folder / name] for name in names}
    settings = settings or {"v": 1}
    return ResumableCsv(
        folder / "t.csv", FIELDS, settings, sources, restart=restart
    )


@pytest.fixture
def begun(tmp_path):
    """Folder of three files and of the rows of an interrupted run."""
    for name in ("a.wav", "b.wav", "c.wav"):
        (tmp_path / name).write_bytes(b"1234")
    with open_table(tmp_path) as table:
        for name in ("a.wav", "b.wav", "c.wav"):
            table.write({"file": name, "pesq": 2.5, "error": ""})
    return tmp_path


def left(folder):
    """Return the names of the rows that an open table has already."""
    with open_table(folder) as table:
        return sorted(table.done)


def change_size(path):
    """Make a file longer, its time being what it was."""
    before = os.stat(path)
    path.write_bytes(b"12345")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def change_time(path):
    """Give a file of the same size other bytes a nanosecond later."""
    before = os.stat(path)
    path.write_bytes(b"5678")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))


@pytest.mark.parametrize(
    "change", [change_size, change_time, lambda path: path.unlink()]
)
def test_rows_of_changed_files_are_made_again(begun, change, capsys):
    """As in a build tool: path, size, time. The others stay."""
    change(begun / "b.wav")
    assert left(begun) == ["a.wav", "c.wav"]
    assert (
        "computed again: 1 of files that have changed"
        in capsys.readouterr().err
    )


def test_a_file_of_another_place_is_another_file(begun, tmp_path):
    """The same name, size and time elsewhere."""
    other = tmp_path / "other" / "a.wav"
    other.parent.mkdir()
    other.write_bytes(b"1234")
    stat = os.stat(begun / "a.wav")
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    sources = {"a.wav": [other]}
    path = begun / "t.csv"
    with ResumableCsv(path, FIELDS, {"v": 1}, sources) as table:
        assert sorted(table.done) == ["b.wav", "c.wav"]


def test_what_changes_while_it_is_read_is_made_again(begun):
    """The stamp is that of before the work, not of after it."""
    with open_table(begun, restart=True) as table:
        change_size(begun / "a.wav")
        table.write({"file": "a.wav", "pesq": 2.5, "error": ""})
        table.write({"file": "b.wav", "pesq": 2.5, "error": ""})
    assert left(begun) == ["b.wav"]


def test_failed_rows_are_tried_again(begun):
    """Whatever it was: the disk may have come back."""
    with open_table(begun) as table:
        table.write({"file": "a.wav", "pesq": None, "error": "disk away"})
    assert left(begun) == ["b.wav", "c.wav"]


DAMAGE = {
    "cut": lambda line: line[: len(line) // 2],
    "garbage": lambda line: "\x00\udcff{{{",
    "digit": lambda line: line.replace("2.5", "4.5"),
    "type": lambda line: line.replace("2.5", "[2.5]"),
    "not a number": lambda line: line.replace("2.5", "NaN"),
    "list": lambda line: "[1, 2]",
    "number": lambda line: "7",
    "null": lambda line: "null",
    "empty": lambda line: "",
    "no check": lambda line: '{"file": "b.wav", "pesq": 9.0, "error": ""}',
    "other keys": lambda line: '{"x": 1, "check": "00000000"}',
    "deep": lambda line: "[" * 100_000,
    "half a letter": lambda line: '{"file": "\\ud800", "check": ""}',
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damaged_rows_are_left_out(begun, name, capsys):
    """And counted; those before and behind them stay."""
    partial = begun / "t.csv.partial"
    text = {"encoding": "utf-8", "errors": "surrogateescape"}
    lines = partial.read_text(**text).split("\n")
    assert '"b.wav"' in lines[2]
    lines[2] = DAMAGE[name](lines[2])
    partial.write_text("\n".join(lines), **text)
    assert left(begun) == ["a.wav", "c.wav"]
    assert "computed again: 1 damaged" in capsys.readouterr().err
    assert left(begun) == ["a.wav", "c.wav"]
    assert capsys.readouterr().err == ""  # it has been tidied up


@pytest.mark.parametrize("first", ["", "{", "[]", "3", "\x00\x00"])
def test_rows_of_nobody_knows_which_settings_are_refused(begun, first):
    """Until --restart discards them."""
    partial = begun / "t.csv.partial"
    _, *rows = partial.read_text().split("\n")
    partial.write_text("\n".join([first, *rows]))
    with pytest.raises(ValueError, match="first line is damaged.*--restart"):
        left(begun)
    with open_table(begun, restart=True) as table:
        assert table.done == {}


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_a_partial_file_that_is_none(tmp_path, make, restart):
    """A folder, a pipe: named, and not waited for."""
    make(tmp_path / "t.csv.partial")
    table = open_table(tmp_path, restart)
    with pytest.raises(ValueError, match=r"t\.csv\.partial: .*move it"), table:
        pass
    assert not (tmp_path / "t.csv.lock").exists()


def test_rows_of_other_files_are_kept_for_their_time(begun):
    """A shorter list in between loses nothing."""
    with ResumableCsv(begun / "t.csv", FIELDS, {"v": 1}, {}) as table:
        assert len(table.done) == 3
    assert left(begun) == ["a.wav", "b.wav", "c.wav"]


def test_a_path_is_one_file_with_and_without_its_folder(begun):
    """``./a.wav``, as the table calls a risky name, is ``a.wav``."""
    with open_table(begun) as table:
        assert "./a.wav" in table.done
        table.finish(["./a.wav", "b.wav"])
    with open(begun / "t.csv", newline="") as file:
        names = [row["file"] for row in csv.DictReader(file)]
    assert names == ["./a.wav", "b.wav"]


NAMES = ["=1+1.wav", "+a", "-a", "@a", "\ta", "\ra", "a\rb", "a\nb", 'a";,b']


def test_names_that_a_spreadsheet_would_compute(tmp_path):
    """Get ./ before them; line breaks survive; numbers are as they were."""
    with ResumableCsv(tmp_path / "t.csv", FIELDS, {}, {}) as table:
        for name in NAMES:
            error = f"{name}: no such file"
            table.write({"file": name, "pesq": -1.5, "error": error})
        table.finish(NAMES)
    with open(tmp_path / "t.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, strict=True))
    expected = [f"./{name}" for name in NAMES[:6]] + NAMES[6:]
    assert [row["file"] for row in rows] == expected
    assert [row["error"] for row in rows] == [
        f"{name}: no such file" for name in expected
    ]
    assert {row["pesq"] for row in rows} == {"-1.5"}
    assert (tmp_path / "t.csv").read_bytes().count(b"\r\n") == 0


def test_no_nan_is_kept(tmp_path):
    """It is no JSON."""
    table = ResumableCsv(tmp_path / "t.csv", FIELDS, {}, {})
    with table, pytest.raises(ValueError):
        table.write({"file": "a", "pesq": float("nan"), "error": ""})


def test_each_line_is_json_for_others_too(begun):
    """Settings first, then rows."""
    lines = (begun / "t.csv.partial").read_text().splitlines()
    settings, *rows = map(json.loads, lines)
    assert settings == {"v": 1}
    assert [row["pesq"] for row in rows] == [2.5] * 3


def test_a_folder_that_is_tidied_away_costs_no_row(begun):
    """All rows are in memory; the folder is made again."""
    folder = begun / "out"
    with ResumableCsv(folder / "t.csv", FIELDS, {"v": 1}) as table:
        table.write({"file": "a.wav", "pesq": 2.5, "error": ""})
        shutil.rmtree(folder)
        table.finish(["a.wav"])
    assert (folder / "t.csv").read_text() == "file,pesq,error\na.wav,2.5,\n"
    assert os.listdir(folder) == ["t.csv"]


def test_a_failed_write_is_named(tmp_path):
    """By the file that could not be written: here it may not grow."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with open_table(tmp_path) as table:
        size = (tmp_path / "t.csv.partial").stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            with pytest.raises(OSError, match="too large: .*t.csv.partial"):
                table.write({"file": "a.wav", "pesq": 2.5, "error": ""})
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
