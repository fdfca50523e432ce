"""PESQ, STOI and segmental SNR before and after enhancement.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from speechbrain.utils.distributed import main_process_only
from tqdm import tqdm

from mtqnet_brain.audio.io import load_audio
from mtqnet_brain.checkpoints.run_folder import FOLDER, save_model
from mtqnet_brain.corpus.enhancement.enhancers import enhance_with
from mtqnet_brain.data.manifest import read_manifest
from mtqnet_brain.labels.composite import segmental_snrs
from mtqnet_brain.labels.intrusive import check_pair
from mtqnet_brain.labels.pesq_stoi import pesq_score, stoi_score
from mtqnet_brain.utils.files import file_hash, write_csv, write_json
from mtqnet_brain.utils.parallel import run_parallel

if TYPE_CHECKING:
    from mtqnet_brain.corpus.enhancement.network_base import EnhancementNetwork

    Metrics = dict[str, dict[str, float]]

MEASURES = ("pesq", "stoi", "segmental_snr")


@main_process_only
def finish_enhancement(
    output_folder: str | Path,
    network: EnhancementNetwork,
    manifests: dict[str, str],
    workers: int,
) -> Metrics:
    """Save a network, evaluate it on the test set, print a table.

    Arguments
    ---------
    output_folder : str or Path
        Output folder of the run.
    network : EnhancementNetwork
        One of `trained.NETWORKS`, with the best checkpoint's weights.
    manifests : dict of str to str
        Manifest paths under ``train`` and ``test``.
    workers : int
        Number of processes.

    Returns
    -------
    dict
        Content of ``metrics.json``: per measure ``before``, ``after`` and
        ``n``, the number of clips.
    """
    folder = Path(output_folder)
    train_rows = read_manifest(manifests["train"])
    provenance = {
        "run": "/".join(folder.absolute().parts[-2:]),
        "train_utterances": len(train_rows),
        "train_speakers": sorted({row["speaker"] for row in train_rows}),
        "train_manifest_sha256": file_hash(manifests["train"]),
    }
    save_model(folder / FOLDER, network, provenance)
    rows = measure_clips(read_manifest(manifests["test"]), str(folder), workers)
    write_csv(folder / "enhancement_test.csv", rows)
    metrics = summarize(rows)
    write_json(folder / "metrics.json", metrics)
    print(format_table({type(network).__name__: metrics}))
    print(f"Results and the network are in {folder}")
    return metrics


def measure_clips(
    rows: Sequence[dict[str, str]], system: str, workers: int
) -> list[dict[str, Any]]:
    """Measure clips before and after enhancement by a system.

    Arguments
    ---------
    rows : list of dict
        Manifest rows of noisy clips, with ``reference``.
    system : str
        ``MMSE``, ``KLT`` or the output folder of a trained system.
    workers : int
        Number of processes.

    Returns
    -------
    list of dict
        Per clip ``ID``, ``noise``, ``snr`` and, for each measure,
        ``<measure>_before`` and ``<measure>_after``, in the order of rows.
    """
    jobs = list(enumerate(rows))
    results = tqdm(
        run_parallel(partial(_measure, system=system), jobs, workers),
        desc=f"measuring {system}",
        unit="clip",
        total=len(jobs),
    )
    return [row for _, row in sorted(results, key=lambda pair: pair[0])]


def _measure(job, system):
    """Measure one clip before and after."""
    index, row = job
    clean, noisy = load_audio(row["reference"]), load_audio(row["wav"])
    result = {name: row[name] for name in ("ID", "noise", "snr")}
    for when, samples in (
        ("before", noisy),
        ("after", enhance_with(noisy, system)),
    ):
        names = (f"reference {row['reference']}", f"{row['wav']}, {when}")
        pair = check_pair(clean, samples, names)
        values = (
            pesq_score(*pair),
            stoi_score(*pair),
            float(segmental_snrs(*pair).mean()),
        )
        for measure, value in zip(MEASURES, values):
            result[f"{measure}_{when}"] = value
    return index, result


def summarize(rows: Sequence[dict]) -> Metrics:
    """Average the measures over clips.

    Arguments
    ---------
    rows : list of dict
        As `measure_clips` returns them.

    Returns
    -------
    dict
        Per measure the means ``before`` and ``after``, the fraction of clips
        that got ``better``, and ``n``, the number of clips.
    """
    summary = {}
    for measure in MEASURES:
        before = [row[f"{measure}_before"] for row in rows]
        after = [row[f"{measure}_after"] for row in rows]
        summary[measure] = {
            "before": fmean(before),
            "after": fmean(after),
            "better": fmean(a > b for a, b in zip(after, before)),
            "n": len(rows),
        }
    return summary


def format_table(metrics: dict[str, Metrics]) -> str:
    """Format the metrics of one or more systems as a table.

    Arguments
    ---------
    metrics : dict of str to dict
        Metrics of `summarize`, by system.

    Returns
    -------
    str
        A line per system: before -> after, and the fraction of clips that
        got better.
    """
    names = {"pesq": "PESQ", "stoi": "STOI", "segmental_snr": "segSNR, dB"}
    lines = [
        f"{'system':<12}"
        + "".join(f"{names[measure]:>24}" for measure in MEASURES)
        + f"{'clips':>8}"
    ]
    for system, means in metrics.items():
        cells = [
            "{before:.3f} -> {after:.3f} {better:4.0%}".format(**means[name])
            for name in MEASURES
        ]
        n_clips = means[MEASURES[0]]["n"]
        lines.append(
            f"{system:<12}"
            + "".join(f"{cell:>24}" for cell in cells)
            + f"{n_clips:>8}"
        )
    return "\n".join(lines)
