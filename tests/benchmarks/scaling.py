"""Cost of scoring against duration and against the number of files.

Authors
 * The mtqnet-brain developers 2026
"""

import multiprocessing
import os
import statistics
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from tqdm import tqdm

from mtqnet_brain.audio.io import SAMPLE_RATE, save_audio

DURATIONS = (1, 3, 10, 30, 60, 300, 600, 1800, 3600)  # s
PLAIN_UP_TO = 60  # s; beyond, attention over all frames needs gigabytes
COUNTS = (1, 10, 100, 1000, 10000)
PLAIN_COUNT_UP_TO = 1000


def by_duration(folder, rounds, durations=DURATIONS):
    """Time files of rising duration, each in a process of its own.

    Arguments
    ---------
    folder : Path
        For the files.
    rounds : int
        Timed calls each.
    durations : tuple of int
        Seconds.

    Returns
    -------
    list of dict
        ``seconds``, ``ours`` and ``plain``: median seconds and peak GB.
    """
    rows = []
    generator = np.random.default_rng(0)
    for duration in tqdm(durations, desc="durations"):
        path = folder / f"{duration}.wav"
        noise = generator.standard_normal(duration * SAMPLE_RATE)
        save_audio(path, (0.05 * noise).astype(np.float32))
        row = {"seconds": duration, "ours": _apart(path, rounds, False)}
        if duration <= PLAIN_UP_TO:
            row["plain"] = _apart(path, rounds, True)
        path.unlink()
        rows.append(row)
    return rows


def _apart(path, rounds, plain):
    """Time calls in a fresh process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_time_file, (str(path), rounds, plain))


def _time_file(path, rounds, plain):
    """Return median seconds and peak GB of this process."""
    from mtqnet_brain.audio.io import load_audio
    from mtqnet_brain.inference.predictor import SpeechQualityPredictor

    predictor = SpeechQualityPredictor.from_pretrained()

    def at_once():
        """Run the whole clip through the network."""
        wav = torch.from_numpy(load_audio(path))[None]
        with torch.no_grad():
            predictor.score_batch(wav)

    call = at_once if plain else lambda: predictor.score_file(path)
    call()
    times = []
    for _ in range(rounds):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return {"time": statistics.median(times), "gigabytes": _peak_gigabytes()}


def _peak_gigabytes():
    """Return the peak memory of this process since it was started.

    Not getrusage's, which begins with what the parent held.
    """
    status = Path("/proc/self/status").read_text().splitlines()
    (line,) = (line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1]) / 2**20


def by_count(clips, folder, rounds, counts=COUNTS):
    """Time folders of rising size, with start-up and without.

    Arguments
    ---------
    clips : list of str
        Files that the folders are made of.
    folder : Path
        For the folders.
    rounds : int
        Timed runs each.
    counts : tuple of int
        Files per folder.

    Returns
    -------
    list of dict
        ``files``, and median seconds of ``command`` (with start-up),
        ``engine`` (without), ``plain`` (without, a file at a time).
    """
    from mtqnet_brain.inference.predictor import SpeechQualityPredictor

    predictor = SpeechQualityPredictor.from_pretrained()
    rows = []
    for count in tqdm(counts, desc="numbers of files"):
        inside = folder / f"count_{count}"
        inside.mkdir()
        paths = [inside / f"{i:05}.wav" for i in range(count)]
        for i, path in enumerate(paths):
            os.link(clips[i % len(clips)], path)
        calls = {
            "command": lambda d=inside: _run_command(d),
            "engine": lambda p=paths: list(predictor.score_files(p)),
        }
        if count <= PLAIN_COUNT_UP_TO:
            calls["plain"] = lambda p=paths: [
                predictor.score_file(path) for path in p
            ]
        times = {name: [] for name in calls}
        for _ in range(rounds):
            for name, call in calls.items():
                start = perf_counter()
                call()
                times[name].append(perf_counter() - start)
        medians = {name: statistics.median(own) for name, own in times.items()}
        rows.append({"files": count, **medians})
    return rows


def _run_command(folder):
    """Run ``mtqnet score`` as a user does."""
    command = [str(Path(sys.executable).with_name("mtqnet")), "score"]
    subprocess.run(
        [*command, str(folder), "--output", f"{folder}.csv"],
        check=True,
        stderr=subprocess.DEVNULL,
    )
