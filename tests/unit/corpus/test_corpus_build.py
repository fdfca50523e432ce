"""The layout of a tiny corpus, built from end to end.

Authors
 * The mtqnet-brain developers 2026
"""

import json
from collections import Counter

import numpy as np
import pytest
import soundfile
from tiny_corpus import CLIPS, RATE, SEED, taken_apart, wavs

from mtqnet_brain.data.table_files import read_csv

COLUMNS = (
    "idx,method,uttr,snr,noise,quality_score,intelligibility_score,file_name"
)


def test_wavs(tiny_corpus):
    """As many wavs as asked for, 16 kHz, 16 bit, named as in TMHINT-QI."""
    names = wavs(tiny_corpus)
    assert len(names) == CLIPS
    for name in names:
        info = soundfile.info(tiny_corpus / name)
        assert (info.samplerate, info.channels) == (RATE, 1)
        assert info.subtype == "PCM_16"
        part, method, snr, _, utterance = taken_apart(name)
        assert part in ("train", "test")
        assert utterance.startswith("SPEECH_")
        if method is not None:
            assert method in ("Noisy", "MMSE", "KLT")
            assert snr in ("snr-2", "snr5", "snr20")
            assert f"{part}/{utterance}.wav" in names
            reference = soundfile.info(tiny_corpus / part / f"{utterance}.wav")
            assert reference.frames == info.frames


def test_snr_of_the_mixtures(tiny_corpus):
    """Over the whole corpus, mixtures have the SNR of their name."""
    checked = 0
    for name in wavs(tiny_corpus):
        part, method, snr, _, utterance = taken_apart(name)
        mixture = soundfile.read(tiny_corpus / name)[0]
        if method != "Noisy" or np.max(np.abs(mixture)) > 0.98:
            continue
        clean = soundfile.read(tiny_corpus / part / f"{utterance}.wav")[0]
        noise = mixture - clean
        # The active level of these voices is their RMS within 1 dB.
        found = 10 * np.log10(np.mean(clean**2) / np.mean(noise**2))
        assert found == pytest.approx(float(snr[3:]), abs=1.0)
        checked += 1
    assert checked >= 8


def test_balance(tiny_corpus):
    """Methods, SNRs and noises are each about equally frequent."""
    mixed = [taken_apart(n) for n in wavs(tiny_corpus) if "_snr" in n]
    train = [clip for clip in mixed if clip[0] == "train"]
    for field in (1, 2):
        counts = Counter(clip[field] for clip in train).values()
        assert len(counts) == 3
        assert max(counts) - min(counts) <= 4
    assert len(wavs(tiny_corpus)) - len(mixed) == 4  # 38 / 12 + 10 / 12
    noises = {clip[3] for clip in train}
    assert {"white", "pink", "babble", "street"} < noises


def test_raw_data(tiny_corpus):
    """One row per wav, no listeners, method None for clean clips."""
    lines = (tiny_corpus / "raw_data.csv").read_text().splitlines()
    assert lines[0] == COLUMNS
    rows = read_csv(tiny_corpus / "raw_data.csv")
    assert [row["idx"] for row in rows] == [str(n) for n in range(CLIPS)]
    files = sorted(name.split("/")[1] for name in wavs(tiny_corpus))
    assert sorted(row["file_name"] for row in rows) == files
    for row in rows:
        assert row["quality_score"] == row["intelligibility_score"] == ""
        stem = row["file_name"].removesuffix(".wav")
        if row["method"] == "None":
            assert (row["snr"], row["noise"], row["uttr"]) == ("", "", stem)
        else:
            parts = row["method"], "snr" + row["snr"], row["noise"]
            assert "_".join((*parts, row["uttr"])) == stem


def test_labels(tiny_corpus):
    """Labels for every wav; a clean clip is perfect, noise costs quality."""
    rows = {row["file"]: row for row in read_csv(tiny_corpus / "labels.csv")}
    assert sorted(rows) == wavs(tiny_corpus)
    labelled = [row for row in rows.values() if not row["error"]]
    assert len(labelled) > CLIPS / 2
    for row in labelled:
        if "_snr" not in row["file"]:
            assert float(row["sdi"]) == 0
        elif "Noisy_snr-2" in row["file"]:
            assert float(row["stoi"]) < 0.99


def test_parts_share_no_talker_and_no_noise_file(tiny_corpus):
    """Neither by corpus.json nor by the names of the wavs."""
    parts = json.loads((tiny_corpus / "corpus.json").read_text())["parts"]
    heard = {
        part: {clip[4].split("_")[1] for clip in clips}
        for part in parts
        for clips in [[taken_apart(n) for n in wavs(tiny_corpus) if part in n]]
    }
    assert heard["train"] and heard["test"]
    assert not heard["train"] & heard["test"]
    talkers = [set(parts[part]["talkers"]) for part in ("train", "test")]
    assert not talkers[0] & talkers[1]
    expected = {"anna"} | {f"talker{n}" for n in range(5)}
    assert talkers[0] | talkers[1] == expected
    files = [set(parts[p]["noise_files"].values()) for p in parts]
    assert not files[0] & files[1]
    assert sorted(map(len, files)) == [1, 4]  # 80/20 of five
    names = {
        part: {taken_apart(n)[3] or "" for n in wavs(tiny_corpus) if part in n}
        for part in parts
    }
    shared = names["train"] & names["test"]
    assert not [name for name in shared if name.startswith("shop")]


def test_settings(tiny_corpus):
    """corpus.json holds settings, counts and what was left out."""
    content = json.loads((tiny_corpus / "corpus.json").read_text())
    assert content["seed"] == SEED
    assert content["snrs"] == [-2, 5, 20]
    assert content["speech_skipped"] == {"too short": 1, "too long": 1}
    assert content["parts"]["train"]["clips"] == 38  # 80 % of 48
    assert content["parts"]["test"]["clips"] == 10
    assert not (tiny_corpus / "corpus.json.partial").exists()
