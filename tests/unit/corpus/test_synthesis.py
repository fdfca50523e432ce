"""Sentences, voices and the speech of espeak-ng.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import pytest

from mtqnet_brain.corpus.presets import PRESETS, speech_files
from mtqnet_brain.corpus.sentences import DEMO_SENTENCES, TEACHER_SENTENCES
from mtqnet_brain.corpus.synthesis import synthesize

TEXT, OTHER = DEMO_SENTENCES[:2]


def test_sentences():
    """At least 80 different sentences of ten Chinese characters."""
    sentences = DEMO_SENTENCES + TEACHER_SENTENCES
    assert len(set(sentences)) == len(sentences) >= 80
    for sentence in sentences:
        assert len(sentence) == 10
        assert all("\u4e00" <= c <= "\u9fff" for c in sentence), sentence


def test_presets_share_nothing():
    """No voice, sentence or sentence number is in both presets."""
    demo, teacher = PRESETS["demo"], PRESETS["demo_teacher"]
    assert len(demo.voices) >= 10
    assert len(teacher.voices) >= 10
    variants = [v.variant.lower() for v in demo.voices + teacher.voices]
    assert len(set(variants)) == len(variants)
    assert not set(demo.sentences) & set(teacher.sentences)
    assert not set(demo.sentences.values()) & set(teacher.sentences.values())


def test_every_talker_says_every_sentence():
    """One file per talker and sentence."""
    preset = PRESETS["demo"]
    expected = len(preset.voices) * len(preset.sentences)
    assert len(speech_files("demo")) == expected


def test_speech_does_not_depend_on_what_was_said_before():
    """The same arguments give the same samples, in any order."""
    pytest.importorskip("espeakng_loader")
    first = synthesize(TEXT, "cmn+m1", rate=180)
    synthesize(OTHER, "cmn+f2")
    synthesize(OTHER, "cmn+m1", rate=180)
    assert np.array_equal(synthesize(TEXT, "cmn+m1", rate=180), first)


def test_speech_of_all_voices():
    """Every voice speaks 1.5 to 3.5 s of ten syllables, none clips."""
    pytest.importorskip("espeakng_loader")
    heard = set()
    for preset in PRESETS.values():
        for voice in preset.voices:
            speech = synthesize(TEXT, f"cmn+{voice.variant}", *voice[1:])
            assert speech.dtype == np.float32
            assert 1.5 < len(speech) / 16000 < 3.5
            assert 0.05 < np.max(np.abs(speech)) < 0.9
            heard.add(speech.tobytes())
    assert len(heard) == sum(len(p.voices) for p in PRESETS.values())


def test_manner_changes_the_speech():
    """A faster rate is shorter; a higher pitch has a shorter period."""
    pytest.importorskip("espeakng_loader")
    slow, fast = (synthesize(TEXT, "cmn+m1", rate=r) for r in (150, 220))
    assert len(fast) < 0.85 * len(slow)
    periods = []
    for pitch in (20, 80):
        speech = synthesize("好" * 10, "cmn+m1", pitch=pitch)
        spectrum = np.abs(np.fft.rfft(speech, 1 << 17)) ** 2
        # A man's voice: 40 to 160 Hz.
        periods.append(np.argmax(np.fft.irfft(spectrum)[100:400]) + 100)
    assert periods[1] < 0.75 * periods[0]


def test_unknown_voice():
    """A voice that does not exist is named."""
    pytest.importorskip("espeakng_loader")
    with pytest.raises(ValueError, match="no voice xyz"):
        synthesize(TEXT, "xyz")


def test_missing_package(monkeypatch):
    """Without espeakng-loader the error says what to type."""
    monkeypatch.setitem(__import__("sys").modules, "espeakng_loader", None)
    with pytest.raises(ImportError, match=r'"mtqnet-brain\[corpus\]"'):
        synthesize(TEXT, "cmn")
