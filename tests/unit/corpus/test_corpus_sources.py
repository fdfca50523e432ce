"""A tiny corpus of two sources, with a table and rooms, from end to end.

Authors
 * The mtqnet-brain developers 2026
"""

import json
import shutil

import numpy as np
import pytest
import soundfile
from tiny_corpus import RATE, build, tree, wavs, write_voice

from mtqnet_brain.corpus.planning import plan_corpus
from mtqnet_brain.corpus.speech_sources import (
    parse_folders,
    read_speech_table,
)
from mtqnet_brain.data.table_files import read_csv


@pytest.fixture(scope="module")
def two_sources(corpus_sources, tmp_path_factory):
    """Return folders of a source with a table, another one, and rooms."""
    root = tmp_path_factory.mktemp("sources")
    shutil.copytree(corpus_sources / "speech", root / "plain")
    rows = ["file,kind,speaker,language,seconds,licence"]
    for number in range(8):
        name = f"school/{number:02d}.wav"
        write_voice(root / name, 110 + 20 * number, 1.2)
        language = "de" if number < 2 else "bn"
        rows.append(f"{name},speech,pupil_{number // 2},{language},1.2,CC0")
    (root / "table.csv").write_text("\n".join(rows))
    rng = np.random.default_rng(0)
    for number in range(4):
        decay = 0.1 * np.exp(-np.arange(4000) / 700)
        tail = rng.standard_normal(4000) * decay
        tail = np.concatenate([np.zeros(200), [8], tail])
        (root / "rooms").mkdir(exist_ok=True)
        soundfile.write(root / f"rooms/r{number}.wav", 0.1 * tail, RATE)
    return root


def build_two(root, output, workers=1, **changes):
    """Build a corpus of both sources."""
    request = {
        "speech": [root / "plain", f"{root / 'school'}=3"],
        "speech_table": root / "table.csv",
        "rir": root / "rooms",
        "hold_out": ["de"],
        "noise": None,
        "noises": ["pink"],
        "snrs": [0, 20],
        "enhancers": [],
        "clips": 30,
    }
    return build(root, output, workers, **request | changes)


@pytest.fixture(scope="module")
def sources_corpus(two_sources, tmp_path_factory):
    """Return a corpus of two sources. Not to be changed."""
    output = tmp_path_factory.mktemp("two") / "corpus"
    build_two(two_sources, output)
    return output


def test_corpora_of_two_seeds_share_a_split(corpus_sources, tmp_path):
    """Talkers and noises on the same sides, other draws."""
    settings = {
        "speech": [str(corpus_sources / "speech")],
        "noise": str(corpus_sources / "noise"),
        "preset": None,
        "clips": 24,
        "snrs": [0.0, 20.0],
        "enhancers": [],
    }
    plans = [
        plan_corpus(tmp_path, settings | seeds, 1)
        for seeds in (
            {"seed": 1},
            {"seed": 2, "split_seed": 1},
            {"seed": 3, "split_seed": 1},
        )
    ]
    talkers, noises = [
        [[sorted(getattr(part, name)) for part in p.splits] for p in plans]
        for name in ("utterances", "noises")
    ]
    assert talkers[0] == talkers[1] == talkers[2] and talkers[0][1]
    assert noises[0] == noises[1] == noises[2]
    clips = [{c for item in p.items for c in item.clips} for p in plans]
    assert clips[0] != clips[1] != clips[2]


def test_raw_data_names_source_language_and_talker(sources_corpus):
    """Empty where the table does not know the recording."""
    rows = read_csv(sources_corpus / "raw_data.csv")
    assert list(rows[0])[-3:] == ["source", "language", "talker"]
    found = {(r["source"], r["language"], r["talker"]) for r in rows}
    assert {source for source, *_ in found} == {"plain", "school"}
    for row in rows:
        prefix, talker, _ = row["uttr"].split("_", 2)
        assert (prefix, talker) == (row["source"], row["talker"])
        if row["source"] == "school":
            german = row["talker"] == "pupil0"
            assert row["language"] == ("de" if german else "bn")
        else:
            assert row["language"] == ""


def test_the_language_is_in_the_test_alone(sources_corpus):
    """By the file names of the training part."""
    names = [name for name in wavs(sources_corpus) if "train/" in name]
    assert names and not [name for name in names if "pupil0" in name]
    content = json.loads((sources_corpus / "corpus.json").read_text())
    parts = content["parts"]
    assert "pupil0" in parts["test"]["talkers"]
    assert parts["train"]["source"]["school"] > 8  # 3 to 0.8 for the rest
    assert parts["train"]["licences"] == {"plain": [], "school": ["CC0"]}
    rooms = [set(parts[part]["rooms"]) for part in parts]
    assert not rooms[0] & rooms[1] and len(rooms[0] | rooms[1]) == 4


def test_clips_in_rooms(sources_corpus):
    """File and reverberation time are on record; the speech is on time."""
    rows = read_csv(sources_corpus / "degradations.csv")
    names = [n for n in wavs(sources_corpus) if n.split("/")[1][:4] == "Room"]
    assert sorted(row["file"] for row in rows) == names
    assert {row["room"][0] for row in rows} == {"r"}
    # exp(-n / 700) falls by 60 dB in 4835 samples.
    assert 0.2 < min(float(row["t60_s"]) for row in rows) < 0.4
    dry = [name for name in names if "_snrinf_" in name]
    assert dry
    for name in dry:
        part, stem = name.split("/")
        clean = f"{part}/{stem.split('_none_')[1]}"
        speech = soundfile.read(sources_corpus / clean)[0]
        wet = soundfile.read(sources_corpus / name)[0]
        lags = np.correlate(wet, speech, mode="full")
        assert np.argmax(lags) == len(speech) - 1


def test_two_processes_write_the_same_bytes(
    two_sources, sources_corpus, tmp_path
):
    """And so does a build that goes on."""
    output = tmp_path / "corpus"
    build_two(two_sources, output, workers=2)
    assert tree(output) == tree(sources_corpus)
    for name in wavs(output)[::3]:
        (output / name).unlink()
    (output / "corpus.json").rename(output / "corpus.json.partial")
    build_two(two_sources, output)
    assert tree(output) == tree(sources_corpus)


def test_other_names_held_out_are_another_corpus(
    two_sources, sources_corpus, tmp_path
):
    """Refused in the folder of the first."""
    output = tmp_path / "corpus"
    shutil.copytree(sources_corpus, output)
    with pytest.raises(ValueError, match=r"hold_out \['de'\], now \['bn'\]"):
        build_two(two_sources, output, hold_out=["bn"])


@pytest.mark.parametrize(
    "words, message",
    [
        (["a=x"], "weight 'x' is no positive number"),
        (["a=0"], "weight '0' is no positive number"),
        (["a=1_0"], "weight '1_0' is no positive number"),
        (["a=1e308", "b=1e308"], "weight '1e308' is no positive number from"),
        (["a=1e-320"], "weight '1e-320' is no positive number from"),
        (["a", "a/b"], "a/b is, or lies in, the speech folder a"),
        (["x/a=1", "y/a=2"], "source a: weights 1 and 2"),
    ],
)
def test_folders_that_are_refused(words, message):
    """With the folder and the remedy."""
    with pytest.raises(ValueError, match=message):
        parse_folders(words)


def test_a_folder_may_have_an_equals_sign(tmp_path):
    """If it is there, it is no weight."""
    (tmp_path / "a=2").mkdir()
    (folder,) = parse_folders([tmp_path / "a=2"])
    assert folder == (tmp_path / "a=2", None)


def test_a_table_of_other_files_is_refused(two_sources, tmp_path):
    """Else talkers would silently be read from names."""
    table = tmp_path / "table.csv"
    table.write_text("file,speaker\nelsewhere.wav,a\n")
    with pytest.raises(ValueError, match="table.csv: names none of the"):
        build_two(two_sources, tmp_path / "out", speech_table=table)
    table.write_text("path,speaker\nelsewhere.wav,a\n")
    with pytest.raises(ValueError, match="no column file, only path, speaker"):
        build_two(two_sources, tmp_path / "out", speech_table=table)


def test_a_recording_has_one_talker(tmp_path):
    """Rows that say the same are no fault; others could split a talker."""
    path = tmp_path / "speech.csv"
    path.write_text("file,speaker\na.wav,ann\n./a.wav,ann\n")
    (entry,) = read_speech_table(path).values()
    assert entry.talker == "ann"
    path.write_text("file,speaker\na.wav,ann\n./a.wav,bob\n")
    with pytest.raises(ValueError, match="speech.csv: ./a.wav has two rows"):
        read_speech_table(path)
