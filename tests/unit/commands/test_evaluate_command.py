"""`mtqnet evaluate`: agreement of scores with labels.

Authors
 * The mtqnet-brain developers 2026
"""

import io
import json

import numpy as np
import pytest
from scipy import stats
from scored_and_labelled import LATIN, write_tables

from mtqnet_brain.cli import main
from mtqnet_brain.data.table_files import ScoreError
from mtqnet_brain.evaluation.score_evaluation import evaluate_scores
from mtqnet_brain.utils.files import write_csv

N = 30
ENDINGS = ("wav", "flac", "ogg", "mp3")


@pytest.fixture
def tables(tmp_path):
    """Scores of thirty files and labels of all but one, as two CSVs."""
    generator = np.random.default_rng(2)
    true = generator.uniform(1, 5, N)
    scored = true + generator.normal(scale=0.5, size=N)
    scores = [
        {
            "file": f"in/{i}.{ENDINGS[i % 4]}",
            "g_mos": "" if i == 3 else f"{scored[i]:.6g}",
            "warning": "",
            "error": "empty" if i == 3 else "",
        }
        for i in range(N)
    ]
    labels = [
        {
            "name": f"{i}.{ENDINGS[i % 4]}",
            "G": f"{true[i]:.6g}",
            "system": "AB"[i % 2],
        }
        for i in range(N)
        if i != 7
    ]
    write_csv(tmp_path / "s.csv", scores)
    write_csv(tmp_path / "l.csv", labels[::-1])
    keep = np.array([i not in (3, 7) for i in range(N)])
    return tmp_path / "s.csv", tmp_path / "l.csv", scored, true, keep


def test_figures_are_scipys(tables):
    """Over files with score and label, over and within systems."""
    scores, labels, scored, true, keep = tables
    found = evaluate_scores(scores, labels, {"g_mos": "G"})
    (agreement,) = found.agreements
    assert found.unlabelled == ["in/7.mp3"]
    assert found.remarks == [
        f"1 of 30 files of {scores} have no g_mos: in/3.mp3"
    ]
    assert agreement.utterance["n"] == 28
    x, y = scored[keep], true[keep]
    lcc = stats.pearsonr(x, y)[0]
    assert agreement.utterance["lcc"] == pytest.approx(lcc, abs=1e-5)
    mse = np.mean((x - y) ** 2)
    assert agreement.utterance["mse"] == pytest.approx(mse, abs=1e-5)
    low, high = agreement.intervals["lcc"]
    assert low < lcc < high
    one = keep & (np.arange(N) % 2 == 0)
    within = agreement.by_system["A"]
    assert within["n"] == one.sum()
    srcc = stats.spearmanr(scored[one], true[one])[0]
    assert within["srcc"] == pytest.approx(srcc, abs=1e-9)
    assert within["true"] == pytest.approx(true[one].mean(), abs=1e-5)
    assert agreement.system["n"] == 2


def test_command_prints_them(tables, capsys):
    """With intervals, systems and what had no label."""
    scores, labels, *_ = tables
    arguments = ["evaluate", str(scores), str(labels)]
    assert main([*arguments, "--label", "g_mos=G", "--resamples", "50"]) == 0
    printed = capsys.readouterr().out
    assert "g_mos by system" in printed and "system means" in printed
    assert "1 of the files have no label: in/7.mp3" in printed


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ([], "give --label SCORE=COLUMN; scores are g_mos"),
        (["--label", "x=G"], "give --label SCORE=COLUMN"),
        (["--label", "g_mos"], "--label g_mos: expected SCORE=COLUMN"),
        (["--label", "g_mos=Q"], "no column 'Q'"),
        (["--label", "g_mos=G", "g_mos=name"], "g_mos is given twice"),
        (
            ["--label", "g_mos=G", "--resamples", "0"],
            "n_resamples must be at least 1, got 0",
        ),
        (
            ["--label", "g_mos=G", "--system_column", "Z"],
            "no column 'Z'",
        ),
    ],
)
def test_wrong_calls(more, message, tables, capsys):
    """End with 2 and say what there is."""
    assert main(["evaluate", str(tables[0]), str(tables[1]), *more]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("method", {"KLT", "clean"}),
        ("noise", {"pink", "white", "clean"}),
        ("snr", {"-2", "5", "clean"}),
    ],
)
def test_names_tell_the_condition(by, groups, tmp_path):
    """Where they are TMHINT-QI's and the labels have no column of systems."""
    names = ["KLT_snr-2_pink_A_b_1", "KLT_snr5_white_A_b_1", "A_b_1"]
    rows = [
        {"file": f"{name}.wav", "g_mos": 1.0 + i, "warning": "", "error": ""}
        for i, name in enumerate(names)
    ]
    labels = [{"file": row["file"], "g": 2.0} for row in rows]
    write_csv(tmp_path / "s.csv", rows)
    write_csv(tmp_path / "l.csv", labels)
    found = evaluate_scores(
        tmp_path / "s.csv", tmp_path / "l.csv", {"g_mos": "g"}, by=by
    )
    assert found.agreements[0].by_system.keys() == groups


def test_files_without_a_score_are_counted(tmp_path, capsys):
    """Refused ones and NaN, as those that the table lacks."""
    files = [f"{i}.wav" for i in range(7)]
    scores, labels, _ = write_tables(tmp_path, files, labels=range(1, 8))
    lines = ["file,g_mos,error", "0.wav,1,", "1.wav,2,", "2.wav,nan,"]
    lines += [f"{i}.wav,,digital silence" for i in range(3, 6)]
    scores.write_text("\n".join(lines))
    command = ["evaluate", str(scores), str(labels), "--label", "g_mos=g"]
    assert main(command) == 0
    said = capsys.readouterr().err
    names = "2.wav, 3.wav, 4.wav, ..."
    assert f"4 of 6 files of {scores} have no g_mos: {names}" in said
    assert f"1 files of {labels} have no score" in said


def test_labels_out_of_range_are_named(tmp_path, capsys):
    """With row, value and range; of scores that are not ours, nobody knows."""
    files = ["a.wav", "b.wav", "c.wav", "d.wav"]
    values = ("1e3", "7", "-1", "3")
    scores, labels, _ = write_tables(tmp_path, files, labels=values)
    command = ["evaluate", str(scores), str(labels), "--label"]
    assert main([*command, "g_mos=g"]) == 0
    said = capsys.readouterr().err
    assert f"{labels}: 3 labels are out of range" in said
    for row, value in zip((2, 3, 4), values):
        assert f"row {row}: g = '{value}' is outside 1..5 of g_mos" in said
    scores.write_text(scores.read_text().replace("g_mos", "mine"))
    assert main([*command, "mine=g"]) == 0
    assert "out of range" not in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["s.csv", "l.csv"])
def test_a_missing_table_is_named(missing, tmp_path, capsys):
    """Without a number of the system's error."""
    scores, labels, _ = write_tables(tmp_path, ["a.wav", "b.wav"])
    (tmp_path / missing).unlink()
    assert main(["evaluate", str(scores), str(labels), "--label=g_mos=g"]) == 2
    said = capsys.readouterr().err
    assert f"{tmp_path / missing}: no such file" in said
    assert "Errno" not in said


def test_raters_are_averaged(tmp_path, capsys):
    """NA and the like are missing; how many there were is said."""
    scores, labels, columns = write_tables(tmp_path, ["a.wav", "b.wav"])
    labels.write_text(
        "file;g\na.wav;3\na.wav;N/A\na.wav;4,5\nb.wav;2\na.wav;-\nb.wav;NA\n"
    )
    found = evaluate_scores(scores, labels, columns)
    # means 3.75 and 2 against 0 and 1.5
    expected = (3.75**2 + 0.5**2) / 2
    assert found.agreements[0].utterance["mse"] == pytest.approx(expected)
    assert found.remarks == ["labels are means of 1 to 2 rows per file"]
    command = ["evaluate", str(scores), str(labels), "--label", "g_mos=g"]
    assert main(command) == 0
    assert found.remarks[0] in capsys.readouterr().err


def test_cells_that_are_no_numbers(tmp_path):
    """Of scores and labels, with row and value."""
    scores, labels, columns = write_tables(tmp_path, ["a.wav", "b.wav"])
    scores.write_text("file,g_mos\na.wav,1_0\nb.wav,inf\n")
    with pytest.raises(ScoreError) as caught:
        evaluate_scores(scores, labels, columns)
    assert "row 2: a.wav: g_mos = '1_0' is not a number" in str(caught.value)
    assert "row 3: b.wav: g_mos = 'inf' is not a number" in str(caught.value)


def test_undefined_figures(tmp_path, capsys):
    """Constant labels and single files have no correlation, and no 0.000."""
    scores, labels, columns = write_tables(
        tmp_path, ["a.wav", "b.wav"], labels=(3, 3)
    )
    labels.write_text("file,g,system\na.wav,3,A\nb.wav,3,B\n")
    command = ["evaluate", str(scores), str(labels), "--label", "g_mos=g"]
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "g_mos: no correlation, all true scores are 3" in printed
    figures, *_ = (x for x in printed.splitlines() if x.startswith("g_mos  "))
    assert figures.split()[:4] == ["g_mos", "2", "undefined", "undefined"]
    # a: 0 against 3
    row = next(x for x in printed.splitlines() if x.startswith("  A "))
    assert row.split() == ["A", "1", "-", "-", "9.000", "3.000", "0.000"]


def test_a_file_of_two_systems(tmp_path):
    """No last one wins."""
    scores, labels, columns = write_tables(tmp_path, ["a.wav", "b.wav"])
    labels.write_text("file,g,system\na.wav,3,A\na.wav,3,B\nb.wav,2,B\n")
    with pytest.raises(ScoreError, match="a.wav is of two systems, A and B"):
        evaluate_scores(scores, labels, columns)


@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_json_of_score(ending, tmp_path):
    """As the CSV."""
    _, labels, columns = write_tables(tmp_path, ["a.wav", "b.wav"])
    rows = [
        {"file": "a.wav", "g_mos": 0.0, "error": None, "frames": {"g": [1]}},
        {"file": "b.wav", "g_mos": 1.5, "error": None},
        {"file": "c.wav", "g_mos": None, "error": "empty"},
    ]
    text = "\n".join(map(json.dumps, rows))
    if ending == "json":
        text = json.dumps(rows)
    (tmp_path / f"s.{ending}").write_text(text)
    found = evaluate_scores(tmp_path / f"s.{ending}", labels, columns)
    assert found.agreements[0].utterance["mse"] == (1 + 0.25) / 2


def test_unlabelled_names_are_printed_whatever_their_bytes(
    tmp_path, monkeypatch
):
    """On a terminal that cannot show them too."""
    scores, labels, _ = write_tables(tmp_path, [LATIN, "b.wav"], ["b.wav"])
    terminal = io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr("sys.stdout", terminal)
    command = ["evaluate", str(scores), str(labels), "--label", "g_mos=g"]
    assert main(command) == 0
    terminal.flush()
    assert b"caf\\udce9.wav" in terminal.buffer.getvalue()
