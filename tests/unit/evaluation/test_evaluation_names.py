"""Names by which scores and labels are joined.

Authors
 * The mtqnet-brain developers 2026
"""

import pytest
from scored_and_labelled import LATIN, write_tables

from mtqnet_brain.data.table_files import ScoreError
from mtqnet_brain.evaluation.score_evaluation import evaluate_scores

NAMES = [
    ["c0.mp3.wav", "c1.mp3.wav", "c2.opus", "c3.aiff"],
    ["d/a.b", "d/a.c", "x_snr2.5", "noending"],
    ["new\nline.wav", "u\u2028.wav", "nel\x85.wav", LATIN],
    ["a;b.wav", "tab\t.wav", 'q".wav', "=c.wav"],
    ["a/x.wav", "b/x.wav", "c/a/x.wav", "x.flac"],
    ["a.wav", "a.flac", "b.WAV", "b.mp3"],
]


@pytest.mark.parametrize("names", NAMES)
def test_it_reads_what_score_writes(names, tmp_path):
    """Labels whose file column is copied letter for letter."""
    found = evaluate_scores(*write_tables(tmp_path, names))
    figures = found.agreements[0].utterance
    # ranks 1 2 3 4 against 1 2 4 3: 1 - 6 * 2 / (4 * 15)
    assert figures["n"] == 4 and figures["srcc"] == pytest.approx(0.8)
    assert not found.unlabelled


@pytest.mark.parametrize(
    "files, names",
    [
        (["e\u0301.wav", "fu\u0308r.wav"], ["\u00e9.wav", "f\u00fcr.wav"]),
        ([LATIN, "b.wav"], ["caf\u00e9.wav", "b.wav"]),
        (["in/a/x.wav", "in/b/x.wav"], ["C:\\a\\x.WAV", "b\\x"]),
        (["./=a.wav", "./-b.wav"], ["=a.wav", "-b"]),
        (["=a.wav", "-b.wav"], ["./=a.wav", "./-b.wav"]),
        (["a.wav", "b.wav"], [" 'a.wav' ", '"b"']),
        (["/d/1/x.wav", "/d/2/y.wav"], ["old/x.flac", "old/y.flac"]),
        (["x.mp3.wav", "x.opus", "x.aiff"], ["x.mp3", "x.opus"]),
    ],
)
def test_other_spellings_join(files, names, tmp_path):
    """Of a Mac, Latin-1, Windows, a spreadsheet; by the longest path."""
    found = evaluate_scores(*write_tables(tmp_path, files, names))
    assert found.agreements[0].utterance["n"] == 2
    # scored 0 and 1.5, labelled 1 and 2
    assert found.agreements[0].utterance["mse"] == (1 + 0.25) / 2


@pytest.mark.parametrize(
    "files, names, fault",
    [
        (
            ["a/x.wav", "b/x.wav"],
            ["x.wav"],
            "row 2: x.wav may be a/x.wav or b/x.wav; name the folder too",
        ),
        (
            ["x.wav"],
            ["a/x.wav", "b/x.wav"],
            "x.wav may be a/x.wav (row 2) or b/x.wav (row 3); give more of",
        ),
        (["a.wav", "a.flac"], ["a"], "row 2: a may be a.wav or a.flac"),
        (
            ["d/x.mp3.wav", "e/x.mp3.wav", "x.opus"],
            ["x.mp3"],
            "row 2: x.mp3 may be d/x.mp3.wav or e/x.mp3.wav; name the",
        ),
    ],
)
def test_unclear_names_are_faults(files, names, fault, tmp_path):
    """Both candidates are named, and nothing is guessed."""
    with pytest.raises(ScoreError) as caught:
        evaluate_scores(*write_tables(tmp_path, files, names))
    assert fault in str(caught.value)


def test_longer_paths_win(tmp_path):
    """A row for another folder's file of that name is no second label."""
    tables = write_tables(tmp_path, ["in/a/x.wav"], ["b/x.wav", "a/x.wav"])
    found = evaluate_scores(*tables)
    assert found.agreements[0].utterance["mse"] == 4  # 0 against 2
    assert found.remarks == [f"1 files of {tables[1]} have no score"]
    tables = write_tables(tmp_path, ["x.wav"], ["a/x.wav", "x.wav"])
    found = evaluate_scores(*tables)
    assert found.agreements[0].utterance["mse"] == 4


def test_doubled_rows_of_scores_count_once(tmp_path):
    """If they say the same; else both are named."""
    tables = write_tables(tmp_path, ["a.wav", "b.wav", "c.wav"])
    text = tables[0].read_text()
    tables[0].write_text(text + "./a.wav,0.0,,\n")
    found = evaluate_scores(*tables)
    assert found.agreements[0].utterance["n"] == 3
    assert "1 rows of" in found.remarks[0] and "once" in found.remarks[0]
    tables[0].write_text(text + "a.wav,4,,\n")
    with pytest.raises(ScoreError, match="row 5: a.wav has other .* row 2;"):
        evaluate_scores(*tables)
