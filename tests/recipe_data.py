#!/usr/bin/env python3
"""Miniatures of corpora and SSL models, on which the recipes are tested.

From the root of the repository, for ``tests/recipe_tests.py``:
> python tests/recipe_data.py

Authors
 * The mtqnet-brain developers 2026
"""

from pathlib import Path

import numpy as np
import soundfile
from synthetic import RATE, make_wave

from mtqnet_brain.reproduction.tiny_ssl import save_tiny_ssl

OUTPUT = Path(__file__).parent / "tmp"
SPEAKERS = {"trainset_28spk": ("p226", "p227", "p228"), "testset": ("p232",)}
SNRS = {"trainset_28spk": (0, 15), "testset": (2.5, 17.5, 7.5)}
TABLE = "votes.csv"


def write_voicebank(root, suffix=""):
    """Write six training pairs of three speakers, three test pairs of one.

    Arguments
    ---------
    root : Path
        Made; the logs of noises lie in ``logs/``.
    suffix : str
        Of the folders of wavs, e.g. ``_16k``.
    """
    (root / "logs").mkdir(parents=True)
    for name, speakers in SPEAKERS.items():
        lines = []
        for i, snr in enumerate(SNRS[name] * len(speakers)):
            speaker = speakers[i // len(SNRS[name])]
            stem = f"{speaker}_{i % len(SNRS[name]) + 1:03d}"
            lines.append(f"{stem} cafe {snr}\n")
            for kind, level in (("clean", None), ("noisy", snr)):
                folder = root / f"{kind}_{name}_wav{suffix}"
                folder.mkdir(exist_ok=True)
                wave = make_wave(0.7 + 0.02 * i, len(name) + i, level)
                soundfile.write(folder / f"{stem}.wav", wave, RATE)
        (root / "logs" / f"log_{name}.txt").write_text("".join(lines))


def write_any_corpus(root):
    """Write 24 clips of six speakers and a table of two labels.

    Scores rise with the SNR; semicolons, decimal commas, names without
    extension.

    Arguments
    ---------
    root : Path
        Made; holds ``clips/`` and ``votes.csv``.
    """
    (root / "clips").mkdir(parents=True)
    lines = ["clip;speaker;score;sig"]
    for i in range(24):
        snr = (0, 5, 10, 20)[i % 4]
        wave = make_wave(0.5 + 0.01 * i, i, snr)
        soundfile.write(root / "clips" / f"{i:02d}.flac", wave, RATE)
        score = np.round(1.5 + snr / 8, 2)
        cells = [f"{i:02d}", f"s{i // 4}", score, min(score + 0.5, 5.0)]
        lines.append(";".join(map(str, cells)).replace(".", ","))
    (root / TABLE).write_text("\n".join(lines) + "\n")


def write_ssl_models(root):
    """Write a tiny HuBERT, WavLM and wav2vec 2.0 with random weights.

    Arguments
    ---------
    root : Path
        Holds ``hubert/``, ``wavlm/`` and ``wav2vec2/``.
    """
    for family in ("hubert", "wavlm", "wav2vec2"):
        save_tiny_ssl(root / family, family)


def main():
    """Write what is not there."""
    for name, write in (
        ("voicebank", write_voicebank),
        ("anycorpus", write_any_corpus),
        ("ssl", write_ssl_models),
    ):
        if not (OUTPUT / name).exists():
            write(OUTPUT / name)


if __name__ == "__main__":
    main()
