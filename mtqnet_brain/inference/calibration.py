"""How sure a score is, from what a clip is like: intervals and warnings.

A network's encoder gives a vector per clip, the mean of its frames. Compared
with the vectors of clips with known labels, it says how unlike them a clip is,
and from that and from the score how far a label may lie.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mtqnet_brain.tasks import Task
from mtqnet_brain.utils import schema
from mtqnet_brain.utils.untrusted_json import ModelError, read_json

CALIBRATION = "calibration.json"  # in a model's folder
COVERAGE = 0.9  # of the intervals
MAX_CHANNELS, MAX_AXES, MAX_TASKS = 8192, 64, 32
ORTHONORMAL = 1e-3  # products of axes with six digits
_NUMBER = schema.real(-1e9, 1e9)
_POSITIVE = schema.real(1e-9, 1e9)
_AXES = schema.sequence(schema.sequence(_NUMBER, 1, MAX_CHANNELS), 1, MAX_AXES)
_PARTS: dict[str, schema.Rule] = {
    "weights_sha256": schema.text,
    "mean": schema.sequence(_NUMBER, 1, MAX_CHANNELS),
    "axes": _AXES,
    "scales": schema.sequence(_POSITIVE, 1, MAX_AXES),
    "rest": _POSITIVE,
    "limit": _POSITIVE,
    "spreads": schema.mapping_of(schema.sequence(_NUMBER, 4, 4)),
    "factors": schema.mapping_of(_POSITIVE),
    "speech": schema.optional(schema.sequence(_NUMBER, 2, MAX_AXES + 2)),
}
_RULE = schema.mapping(_PARTS, needed=tuple(_PARTS))


def interval_columns(task: str) -> tuple[str, str]:
    """Return the columns of the lower and the upper end of an interval."""
    return f"{task}_low", f"{task}_high"


@dataclass
class Reference:
    """Clips that were heard, as a normal distribution of few axes.

    Probabilistic PCA: the variances along the main axes, and one for all the
    others.

    Arguments
    ---------
    mean : np.ndarray
        Shape (channels,).
    axes : np.ndarray
        Orthonormal, shape (axes, channels).
    scales : np.ndarray
        Standard deviation along each axis, shape (axes,).
    rest : float
        Standard deviation along all others.

    References
    ----------
    Tipping and Bishop, "Probabilistic principal component analysis", JRSS B
    61(3), 1999.
    """

    mean: np.ndarray
    axes: np.ndarray
    scales: np.ndarray
    rest: float

    def features(self, pooled: np.ndarray) -> np.ndarray:
        """Return how a clip differs from the mean.

        Arguments
        ---------
        pooled : np.ndarray
            Shape (..., channels).

        Returns
        -------
        np.ndarray
            Shape (..., axes + 1): along each axis in its standard deviations,
            and the logarithm of the distance.
        """
        away = pooled - self.mean
        along = away @ self.axes.T  # (..., axes)
        left = (away**2).sum(-1) - (along**2).sum(-1)
        white = along / self.scales
        total = (white**2).sum(-1) + np.maximum(left, 0) / self.rest**2
        # Mahalanobis' distance, about 1 for clips that were heard.
        distance = np.sqrt(total / len(self.mean))
        log = np.log(np.maximum(distance, 1e-3))
        return np.concatenate([white, log[..., None]], axis=-1)


def spread_terms(scores: np.ndarray, log_distance: np.ndarray) -> np.ndarray:
    """Return what the logarithm of an error depends on, shape (..., 4)."""
    ones = np.ones_like(scores)
    return np.stack([ones, scores, scores**2, log_distance], axis=-1)


@dataclass
class Calibration:
    """Intervals and warnings of one model.

    Arguments
    ---------
    tasks : sequence of Task
        The model's.
    reference : Reference
        The clips that were heard.
    limit : float
        Logarithm of the distance that hardly any of them reaches.
    spreads : mapping of str to np.ndarray
        Weights of `spread_terms` per task, shape (4,).
    factors : mapping of str to float
        Half an interval, in spreads, per task.
    speech : np.ndarray, optional
        Weights of the features and a bias, shape (axes + 2,): their sum is
        above 0 for speech.
    """

    tasks: Sequence[Task]
    reference: Reference
    limit: float
    spreads: Mapping[str, np.ndarray]
    factors: Mapping[str, float]
    speech: np.ndarray | None = None

    def intervals(
        self, scores: Mapping[str, float], pooled: np.ndarray
    ) -> dict[str, tuple[float, float]]:
        """Return where the labels of a clip lie, at `COVERAGE`.

        Arguments
        ---------
        scores : mapping of str to float
            Score per task.
        pooled : np.ndarray
            Mean of the encoder's frames, shape (channels,).

        Returns
        -------
        dict of str to tuple of float
            Lower and upper end per task, within the range of its labels.
        """
        log_distance = self.reference.features(pooled)[-1]
        found = {}
        for task in self.tasks:
            score = scores[task.name]
            half = self.factors[task.name] * self.spread(
                task, np.asarray(score), log_distance
            )
            ends = np.clip([score - half, score + half], task.low, task.high)
            found[task.name] = (
                min(float(ends[0]), score),
                max(float(ends[1]), score),
            )
        return found

    def spread(
        self, task: Task, scores: np.ndarray, log_distance: np.ndarray
    ) -> np.ndarray:
        """Return how far labels typically lie from scores.

        Arguments
        ---------
        task : Task
            One of the model's.
        scores, log_distance : np.ndarray
            Of the same shape.

        Returns
        -------
        np.ndarray
            Of that shape too; beyond the limit it grows with the distance.
        """
        within = np.clip(scores, task.low, task.high)
        log = spread_terms(within, log_distance) @ self.spreads[task.name]
        return np.exp(
            np.clip(log + np.maximum(log_distance - self.limit, 0), -9, 9)
        )

    def warnings(self, pooled: np.ndarray) -> list[str]:
        """Return why scores of a clip (channels,) should not be trusted."""
        features = self.reference.features(pooled)
        found = []
        if self.speech is not None:
            if features @ self.speech[:-1] + self.speech[-1] < 0:
                found.append("hardly speech")
        if features[-1] > self.limit:
            times = np.exp(features[-1] - self.limit)
            found.append(f"unlike what was heard in training ({times:.2g}x)")
        return found


def to_plain(calibration: Calibration, weights_sha256: str) -> dict[str, Any]:
    """Return the content of ``calibration.json``, with six digits.

    Arguments
    ---------
    calibration : Calibration
        What to save.
    weights_sha256 : str
        Hash of the weights that it belongs to.

    Returns
    -------
    dict
        Plain values, which `read_calibration` reads.
    """
    reference, speech = calibration.reference, calibration.speech
    return {
        "weights_sha256": weights_sha256,
        "mean": _rounded(reference.mean),
        "axes": [_rounded(axis) for axis in reference.axes],
        "scales": _rounded(reference.scales),
        "rest": float(reference.rest),
        "limit": float(np.exp(calibration.limit)),
        "spreads": {k: _rounded(v) for k, v in calibration.spreads.items()},
        "factors": {k: float(v) for k, v in calibration.factors.items()},
        "speech": None if speech is None else _rounded(speech),
    }


def _rounded(values: np.ndarray) -> list[float]:
    """Return numbers with six significant digits."""
    return [float(f"{value:.6g}") for value in values]


def read_calibration(
    path: str | Path,
    where: str,
    tasks: Sequence[Task],
    n_channels: int,
    weights_sha256: str,
) -> Calibration:
    """Read and check the calibration of a model.

    Arguments
    ---------
    path : str or Path
        ``calibration.json``.
    where : str
        Its name in errors.
    tasks : sequence of Task
        The model's.
    n_channels : int
        Channels of the model's encoder.
    weights_sha256 : str
        Hash of the model's weights.

    Returns
    -------
    Calibration
        For that model.

    Raises
    ------
    ModelError
        If a value is invalid, sizes do not fit, axes are not orthonormal, a
        task is missing, or it belongs to other weights.
    """
    content = _RULE(read_json(path, where), where)
    if content["weights_sha256"] != weights_sha256:
        raise ModelError(
            f"{where}: made for weights {content['weights_sha256'][:12]}, the "
            f"model has {weights_sha256[:12]}; run calibrate.py again or "
            "remove the file"
        )
    for task in tasks:
        for part in ("spreads", "factors"):
            if task.name not in content[part]:
                raise ModelError(f"{where}: {part}: no {task.name}")
    _check_axes(content, where, n_channels)
    speech = content["speech"]
    reference = Reference(
        np.array(content["mean"]),
        np.array(content["axes"]),
        np.array(content["scales"]),
        content["rest"],
    )
    return Calibration(
        tasks,
        reference,
        float(np.log(content["limit"])),
        {k: np.array(v) for k, v in content["spreads"].items()},
        content["factors"],
        None if speech is None else np.array(speech),
    )


def _check_axes(content, where, n_channels):
    """Refuse axes that are not those of a reference for the model."""
    n_axes, speech = len(content["scales"]), content["speech"]
    if len(content["mean"]) != n_channels:
        raise ModelError(
            f"{where}: mean of {len(content['mean'])} channels, the model has "
            f"{n_channels}"
        )
    shapes = [len(content["axes"]), *map(len, content["axes"])]
    if shapes != [n_axes] + [n_channels] * n_axes:
        raise ModelError(f"{where}: axes do not fit mean and scales")
    axes = np.array(content["axes"])
    # Distances along others would be no distances.
    if np.abs(axes @ axes.T - np.eye(n_axes)).max() > ORTHONORMAL:
        raise ModelError(f"{where}: axes are not orthonormal")
    if speech is not None and len(speech) != n_axes + 2:
        raise ModelError(f"{where}: speech needs {n_axes + 2} numbers")


def pooled_channels(network: Any) -> int:
    """Return the channels of what a network pools."""
    if hasattr(network, "network_settings"):
        return network.network_settings.dense_units
    return network.linear.in_features  # MOSSSL
