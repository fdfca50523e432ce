"""The labels that the preparation of VoiceBank-DEMAND gives its manifests.

Authors
 * The mtqnet-brain developers 2026
"""

import json

import pytest
from recipe_data import write_voicebank
from tmhintqi_release import MOS, read_parts
from voicebank_tables import SAVE, TEST, by_id, own_scores, stems, write_table

from mtqnet_brain.data.manifest import ManifestError


def test_copies_at_16_khz_go_first(voicebank, tmp_path):
    """Tables may name the folders of the release, with and without _16k."""
    demand = tmp_path / "both"
    write_voicebank(demand, "_16k")
    original = demand / "clean_testset_wav" / "p232_001.wav"
    original.parent.mkdir()
    original.write_bytes(b"never read")
    names = [f"clean_testset_wav/{stem}.wav" for stem in TEST]
    names += [f"noisy_trainset_28spk_wav_16k/{s}" for s in stems(demand)]
    names += [f"noisy_testset_wav/{stem}" for stem in TEST]
    names += [f"clean/{speaker}_001" for speaker in ("p226", "p227")]
    table = write_table(tmp_path / "t.csv", names)
    settings = own_scores(table)
    voicebank.prepare_voicebank(
        demand, tmp_path / SAVE, MOS, ["p226"], **settings, resample=False
    )
    rows = by_id(read_parts(tmp_path / SAVE))
    folder = demand / "clean_testset_wav_16k"
    assert rows["clean_p232_001"]["wav"] == str(folder / "p232_001.wav")
    # 3 + 2 clean clips, all 9 noisy ones.
    scored = {name for name, row in rows.items() if row["s_mos"]}
    assert len(scored) == 14
    assert "clean_p227_001" in scored and "clean_p228_001" not in scored


def test_clean_and_noisy_scores_of_one_name(prepare_demand, tmp_path):
    """The folder tells them apart."""
    table = write_table(tmp_path / "t.csv", TEST)
    with open(table, "a") as file:
        file.write("clean/p232_001.wav;5;5;5\n")
    with pytest.raises(ManifestError, match="no label in the whole column"):
        prepare_demand(**own_scores(table))  # none of train and valid
    parts = read_parts(tmp_path / SAVE)
    rows = by_id(parts)
    assert rows["clean_p232_001"]["s_mos"] == "5"
    assert rows["noisy_p232_001"]["s_mos"] == "2.5"
    assert rows["clean_p232_002"]["s_mos"] == ""


def test_composite_labels(prepare_demand, demand, monkeypatch, tmp_path):
    """Each clip against its clean one, a clean one against itself."""
    calls = []

    def fake_label_pairs(pairs, output, workers):
        """Write invented labels."""
        calls.append(pairs)
        output.parent.mkdir(exist_ok=True)
        lines = ["file,pesq,stoi,sdi,csig,cbak,covl,error"]
        lines += [f"{pair.file},1.5,0.7,0.4,3.1,2.2,2.6," for pair in pairs]
        output.write_text("\n".join(lines) + "\n")

    monkeypatch.setattr("mtqnet_brain.labels.label_pairs", fake_label_pairs)
    rows = by_id(prepare_demand(label_source="composite"))
    (pairs,) = calls
    pairs = {pair.file: (pair.reference, pair.degraded) for pair in pairs}
    assert len(pairs) == 18
    clean = str(demand / "clean_testset_wav" / "p232_001.wav")
    noisy = str(demand / "noisy_testset_wav" / "p232_001.wav")
    assert pairs["clean_testset_wav/p232_001.wav"] == (clean, clean)
    assert pairs["noisy_testset_wav/p232_001.wav"] == (clean, noisy)
    assert rows["noisy_p232_001"]["s_mos"] == "3.1"
    assert rows["noisy_p232_001"]["s_mos_source"].startswith("composite")


def test_labels_are_asked_for(prepare_demand):
    """The three ways, as for TMHINT-QI."""
    with pytest.raises(ValueError, match="--quest_csv FILE"):
        prepare_demand(teacher=None)


def test_command_line(voicebank, demand, tmp_path, monkeypatch):
    """Scores of 3QUEST, two speakers for validation."""
    table = tmp_path / "q.csv"
    lines = ["name,S-MOS,N-MOS,G-MOS"]
    lines += [f"{name},2,3,4" for name in stems(demand)]
    table.write_text("\n".join(lines))
    words = f"prepare --data_folder {demand} --save_folder {tmp_path / SAVE} "
    words += f"--quest_csv {table} --valid_speakers p227 p228"
    monkeypatch.setattr("sys.argv", words.split())
    voicebank.main()
    rows = read_parts(tmp_path / SAVE)
    assert {row["speaker"] for row in rows["train"]} == {"p226"}
    assert rows["test"][-1]["g_mos_source"] == "3QUEST"
    state = json.loads((tmp_path / SAVE / voicebank.STATE).read_text())
    assert state["settings"]["valid_speakers"] == ["p227", "p228"]
