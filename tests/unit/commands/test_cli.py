"""The command's process: its streams, its folder, its memory.

Authors
 * The mtqnet-brain developers 2026
"""

import errno
import os
import subprocess
import sys

import pytest

from mtqnet_brain.cli import COMMANDS, main
from mtqnet_brain.utils.error_text import error_text

COMMAND = f"{sys.executable} -m mtqnet_brain.cli"


@pytest.fixture
def tables(tmp_path):
    """Folder of a table of scores that serves as one of labels."""
    rows = "a.wav,1\nb.wav,2\nc.wav,3\n"
    (tmp_path / "s.csv").write_text("file,s_mos\n" + rows)
    return tmp_path


def run(words, folder):
    """Run a line of a shell; return exit code, output and errors."""
    done = subprocess.run(
        words, shell=True, cwd=folder, capture_output=True, text=True
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("streams", "code", "said"),
    [
        (">&-", 2, "mtqnet: the output is closed"),
        (">/dev/full", 2, "mtqnet: the disk is full"),
        ("<&- 2>&-", 0, ""),
    ],
)
def test_closed_and_full_streams(streams, code, said, tables):
    """One line for an output that is lost; no need for the others."""
    found = run(f"{COMMAND} evaluate s.csv s.csv {streams}", tables)
    assert (found[0], found[2].partition(";")[0]) == (code, said)
    assert ("s_mos" in found[1]) == (code == 0)


def test_a_closed_input_is_an_empty_list(tables):
    """As ``</dev/null`` is."""
    code, _, said = run(f"{COMMAND} score - <&-", tables)
    assert (code, said) == (2, "mtqnet: no file to score: the list is empty\n")


def test_a_folder_that_has_gone(tmp_path, capsys, monkeypatch):
    """Libraries of PyTorch end a process that starts in one."""
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    os.rmdir(tmp_path / "gone")
    assert main(["score", "a.wav"]) == 2
    assert "the current folder has been removed" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        "score a.wav --workers 0",
        "score a.wav --batch_size -1",
        "score a.wav --engine ray --output o --workers 0",
        "label --reference a --degraded b --output o.csv --workers 0",
        "build-corpus --preset demo --output c --workers two",
        "pseudo-label m.csv --teacher dnsmos --output o.csv --workers 0",
    ],
)
def test_counts_are_checked_before_anything_is_written(
    words, tables, capsys, monkeypatch
):
    """Before the header of a CSV, too."""
    monkeypatch.chdir(tables)
    with pytest.raises(SystemExit) as ended:
        main(words.split())
    printed = capsys.readouterr()
    assert ended.value.code == 2 and not printed.out
    assert "give a whole number of at least 1" in printed.err
    assert os.listdir() == ["s.csv"]


@pytest.mark.parametrize("name", ["model", "output", "device", "plot"])
def test_an_empty_option_is_not_one_left_out(name, tables, capsys):
    """Not the model that comes with mtqnet, for one."""
    assert main(["score", str(tables / "a.wav"), f"--{name}", ""]) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith(f"mtqnet: --{name}: empty; ")
    assert not printed.out
    assert main(["evaluate", "", str(tables / "s.csv")]) == 2
    assert "mtqnet: scores: empty; give a value" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_fits_a_terminal_and_has_examples(name, capsys, monkeypatch):
    """Of each command: what it is for, its options, how it is called."""
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as ended:
        main([*name.split(), "--help"])
    text = capsys.readouterr().out
    assert ended.value.code == 0
    assert max(map(len, text.splitlines())) <= 80
    assert f"examples:\n  mtqnet {name}" in text or name == "report"


def test_a_lack_of_memory_is_one_line(tables, capsys):
    """22 TB of draws."""
    table = str(tables / "s.csv")
    assert main(["evaluate", table, table, "--resamples", str(10**12)]) == 2
    assert capsys.readouterr().err.startswith("mtqnet: not enough memory: ")


@pytest.mark.parametrize(
    "words, name",
    [
        ("evaluate no.csv s.csv", "no.csv"),
        ("evaluate s.csv no.csv", "no.csv"),
        ("evaluate . s.csv", "."),
        ("label --pairs no.csv --output o.csv", "no.csv"),
        ("label --pairs . --output o.csv", "."),
        ("label --pairs s.csv --output s.csv/o.csv", "output s.csv/o.csv"),
        ("pseudo-label no.csv --teacher intrusive --output o.csv", "no.csv"),
        ("import-mosanet no.h5 out", "no.h5"),
        ("export no out", "no"),
        ("report no", "no"),
        ("build-corpus --speech no --noise no --output c", "no"),
    ],
)
def test_files_that_are_none(words, name, tables, capsys, monkeypatch):
    """One line that begins with the file and has no number of an error."""
    monkeypatch.chdir(tables)
    assert main(words.split()) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"mtqnet: {name}: ")
    assert said.count("\n") == 1 and "Errno" not in said


@pytest.mark.parametrize(
    "number, said",
    [
        (errno.ENOENT, "a.csv: no such file or folder; check the path"),
        (errno.EISDIR, "a.csv: is a folder; give the path of a file"),
        (errno.EACCES, "a.csv: no permission; allow it (chmod) or give"),
        (errno.EBADMSG, "[Errno 74] Bad message: 'a.csv'"),
    ],
)
def test_what_the_operating_system_refuses(number, said):
    """The file and the remedy; what is not known, as it comes."""
    err = OSError(number, os.strerror(number), "a.csv")
    assert error_text(err).startswith(said)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["score", "--workers", "-1"], "mtqnet score: "),
        (["nonsense"], "mtqnet: "),
        ([], "mtqnet: "),
        (["label", "--unknown"], "mtqnet label: "),
    ],
)
def test_a_wrong_call_is_told_in_one_line(arguments, told, capsys):
    """No usage of seven lines above what is wrong."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    said = capsys.readouterr().err
    assert ended.value.code == 2 and said.count("\n") == 1
    assert said.startswith(told) and "--help" in said
