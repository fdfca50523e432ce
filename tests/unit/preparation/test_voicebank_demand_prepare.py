"""The preparation of VoiceBank-DEMAND on a miniature with its quirks.

Authors
 * The mtqnet-brain developers 2026
"""

import pytest
import soundfile
from tmhintqi_release import MOS, RECIPE
from voicebank_tables import by_id, own_scores, stems, write_table

from mtqnet_brain.data.manifest import ManifestError


def test_every_cell(prepare_demand, demand, capsys, caplog):
    """A noisy and a clean clip; the speakers of each part; the counts."""
    with caplog.at_level("INFO"):
        parts = prepare_demand()
    # 2 x 2 pairs of p227 and p228, 2 pairs of p226, 3 of p232.
    found = {
        part: (len(rows), {row["speaker"] for row in rows})
        for part, rows in parts.items()
    }
    assert found == {
        "train": (8, {"p227", "p228"}),
        "valid": (4, {"p226"}),
        "test": (6, {"p232"}),
    }
    clean = str(demand / "clean_testset_wav" / "p232_002.wav")
    row = by_id(parts)["noisy_p232_002"]
    assert row == {
        "ID": "noisy_p232_002",
        "duration": "0.720000",
        "wav": str(demand / "noisy_testset_wav" / "p232_002.wav"),
        "reference": clean,
        "method": "Noisy",
        "snr": "17.5",
        "noise": "cafe",
        "sentence": "002",
        "speaker": "p232",
        "s_mos": "2.5",
        "s_mos_source": "lab",
        "n_mos": "3",
        "n_mos_source": "lab",
        "g_mos": "1.25",
        "g_mos_source": "lab",
    }
    row = by_id(parts)["clean_p232_002"]
    assert row["wav"] == row["reference"] == clean
    cells = ("method", "snr", "noise", "s_mos", "s_mos_source")
    assert [row[cell] for cell in cells] == ["clean", "", "", "", ""]
    assert "trainset_28spk: 6 pairs found, 11572 expected" in caplog.text
    assert "testset: 3 pairs found, 824 expected" in caplog.text
    line = capsys.readouterr().out.splitlines()[1]
    assert line.split()[:4] == ["train", "8", "-", "2"]


def test_other_rates_are_refused_on_request(prepare_demand, demand, tmp_path):
    """The release is at 48 kHz."""
    wav = demand / "noisy_testset_wav" / "p232_001.wav"
    soundfile.write(wav, [0.1, -0.1] * 4800, 48000)
    settings = own_scores(write_table(tmp_path / "t.csv", stems(demand)))
    assert (
        by_id(prepare_demand(**settings))["noisy_p232_001"]["duration"]
        == "0.200000"
    )
    with pytest.raises(ManifestError, match="48000 Hz, expected 16000"):
        prepare_demand(**settings, resample=False)


def test_without_logs(prepare_demand, demand, caplog):
    """Noise and SNR stay empty, with a warning per log."""
    for log in (demand / "logs").iterdir():
        log.unlink()
    rows = by_id(prepare_demand())
    assert rows["noisy_p232_001"]["noise"] == ""
    assert rows["noisy_p232_001"]["snr"] == ""
    assert "no log_trainset_28spk.txt" in caplog.text
    assert "no log_testset.txt" in caplog.text


@pytest.mark.parametrize("line", ["p232_002 cafe", "p232_002 cafe loud"])
def test_a_damaged_log_is_refused(prepare_demand, demand, line):
    """With file, line and text."""
    log = demand / "logs" / "log_testset.txt"
    log.write_text(f"p232_001 cafe 2.5\n\n{line}\n")
    with pytest.raises(ManifestError, match=f"{log}, line 3: '{line}'"):
        prepare_demand()


def test_missing_folders_come_together(prepare_demand, demand):
    """One without wavs, one that is not there."""
    for wav in (demand / "noisy_testset_wav").iterdir():
        wav.rename(wav.with_suffix(".txt"))
    (demand / "clean_trainset_28spk_wav").rename(demand / "elsewhere")
    both = "clean_trainset_28spk_wav, noisy_testset_wav"
    with pytest.raises(FileNotFoundError, match=f"{demand}: no wav in {both}"):
        prepare_demand(label_source="composite")


@pytest.mark.parametrize(
    "speakers, problem",
    [
        (["p226", "p232"], "'p226', 'p232'.*'p226', 'p227', 'p228'"),
        ([], "give one or more"),
        ("p226 p227 p228", "train is left empty"),
    ],
)
def test_speakers_of_validation(prepare_demand, speakers, problem):
    """They must be in the training set, and not all of it."""
    with pytest.raises(ValueError, match=problem):
        prepare_demand(speakers)


def test_speakers_as_a_string(prepare_demand):
    """As a command line gives them."""
    parts = prepare_demand("p226 p228")
    assert {row["speaker"] for row in parts["valid"]} == {"p226", "p228"}


def test_clips_without_partner(prepare_demand, demand, caplog):
    """Counted; the reference stays empty; a beep is left out, loudly."""
    (demand / "clean_testset_wav" / "p232_003.wav").unlink()
    (demand / "noisy_testset_wav" / "p232_001.wav").unlink()
    beep = demand / "noisy_testset_wav" / "beep.wav"
    soundfile.write(beep, [0.1, -0.1] * 800, 16000)
    with caplog.at_level("INFO"):
        rows = by_id(prepare_demand())
    assert rows["noisy_p232_003"]["reference"] == ""
    assert "noisy_p232_001" not in rows and "noisy_beep" not in rows
    assert (
        "testset: 1 pairs found, 824 expected; 1 noisy wavs have no clean "
        "one, 1 clean ones no noisy one, first p232_001"
    ) in caplog.text
    assert f"1 wavs left out, whose names are not SPEAKER_SENTENCE: {beep}" in (
        caplog.text
    )


def test_nothing_is_prepared_twice(
    voicebank, prepare_demand, demand, tmp_path, caplog
):
    """A changed log is read again; skip_prep touches nothing."""
    with caplog.at_level("INFO"):
        settings = own_scores(write_table(tmp_path / "t.csv", stems(demand)))
        prepare_demand(**settings)
        assert "prepared already" not in caplog.text
        prepare_demand(**settings)
        assert "prepared already" in caplog.text
        log = demand / "logs" / "log_testset.txt"
        log.write_text("p232_001 bus 12.5\n")
        rows = by_id(prepare_demand(**settings))
    assert rows["noisy_p232_001"]["noise"] == "bus"
    assert rows["noisy_p232_002"]["noise"] == ""
    voicebank.prepare_voicebank("gone", tmp_path / "x", MOS, skip_prep=True)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("name", ["train.py", "voicebank_demand_prepare.py"])
def test_what_is_shared_is_a_link(name):
    """The training script of TMHINT-QI, the preparation of this corpus."""
    folder = RECIPE.with_name("Voicebank")
    targets = {
        "train.py": RECIPE / "MTQ-Net" / "train.py",
        "voicebank_demand_prepare.py": folder / "voicebank_demand_prepare.py",
    }
    link = folder / "MTQ-Net" / name
    assert link.is_symlink() and link.resolve() == targets[name]
