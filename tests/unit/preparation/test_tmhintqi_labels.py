"""The labels that the preparation of TMHINT-QI gives its manifests.

Authors
 * The mtqnet-brain developers 2026
"""

import math
from pathlib import Path

import pytest
from tmhintqi_release import (
    HUMAN,
    MOS,
    MPL,
    PARTS,
    RAW_HEADER,
    read_parts,
    write_labels,
    write_scores,
)

from mtqnet_brain.data.manifest import ManifestError
from mtqnet_brain.tasks import Task


def test_scores_of_ones_own(recipe, release, tmp_path):
    """--label_csv with columns as a string; a clip without score is kept."""
    missing = "KLT_snr-2_street_TMHINT_b3_07_10"
    table = write_scores(tmp_path / "own.csv", release, skip=[missing])
    recipe.prepare_tmhintqi(
        release,
        tmp_path / "save",
        MOS,
        label_csv=table,
        label="s_mos G-MOS n_mos N-MOS g_mos S-MOS",
        label_source="our lab",
    )
    parts = read_parts(tmp_path / "save").values()
    rows = {row["ID"]: row for part in parts for row in part}
    assert rows[missing]["s_mos"] == rows[missing]["s_mos_source"] == ""
    other = rows["TMHINT_b3_07_10"]
    assert (other["s_mos"], other["s_mos_source"]) == ("1.25", "our lab")


@pytest.mark.parametrize(
    "settings",
    [
        {"quest_csv": "t.csv"},
        {"label_csv": "t.csv", "label": "s_mos=S-MOS", "label_source": "x"},
    ],
)
def test_scores_out_of_range_are_found_before_the_teacher(
    recipe, release, tmp_path, monkeypatch, settings
):
    """In the user's table, by its row and column; nothing is written."""
    write_scores(tmp_path / "t.csv", release, value="7")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "mtqnet_brain.teacher.pseudo_label_manifest",
        lambda *args, **kwargs: pytest.fail("a teacher was asked"),
    )
    with pytest.raises(ValueError) as caught:
        recipe.prepare_tmhintqi(release, "save", MPL, teacher="run", **settings)
    message = str(caught.value)
    assert message.startswith("t.csv: 56 faults, the first: row 2: ")
    assert "S-MOS = '7' is outside 1..5 of s_mos" in message
    assert not (tmp_path / "save" / "train.csv").exists()


def test_labels_of_the_corpus_builder(recipe, release, tmp_path, caplog):
    """Composite labels are taken; two of 56 that failed are left out."""
    bad = "train/TMHINT_g2_01_01.wav", "test/TMHINT_b3_07_10.wav"
    write_labels(
        release / "labels.csv", release, lambda n: "silent" * (n in bad)
    )
    recipe.prepare_tmhintqi(
        release, tmp_path / "save", MOS, label_source="composite"
    )
    rows = sum(read_parts(tmp_path / "save").values(), [])
    assert len(rows) == 54
    assert not {Path(name).stem for name in bad} & {r["ID"] for r in rows}
    labels = [rows[0][k] for k in ("s_mos", "n_mos", "g_mos", "pesq")]
    assert labels == ["3.1", "2.2", "2.6", "1.5"]
    assert rows[0]["s_mos_source"] == "composite (CSIG/CBAK/COVL)"
    assert rows[0]["sdi_source"] == "intrusive"
    assert "2 of 56 wavs could not be labelled" in caplog.text
    assert "silent (2)" in caplog.text


def test_too_many_failures_are_refused(recipe, release, tmp_path):
    """Three of 56 are more than 5 %."""
    write_labels(
        release / "labels.csv", release, lambda n: "silent" * ("g2_01" in n)
    )
    with pytest.raises(ManifestError, match="14 of 56 .*silent .14."):
        recipe.prepare_tmhintqi(
            release, tmp_path / "save", MOS, label_source="composite"
        )


def test_labels_are_computed_once(recipe, release, tmp_path, monkeypatch):
    """Each wav is paired with its clean clip; another split reuses them."""
    calls = []

    def fake_label_pairs(pairs, output, workers):
        """Write invented labels."""
        calls.append(pairs)
        output.parent.mkdir()
        write_labels(output, release)
        return 0

    monkeypatch.setattr("mtqnet_brain.labels.label_pairs", fake_label_pairs)
    for split in ("paper", "official"):
        recipe.prepare_tmhintqi(
            release,
            tmp_path / "save",
            MOS,
            split=split,
            label_source="composite",
        )
    (pairs,) = calls
    assert len(pairs) == 56
    pair = next(p for p in pairs if p.file.startswith("test/Noisy_"))
    clean = release / "test" / f"{Path(pair.file).stem[-15:]}.wav"
    assert str(pair.reference) == str(clean)
    assert str(pair.degraded) == str(release / pair.file)


def test_another_labels_csv_is_no_fault(recipe, release, tmp_path, monkeypatch):
    """A user's own table of that name; ours may have ./ before a name."""
    (release / "labels.csv").write_text("file,mos\ntrain/x.wav,3\n")

    def fake_label_pairs(pairs, output, workers):
        """Write invented labels."""
        output.parent.mkdir()
        write_labels(output, release)
        text = output.read_text().replace("\ntrain/", "\n./train/")
        output.write_text(text)

    monkeypatch.setattr("mtqnet_brain.labels.label_pairs", fake_label_pairs)
    recipe.prepare_tmhintqi(
        release, tmp_path / "save", MOS, label_source="composite"
    )
    assert read_parts(tmp_path / "save")["train"][0]["s_mos"] == "3.1"


def test_three_ways_are_shown_without_labels(recipe, release, tmp_path):
    """The error has the exact flags."""
    with pytest.raises(ValueError) as caught:
        recipe.prepare_tmhintqi(release, tmp_path / "save", MOS)
    for flag in (
        "s_mos, n_mos, g_mos",
        "--label_csv FILE --label s_mos=COLUMN n_mos=COLUMN g_mos=COLUMN "
        "--label_source NAME",
        "--quest_csv FILE",
        "--label_source composite",
    ):
        assert flag in str(caught.value)


@pytest.mark.parametrize(
    "settings, problem",
    [
        ({"quest_csv": "q", "label_csv": "t"}, "given twice"),
        ({"quest_csv": "q", "label_source": "composite"}, "given twice"),
        ({"quest_csv": "q", "label_source": "lab"}, "no --label_source"),
        ({"label_csv": "t", "label": "s_mos=A"}, "--label_source NAME"),
        ({"label_csv": "t", "label_source": "lab"}, "needs --label s_mos"),
        ({"label": "s_mos=A"}, "no table to read"),
        ({"label_source": "composite", "split": "x"}, "'x' is not one of"),
    ],
)
def test_contradicting_settings(recipe, release, tmp_path, settings, problem):
    """Too much and too little, each with its remedy."""
    write_labels(release / "labels.csv", release)
    with pytest.raises(ValueError, match=problem):
        recipe.prepare_tmhintqi(release, tmp_path / "save", MOS, **settings)


def test_missing_listeners_and_folders(recipe, release, tmp_path):
    """The error names the path of raw_data.csv, or the folder."""
    raw = release / "raw_data.csv"
    raw.write_text(RAW_HEADER + "\n0,None,u,None,None,,,TMHINT_b1_01_01\n")
    with pytest.raises(ValueError, match=f"{raw} gives no quality_score"):
        recipe.prepare_tmhintqi(release, tmp_path / "save", HUMAN)
    raw.unlink()
    with pytest.raises(ValueError, match=f"{raw} gives no quality_score"):
        recipe.prepare_tmhintqi(release, tmp_path / "save", HUMAN)
    with pytest.raises(FileNotFoundError, match="nowhere: no wav"):
        recipe.prepare_tmhintqi(tmp_path / "nowhere", tmp_path, HUMAN)


def test_pseudo_labels_come_from_a_teacher(
    recipe, release, tmp_path, monkeypatch
):
    """Without one the error has the commands; with one they are written."""
    save = tmp_path / "save"
    table = write_scores(tmp_path / "quest.csv", release)
    with pytest.raises(ManifestError) as caught:
        recipe.prepare_tmhintqi(release, save, MPL, quest_csv=table)
    for part in PARTS:
        path = save / f"{part}.csv"
        command = f"mtqnet pseudo-label {path} --teacher WHAT --output "
        assert command + str(path) in str(caught.value)
    taught = []

    def fake_teacher(manifest, teacher, output, devices, workers, cache):
        """Write invented pseudo-labels."""
        add_pseudo_column(manifest, output)
        taught.append((Path(manifest).name, teacher, cache))

    monkeypatch.setattr(
        "mtqnet_brain.teacher.pseudo_label_manifest", fake_teacher
    )
    for _ in range(2):
        recipe.prepare_tmhintqi(
            release,
            save,
            MPL,
            quest_csv=table,
            teacher=["run", "dnsmos"],
            teacher_cache="kept",
        )
    both = ["run", "dnsmos"]
    assert taught == [(f"{part}.csv", both, "kept") for part in PARTS]
    assert read_parts(save)["valid"][0]["pseudo_stoi"] == "0.5"


def test_clips_without_reference_learn_from_a_teacher(
    recipe, release, tmp_path, monkeypatch
):
    """They stay, without labels; without a teacher they are refused."""
    for wav in release.glob("train/TMHINT_g2_01_01.wav"):
        wav.unlink()
    write_labels(release / "labels.csv", release)
    lines = (release / "labels.csv").read_text().splitlines()
    alone = [line for line in lines if "_TMHINT_g2_01_01.wav" in line]
    kept = [line for line in lines if line not in alone]
    (release / "labels.csv").write_text("\n".join(kept) + "\n")

    def fake_teacher(manifest, teacher, output, **_):
        """Write invented pseudo-labels."""
        add_pseudo_column(manifest, output)

    monkeypatch.setattr(
        "mtqnet_brain.teacher.pseudo_label_manifest", fake_teacher
    )
    call = {"split": "official", "label_source": "composite"}
    with pytest.raises(ManifestError, match="have no clean reference"):
        recipe.prepare_tmhintqi(release, tmp_path / "a", MPL, **call)
    recipe.prepare_tmhintqi(release, tmp_path / "b", MPL, teacher="run", **call)
    rows = [row for part in read_parts(tmp_path / "b").values() for row in part]
    found = [row for row in rows if not row["reference"]]
    assert len(found) == len(alone) == 6 and len(rows) == 55
    assert {row["s_mos"] for row in found} == {""}
    assert {row["pseudo_stoi"] for row in rows} == {"0.5"}


def add_pseudo_column(manifest, output):
    """Add the column as a text editor would do it."""
    head, *lines = Path(manifest).read_text().splitlines()
    lines = [f"{head},pseudo_stoi"] + [f"{line},0.5" for line in lines]
    Path(output).write_text("\n".join(lines) + "\n")


def test_pseudo_labels_made_by_hand_are_kept(recipe, release, tmp_path):
    """What `mtqnet pseudo-label` wrote survives, and is checked."""
    save = tmp_path / "save"
    table = write_scores(tmp_path / "quest.csv", release)
    recipe.prepare_tmhintqi(release, save, MOS, quest_csv=table)
    for part in PARTS:
        path = save / f"{part}.csv"
        add_pseudo_column(path, path)
    recipe.prepare_tmhintqi(release, save, MPL, quest_csv=table)
    assert read_parts(save)["test"][0]["pseudo_stoi"] == "0.5"
    path = save / "test.csv"
    path.write_text(path.read_text().replace(",0.5\n", ",1.5\n", 1))
    with pytest.raises(ManifestError, match="test.csv, row 2, pseudo_stoi"):
        recipe.prepare_tmhintqi(release, save, MPL, quest_csv=table)


def test_unbounded_labels_above_the_cap_stay(recipe, release, tmp_path):
    """SDI has no upper end; its cap acts in training only."""
    table = write_scores(tmp_path / "t.csv", release, value="17,5")
    sdi = Task("sdi", 0.0, math.inf, cap=2.0)
    recipe.prepare_tmhintqi(
        release,
        tmp_path / "save",
        [sdi],
        label_csv=table,
        label={"sdi": "S-MOS"},
        label_source="lab",
    )
    assert read_parts(tmp_path / "save")["test"][0]["sdi"] == "17.5"


def test_composite_labels_need_references(recipe, release, tmp_path):
    """Said before any is computed."""
    for wav in release.rglob("TMHINT_g2*.wav"):
        wav.unlink()
    with pytest.raises(ManifestError, match="12 of 54 wavs have no clean ref"):
        recipe.prepare_tmhintqi(
            release, tmp_path / "save", MOS, label_source="composite"
        )
