"""Clips per second and core of corpus building and pseudo-labelling; disk.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import shutil
import statistics
from time import perf_counter

from mtqnet_brain.checkpoints.run_folder import save_model
from mtqnet_brain.corpus.build import build_corpus
from mtqnet_brain.teacher import pseudo_label_manifest

DISK_BYTES = 256 * 2**20
CORPUS_CLIPS = 48


def build_rate(folder, rounds):
    """Build a corpus of synthetic talkers per round, on one core.

    Arguments
    ---------
    folder : Path
        For the corpora.
    rounds : int
        How often.

    Returns
    -------
    float
        Median clips per second, mixing, enhancement and labels included.
    """
    rates = []
    for _ in range(rounds + 1):
        start = perf_counter()
        build_corpus(
            folder / "built", preset="demo", clips=CORPUS_CLIPS, workers=1
        )
        rates.append(CORPUS_CLIPS / (perf_counter() - start))
        shutil.rmtree(folder / "built")
    return statistics.median(rates[1:])  # imports and caches are not timed


def pseudo_label_rate(manifest, n_clips, network, folder, rounds):
    """Pseudo-label a manifest per round.

    Arguments
    ---------
    manifest : Path
        Manifest of 3-s clips.
    n_clips : int
        Number of clips in it.
    network : MTQNet
        The teacher.
    folder : Path
        For teacher and output.
    rounds : int
        How often.

    Returns
    -------
    float
        Median clips per second.
    """
    save_model(folder / "teacher" / "model", network, {"run": "teacher"})
    rates = []
    for i in range(rounds + 1):
        output = folder / f"pseudo{i}.csv"
        start = perf_counter()
        pseudo_label_manifest(manifest, folder / "teacher", output)
        rates.append(n_clips / (perf_counter() - start))
    return statistics.median(rates[1:])


def disk_rate(folder, rounds):
    """Read a file that is not in the page cache.

    Arguments
    ---------
    folder : Path
        On the disk in question.
    rounds : int
        How often.

    Returns
    -------
    float
        Median bytes per second.
    """
    path = folder / "disk"
    path.write_bytes(os.urandom(DISK_BYTES))
    rates = []
    for _ in range(rounds):
        with open(path, "rb", buffering=0) as file:
            os.fsync(file.fileno())
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            start = perf_counter()
            while file.read(2**24):
                pass
            rates.append(DISK_BYTES / (perf_counter() - start))
    path.unlink()
    return statistics.median(rates)
