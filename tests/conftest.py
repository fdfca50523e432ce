"""Fixtures: a miniature corpus, tiny SSL models, manifests.

Authors
 * The mtqnet-brain developers 2026
"""

import csv
import os

import pytest
import soundfile
from synthetic import RATE, make_wave

from mtqnet_brain.reproduction.tiny_ssl import save_tiny_ssl

# The networks of the tests are small: a second thread would only wait. Set
# before torch is imported, and inherited by the runs that tests start.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """Two workers for each core: many tests wait for processes they start."""
    return 2 * (os.cpu_count() or 1)


@pytest.fixture(scope="session")
def mini_corpus(tmp_path_factory):
    """A corpus in TMHINT-QI's layout: 12 training and 6 test wavs.

    With ``scores.csv`` (invented scores) and ``raw_data.csv``.
    """
    folder = tmp_path_factory.mktemp("corpus")
    rows, scores = [], []
    for part, count in (("train", 6), ("test", 3)):
        (folder / part).mkdir()
        for i in range(count):
            utterance = f"TMHINT_{'bg'[i % 2]}{i % 3}_{part[:2]}{i:02d}_01"
            snr = (-2, 5, 20)[i % 3]
            for name, level, method in (
                (utterance, None, "None"),
                (f"Noisy_snr{snr}_white_{utterance}", snr, "Noisy"),
            ):
                wave = make_wave(0.6 + 0.05 * i, i, level)
                soundfile.write(folder / part / f"{name}.wav", wave, RATE)
                rows.append(
                    {
                        "idx": len(rows),
                        "method": method,
                        "uttr": utterance,
                        "snr": "" if level is None else level,
                        "noise": "" if level is None else "white",
                        "quality_score": 3,
                        "intelligibility_score": 9,
                        "file_name": f"{name}.wav",
                    }
                )
                score = 5.0 if level is None else 1.5 + (snr + 2) / 10
                scores.append({"file": f"{name}.wav", "S": score})
    for name, content in (("raw_data", rows), ("scores", scores)):
        with open(folder / f"{name}.csv", "w", newline="") as file:
            writer = csv.DictWriter(file, list(content[0]))
            writer.writeheader()
            writer.writerows(content)
    return folder


@pytest.fixture(scope="session")
def tiny_ssl(tmp_path_factory):
    """Return a function that returns the folder of a tiny SSL model."""
    made = {}

    def get(family="wavlm", norm="layer", hidden_size=16):
        """Save the model on the first call for it."""
        key = (family, norm, hidden_size)
        if key not in made:
            folder = tmp_path_factory.mktemp(f"{family}_{norm}")
            made[key] = save_tiny_ssl(folder, *key)
        return made[key]

    return get
