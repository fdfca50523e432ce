"""A tiny corpus of invented voices and noises, and how to look at it.

Authors
 * The mtqnet-brain developers 2026
"""

import numpy as np
import soundfile

from mtqnet_brain.corpus import build_corpus
from mtqnet_brain.corpus.recordings import Utterance

RATE = 16000
CLIPS, SNRS, SEED = 48, (-2, 5, 20), 7


def write_voice(path, pitch, seconds):
    """Write harmonics of a pitch under syllables, as clean speech."""
    time = np.arange(int(seconds * RATE)) / RATE
    glide = 1 + 0.1 * np.sin(2 * np.pi * 1.3 * time)
    angle = 2 * np.pi * np.cumsum(pitch * glide) / RATE
    tones = sum(np.sin(k * angle) / k for k in range(1, 12))
    path.parent.mkdir(parents=True, exist_ok=True)
    speech = 0.05 * tones * np.abs(np.sin(2 * np.pi * 2 * time))
    soundfile.write(path, speech, RATE)


def write_sources(root):
    """Write folders of six talkers, one by file name, and five noises."""
    for talker in range(5):
        for sentence in range(3):
            name = f"talker_{talker}/22_{sentence:02d}.wav"
            pitch = 90 + 30 * talker + 7 * sentence
            write_voice(root / "speech" / name, pitch, 1.2)
    for sentence in range(3):
        name = f"mixed/anna__say_{sentence}.wav"
        write_voice(root / "speech" / name, 240 + sentence, 1.3)
    write_voice(root / "speech/talker_1/short.wav", 100, 0.5)
    write_voice(root / "speech/talker_1/long.wav", 100, 12.5)
    rng = np.random.default_rng(0)
    for number in range(5):
        noise = 0.1 * rng.standard_normal(RATE // 2)
        (root / "noise").mkdir(exist_ok=True)
        soundfile.write(root / f"noise/shop_{number}.wav", noise, RATE)


def build(sources, output, workers=1, **changes):
    """Build the corpus of these tests."""
    request = {
        "speech": sources / "speech",
        "noise": sources / "noise",
        "clips": CLIPS,
        "snrs": SNRS,
        "seed": SEED,
    }
    return build_corpus(output, workers=workers, **request | changes)


def tree(folder):
    """Return the bytes of all files of a folder by relative path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def wavs(folder):
    """Return the relative paths of a corpus' wavs."""
    return sorted(name for name in tree(folder) if name.endswith(".wav"))


def taken_apart(path):
    """Return part, method, snr, noise, utterance; None for clean ones."""
    part, name = path.split("/")
    stem = name.removesuffix(".wav")
    if "_snr" not in stem:
        return part, None, None, None, stem
    method, snr, noise, utterance = stem.split("_", 3)
    return part, method, snr, noise, utterance


def utterances(n_talkers, n_each):
    """Invented clean clips."""
    return [
        Utterance(f"P_t{t}_{u}", f"t{t}", f"t{t}/{u}.wav")
        for t in range(n_talkers)
        for u in range(n_each)
    ]


def utterances_of(source, n_talkers, n_each, language=""):
    """Invented clean clips of one of several sources."""
    name = source.replace("_", "")
    return [
        Utterance(f"{name}_{name}{t}_{u}", f"{name}{t}", path, source, language)
        for t in range(n_talkers)
        for u in range(n_each)
        for path in [f"{source}/{name}{t}/{u}.wav"]
    ]
