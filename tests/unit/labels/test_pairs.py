"""Pairs of clips from folders and from a CSV.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import unicodedata

import pytest

from mtqnet_brain.labels import find_pairs, read_pairs


def write(path):
    """Make a file, empty, since pairing goes by names; and its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def test_pairs_are_found_by_path_name_and_utterance(tmp_path):
    """In this order; TMHINT-QI names lead to the clean utterance."""
    for name in ("b/same", "c/moved", "clean/TMHINT_b2_22_03"):
        write(tmp_path / f"ref/{name}.flac")
    write(tmp_path / "ref/other/same.wav")
    for name in (
        "b/same",
        "d/moved",
        "d/same",
        "e/FCN_snr-2_street_TMHINT_b2_22_03",
        "e/FCN_snr0_street_TMHINT_g1_22_03",
    ):
        write(tmp_path / f"deg/{name}.wav")
    (tmp_path / "deg/notes.txt").write_text("not a clip")
    pairs = find_pairs(tmp_path / "ref", tmp_path / "deg")
    found = {
        pair.file: pair.reference
        and pair.reference.relative_to(tmp_path / "ref").as_posix()
        for pair in pairs
    }
    assert found == {
        "b/same.wav": "b/same.flac",
        "d/moved.wav": "c/moved.flac",
        "d/same.wav": None,
        "e/FCN_snr-2_street_TMHINT_b2_22_03.wav": "clean/TMHINT_b2_22_03.flac",
        "e/FCN_snr0_street_TMHINT_g1_22_03.wav": None,
    }
    faults = {pair.file: pair.fault for pair in pairs}
    assert faults["d/same.wav"].startswith("2 references")


def test_one_folder_of_clean_and_processed_clips(tmp_path):
    """A processed clip is never its own reference; a clean one is."""
    for name in ("a_b_c", "KLT_snr5_pink_a_b_c"):
        write(tmp_path / f"{name}.wav")
    pairs = find_pairs(tmp_path, tmp_path)
    clean = tmp_path / "a_b_c.wav"
    assert [pair.reference for pair in pairs] == [clean, clean]


def test_folders_without_clips_are_refused(tmp_path):
    """A missing folder and an empty one, by name."""
    with pytest.raises(ValueError, match="gone: no such folder"):
        find_pairs(tmp_path / "gone", tmp_path / "gone")
    with pytest.raises(ValueError, match="no audio file inside"):
        find_pairs(tmp_path, tmp_path)


def test_pairs_from_a_csv(tmp_path):
    """Paths are relative to the CSV's folder, or absolute."""
    table = tmp_path / "lists/pairs.csv"
    table.parent.mkdir()
    table.write_text(f"degraded,reference\nd.wav,../r.wav\n{tmp_path}/e,f\n")
    pairs = read_pairs(table)
    assert pairs[0].file == "d.wav"
    assert pairs[0].degraded == table.parent / "d.wav"
    assert pairs[0].reference == table.parent / "../r.wav"
    assert pairs[1].degraded == tmp_path / "e"


def test_faults_of_a_csv_are_named_by_row(tmp_path):
    """All of them at once; a missing column too."""
    table = tmp_path / "pairs.csv"
    table.write_text("reference,degraded\na,b\n,c\nd,b\ne,\nf,./b\n")
    with pytest.raises(ValueError) as error:
        read_pairs(table)
    assert "row 3: reference is empty" in str(error.value)
    assert "row 4: degraded 'b' is also in row 2" in str(error.value)
    assert "row 5: degraded is empty" in str(error.value)
    assert "row 6: degraded './b' is also in row 2" in str(error.value)
    table.write_text("reference,degraded\na,b\ne\n")
    with pytest.raises(ValueError, match="row 3: 1 cells, the header has 2"):
        read_pairs(table)
    table.write_text("reference,wav\na,b\n")
    with pytest.raises(ValueError, match="no column degraded"):
        read_pairs(table)


@pytest.mark.parametrize("separator", [";", "\t", ","])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
def test_pairs_of_every_export(separator, encoding, tmp_path):
    """Separators, encodings, back slashes, quotes, accents of a Mac."""
    folder = tmp_path / unicodedata.normalize("NFD", "gr\u00fcn")
    write(folder / "d.wav")
    write(tmp_path / "clean/r.wav")
    lines = [
        ("reference", "degraded"),
        ("clean\\r.wav", "gr\u00fcn\\d.wav"),
        ("'clean/r.wav'", '" gone.wav "'),
    ]
    text = "\r\n".join(map(separator.join, lines))
    (tmp_path / "p.csv").write_bytes(text.encode(encoding))
    found, gone = read_pairs(tmp_path / "p.csv")
    assert found.file == "gr\u00fcn\\d.wav"
    assert found.degraded == folder / "d.wav"
    assert found.reference == gone.reference == tmp_path / "clean/r.wav"
    assert gone.degraded == tmp_path / "gone.wav"


def test_pairs_whose_names_are_no_utf_8(tmp_path):
    """The bytes of the table are those of the file."""
    name = os.fsdecode(b"caf\xe9.wav")
    write(tmp_path / name)
    table = tmp_path / "p.csv"
    table.write_bytes(b"reference;degraded\ncaf\xe9.wav;caf\xe9.wav\n")
    (pair,) = read_pairs(table)
    assert pair.file == name and pair.degraded == tmp_path / name
