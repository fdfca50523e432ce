"""Manifests: format, moving the data, every fault at once.

Authors
 * The mtqnet-brain developers 2026
"""

import math
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from speechbrain.dataio.dataio import load_data_csv

from mtqnet_brain.data import validation
from mtqnet_brain.data.dataset import make_parts
from mtqnet_brain.data.manifest import (
    ManifestError,
    label_columns,
    parse_label,
    read_manifest,
    set_labels,
    write_manifest,
)
from mtqnet_brain.data.validation import validate_manifests, validate_rows
from mtqnet_brain.tasks import Task

S_MOS = Task("s_mos", 1.0, 5.0)
PESQ = Task("pesq", 1.0, 4.65, role="auxiliary")


def save_wav(path, n_samples=800, rate=16000):
    """Write a wav of quiet noise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.random.default_rng(0).normal(0, 0.01, n_samples)
    soundfile.write(path, samples, rate)
    return path


def make_row(path, **cells):
    """Return a manifest row with labels for S_MOS and PESQ."""
    row = {"ID": path.stem, "duration": "0.05", "wav": str(path)}
    row |= {"s_mos": "3.5", "pseudo_pesq": "2"}
    return row | cells


def test_moved_data_are_found_by_speechbrain_and_by_us(tmp_path):
    """The file holds a placeholder that both readers replace."""
    wav = save_wav(tmp_path / "old" / "train" / "a.wav")
    row = make_row(wav, reference=str(wav))
    write_manifest(tmp_path / "m.csv", [row], tmp_path / "old")
    shutil.move(tmp_path / "old", tmp_path / "new")
    text = (tmp_path / "m.csv").read_text()
    assert str(tmp_path) not in text
    new = str(tmp_path / "new" / "train" / "a.wav")
    (found,) = read_manifest(tmp_path / "m.csv", tmp_path / "new")
    assert found["wav"] == found["reference"] == new
    roots = {"data_root": str(tmp_path / "new")}
    assert load_data_csv(tmp_path / "m.csv", roots)["a"]["wav"] == new


def test_the_root_is_remembered_beside_the_manifest(tmp_path):
    """Without a folder given, reading and rewriting keep the placeholder."""
    wav = save_wav(tmp_path / "data" / "a.wav")
    path = tmp_path / "manifests" / "m.csv"
    write_manifest(path, [make_row(wav)], tmp_path / "data")
    first = path.read_bytes()
    rows = read_manifest(path)
    assert rows[0]["wav"] == str(wav)
    write_manifest(path, rows)
    assert path.read_bytes() == first
    (path.parent / "data_root.json").unlink()
    with pytest.raises(ManifestError, match="data_root"):
        read_manifest(path)


def test_paths_outside_the_root_stay_full(tmp_path):
    """Without any root, and for a file elsewhere, nothing is replaced."""
    row = make_row(tmp_path / "a.wav")
    write_manifest(tmp_path / "m.csv", [row], tmp_path / "elsewhere")
    assert read_manifest(tmp_path / "m.csv", "/x")[0]["wav"] == row["wav"]


def test_columns_have_the_order_of_the_format(tmp_path):
    """True labels, pseudo-labels, each with its source; others last."""
    row = make_row(tmp_path / "a.wav", extra="1", g_mos="2")
    write_manifest(tmp_path / "m.csv", [row])
    header = (tmp_path / "m.csv").read_text().splitlines()[0]
    assert header == (
        "ID,duration,wav,reference,method,snr,noise,sentence,speaker,"
        "s_mos,s_mos_source,g_mos,g_mos_source,"
        "pseudo_pesq,pseudo_pesq_source,extra"
    )


@pytest.mark.parametrize(
    "cell", ["", None, "nan", " NaN ", "NA", "n/a", "#N/A", "-", "None", "null"]
)
def test_missing_labels_are_nan(cell):
    """An empty cell, and what people and programs write for one."""
    assert math.isnan(parse_label(cell))


@pytest.mark.parametrize(
    "cell, value",
    [
        *(("3", 3), ("3.", 3), (".5", 0.5), (" -3.25 ", -3.25), ("+3", 3)),
        *(("1e3", 1000), ("1E-05", 1e-5), ("0123", 123), (2.5, 2.5)),
    ],
)
def test_numbers(cell, value):
    """Digits, a point, a sign, an exponent."""
    assert parse_label(cell) == value


@pytest.mark.parametrize(
    "cell",
    [
        *("abc", "inf", "-Infinity", "3,5", "1_0", "1e999", "0x10", "1e"),
        *("\u0663", "3 5", "--3", ".", "e5", "3f", "\u22123", "1.2.3"),
    ],
)
def test_no_number_is_refused(cell):
    """What is not a finite number is an error."""
    with pytest.raises(ValueError):
        parse_label(cell)


def test_labels_carry_their_source_where_they_exist():
    """A missing label has no source; a wholly missing one no column."""
    rows = [{"ID": "a"}, {"ID": "b"}]
    set_labels(rows, "sdi", [math.nan, math.nan], "nobody")
    assert label_columns(rows) == []
    set_labels(rows, "stoi", [0.12345678, math.nan], "us")
    assert rows[0] == {"ID": "a", "stoi": "0.123457", "stoi_source": "us"}
    assert rows[1] == {"ID": "b", "stoi": "", "stoi_source": ""}


@pytest.mark.parametrize("text", ["ID,wav\n", "id,wav\na,a.wav\n"])
def test_a_manifest_without_rows_or_ids_is_refused(tmp_path, text):
    """The error names the file."""
    (tmp_path / "m.csv").write_text(text)
    with pytest.raises(ManifestError, match=r"m\.csv"):
        read_manifest(tmp_path / "m.csv")


def test_all_faults_are_reported_at_once(tmp_path, monkeypatch):
    """Faults of eleven kinds, each with file, row, column and value."""
    monkeypatch.setattr(validation, "MAX_LISTED", 11)
    good = save_wav(tmp_path / "good.wav")
    text = tmp_path / "text.wav"
    text.write_text("no audio")
    gone = tmp_path / "gone.wav"
    short = save_wav(tmp_path / "short.wav", 399)
    empty = save_wav(tmp_path / "empty.wav", 0)
    slow = save_wav(tmp_path / "slow.wav", 800, 8000)
    link = tmp_path / "link.wav"
    link.symlink_to(good)
    train = [
        make_row(good),
        make_row(text, ID="b"),
        make_row(gone, ID="c"),
        make_row(short, ID="d"),
        make_row(empty, ID="e"),
        make_row(slow, ID="f"),
        make_row(save_wav(tmp_path / "g.wav"), s_mos="5.01"),
        make_row(save_wav(tmp_path / "h.wav"), s_mos="high"),
        make_row(save_wav(tmp_path / "i.wav"), ID="good"),
    ]
    test = [make_row(link, ID="x", s_mos="")]
    del test[0]["pseudo_pesq"]
    with pytest.raises(ManifestError) as caught:
        validate_manifests(
            {"train": train, "test": test}, [S_MOS, PESQ], resample=False
        )
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("11 faults, the first: ")
    expected = [
        ("train, row 3, wav", str(text), "not readable"),
        ("train, row 4, wav", str(gone), "no such file"),
        ("train, row 5, wav", str(short), "399 samples"),
        ("train, row 6, wav", str(empty), "0 samples"),
        ("train, row 7, wav", str(slow), "8000 Hz"),
        ("train, row 8, s_mos", "5.01", "outside 1..5"),
        ("train, row 9, s_mos", "high", "not a number"),
        ("test, s_mos", "", "no label in the whole column"),
        ("test, pseudo_pesq", "", "no such column"),
        ("train, row 10, ID", "good", "duplicate ID, first in train, row 2"),
        ("test, row 2, wav", str(link), "two parts, also in train, row 2"),
    ]
    for line, parts in zip(lines, expected, strict=True):
        assert all(part in line for part in parts), (line, parts)


def test_good_manifests_pass(tmp_path):
    """Another rate is accepted, a missing label and a capped one too."""
    sdi = Task("sdi", 0.0, math.inf, cap=2.0)
    rows = [
        make_row(save_wav(tmp_path / "a.wav", 200, 8000), sdi="7.5"),
        make_row(save_wav(tmp_path / "b.wav"), sdi="nan", s_mos=""),
    ]
    validate_manifests({"train": rows}, [S_MOS, PESQ, sdi])
    rows[0]["sdi"] = "-0.1"
    with pytest.raises(ManifestError, match="row 2, sdi = '-0.1'"):
        validate_manifests({"train": rows}, [sdi])


def test_many_faults_are_counted(tmp_path):
    """Ten are listed, the rest is a number; the first line is complete."""
    wav = save_wav(tmp_path / "a.wav")
    rows = [make_row(wav, ID=str(i), s_mos="9") for i in range(63)]
    with pytest.raises(ManifestError) as caught:
        validate_manifests({"train": rows}, [S_MOS])
    lines = str(caught.value).splitlines()
    assert lines[0] == (
        "63 faults, the first: train, row 2, s_mos = '9': outside 1..5 of "
        "s_mos; correct them all and run the same command again. The next:"
    )
    assert lines[9] == "  train, row 11, s_mos = '9': outside 1..5 of s_mos"
    assert lines[10:] == ["  ... and 53 more"]
    with pytest.raises(ManifestError) as caught:
        validate_manifests({"train": rows[:1]}, [S_MOS])
    assert str(caught.value) == (
        "1 fault: train, row 2, s_mos = '9': outside 1..5 of s_mos; correct it "
        "and run the same command again"
    )


def test_an_empty_split_is_a_fault():
    """A split without rows cannot be used."""
    with pytest.raises(ManifestError, match="valid, ID = '': no row "):
        validate_manifests({"valid": []}, [])


@pytest.mark.parametrize("cell", ["nan", "-1", "0", "inf", "1_0", "long", ""])
def test_durations_that_no_clip_has(tmp_path, cell):
    """Batches are made of them; without tasks they may come later."""
    rows = [make_row(save_wav(tmp_path / "a.wav"), duration=cell)]
    with pytest.raises(ManifestError, match=f"row 2, duration = '{cell}'"):
        validate_manifests({"train": rows}, [S_MOS])
    if cell == "":
        validate_manifests({"train": rows}, [])


@pytest.mark.parametrize("check", [validate_manifests, validate_rows])
@pytest.mark.parametrize("cell", ["2.0", "0.5", "1000", "16000"])
def test_durations_of_another_clip(check, cell, tmp_path):
    """Twice, half, milliseconds, samples: batches are made by them."""
    rows = [make_row(save_wav(tmp_path / "a.wav", 16000), duration=cell)]
    with pytest.raises(ManifestError) as caught:
        check({"train": rows}, [S_MOS])
    found = f"train, row 2, duration = '{cell}': the wav is 1.000 s long"
    assert "1 fault:" in str(caught.value) and found in str(caught.value)
    check({"train": [rows[0] | {"duration": "1.04"}]}, [S_MOS])


def test_every_duration_is_compared_where_all_wavs_are_opened(tmp_path):
    """The last of 200; with ``skip_prep`` one row in four is looked at."""
    wav = save_wav(tmp_path / "a.wav", 16000)
    rows = [make_row(wav, ID=f"{i}", duration="1") for i in range(200)]
    validate_rows({"train": rows}, [S_MOS])
    rows[199]["duration"] = "2"
    with pytest.raises(ManifestError, match="row 201, duration = '2'"):
        validate_manifests({"train": rows}, [S_MOS])
    rows[196]["duration"] = "2"
    with pytest.raises(ManifestError, match="row 198, duration = '2'"):
        validate_rows({"train": rows}, [S_MOS])


@pytest.mark.parametrize(
    "text, reason",
    [
        (b'ID,wav\na,"open\nb,b.wav\n', r"row 2: a quote \(\"\) is opened"),
        (b"ID,wav\na,b,c\n", "row 2: 3 cells, the header has 2"),
        (b"ID,wav\na,\0.wav\n", "NUL"),
        (
            b"ID,wav\na," + b"b" * 140_000,
            "row 2: field larger than field limit",
        ),
    ],
)
def test_tables_that_are_damaged(tmp_path, text, reason):
    """Name the file and what is wrong."""
    (tmp_path / "m.csv").write_bytes(text)
    with pytest.raises(ValueError, match=rf"m\.csv.*{reason}"):
        read_manifest(tmp_path / "m.csv")


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"ID": "test"}, "test, row 2, ID = 'test': duplicate ID, first in"),
        ({"wav": "test.wav"}, "test, row 2, wav = 'test.wav': one wav in two"),
        ({"s_mos": "9"}, "train, row 2, s_mos = '9': outside 1..5"),
        ({"s_mos": ""}, "train, s_mos = '': no label in the whole column"),
        ({"duration": "-1"}, "train, row 2, duration = '-1'"),
    ],
)
def test_manifests_that_nobody_prepared(tmp_path, cells, fault):
    """A recipe with ``skip_prep`` takes them as they are, faults not."""
    manifests = {}
    for part, more in (("train", cells), ("test", {})):
        row = make_row(Path(f"{part}.wav")) | more
        manifests[part] = tmp_path / f"{part}.csv"
        write_manifest(manifests[part], [row])
    with pytest.raises(ManifestError) as caught:
        parts = {p: read_manifest(path) for p, path in manifests.items()}
        make_parts(parts, [S_MOS], True, 3.0, 1, 0)
    assert fault in str(caught.value)
