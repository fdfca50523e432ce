"""DistillMOS as the teacher, through the package distillmos.

Reference: Stahl and Gamper, "Distillation and pruning for scalable
self-supervised representation-based speech quality assessment", ICASSP 2025.

Authors
 * The mtqnet-brain developers 2026
"""

import io
from collections.abc import Sequence
from contextlib import redirect_stdout
from functools import lru_cache
from importlib.metadata import version

import numpy as np
import torch

from mtqnet_brain.tasks import Task
from mtqnet_brain.teacher.windowed import WindowTeacher, spread_starts
from mtqnet_brain.utils.files import file_hash
from mtqnet_brain.utils.installation import require
from mtqnet_brain.utils.parallel import worker_number


class DistillMosTeacher(WindowTeacher):
    """One score of the whole: the mean over segments of 7.68 s.

    The segments are the package's own: zeros behind a shorter clip; of a
    longer one overlapping segments, at most 1 s apart and evenly spread.

    Arguments
    ---------
    devices : sequence of str, optional
        Devices; each worker process uses one of them.

    Raises
    ------
    ImportError
        If the package is missing, with the command that installs it.
    """

    def __init__(self, devices: Sequence[str] = ("cpu",)) -> None:
        (sqa,) = require("distillmos", "distillmos.sqa")
        self.devices = tuple(devices)
        weights = file_hash(sqa.DEFAULT_WEIGHTS_CHKPT)
        self.name = f"DistillMOS (distillmos {version('distillmos')})"
        self.digest = f"{self.name} {weights}"
        self.tasks = [Task("distillmos", 1.0, 5.0)]

    def cut(self, wave: np.ndarray) -> np.ndarray:
        """Return the segments of a clip, shape (segments, 122880)."""
        from distillmos.sqa import MAX_HOP_LEN, SEQ_LEN

        starts = spread_starts(len(wave), SEQ_LEN, MAX_HOP_LEN)
        wave = np.pad(wave, (0, max(SEQ_LEN - len(wave), 0)))
        return np.stack([wave[start : start + SEQ_LEN] for start in starts])

    def predict(self, windows: np.ndarray) -> np.ndarray:
        """Return the score of segments, shape (segments, 1)."""
        device = self.devices[worker_number() % len(self.devices)]
        segments = torch.from_numpy(windows).to(device)
        with torch.inference_mode():
            scores = _load(device)(segments)  # (segments, 1) or more axes
        return scores.reshape(-1, 1).cpu().numpy()


@lru_cache(maxsize=1)
def _load(device):
    """Load the network once per process; it scales segments to full scale."""
    from distillmos import ConvTransformerSQAModel

    with redirect_stdout(io.StringIO()):  # the package prints its path
        network = ConvTransformerSQAModel(segmenting_in_forward=False)
    return network.to(device).eval()
