"""DNSMOS P.835 as the teacher, through the package speechmos.

Reference: Reddy et al., "DNSMOS P.835: a non-intrusive perceptual objective
speech quality metric to evaluate noise suppressors", ICASSP 2022.

Authors
 * The mtqnet-brain developers 2026
"""

from importlib.metadata import version

import numpy as np

from mtqnet_brain.audio.io import SAMPLE_RATE, load_audio
from mtqnet_brain.audio.screening import is_silent
from mtqnet_brain.tasks import Task
from mtqnet_brain.teacher.interface import Teacher
from mtqnet_brain.utils.installation import require

COLUMNS = {"sig": "sig_mos", "bak": "bak_mos", "ovrl": "ovrl_mos"}


class DnsmosTeacher(Teacher):
    """SIG, BAK and OVRL of each wav.

    Raises
    ------
    ImportError
        If speechmos is missing, with the command that installs it.
    """

    def __init__(self) -> None:
        require("dnsmos", "speechmos.dnsmos")
        self.name = self.digest = f"DNSMOS (speechmos {version('speechmos')})"
        self.tasks = [Task(name, 1.0, 5.0) for name in COLUMNS]

    def score(self, batch: list[dict]) -> list[dict]:
        """Return SIG, BAK and OVRL of each row; an error for silence."""
        return [_score(load_audio(row["wav"])) for row in batch]


def _score(wave):
    """Score one wav of samples at 16 kHz."""
    from speechmos import dnsmos

    if is_silent(wave):
        return {"error": "silence"}
    # speechmos refuses samples beyond full scale.
    scores = dnsmos.run(np.clip(wave, -1.0, 1.0), sr=SAMPLE_RATE)
    return {name: float(scores[column]) for name, column in COLUMNS.items()}
