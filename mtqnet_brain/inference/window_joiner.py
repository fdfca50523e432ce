"""The scores of a clip from those of its windows.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mtqnet_brain.inference.timeline import (
    Timeline,
    bridge_pauses,
    smooth,
)

if TYPE_CHECKING:
    from mtqnet_brain.inference.window_scorer import WindowScores
    from mtqnet_brain.inference.windows import Window
    from mtqnet_brain.model.mos_ssl import MOSSSL
    from mtqnet_brain.model.mtqnet import MTQNet


class Joined(NamedTuple):
    """The scores of a clip.

    Arguments
    ---------
    utterance : dict of str to np.floating
        Score per task.
    pooled : np.ndarray
        Mean of the encoder's frames, shape (channels,).
    frames : dict of str to np.ndarray, optional
        Score per task and time, a mean over 0.24 s, each of shape (times,).
    speech : np.ndarray, optional
        Bool, shape (times,), False in pauses.
    """

    utterance: Mapping[str, np.floating]
    pooled: np.ndarray
    frames: dict[str, np.ndarray] | None = None
    speech: np.ndarray | None = None


class WindowJoiner:
    """Joins the scores of consecutive windows of one clip.

    Arguments
    ---------
    network : MTQNet or MOSSSL
        The network that scores the windows.
    """

    def __init__(self, network: MTQNet | MOSSSL) -> None:
        self.network = network
        self.tasks = [task.name for task in network.tasks]
        self.timeline = Timeline(self.tasks)
        self.utterance: dict[str, np.floating] = {}  # of the last window
        self.pooled: list[np.ndarray] = []
        self.lengths: list[int] = []

    def add(self, window: Window, scores: WindowScores) -> None:
        """Add the next window."""
        tracks = self.network.encoder.tracks(len(window.samples))
        centres = [np.asarray(track) for track in tracks]
        self.timeline.add(window.hops, window.samples, centres, scores.frames)
        self.utterance = scores.utterance
        self.pooled.append(scores.pooled)
        self.lengths.append(len(window.samples))

    def finish(self, n_samples: int) -> Joined:
        """Return the scores of the clip.

        The utterance score of one window is the network's; of several, it is
        the mean over the times with speech.

        Arguments
        ---------
        n_samples : int
            Length of the clip.

        Returns
        -------
        Joined
            Scores of the clip, and over time.
        """
        self.timeline.end(n_samples)
        frames = self.timeline.scores()
        active = self.timeline.active()
        utterance = self.utterance
        if len(self.lengths) > 1:
            utterance = {t: frames[t][active].mean() for t in self.tasks}
            frames = {t: bridge_pauses(frames[t], active) for t in self.tasks}
        curves = {task: smooth(frames[task]) for task in self.tasks}
        pooled = np.average(self.pooled, axis=0, weights=self.lengths)
        return Joined(utterance, pooled, curves, active)
