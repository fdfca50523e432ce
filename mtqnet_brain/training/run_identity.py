"""An output folder holds one run: the same data, the same initial weights.

Authors
 * The mtqnet-brain developers 2026
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from mtqnet_brain.utils.files import write_json

DATA = "data.json"
CLIP = ("ID", "duration")  # not its path: a corpus may be moved


def check_same_run(
    output_folder: str | Path,
    parts: dict[str, list[dict]],
    labels: Sequence[str] = (),
    pretrained: str | None = None,
) -> None:
    """Refuse to resume a run on other data or from other initial weights.

    Otherwise a finished run would be scored on clips that it may have been
    trained on, as if it had the new settings.

    Arguments
    ---------
    output_folder : str or Path
        Output folder of the run; ``data.json`` in it keeps what is compared.
    parts : dict of str to list of dict
        Manifest rows under ``train``, ``valid`` and ``test``.
    labels : list of str, optional
        Columns that the run learns from; others may change.
    pretrained : str, optional
        What `transfer.begin_with` returned.

    Raises
    ------
    ValueError
        If data or initial weights differ; it says which.
    """
    path = Path(output_folder) / DATA
    content: dict[str, str | None] = {
        part: _digest(rows, labels) for part, rows in parts.items()
    }
    content["pretrained"] = pretrained
    if path.is_file():
        before = json.loads(path.read_text(encoding="utf-8"))
        differing = [k for k in content if before.get(k) != content[k]]
        if differing:
            raise ValueError(
                f"{output_folder} holds a run with other data or other "
                f"initial weights ({', '.join(differing)}); choose another "
                "--output_folder, or delete that one to train from scratch"
            )
    write_json(path, content)


def _digest(rows, labels):
    """Return a hash of the clips and labels of manifest rows."""
    kept = [
        {name: row.get(name, "") for name in (*CLIP, *labels)} for row in rows
    ]
    return hashlib.sha256(json.dumps(kept).encode()).hexdigest()
