"""Tables of votes, and which score answers which column of them.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest

from mtqnet_brain.data.table_files import ScoreError
from mtqnet_brain.evaluation.listening_tests import judge_tests
from mtqnet_brain.evaluation.vote_tables import pair_with_votes, read_votes
from mtqnet_brain.utils.files import write_csv

VOTES = (1.5, 2.5, 3.5, 4.5, 2.0)


def write_test(folder, rows, name="labels.csv"):
    """Write a table of votes with empty files beside it."""
    (folder / "audio").mkdir(parents=True)
    for row in rows:
        (folder / "audio" / row["file"]).touch()
    write_csv(folder / name, rows)
    return folder / name


@pytest.fixture
def table(tmp_path):
    """A test of five clips with votes on backgrounds and overall."""
    rows = [
        {"file": f"{i}.wav", "condition": "AB"[i % 2], "sig": "", "bak": 5 - v}
        | {"mos": v}
        for i, v in enumerate(VOTES)
    ]
    return write_test(tmp_path / "codecs", rows)


def rated(**raters):
    """Return scores as raters give them, without errors."""
    return {
        name: {k: np.array(v, float) for k, v in scores.items()}
        | {"error": [""] * len(VOTES)}
        for name, scores in raters.items()
    }


def test_a_table_is_read(table):
    """Named after its folder; files are found beside it."""
    test = read_votes(table)
    assert test.name == "codecs"
    assert test.wavs[1] == str(table.parent / "audio" / "1.wav")
    assert test.conditions == ["A", "B", "A", "B", "A"]
    np.testing.assert_allclose(test.votes("mos"), VOTES)
    assert np.isnan(test.votes("sig")).all()


def test_votes_of_several_listeners_are_averaged(tmp_path):
    """A row per listener; a test is named after its table."""
    votes = [("a.wav", 2), ("b.wav", 5), ("a.wav", 3)]
    rows = [{"file": file, "mos": vote} for file, vote in votes]
    test = read_votes(write_test(tmp_path / "x", rows, "kitchen.csv"))
    assert test.name == "kitchen" and test.conditions is None
    assert test.votes("mos").tolist() == [2.5, 5.0]


def test_faults_of_a_table_are_named(table, tmp_path):
    """Row, file and value."""
    with pytest.raises(ScoreError, match="row 2: 0.wav: mos = 'A' is not a n"):
        rows = [{"file": "0.wav", "mos": "A"}]
        read_votes(write_test(tmp_path / "y", rows)).votes("mos")
    with pytest.raises(ScoreError, match="mos = '1e160' is outside -1e"):
        rows = [{"file": "0.wav", "mos": "1e160"}]  # its square is infinite
        read_votes(write_test(tmp_path / "z", rows)).votes("mos")
    (table.parent / "audio" / "3.wav").unlink()
    with pytest.raises(ScoreError, match="1 of 5 files .*row 5: 3.wav"):
        read_votes(table)
    with pytest.raises(ScoreError, match="no column 'codec'"):
        read_votes(table, "codec")


@pytest.mark.parametrize(
    ("columns", "overall"),
    [
        (["sig", "bak", "ovrl", "mos"], "ovrl"),
        (["mos", "mushra"], "mos"),
        (["g_mos", "mos"], "g_mos"),
    ],
)
def test_the_column_of_an_overall_score(columns, overall):
    """Its own name first, then that of P.835, then any opinion score."""
    pairs = pair_with_votes(["s_mos", "n_mos", "g_mos"], columns)
    assert pairs[overall] == "g_mos"
    assert pairs.get("sig") == ("s_mos" if "sig" in columns else None)


def test_each_column_with_votes_is_judged_for_every_rater(table):
    """SIG has no votes here; one overall score answers every column."""
    test = read_votes(table)
    own = dict.fromkeys(("s_mos", "n_mos", "g_mos"), VOTES)
    scores = rated(
        ours=own, p835={"sig": VOTES, "ovrl": VOTES}, one={"distillmos": VOTES}
    )
    found = judge_tests([test], [scores], n_resamples=10)
    got = {
        (q.column, one.rater): (one.score, one.values["lcc"])
        for q in found.questions
        for one in q.judgements
    }
    expected = {
        ("bak", "ours"): ("n_mos", -1),
        ("bak", "one"): ("distillmos", -1),
        ("mos", "ours"): ("g_mos", 1),
        ("mos", "p835"): ("ovrl", 1),
        ("mos", "one"): ("distillmos", 1),
    }
    assert got.keys() == expected.keys()
    for key, (score, lcc) in expected.items():
        assert got[key] == (score, pytest.approx(lcc))


def test_all_are_judged_by_the_clips_that_all_scored(table):
    """A clip that one refuses is left out for everyone, and named."""
    scores = rated(ours={"g_mos": VOTES}, other={"ovrl": VOTES})
    scores["other"]["ovrl"][2] = np.nan
    scores["other"]["error"][2] = "silence"
    found = judge_tests([read_votes(table)], [scores], n_resamples=10)
    (question,) = found.questions
    assert question.files == ["0.wav", "1.wav", "3.wav", "4.wav"]
    assert {one.n for one in question.judgements} == {4}
    assert found.remarks == [
        "codecs: 1 of 5 files have no score of other: 2.wav (silence)"
    ]


def test_columns_may_be_chosen(table):
    """And a choice for a score that nobody gives is refused."""
    scores = rated(ours={"quality": VOTES})
    test = read_votes(table)
    with pytest.raises(ScoreError, match="give --label SCORE=COLUMN"):
        judge_tests([test], [scores], n_resamples=10)
    found = judge_tests([test], [scores], {"quality": "mos"}, 10)
    assert [q.column for q in found.questions] == ["mos"]
    with pytest.raises(ScoreError, match="--label x: no rater has that"):
        judge_tests([test], [scores], {"x": "mos"}, 10)
