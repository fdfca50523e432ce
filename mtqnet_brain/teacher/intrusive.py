"""True PESQ, STOI and SDI as the teacher: the upper bound of teachers.

Authors
 * The mtqnet-brain developers 2026
"""

from importlib.metadata import version

from mtqnet_brain.audio.io import load_audio
from mtqnet_brain.labels.intrusive import MIN_LABEL_SAMPLES
from mtqnet_brain.tasks import mosanet_tasks
from mtqnet_brain.teacher.interface import Teacher
from mtqnet_brain.utils.installation import require

PACKAGES = ("pesq", "pystoi")
MEASURES = ("pesq", "stoi", "sdi")


class IntrusiveTeacher(Teacher):
    """Measures each wav against the reference that its row names.

    Raises
    ------
    ImportError
        If the packages are missing, with the command that installs them.
    """

    name = "intrusive"
    reads = ("wav", "reference")

    def __init__(self) -> None:
        require("labels", *PACKAGES)
        versions = [f"{name} {version(name)}" for name in PACKAGES]
        self.digest = ", ".join([self.name, *versions])
        self.tasks = mosanet_tasks()

    def score(self, batch: list[dict]) -> list[dict]:
        """Return PESQ, STOI and SDI of each row."""
        return [_measure(row) for row in batch]


def _measure(row):
    """Measure one row."""
    from mtqnet_brain.labels.intrusive import check_pair, intrusive_labels

    reference = row["reference"]
    clean = load_audio(reference, min_samples=MIN_LABEL_SAMPLES)
    degraded = load_audio(row["wav"], min_samples=MIN_LABEL_SAMPLES)
    names = (f"reference {reference}", row["wav"])
    labels = intrusive_labels(*check_pair(clean, degraded, names))
    return {name: labels[name] for name in MEASURES}
