"""Tasks: what a network predicts, from which label column, in which range.

MTQ-Net (six tasks) and MOSA-Net (three tasks) are the same network with
different tasks.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

ACTIVATIONS = ("linear", "sigmoid")
ROLES = ("primary", "auxiliary")
PSEUDO_PREFIX = "pseudo_"
SOURCE_SUFFIX = "_source"


@dataclass(frozen=True)
class Task:
    """One score that a network predicts.

    Arguments
    ---------
    name : str
        Name of the score, e.g. ``s_mos``; names the head and the results.
    low : float
        Smallest valid label, in the unit of the score.
    high : float
        Largest valid label. Default: no upper limit.
    role : str
        ``primary``: learnt from true labels and kept at inference.
        ``auxiliary``: learnt from pseudo-labels, dropped at inference
        (eq. 1 of the paper).
    column : str
        Label column of the manifest. Default: the name for a primary task,
        ``pseudo_`` + name for an auxiliary one.
    activation : str
        Output of the head: ``linear`` or ``sigmoid``.
    alpha : float
        Weight of the frame loss against the utterance loss (eq. 3).
    cap : float
        Larger labels are lowered to it, for scores without an upper limit
        (SDI). Default: no cap.

    Raises
    ------
    ValueError
        If a setting is invalid; it names the task.

    Example
    -------
    >>> Task("pesq", low=1.0, high=4.65, role="auxiliary").column
    'pseudo_pesq'
    """

    name: str
    low: float
    high: float = math.inf
    role: str = "primary"
    column: str = ""
    activation: str = "linear"
    alpha: float = 1.0
    cap: float | None = None

    def __post_init__(self) -> None:
        """Fill in the column and check every setting."""
        if not self.column:
            prefix = PSEUDO_PREFIX if self.role == "auxiliary" else ""
            object.__setattr__(self, "column", prefix + self.name)
        if self.high is None:  # in JSON, which has no infinity
            object.__setattr__(self, "high", math.inf)
        for field in ("low", "high", "alpha"):
            object.__setattr__(self, field, float(getattr(self, field)))
        if self.activation not in ACTIVATIONS:
            raise ValueError(
                f"task {self.name}: activation {self.activation!r} is not "
                f"one of {ACTIVATIONS}"
            )
        if self.role not in ROLES:
            raise ValueError(
                f"task {self.name}: role {self.role!r} is not one of {ROLES}"
            )
        if not self.low < self.high:
            raise ValueError(
                f"task {self.name}: low {self.low} is not below "
                f"high {self.high}"
            )
        if self.cap is not None and not self.cap > self.low:
            raise ValueError(
                f"task {self.name}: cap {self.cap} is not above low {self.low}"
            )
        if self.alpha < 0:
            raise ValueError(f"task {self.name}: alpha {self.alpha} is < 0")

    @property
    def top(self) -> float:
        """Largest label in training: the cap, else ``high``."""
        return self.high if self.cap is None else min(self.cap, self.high)

    @property
    def source_column(self) -> str:
        """Manifest column that names the label source."""
        return self.column + SOURCE_SUFFIX

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as a plain dict, for JSON."""
        high = None if math.isinf(self.high) else self.high
        return {**asdict(self), "high": high}


def make_tasks(tasks: Sequence[Task | dict[str, Any]]) -> list[Task]:
    """Make tasks of their arguments; refuse none at all and equal names."""
    made = [t if isinstance(t, Task) else Task(**t) for t in tasks]
    names = [task.name for task in made]
    if not names or len(set(names)) < len(names):
        raise ValueError(f"network tasks {names}: need one or more, distinct")
    return made


def primary_tasks(tasks: Sequence[Task]) -> list[Task]:
    """Return the tasks that stay at inference, in order."""
    return [task for task in tasks if task.role == "primary"]


def auxiliary_tasks(tasks: Sequence[Task]) -> list[Task]:
    """Return the tasks learnt from pseudo-labels, in order."""
    return [task for task in tasks if task.role == "auxiliary"]


def mosanet_tasks() -> list[Task]:
    """Return the tasks of the published MOSA-Net, in its order."""
    return [
        Task("pesq", 1.0, 4.65),
        Task("stoi", 0.0, 1.0, activation="sigmoid"),
        Task("sdi", 0.0, cap=2.0),
    ]
