"""A trained network as the teacher.

Authors
 * The mtqnet-brain developers 2026
"""

import warnings
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from mtqnet_brain.checkpoints.network_checks import admit_network
from mtqnet_brain.checkpoints.run_folder import read_settings
from mtqnet_brain.checkpoints.trained_on import count_known_wavs
from mtqnet_brain.tasks import mosanet_tasks
from mtqnet_brain.teacher.interface import Teacher
from mtqnet_brain.teacher.keras_weights import check_keras_file
from mtqnet_brain.utils.batches import batches_by_length
from mtqnet_brain.utils.files import file_hash
from mtqnet_brain.utils.parallel import worker_number

BATCH_SECONDS = 40.0
KERAS_SUFFIXES = (".h5", ".hdf5")


class NetworkTeacher(Teacher):
    """Scores wavs with MOSA-Net, or any network of this package.

    Arguments
    ---------
    path : str or Path
        Output folder of a training run or of ``mtqnet import-mosanet``, or
        the published MOSA-Net's Keras file.
    devices : sequence of str, optional
        Devices; each worker process uses one of them.

    Raises
    ------
    FileNotFoundError
        If there is no model.
    """

    needs_durations = True

    def __init__(
        self, path: str | Path, devices: Sequence[str] = ("cpu",)
    ) -> None:
        self.path, self.devices = str(path), tuple(devices)
        if Path(path).suffix in KERAS_SUFFIXES:
            check_keras_file(path)
            self.tasks = mosanet_tasks()
            self.digest = file_hash(path)
            run = Path(path).name
        else:
            info = read_settings(path)
            admitted = admit_network(info["class"], info["network"], str(path))
            self.tasks = admitted.shell(1).tasks
            self.digest = info["weights_sha256"]
            run = info["provenance"].get("run", Path(path).name)
        self.name = f"{run} {self.digest[:12]}"

    def batches(self, rows: list[dict]) -> list[list[dict]]:
        """Group rows of like duration; does not depend on their order."""
        in_order = sorted(rows, key=_by_duration)
        return list(batches_by_length(in_order, _duration, BATCH_SECONDS))

    def count_known(self, rows: list[dict]) -> int:
        """Count the wavs that the network was trained on, as far as known."""
        return count_known_wavs(self.path, rows)

    def score(self, batch: list[dict]) -> list[dict]:
        """Return the scores that ``mtqnet score --precision fp32`` prints."""
        from mtqnet_brain.inference.engine import Engine

        device = self.devices[worker_number() % len(self.devices)]
        engine = Engine(_load(self.path, device))
        items = [(i, row["wav"]) for i, row in enumerate(batch)]
        results = {one.key: one for one in engine.score_paths(items, 1)}
        return [_scores_of(results[i]) for i in range(len(batch))]


def _scores_of(result):
    """Return the scores of a wav, or why they are no labels."""
    info = result.info
    # A truncated wav has a score, with a warning, but is nothing to learn from.
    error = result.error or info.truncation
    if error:
        return {"error": f"{result.path}: {error}"}
    # Of thousands of plain wavs many are short or soft, which is no news.
    if result.warnings and (info.channels > 1 or info.excess):
        doubts = "; ".join(result.warnings)
        warnings.warn(f"{result.path}: {doubts}", stacklevel=2)
    return result.scores


def _duration(row):
    """Return the seconds of a row."""
    return float(row["duration"])


def _by_duration(row):
    """Order rows by duration, equal ones by ID."""
    return _duration(row), row["ID"]


@lru_cache(maxsize=1)
def _load(path, device):
    """Load the network once per process."""
    from mtqnet_brain.checkpoints.run_folder import load_model

    if Path(path).suffix not in KERAS_SUFFIXES:
        return load_model(path, device)[0]
    from mtqnet_brain.model.mtqnet import MTQNet
    from mtqnet_brain.teacher.keras_mosanet import load_keras_mosanet

    imported = load_keras_mosanet(path)
    network = MTQNet(**imported.settings())  # with its SSL model
    network.load_state_dict(imported.state_dict())
    return network.to(device).eval()
