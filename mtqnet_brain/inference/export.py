"""Turns a trained network into a folder for SpeechBrain's model zoo.

Authors
 * The mtqnet-brain developers 2026
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml

from mtqnet_brain.audio.io import SAMPLE_RATE, save_audio
from mtqnet_brain.checkpoints.loading import (
    HYPERPARAMETERS,
    PARAMETERS,
    find_file,
    is_run,
    load_network,
)
from mtqnet_brain.checkpoints.model_files import (
    CLASS_TAGS,
    TASK_TAG,
)
from mtqnet_brain.checkpoints.network_checks import class_name
from mtqnet_brain.inference.calibration import (
    CALIBRATION,
    pooled_channels,
    read_calibration,
    to_plain,
)
from mtqnet_brain.inference.card import CardAdditions, write_card
from mtqnet_brain.inference.predictor import SpeechQualityPredictor
from mtqnet_brain.inference.run_results import (
    earlier_card,
    listed,
    results_text,
)
from mtqnet_brain.utils import schema
from mtqnet_brain.utils.files import file_hash, whole_file, write_json
from mtqnet_brain.utils.untrusted_json import (
    ModelError,
    model_file,
    read_json,
)

GOLDEN_WAV, GOLDEN_SCORES = "golden.wav", "golden.json"
INTERFACE = "custom.py"  # foreign_class's own default
INTERFACE_CODE = '''\
"""The interface for SpeechBrain's foreign_class, which runs this file.

Authors
 * The mtqnet-brain developers 2026
"""

from mtqnet_brain.inference.predictor import SpeechQualityPredictor

CustomInterface = SpeechQualityPredictor
'''
TOLERANCE = 1e-3  # between golden scores of two machines


def export_model(
    run: str | Path,
    folder: str | Path,
    additions: CardAdditions | None = None,
) -> dict:
    """Write a model folder and check that it scores as the run does.

    Arguments
    ---------
    run : str or Path
        Output folder of a training run; or an exported model, whose results,
        notes, languages, datasets and calibration are carried over.
    folder : str or Path
        Folder to write; ``hyperparams.yaml`` appears last.
    additions : CardAdditions, optional
        What the author adds to the card.

    Returns
    -------
    dict
        Scores of ``golden.wav``, as in ``golden.json``.

    Raises
    ------
    FileNotFoundError
        If the run has no trained network.
    FileExistsError
        If the folder has files already.
    ModelError
        If the run is refused.
    RuntimeError
        If the scores of the exported model differ.
    """
    network, info = load_network(run)
    if not network.tasks:
        raise ValueError(f"{run}: no primary task to export")
    results = results_text(run)
    additions = _with_earlier(additions or CardAdditions(), run)
    text = _hyperparameters(network, info)
    folder = Path(folder)
    if folder.is_dir() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} has files already; choose another")
    folder.mkdir(parents=True, exist_ok=True)
    with whole_file(folder / PARAMETERS, "wb") as file:
        torch.save(network.state_dict(), file)
    save_audio(folder / GOLDEN_WAV, golden_samples())
    own = SpeechQualityPredictor({"network": network}, {})
    golden = own.score_file(folder / GOLDEN_WAV)
    golden = {task.name: golden[task.name] for task in network.tasks}
    write_json(folder / GOLDEN_SCORES, golden)
    write_card(folder, network, info["provenance"], results, golden, additions)
    with whole_file(folder / INTERFACE) as file:
        file.write(INTERFACE_CODE)
    digest = file_hash(folder / PARAMETERS)
    old = info.get("weights_sha256", "")
    _carry_calibration(run, folder, network, old, digest)
    with whole_file(folder / HYPERPARAMETERS) as file:
        file.write(text + f"weights_sha256: {digest}\n")
    check_golden(folder, exact=True)
    return golden


def check_golden(
    folder: str | Path, exact: bool = False, **options: Any
) -> None:
    """Refuse a model whose golden wav does not get its golden scores.

    Arguments
    ---------
    folder : str or Path
        Folder that `export_model` wrote.
    exact : bool, optional
        Whether scores must be bit-identical, as on the same machine; else they
        may differ by `TOLERANCE`.
    **options
        Options of `SpeechQualityPredictor.from_hparams`.

    Raises
    ------
    RuntimeError
        With both scores.
    """
    folder = Path(folder)
    where = str(folder / GOLDEN_SCORES)
    golden = schema.mapping_of(schema.real(-1e6, 1e6))(
        read_json(model_file(folder, GOLDEN_SCORES), where), where
    )
    predictor = SpeechQualityPredictor.from_hparams(folder, **options)
    scores = predictor.score_file(folder / GOLDEN_WAV)
    tolerance = 0.0 if exact else TOLERANCE
    for name, expected in golden.items():
        if abs(scores[name] - expected) > tolerance:
            raise RuntimeError(
                f"{folder}: {GOLDEN_WAV} has {name} {scores[name]}, "
                f"{GOLDEN_SCORES} says {expected}"
            )


def golden_samples() -> np.ndarray:
    """Return two synthetic seconds: vowel-like harmonics and white noise.

    Returns
    -------
    np.ndarray
        Shape (32000,), float32, at 16 kHz.
    """
    t = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    pitch = 120 + 20 * np.sin(2 * np.pi * 0.7 * t)
    phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
    voice = sum(np.sin(k * phase) / k**1.5 for k in range(1, 30))
    voice = voice * np.clip(np.sin(2 * np.pi * 1.5 * t), 0, None)
    noise = np.random.default_rng(1986).normal(size=len(t))
    return (0.1 * voice + 0.01 * noise).astype(np.float32)


def _with_earlier(
    additions: CardAdditions, source: str | Path
) -> CardAdditions:
    """Add what the front matter of an earlier export's card says.

    Not the licence: cards of earlier versions had one that nobody had given.
    """
    if is_run(source):
        return additions
    card = earlier_card(source)
    return replace(
        additions,
        languages=additions.languages or listed(card, "language"),
        datasets=additions.datasets or listed(card, "datasets"),
    )


def _carry_calibration(
    source: str | Path, folder: Path, network: Any, old: str, new: str
) -> None:
    """Write the calibration of an earlier export for the same weights.

    The weights are equal, but the hash of their file may be another.
    """
    path = None if is_run(source) else find_file(source, CALIBRATION)
    if path is None:
        return
    calibration = read_calibration(
        path,
        f"{source}/{CALIBRATION}",
        network.tasks,
        pooled_channels(network),
        old,
    )
    write_json(folder / CALIBRATION, to_plain(calibration, new))


def _hyperparameters(network, info):
    """Return the YAML that SpeechBrain's ``from_hparams`` reads."""
    settings, origin = network.settings(), _public(info["provenance"])
    _check_texts([settings, origin])
    tasks = settings.pop("tasks")
    lines = [
        "# Model: " + type(network).__name__ + " of mtqnet-brain",
        "# Load it with mtqnet_brain.inference.SpeechQualityPredictor",
        "tasks:",
    ]
    for task in tasks:
        lines += [f"    - {TASK_TAG}"]
        lines += _indented(task, 8)
    lines += [f"network: {CLASS_TAGS[class_name(network)]}"]
    lines += ["    tasks: !ref <tasks>", *_indented(settings, 4)]
    lines += ["modules:", "    network: !ref <network>"]
    lines += [
        "pretrainer: !new:speechbrain.utils.parameter_transfer.Pretrainer"
    ]
    lines += ["    loadables:", "        network: !ref <network>"]
    lines += ["provenance:", *_indented(origin, 4)]
    return "\n".join(lines) + "\n"


def _check_texts(content: Any) -> None:
    """Refuse text that SpeechBrain's reader would run as code.

    HyperPyYAML reads text in round brackets, quoted or not, with YAML's
    unsafe loader.
    """
    if isinstance(content, dict):
        content = [*content, *content.values()]
    if isinstance(content, list):
        for value in content:
            _check_texts(value)
    elif isinstance(content, str) and content.startswith("("):
        raise ModelError(
            f"{content!r:.80} begins with a bracket: SpeechBrain would run it "
            "as code; give the label, its column or its source another name"
        )


def _public(provenance: dict) -> dict:
    """Return the part of the provenance that is published with a model."""
    kept = (
        "label_sources",
        "train_utterances",
        "train_manifest_sha256",
        "command",
        "commit",
    )
    public = {key: provenance[key] for key in kept if key in provenance}
    if begun := provenance.get("pretrained"):
        # The hash of weights; the name before it is that of a folder.
        public["pretrained"] = begun.split()[-1]
    return public


def _indented(mapping: dict, spaces: int) -> list[str]:
    """Return a mapping as lines of YAML."""
    text = yaml.safe_dump(mapping, sort_keys=False, allow_unicode=True)
    return [" " * spaces + line for line in text.splitlines()]
