"""A miniature of the TMHINT-QI release, for the tests of its preparation.

Authors
 * The mtqnet-brain developers 2026
"""

import csv
from pathlib import Path

import numpy as np
import soundfile

from mtqnet_brain.data.manifest import read_manifest
from mtqnet_brain.tasks import Task

RECIPE = Path(__file__).parents[2] / "recipes" / "TMHINT-QI"
MOS = [Task(name, 1.0, 5.0) for name in ("s_mos", "n_mos", "g_mos")]
HUMAN = [Task("quality", 1.0, 5.0), Task("intelligibility", 0.0, 10.0)]
MPL = MOS + [Task("stoi", 0.0, 1.0, role="auxiliary")]
PARTS = ("train", "valid", "test")
METHODS = ("FCN", "DDAE", "Trans", "MMSE", "KLT", "Noisy")
RAW_HEADER = (
    "idx,method,uttr,snr,noise,quality_score,intelligibility_score,file_name"
)


def utterances(folder):
    """Return the clean clips of a folder: three or two of each speaker."""
    speakers = {"train": ("b1", "g2", "g4"), "test": ("b3",)}[folder]
    sentences = {"train": ("01_01", "01_02"), "test": ("01_02", "07_10")}
    return [
        f"TMHINT_{speaker}_{sentence}"
        for speaker in speakers
        for sentence in sentences[folder]
    ]


def stems(folder):
    """Return 7 clips per utterance: one clean, six processed."""
    return [
        prefix + utterance
        for utterance in utterances(folder)
        for prefix in [""] + [f"{m}_snr-2_street_" for m in METHODS]
    ]


def write_release(root):
    """Write 42 wavs of training, 14 of test, two or three listeners each."""
    lines, rng = [RAW_HEADER], np.random.default_rng(7)
    for folder in ("train", "test"):
        (root / folder).mkdir(parents=True)
        for stem in stems(folder):
            noise = rng.normal(0, 0.01, 800)
            soundfile.write(root / folder / f"{stem}.wav", noise, 16000)
            lines += raw_lines(stem, len(lines))
    (root / "raw_data.csv").write_text("\n".join(lines) + "\n")


def raw_lines(stem, index):
    """Return the listeners' rows of a clip: scores 4, none, 3; 10, 8, 9."""
    method, snr, noise = "None", "None", "None"
    if "_snr" in stem:
        method, snr, noise, _ = stem.split("_", 3)
    start = f"{index},{method},{stem[-14:]},{snr},{noise}"
    ending = ".wav" if index % 2 else ""
    scores = ["4,10", ",8", "3,9"]
    return [f"{start},{score},{stem}{ending}" for score in scores]


def write_scores(path, release, value="2,5", skip=()):
    """Write an export with semicolons, decimal commas, byte-order mark."""
    names = sorted(path.stem for path in release.rglob("*.wav"))
    lines = ["Datei;S-MOS;N-MOS;G-MOS"] + [
        f"{name};{value};3,0;1,25" for name in names if name not in skip
    ]
    path.write_text("\n".join(lines), encoding="utf-8-sig")
    return path


def write_labels(path, release, error=lambda name: ""):
    """Write the label table of the corpus builder."""
    columns = ["file", "pesq", "stoi", "sdi", "csig", "cbak", "covl", "error"]
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for wav in sorted(release.rglob("*.wav")):
            name = wav.relative_to(release).as_posix()
            reason = error(name)
            values = [""] * 6 if reason else [1.5, 0.7, 0.4, 3.1, 2.2, 2.6]
            writer.writerow([name, *values, reason])


def read_parts(folder):
    """Read the three manifests."""
    return {part: read_manifest(folder / f"{part}.csv") for part in PARTS}
