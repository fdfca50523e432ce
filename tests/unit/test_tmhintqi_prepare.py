"""The preparation of TMHINT-QI on a miniature with all its quirks.

Authors
 * The mtqnet-brain developers 2026
"""

import json
import shutil
from pathlib import Path

import pytest
from tmhintqi_release import (
    HUMAN,
    MOS,
    RECIPE,
    read_parts,
    write_scores,
)

from mtqnet_brain.manifest import ManifestError, read_manifest
from mtqnet_brain.tables import ScoreError


def test_quest_scores_and_listeners(recipe, release, tmp_path, capsys):
    """Every cell of a processed and of a clean clip, by hand."""
    table = write_scores(tmp_path / "quest.csv", release)
    save = tmp_path / "save"
    recipe.prepare_tmhintqi(release, save, MOS + HUMAN, quest_csv=table)
    parts = read_parts(save)
    rows = {row["ID"]: row for part in parts.values() for row in part}
    # 56 wavs: 56 x 2,500 / 13,500 = 10.4 of test, a tenth of the rest valid.
    assert {k: len(v) for k, v in parts.items()} == {
        "train": 41,
        "valid": 5,
        "test": 10,
    }
    clean = release / "train" / "TMHINT_b1_01_02.wav"
    assert rows["FCN_snr-2_street_TMHINT_b1_01_02"] == {
        "ID": "FCN_snr-2_street_TMHINT_b1_01_02",
        "duration": "0.050000",
        "wav": str(release / "train/FCN_snr-2_street_TMHINT_b1_01_02.wav"),
        "reference": str(clean),
        "method": "FCN",
        "snr": "-2",
        "noise": "street",
        "sentence": "01_02",
        "speaker": "b1",
        "s_mos": "2.5",
        "s_mos_source": "3QUEST",
        "n_mos": "3",
        "n_mos_source": "3QUEST",
        "g_mos": "1.25",
        "g_mos_source": "3QUEST",
        "quality": "3.5",
        "quality_source": "TMHINT-QI listeners",
        "intelligibility": "9",
        "intelligibility_source": "TMHINT-QI listeners",
    }
    clean_row = rows["TMHINT_b1_01_02"]
    assert clean_row["wav"] == clean_row["reference"] == str(clean)
    assert [clean_row[k] for k in ("method", "snr", "noise")] == [
        "clean",
        "",
        "",
    ]
    assert capsys.readouterr().out.splitlines()[1].split()[:3] == [
        "train",
        "41",
        "9900",
    ]


@pytest.mark.parametrize("split", ["paper", "official", "sentence", "speaker"])
def test_every_split(recipe, release, tmp_path, split):
    """No wav in two parts; the keys of a split are disjoint."""
    table = write_scores(tmp_path / "quest.csv", release)
    recipe.prepare_tmhintqi(
        release, tmp_path / "save", MOS, split=split, quest_csv=table
    )
    parts = read_parts(tmp_path / "save")
    key = split if split in ("sentence", "speaker") else "wav"
    values = [{row[key] for row in rows} for rows in parts.values()]
    assert len(set.union(*values)) == sum(map(len, values))
    assert sum(map(len, parts.values())) == 56
    if split == "official":
        assert {len(rows) for rows in parts.values()} == {38, 4, 14}


def test_manifests_can_be_moved(recipe, release, tmp_path):
    """Data and manifests moved, the new folder given."""
    table = write_scores(tmp_path / "quest.csv", release)
    recipe.prepare_tmhintqi(release, tmp_path / "save", MOS, quest_csv=table)
    shutil.move(release, tmp_path / "elsewhere")
    shutil.move(tmp_path / "save", tmp_path / "moved")
    rows = read_manifest(
        tmp_path / "moved" / "test.csv", tmp_path / "elsewhere"
    )
    assert all(Path(row["wav"]).is_file() for row in rows)
    assert all(Path(row["reference"]).is_file() for row in rows)


def test_the_reference_may_lie_in_the_other_folder(recipe, release, tmp_path):
    """And where it is nowhere the cell is empty."""
    name = "TMHINT_b3_07_10.wav"
    shutil.move(release / "test" / name, release / "train" / name)
    (release / "test" / "TMHINT_b3_01_02.wav").unlink()
    table = write_scores(tmp_path / "quest.csv", release)
    recipe.prepare_tmhintqi(release, tmp_path / "save", MOS, quest_csv=table)
    parts = read_parts(tmp_path / "save").values()
    rows = {row["ID"]: row for part in parts for row in part}
    moved = rows["KLT_snr-2_street_TMHINT_b3_07_10"]["reference"]
    assert moved == str(release / "train" / name)
    assert rows["KLT_snr-2_street_TMHINT_b3_01_02"]["reference"] == ""


def test_copies_and_foreign_wavs(recipe, release, tmp_path, caplog):
    """A name in both folders gets two IDs; a beep is left out, loudly."""
    name = "TMHINT_b1_01_01"
    wav = release / "train" / f"{name}.wav"
    shutil.copy(wav, release / "test" / wav.name)
    shutil.copy(wav, release / "train" / "beep.wav")
    table = write_scores(tmp_path / "quest.csv", release)
    recipe.prepare_tmhintqi(release, tmp_path / "save", MOS, quest_csv=table)
    parts = read_parts(tmp_path / "save")
    where = {r["ID"]: part for part, rows in parts.items() for r in rows}
    assert where[f"train_{name}"] == where[f"test_{name}"]
    assert name not in where
    assert "1 wavs left out" in caplog.text
    assert "beep.wav" in caplog.text


def test_nothing_is_prepared_twice(recipe, release, tmp_path, caplog):
    """Unchanged files are left alone; a changed table is read again."""
    save = tmp_path / "save"
    table = write_scores(tmp_path / "quest.csv", release)

    def prepare():
        """Prepare; return whether nothing had to be done."""
        caplog.clear()
        recipe.prepare_tmhintqi(release, save, MOS, quest_csv=table)
        return "prepared already" in caplog.text

    with caplog.at_level("INFO"):
        assert not prepare()
        before = (save / "train.csv").stat().st_mtime_ns
        assert prepare()
        assert (save / "train.csv").stat().st_mtime_ns == before
        (save / "test.csv").unlink()
        assert not prepare()
        write_scores(table, release, value="4,125")
        assert not prepare()
    assert read_parts(save)["train"][0]["s_mos"] == "4.125"
    (save / "train.csv").write_text("ID,wav\n")
    recipe.prepare_tmhintqi(release, save, MOS, skip_prep=True)
    assert (save / "train.csv").read_text() == "ID,wav\n"


def test_faulty_data_stop_the_preparation(recipe, release, tmp_path):
    """All broken wavs at once; then a label out of range; no state left."""
    table = write_scores(tmp_path / "quest.csv", release, value="5,5")
    kept = {}
    for stem in ("TMHINT_g2_01_01", "TMHINT_g4_01_02"):
        wav = release / "train" / f"{stem}.wav"
        kept[wav] = wav.read_bytes()
        wav.write_bytes(b"no audio at all")
    save = tmp_path / "save"
    with pytest.raises(ManifestError, match="2 faults, ") as caught:
        recipe.prepare_tmhintqi(release, save, MOS, quest_csv=table)
    assert all(str(wav) in str(caught.value) for wav in kept)
    for wav, content in kept.items():
        wav.write_bytes(content)
    for _ in range(2):
        with pytest.raises(ScoreError, match="56 faults, .*'5,5'"):
            recipe.prepare_tmhintqi(release, save, MOS, quest_csv=table)


def test_command_line(recipe, release, tmp_path, monkeypatch):
    """The flags of the error message work as they stand there."""
    table = write_scores(tmp_path / "t.csv", release)
    save = tmp_path / "save"
    words = f"prepare --data_folder {release} --save_folder {save} --split "
    words += f"official --label_csv {table} --label s_mos=S-MOS n_mos=N-MOS "
    words += "g_mos=G-MOS --label_source lab"
    monkeypatch.setattr("sys.argv", words.split())
    recipe.main()
    assert read_parts(save)["test"][0]["g_mos_source"] == "lab"
    state = json.loads((save / "tmhintqi_prepare.json").read_text())
    assert state["settings"]["split"] == "official"


@pytest.mark.parametrize("network", ["MTQ-Net", "MOSA-Net"])
def test_the_script_lies_beside_every_train_script(network):
    """SpeechBrain's convention: a relative link."""
    link = RECIPE / network / "tmhintqi_prepare.py"
    assert link.is_symlink()
    assert link.resolve() == RECIPE / "tmhintqi_prepare.py"
