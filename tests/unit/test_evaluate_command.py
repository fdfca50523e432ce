"""`mtqnet evaluate`: agreement of scores with labels.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest
from scipy import stats

from mtqnet_brain.cli import main
from mtqnet_brain.evaluation import evaluate_scores
from mtqnet_brain.files import write_csv

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
    assert found.unlabelled == ["in/7.mp3"] and not found.remarks
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
