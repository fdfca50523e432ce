"""The preparation of any corpus: tables of all sorts, splits, refusals.

Authors
 * The mtqnet-brain developers 2026
"""

import json
import unicodedata

import numpy as np
import pytest
import soundfile
from tmhintqi_release import read_parts

from mtqnet_brain.data import validation
from mtqnet_brain.data.manifest import ManifestError

MOS = {"mos": "score:1:5"}


def save_clip(path, n_samples=1600, rate=16000):
    """Write quiet noise in the format of the extension."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.random.default_rng(0).normal(0, 0.01, n_samples)
    soundfile.write(path, samples, rate)
    return path


def write_lines(path, *lines):
    """Write a text file."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def votes(tmp_path):
    """A table of 20 clips of five speakers, scored 1 to 4.8."""
    lines = ["file,score,speaker"]
    for i in range(20):
        save_clip(tmp_path / "wavs" / f"{i:02d}.wav")
        lines.append(f"{i:02d}.wav,{1 + i / 5},s{i % 5}")
    return write_lines(tmp_path / "votes.csv", *lines)


@pytest.fixture
def prepare(anycorpus, tmp_path):
    """Return a function that prepares and returns the rows of each part."""

    def run(table, label=MOS, label_source="lab", **settings):
        """Prepare with wavs in the folder wavs."""
        anycorpus.prepare_anycorpus(
            table,
            tmp_path / "wavs",
            tmp_path / "save",
            label,
            label_source,
            **settings,
        )
        return read_parts(tmp_path / "save")

    return run


def ids(parts):
    """Return the IDs by part."""
    return {part: {row["ID"] for row in rows} for part, rows in parts.items()}


def test_every_cell(prepare, tmp_path, capsys):
    """Formats, names with and without extension and folder, two labels."""
    wavs = tmp_path / "wavs"
    flac = save_clip(wavs / "sub" / "a_snr2.5.flac", 800)
    ogg = save_clip(wavs / "b.ogg", 4410, 44100)
    mp3 = save_clip(tmp_path / "elsewhere" / "c.mp3", 16000)
    save_clip(wavs / "e.wav")
    aiff = save_clip(wavs / "sub" / "d.aiff", 3200)
    table = write_lines(
        tmp_path / "t.csv",
        "clip;MOS: total;sig;set;who;sys",
        "sub\\a_snr2.5;3,25;;Train;p1;A",
        "b.ogg;4;2,5;valid;p2;",
        f"{mp3};5;1;TEST;p3;B",
        "sub/d;1;5;test;p3;B",
        "e;2;3;train;p1;A",
    )
    parts = prepare(
        table,
        {"mos": "MOS: total:1:5", "s_mos": "sig:0:5"},
        wav_column="clip",
        split_column="set",
        group_column="who",
        system_column="sys",
    )
    (train, _), (valid,), test = (
        sorted(rows, key=lambda row: row["duration"]) for rows in parts.values()
    )
    assert train == {
        "ID": "sub\\a_snr2.5",
        "duration": "0.050000",
        "wav": str(flac),
        **dict.fromkeys(("reference", "snr", "noise"), ""),
        "method": "A",
        **dict.fromkeys(("sentence", "speaker"), ""),
        "s_mos": "",
        "s_mos_source": "",
        "mos": "3.25",
        "mos_source": "lab",
        "group": "p1",
        "split": "train",
    }
    assert (valid["wav"], valid["duration"]) == (str(ogg), "0.100000")
    assert (valid["s_mos"], valid["method"]) == ("2.5", "unknown")
    assert [row["wav"] for row in test] == [str(aiff), str(mp3)]
    line = capsys.readouterr().out.splitlines()[3]
    assert line.split() == ["test", "2", "-", "1", "s_mos,", "mos"]


def test_drawn_split(prepare, votes):
    """20 clips: 0.1 of them valid, 0.3 test; another seed, another draw."""
    first = prepare(votes, test_share=0.3)
    assert {k: len(v) for k, v in first.items()} == {
        "train": 12,
        "valid": 2,
        "test": 6,
    }
    assert len(set.union(*ids(first).values())) == 20
    assert ids(prepare(votes, test_share=0.3, seed=2)) != ids(first)
    assert ids(prepare(votes, test_share=0.3)) == ids(first)


def test_groups_stay_in_one_part(prepare, votes):
    """Five speakers of four clips each, none of them in two parts."""
    parts = prepare(votes, group_column="speaker")
    groups = [{row["group"] for row in rows} for rows in parts.values()]
    assert sum(map(len, groups)) == len(set.union(*groups)) == 5
    assert sum(map(len, parts.values())) == 20


def test_fewer_training_clips_lie_within_more(prepare, votes):
    """For learning curves; validation and test stay."""
    whole = prepare(votes)
    few, more = (prepare(votes, max_train_clips=n) for n in (3, 7))
    assert (len(few["train"]), len(more["train"])) == (3, 7)
    assert ids(few)["train"] < ids(more)["train"] < ids(whole)["train"]
    for part in ("valid", "test"):
        assert few[part] == more[part] == whole[part]
    other = prepare(votes, max_train_clips=3, split_column=None, seed=2)
    assert ids(other)["train"] != ids(few)["train"]
    # 20 clips less 0.1 and 0.2 of them.
    for number in (0, 15):
        with pytest.raises(ValueError, match=f"{number}: train has 14 clips"):
            prepare(votes, max_train_clips=number)


def test_all_faults_come_at_once(prepare, tmp_path, monkeypatch):
    """Each with the user's table, row, column and value."""
    monkeypatch.setattr(validation, "MAX_LISTED", 14)
    wavs = tmp_path / "wavs"
    for name in ("a.wav", "b.wav", "b.flac", "c.wav", "e.wav", "f.wav"):
        save_clip(wavs / name)
    save_clip(wavs / "short.wav", 399)
    (wavs / "text.wav").write_text("no audio")
    table = write_lines(
        tmp_path / "t.csv",
        "file,score,sig,part,who",
        "a.wav,5.01,3,train,x",
        "b,3,0,train,x",
        "gone,3,3,train,x",
        "short.wav,high,3,dev,x",
        "text.wav,3,3,valid,y",
        "a,3,3,valid,x",
        "c,,,train,",
        "e,2,,train,z",
    )
    labels = {"mos": "score:1:5", "s_mos": "sig:1:5"}
    with pytest.raises(ManifestError) as caught:
        prepare(table, labels, split_column="part", group_column="who")
    lines = str(caught.value).splitlines()
    expected = [
        (f"{table}, part = 'test'", "no row has this value"),
        (f"{table}, row 2, score = '5.01'", "outside 1..5 of mos"),
        (f"{table}, row 3, file = 'b'", "b.flac, b.wav; give the full name"),
        (f"{table}, row 3, sig = '0'", "outside 1..5 of s_mos"),
        (f"{table}, row 4, file = 'gone'", f"no such file in {wavs}"),
        (f"{table}, row 5, file = 'short.wav'", "399 samples"),
        (f"{table}, row 5, score = 'high'", "not a number"),
        (f"{table}, row 5, part = 'dev'", "not one of train, valid, test"),
        (f"{table}, row 5, who = 'x'", "in dev here, in train in row 2"),
        (f"{table}, row 6, file = 'text.wav'", "not readable"),
        (f"{table}, row 7, file = 'a'", "the same wav as in row 2"),
        (f"{table}, row 7, who = 'x'", "in valid here, in train in row 2"),
        (f"{table}, row 8, score, sig = ''", "no label; remove the row"),
        (f"{table}, row 8, who = ''", "no value, so the row has no group"),
    ]
    assert lines[0].startswith(f"{len(expected)} faults, the first: ")
    for line, texts in zip(lines, expected, strict=True):
        assert all(text in line for text in texts), (line, texts)


@pytest.mark.parametrize(
    "settings, problem",
    [
        ({"label_source": None}, "no --label_source NAME"),
        ({"label": {"mos": "score"}}, "no range; mos=COLUMN:LOW:HIGH"),
        ({"label": {"mos": "points:1:5"}}, "no column .'points'.; there are"),
        ({"wav_column": "wav", "group_column": "x"}, "no column .'wav', 'x'."),
        ({"test_share": 0}, "each above 0"),
        ({"test_share": 0.9}, "their sum below 1"),
        ({"valid_share": 0.01}, "valid is left empty"),
        ({"resample": False}, None),
    ],
)
def test_other_settings(prepare, votes, settings, problem):
    """Refused with the reason, or fit for the table."""
    if problem is None:
        assert sum(map(len, prepare(votes, **settings).values())) == 20
        return
    with pytest.raises(ValueError, match=problem):
        prepare(votes, **settings)


def test_odd_tables_are_refused(prepare, votes, tmp_path):
    """Too few groups to split; nothing below the header."""
    text = votes.read_text().replace("s2", "s0").replace("s3", "s1")
    votes.write_text(text.replace("s4", "s1"))
    problem = f"{votes}, speaker: .'s0', 's1'.; three values at least"
    with pytest.raises(ValueError, match=problem):
        prepare(votes, group_column="speaker")
    empty = write_lines(tmp_path / "empty.csv", "file,score")
    with pytest.raises(ValueError, match=f"{empty}: no row below the header"):
        prepare(empty)


def test_nothing_is_prepared_twice(prepare, votes, caplog):
    """Unless the table, a wav or a setting changes."""
    with caplog.at_level("INFO"):
        prepare(votes)
        assert "prepared already" not in caplog.text
        prepare(votes)
        assert "prepared already" in caplog.text
        caplog.clear()
        save_clip(votes.parent / "wavs" / "00.wav", 3200)
        rows = sum(prepare(votes).values(), [])
        durations = {row["ID"]: row["duration"] for row in rows}
        assert durations["00.wav"] == "0.200000"
        votes.write_text(votes.read_text().replace(",1.0,", ",4.9,"))
        rows = sum(prepare(votes).values(), [])
        assert {r["ID"]: r["mos"] for r in rows}["00.wav"] == "4.9"
        with pytest.raises(ManifestError, match="'4.9': outside 1..4.85"):
            prepare(votes, {"mos": "score:1:4.85"})
    assert "prepared already" not in caplog.text


def test_skip_prep(anycorpus, tmp_path):
    """Nothing is read or written."""
    save = tmp_path / "save"
    anycorpus.prepare_anycorpus("no", "no", save, {}, None, skip_prep=True)
    assert not save.exists()


def test_command_line(anycorpus, votes, tmp_path, monkeypatch):
    """The flags of the README."""
    words = f"prepare --csv {votes} --data_folder {tmp_path / 'wavs'} "
    words += f"--save_folder {tmp_path / 'save'} --wav_column file --label "
    words += "mos=score:1:5 g_mos=score:0:5 --label_source lab --seed 3 "
    words += "--group_column speaker --max_train_clips 4"
    monkeypatch.setattr("sys.argv", words.split())
    anycorpus.main()
    rows = read_parts(tmp_path / "save")["train"]
    assert len(rows) == 4
    assert rows[0]["g_mos"] == rows[0]["mos"]
    state = json.loads((tmp_path / "save" / anycorpus.STATE).read_text())
    assert state["settings"]["seed"] == 3


def test_names_in_other_spellings(prepare, tmp_path):
    """Of a Mac, of Windows, in Latin-1; one group in two spellings."""
    wavs = tmp_path / "wavs"
    mac = unicodedata.normalize("NFD", "gr\u00fcn/\u00e9.wav")
    files = [save_clip(wavs / mac), save_clip(wavs / "\u00fc.flac")]
    files += [save_clip(wavs / "x.WAV"), save_clip(wavs / "=y.wav")]
    lines = ["file;score;set;who", "gr\u00fcn\\\u00e9;1;train;\u00e9"]
    lines += ["\u00fc.flac;2;train;e\u0301", "x.wav;3;valid;b"]
    lines += ['"./=y.wav";N/A;test;c', "./=y.wav;4;test;c"]
    table = tmp_path / "t.csv"
    table.write_bytes("\n".join(lines[:4] + lines[5:]).encode("utf-16"))
    settings = {"split_column": "set", "group_column": "who"}
    parts = prepare(table, **settings)
    rows = sum(parts.values(), [])
    assert {row["wav"] for row in rows} == {str(file) for file in files}
    assert {row["group"] for row in parts["train"]} == {"\u00e9"}
    table.write_bytes(b"file;score\n\xfc;1_0\n\xfc.flac;NA\n")
    with pytest.raises(ManifestError) as caught:
        prepare(table)
    message = str(caught.value)
    assert "score = '1_0': not a number" in message
    assert "the same wav as in row 2" in message


def test_a_name_that_fits_two_files(prepare, tmp_path):
    """Neither is taken; the fault has both."""
    composed, mac = (
        save_clip(tmp_path / "wavs" / unicodedata.normalize(form, "\u00e9.wav"))
        for form in ("NFC", "NFD")
    )
    table = write_lines(tmp_path / "t.csv", "file,score", "\u00e9.wav,3")
    with pytest.raises(ValueError, match="left empty|needed|clips"):
        prepare(table)  # the very name is there: nothing is unclear
    composed.rename(composed.with_name("E\u0301.wav"))
    mac.rename(mac.with_name("\u00c9.wav"))
    table = write_lines(tmp_path / "t.csv", "file,score", "\u00c9,3")
    with pytest.raises(ManifestError, match="may be .*; give the full name"):
        prepare(table)
