"""DNSMOS P.835 as the teacher, with the network in the package speechmos.

Reference: Reddy et al., "DNSMOS P.835: a non-intrusive perceptual objective
speech quality metric to evaluate noise suppressors", ICASSP 2022.

Authors
 * The mtqnet-brain developers 2026
"""

from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import numpy as np

from mtqnet_brain.audio.io import SAMPLE_RATE
from mtqnet_brain.tasks import Task
from mtqnet_brain.teacher.windowed import WindowTeacher, spread_starts
from mtqnet_brain.utils.files import file_hash
from mtqnet_brain.utils.installation import require

MODEL = "dnsmos_models/sig_bak_ovr.onnx"  # in the package's folder
SECONDS = 9.01
WINDOW = 144160  # samples, the network's input
HOP = 9 * SAMPLE_RATE
SCORES = ("sig", "bak", "ovrl")


class DnsmosTeacher(WindowTeacher):
    """SIG, BAK and OVRL of each wav: the mean over windows of 9.01 s.

    A shorter clip is repeated, as its authors do. A longer one has one window
    per 9 s, evenly spread, or the overlapping windows of the authors' script,
    whose figures papers report.

    Arguments
    ---------
    overlapping : bool, optional
        Whether a window begins every second; a clip of 4 s, repeated to 16 s,
        then has seven instead of one.

    Raises
    ------
    ImportError
        If a package is missing, with the command that installs it.
    """

    def __init__(self, overlapping: bool = False) -> None:
        require("dnsmos", "onnxruntime", "speechmos.dnsmos")
        self.overlapping = overlapping
        windows = "overlapping windows" if overlapping else "windows of 9 s"
        self.name = (
            f"DNSMOS P.835 (speechmos {version('speechmos')}, {windows})"
        )
        self.digest = f"{self.name} {file_hash(_model_file())}"
        self.tasks = [Task(name, 1.0, 5.0) for name in SCORES]

    def cut(self, wave: np.ndarray) -> np.ndarray:
        """Return the windows of a clip, shape (windows, 144160)."""
        # Samples beyond full scale are what the package refuses.
        wave = np.clip(wave, -1.0, 1.0)
        if self.overlapping:
            wave = _doubled(wave)
            starts = _overlapping_starts(len(wave) // SAMPLE_RATE)
        else:
            wave = np.resize(wave, max(len(wave), WINDOW))  # repeats
            starts = spread_starts(len(wave), WINDOW, HOP)
        return np.stack([wave[start : start + WINDOW] for start in starts])

    def predict(self, windows: np.ndarray) -> np.ndarray:
        """Return SIG, BAK and OVRL of windows, shape (windows, 3)."""
        from speechmos.dnsmos import DNSMOS

        (raw,) = _session().run(None, {"input_1": windows})  # (windows, 3)
        # The authors' polynomials from the network's outputs to votes; the
        # method does not use its object, which would load two more networks.
        return np.stack(DNSMOS.get_polyfit_val(None, *raw.T, False), axis=1)


def _doubled(wave):
    """Return a clip, doubled until it fills a window."""
    while len(wave) < WINDOW:
        wave = np.append(wave, wave)
    return wave


def _overlapping_starts(seconds):
    """Return where the windows of the authors' script begin.

    It leaves out those at 7 to 23 s and some later ones, which end a sample
    early there, since 16.01 x 16000 is a little less than 256160 in binary.
    """
    return [
        i * SAMPLE_RATE
        for i in range(int(seconds - SECONDS) + 1)
        if int((i + SECONDS) * SAMPLE_RATE) - i * SAMPLE_RATE == WINDOW
    ]


def _model_file():
    """Return the path of the network in the package."""
    from speechmos import dnsmos

    return Path(dnsmos.__file__).parent / MODEL


@lru_cache(maxsize=1)
def _session():
    """Load the network once per process, on one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # the workers are the parallelism
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        _model_file(), options, providers=["CPUExecutionProvider"]
    )
