"""Scores from outside: joining by name, formats, refusals.

Authors
 * The mtqnet-brain developers 2026
"""

import pytest

from mtqnet_brain.data.score_join import join_quest, join_scores, parse_columns
from mtqnet_brain.data.table_files import ScoreError
from mtqnet_brain.tasks import Task

STEMS = ["a_snr0_x_T_b1_1", "a_snr2.5_x_T_b1_2", "T_b1_3"]


def make_rows():
    """Return a row per stem, the last in the folder test."""
    folders = ["train", "train", "test"]
    return [
        {"ID": stem, "wav": f"/data/{folder}/{stem}.wav"}
        for folder, stem in zip(folders, STEMS, strict=True)
    ]


def write(path, text, encoding="utf-8"):
    """Write a table."""
    path.write_bytes(text.encode(encoding))
    return path


def test_names_with_and_without_folder_and_extension(tmp_path):
    """A point in the name is no extension; backslashes are folders."""
    table = write(
        tmp_path / "t.csv",
        f"note,File,S\nx,{STEMS[0]},1.5\n"
        f"y,C:\\out\\train\\{STEMS[1]}.WAV,2.25\n"
        f"z,wavs/{STEMS[2]}.wav,\nw,unknown.wav,4\n",
    )
    rows = make_rows()
    report = join_scores(rows, table, {"s_mos": "S"}, "lab")
    assert [row["s_mos"] for row in rows] == ["1.5", "2.25", ""]
    assert [row["s_mos_source"] for row in rows] == ["lab", "lab", ""]
    assert report.n_matched == 3
    assert report.n_unused == 1
    assert report.without_score == [STEMS[2]]
    assert "1 without a score (T_b1_3)" in str(report)


@pytest.mark.parametrize(
    "text, encoding",
    [
        ("datei;S-MOS;N-MOS\n{0};3,25;1,5\n{1}.wav;4;2\n", "utf-8-sig"),
        ("datei\tS-MOS\tN-MOS\r\n{0}\t3,25\t1,5\r\n{1}\t4\t2\r\n", "utf-16"),
        ('datei,S-MOS,N-MOS\n{0},"3,25",1.5\n\n{1},4,2\n', "utf-8"),
        ("datei; S-MOS ;N-MOS\n{0}; 3.25 ;1.5\n{1};4;2\n", "utf-8"),
    ],
)
def test_exports_of_measurement_tools(tmp_path, text, encoding):
    """Separators, decimal commas, byte-order marks; file by content."""
    table = write(tmp_path / "t.csv", text.format(*STEMS), encoding)
    rows = make_rows()
    join_scores(rows, table, {"s_mos": "S-MOS", "n_mos": "N-MOS"}, "x")
    assert [row["s_mos"] for row in rows] == ["3.25", "4", ""]
    assert [row["n_mos"] for row in rows] == ["1.5", "2", ""]


def test_the_same_name_in_two_folders(tmp_path):
    """A folder in the table tells them apart; a bare name does not."""
    rows = [
        {"ID": "1", "wav": "/d/train/a.wav"},
        {"ID": "2", "wav": "/d/test/a.wav"},
    ]
    table = write(tmp_path / "t.csv", "file,S\ntrain/a.wav,1\ntest/a.wav,2\n")
    join_scores(rows, table, {"s_mos": "S"}, "x")
    assert [row["s_mos"] for row in rows] == ["1", "2"]
    table = write(tmp_path / "u.csv", "file,S\na,3\n")
    with pytest.raises(ScoreError) as caught:
        join_scores(rows, table, {"s_mos": "S"}, "x")
    fault = "row 2: a may be /d/train/a.wav or /d/test/a.wav; name the folder"
    assert fault in str(caught.value)
    # Copies of one recording: the bare name means both.
    join_scores(rows, table, {"s_mos": "S"}, "x", copies=True)
    assert [row["s_mos"] for row in rows] == ["3", "3"]


def test_listeners_are_averaged(tmp_path):
    """Empty scores do not count: (4 + 2 + 3) / 3 and 5."""
    table = write(
        tmp_path / "raw.csv",
        "f,q,i\n" + f"{STEMS[0]},4,1\n{STEMS[0]},,1\n{STEMS[0]},2,0\n"
        f"{STEMS[0]},3,0\n{STEMS[1]},5,\n",
    )
    rows = make_rows()
    columns = {"quality": "q", "intelligibility": "i"}
    join_scores(rows, table, columns, "listeners", average=True)
    assert [row["quality"] for row in rows] == ["3", "5", ""]
    assert [row["intelligibility"] for row in rows] == ["0.5", "", ""]


def test_faults_of_a_table_come_together(tmp_path):
    """Bad numbers with row and value, contradictions with both scores."""
    table = write(
        tmp_path / "t.csv",
        f"file,S\n{STEMS[0]},good\n{STEMS[1]},2\n{STEMS[1]},2.5\n"
        f"{STEMS[2]},1.000,5\n".replace("1.000,5", '"1.000,5"'),
    )
    with pytest.raises(ScoreError) as caught:
        join_scores(make_rows(), table, {"s_mos": "S"}, "x")
    message = str(caught.value)
    assert "t.csv: 3 faults" in message
    assert f"row 2: {STEMS[0]}: S = 'good' is not a number" in message
    assert f"row 5: {STEMS[2]}: S = '1.000,5' is not a number" in message
    assert f"{STEMS[1]}: s_mos is given as [2.0, 2.5]" in message


def test_scores_out_of_range_come_with_the_other_faults(tmp_path):
    """The ends of 1..5 are in; an empty cell and another label too."""
    table = write(
        tmp_path / "t.csv",
        f"file,S,N,SDI\n{STEMS[0]},5.1,1,99\n{STEMS[1]},5,0.99,\n"
        f"{STEMS[2]},,x,0\n",
    )
    columns = {"s_mos": "S", "n_mos": "N", "sdi": "SDI"}
    tasks = [Task("s_mos", 1.0, 5.0), Task("n_mos", 1.0, 5.0)]
    with pytest.raises(ScoreError) as caught:
        join_scores(make_rows(), table, columns, "x", tasks=tasks)
    assert str(caught.value).split("\n") == [
        f"{table}: 3 faults, the first: row 2: {STEMS[0]}: S = '5.1' is "
        "outside 1..5 of s_mos; correct them all and run the same command "
        "again. The next:",
        f"  row 3: {STEMS[1]}: N = '0.99' is outside 1..5 of n_mos",
        f"  row 4: {STEMS[2]}: N = 'x' is not a number",
    ]


def test_the_same_score_twice_is_no_fault(tmp_path):
    """A repeated row that says the same is accepted."""
    text = f"file,S\n{STEMS[0]},2\n{STEMS[0]},2.0\n"
    rows = make_rows()
    join_scores(rows, write(tmp_path / "t.csv", text), {"s_mos": "S"}, "x")
    assert rows[0]["s_mos"] == "2"


def test_a_missing_column_is_named(tmp_path):
    """The error lists the columns that are there."""
    table = write(tmp_path / "t.csv", f"file,MOS\n{STEMS[0]},2\n")
    with pytest.raises(
        ScoreError, match=r"'S' for label s_mos; there are \['file', 'MOS'\]"
    ):
        join_scores(make_rows(), table, {"s_mos": "S"}, "x")


def test_no_match_shows_both_sides(tmp_path):
    """The error has a name of the table and a wav."""
    table = write(tmp_path / "t.csv", "S,path\n2,clip_17.wav\n")
    with pytest.raises(ScoreError) as caught:
        join_scores(make_rows(), table, {"s_mos": "S"}, "x")
    assert "'clip_17.wav'" in str(caught.value)
    assert f"'/data/train/{STEMS[0]}.wav'" in str(caught.value)


@pytest.mark.parametrize(
    "header",
    ["S-MOS,N-MOS,G-MOS", "smos,nmos,gmos", "SMOS_LQO,3QUEST_N_MOS,G MOS"],
)
def test_quest_columns_are_recognised(tmp_path, header):
    """Whatever the spelling, with 3QUEST as the source."""
    table = write(tmp_path / "t.csv", f"f,{header}\n{STEMS[0]},1,2,3\n")
    rows = make_rows()
    join_quest(rows, table)
    labels = [rows[0][name] for name in ("s_mos", "n_mos", "g_mos")]
    assert labels == ["1", "2", "3"]
    assert rows[0]["g_mos_source"] == "3QUEST"


@pytest.mark.parametrize(
    "header, problem",
    [("S-MOS,SMOS,G", "ambiguous"), ("cosmos,osmosis,G", "no MOS column")],
)
def test_unclear_quest_columns_are_refused(tmp_path, header, problem):
    """The error says which columns and how to choose."""
    table = write(tmp_path / "t.csv", f"f,{header}\n{STEMS[0]},1,2,3\n")
    with pytest.raises(ScoreError, match=f"{problem}(.|\n)*--label s_mos="):
        join_quest(make_rows(), table)
    rows = make_rows()
    join_quest(rows, table, {"g_mos": "G"})
    assert rows[0]["g_mos"] == "3"


@pytest.mark.parametrize(
    "label",
    [
        {"s_mos": "A", "n_mos": "B"},
        "s_mos=A n_mos=B",
        "s_mos A n_mos B",
        ["s_mos=A", "n_mos=B"],
    ],
)
def test_columns_may_be_named_in_four_ways(label):
    """Dict, string, string without equals signs, list."""
    assert parse_columns(label) == {"s_mos": "A", "n_mos": "B"}


def test_column_names_with_blanks_stand_in_quotes():
    """As a shell has it."""
    assert parse_columns("s_mos='S MOS' pesq=P") == {
        "s_mos": "S MOS",
        "pesq": "P",
    }


@pytest.mark.parametrize(
    "label", ["s_mos", "mos=A", "", {"mos": "A"}, "s_mos=A s_mos=B"]
)
def test_unclear_columns_are_refused(label):
    """Half a pair, an unknown label, nothing, one label twice."""
    with pytest.raises(ValueError, match="label"):
        parse_columns(label)


def test_a_missing_wav_does_not_change_the_file_column(tmp_path):
    """``uttr`` names the clean clip in every row, but file_name counts."""
    table = write(
        tmp_path / "t.csv",
        "uttr,S,file_name\nT_b1_3,5,T_b1_3.wav\n"
        "T_b1_3,1,gone_snr0_x_T_b1_3.wav\nT_b1_3,2,a_snr0_x_T_b1_1.wav\n",
    )
    rows = make_rows()
    join_scores(rows, table, {"quality": "S"}, "listeners", average=True)
    assert [row["quality"] for row in rows] == ["2", "", "5"]
