"""The scores of a clip from those of its windows.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mtqnet_brain.inference.timeline import Timeline, bridge_pauses

if TYPE_CHECKING:
    from mtqnet_brain.inference.window_scorer import WindowScores
    from mtqnet_brain.inference.windows import Window
    from mtqnet_brain.model.mos_ssl import MOSSSL
    from mtqnet_brain.model.mtqnet import MTQNet


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
        self.n_windows = 0
        self.utterance: dict[str, np.floating] = {}  # of the last window

    def add(self, window: Window, scores: WindowScores) -> None:
        """Add the next window."""
        tracks = self.network.encoder.tracks(len(window.samples))
        centres = [np.asarray(track) for track in tracks]
        self.timeline.add(window.hops, window.samples, centres, scores.frames)
        self.utterance = scores.utterance
        self.n_windows += 1

    def finish(
        self, n_samples: int
    ) -> tuple[dict[str, np.floating], dict[str, np.ndarray]]:
        """Return the scores of the clip.

        The utterance score of one window is the network's; of several, it is
        the mean over the times with speech.

        Arguments
        ---------
        n_samples : int
            Length of the clip.

        Returns
        -------
        utterance : dict of str to np.floating
            Score per task.
        frames : dict of str to np.ndarray
            Score per task and time, each of shape (times,).
        """
        self.timeline.end(n_samples)
        frames = self.timeline.scores()
        if self.n_windows == 1:
            return self.utterance, frames
        active = self.timeline.active()
        return (
            {task: frames[task][active].mean() for task in self.tasks},
            {task: bridge_pauses(frames[task], active) for task in self.tasks},
        )
