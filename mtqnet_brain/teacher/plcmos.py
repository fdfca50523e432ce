"""PLCMOS as the teacher, with the network in the package speechmos.

Reference: Diener et al., "PLCMOS: a data-driven non-intrusive metric for the
evaluation of packet loss concealment algorithms", Interspeech 2023.

Authors
 * The mtqnet-brain developers 2026
"""

from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import numpy as np

from mtqnet_brain.audio.io import SAMPLE_RATE, AudioError, load_audio
from mtqnet_brain.audio.screening import is_silent
from mtqnet_brain.tasks import Task
from mtqnet_brain.teacher.interface import Teacher
from mtqnet_brain.teacher.windowed import spread_starts
from mtqnet_brain.utils.files import file_hash
from mtqnet_brain.utils.installation import require

MODEL = "plcmos_models/plcmos_v2.onnx"  # in the package's folder
WINDOW = 10 * SAMPLE_RATE  # a longer clip is cut, so that memory is bounded
# The network imagines a rater. The package draws 15 anew for every clip;
# over five that stay the mean is about 0.01 higher, and repeatable.
N_RATERS = 5
RATER_SIZE = 64


class PlcmosTeacher(Teacher):
    """One score of the whole, by a network for concealed packet loss.

    Raises
    ------
    ImportError
        If a package is missing, with the command that installs it.
    """

    def __init__(self) -> None:
        require("dnsmos", "onnxruntime", "speechmos.plcmos")
        self.name = (
            f"PLCMOS v2 (speechmos {version('speechmos')}, "
            f"{N_RATERS} fixed raters)"
        )
        self.digest = f"{self.name} {file_hash(_model_file())}"
        self.tasks = [Task("plcmos", 1.0, 5.0)]

    def score(self, batch: list[dict]) -> list[dict]:
        """Return the score of each row; an error for silence."""
        found = []
        for row in batch:
            wave = load_audio(row["wav"])
            if is_silent(wave):
                raise AudioError(f"{row['wav']}: silence")
            found.append({"plcmos": _mean_score(np.clip(wave, -1.0, 1.0))})
        return found


def _mean_score(wave):
    """Return the mean over raters and over windows of 10 s."""
    starts = spread_starts(len(wave), WINDOW, WINDOW)
    windows = [wave[start : start + WINDOW] for start in starts]
    return float(np.mean([_score_window(window) for window in windows]))


def _score_window(wave):
    """Return the mean score of one window over the raters."""
    features = _front_end().stft_transform(wave)  # (frames, 257)
    session, raters = _session()
    inputs = {"degraded_audio": features[None, None].astype(np.float32)}
    return np.mean(
        [session.run(None, inputs | {"rater_embed": r[None]}) for r in raters]
    )


@lru_cache(maxsize=1)
def _front_end():
    """Return the package's object without the network that it would load."""
    from speechmos.plcmos import PLCMOS

    return PLCMOS.__new__(PLCMOS)


def _model_file():
    """Return the path of the network in the package."""
    from speechmos import plcmos

    return Path(plcmos.__file__).parent / MODEL


@lru_cache(maxsize=1)
def _session():
    """Load the network once per process, on one thread; draw the raters."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # the workers are the parallelism
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        _model_file(), options, providers=["CPUExecutionProvider"]
    )
    raters = np.random.default_rng(0).standard_normal((N_RATERS, RATER_SIZE))
    return session, raters.astype(np.float32)
