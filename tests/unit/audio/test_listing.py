"""Which files of a folder are audio files.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from mtqnet_brain.audio.blocks import check_file
from mtqnet_brain.audio.listing import audio_files
from mtqnet_brain.corpus.recordings import find_noises
from mtqnet_brain.inference.inputs import find_inputs
from mtqnet_brain.labels import find_pairs
from mtqnet_brain.preparation.wav_search import WavSearch


def touch(*paths):
    """Make files, empty, since listing goes by names; and their folders."""
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def names(folder):
    """Return the relative paths of the audio files."""
    return [path.relative_to(folder).as_posix() for path in audio_files(folder)]


def test_extensions_and_order(tmp_path):
    """By path, not by name; capitals count; a folder is no file."""
    for name in ("b/1.WAV", "a/2.flac", "a-c/3.Ogg", "z.wav", "n.txt", "m.mp3"):
        touch(tmp_path / name)
    (tmp_path / "folder.wav").mkdir()
    assert names(tmp_path) == [
        "a/2.flac",
        "a-c/3.Ogg",
        "b/1.WAV",
        "m.mp3",
        "z.wav",
    ]
    assert all(path.is_absolute() for path in audio_files(tmp_path))


def test_relative_folders_stay_relative(tmp_path, monkeypatch):
    """The paths begin as the folder was given."""
    touch(tmp_path / "in/a.wav")
    monkeypatch.chdir(tmp_path)
    assert [os.fspath(path) for path in audio_files("in")] == ["in/a.wav"]
    assert [os.fspath(path) for path in audio_files(".")] == ["in/a.wav"]


def test_hidden_files_and_folders_are_left_out(tmp_path):
    """What macOS and git leave; a hidden folder may be asked for by name."""
    touch(tmp_path / "a.wav", tmp_path / "._a.wav", tmp_path / ".git/b.wav")
    assert names(tmp_path) == ["a.wav"]
    assert names(tmp_path / ".git") == ["b.wav"]


def test_links_to_folders_and_files_are_followed(tmp_path):
    """A link inside, a link in what is linked, the folder itself a link."""
    touch(tmp_path / "disk/one/1.wav", tmp_path / "far/2.wav")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/t").symlink_to(tmp_path / "disk")
    (tmp_path / "disk/more").symlink_to(tmp_path / "far")
    (tmp_path / "in/3.wav").symlink_to(tmp_path / "far/2.wav")
    (tmp_path / "in/gone.wav").symlink_to(tmp_path / "nowhere.wav")
    expected = ["3.wav", "t/more/2.wav", "t/one/1.wav"]
    assert names(tmp_path / "in") == expected
    (tmp_path / "link").symlink_to(tmp_path / "in")
    assert names(tmp_path / "link") == expected


def test_links_in_a_circle_end(tmp_path):
    """To the top, to a sibling that links back; every file once."""
    touch(tmp_path / "x/a.wav", tmp_path / "y/b.wav")
    (tmp_path / "x/top").symlink_to(tmp_path)
    (tmp_path / "x/itself").symlink_to(tmp_path / "x")
    (tmp_path / "x/other").symlink_to(tmp_path / "y")
    (tmp_path / "y/back").symlink_to(tmp_path / "x")
    assert names(tmp_path) == ["x/a.wav", "y/b.wav"]


def test_two_links_to_one_folder_are_one_talker(tmp_path):
    """Else a talker would be heard in both parts of a corpus."""
    touch(tmp_path / "disk/a.wav")
    for name in ("m", "k"):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).symlink_to(tmp_path / "disk")
    assert names(tmp_path / "in") == ["k/a.wav"]


def test_nothing_to_list_is_an_error(tmp_path):
    """A missing folder, a file, a folder without audio; by name."""
    touch(tmp_path / "a/readme.txt")
    for folder in (tmp_path / "gone", tmp_path / "a/readme.txt"):
        with pytest.raises(ValueError, match=f"{folder}: no such folder"):
            audio_files(folder)
    with pytest.raises(ValueError, match="/a: no audio file inside"):
        audio_files(tmp_path / "a")


def test_corpora_and_labels_follow_links(tmp_path):
    """Both list their folders so."""
    touch(tmp_path / "disk/a.wav", tmp_path / "clean/a.wav")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/t").symlink_to(tmp_path / "disk")
    assert find_noises(tmp_path / "in", []) == {"a": tmp_path / "in/t/a.wav"}
    (pair,) = find_pairs(tmp_path / "clean", tmp_path / "in")
    assert (pair.file, pair.degraded) == ("t/a.wav", tmp_path / "in/t/a.wav")


def test_what_cannot_be_read_is_counted(tmp_path, capsys):
    """By ending, on standard error; hidden files are not."""
    for name in ("a.wav", "b.m4a", "c/d.AMR", "c/e.m4a", "._f.m4a", "g.txt"):
        touch(tmp_path / name)
    assert names(tmp_path) == ["a.wav"]
    note = "left out that cannot be read: "
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"{tmp_path}: 3 files {note}1 amr, 2 m4a; conv" in captured.err
    find_inputs([str(tmp_path)])
    assert f"{tmp_path}: 1 file {note}1 m4a; convert" in capsys.readouterr().err
    with pytest.raises(ValueError, match=f"no audio .*, but 2 files {note}"):
        audio_files(tmp_path / "c")
    with pytest.raises(ValueError, match=f"^a folder without.*2 files {note}"):
        check_file(tmp_path / "c")


def test_odd_names_of_audio_files(tmp_path, capsys):
    """Blanks after an extension; no extension at all, told by the content."""
    touch(tmp_path / "a.wav ", tmp_path / "README")
    soundfile.write(tmp_path / "take1", [0.0] * 800, 16000, format="WAV")
    soundfile.write(tmp_path / "take2", [0.0] * 800, 16000, format="OGG")
    (tmp_path / "film").write_bytes(b"RIFF\0\0\0\0AVI LIST")
    assert find_inputs([str(tmp_path)]) == [str(tmp_path / "a.wav ")]
    note = f"{tmp_path}: 2 files left out that hold sound, their names have"
    assert note in capsys.readouterr().err
    os.unlink(tmp_path / "a.wav ")
    with pytest.raises(ValueError, match="without audio files: 2 files left"):
        check_file(tmp_path)


def test_all_commands_list_alike(tmp_path):
    """Scoring, labels, corpora and tables; what libsndfile reads."""
    kinds = "wav flac ogg mp3 opus oga aiff aif au snd caf w64 rf64 voc sph"
    for kind in kinds.split():
        touch(tmp_path / f"in/{kind}.{kind}")
    touch(
        tmp_path / "in/raw.raw", tmp_path / "in/m4a.m4a", tmp_path / "in/x.mat"
    )
    expected = sorted(tmp_path / f"in/{kind}.{kind}" for kind in kinds.split())
    folder = tmp_path / "in"
    assert audio_files(folder) == expected
    for recursive in (True, False):
        found = find_inputs([str(folder)], recursive)
        assert found == [str(path) for path in expected]
    assert sorted(find_noises(folder, []).values()) == expected
    assert [pair.degraded for pair in find_pairs(folder, folder)] == expected
    search = WavSearch(folder)
    assert [search.find(path.stem) for path in expected] == [
        [path] for path in expected
    ]
    assert search.find("m4a") == search.find("raw") == []


def test_what_only_looks_like_a_clip_is_scored_as_an_error(tmp_path):
    """A folder, a link to nowhere: a person would miss them."""
    touch(tmp_path / "a.wav")
    (tmp_path / "b.wav").mkdir()
    (tmp_path / "c.wav").symlink_to(tmp_path / "gone.wav")
    found = find_inputs([str(tmp_path)])
    assert [Path(name).name for name in found] == ["a.wav", "b.wav", "c.wav"]


def test_names_from_a_mac_are_found(tmp_path):
    """With letters and accents apart in the file's name, or in the table."""
    touch(tmp_path / "cafe\u0301.wav", tmp_path / "na\u00efve.wav")
    search = WavSearch(tmp_path)
    for name in ("caf\u00e9", "caf\u00e9.wav", "cafe\u0301.wav"):
        assert search.find(name) == [tmp_path / "cafe\u0301.wav"]
    assert search.find("nai\u0308ve") == [tmp_path / "na\u00efve.wav"]
    for name in ("caf", "x\0", "l" * 300, "../" * 3 + "gone"):
        assert search.find(name) == []


def test_a_folder_that_cannot_be_read_ends_nothing(tmp_path, monkeypatch):
    """It is listed, so that its row says why; the others are scored."""
    touch(tmp_path / "a/a.wav", tmp_path / "b/b.wav", tmp_path / "c.wav")
    scandir = os.scandir

    def refuse(path):
        """Deny one folder, as its owner may; root may read it."""
        if str(path).endswith("/b"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = find_inputs([str(tmp_path)], recursive=True)
    assert found == [str(tmp_path / name) for name in ("a/a.wav", "b", "c.wav")]
    with pytest.raises(ValueError, match="/b: Permission denied"):
        audio_files(tmp_path)


@pytest.fixture
def few_calls():
    """Return how many nested calls are too many, a few hundred here."""
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(400)
    yield 400
    sys.setrecursionlimit(usual)


def test_folders_deeper_than_python_calls(tmp_path, few_calls):
    """Each made from the one above."""
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(few_calls):
        os.mkdir("d", dir_fd=here)
        here, above = os.open("d", os.O_RDONLY, dir_fd=here), here
        os.close(above)
    os.close(os.open("x.wav", os.O_CREAT, dir_fd=here))
    os.close(here)
    found = audio_files(tmp_path)
    # Python's own removal, which pytest calls, descends by recursion too.
    subprocess.run(["rm", "-r", tmp_path / "d"], check=True)
    assert len(found) == 1


def test_a_name_too_long_is_a_row(tmp_path):
    """255 bytes are the most that a name can have."""
    name = str(tmp_path / ("x" * 300 + ".wav"))
    assert find_inputs([name]) == [name]
