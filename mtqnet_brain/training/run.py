"""Training, test and results of every recipe.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from speechbrain.utils.distributed import main_process_only

from mtqnet_brain.checkpoints.run_folder import FOLDER, save_model
from mtqnet_brain.checkpoints.trained_on import write_known_wavs
from mtqnet_brain.evaluation.run_report import (
    format_table,
    label_source,
    write_results,
)
from mtqnet_brain.training.run_command import package_commit
from mtqnet_brain.utils.files import file_hash

if TYPE_CHECKING:
    from speechbrain.dataio.dataset import DynamicItemDataset

    from mtqnet_brain.evaluation.metrics import QualityStats
    from mtqnet_brain.model.mtqnet import MTQNet
    from mtqnet_brain.training.brain import QualityBrain


def train_and_test(
    brain: QualityBrain,
    datasets: dict[str, DynamicItemDataset],
    loaders: dict[str, dict],
) -> None:
    """Train, then score the test set with the best checkpoint.

    Arguments
    ---------
    brain : QualityBrain
        Resumes a killed run from its last checkpoint.
    datasets : dict of str to DynamicItemDataset
        Under ``train``, ``valid`` and ``test``.
    loaders : dict of str to dict
        Loader options under the same names.
    """
    brain.fit(
        brain.epoch_counter,
        datasets["train"],
        datasets["valid"],
        train_loader_kwargs=loaders["train"],
        valid_loader_kwargs=loaders["valid"],
    )
    brain.evaluate(datasets["test"], test_loader_kwargs=loaders["test"])


@main_process_only
def finish_run(
    output_folder: str | Path,
    network: MTQNet,
    stats: QualityStats,
    parts: dict[str, list[dict]],
    train_csv: str | Path,
    **provenance: Any,
) -> dict:
    """Write the results and the trained network; print the table.

    Arguments
    ---------
    output_folder : str or Path
        Output folder of the run.
    network : MTQNet
        The network with the best checkpoint's weights.
    stats : QualityStats
        Scores and labels of the test set.
    parts : dict of str to list of dict
        Manifest rows under ``train`` and ``test``.
    train_csv : str or Path
        Manifest of the training part; its hash goes into ``model.json``.
    **provenance
        Other facts on the run for ``model.json``.

    Returns
    -------
    dict
        Content of ``metrics.json``.
    """
    metrics = write_results(output_folder, stats, parts["test"])
    train_rows = parts["train"]
    provenance |= {
        "run": "/".join(Path(output_folder).absolute().parts[-2:]),
        "label_sources": {
            task.name: label_source(train_rows, task) for task in network.tasks
        },
        "train_utterances": len(train_rows),
        "train_manifest_sha256": file_hash(train_csv),
    }
    if commit := package_commit():
        provenance["commit"] = commit
    save_model(Path(output_folder) / FOLDER, network, provenance)
    write_known_wavs(output_folder, train_rows)
    print(format_table(metrics))
    print(f"Results, plots and the network are in {output_folder}")
    return metrics
