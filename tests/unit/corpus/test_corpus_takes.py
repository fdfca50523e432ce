"""Lengths, silence, joined clips and clips without labels, end to end.

Authors
 * The mtqnet-brain developers 2026
"""

import json

import numpy as np
import pytest
import soundfile
from tiny_corpus import RATE, build, tree, wavs, write_voice

from mtqnet_brain.data.table_files import read_csv


@pytest.fixture(scope="module")
def long_speech(corpus_sources, tmp_path_factory):
    """Return folders of four talkers' longer clips, and of found ones."""
    root = tmp_path_factory.mktemp("long")
    for talker in range(4):
        for number in range(2):
            path = root / f"long/t{talker}/u{number}.wav"
            write_voice(path, 100 + 20 * talker + number, 3.2)
        write_voice(root / f"wild/w{talker}/a.wav", 150, 1.2)
    return root


def build_long(root, noise, output, workers=1, **changes):
    """Build a corpus with everything in it."""
    request = {
        "speech": root / "long",
        "noise": noise,
        "noises": ["pink", "files"],
        "snrs": [0, 20],
        "enhancers": [],
        "degradations": ["Clip"],
        "clips": 30,
        "seconds": [3.5, 5],
        "pauses": 0.9,
        "joined": 2,
        "non_speech": 10,
        "found": [root / "wild"],
        "hold_out": ["w3"],
    }
    return build(root, output, workers, **request | changes)


@pytest.fixture(scope="module")
def takes_corpus(long_speech, corpus_sources, tmp_path_factory):
    """Return a corpus with everything in it. Not to be changed."""
    output = tmp_path_factory.mktemp("takes") / "corpus"
    build_long(long_speech, corpus_sources / "noise", output)
    return output


def test_lengths_and_silence_are_those_on_record(takes_corpus):
    """The speech lies where takes.csv says, silence around it."""
    rows = read_csv(takes_corpus / "takes.csv")
    assert rows
    padded = 0
    for row in rows:
        clip = soundfile.read(takes_corpus / row["file"])[0]
        before, seconds, after = (
            float(row[name]) for name in ("before_s", "seconds", "after_s")
        )
        assert len(clip) / RATE == pytest.approx(
            before + seconds + after, abs=0.01
        )
        assert seconds <= 7.5
        silence = clip[: int(before * RATE)]
        if not before:
            continue
        padded += 1
        assert 0.5 <= before <= 3
        power = np.mean(silence**2)
        if row["floor_dbov"]:
            level = 10 * np.log10(power)
            assert level == pytest.approx(float(row["floor_dbov"]), abs=2)
        else:
            assert power == 0
    assert padded


def test_clips_of_an_utterance_are_as_long_as_it(takes_corpus):
    """Silence included, so that references fit."""
    for name in [n for n in wavs(takes_corpus) if n.startswith("t")]:
        part, stem = name.split("/")
        clean = stem.split("_", 3)[3] if "_snr" in stem else stem
        frames = soundfile.info(takes_corpus / part / clean).frames
        assert soundfile.info(takes_corpus / name).frames == frames


def test_joined_clips_are_their_parts(takes_corpus):
    """Sample by sample, but for 5 ms on both sides of the boundary."""
    rows = read_csv(takes_corpus / "parts.csv")
    assert len(rows) == 4
    for first, second in zip(rows[::2], rows[1::2]):
        assert first["file"] == second["file"]
        assert first["end_s"] == second["start_s"]
        assert first["clip"] != second["clip"]
        joined = soundfile.read(takes_corpus / first["file"])[0]
        boundary = round(float(first["end_s"]) * RATE)
        source = soundfile.read(takes_corpus / first["clip"])[0]
        other = soundfile.read(takes_corpus / second["clip"])[0]
        np.testing.assert_array_equal(
            joined[: boundary - 81], source[: boundary - 81]
        )
        np.testing.assert_array_equal(
            joined[boundary + 81 :], other[boundary + 81 :]
        )
        alone = soundfile.read(takes_corpus / second["part"])[0]
        end = boundary + len(alone)  # of the speech
        np.testing.assert_array_equal(alone, other[boundary:end])
    clean = [r for r in rows if "_snr" not in r["clip"] and not r["error"]]
    assert all(float(row["sdi"]) == 0 for row in clean)


def test_joined_clips_have_rows(takes_corpus):
    """In raw_data.csv and labels.csv, as other clips."""
    joined = {row["file"] for row in read_csv(takes_corpus / "parts.csv")}
    rows = read_csv(takes_corpus / "raw_data.csv")
    names = [r["file_name"] for r in rows if r["method"] == "Joined"]
    assert sorted(names) == sorted(name.split("/")[1] for name in joined)
    labels = [row["file"] for row in read_csv(takes_corpus / "labels.csv")]
    assert joined <= set(labels) and len(labels) == 32


def test_clips_without_labels(takes_corpus):
    """Ten of non-speech, and what was found as it was."""
    rows = read_csv(takes_corpus / "unlabelled.csv")
    found = [row for row in rows if row["kind"] == "found"]
    assert len(rows) == 14 and len(found) == 4
    assert {row["source"] for row in found} == {"wild"}
    (held,) = [row for row in found if row["talker"] == "w3"]
    assert held["file"].startswith("unlabelled/test/")
    listed = sorted(row["file"] for row in rows)
    assert listed == [n for n in wavs(takes_corpus) if n[:3] == "unl"]
    for row in rows:
        samples = soundfile.read(takes_corpus / row["file"])[0]
        if row["kind"] == "found":
            assert len(samples) == 1.2 * RATE
        else:
            assert 2 * RATE <= len(samples) <= 10 * RATE
            assert samples.any()
    labels = {row["file"] for row in read_csv(takes_corpus / "labels.csv")}
    assert not labels & set(listed)


def test_two_processes_and_an_interruption(
    long_speech, corpus_sources, takes_corpus, tmp_path
):
    """The same bytes; --restart then leaves nothing behind."""
    output, noise = tmp_path / "corpus", corpus_sources / "noise"
    build_long(long_speech, noise, output, workers=2)
    assert tree(output) == tree(takes_corpus)
    for name in wavs(output)[::3]:
        (output / name).unlink()
    (output / "corpus.json").rename(output / "corpus.json.partial")
    build_long(long_speech, noise, output)
    assert tree(output) == tree(takes_corpus)
    other = {"joined": 0, "non_speech": 0, "found": [], "hold_out": []}
    other |= {"clips": 12}
    content = build_long(
        long_speech,
        noise,
        output,
        restart=True,
        seconds=None,
        pauses=0,
        **other,
    )
    assert not {"seconds", "found", "joined"} & set(content)
    folders = {path.name for path in output.iterdir() if path.is_dir()}
    assert folders == {"train", "test"}
    assert not (output / "parts.csv").exists()
    assert "unlabelled" not in json.dumps(sorted(tree(output)))


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"seconds": [10, 2]}, "10 to 2 s"),
        ({"pauses": 2}, "--pauses 2"),
        ({"clean": 0}, "--clean 0"),
        ({"joined": -1}, "--joined -1"),
        ({"joined": 500}, "utterances of 3 s and more"),
        ({"hold_out": ["w9"]}, "w9: no source, language, talker"),
    ],
)
def test_refusals(long_speech, corpus_sources, tmp_path, changes, message):
    """With the value and the remedy."""
    noise = corpus_sources / "noise"
    with pytest.raises(ValueError, match=message):
        build_long(long_speech, noise, tmp_path / "corpus", **changes)
