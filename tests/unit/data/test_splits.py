"""Splits of a corpus: sizes, overlap, refusals.

Authors
 * The mtqnet-brain developers 2026
"""

from pathlib import Path

import pytest

from mtqnet_brain.data.split_report import log_split, split_summary
from mtqnet_brain.data.splits import (
    SplitError,
    paper_sizes,
    refuse_overlap,
    report_overlap,
    split_rows,
)


def make_rows(n_speakers=9, n_sentences=15, folder="train"):
    """Return one row per speaker and sentence."""
    return [
        {
            "ID": f"{folder}_{speaker}_{sentence}",
            "wav": f"/data/{folder}/T_b{speaker}_{sentence}.wav",
            "speaker": f"b{speaker}",
            "sentence": str(sentence),
        }
        for speaker in range(n_speakers)
        for sentence in range(n_sentences)
    ]


def ids(parts):
    """Return the IDs by part."""
    return {part: {row["ID"] for row in rows} for part, rows in parts.items()}


def sizes(parts):
    """Return the sizes by part."""
    return {part: len(rows) for part, rows in parts.items()}


def test_the_papers_sizes():
    """Section 3.1: 11,000 and 2,500, 10 % of the former for validation."""
    full = {"train": 9900, "valid": 1100, "test": 2500}
    assert paper_sizes(13500) == full
    assert paper_sizes(14915) == full
    assert paper_sizes(1350) == {"train": 990, "valid": 110, "test": 250}


def test_paper_split_of_a_large_corpus_draws_its_sizes():
    """14,000 wavs: the paper's numbers, the rest unused, no wav twice."""
    rows = make_rows(20, 700)
    parts = split_rows(rows, "paper", 1986)
    assert sizes(parts) == {"train": 9900, "valid": 1100, "test": 2500}
    assert len(set.union(*ids(parts).values())) == 13500


def test_paper_split_depends_on_the_seed_and_not_on_the_order():
    """The same seed gives the same parts for rows in any order."""
    rows = make_rows()
    first = ids(split_rows(rows, "paper", 1))
    assert first == ids(split_rows(rows[::-1], "paper", 1))
    assert first != ids(split_rows(rows, "paper", 2))
    counts = {part: len(names) for part, names in first.items()}
    assert counts == {"train": 99, "valid": 11, "test": 25}


def test_copies_of_a_clip_stay_together():
    """A clip with one name in two folders is in one part only."""
    rows = make_rows() + make_rows(folder="test")
    parts = split_rows(rows, "paper", 5)
    stems = [{Path(row["wav"]).stem for row in part} for part in parts.values()]
    assert sum(map(len, stems)) == len(set.union(*stems)) == 135
    assert sum(sizes(parts).values()) == 270


def test_official_split_keeps_the_folders():
    """Test is the folder test, valid a tenth of the folder train."""
    rows = make_rows(4, 10) + make_rows(2, 6, "test")
    parts = split_rows(rows, "official", 3)
    assert sizes(parts) == {"train": 36, "valid": 4, "test": 12}
    assert all("/test/" in row["wav"] for row in parts["test"])
    drawn = ids(parts)
    assert not drawn["train"] & drawn["valid"]


@pytest.mark.parametrize("key", ["sentence", "speaker"])
def test_splits_by_key_share_nothing(key):
    """About the paper's proportions, no value in two parts."""
    rows = make_rows(20, 20)
    parts = split_rows(rows, key, 1986)
    assert set(report_overlap(parts, key).values()) == {0}
    assert sum(sizes(parts).values()) == 400
    # 20 values of 20 wavs each; the shares 0.733, 0.081, 0.185 of 20.
    assert sizes(parts) == {"train": 280, "valid": 40, "test": 80}


def test_overlap_is_counted_by_pair():
    """Two shared sentences, one shared speaker, counted by hand."""
    parts = {
        "train": make_rows(2, 3),
        "valid": make_rows(1, 2),
        "test": [{"sentence": "9", "speaker": "b1"}],
    }
    assert report_overlap(parts, "sentence") == {
        ("train", "valid"): 2,
        ("train", "test"): 0,
        ("valid", "test"): 0,
    }
    assert report_overlap(parts, "speaker")["train", "test"] == 1
    with pytest.raises(SplitError, match="train and valid share 2 sentences"):
        refuse_overlap(parts, "sentence")


def test_impossible_splits_are_refused():
    """Too few speakers, no speaker, a foreign folder, an unknown split."""
    with pytest.raises(SplitError, match="need at least three"):
        split_rows(make_rows(2), "speaker", 1)
    nobody = make_rows()
    nobody[7]["speaker"] = ""
    with pytest.raises(SplitError, match="train_0_7: no speaker"):
        split_rows(nobody, "speaker", 1)
    with pytest.raises(SplitError, match="neither in train/ nor in test/"):
        split_rows(make_rows(folder="dev"), "official", 1)
    with pytest.raises(SplitError, match="test is left empty"):
        split_rows(make_rows(), "official", 1)
    with pytest.raises(SplitError, match="too few"):
        split_rows(make_rows(1, 3), "paper", 1)
    with pytest.raises(SplitError, match="'paper', 'official', 'sentence'"):
        split_rows(make_rows(), "random", 1)


class Listener:
    """Keeps what is logged."""

    def __init__(self):
        self.lines = []

    def info(self, line):
        """Keep a line."""
        self.lines.append(line)


def test_report_shows_found_beside_expected():
    """Counts and overlap of a small corpus, by hand."""
    parts = split_rows(make_rows(3, 9), "paper", 4)
    listener = Listener()
    shared = {"train": make_rows(3, 9), "test": make_rows(2, 1)}
    log_split(shared, 29, "paper", listener)
    assert "29 wavs instead of the 13500" in listener.lines[0]
    assert listener.lines[1:] == [
        "train and test share 1 sentence",
        "train and test share 2 speakers",
    ]
    lines = split_summary(parts, "paper").splitlines()
    # paper_sizes(27): 5 of test, 2 of valid, 20 of train.
    assert lines[1].split()[:3] == ["train", "20", "9900"]
    assert lines[2].split()[:3] == ["valid", "2", "1100"]
    assert lines[3].split()[:3] == ["test", "5", "2500"]
    official = split_summary(parts, "official").splitlines()[1]
    assert official.split()[:3] == ["train", "20", "-"]
