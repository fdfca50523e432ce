"""Speech-like clips for the tests of the labels, and tables of labels.

Authors
 * The mtqnet-brain developers 2026
"""

import csv

import numpy as np
import soundfile

RATE = 16000


def syllables(seconds=1.0, seed=0):
    """Return a buzz of 140 Hz in bursts of noise-like strength."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * RATE)) / RATE
    buzz = np.sign(np.sin(2 * np.pi * 140 * t)) + rng.standard_normal(len(t))
    return 0.05 * buzz * (1.2 + np.sin(2 * np.pi * 3 * t))


def noisy(samples, level=0.01, seed=1):
    """Return the samples with white noise of that standard deviation."""
    rng = np.random.default_rng(seed)
    return samples + level * rng.standard_normal(len(samples))


def write(path, samples, rate=RATE):
    """Write a wav with float samples; make its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate, subtype="FLOAT")
    return path


def rows_of(path):
    """Read the rows of a CSV by their file."""
    with open(path, newline="", encoding="utf-8") as file:
        return {row["file"]: row for row in csv.DictReader(file)}
