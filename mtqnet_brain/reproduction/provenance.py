"""What the numbers of a reproduction rest on, and what weakens them.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mtqnet_brain.checkpoints.run_folder import read_settings
from mtqnet_brain.data.manifest import label_values, read_manifest
from mtqnet_brain.evaluation.agreement import teacher_metrics
from mtqnet_brain.evaluation.metrics import fraction_at_limit
from mtqnet_brain.reproduction.paper_tables import title_of
from mtqnet_brain.reproduction.systems import SCORES
from mtqnet_brain.tasks import PSEUDO_PREFIX, SOURCE_SUFFIX, mosanet_tasks
from mtqnet_brain.utils.hparams_files import file_nodes

if TYPE_CHECKING:
    from mtqnet_brain.reproduction.results import Reproduction

# Keys of a run's hyperparams.yaml that say how long and how fast it learns.
TRAINING = (
    "number_of_epochs",
    "lr",
    "ssl_lr",
    "final_lr_share",
    "max_batch_seconds",
)
DEMO = (
    "- **Demo: small networks, few epochs, synthetic speech, SSL models with "
    "random weights. It shows that every system runs; its numbers say nothing "
    "about the paper's.**"
)
NOT_3QUEST = (
    "- **Not 3QUEST: other labels, mostly on other clips, than the paper's. "
    "Compare our systems with each other, not with the paper's values.**"
)


def provenance_section(reproduction: Reproduction, n_resamples: int) -> str:
    """Say on which labels, corpus, teacher and SSL models the numbers rest.

    Arguments
    ---------
    reproduction : Reproduction
        The reproduction's request and results.
    n_resamples : int
        Resamples of the bootstrap.

    Returns
    -------
    str
        Markdown list.
    """
    request = reproduction.request
    found = reproduction.results.values()
    runs = [run for results in found for run in results.runs]
    n_failed = sum(len(results.failures) for results in found)
    seeds = sorted({run.seed for run in runs})
    lines = [
        f"- Scale: {request['scale']}. Runs done: {len(runs)}, failed: "
        f"{n_failed}; seeds: {', '.join(map(str, seeds)) or 'none'}.",
        *_data_lines(reproduction),
        *_override_lines(found),
        *_model_lines(runs),
        *_weak_lines(reproduction),
    ]
    if request["scale"] == "demo":
        lines.append(DEMO)
    lines.append(
        "- Ours: mean over seeds ± standard deviation [95 % bootstrap interval "
        f"over test utterances and seeds, {n_resamples} resamples]; bold: "
        "better than every other row of the block that was run (paired "
        "bootstrap)."
    )
    return "\n".join(lines)


def failure_section(reproduction: Reproduction) -> str:
    """List the runs that failed.

    Arguments
    ---------
    reproduction : Reproduction
        The reproduction's request and results.

    Returns
    -------
    str
        Markdown; empty if none failed.
    """
    lines = [
        f"- {name}, seed {seed}: {reason}"
        for name, results in reproduction.results.items()
        for seed, reason in results.failures.items()
    ]
    return "\n".join(["## Failed runs", "", *lines]) if lines else ""


def _data_lines(reproduction):
    """Describe corpus, labels and teacher."""
    parts = {}
    for part in ("train", "valid", "test"):
        path = reproduction.folder / "manifests" / f"{part}.csv"
        parts[part] = read_manifest(path) if path.is_file() else []
    sizes = ", ".join(f"{len(rows)} {part}" for part, rows in parts.items())
    place = reproduction.request["data_folder"]
    name = place.rstrip("/").rsplit("/", 1)[-1] if place else "made on the spot"
    rows = parts["test"]
    named = {row.get(f"{s}_source", "") for row in rows for s in SCORES}
    sources = sorted(named - {""})
    talkers = {row.get("speaker") for row in rows}
    at_limit = {
        score: fraction_at_limit(label_values(rows, score), 1, 5)
        for score in SCORES
    }
    limits = [f"{title_of(s)} {value:.0%}" for s, value in at_limit.items()]
    lines = [
        f"- Corpus: {name}; {sizes} utterances "
        f"({len(talkers)} talkers in the test set).",
        f"- Labels: {', '.join(sources) or 'none'}. At an end of their range "
        f"in the test set: {', '.join(limits)}.",
    ]
    if sources and sources != ["3QUEST"]:
        lines.append(NOT_3QUEST)
    return [*lines, *_teacher_lines(parts["train"])]


def _teacher_lines(rows):
    """Name the teacher, and how its scores agree with true ones."""
    tasks = mosanet_tasks()
    named = {
        row.get(PSEUDO_PREFIX + task.name + SOURCE_SUFFIX) or ""
        for row in rows
        for task in tasks
    }
    teachers = sorted(named - {""})
    if not teachers:
        return ["- Pseudo-labels: none."]
    agreements = []
    for task in tasks:
        metrics = teacher_metrics(rows, task)
        if metrics is not None:
            agreement = f"**{metrics['undefined']}**"
            if not metrics["undefined"]:
                agreement = f"LCC {metrics['lcc']:.3f}"
            agreements.append(f"{task.name.upper()} {agreement}")
    text = f"- Pseudo-labels: {', '.join(teachers)}."
    if agreements:
        text += " Against the true values of the training part: "
        text += ", ".join(agreements) + "."
    return [text]


def _override_lines(found):
    """List the systems that are another one's file with overrides."""
    calls = [
        f"{results.system.name}: `{results.system.call}`"
        for results in found
        if results.system.overrides
    ]
    return [f"- Overrides: {'; '.join(calls)}."] if calls else []


def _model_lines(runs):
    """Name the SSL checkpoints, the networks and how they were trained."""
    models, sizes = set(), set()
    training: dict[str, set[str]] = {}
    for run in runs:
        network = read_settings(run.folder)["network"]
        if network["ssl"]:
            models.add(_ssl_name(network["ssl"]))
        if "channels" in network:
            sizes.add(
                f"channels {network['channels']}, BLSTM "
                f"{network['blstm_hidden']}, dense {network['dense_units']}, "
                f"norm {network['conv_norm']}, compression "
                f"{network['compression']}"
            )
        for name, value in _training(run.folder).items():
            training.setdefault(name, set()).add(value)
    settings = [f"{k} {' / '.join(sorted(v))}" for k, v in training.items()]
    return [
        f"- SSL models: {', '.join(sorted(models)) or 'none'}.",
        f"- Networks: {'; '.join(sorted(sizes)) or 'none'}.",
        f"- Training: {', '.join(settings) or 'unknown'}.",
    ]


def _ssl_name(ssl):
    """Return source, revision and whether it was fine-tuned."""
    source, revision = ssl["source"], ssl["revision"]
    if Path(source).is_absolute():
        source = f"local folder {Path(source).name}"
    elif revision is None:
        source += ", no revision given"
    else:
        source += f", revision {revision}"
    return f"{source} ({'frozen' if ssl['freeze'] else 'fine-tuned'})"


def _training(folder):
    """Return the training settings of a run, as text."""
    path = folder / "hyperparams.yaml"
    if not path.is_file():
        return {}
    nodes = file_nodes(path)
    return {name: nodes[name].value for name in TRAINING if name in nodes}


def _weak_lines(reproduction):
    """Name the systems that are worse than one number for all clips."""
    weak = []
    for name, results in reproduction.results.items():
        for score in results.system.scores:
            for run in results.runs:
                true = run.true[score]
                mse = np.nanmean((run.predicted[score] - true) ** 2)
                if mse > np.nanvar(true):
                    weak.append(f"{name} seed {run.seed} {title_of(score)}")
    if not weak:
        return []
    shown = ", ".join(weak[:6]) + (", ..." if len(weak) > 6 else "")
    return [
        f"- **{len(weak)} MSEs are worse than that of the labels' mean for "
        f"every clip: {shown}. Such a system has learnt too little for its "
        "differences to mean much.**"
    ]
